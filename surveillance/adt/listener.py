"""MLLP senders are heard in a thread of its own; nobody who connects can hold it up, fill it, or make it talk.

MLLP knows no password: who may connect is decided by address, and by certificate where TLS is configured.
"""

from __future__ import annotations

import asyncio
import logging
import socket
import ssl
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime
from functools import partial
from ipaddress import IPv6Address, ip_address
from typing import Any

from surveillance.adt.census import Census
from surveillance.adt.framing import Frames, TooLong, framed
from surveillance.adt.heard import Heard, Tally
from surveillance.adt.intake import Clock, Intake
from surveillance.adt.message import SEGMENT_SEQUENCE
from surveillance.adt.stored import Stored
from surveillance.errors import ConfigurationError, MessageRefused
from surveillance.feeds.data import FeedData
from surveillance.hub import Hub
from surveillance.polling.composer import Composer
from surveillance.polling.guarded import guarded
from surveillance.settings import Adt, Settings
from surveillance.store.database import Database

log = logging.getLogger(__name__)

PIECE = 65536
MOST_OUTSIDE = 4096
"""Bytes outside of messages after which a connection is no MLLP."""
WAKES_EVERY_S = 2.0
"""Messages that come within so many seconds make one snapshot."""
HANDSHAKE_S = 10.0
CLOSE_WAIT_S = 3.0


class Listener:
    """Listens from its making until ``close``. ``census``: what messages change.

    ``open_it``: opens the store as the role that polls. ``words``: a point of care in the sender's words → ward.
    ``clocks``: the hospital's and the real one. ``wake``: called when the census has changed. ``tell``: is given the
    counts.
    """

    def __init__(
        self,
        settings: Settings,
        open_it: Callable[[], Database],
        words: Mapping[str, str],
        clocks: tuple[Clock, Clock],
        wake: Callable[[], None],
        tell: Callable[[Heard], None],
    ) -> None:
        """Binds the port; messages are answered as soon as the thread runs.

        Raises:
            ConfigurationError: nobody can listen there, or the certificate cannot be used.
        """
        assert settings.adt is not None, "there is a table [adt]"
        self._adt = settings.adt
        self._wake, self._tell = wake, tell
        self._tally = Tally(clocks[0](), self._adt.quiet_after_min)
        self._storing = ThreadPoolExecutor(1, "ADT messages")
        self._stored = Stored(open_it)
        self.census = Census(settings, words, self._tally, self._forget)
        self._intake = Intake(settings, self._stored, self.census, self._tally, clocks, self._changed)
        self._tls = tls_of(self._adt)
        self._socket = bound(self._adt)
        self.port: int = self._socket.getsockname()[1]
        self._loop = asyncio.new_event_loop()
        self._loop.set_exception_handler(_only_its_kind)
        self._stop = asyncio.Event()
        self._talks: set[asyncio.Task[None]] = set()
        self._woken = float("-inf")
        self._waking: asyncio.TimerHandle | None = None
        self._tell(self._tally.heard())
        self._thread = threading.Thread(target=self._run, name="ADT listener", daemon=True)
        self._thread.start()

    def amended(self, feeds: Mapping[str, FeedData], now: datetime) -> dict[str, FeedData]:
        """``feeds`` with the messages put over them; as they are if that fails, which is said."""
        found = dict(feeds)
        if words := guarded("ADT messages", lambda: found.update(self.census.amended(feeds, now))):
            self._tally.held_back(words)
        self._tell(self._tally.heard())
        return found

    def close(self) -> None:
        """Hear nothing more; a message that is being stored is still acknowledged or not, never half."""
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(CLOSE_WAIT_S)
        self._storing.submit(self._stored.close)
        self._storing.shutdown(wait=False)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_until_complete(self._listen())
        finally:
            self._loop.close()

    async def _listen(self) -> None:
        await self._loop.run_in_executor(self._storing, self._intake.begin)
        server = await asyncio.start_server(
            self._connected,
            sock=self._socket,
            ssl=self._tls,
            ssl_handshake_timeout=HANDSHAKE_S if self._tls else None,
        )
        await self._stop.wait()
        server.close()
        for talk in tuple(self._talks):
            talk.cancel()
        await asyncio.gather(*self._talks, return_exceptions=True)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        talk = asyncio.current_task()
        assert talk is not None, "a connection is served by a task"
        why = ""
        if not self._may_connect(writer):
            why = "an address that is not allowed"
        elif len(self._talks) >= self._adt.max_connections:
            why = "too many connections"
        else:
            self._talks.add(talk)
        self._tally.put("connections", len(self._talks))
        try:
            why = why or await self._talk(reader, writer)
        except (OSError, asyncio.CancelledError):
            why = ""  # gone, or told to end
        finally:
            self._talks.discard(talk)
            self._tally.put("connections", len(self._talks))
            if why:
                self._tally.add("turned_away", reason=why)
            self._tell(self._tally.heard())
            writer.transport.abort() if why else writer.close()

    def _may_connect(self, writer: asyncio.StreamWriter) -> bool:
        peer = ip_address(writer.get_extra_info("peername")[0].partition("%")[0])
        if isinstance(peer, IPv6Address) and peer.ipv4_mapped:
            peer = peer.ipv4_mapped
        return any(peer in network for network in self._adt.allowed)

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> str:
        """Answer message after message; returns why the connection is ended, empty if the sender ended it."""
        frames, ends = Frames(self._adt.max_kb * 1024), float("inf")
        while True:
            waits = min(self._adt.idle_s, ends - self._loop.time())
            try:
                async with asyncio.timeout(max(waits, 0)):
                    data = await reader.read(PIECE)
            except TimeoutError:
                self._tally.add("broken", int(frames.in_a_message))
                return "a message that did not end" if frames.in_a_message else "nothing came for too long"
            if not data:
                self._tally.add("broken", int(frames.in_a_message))
                return ""
            outside, broken = frames.outside, frames.broken
            try:
                blocks = frames.feed(data)
            except TooLong as error:
                words = MessageRefused(SEGMENT_SEQUENCE, "the message", f"is longer than {self._adt.max_kb} kB")
                refuse = partial(self._intake.refusal, error.begun, words)
                await self._send(writer, await self._loop.run_in_executor(self._storing, refuse))
                return "a message that is too long"
            self._tally.add("outside", frames.outside - outside)
            self._tally.add("broken", frames.broken - broken)
            if frames.outside > MOST_OUTSIDE:
                return "what it sends is no MLLP"
            if not frames.in_a_message:
                ends = float("inf")
            elif blocks or ends == float("inf"):
                ends = self._loop.time() + self._adt.message_s
            for block in blocks:
                answer = await asyncio.shield(self._loop.run_in_executor(self._storing, self._intake.answer, block))
                self._tell(self._tally.heard())
                if not await self._send(writer, answer):
                    return "acknowledgements are not read"

    async def _send(self, writer: asyncio.StreamWriter, answer: bytes) -> bool:
        writer.write(framed(answer))
        try:
            async with asyncio.timeout(self._adt.message_s):
                await writer.drain()
        except TimeoutError:
            return False
        return True

    def _changed(self) -> None:
        """From any thread: let there be a snapshot soon, but not one for each message."""
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._wake_soon)

    def _wake_soon(self) -> None:
        if self._waking is None:
            self._waking = self._loop.call_at(max(self._woken + WAKES_EVERY_S, self._loop.time()), self._wake_now)

    def _wake_now(self) -> None:
        self._waking, self._woken = None, self._loop.time()
        self._wake()

    def _forget(self, keys: frozenset[str]) -> None:
        with suppress(RuntimeError):  # the listener is closed: the next run forgets them
            self._storing.submit(self._stored.forget, keys)


