"""A form's field as plain HTML: Dash has fields for its own JavaScript only, and a form at a desk works without any."""

from __future__ import annotations

from typing import Any

from dash.development.base_component import Component

from layouts.markup import NAMESPACE


class Input(Component):
    """``<input>``; its attributes are called as in HTML."""

    _namespace = NAMESPACE
    _type = "Input"

    def __init__(self, **attributes: Any) -> None:
        self._prop_names = list(attributes)
        self._valid_wildcard_attributes = ["data-", "aria-"]
        super().__init__(**attributes)  # type: ignore[no-untyped-call]  # published without types
