"""``surveillance run``: a hospital's sources are polled and its wards served until the process is told to end."""

from __future__ import annotations

import argparse

from surveillance.app import Running, serve_until_told
from surveillance.hub import Hub
from surveillance.opening import open_site


def run(asked: argparse.Namespace) -> int:
    """Start, serve, stop."""
    opened = open_site(asked.config)
    hub = Hub()
    web = opened.settings.web
    return serve_until_told(
        hub, asked.host or web.host, asked.port or web.port, lambda screens: Running(opened, hub, screens)
    )
