"""``surveillance verify``: a file of worked cases is run against this program."""

from __future__ import annotations

import argparse
import sys

from surveillance import verify


def run(asked: argparse.Namespace) -> int:
    """Print each failing case and the count."""
    return verify.run(asked.file, sys.stdout)
