"""Which wards, columns and charts stand on which page of an executive wall; lines of the matrix have fixed places."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from pathlib import Path

from surveillance.errors import nearest
from surveillance.measures import CATALOGUE, Measure
from surveillance.measures.declaration import RollUp
from surveillance.rollup import units
from surveillance.settings import Executive, Figure, Settings, Ward, parse, read_toml

OWN = Path(__file__).with_name("wall.toml")
CHARTS_A_PAGE = 3
UPRIGHT_ROWS = 14
LISTS = ("headline", "columns", "urgent", "levels", "charts")


@dataclass(frozen=True, slots=True)
class Column:
    """A measure with its words on this wall."""

    measure: Measure
    label: str
    words: str


@dataclass(frozen=True, slots=True)
class Unit:
    """Whose wall it is. ``kind``: trust, system, division or site."""

    kind: str
    code: str
    name: str
    wards: tuple[Ward, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """A place in the matrix: a division's own line, or the ``place``-th of its wards in the order that is shown."""

    division: str
    place: int | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """One page. ``key``: begins every id on it."""

    key: str
    lines: tuple[Line, ...]
    charts: tuple[Measure, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """The wall of one unit."""

    unit: Unit
    settings: Settings
    shown: Executive
    headline: tuple[Column, ...]
    columns: tuple[Column, ...]
    levels: tuple[Measure, ...]
    pages: tuple[Page, ...]
    divisions: dict[str, str]

    @property
    def wards_of(self) -> dict[str, tuple[Ward, ...]]:
        """Division → its wards in this unit, as the organisation lists them."""
        return {
            code: tuple(ward for ward in self.unit.wards if ward.division == code)
            for code in dict.fromkeys(line.division for page in self.pages for line in page.lines)
        }


def own_lists() -> Executive:
    """The lists that the program brings along."""
    return _read()


@cache
def _read() -> Executive:
    return parse(Executive, read_toml(OWN), OWN)


def shown_of(settings: Settings) -> Executive:
    """The site's lists, each that it leaves empty replaced by the program's own."""
    own, given = own_lists(), settings.executive
    return given.model_copy(update={name: getattr(given, name) or getattr(own, name) for name in LISTS})


def executive_faults(settings: Settings) -> list[str]:
    """What is wrong with the site's own lists; a line each."""
    given, faults = settings.executive, []
    named = {
        "headline": [one.measure for one in given.headline],
        "columns": [one.measure for one in given.columns],
        **{name: list(getattr(given, name)) for name in ("urgent", "levels", "charts")},
    }
    for key, names in named.items():
        unknown = [name for name in names if name not in CATALOGUE]
        faults += [f"executive.{key}: unknown measure '{name}'; {nearest(name, CATALOGUE)}" for name in unknown]
        faults += [
            f"executive.{key}: '{name}' stands twice" for name in sorted({n for n in names if names.count(n) > 1})
        ]
    known = {key: [CATALOGUE[name] for name in names if name in CATALOGUE] for key, names in named.items()}
    faults += [f"executive.charts: '{one.id}' is not charted" for one in known["charts"] if one.charted is None]
    faults += [
        f"executive.levels: '{one.id}' has no levels" for one in known["levels"] if one.rollup is not RollUp.LEVELS
    ]
    return faults


def unit_of(settings: Settings, code: str, only: str = "") -> Unit | None:
    """The unit of a code; the trust for none. ``only``: of this kind, where two kinds share a code."""
    names = {unit.code: unit.name for unit in (*settings.divisions, *settings.sites)}
    site = settings.site
    names |= {site.trust: site.trust_name or site.name, site.system or "": site.system or ""}
    wards = {ward.code: ward for ward in settings.wards}
    for kind, unit, codes in sorted(units(settings), key=lambda one: one[0] != "trust"):
        if unit == (code or site.trust) and only in ("", kind):
            return Unit(kind, unit, names[unit], tuple(wards[one] for one in codes))
    return None


def charts_on_walls(settings: Settings) -> list[tuple[str, str, str]]:
    """(kind, code, measure) of every chart that an executive wall of the site can show."""
    return [(kind, code, name) for kind, code, _ in units(settings) for name in shown_of(settings).charts]


def plan(settings: Settings, unit: Unit, *, upright: bool = False) -> Plan:
    """The pages of a unit's wall. ``upright``: names are broken into lines there, so a page holds fewer wards."""
    shown = shown_of(settings)
    charts = [CATALOGUE[name] for name in shown.charts if name in CATALOGUE and CATALOGUE[name].charted]
    sets = [tuple(charts[start : start + CHARTS_A_PAGE]) for start in range(0, len(charts), CHARTS_A_PAGE)] or [()]
    chunks = _chunks(_lines(settings, unit), min(shown.rows, UPRIGHT_ROWS) if upright else shown.rows)
    number = max(len(chunks), len(sets))
    pages = tuple(Page(f"{place}-", chunks[place % len(chunks)], sets[place % len(sets)]) for place in range(number))
    return Plan(
        unit,
        settings,
        shown,
        _columns(shown.headline),
        _columns(shown.columns),
        tuple(CATALOGUE[name] for name in shown.levels if name in CATALOGUE),
        pages,
        {one.code: one.name for one in settings.divisions},
    )


def _columns(figures: Sequence[Figure]) -> tuple[Column, ...]:
    """Those of the catalogue; the label says what the words do not."""
    return tuple(
        Column(measure, one.label or measure.on_wall, one.words or one.label or measure.on_wall)
        for one in figures
        if (measure := CATALOGUE.get(one.measure))
    )


def _lines(settings: Settings, unit: Unit) -> list[Line]:
    order = [division.code for division in settings.divisions]
    wards = sorted(unit.wards, key=lambda ward: order.index(ward.division))
    lines: list[Line] = []
    for division, members in groupby(wards, key=lambda ward: ward.division):
        lines.append(Line(division))
        lines += [Line(division, place) for place, _ in enumerate(members)]
    return lines


def _chunks(lines: Sequence[Line], rows: int) -> list[tuple[Line, ...]]:
    """Pages of about equal length; one that begins inside a division begins with its line again."""
    pages = max(1, -(-len(lines) // (rows - 1)))
    size = -(-len(lines) // pages)
    chunks: list[tuple[Line, ...]] = []
    rest = list(lines)
    while rest:
        cut = rest[: size - 1 if rest[0].place is not None else size]
        if len(cut) < len(rest) and cut[-1].place is None:  # a division's line does not stand alone at the end
            cut = cut[:-1]
        rest = rest[len(cut) :]
        chunks.append(tuple([Line(cut[0].division), *cut] if cut[0].place is not None else cut))
    return chunks or [()]
