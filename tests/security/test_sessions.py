"""A session lasts while its person does something, never longer than the site allows, and ends everywhere at once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from time import monotonic

import pytest
from sqlalchemy import func, select, update

from surveillance.access import sessions as module
from surveillance.access.people import Granted, Person, Role
from surveillance.access.sessions import RENEWED_S, SILENCE_S, Sessions, key_of
from surveillance.errors import StoreError
from surveillance.settings import AccessSettings
from surveillance.store import open_database, sign_ins
from surveillance.store.database import Database
from surveillance.store.tables import session as table
from tests.programs import until
from tests.signed_in import Clock

ANNA = Person("anna", "Anna Marsh", "local", (Granted(Role.WARD_STAFF, ("A1",)), Granted(Role.QUALITY)))
RULES = AccessSettings(local_accounts=True, idle_s=300, longest_h=2)
IDLE = timedelta(seconds=RULES.idle_s)
SECOND = timedelta(seconds=1)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    found = open_database(f"sqlite:///{tmp_path / 'store.sqlite'}")
    yield found
    found.close()


@pytest.fixture
def sessions(database: Database, clock: Clock) -> Iterator[Sessions]:
    found = Sessions(database, RULES, clock)
    yield found
    found.close()


@pytest.fixture
def elsewhere(tmp_path: Path, clock: Clock) -> Iterator[Sessions]:
    """Another process with the same store."""
    database = open_database(f"sqlite:///{tmp_path / 'store.sqlite'}")
    found = Sessions(database, RULES, clock)
    yield found
    found.close()
    database.close()


def kept(database: Database) -> int:
    with database.reading() as connection:
        return connection.execute(select(func.count()).select_from(table)).scalar_one()


def test_a_session_is_found_by_its_token_alone(sessions: Sessions, elsewhere: Sessions, tmp_path: Path) -> None:
    token, begun = sessions.begin(ANNA, "10.0.0.1")
    assert sessions.find(token) == begun
    assert elsewhere.find(token) == begun
    assert (begun.person, begun.place) == (ANNA, "10.0.0.1")
    for other in ("", "x", begun.key, token[:-1], token.swapcase()):
        assert sessions.find(other) is None


def test_the_store_does_not_hold_what_the_browser_holds(sessions: Sessions, database: Database, tmp_path: Path) -> None:
    token, _ = sessions.begin(ANNA, "10.0.0.1")
    found = b"".join(path.read_bytes() for path in tmp_path.glob("store.sqlite*"))
    assert key_of(token).encode() in found
    assert token.encode() not in found


def test_each_sign_in_has_a_token_of_its_own(sessions: Sessions) -> None:
    tokens = {sessions.begin(ANNA, "10.0.0.1")[0] for _ in range(20)}
    assert len(tokens) == 20
    assert min(map(len, tokens)) >= 43, "32 random bytes"


def test_it_ends_when_nothing_is_done_and_looking_at_it_is_nothing(sessions: Sessions, clock: Clock) -> None:
    token, begun = sessions.begin(ANNA, "10.0.0.1")
    clock.now += IDLE - SECOND
    assert sessions.find(token)
    assert sessions.still(begun)
    clock.now += SECOND
    assert not sessions.still(begun), "its streams end without a word from the store"
    assert sessions.find(token) is None


def test_it_goes_on_while_something_is_done_but_not_for_ever(sessions: Sessions, clock: Clock) -> None:
    token, begun = sessions.begin(ANNA, "10.0.0.1")
    for _ in range(int(2 * 3600 / 240) - 1):
        clock.now += timedelta(seconds=240)
        found = sessions.find(token)
        assert found
        assert sessions.active(found).idle_at == clock.now + IDLE
    assert clock.now < begun.ends
    clock.now = begun.ends
    assert sessions.find(token) is None
    assert not sessions.still(begun)


def test_a_movement_right_after_another_is_not_written(
    sessions: Sessions, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, begun = sessions.begin(ANNA, "10.0.0.1")
    monkeypatch.setattr(sessions._database, "writing", lambda: pytest.fail("it was written"))
    clock.now += SECOND
    assert sessions.active(begun).idle_at == begun.idle_at


def test_a_session_that_ended_does_not_come_to_life_again(
    sessions: Sessions, elsewhere: Sessions, clock: Clock
) -> None:
    token, begun = sessions.begin(ANNA, "10.0.0.1")
    clock.now += timedelta(minutes=2)
    elsewhere.end(begun)
    assert sessions.active(begun).expires() <= clock.now
    assert sessions.give_reason(begun, "B2", "covering").expires() <= clock.now
    assert sessions.find(token) is None
    token, begun = sessions.begin(ANNA, "10.0.0.1")
    clock.now += IDLE
    assert sessions.active(begun).expires() <= clock.now
    assert sessions.find(token) is None


def test_signing_out_in_another_process_is_known_here_within_seconds(sessions: Sessions, elsewhere: Sessions) -> None:
    token, begun = sessions.begin(ANNA, "10.0.0.1")
    until(lambda: elsewhere.still(begun))
    elsewhere.end(begun)
    assert sessions.find(token) is None, "at once for a request"
    other_token, other = elsewhere.begin(ANNA, "10.0.0.2")
    until(lambda: sessions.still(other))
    assert elsewhere.find(other_token)
    elsewhere.end(other)
    until(lambda: not sessions.still(other), 10)


def test_signing_out_everywhere_leaves_others_of_that_name_alone(sessions: Sessions, elsewhere: Sessions) -> None:
    begun = [sessions.begin(ANNA, f"10.0.0.{number}")[1] for number in range(3)]
    other = sessions.begin(Person("anna", "Anna Other", "oidc", ANNA.grants), "10.0.0.9")[1]
    assert elsewhere.end_all("anna", "local") == 3
    sessions.renew()
    assert [sessions.still(one) for one in (*begun, other)] == [False, False, False, True]
    assert elsewhere.end_all("anna") == 1
    assert elsewhere.end_all("nobody") == 0


def test_a_store_that_does_not_answer_knows_nobody(
    sessions: Sessions, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    token, begun = sessions.begin(ANNA, "10.0.0.1")

    def silent() -> None:
        raise StoreError("gone")

    sessions.renew()
    with monkeypatch.context() as away:
        away.setattr(sessions._database, "reading", silent)
        since = monotonic()
        away.setattr(module, "monotonic", lambda: since + SILENCE_S - RENEWED_S)
        assert sessions.still(begun), "a short silence is no sign-out"
        away.setattr(module, "monotonic", lambda: since + SILENCE_S + 0.1)
        assert not sessions.still(begun)
        with pytest.raises(StoreError):
            sessions.find(token)
    sessions.renew()
    assert sessions.still(begun)


def test_a_sign_in_while_the_store_is_read_is_not_forgotten(
    sessions: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = sign_ins.live_sessions
    begun = []

    def slow(*asked: object) -> list[sign_ins.SessionRow]:
        found = read(*asked)  # type: ignore[arg-type]
        if not begun:
            begun.append(sessions.begin(ANNA, "10.0.0.1")[1])
        return found

    monkeypatch.setattr(sign_ins, "live_sessions", slow)
    sessions.renew()
    assert sessions.still(begun[0])


def test_a_reason_holds_for_its_ward_and_its_time(sessions: Sessions, elsewhere: Sessions, clock: Clock) -> None:
    token, begun = sessions.begin(ANNA, "10.0.0.1")
    sessions.give_reason(begun, "B/2 & more", "covering <tonight>")
    after = elsewhere.give_reason(begun, "C3", "x" * 1000)
    assert after.reason_for("B/2 & more", clock.now) == "covering <tonight>", "the first one is kept"
    assert len(after.reason_for("C3", clock.now)) == 500
    assert after.reason_for("A1", clock.now) == ""
    found = sessions.find(token)
    assert found
    assert found.reason_for("B/2 & more", clock.now + timedelta(minutes=59))
    assert not found.reason_for("B/2 & more", clock.now + timedelta(minutes=60))


def test_sessions_that_ended_do_not_pile_up(sessions: Sessions, database: Database, clock: Clock) -> None:
    for _ in range(5):
        sessions.begin(ANNA, "10.0.0.1")
    clock.now += IDLE
    sessions.begin(ANNA, "10.0.0.1")
    assert kept(database) == 1
    clock.now += timedelta(hours=1)
    sessions.renew()
    assert kept(database) == 0, "also where nobody signs in"


def test_other_rules_let_nobody_in_by_an_old_session(sessions: Sessions, database: Database, clock: Clock) -> None:
    token, _ = sessions.begin(ANNA, "10.0.0.1")
    grants = ({"group": "g", "role": "quality"},)
    for changed, found in ((RULES.model_copy(update={"idle_s": 60}), True), (AccessSettings(grants=grants), False)):  # type: ignore[arg-type]
        again = Sessions(database, changed, clock)
        assert (again.find(token) is not None) is found
        again.close()


@pytest.mark.parametrize("person", ["", "[]", "{}", '{"subject": 1}', "null"])
def test_a_row_that_nobody_wrote_like_that_is_nobody(sessions: Sessions, database: Database, person: str) -> None:
    token, begun = sessions.begin(ANNA, "10.0.0.1")
    with database.writing() as connection:
        connection.execute(update(table).values(person=person))
    assert sessions.find(token) is None
    sessions.renew()
    assert not sessions.still(begun)


def test_nobody_is_signed_in_at_a_program_that_was_closed(sessions: Sessions) -> None:
    _, begun = sessions.begin(ANNA, "10.0.0.1")
    sessions.close()
    assert not sessions.still(begun)
