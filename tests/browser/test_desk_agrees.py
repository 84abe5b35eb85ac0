"""The number on a ward's wall and the rows on its desk agree, snapshot after snapshot, while the hospital goes on.

Both stand open in a real browser. What the wall shows at a moment is told by the version in its page and by the frames
of its stream; the desk's page says itself of which snapshot it is. Only what is of one snapshot is compared.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from surveillance.access.access import Access
from surveillance.access.people import Granted, Person, Role
from surveillance.demo.hospital import create
from surveillance.measures import EVERYTHING
from surveillance.measures.declaration import Kind
from surveillance.settings import load_settings
from surveillance.store import open_database, store_url
from tests.programs import answers, free_port, program, until

WARD = "RESP"
SNAPSHOTS = 30 if os.environ.get("WALL_FAULTS") == "full" else 20
LONGEST_S = 240
COUNTS = [name for name, measure in EVERYTHING.items() if measure.kind in (Kind.COUNT, Kind.TWO_COLUMN)]
HEARING = """(() => {
  window.heard = {};
  const ask = window.fetch;
  window.fetch = async (...asked) => {
    const answer = await ask(...asked);
    if (!`${asked[0]}`.startsWith("/stream/") || !answer.body) return answer;
    const [own, copy] = answer.body.tee();
    (async () => {
      let text = "";
      const reader = copy.pipeThrough(new TextDecoderStream()).getReader();
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return;
        text += value;
        for (let end = text.indexOf("\\n\\n"); end >= 0; end = text.indexOf("\\n\\n")) {
          const frame = JSON.parse(text.slice("data: ".length).split("\\n")[0]);
          text = text.slice(end + 2);
          if (frame.made) (window.heard[frame.v] ||= []).push(frame.made.toFixed(3));
        }
      }
    })().catch(() => {});
    return new Response(own, answer);
  };
})()"""
ON_THE_WALL = """names => {
  const version = document.querySelector("#live #version")?.textContent;
  const numbers = {};
  for (const element of document.querySelectorAll("#live [id]")) {
    const name = element.id.replace(/^\\d+-/, "");
    if (!names.includes(name) || name === element.id) continue;
    const said = part => document.getElementById(`${element.id}-${part}`)?.textContent;
    const parts = said("n") !== undefined ? [said("n")] : [said(0), said(1)].filter(one => one !== undefined);
    numbers[name] = element.className.includes("value") ? parts : null;
  }
  return { version, made: window.heard[version] || [], numbers };
}"""
ON_THE_DESK = """() => {
  const shown = document.querySelector("#shown");
  const parts = {};
  window.dash_ag_grid.getApi("grid").forEachNode(node => {
    const part = node.data.part || "";
    parts[part] = (parts[part] || 0) + 1;
  });
  const numbers = {};
  for (const link of document.querySelectorAll("#nav a.value")) {
    const badge = link.querySelector(".badge").cloneNode(true);
    badge.querySelectorAll(".shape, .unseen").forEach(one => one.remove());
    numbers[link.dataset.measure] = badge.textContent.trim();
  }
  return { made: shown.dataset.made, measure: shown.dataset.measure, parts, numbers };
}"""


@contextmanager
def hospital(folder: Path) -> Iterator[tuple[str, str]]:
    """(address, what the browser of one of the ward's staff holds): a simulated hospital, sixty times as fast."""
    config = create(folder, seed=5, start=datetime.now(UTC), speed=60, days=2, wards=("AMU", WARD)).config
    if "[access]" not in (text := config.read_text("utf-8")):
        config.write_text(f"{text}\n[access]\nlocal_accounts = true\n", "utf-8")
    settings, port = load_settings(config), free_port()
    address = f"http://127.0.0.1:{port}"
    live = subprocess.Popen([sys.executable, "-m", "surveillance.demo.live", str(folder)])
    try:
        with program("run", "--config", config, "--port", port):
            until(lambda: answers(f"{address}/readyz"), 120)
            database, access = open_database(store_url(settings.store)), Access()
            opened = access.open(settings, database)
            staff = Person("s.marsh", "S. Marsh", "local", (Granted(Role.WARD_STAFF, wards=(WARD,)),))
            yield address, opened.sessions.begin(staff, "127.0.0.1")[0]
            access.close()
            database.close()
    finally:
        live.terminate()
        live.wait(10)


def one_sample(wall: Page, desk: Page, name: str) -> tuple[str, str, int]:
    """(snapshot, what differs, rows) of one measure on both pages; no snapshot where they show two."""
    before, listed, after = wall.evaluate(ON_THE_WALL, COUNTS), desk.evaluate(ON_THE_DESK), None
    desk.wait_for_timeout(50)  # what is drawn in two steps is looked at twice
    again, after = desk.evaluate(ON_THE_DESK), wall.evaluate(ON_THE_WALL, COUNTS)
    same = before["version"] == after["version"] and listed == again and listed["measure"] == name
    if not same or listed["made"] not in after["made"]:
        return "", "", 0
    return listed["made"], difference(name, after["numbers"], listed), sum(listed["parts"].values())


def difference(name: str, wall: dict[str, Any], desk: dict[str, Any]) -> str:
    """What is not the same of one snapshot; empty where all is."""
    wrong = []
    for measure, numbers in wall.items():
        if numbers is None and measure not in desk["numbers"]:
            continue
        if numbers is None or desk["numbers"].get(measure) != numbers[0]:
            wrong.append(f"{measure}: {numbers} on the wall, {desk['numbers'].get(measure)} in the desk's list")
    numbers = wall.get(name)
    if numbers is not None:
        measure = EVERYTHING[name]
        words = measure.part_labels if len(measure.parts) > 1 else ("",)
        rows = [f"{desk['parts'].get(one, 0)}" for one in words][: len(numbers)]
        known = [(number, row) for number, row in zip(numbers, rows, strict=True) if number != "–"]
        if any(number != row for number, row in known):
            wrong.append(f"{name}: {numbers} on the wall, rows {desk['parts']}")
    return "; ".join(wrong)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    with hospital(tmp_path_factory.mktemp("hospital")) as found:
        yield found


def test_the_wall_and_the_desk_agree_at_every_moment(chromium: Browser, running: tuple[str, str]) -> None:
    address, token = running
    compared: Counter[str] = Counter()
    snapshots, wrong, rows = set(), [], 0
    apart = [chromium.new_context(viewport={"width": 1366, "height": 768}) for _ in range(2)]
    try:
        wall, desk = (context.new_page() for context in apart)
        apart[1].add_cookies([{"name": "session", "value": token, "url": address}])
        wall.add_init_script(HEARING)
        wall.goto(f"{address}/ward/{WARD}")
        wall.wait_for_selector("#live > #wall")
        desk.goto(f"{address}/desk/{WARD}?measure={COUNTS[0]}")
        desk.wait_for_selector(".ag-row")
        listed = [name for name in COUNTS if desk.locator(f"#to-{name}").count()]
        deadline = monotonic() + LONGEST_S
        while (len(snapshots) < SNAPSHOTS or min(compared[one] for one in listed) < 2) and monotonic() < deadline:
            for name in listed:
                desk.click(f"#to-{name}")
                desk.wait_for_function("name => document.querySelector('#shown').dataset.measure === name", arg=name)
                made, differs, many = one_sample(wall, desk, name)
                if made:
                    snapshots.add(made)
                    compared[name] += 1
                    rows += many
                if differs:
                    wrong.append(f"{made}: {differs}")
    finally:
        for context in apart:
            context.close()
    assert wrong == []
    assert len(snapshots) >= SNAPSHOTS
    assert len(listed) > 15
    assert min(compared[one] for one in listed) >= 2
    assert rows > 100, "there was something to compare"


@pytest.mark.parametrize(
    ("wall", "parts", "listed", "differs"),
    [
        (["3", "1"], {"Not done": 3, "Review": 1}, "3", False),
        (["3", "–"], {"Not done": 3}, "3", False),
        (["3", "1"], {"Not done": 3, "Review": 2}, "3", True),
        (["3", "1"], {"Not done": 4, "Review": 1}, "3", True),
        (["3", "1"], {"Not done": 3, "Review": 1}, "4", True),
        (["0", "0"], {}, "0", False),
        (None, {"Not done": 1}, "1", True),
    ],
)
def test_a_difference_is_noticed(wall: Any, parts: dict[str, int], listed: str, differs: bool) -> None:
    found = difference("ra_vte", {"ra_vte": wall}, {"parts": parts, "numbers": {"ra_vte": listed}})
    assert bool(found) is differs
