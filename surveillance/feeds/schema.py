"""How a canonical table is declared: its columns, what one row means, and what happens to a row that breaks it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class Kind(StrEnum):
    """What a column holds, and so how raw values are read."""

    KEY = "key"
    TEXT = "text"
    CODE = "code"
    TIME = "time"
    DATE = "date"
    NUMBER = "number"
    BOOL = "bool"


class OnBad(StrEnum):
    """What a value outside its range or code set does."""

    REJECT = "reject"
    """The row is quarantined and counted."""
    BLANK = "blank"
    """The value is emptied and counted; the row stays (losing the row would lose a patient)."""
    KEEP = "keep"
    """The value stays and is counted; the rules say that other words count in no measure."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a canonical table.

    ``required``: the source's result must have the column at all; without it the feed is unavailable.
    ``nullable``: a row may leave it empty. ``codes``: the only words allowed. ``low``/``high``: inclusive range
    in ``unit``. ``past``: a time that lies more than the tolerance after the poll is absurd.
    """

    name: str
    kind: Kind
    means: str
    nullable: bool = True
    required: bool = False
    unit: str = ""
    codes: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None
    past: bool = False
    on_bad: OnBad = OnBad.REJECT


@dataclass(frozen=True, slots=True)
class Feed:
    """A canonical table: one stream of rows of one kind, polled together.

    ``key``: columns that name a row; a second row with the same key is quarantined. Without a key, or where the
    key is null, only a row equal in every column is a duplicate, and is dropped and counted.
    ``rows_may_repeat``: equal rows without a key are different things (two people on the same shift).
    ``latest_by``: of rows with one key the one with the greatest value here stands.
    ``ordered``: pairs (start, end) where the end must not come before the start.
    ``newest``: columns whose greatest value tells how recent the feed is.
    ``lookback_h``: how far back of ``as_at`` the query must reach, bound as ``:since``.
    ``recent_h``: in a running poller, how far back each poll re-reads; older rows are re-read hourly (None: all).
    ``steady``: the number of rows does not halve between two polls in a working hospital.
    """

    name: str
    row_means: str
    columns: tuple[Column, ...]
    key: tuple[str, ...] = ()
    rows_may_repeat: bool = False
    latest_by: str | None = None
    ordered: tuple[tuple[str, str], ...] = ()
    newest: tuple[str, ...] = ()
    lookback_h: int = 35 * 24
    recent_h: int | None = None
    recent_by: str | None = None
    steady: bool = False
    _by_name: dict[str, Column] = field(init=False, repr=False, compare=False, default_factory=dict)

    def __post_init__(self) -> None:
        self._by_name.update({column.name: column for column in self.columns})

    def __getitem__(self, column: str) -> Column:
        return self._by_name[column]

    @property
    def names(self) -> list[str]:
        """The column names in their declared order."""
        return [column.name for column in self.columns]
