from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from dash import dcc, html

from callbacks.walls import Address, Wall, Walls
from layouts.definitions import definitions
from layouts.document import ward_list
from layouts.freshness import freshness
from layouts.markup import document, to_html
from layouts.status import status as status_page
from layouts.wall.plan import HEADLINE, default_sections, layout_faults, panels_of
from layouts.words import age, clock, is_night, number
from surveillance.measures import CATALOGUE, EVERYTHING, Measure
from surveillance.settings import WallSection
from surveillance.snapshot import Level, Part, Reading, Snapshot, State
from tests.displays import NOON, Make, every_state, hub_of, reading, settings, snapshot, status

ROOT = Path(__file__).parents[2]


def wall_of(**changes: Any) -> Wall:
    return Walls().at(hub_of(None, site=settings(**changes)).look(), Address("ward", "A1"))  # type: ignore[return-value]


def page(shown: Snapshot | None, now: datetime = NOON) -> str:
    hub = hub_of(shown, now)
    return to_html(wall_of().painted(hub.look()))


def shown_of(text: str, measure: str) -> str:
    """The words of one reading's element, tags and what nobody sees left out."""
    start = text.index(f'id="0-{measure}"')
    depth, end = 0, text.rindex("<", 0, start)
    for tag in re.finditer(r"<(/?)(\w+)[^>]*>", text[end:]):
        depth += -1 if tag[1] else 1
        if depth == 0:
            inside = re.sub(r'<p class="unseen">.*?</p>', "", text[end : end + tag.end()])
            return " ".join(unescape(re.sub(r"<[^>]*>", " ", inside)).replace("\u2060", "").split())
    raise AssertionError("the element has no end")


def test_every_measure_stands_on_a_wards_wall_once() -> None:
    text = page(snapshot())
    others = [name for name, one in EVERYTHING.items() if name != HEADLINE.id and one.on_ward_wall]
    assert {name: text.count(f'id="0-{name}"') for name in others} == dict.fromkeys(others, 1)
    assert text.count('id="0-census"') == 1


def test_a_measure_that_no_section_names_stands_where_its_group_does() -> None:
    new = replace(CATALOGUE["obs_overdue"], id="new")
    panels = panels_of(default_sections(), {**EVERYTHING, "new": new})
    assert [panel.section.title for panel in panels if new in panel.lines] == ["Is care safe now?"]


def test_a_group_that_nobody_placed_gets_a_panel_of_its_own() -> None:
    new = replace(CATALOGUE["obs_overdue"], id="new", group="night_life")
    panels = panels_of(default_sections(), {**EVERYTHING, "new": new})
    assert [panel.section.title for panel in panels if new in panel.measures] == ["Night life"]
    on_walls = [one for one in EVERYTHING.values() if one.on_ward_wall]
    assert sum(len(panel.measures) for panel in panels) == len(on_walls)  # with the new one, without the headline


def test_a_measure_that_is_for_other_pages_stands_only_where_a_section_names_it() -> None:
    elsewhere = replace(CATALOGUE["obs_overdue"], id="new", on_ward_wall=False)
    measures = {**EVERYTHING, "new": elsewhere}
    assert not [panel for panel in panels_of(default_sections(), measures) if elsewhere in panel.measures]
    own = WallSection(title="Own", place="left", lines=("new",))
    assert [panel.section.title for panel in panels_of((own,), measures) if elsewhere in panel.measures] == ["Own"]


def test_what_is_done_on_time_stands_on_no_wards_wall_and_on_no_public_one() -> None:
    closed = {name for name, one in EVERYTHING.items() if one.group == "compliance"}
    shown = {one.id for panel in panels_of(default_sections(), EVERYTHING) for one in panel.measures}
    assert closed
    assert not closed & shown
    assert not any(EVERYTHING[name].public for name in closed)


def test_the_layout_that_comes_along_names_only_measures_of_the_right_kind() -> None:
    own = settings(wall={"sections": [section.model_dump() for section in default_sections()]})
    assert layout_faults(own) == []


def test_a_cell_that_may_not_be_shown_leaves_no_other_below_the_wrong_heading() -> None:
    matrix = {"rows": ["Day"], "columns": ["Registered", "Fill"], "cells": [["fill_rate", "staff_rn_day"]]}
    own = settings(wall={"sections": [{"title": "Staff", "place": "left", "matrix": matrix}]})
    public = {name: one for name, one in EVERYTHING.items() if one.public}
    staff = next(panel for panel in panels_of(own.wall.sections, public) if panel.section.title == "Staff")
    assert staff.matrix == ()
    assert [one.id for one in staff.lines] == ["staff_rn_day"]


