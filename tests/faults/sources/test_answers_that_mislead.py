"""What a source answers is not what it was: the figures made of it say so, all others stay live, and it heals alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import postgres
from tests.faults.sources.course import at, endured
from tests.faults.sources.faults import ANSWERS, Fault
from tests.faults.sources.times import FULL

RIGHT_OVER_ODBC = ("column retyped",)
"""There a bound has no type of its own, so that the same query still gives the right rows."""
ALWAYS = ("column renamed", "wrong encoding", "slow trickle of rows", "another set of wards")
"""What is made to happen over ODBC each time; the rest at true length."""
OVER_ODBC = [one for one in ANSWERS if one.name in ALWAYS or (FULL and one.name not in RIGHT_OVER_ODBC)]
EACH = [*((fault, "psycopg") for fault in ANSWERS), *((fault, "arrow_odbc") for fault in OVER_ODBC)]


@pytest.mark.parametrize(("fault", "driver"), EACH, ids=[f"{fault.name}-{driver}" for fault, driver in EACH])
def test_figures_made_of_a_bad_answer_say_so_and_all_others_stay_live(
    server: postgres.Cluster, tmp_path: Path, fault: Fault, driver: str
) -> None:
    with at(server, tmp_path, fault, driver) as place:
        course, _ = endured(place, fault)
    assert course.logins <= course.most_logins
