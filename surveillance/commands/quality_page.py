"""The page that says how far each connector and pack has been proved: a grade is what tests show, and no opinion."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from surveillance.errors import ConfigurationError

PROOFS = Path("docs/quality.toml")
LEVELS = ("bronze", "silver", "gold")
MEANS = {
    "bronze": "may be tried beside the system itself",
    "silver": "may hang on a wall unattended",
    "gold": "as far as this project can prove anything",
}
KINDS = {"connector": "Connectors", "pack": "Packs"}


@dataclass(frozen=True, slots=True)
class Criterion:
    """What a connector or a pack (``of``) of a level has to keep."""

    of: str
    id: str
    level: str
    text: str


@dataclass(frozen=True, slots=True)
class Graded:
    """A connector or pack. ``met``: criterion → tests; ``open`` and ``needless``: criterion → why."""

    of: str
    name: str
    title: str
    met: Mapping[str, Sequence[str]]
    open: Mapping[str, str] = field(default_factory=dict)
    needless: Mapping[str, str] = field(default_factory=dict)

    def keeps(self, criterion: Criterion) -> bool:
        """Whether tests show it, or there is nothing to show."""
        return criterion.id in self.met or criterion.id in self.needless

    def grade(self, criteria: Sequence[Criterion]) -> str:
        """The highest level of which, and below which, everything is kept; empty if not even the lowest."""
        reached = ""
        for level in LEVELS:
            if not all(self.keeps(one) for one in criteria if (one.of, one.level) == (self.of, level)):
                break
            reached = level
        return reached


def proofs(path: Path = PROOFS) -> tuple[list[Criterion], list[Graded]]:
    """The criteria and what is graded by them.

    Raises:
        ConfigurationError: a criterion is not known, stands twice, or has no tests, naming the file and the thing.
    """
    content = tomllib.loads(path.read_text(encoding="utf-8"))
    criteria = [Criterion(**one) for one in content["criteria"]]
    return criteria, [_graded(one, content["shared"], criteria, path) for one in content["things"]]


def _graded(given: dict[str, Any], shared: Mapping[str, Any], criteria: Sequence[Criterion], path: Path) -> Graded:
    own, left = given.get("met", {}), (given.get("open", {}), given.get("needless", {}))
    known = {one.id for one in criteria if one.of == given["of"]}
    elsewhere = {name for part in left for name in part}
    alike = {name: tests for name, tests in shared.get(given.get("like", ""), {}).items() if name not in elsewhere}
    for name in (*own, *elsewhere):
        if name not in known:
            raise ConfigurationError(f"{path}: {given['name']}: unknown criterion '{name}'")
        if (name in own) + sum(name in part for part in left) > 1:
            raise ConfigurationError(f"{path}: {given['name']}: '{name}' stands twice")
    met = {**alike, **own}
    if empty := [name for name, tests in met.items() if not tests]:
        raise ConfigurationError(f"{path}: {given['name']}: '{empty[0]}' names no test")
    return Graded(given["of"], given["name"], given.get("title", ""), met, *left)


def quality_page(written_by: str, path: Path = PROOFS) -> str:
    """Markdown; ``written_by`` says at its top that it is generated."""
    criteria, things = proofs(path)
    lines = [
        "# How far connectors and packs are proved",
        "",
        written_by,
        "",
        "A grade says which tests there are, at every change of the program. It does not say that a hospital uses it: "
        "whoever connects one compares its figures with the system for two weeks, whatever the grade "
        "([the guide](connect-in-a-day.md)).",
        "",
        *(f"- **{level.capitalize()}**: {words}." for level, words in MEANS.items()),
        "",
        "A level needs every criterion of the levels below it.",
    ]
    for kind, heading in KINDS.items():
        asked = [one for one in criteria if one.of == kind]
        lines += ["", f"## {heading}", "", "| criterion | level | what it asks |", "|---|---|---|"]
        lines += [f"| {one.id.replace('_', ' ')} | {one.level} | {one.text} |" for one in asked]
        lines += ["", "| | grade | what is missing |", "|---|---|---|"]
        for one in (one for one in things if one.of == kind):
            lines.append(
                f"| {one.title or f'`{one.name}`'} | {one.grade(criteria) or 'none yet'} | {_missing(one, asked)} |"
            )
    lines += ["", "## Which tests show it"]
    for one in things:
        lines += ["", f"**{one.title or one.name}**", ""]
        for criterion in (asked for asked in criteria if asked.of == one.of):
            if criterion.id in one.met:
                tests = ", ".join(f"`{test}`" for test in one.met[criterion.id])
                lines.append(f"- {criterion.id.replace('_', ' ')}: {tests}")
            elif criterion.id in one.needless:
                lines.append(f"- {criterion.id.replace('_', ' ')}: not needed, {one.needless[criterion.id]}")
    return "\n".join(lines) + "\n"


def _missing(one: Graded, asked: Sequence[Criterion]) -> str:
    left = [criterion.id for criterion in asked if not one.keeps(criterion)]
    told = [f"{name.replace('_', ' ')}: {one.open[name]}" for name in left if name in one.open]
    rest = [name.replace("_", " ") for name in left if name not in one.open]
    return "; ".join([*told, *([f"so not shown: {', '.join(rest)}"] if rest else [])]) or "–"