def test_a_screen_that_would_stay_empty_is_told() -> None:
    screens = [{"name": "x", "profile": "public", "pages": [{"ward": "A1", "sections": ["Is care safe now?"]}]}]
    assert layout_faults(settings(screens=screens)) == [
        "screens 'x': a page has nothing to show that profile 'public' allows"
    ]


def test_a_layout_that_is_wrong_is_told_with_the_nearest_names() -> None:
    sections = [
        {"title": "Now", "place": "left", "tiles": ["obs_overdu"], "table": ["obs_overdue"], "lines": ["obs_overdue"]}
    ]
    screens = [{"name": "x", "pages": [{"ward": "A1", "sections": ["Noww"]}]}]
    told = "\n".join(layout_faults(settings(wall={"sections": sections}, screens=screens)))
    assert "unknown measure 'obs_overdu'; did you mean 'obs_overdue'" in told
    assert "'obs_overdue' is no two_column measure" in told
    assert "'obs_overdue' stands twice" in told
    assert "unknown section 'Noww'; did you mean 'Now'" in told


WITHOUT_NUMBER = [state for state in State if state not in (State.VALUE, State.STALE)]


@pytest.mark.parametrize("state", WITHOUT_NUMBER)
def test_without_a_number_every_place_of_a_number_is_empty_and_words_stand_there(state: State) -> None:
    hub = hub_of(snapshot(lambda one, ward: reading(one, ward, state, as_at=None)))
    shown = wall_of().shown(hub.look())
    for name, props in shown.items():
        assert "here" not in props.get("className", "").split()
        if re.search(r"-(n|b|\d+)$", name):
            assert not props.get("children"), name
    for name in (one.id for one in EVERYTHING.values() if one.on_ward_wall):
        own = [props.get("children", "") for key, props in shown.items() if key.startswith(f"0-{name}-")]
        if name != HEADLINE.id:
            assert any(words and not re.search(r"\d", words) for words in own), name


@pytest.mark.parametrize("make", [reading, every_state, lambda one, ward: reading(one, ward, number=128)])
def test_what_is_shown_has_a_place_in_the_skeleton(make: Make) -> None:
    wall = wall_of()
    places = set(re.findall(r' id="([^"]*)"', to_html(wall.skeleton)))
    assert set(wall.shown(hub_of(snapshot(make)).look())) <= places


def test_each_state_has_its_own_words() -> None:
    text = page(snapshot(every_state))
    for words in ("Check source", "No data since", "Not recorded", "None on record", "Not applicable", "Not connected"):
        assert words in text
    assert "▲ Watch" in text
    assert "● Act" in text


def test_a_stale_number_says_when_it_was_true_and_has_no_colour() -> None:
    def stale(one: Measure, ward: str) -> Reading:
        return replace(reading(one, ward, State.STALE, 4), level=Level.ACT, as_at=NOON - timedelta(minutes=45))

    text = page(snapshot(stale))
    assert shown_of(text, "edd_today") == "Due home today 4 as at 11:15"
    assert "● Act" not in text
    assert not re.search(r'class="[^"]*\b(act|watch)\b', text)


def test_a_moment_of_another_day_is_written_with_its_date() -> None:
    assert clock(NOON, NOON + timedelta(hours=2)) == "12:00"
    assert clock(NOON, NOON + timedelta(hours=14)) == "23 Nov 12:00"
    assert clock(NOON, NOON + timedelta(days=60)) == "23 Nov 2026 12:00"


def test_times_are_londons() -> None:
    assert clock(datetime(2026, 7, 1, 12, tzinfo=UTC), datetime(2026, 7, 1, 13, tzinfo=UTC)) == "13:00"


def test_a_number_that_is_missing_is_neither_nothing_nor_zero() -> None:
    assert number(None) == "–"
    assert (number(0), number(4.5), number(99.6, 100), number("Gold")) == ("0", "4.5", "100%", "Gold")


def test_a_part_that_nothing_is_connected_for_is_a_dash() -> None:
    def half(one: Measure, ward: str) -> Reading:
        known = reading(one, ward)
        if one.id == "ra_falls":
            parts = (known.parts[0], Part(one.parts[1], State.NOT_CONNECTED))
            return replace(known, parts=parts)
        return known

    assert shown_of(page(snapshot(half)), "ra_falls") == "Falls 3 –"


def test_actual_stands_before_planned_in_brackets() -> None:
    assert shown_of(page(snapshot()), "staff_rn_day") == "3 (3)"


