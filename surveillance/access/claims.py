"""What a provider or a proxy says of somebody, in whatever form, becomes a person with roles, or nobody."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from surveillance.access.people import Granted, Person, Role
from surveillance.settings import Grant

LONGEST = 256
"""Characters of a name that are kept: the columns of the store hold no more."""
MOST_GROUPS = 10_000
DEEPEST = 16


def plain(value: object, longest: int = LONGEST) -> str:
    """A value from outside as one line of text that can be shown and kept: empty for what is no text.

    Control characters, and those that change the direction of writing, are left out.
    """
    if not isinstance(value, str):
        return ""
    return "".join(one for one in value[: 4 * longest] if one.isprintable())[:longest].strip()


def subject_of(value: object) -> str:
    """The name by which a provider knows somebody, exactly; empty for one that cannot be kept as it is.

    It is refused rather than mended: two people must not become one.
    """
    return value if isinstance(value, str) and value and plain(value) == value else ""


def claim(claims: Mapping[str, Any], path: str) -> object:
    """The claim of this name; dots lead into objects, and through lists of objects. None where there is none.

    A claim whose own name has dots (as in ``https://hospital.example/roles``) is found first.
    """
    return claims[path] if path in claims else _within(claims, path.split(".")[:DEEPEST])


def groups_in(value: object) -> tuple[str, ...]:
    """The groups that a claim lists: a text is one group, and lists are read to any depth; anything else is none."""
    found: list[str] = []
    for one in _texts(value, DEEPEST):
        found.append(one)
        if len(found) == MOST_GROUPS:
            break
    return tuple(dict.fromkeys(found))


def granted(groups: Iterable[str], grants: Sequence[Grant]) -> tuple[Granted, ...]:
    """What the members of these groups may do here; every grant of every group counts."""
    own = frozenset(groups)
    found = (Granted(Role(one.role), one.wards, one.divisions) for one in grants if one.group in own)
    return tuple(dict.fromkeys(found))


def person(subject: str, name: object, via: str, groups: Iterable[str], grants: Sequence[Grant]) -> Person | None:
    """Somebody with a role here; None for those of whose groups none has one."""
    given = granted(groups, grants)
    return Person(subject, plain(name) or subject, via, given) if given else None


def _within(value: object, path: Sequence[str]) -> object:
    if not path:
        return value
    if isinstance(value, Mapping):
        return _within(value.get(path[0]), path[1:])
    if isinstance(value, list):
        return [inner for one in value[:MOST_GROUPS] if (inner := _within(one, path)) is not None]
    return None


def _texts(value: object, depth: int) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list | tuple) and depth:
        for one in value:
            yield from _texts(one, depth - 1)
