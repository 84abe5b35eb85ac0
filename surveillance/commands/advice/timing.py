"""Times: a zone that may be wrong, a source that stands still or rests, and how much of its time the display takes."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from surveillance.commands.advice.lines import hanging, to_do
from surveillance.feeds.data import FeedData
from surveillance.feeds.moments import LONDON
from surveillance.polling.beat import Beat
from surveillance.settings import Source, Times

NEAR = timedelta(minutes=3)
"""An age that is so near the offset of the zone is the offset."""
SHARE = 0.2
"""Of the interval: a source that is busy with us for longer has to be asked less often, or less."""


def in_short(source: str, beat: Beat | None, answers: Collection[FeedData], as_at: datetime, interval_s: float) -> str:
    """One line: how many queries ran, how long they took, and how old the newest change is."""
    ran = sum(data.rows is not None for data in answers)
    took = sum(data.duration_s or 0 for data in answers)
    age = "" if beat is None else f"; heartbeat {max((as_at - beat.newest).total_seconds(), 0):.0f} s old"
    return f"{source}: {ran} of {len(answers)} queries ran, {took:.2f} s of every {interval_s:g} s{age}"


def ahead(beat: Beat | None, as_at: datetime) -> bool:
    """Whether a source knows of a change that is still to come."""
    return beat is not None and beat.ahead(as_at) is not None


def heartbeat(source: str, beat: Beat | None, as_at: datetime, times: Times, place: str) -> list[str]:
    """Words if what a source says of its own newest change cannot be. ``place``: where its times are configured."""
    if beat is None:
        return []
    age = as_at - beat.newest
    summer = as_at.astimezone(LONDON).utcoffset() or timedelta()
    if ahead(beat, as_at):
        lines = [f"{source}: the heartbeat lies {_minutes(-age)} in the future"]
        if abs(-age - summer) <= NEAR and times.zone == "UTC":
            why = "the zone is wrong: the source writes what a clock in London shows, in summer an hour ahead of UTC"
            return lines + to_do(f'{why}. {place}: zone = "Europe/London"')
        return lines + to_do(f"its times are read as {times.zone}: is that so ({place})? Else its clock is ahead")
    if summer and abs(age - summer) <= NEAR and times.zone != "UTC":
        lines = [f"{source}: the heartbeat is {_minutes(age)} old"]
        return lines + to_do(f'just the hour of summer time: if the source stores UTC, {place}: zone = "UTC"')
    return []


def behind(source: str, beat: Beat | None, as_at: datetime, promise: timedelta) -> list[str]:
    """Words if the newest change of a source is older than it promises."""
    if beat is None or as_at - beat.newest <= promise:
        return []
    lines = [
        f"{source}: its newest change is {_minutes(as_at - beat.newest)} old, more than {promise.total_seconds():g} s"
    ]
    return lines + to_do("its figures are stale at once, or not shown at all; does it stand still, or lag behind?")


def old_rows(source: str, answers: Collection[FeedData], as_at: datetime) -> list[str]:
    """Words if nothing that a source without a heartbeat gave is of the last 55 minutes: it may stand still."""
    newest = [data.newest for data in answers if data.newest is not None]
    if len(newest) < 2 or as_at - max(newest) < timedelta(minutes=55):
        return []
    lines = [f"{source}: the newest row of all its feeds is {_minutes(as_at - max(newest))} old"]
    return lines + to_do("the source stands still; or, if it is about an hour and summer, its zone is wrong")


def load(source: str, given: Source, answers: Collection[FeedData]) -> list[str]:
    """Words if reading a source takes too much of its interval, its time-out or its budget."""
    lines = []
    for data in answers:
        took = data.duration_s or 0
        if took > given.timeout_s / 2:
            end = f"it is ended after {given.timeout_s:g} s (timeout_s)"
            lines.append(f"{source}, {data.feed}: took {took:.2f} s; {end}")
    whole = sum(data.duration_s or 0 for data in answers)
    if whole > SHARE * given.interval_s:
        share = f"{whole / given.interval_s:.0%} of the interval of {given.interval_s:g} s"
        lines.append(f"{source}: its queries took {whole:.2f} s together, {share}")
        slowest = max(answers, key=lambda data: data.duration_s or 0).feed
        lines += to_do(
            f"ask less often (interval_s), or make {slowest} quicker: an index on the time that :since bounds"
        )
    most, hourly = given.budget.seconds_per_h, whole * 3600 / given.interval_s
    if most is not None and hourly > most:
        words = f"that is {hourly:.0f} s an hour, more than its budget of {most:g} s: it would be asked less often"
        lines += hanging("", f"{source}: {words}")
    return lines


def _minutes(span: timedelta) -> str:
    return f"{span.total_seconds() / 60:.0f} min"