def test_numbers_that_exclude_each_other_are_added_and_the_last_is_told() -> None:
    def two(one: Measure, ward: str) -> Reading:
        parts = tuple(Part(name, State.VALUE, number, number) for name, number in zip(one.parts, (2, 1), strict=False))
        return replace(reading(one, ward), parts=parts) if one.id == "sepsis_patients" else reading(one, ward)

    assert shown_of(page(snapshot(two)), "sepsis_patients") == "Patients with sepsis 3 Suspected 1"


def test_a_sum_with_an_unknown_part_is_unknown() -> None:
    def half(one: Measure, ward: str) -> Reading:
        known = reading(one, ward)
        parts = (known.parts[0], Part(one.parts[-1], State.NOT_CONNECTED))
        return replace(known, parts=parts) if one.id == "sepsis_patients" else known

    assert shown_of(page(snapshot(half)), "sepsis_patients") == "Patients with sepsis – Suspected –"


def test_before_the_first_snapshot_there_is_no_number_at_all() -> None:
    text = page(None)
    assert "Starting, no snapshot yet" in text
    assert shown_of(text, "edd_today") == "Due home today No data"
    assert "● Live" not in text


def test_a_snapshot_without_a_measure_shows_it_as_unavailable() -> None:
    shown = snapshot()
    shown = replace(shown, readings={"A1": {}}, forecasts={"A1": {}})
    assert shown_of(page(shown), "edd_today") == "Due home today No data"


def test_the_header_names_the_ward_its_patients_and_beds() -> None:
    text = page(snapshot())
    assert shown_of(text, "census") == "3 patients 24 beds"
    assert "<h1>Ash Ward</h1>" in text


@pytest.mark.parametrize(
    ("sources", "live", "words"),
    [
        ((status("epr", "spell"), status("lab", "lab_result")), True, "All 2 sources current · 12:00:31"),
        (
            (status("epr", "spell"), status("pharmacy", "order", "stale", NOON - timedelta(minutes=47))),
            False,
            "■ Pharmacy data 47 min old",
        ),
        ((status("epr", "spell"), status("epr", "flag", "unavailable")), False, "EPR: 1 of 2 feeds not current"),
        ((status("epr", "spell", "unavailable", NOON - timedelta(hours=1)),), False, "EPR: no data since 11:00"),
        ((status("epr", "spell", "unavailable", None),), False, "EPR: no data"),
        ((status("epr", "spell", "unavailable", NOON - timedelta(days=1)),), False, "EPR: no data since 22 Nov 12:00"),
        ((status("epr", "spell", "refused"),), False, "EPR refuses the login"),
        ((status("epr", "spell", "suspect"),), False, "EPR data not plausible"),
        ((), False, "No source is connected"),
    ],
)
def test_the_header_is_live_only_if_every_source_is(sources: Any, live: bool, words: str) -> None:
    text = page(replace(snapshot(), sources=sources))
    assert ("● Live" in text) is live
    assert words in shown_of(text, "fresh")


def test_every_source_that_is_not_current_is_named_with_its_age() -> None:
    then = NOON - timedelta(minutes=20)
    names = ("epr", "pharmacy", "laboratory", "rostering", "theatres", "maternity")
    text = page(replace(snapshot(), sources=tuple(status(name, "spell", "stale", then) for name in names)))
    told = shown_of(text, "fresh")
    for title in ("EPR", "Pharmacy", "Laboratory", "Rostering", "Theatres", "Maternity"):
        assert f"{title} 20 min" in told


def test_sources_for_which_the_header_has_no_room_are_counted() -> None:
    then = NOON - timedelta(minutes=20)
    sources = tuple(status(f"system{number}", "spell", "stale", then) for number in range(11))
    told = shown_of(page(replace(snapshot(), sources=sources)), "fresh")
    assert "System6 20 min and 4 more" in told
    assert "System7" not in told


def test_a_snapshot_that_nobody_renews_is_not_live_and_neither_is_a_figure(monkeypatch: pytest.MonkeyPatch) -> None:
    hub = hub_of(snapshot(), now=NOON + timedelta(minutes=1))
    monkeypatch.setattr("surveillance.hub.monotonic", lambda: 1e9)
    text = to_html(wall_of().painted(hub.look()))
    assert "Not renewed since 12:00" in text
    assert "● Live" not in text
    assert shown_of(text, "edd_today") == "Due home today 3 as at 12:00"


def test_ages_are_told_in_the_unit_that_says_enough() -> None:
    told = [age(timedelta(seconds=seconds)) for seconds in (-5, 59, 150, 7300, 200000)]
    assert told == ["0 s", "59 s", "2 min", "2 h 01 min", "2 days"]


