"""A source is out of reach, hangs, refuses or stalls: its figures say so, all others stay live, it heals alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest

from tests import postgres
from tests.faults.sources.course import at, endured
from tests.faults.sources.faults import SERVER, Fault, killed
from tests.faults.sources.network import why_no_cable
from tests.faults.sources.site import PER_WARD, hospital
from tests.faults.sources.times import FULL
from tests.programs import answers, free_port, program, until

OVER_ODBC = [one for one in SERVER if FULL or one.name in ("hang after connecting", "server killed", "packets dropped")]
EACH = [*((fault, "psycopg") for fault in SERVER), *((fault, "arrow_odbc") for fault in OVER_ODBC)]


@pytest.mark.parametrize(("fault", "driver"), EACH, ids=[f"{fault.name}-{driver}" for fault, driver in EACH])
def test_figures_of_a_bad_server_say_so_then_go_and_come_back(
    server: postgres.Cluster, tmp_path: Path, fault: Fault, driver: str
) -> None:
    if fault.name == "packets dropped" and (why := why_no_cable()):
        pytest.skip(why)
    with at(server, tmp_path, fault, driver) as place:
        course, _ = endured(place, fault)
    assert course.said_s <= course.gone_s
    assert course.logins <= (course.most_logins if fault.most_logins is None else fault.most_logins)


def test_the_whole_program_says_so_and_comes_back(server: postgres.Cluster, tmp_path: Path) -> None:
    port = free_port()
    address = f"http://127.0.0.1:{port}"

    def shown(measure: str) -> tuple[str, Any]:
        ward = httpx.get(f"{address}/api/wards/A1/snapshot").json()
        return next((one["state"], one["value"]) for one in ward["readings"] if one["measure"] == measure)

    with hospital(server, tmp_path) as place, program("run", "--config", place.config, "--port", port):
        until(lambda: answers(f"{address}/readyz"), 60)
        until(lambda: shown("patients_on_ward") == ("value", PER_WARD[0]))
        with killed(place):
            until(lambda: shown("patients_on_ward") in (("stale", PER_WARD[0]), ("unavailable", None)))
            until(lambda: shown("patients_on_ward") == ("unavailable", None))
            until(lambda: "the source failed" in httpx.get(f"{address}/status").text)
            assert shown("staff_rn_day")[0] == "value"
        until(lambda: shown("patients_on_ward") == ("value", PER_WARD[0]))
