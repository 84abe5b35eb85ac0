"""A time as a nurse writes it, "Mon 2 Feb 08:00" in Europe/London, is exactly one instant or is refused."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from surveillance.errors import CaseFileError

LONDON = ZoneInfo("Europe/London")
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
WRITTEN = re.compile(
    rf"(?:(?P<weekday>{'|'.join(DAYS)}) )?(?P<day>\d\d?) (?P<month>{'|'.join(MONTHS)})(?: (?P<year>\d{{4}}))?"
    r"(?: (?P<hour>\d\d):(?P<minute>\d\d)(?::(?P<second>\d\d))?(?: (?P<zone>BST|GMT))?)?"
)


def written_date(text: str, year: int | None = None) -> date:
    """The calendar date of ``text``; ``year`` where it names none.

    Raises:
        CaseFileError: it is no date, or its weekday is another one.
    """
    found = WRITTEN.fullmatch(text)
    if not found or not (found["year"] or year):
        raise CaseFileError(f"'{text}' is no time; write for example 'Mon 2 Feb 08:00'")
    try:
        day = date(int(found["year"] or year or 0), MONTHS.index(found["month"]) + 1, int(found["day"]))
    except ValueError as error:
        raise CaseFileError(f"'{text}': {error}") from None
    if found["weekday"] and DAYS[day.weekday()] != found["weekday"]:
        raise CaseFileError(f"'{text}': {day} is a {DAYS[day.weekday()]}")
    return day


def written_moment(text: str, year: int | None = None) -> datetime:
    """The instant (UTC) of ``text``; ``year`` where it names none.

    Raises:
        CaseFileError: it is no time, or the clocks show it never, or twice and it does not say BST or GMT.
    """
    day = written_date(text, year)
    found = WRITTEN.fullmatch(text)
    if not found or not found["hour"]:
        raise CaseFileError(f"'{text}' has no time of day")
    try:
        shown = datetime(
            day.year,
            day.month,
            day.day,
            int(found["hour"]),
            int(found["minute"]),
            int(found["second"] or 0),
            tzinfo=UTC,
        )
    except ValueError as error:
        raise CaseFileError(f"'{text}': {error}") from None
    instants = {zone: shown - ahead for zone, ahead in (("BST", timedelta(hours=1)), ("GMT", timedelta(0)))}
    real = {zone: one for zone, one in instants.items() if one.astimezone(LONDON).tzname() == zone}
    if found["zone"]:
        real = {zone: one for zone, one in real.items() if zone == found["zone"]}
    if not real:
        raise CaseFileError(f"'{text}': the clocks in London never show this time")
    if len(real) > 1:
        raise CaseFileError(f"'{text}': the clocks show this time twice; add BST or GMT")
    return next(iter(real.values()))
