"""A source in a process of its own: what is late ends, heals alone, and leaves nothing behind; on a real PostgreSQL."""

from __future__ import annotations

import itertools
import os
import signal
import socket
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path

import psutil
import pytest

from surveillance.errors import SourceUnavailable
from surveillance.feeds.data import FeedData, FeedState
from surveillance.opening import open_site
from surveillance.polling.apart import SourceApart
from surveillance.polling.process import MOST_LATE
from surveillance.usage import Used
from tests import postgres
from tests.programs import answers, free_port, program, until
from tests.small_hospital import AS_AT, small_hospital

NUMBERS = itertools.count()
OURS = "application_name = 'ward-safety-surveillance'"
FEEDS = ("spell", "ward_stay", "discharge_plan")
HOUR = timedelta(hours=1)


def hospital(folder: Path, url: str = "", interval_s: int = 1, heartbeat: str = "", **budget: int) -> Path:
    """The small hospital, with little patience. ``url``: of another database that holds it; ``heartbeat``: a query."""
    config = small_hospital(folder)
    quick = f'url_file = "pas.url"\ntimeout_s = 1\ninterval_s = {interval_s}\nstale_after_s = 60\n'
    quick += "".join(f"budget.{name} = {number}\n" for name, number in budget.items())
    if heartbeat:
        quick += 'pack = "./pas"\n'
        pack = folder / "pas"
        pack.mkdir()
        (pack / "pack.toml").write_text('name = "pas"\ntitle = "PAS"\nheartbeat = "heartbeat.sql"\n[feeds]\n', "utf-8")
        (pack / "heartbeat.sql").write_text(heartbeat, "utf-8")
    config.write_text(config.read_text("utf-8").replace('url_file = "pas.url"\n', quick), "utf-8")
    if url:
        (folder / "pas.url").write_text(url, "utf-8")
    return config


def own_folder(folder: Path) -> Path:
    """Where no hospital stands yet."""
    beside = folder / "beside"
    beside.mkdir()
    return beside


@contextmanager
def apart(config: Path) -> Iterator[SourceApart]:
    opened = open_site(config)
    source = SourceApart(opened.readers[0], config, opened.settings)
    yield source
    source.close()


@pytest.fixture
def database(server: postgres.Cluster, tmp_path: Path) -> Iterator[str]:
    """A database that holds the small hospital; ``tmp_path`` has its configuration."""
    name = f"apart_{next(NUMBERS)}"
    server.create_database(name)
    hospital(tmp_path, server.url(name))
    with closing(sqlite3.connect(tmp_path / "pas.sqlite")) as file:
        statements = [line for line in file.iterdump() if line.startswith(("CREATE", "INSERT"))]
    server.run("\n".join(statements), name)
    yield name
    server.drop_database(name)


def states(found: list[FeedData]) -> dict[str, FeedState]:
    return {data.feed: data.state for data in found}


def backends(server: postgres.Cluster, database: str) -> list[int]:
    """Our connections, as the server counts them."""
    found = server.run(f"select pid from pg_stat_activity where {OURS} and datname = '{database}'")
    return [int(line) for line in found.split()]


