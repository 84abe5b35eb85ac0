"""The huddle's pages in a browser: the sheet is one page of paper whatever is on it, and forms work by keyboard."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext

from surveillance.measures import EVERYTHING, Measure
from surveillance.snapshot import Level, Reading, State
from surveillance.team.notebook import Entry
from surveillance.team.things import Kind
from tests.browser.test_accessibility import faults
from tests.browser.test_walls_fit import all_act, all_stale
from tests.displays import NOON, reading, snapshot
from tests.pdf import sheets
from tests.teams import Site, site, teams_served

A4 = (210, 297)
BY = ("nurse", "Ward staff")
CUT = """() => {
  const sheet = document.querySelector(".sheet"), wrong = [];
  const notes = sheet.querySelector(".ruled").clientHeight * 25.4 / 96;
  if (notes < 20) wrong.push(`${notes} mm for notes`);
  if (sheet.scrollHeight > sheet.clientHeight + 1) wrong.push(`${sheet.scrollHeight} px in ${sheet.clientHeight}`);
  for (const e of sheet.querySelectorAll("*"))
    if (e.scrollWidth > e.clientWidth + 2 && e.clientWidth && e.tagName !== "SMALL")
      wrong.push(`${e.className || e.tagName} ${e.textContent}`);
  return wrong;
}"""


def long_not_recorded(measure: Measure, ward: str) -> Reading:
    return reading(measure, ward, State.NOT_RECORDED)


WORST = {"all act": all_act, "all stale": all_stale, "all well": reading, "nothing recorded": long_not_recorded}


@pytest.fixture(scope="module")
def ward(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with teams_served(tmp_path_factory.mktemp("teams")) as served:
        yield served


@pytest.fixture
def nurse(chromium: Browser, ward: Site) -> Iterator[BrowserContext]:
    context = chromium.new_context(viewport={"width": 1366, "height": 768})
    context.add_cookies([{"name": "session", "value": ward.tokens["nurse"], "url": ward.address}])
    yield context
    context.close()


def fill(ward: Site) -> None:
    """As much as a team can write, with the widest words."""
    for number in range(9):
        action = {"what": f"W{number}" * 25, "role": "W" * 22, "due": date(2026, 12, 3).isoformat()}
        ward.notebook.keep(Entry("A1", Kind.ACTION, action), BY, NOON, NOON)
    for name in EVERYTHING:
        owned = {"measure": name, "role": "M" * 22, "words": "W" * 80}
        ward.notebook.keep(Entry("A1", Kind.OWNED, owned), BY, NOON, NOON)
    others: list[tuple[Kind, dict[str, Any]]] = [
        (Kind.TRYING, {"words": "W" * 80}),
        (Kind.CHOICE, {"indicators": ["falls", "thanks", "turnover", "training"]}),
        *(
            (Kind.BAROMETER, {"indicator": name, "value": "-99999.9", "period": "W" * 18})
            for name in ("falls", "thanks", "turnover", "training")
        ),
    ]
    for kind, content in others:
        ward.notebook.keep(Entry("A1", kind, content), BY, NOON, NOON)


@pytest.mark.parametrize("worst", WORST)
def test_the_sheet_is_one_page_of_paper_and_nothing_on_it_is_cut(
    nurse: BrowserContext, ward: Site, tmp_path: Path, worst: str
) -> None:
    if len(ward.notebook.things) < 9:
        fill(ward)
    made = snapshot(WORST[worst], site=site(tmp_path))
    ward.hub.publish(made, 0.1)
    page = nurse.new_page()
    page.goto(f"{ward.address}/huddle-sheet/A1")
    page.evaluate("document.fonts.ready.then(() => true)")
    page.emulate_media(media="print")
    page.screenshot(path=Path("build/screens") / f"huddle-sheet-{worst.replace(' ', '-')}.png", full_page=True)
    assert page.evaluate(CUT) == []
    page.pdf(path=tmp_path / "sheet.pdf", prefer_css_page_size=True)
    (sheet,) = sheets(tmp_path / "sheet.pdf")
    assert (round(sheet.width), round(sheet.height)) == A4
    words = "".join(sheet.words.split())
    for expected in ("Ash Ward", "Due in the next 4 hours", "Open actions: 9", "and 3 more", "Notes"):
        assert expected.replace(" ", "") in words
    assert "Ashworth" not in words
    page.close()


def test_a_team_writes_by_keyboard_alone_and_reads_what_it_wrote(
    nurse: BrowserContext, ward: Site, tmp_path: Path
) -> None:
    red = next(name for name, one in EVERYTHING.items() if one.group == "medicines")
    made = snapshot(site=site(tmp_path))
    readings = {code: dict(by) for code, by in made.readings.items()}
    readings["A1"][red] = replace(readings["A1"][red], level=Level.ACT)
    ward.hub.publish(replace(made, readings=readings), 0.1)
    page = nurse.new_page()
    page.goto(f"{ward.address}/huddle/A1")
    page.locator("#trying").focus()
    page.keyboard.type("Trolley at noon")
    page.keyboard.press("Enter")
    page.wait_for_url("**/huddle/A1?kept=1")
    assert page.locator(".notice").is_visible()
    assert page.get_by_text("Trolley at noon", exact=True).is_visible()
    page.locator("#what").fill("Ask Irene")
    page.locator("#action_role").fill("matron")
    page.keyboard.press("Enter")
    page.wait_for_selector(".faults")
    assert page.locator("#what").input_value() == "Ask Irene"
    assert page.locator("#action_role").input_value() == "matron"
    page.screenshot(path=Path("build/screens") / "huddle-1366.png", full_page=True)
    page.close()


@pytest.mark.parametrize(
    "asked",
    ["nurse /huddle/C3", "nurse /huddle/A1", "nurse /huddle-sheet/A1", "quality /accreditation/A1"],
)
def test_the_pages_are_clean_by_axe_core(chromium: Browser, ward: Site, asked: str) -> None:
    who, path = asked.split()
    context = chromium.new_context(viewport={"width": 800, "height": 1100})
    context.add_cookies([{"name": "session", "value": ward.tokens[who], "url": ward.address}])
    page = context.new_page()
    page.goto(f"{ward.address}{path}")
    assert faults(page) == []
    if path.startswith("/accreditation"):
        page.get_by_role("button", name="Enter").first.click()
        page.wait_for_selector(".faults")
        assert faults(page) == []
    context.close()
