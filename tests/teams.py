"""A site whose people are signed in, with a notebook in which their teams write."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx

from surveillance.access.access import Access
from surveillance.access.people import Granted, Person, Role
from surveillance.current_lists import CurrentLists
from surveillance.hub import Hub
from surveillance.measures import Measure
from surveillance.settings import Settings
from surveillance.snapshot import Level, Reading, Snapshot
from surveillance.store import open_database
from surveillance.store.database import Database
from surveillance.team.notebook import Notebook
from surveillance.worklist import Patient, Worklist
from tests.displays import NOON, reading, served, settings, snapshot

TEAM: dict[str, Any] = {
    "hospital_number_pattern": r"RX\d{6}",
    "accreditation": {"scheme": "COAST", "levels": ["Not yet", "Bronze", "Silver"], "domains": ["Safety", "Kindness"]},
    "barometer": {
        "indicators": [
            {"id": "falls", "title": "Falls with harm", "kind": "harm"},
            {"id": "thanks", "title": "Compliments", "kind": "positive"},
            {"id": "turnover", "title": "Staff turnover", "kind": "culture", "unit": "%"},
            {"id": "training", "title": "Training done", "kind": "culture", "unit": "%"},
            {
                "id": "ulcer_free",
                "title": "Days ulcer-free",
                "kind": "positive",
                "measure": "pressure_ulcer_days_since",
            },
        ]
    },
}
PEOPLE = {
    "nurse": Granted(Role.WARD_STAFF, wards=("A1",)),
    "neighbour": Granted(Role.WARD_STAFF, wards=("C3",)),
    "quality": Granted(Role.QUALITY),
    "executive": Granted(Role.EXECUTIVE),
}
RED = "ra_vte"


def site(folder: Path, **changes: Any) -> Settings:
    return settings(access={"local_accounts": True}, store={"path": folder / "store.sqlite"}, team=TEAM, **changes)


def one_red(measure: Measure, ward: str) -> Reading:
    """Every figure is well, but for one."""
    level = Level.ACT if measure.id == RED else Level.NONE
    found = reading(measure, ward)
    return Reading(**{**{name: getattr(found, name) for name in Reading.__slots__}, "level": level})


@dataclass
class Site:
    """The site while it is served."""

    address: str
    hub: Hub
    notebook: Notebook
    database: Database
    access: Access
    lists: CurrentLists
    tokens: dict[str, str] = field(default_factory=dict)

    def get(self, who: str, path: str) -> httpx.Response:
        with self._client(who) as client:
            return client.get(path)

    def post(self, who: str, path: str, form: Mapping[str, str | Sequence[str]]) -> httpx.Response:
        with self._client(who) as client:
            return client.post(path, data=dict(form), headers={"Origin": self.address})

    def _client(self, who: str) -> httpx.Client:
        cookies = {"session": self.tokens[who]} if who in self.tokens else {}
        return httpx.Client(base_url=self.address, cookies=cookies, headers={"Accept": "text/html"}, timeout=20)

    def audited(self) -> list[tuple[str, str, str, str]]:
        """Event, who, ward and detail of every entry of the audit record."""
        with self.database.reading() as connection:
            rows = connection.exec_driver_sql("SELECT event, who, ward, detail FROM audit ORDER BY number").all()
        return [(row[0], row[1], row[2], row[3]) for row in rows]


def named(made: Snapshot) -> Worklist:
    """Somebody with a name on ward A1."""
    somebody = Patient("P1", "S1", "A1", family_name="Ashworth", given_name="Irene", hospital_number="H 000123")
    return Worklist(made.as_at, patients={"P1": somebody}, spells={"S1": "P1"})


@contextmanager
def teams_served(folder: Path, *, with_names: bool = True) -> Iterator[Site]:
    shown, access, hub, lists, notebook = site(folder), Access(lambda: NOON), Hub(), CurrentLists(), Notebook()
    database = open_database(f"sqlite:///{folder / 'store.sqlite'}")
    opened = access.open(shown, database)
    notebook.open(database)
    hub.site(shown, lambda: NOON)
    made = snapshot(one_red, site=shown)
    lists.publish(made, named(made) if with_names else Worklist(made.as_at))
    hub.publish(made, 0.1)
    with served(hub, access=access, lists=lists, notebook=notebook) as address:
        found = Site(address, hub, notebook, database, access, lists)
        for name, granted in PEOPLE.items():
            person = Person(name, name.title(), "local", (granted,))
            found.tokens[name] = opened.sessions.begin(person, "10.0.0.1")[0]
        yield found
    access.close()
    notebook.close()
    database.close()


DAY = timedelta(days=1)
