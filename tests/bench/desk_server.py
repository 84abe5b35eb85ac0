"""One process: the real web server on a hospital with patients behind its numbers, and a store that knows people.

Run as ``python -m tests.bench.desk_server PORT WARDS FOLDER``; it follows the orders of ``tests.bench.walls_server``.
At each snapshot one row of every list is another. The store in the folder is also the bench's, which signs people in.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from surveillance.app import Beside, serve_until_told
from surveillance.hub import Hub
from surveillance.measures import EVERYTHING
from surveillance.settings import AccessSettings, Settings
from surveillance.snapshot import Snapshot
from surveillance.store import open_database
from surveillance.worklist import Patient, Row, Worklist
from tests.bench.walls_server import Changing, hospital, obey
from tests.desks import patient, row

MEASURE = EVERYTHING["ra_vte"]
MANY = 500
"""Rows behind the measure on the first ward."""
FEW = 30
"""On every other."""
PEOPLE = {number: patient(number) for number in range(MANY + FEW)}


def site(wards: int) -> Settings:
    """Ordinary wards whose people have local accounts, and whose walls are open."""
    return hospital(wards).model_copy(
        update={"access": AccessSettings(local_accounts=True, unpaired_walls_allowed=True, idle_s=3600)}
    )


def url(folder: Path) -> str:
    """Where the store is."""
    return f"sqlite:///{folder / 'store.sqlite'}"


class Listing:
    """Publishes a snapshot with the rows behind it."""

    def __init__(self, hub: Hub, beside: Beside) -> None:
        self._hub = hub
        self._beside = beside
        self._number = 0

    def put(self, made: Snapshot) -> None:
        """As the composer does."""
        self._number += 1
        first, *others = made.readings
        rows: dict[tuple[str, str], Sequence[Row]] = {(first, MEASURE.id): self._rows(MANY)}
        rows |= {(ward, MEASURE.id): self._rows(FEW) for ward in others}
        people: dict[str, Patient] = {one.patient_key: one for one in PEOPLE.values()}
        self._beside.lists.publish(made, Worklist(made.as_at, rows, people))
        self._hub.publish(made, 0.1)

    def _rows(self, many: int) -> list[Row]:
        return [row(MEASURE, number) for number in range(many - 1)] + [row(MEASURE, many + self._number % FEW)]


def main(port: int, wards: int, folder: Path) -> int:
    """Serves until it is killed."""
    settings, hub = site(wards), Hub()
    hub.site(settings, lambda: datetime.now(UTC))

    def begin(beside: Beside) -> Changing:
        beside.access.of_site(settings)
        beside.access.open(settings, open_database(url(folder)))
        return obey(Changing(settings, Listing(hub, beside).put))

    return serve_until_told(hub, "127.0.0.1", port, begin)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3])))
