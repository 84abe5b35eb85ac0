from __future__ import annotations

import threading
from pathlib import Path

import pytest

from surveillance.cli import main
from surveillance.errors import StoreError
from surveillance.polling import orders as order_watch
from surveillance.polling.orders import OrderWatch
from surveillance.store import Store, open_store
from surveillance.store.screen_orders import Orders
from tests.small_hospital import small_hospital

SCREENS = """
[[screens]]
name = "base"
ward = "A1"

[[screens]]
name = "foyer"
ward = "B2"
profile = "public"
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = small_hospital(tmp_path)
    path.write_text(path.read_text("utf-8") + SCREENS, "utf-8")
    return path


def orders(config: Path) -> Orders:
    with open_store(f"sqlite:///{config.parent / 'store.sqlite'}") as store:
        return store.screen_orders()


def test_each_order_is_newer_than_all_before(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for asked in (("reload", "base"), ("identify", "all"), ("reload", "base")):
        assert main(["screens", *asked, "--config", str(config)]) == 0
    assert "2 screens are told to identify" in capsys.readouterr().out
    assert orders(config) == {("base", "reload"): 3, ("all", "identify"): 2}


def test_an_unknown_screen_is_told_with_the_nearest(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["screens", "reload", "bas", "--config", str(config)]) == 2
    assert "there is no screen 'bas'; did you mean 'base'" in capsys.readouterr().err


def test_without_screens_there_is_nobody_to_tell(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["screens", "reload", "all", "--config", str(small_hospital(tmp_path))]) == 2
    assert "no screens are configured" in capsys.readouterr().err


def test_orders_are_passed_on_when_they_change_also_after_the_store_was_away(
    config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(order_watch, "EVERY_S", 0.01)
    away, taken, heard = [StoreError("locked")], list[Orders](), threading.Event()
    url = f"sqlite:///{config.parent / 'store.sqlite'}"

    def open_it() -> Store:
        if away:
            raise away.pop()
        return open_store(url)

    def take(newest: Orders) -> None:
        taken.append(newest)
        heard.set()

    main(["screens", "reload", "base", "--config", str(config)])
    watch = OrderWatch(open_it, take)
    try:
        assert heard.wait(10)
        heard.clear()
        main(["screens", "identify", "foyer", "--config", str(config)])
        assert heard.wait(10)
    finally:
        watch.close()
    assert taken == [{("base", "reload"): 1}, {("base", "reload"): 1, ("foyer", "identify"): 2}]
    assert away == []


ONE_OF = "screen 'x': give one of ward, wards, pages and executive"


@pytest.mark.parametrize(
    ("screens", "words"),
    [
        ('[[screens]]\nname = "a b"\nward = "A1"', "'a b': letters, digits, - and _ only"),
        ('[[screens]]\nname = "x"', ONE_OF),
        ('[[screens]]\nname = "x"\nward = "A1"\nwards = ["B2"]', ONE_OF),
        ('[[screens]]\nname = "x"\nward = "A11"', "screen 'x': unknown ward 'A11'; did you mean 'A1'"),
        (SCREENS + SCREENS, "the name 'base' stands twice"),
        ('[[screens]]\nname = "x"\nward = "A1"\nprofle = "public"', "unknown key 'screens.0.profle'"),
        ("[wall]\nlost_after_s = 4", "lost_after_s must be at least twice beat_s, 10"),
        ('[[wall.sections]]\ntitle = "x"\nplace = "left"\ntiles = ["edd_tody"]', "unknown measure 'edd_tody'"),
    ],
)
def test_a_wrong_screen_stops_the_start(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], screens: str, words: str
) -> None:
    config = small_hospital(tmp_path)
    config.write_text(f"{config.read_text('utf-8')}\n{screens}\n", "utf-8")
    assert main(["check", "--config", str(config)]) == 2
    assert words in capsys.readouterr().err


def test_check_tells_what_cannot_be_read_from_where_it_hangs(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["check", "--config", str(config)])
    assert "screen base, board: its smallest words are too small" in capsys.readouterr().out
