"""A site's configuration is declared once, here; an unknown or misspelt key stops start-up with its name.

The file is TOML. Secrets never stand in it: a source's URL comes from an environment variable or a file.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

from pydantic import AwareDatetime, Field, model_validator

from surveillance.errors import nearest
from surveillance.settings.access import AccessSettings, Grant, Oidc, TrustedHeader
from surveillance.settings.adt import Adt, AdtFields
from surveillance.settings.charts import Charts, Note, Rebase
from surveillance.settings.executive import Executive, Figure
from surveillance.settings.files import FileFeed, Files
from surveillance.settings.profiles import DEFAULT_PROFILES, Profile
from surveillance.settings.quiet import QuietHours
from surveillance.settings.rules import Medicines, Options, Plausibility, Shifts, Threshold
from surveillance.settings.section import FilePath, Section, TimeOfDay, parse, read_toml
from surveillance.settings.sources import Budget, FeedSource, Pack, Source, Times, Watermark, source_url
from surveillance.settings.team import Accreditation, Indicator, Team
from surveillance.settings.walls import Density, Matrix, Screen, ScreenPage, Wall, WallSection
from surveillance.settings.web import Web


class SiteNames(Section):
    """Who the hospital is."""

    name: str
    trust: str = "trust"
    trust_name: str = ""
    system: str | None = None


class Clock(Section):
    """A clock that does not show the present: for a simulated or replayed hospital only."""

    start: AwareDatetime
    """The hospital's time at ``real_start``."""
    real_start: AwareDatetime
    speed: float = Field(default=1.0, ge=0)

    def now(self, real: datetime) -> datetime:
        """The hospital's time when the computer's clock shows ``real``."""
        return self.start + (real - self.real_start) * self.speed


class StoreSettings(Section):
    """Where snapshots are kept."""

    path: FilePath | None = None
    url_env: str | None = None
    walls_url_env: str | None = None
    """The same database for everything that walls show, as a role that cannot read patients' rows; default url_env."""
    desk_url_env: str | None = None
    """The same database for signing in, audit and what teams write; default url_env."""
    keep_every_change_days: int = Field(default=35, ge=1)
    keep_hourly_days: int = Field(default=400, ge=1)
    keep_daily_days: int = Field(default=3660, ge=1)


OWN_ADDRESSES = "_dash-"
"""How the desk's own addresses begin, below which those of the wards stand."""


class Ward(Section):
    """One ward of the hospital."""

    code: str
    name: str
    division: str
    site: str
    specialty: str = ""
    beds: int | None = Field(default=None, ge=0)
    profile: str = "adult"
    source_codes: tuple[str, ...] = ()
    """Other codes under which the sources know this ward."""
    thresholds: dict[str, Threshold] = {}


class Unit(Section):
    """A division or a site."""

    code: str
    name: str


class Settings(Section):
    """The whole file."""

    site: SiteNames
    sources: dict[str, Source] = {}
    wards: tuple[Ward, ...]
    divisions: tuple[Unit, ...] = ()
    sites: tuple[Unit, ...] = ()
    profiles: dict[str, Profile] = {}
    standards: dict[str, dict[str, Any]] = {}
    thresholds: dict[str, Threshold] = {}
    mappings: dict[str, dict[str, dict[str, str]]] = {}
    medicines: Medicines = Medicines()
    shifts: Shifts = Shifts()
    plausibility: Plausibility = Plausibility()
    options: Options = Options()
    store: StoreSettings = StoreSettings()
    web: Web = Web()
    access: AccessSettings = AccessSettings()
    team: Team = Team()
    wall: Wall = Wall()
    charts: Charts = Charts()
    executive: Executive = Executive()
    screens: tuple[Screen, ...] = ()
    adt: Adt | None = None
    clock: Clock | None = None

    @model_validator(mode="after")
    def _names_agree(self) -> Settings:
        codes = [ward.code for ward in self.wards]
        for code in {code for code in codes if codes.count(code) > 1}:
            raise ValueError(f"wards: the code '{code}' stands twice")
        for code in codes:
            if code.startswith(OWN_ADDRESSES):
                raise ValueError(
                    f"ward '{code}': a code may not begin with {OWN_ADDRESSES}, as the desk's own addresses do"
                )
        known_as = {code: code for code in codes}
        for ward in self.wards:
            for alias in ward.source_codes:
                if (other := known_as.setdefault(alias, ward.code)) != ward.code:
                    raise ValueError(f"ward '{ward.code}': the source code '{alias}' is already ward '{other}'")
        for ward in self.wards:
            for kind, named, units in (
                ("division", ward.division, self.divisions),
                ("site", ward.site, self.sites),
            ):
                known = [unit.code for unit in units]
                if named not in known:
                    raise ValueError(f"ward '{ward.code}': unknown {kind} '{named}'; {nearest(named, known)}")
            if ward.profile not in self.all_profiles:
                hint = nearest(ward.profile, self.all_profiles)
                raise ValueError(f"ward '{ward.code}': unknown profile '{ward.profile}'; {hint}")
        for grant in self.access.grants:
            for what, granted, there in (
                ("ward", grant.wards, codes),
                ("division", grant.divisions, [unit.code for unit in self.divisions]),
            ):
                for code in granted:
                    if code not in there:
                        hint = nearest(code, there)
                        raise ValueError(f"access.grants: group '{grant.group}': unknown {what} '{code}'; {hint}")
        names = [screen.name for screen in self.screens]
        for name in sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"screens: the name '{name}' stands twice")
        larger = [self.site.trust, *(unit.code for unit in (*self.divisions, *self.sites))]
        larger += [self.site.system] if self.site.system else []
        for screen in self.screens:
            if screen.executive is not None and screen.executive not in larger:
                hint = nearest(screen.executive, larger)
                raise ValueError(f"screen '{screen.name}': unknown unit '{screen.executive}'; {hint}")
            for page in screen.shown:
                if page.ward not in codes:
                    hint = nearest(page.ward, codes)
                    raise ValueError(f"screen '{screen.name}': unknown ward '{page.ward}'; {hint}")
        return self

    @property
    def all_profiles(self) -> dict[str, Profile]:
        """The built-in profiles with the site's own put over them."""
        return {**DEFAULT_PROFILES, **self.profiles}


def load_settings(path: Path) -> Settings:
    """A site's settings from its TOML file; relative paths in it start at its folder.

    Raises:
        ConfigurationError: naming the file, every wrong key and the nearest valid one.
    """
    return parse(Settings, read_toml(path), path)


__all__ = [
    "DEFAULT_PROFILES",
    "AccessSettings",
    "Accreditation",
    "Adt",
    "AdtFields",
    "Budget",
    "Charts",
    "Clock",
    "Density",
    "Executive",
    "FeedSource",
    "Figure",
    "FileFeed",
    "FilePath",
    "Files",
    "Grant",
    "Indicator",
    "Matrix",
    "Medicines",
    "Note",
    "Oidc",
    "Options",
    "Pack",
    "Plausibility",
    "Profile",
    "QuietHours",
    "Rebase",
    "Screen",
    "ScreenPage",
    "Section",
    "Settings",
    "Shifts",
    "SiteNames",
    "Source",
    "StoreSettings",
    "Team",
    "Threshold",
    "TimeOfDay",
    "Times",
    "TrustedHeader",
    "Unit",
    "Wall",
    "WallSection",
    "Ward",
    "Watermark",
    "Web",
    "load_settings",
    "parse",
    "read_toml",
    "source_url",
]
