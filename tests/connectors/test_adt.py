"""Senders on real sockets against the running listener and its store: nothing is acknowledged that is not kept."""

from __future__ import annotations

import itertools
import os
import random
import sqlite3
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from callbacks.screens import Screens
from surveillance.access.access import Access
from surveillance.adt.framing import framed
from surveillance.adt.heard import Disagreement, Heard
from surveillance.adt.listener import Listener
from surveillance.app import Beside, Running
from surveillance.current_lists import CurrentLists
from surveillance.errors import ConfigurationError
from surveillance.hub import Hub
from surveillance.opening import open_site
from surveillance.store import open_database
from surveillance.store.adt import AdtRow, kept
from tests import postgres
from tests.adt_messages import NAME, Sender, adt, code_of, event_of, sender
from tests.connectors.adt_server import now, settings_of
from tests.displays import served
from tests.programs import until
from tests.small_hospital import AS_AT, PATIENT, small_hospital

ROOT = Path(__file__).parents[2]
KILLS = 20 if os.environ.get("WALL_FAULTS") == "full" else 3
NUMBERS = itertools.count()


@pytest.fixture
def file_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'store.sqlite'}?timeout=0.2"


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, file_url: str) -> Iterator[str]:
    if request.param == "sqlite":
        yield file_url
        return
    server: postgres.Cluster = request.getfixturevalue("server")
    name = f"adt_{next(NUMBERS)}"
    server.create_database(name)
    yield server.url(name)
    server.drop_database(name)


class Site:
    """A listener that runs, and what it told."""

    def __init__(self, url: str, **changes: Any) -> None:
        self.url, self.wakes = url, 0
        self.heard = Heard(now(), 60)
        self.listener = Listener(
            settings_of(**changes), lambda: open_database(url), {}, (now, now), self._woken, self._told
        )
        self.port = self.listener.port

    def _woken(self) -> None:
        self.wakes += 1

    def _told(self, heard: Heard) -> None:
        self.heard = heard

    def stored(self) -> list[AdtRow]:
        return stored(self.url)


def stored(url: str) -> list[AdtRow]:
    database = open_database(url)
    try:
        with database.reading() as connection:
            return kept(connection)
    finally:
        database.close()


@contextmanager
def listening(url: str, **changes: Any) -> Iterator[Site]:
    site = Site(url, **changes)
    try:
        yield site
    finally:
        site.listener.close()


def moved(visit: str = "v1", ward: str = "B2", **more: Any) -> bytes:
    return adt("A02", visit, ward, now(), **more)


def test_a_message_is_kept_then_acknowledged_and_one_that_is_sent_again_is_kept_once(url: str) -> None:
    with listening(url) as site, sender(site.port) as pas:
        message = moved(control_id="77")
        assert [pas.send(message) for _ in range(3)] == ["AA"] * 3
        (row,) = site.stored()
        assert (row.control_id, row.event, row.content["spell_key"]) == ("77", "A02", "v1")
        assert NAME not in str(row)
        until(lambda: site.wakes)
        assert pas.send(adt("A31", at=now())) == "AA"
        assert pas.send(moved(visit="")) == "AR"
        heard = site.heard
        assert (heard.received, heard.stored, heard.again, heard.waiting, heard.connections) == (5, 1, 2, 1, 1)
        assert (heard.ignored, heard.refused) == ({"event A31": 1}, {"PV1-19: is empty": 1})
    with listening(url) as again:
        until(lambda: again.wakes)
        with sender(again.port) as pas:
            assert pas.send(message) == "AA"
        until(lambda: again.heard.again == 1)
        assert again.heard.waiting == 1


def test_while_the_store_is_away_the_sender_is_asked_to_send_again(tmp_path: Path, file_url: str) -> None:
    open_database(file_url).close()
    with closing(sqlite3.connect(tmp_path / "store.sqlite", isolation_level=None)) as other:
        other.execute("begin exclusive")
        with listening(file_url) as site, sender(site.port) as pas:
            message = moved()
            assert pas.send(message) == "AE"
            other.execute("rollback")
            assert pas.send(message) == "AA"
            other.execute("begin immediate")
            assert pas.send(moved("v2")) == "AE"
            other.execute("rollback")
            assert pas.send(message) == "AA"
            assert (len(site.stored()), site.heard.failed) == (1, 2)


