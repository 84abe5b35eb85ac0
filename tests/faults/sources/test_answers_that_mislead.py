"""What a source answers is not what it was: the figures made of it say so, all others stay live, and it heals alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import postgres
from tests.faults.sources.course import at, endured
from tests.faults.sources.faults import ANSWERS, Fault


@pytest.mark.parametrize("driver", ["psycopg", "arrow_odbc"])
@pytest.mark.parametrize("fault", ANSWERS, ids=lambda fault: fault.name)
def test_figures_made_of_a_bad_answer_say_so_and_all_others_stay_live(
    server: postgres.Cluster, tmp_path: Path, fault: Fault, driver: str
) -> None:
    with at(server, tmp_path, fault, driver) as place:
        course, _ = endured(place, fault)
    assert course.logins <= course.most_logins
