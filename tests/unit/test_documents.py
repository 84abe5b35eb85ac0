"""What the documents say is so: generated pages are up to date, examples load, commands, tests and links exist."""

from __future__ import annotations

import argparse
import re
import shlex
import sqlite3
import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, get_args

import pytest

from connectors.packs import check_feeds
from surveillance.cli import parser
from surveillance.documents import documents
from surveillance.feeds.data import FeedState
from surveillance.measures import EVERYTHING
from surveillance.measures.site import check_names
from surveillance.opening import open_site
from surveillance.polling.collect import collect
from surveillance.replay.source_files import FILES
from surveillance.settings import DEFAULT_PROFILES, Pack, Section, Settings, parse

ROOT = Path(__file__).parents[2]
CONNECTING = ROOT / "docs" / "connect-your-hospital.md"
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md")])
SMALLEST = {
    "site": {"name": "-"},
    "wards": [{"code": code, "name": code, "division": "MED", "site": "RIV"} for code in ("W1", "W2")],
    "divisions": [{"code": "MED", "name": "-"}],
    "sites": [{"code": "RIV", "name": "-"}],
}
"""What a piece of configuration leaves out."""

AS_AT = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
TABLES = """
CREATE TABLE patient (patient_id TEXT, sex TEXT);
CREATE TABLE admission (admission_id TEXT, patient_id TEXT, admitted_at TEXT, discharged_at TEXT, age_at_admission INT);
CREATE TABLE bed_stay (admission_id TEXT, ward TEXT, bed TEXT, from_time TEXT, to_time TEXT);
CREATE TABLE form (admission_id TEXT, form_name TEXT, status TEXT, assessed_at TEXT, entered_at TEXT, total INT);
INSERT INTO patient VALUES ('p1', 'F');
INSERT INTO admission VALUES ('a1', 'p1', '2026-11-20 08:00:00', NULL, 71);
INSERT INTO bed_stay VALUES ('a1', 'WILLOW', '3', '2026-11-20 09:00:00', NULL);
INSERT INTO form VALUES ('a1', 'VTE v3', 'Signed', '2026-11-20 10:00:00', '2026-11-20 10:05:00', NULL);
"""
"""What the example's queries read, with one patient; times as text, for SQLite has no others."""


def blocks(page: Path) -> list[tuple[str, str]]:
    """(language, text) of every fenced block; those that name a file are run by ``test_connect_in_a_day``."""
    text = re.sub(r"^```\w+ .*?^```\n", "", page.read_text("utf-8"), flags=re.DOTALL | re.MULTILINE)
    return re.findall(r"^```(\w*)\n(.*?)^```", text, re.DOTALL | re.MULTILINE)


def prose(page: Path) -> str:
    return re.sub(r"^```.*?^```", "", page.read_text("utf-8"), flags=re.DOTALL | re.MULTILINE)


def spans(page: Path) -> list[str]:
    return re.findall(r"`([^`\n]+)`", prose(page))


# Generated pages


@pytest.mark.parametrize("name", sorted(documents()))
def test_a_generated_page_is_what_the_code_says(name: str) -> None:
    assert (ROOT / "docs" / name).read_text("utf-8") == documents()[name], "run: make docs"


def test_every_measure_is_written_up_with_its_owner_and_its_standard() -> None:
    page = documents()["measures.md"]
    for measure in EVERYTHING.values():
        text = page.split(f"(`{measure.id}`)")[1].partition("\n#")[0]
        for fact in ("Counts", "Standard", "Evidence", "Reads", "Adds up by", "Watch and act", "Owner", "Version"):
            assert f"**{fact}:**" in text, (measure.id, fact)


# The configuration


