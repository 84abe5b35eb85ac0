from __future__ import annotations

from pathlib import Path

import pytest

from surveillance.errors import ConfigurationError
from surveillance.opening import open_site
from tests.small_hospital import small_hospital


def test_data_that_would_be_taken_off_the_walls_while_it_is_called_current_stops_start_up(tmp_path: Path) -> None:
    config = small_hospital(tmp_path)
    words = config.read_text("utf-8")

    def given(stale_after_s: int, limits: str = "") -> Path:
        told = words.replace("[sources.pas]\n", f"[sources.pas]\nstale_after_s = {stale_after_s}\n")
        config.write_text(f"{told}\n[options]\nlimit_min = {{{limits}}}\n", "utf-8")
        return config

    open_site(given(7200))
    with pytest.raises(ConfigurationError) as told:
        open_site(given(7260, "spell = 121, ward_stay = 121"))
    assert str(told.value) == (
        f"{config}: sources.pas: its data counts as current for 121 min (stale_after_s, else twice interval_s), "
        "but options.limit_min shows discharge_plan for 120 min only"
    )
