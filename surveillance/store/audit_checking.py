"""The chain of the audit record is followed from its first row to its last, and each place where it breaks is named.

Whether the record is whole follows from the chain alone; what happened to it is then worked out from how it breaks.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from sqlalchemy import Connection

from surveillance.store.audit_log import FIRST, digest
from surveillance.store.audit_reading import Line, followed_by, lines, unguarded

MOST = 100
"""Breaks that are looked into; of more it is only said how many there are."""
REACH = 64
"""How many places up or down a row is looked for at once."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong, and at which row."""

    number: int
    words: str


@dataclass(frozen=True, slots=True)
class Checked:
    """What the record is. ``first_at``, ``last_at``: microseconds since 1970, as written. ``last``: (number, hash).

    ``faults``: in the order of the rows; none: it is whole. ``unguarded``: triggers that do not stand as they should.
    """

    rows: int
    first_at: object
    last_at: object
    last: tuple[int, str]
    faults: tuple[Fault, ...]
    unguarded: tuple[str, ...]


def check(connection: Connection, anchors: Iterable[tuple[int, str]] = ()) -> Checked:
    """Follow the whole chain, in one moment of the database.

    Args:
        connection: of a reading transaction.
        anchors: numbers of rows, and the hashes that were kept of them elsewhere.
    """
    chain = _Chain(tuple(anchors))
    for line in lines(connection):
        chain.take(line)
    hashes = [line["hash"] for line in chain.changed.values() if isinstance(line["hash"], str)]
    chain.find_places(followed_by(connection, hashes) if hashes else {})
    faults = tuple(sorted(chain.faults(), key=lambda fault: fault.number))
    last = (chain.number, chain.hash)
    return Checked(chain.rows, chain.first_at, chain.last_at, last, faults, tuple(unguarded(connection)))


@dataclass(slots=True)
class _Run:
    """Rows one after another that are all equally far from where they were written.

    ``offset``: a row's number now less that under which it was written.
    """

    first: int
    last: int
    offset: int


