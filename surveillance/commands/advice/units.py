"""Wards: units of the source that no ward of the site's file is, and wards in which nobody ever lay."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping

import pandas as pd

from surveillance.commands.advice.lines import to_do
from surveillance.commands.advice.words import LEAST_ROWS, MOST_WORDS, is_plain
from surveillance.feeds.data import FeedData, RawRows
from surveillance.feeds.values import renamed, texts_of
from surveillance.settings import Settings, Ward

COLUMNS = ("ward_code", "worked_ward")
STAYS = "ward_stay"


def rows_by_unit(frame: pd.DataFrame, column: str = COLUMNS[0]) -> dict[str, int]:
    """Unit → rows."""
    return {str(unit): int(number) for unit, number in frame[column].dropna().value_counts(sort=False).items()}


def raw_rows_by_unit(raw: RawRows, words: Mapping[str, str]) -> dict[str, int]:
    """Unit → rows, of an answer that the gate did not let through."""
    named = next((name for name in raw.frame.columns if str(name).lower() == COLUMNS[0]), None)
    if named is None:
        return {}
    units = pd.Series([renamed(text, words) for text in texts_of(raw.frame[named].dropna())], dtype=object)
    return {str(unit): int(number) for unit, number in units.dropna().value_counts(sort=False).items()}


def of_no_ward(by_unit: Mapping[str, int], settings: Settings, not_wards: Collection[str]) -> dict[str, int]:
    """Those units that no ward is, the largest first; without those of which the pack says that they are none."""
    known = {ward.code for ward in settings.wards} | set(not_wards)
    found = {unit: number for unit, number in by_unit.items() if unit not in known}
    return dict(sorted(found.items(), key=lambda item: (-item[1], item[0])))


def unlisted(where: str, found: Mapping[str, int], now: Mapping[str, int], settings: Settings, site: str) -> list[str]:
    """What to write for units that no ward is, as far as their names may be shown. ``now``: unit → patients in bed."""
    shown = [unit for unit in list(found)[:MOST_WORDS] if found[unit] >= LEAST_ROWS and is_plain(unit)]
    lines = []
    for unit in shown:
        patients = f"; {now[unit]} patients lie there now" if unit in now else ""
        lines.append(f"{where}: {found[unit]} rows of {_quoted(unit)}, which is no ward{patients}")
    if hidden := len(found) - len(shown):
        more = f"{hidden} {'more ' if shown else ''}{'unit is' if hidden == 1 else 'units are'}"
        lines.append(f"{where}: {more} no ward, and not named here")
    if not shown:
        return lines
    called = {unit: ward for unit in shown if (ward := _called(unit, settings)) is not None}
    for unit, ward in called.items():
        lines += to_do(f"{site}, [[wards]] {ward.code}: it is called so; add it to source_codes = [{_quoted(unit)}]")
    if set(shown) - set(called):
        lines += to_do(
            f"{site}: write a [[wards]] for each that is a ward; or, where it is another name of a ward that stands "
            "there, add it to that ward's source_codes; of the others nothing: /status goes on counting them"
        )
    return lines


def _called(unit: str, settings: Settings) -> Ward | None:
    """The ward of the file with this name or code, capitals aside."""
    names = {name.casefold(): ward for ward in settings.wards for name in (ward.name, ward.code)}
    return names.get(unit.casefold())


def _quoted(unit: str) -> str:
    return json.dumps(unit, ensure_ascii=False)


def never_seen(data: FeedData, settings: Settings, site: str) -> list[str]:
    """Wards of the file without a single stay in all that the source gave: their code may be wrong."""
    if data.frame is None or data.frame.empty:
        return []
    there = set(data.frame["ward_code"])
    return [
        f"ward {ward.code} ({ward.name}): nobody has lain there as far back as {data.source} was asked: "
        f"does {site} list the name by which it knows the ward?"
        for ward in settings.wards
        if ward.code not in there
    ]
