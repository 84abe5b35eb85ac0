"""The page about the packs that come with the program: what each gives and does not give, feed by feed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import takewhile

from connectors.fhir.connector import NOT_TOLD
from connectors.packs import MANIFEST, PACKS, load_pack, pack_names
from surveillance.feeds import FEEDS
from surveillance.measures import EVERYTHING
from surveillance.settings import Pack

COMMENT = re.compile(r"--[^\n]*|/\*.*?\*/", re.DOTALL)


def packs_page(written_by: str) -> str:
    """Markdown; ``written_by`` says at its top that it is generated."""
    packs = {name: load_pack(name) for name in pack_names()}
    lines = [
        "# Packs",
        "",
        written_by,
        "",
        "A pack is one system's queries and words. These come with the program, and `surveillance packs list` names "
        "them. A site gives one by its name (`pack` of [a source](connect-your-hospital.md#sourcesname)), changes "
        "single feeds in its own file, or makes a pack of its own of it: `surveillance packs copy PACK FOLDER`. For a "
        "system that is not here, start from [the template](#template).",
        "",
        "What a pack does not give is shown as *Not connected*, never as 0. *Without* names columns of "
        "[the table](feeds.md) that its query leaves out. The measures are those whose feeds and columns are all "
        "there. That is not yet an answer: some ask for something of the site too, such as its list of critical "
        "medicines, and a feed may hold a part of what it could.",
    ]
    for name, pack in packs.items():
        lines += ["", f"## {name}", "", f"**{pack.title}.**", *_introduction(name), "", *_table(pack)]
    return "\n".join(lines) + "\n"


def not_given(pack: Pack, feed: str) -> list[str]:
    """The columns of the canonical table that the query of ``feed`` does not name."""
    path = pack.feeds[feed].sql
    if path is None:
        return [name for name in FEEDS[feed].names if pack.speaks == "fhir" and name in NOT_TOLD.get(feed, ())]
    bare = COMMENT.sub(" ", path.read_text(encoding="utf-8")).lower()
    return [name for name in FEEDS[feed].names if not re.search(rf"(?<!['\w.]){name}(?!['\w.])", bare)]


def measures_of(pack: Pack) -> list[str]:
    """The measures and forecasts whose feeds and columns the pack has."""
    given = {(feed, name) for feed in pack.feeds for name in set(FEEDS[feed].names) - set(not_given(pack, feed))}
    return [
        measure.id
        for measure in EVERYTHING.values()
        if set(measure.feeds) <= set(pack.feeds) and set(measure.needs) <= given
    ]


def _introduction(name: str) -> Iterator[str]:
    """The comment with which the manifest begins, after an empty line."""
    lines = (PACKS / name / MANIFEST).read_text(encoding="utf-8").splitlines()
    comment = list(takewhile(lambda line: line.startswith("#"), lines))
    if comment:
        yield ""
    for line in comment:
        yield line.removeprefix("#").removeprefix(" ").replace("<", "&lt;")


def _table(pack: Pack) -> Iterator[str]:
    yield "| feed | given |"
    yield "|---|---|"
    for feed in FEEDS:
        if feed in pack.feeds:
            absent = ", ".join(f"`{name}`" for name in not_given(pack, feed))
            yield f"| `{feed}` | yes{f', without {absent}' if absent else ''} |"
        elif feed in pack.cannot_tell:
            yield f"| `{feed}` | not connected: {pack.cannot_tell[feed]} |"
    if set(pack.feeds) < set(FEEDS) and (measures := measures_of(pack)):
        yield ""
        yield f"Measures: {', '.join(f'`{name}`' for name in measures)}."
