"""Which measures stand where on a wall: the site's layout, else the one beside this file; no measure is left out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from surveillance.errors import nearest
from surveillance.measures import EVERYTHING, Measure
from surveillance.measures.declaration import Kind
from surveillance.settings import Density, Screen, Section, Settings, WallSection, Ward, parse, read_toml

BOARD = Path(__file__).with_name("board.toml")
PLACES = ("left", "middle", "right")
TILES_A_PAGE = 9
"""Of density ``distance``: three rows of three are read from 5 m on a screen of 55 inches."""

HEADLINE: Measure = next(iter(EVERYTHING.values()))
"""The measure that stands in the header: the first of the catalogue."""


class _Board(Section):
    sections: tuple[WallSection, ...]


@dataclass(frozen=True, slots=True)
class Panel:
    """A section of a wall with the measures that stand in it."""

    section: WallSection
    tiles: tuple[Measure, ...] = ()
    matrix: tuple[tuple[Measure, ...], ...] = ()
    table: tuple[Measure, ...] = ()
    scale: tuple[Measure, ...] = ()
    lines: tuple[Measure, ...] = ()

    @property
    def measures(self) -> tuple[Measure, ...]:
        """Every measure in it, in the order in which they are read."""
        return (*self.tiles, *(one for row in self.matrix for one in row), *self.table, *self.scale, *self.lines)


@dataclass(frozen=True, slots=True)
class Page:
    """What a screen shows at one time. ``key``: begins every id on it."""

    key: str
    ward: Ward
    where: str
    density: Density
    panels: tuple[Panel, ...]
    dwell_s: float
    for_staff: bool = True
    """Whether it shows what the team says; visitors are not told."""

    @property
    def measures(self) -> tuple[Measure, ...]:
        """Every measure on the page, the headline first."""
        return (HEADLINE, *(measure for panel in self.panels for measure in panel.measures))


def default_sections() -> tuple[WallSection, ...]:
    """The layout that the program brings along."""
    return _read_board()


@cache
def _read_board() -> tuple[WallSection, ...]:
    return parse(_Board, read_toml(BOARD), BOARD).sections


def layout_faults(settings: Settings) -> list[str]:
    """What is wrong with the site's own layout and with the sections that its screens name; a line each."""
    faults: list[str] = []
    sections = settings.wall.sections or default_sections()
    for number, section in enumerate(settings.wall.sections):
        where = f"wall.sections.{number} '{section.title}'"
        kinds = {"table": (section.table, Kind.TWO_COLUMN), "scale": (section.scale, Kind.SCALE)}
        unknown = [name for name in section.measures if name not in EVERYTHING]
        faults += [f"{where}: unknown measure '{name}'; {nearest(name, EVERYTHING)}" for name in unknown]
        for key, (names, kind) in kinds.items():
            wrong = [name for name in names if name in EVERYTHING and EVERYTHING[name].kind is not kind]
            faults += [f"{where}.{key}: '{name}' is no {kind.value} measure" for name in wrong]
    named = [name for section in settings.wall.sections for name in section.measures]
    faults += [f"wall.sections: '{name}' stands twice" for name in sorted({n for n in named if named.count(n) > 1})]
    titles = [section.title for section in sections]
    for screen in settings.screens:
        for title in (title for page in screen.shown for title in page.sections if title not in titles):
            faults.append(f"screens '{screen.name}': unknown section '{title}'; {nearest(title, titles)}")
    for screen in settings.screens:
        pages = pages_of(settings, screen)
        if len({page.ward.code for page in pages if page.panels}) < len({page.ward for page in screen.shown}):
            faults.append(f"screens '{screen.name}': a page has nothing to show that profile '{screen.profile}' allows")
    return faults


def panels_of(sections: Sequence[WallSection], measures: Mapping[str, Measure]) -> tuple[Panel, ...]:
    """Every section with those of its measures that ``measures`` holds; sections without any are left out.

    A measure that no section names stands as a line where its group does, or in a panel of its own; one that is for
    other pages than a ward's wall stands only where a section names it.
    """
    named = {name for section in sections for name in section.measures} | {HEADLINE.id}
    rest: dict[str, list[Measure]] = {}
    for name, measure in measures.items():
        if name not in named and measure.on_ward_wall:
            rest.setdefault(measure.group, []).append(measure)
    placed = {group for section in sections for group in section.groups}
    others = [WallSection(title=titled(g), place="middle", groups=(g,)) for g in rest if g not in placed]
    found = [_panel(section, measures, rest) for section in (*sections, *others)]
    return tuple(panel for panel in found if panel.measures)