def test_messages_in_one_piece_are_answered_one_by_one_and_half_ones_not(file_url: str) -> None:
    with listening(file_url) as site:
        with sender(site.port) as pas:
            messages = [moved(f"v{number}", control_id=str(number)) for number in range(5)]
            pas.socket.sendall(b"\r\n".join(map(framed, messages)) + b"\x0b" + messages[0][:40])
            answers = [b""]
            while len(answers) < 6:
                answers = b"".join([*answers[:1], pas.socket.recv(65536)]).split(b"\x1c\r")
                answers = [b"\x1c\r".join(answers)] if len(answers) < 6 else answers
            assert [one.split(b"MSA|AA|")[1].split(b"\r")[0] for one in answers[:5]] == [b"0", b"1", b"2", b"3", b"4"]
        until(lambda: site.heard.broken == 1)
        assert len(site.stored()) == 5
        with sender(site.port) as pas:
            assert pas.send(messages[0]) == "AA"


def test_two_senders_at_once_lose_nothing(file_url: str) -> None:
    codes: list[str] = []

    def talk(port: int, name: str) -> None:
        with sender(port) as pas:
            codes.extend(pas.send(moved(f"{name}-{number}")) for number in range(40))

    with listening(file_url) as site:
        threads = [threading.Thread(target=talk, args=(site.port, name)) for name in ("a", "b")]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        assert codes == ["AA"] * 80
        assert len({row.content["spell_key"] for row in site.stored()}) == 80
        assert site.wakes < 40, "a snapshot is not made for each message"


def garbage(pas: Sender) -> None:
    pas.socket.sendall(b"GET / HTTP/1.1\r\n" + b"x" * 5000)


def slow(pas: Sender) -> None:
    pas.socket.sendall(b"\x0bMSH|")
    for _ in range(40):
        time.sleep(0.02)
        try:
            pas.socket.sendall(b"|")
        except OSError:
            return


@pytest.mark.parametrize(
    ("does", "why", "changes"),
    [
        (garbage, "what it sends is no MLLP", {}),
        (slow, "a message that did not end", {"message_s": 0.3}),
        (lambda pas: None, "nothing came for too long", {"idle_s": 0.2}),
        (lambda pas: pas.socket.sendall(b"\x0b" + moved() + b"x" * 2000), "a message that is too long", {"max_kb": 1}),
        (lambda pas: None, "an address that is not allowed", {"allowed": ["10.0.0.0/8"]}),
    ],
)
def test_whoever_does_not_talk_as_a_sender_does_is_cut_off(
    file_url: str, does: Callable[[Sender], None], why: str, changes: dict[str, Any]
) -> None:
    with listening(file_url, **changes) as site:
        with sender(site.port) as pas:
            does(pas)
            answer = pas.heard()
            assert code_of(answer) == ("AR" if why == "a message that is too long" else "")
            assert pas.heard() == b""
        until(lambda: site.heard.turned_away == {why: 1})
        assert (site.heard.stored, site.heard.connections) == (0, 0)


def test_more_connections_than_allowed_are_turned_away_and_the_others_go_on(file_url: str) -> None:
    with listening(file_url, max_connections=1) as site, sender(site.port) as first:
        assert first.send(moved()) == "AA"
        with sender(site.port) as second:
            assert second.heard() == b""
        assert first.send(moved("v2")) == "AA"
        assert site.heard.turned_away == {"too many connections": 1}


