"""A way to a server that can lose every packet without a word, or let the bytes of an answer trickle."""

from __future__ import annotations

import ctypes
import os
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

CLONE_NEWNET = 0x40000000
NOBODY = "02:00:00:00:00:99"
"""A network address that no card has: what is sent there is lost, and nobody says so."""
PIECE = 65536
DROP_S = 0.05
"""Between two bytes of an answer that trickles."""


class Line:
    """Carries whoever calls ``listening`` to a server's Unix socket. ``trickles``: byte by byte is what it says."""

    def __init__(self, listening: socket.socket, upstream: Path) -> None:
        self._listening = listening
        self._upstream = upstream
        self._open: list[socket.socket] = []
        self.trickles = False
        host, port = listening.getsockname()[:2]
        self.place = f"{host}:{port}"

    @contextmanager
    def carrying(self) -> Iterator[Line]:
        """Until the end, when everything is closed."""
        threading.Thread(target=self._take, daemon=True).start()
        try:
            yield self
        finally:
            for one in (self._listening, *self._open):
                with suppress(OSError):
                    one.shutdown(socket.SHUT_RDWR)
                one.close()

    def _take(self) -> None:
        while True:
            try:
                call, _ = self._listening.accept()
                there = socket.socket(socket.AF_UNIX)
                there.connect(str(self._upstream))
            except OSError:
                return
            self._open += [call, there]
            threading.Thread(target=self._carry, args=(call, there), daemon=True).start()
            threading.Thread(target=self._carry, args=(there, call), kwargs={"answers": True}, daemon=True).start()

    def _carry(self, source: socket.socket, target: socket.socket, *, answers: bool = False) -> None:
        with suppress(OSError):
            while piece := source.recv(PIECE):
                while piece and answers and self.trickles:
                    target.sendall(piece[:1])
                    piece = piece[1:]
                    time.sleep(DROP_S)
                target.sendall(piece)
            target.shutdown(socket.SHUT_WR)


@contextmanager
def near(upstream: Path) -> Iterator[Line]:
    """A line on this computer."""
    with socket.create_server(("127.0.0.1", 0)) as listening, Line(listening, upstream).carrying() as line:
        yield line


class Cable:
    """Between this computer and another one, which is a network namespace of its own."""

    def __init__(self, other: int) -> None:
        self._other = other
        number = os.getpid()
        self._card = f"ward{number}"
        block = f"198.18.{number // 64 % 256}.{number % 64 * 4}"  # RFC 2544: for tests of networks
        start, _, last = block.rpartition(".")
        self.here, self.there = (f"{start}.{int(last) + place}" for place in (1, 2))
        self._ip("link", "add", self._card, "type", "veth", "peer", "name", self._card, "netns", str(other))
        for within, address in ((False, self.here), (True, self.there)):
            self._ip("addr", "add", f"{address}/30", "dev", self._card, within=within)
            self._ip("link", "set", self._card, "up", within=within)

    def is_cut(self) -> None:
        """Whatever is sent, in either direction, is lost."""
        for within, address in ((False, self.there), (True, self.here)):
            self._ip(
                "neigh", "replace", address, "lladdr", NOBODY, "dev", self._card, "nud", "permanent", within=within
            )

    def is_mended(self) -> None:
        """Both find each other again."""
        for within, address in ((False, self.there), (True, self.here)):
            self._ip("neigh", "del", address, "dev", self._card, within=within)

    def listening(self) -> socket.socket:
        """A socket on the other computer: it stays there, whoever holds it."""
        found: list[socket.socket] = []
        libc = ctypes.CDLL(None, use_errno=True)

        def move_and_listen() -> None:  # a thread that has moved does not come back
            with Path(f"/proc/{self._other}/ns/net").open("rb") as there:
                if libc.setns(there.fileno(), CLONE_NEWNET) == 0:
                    found.append(socket.create_server((self.there, 0)))

        mover = threading.Thread(target=move_and_listen)
        mover.start()
        mover.join()
        return found[0]

    def _ip(self, *words: str, within: bool = False) -> None:
        inside = ["nsenter", "-n", "-t", str(self._other)] if within else []
        subprocess.run([*inside, "ip", *words], check=True, capture_output=True)


def why_no_cable() -> str:
    """What hinders a network of one's own here; empty if nothing does."""
    if os.geteuid() != 0:
        return "only root may make a network namespace"
    if missing := [name for name in ("ip", "nsenter", "unshare") if not shutil.which(name)]:
        return f"no {', '.join(missing)} (Debian packages iproute2, util-linux)"
    made = subprocess.run(["unshare", "-n", "true"], capture_output=True, check=False)
    return "this root may not make a network namespace" if made.returncode else ""


@contextmanager
def far(upstream: Path) -> Iterator[tuple[Line, Cable]]:
    """A line on another computer, and the cable to it; both are gone at the end."""
    with subprocess.Popen(["unshare", "-n", "sh", "-c", "echo; exec sleep infinity"], stdout=subprocess.PIPE) as other:
        try:
            assert other.stdout
            other.stdout.readline()
            cable = Cable(other.pid)
            with cable.listening() as listening, Line(listening, upstream).carrying() as line:
                yield line, cable
        finally:
            other.kill()
