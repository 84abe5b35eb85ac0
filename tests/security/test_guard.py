"""A paired screen sees its own wall and what that is made of, until it is revoked; then its stream ends as well."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from surveillance.access.access import Access
from surveillance.access.devices import Devices
from surveillance.access.people import Device, Role
from surveillance.errors import StoreError
from tests.displays import hub_of, served, snapshot
from tests.signed_in import let_in, paired, session_of, site

REPORT = {"build": "b", "uptime_s": 1, "data_age_s": 1, "viewport": "1 × 1 at 1", "live": True}
HTML = {"Accept": "text/html"}


@dataclass
class Wall:
    """A site that is served, and the browser of its screen in the hall."""

    address: str
    access: Access
    client: httpx.Client
    device: Device

    @property
    def devices(self) -> Devices:
        assert self.access.opened
        return self.access.opened.devices


@pytest.fixture
def wall(tmp_path: Path) -> Iterator[Wall]:
    shown = site()
    with (
        let_in(tmp_path, shown) as access,
        served(hub_of(snapshot(site=shown), site=shown), access=access) as address,
    ):
        token, device = paired(access, "hall")
        with httpx.Client(base_url=address, cookies={"screen": token}, timeout=10) as client:
            yield Wall(address, access, client, device)


def first_of(client: httpx.Client, address: str) -> int:
    with client.stream("GET", address) as answer:
        return answer.status_code


def test_a_screen_sees_its_own_wall_and_its_parts(wall: Wall) -> None:
    own = {"Origin": wall.address}
    for address in ("/screen/hall", "/stream/screen/hall", "/_dash-layout", "/_dash-dependencies", "/assets/wall.js"):
        assert first_of(wall.client, address) == 200, address
    assert wall.client.post("/screens/hall/report", json=REPORT, headers=own).status_code == 204


@pytest.mark.parametrize(
    "address",
    [
        *("/screen/foyer", "/stream/screen/foyer", "/screen/hall/", "/screen/Hall", "/screen/hall%2F..%2Ffoyer"),
        *("/ward/A1", "/stream/ward/A1", "/stream/ward/hall", "/ward/hall", "/executive", "/executive/hall"),
        *("/", "/status", "/measures", "/api/wards", "/charts/ward/A1", "/administer", "/made-of/trust/trust"),
    ],
)
def test_a_screen_sees_nothing_else(wall: Wall, address: str) -> None:
    assert first_of(wall.client, address) == 403


def test_a_screen_reports_for_itself_alone_and_only_from_its_page(wall: Wall) -> None:
    own = {"Origin": wall.address}
    assert wall.client.post("/screens/foyer/report", json=REPORT, headers=own).status_code == 403
    assert wall.client.post("/screens/hall/report", json=REPORT).status_code == 403
    assert wall.client.post("/administer/pair", data={"code": "x"}, headers=own).status_code == 403


def test_the_stream_of_a_revoked_screen_ends_and_does_not_come_back(wall: Wall) -> None:
    with wall.client.stream("GET", "/stream/screen/hall") as answer:
        pieces = answer.iter_raw()
        assert next(pieces)
        assert next(pieces), "it goes on"
        wall.devices.revoke(wall.device.number, "ada")
        assert sum(1 for _ in pieces) <= 2, "what was on its way"
    assert first_of(wall.client, "/stream/screen/hall") == 401
    assert wall.client.head("/screen/hall").status_code == 401
    assert first_of(wall.client, "/_dash-layout") == 401


def test_a_stream_goes_on_while_the_store_is_away(wall: Wall, monkeypatch: pytest.MonkeyPatch) -> None:
    def locked(*_: Any) -> None:
        raise StoreError("locked")

    monkeypatch.setattr("surveillance.access.devices.known_devices", locked)
    with wall.client.stream("GET", "/stream/screen/hall") as answer:
        pieces = answer.iter_raw()
        assert all(next(pieces) for _ in range(3))
    assert first_of(wall.client, "/screen/hall") == 200


def test_a_refusal_that_cannot_be_recorded_shows_nothing(wall: Wall, monkeypatch: pytest.MonkeyPatch) -> None:
    def locked(*_: Any) -> None:
        raise StoreError("locked")

    monkeypatch.setattr(Access, "record", locked)
    answer = wall.client.get("/screen/foyer", headers=HTML)
    assert answer.status_code == 503
    assert "/assets/again.js" in answer.text, "it may hang on a wall"


def test_a_person_on_the_same_browser_is_asked_for_first(wall: Wall) -> None:
    wall.client.cookies.set("session", session_of(wall.access, Role.EXECUTIVE))
    assert first_of(wall.client, "/screen/foyer") == 200
    assert wall.client.get("/administer").json() == {
        "error": "This is only for those who may pair screens and manage accounts and sessions."
    }


@pytest.mark.parametrize("held", ["", "x", "y" * 43, "é", "a;b", '"'])
def test_a_made_up_token_opens_nothing(wall: Wall, held: str) -> None:
    sent = {b"Cookie": f"screen={held}".encode()}
    assert httpx.get(f"{wall.address}/screen/hall", headers=sent).status_code == 401
