"""People sign in by a real OpenID Connect provider (oidc-provider, certified), and nothing tampered with passes."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from surveillance.access.access import Access
from surveillance.access.people import Role
from surveillance.app import web
from surveillance.settings import Settings
from surveillance.store import open_database
from surveillance.store.tables import audit
from tests import npm
from tests.displays import answering, hub_of, settings, snapshot
from tests.programs import answers, free_port, until

HERE = Path(__file__).parents[1] / "oidc"
BUILD = Path(__file__).parents[2] / "build" / "oidc"
FILES = ("package.json", "package-lock.json", ".npmrc", "provider.mjs")
SECRET, SECRET_IN = "a secret of the client", "TEST_CLIENT_SECRET"
SITE = {
    "grants": [
        {"group": "ward-a", "role": "ward_staff", "wards": ["A1"]},
        {"group": "staff", "role": "pharmacist"},
        {"group": "chiefs", "role": "executive"},
    ],
    "sign_ins_per_min": 600,
}


# ---------------------------------------------------------------------------------------------- the provider, and we
@pytest.fixture(scope="session")
def installed() -> Path:
    """The folder with the provider and its packages."""
    return npm.installed(HERE, BUILD, FILES)


@contextmanager
def provider(folder: Path, origin: str, port: int) -> Iterator[str]:
    """A provider that knows us at ``origin``."""
    environment = {**os.environ, "CLIENT_SECRET": SECRET}
    command = [npm.NODE, "provider.mjs", str(port), "wards", origin]
    with (
        (folder / f"provider-{port}.log").open("w") as log,
        subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log) as process,
    ):
        try:
            until(lambda: answers(f"http://127.0.0.1:{port}/.well-known/openid-configuration"))
            yield f"http://127.0.0.1:{port}"
        finally:
            process.kill()


@dataclass
class Hospital:
    """A site that is served, and its provider."""

    address: str
    provider: str
    access: Access
    folder: Path

    def recorded(self) -> list[tuple[str, str, str, str]]:
        """Event, who, role and detail of every entry."""
        database = open_database(f"sqlite:///{self.folder / 'store.sqlite'}")
        columns = (audit.c.event, audit.c.who, audit.c.role, audit.c.detail)
        with database.reading() as connection:
            found = [tuple(row) for row in connection.execute(select(*columns).order_by(audit.c.number))]
        database.close()
        return found

    def browser(self) -> httpx.Client:
        return httpx.Client(headers={"Accept": "text/html", "Origin": self.address}, timeout=20)

    def comes_back(self, client: httpx.Client, name: str, after: str = "/status") -> str:
        """The address by which the provider sends a browser back, once somebody has logged in there."""
        went = client.get(f"{self.address}/sign-in/oidc", params={"next": after})
        assert went.status_code == 303, went.text
        asked = client.get(went.headers["location"])
        if not asked.headers["location"].startswith(self.address):
            form = f"{self.provider}{urlsplit(asked.headers['location']).path}"
            assert "Log in" in client.get(form).text
            resumed = client.post(form, data={"login": name}, headers={"Origin": self.provider})
            asked = client.get(resumed.headers["location"])
        back = asked.headers["location"]
        assert back.startswith(f"{self.address}/sign-in/oidc/done?")
        return str(back)


@contextmanager
def serving(folder: Path, issuer: str, port: int, **others: object) -> Iterator[Access]:
    """Our program on a port that the provider was told of."""
    oidc = {
        "issuer": issuer,
        "client_id": "wards",
        "client_secret_env": SECRET_IN,
        "scopes": ["openid", "profile", "groups"],
    }
    shown: Settings = settings(access={**SITE, "oidc": {**oidc, **others}})
    access, database = Access(), open_database(f"sqlite:///{folder / 'store.sqlite'}")
    access.open(shown, database)
    try:
        with answering(web(hub_of(snapshot(site=shown), site=shown), access=access), port):
            yield access
    finally:
        access.close()
        database.close()


@pytest.fixture
def at(tmp_path: Path, installed: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hospital]:
    monkeypatch.setenv(SECRET_IN, SECRET)
    ours, theirs = free_port(), free_port()
    address = f"http://127.0.0.1:{ours}"
    with provider(installed, address, theirs) as issuer, serving(tmp_path, issuer, ours) as access:
        yield Hospital(address, issuer, access, tmp_path)


def lets_in(client: httpx.Client, at: Hospital) -> bool:
    return client.get(f"{at.address}/session/left", headers={"Accept": "application/json"}).status_code == 200


# ------------------------------------------------------------------------------------------------------ who is let in
def test_the_right_person_signs_in_with_the_roles_of_every_group(at: Hospital) -> None:
    with at.browser() as anna:
        answer = anna.get(at.comes_back(anna, "anna"))
        assert (answer.status_code, answer.headers["location"]) == (303, "/status")
        assert anna.get(f"{at.address}/status").status_code == 200
        page = anna.get(f"{at.address}/sign-in").text
        assert "Anna Marsh" in page
        assert "Ward staff, Pharmacist" in page
        assert at.access.opened
        session = at.access.opened.sessions.find(anna.cookies["session"])
        assert session
        assert (session.person.subject, session.person.via) == ("anna", "oidc")
        assert [(one.role, one.wards) for one in session.person.grants] == [
            (Role.WARD_STAFF, ("A1",)),
            (Role.PHARMACIST, ()),
        ]
    assert at.recorded() == [("sign-in", "anna", "Ward staff, Pharmacist", "")]


def test_a_group_that_is_no_list_counts_and_a_name_is_text(at: Hospital) -> None:
    with at.browser() as chief:
        assert chief.get(at.comes_back(chief, "chief")).status_code == 303
        text = chief.get(f"{at.address}/sign-in").text
        assert "Zoë &lt;b&gt;Chief&lt;/b&gt;" in text
        assert "Executive" in text


def test_somebody_without_a_role_is_told_so_and_recorded(at: Hospital) -> None:
    with at.browser() as bert:
        answer = bert.get(at.comes_back(bert, "bert"))
        assert answer.status_code == 403
        assert "You are signed in at 127.0.0.1 but no group of yours has a role here." in answer.text
        assert f"{at.provider}/session/end?" in unescape(answer.text), "to come back as somebody else"
        assert not lets_in(bert, at)
    assert at.recorded() == [("sign-in refused", "bert", "", "127.0.0.1: no group of theirs has a role here")]


def test_somebody_whom_the_provider_refuses_is_not_let_in(at: Hospital) -> None:
    with at.browser() as nobody:
        answer = nobody.get(at.comes_back(nobody, "mallory"))
        assert answer.status_code == 403
        assert "access_denied" in answer.text
        assert not lets_in(nobody, at)
    assert at.recorded() == [("sign-in refused", "", "", "127.0.0.1: access_denied")]


# ----------------------------------------------------------------------------------------------- what was tampered with
def changed(address: str, **values: str | None) -> str:
    parts = urlsplit(address)
    query = {name: found[0] for name, found in parse_qs(parts.query).items()}
    query |= {name: value for name, value in values.items() if value is not None}
    query = {name: value for name, value in query.items() if values.get(name, "") is not None}
    return parts._replace(query=urlencode(query)).geturl()


@pytest.mark.parametrize("state", ["", "x", None])
def test_another_state_is_refused_and_ends_the_attempt(at: Hospital, state: str | None) -> None:
    with at.browser() as anna:
        back = at.comes_back(anna, "anna")
        for address in (changed(back, state=state), back):
            answer = anna.get(address)
            assert answer.status_code == 403
            assert "Please begin again" in answer.text
            assert not lets_in(anna, at)
    assert at.recorded() == [("sign-in refused", "", "", "127.0.0.1: no such attempt")] * 2


def test_a_code_serves_one_browser_once(at: Hospital) -> None:
    with at.browser() as anna, at.browser() as thief:
        back = at.comes_back(anna, "anna")
        assert thief.get(back).status_code == 403, "stolen on its way back"
        at.comes_back(thief, "bert")
        assert thief.get(back).status_code == 403, "planted into an attempt of another browser"
        assert not lets_in(thief, at)
        attempt = anna.cookies["sign-in"]
        assert anna.get(back).status_code == 303
        assert "sign-in" not in anna.cookies
        anna.cookies.set("sign-in", attempt, domain="127.0.0.1")
        assert anna.get(back).status_code == 403, "replayed"


def test_a_code_of_another_attempt_is_refused_by_its_proof(at: Hospital) -> None:
    """The attacker has Anna's code, and an attempt of their own with its state: PKCE binds the code to hers."""
    with at.browser() as anna, at.browser() as thief:
        stolen = parse_qs(urlsplit(at.comes_back(anna, "anna")).query)["code"][0]
        answer = thief.get(changed(at.comes_back(thief, "bert"), code=stolen))
        assert answer.status_code == 403
        assert "invalid_grant" in answer.text
        assert not lets_in(thief, at)


