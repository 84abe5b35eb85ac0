"""The fields of a form: each with its label, what was typed, and what is wrong with it said beside it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dash import html
from dash.development.base_component import Component

from layouts.fields import Input
from layouts.huddle.values import Choice, Line, Typed


class Fields:
    """The fields of one form. ``do``: its name; what was typed is put back only into the form that was sent."""

    def __init__(self, do: str, typed: Typed) -> None:
        self.do = do
        self._typed = typed.fields if typed.do == do else {}
        self._faults = typed.faults if typed.do == do else {}

    def was(self, name: str, otherwise: str = "") -> str:
        """What was typed into a field."""
        found = self._typed.get(name)
        return found[0] if found else otherwise

    def text(self, name: str, label: str, longest: int, **more: Any) -> Component:
        """One line of text. ``longest``: in characters."""
        given = {"maxLength": str(longest), "autoComplete": "off", "value": self.was(name), **self._told(name), **more}
        return self._labelled(name, label, Input(type="text", name=name, id=name, **given))

    def day(self, name: str, label: str, otherwise: str = "") -> Component:
        """A date. ``otherwise``: as 2026-11-23, before anything was typed."""
        return self._labelled(
            name, label, Input(type="date", name=name, id=name, value=self.was(name, otherwise), **self._told(name))
        )

    def choice(self, name: str, label: str, choices: Sequence[Choice]) -> Component:
        """One of a list."""
        asked = self.was(name)
        options = [html.Option("Choose …", value="")]
        options += [html.Option(one.words, value=one.id, selected=one.id == asked) for one in choices]
        return self._labelled(name, label, html.Select(options, name=name, id=name, **_any(self._told(name))))

    def steps(self, name: str, label: str, choices: Sequence[Choice]) -> Component:
        """One of a few, side by side."""
        asked = self.was(name)
        boxes = [
            html.Label(
                [
                    Input(type="radio", name=name, value=one.id, checked=one.id == asked, **self._told(name)),
                    html.Span(one.words),
                ]
            )
            for one in choices
        ]
        told = [self._fault(name)] if name in self._faults else []
        return html.Fieldset([html.Legend(label), html.Div(boxes, className="steps"), *told], id=name)

    def boxes(self, name: str, label: str, choices: Sequence[Choice]) -> Component:
        """Any number of a list, by group."""
        sent = tuple(self._typed.get(name, ())) if self._typed else None
        found: list[Component] = []
        for group in dict.fromkeys(one.group for one in choices):
            found.append(html.P(group, className="group"))
            for one in choices:
                if one.group == group:
                    ticked = one.chosen if sent is None else one.id in sent
                    box = Input(type="checkbox", name=name, value=one.id, checked=ticked)
                    found.append(html.Label([box, html.Span(one.words)]))
        told = [self._fault(name)] if name in self._faults else []
        return html.Fieldset([html.Legend(label), *found, *told], id=name)

    def _labelled(self, name: str, label: str, field: Component) -> Component:
        told = [self._fault(name)] if name in self._faults else []
        return html.Div([html.Label(label, htmlFor=name), field, *told], className="field")

    def _told(self, name: str) -> dict[str, str]:
        if name not in self._faults:
            return {}
        return {"aria-invalid": "true", "aria-describedby": f"{name}-fault"}

    def _fault(self, name: str) -> Component:
        return html.P(self._faults[name], id=f"{name}-fault", className="fault")


def _any(attributes: dict[str, str]) -> dict[str, Any]:
    """Attributes that Dash takes by a pattern, of which its types know nothing."""
    return dict(attributes)


def form(address: str, do: str, button: str, *fields: Component) -> Component:
    """A form that is sent to ``address``; nothing where there is none."""
    if not address:
        return html.Span()
    sent = Input(type="hidden", name="do", value=do)
    return html.Form([sent, *fields, html.Button(button, type="submit")], method="post", action=address)


def ending(address: str, line: Line, *ways: tuple[str, str]) -> Component:
    """A line that stands, with a button for each way to end it: (do, words)."""
    buttons = [
        html.Button(
            words,
            type="submit",
            name="do",
            value=do,
            className="quiet",
            **_any({"aria-label": f"{words}: {line.words}"}),
        )
        for do, words in ways
    ]
    words = [html.Span(line.words, className="said")]
    words += [html.Span(line.below, className="below")] if line.below else []
    if not buttons:
        return html.Li(html.Div(words))
    number = Input(type="hidden", name="number", value=str(line.number))
    return html.Li([html.Div(words), html.Form([number, *buttons], method="post", action=address, className="inline")])
