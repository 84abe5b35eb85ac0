"""What the pages of the huddle are drawn from: plain values, looked up and checked by others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True, slots=True)
class Typed:
    """A form that was sent and not kept. ``do``: which one. ``faults``: field → what is wrong with it."""

    do: str = ""
    fields: Mapping[str, Sequence[str]] = field(default_factory=dict)
    faults: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Line:
    """Something that stands: its words, a few more below them, and the number by which it can be ended."""

    number: int
    words: str
    below: str = ""


@dataclass(frozen=True, slots=True)
class Choice:
    """Something that can be chosen. ``group``: under which heading, if choices are grouped."""

    id: str
    words: str
    chosen: bool = False
    group: str = ""


@dataclass(frozen=True, slots=True)
class Ward:
    """The ward that a page is about."""

    code: str
    name: str
    site: str
    today: date


@dataclass(frozen=True, slots=True)
class HuddlePage:
    """The page on which a team writes.

    ``rating``: the rating that stands. ``figures``: those at watch or act that nobody looks after yet; ``owned``: those
    that somebody does. ``names_known``: whether text can be checked against the names on the ward's list.
    ``notice``: what just happened. ``may_write``: whether the reader may write for this ward. ``may_accredit``: whether
    they may see the other page.
    """

    ward: Ward
    rating: Line | None = None
    figures: Sequence[Choice] = ()
    owned: Sequence[Line] = ()
    trying: Line | None = None
    actions: Sequence[Line] = ()
    indicators: Sequence[Choice] = ()
    names_known: bool = False
    notice: str = ""
    typed: Typed = field(default_factory=Typed)
    may_write: bool = True
    may_accredit: bool = False


@dataclass(frozen=True, slots=True)
class QualityPage:
    """The page for accreditation and barometer. ``levels``: from the lowest; none where the site lists none."""

    ward: Ward
    scheme: str = ""
    levels: Sequence[str] = ()
    domains: Sequence[str] = ()
    accredited: Sequence[Line] = ()
    indicators: Sequence[Choice] = ()
    values: Sequence[Line] = ()
    names_known: bool = False
    notice: str = ""
    typed: Typed = field(default_factory=Typed)
    may_write: bool = True
    may_write_for_team: bool = False
