"""People and reasons as the store keeps them, in JSON; what cannot be read back as it was written is nobody."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any

import orjson

from surveillance.access.people import Granted, Person, Reason, Role


def grants_to_json(grants: Sequence[Granted]) -> str:
    """What a person may do."""
    return orjson.dumps([_granted(one) for one in grants]).decode()


def grants_of(written: str) -> tuple[Granted, ...]:
    """What ``grants_to_json`` wrote.

    Raises:
        ValueError: that is none of it, or names a role that this program does not have.
    """
    return _grants(orjson.loads(written))


def person_to_json(person: Person, rules: str) -> str:
    """A person, with a sign of the rules by which they were let in."""
    grants = [_granted(one) for one in person.grants]
    whole = {"subject": person.subject, "name": person.name, "via": person.via, "grants": grants, "rules": rules}
    return orjson.dumps(whole).decode()


def person_of(written: str, rules: str) -> Person | None:
    """What ``person_to_json`` wrote; None if other rules hold by now, so that they have to sign in again."""
    try:
        found = orjson.loads(written)
        if found["rules"] != rules:
            return None
        return Person(str(found["subject"]), str(found["name"]), str(found["via"]), _grants(found["grants"]))
    except (ValueError, KeyError, TypeError):
        return None


def reasons_to_json(reasons: Mapping[str, Reason]) -> str:
    """The reasons given in a session."""
    return orjson.dumps({ward: [one.words, one.until] for ward, one in reasons.items()}).decode()


def reasons_of(written: str) -> Mapping[str, Reason]:
    """What ``reasons_to_json`` wrote."""
    found = {
        ward: Reason(words, datetime.fromisoformat(until)) for ward, (words, until) in orjson.loads(written).items()
    }
    return MappingProxyType(found)


def _granted(one: Granted) -> dict[str, Any]:
    return {"role": one.role.value, "wards": one.wards, "divisions": one.divisions}


def _grants(found: Any) -> tuple[Granted, ...]:
    try:
        return tuple(Granted(Role(one["role"]), tuple(one["wards"]), tuple(one["divisions"])) for one in found)
    except (KeyError, TypeError) as error:
        raise ValueError(f"no grants: {error}") from None
