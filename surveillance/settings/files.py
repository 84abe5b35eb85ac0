"""A source whose data is dropped as files into a folder: which files belong to a feed, and how each is read."""

from __future__ import annotations

import codecs
from datetime import UTC, datetime
from typing import Literal

from pydantic import Field, model_validator

from surveillance.settings.section import FilePath, Section

TIME_PLACE = "{time}"
"""Where the time stands in a pattern for file names."""
ROWS_PLACE = "{rows}"
"""Where the number of rows stands in a trailer."""


class FileFeed(Section):
    """The files of one feed: CSV or Excel, which their content tells."""

    pattern: str
    """A file's name, with ``*`` for anything and ``{time}`` for the time at which its rows were true."""
    time: str | None = None
    """How ``{time}`` is written, in Python's notation."""
    columns: dict[str, str | tuple[str, ...]] = {}
    """Our column → their header, or several whose cells are put together; none: the headers are our names."""
    if_empty: dict[str, str] = {}
    """Our column → what an empty cell says, in their words."""
    digits: dict[str, int] = {}
    """Our column → length of a number that spreadsheets have robbed of its leading zeros."""
    header_rows: int = Field(default=1, ge=1, le=3)
    overnight: bool = False
    """An end before its start is on the next day."""
    trailer: str | None = None
    """The last line, with ``{rows}`` for the number of rows and ``*`` for anything."""
    sheet: str | None = None
    delimiter: str | None = Field(default=None, min_length=1, max_length=1)
    encoding: str | None = None
    """Of files that are not in Unicode."""
    open_end: bool = False
    """A CSV file's last line may lack its line end, as if it were cut off."""

    @model_validator(mode="after")
    def _can_be_used(self) -> FileFeed:
        if "/" in self.pattern or "\\" in self.pattern:
            raise ValueError(f"pattern: '{self.pattern}' is a path; it is a file's name in the folder")
        if self.pattern.count(TIME_PLACE) != (1 if self.time else 0):
            raise ValueError(f"time: give it where the pattern holds {TIME_PLACE}, once, and nowhere else")
        if self.time and not _tells_the_day(self.time):
            raise ValueError(f"time: '{self.time}' does not tell year, month and day")
        if self.encoding and not _is_encoding(self.encoding):
            raise ValueError(f"encoding: unknown '{self.encoding}' (example: cp1252)")
        if any(width < 1 for width in self.digits.values()):
            raise ValueError("digits: a length is 1 or more")
        if self.delimiter and self.delimiter in '"\r\n':
            raise ValueError("delimiter: no quotation mark and no line end")
        return self


class Files(Section):
    """A folder into which a system exports."""

    folder: FilePath
    archive: FilePath | None = None
    """Where superseded files are moved; without it every file is left alone."""
    complete: Literal["stable", "done"] = "stable"
    """``stable``: a file is whole when it did not change for ``stable_s``; ``done``: when its marker is there."""
    stable_s: float = Field(default=10, gt=0)
    feeds: dict[str, FileFeed] = Field(min_length=1)

    @model_validator(mode="after")
    def _archive_is_elsewhere(self) -> Files:
        if self.archive == self.folder:
            raise ValueError("archive: another folder than the one into which files are dropped")
        return self


def _tells_the_day(form: str) -> bool:
    example = datetime(2001, 2, 13, 14, 15, 16, tzinfo=UTC)
    try:
        return datetime.strptime(example.strftime(form), form).date() == example.date()  # noqa: DTZ007
    except ValueError:
        return False


def _is_encoding(name: str) -> bool:
    try:
        return bool(codecs.lookup(name)._is_text_encoding)
    except LookupError:
        return False
