"""A time as HL7 writes it becomes a UTC instant; what cannot be read is refused, never guessed.

Source: HL7 version 2.5.1, chapter 2A, data type DTM.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from surveillance.adt.message import DATA_TYPE
from surveillance.errors import MessageRefused

_DTM = re.compile(r"(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)?(?:\.(\d{1,4}))?([+-]\d{4})?")
AHEAD = timedelta(minutes=5)
"""A sender's clock may be so far ahead of ours and still decide between the two readings of a repeated hour."""


def moment_of(text: str, where: str, zone: str, heard: datetime) -> datetime | None:
    """The instant; None of an empty text. ``zone``: of times without an offset. ``heard``: when the message came.

    In the hour that autumn repeats, the later reading is taken unless it lies after ``heard``. A local time that
    spring leaves out is read with the offset of before the change.

    Raises:
        MessageRefused: it is no time, or names no minute.
    """
    if not text:
        return None
    found = _DTM.fullmatch(text)
    if found is None:
        raise MessageRefused(DATA_TYPE, where, "is no time with a date, hour and minute")
    year, month, day, hour, minute, second, fraction, offset = found.groups()
    parts = (int(year), int(month), int(day), int(hour), int(minute), int(second or 0))
    try:
        local = datetime(*parts, int((fraction or "").ljust(6, "0")), tzinfo=ZoneInfo(zone))
        if offset:
            away = timedelta(hours=int(offset[1:3]), minutes=int(offset[3:]))
            return local.replace(tzinfo=timezone(-away if offset[0] == "-" else away)).astimezone(UTC)
        first, second_reading = local.astimezone(UTC), local.replace(fold=1).astimezone(UTC)
    except (ValueError, OverflowError):
        raise MessageRefused(DATA_TYPE, where, "is no time that exists") from None
    return second_reading if first < second_reading <= heard + AHEAD else first


def day_of(text: str) -> date | None:
    """The date with which it begins; None if it does not begin with one."""
    try:
        return datetime.strptime(text[:8], "%Y%m%d").date() if len(text) >= 8 else None  # noqa: DTZ007 - a birthday
    except ValueError:
        return None


def completed_years(born: date, on: date) -> int:
    """Age on a day."""
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))
