"""Every answer carries the headers that keep a page to its own origin."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send


def headers_of(script_hashes: Sequence[str] = ()) -> dict[str, str]:
    """The headers. ``script_hashes``: of the inline scripts that Dash's pages hold."""
    policy = {
        "default-src": "'self'",
        "script-src": " ".join(("'self'", *script_hashes)),
        "style-src": "'self' 'unsafe-inline'",  # Dash's components bring their styles as inline elements
        "img-src": "'self' data:",
        "object-src": "'none'",
        "base-uri": "'none'",
        "form-action": "'self'",
        "frame-ancestors": "'self'",
    }
    return {
        "Content-Security-Policy": "; ".join(f"{name} {value}" for name, value in policy.items()),
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    }


async def broken(_request: Request, _error: Exception) -> Response:
    """What is answered when the program itself fails: nothing of the inside. The log has it."""
    words = "Something went wrong in the program, and nothing is shown rather than something wrong.\n"
    return PlainTextResponse(words, 500, {**headers_of(), "Cache-Control": "no-store"})


class SecurityHeaders:
    """Pure ASGI, outermost. ``script_hashes``: of the inline scripts that Dash's pages hold."""

    def __init__(self, app: ASGIApp, script_hashes: Sequence[str] = ()) -> None:
        self._app = app
        self._headers = headers_of(script_hashes)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and add the headers to its answer."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, with_headers)
