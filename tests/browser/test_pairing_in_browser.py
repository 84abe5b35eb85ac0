"""In a real browser: a screen shows a code, becomes its wall when that is accepted, and a code again when revoked."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from surveillance.access.access import Access
from surveillance.access.devices import LETTERS
from surveillance.access.people import Role
from tests.browser.conftest import CHROMIUM, QUIET
from tests.browser.test_accessibility import faults
from tests.displays import hub_of, served, snapshot
from tests.signed_in import HALL, let_in, paired, session_of, site

SOON_MS = 15_000
SMALLEST_PX = 28
"""Letters of this height on 1920 pixels can be read from 3 m on a panel of 55 inches."""
BOTH = {"width": 1920, "height": 1080}, {"width": 1080, "height": 1920}


@pytest.fixture
def at(tmp_path: Path) -> Iterator[tuple[str, Access]]:
    shown = site(wall={"beat_s": 1, "lost_after_s": 5, "report_s": 5})
    with (
        let_in(tmp_path, shown) as access,
        served(hub_of(snapshot(site=shown), site=shown), access=access) as address,
    ):
        yield address, access


@contextmanager
def browser_of(chromium: Browser, address: str, **cookies: str) -> Iterator[BrowserContext]:
    """A machine of its own: what it holds, no other does."""
    context = chromium.new_context(viewport={"width": 1920, "height": 1080})
    context.add_cookies([{"name": name, "value": value, "url": address} for name, value in cookies.items()])
    context.set_default_timeout(SOON_MS)
    yield context
    context.close()


def code_of(page: Page) -> str:
    return page.locator(".code").inner_text()


def drawn(page: Page) -> None:
    expect(page.locator("#live > #wall")).to_be_visible(timeout=SOON_MS)
    page.wait_for_selector("#first-paint", state="detached")


def test_a_screen_is_paired_shows_its_wall_and_is_revoked(chromium: Browser, at: tuple[str, Access]) -> None:
    address, access = at
    administrator = session_of(access, Role.ADMINISTRATOR, name="ada")
    with browser_of(chromium, address) as hall, browser_of(chromium, address, session=administrator) as office:
        wall, desk = hall.new_page(), office.new_page()
        complaints: list[str] = []
        wall.on("pageerror", lambda error: complaints.append(str(error)))
        wall.goto(f"{address}/screen/hall")
        code = code_of(wall)

        desk.goto(f"{address}/administer")
        expect(desk.get_by_role("row", name="hall")).to_contain_text(f"{code[:4]}-····")
        desk.get_by_label("Code").fill(code.lower())
        desk.get_by_role("button", name="Accept").click()
        expect(desk.get_by_role("status")).to_contain_text("Accepted")
        drawn(wall)
        expect(wall.locator("#live h1").first).to_contain_text("Ash Ward")

        other = hall.new_page()
        answer = other.goto(f"{address}/screen/foyer")
        assert answer is not None
        assert answer.status == 403
        expect(other.get_by_role("heading", name="Paired as another screen")).to_be_visible()
        expect(other.locator(".tile")).to_have_count(0)

        desk.reload()
        desk.get_by_role("button", name="Revoke hall").click()
        expect(desk.get_by_role("status")).to_contain_text("Revoked")
        expect(wall.locator("#wall")).to_have_count(0, timeout=SOON_MS)
        expect(wall.locator(".code")).to_be_visible(timeout=SOON_MS)
        assert code_of(wall) != code
        expect(other.locator(".code")).to_be_visible(timeout=SOON_MS)
        assert complaints == []


def test_a_refused_wall_is_covered_before_anything_else_can_be_shown(chromium: Browser, at: tuple[str, Access]) -> None:
    address, access = at
    token, device = paired(access, "hall")
    with browser_of(chromium, address, screen=token) as hall:
        wall = hall.new_page()
        wall.goto(f"{address}/screen/hall")
        drawn(wall)
        wall.route(
            "**/screen/hall", lambda route: route.abort() if route.request.method == "HEAD" else route.continue_()
        )
        assert access.opened
        access.opened.devices.revoke(device.number, "ada")
        expect(wall.locator("#lost")).to_contain_text("NOT LIVE: this screen may not show this wall", timeout=SOON_MS)
        expect(wall.locator("#live")).to_be_hidden()
        wall.unroute_all()
        expect(wall.locator(".code")).to_be_visible(timeout=SOON_MS)


def test_a_paired_screen_needs_nobody_after_a_restart_or_a_locked_store(
    chromium: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = site()
    with let_in(tmp_path, shown) as access:
        token, _ = paired(access, "hall")
    waits = Access()
    waits.of_site(shown)
    with (
        served(hub_of(snapshot(site=shown), site=shown), access=waits) as address,
        browser_of(chromium, address, screen=token) as hall,
    ):
        wall = hall.new_page()
        wall.goto(f"{address}/screen/hall")
        expect(wall.get_by_role("heading", name="Starting")).to_be_visible()
        expect(wall.locator(".code")).to_have_count(0)
        with let_in(tmp_path, shown) as access:
            monkeypatch.setattr(waits, "_opened", access.opened)
            drawn(wall)


def test_a_pairing_outlives_the_browser(chromium: Browser, at: tuple[str, Access], tmp_path: Path) -> None:
    address, access = at
    assert access.opened

    def started() -> BrowserContext:
        return chromium.browser_type.launch_persistent_context(
            tmp_path / "profile", executable_path=CHROMIUM, args=list(QUIET), timeout=2 * SOON_MS
        )

    kiosk = started()
    page = kiosk.pages[0]
    page.goto(f"{address}/screen/hall")
    access.opened.devices.accept(code_of(page), "ada")
    drawn(page)
    kiosk.close()
    kiosk = started()
    page = kiosk.pages[0]
    page.goto(f"{address}/screen/hall")
    drawn(page)
    kiosk.close()


def test_a_screen_whose_server_is_away_says_so_and_comes_back(chromium: Browser, at: tuple[str, Access]) -> None:
    address, access = at
    with browser_of(chromium, address) as hall:
        page = hall.new_page()
        page.goto(f"{address}/screen/hall")
        code = code_of(page)
        hall.route("**/*", lambda route: route.abort())
        expect(page.locator("#lost")).to_contain_text("NOT LIVE: nobody has answered", timeout=20_000)
        expect(page.locator(".code")).to_be_hidden()
        hall.unroute_all()
        expect(page.locator("#lost")).to_be_hidden()
        assert code_of(page) == code
        hall.route("**/screen/hall", lambda route: route.fulfill(status=502, body="bad gateway"))
        assert access.opened
        with page.expect_request(lambda asked: asked.method == "HEAD"):
            access.opened.devices.accept(code, "ada")
        expect(page.locator(".code")).to_be_visible()  # it did not leave for the proxy's error
        hall.unroute_all()
        drawn(page)


def test_a_browser_that_keeps_no_cookies_says_so(chromium: Browser, at: tuple[str, Access]) -> None:
    address, _ = at
    with browser_of(chromium, address) as hall:
        page = hall.new_page()
        page.goto(f"{address}/screen/hall")
        hall.clear_cookies()
        expect(page.locator("#lost")).to_contain_text("This browser keeps no cookies", timeout=SOON_MS)


@pytest.mark.parametrize("night", ["never", "always"])
@pytest.mark.parametrize("size", BOTH, ids=["landscape", "portrait"])
def test_the_page_fits_is_clean_and_can_be_read_from_afar(
    chromium: Browser, tmp_path: Path, night: str, size: Any
) -> None:
    shown = site(screens=[{**HALL, "name": "willow-ward-long-corridor-12", "night": night}])
    with (
        let_in(tmp_path, shown) as access,
        served(hub_of(None, site=shown), access=access) as address,
        browser_of(chromium, address) as hall,
    ):
        page = hall.new_page()
        page.set_viewport_size(size)
        page.goto(f"{address}/screen/willow-ward-long-corridor-12")
        page.evaluate("document.fonts.ready.then(() => true)")
        assert faults(page, wall=True) == []
        assert page.evaluate("document.documentElement.scrollHeight <= innerHeight")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        inside = "e => { const b = e.getBoundingClientRect(); return b.left >= 0 && b.right <= innerWidth; }"
        assert all(one.evaluate(inside) for one in page.locator("h1, h2, .code, li, footer").all())
        for letter in LETTERS:
            page.locator(".code").evaluate("(e, code) => (e.textContent = code)", f"{letter * 4}-{letter * 4}")
            assert page.locator(".code").evaluate(inside), letter
        sizes = page.locator("h1, h2, .code, li, footer").evaluate_all(
            "all => all.map(one => parseFloat(getComputedStyle(one).fontSize))"
        )
        assert min(sizes) >= SMALLEST_PX
        assert max(sizes) >= 4 * SMALLEST_PX, "the code, from further away"


def test_the_administrators_page_is_clean(chromium: Browser, at: tuple[str, Access]) -> None:
    address, access = at
    assert access.opened
    access.opened.devices.ask("foyer", "10.0.0.2")
    paired(access, "hall")
    administrator = session_of(access, Role.ADMINISTRATOR, name="ada")
    with browser_of(chromium, address, session=administrator) as office:
        page = office.new_page()
        page.goto(f"{address}/administer")
        assert faults(page) == []
        page.get_by_label("Code").fill("CCCC-CCCC")
        page.keyboard.press("Enter")
        expect(page.get_by_role("alert")).to_contain_text("No screen shows this code now")
        assert faults(page) == []
