"""A MariaDB server of its own in a temporary folder, for tests; gone when the block ends."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote_plus

from tests.postgres import free_port

SUPERUSER = "ward"
DRIVER = "MariaDB Unicode"
"""The name of the ODBC driver of the Debian package odbc-mariadb."""
START_S = 30


def missing_programs() -> list[str]:
    """What of the Debian package mariadb-server is not there."""
    path = f"{os.environ.get('PATH', '')}:/usr/sbin"
    return [name for name in ("mariadbd", "mariadb-install-db", "mariadb") if not shutil.which(name, path=path)]


def _program(name: str) -> str:
    return shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin") or name


@dataclass(slots=True)
class Server:
    """A running server on 127.0.0.1; its superuser needs no password."""

    folder: Path
    port: int
    _process: subprocess.Popen[bytes] | None = None

    def url(self, database: str, *, login: str = SUPERUSER, dialect: str = "mariadb+pyodbc") -> str:
        """The URL of one database over ODBC; ``login`` is a name, or name:password."""
        return f"{dialect}://{login}@127.0.0.1:{self.port}/{database}?driver={quote_plus(DRIVER)}"

    def make_logins(self, passwords: dict[str, str]) -> None:
        """The superuser, and people with a password and no right."""
        sql = [f"CREATE USER {SUPERUSER}@'127.0.0.1'", f"GRANT ALL ON *.* TO {SUPERUSER}@'127.0.0.1' WITH GRANT OPTION"]
        sql += [f"CREATE USER {name}@'127.0.0.1' IDENTIFIED BY '{word}'" for name, word in passwords.items()]
        subprocess.run([*self._as_root(), "-e", "; ".join(sql)], check=True, capture_output=True)

    def know_zone(self, zone: str) -> None:
        """Fill the server's tables of time zones with one zone."""
        file = Path("/usr/share/zoneinfo") / zone
        told = subprocess.run([_program("mysql_tzinfo_to_sql"), file, zone], check=True, capture_output=True).stdout
        subprocess.run([*self._as_root(), "mysql"], input=told, check=True, capture_output=True)

    def run(self, sql: str, database: str = "") -> str:
        """What the client prints for ``sql``, run as the superuser; an error in it raises."""
        command = [
            _program("mariadb"),
            "--no-defaults",
            "--default-character-set=utf8mb4",
            "-N",
            "-B",
            "-h",
            "127.0.0.1",
            "-P",
            str(self.port),
        ]
        command += ["-u", SUPERUSER, "-e", sql, *([database] if database else [])]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

    def create_database(self, name: str) -> None:
        """A new, empty database, in which texts are compared as they are written."""
        self.run(f"CREATE DATABASE {name} CHARACTER SET utf8mb4 COLLATE utf8mb4_bin")

    def drop_database(self, name: str) -> None:
        """The database goes."""
        self.run(f"SET lock_wait_timeout = 10; DROP DATABASE IF EXISTS {name}")

    def start(self) -> None:
        """The server answers when this returns."""
        options = {
            "datadir": self.folder / "data",
            "socket": self.folder / "socket",
            "pid-file": self.folder / "pid",
            "log-error": self.folder / "log",
            "bind-address": "127.0.0.1",
            "port": self.port,
            "innodb-flush-log-at-trx-commit": 2,
            "innodb-doublewrite": 0,
            "innodb-flush-method": "nosync",
            "sync-frm": 0,
            "innodb-buffer-pool-size": "64M",
            "skip-name-resolve": 1,
            "default-time-zone": "+00:00",
        }
        arguments = [f"--{name}={value}" for name, value in options.items()]
        self._process = subprocess.Popen(
            [_program("mariadbd"), "--no-defaults", *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            user=_owner(),
            cwd="/",
        )
        ends = time.monotonic() + START_S
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > ends:
                raise RuntimeError(f"MariaDB did not start: {(self.folder / 'log').read_text()[-2000:]}")
            time.sleep(0.05)

    def stop(self) -> None:
        """As if the machine lost its power."""
        if self._process:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait()
            self._process = None

    def _answers(self) -> bool:
        if not (self.folder / "socket").exists():
            return False
        return not subprocess.run([*self._as_root(), "-e", "SELECT 1"], capture_output=True, check=False).returncode

    def _as_root(self) -> list[str]:
        return [_program("mariadb"), "--no-defaults", "-S", str(self.folder / "socket"), "-u", "root"]


def _owner() -> str | None:
    """MariaDB refuses to run as root, so root runs it as the package's own user."""
    return "mysql" if os.geteuid() == 0 else None


@contextmanager
def server(password_logins: dict[str, str] | None = None) -> Iterator[Server]:
    """A fresh server; ``password_logins`` are created without any right, the superuser is trusted."""
    if missing := missing_programs():
        raise FileNotFoundError(f"no {', '.join(missing)} (Debian package mariadb-server)")
    folder = Path(tempfile.mkdtemp(prefix="ward-maria-"))
    try:
        if owner := _owner():
            entry = pwd.getpwnam(owner)
            os.chown(folder, entry.pw_uid, entry.pw_gid)
        make = [_program("mariadb-install-db"), "--no-defaults", f"--datadir={folder / 'data'}", "--skip-test-db"]
        make += ["--auth-root-authentication-method=normal", "--skip-name-resolve"]
        subprocess.run([*make, *([f"--user={owner}"] if owner else [])], check=True, capture_output=True)
        running = Server(folder, free_port())
        running.start()
        try:
            running.make_logins(password_logins or {})
            yield running
        finally:
            running.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
