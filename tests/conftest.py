"""One real Chromium a worker for every test that needs a browser: a process can drive no second one beside it."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from functools import cache

import pytest
from httpx._transports import default
from playwright.sync_api import Browser, sync_playwright

from tests.browser.conftest import CHROMIUM, QUIET

# Each of a thousand clients would read every certificate authority anew, for servers of which none has TLS.
default.create_ssl_context = cache(default.create_ssl_context)  # type: ignore[attr-defined]

# Modules and collected tests are most of what there is: looking through all of it again took an eighth of the time.
gc.set_threshold(20_000, 50, 100)


def pytest_collection_finish() -> None:
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
        yield browser
        browser.close()
