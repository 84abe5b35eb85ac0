"""A FHIR R4 server as a source, asked over HTTP as a process of its own (``tests/fhir_server.py`` says whose it is)."""

from __future__ import annotations

import logging
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from connectors.base import Bounds
from connectors.fhir.client import Client
from connectors.fhir.pages import Pages
from surveillance.compose import compose
from surveillance.errors import SourceRefused, SourceUnavailable
from surveillance.feeds.data import FeedData, FeedState
from surveillance.opening import open_site
from surveillance.polling.apart import SourceApart
from surveillance.polling.reader import SourceReader
from surveillance.settings.fhir import Fhir
from surveillance.snapshot import Snapshot
from tests.fhir_resources import (
    AS_AT,
    DUE,
    HOSPITAL,
    SCT,
    SURNAME,
    ago,
    changed,
    concept,
    encounter,
    lies,
    place,
    small_fhir_hospital,
)
from tests.fhir_server import CLIENT, SECRET, Server, fhir_server, installed
from tests.ukcore import FOLDER, examples

FEEDS = ("spell", "ward_stay", "patient_identity", "obs_set", "order")
SITE = """
[site]
name = "FHIR Hospital"

[sources.ehr]
timeout_s = 5
[sources.ehr.fhir]
base_url = "{server.base_url}"
token_url = "{server.address}/token"
client_id_env = "TEST_FHIR_CLIENT"
client_secret_env = "TEST_FHIR_SECRET"
page_size = 3

[[divisions]]
code = "MED"
name = "Medicine"
[[sites]]
code = "MAIN"
name = "Main"
[[wards]]
code = "A1"
name = "Ash Ward"
division = "MED"
site = "MAIN"
source_codes = ["a1", "RR8D7"]
[[wards]]
code = "B2"
name = "Birch Ward"
division = "MED"
site = "MAIN"
source_codes = ["b2"]
"""


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("fhir") / "resources"
    folder.mkdir()
    with fhir_server(folder, small_fhir_hospital()) as running:
        yield running


@pytest.fixture
def server(shared: Server, monkeypatch: pytest.MonkeyPatch) -> Server:
    """The small hospital's server, without faults; a test that changes its resources puts them back."""
    monkeypatch.setenv("TEST_FHIR_CLIENT", CLIENT)
    monkeypatch.setenv("TEST_FHIR_SECRET", SECRET)
    shared.faults()
    shared.asked()
    return shared


def site(folder: Path, server: Server, *changes: tuple[str, str]) -> Path:
    content = SITE.format(server=server)
    for old, new in changes:
        assert old in content
        content = content.replace(old, new)
    config = folder / "hospital.toml"
    config.write_text(content, "utf-8")
    return config


OPENED: list[SourceReader] = []


def reader(config: Path) -> SourceReader:
    """The site's one source, asked in this process; closed when the test is over."""
    OPENED.extend(open_site(config).readers)
    return OPENED[-1]


@pytest.fixture(autouse=True)
def closed() -> Iterator[None]:
    yield
    while OPENED:
        OPENED.pop().close()


@contextmanager
def apart(config: Path) -> Iterator[SourceApart]:
    opened = open_site(config)
    source = SourceApart(opened.readers[0], config, opened.settings)
    yield source
    source.close()


def states(found: list[FeedData]) -> dict[str, FeedState]:
    return {data.feed: data.state for data in found}


def by_feed(found: list[FeedData]) -> dict[str, FeedData]:
    return {data.feed: data for data in found}


def table(data: FeedData, *columns: str) -> list[tuple[Any, ...]]:
    assert data.frame is not None, data.error
    frame = data.frame[list(columns)].astype(object)
    return sorted((tuple(row) for row in frame.where(frame.notna(), None).to_numpy().tolist()), key=str)


def high_scores(snapshot: Snapshot) -> dict[str, float | None]:
    return {part.name: part.value for part in snapshot.readings["A1"]["news2_high"].parts}


def at(hours: float) -> pd.Timestamp:
    return pd.Timestamp(AS_AT - timedelta(hours=hours))


