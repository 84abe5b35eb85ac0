"""Nobody is shown a row before it is written down, all of an answer is of one moment, and states are said in words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from callbacks.desk.rows import NOT_WRITTEN, NOT_YET, PATIENT, NeedsReason, Refused, Rows, Shown, ShownPatient
from layouts.desk.nav import grouped, nav
from layouts.desk.patient import patient_line, span
from layouts.desk.says import Group, group_of, none, not_current, title
from layouts.desk.table import MOST_ROWS, table
from layouts.desk.week import drawing, gaps, week
from layouts.markup import to_html
from surveillance.access.access import Access, Opened
from surveillance.access.people import Granted, Person, Role, Session
from surveillance.archive import Archive
from surveillance.current_lists import CurrentLists
from surveillance.errors import StoreError
from surveillance.hub import LAPSES_AFTER_S, Hub
from surveillance.measures import EVERYTHING
from surveillance.measures.forecasts import about_to_count
from surveillance.settings import StoreSettings
from surveillance.snapshot import Level, Reading, State
from surveillance.store import open_store
from surveillance.store.tables import audit
from tests.desks import EXECUTIVE, PHARMACIST, QUALITY, STAFF, WARD, Desk, desk, let_in, pair, patient, row, site
from tests.displays import NOON, hub_of, reading

VTE, DOSES = EVERYTHING["ra_vte"], EVERYTHING["missed_doses_critical_today"]
HERE = "10.1.2.3"
COUNTS = {VTE.id: 3, DOSES.id: 2}


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def known(tmp_path: Path) -> Iterator[tuple[Access, Opened]]:
    with let_in(tmp_path) as found:
        yield found


@pytest.fixture
def rows(known: tuple[Access, Opened]) -> Rows:
    lists, hub = CurrentLists(), hub_of(None, site=site())
    made, worklist = pair(COUNTS)
    lists.publish(made, worklist)
    hub.publish(made, 0.1)
    return Rows(lists, hub, known[0])


def session(known: tuple[Access, Opened], person: Person = STAFF) -> Session:
    return known[1].sessions.begin(person, HERE)[1]


def entries(known: tuple[Access, Opened]) -> list[Any]:
    with known[1].trail._database.reading() as connection:
        return list(connection.execute(select(audit).order_by(audit.c.number)))


# ------------------------------------------------------------------------------------------------ who sees rows
def test_rows_are_shown_to_the_wards_own_staff_and_it_is_written_down(known: Any, rows: Rows) -> None:
    shown = rows.view(session(known), HERE, WARD, VTE.id, "page")
    assert isinstance(shown, Shown)
    assert len(shown.rows) == 3
    (entry,) = entries(known)
    assert (entry.event, entry.who, entry.ward, entry.measure, entry.rows) == ("view", "s.marsh", WARD, VTE.id, 3)
    assert (entry.version, entry.place, entry.keys) == (VTE.version, HERE, '["p0","p1","p2"]')


@pytest.mark.parametrize(
    ("person", "measure", "expected"),
    [
        (PHARMACIST, VTE.id, Refused),
        (PHARMACIST, DOSES.id, Shown),
        (PHARMACIST, "due_critical_doses_4h", Shown),
        (QUALITY, VTE.id, NeedsReason),
        (EXECUTIVE, VTE.id, Refused),
        (replace(STAFF, grants=(Granted(Role.WARD_STAFF, wards=("C3",)),)), VTE.id, NeedsReason),
        (replace(STAFF, grants=(Granted(Role.MATRON, divisions=("MED",)),)), VTE.id, Shown),
        (replace(STAFF, grants=(Granted(Role.ADMINISTRATOR),)), VTE.id, Refused),
    ],
)
def test_every_verdict(known: Any, rows: Rows, person: Person, measure: str, expected: type) -> None:
    found = rows.view(session(known, person), HERE, WARD, measure, "page")
    assert type(found) is expected
    events = [entry.event for entry in entries(known)]
    assert events == {Shown: ["view"], Refused: ["refused"], NeedsReason: []}[expected]


def test_with_a_reason_the_rows_are_shown_and_the_reason_stands_with_them(known: Any, rows: Rows) -> None:
    token, asks = known[1].sessions.begin(QUALITY, HERE)
    assert rows.give_reason(asks, HERE, WARD, "review of a fall on Sunday")
    found = known[1].sessions.find(token)
    assert found
    shown = rows.view(found, HERE, WARD, VTE.id, "page")
    assert isinstance(shown, Shown)
    assert shown.reason == "review of a fall on Sunday"
    given, viewed = entries(known)
    assert (given.event, given.reason, given.ward) == ("reason given", "review of a fall on Sunday", WARD)
    assert (viewed.event, viewed.reason) == ("view", "review of a fall on Sunday")
    assert isinstance(rows.view(found, HERE, "C3", VTE.id, "page"), NeedsReason), "it holds for that ward alone"


@pytest.mark.parametrize(("ward", "measure"), [("none", VTE.id), (WARD, "none"), ("", ""), (WARD, PATIENT)])
def test_what_is_not_there_has_no_rows(known: Any, rows: Rows, ward: str, measure: str) -> None:
    assert isinstance(rows.view(session(known), HERE, ward, measure, "page"), Refused)


def test_before_the_first_snapshot_there_are_no_rows(known: Any) -> None:
    early = Rows(CurrentLists(), hub_of(None, site=site()), known[0])
    assert early.view(session(known), HERE, WARD, VTE.id, "page") == Refused(NOT_YET)
    assert Rows(CurrentLists(), Hub(), known[0]).moment() is None


# ------------------------------------------------------------------------------------------------ the record is first
def test_what_cannot_be_written_down_is_not_shown(known: Any, rows: Rows, monkeypatch: pytest.MonkeyPatch) -> None:
    who = session(known)

    def fails(*_: object) -> int:
        raise StoreError("the disk is full")

    monkeypatch.setattr(known[0], "record", fails)
    assert rows.view(who, HERE, WARD, VTE.id, "page") == Refused(NOT_WRITTEN)
    assert rows.patient(who, HERE, WARD, rows.handle("p0"), "page") == Refused(NOT_WRITTEN)
    assert not rows.give_reason(who, HERE, WARD, "to see whether it is kept")
    monkeypatch.undo()
    assert isinstance(rows.view(who, HERE, WARD, VTE.id, "page"), Shown)
    assert len(entries(known)) == 1, "what failed does not count as written"


def test_the_same_rows_on_the_same_page_are_written_down_once(known: Any) -> None:
    clock, lists, hub = Clock(), CurrentLists(), hub_of(None, site=site())
    known[0].now = clock
    seen, who = Rows(lists, hub, known[0]), session(known)

    def publish(**counts: int) -> None:
        made, worklist = pair(counts)
        lists.publish(made, worklist)
        hub.publish(made, 0.1)

    def views() -> int:
        assert isinstance(seen.view(who, HERE, WARD, VTE.id, "page"), Shown)
        return len(entries(known))

    publish(ra_vte=3)
    assert (views(), views()) == (1, 1)
    publish(ra_vte=2)
    assert views() == 1, "fewer of the same patients"
    publish(ra_vte=4)
    assert (views(), views()) == (2, 2), "somebody new"
    seen.view(who, HERE, WARD, VTE.id, "another page")
    assert len(entries(known)) == 3
    seen.view(who, HERE, WARD, DOSES.id, "page")
    assert views() == 5, "another measure in between"
    clock.now += timedelta(minutes=14)
    assert views() == 5
    clock.now += timedelta(minutes=2)
    assert (views(), views()) == (6, 6)
    other = session(known)
    seen.view(other, HERE, WARD, VTE.id, "page")
    assert len(entries(known)) == 7, "another session on a page of the same name"


def test_a_refusal_is_written_down_once_a_page(known: Any, rows: Rows) -> None:
    who = session(known, EXECUTIVE)
    for _ in range(3):
        rows.view(who, HERE, WARD, VTE.id, "page")
    assert [entry.event for entry in entries(known)] == ["refused"]


# ------------------------------------------------------------------------------------------------ one moment
def test_numbers_and_rows_are_of_one_moment(known: Any) -> None:
    lists, hub = CurrentLists(), hub_of(None, site=site())
    both = Rows(lists, hub, known[0])
    old, new = pair({VTE.id: 3}), pair({VTE.id: 5}, NOON + timedelta(seconds=5))
    lists.publish(*old)
    hub.publish(old[0], 0.1)
    lists.publish(*new)  # and the hub has not been told yet
    shown = both.view(session(known), HERE, WARD, VTE.id, "page")
    assert isinstance(shown, Shown)
    assert shown.reading.value == {"initial_overdue": 5, "reassess_overdue": 0}
    assert len(shown.rows) == 5


def test_a_lapsed_snapshot_is_stale_on_the_desk_too(known: Any, rows: Rows, monkeypatch: pytest.MonkeyPatch) -> None:
    later = LAPSES_AFTER_S + 1
    import surveillance.hub

    steady = surveillance.hub.monotonic
    monkeypatch.setattr(surveillance.hub, "monotonic", lambda: steady() + later)
    shown = rows.view(session(known), HERE, WARD, VTE.id, "page")
    assert isinstance(shown, Shown)
    assert shown.reading.state is State.STALE
    assert len(shown.rows) == 3, "held rows are shown as what they are"


@pytest.mark.parametrize("state", [state for state in State if state not in (State.VALUE, State.STALE)])
def test_rows_of_a_number_that_is_not_known_are_not_shown(known: Any, state: State) -> None:
    lists, hub = CurrentLists(), hub_of(None, site=site())
    made, worklist = pair(COUNTS, ra_vte=state)
    lists.publish(made, worklist)
    hub.publish(made, 0.1)
    shown = Rows(lists, hub, known[0]).view(session(known), HERE, WARD, VTE.id, "page")
    assert isinstance(shown, Shown)
    assert shown.rows == ()


# ------------------------------------------------------------------------------------------------ one patient
def test_everything_of_one_patient_and_nobody_else(known: Any, rows: Rows) -> None:
    found = rows.patient(session(known), HERE, WARD, rows.handle("p1"), "page")
    assert isinstance(found, ShownPatient)
    assert [one.measure.id for one in found.outstanding] == [VTE.id, DOSES.id]
    (entry,) = entries(known)
    assert (entry.measure, entry.keys, entry.rows) == (PATIENT, '["p1"]', 2)
    assert isinstance(rows.patient(session(known), HERE, WARD, rows.handle("p2"), "page"), ShownPatient)
    assert isinstance(rows.patient(session(known), HERE, WARD, "no handle", "page"), Refused)
    assert isinstance(rows.patient(session(known), HERE, WARD, "p1", "page"), Refused), "a key is no handle"


def test_a_pharmacist_sees_a_patients_medicines_alone(known: Any, rows: Rows) -> None:
    found = rows.patient(session(known, PHARMACIST), HERE, WARD, rows.handle("p1"), "page")
    assert isinstance(found, ShownPatient)
    assert [one.measure.id for one in found.outstanding] == [DOSES.id]
    assert isinstance(rows.patient(session(known, QUALITY), HERE, WARD, rows.handle("p1"), "page"), NeedsReason)
    assert isinstance(rows.patient(session(known, EXECUTIVE), HERE, WARD, rows.handle("p1"), "page"), Refused)


def test_a_patients_line_says_how_late_each_thing_is() -> None:
    due = {**row(VTE, 0), "due": NOON - timedelta(minutes=142)}
    soon = {**row(DOSES, 0), "due_ts": NOON + timedelta(minutes=12)}
    items = [(DOSES, reading(DOSES, WARD), soon), (VTE, reading(VTE, WARD), due)]
    said = re.sub(r"<[^>]+>", "", to_html(patient_line(patient(0), items, WARD, NOON)))
    assert "Everything outstanding for ASHWORTH, Irene" in said
    assert "Bed A1 · RXR 100000 · NEWS2 0 at 12:00" in said
    assert said.index("VTE: not done, 2 h 22 overdue") < said.index("Critical doses missed today, due in 12 min")


@pytest.mark.parametrize(("minutes", "words"), [(0, "0 min"), (59, "59 min"), (60, "1 h 00"), (2879, "47 h 59")])
def test_spans(minutes: int, words: str) -> None:
    assert span(timedelta(minutes=minutes)) == words
    assert span(timedelta(days=3, hours=4, minutes=5)) == "3 d 4 h"


# ------------------------------------------------------------------------------------------------ words
def test_only_what_is_current_can_be_of_no_concern() -> None:
    for state in State:
        found = group_of(reading(VTE, WARD, state))
        expected = {State.VALUE: Group.QUIET, State.NOT_APPLICABLE: None}.get(state, Group.UNKNOWN)
        assert found is expected
        assert group_of(replace(reading(VTE, WARD, state), level=Level.ACT)) in (expected, Group.ACT)
    assert group_of(replace(reading(VTE, WARD), level=Level.WATCH)) is Group.WATCH
    assert group_of(reading(VTE, WARD), forecast=True) is Group.SOON


def test_every_measure_stands_in_the_list_once_unless_it_has_no_meaning() -> None:
    made, _ = pair({VTE.id: 3}, ra_must=State.NOT_APPLICABLE, ra_falls=State.NOT_CONNECTED)
    listed = [measure.id for ours in grouped(made, WARD).values() for measure, _ in ours]
    assert sorted(listed) == sorted(set(EVERYTHING) - {"ra_must"})
    text = to_html(nav(made, WARD, VTE.id, NOON))
    assert text.count('aria-current="page"') == 1
    assert re.search(r'id="to-ra_falls"[^>]*>.*?Not connected', text)
    assert re.search(r'aria-current="page".*?●.*?3<span class="unseen"> Act', text), "shape, number and word"


def test_titles() -> None:
    made, _ = pair({VTE.id: 1, DOSES.id: 2, "aki_patients": 4})

    def of(name: str) -> str:
        return title(EVERYTHING[name], made.readings[WARD][name], NOON)

    assert of(VTE.id) == "VTE risk assessment not done: 1 patient"
    assert of(DOSES.id) == "Critical doses missed today: 2 doses"
    assert of("ra_oral") == "Mouth care not done: 0 patients"
    away = Reading(VTE.id, 1, WARD, State.UNAVAILABLE, as_at=NOON - timedelta(hours=2))
    assert title(VTE, away, NOON) == "VTE risk assessment: no data since 10:00"


def test_every_measure_in_every_state_has_a_title_and_says_what_it_is_not() -> None:
    for measure in EVERYTHING.values():
        for state in State:
            shown = reading(measure, WARD, state)
            assert title(measure, shown, NOON)
            assert bool(not_current(shown, NOON)) is (state is not State.VALUE)


def test_an_empty_list_says_how_many_were_looked_at() -> None:
    assert none(VTE, reading(VTE, WARD, number=0), NOON) == "None. 30 patients were looked at."
    assert none(DOSES, reading(DOSES, WARD, number=0), NOON) == "None. 30 doses were looked at."
    stale = reading(VTE, WARD, State.STALE, 0, as_at=NOON - timedelta(hours=1))
    assert none(VTE, stale, NOON) == "None as at 11:00. 30 patients were looked at."
    assert not_current(stale, NOON) == "As at 11:00, not current."


# ------------------------------------------------------------------------------------------------ the table
def handle(*keys: str) -> str:
    return "/".join(keys)


@pytest.mark.parametrize("measure", EVERYTHING.values(), ids=EVERYTHING)
def test_every_measures_list_can_be_drawn(measure: Any) -> None:
    ours = [row(measure, number) for number in (7, 3, 5)]
    drawn = table(measure, ours, [patient(7), patient(3), None], handle)
    fields = {column["field"] for column in drawn.columns if "field" in column}
    assert all(fields <= set(cells) for cells in drawn.rows)
    assert len({cells["id"] for cells in drawn.rows}) == 3
    assert all(isinstance(cell, str | int | float | bool | None) for cells in drawn.rows for cell in cells.values())


def test_the_longest_waiting_come_first_and_keys_stay_here() -> None:
    numbers = (7, 3, 5)
    drawn = table(VTE, [row(VTE, n) for n in numbers], [patient(n) for n in numbers], lambda *keys: f"{hash(keys)}")
    assert [cells["bed"] for cells in drawn.rows] == [patient(n).bed for n in (3, 5, 7)]
    assert not any(f"{cell}" in ("p3", "s3", "p5", "s7") for cells in drawn.rows for cell in cells.values())
    titles = [column["headerName"] for column in drawn.columns]
    assert titles[:3] == ["Bed", "Patient", "Hospital no."]
    assert titles[-3:] == ["Due by", "Overdue", "NEWS2"]


def test_a_table_of_thousands_is_no_higher_than_a_screen() -> None:
    many = table(VTE, [row(VTE, n) for n in range(3000)], [patient(n) for n in range(3000)], handle)
    few = table(VTE, [row(VTE, n) for n in range(MOST_ROWS)], [patient(n) for n in range(MOST_ROWS)], handle)
    assert many.height_px == few.height_px


def test_what_is_about_to_count() -> None:
    rows = [{"assessment": name, "due": NOON + timedelta(hours=1)} for name in ("vte", "falls")]
    assert about_to_count(VTE, rows) == [NOON + timedelta(hours=1)]
    assert len(about_to_count(EVERYTHING["ra_any_outstanding"], rows)) == 2
    assert all(measure.soon in EVERYTHING for measure in EVERYTHING.values() if measure.soon)


# ------------------------------------------------------------------------------------------------ the last days
SINCE = NOON - timedelta(days=7)


def test_a_time_in_which_nobody_knew_is_a_gap_and_never_a_zero() -> None:
    known = [(SINCE + timedelta(days=1), SINCE + timedelta(days=2), 4.0), (SINCE + timedelta(days=4), NOON, 2.0)]
    assert gaps(known, SINCE, NOON) == [
        (SINCE, SINCE + timedelta(days=1)),
        (SINCE + timedelta(days=2), SINCE + timedelta(days=4)),
    ]
    assert gaps([(SINCE, NOON, 1.0)], SINCE, NOON) == []
    line = drawing(known, SINCE, NOON).split('<path d="')[3]
    assert line.count("M") == 2, "the pen is lifted"
    assert "nobody knew it" in f"{week(known, SINCE, NOON, what='VTE')}"
    assert "No number is on record" in to_html(week([], SINCE, NOON, what="VTE"))


def test_the_history_of_a_ward_is_read_with_its_gaps(tmp_path: Path) -> None:
    hours = (10, 9, 8, 3, 2)
    with open_store(f"sqlite:///{tmp_path / 'store.sqlite'}", max_gap_s=3600) as store:
        for hour in hours:
            state = State.UNAVAILABLE if hour == 8 else State.VALUE
            made, worklist = pair({VTE.id: hour}, NOON - timedelta(hours=hour), ra_vte=state)
            store.save(made, worklist)
    archive = Archive()
    found = archive.counts(StoreSettings(path=tmp_path / "store.sqlite"), WARD, VTE.id, SINCE, NOON)
    assert archive.counts(StoreSettings(path=tmp_path / "store.sqlite"), "none", VTE.id, SINCE, NOON) == []
    archive.close()
    assert found == [
        (NOON - timedelta(hours=10), NOON - timedelta(hours=9), 10.0),
        (NOON - timedelta(hours=9), NOON - timedelta(hours=8), 9.0),
        (NOON - timedelta(hours=3), NOON - timedelta(hours=2), 3.0),
    ]


# ------------------------------------------------------------------------------------------------ over HTTP
ASKED = {
    "inputs": [{"id": "asked", "property": "data", "value": {"ward": WARD, "measure": VTE.id, "page": "x", "n": 1}}],
    "changedPropIds": ["asked.data"],
}


def body(at: httpx.Client) -> dict[str, Any]:
    """As Dash's renderer posts it."""
    (found,) = [one for one in at.get("/desk/_dash-dependencies").json() if one["inputs"][0]["id"] == "asked"]
    places = [part.rsplit(".", 1) for part in found["output"].strip(".").split("...")]
    outputs = [{"id": name, "property": prop} for name, prop in places]
    state = [{"id": "drawn", "property": "data", "value": None}]
    return {**ASKED, "output": found["output"], "outputs": outputs, "state": state}


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Desk]:
    with desk(tmp_path, pair(COUNTS)) as found:
        yield found


