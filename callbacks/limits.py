"""No request is longer than anything that our pages send, and nobody who asks without pause slows the others down."""

from __future__ import annotations

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from callbacks.api import error_json
from callbacks.asking import READS, peer

LONGEST_BODY = 256 * 1024
"""Bytes: a page of ours sends a few thousand at most."""
LONGEST_QUERY = 4096
CHANGES_A_MINUTE = RateLimitItemPerMinute(6000)
"""Requests a minute from one address that are not mere reading: Dash's callbacks, forms and reports of screens. Behind
a proxy all desks share its address, and each sends one at every snapshot: this is enough for five hundred."""


class Limited:
    """Pure ASGI. Streams of walls are reads and are not counted; a thousand screens may come back at once."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._counted = MovingWindowRateLimiter(MemoryStorage())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass one request on, or say why not."""
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
            return
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        refusal = self._refusal(scope)
        if refusal:
            await error_json(*refusal)(scope, receive, send)
            return
        got, answered = 0, False

        async def counted() -> Message:
            nonlocal got, answered
            message = await receive()
            got += len(message.get("body", b""))
            if got <= LONGEST_BODY:
                return message
            if not answered:
                answered = True
                await error_json(413, f"a request has at most {LONGEST_BODY} bytes")(scope, receive, send)
            return {"type": "http.disconnect"}

        async def unless_refused(message: Message) -> None:
            nonlocal answered
            if got <= LONGEST_BODY:
                answered = True
                await send(message)

        await self._app(scope, counted, unless_refused)

    def _refusal(self, scope: Scope) -> tuple[int, str] | None:
        headers = Headers(scope=scope)
        length = headers.get("content-length", "0")
        if not length.isascii() or not length.isdecimal() or int(length[:18]) > LONGEST_BODY:
            return 413, f"a request has at most {LONGEST_BODY} bytes"
        if len(scope["query_string"]) > LONGEST_QUERY:
            return 414, f"an address has at most {LONGEST_QUERY} bytes after its question mark"
        if scope["method"] not in READS and not self._counted.hit(CHANGES_A_MINUTE, peer(scope)):
            return 429, "too many requests: wait a minute"
        return None
