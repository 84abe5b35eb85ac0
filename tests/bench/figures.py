"""How a benchmark tells its figures: each on a line of its own, beside its target if it has one."""

from __future__ import annotations

from collections.abc import Callable, Mapping

Keep = Callable[[str, Mapping[str, float]], object]
"""Is given the name of what was measured, and its figures."""
Targets = Mapping[str, tuple[str, float]]
"""Name and figure → how the figure compares with what."""


def line(targets: Targets, name: str, figure: str, number: float) -> str:
    """A line of the table."""
    sign, target = targets.get(f"{name}_{figure}", ("", 0.0))
    return f"{name + ' ' + figure:52} {number:12.3f}" + (f"  target {sign} {target:g}" if sign else "")


def printed(targets: Targets) -> Keep:
    """What prints figures as they come."""

    def keep(name: str, figures: Mapping[str, float]) -> None:
        for figure, number in figures.items():
            print(line(targets, name, figure, number), flush=True)

    return keep