def client(at: Desk, person: Person | None = STAFF) -> httpx.Client:
    cookies = {"session": at.signs_in(person)[0]} if person else {}
    return httpx.Client(base_url=at.address, cookies=cookies, headers={"Origin": at.address})


def test_rows_come_by_the_callback_and_what_a_page_holds_is_not_sent_again(served: Desk) -> None:
    with client(served) as asks:
        asked = body(asks)
        answer = asks.post("/desk/_dash-update-component", json=asked)
        assert answer.status_code == 200
        shown = answer.json()["response"]
        assert [cells["who"] for cells in shown["grid"]["rowData"]] == [
            "ASHWORTH, Irene",
            "KHAN, Tariq",
            "O'NEILL, Brendan",
        ]
        assert shown["shown"]["data-made"] == f"{NOON.timestamp():.3f}"
        assert not re.search(r'"[ps]\d+"', answer.text), "keys of patients stay here"
        asked["state"][0]["value"] = shown["drawn"]["data"]
        again = asks.post("/desk/_dash-update-component", json=asked).json()["response"]
        assert set(again) == {"drawn"}


def test_pages_and_streams_hold_no_patient_and_need_a_session(served: Desk) -> None:
    paths = ["/desk", f"/desk/{WARD}", "/desk/_dash-layout", "/desk/_dash-dependencies", f"/stream/desk/{WARD}"]
    with client(served, None) as nobody:
        assert {path: nobody.get(path).status_code for path in paths} == dict.fromkeys(paths, 401)
        assert nobody.post("/desk/_dash-update-component", json=ASKED).status_code == 401
    with client(served, EXECUTIVE) as executive:
        assert {path: executive.get(path).status_code for path in paths} == dict.fromkeys(paths, 403)
    with client(served) as staff, staff.stream("GET", f"/stream/desk/{WARD}") as stream:
        frame = next(stream.iter_text())
        assert set(re.findall(r'"(\w+)":', frame)) == {"v", "build", "now", "speed", "made", "lapsed"}
    with client(served) as staff:
        assert staff.get("/desk").headers["location"] == f"/desk/{WARD}", "somebody with one ward is led there"
        page = staff.get(f"/desk/{WARD}")
        assert page.status_code == 200
        assert "ASHWORTH" not in page.text
        assert "S. Marsh, Ward staff" in page.text
        assert staff.get("/desk/none").status_code == 404
        assert staff.get("/stream/desk/none").status_code == 404
        assert staff.get("/desk/B%2F2%20%26%20more").status_code == 200


