"""One FHIR server over HTTP: every answer is whole and in time, and nothing that it says of patients reaches a message.

The token goes to the server's own origin and nowhere else. What may pass by itself (429, 502, 503, 504, a connection
that breaks) is asked again while the deadline of the feed allows it; ``Retry-After`` is kept.
"""

from __future__ import annotations

import json
import logging
import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import quote, urlsplit

import httpx

from connectors.engines import LOGIN_S
from connectors.fhir.elements import each, text_at
from surveillance.errors import SourceChanged, SourceError, SourceRefused, SourceUnavailable
from surveillance.settings.fhir import Fhir

PASSING = frozenset({429, 502, 503, 504})
FIRST_WAIT_S = 0.2
"""Before the second try; each further wait is twice as long."""
EARLY_S = 30.0
"""A token is renewed this long before it ends; a short one at nine tenths of its life, less a tenth of this."""
UNSAID_S = 300.0
"""How long a token is used that does not say how long it lasts."""
MOST_BYTES = 64 * 2**20
"""A longer page is no page."""

ISSUES = frozenset({
    "invalid", "structure", "required", "value", "invariant", "security", "login", "unknown", "expired", "forbidden",
    "suppressed", "processing", "not-supported", "duplicate", "multiple-matches", "not-found", "deleted", "too-long",
    "code-invalid", "extension", "too-costly", "business-rule", "conflict", "transient", "lock-error", "no-store",
    "exception", "timeout", "incomplete", "throttled", "informational",
})  # fmt: skip
"""What FHIR R4 calls what went wrong (IssueType); any other word of an outcome may be a patient's."""

for _noisy in ("httpx", "httpcore"):  # they write the address of every request, which can hold a patient's id
    logging.getLogger(_noisy).setLevel(logging.WARNING)


@dataclass(frozen=True, slots=True)
class Secrets:
    """How the client signs in; never printed."""

    client_id: str
    client_secret: str

    def __repr__(self) -> str:
        return "Secrets(…)"


@dataclass(frozen=True, slots=True)
class Reply:
    """A status, and the body read as JSON (None if it is none)."""

    status: int
    content: Any


