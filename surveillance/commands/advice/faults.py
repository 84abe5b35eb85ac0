"""What to do where a query failed or its answer is not believed."""

from __future__ import annotations

import re

from surveillance.commands.advice.lines import to_do
from surveillance.feeds.data import FeedData, FeedState

NOT_IN_RESULT = re.compile(r"the result has no column '(\w+)'")
NOT_IN_SOURCE = re.compile(r"the source has no (column|table) '([^']+)'")

OF_REASONS = (
    (": not a time", "it is not written as [times] says (storage, format): {column} of {file}"),
    (": not a date", "it is no date as YYYY-MM-DD: turn it round in {file}"),
    (
        ": in the future",
        "a device's clock, or a planned moment in place of a real one; if there are many, a wrong zone",
    ),
    (": absurdly early", "an empty time is stored as a date of long ago: give NULL for it in {file}"),
    (": empty", "without {column} the row means nothing: is it the right column, and are the rows joined rightly?"),
    (": twice", "{file} gives one {column} in several rows: a join that doubles them?"),
)
"""How a reason ends → what to do about it."""


def after(data: FeedData, state: FeedState, file: str) -> list[str]:
    """What to do about a feed that is not current. ``file``: its query."""
    words = data.error
    if found := NOT_IN_RESULT.search(words):
        return to_do(f"{file}: call a column of the SELECT {found[1]} (AS {found[1]}); the table needs it")
    if found := NOT_IN_SOURCE.search(words):
        return to_do(
            f"{file} asks for the {found[1]} {found[2]}: it is called otherwise there, or the login cannot see it"
        )
    if state is FeedState.REFUSED:
        return to_do("the name or the password in the source's URL is wrong, or the account is locked")
    if "may not read" in words:
        return to_do(f"give the login SELECT on what {file} reads")
    if "how old its data is cannot be told" in words:
        return to_do("the query of the heartbeat has to give one row with one moment; until then nothing is shown")
    if state is FeedState.SUSPECT:
        return to_do("the answer is not believed, and no figure made of it is shown until this is put right")
    return []


def after_reason(reason: str, file: str) -> list[str]:
    """What to do about rows or values that the gate counted under ``reason``; nothing where it says all."""
    column = reason.partition(":")[0]
    found = next((words for end, words in OF_REASONS if reason.endswith(end)), "")
    return to_do(found.format(column=column, file=file)) if found else []