def test_the_wall_is_dark_at_night_by_londons_clock() -> None:
    summer = datetime(2026, 7, 1, tzinfo=UTC)
    assert is_night(summer + timedelta(hours=5, minutes=59), "schedule", time(20), time(7))
    assert not is_night(summer + timedelta(hours=6), "schedule", time(20), time(7))
    assert is_night(summer + timedelta(hours=19), "schedule", time(20), time(7))
    assert is_night(summer, "always", time(20), time(7))
    assert not is_night(summer, "never", time(20), time(7))
    assert is_night(summer + timedelta(hours=12), "schedule", time(12), time(14))


def test_the_definitions_are_those_of_the_declarations() -> None:
    text = to_html(definitions(None))
    for measure in EVERYTHING.values():
        assert f'id="{measure.id}"' in text
        for words in (measure.label, measure.counts, measure.standard.text, measure.owner, *measure.standard.sources):
            assert to_html(words) in text


def test_the_definitions_show_the_sites_own_numbers() -> None:
    own = settings(thresholds={"obs_overdue": {"watch": 7}}, standards={"ra_vte": {"limit_h": 10}})
    text = to_html(definitions(own))
    assert "watch ≥ 7" in text
    assert "limit_h = 10 (set by this site)" in text


def test_the_list_shows_which_wards_ask_for_attention() -> None:
    text = to_html(ward_list(settings(), snapshot(every_state), ""))
    assert 'href="/ward/B%2F2%20%26%20more"' in text
    assert "● " in text
    assert "Cedar &lt;b&gt;Ward&lt;/b&gt;" in text
    assert "Starting, no snapshot yet" in to_html(ward_list(settings(), None, "waiting"))


def test_the_status_page_counts_what_was_rejected_and_says_what_fails() -> None:
    shown = replace(
        snapshot(),
        sources=(status("epr", "spell", rejected={"admit_ts: in the future": 4}, error="SourceChanged: no column x"),),
        quality={"patients without an age": 2},
        off_wards={"Theatre": 5},
    )
    text = to_html(status_page(shown, NOON, {"store": "the disk is full"}, build="1+a"))
    for words in ("admit_ts: in the future: 4", "SourceChanged: no column x", "the disk is full", "Theatre: 5", "1+a"):
        assert words in text


def test_text_is_escaped_and_only_plain_html_is_drawn() -> None:
    drawn = to_html(html.P(["<b>", html.A("x & y", href="/?a=1&b=2", title='"'), html.Br()], className="k"))
    assert drawn == '<p class="k">&lt;b&gt;<a href="/?a=1&amp;b=2" title="&quot;">x &amp; y</a><br></p>'
    assert to_html(html.P(hidden=True)) == "<p hidden></p>"
    with pytest.raises(TypeError, match="Interval"):
        to_html(html.Div(dcc.Interval(id="x")))
    with pytest.raises(ValueError, match="runs a script"):
        to_html(html.A("x", href=" JavaScript:alert(1)"))
    assert "<title>&lt;x&gt;</title>" in document("<x>", html.P("y"))


@pytest.mark.parametrize("folder", ["layouts", "callbacks", "assets"])
def test_no_page_names_a_measure(folder: str) -> None:
    names = re.compile("|".join(rf"\b{re.escape(name)}\b" for name in EVERYTHING))
    for path in (ROOT / folder).rglob("*.*"):
        if path.suffix in (".py", ".css", ".js"):
            assert not names.search(path.read_text("utf-8")), path


@pytest.mark.parametrize("path", sorted((ROOT / "layouts").rglob("*.py")), ids=lambda path: path.name)
def test_no_layout_reads_a_clock(path: Path) -> None:
    assert not re.search(r"\.now\(|\.today\(|monotonic|import time\b", path.read_text("utf-8"))


def test_what_teams_write_does_not_make_a_wall_look_fresher() -> None:
    old, away = NOON - timedelta(minutes=30), "unavailable"
    entered = status("team", "huddle_rating", as_at=NOON)
    dead = freshness(replace(snapshot(), sources=(status("epr", "spell", away, old), entered)), NOON)
    assert dead.line.startswith("No source is fully current")
    assert clock(old, NOON, seconds=True) in dead.line
    live = freshness(replace(snapshot(), sources=(status("epr", "spell", as_at=old), entered)), NOON)
    assert live.line == f"Its source is current · {clock(old, NOON, seconds=True)}"
    lost = (status("epr", "spell"), status("team", "huddle_rating", away))
    unread = freshness(replace(snapshot(), sources=lost), NOON)
    assert not unread.live
    assert len(unread.chips) == 1
