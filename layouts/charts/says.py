"""How units, weeks, figures and classes are written on the pages of charts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from urllib.parse import quote

from layouts.charts.palette import CLASS_WORDS
from surveillance.measures import CATALOGUE, Measure
from surveillance.measures.declaration import Charted, Form
from surveillance.rollup import units
from surveillance.settings import Settings
from surveillance.spc import Assurance, Chart, Kind, PointType, Variation

KIND_WORDS = {"trust": "Trust", "system": "System", "site": "Site", "division": "Division", "ward": "Ward"}
CLASS_LABELS = {kind: words[:1].upper() + words[1:] for kind, words in CLASS_WORDS.items()}
METHOD_WORDS = {
    Kind.XMR: "XmR chart: limits lie 2.66 mean moving ranges either side of the mean",
    Kind.T: "T chart of the days between events: a longer time is better",
    Kind.G: "G chart of the opportunities between events: more is better",
    Kind.RUN: "Run chart: a median without limits, because there are too few points or the values do not vary",
}
VARIATION_SHORT = {
    Variation.IMPROVEMENT_HIGH: "Improvement, high",
    Variation.IMPROVEMENT_LOW: "Improvement, low",
    Variation.CONCERN_HIGH: "Concern, high",
    Variation.CONCERN_LOW: "Concern, low",
    Variation.NEUTRAL_HIGH: "Special cause, high",
    Variation.NEUTRAL_LOW: "Special cause, low",
    Variation.COMMON_CAUSE: "Common cause",
    Variation.NONE: "No icon",
}
ASSURANCE_SHORT = {
    Assurance.PASS: "Pass",
    Assurance.FAIL: "Fail",
    Assurance.INCONSISTENT: "Hit and miss",
    Assurance.NONE: "No icon",
}


@dataclass(frozen=True, slots=True)
class Whose:
    """A unit that charts are shown of. ``kind``: ward, division, site, trust or system; ``wards``: codes in it."""

    kind: str
    code: str
    name: str
    wards: tuple[str, ...]

    @property
    def address(self) -> str:
        """Of its page."""
        return f"/charts/{self.kind}/{quote(self.code, safe='')}"

    def address_of(self, measure: str) -> str:
        """Of the page of one measure."""
        return f"{self.address}/{measure}"


def whose(settings: Settings) -> list[Whose]:
    """Every unit of the site: the trust first, then the system, sites, divisions and wards."""
    names = {("trust", settings.site.trust): settings.site.name}
    names |= {("site", unit.code): unit.name for unit in settings.sites}
    names |= {("division", unit.code): unit.name for unit in settings.divisions}
    found = [Whose(kind, code, names.get((kind, code), code), tuple(wards)) for kind, code, wards in units(settings)]
    found += [Whose("ward", ward.code, ward.name, (ward.code,)) for ward in settings.wards]
    return sorted(found, key=lambda unit: list(KIND_WORDS).index(unit.kind))


def charted_measures() -> list[tuple[Measure, Charted]]:
    """The measures that are drawn over time, in the order of the catalogue."""
    return [(measure, measure.charted) for measure in CATALOGUE.values() if measure.charted]


def figure(value: float | None, charted: Charted) -> str:
    """A value of a chart with one decimal; missing is a dash."""
    if value is None:
        return "–"
    if charted.form is Form.EVENTS:
        return f"{value:.0f}" if float(value).is_integer() else f"{value:.1f}"
    written = f"{value:.1f}".replace("-", "−")
    return f"{written}%" if is_percentage(charted) else written


def is_percentage(charted: Charted) -> bool:
    """Whether the unit says so."""
    return charted.unit.startswith("%")


def amount(value: float | None) -> str:
    """A numerator or denominator."""
    if value is None:
        return "–"
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.1f}"


def day(at: date) -> str:
    """Its date, "23 Nov 2026"."""
    return f"{at.day} {at:%b %Y}"


def period(at: date, charted: Charted) -> str:
    """A week by its Monday, an event by its date."""
    return day(at) if charted.form is Form.EVENTS else f"week of {day(at)}"


def periods(starts: Sequence[date], charted: Charted) -> str:
    """A run of weeks or events: one of them, or from the first to the last."""
    if len(starts) == 1:
        return period(starts[0], charted)
    among = "events" if charted.form is Form.EVENTS else "weeks"
    return f"{among} from {day(starts[0])} to {day(starts[-1])}"


def wards_reporting(reporting: int, expected: int, missing: Sequence[str], names: Mapping[str, str]) -> str:
    """ "27 of 31 wards reporting; without Ash Ward, Elm Ward"."""
    said = f"{reporting} of {expected} {'ward' if expected == 1 else 'wards'} reporting"
    return f"{said}; without {listed(missing, names)}" if missing else said


def listed(codes: Sequence[str], names: Mapping[str, str]) -> str:
    """Names for codes, all of them."""
    return ", ".join(names.get(code, code) for code in codes)


def class_words(kind: PointType, chart: Chart) -> str:
    """What a point is; on a run chart nothing."""
    return "" if chart.kind is Kind.RUN else CLASS_LABELS[kind]
