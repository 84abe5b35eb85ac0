"""A screen is paired once, by a code that somebody accepts, and stays paired until that is revoked."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from surveillance.access import devices as module
from surveillance.access.devices import LETTERS, OF_SCREEN, VALID, Devices
from surveillance.errors import StoreError
from surveillance.store import open_database
from surveillance.store.database import Database
from tests.programs import until
from tests.signed_in import HALL, Clock, site


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = open_database(f"sqlite:///{tmp_path / 'store.sqlite'}")
    yield opened
    opened.close()


@pytest.fixture
def devices(database: Database, clock: Clock) -> Iterator[Devices]:
    opened = Devices(database, site(), clock)
    yield opened
    opened.close()


def rows(database: Database, asked: str) -> list[tuple[Any, ...]]:
    with database.reading() as connection:
        return [tuple(row) for row in connection.exec_driver_sql(asked)]


def token_of(devices: Devices, screen: str = "hall") -> str:
    code, secret = devices.ask(screen, "10.0.0.2")
    assert devices.accept(code, "ada")
    token = devices.claim(secret)
    assert token
    return token


def test_a_code_is_accepted_once_and_its_token_given_once(devices: Devices) -> None:
    code, secret = devices.ask("hall", "10.0.0.2")
    assert devices.claim(secret) is None, "nobody has accepted it"
    device = devices.accept(code, "ada")
    assert device
    assert (device.screen, device.profile) == ("hall", "staff")
    assert devices.accept(code, "ada") is None
    token = devices.claim(secret)
    assert token
    assert devices.find(token) == device
    assert devices.still(device)
    assert devices.claim(secret) is None


@pytest.mark.parametrize(
    "change", [str.lower, lambda code: code.replace("-", " "), lambda code: f" {code[:4]}{code[5:]} "]
)
def test_a_code_may_be_typed_as_people_type(devices: Devices, change: Any) -> None:
    code, _ = devices.ask("hall", "10.0.0.2")
    assert devices.accept(change(code), "ada")


@pytest.mark.parametrize("code", ["", "CCCC-CCCC", "????-????", "CCCC-CCCCC", "ſ" * 8])
def test_what_no_screen_shows_is_not_accepted(devices: Devices, code: str) -> None:
    devices.ask("hall", "10.0.0.2")
    assert devices.accept(code, "ada") is None


def test_codes_are_of_letters_that_are_not_mixed_up(devices: Devices) -> None:
    codes = [devices.ask("hall", "10.0.0.2")[0] for _ in range(20)]
    assert len(set(codes)) == 20
    assert all(len(code) == 9 and code[4] == "-" and set(code) <= {*LETTERS, "-"} for code in codes)
    assert not set(LETTERS) & set("01258OILSZBAEU")


def test_a_code_runs_out_but_not_once_it_was_accepted(devices: Devices, clock: Clock) -> None:
    late, _ = devices.ask("hall", "10.0.0.2")
    code, secret = devices.ask("hall", "10.0.0.2")
    assert devices.accept(code, "ada")
    clock.now += VALID
    assert devices.accept(late, "ada") is None
    assert devices.waiting() == []
    assert devices.claim(secret), "a screen may be switched off for a while"


def test_a_token_that_is_never_fetched_is_revoked_after_a_day(
    devices: Devices, clock: Clock, database: Database
) -> None:
    code, secret = devices.ask("hall", "10.0.0.2")
    devices.accept(code, "ada")
    clock.now += timedelta(days=1, seconds=1)
    devices.ask("foyer", "10.0.0.3")
    assert devices.claim(secret) is None
    assert devices.paired() == []
    assert rows(database, "SELECT revoked_by FROM device") == [(module.NOT_FETCHED,)]


def test_neither_token_nor_secret_stands_in_the_store(devices: Devices, database: Database) -> None:
    token = token_of(devices)
    _, secret = devices.ask("hall", "10.0.0.2")
    kept = repr(rows(database, "SELECT * FROM device") + rows(database, "SELECT * FROM pairing"))
    assert token not in kept
    assert secret not in kept
    assert "hall" in kept


def test_questions_do_not_heap_up(devices: Devices, database: Database) -> None:
    for number in range(4 * OF_SCREEN):
        devices.ask("hall", f"10.0.0.{number}")
    assert rows(database, "SELECT count(*) FROM pairing") == [(OF_SCREEN,)]


def test_all_questions_together_do_not_heap_up(
    devices: Devices, clock: Clock, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "OF_ALL", 3)
    code, _ = devices.ask("hall", "10.0.0.2")
    devices.accept(code, "ada")
    asked = []
    for screen in ("hall", "foyer") * 3:
        clock.now += timedelta(seconds=1)
        asked.append(devices.ask(screen, "10.0.0.2")[0])
    assert [one.code for one in devices.waiting()] == asked[-3:]
    assert rows(database, "SELECT count(*) FROM pairing") == [(4,)], "one that was accepted is not driven out"


def test_who_asks_without_end_drives_out_his_own(devices: Devices) -> None:
    code, _ = devices.ask("hall", "10.0.0.2")
    for _number in range(4 * OF_SCREEN):
        devices.ask("hall", "10.9.9.9")
    assert devices.accept(code, "ada")


def test_a_code_that_is_replaced_cannot_be_accepted(devices: Devices) -> None:
    code, secret = devices.ask("hall", "10.0.0.2")
    newer, _ = devices.ask("hall", "10.0.0.2", secret)
    assert [one.code for one in devices.waiting()] == [newer]
    assert devices.accept(code, "ada") is None


def test_a_revoked_screen_is_unknown_at_once(devices: Devices) -> None:
    token, other = token_of(devices), token_of(devices)
    device = devices.find(token)
    assert device
    assert devices.revoke(device.number, "ada")
    assert devices.find(token) is None
    assert not devices.still(device)
    assert devices.find(other)
    assert not devices.revoke(device.number, "ada")
    assert not devices.revoke(99, "ada")


def test_what_was_accepted_can_be_revoked_before_the_screen_fetches_it(devices: Devices) -> None:
    code, secret = devices.ask("hall", "10.0.0.2")
    device = devices.accept(code, "ada")
    assert device
    assert devices.revoke(device.number, "ada")
    assert devices.claim(secret) is None


def test_all_can_be_revoked(devices: Devices) -> None:
    tokens = [token_of(devices, screen) for screen in ("hall", "foyer")]
    assert devices.revoke_all("ada") == 2
    assert [devices.find(token) for token in tokens] == [None, None]
    assert devices.revoke_all("ada") == 0


@pytest.mark.parametrize(
    "changed", [[{**HALL, "profile": "public"}], [{**HALL, "name": "other"}]], ids=["another profile", "gone"]
)
def test_a_screen_that_is_another_now_is_not_paired(
    devices: Devices, database: Database, clock: Clock, changed: list[dict[str, Any]]
) -> None:
    token = token_of(devices)
    with closing(Devices(database, site(screens=changed), clock)) as later:
        assert later.find(token) is None
        assert [one.fits for one in later.paired()] == [False]
    with closing(Devices(database, site(screens=[{**HALL, "ward": "C3"}]), clock)) as later:
        assert later.find(token), "what it shows may change"


def test_a_pairing_outlives_the_program_and_every_year(devices: Devices, database: Database, clock: Clock) -> None:
    token = token_of(devices)
    clock.now += timedelta(days=3650)
    with closing(Devices(database, site(), clock)) as later:
        assert later.find(token)


def test_what_another_process_does_is_known_soon(
    database: Database, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "EVERY_S", 0.01)
    with closing(Devices(database, site(), clock)) as here, closing(Devices(database, site(), clock)) as there:
        token = token_of(there)
        until(lambda: here.find(token) is not None, 10)
        device = there.find(token)
        assert device
        there.revoke(device.number, "ada")
        until(lambda: not here.still(device), 10)


class Away:
    """A store that can be taken away."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.away = True

    def __getattr__(self, name: str) -> Any:
        if self.away:
            raise StoreError("locked")
        return getattr(self._database, name)


