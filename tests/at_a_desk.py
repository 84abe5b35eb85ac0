"""People who sign in to a program that runs, with an account of their own, in a browser of their own."""

from __future__ import annotations

import subprocess
from pathlib import Path
from urllib.parse import quote

from playwright.sync_api import Browser, Page

from tests.programs import SURVEILLANCE

PASSWORD = "correct horse battery staple"


def give_account(config: Path, name: str, role: str, *wards: str) -> None:
    """``name`` may sign in from now on."""
    kept = config.parent / "password"
    kept.write_text(PASSWORD, "utf-8")
    where = [word for ward in wards for word in ("--ward", ward)]
    command = [SURVEILLANCE, "accounts", "add", name, "--role", role, *where, "--password-file", kept]
    subprocess.run([*command, "--config", config], check=True, capture_output=True)


def signed_in(browser: Browser, address: str, name: str, after: str, size: tuple[int, int] = (1366, 768)) -> Page:
    """What ``name`` sees at the address ``after``."""
    page = browser.new_context(viewport={"width": size[0], "height": size[1]}).new_page()
    page.set_default_timeout(60_000)
    page.goto(f"{address}/sign-in?next={quote(after, safe='')}")
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"{address}{after}")
    return page
