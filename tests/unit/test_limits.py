"""Requests that are too long or too many are refused before anybody looks at them; errors show nothing inside."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator

import httpx
import pytest
from limits import RateLimitItemPerMinute
from starlette.types import Message, Receive, Scope, Send

from callbacks import limits
from callbacks.api import Api
from callbacks.limits import LONGEST_BODY, LONGEST_QUERY, Limited
from tests.displays import hub_of, served, snapshot

REPORT = "/screens/base/report"


@pytest.fixture
def client() -> Iterator[httpx.Client]:
    with served(hub_of(snapshot())) as address, httpx.Client(base_url=address, headers={"Origin": address}) as client:
        yield client


def test_a_body_that_is_too_long_is_refused_by_what_it_says_of_itself(client: httpx.Client) -> None:
    answer = client.post("/_dash-update-component", content=b"x" * (LONGEST_BODY + 1))
    assert answer.status_code == 413


def test_a_body_that_does_not_say_how_long_it_is_is_refused_as_well() -> None:
    chunk, asked_for = 16384, 0
    sent: list[Message] = []

    async def endless() -> Message:
        nonlocal asked_for
        asked_for += 1
        return {"type": "http.request", "body": b"x" * chunk, "more_body": True}

    async def keep(message: Message) -> None:
        sent.append(message)

    async def reads_all(_scope: Scope, receive: Receive, send: Send) -> None:
        while (await receive()).get("more_body"):
            pass
        await send({"type": "http.response.start", "status": 200, "headers": []})

    scope = {"type": "http", "method": "POST", "path": "/", "query_string": b"", "client": ("10.0.0.1", 1)}
    asyncio.run(Limited(reads_all)({**scope, "headers": []}, endless, keep))
    assert [one["status"] for one in sent if one["type"] == "http.response.start"] == [413]
    assert asked_for == LONGEST_BODY // chunk + 1


@pytest.mark.parametrize("length", ["-1", "1e3", "٣", "9" * 40])
def test_a_length_that_is_none_is_refused(length: str) -> None:
    scope = {"type": "http", "method": "POST", "path": "/", "query_string": b"", "client": ("10.0.0.1", 1)}
    scope["headers"] = [(b"content-length", length.encode())]
    sent: list[Message] = []

    async def unasked(*_: object) -> None:
        raise AssertionError("it was passed on")

    async def keep(message: Message) -> None:
        sent.append(message)

    asyncio.run(Limited(unasked)(scope, unasked, keep))  # type: ignore[arg-type]  # nothing is received
    assert sent[0]["status"] == 413


def test_a_question_that_is_too_long_is_refused(client: httpx.Client) -> None:
    assert client.get(f"/measures?{'x' * (LONGEST_QUERY + 1)}").status_code == 414


def test_who_sends_without_pause_is_told_to_wait_and_reading_goes_on(
    client: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "CHANGES_A_MINUTE", RateLimitItemPerMinute(5))
    codes = {client.post(REPORT, content=b"").status_code for _ in range(6)}
    assert codes == {404, 429}
    assert client.get("/healthz").status_code == 200


def test_an_error_page_shows_nothing_of_the_inside(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def broken(*_: object) -> None:
        raise RuntimeError("table patient, row ASHWORTH")

    monkeypatch.setattr(Api, "wards", broken)
    with caplog.at_level(logging.CRITICAL), served(hub_of(snapshot())) as address:
        answer = httpx.get(f"{address}/api/wards")
    assert answer.status_code == 500
    assert "Traceback" not in answer.text
    assert "ASHWORTH" not in answer.text
    assert "surveillance/" not in answer.text
    assert answer.headers["Content-Security-Policy"]


def test_every_answer_carries_the_headers_that_keep_a_page_to_its_origin(client: httpx.Client) -> None:
    for path in ("/", "/ward/A1", "/charts", "/assets/tokens.css", "/none", "/_dash-layout", "/healthz"):
        headers = client.get(path).headers
        scripts = next(part for part in headers["Content-Security-Policy"].split("; ") if part.startswith("script-src"))
        assert "unsafe" not in scripts
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "same-origin"
        assert "frame-ancestors 'self'" in headers["Content-Security-Policy"]


def test_no_websocket_is_open() -> None:
    sent: list[Message] = []

    async def unasked(*_: object) -> None:
        raise AssertionError("it was passed on")

    async def keep(message: Message) -> None:
        sent.append(message)

    asyncio.run(Limited(unasked)({"type": "websocket", "path": "/_dash-ws"}, unasked, keep))  # type: ignore[arg-type]
    assert [one["type"] for one in sent] == ["websocket.close"]
