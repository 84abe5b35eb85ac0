"""Local accounts: never a password in the store, never a hint which names exist, and every change on record."""

from __future__ import annotations

import io
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from argon2 import PasswordHasher, extract_parameters
from argon2.low_level import Type
from sqlalchemy import select

from surveillance.access import accounts as module
from surveillance.access.access import Access, Opened
from surveillance.access.people import Granted, Person, Role
from surveillance.cli import main
from surveillance.settings import load_settings
from surveillance.store import open_database
from surveillance.store.tables import account, audit
from tests.signed_in import Clock, let_in, site, weak_hashes
from tests.small_hospital import small_hospital

PASSWORD = "correct horse battery"
NURSE = (Granted(Role.WARD_STAFF, ("A1",)), Granted(Role.EXECUTIVE, (), ("MED",)))


@pytest.fixture(autouse=True)
def _weak(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.function not in (
        test_only_an_argon2id_hash_is_kept,
        test_a_name_that_is_not_there_costs_as_much_as_a_wrong_password,
    ):
        weak_hashes(monkeypatch)


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Opened]:
    with let_in(tmp_path, site(), Clock()) as access:
        assert access.opened
        yield access.opened


def test_the_right_password_and_no_other(opened: Opened) -> None:
    opened.accounts.put("Anna.Marsh", "Anna Marsh, Sister", PASSWORD, NURSE)
    expected = Person("anna.marsh", "Anna Marsh, Sister", "local", NURSE)
    assert opened.accounts.check("anna.marsh", PASSWORD) == expected
    assert opened.accounts.check(" ANNA.marsh ", PASSWORD) == expected
    for name, password in (
        ("anna.marsh", ""),
        ("anna.marsh", PASSWORD + " "),
        ("anna.marsh", PASSWORD.upper()),
        ("anna", PASSWORD),
        ("", PASSWORD),
        ("a" * 5000, PASSWORD),
        ("anna.marsh\0", PASSWORD),
        ("' OR 1=1 --", PASSWORD),
    ):
        assert opened.accounts.check(name, password) is None


def test_letters_that_look_the_same_are_the_same(opened: Opened) -> None:
    opened.accounts.put("zoë", "Zoë", "caf\u00e9 caf\u00e9 caf\u00e9", NURSE)
    assert opened.accounts.check("zoe\u0308", "cafe\u0301 cafe\u0301 cafe\u0301")


def test_only_an_argon2id_hash_is_kept(opened: Opened, tmp_path: Path) -> None:
    opened.accounts.put("anna", "Anna", PASSWORD, NURSE)
    database = open_database(f"sqlite:///{tmp_path / 'store.sqlite'}")
    with database.reading() as connection:
        kept = connection.execute(select(account.c.password)).scalar_one()
    database.close()
    found, usual = extract_parameters(kept), PasswordHasher()
    assert (found.type, found.time_cost, found.memory_cost) == (Type.ID, usual.time_cost, usual.memory_cost)
    assert PASSWORD.encode() not in b"".join(path.read_bytes() for path in tmp_path.glob("store.sqlite*"))