@contextmanager
def stopped(server: postgres.Cluster, database: str) -> Iterator[None]:
    """The server's process that answers us does not go on."""
    (one,) = backends(server, database)
    os.kill(one, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(one, signal.SIGCONT)


def test_it_gives_what_the_same_process_would_give(database: str, tmp_path: Path) -> None:
    (reader,) = open_site(tmp_path / "hospital.toml").readers
    here = reader.poll(AS_AT)
    reader.close()
    with apart(tmp_path / "hospital.toml") as source:
        there = source.poll(AS_AT)
        assert source.knock(AS_AT)
    assert states(there) == dict.fromkeys(FEEDS, FeedState.CURRENT)
    for ours, theirs in zip(here, there, strict=True):
        assert ours.frame is not None
        assert theirs.frame is not None
        assert ours.frame.equals(theirs.frame)
        assert (ours.feed, ours.as_at, ours.rejected) == (theirs.feed, theirs.as_at, theirs.rejected)


def test_a_query_that_never_ends_costs_its_own_feed_alone_and_heals_by_itself(
    server: postgres.Cluster, database: str, tmp_path: Path
) -> None:
    """The server's process is stopped in the middle: no time-out of the driver or the server ends that."""
    with apart(tmp_path / "hospital.toml") as source:
        assert set(states(source.poll(AS_AT)).values()) == {FeedState.CURRENT}
        with stopped(server, database):
            found = source.poll(AS_AT)
        late, *others = found
        assert late.state is FeedState.UNAVAILABLE
        assert late.frame is None
        assert "ran past its deadline of 1 s and its process was ended" in late.error
        assert {data.state for data in others} == {FeedState.CURRENT}
        assert source.ended == 1
        assert "not asked for" in source.poll(AS_AT)[0].error, "what hung is not asked again at once"
        until(lambda: len(backends(server, database)) == 1)
        until(lambda: states(source.poll(AS_AT)) == dict.fromkeys(FEEDS, FeedState.CURRENT))
        assert source.ended == 1


def test_a_heartbeat_that_never_comes_costs_no_feed_but_says_nothing_of_its_age(
    server: postgres.Cluster, database: str, tmp_path: Path
) -> None:
    config = hospital(own_folder(tmp_path), server.url(database), heartbeat="SELECT max(arrived) FROM visits")
    with apart(config) as source:
        before = source.poll(AS_AT)
        assert set(states(before).values()) == {FeedState.CURRENT}
        with stopped(server, database):
            found = source.poll(AS_AT + HOUR)
        assert set(states(found).values()) == {FeedState.CURRENT}
        assert [data.as_at for data in found] == [data.as_at for data in before], "no newer than it was known to be"
        assert "heartbeat was late" in found[0].error
        assert source.ended == 1
        assert set(states(source.poll(AS_AT)).values()) == {FeedState.CURRENT}, "no feed rests for it"


def test_a_source_whose_heartbeat_hangs_from_the_start_shows_nothing(
    server: postgres.Cluster, database: str, tmp_path: Path
) -> None:
    config = hospital(
        own_folder(tmp_path), server.url(database), heartbeat="SELECT max(arrived) FROM visits, pg_sleep(60)"
    )
    with apart(config) as source:
        found = source.poll(AS_AT)
    assert set(states(found).values()) == {FeedState.UNAVAILABLE}
    assert "how old its data is cannot be told" in found[0].error


@contextmanager
def mute() -> Iterator[tuple[int, list[socket.socket]]]:
    """A port at which somebody takes every call and says nothing; the calls so far."""
    calls: list[socket.socket] = []
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def take() -> None:
            while True:
                try:
                    calls.append(listening.accept()[0])
                except OSError:
                    return

        threading.Thread(target=take, daemon=True).start()
        yield listening.getsockname()[1], calls
        listening.shutdown(socket.SHUT_RDWR)
    for call in calls:
        call.close()


def test_a_server_that_takes_the_call_and_says_nothing_is_not_called_by_every_feed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("surveillance.polling.apart.LONGEST_KNOCK_S", 0.2)
    with mute() as (port, calls):
        config = hospital(tmp_path, f"postgresql+psycopg://ward@127.0.0.1:{port}/ward")
        with apart(config) as source:
            found = source.poll(AS_AT)
            assert states(found) == dict.fromkeys(FEEDS, FeedState.UNAVAILABLE)
            assert found[2].error.endswith("not asked, because feed spell and feed ward_stay ran late")
            assert [("not asked" in data.error) for data in found] == [False, False, True]
            assert len(calls) <= MOST_LATE
            with pytest.raises(SourceUnavailable, match=r"past its deadline of 0\.2 s"):
                source.knock(AS_AT)


def test_a_process_that_dies_is_started_again(database: str, tmp_path: Path) -> None:
    with apart(tmp_path / "hospital.toml") as source:
        source.poll(AS_AT)
        (child,) = [one for one in psutil.Process().children(recursive=True) if is_worker(one)]
        child.kill()
        until(lambda: not child.is_running() or child.status() == psutil.STATUS_ZOMBIE)
        assert states(source.poll(AS_AT)) == dict.fromkeys(FEEDS, FeedState.CURRENT)


def test_a_source_that_is_left_alone_has_no_connection(server: postgres.Cluster, database: str, tmp_path: Path) -> None:
    with apart(tmp_path / "hospital.toml") as source:
        source.poll(AS_AT)
        assert len(backends(server, database)) == 1
        source.rest()
        until(lambda: not backends(server, database))
        assert source.ended == 0
        assert states(source.poll(AS_AT)) == dict.fromkeys(FEEDS, FeedState.CURRENT)


def test_a_refused_password_is_told_as_that(server: postgres.Cluster, database: str, tmp_path: Path) -> None:
    (tmp_path / "pas.url").write_text(server.url(database, login="reader:wrong"), "utf-8")
    with apart(tmp_path / "hospital.toml") as source:
        assert states(source.poll(AS_AT)) == dict.fromkeys(FEEDS, FeedState.REFUSED)


def test_a_source_whose_budget_is_spent_is_left_alone_and_status_may_say_what_was_used(tmp_path: Path) -> None:
    config, told = hospital(tmp_path, interval_s=3600, queries_per_h=6), list[Used]()
    (source,) = open_site(config).apart(lambda _, used: told.append(used))
    assert set(states(source.poll(AS_AT)).values()) == {FeedState.CURRENT}
    found = source.poll(AS_AT)
    assert set(states(found).values()) == {FeedState.UNAVAILABLE}
    assert found[0].error.endswith("feed spell: not asked: the budget of 6 queries an hour is spent")
    with pytest.raises(SourceUnavailable, match="knock: not asked"):
        source.knock(AS_AT)
    source.close()
    assert [(used.queries, used.ended) for used in told] == [(3, 0), (3, 0)]
    assert 0 < told[0].seconds < 1


def test_an_answer_with_more_rows_than_its_budget_is_no_answer(tmp_path: Path) -> None:
    with apart(hospital(tmp_path, interval_s=3600, rows_per_query=3)) as source:
        found = source.poll(AS_AT)
    assert set(states(found).values()) == {FeedState.UNAVAILABLE}
    assert found[0].error.endswith("feed spell: more rows than the 3 of its budget")
    assert found[0].rows is None


def is_worker(process: psutil.Process) -> bool:
    """One that was forked to ask a source; its parent, which forks them, is none."""
    parent = process.parent()
    return bool(parent and "forkserver" in " ".join(parent.cmdline()) and "forkserver" in " ".join(process.cmdline()))


def test_nothing_is_left_of_a_program_that_was_killed(tmp_path: Path) -> None:
    config = hospital(tmp_path)
    port = free_port()
    with program("run", "--config", config, "--port", port) as process:
        until(lambda: answers(f"http://127.0.0.1:{port}/readyz"), 60)
        family = psutil.Process(process.pid).children(recursive=True)
        assert any(is_worker(one) for one in family)
        os.kill(process.pid, signal.SIGKILL)
        until(lambda: not any(one.is_running() and one.status() != psutil.STATUS_ZOMBIE for one in family))
