"""The guide "Connect your hospital in a day" is followed step by step: what it writes is written, what it runs is run.

Its named blocks are the files of a site, its ``console`` blocks what a terminal shows. At the end the second record,
connected by nothing but these files, says of every ward what the simulated hospital says from which it was made.
"""

from __future__ import annotations

import difflib
import re
import shlex
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import orjson
import pytest

from surveillance.cli import main
from surveillance.commands.advice.asked import CAN_WRITE
from surveillance.compose import compose
from surveillance.demo.second.hospital import FIRST, GUIDE_AT
from surveillance.feeds.data import FeedData
from surveillance.measures import EVERYTHING
from surveillance.measures.requirements import ALLERGY_BANDS, ASSISTED_BANDS, LOW_BANDS
from surveillance.measures.site import Site
from surveillance.opening import open_site
from surveillance.polling.collect import collect
from surveillance.snapshot_json import snapshot_to_json

GUIDE = Path(__file__).parents[2] / "docs" / "connect-in-a-day.md"
BLOCK = re.compile(r"^```(\w+)(?: (\S+))?(?: (add))?\n(.*?)^```", re.DOTALL | re.MULTILINE)
EARLIER = GUIDE_AT - timedelta(hours=31)
LEFT_OUT = "…"
"""A line that stands for any number of lines."""
FAMILIES = {
    "spell", "ward_stay", "patient_identity", "assessment", "obs_set", "obs_plan", "order", "dose_event", "lab_result",
    "flag", "duty", "census_staffing",
}  # fmt: skip
"""What the guide has to connect at least."""


class Block(NamedTuple):
    """One block of the guide. ``add``: it is put behind what the file holds."""

    kind: str
    file: str
    add: bool
    text: str


def blocks() -> list[Block]:
    found = BLOCK.findall(GUIDE.read_text("utf-8"))
    return [Block(kind, file, bool(add), text) for kind, file, add, text in found]