def test_while_the_store_is_away_those_paired_stay_so_and_none_are_added(
    database: Database, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "EVERY_S", 0.01)
    store: Any = Away(database)
    with closing(Devices(store, site(), clock)) as devices:
        assert not devices.known
        assert devices.find("x") is None
        store.away = False
        until(lambda: devices.known, 10)
        token = token_of(devices)
        code, secret = devices.ask("hall", "10.0.0.2")
        store.away = True
        device = devices.find(token)
        assert device
        assert devices.still(device)
        for refused in (
            lambda: devices.accept(code, "ada"),
            lambda: devices.claim(secret),
            lambda: devices.ask("hall", "10.0.0.2"),
            lambda: devices.revoke(device.number, "ada"),
        ):
            with pytest.raises(StoreError):
                refused()
        assert devices.find(token) == device


def test_of_two_who_accept_the_same_code_at_once_one_does(devices: Devices, database: Database) -> None:
    code, secret = devices.ask("hall", "10.0.0.2")
    together = threading.Barrier(4)

    def accept(name: str) -> bool:
        together.wait(10)
        return devices.accept(code, name) is not None

    with ThreadPoolExecutor(4) as people:
        assert sorted(people.map(accept, ["ada", "ben", "cyd", "dee"])) == [False, False, False, True]
    assert devices.claim(secret)
    assert rows(database, "SELECT count(*) FROM device") == [(1,)]


def test_of_two_who_fetch_the_same_token_at_once_one_does(devices: Devices) -> None:
    code, secret = devices.ask("hall", "10.0.0.2")
    devices.accept(code, "ada")
    together = threading.Barrier(4)

    def claim(_number: int) -> str | None:
        together.wait(10)
        return devices.claim(secret)

    with ThreadPoolExecutor(4) as browsers:
        given = [token for token in browsers.map(claim, range(4)) if token]
    assert len(given) == 1
    assert devices.find(given[0])