# ------------------------------------------------------------------------------------------------------- what it says
def test_a_small_hospital_read_page_by_page_becomes_its_rows(server: Server, tmp_path: Path) -> None:
    found = by_feed(reader(site(tmp_path, server)).poll(AS_AT))
    assert states(list(found.values())) == dict.fromkeys(FEEDS, FeedState.CURRENT)
    spells = table(found["spell"], "spell_key", "patient_key", "patient_class", "sex", "age", "discharge_ts")
    assert [row[0] for row in spells] == ["e1", "e2", "e3", "e4", "e6", "e8", "e9"], "no outpatient, no plan, no part"
    assert spells[0] == ("e1", "p1", "inpatient", "female", 76.0, None)
    assert spells[2] == ("e3", "p3", "inpatient", "female", 76.0, at(24))
    assert table(found["ward_stay"], "spell_key", "ward_code", "bed_code", "start_ts", "end_ts", "on_leave_from") == [
        ("e1", "A1", "A1-BED1", at(30), None, None),
        ("e2", "A1", None, at(20), None, None),
        ("e2", "B2", None, at(50), at(20), None),
        ("e3", "A1", None, at(70), at(24), None),
        ("e4", "B2", None, at(80), None, at(5)),
        ("e8", "lounge", None, at(10), None, None),
        ("e9", "B2", None, at(12), None, None),
    ]
    assert found["ward_stay"].rejected == {"ward_code: empty": 1}, "somebody of whom no place is known is counted"
    assert table(found["obs_set"], "spell_key", "ts", "rr", "o2", "acvpu", "spo2_scale", "news2_total", "complete") == [
        ("e1", at(2), 21.0, "air", "A", 1.0, 6.0, True),
        ("e2", at(1), 16.0, "air", "A", 1.0, 0.0, True),
        ("e4", at(3), 16.0, "air", "A", None, None, True),
    ]
    assert found["obs_set"].notes == {"Observation of nobody in hospital, left out": 8}
    assert table(found["order"], "order_key", "drug_code", "drug_name", "kind", "status") == [
        ("r1", "323509004", "Amoxicillin 500mg capsules", "regular", "active"),
        ("r2", "774557006", "Insulin", "PRN", "suspended"),
    ]
    assert {"verify_status", "verified_ts"} <= found["order"].absent, "FHIR has no place for it: not connected"
    assert found["patient_identity"].frame is not None
    assert set(found["patient_identity"].frame["family_name"]) == {SURNAME}


def test_it_is_counted_on_the_wards_and_a_total_that_disagrees_stands_as_recorded(
    server: Server, tmp_path: Path
) -> None:
    """From a server's process through the source's process to a ward's reading."""
    config = site(tmp_path, server)
    with apart(config) as source:
        found = source.poll(AS_AT)
        assert source.knock(AS_AT)
    assert states(found) == dict.fromkeys(FEEDS, FeedState.CURRENT)
    snapshot, _ = compose(open_site(config).site, by_feed(found), AS_AT)
    assert snapshot.readings["A1"]["patients_on_ward"].value == 2
    assert snapshot.readings["B2"]["patients_on_ward"].value == 1, "one more is on leave"
    assert high_scores(snapshot) == {"5-6": 1, "7+": 0}, "recorded as 6, though its vital signs add up to 2"
    assert snapshot.quality["NEWS2: recorded total is not what its vital signs add up to"] == 1
    assert snapshot.readings["A1"]["missed_doses_today"].state.value == "not_connected"


def test_of_a_past_moment_it_shows_what_had_happened_by_then(server: Server, tmp_path: Path) -> None:
    then = AS_AT - timedelta(hours=40)
    found = by_feed(reader(site(tmp_path, server)).poll(then))
    assert table(found["ward_stay"], "spell_key", "ward_code", "end_ts") == [
        ("e2", "B2", None),
        ("e3", "A1", None),
        ("e4", "B2", None),
    ]
    assert {row[0] for row in table(found["spell"], "spell_key")} == {"e2", "e3", "e4"}
    assert table(found["obs_set"], "ts") == []


