"""A screen shows a code until an administrator accepts it, then its wall for good, and never a page to sign in on."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from callbacks import pairing as module
from callbacks.asking import FOR_GOOD_S
from surveillance.access.access import Access
from surveillance.access.devices import VALID, Devices
from surveillance.access.people import Role
from surveillance.errors import StoreError
from surveillance.hub import Hub
from surveillance.settings import Settings
from surveillance.store import open_database
from surveillance.store.tables import audit
from tests.displays import NOON, hub_of, served, snapshot
from tests.signed_in import HALL, Clock, open_site, paired, session_of, site

HTML = {"Accept": "text/html"}
CODE = re.compile(r'<p class="code">([A-Z0-9]{4}-[A-Z0-9]{4})</p>')


@dataclass
class Site:
    """A site that is served."""

    address: str
    access: Access
    clock: Clock
    folder: Path

    @property
    def devices(self) -> Devices:
        assert self.access.opened
        return self.access.opened.devices

    def browser(self, **cookies: str) -> httpx.Client:
        return httpx.Client(base_url=self.address, headers=HTML, cookies=cookies, timeout=20)

    def administrator(self) -> httpx.Client:
        client = self.browser(session=session_of(self.access, Role.ADMINISTRATOR, name="ada"))
        client.headers["Origin"] = self.address
        return client

    def audited(self) -> list[tuple[str, str, str]]:
        """Event, who and detail of every entry."""
        database = open_database(f"sqlite:///{self.folder / 'store.sqlite'}")
        with database.reading() as connection:
            found = connection.execute(select(audit.c.event, audit.c.who, audit.c.detail).order_by(audit.c.number))
            entries = [tuple(row) for row in found]
        database.close()
        return entries


@contextmanager
def serving(folder: Path, shown: Settings | None = None) -> Iterator[Site]:
    with open_site(folder, shown) as (address, access, clock):
        yield Site(address, access, clock, folder)


@pytest.fixture
def at(tmp_path: Path) -> Iterator[Site]:
    with serving(tmp_path) as found:
        yield found


def code_on(answer: httpx.Response) -> str:
    found = CODE.search(answer.text)
    assert found, answer.text
    return found[1]


def state(client: httpx.Client, screen: str = "hall") -> str:
    return str(client.get("/pairing/state", params={"screen": screen}).json()["state"])


def given(answer: httpx.Response) -> SimpleCookie:
    found: SimpleCookie = SimpleCookie()
    for written in answer.headers.get_list("set-cookie"):
        found.load(written)
    return found


def test_a_screen_gets_its_wall_once_its_code_was_accepted(at: Site) -> None:
    with at.browser() as wall, at.administrator() as ada:
        shown = wall.get("/screen/hall")
        code = code_on(shown)
        assert shown.status_code == 401
        assert "Screen hall" in shown.text
        assert "Ash Ward, hall" in shown.text
        assert f"{at.address}/administer" in shown.text
        assert "/sign-in" not in shown.text
        assert state(wall) == f"code {code}"
        assert code_on(wall.get("/screen/hall")) == code, "loading anew makes no new one"

        accepted = ada.post("/administer/pair", data={"code": code.lower()})
        assert (accepted.status_code, accepted.headers["location"]) == (303, "/administer?told=paired")
        assert "Accepted." in ada.get("/administer?told=paired").text
        assert state(wall) == "wall"

        handed = wall.get("/screen/hall")
        assert (handed.status_code, handed.headers["location"]) == (303, "/screen/hall")
        kept = given(handed)["screen"]
        assert kept["httponly"]
        assert kept["samesite"] == "lax"
        assert int(kept["max-age"]) == FOR_GOOD_S
        assert wall.get("/screen/hall").status_code == 200
        assert state(wall) == "wall"
    assert at.audited() == [("change", "ada", "pairs screen hall, asked from 127.0.0.1")]


def test_every_load_of_the_wall_keeps_its_cookie_for_longer(at: Site) -> None:
    token, _ = paired(at.access, "hall")
    with at.browser(screen=token) as wall:
        kept = given(wall.get("/screen/hall"))["screen"]
        assert kept.value == token
        assert int(kept["max-age"]) == FOR_GOOD_S
        assert not given(wall.get("/_dash-layout"))


def test_another_screens_code_is_of_no_use(at: Site) -> None:
    with at.browser() as wall:
        code = code_on(wall.get("/screen/hall"))
        assert state(wall, "foyer") == "renew"
        at.devices.accept(code, "ada")
        assert wall.get("/screen/foyer").status_code == 401
        assert "screen" not in wall.cookies


def test_a_code_is_renewed_before_it_runs_out_and_the_old_one_is_worth_nothing(at: Site) -> None:
    with at.browser() as wall:
        first = code_on(wall.get("/screen/hall"))
        at.clock.now += VALID - timedelta(seconds=module.RENEWED_BEFORE_S - 1)
        assert state(wall) == "renew"
        second = code_on(wall.get("/screen/hall"))
        assert second != first
        assert state(wall) == f"code {second}"
    assert at.devices.shown(first) is None
    assert at.devices.shown(second)


def test_looking_whether_a_page_is_there_makes_no_code(at: Site) -> None:
    with at.browser() as wall:
        assert wall.head("/screen/hall").status_code == 401
        assert state(wall) == "renew"
    assert at.devices.waiting() == []


def test_a_program_gets_no_page(at: Site) -> None:
    answer = httpx.get(f"{at.address}/screen/hall", headers={"Accept": "application/json"})
    assert (answer.status_code, answer.json()) == (401, {"error": "Sign in first."})


def test_no_screen_is_sent_to_sign_in(at: Site) -> None:
    with at.browser() as wall:
        gone = wall.get("/screen/gone")
        assert gone.status_code == 401
        assert "There is no screen of this name" in gone.text
        assert CODE.search(gone.text) is None
        assert state(wall, "gone") == "missing"
        assert wall.get("/ward/A1").headers["location"].startswith("/sign-in"), "where people look, they sign in"


def test_a_screen_shows_no_other_screens_wall(at: Site) -> None:
    token, device = paired(at.access, "hall")
    with at.browser(screen=token) as wall:
        other = wall.get("/screen/foyer")
        assert other.status_code == 403
        assert f"paired as “hall” (device {device.number})" in other.text
        assert CODE.search(other.text) is None
        assert state(wall, "foyer") == f"other {device.number}"
        at.devices.revoke(device.number, "ada")
        assert state(wall, "foyer") == "renew"
        assert code_on(wall.get("/screen/foyer"))
    assert at.audited() == [("refused", f"screen hall (device {device.number})", "GET /screen/foyer")]


def test_who_asks_for_codes_without_pause_waits(at: Site) -> None:
    for _ in range(module.ASKED_A_MINUTE.amount):
        httpx.get(f"{at.address}/screen/hall", headers=HTML)
    with at.browser() as wall:
        busy = wall.get("/screen/hall")
        assert busy.status_code == 429
        assert "A code appears here by itself" in busy.text
        assert state(wall) == "renew"


def test_while_it_is_not_known_who_is_paired_nobody_is_told_to_pair(tmp_path: Path) -> None:
    access, shown = Access(Clock()), site()
    access.of_site(shown)
    with served(hub_of(snapshot(site=shown), site=shown), access=access) as address:
        starting = httpx.get(f"{address}/screen/hall", headers=HTML)
        assert starting.status_code == 503
        assert "What belongs here appears by itself" in starting.text
        asked = httpx.get(f"{address}/pairing/state?screen=hall", cookies={"screen": "any"}).json()
        assert asked == {"state": "closed"}
        assert httpx.get(f"{address}/stream/screen/hall").status_code == 503, "a wall that hangs there is not refused"
        database = open_database(f"sqlite:///{tmp_path / 'store.sqlite'}")
        access.open(shown, database)
        assert httpx.get(f"{address}/pairing/state?screen=hall").json() == {"state": "renew"}
        access.close()
        database.close()


def test_before_the_site_is_known_a_screen_looks_again_by_itself(tmp_path: Path) -> None:
    access = Access(Clock())
    access.of_site(site())
    with served(Hub(), access=access) as address:
        starting = httpx.get(f"{address}/screen/hall", headers=HTML)
        assert starting.status_code == 503
        assert "/assets/again.js" in starting.text


def test_a_store_that_does_not_answer_is_said(at: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    def locked(*_: Any) -> None:
        raise StoreError("locked")

    monkeypatch.setattr(Devices, "ask", locked)
    with at.browser() as wall:
        assert wall.get("/screen/hall").status_code == 503


def test_a_name_that_is_a_script_stays_words(at: Site) -> None:
    name = '"><script>alert(1)</script>'
    answer = httpx.get(f"{at.address}/screen/{name}", headers=HTML)
    assert answer.status_code == 401
    assert "<script>alert" not in answer.text
    assert "&lt;script&gt;" in answer.text


def test_at_night_the_page_is_dark(tmp_path: Path) -> None:
    with serving(tmp_path, site(screens=[{**HALL, "night": "always"}])) as found:
        assert 'class="pairing night"' in httpx.get(f"{found.address}/screen/hall", headers=HTML).text


# ------------------------------------------------------------------------------------------------ the administrator
def test_the_administrator_sees_who_waits_and_who_is_paired(at: Site) -> None:
    _, device = paired(at.access, "hall")
    with at.browser() as wall, at.administrator() as ada:
        code = code_on(wall.get("/screen/foyer"))
        at.clock.now += timedelta(seconds=70)
        page = ada.get("/administer").text
        assert f"{code[:4]}-····" in page
        assert code not in page, "whoever accepts it has looked at the screen"
        assert "70 s ago" in page
        assert f'aria-label="Revoke hall, device {device.number}"' in page


@pytest.mark.parametrize("code", ["", "CCCC-CCCC", "<script>"])
def test_a_code_that_no_screen_shows_is_refused_in_words(at: Site, code: str) -> None:
    with at.administrator() as ada:
        answer = ada.post("/administer/pair", data={"code": code})
    assert answer.status_code == 422
    assert "No screen shows this code now" in answer.text
    assert at.devices.paired() == []


def test_an_administrator_revokes_a_screen(at: Site) -> None:
    token, device = paired(at.access, "hall")
    with at.browser(screen=token) as wall, at.administrator() as ada:
        assert wall.get("/screen/hall").status_code == 200
        assert ada.post("/administer/revoke", data={"device": device.number}).status_code == 303
        assert code_on(wall.get("/screen/hall"))
        assert ada.post("/administer/revoke", data={"device": device.number}).status_code == 422
        assert ada.post("/administer/revoke", data={"device": "x"}).status_code == 422
    assert at.audited()[0] == ("change", "ada", f"revokes device {device.number}")


def test_an_administrator_signs_somebody_out_everywhere(at: Site) -> None:
    tokens = [session_of(at.access, Role.WARD_STAFF, "A1", name="nina") for _ in range(2)]
    with at.administrator() as ada:
        page = ada.get("/administer").text
        assert page.count('aria-label="Sign Nina out everywhere"') == 2
        assert '<th scope="row">Ada</th><td>ada</td><td>Administrator</td>' in page
        assert ada.post("/administer/sign-out", data={"subject": "nina"}).headers["location"].endswith("signed-out")
        assert [at.access.session(token) for token in tokens] == [None, None]
        assert ada.post("/administer/sign-out", data={"subject": "nobody"}).status_code == 422
    assert at.audited()[0] == ("change", "ada", "signs nina out everywhere")


def test_what_cannot_be_recorded_is_not_done(at: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    token, device = paired(at.access, "hall")
    code, _ = at.devices.ask("hall", "10.0.0.2")

    def locked(*_: Any) -> None:
        raise StoreError("locked")

    with at.administrator() as ada:
        monkeypatch.setattr(Access, "record", locked)
        assert ada.post("/administer/pair", data={"code": code}).status_code == 503
        assert ada.post("/administer/revoke", data={"device": device.number}).status_code == 503
    assert at.devices.find(token) == device
    assert [one.code for one in at.devices.waiting()] == [code]


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMINISTRATOR])
def test_nobody_else_pairs_screens(at: Site, role: Role) -> None:
    code, _ = at.devices.ask("hall", "10.0.0.2")
    with at.browser(session=session_of(at.access, role, "A1")) as other:
        other.headers["Origin"] = at.address
        assert other.get("/administer").status_code == 403
        assert other.post("/administer/pair", data={"code": code}).status_code == 403
    assert at.devices.shown(code)


def test_another_sites_page_cannot_pair(at: Site) -> None:
    code, _ = at.devices.ask("hall", "10.0.0.2")
    with at.administrator() as ada:
        ada.headers["Origin"] = "https://evil.example"
        assert ada.post("/administer/pair", data={"code": code}).status_code == 403
    assert at.devices.shown(code)


# ------------------------------------------------------------------------------------------------ the status page
def test_status_says_which_screens_are_paired(at: Site) -> None:
    _, device = paired(at.access, "hall")
    with at.administrator() as ada:
        page = ada.get("/status").text
    assert f"since {NOON:%H:%M} (device {device.number})" in page
    assert page.count("not paired") == 1
    assert "Paired screens see their own wall" in page


def test_status_says_in_so_many_words_that_anybody_sees_the_walls(tmp_path: Path) -> None:
    words = (
        "Anybody who reaches this address sees the walls: unpaired walls are allowed ([access] unpaired_walls_allowed)"
    )
    open_to_all = site(access={"local_accounts": True, "unpaired_walls_allowed": True})
    with serving(tmp_path, open_to_all) as found, found.browser() as anybody:
        assert words in anybody.get("/status").text
        assert anybody.get("/screen/hall").status_code == 200
        assert state(anybody) == "wall"
