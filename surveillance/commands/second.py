"""``surveillance demo second-epr``: the databases that the guide connects, and what to write of them into the file."""

from __future__ import annotations

from pathlib import Path

from surveillance.demo.second import for_the_guide, reshaped
from surveillance.demo.second.schema import TABLES


def write(folder: Path, of: Path | None) -> int:
    """Write the databases and say what stands in them; ``of``: the demo that they are made of, None for the guide's.

    Raises:
        ConfigurationError: no demo stands in ``of``.
    """
    stands_at = reshaped(of, folder) if of else for_the_guide(folder)
    for file, tables in TABLES.items():
        print(f"{folder / file}: {', '.join(tables)}")
    moment = f"{stands_at:%Y-%m-%dT%H:%M:%SZ}"
    print("Nobody writes to them, so let the clock stand still. A real hospital has no [clock]:")
    print(f"\n[clock]\nstart = {moment}\nreal_start = {moment}\nspeed = 0")
    return 0
