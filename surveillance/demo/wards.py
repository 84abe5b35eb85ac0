"""The simulated hospital's wards: where they stand, whom they care for, how many work there and how well it goes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from surveillance.errors import ConfigurationError, nearest


@dataclass(frozen=True, slots=True)
class Stream:
    """Patients who come to a ward by one way.

    ``load``: share of the ward's beds that these patients would fill if none were turned away.
    ``days``: mean length of stay on the ward.
    """

    kind: str
    load: float
    days: float


@dataclass(frozen=True, slots=True)
class DemoWard:
    """One ward. ``rn`` and ``hcsw``: duties by day and by night. ``strain``: 1 is usual, 3 is in trouble."""

    code: str
    name: str
    division: str
    site: str
    specialty: str
    beds: int
    care: str
    streams: tuple[Stream, ...]
    rn: tuple[int, int]
    hcsw: tuple[int, int]
    strain: float = 0.8
    profile: str = "adult"


def _medical(load: float = 1.15, days: float = 7.5) -> tuple[Stream, ...]:
    return (Stream("emergency", load, days),)


def _surgical(emergency: float, elective: float, days: float) -> tuple[Stream, ...]:
    return (Stream("emergency", emergency, days), Stream("elective", elective, days * 0.8))


MED, SUR, FAM = "MED", "SUR", "FAM"
WOOD, PARK = "WOOD", "PARK"

WARDS: tuple[DemoWard, ...] = (
    DemoWard("AMU", "Acute Medical Unit", MED, WOOD, "acute medicine", 34, "acute",
             (Stream("take", 1.45, 1.1),), (7, 6), (4, 3), 1.2),
    DemoWard("SGA", "General Surgery", SUR, WOOD, "general surgery", 28, "surgical",
             _surgical(0.75, 0.4, 4.5), (5, 4), (3, 2), 0.8),
    DemoWard("ELD1", "Elderly Care, Ash Ward", MED, WOOD, "geriatric medicine", 28, "elderly",
             _medical(0.75, 11), (5, 3), (5, 4), 0.9),
    DemoWard("RESP", "Respiratory", MED, WOOD, "respiratory medicine", 28, "medical",
             _medical(0.75, 7), (5, 4), (4, 3), 0.7),
    DemoWard("CARD", "Cardiology", MED, WOOD, "cardiology", 26, "medical", _medical(0.75, 5.5), (5, 4), (3, 2), 0.5),
    DemoWard("ELD2", "Elderly Care, Birch Ward", MED, WOOD, "geriatric medicine", 28, "elderly",
             _medical(0.75, 12), (5, 3), (5, 4), 3.6),
    DemoWard("STRK", "Stroke Unit", MED, WOOD, "stroke medicine", 24, "elderly",
             _medical(0.85, 11), (5, 3), (4, 3), 0.6),
    DemoWard("GAST", "Gastroenterology", MED, WOOD, "gastroenterology", 26, "medical",
             _medical(0.75, 7), (5, 3), (3, 3), 1.0),
    DemoWard("DIAB", "Diabetes and General Medicine", MED, WOOD, "general medicine", 28, "medical",
             _medical(0.7, 7.5), (5, 3), (4, 3), 2.6),
    DemoWard("SAU", "Surgical Assessment Unit", SUR, WOOD, "general surgery", 20, "acute",
             (Stream("emergency", 1.45, 1.7),), (4, 3), (2, 2), 1.0),
    DemoWard("ORTH", "Trauma and Orthopaedics", SUR, WOOD, "trauma and orthopaedics", 30, "surgical",
             _surgical(1.0, 0.15, 8.5), (5, 4), (5, 3), 2.6),
    DemoWard("ELOR", "Elective Orthopaedics", SUR, PARK, "orthopaedics", 22, "surgical",
             (Stream("elective", 1.5, 3.2),), (4, 3), (3, 2), 0.4),
    DemoWard("UROL", "Urology", SUR, PARK, "urology", 22, "surgical",
             _surgical(0.4, 1.0, 3.0), (4, 3), (2, 2), 0.8),
    DemoWard("GYNA", "Gynaecology", FAM, WOOD, "gynaecology", 16, "surgical",
             _surgical(0.6, 0.8, 2.2), (3, 2), (2, 1), 0.7),
    DemoWard("DAYC", "Day Case Unit", SUR, PARK, "day surgery", 18, "day_case",
             (Stream("day_case", 1.5, 0.3),), (4, 0), (2, 0), 0.5, "day_case"),
    DemoWard("MATY", "Maternity", FAM, WOOD, "obstetrics", 30, "maternity",
             (Stream("birth", 1.05, 2.2), Stream("newborn", 0.1, 2.5)), (6, 5), (3, 3), 0.8, "maternity"),
    DemoWard("PAED", "Children's Ward", FAM, WOOD, "paediatrics", 26, "child",
             (Stream("child", 1.1, 1.7),), (6, 5), (2, 2), 0.6, "paediatric"),
    DemoWard("CRIT", "Critical Care", SUR, WOOD, "critical care", 16, "critical",
             (Stream("critical", 1.0, 4.0),), (14, 14), (2, 2), 0.6, "critical_care"),
)  # fmt: skip
DIVISIONS = {MED: "Medicine", SUR: "Surgery and Critical Care", FAM: "Women and Children"}
SITES = {WOOD: "Woodside Hospital", PARK: "Parkway Hospital"}
MEDICAL_WARDS = ("ELD1", "RESP", "CARD", "ELD2", "STRK", "GAST", "DIAB")
"""Where the acute medical unit sends its patients."""

Choice = int | Iterable[str] | None
"""The first so many wards, wards by their codes, or all."""


def chosen(wards: Choice = None) -> tuple[DemoWard, ...]:
    """The wards of a hospital.

    Raises:
        ConfigurationError: a code that no ward has.
    """
    if wards is None:
        return WARDS
    if isinstance(wards, int):
        return WARDS[:wards]
    known = {ward.code: ward for ward in WARDS}
    for code in (codes := list(wards)):
        if code not in known:
            raise ConfigurationError(f"unknown ward '{code}'; {nearest(code, known)}")
    return tuple(known[code] for code in codes)