@dataclass(slots=True)
class _Chain:
    """What is known of the rows so far."""

    anchors: tuple[tuple[int, str], ...]
    rows: int = 0
    first_at: object = None
    last_at: object = None
    number: int = 0
    hash: str = FIRST
    changed: dict[int, Line] = field(default_factory=dict)
    """Rows whose hash is not that of their content, under whatever number."""
    _digest: str | None = FIRST
    """The hash that the last row should have."""
    _breaks: int = 0
    _first_break: int | None = None
    _looked_into: int = 0
    _runs: list[_Run] = field(default_factory=lambda: [_Run(0, 0, 0)])
    _faults: list[Fault] = field(default_factory=list)
    """Those that are certain at once."""
    _unlinked: list[int] = field(default_factory=list)
    """Rows that are as they were written, and remember another row before them than the one that stands there."""
    _parts: dict[int, str] = field(default_factory=dict)
    """Changed row → the one column of it that was changed, where that can be told."""
    _moved: dict[int, int] = field(default_factory=dict)
    """Row → the number under which it was written, of rows that stand far from there."""

    def take(self, line: Line) -> None:
        """The next row."""
        self.first_at = line["at"] if self.rows == 0 else self.first_at
        self.last_at, self.rows = line["at"], self.rows + 1
        number = line["number"]
        if not isinstance(number, int) or number < 1:
            self._broken(0)
            self._faults.append(Fault(0, f"a row with the number {number} was inserted"))
            return
        run, own = self._runs[-1], _digest(line)
        follows = number == self.number + 1 and line["before"] == self.hash
        if not follows or own != line["hash"]:
            self._broken(number)
        if run.offset:
            own = _digest(line, number=number - run.offset)
        if follows and own == line["hash"]:
            run.last = number
        else:
            self._looked_into += 1
            if self._looked_into <= MOST:
                own = self._look_into(line)
        for anchored, kept in self.anchors:
            if anchored == number and kept != line["hash"]:
                words = f"row {number} is not that of the anchor: it, or rows before it, were rewritten"
                self._faults.append(Fault(number, words))
        self.number, self.hash, self._digest = number, line["hash"], own

    def find_places(self, followers: Mapping[str, int]) -> None:
        """A changed row that another one remembers under another number was not changed but moved far away."""
        for number, line in list(self.changed.items()):
            place = followers.get(line["hash"], self.number + 1) - 1
            if _digest(line, number=place) == line["hash"]:
                del self.changed[number]
                self._moved[number] = place

    def faults(self) -> list[Fault]:
        """Everything that is wrong."""
        moves, inserted = self._moves()
        found = [*self._faults, *moves]
        changed = self.changed.keys() - inserted
        found += [Fault(number, f"row {number} was changed{self._parts.get(number, '')}") for number in changed]
        known = inserted | self.changed.keys() | self._moved.keys()
        found += [_rewritten(number) for number in self._unlinked if not {number, number - 1} & known]
        if (furthest := max((number for number, _ in self.anchors), default=0)) > self.number:
            found.append(Fault(self.number + 1, f"{_rows(self.number + 1, furthest)} missing up to the anchor"))
        if self._first_break is not None and not found:
            found.append(Fault(self._first_break, f"the chain breaks at row {self._first_break}"))
        if self._looked_into > MOST:
            words = f"the chain breaks at {self._breaks} rows; the first {MOST} breaks were looked into"
            found.append(Fault(self.number, words))
        return found

    def _broken(self, number: int) -> None:
        self._breaks += 1
        self._first_break = number if self._first_break is None else self._first_break

    def _look_into(self, line: Line) -> str | None:
        """Note what is wrong at a row; returns the hash that it should have."""
        number, before = line["number"], self._runs[-1].offset
        offset = _offset(line, before)
        if offset is None:
            self.changed[number] = line
            if _digest(line, before=self.hash) == line["hash"]:
                self._parts[number] = " (its before)"
        elif number == self.number + 1 and line["before"] != self.hash:
            if self._digest == line["before"] and self.number in self.changed:
                self._parts[self.number] = " (its hash)"
            elif offset == before:
                self._unlinked.append(number)
        if number > self.number + 1:
            self._faults.append(Fault(self.number + 1, f"{_rows(self.number + 1, number - 1)} missing"))
        if offset is not None and offset != before:
            self._runs.append(_Run(number, number, offset))
        else:
            self._runs[-1].last = number
        return _digest(line, number=number - (offset or 0))

    def _moves(self) -> tuple[list[Fault], set[int]]:
        """What was done to the order, and the numbers of rows that were pushed in between."""
        found, inserted, shift, moved = list[Fault](), set[int](), 0, dict(self._moved)
        places = {run.first: run.first - run.offset for run in self._runs if run.first == run.last}
        for position, run in enumerate(self._runs):
            step = run.offset - shift
            if step == 0:
                continue
            comes_back = any(later.offset == shift for later in self._runs[position + 1 :])
            if comes_back or places.get(places.get(run.first, 0)) == run.first:
                moved |= {number: number - step for number in range(run.first, run.last + 1)}
                continue
            if step > 0:
                inserted |= set(range(run.first - step, run.first))
                words = f"{_rows(run.first - step, run.first - 1, 'was', 'were')} inserted, and those after renumbered"
                found.append(Fault(run.first - step, words))
            else:
                first, last = run.first - shift, run.first - run.offset - 1
                words = f"{_rows(first, last)} missing, and those after renumbered"
                found.append(Fault(run.first, words))
            shift = run.offset
        for number, place in moved.items():
            if moved.get(place) != number:
                found.append(Fault(number, f"row {number} stands out of order: it was written as number {place}"))
            elif number < place:
                found.append(Fault(number, f"rows {number} and {place} were swapped"))
        return found, inserted


def _rewritten(number: int) -> Fault:
    if number == 1:
        return Fault(1, "row 1 does not begin the record: it was rewritten, or what stood before it is gone")
    words = f"row {number - 1}, and perhaps rows before it, were rewritten with their hashes"
    return Fault(number - 1, f"{words}: row {number} remembers another")


def _offset(line: Line, likely: int) -> int | None:
    """How far a row stands from where it was written; None if it is not as it was written anywhere near."""
    near = sorted(range(likely - REACH, likely + REACH + 1), key=lambda offset: (abs(offset), abs(offset - likely)))
    for offset in (likely, *near):
        if _digest(line, number=line["number"] - offset) == line["hash"]:
            return offset
    return None


def _digest(line: Line, **other: object) -> str | None:
    """The hash of a row's content, with ``other`` in place of what stands there; None if it is no content of ours."""
    try:
        return digest({**line, **other})
    except ValueError:
        return None


def _rows(first: int, last: int, one: str = "is", more: str = "are") -> str:
    return f"row {first} {one}" if first == last else f"rows {first} to {last} {more}"