def test_feeds_of_a_sites_own_codes(server: Server, tmp_path: Path) -> None:
    """Flag, Task, QuestionnaireResponse and MedicationAdministration, as a site says what they mean."""
    form = "https://hospital.example/Questionnaire/vte"
    flag = {"status": "active", "code": concept("https://hospital.example/flags", "SEP")}
    plan = {"status": "requested", "intent": "order", "code": concept("https://hospital.example/tasks", "OBS")}
    server.put(
        changed({"resourceType": "Flag", "id": "f1", "subject": {"reference": "Patient/p1"},
                 "period": {"start": ago(3)}, **flag}),
        changed({"resourceType": "Flag", "id": "f5", "subject": {"reference": "Patient/p5"},
                 "period": {"start": ago(3)}, **flag}),
        changed({"resourceType": "Task", "id": "t1", "for": {"reference": "Patient/p1"}, "authoredOn": ago(4),
                 "requester": {"reference": "Practitioner/n1"}, **plan,
                 "input": [{"type": {"text": "every"}, "valueDuration": {"value": 4, "code": "h"}}]}),
        changed({"resourceType": "QuestionnaireResponse", "id": "q1", "status": "completed",
                 "questionnaire": form, "subject": {"reference": "Patient/p2"}, "authored": ago(10),
                 "item": [{"linkId": "g", "item": [{"linkId": "band", "answer": [{"valueString": "high"}]}]}]}),
        changed({"resourceType": "MedicationAdministration", "id": "d1", "status": "not-done",
                 "medicationCodeableConcept": concept(SCT, "323509004"), "subject": {"reference": "Patient/p1"},
                 "request": {"reference": "MedicationRequest/r1"}, "effectiveDateTime": ago(2),
                 "statusReason": [concept("https://hospital.example/why", "NIL")],
                 "extension": [{"url": DUE, "valueDateTime": ago(3)}]}),
    )  # fmt: skip
    own = f"""
hospital_number = "{HOSPITAL}"
dose_due_extension = "{DUE}"
plan_codes = ["own|OBS"]
systems = {{ own = "https://hospital.example/tasks", flags = "https://hospital.example/flags" }}
[sources.ehr.fhir.questionnaires."{form}"]
risk_band = "band"
[sources.ehr.feeds.flag.mapping.type]
"flags|SEP" = "sepsis_suspected"
[sources.ehr.feeds.obs_plan]
[sources.ehr.feeds.assessment.mapping.type]
"{form}" = "vte"
[sources.ehr.feeds.dose_event.mapping.reason_code]
"https://hospital.example/why|NIL" = "NIL_BY_MOUTH"
"""
    found = by_feed(reader(site(tmp_path, server, ("page_size = 3\n", "page_size = 3" + own))).poll(AS_AT))
    assert table(found["flag"], "spell_key", "type", "status", "start_ts") == [
        ("e1", "sepsis_suspected", "active", at(3))
    ]
    assert table(found["obs_plan"], "spell_key", "interval_min", "set_by_role") == [("e1", 240.0, "Practitioner")]
    assert table(found["assessment"], "spell_key", "type", "status", "risk_band") == [("e2", "vte", "complete", "high")]
    assert table(found["dose_event"], "order_key", "due_ts", "status", "reason_code") == [
        ("r1", at(3), "not given", "NIL_BY_MOUTH")
    ]
    assert ("p1", "H0001") in table(found["patient_identity"], "patient_key", "hospital_number")


