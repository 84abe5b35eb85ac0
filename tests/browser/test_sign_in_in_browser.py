"""In a real browser: pages of signing in are clean by axe-core, fit, and work by keyboard and without scripts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from surveillance.access.people import Granted, Role
from tests.browser.test_accessibility import faults
from tests.displays import hub_of, served, snapshot
from tests.signed_in import let_in, site

PASSWORD = "correct horse battery"
NOBODY_THERE = "http://127.0.0.1:9"
ACCESS = {
    "local_accounts": True,
    "oidc": {"issuer": NOBODY_THERE, "client_id": "wards"},
    "grants": [{"group": "g", "role": "quality"}],
}
SIZES = ((1366, 768), (820, 1180), (320, 640))


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    shown = site(access=ACCESS)
    with (
        let_in(tmp_path, shown) as access,
        served(hub_of(snapshot(site=shown), site=shown), access=access) as found,
    ):
        assert access.opened
        access.opened.accounts.put("anna", "Anna Marsh", PASSWORD, (Granted(Role.WARD_STAFF, ("A1",)),))
        yield found


def is_clean(page: Page) -> None:
    assert faults(page) == []
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.set_viewport_size({"width": 1366, "height": 768})


def test_every_page_is_clean_and_fits(chromium: Browser, address: str) -> None:
    page = chromium.new_page()
    page.goto(f"{address}/sign-in?next=/status")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    is_clean(page)
    page.get_by_label("Name").fill("anna")
    page.get_by_label("Password").fill("wrong")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_have_text("That name and password do not belong together.")
    expect(page.get_by_label("Name")).to_have_value("anna")
    expect(page.get_by_label("Password")).to_have_value("")
    is_clean(page)
    page.get_by_role("link", name="Sign in with 127.0.0.1").click()
    expect(page.get_by_role("heading", name="Cannot sign in")).to_be_visible()
    is_clean(page)
    page.get_by_role("link", name="Try again").click()
    page.get_by_label("Name").fill("anna")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page).to_have_url(f"{address}/")
    page.goto(f"{address}/sign-in")
    expect(page.get_by_text("You are signed in as Anna Marsh, Ward staff.")).to_be_visible()
    is_clean(page)
    page.get_by_role("button", name="Sign out", exact=True).click()
    expect(page.get_by_role("heading", name="Signed out")).to_be_visible()
    is_clean(page)
    page.close()


def test_by_keyboard_alone_and_without_javascript(chromium: Browser, address: str) -> None:
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{address}/status")
    page.get_by_label("Name").focus()
    page.keyboard.type("anna")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{address}/status")
    page.goto(f"{address}/sign-in")
    page.get_by_role("button", name="Sign out everywhere").focus()
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{address}/signed-out")
    page.goto(f"{address}/status")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    context.close()