def _panel(section: WallSection, measures: Mapping[str, Measure], rest: Mapping[str, Sequence[Measure]]) -> Panel:
    def known(names: Iterable[str]) -> tuple[Measure, ...]:
        return tuple(measures[name] for name in names if name in measures)

    cells = section.matrix.cells if section.matrix else ()
    matrix = tuple(known(row) for row in cells)
    further = tuple(measure for group in section.groups for measure in rest.get(group, ()))
    if any(len(found) < len(row) for found, row in zip(matrix, cells, strict=True)):
        further = (*(one for row in matrix for one in row), *further)  # else they would stand below a wrong heading
        matrix = ()
    return Panel(
        section,
        known(section.tiles),
        matrix,
        known(section.table),
        known(section.scale),
        (*known(section.lines), *further),
    )


def titled(group: str) -> str:
    """A group's name as a title."""
    return group[:1].upper() + group[1:].replace("_", " ")


def where_of(settings: Settings, ward: Ward) -> str:
    """Specialty, division and site of a ward in words."""
    divisions = {unit.code: unit.name for unit in settings.divisions}
    sites = {unit.code: unit.name for unit in settings.sites}
    specialty = ward.specialty[:1].upper() + ward.specialty[1:]
    parts = [part for part in (specialty, divisions[ward.division], sites[ward.site]) if part]
    return " · ".join(dict.fromkeys(parts))


def pages_of(settings: Settings, screen: Screen) -> tuple[Page, ...]:
    """Everything that a screen shows, in its order."""
    public = screen.profile == "public"
    measures = {name: one for name, one in EVERYTHING.items() if one.public or not public}
    wards = {ward.code: ward for ward in settings.wards}
    pages: list[Page] = []
    for shown in screen.shown:
        ward, density = wards[shown.ward], shown.density or screen.usual_density
        panels = panels_of(settings.wall.sections or default_sections(), measures)
        if shown.sections:
            panels = tuple(panel for panel in panels if panel.section.title in shown.sections)
        for group in [panels] if density == "board" else _apart(panels):
            dwell = shown.dwell_s or screen.dwell_s
            pages.append(Page(f"{len(pages)}-", ward, where_of(settings, ward), density, group, dwell, not public))
    return tuple(pages)


def _apart(panels: Sequence[Panel]) -> list[tuple[Panel, ...]]:
    """A page a question: short ones that follow each other share one, and a long one takes several.

    All measures become tiles with much room each, but for those of many numbers.
    """
    together: list[list[Panel]] = []
    for panel in panels:
        size = sum(len(one.measures) for one in together[-1]) if together else TILES_A_PAGE
        if size + len(panel.measures) > TILES_A_PAGE:
            together.append([])
        together[-1].append(panel)
    return [page for group in together for page in _large(group)]


def _large(panels: Sequence[Panel]) -> list[tuple[Panel, ...]]:
    title = " · ".join(panel.section.title for panel in panels)
    note = " · ".join(panel.section.note for panel in panels if panel.section.note and not panel.table)
    section = WallSection(title=title, note=note, place="left", details=False)
    measures = [measure for panel in panels for measure in panel.measures]
    lines = tuple(one for one in measures if drawn_as_cells(one))
    chunks = _chunks([one for one in measures if not drawn_as_cells(one)]) or [()]
    return [(Panel(section, tiles=tiles, lines=() if place else lines),) for place, tiles in enumerate(chunks)]


def _chunks(measures: Sequence[Measure]) -> list[tuple[Measure, ...]]:
    """Equal shares, each with no more tiles than a page holds."""
    pages = -(-len(measures) // TILES_A_PAGE)
    size = -(-len(measures) // max(pages, 1))
    return [tuple(measures[start : start + size]) for start in range(0, len(measures), size)]


def ward_screen(code: str) -> Screen:
    """What an address that names only a ward shows: all of it on one page, for staff."""
    return Screen(name="ward", ward=code)


def drawn_as_cells(measure: Measure) -> bool:
    """Whether its numbers are too many for one line."""
    return measure.kind is Kind.DISTRIBUTION
