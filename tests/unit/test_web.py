from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from surveillance.app import listening
from surveillance.hub import Hub
from surveillance.measures import CATALOGUE
from surveillance.settings import Budget
from surveillance.snapshot import State
from surveillance.snapshot_json import snapshot_to_json
from surveillance.usage import Used
from tests.displays import NOON, every_state, hub_of, served, settings, snapshot, status

NAMES = {ward.code: ward.name for ward in settings().wards}


@contextmanager
def asking(hub: Hub) -> Iterator[httpx.Client]:
    with served(hub) as address, httpx.Client(base_url=address) as opened:
        yield opened


@pytest.fixture(scope="module")
def hub() -> Hub:
    return hub_of(snapshot(every_state))


@pytest.fixture(scope="module")
def client(hub: Hub) -> Iterator[httpx.Client]:
    with asking(hub) as opened:
        yield opened


@pytest.fixture
def starting() -> Iterator[httpx.Client]:
    hub = Hub()
    hub.stage("making the hospital")
    with asking(hub) as opened:
        yield opened


PAGES = ("/", "/measures", "/status", "/ward/A1", "/api/wards", "/api/wards/A1/snapshot", "/healthz", "/metrics")


@pytest.mark.parametrize("address", PAGES)
def test_every_address_answers_also_to_head(client: httpx.Client, address: str) -> None:
    assert client.get(address).status_code == 200
    head = client.head(address)
    assert head.status_code == 200
    assert not head.content


@pytest.mark.parametrize("address", [*PAGES, "/nowhere", "/ward/none"])
def test_every_answer_keeps_the_page_to_its_own_origin(client: httpx.Client, address: str) -> None:
    headers = client.get(address).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    policy = headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'self'" in policy
    assert "unsafe-inline" not in policy.partition("script-src")[2].partition(";")[0]


@pytest.mark.parametrize("address", ["/", "/measures", "/status", "/ward/A1"])
def test_nothing_is_loaded_from_elsewhere(client: httpx.Client, address: str) -> None:
    text = client.get(address).text
    assert 'src="http' not in text
    assert 'href="http' not in text
    assert "//cdn" not in text


def test_the_wards_are_listed_in_the_sites_order(client: httpx.Client) -> None:
    wards = client.get("/api/wards").json()["wards"]
    assert [(ward["code"], ward["name"]) for ward in wards] == list(NAMES.items())
    assert wards[0]["beds"] == 24


@pytest.mark.parametrize(("address", "code"), [("A1", "A1"), ("B%2F2%20%26%20more", "B/2 & more")])
def test_a_wards_snapshot_is_its_part_of_the_whole(client: httpx.Client, hub: Hub, address: str, code: str) -> None:
    content = client.get(f"/api/wards/{address}/snapshot").json()
    frame = hub.look().frame
    assert frame
    whole = snapshot_to_json(frame.snapshot, NAMES)
    ward = next(ward for ward in whole["wards"] if ward["code"] == code)
    assert content == {"as_at": whole["as_at"], **ward, "sources": whole["sources"]}
    assert [one["measure"] for one in content["readings"]] == list(CATALOGUE)
    for one in content["readings"]:
        assert (one["value"] is not None) == (one["state"] in (State.VALUE, State.STALE))


def test_a_wards_page_holds_its_name_before_any_script_runs(client: httpx.Client) -> None:
    assert "<h1>Ash Ward</h1>" in client.get("/ward/A1").text
    assert "Neonatal Transitional Care" in client.get("/ward/B%2F2%20%26%20more").text
    assert "<h1>Cedar &lt;b&gt;Ward&lt;/b&gt;</h1>" in client.get("/ward/C3").text


@pytest.mark.parametrize(("asked", "offered"), [("a1", "/ward/A1"), ("Ash%20Wrd", "/ward/A1")])
def test_an_unknown_ward_is_not_found_and_offered_the_nearest(client: httpx.Client, asked: str, offered: str) -> None:
    answer = client.get(f"/ward/{asked}")
    assert answer.status_code == 404
    assert "No such ward" in answer.text
    assert f'href="{offered}"' in answer.text
    assert client.get(f"/api/wards/{asked}/snapshot").status_code == 404


