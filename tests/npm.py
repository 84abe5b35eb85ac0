"""Servers of the tests that run on Node.js: their packages are exactly those of a lock file, fetched once."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import playwright

from tests.programs import missing

INSTALL_S = 300
NODE = str(Path(playwright.__file__).parent / "driver" / "node")
"""Playwright brings a Node.js that is new enough; that of Debian 12 is not, and only runs npm."""


def installed(source: Path, build: Path, files: Sequence[str]) -> Path:
    """``build`` with ``files`` of ``source`` and the packages of its lock file."""
    if not shutil.which("npm"):
        missing("npm is not installed")
    build.mkdir(parents=True, exist_ok=True)
    lock, have = source / "package-lock.json", build / "package-lock.json"
    ready = (build / "node_modules" / ".package-lock.json").exists() and have.exists()
    fresh = ready and have.read_bytes() == lock.read_bytes()
    for name in files:
        shutil.copy(source / name, build / name)
    if not fresh:
        command = ["npm", "ci", "--ignore-scripts"]
        ran = subprocess.run(command, cwd=build, capture_output=True, text=True, timeout=INSTALL_S, check=False)
        if ran.returncode:
            have.unlink()
            missing(f"npm ci failed: {ran.stderr[-2000:]}")
    return build
