"""Settings that are refused, tokens, waits, and pages of a FHIR server that lead astray; without a network."""

from __future__ import annotations

import base64
import logging
import ssl
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import httpx
import pytest

from connectors.fhir.client import Client, Secrets, retry_after
from connectors.fhir.held import AT_ONCE, Held
from connectors.fhir.kept import Kept
from connectors.fhir.pages import Pages
from connectors.registry import open_source
from surveillance.errors import ConfigurationError, SourceChanged, SourceRefused, SourceUnavailable
from surveillance.settings import Source, parse
from surveillance.settings.fhir import Fhir

BASE = "https://fhir.example/r4"
SECRETS = Secrets("me", "a secret")
FHIR = Fhir(base_url=BASE)
SIGNED = Fhir(
    base_url=BASE,
    token_url="https://login.example/token",
    client_id_env="A",
    client_secret_env="B",
    scope="system/*.rs",
)
Answer = Callable[[httpx.Request], httpx.Response]


def bundle(*ids: str, **also: Any) -> httpx.Response:
    entries = [{"resource": {"resourceType": "Flag", "id": name}} for name in ids]
    return httpx.Response(200, json={"resourceType": "Bundle", "type": "searchset", "entry": entries, **also})


class Asked:
    """A client whose server is ``answer``. ``requests``: what came there; ``waits``: seconds between tries."""

    def __init__(self, answer: Answer, fhir: Fhir = FHIR, secrets: Secrets | None = None, timeout_s: float = 5) -> None:
        self.requests: list[httpx.Request] = []
        self.waits: list[float] = []

        def handle(request: httpx.Request) -> httpx.Response:
            self.requests.append(request)
            return answer(request)

        self.client = Client(fhir, secrets, timeout_s, httpx.MockTransport(handle), self.waits.append)
        self.client.start()
        self.pages = Pages(self.client, fhir, "feed flag")

    def flags(self) -> list[str]:
        return list(self.pages.search("Flag", []).matches)


# ----------------------------------------------------------------------------------------------------------- settings
def source(**fhir: Any) -> Source:
    return parse(Source, {"fhir": {"base_url": BASE, **fhir}}, Path("site.toml"))


@pytest.mark.parametrize(
    ("fhir", "words"),
    [
        ({"base_url": "http://fhir.example/r4"}, "fhir.base_url: a FHIR server is asked over https"),
        ({"base_url": "https://me:secret@fhir.example/r4"}, "fhir.base_url: a URL in the file holds no user"),
        ({"base_url": "fhir.example"}, "fhir.base_url: not a URL"),
        ({"token_url": "https://x.example"}, "fhir: token_url: give one of client_id_env and client_id_file"),
        ({"client_id_env": "A"}, "fhir: token_url: say where the client gets its token"),
        ({"codes": {"breath": ()}}, "fhir.codes: unknown parameter 'breath'"),
        ({"page_sise": 1}, "unknown key 'fhir.page_sise'; did you mean 'page_size'?"),
    ],
)
def test_a_wrong_table_stops_the_start_with_its_key(fhir: dict[str, Any], words: str) -> None:
    with pytest.raises(ConfigurationError) as told:
        source(**fhir)
    assert words in str(told.value)
    assert "secret@" not in str(told.value)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ({"feeds": {"flag": {}}}, "sources.ehr.feeds.flag.mapping.type: say which of your codes is which flag"),
        ({"feeds": {"assessment": {}}}, "sources.ehr.feeds.assessment.mapping.type: say which form"),
        ({"feeds": {"obs_plan": {}}}, "sources.ehr.fhir.plan_codes: say by which codes a Task plans observations"),
        ({"feeds": {"dose_event": {}}}, "sources.ehr.fhir.dose_due_extension: say where"),
        ({"feeds": {"duty": {}}}, "sources.ehr.feeds.duty: no FHIR resource that is read tells it"),
        ({"feeds": {"spell": {"sql": "x.sql"}}}, "sources.ehr.feeds.spell.sql: a FHIR server is not asked in SQL"),
        ({"fhir": {"feeds": ["spel"]}}, "sources.ehr.fhir.feeds: unknown feed 'spel'; did you mean 'spell'?"),
        (
            {"fhir": {"ward_types": ["plaice|wa"]}},
            "fhir.ward_types: 'plaice|wa': write alias|code or URL|code; did you",
        ),
        ({"fhir": {"ca_file": "none.pem"}}, "sources.ehr.fhir.ca_file: none.pem: FileNotFoundError"),
    ],
)
def test_what_a_site_has_to_say_first_is_asked_of_it(content: dict[str, Any], words: str) -> None:
    """A feed whose codes nobody maps would show 0 of everything."""
    given = {**content, "fhir": {"base_url": BASE, **content.get("fhir", {})}}
    with pytest.raises(ConfigurationError) as told:
        open_source("ehr", parse(Source, given, Path("site.toml")), Path("site.toml"), environment={})
    assert words in str(told.value)


