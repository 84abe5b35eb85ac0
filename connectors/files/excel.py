"""A sheet of a workbook becomes lines of cells: what its cells show, as stored when it was saved, and nothing hidden.

Only XLSX is read. Formulas are not computed: a cell whose result was not stored makes the file unusable.
"""

from __future__ import annotations

import io
import warnings
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from connectors.files.cells import CellError, Line
from surveillance.errors import SourceChanged, SourceUnavailable

MOST_UNZIPPED = 500 << 20
"""Bytes: a workbook of 50 MB is about this large. One that says it is larger is a bomb, or no list."""
CHUNK = 1 << 20
ERRORS = frozenset(
    {"#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A", "#GETTING_DATA", "#SPILL!", "#CALC!"}
)
BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    InvalidFileException,
    SyntaxError,  # of the XML inside
    LookupError,
    ValueError,
    TypeError,
    AttributeError,
    EOFError,
    OSError,
    RuntimeError,
    NotImplementedError,
    OverflowError,
    AssertionError,
)
"""What the library raises for workbooks that are broken in one way or another."""


def read_sheet(content: bytes, sheet: str | None, name: str) -> list[Line]:
    """Every row of the sheet, numbered as Excel numbers them; a stored error of Excel is a ``CellError``.

    Raises:
        SourceChanged: the sheet is not there, or which one is meant cannot be told.
        SourceUnavailable: the workbook is broken, or too large.
    """
    with _broken_said(name):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if sum(item.file_size for item in archive.infolist()) > MOST_UNZIPPED:
                raise SourceUnavailable(f"{name}: unzipped larger than the {MOST_UNZIPPED >> 20} MB that are read")
            formulas = _has_formulas(archive)
        stored = _rows(content, sheet, name, data_only=True)
        if formulas:
            _check_results(stored, _rows(content, sheet, name, data_only=False))
    return stored


@contextmanager
def _broken_said(name: str) -> Iterator[None]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about styles and extensions, which nothing here needs
            yield
    except (SourceChanged, SourceUnavailable):
        raise
    except BROKEN as error:
        raise SourceUnavailable(f"{name}: a broken or unfinished workbook ({type(error).__name__})") from None


def _has_formulas(archive: zipfile.ZipFile) -> bool:
    for item in archive.infolist():
        if not item.filename.startswith("xl/worksheets/") or not item.filename.endswith(".xml"):
            continue
        with archive.open(item) as file:
            before = b""
            while chunk := file.read(CHUNK):
                if b"<f>" in before + chunk or b"<f " in before + chunk or b"<f/" in before + chunk:
                    return True
                before = chunk[-2:]
    return False


def _rows(content: bytes, sheet: str | None, name: str, *, data_only: bool) -> list[Line]:
    workbook = load_workbook(io.BytesIO(content), read_only=True, data_only=data_only, keep_links=False)
    try:
        chosen = _chosen(workbook, sheet, name)
        chosen.reset_dimensions()  # many programs write them wrong, and rows beyond them would be left out
        epoch = workbook.epoch
        return [
            Line(number, tuple(_cell(value) for value in cells), epoch)
            for number, cells in enumerate(chosen.iter_rows(min_row=1, min_col=1, values_only=True), 1)
        ]
    finally:
        workbook.close()


def _chosen(workbook: Any, sheet: str | None, name: str) -> Any:
    if sheet is not None:
        for one in workbook.worksheets:
            if one.title.strip().casefold() == sheet.strip().casefold():
                return one
        raise SourceChanged(f"{name}: no sheet '{sheet}'")
    visible = [one for one in workbook.worksheets if one.sheet_state == "visible"]
    if len(visible) != 1:
        raise SourceChanged(f"{name}: {len(visible)} sheets are to be seen; say which one (sheet)")
    return visible[0]


def _cell(value: Any) -> Any:
    if isinstance(value, str):
        if value in ERRORS:
            return CellError(value)
        return value if value.strip() else None
    return value


def _check_results(stored: list[Line], written: list[Line]) -> None:
    """Mark the cells of ``stored`` that are empty where ``written`` has a formula."""
    for place, (line, formulas) in enumerate(zip(stored, written, strict=True)):
        if any(_is_unknown(pair) for pair in zip(line.cells, formulas.cells, strict=True)):
            cells = [
                CellError("=") if _is_unknown(pair) else pair[0]
                for pair in zip(line.cells, formulas.cells, strict=True)
            ]
            stored[place] = Line(line.number, tuple(cells), line.epoch)


def _is_unknown(pair: tuple[Any, Any]) -> bool:
    stored, written = pair
    return stored is None and written is not None
