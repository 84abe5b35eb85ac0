"""Whatever a provider or proxy says, the outcome is a person with exactly the granted roles, or nobody."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from surveillance.access.claims import claim, granted, groups_in, person, plain, subject_of
from surveillance.access.people import Granted, Person, Role
from surveillance.access.written import person_of, person_to_json
from surveillance.settings import Grant

GRANTS = (
    Grant(group="ward-a", role="ward_staff", wards=("A1",)),
    Grant(group="ward-a", role="ward_staff", wards=("B2",)),
    Grant(group="med", role="matron", divisions=("MED",)),
    Grant(group="Chiefs", role="executive"),
)
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(st.characters()),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=20,
)


@pytest.mark.parametrize(
    ("claims", "path", "groups"),
    [
        ({"groups": ["a", "b", "a"]}, "groups", ("a", "b")),
        ({"groups": "a"}, "groups", ("a",)),
        ({"realm_access": {"roles": ["a"]}}, "realm_access.roles", ("a",)),
        ({"https://x.example/roles": ["a"]}, "https://x.example/roles", ("a",)),
        ({"a.b": "flat", "a": {"b": "deep"}}, "a.b", ("flat",)),
        ({"rbac": [{"role": "R8000"}, {"role": "R8001"}, {"org": "RXX"}]}, "rbac.role", ("R8000", "R8001")),
        ({"groups": [["a"], ["b", 3, None, {"c": "d"}]]}, "groups", ("a", "b")),
        ({}, "groups", ()),
        ({"groups": None}, "groups", ()),
        ({"groups": {"a": True}}, "groups", ()),
        ({"groups": 7}, "groups", ()),
        ({"realm_access": "roles"}, "realm_access.roles", ()),
        ({"groups": ["a"]}, "groups.0", ()),
    ],
)
def test_groups_are_found_where_providers_put_them(claims: dict[str, Any], path: str, groups: tuple[str, ...]) -> None:
    assert groups_in(claim(claims, path)) == groups


@pytest.mark.parametrize(
    ("groups", "grants"),
    [
        (("ward-a",), (Granted(Role.WARD_STAFF, ("A1",)), Granted(Role.WARD_STAFF, ("B2",)))),
        (("med", "Chiefs"), (Granted(Role.MATRON, (), ("MED",)), Granted(Role.EXECUTIVE))),
        (("chiefs", "WARD-A", "ward-a ", "ward"), ()),
        ((), ()),
    ],
)
def test_a_group_gives_what_stands_beside_it_and_nothing_else(
    groups: tuple[str, ...], grants: tuple[Granted, ...]
) -> None:
    assert granted(groups, GRANTS) == grants
    found = person("s", "N", "oidc", groups, GRANTS)
    assert found == (Person("s", "N", "oidc", grants) if grants else None)


def test_a_name_is_one_line_that_can_be_kept() -> None:
    hostile = "An\x00na\n\u202eevil\ud800 <b>\u2028 " + "x" * 9000
    assert plain(hostile, 40) == "Annaevil <b> " + "x" * 27
    assert plain(b"x") == plain(7) == plain(None) == plain(["x"]) == ""
    assert person("sub", 7, "oidc", ["Chiefs"], GRANTS) == Person("sub", "sub", "oidc", (Granted(Role.EXECUTIVE),))


@pytest.mark.parametrize("value", ["", " a", "a\n", "a\x00", "x" * 257, "\ud800", "a\u202eb", 5, None, ["a"], {"a": 1}])
def test_a_subject_is_kept_exactly_or_not_at_all(value: object) -> None:
    assert subject_of(value) == ""


def test_ordinary_subjects_are_kept() -> None:
    for value in ("f3b0-77", "anna.marsh@trust.nhs.uk", "Zoë", "x" * 256):
        assert subject_of(value) == value


@given(ANY_JSON, st.text(max_size=12))
def test_no_claim_breaks_anything(value: Any, path: str) -> None:
    for claims in ({"groups": value, "a": {"b": value}}, value if isinstance(value, dict) else {}):
        for name in ("groups", "a.b", path):
            groups = groups_in(claim(claims, name))
            assert all(isinstance(one, str) for one in groups)
            found = person(subject_of(value) or "s", value, "oidc", [*groups, "Chiefs"], GRANTS)
            assert found
            assert person_of(person_to_json(found, "r"), "r") == found, "it can be kept, and is the same again"
            orjson.dumps(found.name)


def test_a_claim_without_end_is_not_followed_without_end() -> None:
    deep: Any = "a"
    for _ in range(500):
        deep = [deep]
    assert groups_in(deep) == ()
    assert len(groups_in([f"g{number}" for number in range(50_000)])) == 10_000
