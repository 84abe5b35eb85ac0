"""The faults in which MariaDB over ODBC differs: its driver ignores time-outs, so the process that asks is ended."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import mariadb
from tests.faults.sources.course import at, endured
from tests.faults.sources.faults import MARIADB, Fault
from tests.faults.sources.times import FULL


@pytest.mark.parametrize("driver", ["arrow_odbc", "pyodbc"] if FULL else ["arrow_odbc"])
@pytest.mark.parametrize("fault", MARIADB, ids=lambda fault: fault.name)
def test_figures_of_a_bad_mariadb_say_so_then_go_and_come_back(
    maria: mariadb.Server, tmp_path: Path, fault: Fault, driver: str
) -> None:
    with at(maria, tmp_path, fault, driver) as place:
        course, _ = endured(place, fault)
    assert course.logins <= course.most_logins