class Terminal:
    """Does in a folder what the guide's reader does."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self.monkeypatch = monkeypatch
        self.capsys = capsys

    def write(self, block: Block) -> None:
        path = self.folder / block.file
        path.parent.mkdir(exist_ok=True)
        if block.kind == "diff":
            path.write_text(patched(path.read_text("utf-8"), block.text), "utf-8")
        elif block.add:
            path.write_text(f"{path.read_text('utf-8')}\n{block.text}", "utf-8")
        else:
            path.write_text(block.text, "utf-8")

    def run(self, block: Block) -> str:
        """What the commands of the block print."""
        self.capsys.readouterr()
        shown = []
        for line in block.text.splitlines():
            if not line.startswith("$ "):
                continue
            words = shlex.split(line.removeprefix("$ "))
            if words[0] == "export":
                self.monkeypatch.setenv(*words[1].split("=", 1))
                shown.append(line)
                continue
            assert words[0] == "surveillance", line
            main(words[1:])
            printed = self.capsys.readouterr()
            shown += [line, *(printed.out + printed.err).splitlines()]
        return "\n".join(shown)


def patched(text: str, changes: str) -> str:
    """``text`` with the lines that ``changes`` strikes out replaced by those it adds; each is there exactly once."""
    for old, new in re.findall(r"((?:^-.*\n)*)((?:^\+.*\n)*)", changes, re.MULTILINE):
        if not old and not new:
            continue
        before, after = (re.sub(r"^[-+]", "", lines, flags=re.MULTILINE) for lines in (old, new))
        assert text.count(before) == 1, before
        text = text.replace(before, after)
    return text


def normal(line: str) -> str:
    """A line without what differs from one computer to the next: durations, and the widths that follow from them."""
    return re.sub(r"[ -]{2,}", "  ", re.sub(r"\b\d+\.\d\d s\b", "#.## s", line)).rstrip()


def agrees(written: str, printed: str) -> bool:
    """Whether the guide shows what was printed; a line "…" stands for lines that it leaves out."""
    lines = [re.escape(normal(line)) + "\n" for line in written.splitlines()]
    pattern = "".join(r"(?:.*\n)*?" if line == re.escape(LEFT_OUT) + "\n" else line for line in lines)
    return re.fullmatch(pattern, "".join(normal(line) + "\n" for line in printed.splitlines())) is not None


def answers(config: Path, as_at: datetime) -> dict[str, FeedData]:
    return collect(open_site(config).readers, as_at)


def said(site: Site, feeds: dict[str, FeedData], as_at: datetime = GUIDE_AT) -> dict[str, Any]:
    """Everything of the snapshot but which source it came from and when that was asked."""
    content: dict[str, Any] = dict(snapshot_to_json(compose(site, feeds, as_at)[0], {}))
    del content["sources"]
    for one in [*content["rollups"], *(reading for ward in content["wards"] for reading in _readings(ward))]:
        del one["source"]
    return content


def _readings(ward: dict[str, Any]) -> list[dict[str, Any]]:
    return [*ward["readings"], *ward["forecasts"]]


def canonical(content: object) -> bytes:
    return orjson.dumps(content, option=orjson.OPT_SORT_KEYS)


def test_the_guide_connects_a_hospital(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    terminal = Terminal(tmp_path, monkeypatch, capsys)
    for block in blocks():
        if block.file:
            terminal.write(block)
        elif block.kind == "console":
            printed = terminal.run(block)
            if not agrees(block.text, printed):
                both = (block.text.splitlines(), printed.splitlines())
                pytest.fail("\n".join(difflib.unified_diff(*both, "the guide", "what is shown")))

    second, hospital = tmp_path / "hospital.toml", tmp_path / FIRST / "hospital.toml"
    site, connected, first = open_site(second).site, answers(second, GUIDE_AT), answers(hospital, GUIDE_AT)
    assert set(connected) >= FAMILIES
    assert set(first) > set(connected), "something has to be left out, so that it is seen to be not connected"

    # With the same feeds connected, both hospitals say the same of everything.
    ours = said(site, connected)
    assert canonical(ours) == canonical(said(site, {name: first[name] for name in connected}))

    # Also of a moment of which a part had not happened yet.
    then, other = answers(second, EARLIER), answers(hospital, EARLIER)
    of_then = said(site, then, EARLIER)
    assert canonical(of_then) == canonical(said(site, {name: other[name] for name in connected}, EARLIER))
    assert canonical(of_then) != canonical(ours)

    # With everything connected the first says no more of the measures of which the second has all feeds.
    whole = said(site, first)
    compared = set()
    for ward, of_first in zip(ours["wards"], whole["wards"], strict=True):
        for reading, other in zip(_readings(ward), _readings(of_first), strict=True):
            measure = EVERYTHING[reading["measure"]]
            if set(measure.feeds) <= set(connected):
                assert canonical(reading) == canonical(other), (ward["code"], measure.id)
                compared.add(measure.id)
            else:
                assert reading["state"] in ("not_connected", "not_applicable"), (ward["code"], measure.id)
    assert len(compared) > 40


def test_what_the_guide_quotes_of_a_login_that_can_write_is_said() -> None:
    assert CAN_WRITE.format("epr") in GUIDE.read_text("utf-8")


def test_the_guide_lists_the_words_that_count_in_columns_of_text() -> None:
    """``check`` cannot tell that one is missing."""
    text = GUIDE.read_text("utf-8")
    assert [word for word in (*ALLERGY_BANDS, *LOW_BANDS, *ASSISTED_BANDS) if f"`{word}`" not in text] == []


def test_a_reader_sees_above_each_block_which_file_it_is() -> None:
    """The name behind the ``` is not shown by whatever draws the page."""
    captions = re.findall(r"^(.*)\n\n```(?=\w+ \S)", GUIDE.read_text("utf-8"), re.MULTILINE)
    of_files = [block for block in blocks() if block.file]
    words = [f"Add to `{one.file}`:" if one.add else f"`{one.file}`:" for one in of_files]
    changes = [f"Change {line}" if one.kind == "diff" else line for one, line in zip(of_files, words, strict=True)]
    assert captions == changes


def test_another_demo_is_asked_for_by_its_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["demo", "second-epr", str(tmp_path / "new"), "--of", str(tmp_path)]) == 2
    assert "no simulated hospital stands here" in capsys.readouterr().err


def test_a_block_that_shows_something_else_is_noticed() -> None:
    assert agrees("$ x\na  0.02 s\n…\nd\n", "$ x\na   12.07 s\nb\nc\nd")
    assert not agrees("a\nb\n", "a\nb\nc")
    assert not agrees("a\n…\nd\n", "a\nb\nc")
    assert patched("a\nb\nc\n", "-b\n+B\n+BB\n") == "a\nB\nBB\nc\n"