def listener_of(
    settings: Settings,
    words: Mapping[str, str],
    open_it: Callable[[], Database],
    clocks: tuple[Clock, Clock],
    into: tuple[Composer, Hub],
) -> Listener | None:
    """The listener that keeps what ``into`` makes current; None where the site has none. Other words as ``Listener``.

    Raises:
        ConfigurationError: as ``Listener``.
    """
    if settings.adt is None:
        return None
    composer, hub = into
    listener = Listener(settings, open_it, words, clocks, composer.wake, hub.adt)
    composer.amended = listener.amended
    return listener


def tls_of(adt: Adt) -> ssl.SSLContext | None:
    """What TLS needs; None where the messages come in the clear.

    Raises:
        ConfigurationError: naming the key of what cannot be used.
    """
    if adt.tls_cert is None or adt.tls_key is None:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_cert_chain(adt.tls_cert, adt.tls_key)
    except (OSError, ssl.SSLError) as error:
        raise ConfigurationError(f"adt.tls_cert, adt.tls_key: {error.strerror or 'cannot be used'}") from None
    if adt.tls_client_ca:
        try:
            context.load_verify_locations(adt.tls_client_ca)
        except (OSError, ssl.SSLError) as error:
            raise ConfigurationError(f"adt.tls_client_ca: {error.strerror or 'cannot be used'}") from None
        context.verify_mode = ssl.CERT_REQUIRED
    return context


def bound(adt: Adt) -> socket.socket:
    """The socket on which messages are heard; port 0 is any free one.

    Raises:
        ConfigurationError: nobody can listen there.
    """
    try:
        family = socket.AF_INET6 if ":" in adt.host else socket.AF_INET
        opened = socket.create_server((adt.host, adt.port), family=family)
    except OSError as error:
        raise ConfigurationError(f"adt: cannot listen on {adt.host}:{adt.port}: {error.strerror}") from None
    opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return opened


def _only_its_kind(_loop: asyncio.AbstractEventLoop, context: Mapping[str, Any]) -> None:
    """An unforeseen error may quote a message: its kind cannot."""
    log.error("ADT listener: internal error %s", type(context.get("exception")).__name__)
