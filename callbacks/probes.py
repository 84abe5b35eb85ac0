"""What supervisors ask: is the process alive, does it show something true, and the numbers behind that."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from callbacks.screens import Screens, screen_lines
from surveillance.adt.heard import Heard
from surveillance.hub import Hub, Seen

READY_WITHIN_S = 60.0
"""A snapshot is made every 15 s at most; one older than this means that none are made any more."""
METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class Probes:
    """Each method answers a request from what the hub holds."""

    def __init__(self, hub: Hub, screens: Screens, build: str) -> None:
        self._hub = hub
        self._registry = CollectorRegistry()
        self._registry.register(HubNumbers(hub, screens, build))

    async def alive(self, _request: Request) -> Response:
        """The process answers."""
        return PlainTextResponse("ok\n", headers={"Cache-Control": "no-store"})

    async def ready(self, _request: Request) -> Response:
        """Whether there is a recent snapshot and it is kept; otherwise why not."""
        reasons = unready(self._hub.look())
        headers = {"Cache-Control": "no-store"}
        return JSONResponse({"ready": not reasons, "reasons": reasons}, 503 if reasons else 200, headers)

    async def metrics(self, _request: Request) -> Response:
        """Numbers for Prometheus."""
        return Response(generate_latest(self._registry), media_type=METRICS_TYPE)


def unready(seen: Seen) -> list[str]:
    """Why the display cannot be relied on; empty if it can."""
    reasons = [f"{part}: {words}" for part, words in seen.faults.items()]
    if seen.age_s is None:
        reasons.append(f"no snapshot yet: {seen.stage}")
    elif seen.age_s > READY_WITHIN_S:
        reasons.append(f"the newest snapshot was made {seen.age_s:.0f} s ago")
    return reasons


class HubNumbers(Collector):
    """The state of every feed and of the snapshot, read when Prometheus asks; no label holds a patient."""

    def __init__(self, hub: Hub, screens: Screens, build: str) -> None:
        self._hub = hub
        self._screens = screens
        self._build = build

    def collect(self) -> Iterator[Metric]:
        """The numbers as they stand."""
        seen = self._hub.look()
        yield GaugeMetricFamily("surveillance_ready", "1 if /readyz answers 200", value=float(not unready(seen)))
        yield GaugeMetricFamily(
            "surveillance_store_up", "1 if the store works", value=float("store" not in seen.faults)
        )
        if seen.settings:
            up = GaugeMetricFamily("surveillance_screen_up", "1 if the screen reports live figures", labels=("screen",))
            for line in screen_lines(seen.settings, self._screens, self._build):
                up.add_metric((line.name,), float(line.state == "up"))
            yield up
        if seen.adt:
            yield from adt_numbers(seen.adt, seen.now)
        if seen.frame is None:
            return
        yield GaugeMetricFamily("surveillance_snapshot_age_seconds", "since it was published", value=seen.age_s)
        yield GaugeMetricFamily("surveillance_compose_seconds", "time to work it out", value=seen.frame.compose_s)
        yield from self._feeds(seen)

    def _feeds(self, seen: Seen) -> Iterator[Metric]:
        labels = ("source", "feed")
        up = GaugeMetricFamily("surveillance_feed_up", "1 if its data is current", labels=labels)
        age = GaugeMetricFamily("surveillance_feed_age_seconds", "since its data was true", labels=labels)
        rows = GaugeMetricFamily("surveillance_feed_rows", "accepted by the last poll", labels=labels)
        rejected = GaugeMetricFamily("surveillance_feed_rejected_rows", "by the last poll", labels=(*labels, "reason"))
        took = GaugeMetricFamily("surveillance_feed_poll_seconds", "duration of the last poll", labels=labels)
        for one in seen.frame.snapshot.sources if seen.frame else ():
            names = (one.source, one.feed)
            up.add_metric(names, float(one.state == "current"))
            if one.as_at:
                age.add_metric(names, (seen.now - one.as_at).total_seconds())
            if one.rows is not None:
                rows.add_metric(names, one.rows)
            if one.duration_s is not None:
                took.add_metric(names, one.duration_s)
            for reason, number in one.rejected.items():
                rejected.add_metric((*names, reason), number)
        yield from (up, age, rows, rejected, took)


def adt_numbers(heard: Heard, now: datetime) -> Iterator[Metric]:
    """What was heard of ADT messages, by what became of them and by reason."""
    messages = CounterMetricFamily(
        "surveillance_adt_messages_total", "by what became of them", labels=("outcome", "reason")
    )
    for outcome in ("stored", "again", "failed", "broken", "late", "unknown", "elsewhere"):
        messages.add_metric((outcome, ""), getattr(heard, outcome))
    for outcome in ("ignored", "refused"):
        for reason, number in getattr(heard, outcome).items():
            messages.add_metric((outcome, reason), number)
    yield messages
    disagreed = CounterMetricFamily(
        "surveillance_adt_disagreed_patients_total", "whom a poll placed otherwise than messages", labels=("kind",)
    )
    for kind, number in heard.disagreed.items():
        disagreed.add_metric((kind,), number)
    yield disagreed
    silent = (now - (heard.last or heard.since)).total_seconds()
    yield GaugeMetricFamily("surveillance_adt_silent_seconds", "since a message was heard", value=silent)
    yield GaugeMetricFamily("surveillance_adt_quiet", "1 if that is too long", value=float(heard.quiet_min(now) > 0))
    yield GaugeMetricFamily("surveillance_adt_waiting", "stored, and settled by no poll yet", value=heard.waiting)
    yield GaugeMetricFamily("surveillance_adt_applied", "0 while they are held back", value=float(not heard.held_back))
    yield GaugeMetricFamily("surveillance_adt_connections", "of senders", value=heard.connections)
