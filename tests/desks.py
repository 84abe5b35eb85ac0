"""A desk that is served, people on its ward, somebody who is signed in, and any number of rows behind a number."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page

from surveillance.access.access import Access, Opened
from surveillance.access.people import Granted, Person, Role, Session
from surveillance.current_lists import CurrentLists
from surveillance.hub import Hub
from surveillance.measures import EVERYTHING, Measure
from surveillance.measures.columns import words_of
from surveillance.measures.declaration import Kind
from surveillance.settings import Settings
from surveillance.snapshot import Level, Part, Reading, Snapshot, State
from surveillance.store import open_database
from surveillance.worklist import Patient, Row, Worklist
from tests.displays import NOON, hub_of, served, settings, snapshot

WARD = "A1"
FAMILIES = ("Ashworth", "Khan", "O'Neill", "Price", "Okafor", "Lindqvist", "Featherstonehaugh-Cholmondeley")
GIVEN = ("Irene", "Tariq", "Brendan", "Gwen", "Chidi", "Astrid", "Maximiliana")
STAFF = Person("s.marsh", "S. Marsh", "local", (Granted(Role.WARD_STAFF, wards=(WARD,)),))
PHARMACIST = Person("p.lee", "P. Lee", "local", (Granted(Role.PHARMACIST),))
QUALITY = Person("q.owen", "Q. Owen", "local", (Granted(Role.QUALITY),))
EXECUTIVE = Person("e.north", "E. North", "local", (Granted(Role.EXECUTIVE),))


def site(**access: Any) -> Settings:
    """The three wards, where people sign in with local accounts."""
    return settings(access={"local_accounts": True, **access})


def patient(number: int, ward: str = WARD) -> Patient:
    """One of many."""
    return Patient(
        f"p{number}",
        f"s{number}",
        ward,
        f"{'ABCS'[number % 4]}{number // 4 + 1}",
        NOON - timedelta(hours=5 + number % 200),
        number % 9,
        NOON - timedelta(minutes=number % 300),
        FAMILIES[number % len(FAMILIES)],
        GIVEN[number % len(GIVEN)],
        f"RXR {100000 + number}",
        "",
        NOON.date(),
    )


def row(measure: Measure, number: int, now: datetime = NOON) -> Row:
    """A row of a measure about the patient of this number: the lower, the longer overdue."""
    cells: dict[str, Any] = {}
    for column in dict.fromkeys((*measure.columns, *measure.key)):
        kind = words_of(measure, column).kind
        cells[column] = {
            "moment": now - timedelta(minutes=700 - 13 * (number % 50), hours=number // 50),
            "date": now.replace(hour=0, minute=0, second=0, tzinfo=None),
            "number": float(number % 8),
            "hours": 7.5,
            "yes_no": bool(number % 2),
            "words": f"word {number % 5}"
            if number % 3
            else "Piperacillin with tazobactam 4 g/500 mg powder for solution",
            "hidden": f"{column} {number}",
        }[kind]
    known = patient(number)
    keys = {"patient_key": known.patient_key, "spell_key": known.spell_key, "bed_code": known.bed}
    cells |= {name: value for name, value in keys.items() if name in cells}
    cells["key"] = " ".join(str(cells[name]) for name in measure.key)
    return {**cells, **({"part": measure.parts[0]} if len(measure.parts) > 1 else {})}


def pair(counts: Mapping[str, int], as_at: datetime = NOON, level: Level = Level.ACT, **of: State) -> tuple[Any, Any]:
    """A snapshot and its worklist: so many rows of these measures on the first ward, none of any other count.

    ``of``: measure → its state, where that is not a value.
    """

    def make(measure: Measure, ward: str) -> Reading:
        state = of.get(measure.id, State.VALUE) if ward == WARD else State.VALUE
        wanted = counts.get(measure.id, 0) if ward == WARD else 0
        known = state in (State.VALUE, State.STALE)
        values = [float(wanted), *(0.0 for _ in measure.parts[1:])]
        parts = tuple(Part(name, state, value, value, 24) for name, value in zip(measure.parts, values, strict=True))
        found = Reading(measure.id, measure.version, ward, state, parts if known else (), as_at, source="epr")
        coloured = state is State.VALUE and wanted > 0 and measure.kind in (Kind.COUNT, Kind.TWO_COLUMN)
        return replace(found, level=level) if coloured else found

    made = replace(snapshot(make), as_at=as_at)
    rows: dict[tuple[str, str], Sequence[Row]] = {
        (WARD, name): [row(EVERYTHING[name], number, as_at) for number in range(many)]
        for name, many in counts.items()
        if many
    }
    people = {one.patient_key: one for one in (patient(n) for n in range(max(counts.values(), default=0)))}
    return made, Worklist(as_at, rows, people, {one.spell_key: key for key, one in people.items()})


@dataclass
class Desk:
    """A server, what fills it, and its store."""

    address: str
    hub: Hub
    lists: CurrentLists
    access: Access
    opened: Opened

    def publish(self, made: Snapshot, worklist: Worklist) -> None:
        """As the composer does."""
        self.lists.publish(made, worklist)
        self.hub.publish(made, 0.1)

    def signs_in(self, person: Person = STAFF) -> tuple[str, Session]:
        """The token that the person's browser holds, and their session."""
        return self.opened.sessions.begin(person, "127.0.0.1")


@contextmanager
def let_in(folder: Path, of: Settings | None = None) -> Iterator[tuple[Access, Opened]]:
    """Whoever knows people, with a store of its own."""
    database, access = open_database(f"sqlite:///{folder / 'store.sqlite'}"), Access()
    try:
        yield access, access.open(of or site(), database)
    finally:
        access.close()
        database.close()


@contextmanager
def desk(folder: Path, made: tuple[Snapshot, Worklist] | None, of: Settings | None = None) -> Iterator[Desk]:
    """A desk that shows a pair; ``of``: the site."""
    known = of or site()
    hub, lists = hub_of(None, site=known), CurrentLists()
    with let_in(folder, known) as (access, opened), served(hub, None, None, access, lists) as address:
        found = Desk(address, hub, lists, access, opened)
        if made:
            found.publish(*made)
        yield found


@contextmanager
def signed_in(
    chromium: Browser, at: Desk, person: Person = STAFF, size: tuple[int, int] = (1366, 768), wrong: Sequence[str] = ()
) -> Iterator[Page]:
    """A browser that holds the person's session; a message of its console that is an error fails the test.

    ``wrong``: one of these stands in each message that the test itself brings about.
    """
    context = chromium.new_context(viewport={"width": size[0], "height": size[1]})
    context.add_cookies([{"name": "session", "value": at.signs_in(person)[0], "url": at.address}])
    page = context.new_page()
    told: list[str] = []
    page.on("console", lambda said: told.append(said.text) if said.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: told.append(f"{error}"))
    try:
        yield page
    finally:
        context.close()
    others = [one for one in told if not any(words in one for words in wrong)]
    assert others == [], f"the console says {others}"


def opened(page: Page, at: Desk, measure: str = "", ward: str = WARD) -> None:
    """Go to a measure's page, and wait until it is drawn."""
    page.goto(f"{at.address}/desk/{ward}" + (f"?measure={measure}" if measure else ""))
    page.wait_for_function("() => document.querySelector('#shown')?.dataset.made")
