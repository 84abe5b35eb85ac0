"""``surveillance run``: a hospital's sources are polled and its wards served until the process is told to end."""

from __future__ import annotations

import argparse

from surveillance.access.listening import listening_faults
from surveillance.app import Running, serve_until_told
from surveillance.errors import ConfigurationError
from surveillance.hub import Hub
from surveillance.opening import open_site


def run(asked: argparse.Namespace) -> int:
    """Start, serve, stop."""
    opened = open_site(asked.config)
    hub = Hub()
    web = opened.settings.web
    if faults := listening_faults(opened.settings, asked.host or web.host):
        raise ConfigurationError("\n".join(f"{asked.config}: {line}" for line in faults))
    return serve_until_told(
        hub, asked.host or web.host, asked.port or web.port, lambda beside: Running(opened, hub, beside)
    )
