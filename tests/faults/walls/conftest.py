"""One real Chromium and one running program for the faults of walls."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser.conftest import CHROMIUM, QUIET
from tests.faults.walls.proxy import Proxy
from tests.faults.walls.site import Program, quick_hospital, running

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """These tests come first: Playwright runs once a thread, and the browser tests keep theirs until the end."""
    items.sort(key=lambda item: HERE not in item.path.parents)


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    """The program on a small hospital; a test that ends it starts it again."""
    with running(quick_hospital(tmp_path_factory.mktemp("hospital"))) as program:
        yield program


@pytest.fixture
def network() -> Iterator[Proxy]:
    """Leads to whichever server a test names."""
    with Proxy("http://127.0.0.1:1").serving() as proxy:
        yield proxy
