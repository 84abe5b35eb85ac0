"""Where Chromium is, and what keeps it quiet on a closed network."""

from __future__ import annotations

CHROMIUM = "/usr/bin/chromium-headless-shell"
"""The same browser without its windows: a quarter of the processor's time less."""
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
