"""A PostgreSQL cluster of its own in a temporary folder, for tests and the benchmark; gone when the block ends."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

SUPERUSER = "ward"


def programs() -> Path | None:
    """The folder of the newest installed PostgreSQL server, or None."""
    found = [path for path in Path("/usr/lib/postgresql").glob("*/bin") if (path / "initdb").exists()]
    return max(found, key=lambda path: float(path.parent.name), default=None)


def free_port() -> int:
    """A port that nothing listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass(frozen=True, slots=True)
class Cluster:
    """A running server on 127.0.0.1; its superuser needs no password."""

    bin: Path
    folder: Path
    port: int

    def url(self, database: str = "postgres", *, driver: str = "psycopg", login: str = SUPERUSER) -> str:
        """The URL of one database; ``login`` is a name, or name:password."""
        return f"postgresql+{driver}://{login}@127.0.0.1:{self.port}/{database}"

    def run(self, sql: str, database: str = "postgres") -> str:
        """What psql prints for ``sql``, run as the superuser; an error in it raises."""
        command = [self.bin / "psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1"]
        command += ["-p", str(self.port), "-U", SUPERUSER, "-d", database, "-c", sql]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

    def create_database(self, name: str, template: str = "template1") -> None:
        """A new database: empty, or a copy of ``template``, to which nobody may be connected."""
        self.run(f"CREATE DATABASE {name} TEMPLATE {template}")

    def drop_database(self, name: str) -> None:
        """The database goes, whoever is connected."""
        self.run(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def start(self) -> None:
        """The server listens when this returns."""
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -c fsync=off -c unix_socket_directories={self.folder}"
        self._control("start", "-l", str(self.folder / "log"), "-o", options)

    def stop(self) -> None:
        """As if the machine lost its power."""
        self._control("stop", "-m", "immediate")

    def _control(self, *arguments: str) -> None:
        _as_owner([str(self.bin / "pg_ctl"), "-w", "-s", "-D", str(self.folder / "data"), *arguments])


def _owner() -> str | None:
    """PostgreSQL refuses to run as root, so root runs it as the packages' own user."""
    return "postgres" if os.geteuid() == 0 else None


def _as_owner(command: list[str]) -> None:
    # The server keeps what it inherits: without DEVNULL it would hold the test run's output open.
    quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE}
    subprocess.run(command, check=True, user=_owner(), cwd="/", **quiet)


@contextmanager
def cluster(password_logins: dict[str, str] | None = None) -> Iterator[Cluster]:
    """A fresh cluster; ``password_logins`` are created and must give their password, everybody else is trusted."""
    found = programs()
    if found is None:
        raise FileNotFoundError("no PostgreSQL server (Debian package postgresql)")
    folder = Path(tempfile.mkdtemp(prefix="ward-pg-"))
    try:
        if owner := _owner():
            entry = pwd.getpwnam(owner)
            os.chown(folder, entry.pw_uid, entry.pw_gid)
        data = folder / "data"
        _as_owner([str(found / "initdb"), "-U", SUPERUSER, "-A", "trust", "-E", "UTF8", "--no-sync", "-D", str(data)])
        logins = password_logins or {}
        rules = data / "pg_hba.conf"
        strict = [f"host all {name} 127.0.0.1/32 scram-sha-256\n" for name in logins]
        rules.write_text("".join(strict) + rules.read_text())
        server = Cluster(found, folder, free_port())
        server.start()
        try:
            for name, password in logins.items():
                server.run(f"CREATE ROLE {name} LOGIN PASSWORD '{password}'")
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