@pytest.mark.parametrize("values", [{"code": "made-up"}, {"code": None}, {"iss": "https://evil.example"}])
def test_an_answer_that_the_provider_did_not_give_is_refused(at: Hospital, values: dict[str, str | None]) -> None:
    with at.browser() as anna:
        answer = anna.get(changed(at.comes_back(anna, "anna"), **values))
        assert answer.status_code == 403
        assert not lets_in(anna, at)


def test_the_wrong_secret_lets_nobody_in(at: Hospital, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SECRET_IN, "another secret")
    with at.browser() as anna:
        answer = anna.get(at.comes_back(anna, "anna"))
        assert answer.status_code == 403
        assert "invalid_client" in answer.text
        assert "another secret" not in answer.text


def test_a_provider_that_is_away_is_said_to_be_and_logged_once(
    tmp_path: Path, installed: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv(SECRET_IN, SECRET)
    ours, theirs = free_port(), free_port()
    address = f"http://127.0.0.1:{ours}"
    with serving(tmp_path, f"http://127.0.0.1:{theirs}", ours) as access, httpx.Client() as anna:
        for _ in range(3):
            answer = anna.get(f"{address}/sign-in/oidc")
            assert answer.status_code == 503
            assert "does not answer just now" in answer.text
        assert anna.get(f"{address}/sign-in").status_code == 200
        assert [one.getMessage() for one in caplog.records if "identity" in one.getMessage()] == [
            "the identity provider 127.0.0.1 does not answer as one: ConnectError"
        ]
        with provider(installed, address, theirs):
            until(lambda: anna.get(f"{address}/sign-in/oidc").status_code == 303, every=0.5)
        assert access.opened
    said = [one.getMessage() for one in caplog.records if "identity" in one.getMessage()]
    assert said[1:] == ["the identity provider 127.0.0.1 answers again"]
    assert SECRET not in caplog.text


# ------------------------------------------------------------------------------------------------- as a browser does it
def test_in_a_browser_from_the_wall_to_signing_out_at_the_provider_too(at: Hospital, chromium: Browser) -> None:
    with chromium.new_context() as browser:
        page = browser.new_page()
        faults: list[str] = []
        page.on(
            "console",
            lambda said: faults.append(said.text) if said.location["url"].startswith(at.address) else None,
        )
        page.goto(f"{at.address}/status")
        page.get_by_role("link", name="Sign in with 127.0.0.1").click()
        logs_in(page)
        expect(page).to_have_url(f"{at.address}/status")
        page.goto(f"{at.address}/sign-in")
        expect(page.get_by_text("You are signed in as Anna Marsh, Ward staff, Pharmacist.")).to_be_visible()
        page.get_by_role("button", name="Sign out", exact=True).click()
        page.get_by_role("button", name=re.compile("sign me out", re.I)).click()
        expect(page).to_have_url(re.compile(f"^{at.address}/signed-out"))
        page.get_by_role("link", name="Sign in again").click()
        page.get_by_role("link", name="Sign in with 127.0.0.1").click()
        logs_in(page)  # the provider forgot her as well
        expect(page).to_have_url(f"{at.address}/")
        assert faults == []
    events = [event for event, *_ in at.recorded()]
    assert events == ["sign-in", "sign-out", "sign-in"]


def logs_in(page: Page) -> None:
    page.get_by_label("Name").fill("anna")
    page.get_by_role("button", name="Log in").click()
