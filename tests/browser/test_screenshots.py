"""The pictures of the documents: a ward, leadership's wall and a desk, by day, by night and with a source away.

``make pictures`` takes them and keeps them; the whole hospital plays a year for them. What they show is tested
elsewhere: that nothing is cut off by ``test_walls_fit`` and ``test_executive_fits``, what a source does that is away by
``tests/faults/walls``.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from surveillance.commands.year import WEEKS, Year
from surveillance.demo.faults import clear, set_fault
from surveillance.demo.hospital import create
from tests.at_a_desk import give_account, signed_in
from tests.browser.test_walls_fit import BOARDS, NEAR, WRONG
from tests.programs import answers, free_port, program, until

PICTURES = Path("build/pictures")
START = datetime(2026, 11, 23, 10, 40, tzinfo=UTC)
pytestmark = pytest.mark.skipif(os.environ.get("PICTURES") != "full", reason="make pictures takes them")
DARK = '\n[[screens]]\nname = "dark"\nplace = "Acute Medical Unit"\nward = "AMU"\nnight = "always"\n'
DARK += '\n[[screens]]\nname = "dark-leaders"\nexecutive = "FERN"\nprofile = "executive"\nnight = "always"\n'


@pytest.fixture(scope="module")
def hospital(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str]]:
    """Its folder and its address; it is written to and polled."""
    folder, port = tmp_path_factory.mktemp("hospital"), free_port()
    config = create(folder, seed=1, start=START).config
    config.write_text(config.read_text("utf-8") + DARK, "utf-8")
    give_account(config, "nurse", "ward_staff", "AMU")
    give_account(config, "administrator", "administrator")
    address = f"http://127.0.0.1:{port}"
    year = Year(folder, weeks=WEEKS)
    year.run()
    year.close()
    writer = subprocess.Popen([sys.executable, "-m", "surveillance.demo.live", str(folder)])
    with program("run", "--config", config, "--port", port):
        until(lambda: answers(f"{address}/readyz"), 60)
        yield folder, address
    writer.terminate()
    writer.wait(10)


def opened(chromium: Browser, address: str, size: tuple[int, int]) -> Page:
    page = chromium.new_page(viewport={"width": size[0], "height": size[1]})
    page.goto(address)
    page.wait_for_selector("#first-paint", state="detached")
    page.evaluate("document.fonts.ready.then(() => true)")
    return page


def picture(page: Page, name: str, size: tuple[int, int], of: str = "ward") -> list[str]:
    """Take it; what is wrong with it."""
    page.wait_for_function("() => !document.querySelector('[data-changed]')")
    page.screenshot(path=PICTURES / f"{of}-{name}-{size[0]}x{size[1]}.png")
    return [f"{name} {size}: {fault}" for fault in page.evaluate(WRONG, NEAR)]


def test_a_ward_by_day_by_night_and_with_a_source_away(chromium: Browser, hospital: tuple[Path, str]) -> None:
    folder, address = hospital
    wrong: list[str] = []
    complaints: list[str] = []
    pages = []
    for name, path in (("day", "/ward/AMU"), ("night", "/screen/dark")):
        for size in BOARDS:
            page = opened(chromium, f"{address}{path}", size)
            page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
            page.wait_for_selector(".freshness.live")
            assert ("night" in (page.locator("html").get_attribute("class") or "")) is (name == "night")
            wrong += picture(page, name, size)
            if name == "day":
                pages.append((page, size))
            else:
                page.close()
    set_fault(folder, "prescribing", "stop")
    for page, size in pages:
        page.wait_for_selector(".freshness.some", timeout=60_000)
        assert "Prescribing: no data since" in page.locator(".freshness").inner_text()
        stale = page.locator(".tile.stale").count()
        assert stale >= 3, "the medicines' figures are of an earlier time"
        wrong += picture(page, "stale", size)
        page.close()
    assert wrong == []
    assert complaints == []


DRAWN = """() => [...document.querySelectorAll("#live .page:not([data-off]) .drawn")].filter(
  image => image.complete && image.naturalWidth && image.getBoundingClientRect().width).length >= 3"""
"""Every chart of the page."""


def test_leaderships_wall_by_day_by_night_and_with_a_source_away(chromium: Browser, hospital: tuple[Path, str]) -> None:
    folder, address = hospital
    clear(folder)
    wrong: list[str] = []
    for name, path in (("day", "/executive"), ("night", "/screen/dark-leaders"), ("stale", "/executive")):
        if name == "stale":
            set_fault(folder, "prescribing", "stop")
        for size in BOARDS:
            page = opened(chromium, f"{address}{path}", size)
            page.wait_for_selector(".freshness.some" if name == "stale" else ".freshness.live", timeout=60_000)
            page.wait_for_function(DRAWN, timeout=60_000)
            if name == "stale":
                page.wait_for_selector(".every-ward td.stale", timeout=60_000)
            wrong += picture(page, name, size, "executive")
            page.close()
    clear(folder)
    assert wrong == []


OTHERS = PICTURES / "others"
"""Pages whose pictures stand in no document: to be looked at."""
PAGES = {
    "desk": ("nurse", "/desk/AMU?measure=ra_vte"),
    "doses": ("nurse", "/desk/AMU?measure=missed_doses_today"),
    "huddle": ("nurse", "/huddle/AMU"),
    "sheet": ("nurse", "/huddle-sheet/AMU"),
    "administer": ("administrator", "/administer"),
    "status": ("administrator", "/status"),
}
STALE = """() => document.body.innerText.includes("not current")"""
FRESH = """() => !document.body.innerText.includes("not current")"""
DESKS = ((1920, 1080), (1366, 768), (820, 1180))


def test_desks_and_what_else_people_sign_in_for(chromium: Browser, hospital: tuple[Path, str]) -> None:
    folder, address = hospital
    clear(folder)
    OTHERS.mkdir(parents=True, exist_ok=True)
    waiting = chromium.new_page()
    waiting.goto(f"{address}/sign-in")
    waiting.screenshot(path=OTHERS / "sign-in.png")
    for away in (False, True):
        if away:
            set_fault(folder, "epr", "stop")
            set_fault(folder, "prescribing", "stop")
        for name, (who, path) in PAGES.items():
            page = signed_in(chromium, address, who, path)
            for size in DESKS:
                page.set_viewport_size({"width": size[0], "height": size[1]})
                if path.startswith("/desk"):
                    page.wait_for_selector("#grid .ag-row")
                    page.wait_for_function(STALE if away else FRESH, timeout=60_000)
                page.screenshot(path=OTHERS / f"{name}-{'stale' if away else 'day'}-{size[0]}x{size[1]}.png")
                if (name, away, size) == ("desk", False, (1366, 768)):
                    page.screenshot(path=PICTURES / "desk-1366x768.png")
            page.context.close()
    clear(folder)
