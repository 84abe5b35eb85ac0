from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from dash import dcc, html

from layouts.definitions import definitions
from layouts.document import ward_list
from layouts.freshness import freshness
from layouts.markup import document, to_html
from layouts.panels import HEADLINE, panels
from layouts.status import status as status_page
from layouts.ward import Place, is_night, wall
from layouts.words import age, clock, number
from surveillance.measures import CATALOGUE, EVERYTHING, Measure
from surveillance.snapshot import Level, Part, Reading, Snapshot, State
from tests.displays import NOON, every_state, reading, settings, snapshot, status

ROOT = Path(__file__).parents[2]
PLACE = Place("A1", "Ash Ward", "Medicine · Main hospital", 24)


def page(shown: Snapshot | None, now: datetime = NOON) -> str:
    return to_html(wall(PLACE, shown, now))


def shown_of(text: str, measure: str) -> str:
    """The words of one reading's element, tags left out."""
    start = text.index(f'id="reading-{measure}"')
    depth, end = 0, text.rindex("<", 0, start)
    for tag in re.finditer(r"<(/?)(\w+)[^>]*>", text[end:]):
        depth += -1 if tag[1] else 1
        if depth == 0:
            words = unescape(re.sub(r"<[^>]*>", " ", text[end : end + tag.end()]))
            return " ".join(words.replace("\u2060", "").split())
    raise AssertionError("the element has no end")


def test_every_measure_stands_on_the_wards_page_once() -> None:
    text = page(snapshot())
    assert {name: text.count(f'id="reading-{name}"') for name in EVERYTHING} == dict.fromkeys(EVERYTHING, 1)


def test_a_group_that_nobody_placed_gets_a_panel_of_its_own() -> None:
    new = replace(CATALOGUE["obs_overdue"], id="new", group="night_life")
    placed = panels([*EVERYTHING.values(), new])
    assert [panel.title for panel, measures in placed if new in measures] == ["Night life"]
    assert sum(len(measures) for _, measures in placed) == len(EVERYTHING)  # with the new one, without the headline


@pytest.mark.parametrize("state", [state for state in State if state not in (State.VALUE, State.STALE)])
def test_without_a_number_no_digit_stands_in_its_place(state: State) -> None:
    def unknown(one: Measure, ward: str) -> Reading:
        return reading(one, ward, state, as_at=None)

    text = page(snapshot(unknown))
    for name, measure in EVERYTHING.items():
        words = shown_of(text, name).replace(measure.label, "").replace("24 beds", "")
        assert not re.search(r"\d", words), (name, words)
        assert words.strip()


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
    assert shown_of(text, "obs_overdue") == "Observations overdue 4 as at 11:15"
    assert "● Act" not in text


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

    assert shown_of(page(snapshot(half)), "ra_falls") == "Falls assessment 3 –"


def test_actual_stands_before_planned_in_brackets() -> None:
    assert shown_of(page(snapshot()), "staff_rn_day").endswith("3 (3)")


def test_before_the_first_snapshot_there_is_no_number_at_all() -> None:
    text = page(None)
    assert "Starting, no snapshot yet" in text
    assert "reading-" not in text


def test_a_snapshot_without_a_measure_shows_it_as_unavailable() -> None:
    shown = snapshot()
    shown = replace(shown, readings={"A1": {}}, forecasts={"A1": {}})
    assert shown_of(page(shown), "obs_overdue") == "Observations overdue No data"


def test_the_header_names_the_ward_its_patients_and_beds() -> None:
    text = page(snapshot())
    assert shown_of(text, HEADLINE.id) == "3 patients 24 beds"
    assert "<h1>Ash Ward</h1>" in text


@pytest.mark.parametrize(
    ("sources", "live", "words"),
    [
        ((status("epr", "spell"), status("lab", "lab_result")), True, "All 2 sources current · 12:00:31"),
        (
            (status("epr", "spell"), status("pharmacy", "order", "stale", NOON - timedelta(minutes=47))),
            False,
            "Pharmacy data 47 min old",
        ),
        ((status("epr", "spell"), status("epr", "flag", "unavailable")), False, "EPR: 1 of 2 feeds not current"),
        ((status("epr", "spell", "unavailable", NOON - timedelta(hours=1)),), False, "EPR: no data since 11:00"),
        ((status("epr", "spell", "unavailable", None),), False, "EPR: no data"),
        ((status("epr", "spell", "refused"),), False, "EPR refuses the login"),
        ((status("epr", "spell", "suspect"),), False, "EPR data not plausible"),
        ((), False, "No source is connected"),
    ],
)
def test_the_header_is_live_only_if_every_source_is(sources: Any, live: bool, words: str) -> None:
    found = freshness(replace(snapshot(), sources=sources), NOON)
    assert found.live is live
    assert words in (*found.chips, found.line)


def test_an_old_snapshot_is_not_live_whatever_its_sources_were() -> None:
    found = freshness(snapshot(), NOON + timedelta(minutes=3))
    assert not found.live
    assert found.chips == ("Not renewed since 12:00",)
    assert freshness(snapshot(), NOON + timedelta(minutes=3), speed=60).live


def test_ages_are_told_in_the_unit_that_says_enough() -> None:
    told = [age(timedelta(seconds=seconds)) for seconds in (-5, 59, 150, 7300, 200000)]
    assert told == ["0 s", "59 s", "2 min", "2 h 01 min", "2 days"]


def test_the_wall_is_dark_at_night_by_londons_clock() -> None:
    summer = datetime(2026, 7, 1, tzinfo=UTC)
    assert is_night(summer + timedelta(hours=5, minutes=59))
    assert not is_night(summer + timedelta(hours=6))
    assert is_night(summer + timedelta(hours=19))


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
