"""Charts in a real browser: Plotly draws them under our own rules, pages fit, answer to keys, and print whole."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from html import unescape
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page

from tests.charted import QUIET_WARD, REASON, WORDS, charts_served, first, hospital
from tests.pdf import sheets

MEASURE = first().id
UNIT = f"/charts/trust/{hospital().site.trust}"
ODD = "/charts/ward/B%2F2%20%26%20more"
COMPARED = f"/charts/measure/{MEASURE}"
PAGES = ("/charts", UNIT, f"{UNIT}/{MEASURE}", f"{ODD}/{MEASURE}", COMPARED, f"/charts/ward/{QUIET_WARD}/{MEASURE}")
DRAWN = (f"{UNIT}/{MEASURE}", f"{ODD}/{MEASURE}", COMPARED)
"""Pages that hold a chart of Plotly's."""
SIZES = ((1920, 1080), (1366, 768), (768, 1024))
A4 = (297, 210)
PAPER = {"width": 1054, "height": 725}
"""A4 lying, less its margins, in CSS pixels."""
CUT_OFF = """width => {
  const wrong = [];
  for (const e of document.querySelectorAll("body *")) {
    const box = e.getBoundingClientRect();
    const seen = getComputedStyle(e).visibility !== "hidden" && box.width > 0 && box.right > 0;
    if (seen && !e.closest(".peek") && (box.right > width + 1 || box.left < -1))
      wrong.push(`${e.outerHTML.slice(0, 80)}: ${Math.round(box.left)} to ${Math.round(box.right)}`);
  }
  return wrong.slice(0, 5);
}"""
OVERLAPPING = """() => {
  const words = [...document.querySelectorAll(".annotation-text, .xtick text, .ytick text")]
    .map(e => [e.textContent, e.getBoundingClientRect()]);
  const wrong = [];
  for (const [i, [one, a]] of words.entries())
    for (const [other, b] of words.slice(i + 1))
      if (a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 3 && b.top < a.bottom - 3)
        wrong.push(`${one} / ${other}`);
  return wrong;
}"""


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with charts_served(tmp_path_factory.mktemp("charts")) as (served, _):
        yield served


