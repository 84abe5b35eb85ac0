"""Messages taken apart: what they say, what is refused and where, and that nothing of them is quoted."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from surveillance.adt.acknowledgement import Answer, acknowledgement
from surveillance.adt.event import Event, Ignored
from surveillance.adt.framing import Frames, TooLong, framed
from surveillance.adt.times import completed_years, moment_of
from surveillance.errors import MessageRefused
from tests.adt_messages import NAME, adt, event, event_of, said
from tests.small_hospital import AS_AT

HOUR = timedelta(hours=1)


def test_an_admission_says_who_where_and_when_and_no_more() -> None:
    found = event("A01", "v9", "A1", AS_AT - HOUR, patient="p9", bed="4", PV1_44="202611230700+0000")
    assert (found.spell_key, found.patient_key, found.ward, found.bed) == ("v9", "p9", "A1", "4")
    assert (found.recorded, found.admitted) == (AS_AT - HOUR, datetime(2026, 11, 23, 7, tzinfo=UTC))
    assert (found.patient_class, found.sex, found.age) == ("inpatient", "female", 78)
    assert NAME not in repr(found)
    assert "19480229" not in repr(found)


def test_what_is_stored_is_what_was_said() -> None:
    for message in (adt("A01", PV1_44="202611230700"), adt("A12", occurred=AS_AT - HOUR), adt("A40", prior="p2")):
        found = event_of(message)
        assert Event.from_plain(orjson.loads(orjson.dumps(found.plain()))) == found


def test_a_message_sent_again_is_the_same_and_a_control_number_used_twice_is_not() -> None:
    message = adt("A02", "v1", "B2", control_id="7")
    assert event("A02", "v1", "B2", control_id="7", MSH_7="20261123115959").key == event_of(message).key
    assert event("A02", "v1", "A1", control_id="7").key != event_of(message).key


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("MSH: the message does not begin with it", b"PID|1\r"),
        ("MSH: the message does not begin with it", b""),
        ("MSH-2: does not say how the message is separated", b"MSH|^~"),
        ("MSH-2: names one separator twice", b"MSH|^^\\&|A"),
        ("segment 2: has no name", b"MSH|^~\\&|A\rpid|1"),
        ("segment 2: begins a second message in one block", b"MSH|^~\\&|A\rMSH|^~\\&|B"),
        ("MSH-9.1: is not ADT", adt("A01", MSH_9="ORU^R01")),
        ("MSH-9.2: is no event of ADT", adt("A01", MSH_9="ADT^Z99")),
        ("MSH-12: is no version 2.x", adt("A01", MSH_12="3.0")),
        ("MSH-11: is none of P", adt("A01", MSH_11="T")),
        ("MSH-18: is none of 8859/1, 8859/15, ASCII, UNICODE UTF-8, UTF-8", adt("A01", MSH_18="BIG-5")),
        ("MSH-10: is empty", adt("A01", MSH_10="")),
        ("EVN-2: is no time with a date, hour and minute", adt("A01", EVN_2="20261123")),
        ("EVN-2: is no time that exists", adt("A01", EVN_2="202613991200")),
        ("EVN-2: lies in the future", adt("A01", EVN_2="202611241200")),
        ("PV1-19: is empty", adt("A02", visit="")),
        ("PV1-3.1: is empty", adt("A01", ward='""')),
        ("PID-3: holds no such key", adt("A01", PID_3="")),
        ("PV1-2: is none of the classes that the configuration knows", adt("A01", patient_class="X")),
        ("PV1-2: is empty", adt("A01", patient_class="")),
        ("PV1-3.1: is empty, and EVN-6 too: neither says what is cancelled", adt("A12", ward="")),
        ("PV1-19: has more than 199 characters", adt("A02", visit="1" * 200)),
        ("PV1-19: holds characters that cannot be printed", adt("A02", visit="v\x001")),
        ("PV1-19: begins an escape sequence that does not end", adt("A02", visit="v\\F")),
        ("PV1-19: holds an escape sequence that stands for no character", adt("A02", visit="v\\H\\1")),
        ("MRG-1: is the surviving key too", adt("A40", patient="p1", prior="p1")),
        ("MRG-1: is empty", adt("A40")),
    ],
)
def test_what_can_never_be_right_is_refused_with_its_place_and_not_its_content(words: str, message: bytes) -> None:
    with pytest.raises(MessageRefused) as error:
        said(message)
    assert str(error.value) == words


def test_wrong_characters_are_refused_where_they_are_needed_and_nowhere_else() -> None:
    in_a_name = adt("A02", "v1", "B2").replace(NAME.encode(), "Müller".encode("latin-1"))
    assert isinstance(said(in_a_name), Event)
    in_a_ward = adt("A02", "v1", "WARD").replace(b"WARD^", "Köln^".encode("latin-1"))
    with pytest.raises(MessageRefused, match=r"^PV1-3\.1: is not written in utf-8$"):
        said(in_a_ward)
    for charset in ("8859/1", "UNICODE UTF-8"):
        python = {"8859/1": "latin-1"}.get(charset, "utf-8")
        message = adt("A02", "v1", "WARD", MSH_18=charset).replace(b"WARD^", "Köln^".encode(python))
        assert event_of(message).ward == "Köln"
    with pytest.raises(MessageRefused, match="is not written in ascii"):
        said(adt("A02", "v1", "WARD", MSH_18="ASCII").replace(b"WARD^", b"K\xf6ln^"))


def test_other_separators_line_ends_repetitions_and_escapes_are_read() -> None:
    other = adt("A02", "v1", "B2").translate(bytes.maketrans(b"|^~\\&", b"#@*!%")).replace(b"\r", b"\r\n")
    assert event_of(other).ward == "B2"
    assert event_of(adt("A02", "v\\S\\1\\X41\\", "B2").replace(b"\r", b"\n")).spell_key == "v^1A"
    several = adt("A01", PID_3="9434765919^^^NHS^NH~p7^^^RIV^MR")
    assert event_of(several, fields={"patient_key_type": "MR"}).patient_key == "p7"
    assert event_of(several).patient_key == "9434765919"


def test_a_site_may_say_where_things_stand() -> None:
    message = adt("A02", "v1", "B2", PID_18="ACC7", PV1_11="KENT^^9")
    where = {"spell_key": "PID-18", "ward": "PV1-11", "bed": "PV1-11.3"}
    found = event_of(message, fields=where)
    assert (found.spell_key, found.ward, found.bed) == ("ACC7", "KENT", "9")


def test_a_merge_names_each_prior_patient_and_the_one_who_survives() -> None:
    two = adt("A40", patient="p1", prior="p2") + b"PID|2||p3^^^RIV^MR\rMRG|p4^^^RIV^MR\r"
    assert event_of(two).merges == (("p2", "p1"), ("p4", "p3"))
    assert event_of(adt("A34", patient="p1", prior="p2")).merges == (("p2", "p1"),)


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        (adt("A31"), "event A31"),
        (adt("A51", prior="p2"), "event A51"),
        (adt("A01", patient_class="E"), "a patient class that lies on no ward"),
        (adt("A08", patient_class="O"), "a patient class that lies on no ward"),
    ],
)
def test_what_changes_nothing_in_the_census_is_ignored_with_a_reason(message: bytes, reason: str) -> None:
    assert said(message) == Ignored(reason)


def test_an_event_takes_place_no_later_than_it_was_told() -> None:
    ahead = event("A02", at=AS_AT + timedelta(minutes=5), heard=AS_AT)
    assert (ahead.began, ahead.known_at) == (AS_AT, AS_AT)


@pytest.mark.parametrize(
    ("text", "heard", "utc"),
    [
        ("202611231200", "2026-11-23T12:00", "2026-11-23T12:00"),
        ("20260701120030.1234", "2026-07-01T11:01", "2026-07-01T11:00:30.123400"),
        ("202607011200+0300", "2026-07-01T11:01", "2026-07-01T09:00"),
        ("202607011200-0330", "2026-07-01T17:01", "2026-07-01T15:30"),
        # 01:30 stands twice on the clocks of that night.
        ("202610250130", "2026-10-25T00:31", "2026-10-25T00:30"),
        ("202610250130", "2026-10-25T01:31", "2026-10-25T01:30"),
    ],
)
def test_times_are_local_unless_they_say_otherwise(text: str, heard: str, utc: str) -> None:
    moments = (datetime.fromisoformat(one).replace(tzinfo=UTC) for one in (heard, utc))
    now, expected = moments
    assert moment_of(text, "EVN-2", "Europe/London", now) == expected


def test_age_is_of_completed_years() -> None:
    assert completed_years(date(1948, 2, 29), date(2026, 2, 28)) == 77
    assert completed_years(date(1948, 2, 29), date(2026, 3, 1)) == 78


def test_an_answer_echoes_the_header_alone() -> None:
    answer = acknowledgement(adt("A01", control_id="77"), Answer.ACCEPT, AS_AT)
    assert answer.startswith(b"MSH|^~\\&|WARDS|RIV|PAS|RIV|20261123120000.0000+0000||ACK^A01^ACK|ACK")
    assert answer.endswith(b"|P|2.5.1\rMSA|AA|77\r")


def test_a_rejection_says_where_and_in_the_form_of_the_senders_version() -> None:
    refused = MessageRefused(101, "PV1-3.1", "is empty")
    newer = acknowledgement(adt("A01", control_id="77"), Answer.REJECT, AS_AT, refused)
    assert newer.endswith(b"MSA|AR|77|PV1-3.1: is empty\rERR||PV1^1^3^1^1|101^^HL70357|E\r")
    older = acknowledgement(adt("A01", control_id="77", MSH_12="2.3"), Answer.REJECT, AS_AT, refused)
    assert b"|ACK^A01|ACK" in older
    assert older.endswith(b"MSA|AR|77|PV1-3.1: is empty\rERR|PV1^1^3^101&&HL70357\r")
    other = adt("A01", control_id="77").translate(bytes.maketrans(b"|^~\\&", b"-@*!%"))
    assert b"MSA-AR-77-PV1!F!3.1: is empty\r" in acknowledgement(other, Answer.REJECT, AS_AT, refused)
    assert b"MSA|AR||MSH: no" in acknowledgement(b"\xff\xfe", Answer.REJECT, AS_AT, MessageRefused(100, "MSH", "no"))


def test_who_asks_for_an_accept_acknowledgement_gets_one() -> None:
    assert b"MSA|CA|77" in acknowledgement(adt("A01", control_id="77", MSH_15="AL"), Answer.ACCEPT, AS_AT)
    assert b"MSA|CE|77" in acknowledgement(adt("A01", control_id="77", MSH_15="AL"), Answer.ERROR, AS_AT)


@given(st.lists(st.binary(max_size=40).filter(lambda one: not {0x0B, 0x1C} & set(one)), max_size=6), st.data())
@settings(max_examples=60, deadline=None)
def test_messages_come_whole_in_whatever_pieces_they_were_sent(messages: list[bytes], data: st.DataObject) -> None:
    stream, frames, found = b"".join(map(framed, messages)), Frames(1000), []
    while stream:
        size = data.draw(st.integers(1, len(stream)))
        found += frames.feed(stream[:size])
        stream = stream[size:]
    assert found == messages
    assert (frames.outside, frames.broken, frames.in_a_message) == (0, 0, False)


def test_what_is_outside_of_messages_is_counted_and_a_new_start_begins_anew() -> None:
    frames = Frames(100)
    assert frames.feed(b"MSH|no start\x1c\r") == []
    assert frames.outside == len(b"MSH|no start")
    assert frames.feed(b"\x0bhalf of\x0bone\x1c\x0btwo\x1c\r\n\x0bthree") == [b"one", b"two"]
    assert (frames.broken, frames.in_a_message) == (1, True)
    with pytest.raises(TooLong) as error:
        frames.feed(b"x" * 200)
    assert error.value.begun.startswith(b"threexxx")
    assert len(error.value.begun) == 100


@given(st.binary(max_size=300), st.integers(0, 400), st.integers(1, 8))
@settings(max_examples=150, deadline=None)
def test_no_bytes_make_it_do_anything_but_read_or_refuse(noise: bytes, place: int, cut: int) -> None:
    message = adt("A40", prior="p2") if len(noise) % 2 else adt("A01", bed="4")
    broken = message[:place] + noise + message[place + cut :]
    refused: list[MessageRefused] = []
    try:
        said(broken)
    except MessageRefused as error:
        refused.append(error)
    assert NAME not in str(refused)
    for why in refused:
        answer = acknowledgement(broken, Answer.REJECT, AS_AT, why)
        assert b"\x0b" not in answer
        assert b"\x1c" not in answer
