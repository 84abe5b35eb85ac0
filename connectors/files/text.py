"""Text with delimiters becomes lines of cells: decoded strictly, whole, and never by a guess that could be wrong."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import islice

from connectors.files.cells import Line
from connectors.files.table import HEAD_LINES, Header, Reading, find_header
from surveillance.errors import SourceChanged, SourceUnavailable

BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, which begins alike
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
DELIMITERS = (",", ";", "\t", "|")


def decoded(content: bytes, encoding: str | None, name: str) -> str:
    """The text of a file: by its byte order mark, else UTF-8, else ``encoding``.

    Raises:
        SourceUnavailable: naming the first line that is in none of these.
    """
    for mark, marked in BYTE_ORDER_MARKS:
        if content.startswith(mark):
            tried: tuple[str, ...] = (marked,)
            content = content[len(mark) :]
            break
    else:
        tried = ("utf-8", encoding) if encoding else ("utf-8",)
    faults = []
    for one in tried:
        try:
            text = content.decode(one)
        except UnicodeDecodeError as error:
            faults.append(f"line {_lines(content[: error.start].decode(one, 'ignore'))} is not {one}")
            continue
        if "\0" not in text:  # UTF-16 without its mark; or a file whose rest was never written
            return text
        faults.append(f"line {_lines(text.partition(chr(0))[0])} holds zeros, as UTF-16 or a broken copy does")
    hint = "" if encoding or len(tried) > 1 else '; if its system does not write UTF-8, give encoding, as "cp1252"'
    raise SourceUnavailable(f"{name}: {faults[-1]}{hint}")


def _lines(text: str) -> int:
    return text.count("\n") + 1


def read_text(content: bytes, reading: Reading) -> tuple[Header, Iterator[Line]]:
    """The header, and the lines that follow it. A line's number is that of the file's line at which it ends.

    Raises:
        SourceChanged: no delimiter gives a header with the columns. SourceUnavailable: the text is broken or cut off.
    """
    name, given = reading.name, reading.given
    text = decoded(content, given.encoding, name)
    if not text.strip():
        raise SourceUnavailable(f"{name}: the file is empty")
    if not given.open_end and not text.endswith(("\n", "\r")):
        raise SourceUnavailable(f"{name}: its last line has no end, as of a file that was cut off (see open_end)")
    found: list[tuple[str, Header]] = []
    faults: list[SourceChanged] = []
    for delimiter in [given.delimiter] if given.delimiter else DELIMITERS:
        head = list[Line]()
        with suppress(SourceUnavailable):  # told below, of the delimiter that it is
            head.extend(islice(_records(text, delimiter, name), HEAD_LINES))
        try:
            found.append((delimiter, find_header(head, reading)))
        except SourceChanged as error:
            faults.append(error)
    if not found:
        raise _nearest(faults)
    if len({header.names for _, header in found}) > 1:
        raise SourceChanged(f"{name}: its header can be read with several delimiters; give one")
    delimiter, header = found[0]
    return header, (line for line in _records(text, delimiter, name) if line.number > header.number)


def _nearest(faults: Sequence[SourceChanged]) -> SourceChanged:
    """The complaint about the delimiter with which fewest columns are missing."""
    return min(faults, key=lambda fault: len(str(fault)))


def _records(text: str, delimiter: str, name: str) -> Iterator[Line]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise SourceUnavailable(f"{name}: line {reader.line_num}: {error}") from None
        yield Line(reader.line_num, tuple(cell if cell.strip() else None for cell in cells))
