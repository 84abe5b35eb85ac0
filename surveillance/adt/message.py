"""The bytes of an HL7 v2 message taken apart: only the fields that are asked for are decoded, and none is quoted.

Source: HL7 version 2.5.1, chapter 2 (2.5 encoding rules, 2.7 escape sequences, 2.14.9.18 character sets).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from surveillance.errors import MessageRefused

SEGMENT_SEQUENCE, REQUIRED, DATA_TYPE, TABLE_VALUE = 100, 101, 102, 103
MESSAGE_TYPE, EVENT_CODE, PROCESSING_ID, VERSION, INTERNAL = 200, 201, 202, 203, 207
"""Codes of table 0357."""
CHARSETS = {
    "ASCII": "ascii",
    "8859/1": "latin-1",
    "8859/15": "iso8859-15",
    "UNICODE UTF-8": "utf-8",
    "UTF-8": "utf-8",
}
LONGEST = 199
"""Characters of a value; HL7 allows no identifier more."""
_LINES = re.compile(rb"[\r\n]+")
_ESCAPED = {b"F": 0, b"S": 1, b"R": 2, b"E": 3, b"T": 4}


@dataclass(frozen=True, slots=True)
class Segment:
    """``fields[n]`` is field n, as bytes."""

    name: str
    fields: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Message:
    """``marks``: what separates fields, components, repetitions, what escapes, what separates subcomponents."""

    marks: tuple[bytes, bytes, bytes, bytes, bytes]
    segments: tuple[Segment, ...]
    charset: str

    @property
    def header(self) -> Segment:
        """MSH."""
        return self.segments[0]

    def first(self, name: str) -> Segment | None:
        """The first segment of that name."""
        return next((one for one in self.segments if one.name == name), None)

    def value(self, path: str) -> str:
        """The text at ``path`` (as ``PV1-3.1``) of the first such segment; empty where there is none."""
        segment = self.first(path[:3])
        return self.value_in(segment, path) if segment else ""

    def value_in(self, segment: Segment, path: str) -> str:
        """The text at ``path`` of this segment: of the first repetition."""
        return next((self.component(one, path) for one in self.repetitions(segment, path)), "")

    def repetitions(self, segment: Segment, path: str) -> Iterator[bytes]:
        """Each repetition of the field."""
        number = int(path[4:].partition(".")[0])
        raw = segment.fields[number] if number < len(segment.fields) else b""
        yield from raw.split(self.marks[2])

    def component(self, repetition: bytes, path: str) -> str:
        """A component of a repetition: its first subcomponent, unescaped, decoded, without blanks around it.

        Raises:
            MessageRefused: it cannot be decoded, is too long, or holds characters that no text has.
        """
        number = int(path.partition(".")[2] or 1)
        parts = repetition.split(self.marks[1])
        raw = parts[number - 1].split(self.marks[4])[0] if number <= len(parts) else b""
        try:
            text = self._unescaped(raw, path).decode(self.charset).strip()
        except UnicodeDecodeError:
            raise MessageRefused(DATA_TYPE, path, f"is not written in {self.charset}") from None
        if len(text) > LONGEST:
            raise MessageRefused(DATA_TYPE, path, f"has more than {LONGEST} characters")
        if not text.isprintable():
            raise MessageRefused(DATA_TYPE, path, "holds characters that cannot be printed")
        return "" if text == '""' else text

    def _unescaped(self, raw: bytes, path: str) -> bytes:
        escape = self.marks[3]
        if escape not in raw:
            return raw
        plain, *pieces = raw.split(escape)
        done = [plain]
        if len(pieces) % 2:
            raise MessageRefused(DATA_TYPE, path, "begins an escape sequence that does not end")
        for sequence, behind in zip(pieces[::2], pieces[1::2], strict=True):
            if sequence in _ESCAPED:
                done.append(self.marks[_ESCAPED[sequence]])
            elif re.fullmatch(rb"X([0-9A-Fa-f]{2})+", sequence):
                done.append(bytes.fromhex(sequence[1:].decode("ascii")))
            else:  # left out, it would make another key
                raise MessageRefused(DATA_TYPE, path, "holds an escape sequence that stands for no character")
            done.append(behind)
        return b"".join(done)


def message_of(block: bytes, charset: str) -> Message:
    """``block`` taken apart. ``charset``: of a message that names none.

    Raises:
        MessageRefused: it is no HL7 message, or in characters that cannot be read.
    """
    marks = marks_of(block)
    segments = []
    for number, line in enumerate(filter(None, _LINES.split(block.strip())), 1):
        name = line[:3]
        if not re.fullmatch(rb"[A-Z][A-Z0-9]{2}", name) or line[3:4] not in (b"", marks[0]):
            raise MessageRefused(SEGMENT_SEQUENCE, f"segment {number}", "has no name")
        if number > 1 and name in (b"MSH", b"BHS", b"FHS"):
            raise MessageRefused(SEGMENT_SEQUENCE, f"segment {number}", "begins a second message in one block")
        fields = line.split(marks[0])
        # MSH-1 is the separator itself.
        segments.append(Segment(name.decode("ascii"), tuple(fields if number > 1 else [b"MSH", marks[0], *fields[1:]])))
    read = Message(marks, tuple(segments), "ascii")
    named = read.value("MSH-18")
    if named and named.upper() not in CHARSETS:
        raise MessageRefused(TABLE_VALUE, "MSH-18", f"is none of {', '.join(sorted(CHARSETS))}")
    return Message(marks, tuple(segments), CHARSETS[named.upper()] if named else charset)


def marks_of(block: bytes) -> tuple[bytes, bytes, bytes, bytes, bytes]:
    """What separates fields, components, repetitions, what escapes, what separates subcomponents.

    Raises:
        MessageRefused: the block does not begin as a message does.
    """
    begun = block.lstrip()
    if begun[:3] != b"MSH":
        raise MessageRefused(SEGMENT_SEQUENCE, "MSH", "the message does not begin with it")
    field, encoding = begun[3:4], _LINES.split(begun[4:], 1)[0].split(begun[3:4] or b"|", 1)[0]
    given = [field, *(encoding[place : place + 1] for place in range(4))]
    for place, mark in enumerate(given):
        where = "MSH-2" if place else "MSH-1"
        if len(mark) != 1 or not 32 < mark[0] < 127 or mark.isalnum():
            raise MessageRefused(SEGMENT_SEQUENCE, where, "does not say how the message is separated")
    if len(set(given)) < len(given):
        raise MessageRefused(SEGMENT_SEQUENCE, "MSH-2", "names one separator twice")
    component, repetition, escape, sub = given[1:]
    return field, component, repetition, escape, sub
