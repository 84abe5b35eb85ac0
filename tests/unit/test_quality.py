from __future__ import annotations

from pathlib import Path

import pytest

from connectors.packs import load_pack, pack_names
from surveillance.commands.quality_page import LEVELS, Criterion, Graded, proofs, quality_page
from surveillance.errors import ConfigurationError
from surveillance.settings import Source

CRITERIA, THINGS = proofs()


def test_every_pack_that_comes_with_the_program_is_graded_and_no_other() -> None:
    assert sorted(one.name for one in THINGS if one.of == "pack") == pack_names()


def test_every_kind_of_source_that_can_be_configured_is_graded() -> None:
    kinds = {name for name in Source.model_fields if name in ("fhir", "files")}
    graded = " ".join(one.title for one in THINGS if one.of == "connector").lower()
    assert kinds == {"fhir", "files"}
    drivers = ("postgresql+psycopg", "postgresql+arrow_odbc", "mariadb+arrow_odbc", "mariadb+pyodbc")
    assert all(kind in graded for kind in (*kinds, "sqlite", *drivers, "mssql", "oracle"))


def test_a_pack_is_said_to_tell_its_age_only_if_it_asks_for_it() -> None:
    for one in (one for one in THINGS if one.of == "pack"):
        pack = load_pack(one.name)
        assert ("beats" in one.met) <= (pack.heartbeat is not None or pack.speaks == "fhir"), one.name


def test_why_something_is_not_shown_is_said_of_whatever_stops_a_grade() -> None:
    for one in THINGS:
        grade = one.grade(CRITERIA)
        above = LEVELS[LEVELS.index(grade) + 1 :] if grade else LEVELS
        if above:
            stops = [asked.id for asked in CRITERIA if (asked.of, asked.level) == (one.of, above[0])]
            assert any(name in one.open for name in stops), one.name


def test_a_grade_needs_everything_below_it() -> None:
    criteria = [Criterion("pack", name, level, "") for name, level in zip("abc", LEVELS, strict=True)]

    def grade(*met: str, **needless: str) -> str:
        return Graded("pack", "x", "", {name: ["test"] for name in met}, {}, needless).grade(criteria)

    assert [grade(), grade("a"), grade("a", "b"), grade("a", "b", "c")] == ["", *LEVELS]
    assert grade("b", "c") == ""
    assert grade("a", "c") == "bronze"
    assert grade("a", "c", b="nothing to show") == "gold"


BASE = """
[[criteria]]
of = "pack"
id = "a"
level = "bronze"
text = "t"
[shared.s]
a = ["t"]
[[things]]
of = "pack"
name = "x"
"""


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ('met.b = ["t"]', "x: unknown criterion 'b'"),
        ("met.a = []", "x: 'a' names no test"),
        ('met.a = ["t"]\nopen.a = "why"', "x: 'a' stands twice"),
    ],
)
def test_what_cannot_be_meant_is_named(tmp_path: Path, more: str, words: str) -> None:
    path = tmp_path / "quality.toml"
    path.write_text(BASE + more, "utf-8")
    with pytest.raises(ConfigurationError, match=words):
        proofs(path)


def test_the_page_names_what_is_missing() -> None:
    page = quality_page("generated")
    assert "| Microsoft SQL Server (`mssql+pyodbc`) | none yet | real: no server can be had" in page
    assert "| PostgreSQL by its own driver (`postgresql+psycopg`) | gold | – |" in page