def test_a_site_takes_the_feeds_that_it_wants_and_a_secret_comes_from_the_environment_or_a_file(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("s\n")
    own = {"token_url": f"{BASE}/token", "client_id_env": "ID", "client_secret_file": str(secret), "feeds": ["obs_set"]}
    opened = open_source("ehr", source(**own), Path("site.toml"), environment={"ID": "me"})
    assert opened.feeds == ("obs_set",)
    assert source(**own).variables == ("ID",)
    with pytest.raises(ConfigurationError, match="the environment variable ID is not set"):
        open_source("ehr", source(**own), Path("site.toml"), environment={})


# ------------------------------------------------------------------------------------------------------------- tokens
def test_a_token_is_asked_for_once_and_sent_to_the_servers_own_origin_alone() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.host == "login.example":
            return httpx.Response(200, json={"access_token": "t0ken", "expires_in": 300})
        return bundle("1", link=[{"relation": "next", "url": "https://fhir.example:8443/r4/Flag?p=2"}])

    asked = Asked(answer, SIGNED, SECRETS)
    with pytest.raises(SourceChanged, match="leads to another server, which is not asked"):
        asked.flags()
    login, first = asked.requests
    assert parse_qs(login.content.decode()) == {"grant_type": ["client_credentials"], "scope": ["system/*.rs"]}
    assert login.headers["Authorization"] == f"Basic {base64.b64encode(b'me:a%20secret').decode()}"
    assert first.headers["Authorization"] == "Bearer t0ken"
    assert first.headers["Prefer"] == "handling=strict"
    with pytest.raises(SourceChanged):
        asked.flags()
    assert [request.url.host for request in asked.requests] == ["login.example", "fhir.example", "fhir.example"]


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (httpx.Response(401, json={"error": "invalid_client"}), SourceRefused),
        (httpx.Response(400, json={"error": "invalid_scope"}), SourceRefused),
        (httpx.Response(500), SourceUnavailable),
        (httpx.Response(200, json={"access_token": "a\r\nb: c"}), SourceUnavailable),
        (httpx.Response(200, json=[]), SourceUnavailable),
        (httpx.Response(200, text="no JSON"), SourceUnavailable),
    ],
)
def test_a_token_that_is_not_given_is_a_refusal_only_if_it_was_refused(
    reply: httpx.Response, error: type[Exception]
) -> None:
    asked = Asked(lambda _: reply, SIGNED, SECRETS)
    with pytest.raises(error) as told:
        asked.flags()
    assert "secret" not in str(told.value)
    assert "secret" not in repr(SECRETS)


def test_a_server_that_refuses_a_fresh_token_too_is_a_refusal() -> None:
    token = httpx.Response(200, json={"access_token": "t"})
    asked = Asked(lambda request: token if "login" in request.url.host else httpx.Response(401), SIGNED, SECRETS)
    with pytest.raises(SourceRefused, match="refused the token"):
        asked.flags()
    assert len(asked.requests) == 4


