"""Looking back at a desk: the slider, the steps, the keyboard and the form, in a real browser."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from callbacks.when import moment_of
from layouts.past import full, written
from tests.browser.test_walls_fit import NEAR, WRONG
from tests.displays import NOON, served
from tests.pasts import BEGAN, CAME_BACK, ENDED, LEFT, archive_of, hub_with_past, keep, number_at, site_of, three_hours

expect.set_options(timeout=15_000)
SIZES = ((1920, 1080), (1366, 768))
SCREENSHOTS = Path("build/screens")
HALF_PAST = BEGAN + timedelta(minutes=30)
WATCH_FOR_AN_EMPTY_PAGE = """() => {
  window.empty = 0;
  new MutationObserver(() => { if (!document.querySelector("#past .when-it-was")) window.empty += 1; })
    .observe(document.body, { childList: true, subtree: true });
}"""


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    site = site_of(tmp_path_factory.mktemp("past"))
    keep(site, three_hours())
    with archive_of() as archive, served(hub_with_past(site), None, archive) as there:
        yield there


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    opened = chromium.new_page(viewport={"width": 1366, "height": 768}, locale="en-GB", timezone_id="America/New_York")
    opened.set_default_timeout(15_000)
    opened.complaints = []  # type: ignore[attr-defined]
    opened.on("pageerror", lambda error: opened.complaints.append(str(error)))  # type: ignore[attr-defined]
    yield opened
    assert opened.complaints == []  # type: ignore[attr-defined]
    opened.close()


def shows(page: Page, moment: object, state: str = "not live") -> None:
    expect(page.locator(".when-it-was")).to_have_text(f"THE PAST · {moment} · {state}")


def asked_of(page: Page) -> object:
    """The moment that the address names."""
    return moment_of(parse_qs(urlsplit(page.url).query)["at"][0])


def test_the_slider_shows_another_moment_and_keeps_its_address(page: Page, address: str) -> None:
    page.goto(f"{address}/ward/A1?at={written(HALF_PAST)}")
    shows(page, full(HALF_PAST))
    page.evaluate(WATCH_FOR_AN_EMPTY_PAGE)
    slider = page.get_by_role("slider", name="Moment")
    assert slider.get_attribute("aria-valuetext") == full(HALF_PAST)
    slider.focus()
    for key, minutes in (("ArrowRight", 1), ("ArrowLeft", 0), ("Shift+ArrowRight", 15), ("ArrowDown", 14)):
        page.keyboard.press(key)
        there = HALF_PAST.replace(second=0) + timedelta(minutes=minutes)
        shows(page, full(there))
        assert asked_of(page) == there
        expect(page).to_have_title(re.compile(rf"^PAST · {re.escape(full(there))} "))
    page.keyboard.press("End")
    shows(page, full(ENDED.replace(second=0)))
    assert page.locator("[id='0-obs_overdue-0']").text_content() == str(number_at(ENDED))
    page.keyboard.press("PageDown")
    shows(page, full(ENDED.replace(second=0) - timedelta(hours=1)))
    expect(slider).to_be_focused()
    assert page.evaluate("window.empty") == 0, "the picture stays until the next is there"
    page.reload()
    shows(page, full(ENDED.replace(second=0) - timedelta(hours=1)))


def test_moving_quickly_ends_where_the_slider_is(page: Page, address: str) -> None:
    page.goto(f"{address}/ward/A1?at={written(BEGAN)}")
    page.get_by_role("slider", name="Moment").focus()
    for _ in range(40):
        page.keyboard.press("ArrowRight")
    there = BEGAN.replace(second=0) + timedelta(minutes=41)  # the first whole minute that is kept is the next
    shows(page, full(there))
    assert asked_of(page) == there


def test_steps_lead_on_one_after_the_other_and_back_again(page: Page, address: str) -> None:
    page.goto(f"{address}/ward/A1?at={written(HALF_PAST)}")
    later = page.get_by_role("link", name="1 min ›", exact=True)
    for _ in range(3):
        later.click()
    shows(page, full(HALF_PAST + timedelta(minutes=3)))
    page.get_by_role("link", name="‹ 15 min").click()
    shows(page, full(HALF_PAST - timedelta(minutes=12)))
    page.go_back()
    shows(page, full(HALF_PAST + timedelta(minutes=3)))
    page.get_by_role("link", name="Back to live").click()
    page.wait_for_selector("#first-paint", state="detached")
    assert "PAST" not in page.inner_text("body")
    assert urlsplit(page.url).query == ""


def test_a_gap_is_crossed_with_the_slider_and_offers_its_ends(page: Page, address: str) -> None:
    page.goto(f"{address}/ward/A1?at={written(LEFT)}")
    slider = page.get_by_role("slider", name="Moment")
    slider.focus()
    page.keyboard.press("Shift+ArrowRight")
    within = LEFT.replace(second=0) + timedelta(minutes=15)
    shows(page, full(within), "nothing is shown")
    expect(page.get_by_role("heading", name="Not watched at that moment")).to_be_visible()
    expect(slider).to_be_focused()
    page.get_by_role("link", name=full(CAME_BACK)).click()
    shows(page, full(CAME_BACK))


def test_the_form_asks_for_any_moment_and_says_when_there_is_none(page: Page, address: str) -> None:
    page.goto(f"{address}/ward/A1?at={written(BEGAN)}")
    page.get_by_label("Date and time").fill("2026-11-23T10:00")
    page.get_by_role("button", name="Show").click()
    shows(page, "Monday 23 November 2026 10:00")
    page.get_by_label("Date and time").fill("2026-11-24T10:00")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_role("heading", name="That moment is still to come")).to_be_visible()
    assert "2026-11-24T10:00" in page.url


def test_when_nobody_answers_the_picture_stays_what_its_banner_says(page: Page, address: str) -> None:
    page.goto(f"{address}/ward/A1?at={written(HALF_PAST)}")
    page.route("**/ward/A1?at=*", lambda route: route.abort())
    page.get_by_role("link", name="1 min ›", exact=True).click()
    expect(page.locator("#told")).to_contain_text("Not loaded")
    shows(page, full(HALF_PAST))
    assert asked_of(page) == HALF_PAST
    page.unroute("**/ward/A1?at=*")
    page.get_by_role("link", name="1 min ›", exact=True).click()
    shows(page, full(HALF_PAST + timedelta(minutes=1)))


def test_it_works_without_javascript(chromium: Browser, address: str) -> None:
    context = chromium.new_context(java_script_enabled=False, locale="en-GB")
    page = context.new_page()
    page.goto(f"{address}/ward/A1?at={written(HALF_PAST)}")
    assert not page.locator("#slider").is_visible()
    page.get_by_role("link", name="1 h ›").click()
    shows(page, full(CAME_BACK - timedelta(minutes=15)), "nothing is shown")
    page.get_by_label("Date and time").fill("2026-11-23T09:10")
    page.get_by_role("button", name="Show").click()
    shows(page, "Monday 23 November 2026 09:10")
    context.close()


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("path", ["/ward/A1", "/ward/B%2F2%20%26%20more", "/executive"])
def test_the_banner_is_in_view_and_the_wall_fits_below_it(
    page: Page, address: str, path: str, size: tuple[int, int]
) -> None:
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.goto(f"{address}{path}?at={written(HALF_PAST)}")
    page.evaluate("document.fonts.ready.then(() => true)")
    expect(page.locator(".when-it-was")).to_be_in_viewport(ratio=1)
    expect(page.get_by_role("link", name="Back to live")).to_be_in_viewport(ratio=1)
    page.screenshot(path=SCREENSHOTS / f"past{path.replace('/', '-').replace('%', '')}-{size[0]}.png")
    if path != "/executive":  # what fits there is for its own tests
        assert page.evaluate(WRONG.replace("#live .page", "#past .page"), NEAR) == []
    page.locator(".behind").evaluate("e => e.scrollTo(0, e.scrollHeight)")
    expect(page.locator(".when-it-was")).to_be_in_viewport(ratio=1)


def test_a_named_screen_is_not_looked_back_at(page: Page, address: str) -> None:
    page.goto(f"{address}/screen/any?at={written(NOON)}")
    expect(page.get_by_role("heading", name="A named screen shows no past")).to_be_visible()
