"""The desk in a browser: a thousand rows, by keyboard alone, on three screens, and nothing left of it when it hides.

A message of the console that is an error, as one about the content security policy is, fails each of these tests.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from surveillance.measures import EVERYTHING
from surveillance.settings import StoreSettings
from surveillance.snapshot import State
from surveillance.store import open_store
from tests.browser.test_accessibility import faults
from tests.desks import QUALITY, STAFF, Desk, desk, opened, pair, signed_in, site
from tests.displays import NOON
from tests.programs import until

PICTURES = Path("build/pictures/desk")
"""To be looked at; those of the documents stand one above."""
SIZES = {"laptop": (1366, 768), "tablet": (820, 1180), "large": (1920, 1080)}
VTE = "ra_vte"
COUNTS = {
    VTE: 3,
    "missed_doses_critical_today": 2,
    "missed_doses_today": 7,
    "aki_patients": 4,
    "obs_overdue": 1000,
    "medrec_outstanding": 5,
    "orders_not_verified": 40,
    "sepsis_patients": 1,
}
AXES_MOST = 30
"""Rows on a tablet: axe-core gives up on a table whose rows, cut off by its frame, would reach beyond the page."""
QUICK = {"beat_s": 0.5, "lost_after_s": 2}
OVERFLOWS = "() => document.documentElement.scrollWidth > document.documentElement.clientWidth"
GRID = """(() => { try { return window.dash_ag_grid.getApi("grid"); } catch { return null; } })()"""
ROWS = f"""() => {{ let n = 0; {GRID}?.forEachNode(() => (n += 1)); return n; }}"""
BEDS = f"""() => {{ const found = []; {GRID}?.forEachNodeAfterFilterAndSort(
  node => found.push(node.data.bed)); return found; }}"""
MADE = "made => document.querySelector('#shown').dataset.made === made"
FOCUSED = "() => document.activeElement.id || document.activeElement.className"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    PICTURES.mkdir(parents=True, exist_ok=True)
    folder = tmp_path_factory.mktemp("desk")
    kept = StoreSettings(path=folder / "history.sqlite")
    with open_store(f"sqlite:///{kept.path}", max_gap_s=4 * 3600) as store:
        for hour in range(160, 0, -3):
            if not 70 < hour < 100:
                store.save(*pair({VTE: hour * 7 % 5}, NOON - timedelta(hours=hour)))
    with desk(folder, shown(), site().model_copy(update={"store": kept})) as found:
        yield found


def shown(counts: dict[str, int] = COUNTS, seconds: int = 0) -> tuple[Any, Any]:
    made, worklist = pair(counts, NOON + timedelta(seconds=seconds), ra_falls=State.UNAVAILABLE)
    return made, worklist


@pytest.fixture
def page(chromium: Browser, served: Desk) -> Iterator[Page]:
    served.publish(*shown())
    with signed_in(chromium, served) as found:
        yield found


def listed(page: Page, rows: int) -> None:
    """Wait until the table holds so many rows."""
    page.wait_for_function(f"() => ({ROWS})() === {rows}")


# ------------------------------------------------------------------------------------------------ the list
def test_a_thousand_rows_are_held_and_few_are_drawn(page: Page, served: Desk) -> None:
    opened(page, served, "obs_overdue")
    listed(page, 1000)
    expect(page.locator("h1:visible")).to_contain_text("Observations overdue: 1000 patients")
    drawn = page.locator(".ag-center-cols-container .ag-row").count()
    assert 5 < drawn < 60
    by_bed = page.evaluate(BEDS)
    page.get_by_role("columnheader", name="Overdue").click()
    page.get_by_role("columnheader", name="Overdue").click()
    assert page.evaluate(BEDS) == by_bed, "the longest overdue first, as the list came"
    page.fill("#find", "RXR 100017")
    page.wait_for_function(f"() => ({BEDS})().length === 1")


def test_it_is_live_and_marks_nothing_as_seen_twice(page: Page, served: Desk) -> None:
    opened(page, served, VTE)
    listed(page, 3)
    expect(page.locator("#live-words")).to_have_text("Live 12:00:31")
    served.publish(*shown({**COUNTS, VTE: 5}, 5))
    listed(page, 5)
    expect(page.locator("h1:visible")).to_contain_text("not done: 5 patients")
    expect(page.locator(f"#to-{VTE} .badge")).to_contain_text("5")
    expect(page.locator("#live-words")).to_have_text("Live 12:00:36")
    expect(page.locator("#said")).to_have_text("VTE risk assessment: 5 patients listed")
    assert page.locator("#shown").get_attribute("data-made") == f"{NOON.timestamp() + 5:.3f}"


def test_a_measure_can_be_left_and_found_again(page: Page, served: Desk) -> None:
    opened(page, served)
    expect(page.locator("h1:visible")).to_contain_text("Ash Ward: 7 measures to act on now")
    page.click(f"#to-{VTE}")
    listed(page, 3)
    assert page.url.endswith(f"?measure={VTE}")
    page.click("#to-aki_patients")
    listed(page, 4)
    expect(page.locator("#nav [aria-current]")).to_have_count(1)
    page.go_back()
    listed(page, 3)
    expect(page.locator("#week h2")).to_have_text("Last 7 days on this ward")
    expect(page.locator("#week img")).to_have_attribute("alt", re.compile("between 0 and 4.*nobody knew it"))


def test_states_are_said_in_words(page: Page, served: Desk) -> None:
    opened(page, served, "ra_falls")
    expect(page.locator(".banner")).to_contain_text("No data")
    expect(page.locator("#table")).to_be_hidden()
    page.click("#to-ra_oral")
    expect(page.locator(".nobody")).to_have_text("None. 24 patients were looked at.")
    made, worklist = pair(COUNTS, ra_vte=State.STALE)
    served.publish(made, worklist)
    page.click(f"#to-{VTE}")
    expect(page.locator(".banner")).to_contain_text("As at 12:00, not current")
    listed(page, 3)
    expect(page.locator(f"#nav .unknown #to-{VTE}")).to_be_visible()


def test_everything_of_a_patient_stands_on_one_line(page: Page, served: Desk) -> None:
    opened(page, served, VTE)
    listed(page, 3)
    page.get_by_role("button", name="KHAN, Tariq").click()
    line = page.locator("#patient-line")
    expect(line.locator("h2")).to_have_text("Everything outstanding for KHAN, Tariq")
    expect(line.locator("li")).to_have_count(7)
    page.screenshot(path=PICTURES / "patient.png")
    line.get_by_text("Patients with AKI").click()
    listed(page, 4)
    expect(line).to_have_count(0)


def test_another_ward_wants_a_reason(chromium: Browser, served: Desk) -> None:
    served.publish(*shown())
    with signed_in(chromium, served, QUALITY) as page:
        opened(page, served, VTE)
        expect(page.locator("#table")).to_be_hidden()
        page.get_by_label("Why do you look at the patients of Ash Ward?").fill("review of a fall on Sunday")
        assert faults(page) == []
        page.screenshot(path=PICTURES / "reason.png")
        page.get_by_role("button", name="Show the patients").click()
        listed(page, 3)
        expect(page.locator(".bar .why")).to_have_text("Reason given: review of a fall on Sunday")


# ------------------------------------------------------------------------------------------------ the keyboard
def test_by_keyboard_alone(page: Page, served: Desk) -> None:
    opened(page, served)
    for _ in range(30):
        page.keyboard.press("Tab")
        if page.evaluate(FOCUSED) == f"to-{VTE}":
            break
    assert page.evaluate(FOCUSED) == f"to-{VTE}"
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid"
    page.keyboard.press("Enter")
    listed(page, 3)
    assert page.evaluate(FOCUSED) == f"to-{VTE}", "the place in the list is kept"
    served.publish(*shown({**COUNTS, "aki_patients": 0}, 5))
    page.wait_for_function(
        "made => document.querySelector('#shown').dataset.made === made", arg=f"{NOON.timestamp() + 5:.3f}"
    )
    assert page.evaluate(FOCUSED) == f"to-{VTE}", "also while the list changes"
    page.locator("#find").focus()
    for _ in range(20):
        page.keyboard.press("Tab")
        if "ag-header-cell" in page.evaluate(FOCUSED):
            break
    page.keyboard.press("Enter")
    expect(page.locator("[aria-sort=ascending], [aria-sort=descending]")).to_have_count(1)
    page.keyboard.press("ArrowDown")
    assert "ag-cell" in page.evaluate(FOCUSED)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator("#patient-line h2")).to_contain_text("Everything outstanding for")
    page.keyboard.press("Escape")
    expect(page.locator("#patient-line")).to_have_count(0)


# ------------------------------------------------------------------------------------------------ screens
@pytest.mark.parametrize("name", SIZES)
@pytest.mark.parametrize("measure", [VTE, "obs_overdue", "orders_not_verified", "ra_falls", ""])
def test_nothing_overflows_and_everything_is_clean(chromium: Browser, served: Desk, name: str, measure: str) -> None:
    served.publish(*shown())
    with signed_in(chromium, served, size=SIZES[name]) as page:
        opened(page, served, measure)
        if measure in COUNTS:
            listed(page, COUNTS[measure])
            expect(page.locator("#week img, #week p").first).to_be_visible()
        page.evaluate("document.fonts.ready.then(() => true)")
        page.screenshot(path=PICTURES / f"{measure or 'overview'}-{name}.png")
        assert not page.evaluate(OVERFLOWS)
        if name == "tablet" and COUNTS.get(measure, 0) > AXES_MOST:
            return
        assert faults(page) == []
        if name == "tablet":
            expect(page.locator("#nav .quiet")).to_be_hidden()
            page.click("#menu")
            expect(page.locator("#nav .quiet")).to_be_visible()
            page.screenshot(path=PICTURES / "measures-tablet.png")
            assert faults(page) == []
        if measure == VTE:
            page.get_by_role("button", name="KHAN, Tariq").click()
            expect(page.locator("#patient-line")).to_be_visible()
            assert faults(page) == []


def test_the_choice_of_wards_is_clean(chromium: Browser, served: Desk) -> None:
    with signed_in(chromium, served) as page:
        page.goto(f"{served.address}/desk?all")
        expect(page.locator("h1:visible")).to_be_visible()
        page.screenshot(path=PICTURES / "wards.png")
        assert faults(page) == []


# ------------------------------------------------------------------------------------------------ it hides
CUTTABLE = """(() => {
  const ask = window.fetch, connections = [];
  window.fetch = (address, options) => {
    if (!`${address}`.startsWith("/stream/")) return ask(address, options);
    const connection = new AbortController();
    connections.push(connection);
    return ask(address, { ...options, signal: AbortSignal.any([connection.signal, options.signal]) });
  };
  window.cutOff = () => connections.forEach(connection => connection.abort());
})()"""
NAMES = ("ASHWORTH", "KHAN", "RXR 1000")


def holds_a_patient(page: Page) -> bool:
    return any(name in page.content() for name in NAMES)


def test_at_the_end_of_the_countdown_nothing_is_left_whether_or_not_anybody_answers(
    chromium: Browser, tmp_path: Path
) -> None:
    with desk(tmp_path, shown()) as at, signed_in(chromium, at, wrong=["ERR_"]) as page:
        page.clock.install()
        opened(page, at, VTE)
        listed(page, 3)
        expect(page.locator("#left")).to_have_text(re.compile(r"^[45]:\d\d$"))
        assert holds_a_patient(page)
        page.context.set_offline(True)
        page.route("**/session/*", lambda route: route.abort())
        page.clock.run_for(301_000)
        assert not holds_a_patient(page)
        expect(page.locator("h1:visible")).to_have_text("Hidden. Sign in again.")
        assert page.evaluate(FOCUSED) == "primary"
        page.screenshot(path=PICTURES / "hidden.png")


def test_the_end_of_the_session_hides_everything_at_once(chromium: Browser, tmp_path: Path) -> None:
    of = site().model_copy(update={"wall": site(idle_s=60).wall.model_copy(update=QUICK)})
    with desk(tmp_path, shown(), of) as at, signed_in(chromium, at, wrong=["401"]) as page:
        opened(page, at, VTE)
        listed(page, 3)
        at.opened.sessions.end_all(STAFF.subject)
        expect(page.locator("h1:visible")).to_have_text("Hidden. Sign in again.")
        assert not holds_a_patient(page)
        assert faults(page) == []


def test_a_desk_whose_server_is_silent_says_so(chromium: Browser, tmp_path: Path) -> None:
    of = site().model_copy(update={"wall": site().wall.model_copy(update=QUICK)})
    with desk(tmp_path, shown(), of) as at, signed_in(chromium, at, wrong=["ERR_FAILED"]) as page:
        page.add_init_script(CUTTABLE)
        opened(page, at, VTE)
        listed(page, 3)
        page.route("**/stream/**", lambda route: route.abort())
        page.evaluate("window.cutOff()")
        expect(page.locator("#live-words")).to_contain_text("NOT LIVE: figures of 12:00:31")
        assert "not-live" in (page.locator("html").get_attribute("class") or "")
        assert faults(page) == []
        page.unroute("**/stream/**")
        expect(page.locator("#live-words")).to_have_text("Live 12:00:31")


def test_figures_that_were_not_renewed_are_not_called_live(chromium: Browser, tmp_path: Path) -> None:
    of = site().model_copy(update={"wall": site().wall.model_copy(update=QUICK)})
    with desk(tmp_path, shown(), of) as at, signed_in(chromium, at, wrong=["ERR_FAILED", "Callback failed"]) as page:
        opened(page, at, VTE)
        listed(page, 3)
        page.route(re.compile("_dash-update"), lambda route: route.abort())
        at.publish(*shown({**COUNTS, VTE: 5}, 5))
        expect(page.locator("#live-words")).to_have_text("NOT LIVE: figures of 12:00:31")
        page.unroute(re.compile("_dash-update"))
        expect(page.locator("#live-words")).to_have_text("Live 12:00:36")
        listed(page, 5)


def test_only_what_a_person_does_prolongs_a_session(chromium: Browser, tmp_path: Path) -> None:
    with desk(tmp_path, shown()) as at, signed_in(chromium, at) as page:
        page.clock.install()
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url) if "/session/active" in request.url else None)
        opened(page, at, VTE)
        for seconds in range(3):
            at.publish(*shown({**COUNTS, VTE: 4 + seconds}, seconds))
            listed(page, 4 + seconds)
            page.clock.run_for(20_000)
        assert asked == []
        assert "is-hidden" not in (page.locator("html").get_attribute("class") or "")
        with page.expect_response("**/session/active"):
            page.keyboard.press("Shift")
        page.keyboard.press("Shift")
        page.clock.run_for(5_000)
        assert len(asked) == 1, "not at each key"
        page.clock.run_for(20_000)
        until(lambda: page.evaluate("1") and len(asked) > 1)  # what the page asks is heard while it answers


def test_every_count_can_be_opened(page: Page, served: Desk) -> None:
    """The number beside a measure is the number of rows that its page lists."""
    counts = {name: 2 for name, measure in EVERYTHING.items() if measure.kind.value in ("count", "two_column")}
    made, worklist = pair(counts)
    served.publish(replace(made), worklist)
    opened(page, served)
    for name in counts:
        page.click(f"#to-{name}")
        page.wait_for_function("name => document.querySelector('#shown').dataset.measure === name", arg=name)
        listed(page, 2)
        expect(page.locator(f"#to-{name} .badge")).to_contain_text("2")
