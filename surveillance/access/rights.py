"""What each role may do: one table, read by every gate; what does not stand in it is refused."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum, StrEnum

from surveillance.access.people import Granted, Person, Role
from surveillance.settings import Settings


class Right(StrEnum):
    """Something that somebody may do."""

    FIGURES = "see walls, charts, definitions and status"
    ROWS = "see the patients behind a number"
    TEAM = "write what the team says of itself, for its own wards"
    ACCREDIT = "record a ward's accreditation and barometer"
    ADMINISTER = "pair screens and manage accounts and sessions"


_READS = frozenset({Right.FIGURES})
RIGHTS: Mapping[Role, frozenset[Right]] = {
    Role.WARD_STAFF: _READS | {Right.ROWS, Right.TEAM},
    Role.MATRON: _READS | {Right.ROWS, Right.TEAM},
    Role.PHARMACIST: _READS | {Right.ROWS},
    Role.QUALITY: _READS | {Right.ROWS, Right.ACCREDIT},
    Role.EXECUTIVE: _READS,
    Role.ADMINISTRATOR: _READS | {Right.ADMINISTER},
}
ONLY_GROUPS: Mapping[Role, frozenset[str]] = {Role.PHARMACIST: frozenset({"medicines", "next_4_hours"})}
"""Roles that see the patients of these groups of measures alone."""
ALWAYS_ASKED = frozenset({Role.QUALITY})
"""Roles that take no part in a patient's care: they give a reason on every ward."""


class Verdict(Enum):
    """Whether somebody may see rows."""

    ALLOWED = "allowed"
    REASON = "only with a reason"
    REFUSED = "refused"


def has(person: Person, right: Right) -> bool:
    """Whether any of a person's roles gives the right, somewhere."""
    return any(right in RIGHTS[one.role] for one in person.grants)


def covers(settings: Settings, granted: Granted, ward: str) -> bool:
    """Whether a ward is one of those for which a role was granted."""
    if not granted.wards and not granted.divisions:
        return True
    division = next((one.division for one in settings.wards if one.code == ward), None)
    return ward in granted.wards or (division is not None and division in granted.divisions)


def own_wards(settings: Settings, person: Person, right: Right) -> tuple[str, ...]:
    """The wards for which a person has a right as their own, in the site's order."""
    granted = [one for one in person.grants if right in RIGHTS[one.role]]
    return tuple(ward.code for ward in settings.wards if any(covers(settings, one, ward.code) for one in granted))


def may_write(settings: Settings, person: Person, right: Right, ward: str) -> bool:
    """Whether a person may write for a ward: only for their own."""
    return ward in own_wards(settings, person, right)


def rows(settings: Settings, person: Person, ward: str, group: str) -> Verdict:
    """Whether a person may see the patients behind a measure of ``group`` on a ward of the site."""
    if all(one.code != ward for one in settings.wards):
        return Verdict.REFUSED
    verdict = Verdict.REFUSED
    for granted in person.grants:
        if Right.ROWS not in RIGHTS[granted.role] or group not in ONLY_GROUPS.get(granted.role, {group}):
            continue
        if covers(settings, granted, ward) and granted.role not in ALWAYS_ASKED:
            return Verdict.ALLOWED
        verdict = Verdict.REASON
    return verdict