def test_what_was_asked_for_is_never_put_into_a_page_as_it_is(client: httpx.Client) -> None:
    for address in ("/ward/<script>alert(1)</script>", "/<script>alert(1)</script>"):
        answer = client.get(address)
        assert answer.status_code == 404
        assert "<script>alert" not in answer.text


def test_an_unknown_page_is_not_found(client: httpx.Client) -> None:
    assert client.get("/nowhere").status_code == 404
    assert "There is no page /nowhere here" in client.get("/nowhere").text
    assert client.get("/api/nowhere").json() == {"error": "there is no /api/nowhere"}
    assert client.post("/").status_code == 405


def test_while_it_starts_it_says_so_and_shows_no_number(starting: httpx.Client) -> None:
    assert starting.get("/healthz").status_code == 200
    for address, code in (("/", 200), ("/ward/A1", 503), ("/screen/any", 503), ("/status", 200)):
        answer = starting.get(address)
        assert answer.status_code == code
        assert "tarting, no snapshot yet" in answer.text
        assert "making the hospital" in answer.text
    for address in ("/api/wards", "/api/wards/A1/snapshot"):
        assert starting.get(address).status_code == 503
    ready = starting.get("/readyz")
    assert ready.status_code == 503
    assert ready.json() == {"ready": False, "reasons": ["no snapshot yet: making the hospital"]}
    assert "surveillance_ready 0.0" in starting.get("/metrics").text


def test_it_is_ready_only_with_a_recent_snapshot_that_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    hub = hub_of(snapshot())
    with asking(hub) as client:
        assert client.get("/readyz").json() == {"ready": True, "reasons": []}
        hub.fault("store", "the disk is full")
        assert client.get("/readyz").status_code == 503
        assert client.get("/readyz").json()["reasons"] == ["store: the disk is full"]
        assert "the disk is full" in client.get("/status").text
        hub.fault("store", "")
        assert client.get("/readyz").status_code == 200
        monkeypatch.setattr("surveillance.hub.monotonic", lambda: 1e9)
        assert "the newest snapshot was made" in client.get("/readyz").json()["reasons"][0]


def test_the_metrics_tell_how_every_feed_stands() -> None:
    sources = (
        status(
            "epr",
            "spell",
            rejected={"admit_ts: in the future": 4},
            as_at=datetime(2026, 11, 23, 12, 0, 1, tzinfo=NOON.tzinfo),
        ),
        status("lab", "lab_result", "unavailable", None, rows=None, duration_s=None),
    )
    with asking(hub_of(replace(snapshot(), sources=sources))) as client:
        text = client.get("/metrics").text
    samples = {
        (sample.name, sample.labels.get("feed", "")): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }
    assert samples["surveillance_feed_up", "spell"] == 1
    assert samples["surveillance_feed_up", "lab_result"] == 0
    assert samples["surveillance_feed_age_seconds", "spell"] == 30
    assert ("surveillance_feed_age_seconds", "lab_result") not in samples
    assert samples["surveillance_feed_rows", "spell"] == 12
    assert samples["surveillance_feed_rejected_rows", "spell"] == 4
    assert samples["surveillance_ready", ""] == 1


def test_the_newest_snapshot_is_the_only_one() -> None:
    hub = hub_of(snapshot())
    hub.publish(snapshot(as_at=NOON.replace(hour=13)), 0.1)
    frame = hub.look().frame
    assert frame
    assert (frame.version, frame.snapshot.as_at.hour) == (2, 13)


def test_an_answer_does_not_wait_for_the_browser_to_acknowledge_its_first_piece() -> None:
    with listening("127.0.0.1", 0) as server, socket.create_connection(server.getsockname()), server.accept()[0] as one:
        assert one.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def test_status_says_what_was_used_of_each_source_and_what_may_be() -> None:
    hub = hub_of(snapshot())
    hub.used("epr", Used(Budget(queries_per_h=1200, rows_per_query=50_000), 731, 41.26, 2))
    with asking(hub) as client:
        text = client.get("/status").text
    row = text.partition("What the display asked of its sources")[2].partition("<tbody>")[2].partition("</tr>")[0]
    assert re.findall(r"<td[^>]*>([^<]*)</td>", row) == ["EPR", "731", "1,200", "41.3", "no limit", "50,000", "2"]