def certificate(folder: Path, name: str) -> tuple[Path, Path]:
    key = ec.generate_private_key(ec.SECP256R1())
    named = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    made = (
        x509.CertificateBuilder()
        .subject_name(named)
        .issuer_name(named)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now() - timedelta(days=1))
        .not_valid_after(now() + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    (folder / f"{name}.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / f"{name}.key").write_bytes(private)
    return folder / f"{name}.pem", folder / f"{name}.key"


def test_with_tls_only_who_shows_a_certificate_is_heard(tmp_path: Path, file_url: str) -> None:
    ours, theirs = certificate(tmp_path, "display"), certificate(tmp_path, "pas")
    tls = {"tls_cert": ours[0], "tls_key": ours[1], "tls_client_ca": theirs[0]}
    with listening(file_url, **tls) as site:
        context = ssl.create_default_context(cafile=str(ours[0]))
        context.check_hostname = False
        with sender(site.port) as stranger:
            stranger.socket.settimeout(20)
            stranger.socket = context.wrap_socket(stranger.socket)  # TLS 1.3 tells who asks only afterwards
            with suppress(OSError):
                assert stranger.socket.recv(1) == b""
        context.load_cert_chain(*theirs)
        with sender(site.port) as pas:
            pas.socket = context.wrap_socket(pas.socket)
            assert pas.send(moved()) == "AA"
    with pytest.raises(ConfigurationError, match=r"adt\.tls_cert, adt\.tls_key: "):
        Site(file_url, tls_cert=ours[0], tls_key=theirs[1])


def test_nobody_listens_twice_on_a_port(file_url: str) -> None:
    with listening(file_url) as site, pytest.raises(ConfigurationError, match=r"adt: cannot listen on 127\.0\.0\.1:"):
        Site(file_url, port=site.port)


@contextmanager
def process(url: str, *words: str) -> Iterator[tuple[subprocess.Popen[str], int]]:
    command = [sys.executable, "-m", "tests.connectors.adt_server", url, *words]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        try:
            yield running, int(running.stdout.readline())
        finally:
            running.kill()


def test_a_program_killed_between_keeping_and_acknowledging_keeps_it_once(file_url: str) -> None:
    message = moved()
    with process(file_url, "dies") as (running, port), sender(port) as pas:
        assert pas.send(message) == ""
        assert running.wait(20) != 0
    assert len(stored(file_url)) == 1
    with listening(file_url) as site, sender(site.port) as pas:
        assert pas.send(message) == "AA"
        assert (len(site.stored()), site.heard.again) == (1, 1)


def test_whatever_was_acknowledged_before_a_kill_is_kept(file_url: str) -> None:
    chance, acknowledged, sent = random.Random(20261123), list[str](), dict[str, bytes]()
    for _ in range(KILLS):
        with process(file_url) as (running, port), sender(port) as pas:
            ends = threading.Timer(chance.uniform(0.05, 0.4), running.kill)
            ends.start()
            for key in [key for key in sent if key not in acknowledged] or [""]:
                while True:
                    message = sent.get(key) or moved(f"v{len(sent)}")
                    sent[event_of(message, now()).key] = message
                    try:
                        code = pas.send(message)
                    except OSError:
                        code = ""
                    if code != "AA":
                        break
                    acknowledged.append(event_of(message, now()).key)
                    key = ""
            ends.join()
        found = [row.key for row in stored(file_url)]
        assert len(found) == len(set(found))
        assert set(acknowledged) <= set(found) <= set(sent)
    assert len(acknowledged) > KILLS


MOVING = "start = 2026-11-23T12:00:00Z\nreal_start = {now:%Y-%m-%dT%H:%M:%S.%fZ}\nspeed = 1\n"


class Hospital:
    """The small hospital, which is polled when a test says so, and its display."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        config = small_hospital(folder)
        text = config.read_text("utf-8")
        clock = text[text.index("start = ") : text.index("[store]")]
        text = text.replace(clock, MOVING.format(now=datetime.now(UTC)) + "\n")
        text = text.replace('url_file = "pas.url"\n', 'url_file = "pas.url"\ninterval_s = 3600\n')
        text += '\n[adt]\nsource = "pas"\nport = 0\noverlap_s = 1\n'
        config.write_text(text, "utf-8")
        self.hub = Hub()
        self.running = Running(open_site(config), self.hub, Beside(Screens(), Access(), CurrentLists()))
        assert self.running._adt is not None
        self.port = self.running._adt.port

    def change(self, *statements: str) -> None:
        with closing(sqlite3.connect(self.folder / "pas.sqlite")) as source, source:
            for statement in statements:
                source.execute(statement)

    def poll(self) -> None:
        self.running.poller.resume("pas")

    def settle(self) -> None:
        """Poll until no message waits."""
        while self.heard.waiting:
            before = self.heard.disagreement
            self.poll()
            until(lambda before=before: self.heard.disagreement not in (None, before))

    def figures(self) -> list[tuple[str, Any]]:
        snapshot = self.hub.look().snapshot
        if snapshot is None:
            return []
        readings = [snapshot.readings[code]["patients_on_ward"] for code in ("A1", "B2", "C3")]
        return [(one.state.value, one.parts[0].value if one.parts else None) for one in readings]

    def shows(self, *numbers: int) -> bool:
        return self.figures() == [("value", number) for number in numbers]

    def true_at(self) -> datetime | None:
        snapshot = self.hub.look().snapshot
        assert snapshot is not None
        return snapshot.readings["A1"]["patients_on_ward"].as_at

    @property
    def heard(self) -> Heard:
        heard = self.hub.look().adt
        assert heard is not None
        return heard


@pytest.fixture
def hospital(tmp_path: Path) -> Iterator[Hospital]:
    made = Hospital(tmp_path)
    yield made
    made.running.close()


def test_between_polls_the_wards_follow_the_messages_and_at_a_poll_the_source(
    hospital: Hospital, caplog: pytest.LogCaptureFixture
) -> None:
    until(lambda: hospital.shows(3, 1, 0))
    polled = hospital.true_at()
    when = hospital.hub.look().now
    with sender(hospital.port) as pas:
        assert pas.send(adt("A01", "v9", "B2", when, patient="NEW-9")) == "AA"
        assert pas.send(adt("A02", "v1", "C3", when)) == "AA"
        assert pas.send(adt("A03", "v2", "A1", when)) == "AA"
        until(lambda: hospital.shows(1, 2, 1), 15)
        assert hospital.true_at() == polled, "it looks no younger than the poll"
        then = f"{when:%Y-%m-%d %H:%M:%S}"
        hospital.change(
            f"insert into visits values ('NEW-9', 'v9', '{then}')",
            f"insert into stays values ('s9', 'v9', 'B2', '{then}')",
            f"update stays set ward = 'C3', began = '{then}' where visit = 'v1'",
            "delete from visits where visit = 'v2'",
            "delete from stays where visit = 'v2'",
        )
        hospital.settle()
        assert hospital.heard.disagreement.patients == 0  # type: ignore[union-attr]
        until(lambda: hospital.shows(1, 2, 1))
        url = f"sqlite:///{hospital.folder / 'store.sqlite'}"
        until(lambda: stored(url) == [])

        assert pas.send(adt("A02", "v3", "B2", hospital.hub.look().now)) == "AA"
        until(lambda: hospital.shows(0, 3, 1), 15)
        assert {row.content["spell_key"] for row in stored(url)} == {"v3"}
        hospital.settle()
        until(lambda: hospital.shows(1, 2, 1))
        said = hospital.heard.disagreement
        assert said == Disagreement(said.at if said else AS_AT, other_ward=1)
    with served(hospital.hub) as address:
        status, metrics = (httpx.get(f"{address}/{page}").text for page in ("status", "metrics"))
    assert "1 on two different wards" in status
    assert 'surveillance_adt_disagreed_patients_total{kind="other_ward"} 1.0' in metrics
    assert 'surveillance_adt_messages_total{outcome="stored",reason=""} 4.0' in metrics
    until(lambda: stored(url) == [])
    for words in (NAME, PATIENT, "NEW-9"):
        assert words not in status + metrics + caplog.text


def test_while_the_source_is_away_messages_make_no_old_figure_new(hospital: Hospital) -> None:
    until(lambda: hospital.shows(3, 1, 0))
    polled = hospital.true_at()
    hospital.change("alter table stays rename to elsewhere")
    hospital.poll()
    until(lambda: hospital.figures() == [("stale", 3), ("stale", 1), ("stale", 0)])
    with sender(hospital.port) as pas:
        assert pas.send(adt("A02", "v1", "C3", hospital.hub.look().now)) == "AA"
    until(lambda: hospital.heard.waiting == 1)
    version = hospital.hub.look().frame.version  # type: ignore[union-attr]
    until(lambda: hospital.hub.look().frame.version > version)  # type: ignore[union-attr]
    assert hospital.figures() == [("stale", 3), ("stale", 1), ("stale", 0)]
    assert hospital.true_at() == polled
    hospital.change("alter table elsewhere rename to stays")
    hospital.settle()
    until(lambda: hospital.shows(3, 1, 0))
