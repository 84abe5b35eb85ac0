"""Dash components become HTML text on the server, so that a page can be read before, or without, any JavaScript."""

from __future__ import annotations

from html import escape
from typing import Any

from dash.development.base_component import Component

VOID = frozenset({"br", "hr", "img", "input", "link", "meta", "source", "track", "wbr"})
SPELT_OTHERWISE = {"className": "class", "htmlFor": "for", "colSpan": "colspan", "rowSpan": "rowspan"}
"""Dash's names of attributes that are not HTML's in small letters."""
URLS = frozenset({"href", "src", "action"})
NAMESPACE = "dash_html_components"


class Drawing(str):
    """Text that is HTML already and that the program itself made: it stands in a page as it is."""


def to_html(node: Any) -> str:
    """The HTML of a component, a list of them, text or a number; all text but a ``Drawing`` is escaped.

    Raises:
        TypeError: a component that is not plain HTML: only a browser could draw it.
    """
    if node is None:
        return ""
    if isinstance(node, list | tuple):
        return "".join(to_html(child) for child in node)
    if isinstance(node, Drawing):
        return str(node)
    if not isinstance(node, Component):
        return escape(str(node))
    described: dict[str, Any] = node.to_plotly_json()  # type: ignore[no-untyped-call]  # published without types
    if described["namespace"] != NAMESPACE:
        raise TypeError(f"{described['namespace']}.{described['type']} is no plain HTML")
    tag, props = described["type"].lower(), dict(described["props"])
    children = props.pop("children", None)
    opened = f"<{tag}{''.join(_attribute(name, value) for name, value in props.items())}>"
    return opened if tag in VOID else f"{opened}{to_html(children)}</{tag}>"


def _attribute(name: str, value: Any) -> str:
    if value is None or value is False:
        return ""
    spelt = SPELT_OTHERWISE.get(name, name.lower())
    if spelt in URLS and str(value).strip().lower().startswith(("javascript:", "data:")):
        raise ValueError(f"{spelt}: an address that runs a script")
    return f" {spelt}" if value is True else f' {spelt}="{escape(str(value))}"'


WITHOUT_JAVASCRIPT = '<noscript><meta http-equiv="refresh" content="15"></noscript>\n'
"""A browser that runs no JavaScript asks again, and shows its own error when nobody answers, never an old page."""


def document(
    title: str,
    body: Any,
    *,
    kind: str = "document",
    names: str = "",
    head: str = "",
    end: str = "",
    renewed: bool = True,
) -> str:
    """A whole page around ``body``.

    ``kind``: the class of the root, which chooses how sizes scale; ``names``: further classes of it. ``head``,
    ``end``: HTML text that comes last in the head and in the body, put in as it is. ``renewed``: whether a browser
    without JavaScript asks for it again by itself.
    """
    again = WITHOUT_JAVASCRIPT if renewed else ""
    classes = escape(f"{kind} {names}".strip())
    return (
        f'<!doctype html>\n<html lang="en-GB" class="{classes}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n"
        '<link rel="icon" href="/assets/icon.svg" type="image/svg+xml">\n'
        '<link rel="stylesheet" href="/assets/tokens.css">\n'
        f'<link rel="stylesheet" href="/assets/{escape(kind)}.css">\n'
        f"{again}{head}</head>\n<body>\n{to_html(body)}\n{end}</body>\n</html>\n"
    )