# -------------------------------------------------------------------------------------------------------------- waits
def test_the_wait_grows_unless_the_server_says_how_long() -> None:
    replies = [httpx.Response(503), httpx.Response(429, headers={"Retry-After": "2"}), httpx.Response(502), bundle("1")]
    asked = Asked(lambda _: replies.pop(0))
    assert asked.flags() == ["1"]
    assert asked.waits == [0.2, 2.0, 0.8]


def test_a_wait_beyond_the_deadline_is_not_begun() -> None:
    asked = Asked(lambda _: httpx.Response(429, headers={"Retry-After": "7"}), timeout_s=5)
    with pytest.raises(SourceUnavailable, match="to be asked again in 7 s, after the deadline"):
        asked.flags()
    assert asked.waits == []


@pytest.mark.parametrize(
    ("said", "seconds"),
    [("3", 3), ("Mon, 23 Nov 2026 12:00:09 GMT", 9), ("Mon, 23 Nov 2026 11:00:00 GMT", 0), ("soon", None), ("", None)],
)
def test_a_time_to_come_back_is_read_by_the_servers_own_clock(said: str, seconds: float | None) -> None:
    assert retry_after(httpx.Headers({"Retry-After": said, "Date": "Mon, 23 Nov 2026 12:00:00 GMT"})) == seconds


def test_a_certificate_that_cannot_be_verified_is_not_tried_again() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("[SSL: CERTIFICATE_VERIFY_FAILED]", request=request) from ssl.SSLError()

    asked = Asked(answer)
    with pytest.raises(SourceUnavailable, match="the server's certificate cannot be verified"):
        asked.flags()
    assert len(asked.requests) == 1


# -------------------------------------------------------------------------------------------------------------- pages
def test_pages_that_change_while_they_are_read_are_read_again() -> None:
    """With pages by number, one who leaves pushes another over the edge between two pages."""
    link = [{"relation": "next", "url": "?page=2"}]
    answers = [
        bundle("1", "2", total=4, link=link),
        bundle("4", total=3),
        bundle("2", "3", link=link),
        bundle("4", total=3),
    ]
    asked = Asked(lambda _: answers.pop(0))
    assert asked.flags() == ["2", "3", "4"]
    assert asked.requests[1].url == f"{BASE}/Flag?page=2"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ({"link": [{"relation": "next", "url": "?_count=200"}]}, "the pages lead round in a circle"),
        ({"link": [{"relation": "next"}]}, "the link to the next page cannot be read"),
        ({"link": [{"relation": "next", "url": "file:///etc/passwd"}]}, "leads to another server"),
        ({"link": [{"relation": "next", "url": "//other.example/r4"}]}, "leads to another server"),
        ({"total": 2}, "1 came of 2 that the source counts"),
        ({"type": "collection"}, "the answer is no searchset"),
        ({"entry": {}}, "the answer is no searchset"),
        (
            {"entry": [{"search": {"mode": "match"}, "resource": {"resourceType": "Patient"}}]},
            "another type of resource",
        ),
    ],
)
def test_an_answer_that_may_not_be_whole_is_none(content: dict[str, Any], words: str) -> None:
    asked = Asked(lambda _: bundle("1", **content))
    with pytest.raises((SourceChanged, SourceUnavailable), match=words):
        asked.flags()


def test_an_entry_of_no_shape_is_still_one_and_what_was_included_is_none() -> None:
    entries = [None, {}, {"resource": {"resourceType": "Patient", "id": "7"}}, {"resource": {"id": "8"}}]
    found = Asked(lambda _: bundle(entry=entries)).pages.search("Flag", [])
    assert list(found.matches) == ["?1", "?2", "8"]
    assert list(found.others) == [("Patient", "7")]


