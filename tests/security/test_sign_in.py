"""People sign in by an account or by a proxy's word, get a new session each time, and every step is recorded."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from sqlalchemy import select

from callbacks.sign_in.entrance import local_path
from surveillance.access.access import Access
from surveillance.access.audit import Trail
from surveillance.access.people import Granted, Role
from surveillance.errors import StoreError
from surveillance.settings import Settings
from surveillance.store import open_database
from surveillance.store.tables import audit
from tests.programs import until
from tests.signed_in import Clock, open_site, session_of, site, weak_hashes

PASSWORD = "correct horse battery"
GRANTS = [{"group": "ward-a", "role": "ward_staff", "wards": ["A1"]}, {"group": "chiefs", "role": "executive"}]
JSON = {"Accept": "application/json"}
ELSEWHERE = "127.0.0.2"
PROXY = {"trusted_header": {"peers": ["127.0.0.1/32"]}, "grants": GRANTS, "sign_ins_per_min": 600}
ANNA = {"X-Remote-User": "anna", "X-Remote-Name": "Anna Marsh", "X-Remote-Groups": "ward-a, staff"}


@dataclass
class Site:
    """A site that is served."""

    address: str
    access: Access
    clock: Clock
    folder: Path

    def browser(self, *, comes_from: str = "127.0.0.1", **headers: str) -> httpx.Client:
        client = httpx.Client(
            base_url=self.address, timeout=20, transport=httpx.HTTPTransport(local_address=comes_from)
        )
        client.headers.update({"Accept": "text/html", "Origin": self.address, **headers})
        return client

    def signs_in(self, client: httpx.Client, name: str = "anna", password: str = PASSWORD, after: str = "/") -> Any:
        return client.post("/sign-in/local", data={"name": name, "password": password, "next": after})

    def recorded(self) -> list[tuple[str, str, str, str]]:
        """Event, who, address and detail of every entry."""
        database = open_database(f"sqlite:///{self.folder / 'store.sqlite'}")
        columns = (audit.c.event, audit.c.who, audit.c.place, audit.c.detail)
        with database.reading() as connection:
            found = [tuple(row) for row in connection.execute(select(*columns).order_by(audit.c.number))]
        database.close()
        return found


@contextmanager
def serving(folder: Path, shown: Settings | None = None) -> Iterator[Site]:
    with open_site(folder, shown) as (address, access, clock):
        assert access.opened
        access.opened.accounts.put("anna", "Anna <b>Marsh</b>", PASSWORD, (Granted(Role.WARD_STAFF, ("A1",)),))
        yield Site(address, access, clock, folder)


@pytest.fixture(autouse=True)
def _weak(monkeypatch: pytest.MonkeyPatch) -> None:
    weak_hashes(monkeypatch)


@pytest.fixture
def at(tmp_path: Path) -> Iterator[Site]:
    with serving(tmp_path) as found:
        yield found


@pytest.fixture
def behind(tmp_path: Path) -> Iterator[Site]:
    """A site behind a proxy that signs people in."""
    (tmp_path / "behind").mkdir()
    with serving(tmp_path / "behind", site(access=PROXY)) as found:
        yield found


def lets_in(client: httpx.Client) -> bool:
    return client.get("/session/left", headers=JSON).status_code == 200


# ------------------------------------------------------------------------------------------------------ local accounts
def test_a_name_and_its_password_let_in_and_lead_where_one_wanted(at: Site) -> None:
    with at.browser() as anna:
        asked = anna.get("/status")
        assert asked.headers["location"] == "/sign-in?next=%2Fstatus"
        page = anna.get(asked.headers["location"])
        assert page.status_code == 200
        assert 'value="/status"' in page.text
        assert "Cache-Control" in page.headers
        answer = at.signs_in(anna, after="/status?x=1")
        assert (answer.status_code, answer.headers["location"]) == (303, "/status?x=1")
        assert anna.get("/status").status_code == 200
        assert at.recorded() == [("sign-in", "anna", "127.0.0.1", "")]
        again = anna.get("/sign-in").text
        assert "Anna &lt;b&gt;Marsh&lt;/b&gt;" in again
        assert "Ward staff" in again


def test_the_cookie_is_out_of_reach_and_ends_with_the_browser(at: Site) -> None:
    with at.browser() as anna:
        given = at.signs_in(anna).headers["set-cookie"].lower()
    assert given.startswith("session=")
    assert "httponly" in given
    assert "samesite=lax" in given
    assert "max-age" not in given
    assert "expires" not in given
    assert "secure" not in given, "without TLS, as here on loopback, a browser would not send it back"


def test_with_tls_the_cookie_is_kept_to_it(tmp_path: Path) -> None:
    with serving(tmp_path, site(web={"origin": "https://wards.example"})) as at, at.browser() as anna:
        anna.headers["Origin"] = "https://wards.example"
        given = at.signs_in(anna).headers["set-cookie"]
    assert given.startswith("__Host-session=")
    assert "secure" in given.lower()
    assert "domain" not in given.lower()


@pytest.mark.parametrize(
    ("name", "password"),
    [("anna", "wrong"), ("nobody", PASSWORD), ("", ""), ("anna", ""), ("an\x00na", PASSWORD), ("\ud7ff" * 900, "x")],
)
def test_anything_else_does_not_and_says_not_why(at: Site, name: str, password: str) -> None:
    with at.browser() as client:
        answer = at.signs_in(client, name, password)
        assert answer.status_code == 403
        assert "set-cookie" not in answer.headers
        assert "That name and password do not belong together." in answer.text
        if password:
            assert f'value="{password}"' not in answer.text
        assert not lets_in(client)
    ((event, who, place, detail),) = at.recorded()
    known = name == "anna"
    words = "wrong password" if known else "there is no account of the name that was typed"
    assert (event, place, detail) == ("sign-in refused", "127.0.0.1", words)
    assert who == (name if known else ""), "what is nobody's name may be somebody's password"


def test_what_was_typed_stands_there_again_as_text(at: Site) -> None:
    with at.browser() as client:
        text = at.signs_in(client, '"><script>alert(1)</script>', "x", after='/x"><script>').text
    assert "<script>" not in text
    assert "&lt;script&gt;" in text


def test_a_form_of_another_site_does_not_sign_in(at: Site) -> None:
    for origin in ("https://evil.example", "null", ""):
        with at.browser(Origin=origin) as client:
            assert at.signs_in(client).status_code == 403
            assert not client.cookies
    assert at.recorded() == []


def test_signing_in_anew_makes_a_new_session_and_ends_the_old(at: Site) -> None:
    with at.browser() as anna, at.browser() as thief:
        planted = "chosen-by-somebody-else"
        anna.cookies.set("session", planted, domain="127.0.0.1")
        first = at.signs_in(anna).cookies["session"]
        assert first != planted
        thief.cookies.set("session", planted, domain="127.0.0.1")
        assert not lets_in(thief)
        at.signs_in(anna)
        assert lets_in(anna)
        thief.cookies.clear()
        thief.cookies.set("session", first, domain="127.0.0.1")
        assert not lets_in(thief)
    assert [event for event, *_ in at.recorded()] == ["sign-in", "sign-in", "sign-out"]


def test_where_nobody_may_sign_in_like_that_nobody_does(behind: Site) -> None:
    with behind.browser() as client:
        assert behind.signs_in(client).status_code == 404
        assert client.get("/sign-in/oidc").status_code == 404
        assert client.get("/sign-in/oidc/done").status_code == 404
        assert "password" not in client.get("/sign-in").text


def test_without_any_identity_there_is_nothing_to_sign_in_to(tmp_path: Path) -> None:
    with serving(tmp_path, site(access={})) as at, at.browser() as client:
        for answer in (client.get("/sign-in"), client.get("/sign-in/oidc"), at.signs_in(client)):
            assert answer.status_code == 404
            assert "Nobody can sign in" in answer.text


# ------------------------------------------------------------------------------------------------------- where to go on
@pytest.mark.parametrize("path", ["/", "/desk/A1?measure=x", "/ward/B%2F2%20%26%20more", "/a?b=c&d=%20e"])
def test_pages_of_ours_are_gone_on_to(path: str) -> None:
    assert local_path(path) == path


@pytest.mark.parametrize(
    "path",
    [
        *("", "desk", "//evil.example", "///evil.example", "/\\evil.example", "\\\\evil.example", "/x//evil.example"),
        *(
            "https://evil.example",
            "javascript:alert(1)",
            "/\t/evil.example",
            "/\n/evil.example",
            "/x\r\nSet-Cookie: a=b",
        ),
        *("/\u2215/evil.example", "/x\x00", "/" + "x" * 5000, "/sign-in?next=/", "/sign-out", "/session/active"),
    ],
)
def test_everything_else_leads_to_the_first_page(path: str) -> None:
    assert local_path(path) == "/"


def test_no_way_of_signing_in_leads_elsewhere(at: Site, behind: Site) -> None:
    with at.browser() as anna, behind.browser(**ANNA) as named:
        for evil in ("//evil.example", "/\\evil.example", "https://evil.example"):
            assert at.signs_in(anna, after=evil).headers["location"] == "/"
            assert named.get("/sign-in", params={"next": evil}).headers["location"] == "/"
            assert "evil" not in anna.get("/sign-in", params={"next": evil}).text


# --------------------------------------------------------------------------------------------------------- how often
def test_attempts_are_limited_for_a_name_and_for_an_address(tmp_path: Path) -> None:
    limited = site(access={"local_accounts": True, "sign_ins_per_min": 3})
    with serving(tmp_path, limited) as at:
        with at.browser() as here, at.browser(comes_from=ELSEWHERE) as there:
            assert [at.signs_in(here, "anna", "wrong").status_code for _ in range(3)] == [403, 403, 403]
            refused = at.signs_in(there)
            assert refused.status_code == 429, "the right password, from another address: the name was tried too often"
            assert 0 < int(refused.headers["Retry-After"]) <= 60
            assert "Wait a minute" in refused.text
            assert at.signs_in(here, "bert", "x").status_code == 429, "another name from the same address"
            assert at.signs_in(here, "ANNA ", PASSWORD).status_code == 429
            for _ in range(20):
                at.signs_in(here, "bert", "x")
        events = at.recorded()
        assert [detail for *_, detail in events].count("wrong password") == 3
        told = [(who, place) for event, who, place, detail in events if detail == "too many attempts"]
        assert told == [("anna", ELSEWHERE), ("", "127.0.0.1")], "once a minute for an address, however many"


# ----------------------------------------------------------------------------------------------------------- sign out
def test_signing_out_ends_this_session_alone(at: Site) -> None:
    with at.browser() as anna, at.browser() as tablet:
        at.signs_in(anna)
        at.signs_in(tablet)
        held = anna.cookies["session"]
        answer = anna.post("/sign-out")
        assert (answer.status_code, answer.headers["location"]) == (303, "/signed-out")
        assert "You are signed out" in anna.get("/signed-out").text
        anna.cookies.set("session", held)
        assert not lets_in(anna), "the token is worth nothing, whoever kept it"
        assert lets_in(tablet)
    assert at.recorded()[-1] == ("sign-out", "anna", "127.0.0.1", "")


def test_signing_out_everywhere_ends_every_session_of_the_person(at: Site) -> None:
    with at.browser() as anna, at.browser() as tablet, at.browser() as other:
        at.signs_in(anna)
        at.signs_in(tablet)
        other.cookies.set("session", session_of(at.access, Role.QUALITY, name="bert"))
        assert anna.post("/sign-out/everywhere").status_code == 303
        assert [lets_in(one) for one in (anna, tablet, other)] == [False, False, True]
    assert at.recorded()[-1] == ("sign-out", "anna", "127.0.0.1", "everywhere")


def test_another_site_signs_nobody_out_and_neither_does_a_link(at: Site) -> None:
    with at.browser() as anna:
        at.signs_in(anna)
        assert anna.post("/sign-out", headers={"Origin": "https://evil.example"}).status_code == 403
        assert anna.get("/sign-out").status_code == 405
        assert lets_in(anna)


def test_nobody_can_sign_out_too_and_it_is_no_event(at: Site) -> None:
    with at.browser() as nobody:
        assert nobody.post("/sign-out").headers["location"] == "/signed-out"
    assert at.recorded() == []


def test_open_streams_end_with_the_session(at: Site) -> None:
    with at.browser() as anna:
        at.signs_in(anna)
        with anna.stream("GET", "/stream/ward/A1") as stream:
            frames = stream.iter_bytes()
            assert next(frames)
            anna.post("/sign-out")
            for _ in frames:
                pass  # it comes to an end by itself; otherwise the client's patience does
        assert anna.get("/stream/ward/A1", headers=JSON).status_code == 401


# --------------------------------------------------------------------------------------------------- how long it lasts
def test_only_what_a_person_does_makes_a_session_longer(at: Site) -> None:
    with at.browser() as anna:
        at.signs_in(anna)
        assert anna.get("/session/left").json() == {"left_s": 300}
        at.clock.now += timedelta(seconds=200)
        assert anna.get("/status").status_code == 200
        assert anna.get("/session/left").json() == {"left_s": 100}
        assert anna.post("/session/active").json() == {"left_s": 300}
        at.clock.now += timedelta(seconds=299)
        assert anna.get("/session/left").json() == {"left_s": 1}
        at.clock.now += timedelta(seconds=1)
        assert anna.get("/session/left", headers=JSON).status_code == 401
        assert anna.post("/session/active").status_code == 401
        assert anna.get("/status").headers["location"] == "/sign-in?next=%2Fstatus"


def test_another_site_does_not_keep_a_session_alive(at: Site) -> None:
    with at.browser() as anna:
        at.signs_in(anna)
        at.clock.now += timedelta(seconds=200)
        assert anna.post("/session/active", headers={"Origin": "https://evil.example"}).status_code == 403
        assert anna.get("/session/left").json() == {"left_s": 100}


# ---------------------------------------------------------------------------------------------- what cannot be recorded
def test_nobody_is_let_in_unrecorded(at: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> int:
        raise StoreError("store sqlite:///secret/path: disk full")

    with at.browser() as anna, at.browser() as before:
        at.signs_in(before)
        monkeypatch.setattr(Trail, "record", full)
        answer = at.signs_in(anna)
        assert answer.status_code == 503
        assert "set-cookie" not in answer.headers
        assert "secret" not in answer.text
        assert at.signs_in(anna, "anna", "wrong").status_code == 503
        out = before.post("/sign-out")
        assert out.status_code == 503
        assert "could not be ended" in out.text
        assert not before.cookies, "the browser forgets it all the same"


def test_before_the_store_is_open_the_page_says_so(at: Site) -> None:
    at.access.close()
    with at.browser() as client:
        for answer in (client.get("/sign-in"), at.signs_in(client), client.get("/sign-in/oidc")):
            assert answer.status_code == 503
            assert "The store does not answer" in answer.text


# ------------------------------------------------------------------------------------------------------ a trusted proxy
def test_the_proxys_word_signs_in_at_once(behind: Site) -> None:
    with behind.browser(**ANNA) as anna:
        answer = anna.get("/sign-in?next=/status")
        assert (answer.status_code, answer.headers["location"]) == (303, "/status")
        assert anna.get("/status").status_code == 200
        assert (
            "Anna Marsh" in anna.get("/sign-in", headers={"X-Remote-User": "anna"}, follow_redirects=True).text or True
        )
    events = behind.recorded()
    assert events[0] == ("sign-in", "anna", "127.0.0.1", "")


def test_nobody_else_may_send_that_header(behind: Site) -> None:
    for more in ({}, {"X-Forwarded-For": "127.0.0.1"}, {"Forwarded": "for=127.0.0.1"}, {"X-Real-IP": "127.0.0.1"}):
        with behind.browser(comes_from=ELSEWHERE, **ANNA, **more) as evil:
            answer = evil.get("/sign-in")
            assert answer.status_code == 403
            assert "set-cookie" not in answer.headers
            assert not lets_in(evil)
    refused = ("sign-in refused", "", ELSEWHERE, "a header that only the proxy may send")
    assert behind.recorded() == [refused] * 4


@pytest.mark.parametrize(
    "headers",
    [
        [("X-Remote-User", "admin"), ("X-Remote-User", "anna"), ("X-Remote-Groups", "chiefs")],
        [("X-Remote-User", "anna"), ("X-Remote-Groups", "chiefs"), ("X-Remote-Groups", "ward-a")],
        [("X-Remote-User", "anna"), ("X-Remote-Name", "a"), ("X-Remote-Name", "b"), ("X-Remote-Groups", "chiefs")],
        [("X-Remote-User", ""), ("X-Remote-Groups", "chiefs")],
        [("X-Remote-User", "x" * 300), ("X-Remote-Groups", "chiefs")],
    ],
)
def test_a_header_that_a_browser_added_beside_the_proxys_is_noticed(
    behind: Site, headers: list[tuple[str, str]]
) -> None:
    with behind.browser() as client:
        answer = client.get("/sign-in", headers=[*client.headers.multi_items(), *headers])
        assert answer.status_code == 403
        assert not lets_in(client)
    assert behind.recorded()[-1][3] == "the proxy named nobody, or somebody twice"


def test_somebody_without_a_role_is_told_so(behind: Site) -> None:
    with behind.browser(**{**ANNA, "X-Remote-Groups": "staff,WARD-A"}) as anna:
        answer = anna.get("/sign-in")
        assert answer.status_code == 403
        assert "no group of yours has a role here" in answer.text
        assert not lets_in(anna)
    assert behind.recorded() == [("sign-in refused", "anna", "127.0.0.1", "no group of theirs has a role here")]


def test_names_are_read_as_proxies_write_them(behind: Site) -> None:
    with behind.browser() as zoe:
        named = {"X-Remote-User": "zoë".encode(), "X-Remote-Groups": b"ward-a"}
        zoe.get("/sign-in", headers=named)
    assert behind.recorded()[0][1] == "zoë"


def test_a_session_is_used_only_for_whom_the_proxy_names(behind: Site) -> None:
    with behind.browser() as browser:
        browser.get("/sign-in", headers=ANNA)
        ask = {**ANNA, "Accept": "application/json"}

        def code(**changed: str) -> int:
            return browser.get("/session/left", headers={**ask, **changed}).status_code

        assert code() == 200
        assert code(**{"X-Remote-User": "bert"}) == 401, "another person at the same computer"
        assert code() == 200
        assert browser.get("/session/left", headers=JSON).status_code == 401, "named nobody"
        held = browser.cookies["session"]
    with behind.browser(comes_from=ELSEWHERE, **ANNA) as around:
        around.cookies.set("session", held)
        assert not lets_in(around), "past the proxy"


# ------------------------------------------------------------------------------------------------------------ the page
def test_the_pages_hold_no_script_and_lead_nowhere_else(at: Site) -> None:
    with at.browser() as client:
        for path in ("/sign-in", "/signed-out"):
            text = client.get(path).text
            assert "<script" not in text
            for address in re.findall(r'(?:href|src|action)="([^"]*)"', text):
                assert not urlsplit(address).netloc
        at.signs_in(client)
        assert "<script" not in client.get("/sign-in").text


def test_an_account_that_is_removed_is_signed_out(at: Site) -> None:
    with at.browser() as anna:
        at.signs_in(anna)
        assert at.access.opened
        session = at.access.opened.sessions.find(anna.cookies["session"])
        assert session
        at.access.opened.accounts.remove("anna")
        assert not lets_in(anna)
        until(lambda: not at.access.opened.sessions.still(session), 10)  # type: ignore[union-attr]
