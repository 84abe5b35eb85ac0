"""``surveillance replay``: a recorded hospital plays again on its own clock, or shows one instant and ends."""

from __future__ import annotations

import argparse

from surveillance.app import Beside, Running, serve_until_told
from surveillance.cli import PORT
from surveillance.commands.demo import HOST
from surveillance.commands.snapshot import print_json, snapshot_of
from surveillance.hub import Hub
from surveillance.opening import open_site
from surveillance.polling.clock import hospital_clock
from surveillance.replay import prepare


def run(asked: argparse.Namespace) -> int:
    """Print the instant's snapshot, or serve from it on."""
    if asked.once:
        opened = open_site(prepare(asked.data, asked.folder, as_at=asked.as_at, speed=asked.speed))
        clock = opened.settings.clock
        print_json(snapshot_of(opened, clock.start if clock else hospital_clock(opened.settings)()))
        return 0
    hub = Hub()
    hub.stage("the recorded hospital is being loaded")

    def begin(beside: Beside) -> Running:
        config = prepare(asked.data, asked.folder, as_at=asked.as_at, speed=asked.speed)
        return Running(open_site(config), hub, beside)

    return serve_until_told(hub, HOST, asked.port or PORT, begin)
