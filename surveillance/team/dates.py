"""A date in a text is one of birth if it is called so, or if it names a day more than a year ago."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    r"|nov(?:ember)?|dec(?:ember)?)\.?"
)
_SEPARATOR = r"\s*[/.\-\u2010-\u2015]\s*"
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_YEAR = r"['’]?(?P<year>\d{4}|\d{2})"
FORMS = tuple(
    re.compile(rf"(?<!\d){form}(?!\d)", re.IGNORECASE)
    for form in (
        rf"(?P<day>\d{{1,2}}){_SEPARATOR}(?P<month>\d{{1,2}}){_SEPARATOR}{_YEAR}",
        r"(?P<day>\d{1,2})\s+(?P<month>\d{1,2})\s+(?P<year>\d{4})",
        rf"(?P<year>\d{{4}}){_SEPARATOR}(?P<month>\d{{1,2}}){_SEPARATOR}(?P<day>\d{{1,2}})",
        rf"{_DAY}\s*(?:of\s+)?[\s/.\-]?\s*(?P<month>{_MONTH})[\s,/.\-]*{_YEAR}",
        rf"(?P<month>{_MONTH})\s*{_DAY}[\s,]+{_YEAR}",
        r"(?P<day>\d{2})(?P<month>\d{2})(?P<year>\d{4})",
        r"(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})",
    )
)
_ANY_DATE = (
    rf"(?:\d{{1,4}}{_SEPARATOR}\d{{1,2}}(?:{_SEPARATOR}\d{{1,4}})?|\d{{1,2}}(?:st|nd|rd|th)?\s*(?:of\s+)?{_MONTH}"
    rf"|{_MONTH}\s*\d{{1,2}}|(?:19|20)\d\d|\d{{6}}|\d{{8}}|\d{{1,2}}\s\d{{1,2}}\s\d{{2,4}})(?!\d)"
)
_BIRTH = r"\b(?:d\.?\s?o\.?\s?b\b\.?|date\s+of\s+birth|birth\s?da(?:y|te)|born)"
NAMED = re.compile(rf"{_BIRTH}\W*(?:(?:on|in|is|was)\W+)?{_ANY_DATE}|(?<!\d){_ANY_DATE}\W*{_BIRTH}\b", re.IGNORECASE)
"""A date, or a year alone, beside a word for birth."""
FAR_AHEAD = 10
"""A year of two digits that lies no further ahead than this is of this century: "due 3/1/27"."""


def birth_date_in(plain: str, today: date) -> bool:
    """Whether the text holds what may be a date of birth."""
    if NAMED.search(plain):
        return True
    return any(_a_year_before(found, today) for found in dates_in(plain, today))


def dates_in(plain: str, today: date) -> Iterator[date]:
    """Every day that the text names with day, month and year; days come before months, as in Britain."""
    for form in FORMS:
        for found in form.finditer(plain):
            month = found["month"][:3].lower()
            number = MONTHS.index(month) + 1 if month in MONTHS else int(month)
            try:
                yield date(_year(found["year"], today), number, int(found["day"]))
            except ValueError:
                continue


def _year(digits: str, today: date) -> int:
    year = int(digits)
    if len(digits) == 4:
        return year
    century = today.year // 100 * 100
    return century + year if century + year <= today.year + FAR_AHEAD else century - 100 + year


def _a_year_before(day: date, today: date) -> bool:
    return (today - day).days > 365
