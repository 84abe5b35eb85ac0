"""Nothing that tells of a patient gets through, and what a team really writes does."""

from __future__ import annotations

from datetime import date

import pytest

from surveillance.team.patient_details import Known, Rule, known_of, refused
from surveillance.team.texts import text_fault, tidy

TODAY = date(2026, 11, 23)
PEOPLE = (
    ("O'Brien-Smythe", "Éloïse Mary", ("H 000123",), True),
    ("May", "Will", (), True),
    ("Rose", "Amber", (), True),
    ("Nowak", "Łukasz", (), True),
    ("Li", "Bo", ("4711",), True),
    ("Elsewhere", "Gone", ("AB99887",), False),
)
KNOWN = known_of(r"RX\d{6}", PEOPLE, "Rose Ward")


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("Ring 943 476 5919", Rule.NHS_NUMBER),
        ("9434765919", Rule.NHS_NUMBER),
        ("9434765918 has a wrong check digit", Rule.NHS_NUMBER),
        ("943-476-5919 bed 3", Rule.NHS_NUMBER),
        ("bed 3 943 476 5919", Rule.NHS_NUMBER),
        ("9 4 3 4 7 6 5 9 1 9", Rule.NHS_NUMBER),
        ("(943) 476,5919", Rule.NHS_NUMBER),
        ("943\N{NO-BREAK SPACE}476\N{EN DASH}5919", Rule.NHS_NUMBER),
        ("9434\N{ZERO WIDTH SPACE}765919", Rule.NHS_NUMBER),
        ("\N{FULLWIDTH DIGIT NINE}434765919", Rule.NHS_NUMBER),
        ("٩٤٣٤٧٦٥٩١٩", Rule.NHS_NUMBER),
        ("see rx123456.", Rule.HOSPITAL_NUMBER),
        ("H000123", Rule.HOSPITAL_NUMBER),
        ("h-000 123 is waiting", Rule.HOSPITAL_NUMBER),
        ("ab 99887 of another ward", Rule.HOSPITAL_NUMBER),
        ("DOB 3/4/41", Rule.BIRTH_DATE),
        ("d.o.b. 3 April", Rule.BIRTH_DATE),
        ("born 1941", Rule.BIRTH_DATE),
        ("3/11 born", Rule.BIRTH_DATE),
        ("date of birth: 3/4/2026", Rule.BIRTH_DATE),
        ("3 March 1941", Rule.BIRTH_DATE),
        ("3rd of Jan '41", Rule.BIRTH_DATE),
        ("March 3, 1999", Rule.BIRTH_DATE),
        ("1999-03-03", Rule.BIRTH_DATE),
        ("03031941", Rule.BIRTH_DATE),
        ("3.4.2024", Rule.BIRTH_DATE),
        ("eloise", Rule.NAME),
        ("Ask Eloise's daughter", Rule.NAME),
        ("OBRIEN again", Rule.NAME),
        ("o’brien-smythe", Rule.NAME),
        ("(SMYTHE)", Rule.NAME),
        ("lukasz", Rule.NAME),
        ("if Will can walk", Rule.NAME),
        ("May will do it", Rule.NAME),
        ("the Amber bay", Rule.NAME),
    ],
)
def test_what_tells_of_a_patient_is_refused_by_its_rule(text: str, rule: Rule) -> None:
    assert refused(text, KNOWN, TODAY) is rule


@pytest.mark.parametrize(
    "text",
    [
        "Ring pharmacy on 01253 300 0000",
        "07700 900123",
        "bleep 1234",
        "by 23/11/27",
        "due 3 Dec 2026 at 10:30",
        "two babies born today",
        "falls since 2024",
        "newborn check within 24 h",
        "Will is asked to bring the trolley",
        "who will do it by 3 May?",
        "Every dose in May 2026",
        "rose ward huddle at nine",
        "the Rose team counts insulin",
        "WILL CHECK EVERY ROSE",
        "elsewhere the trolley is late",
        "Li-ion batteries of the pumps, 4711 of them",
        "100% 🙂 «bien sûr» עברית",
        "",
    ],
)
def test_what_a_team_writes_of_its_work_is_not_refused(text: str) -> None:
    assert refused(text, KNOWN, TODAY) is None


def test_whether_names_can_be_checked_is_known() -> None:
    assert KNOWN.names_known
    assert not known_of(None, [("", "", ("K1",), True)]).names_known
    assert refused("Ashworth", Known(), TODAY) is None


def test_a_refusal_does_not_repeat_the_text() -> None:
    rule = refused("Ask Eloise's daughter", KNOWN, TODAY)
    assert rule is not None
    assert "loise" not in rule.value


@pytest.mark.parametrize(
    "text",
    [
        "two\nlines",
        "a\ttab",
        "null \0",
        "bell \a",
        "right to left \N{RIGHT-TO-LEFT OVERRIDE}olleh",
        "isolate \N{RIGHT-TO-LEFT ISOLATE}",
        "\N{ZERO WIDTH SPACE}hidden",
        "\N{LINE SEPARATOR}",
        "private \ue000",
        "half \ud83d",
        "x" * 41,
        "",
    ],
)
def test_a_text_is_one_line_of_ordinary_characters(text: str) -> None:
    assert text_fault(tidy(text), 40)


@pytest.mark.parametrize("text", ["🙂 👩‍⚕️ 100 %", "“quotes” 'and' \"others\"", "שלום", "<script>alert(1)</script>"])
def test_other_scripts_quotes_and_emoji_are_ordinary(text: str) -> None:
    assert text_fault(tidy(text), 40) == ""
    assert tidy(f"  {text}   x ") == f"{text} x"