def test_the_choice_of_wards(served: Desk) -> None:
    with client(served, PHARMACIST) as asks:
        text = asks.get("/desk").text
        assert all(f'href="/desk/{code}"' in text for code in ("A1", "B%2F2%20%26%20more", "C3"))
        assert "with a reason" not in text
    with client(served, QUALITY) as asks:
        assert asks.get("/desk").status_code == 200
    with client(served) as asks:
        text = asks.get("/desk?all").text
        assert text.index("Your wards") < text.index("Ash Ward") < text.index("with a reason") < text.index("Cedar")
        assert "<b>Ward</b>" not in text


@pytest.mark.parametrize("words", ["", "    a  ", "x" * 201, "line\x00break"])
def test_what_is_no_reason_is_not_kept(served: Desk, words: str) -> None:
    with client(served, QUALITY) as asks:
        answer = asks.post(f"/desk-reason/{WARD}?measure={VTE.id}", data={"reason": words})
        assert answer.status_code == 422
        shown = asks.post("/desk/_dash-update-component", json=body(asks)).json()["response"]
        assert shown["grid"]["rowData"] == []


def test_a_reason_leads_to_the_rows(served: Desk) -> None:
    with client(served, QUALITY) as asks:
        asked = body(asks)
        before = asks.post("/desk/_dash-update-component", json=asked).json()["response"]
        assert before["grid"]["rowData"] == []
        assert "Why do you look at the patients of Ash Ward?" in f"{before['below']}"
        sent = {"reason": "review of a fall on Sunday"}
        answer = asks.post(f"/desk-reason/{WARD}?measure={VTE.id}", data=sent)
        assert (answer.status_code, answer.headers["location"]) == (303, f"/desk/{WARD}?measure={VTE.id}")
        after = asks.post("/desk/_dash-update-component", json=asked).json()["response"]
        assert len(after["grid"]["rowData"]) == 3
        assert "Reason given: review of a fall on Sunday" in asks.get(f"/desk/{WARD}").text
        elsewhere = asks.post(f"/desk-reason/{WARD}?measure=//evil.example", data=sent)
        assert elsewhere.headers["location"] == f"/desk/{WARD}"
        assert asks.post(f"/desk-reason/{WARD}", data={"reason": "x" * 5000}).status_code == 413
        assert asks.post("/desk-reason/none", data=sent).status_code == 404