@contextmanager
def opened(chromium: Browser, address: str, size: tuple[int, int] = (1366, 768)) -> Iterator[tuple[Page, list[str]]]:
    """A page, and what it complained about or asked of others."""
    page = chromium.new_page(viewport={"width": size[0], "height": size[1]})
    complaints: list[str] = []
    origin = "/".join(address.split("/")[:3])
    page.on("console", lambda said: complaints.append(said.text) if said.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on(
        "request",
        lambda asked: None if asked.url.startswith((origin, "data:", "blob:")) else complaints.append(asked.url),
    )
    try:
        page.goto(address)
        if any(address.endswith(path) for path in DRAWN):
            page.wait_for_selector(".full .main-svg", timeout=30_000)
            page.wait_for_function("() => document.querySelectorAll('.full .annotation-text').length > 2")
        page.evaluate("document.fonts.ready.then(() => true)")
        yield page, complaints
    finally:
        page.close()


@pytest.mark.parametrize("path", DRAWN)
def test_plotly_draws_under_our_own_rules(chromium: Browser, address: str, path: str) -> None:
    with opened(chromium, address + path) as (page, complaints):
        marks = page.locator(".full .points path").count()
        assert marks > (5 if path == COMPARED else 70)
        if path != COMPARED:
            assert not page.locator(".full > .drawing").is_visible(), "the first drawing has given way"
        page.wait_for_timeout(300)
        assert complaints == []


@pytest.mark.parametrize("size", SIZES, ids=lambda size: "x".join(map(str, size)))
@pytest.mark.parametrize("path", PAGES)
def test_a_page_fits_its_screen(chromium: Browser, address: str, path: str, size: tuple[int, int]) -> None:
    with opened(chromium, address + path, size) as (page, _):
        assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
        if path in DRAWN and path != COMPARED:
            assert page.evaluate(OVERLAPPING) == []


def test_a_point_can_be_pointed_at(chromium: Browser, address: str) -> None:
    with opened(chromium, f"{address}{UNIT}/{MEASURE}") as (page, _):
        page.locator(".full .points path").nth(5).hover(force=True)
        page.wait_for_selector(".hoverlayer .hovertext")
        said = page.locator(".hoverlayer").text_content() or ""
        assert re.search(r"week of \d+ \w+ 2025", said)
        assert "wards reporting" in said


def test_the_chart_of_a_row_shows_itself_to_pointer_and_keyboard(chromium: Browser, address: str) -> None:
    with opened(chromium, address + UNIT) as (page, _):
        rows = page.locator(".summary tbody tr")
        last = rows.count() - 1
        for row in (0, last):
            peek = rows.nth(row).locator(".peek")
            assert not peek.is_visible()
            rows.nth(row).locator("td").first.hover()
            assert peek.is_visible()
            page.mouse.move(1, 1)
            assert not peek.is_visible()
            rows.nth(row).locator("th a").focus()
            assert peek.is_visible()
            box = peek.bounding_box()
            assert box
            assert box["x"] >= 0
            assert box["x"] + box["width"] <= 1366
            page.locator(".summary tbody tr th a").nth(3).focus()
            assert not peek.is_visible()


def test_without_javascript_a_drawing_stands_in(chromium: Browser, address: str) -> None:
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    try:
        page.goto(f"{address}{UNIT}/{MEASURE}")
        assert page.locator(".full > .drawing svg").is_visible()
    finally:
        context.close()


def letters(text: str) -> str:
    """Without spaces, which a PDF does not always hold."""
    return re.sub(r"[\s\u200b]", "", text)


@pytest.mark.parametrize("path", PAGES)
def test_a_page_prints_on_a4_without_loss(chromium: Browser, address: str, path: str, tmp_path: Path) -> None:
    with opened(chromium, address + path) as (page, _):
        page.pdf(path=tmp_path / "page.pdf", prefer_css_page_size=True, print_background=False)
        shown = page.locator("main").inner_text()
        annotations = page.locator(".full .annotation-text").all_text_contents()
        hidden = " ".join(page.locator(".ways a, .crumbs").all_inner_texts())
        page.set_viewport_size(PAPER)
        page.emulate_media(media="print")
        assert page.evaluate(CUT_OFF, PAPER["width"]) == []
        assert not page.locator("header nav").is_visible()
    pages = sheets(tmp_path / "page.pdf")
    assert {(round(one.width), round(one.height)) for one in pages} == {A4}
    printed = letters("".join(one.words for one in pages))
    missing = [
        cell
        for line in shown.splitlines()
        for cell in line.split("\t")
        if letters(cell) not in printed and cell.strip() not in hidden
    ]
    assert missing == []
    for said in annotations:
        assert letters(unescape(said)) in printed
    if path == f"{UNIT}/{MEASURE}":
        assert letters(WORDS) in printed
        assert letters(REASON) in printed


def test_printed_colours_are_kept(chromium: Browser, address: str) -> None:
    with opened(chromium, f"{address}{UNIT}/{MEASURE}") as (page, _):
        page.emulate_media(media="print")
        assert page.evaluate("getComputedStyle(document.querySelector('.gap')).webkitPrintColorAdjust") == "exact"


def test_a_file_can_be_downloaded(chromium: Browser, address: str, tmp_path: Path) -> None:
    with opened(chromium, f"{address}{UNIT}/{MEASURE}") as (page, _):
        with page.expect_download() as waiting:
            page.get_by_text("Download CSV").click()
        waiting.value.save_as(tmp_path / "data.csv")
        assert waiting.value.suggested_filename.endswith("-2026-11-25.csv")
    assert (tmp_path / "data.csv").read_bytes() == httpx.get(f"{address}{UNIT}/{MEASURE}/data.csv").content
