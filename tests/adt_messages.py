"""ADT messages as a patient administration system writes them, and a sender over MLLP."""

from __future__ import annotations

import itertools
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from surveillance.adt.event import Event, Ignored
from surveillance.adt.event import event_of as read_event
from surveillance.adt.framing import framed
from surveillance.adt.message import message_of
from surveillance.feeds.gate import FUTURE_TOLERANCE_MIN
from surveillance.settings import Adt
from tests.small_hospital import AS_AT

TOLERANCE = timedelta(minutes=FUTURE_TOLERANCE_MIN)
NUMBERS = itertools.count(1)
NAME = "WINTERBOTTOM"
"""Stands in every message, so that a test can look for it where it must not be."""


def written(moment: datetime) -> str:
    """As HL7 writes it."""
    return f"{moment.astimezone(UTC):%Y%m%d%H%M%S}+0000"


def adt(
    kind: str,
    visit: str = "v1",
    ward: str = "A1",
    at: datetime = AS_AT,
    *,
    occurred: datetime | None = None,
    control_id: str = "",
    patient: str = "p1",
    prior: str = "",
    patient_class: str = "I",
    bed: str = "",
    **fields: str,
) -> bytes:
    """A message. ``at``: when it was recorded. ``fields``: others by their path, as ``MSH_18``."""
    segments: dict[str, dict[int, str]] = {
        "MSH": {1: "|", 2: "^~\\&", 3: "PAS", 4: "RIV", 5: "WARDS", 6: "RIV", 7: written(at), 9: f"ADT^{kind}"},
        "EVN": {1: kind, 2: written(at), 6: written(occurred) if occurred else ""},
        "PID": {1: "1", 3: f"{patient}^^^RIV^MR", 5: f"{NAME}^EUNICE", 7: "19480229", 8: "F"},
    }
    segments["MSH"] |= {10: control_id or f"C{next(NUMBERS)}", 11: "P", 12: "2.5.1"}
    if prior:
        segments["MRG"] = {1: f"{prior}^^^RIV^MR"}
    else:
        segments["PV1"] = {1: "1", 2: patient_class, 3: f"{ward}^^{bed}", 19: visit}
    for path, value in fields.items():
        name, number = path.split("_")
        segments[name][int(number)] = value
    return "\r".join(_line(name, given) for name, given in segments.items()).encode("utf-8") + b"\r"


def _line(name: str, given: dict[int, str]) -> str:
    values = [given.get(number, "") for number in range(2 if name == "MSH" else 1, max(given) + 1)]
    return "|".join([name, *values])


def said(message: bytes, heard: datetime | None = None, **settings: Any) -> Event | Ignored:
    """What a message says."""
    configured = Adt(source="pas", **settings)
    moment = heard or AS_AT
    return read_event(message_of(message, configured.charset), configured, moment, TOLERANCE)


def event_of(message: bytes, heard: datetime | None = None, **settings: Any) -> Event:
    """What a message says of the census."""
    found = said(message, heard, **settings)
    assert isinstance(found, Event)
    return found


def event(kind: str, *given: Any, heard: datetime | None = None, **more: Any) -> Event:
    """The event of a message as ``adt`` writes it; heard when it was recorded unless told otherwise."""
    at = more.get("at", given[2] if len(given) > 2 else AS_AT)
    return event_of(adt(kind, *given, **more), heard or at)


class Sender:
    """One connection."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=20)

    def send(self, message: bytes) -> str:
        """Send a message; its acknowledgement code."""
        self.socket.sendall(framed(message))
        return code_of(self.heard())

    def heard(self) -> bytes:
        """The next acknowledgement; empty once the connection was closed."""
        data = b""
        while not data.endswith(b"\x1c\r"):
            try:
                piece = self.socket.recv(4096)
            except ConnectionError:
                return b""
            if not piece:
                return b""
            data += piece
        return data


def code_of(answer: bytes) -> str:
    """MSA-1, empty of no answer."""
    lines = answer.split(b"\r")
    return lines[1].split(b"|")[1].decode() if len(lines) > 1 else ""


@contextmanager
def sender(port: int) -> Iterator[Sender]:
    """A connection, closed at the end."""
    made = Sender(port)
    try:
        yield made
    finally:
        made.socket.close()
