"""What a reverse proxy says of whoever sends a request; only the proxy itself, known by its address, is believed."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.datastructures import Headers
from starlette.types import Scope

from callbacks.asking import among, peer
from surveillance.access.claims import subject_of
from surveillance.access.people import Session
from surveillance.settings import TrustedHeader

VIA = "header"


@dataclass(frozen=True, slots=True)
class Named:
    """Somebody, as the proxy calls them."""

    user: str
    name: str
    groups: tuple[str, ...]


def carries(scope: Scope, rule: TrustedHeader) -> bool:
    """Whether a request says who sent it, truly or not."""
    return rule.user.lower() in Headers(scope=scope)


def is_proxy(scope: Scope, rule: TrustedHeader) -> bool:
    """Whether a request was sent by the proxy; what a request says of where it came from plays no part."""
    return among(peer(scope), rule.peers)


def named(scope: Scope, rule: TrustedHeader) -> Named | None:
    """Who sent a request that came through the proxy; None if it does not say so, or says it twice.

    A header that stands twice was sent by a browser, and the proxy added its own.
    """
    headers = Headers(scope=scope)
    users, names, lists = (headers.getlist(one) for one in (rule.user, rule.name, rule.groups))
    if not is_proxy(scope, rule) or len(users) != 1 or len(names) > 1 or len(lists) > 1:
        return None
    user = subject_of(_text(users[0]))
    listed = _text(lists[0]).split(rule.separator) if lists else []
    groups = tuple(group for one in listed if (group := one.strip()))
    return Named(user, _text(names[0]) if names else "", groups) if user else None


def is_theirs(scope: Scope, session: Session, rule: TrustedHeader | None) -> bool:
    """Whether a session may be used by a request: one that the proxy began, only for whom the proxy names now."""
    if session.person.via != VIA:
        return True
    now = named(scope, rule) if rule else None
    return now is not None and now.user == session.person.subject


def _text(value: str) -> str:
    """Headers are read as Latin-1; proxies write UTF-8."""
    try:
        return value.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return value