def test_nobody_logs_what_was_asked(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    Asked(lambda _: bundle("1")).pages.search("Flag", [("_id", "somebody")])
    assert "somebody" not in caplog.text


# --------------------------------------------------------------------------------------------- what is not asked again
AS_AT = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def kept() -> Kept:
    """Flags as if they were open or over."""
    opened, ended = [("q", "open")], [("q", "ended")]
    return Kept("Flag", frozenset(), frozenset({"active"}), opened, lambda _: ended, [("q", "changed")])


def flag(name: str, status: str, hours: float | None = 1) -> dict[str, Any]:
    meta = {} if hours is None else {"meta": {"lastUpdated": (AS_AT - timedelta(hours=hours)).isoformat()}}
    return {"resource": {"resourceType": "Flag", "id": name, "status": status, **meta}}


def test_the_open_are_asked_at_every_poll_and_what_is_over_whole_once_an_hour() -> None:
    held: dict[str, list[dict[str, Any]]] = {"open": [flag("a", "active"), flag("b", "active")]}
    held |= {"ended": [flag("c", "inactive")], "changed": []}
    asked = Asked(lambda request: bundle(entry=held[request.url.params["q"]]))
    flags, since = kept(), AS_AT - timedelta(days=1)

    def read(minutes: float, back: timedelta = timedelta(0)) -> tuple[list[str], list[str]]:
        asked.requests.clear()
        found = flags.read(asked.pages, AS_AT + timedelta(minutes=minutes), since - back)
        return sorted(found), [request.url.params["q"] for request in asked.requests]

    assert read(0) == (["a", "b", "c"], ["open", "ended"])
    assert read(0) == (["a", "b", "c"], []), "all feeds of one poll share it"
    held["open"] = [flag("a", "active")]
    assert read(1) == (["a", "c"], ["open", "changed"]), "who is not open any more is not held for open"
    assert asked.requests[1].url.params["_lastUpdated"] == "ge2026-11-23T10:55:00.000+00:00"
    held["changed"] = [flag("b", "inactive", 0), flag("a", "inactive", 0)]
    assert read(2) == (["a", "b", "c"], ["open", "changed"])
    assert flags.read(asked.pages, AS_AT + timedelta(minutes=2), since)["a"]["status"] == "inactive", "the later answer"
    assert read(3, timedelta(days=1)) == (["a", "c"], ["open", "ended"]), "further back is asked anew"
    assert read(64)[1] == ["open", "ended"], "and everything once an hour"
    assert read(-5)[1] == ["open", "ended"]


def test_a_server_that_does_not_say_when_something_changed_is_read_whole() -> None:
    held = {"open": [], "ended": [flag("c", "inactive", None)]}
    asked = Asked(lambda request: bundle(entry=held[request.url.params["q"]]))
    flags = kept()
    for minutes in (0, 1):
        assert list(flags.read(asked.pages, AS_AT + timedelta(minutes=minutes), AS_AT)) == ["c"]
    assert [request.url.params["q"] for request in asked.requests] == ["open", "ended"] * 2


def test_what_others_refer_to_is_asked_when_it_is_new_and_once_an_hour() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        ids = request.url.params["_id"].split(",")
        return bundle(entry=[flag(name, "active") for name in ids if name != "gone"])

    asked, flags = Asked(answer), Held("Flag", ())
    named, seen = {"gone", *(f"f{number:03}" for number in range(AT_ONCE))}, []
    for minutes, also in ((0, set[str]()), (1, set()), (2, {"new"}), (61, set())):
        asked.requests.clear()
        found = flags.read(asked.pages, AS_AT + timedelta(minutes=minutes), named | also)
        assert set(found) >= named - {"gone"}
        seen.append([request.url.params["_id"].count(",") + 1 for request in asked.requests])
    assert seen == [[50, 1], [], [1], [50, 1]]