class Client:
    """Asks one server. ``requests``: sent so far. ``scopes``: what the last token allows, None if it does not say."""

    def __init__(
        self,
        fhir: Fhir,
        secrets: Secrets | None,
        timeout_s: float,
        transport: httpx.BaseTransport | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._fhir, self._secrets, self._timeout_s, self._sleep = fhir, secrets, timeout_s, sleep
        self._transport = transport
        self._http: httpx.Client | None = None
        self._ends = 0.0
        self._token, self._token_ends = "", 0.0
        self.requests = 0
        self.scopes: frozenset[str] | None = None

    def start(self) -> None:
        """From now on the deadline of one feed counts."""
        self._ends = time.monotonic() + self._timeout_s

    def close(self) -> None:
        """Give back the connection; the next question makes another."""
        if self._http is not None:
            self._http.close()
            self._http = None

    def get(self, url: str, what: str, asked: str) -> Mapping[str, Any]:
        """The resource at ``url``. ``what``: the step that asks, ``asked``: the type of resource, both for people.

        Raises:
            SourceUnavailable, SourceRefused, SourceChanged: as ``Connector.read``.
        """
        if origin(url) != origin(self._fhir.base_url):
            raise SourceChanged(f"{what}: {asked}: the source leads to another server, which is not asked")
        reply = self._send("GET", url, what, headers=self._headers(what))
        if reply.status == 401 and self._secrets:  # a token may end before its time
            self._token_ends = 0.0
            reply = self._send("GET", url, what, headers=self._headers(what))
        if reply.status != 200:
            raise _refusal(reply, what, asked)
        if not isinstance(reply.content, dict):
            raise SourceUnavailable(f"{what}: {asked}: the answer is no JSON, or broke off")
        return reply.content

    def sign_in(self, what: str) -> None:
        """Have a token, if the server wants one.

        Raises:
            SourceUnavailable, SourceRefused: it is not to be had.
        """
        if self._secrets is None or self._fhir.token_url is None or time.monotonic() < self._token_ends:
            return
        form = {"grant_type": "client_credentials"} | ({"scope": self._fhir.scope} if self._fhir.scope else {})
        auth = None
        if self._fhir.client_auth == "basic":
            # encoded as a form's values are, before they become a header (RFC 6749, 2.3.1)
            auth = httpx.BasicAuth(
                *(quote(one, safe="") for one in (self._secrets.client_id, self._secrets.client_secret))
            )
        else:
            form |= {"client_id": self._secrets.client_id, "client_secret": self._secrets.client_secret}
        reply = self._send("POST", self._fhir.token_url, f"{what}: token", data=form, auth=auth)
        if reply.status in (400, 401, 403):
            raise SourceRefused(f"{what}: the token was refused (status {reply.status})")
        token = text_at(reply.content, "access_token")
        if reply.status != 200 or token is None or not token.isascii() or not token.isprintable():
            raise SourceUnavailable(f"{what}: no token was given (status {reply.status})")
        lasts = reply.content.get("expires_in")
        lasts = float(lasts) if isinstance(lasts, int | float) and lasts > 0 else UNSAID_S
        self._token, self._token_ends = token, time.monotonic() + max(lasts - EARLY_S, lasts * 0.9 - EARLY_S / 10)
        scope = text_at(reply.content, "scope")
        self.scopes = frozenset(scope.split()) if scope else None

    def _headers(self, what: str) -> dict[str, str]:
        self.sign_in(what)
        headers = {"Accept": "application/fhir+json", "Prefer": "handling=strict"}
        return headers | ({"Authorization": f"Bearer {self._token}"} if self._secrets else {})

    def _connected(self) -> httpx.Client:
        if self._http is None:
            believed = ssl.create_default_context(cafile=self._fhir.ca_file)
            limits = httpx.Limits(max_connections=1, max_keepalive_connections=1)
            self._http = httpx.Client(verify=believed, trust_env=False, limits=limits, transport=self._transport)
        return self._http

    def _left(self, what: str) -> float:
        if (left := self._ends - time.monotonic()) > 0:
            return left
        raise SourceUnavailable(f"{what}: the answer did not arrive within {self._timeout_s:g} s")

    def _send(self, method: str, url: str, what: str, **how: Any) -> Reply:
        """The reply, asked for again while what went wrong may pass."""
        for tried in range(self._fhir.retries + 1):
            wait = FIRST_WAIT_S * 2**tried
            try:
                reply, after = self._once(method, url, what, how)
            except httpx.TransportError as error:
                failed = SourceUnavailable(f"{what}: {_broken(error)}")
                if isinstance(error.__cause__, ssl.SSLError) or "CERTIFICATE" in str(error):
                    raise failed from None
            except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
                raise SourceUnavailable(f"{what}: the answer cannot be read ({type(error).__name__})") from None
            else:
                if reply.status not in PASSING:
                    return reply
                failed = SourceUnavailable(f"{what}: the source is busy (status {reply.status})")
                wait = wait if after is None else after
            if tried == self._fhir.retries:
                raise failed from None
            if wait >= self._left(what):
                raise SourceUnavailable(
                    f"{failed}, and to be asked again in {wait:.0f} s, after the deadline"
                ) from None
            self._sleep(wait)
        raise AssertionError("unreachable")

    def _once(self, method: str, url: str, what: str, how: Mapping[str, Any]) -> tuple[Reply, float | None]:
        left = self._left(what)
        self.requests += 1
        timeout = httpx.Timeout(left, connect=min(left, LOGIN_S))
        body = bytearray()
        with self._connected().stream(method, url, timeout=timeout, **how) as response:
            for chunk in response.iter_bytes():
                body += chunk
                self._left(what)
                if len(body) > MOST_BYTES:
                    raise SourceUnavailable(f"{what}: a page of more than {MOST_BYTES >> 20} MiB")
        return Reply(response.status_code, _json(bytes(body))), retry_after(response.headers)


def origin(url: str) -> tuple[str, str | None, int | None]:
    """Scheme, host and port; no URL has none of ours."""
    try:
        parts = urlsplit(url)
        return parts.scheme, parts.hostname, parts.port or {"http": 80, "https": 443}.get(parts.scheme)
    except ValueError:
        return "", None, None


def retry_after(headers: httpx.Headers) -> float | None:
    """Seconds that the server asks to wait: as it says, or until a time by its own clock; None if it asks nothing."""
    said = headers.get("Retry-After", "").strip()
    if said.isdigit():
        return float(said)
    try:
        until, now = parsedate_to_datetime(said), parsedate_to_datetime(headers.get("Date", ""))
        return max((until - now).total_seconds(), 0.0)
    except (ValueError, TypeError):
        return None


def _json(body: bytes) -> Any:
    try:
        return json.loads(body, parse_constant=_no_number)
    except (ValueError, RecursionError):
        return None


def _no_number(_: str) -> Any:
    raise ValueError("not JSON")


def _broken(error: httpx.TransportError) -> str:
    name = type(error).__name__
    if "CERTIFICATE" in str(error):
        return f"the server's certificate cannot be verified ({name}); ca_file names whom to believe"
    return (
        f"the server did not answer in time ({name})"
        if isinstance(error, httpx.TimeoutException)
        else (f"the server cannot be reached, or broke off ({name})")
    )


def _refusal(reply: Reply, what: str, asked: str) -> SourceError:
    """What a status that is no answer means; of the server's own words only its codes are told."""
    issues = {code for one in each(reply.content, "issue") if (code := text_at(one, "code"))}
    label = " ".join([f"status {reply.status}", *sorted(issues & ISSUES)])
    match reply.status:
        case 401:
            return SourceRefused(f"{what}: the source refused the token ({label})")
        case 403:
            return SourceUnavailable(f"{what}: the client may not read {asked} ({label})")
        case 404 | 410:
            return SourceChanged(f"{what}: the source has no {asked} ({label})")
        case 400 | 405 | 406 | 422:
            return SourceChanged(f"{what}: the source does not take the search for {asked} ({label})")
    failed = "sends us elsewhere, where nobody is asked" if 300 <= reply.status < 400 else "failed"
    return SourceUnavailable(f"{what}: {asked}: the source {failed} ({label})")
