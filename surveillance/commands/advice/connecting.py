"""Which measures wait for a feed, a column or a setting, and which feed to connect next."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable, Mapping, Sequence

from surveillance.commands.advice.lines import hanging, to_do
from surveillance.feeds import FEEDS
from surveillance.feeds.data import FeedData
from surveillance.measures import EVERYTHING, Measure
from surveillance.settings import Pack
from surveillance.snapshot import Snapshot, State
from surveillance.team.feeds import ROWS

NAMED = 5
"""So many measures are named; of the others the number is told."""
SETTINGS = {
    "no list of critical medicines is configured": "[medicines]: write the classes of your list as critical",
    "no antimicrobial class is configured": "[medicines]: write the classes of antibiotics as antimicrobial",
    "the laboratory feed has no AKI warning stage": "give aki_stage_from_lab; or read [options] own_aki_stage first",
}
"""Why a measure whose feeds are there is not connected → what to write."""
FOR_NO_MEASURE = {"patient_identity": "patients' names on the desk, for people who are signed in"}


def connect_next(connected: Collection[str], measures: Iterable[Measure] = EVERYTHING.values()) -> list[str]:
    """The feeds to connect, in the order in which each brings the most measures; what teams write here is apart."""
    waiting = {one.id: frozenset(one.feeds) - frozenset(connected) for one in measures}
    by_id = {one.id: one for one in measures}
    waiting = {name: missing for name, missing in waiting.items() if missing and not missing & set(ROWS)}
    lines = []
    while waiting:
        step = max(set(waiting.values()), key=lambda feeds: _worth(feeds, waiting.values()))
        brought = [by_id[name].label for name, missing in waiting.items() if missing <= step]
        lines += hanging(f"  {' + '.join(sorted(step))}: ", f"{_measures(len(brought))}: {named(brought)}")
        waiting = {name: missing - step for name, missing in waiting.items() if not missing <= step}
    for feed in FEEDS:
        sharper = [one.label for one in by_id.values() if feed in one.optional]
        if feed not in connected and sharper and not any(feed in one.feeds for one in by_id.values()):
            lines += hanging(f"  {feed}: ", f"makes {_measures(len(sharper))} more exact: {named(sharper)}")
    lines += [f"  {feed}: {why}" for feed, why in FOR_NO_MEASURE.items() if feed not in connected]
    return ["connect next, what brings most first:", *lines] if lines else []


def cannot_be_told(packs: Mapping[str, Pack], connected: Collection[str]) -> list[str]:
    """Feeds that a source's pack says the system cannot give. ``packs``: source → its pack."""
    lines = []
    for source, pack in packs.items():
        for feed, why in pack.cannot_tell.items():
            lines += hanging("", f"{source} cannot give {feed}: {why}") if feed not in connected else []
    return lines


def _worth(feeds: frozenset[str], waiting: Iterable[frozenset[str]]) -> tuple[float, int, str]:
    """Measures brought for each feed, then the measures to which it is a step; names decide between equals."""
    waiting = list(waiting)
    brought = sum(missing <= feeds for missing in waiting)
    return brought / len(feeds), sum(bool(missing & feeds) for missing in waiting), ",".join(sorted(feeds))


def written_by_teams(connected: Collection[str]) -> list[str]:
    """What nobody connects: the feeds that teams fill here once they can sign in."""
    missing = [feed for feed in ROWS if feed not in connected]
    if not missing:
        return []
    return [f"{', '.join(missing)}: teams write this here once people can sign in ([access], [team])"]


def can_be_told(snapshot: Snapshot, from_teams: Collection[str]) -> tuple[int, int]:
    """How many measures are connected on a ward at least, and how many there are; ``from_teams``: feeds filled here."""
    states: dict[str, set[State]] = {}
    for readings in (*snapshot.readings.values(), *snapshot.forecasts.values()):
        for name, reading in readings.items():
            states.setdefault(name, set()).add(reading.state)
    silent = {State.NOT_CONNECTED, State.NOT_APPLICABLE}
    told = [name for name, found in states.items() if found - silent or set(EVERYTHING[name].feeds) & set(from_teams)]
    return len(told), len(states)


def for_other_reasons(snapshot: Snapshot, connected: Collection[str]) -> list[str]:
    """Measures whose feeds are all there and that are not connected all the same, by the reason."""
    reasons: dict[str, dict[str, None]] = {}
    for readings in (*snapshot.readings.values(), *snapshot.forecasts.values()):
        for name, reading in readings.items():
            if reading.state is State.NOT_CONNECTED and set(EVERYTHING[name].feeds) <= set(connected):
                reasons.setdefault(reading.detail, {})[EVERYTHING[name].label] = None
    told = []
    for reason, labels in reasons.items():
        told += hanging("  ", f"{named(list(labels))}: {reason}")
        told += to_do(SETTINGS[reason]) if reason in SETTINGS else []
    return ["not connected for other reasons:", *told] if told else []


def missing_columns(data: FeedData, unused: Sequence[str], where: str, file: str) -> list[str]:
    """Optional columns that the query does not give: which measures need them, and which may only be misspelt."""
    lines = []
    if data.absent and data.rows is not None:
        lines.append(f"{where}: not given: {', '.join(sorted(data.absent))}")
        for column, labels in needed(data.feed).items():
            lines += to_do(f"{column} is needed by: {named(labels)}") if column in data.absent else []
    if unused:
        lines.append(f"{where}: not used: {', '.join(unused)}")
        for name in unused:
            if close := difflib.get_close_matches(name.lower(), sorted(data.absent), n=1, cutoff=0.5):
                lines += to_do(f"{file}: should {name} be called {close[0]}?")
    return lines


def needed(feed: str) -> Mapping[str, list[str]]:
    """Optional column → the measures that cannot do without it."""
    found: dict[str, list[str]] = {}
    for measure in EVERYTHING.values():
        for of, column in measure.needs:
            if of == feed:
                found.setdefault(column, []).append(measure.label)
    return found


def named(labels: Sequence[str]) -> str:
    """The first few, and how many more there are."""
    more = len(labels) - NAMED
    return "; ".join(labels[:NAMED]) + (f" and {more} more" if more > 0 else "")


def _measures(number: int) -> str:
    return "1 measure" if number == 1 else f"{number} measures"
