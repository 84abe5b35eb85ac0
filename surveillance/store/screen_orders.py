"""What the screens were last told to do: written by the command line, read by every web server."""

from __future__ import annotations

from sqlalchemy import Connection, func, select, update

from surveillance.store.tables import screen_order

Orders = dict[tuple[str, str], int]
"""(screen, action) → number of the newest order."""


def give(connection: Connection, screen: str, action: str) -> int:
    """Tell ``screen`` to do ``action``; returns the order's number, which is greater than any before."""
    number: int = connection.execute(select(func.coalesce(func.max(screen_order.c.number), 0))).scalar_one() + 1
    here = (screen_order.c.screen == screen) & (screen_order.c.action == action)
    if not connection.execute(update(screen_order).where(here).values(number=number)).rowcount:
        connection.execute(screen_order.insert().values(screen=screen, action=action, number=number))
    return number


def newest(connection: Connection) -> Orders:
    """The newest order of each kind for each screen."""
    rows = connection.execute(select(screen_order.c.screen, screen_order.c.action, screen_order.c.number))
    return {(screen, action): number for screen, action, number in rows}
