"""``surveillance screens``: named screens are told to load anew or to show their name."""

from __future__ import annotations

import argparse

from surveillance.errors import ConfigurationError, nearest
from surveillance.settings import load_settings
from surveillance.store import open_store, store_url

EVERY_SCREEN = "all"


def run(asked: argparse.Namespace) -> int:
    """Leave the order in the store, where the running program finds it within seconds."""
    settings = load_settings(asked.config)
    names = [screen.name for screen in settings.screens]
    if not names:
        raise ConfigurationError(f"{asked.config}: no screens are configured")
    if asked.name not in (*names, EVERY_SCREEN):
        raise ConfigurationError(f"there is no screen '{asked.name}'; {nearest(asked.name, (*names, EVERY_SCREEN))}")
    with open_store(store_url(settings.store), settings.store) as store:
        store.order_screen(asked.name, asked.screens_command)
    told = f"{len(names)} screens are" if asked.name == EVERY_SCREEN else f"{asked.name} is"
    print(f"{told} told to {asked.screens_command}; a screen that is on does so within a few seconds")
    return 0