def test_a_name_that_is_not_there_costs_as_much_as_a_wrong_password(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened.accounts.put("anna", "Anna", PASSWORD, NURSE)
    verified: list[str] = []
    real = PasswordHasher.verify

    def counted(self: PasswordHasher, kept: str, password: str) -> bool:
        verified.append(kept)
        return real(self, kept, password)

    monkeypatch.setattr(PasswordHasher, "verify", counted)
    spent = {}
    for name in ("anna", "nobody", "", "n" * 500):
        opened.accounts.check(name, "wrong")
        began = time.perf_counter()
        opened.accounts.check(name, "wrong")
        spent[name] = time.perf_counter() - began
    assert len(verified) == 8, "each took one check of a hash"
    costs = {(one.type, one.time_cost, one.memory_cost, one.parallelism) for one in map(extract_parameters, verified)}
    assert len(costs) == 1
    assert min(spent.values()) > max(spent.values()) / 20, "a look into the store alone would be far quicker"


def test_another_password_replaces_the_first_and_signs_out(opened: Opened) -> None:
    opened.accounts.put("anna", "Anna", PASSWORD, NURSE)
    person = opened.accounts.check("anna", PASSWORD)
    assert person
    token = opened.sessions.begin(person, "10.0.0.1")[0]
    namesake = opened.sessions.begin(Person("anna", "Anna", "oidc", NURSE), "10.0.0.1")[0]
    opened.accounts.put("ANNA", "Anna", "another long password", (Granted(Role.QUALITY),))
    assert opened.sessions.find(token) is None
    assert opened.sessions.find(namesake), "somebody else, whom the provider calls the same"
    assert opened.accounts.check("anna", PASSWORD) is None
    changed = opened.accounts.check("anna", "another long password")
    assert changed
    assert changed.roles == (Role.QUALITY,)
    assert [one.subject for one in opened.accounts.names()] == ["anna"]


def test_a_removed_account_is_gone_and_signed_out(opened: Opened) -> None:
    opened.accounts.put("anna", "Anna", PASSWORD, NURSE)
    person = opened.accounts.check("anna", PASSWORD)
    assert person
    token = opened.sessions.begin(person, "10.0.0.1")[0]
    assert opened.accounts.remove("Anna")
    assert opened.sessions.find(token) is None
    assert opened.accounts.check("anna", PASSWORD) is None
    assert not opened.accounts.remove("anna")
    assert opened.accounts.names() == []


def test_a_role_that_this_program_does_not_have_gives_nothing(opened: Opened, tmp_path: Path) -> None:
    opened.accounts.put("anna", "Anna", PASSWORD, NURSE)
    database = open_database(f"sqlite:///{tmp_path / 'store.sqlite'}")
    with database.writing() as connection:
        connection.execute(account.update().values(grants='[{"role": "emperor", "wards": [], "divisions": []}]'))
    database.close()
    person = opened.accounts.check("anna", PASSWORD)
    assert person
    assert person.grants == ()


# ---------------------------------------------------------------------------------------------------- the command line
@pytest.fixture
def config(tmp_path: Path) -> Path:
    found = small_hospital(tmp_path)
    found.write_text(found.read_text("utf-8") + "\n[access]\nlocal_accounts = true\n", "utf-8")
    (tmp_path / "password").write_text(PASSWORD + "\n", "utf-8")
    return found


def asked(config: Path, *words: str) -> int:
    return main(["accounts", *words, "--config", str(config)])


def add(config: Path, *words: str) -> int:
    return asked(config, "add", *words, "--password-file", str(config.parent / "password"))


def person_of(config: Path, name: str, password: str = PASSWORD) -> Person | None:
    settings = load_settings(config)
    database = open_database(f"sqlite:///{settings.store.path}")
    access = Access()
    try:
        return access.open(settings, database).accounts.check(name, password)
    finally:
        access.close()
        database.close()


def recorded(config: Path) -> list[tuple[str, str, str]]:
    database = open_database(f"sqlite:///{load_settings(config).store.path}")
    with database.reading() as connection:
        found = connection.execute(select(audit.c.event, audit.c.who, audit.c.detail).order_by(audit.c.number))
        rows = [tuple(row) for row in found]
    database.close()
    return rows


def test_the_command_line_makes_lists_and_removes(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    given = ("--role", "matron", "--division", "MED", "--ward", "A1", "--ward", "B2", "--name", "P. Okafor")
    assert add(config, "P.Okafor", *given) == 0
    person = person_of(config, "p.okafor")
    assert person == Person("p.okafor", "P. Okafor", "local", (Granted(Role.MATRON, ("A1", "B2"), ("MED",)),))
    capsys.readouterr()
    assert asked(config, "list") == 0
    assert capsys.readouterr().out == "p.okafor  P. Okafor  Matron (ward A1, ward B2, division MED)\n"
    assert asked(config, "remove", "p.okafor") == 0
    assert asked(config, "remove", "p.okafor") == 1
    assert person_of(config, "p.okafor") is None
    events = recorded(config)
    assert [event for event, _, _ in events] == ["change"] * 3
    assert all(who.startswith("command line ") for _, who, _ in events)
    assert "Matron (ward A1, ward B2, division MED)" in events[0][2]
    assert PASSWORD not in repr(events)


def test_accounts_are_never_switched_on_silently(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = small_hospital(tmp_path)
    assert asked(config, "list") == 2
    assert "local_accounts = true" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("anna", "--role", "quality", "--ward", "A11"), "did you mean 'A1'"),
        (("anna", "--role", "quality", "--division", "SUR"), "known: MED"),
        (("   ", "--role", "quality"), "no name for an account"),
        (("an\x1b[2Jna", "--role", "quality"), "no name for an account"),
        (("a" * 200, "--role", "quality"), "no name for an account"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_made(
    config: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], said: str
) -> None:
    assert add(config, *words) == 2
    assert said in capsys.readouterr().err
    assert asked(config, "list") == 0
    assert "nobody has an account" in capsys.readouterr().out


def test_a_short_password_is_refused(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (config.parent / "password").write_text("short\n", "utf-8")
    assert add(config, "anna", "--role", "quality") == 2
    assert "from 12 to 1024 characters" in capsys.readouterr().err


def test_without_a_terminal_a_password_must_come_from_a_file(
    config: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{PASSWORD}\n{PASSWORD}\n"))
    assert asked(config, "add", "anna", "--role", "quality") == 2
    assert "--password-file" in capsys.readouterr().err


@pytest.mark.parametrize(("second", "code"), [(PASSWORD, 0), (PASSWORD + "x", 2)])
def test_a_typed_password_is_typed_twice(config: Path, monkeypatch: pytest.MonkeyPatch, second: str, code: int) -> None:
    typed = iter((PASSWORD, second))
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("getpass.getpass", lambda prompt: next(typed))
    assert asked(config, "add", "anna", "--role", "quality") == code
    assert (person_of(config, "anna") is not None) is (code == 0)


def test_passwords_are_checked_a_few_at_a_time() -> None:
    assert module.AT_ONCE * PasswordHasher().memory_cost <= 256 * 1024, "KiB, whoever asks how often"
