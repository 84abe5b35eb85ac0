"""The floor plan, walked: no import runs backwards, and what may stand once stands once.

Every module of the program belongs to one place of ``PLAN``. It may import its own place, what the place names, and
Python's own library, nothing else; so the core cannot reach Dash, a connector no measure, and a page no store.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from surveillance.demo.site import IMPROVED, THRESHOLDS
from surveillance.measures import EVERYTHING
from surveillance.replay.units import CHARTED_AT_BEDSIDE, NOT_RECORDED

ROOT = Path(__file__).parents[2]
OURS = ("surveillance", "connectors", "layouts", "callbacks")
ANYTHING = ("*",)
FRAMES = ("numpy", "pandas")

SHOWS = (
    "layouts",
    "surveillance.access",
    "surveillance.adt.heard",
    "surveillance.lookback",
    "surveillance.charts",
    "surveillance.errors",
    "surveillance.hub",
    "surveillance.legibility",
    "surveillance.measures",
    "surveillance.quiet",
    "surveillance.settings",
    "surveillance.snapshot",
    "surveillance.snapshot_json",
    "surveillance.spc",
    "surveillance.team",
    "surveillance.wards",
    "dash",
    "flask",
    "authlib",
    "dash_ag_grid",
    "httpx",
    "joserfc",
    "limits",
    "prometheus_client",
    "pydantic",
    "starlette",
)
"""What pages are made of, walls and desks alike."""

PLAN: dict[str, tuple[str, ...]] = {
    # What everything stands on: no library but the settings' own.
    "surveillance.errors": (),
    "surveillance.snapshot": (),
    "surveillance.snapshot_contract": (),
    "surveillance.worklist": (),
    "surveillance.clinical": (),
    "surveillance.spc": (),
    "surveillance.settings": ("surveillance.errors", "pydantic"),
    "surveillance.snapshot_json": ("surveillance.snapshot", "surveillance.snapshot_contract", "orjson"),
    "surveillance.wards": ("surveillance.settings",),
    # From rows to a snapshot: no clock, no store, no web, no source.
    "surveillance.feeds": ("surveillance.errors", *FRAMES, "pandera"),
    "surveillance.measures": (
        "surveillance.feeds",
        "surveillance.clinical",
        "surveillance.settings",
        "surveillance.snapshot",
        "surveillance.errors",
        *FRAMES,
    ),
    "surveillance.freshness": ("surveillance.feeds", "surveillance.settings"),
    "surveillance.thresholds": ("surveillance.measures", "surveillance.settings", "surveillance.snapshot"),
    "surveillance.need": ("surveillance.snapshot",),
    "surveillance.rollup": ("surveillance.measures", "surveillance.settings", "surveillance.snapshot"),
    "surveillance.evaluate": ("surveillance.measures", "surveillance.snapshot", "surveillance.thresholds", *FRAMES),
    "surveillance.patients": ("surveillance.feeds.moments", "surveillance.measures", "surveillance.worklist", *FRAMES),
    "surveillance.renamed": ("surveillance.measures", "surveillance.snapshot"),
    "surveillance.current_lists": ("surveillance.snapshot", "surveillance.worklist"),
    "surveillance.compose": (
        "surveillance.evaluate",
        "surveillance.feeds",
        "surveillance.freshness",
        "surveillance.measures",
        "surveillance.patients",
        "surveillance.renamed",
        "surveillance.rollup",
        "surveillance.snapshot",
        "surveillance.worklist",
        *FRAMES,
    ),
    "surveillance.verify": ("surveillance.clinical", "surveillance.errors", "surveillance.spc"),
    # The ends: what reads, what keeps, what shows.
    "connectors": (
        "surveillance.errors",
        "surveillance.feeds",
        "surveillance.settings",
        "arrow_odbc",
        "httpx",
        "pyarrow",
        "sqlalchemy",
        *FRAMES,
    ),
    "connectors.files": (
        "connectors",
        "surveillance.errors",
        "surveillance.feeds",
        "surveillance.settings",
        "openpyxl",
        "pandas",
    ),
    "surveillance.store": (
        "surveillance.charts.points",
        "surveillance.errors",
        "surveillance.lookback",
        "surveillance.settings",
        "surveillance.snapshot",
        "surveillance.snapshot_json",
        "surveillance.worklist",
        "alembic",
        "orjson",
        "sqlalchemy",
    ),
    # Who may see what.
    "surveillance.access": (
        "surveillance.errors",
        "surveillance.settings",
        "surveillance.store",
        "argon2",
        "orjson",
        "sqlalchemy",
    ),
    # Over time: what is kept of a week (a plain row, which the store knows), and what that says.
    "surveillance.charts.points": ("surveillance.feeds.moments",),
    "surveillance.charts": (
        "surveillance.errors",
        "surveillance.feeds.moments",
        "surveillance.measures",
        "surveillance.rollup",
        "surveillance.settings",
        "surveillance.snapshot",
        "surveillance.spc",
        "surveillance.store",
    ),
    "surveillance.lookback": ("surveillance.settings", "surveillance.snapshot"),
    "surveillance.archive": (
        "surveillance.errors",
        "surveillance.lookback",
        "surveillance.settings",
        "surveillance.snapshot",
        "surveillance.store",
    ),
    "surveillance.lapse": (
        "surveillance.freshness",
        "surveillance.measures",
        "surveillance.settings",
        "surveillance.snapshot",
    ),
    "surveillance.legibility": ("surveillance.settings",),
    # What teams write: plain values for walls, and everything that is kept and checked.
    "surveillance.team.board": (),
    "surveillance.team": (
        "surveillance.errors",
        "surveillance.feeds",
        "surveillance.settings",
        "surveillance.store",
        *FRAMES,
    ),
    "surveillance.usage": ("surveillance.settings",),
    "surveillance.quiet": ("surveillance.feeds.moments", "surveillance.settings"),
    # ADT messages between polls: plain counts for pages, and what is heard, kept and put over the census.
    "surveillance.adt.heard": (),
    "surveillance.adt": (
        "surveillance.errors",
        "surveillance.feeds.data",
        "surveillance.hub",
        "surveillance.polling.composer",
        "surveillance.polling.guarded",
        "surveillance.settings",
        "surveillance.store",
        "pandas",
    ),
    "surveillance.hub": (
        "surveillance.adt.heard",
        "surveillance.charts.UnitChart",
        "surveillance.lapse",
        "surveillance.settings",
        "surveillance.snapshot",
        "surveillance.team.board",
        "surveillance.usage",
    ),
    "surveillance.polling": (
        "connectors.base",
        "connectors.registry",
        "surveillance.access",
        "surveillance.charts",
        "surveillance.compose",
        "surveillance.current_lists",
        "surveillance.errors",
        "surveillance.feeds",
        "surveillance.freshness",
        "surveillance.hub",
        "surveillance.measures",
        "surveillance.settings",
        "surveillance.snapshot",
        "surveillance.snapshot_json",
        "surveillance.store",
        "surveillance.team",
        "surveillance.worklist",
        "apscheduler",
        *FRAMES,
        "surveillance.quiet",
        "surveillance.usage",
    ),
    "layouts": (
        "surveillance.__version__",
        "surveillance.adt.heard",
        "surveillance.charts.Phase",
        "surveillance.charts.Remark",
        "surveillance.charts.SeriesPoint",
        "surveillance.charts.UnitChart",
        "surveillance.errors",
        "surveillance.measures",
        "surveillance.need",
        "surveillance.rollup",
        "surveillance.settings",
        "surveillance.snapshot",
        "surveillance.spc",
        "surveillance.team.board",
        "surveillance.thresholds",
        "surveillance.usage",
        "dash",
    ),
    "callbacks": SHOWS,
    # The only pages that may reach a patient, behind their gates. No wall's module can.
    "callbacks.desk": (*SHOWS, "callbacks", "surveillance.current_lists", "surveillance.worklist", "a2wsgi"),
    "callbacks.huddle": (*SHOWS, "callbacks", "surveillance.current_lists"),
    "callbacks.huddle_values": (*SHOWS, "callbacks", "surveillance.current_lists"),
    # Hospitals that are not there: one simulated, one replayed. Neither knows what is measured of it.
    "surveillance.demo": ("surveillance.clinical", "surveillance.errors", "surveillance.settings", "sqlalchemy"),
    "surveillance.replay": ("connectors.packs", "surveillance.errors", "surveillance.settings", "pandas"),
    # The outermost: the only modules that know both ends.
    "surveillance.app": ANYTHING,
    "surveillance.cli": ANYTHING,
    "surveillance.commands": ANYTHING,
    "surveillance.documents": ANYTHING,
    "surveillance.opening": ANYTHING,
    "surveillance.__main__": ANYTHING,
}
"""Place → what may be imported there, by the beginning of its dotted name."""

CLOCKS = {
    "surveillance/access/access.py": "sessions and the audit record go by the real time, whatever the hospital's clock",
    "surveillance/polling/clock.py": "the hospital's time starts here",
    "surveillance/polling/poller.py": "APScheduler is told when to ask next",
    "surveillance/hub.py": "what time it is until the site, and so its clock, is known",
    "surveillance/commands/demo.py": "a simulated hospital starts now unless told otherwise",
    "surveillance/demo/hospital.py": "whether its start is the present",
    "surveillance/demo/live.py": "the simulated hospital is written to as time goes by",
    "surveillance/replay/site_file.py": "the real moment at which a replay starts",
}
"""The only modules that ask what time it is, and why. Everybody else is told."""

STOPWATCHES = {
    "surveillance/access/sessions.py": "how long the store has not said who is signed in",
    "callbacks/screens.py": "how long ago a screen reported",
    "connectors/engines.py": "deadlines of queries",
    "connectors/fhir/client.py": "deadlines of feeds, waits between two tries, the life of a token",
    "connectors/files/folder.py": "a file that has not changed for so long is whole",
    "surveillance/commands/demo.py": "how long to wait for an earlier writer",
    "surveillance/demo/dialect.py": "a source that is slow on request",
    "surveillance/hub.py": "age of the newest snapshot",
    "surveillance/polling/apart.py": "how long a feed that was late rests, and when budgets count",
    "surveillance/polling/process.py": "deadlines of a process that asks a source",
    "surveillance/polling/composer.py": "how long a snapshot took",
    "surveillance/polling/poller.py": "how long a poll took",
    "surveillance/polling/reader.py": "how long a feed took",
    "surveillance/store/database.py": "how long a locked store is waited for",
}
"""The only modules that measure time, and what for."""

LONGEST = 300
LONGER = {
    "surveillance/clinical/aki.py": "one published algorithm, read from top to bottom beside its source",
    "surveillance/feeds/tables.py": "declarations only: 19 tables and not one rule",
    "surveillance/measures/assessment_state.py": "to be cut: the state machine and its forecast",
    "surveillance/measures/deterioration.py": "to be cut: declarations and rules of six measures",
    "surveillance/measures/hospital.py": "to be cut: who lies where, and what every measure asks of it",
    "surveillance/verify.py": "to be cut: the command's formats and their checks",
}
"""Modules of more than ``LONGEST`` lines, and why. The list only gets shorter."""

NAME_MEASURES = {
    "surveillance/settings/profiles.py": "which measures have no meaning on which kind of ward",
    "surveillance/demo/site.py": "the simulated hospital's own thresholds and notes, as in any site's file",
    "surveillance/replay/units.py": "what the recorded hospital cannot answer",
}
"""The only modules outside ``surveillance.measures`` that name one; tests (``test_site``, and below) know each name."""


class Module(NamedTuple):
    """One file of the program."""

    path: str
    name: str
    tree: ast.Module


def module(path: str, text: str) -> Module:
    parts = path.removesuffix(".py").removesuffix("/__init__").split("/")
    return Module(path, ".".join(parts), ast.parse(text))


def program() -> list[Module]:
    paths = sorted(path for package in OURS for path in (ROOT / package).rglob("*.py"))
    return [module(path.relative_to(ROOT).as_posix(), path.read_text("utf-8")) for path in paths]


PROGRAM = program()


def imports(one: Module) -> Iterator[tuple[int, str]]:
    """(line, dotted name) of everything it imports; ``from a import b`` is a.b, for b may be a module."""
    for node in ast.walk(one.tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from ((node.lineno, f"{'.' * node.level}{node.module or ''}.{alias.name}") for alias in node.names)


def stands_in(name: str, place: str) -> bool:
    return name == place or name.startswith(f"{place}.")


def place_of(name: str) -> str | None:
    return max((place for place in PLAN if stands_in(name, place)), key=len, default=None)


def backwards(one: Module) -> list[str]:
    """A line for each import that the plan does not allow."""
    place = place_of(one.name)
    if place is None:
        return [] if one.name == "surveillance" else [f"{one.path}: stands at no place of the plan"]
    allowed = (*PLAN[place], place)
    if "*" in allowed:
        return []
    return [
        f"{one.path}:{line} imports {name}, which {place} may not"
        for line, name in imports(one)
        if name.split(".")[0] not in sys.stdlib_module_names and not any(stands_in(name, other) for other in allowed)
    ]


def clock_reads(one: Module) -> list[int]:
    """Lines that ask what time it is."""
    asked = []
    for node in ast.walk(one.tree):
        if isinstance(node, ast.Attribute) and node.attr in ("now", "utcnow", "today"):
            owner = node.value.attr if isinstance(node.value, ast.Attribute) else getattr(node.value, "id", "")
            if owner in ("datetime", "date", "Timestamp"):
                asked.append(node.lineno)
    return asked + [line for line, name in imports(one) if name == "time.time"]


def stopwatches(one: Module) -> list[int]:
    """Lines that import what measures time or lets it pass."""
    return [line for line, name in imports(one) if name.split(".")[0] == "time"]


def test_no_import_runs_backwards() -> None:
    assert [fault for one in PROGRAM for fault in backwards(one)] == []


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("surveillance/measures/flow.py", "import dash"),
        ("surveillance/measures/flow.py", "from surveillance import store"),
        ("surveillance/measures/flow.py", "def f() -> None:\n    from connectors.sql import SqlConnector"),
        ("surveillance/clinical/news2.py", "import numpy as np"),
        ("surveillance/feeds/gate.py", "from surveillance.measures.site import Site"),
        ("surveillance/rollup.py", "from starlette.responses import Response"),
        ("connectors/sql.py", "from surveillance.measures import CATALOGUE"),
        ("layouts/ward.py", "from surveillance.hub import Hub"),
        ("layouts/ward.py", "from surveillance.polling.clock import hospital_clock"),
        ("callbacks/api.py", "from connectors.registry import open_source"),
        ("surveillance/stranger.py", ""),
    ],
)
def test_an_arrow_that_runs_backwards_is_named(path: str, text: str) -> None:
    (fault,) = backwards(module(path, text))
    assert fault.startswith(path)


def test_everybody_else_is_told_the_time() -> None:
    assert {one.path for one in PROGRAM if clock_reads(one)} == set(CLOCKS)


def test_few_measure_time() -> None:
    assert {one.path for one in PROGRAM if stopwatches(one)} == set(STOPWATCHES)


@pytest.mark.parametrize(
    "text",
    [
        "datetime.now(UTC)",
        "datetime.datetime.utcnow()",
        "date.today()",
        "pd.Timestamp.now()",
        "f(default_factory=datetime.now)",
        "from time import time",
    ],
)
def test_asking_the_time_is_noticed(text: str) -> None:
    assert clock_reads(module("surveillance/rollup.py", text)) == [1]


def test_everything_is_caught_once_and_what_is_let_go_is_raised_again() -> None:
    everything, swallowed = [], []
    for one in PROGRAM:
        for node in ast.walk(one.tree):
            if not isinstance(node, ast.ExceptHandler):
                continue
            caught = [part.id for part in ast.walk(node.type) if isinstance(part, ast.Name)] if node.type else [""]
            if "Exception" in caught:
                everything.append(one.path)
            raised_again = isinstance(node.body[-1], ast.Raise) and node.body[-1].exc is None
            if {"", "BaseException"} & set(caught) and not raised_again:
                swallowed.append(f"{one.path}:{node.lineno}")
    assert everything == ["surveillance/polling/guarded.py"]
    assert swallowed == []


def test_modules_are_short() -> None:
    longer = {one.path for one in PROGRAM if len((ROOT / one.path).read_text("utf-8").splitlines()) > LONGEST}
    assert longer - set(LONGER) == set(), "cut it, or say in LONGER why not"
    assert set(LONGER) - longer == set(), "it is short now: take it off LONGER"


def test_only_declarations_and_sites_name_measures() -> None:
    """Adding a measure touches one file. (``test_layouts`` looks into style sheets and JavaScript as well.)"""
    naming = set()
    for one in PROGRAM:
        words = {node.value for node in ast.walk(one.tree) if isinstance(node, ast.Constant)}
        if words & set(EVERYTHING) and not stands_in(one.name, "surveillance.measures"):
            naming.add(one.path)
    assert naming == set(NAME_MEASURES)


def test_every_measure_that_is_named_there_exists() -> None:
    assert {*THRESHOLDS, *IMPROVED, *NOT_RECORDED, *CHARTED_AT_BEDSIDE} <= set(EVERYTHING)