# ------------------------------------------------------------------------------------------------- what it asks again
def test_who_is_in_hospital_is_asked_by_status_and_who_left_by_what_changed(server: Server, tmp_path: Path) -> None:
    source = reader(site(tmp_path, server, ("page_size = 3", "page_size = 200")))
    source.poll(AS_AT)
    server.asked()
    left = encounter(2, 50, 0.02, lies("a1", 20, 0.02, "completed"))
    server.put(left)
    later = AS_AT + timedelta(minutes=2)
    found = by_feed(source.poll(later))
    asked = [address for address in server.asked() if "Encounter?class" in address]
    server.put(encounter(2, 50, None, lies("b2", 50, 20, "completed"), lies("a1", 20)))
    assert ["status=arrived" in address for address in asked] == [True, False], "one search each, for all feeds"
    assert "_lastUpdated=ge2026-11-23T11%3A54" in asked[1], (
        "five minutes before the newest change, by the server's clock"
    )
    gone = dict(table(found["spell"], "spell_key", "discharge_ts"))
    assert gone["e2"] == pd.Timestamp(AS_AT - timedelta(hours=0.02)).floor("s")
    assert gone["e3"] == at(24), "and who had left before is still known"


def test_the_heartbeat_is_the_newest_change_of_what_is_read(server: Server, tmp_path: Path) -> None:
    connector = reader(site(tmp_path, server)).connector
    bounds = Bounds(AS_AT, AS_AT, AS_AT)
    server.faults({"match": "/Encounter", "status": 403, "times": 9})
    assert connector.beats
    assert connector.data_as_at(bounds) == AS_AT - timedelta(hours=1), "one type that may not be read does not end it"
    silent = reader(site(tmp_path, server, ("page_size = 3", "page_size = 3\nheartbeat = []")))
    assert not silent.connector.beats
    server.faults()
    assert silent.connector.knock(bounds) is None
    assert len([address for address in server.asked() if address.endswith("Encounter?_count=1")]) == 1


@pytest.mark.parametrize(
    ("scope", "writes"), [("", None), ("system/*.read", False), ("system/Encounter.rs system/Flag.cu", True)]
)
def test_whether_it_could_write_is_told_by_its_scopes(
    server: Server, tmp_path: Path, scope: str, writes: bool | None
) -> None:
    config = site(tmp_path, server, ("page_size = 3", f'page_size = 3\nscope = "{scope}"\nclient_auth = "post"'))
    assert reader(config).connector.can_write() is writes


# ------------------------------------------------------------------------------------------------------------- faults
GONE = {"resource": {"resourceType": "OperationOutcome", "issue": [{"severity": "warning", "code": "incomplete"}]}}
OK = {
    "search": {"mode": "outcome"},
    "resource": {"resourceType": "OperationOutcome", "issue": [{"severity": "information", "code": "informational"}]},
}


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ({"status": 500}, "Observation: the source failed (status 500 exception)"),
        (
            {"match": "Observation.*&date.*_offset=3", "status": 500},
            "Observation: the source failed (status 500 exception)",
        ),
        ({"status": 403, "code": "forbidden"}, "the client may not read Observation (status 403 forbidden)"),
        ({"status": 400, "code": "invalid"}, "does not take the search for Observation (status 400 invalid)"),
        ({"status": 302, "headers": {"Location": "http://127.0.0.1:9/"}}, "sends us elsewhere, where nobody is asked"),
        ({"status": 503, "times": 9}, "the source is busy (status 503)"),
        ({"status": 429, "headers": {"Retry-After": "60"}}, "to be asked again in 60 s, after the deadline"),
        ({"kind": "truncate"}, "Observation: the answer is no JSON, or broke off"),
        ({"kind": "lose", "times": 99}, "Observation: 20 came of 31 that the source counts"),
        ({"kind": "drop", "times": 9}, "the server cannot be reached, or broke off (RemoteProtocolError)"),
        ({"entry": GONE}, "Observation: the source says that its answer is not complete"),
        ({"next": "http://localhost:9/steal?_offset=3"}, "leads to another server, which is not asked"),
    ],
)
def test_what_fails_costs_its_own_feed_alone_and_tells_nothing_of_patients(
    server: Server, tmp_path: Path, caplog: pytest.LogCaptureFixture, fault: dict[str, Any], words: str
) -> None:
    caplog.set_level(logging.DEBUG)
    server.faults({"match": "/Observation.*&date", **fault})
    found = by_feed(reader(site(tmp_path, server, ("page_size", "heartbeat = []\nretries = 1\npage_size"))).poll(AS_AT))
    late = found.pop("obs_set")
    assert (late.state, late.frame) == (FeedState.UNAVAILABLE, None)
    assert words in late.error
    assert set(states(list(found.values())).values()) == {FeedState.CURRENT}
    told = late.error + caplog.text
    assert not [secret for secret in (SURNAME, "Mrs Smith", "127.0.0.1", "localhost", "p1", SECRET) if secret in told]


