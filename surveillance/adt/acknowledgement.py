"""The answer to a message, in the sender's own separators, with nothing of the message but its header.

Source: HL7 version 2.5.1, chapter 2 (2.9.2 original and 2.9.3 enhanced mode, 2.14.5 ERR, 2.14.8 MSA).
"""

from __future__ import annotations

import re
from datetime import datetime
from enum import StrEnum

from surveillance.adt.message import INTERNAL, marks_of
from surveillance.errors import MessageRefused

DEFAULT_MARKS = (b"|", b"^", b"~", b"\\", b"&")
LONGEST = 200
"""Bytes of a header's field that are sent back."""
NOT_STORED = "not stored: send it again"
_PATH = re.compile(r"([A-Z][A-Z0-9]{2})-(\d+)(?:\.(\d+))?")
_LINE = re.compile(rb"[\r\n]")


class Answer(StrEnum):
    """The second letter of MSA-1; the first is A, or C where the sender asks for an accept acknowledgement (MSH-15)."""

    ACCEPT = "A"
    ERROR = "E"
    REJECT = "R"


def acknowledgement(block: bytes, answer: Answer, at: datetime, refused: MessageRefused | None = None) -> bytes:
    """The ACK for ``block``. ``at``: the real time. ``refused``: why, of a rejection."""
    try:
        marks = marks_of(block)
        header = _LINE.split(block.lstrip(), 1)[0].split(marks[0])
    except MessageRefused:
        marks, header = DEFAULT_MARKS, []
    field, component, repetition, escape, sub = marks

    def given(number: int) -> bytes:
        raw = header[number - 1] if number <= len(header) else b""
        return raw if len(raw) <= LONGEST and all(byte >= 32 for byte in raw) else b""

    event = given(9).split(component)
    control_id, version = given(10), given(12).split(component)[0] or b"2.5"
    is_enhanced = given(15) in (b"AL", b"SU", b"ER")
    kind = component.join([b"ACK", *event[1:2], *([b"ACK"] if version >= b"2.3.1" and event[1:2] else [])])
    moment = f"{at:%Y%m%d%H%M%S.%f}"[:-2] + f"{at:%z}"
    msh = [b"MSH", component + repetition + escape + sub, given(5), given(6), given(3), given(4)]
    msh += [moment.encode(), b"", kind, b"ACK" + f"{at:%Y%m%d%H%M%S%f}".encode(), given(11) or b"P", version]
    words = NOT_STORED if answer is Answer.ERROR else str(refused) if refused else ""
    code = ("C" if is_enhanced else "A") + answer.value
    lines = [field.join(msh), field.join([b"MSA", code.encode(), control_id, _escaped(words, marks)]).rstrip(field)]
    if answer is not Answer.ACCEPT:
        lines.append(_err(refused, version, marks))
    return b"\r".join(lines) + b"\r"


def _err(refused: MessageRefused | None, version: bytes, marks: tuple[bytes, ...]) -> bytes:
    field, component, _, _, sub = marks
    code = str(refused.code if refused else INTERNAL).encode()
    found = _PATH.fullmatch(refused.where) if refused else None
    place = [part.encode() for part in (found[1], "1", found[2])] if found else []
    if version < b"2.5":
        return field.join([b"ERR", component.join([*(place or [b"", b"", b""]), sub.join([code, b"", b"HL70357"])])])
    if found and found[3]:
        place += [b"1", found[3].encode()]
    return field.join([b"ERR", b"", component.join(place), component.join([code, b"", b"HL70357"]), b"E"])


def _escaped(words: str, marks: tuple[bytes, ...]) -> bytes:
    field, component, repetition, escape, sub = marks
    letters = {escape: b"E", field: b"F", component: b"S", repetition: b"R", sub: b"T"}
    text = words.encode("ascii", "replace")
    return b"".join(
        escape + letters[mark] + escape if (mark := text[place : place + 1]) in letters else mark
        for place in range(len(text))
    )
