"""Who asks: a person who signed in, a screen that was paired, or nobody; each is a value that never changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType


class Role(StrEnum):
    """What somebody is here, as configuration and audit write it."""

    WARD_STAFF = "ward_staff"
    MATRON = "matron"
    PHARMACIST = "pharmacist"
    QUALITY = "quality"
    EXECUTIVE = "executive"
    ADMINISTRATOR = "administrator"


ROLE_WORDS: Mapping[Role, str] = {
    Role.WARD_STAFF: "Ward staff",
    Role.MATRON: "Matron",
    Role.PHARMACIST: "Pharmacist",
    Role.QUALITY: "Quality team",
    Role.EXECUTIVE: "Executive",
    Role.ADMINISTRATOR: "Administrator",
}


@dataclass(frozen=True, slots=True)
class Granted:
    """One role of a person and where it holds. ``wards``, ``divisions``: codes; neither: the whole site."""

    role: Role
    wards: tuple[str, ...] = ()
    divisions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who signed in.

    ``subject``: the name by which their provider (or the local accounts) knows them, never reused. ``name``: as shown.
    ``via``: oidc, header or local.
    """

    subject: str
    name: str
    via: str
    grants: tuple[Granted, ...]

    @property
    def roles(self) -> tuple[Role, ...]:
        """Their roles, without those that stand twice."""
        return tuple(dict.fromkeys(one.role for one in self.grants))

    @property
    def role_words(self) -> str:
        """Their roles in words."""
        return ", ".join(ROLE_WORDS[role] for role in self.roles) or "No role"


@dataclass(frozen=True, slots=True)
class Reason:
    """Why somebody looks at the patients of a ward that is not their own, and until when that holds."""

    words: str
    until: datetime


@dataclass(frozen=True, slots=True)
class Session:
    """A person while signed in.

    ``key``: names the session; it is not what the browser holds. ``started``: when they signed in. ``idle_at``: when
    it ends unless they do something. ``ends``: when it ends at the latest. ``place``: the address it came from.
    ``reasons``: ward code → the reason given.
    """

    key: str
    person: Person
    started: datetime
    idle_at: datetime
    ends: datetime
    place: str = ""
    reasons: Mapping[str, Reason] = field(default_factory=lambda: MappingProxyType({}))

    def expires(self) -> datetime:
        """When it ends if nothing happens."""
        return min(self.idle_at, self.ends)

    def reason_for(self, ward: str, now: datetime) -> str:
        """The reason given for this ward that still holds; empty for none."""
        reason = self.reasons.get(ward)
        return reason.words if reason and now < reason.until else ""


@dataclass(frozen=True, slots=True)
class Device:
    """A paired screen. ``profile``: that of the screen when it was accepted; with another one the pairing ends."""

    number: int
    screen: str
    profile: str


Who = Session | Device | None
"""Who asks; None: somebody of whom nothing is known."""
