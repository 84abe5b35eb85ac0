"""What a request says of its sender: where it came from, the cookies it carries, and whether a page of ours sent it."""

from __future__ import annotations

from collections.abc import Sequence
from http.cookies import CookieError, SimpleCookie
from ipaddress import ip_address, ip_network

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import Message, Scope, Send

from surveillance.settings import Web

SESSION = "session"
SCREEN = "screen"
FOR_GOOD_S = 400 * 24 * 3600
"""Browsers keep no cookie for longer; one that must not run out is given anew now and then."""
READS = frozenset({"GET", "HEAD", "OPTIONS"})
"""Methods that change nothing."""
LOOPBACK = "127.0.0.1"


def peer(scope: Scope) -> str:
    """The address at the other end of the connection; a socket without one is on this computer."""
    client = scope.get("client")
    return str(client[0]) if client else LOOPBACK


def among(address: str, networks: Sequence[str]) -> bool:
    """Whether an address is one of these, or in one of these networks."""
    try:
        one = ip_address(address)
    except ValueError:
        return False
    return any(one in ip_network(network, strict=False) for network in networks)


def place(scope: Scope, web: Web) -> str:
    """Where a request comes from: behind our own proxies the last address that they did not add themselves."""
    found = peer(scope)
    hops = [hop.strip() for line in Headers(scope=scope).getlist("x-forwarded-for") for hop in line.split(",")]
    while hops and among(found, web.proxies):
        found = hops.pop()
    return found[:64]


def own_origin(scope: Scope, web: Web) -> str:
    """Where browsers find the program: as configured, else as this request names it."""
    return web.origin or f"{scope.get('scheme', 'http')}://{Headers(scope=scope).get('host', '')}"


def is_secure(scope: Scope, web: Web) -> bool:
    """Whether browsers reach the program by TLS, so that cookies can be kept to it."""
    return own_origin(scope, web).startswith("https://")


def from_own_page(scope: Scope, web: Web) -> bool:
    """Whether a request that changes something was sent by a page of ours; one that does not say so was not."""
    headers = Headers(scope=scope)
    origins = headers.getlist("origin")
    if headers.get("sec-fetch-site", "same-origin") != "same-origin":
        return False
    return len(origins) == 1 and origins[0].lower() == own_origin(scope, web).lower()


def cookie(scope: Scope, name: str, web: Web) -> str:
    """The value of one of our cookies; empty if it is not there."""
    found: SimpleCookie = SimpleCookie()
    for line in Headers(scope=scope).getlist("cookie"):
        try:
            found.load(line)
        except CookieError:
            continue
    morsel = found.get(_named(name, is_secure(scope, web)))
    return morsel.value if morsel else ""


def give_cookie(response: Response, scope: Scope, web: Web, name: str, value: str, *, keep_s: int | None) -> None:
    """Let the browser hold ``value``, out of reach of scripts and of other sites. ``keep_s``: None: until it closes."""
    secure = is_secure(scope, web)
    response.set_cookie(
        _named(name, secure), value, max_age=keep_s, path="/", secure=secure, httponly=True, samesite="lax"
    )


def giving_cookie(send: Send, scope: Scope, web: Web, name: str, value: str, *, keep_s: int) -> Send:
    """Sends what it is given, and ``give_cookie`` with it."""
    given = Response()
    give_cookie(given, scope, web, name, value, keep_s=keep_s)

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            for written in given.headers.getlist("set-cookie"):
                MutableHeaders(scope=message).append("set-cookie", written)
        await send(message)

    return sending


def take_cookie(response: Response, scope: Scope, web: Web, name: str) -> None:
    """Let the browser forget it."""
    secure = is_secure(scope, web)
    response.delete_cookie(_named(name, secure), path="/", secure=secure, httponly=True, samesite="lax")


def _named(name: str, secure: bool) -> str:
    # The prefix makes browsers refuse the cookie from another host of the same domain, and without TLS.
    return f"__Host-{name}" if secure else name
