"""What a screen shows in place of its wall until it is paired: large words, to be read from where one stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dash import html
from dash.development.base_component import Component


@dataclass(frozen=True, slots=True)
class Notice:
    """What it says. ``state``: names what is shown, as the server names it when it is asked; another: load anew.

    ``screen``: its name, ``place``: where it hangs. ``code``: to be accepted, empty for none. ``steps``: in words.
    """

    state: str
    screen: str
    place: str
    title: str
    steps: Sequence[str]
    code: str = ""


def pairing(notice: Notice) -> list[Component]:
    """The whole page."""
    about: dict[str, Any] = {"data-screen": notice.screen, "data-state": notice.state}
    named = [html.H1(f"Screen {notice.screen}"), html.P(notice.place)]
    steps: Component = html.P(notice.steps[0]) if notice.steps else html.P()
    if len(notice.steps) > 1:
        steps = html.Ol([html.Li(words) for words in notice.steps])
    body: list[Component] = [html.H2(notice.title), steps]
    if notice.code:
        body.insert(1, html.P(notice.code, className="code"))
    return [
        html.P(id="lost", role="alert", hidden=True),
        html.Header(named),
        html.Main(body, id="pairing", **about),
        html.Footer("Ward Safety Surveillance. This page goes by itself when the screen is paired."),
    ]


def code_notice(screen: str, place: str, code: str, address: str) -> Notice:
    """The screen is to be paired. ``address``: where an administrator does that."""
    steps = (
        f"An administrator opens {address} and signs in.",
        "They type the code that stands here, and accept it.",
        "The wall then appears by itself within a few seconds.",
    )
    return Notice(f"code {code}", screen, place, "This screen is not paired", steps, code)


def other_notice(screen: str, place: str, other: str, number: int) -> Notice:
    """The browser is paired as another screen."""
    words = (
        f"This browser is paired as “{other}” (device {number}), and so it cannot show “{screen}”.",
        f"An administrator revokes device {number} on the page /administer.",
        "A code then appears here, to pair it anew.",
    )
    return Notice(f"other {number}", screen, place, "Paired as another screen", words)


def missing_notice(screen: str) -> Notice:
    """The site has no such screen."""
    words = ("It is not in the site’s configuration, or not any more.",)
    return Notice("missing", screen, "", "There is no screen of this name", words)


def closed_notice(screen: str, place: str) -> Notice:
    """It is not known yet who is paired."""
    words = ("It is not known yet which screens are paired. What belongs here appears by itself.",)
    return Notice("closed", screen, place, "Starting", words)


def busy_notice(screen: str, place: str) -> Notice:
    """Too many ask at once."""
    words = ("Many screens ask to be paired at the same time. A code appears here by itself within a minute.",)
    return Notice("busy", screen, place, "Please wait", words)
