"""What a team writes is kept once, audited first, and shown as it was typed; what is refused changes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from surveillance.errors import StoreError
from surveillance.team.boards import board_of
from surveillance.team.things import Kind, Standing, Thing
from tests.displays import NOON
from tests.teams import RED, Site, site, teams_served

HOSTILE = (
    "<script>alert(1)</script>",
    "\"'><img src=x onerror=a()>",
    "</p></main>&amp;&#60;b&#62;",
    "{{7*7}} ${7*7} `id`",
    "🙂 👩‍⚕️ «é» שלום",
    "' OR 1=1 --",
)
RATE = {"do": "rate", "rating": "4", "rated_on": "2026-11-23"}
ACT = {"do": "act", "what": "Check the trolley at noon", "action_role": "ward manager", "due": "2026-12-03"}
OWN = {"do": "own", "measure": RED, "owner_role": "nurse in charge", "owner_words": "all before 14:00"}
TRY = {"do": "try", "trying": "Two nurses check insulin"}
ENTER = {"do": "enter", "indicator": "thanks", "value": "12", "period": "October 2026"}
ACCREDIT = {"do": "accredit", "level": "Silver", "assessed_on": "2026-03-02", "next_due": "2027-03-02", "score_0": "81"}


@pytest.fixture
def ward(tmp_path: Path) -> Iterator[Site]:
    with teams_served(tmp_path) as served:
        yield served


def things(ward: Site) -> list[Thing]:
    ward.notebook.read()
    return list(ward.notebook.things)


def board(ward: Site, tmp_path: Path) -> Any:
    return board_of(site(tmp_path), things(ward))


# -- what is kept


@pytest.mark.parametrize(
    ("who", "path", "form", "kind", "content"),
    [
        ("nurse", "huddle", RATE, Kind.RATING, {"rating": 4, "date": "2026-11-23"}),
        (
            "nurse",
            "huddle",
            ACT,
            Kind.ACTION,
            {"what": "Check the trolley at noon", "role": "ward manager", "due": "2026-12-03"},
        ),
        (
            "nurse",
            "huddle",
            OWN,
            Kind.OWNED,
            {"measure": RED, "role": "nurse in charge", "words": "all before 14:00"},
        ),
        ("nurse", "huddle", TRY, Kind.TRYING, {"words": "Two nurses check insulin"}),
        ("nurse", "huddle", {"do": "choose", "indicators": ["thanks", "falls"]}, Kind.CHOICE, None),
        ("quality", "accreditation", ENTER, Kind.BAROMETER, None),
        ("quality", "accreditation", ACCREDIT, Kind.ACCREDITATION, None),
    ],
)
def test_what_is_written_is_kept_with_who_and_when_and_audited(
    ward: Site, who: str, path: str, form: dict[str, str], kind: Kind, content: dict[str, Any] | None
) -> None:
    answer = ward.post(who, f"/{path}-entry/A1", form)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/{path}/A1?kept=1")
    (thing,) = things(ward)
    assert (thing.ward, thing.kind, thing.who, thing.since) == ("A1", kind, who, NOON)
    assert content is None or thing.content == content
    assert ("change", who, "A1", f"{path}: {kind} new") in ward.audited()
    page = unescape(ward.get(who, answer.headers["location"]).text)
    assert "Kept." in page
    for typed in ("ward manager", "nurse in charge", "Two nurses check insulin", "October 2026", "Silver"):
        assert (typed in page) or typed not in str(thing.content)


def test_the_audit_record_holds_nothing_of_what_was_typed(ward: Site) -> None:
    for form in (ACT, TRY, OWN, {**ACT, "what": "Ring Ashworth"}):
        ward.post("nurse", "/huddle-entry/A1", form)
    told = " ".join(detail for *_, detail in ward.audited())
    assert not [word for word in ("trolley", "insulin", "Ashworth", "14:00") if word in told]


def test_an_action_is_done_and_a_line_taken_down_by_a_further_row(ward: Site, tmp_path: Path) -> None:
    ward.post("nurse", "/huddle-entry/A1", ACT)
    ward.post("nurse", "/huddle-entry/A1", TRY)
    ward.post("nurse", "/huddle-entry/A1", {**TRY, "trying": "Three nurses check"})
    action, _, line = things(ward)
    assert board(ward, tmp_path).trying == "Three nurses check"
    ward.post("nurse", "/huddle-entry/A1", {"do": "done", "number": str(action.number)})
    ward.post("nurse", "/huddle-entry/A1", {"do": "withdraw", "number": str(line.number)})
    assert [thing.standing for thing in things(ward)] == [Standing.DONE, Standing.OPEN, Standing.WITHDRAWN]
    assert board(ward, tmp_path).trying == "", "the line before does not come back"
    with ward.database.reading() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM team_entry").scalar() == 5


def test_nobody_can_change_or_take_away_a_row(ward: Site) -> None:
    ward.post("nurse", "/huddle-entry/A1", ACT)
    for statement in ("UPDATE team_entry SET who = 'x'", "DELETE FROM team_entry"):
        with pytest.raises(StoreError, match="only added to"), ward.database.writing() as connection:
            connection.exec_driver_sql(statement)


def test_what_was_ended_already_is_not_ended_again(ward: Site) -> None:
    ward.post("nurse", "/huddle-entry/A1", ACT)
    (action,) = things(ward)
    end = {"do": "done", "number": str(action.number)}
    assert ward.post("nurse", "/huddle-entry/A1", end).status_code == 303
    assert ward.post("nurse", "/huddle-entry/A1", end).status_code == 422
    assert len(things(ward)) == 1


# -- who may


@pytest.mark.parametrize(
    ("who", "path", "form"),
    [
        ("neighbour", "/huddle-entry/A1", TRY),
        ("quality", "/huddle-entry/A1", TRY),
        ("executive", "/huddle-entry/A1", TRY),
        ("nurse", "/accreditation-entry/A1", ACCREDIT),
        ("nobody", "/huddle-entry/A1", TRY),
    ],
)
def test_nobody_else_writes_for_a_ward(ward: Site, who: str, path: str, form: dict[str, str]) -> None:
    assert ward.post(who, path, form).status_code in (401, 403)
    assert things(ward) == []
    if who != "nobody":
        assert ("refused", who) in [(event, name) for event, name, *_ in ward.audited()]


def test_somebody_of_another_ward_may_read_and_sees_no_form(ward: Site) -> None:
    ward.post("nurse", "/huddle-entry/A1", TRY)
    page = ward.get("neighbour", "/huddle/A1").text
    assert "Two nurses check insulin" in page
    assert "<form" not in page
    assert "<form" in ward.get("nurse", "/huddle/A1").text


@pytest.mark.parametrize(("path", "code"), [("/huddle/a1", 404), ("/huddle-sheet/none", 404), ("/huddle/A1", 200)])
def test_a_ward_that_there_is_not_is_not_found(ward: Site, path: str, code: int) -> None:
    assert ward.get("nurse", path).status_code == code


# -- what is refused


@pytest.mark.parametrize(
    ("form", "field", "words"),
    [
        ({**RATE, "rating": "6"}, "rating", "1 to 5"),
        ({**RATE, "rating": ""}, "rating", "1 to 5"),
        ({**RATE, "rated_on": "2026-11-24"}, "rated_on", "not one to come"),
        ({**RATE, "rated_on": "2026-11-16"}, "rated_on", "last week"),
        ({**RATE, "rated_on": "tomorrow"}, "rated_on", "Choose a date"),
        ({**ACT, "what": ""}, "what", "Write something"),
        ({**ACT, "what": "x" * 10_000}, "what", "At most 50"),
        ({**ACT, "what": "two\nlines"}, "what", "line breaks"),
        ({**ACT, "action_role": "\N{RIGHT-TO-LEFT OVERRIDE}nurse"}, "action_role", "hidden characters"),
        ({**ACT, "due": "2026-11-22"}, "due", "today"),
        ({**ACT, "what": "Ring 943 476 5919"}, "what", "NHS number"),
        ({**ACT, "what": "See RX123456"}, "what", "hospital number"),
        ({**ACT, "what": "See H000123"}, "what", "hospital number"),
        ({**ACT, "what": "The lady born 3/4/41"}, "what", "date of birth"),
        ({**ACT, "what": "Ask irene"}, "what", "name of a patient"),
        ({**ACT, "action_role": "Ashworth's son"}, "action_role", "name of a patient"),
        ({**OWN, "measure": "ra_falls"}, "measure", "watch or act"),
        ({**OWN, "measure": "<script>"}, "measure", "watch or act"),
        ({**OWN, "owner_words": "Irene first"}, "owner_words", "name of a patient"),
        ({**TRY, "trying": "Call Ashworth earlier"}, "trying", "name of a patient"),
        (
            {"do": "choose", "indicators": ["falls", "thanks", "turnover", "training", "ulcer_free"]},
            "indicators",
            "At most",
        ),
    ],
)
def test_a_refusal_names_the_field_and_loses_nothing(ward: Site, form: dict[str, Any], field: str, words: str) -> None:
    answer = ward.post("nurse", "/huddle-entry/A1", form)
    page = unescape(answer.text)
    assert answer.status_code == 422
    assert f'href="#{field}"' in page
    assert words in page.partition("Nothing was kept.")[2]
    assert things(ward) == []
    for name, typed in form.items():
        if name in ("what", "action_role", "owner_role", "owner_words", "trying", "due"):
            assert f'value="{typed}"' in page, name


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({**ENTER, "indicator": "ulcer_free"}, "indicator"),
        ({**ENTER, "value": "many"}, "value"),
        ({**ENTER, "value": "١٢"}, "value"),
        ({**ENTER, "period": "Ashworth's stay"}, "period"),
        ({**ACCREDIT, "level": "Gold"}, "level"),
        ({**ACCREDIT, "assessed_on": "2027-03-02"}, "assessed_on"),
        ({**ACCREDIT, "next_due": "2026-01-01"}, "next_due"),
        ({**ACCREDIT, "score_1": "very kind"}, "score_1"),
    ],
)
def test_what_quality_enters_is_checked_as_well(ward: Site, form: dict[str, str], field: str) -> None:
    answer = ward.post("quality", "/accreditation-entry/A1", form)
    assert answer.status_code == 422
    assert f'href="#{field}"' in answer.text
    assert things(ward) == []


def test_text_that_looks_like_a_patient_is_audited_by_its_rule_alone(ward: Site) -> None:
    ward.post("nurse", "/huddle-entry/A1", {**ACT, "what": "Ask irene"})
    assert ward.audited()[-1] == ("refused", "nurse", "A1", "huddle: text that looks like a patient: name")


def test_it_is_said_whether_names_can_be_checked(ward: Site, tmp_path: Path) -> None:
    assert "names on the ward" in ward.get("nurse", "/huddle/A1").text
    with teams_served(tmp_path / "other", with_names=False) as nameless:
        assert "Names cannot be checked" in nameless.get("nurse", "/huddle/A1").text


@pytest.mark.parametrize("body", [b"\xff\xfe", b"do=" + b"x" * 20_000, b"nonsense", b"", b"&".join([b"do=rate"] * 200)])
def test_what_is_no_form_is_not_understood(ward: Site, body: bytes) -> None:
    with ward._client("nurse") as client:
        headers = {"Origin": ward.address, "Content-Type": "application/x-www-form-urlencoded"}
        assert client.post("/huddle-entry/A1", content=body, headers=headers).status_code == 422
    assert things(ward) == []


@pytest.mark.parametrize("text", HOSTILE)
def test_what_is_typed_is_text_and_nothing_else_on_every_page(ward: Site, text: str) -> None:
    for form in (
        {**TRY, "trying": text},
        {**ACT, "what": text[:50], "action_role": text[:22]},
        {**OWN, "owner_role": text[:22]},
    ):
        assert ward.post("nurse", "/huddle-entry/A1", form).status_code == 303
    for path in ("/huddle/A1", "/huddle-sheet/A1"):
        page = ward.get("nurse", path).text
        assert text in unescape(page)
        for raw in ("<script>alert", "<img", "</main>&amp;", "&#60;b"):
            assert raw not in page


# -- a store that fails


def test_what_cannot_be_audited_is_not_kept_and_what_was_typed_is_still_there(
    ward: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> int:
        raise StoreError("the disk is full")

    monkeypatch.setattr(ward.access, "record", fails)
    answer = ward.post("nurse", "/huddle-entry/A1", TRY)
    assert answer.status_code == 503
    assert 'value="Two nurses check insulin"' in answer.text
    assert "disk" not in answer.text
    assert things(ward) == []


def test_it_is_audited_before_it_is_kept(ward: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object) -> bool:
        raise StoreError("the disk is full")

    monkeypatch.setattr(ward.notebook, "keep", fails)
    assert ward.post("nurse", "/huddle-entry/A1", TRY).status_code == 503
    assert ward.audited()[-1] == ("change", "nurse", "A1", "huddle: trying new")


def test_a_page_of_which_nothing_can_be_read_says_so(ward: Site) -> None:
    ward.notebook.close()
    assert ward.get("nurse", "/huddle/A1").status_code == 503


def test_the_times_are_the_hospitals_and_the_real_one(ward: Site) -> None:
    ward.post("nurse", "/huddle-entry/A1", TRY)
    with ward.database.reading() as connection:
        at, moment = connection.exec_driver_sql("SELECT at, moment FROM team_entry").one()
    assert at == moment == int(datetime.timestamp(NOON) * 1e6)