def files_of_the_example() -> dict[str, str]:
    """File name → the block that follows its name."""
    text = CONNECTING.read_text("utf-8")
    named = re.findall(r"`([\w/]+\.(?:toml|sql))`:\n\n```\w+\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    return dict(named)


def test_the_complete_example_connects_a_hospital(tmp_path: Path) -> None:
    files = files_of_the_example()
    assert set(files) == {"hospital.toml", "queries/spell.sql", "queries/ward_stay.sql", "queries/assessment.sql"}
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    with sqlite3.connect(tmp_path / "epr.sqlite") as database:
        database.executescript(TABLES)
    database.close()
    opened = open_site(tmp_path / "hospital.toml", {"EPR_URL": f"sqlite:///{tmp_path / 'epr.sqlite'}"})
    answers = collect(opened.readers, AS_AT, {"ward_stay": 1})
    assert {name: (data.state, data.rows, data.rejected) for name, data in answers.items()} == {
        name: (FeedState.CURRENT, 1, {}) for name in ("spell", "ward_stay", "assessment")
    }
    assert answers["ward_stay"].frame is not None
    assert list(answers["ward_stay"].frame["ward_code"]) == ["W1"]


def toml_blocks() -> list[Any]:
    found = [(page, text) for page in PAGES for language, text in blocks(page) if language == "toml"]
    return [pytest.param(page, text, id=f"{page.name}-{number}") for number, (page, text) in enumerate(found)]


@pytest.mark.parametrize(("page", "text"), toml_blocks())
def test_every_piece_of_configuration_has_only_known_keys(page: Path, text: str) -> None:
    content = tomllib.loads(text)
    if text.startswith("# pack.toml"):
        check_feeds(parse(Pack, content, page).feeds, "feeds")
        return
    settings = parse(Settings, SMALLEST | content, page)
    check_names(settings, {name: measure.params for name, measure in EVERYTHING.items()})
    for source in settings.sources.values():
        check_feeds(source.feeds, "feeds")


def sections(model: type[Section]) -> Iterator[type[Section]]:
    """``model`` and every section inside it."""
    yield model
    for field in model.model_fields.values():
        for inner in _inside(field.annotation):
            yield from sections(inner)


def _inside(annotation: Any) -> Iterator[type[Section]]:
    if isinstance(annotation, type) and issubclass(annotation, Section):
        yield annotation
    for argument in get_args(annotation):
        yield from _inside(argument)


def test_every_key_and_profile_is_written_up() -> None:
    text = CONNECTING.read_text("utf-8")
    keys = {key for model in (Settings, Pack) for section in sections(model) for key in section.model_fields}
    written = set(re.findall(r"`(\w+)`", text)) | set(re.findall(r"\[+(\w+)[.\]]", text))
    assert (keys | set(DEFAULT_PROFILES)) - written == set()


def test_every_file_of_the_recorded_hospital_is_listed() -> None:
    text = (ROOT / "docs" / "real-data.md").read_text("utf-8")
    for file in FILES.values():
        assert f"| `{file.name}` | {', '.join(file.columns)} |" in text


# Commands, tests, numbers, links


def commands() -> Iterator[tuple[Path, str]]:
    for page in PAGES:
        lines = [line for language, text in blocks(page) if not language for line in re.split(r"(?<!\\)\n", text)]
        for line in [*lines, *spans(page)]:
            if found := re.match(r"(?:\.venv/bin/)?surveillance( .+|$)", line):
                yield page, found[1].split("#")[0]


def unknown(asked: str) -> list[str]:
    """The words of a command line that the program does not know."""
    options: set[str] = set()
    here, faults = parser(), []
    for number, word in enumerate(shlex.split(asked)):
        options |= set(here._option_string_actions)
        choices = next((one.choices for one in here._actions if isinstance(one, argparse._SubParsersAction)), None)
        if choices and word in choices:
            here = choices[word]
            options |= set(here._option_string_actions)
        elif number == 0 or (word.startswith("--") and word not in options):
            faults.append(word)
    return faults


def test_every_command_that_is_named_exists() -> None:
    found = list(commands())
    assert {"demo", "run", "check", "replay"} <= {asked.split()[0] for _, asked in found if asked.strip()}
    assert [(page.name, asked) for page, asked in found if unknown(asked)] == []


@pytest.mark.parametrize("asked", ["chek --config x", "run --configuration x", "feeds export --to x"])
def test_a_command_that_does_not_exist_is_noticed(asked: str) -> None:
    assert unknown(asked)


def test_every_make_target_that_is_named_exists() -> None:
    targets = set(re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    named = {name for page in PAGES for name in re.findall(r"\bmake ([a-z]+)(?=`|\s+#)", page.read_text("utf-8"))}
    assert named >= {"demo", "test"}
    assert named <= targets


def test_every_test_that_is_named_exists() -> None:
    named = [span for page in PAGES for span in spans(page) if "::" in span]
    assert len(named) > 20
    for span in named:
        path, _, name = span.partition("::")
        assert re.search(rf"^def {name}\(", (ROOT / path).read_text("utf-8"), re.MULTILINE), span


def test_every_metric_that_is_named_exists() -> None:
    given = set(re.findall(r'"(surveillance_\w+)"', (ROOT / "callbacks" / "probes.py").read_text("utf-8")))
    named = {name for page in PAGES for span in spans(page) for name in re.findall(r"\bsurveillance_\w+", span)}
    assert named
    assert named <= given


def anchors(page: Path) -> set[str]:
    """What its headings are called in links, as GitHub makes it."""
    headings = re.findall(r"^#+ (.+)$", prose(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_every_link_leads_somewhere() -> None:
    broken = []
    for page in PAGES:
        for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text("utf-8")):
            if re.match(r"[a-z]+:", target):
                continue
            path, _, anchor = target.partition("#")
            there = (page.parent / path).resolve() if path else page
            if not there.exists() or (anchor and anchor not in anchors(there)):
                broken.append(f"{page.relative_to(ROOT)}: {target}")
    assert broken == []


def test_every_decision_is_listed_and_has_its_three_parts() -> None:
    folder = ROOT / "docs" / "decisions"
    listed = (folder / "README.md").read_text("utf-8")
    for page in sorted(folder.glob("0*.md")):
        text = page.read_text("utf-8")
        assert f"({page.name})" in listed
        assert all(f"**{part}.**" in text for part in ("Context", "Decision", "Consequences")), page.name
        assert text.startswith(f"# {page.name[:4]} ")
