"""The comparison of ``tests/spec/test_oracle_agrees.py`` on many more hospitals."""

from __future__ import annotations

import os

import pytest

from tests.spec import test_oracle_agrees as comparison

LAST = 120 if os.environ.get("WALL_FAULTS") == "full" else 20
"""``make soak`` compares them all."""


@pytest.mark.parametrize("seed", range(comparison.SEEDS.stop, LAST))
def test_program_and_oracle_agree_on_many_hospitals(seed: int) -> None:
    comparison.test_program_and_oracle_agree(seed)
