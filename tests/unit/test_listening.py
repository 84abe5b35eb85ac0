"""The program does not listen where what it shows, or a password, would be anybody's."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from surveillance.access.listening import client_secret, is_loopback, listening_faults
from surveillance.cli import main
from surveillance.errors import ConfigurationError
from surveillance.settings import Oidc
from tests.displays import settings
from tests.small_hospital import small_hospital

ACCOUNTS = {"local_accounts": True}
OPEN = {"unpaired_walls_allowed": True}
HTTPS = {"origin": "https://wards.example"}


@pytest.mark.parametrize(
    ("host", "access", "web", "named"),
    [
        ("127.0.0.1", {}, {}, ""),
        ("::1", ACCOUNTS, {}, ""),
        ("localhost", ACCOUNTS, {}, ""),
        ("0.0.0.0", {}, {}, "unpaired_walls_allowed"),
        ("::", {}, HTTPS, "unpaired_walls_allowed"),
        ("wards.example", {}, {}, "unpaired_walls_allowed"),
        ("0.0.0.0", OPEN, {}, ""),
        ("10.1.2.3", ACCOUNTS, {}, "web.origin"),
        ("10.1.2.3", ACCOUNTS, {"origin": "http://wards.example"}, "web.origin"),
        ("10.1.2.3", {**ACCOUNTS, **OPEN}, {}, "web.origin"),
        ("10.1.2.3", ACCOUNTS, HTTPS, ""),
    ],
)
def test_where_it_may_listen(host: str, access: dict[str, Any], web: dict[str, Any], named: str) -> None:
    faults = listening_faults(settings(access=access, web=web), host)
    assert len(faults) == (1 if named else 0)
    assert all(named in fault for fault in faults)


@pytest.mark.parametrize("host", ["", "0.0.0.0", "::", "10.0.0.1", "localhost.example", "127.0.0.1.example"])
def test_what_is_not_surely_this_computer_is_the_network(host: str) -> None:
    assert not is_loopback(host)


def test_the_program_says_so_and_does_not_start(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = small_hospital(tmp_path)
    assert main(["run", "--config", str(config), "--host", "0.0.0.0"]) == 2
    assert f"{config}: web.host: whoever reaches 0.0.0.0 would see the walls" in capsys.readouterr().err


def oidc(**others: Any) -> Oidc:
    return Oidc(issuer="https://id.example", client_id="wards", **others)


def test_the_secret_comes_from_the_environment_or_a_file_and_is_named_by_neither(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    path.write_text("s3cret\n", "utf-8")
    assert client_secret(oidc(client_secret_file=path)) == "s3cret"
    assert client_secret(oidc(client_secret_env="SECRET"), {"SECRET": "s3cret"}) == "s3cret"
    assert client_secret(oidc()) == ""


@pytest.mark.parametrize("content", [None, b"", b"\xff\xfe"])
def test_a_secret_that_cannot_be_read_stops_the_start(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "secret"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ConfigurationError, match="client_secret_file"):
        client_secret(oidc(client_secret_file=path))
    site = settings(access={"oidc": oidc(client_secret_env="NO_SUCH"), "grants": [{"group": "g", "role": "quality"}]})
    assert "NO_SUCH is not set" in listening_faults(site, "127.0.0.1", {})[0]
