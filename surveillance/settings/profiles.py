"""What kinds of ward there are, and which measures have no meaning on which."""

from __future__ import annotations

from typing import Any

from surveillance.settings.section import Section


class Profile(Section):
    """What kind of ward it is: which measures have no meaning there, and which standards differ."""

    not_applicable: tuple[str, ...] = ()
    not_connected: tuple[str, ...] = ()
    """Measures that have a meaning there, but no source holds what they need of these wards."""
    standards: dict[str, dict[str, Any]] = {}


_NEWS2_NOT_USED = ("news2_high", "sepsis_antibiotic_overdue")
DEFAULT_PROFILES: dict[str, Profile] = {
    "adult": Profile(),
    "paediatric": Profile(not_applicable=("ra_falls", "ra_oral", "ra_adl", "red_flag_rn")),
    "maternity": Profile(not_applicable=(*_NEWS2_NOT_USED, "red_flag_rn")),
    "critical_care": Profile(
        not_applicable=("red_flag_rn",),
        standards={"ra_oral": {"interval_h": 24}, "ra_adl": {"interval_h": 24}},
    ),
    "day_case": Profile(
        not_applicable=(
            "ra_must",
            "ra_falls",
            "ra_pressure_ulcer",
            "ra_smoking",
            "ra_alcohol",
            "ra_oral",
            "ra_adl",
            "red_flag_rn",
        )
    ),
}
"""Which rows have no meaning on which kind of ward; a site may replace each by its own table."""
