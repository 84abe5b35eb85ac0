"""What the pages of the huddle show, looked up in what the hub holds and what the team said."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from layouts.freshness import freshness
from layouts.huddle.sheet import Sheet
from layouts.huddle.values import Choice, HuddlePage, Line, QualityPage, Typed, Ward
from layouts.wall.plan import where_of
from layouts.wall.says import said
from layouts.wall.team import due_words, gauge_words
from layouts.words import LEVEL_SHAPES, LEVEL_WORDS, clock, local
from surveillance.current_lists import CurrentLists
from surveillance.hub import Seen
from surveillance.measures import EVERYTHING
from surveillance.settings import Settings
from surveillance.settings import Ward as WardSettings
from surveillance.snapshot import Level, Reading, State
from surveillance.team.board import Gauge, TeamBoard
from surveillance.team.boards import board_of, last_of
from surveillance.team.forms import Against
from surveillance.team.patient_details import Known, known_of
from surveillance.team.things import Kind, Thing

SHOWN_D = timedelta(days=7)
"""A rating older than this is not shown as the one that stands."""
ACCREDITATIONS = 5
KINDS = {"harm": "Harm", "positive": "Positive", "culture": "Culture"}


def readings_of(seen: Seen, ward: str) -> dict[str, Reading]:
    """Measure or forecast → its reading on a ward now."""
    if seen.snapshot is None:
        return {}
    return {**seen.snapshot.readings.get(ward, {}), **seen.snapshot.forecasts.get(ward, {})}


def asking(seen: Seen, ward: str) -> dict[str, Reading]:
    """The figures of a ward's wall that are at watch or act now."""
    return {
        name: one
        for name, one in readings_of(seen, ward).items()
        if one.state is State.VALUE and one.level is not Level.NONE and EVERYTHING[name].on_ward_wall
    }


def known(settings: Settings, lists: CurrentLists, ward: WardSettings) -> Known:
    """What is known of the patients, so that text which tells of one can be refused."""
    listed = lists.look()
    people = listed.worklist.patients.values() if listed else ()
    return known_of(
        settings.team.hospital_number_pattern,
        (
            (
                one.family_name,
                one.given_name,
                (one.hospital_number, one.nhs_number, one.patient_key, one.spell_key),
                one.ward == ward.code,
            )
            for one in people
        ),
        ward.name,
    )


def against(
    seen: Seen, settings: Settings, lists: CurrentLists, ward: WardSettings, things: tuple[Thing, ...]
) -> Against:
    """What a form of a ward is read against."""
    may_own = frozenset(asking(seen, ward.code))
    return Against(settings, ward.code, local(seen.now).date(), known(settings, lists, ward), things, may_own)


def huddle_values(
    seen: Seen, about: Against, *, may_write: bool, may_accredit: bool, notice: str, typed: Typed
) -> HuddlePage:
    """The page on which a team writes; nothing can be written on it by somebody of another ward."""
    board = board_of(about.settings, about.things)
    rating = last_of(about.things, about.ward, Kind.RATING)
    trying = last_of(about.things, about.ward, Kind.TRYING)
    chosen = last_of(about.things, about.ward, Kind.CHOICE)
    ticked = chosen.content["indicators"] if chosen else ()
    return HuddlePage(
        _ward(about),
        _rating(rating, about.today),
        [
            Choice(name, f"{LEVEL_SHAPES[one.level]} {LEVEL_WORDS[one.level]}: {_figure(seen, one)}")
            for name, one in asking(seen, about.ward).items()
            if name not in board.owned
        ],
        [
            Line(one.number, f"{EVERYTHING[one.measure].on_wall}: {one.role}, {clock(one.since, seen.now)}", one.words)
            for one in board.owned.values()
            if one.measure in EVERYTHING
        ],
        Line(trying.number, board.trying) if trying and board.trying else None,
        [Line(one.number, due_words(one, seen.now)) for one in board.actions],
        [
            Choice(one.id, one.title, one.id in ticked, KINDS[one.kind])
            for one in about.settings.team.barometer.indicators
        ],
        about.known.names_known,
        notice,
        typed,
        may_write,
        may_accredit,
    )


def quality_values(
    about: Against, *, may_write: bool, may_write_for_team: bool, notice: str, typed: Typed
) -> QualityPage:
    """The page for accreditation and barometer."""
    given, indicators = about.settings.team.accreditation, about.settings.team.barometer.indicators
    open_ones = [one for one in reversed(about.things) if one.is_open]
    entered = [one for one in open_ones if one.kind is Kind.BAROMETER]
    titles = {one.id: one for one in indicators}
    newest = {one.content["indicator"]: one for one in reversed(entered) if one.content["indicator"] in titles}
    values = [
        Line(
            one.number,
            gauge_words(
                Gauge(
                    titles[name].title,
                    titles[name].kind,
                    titles[name].unit,
                    one.content["value"],
                    one.content["period"],
                ),
                {},
                one.since,
            ),
        )
        for name, one in newest.items()
    ]
    return QualityPage(
        _ward(about),
        given.scheme if given else "",
        given.levels if given else (),
        given.domains if given else (),
        [_accredited(one) for one in open_ones if one.kind is Kind.ACCREDITATION][:ACCREDITATIONS],
        [Choice(one.id, one.title, group=KINDS[one.kind]) for one in indicators if not one.measure],
        values,
        about.known.names_known,
        notice,
        typed,
        may_write,
        may_write_for_team,
    )


def sheet_values(seen: Seen, settings: Settings, ward: WardSettings, things: Sequence[Thing]) -> Sheet:
    """What the printed sheet is made of."""
    board = board_of(settings, things) if things else TeamBoard()
    fresh = freshness(seen.snapshot, seen.now, stage=seen.stage, lapsed=seen.lapsed)
    where = where_of(settings, ward)
    return Sheet(ward, where, settings.site.name, seen.now, readings_of(seen, ward.code), board, fresh)


def _ward(about: Against) -> Ward:
    name = next(ward.name for ward in about.settings.wards if ward.code == about.ward)
    return Ward(about.ward, name, about.settings.site.name, about.today)


def _figure(seen: Seen, reading: Reading) -> str:
    measure = EVERYTHING[reading.measure]
    what = said(measure, reading, seen.now)
    return f"{measure.on_wall}, {' '.join(part for part in (what.number, what.beside) if part)}"


def _rating(thing: Thing | None, today: date) -> Line | None:
    if thing is None or (on := thing.day("date")) is None or today - on > SHOWN_D:
        return None
    return Line(thing.number, f"{thing.content['rating']} of 5", f"rated {on.day} {on:%B}")


def _accredited(thing: Thing) -> Line:
    said_then = thing.content
    on, due = thing.day("assessed_on"), thing.day("next_due")
    scores = [f"{name} {score}" for name, score in said_then.get("domains", {}).items()]
    dates = [f"assessed {on.day} {on:%B %Y}"] if on else []
    dates += [f"next due {due.day} {due:%B %Y}"] if due else []
    return Line(thing.number, f"{said_then['scheme']}: {said_then['level']}", "; ".join([*dates, *scores]))
