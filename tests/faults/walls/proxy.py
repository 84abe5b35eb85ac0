"""A network between a screen and the program that can refuse, cut, or lose what is sent without a word."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from enum import Enum
from urllib.parse import urlsplit

REFUSAL = b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
PIECE = 65536


class Network(Enum):
    """What befalls a connection."""

    WORKS = "works"
    REFUSES = "every request is answered 503, and what was open is closed"
    CUT = "every connection is closed at once"
    LOSES = "connections stay open, nothing comes through, and what was lost stays lost"


class Proxy:
    """Everything runs in the loop of its own thread; ``becomes`` may be called by any."""

    def __init__(self, upstream: str) -> None:
        self.leads_to(upstream)
        self._network = Network.WORKS
        self._open: set[asyncio.StreamWriter] = set()
        self._handling: set[asyncio.Task[None]] = set()
        self._loop = asyncio.new_event_loop()
        self.address = ""
        self.asked: list[bytes] = []
        """The first line of every request that begins a connection."""

    def leads_to(self, upstream: str) -> None:
        """New connections go to this server."""
        there = urlsplit(upstream)
        self._upstream = (there.hostname or "", there.port or 80)

    def becomes(self, network: Network) -> None:
        """From now on this befalls every connection, those that are open too."""

        async def change() -> None:
            self._network = network
            if network in (Network.REFUSES, Network.CUT):
                for writer in tuple(self._open):
                    writer.close()

        asyncio.run_coroutine_threadsafe(change(), self._loop).result(10)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        self._handling.add(task)
        self._open.add(writer)
        with suppress(OSError, asyncio.IncompleteReadError):
            await self._handled(reader, writer)
        self._open.discard(writer)
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()
        self._handling.discard(task)

    async def _handled(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._network is Network.CUT:
            return
        if self._network is Network.LOSES:
            while await reader.read(PIECE):
                pass
            return
        first = await reader.readuntil(b"\r\n\r\n")
        self.asked.append(first.partition(b"\r\n")[0])
        if self._network is Network.REFUSES:
            writer.write(REFUSAL)
            await writer.drain()
            return
        there, to_there = await asyncio.open_connection(*self._upstream)
        self._open.add(to_there)
        to_there.write(first)
        ways = [asyncio.ensure_future(self._carry(reader, to_there)), asyncio.ensure_future(self._carry(there, writer))]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)
            self._open.discard(to_there)
            to_there.close()
            with suppress(OSError):
                await to_there.wait_closed()

    async def _carry(self, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        lost = False
        while piece := await source.read(PIECE):
            lost = lost or self._network is Network.LOSES
            if not lost:
                target.write(piece)
                await target.drain()

    async def _serve(self, ready: threading.Event, stop: asyncio.Event) -> None:
        server = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        self.address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        ready.set()
        await stop.wait()
        server.close()
        while self._handling:
            for writer in tuple(self._open):
                writer.close()
            await asyncio.wait(tuple(self._handling), timeout=0.1)

    @contextmanager
    def serving(self) -> Iterator[Proxy]:
        """Carry connections until the end."""
        ready, stop = threading.Event(), asyncio.Event()

        def run() -> None:
            self._loop.run_until_complete(self._serve(ready, stop))
            self._loop.close()

        thread = threading.Thread(target=run)
        thread.start()
        try:
            assert ready.wait(10)
            yield self
        finally:
            self._loop.call_soon_threadsafe(stop.set)
            thread.join(10)