@pytest.mark.parametrize(
    "fault",
    [
        {"status": 429, "headers": {"Retry-After": "0"}},
        {"status": 503},
        {"kind": "drop"},
        {"kind": "lose"},
        {"entry": OK},
    ],
)
def test_what_passes_by_itself_costs_nothing(server: Server, tmp_path: Path, fault: dict[str, Any]) -> None:
    server.faults({"match": "/Observation.*&date", **fault})
    found = by_feed(reader(site(tmp_path, server)).poll(AS_AT))
    assert found["obs_set"].rows == 3, found["obs_set"].error
    if fault == {"entry": OK}:
        assert found["obs_set"].notes["OperationOutcome (information)"] == 1


def test_a_token_that_ends_before_its_time_is_renewed_and_a_refused_client_stops_the_polling(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = reader(site(tmp_path, server))
    assert set(states(source.poll(AS_AT)).values()) == {FeedState.CURRENT}
    server.forget_tokens()
    assert set(states(source.poll(AS_AT)).values()) == {FeedState.CURRENT}
    assert server.asked().count("/token") == 2
    monkeypatch.setenv("TEST_FHIR_SECRET", "wrong")
    source = reader(site(tmp_path, server))
    found = source.poll(AS_AT)
    assert set(states(found).values()) == {FeedState.REFUSED}
    assert "wrong" not in found[0].error
    assert len(server.asked()) == 1, "no account is locked by asking on"
    with pytest.raises(SourceRefused):
        source.knock(AS_AT)


@pytest.mark.parametrize("kind", ["hang", "trickle"])
def test_a_server_that_hangs_or_trickles_costs_one_feed_its_deadline(server: Server, tmp_path: Path, kind: str) -> None:
    with apart(site(tmp_path, server, ("timeout_s = 5", "timeout_s = 3"))) as source:
        server.faults({"match": "/Observation.*&date", "kind": kind})
        found = by_feed(source.poll(AS_AT))
        late = found.pop("obs_set")
        assert late.state is FeedState.UNAVAILABLE
        assert "within 3 s" in late.error or "in time" in late.error
        assert set(states(list(found.values())).values()) == {FeedState.CURRENT}
        assert source.ended == 0, "the connector ended by itself"
        assert source.poll(AS_AT)[3].state is FeedState.CURRENT


def test_more_rows_than_the_budget_are_no_answer(server: Server, tmp_path: Path) -> None:
    config = site(tmp_path, server, ("timeout_s = 5", "timeout_s = 5\nbudget.rows_per_query = 12"))
    found = by_feed(reader(config).poll(AS_AT))
    assert found["obs_set"].error.endswith("feed obs_set: more rows than the 12 of its budget")
    assert found["spell"].state is FeedState.CURRENT


def test_a_server_that_is_not_there_is_unavailable(server: Server, tmp_path: Path) -> None:
    config = site(
        tmp_path, server, (server.base_url, "http://127.0.0.1:9/fhir"), ("page_size", "retries = 0\npage_size")
    )
    found = reader(config).poll(AS_AT)
    assert set(states(found).values()) == {FeedState.UNAVAILABLE}
    assert "cannot be reached, or broke off (ConnectError)" in found[0].error


def certified(folder: Path) -> Path:
    """A certificate for 127.0.0.1 that nobody signed but itself, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    here = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    begins = datetime(2020, 1, 1, tzinfo=UTC)
    built = x509.CertificateBuilder(name, name, key.public_key(), 1, begins, begins + timedelta(days=36500), [
        x509.Extension(here.oid, critical=False, value=here),
        x509.Extension(x509.BasicConstraints.oid, critical=True, value=x509.BasicConstraints(ca=True, path_length=0)),
    ])  # fmt: skip
    file = folder / "server.pem"
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    file.write_bytes(built.sign(key, SHA256()).public_bytes(Encoding.PEM) + secret)
    return file


class NoFlags(BaseHTTPRequestHandler):
    """A server that has nothing."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b'{"resourceType": "Bundle", "type": "searchset"}')

    def log_message(self, *_: object) -> None:
        """Nothing."""


def flags(fhir: Fhir) -> list[str]:
    """What a server answers that wants no token."""
    client = Client(fhir, None, 5)
    client.start()
    try:
        return list(Pages(client, fhir, "feed flag").search("Flag", []).matches)
    finally:
        client.close()


def test_only_a_server_whose_certificate_is_believed_is_asked(tmp_path: Path) -> None:
    file = certified(tmp_path)
    believing = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    believing.load_cert_chain(file)
    with ThreadingHTTPServer(("127.0.0.1", 0), NoFlags) as served:
        served.socket = believing.wrap_socket(served.socket, server_side=True)
        threading.Thread(target=served.serve_forever, daemon=True).start()
        base = f"https://127.0.0.1:{served.server_port}/r4"
        with pytest.raises(SourceUnavailable, match="certificate cannot be verified"):
            flags(Fhir(base_url=base))
        assert flags(Fhir(base_url=base, ca_file=file)) == []
        served.shutdown()


# ------------------------------------------------------------------------------------------------ UK Core's own words
@pytest.fixture(scope="module")
def uk_core(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """HL7 UK's examples, and of ours only where the patient of the NEWS2 example, who has no encounter there, lay."""
    if not FOLDER.is_dir():
        pytest.skip(f"the examples of UK Core are not here: {FOLDER.relative_to(FOLDER.parents[2])}")
    folder = tmp_path_factory.mktemp("ukcore") / "resources"
    folder.mkdir()
    where = changed(encounter(1, 0, None, lies("a1")), 0) | {
        "subject": {"reference": "Patient/ad2c58ab-ffab-4366-9c76-b0322e22e881"},
        "period": {"start": "2018-10-04T10:00:00+01:00"},
    }
    with fhir_server(folder, [*examples(installed()), where, place("a1", "wa")]) as running:
        yield running


@pytest.mark.usefixtures("server")
def test_the_examples_of_uk_core_are_read_as_what_they_say(uk_core: Server, tmp_path: Path) -> None:
    identifier = 'page_size = 7\nward_identifier = "https://fhir.nhs.uk/Id/ods-site-code"'
    config = site(tmp_path, uk_core, ("page_size = 3", identifier))
    source = reader(config)
    then = datetime.fromisoformat("2018-10-04T15:00:00+01:00")
    found = by_feed(source.poll(then))
    (news2,) = table(
        found["obs_set"], "rr", "spo2", "sbp", "pulse", "temp", "acvpu", "o2", "spo2_scale", "news2_total", "complete"
    )
    assert news2 == (21.0, 93.0, 120.0, 95.0, 37.5, "A", "air", 1.0, 6.0, True)
    snapshot, _ = compose(open_site(config).site, found, then)
    assert high_scores(snapshot) == {"5-6": 1, "7+": 0}
    assert snapshot.quality["NEWS2: recorded total is not what its vital signs add up to"] == 1, "they add up to 5"

    found = by_feed(source.poll(datetime.fromisoformat("2019-12-10T20:00:00+00:00")))
    mine = {
        row[1]: row for row in table(found["spell"], "admission_method", "patient_key", "discharge_ts", "age", "sex")
    }
    assert mine["UKCore-Patient-RichardSmith-Example"] == (
        "13", "UKCore-Patient-RichardSmith-Example", None, 49.0, "male",
    )  # fmt: skip
    assert ("A1", pd.Timestamp("2019-12-10T13:00Z")) in table(found["ward_stay"], "ward_code", "start_ts")
    assert ("SMITH", "Richard", "9912003888") in table(
        found["patient_identity"], "family_name", "given_name", "nhs_number"
    )
