"""The pages on which a team, and whoever accredits it, writes: plain forms, one for each thing that can be said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from urllib.parse import quote

from dash import html
from dash.development.base_component import Component

from layouts.document import page, ward_address
from layouts.huddle.fields import Fields, ending, form
from layouts.huddle.values import Choice, HuddlePage, Line, QualityPage, Typed, Ward
from surveillance.team.board import LONGEST, MOST_GAUGES

STYLE = '<link rel="stylesheet" href="/assets/huddle.css">\n'
"""What comes last in the head of these pages."""
RATINGS = ("1 low", "2", "3", "4", "5 high")
ABOUT_PATIENTS = (
    "What is written here is shown on the ward's wall. Write nothing about a patient: no name, no number, no date of "
    "birth, no bed. Name the role of whoever owns something, never a person."
)
NAMES_CHECKED = "Text is checked for numbers, dates of birth and the names on the ward's list."
NAMES_UNKNOWN = (
    "Text is checked for numbers and dates of birth. Names cannot be checked: "
    "no source of patients' names is connected."
)
READ_ONLY = "You may read this. Only the ward's own staff may write here."


def address(code: str, what: str) -> str:
    """``what``: huddle, huddle-entry, huddle-sheet, accreditation or accreditation-entry."""
    return f"/{what}/{quote(code, safe='')}"


def huddle_page(shown: HuddlePage) -> list[Component]:
    """The page of a ward's team; only to be read by somebody of another ward."""
    code, typed = shown.ward.code, shown.typed
    to = address(code, "huddle-entry") if shown.may_write else ""
    ways = [("Print the huddle sheet", address(code, "huddle-sheet")), ("The ward's wall", ward_address(code))]
    ways += [("Accreditation and barometer", address(code, "accreditation"))] if shown.may_accredit else []
    trying, act = Fields("try", typed), Fields("act", typed)
    sections = [
        _owning(shown, Fields("own", typed), to),
        _rating(shown, Fields("rate", typed), to),
        _section(
            "What we are trying",
            _ended(to, [shown.trying] if shown.trying else [], "Nothing is written.", ("withdraw", "Take down")),
            form(to, "try", "Write it", trying.text("trying", "We are trying …", LONGEST["trying"])),
        ),
        _section(
            "Improvement actions",
            _ended(to, shown.actions, "No action is open.", ("done", "Done"), ("withdraw", "Withdraw")),
            form(
                to,
                "act",
                "Add",
                act.text("what", "What is to be done", LONGEST["what"]),
                act.text("action_role", "Who does it (a role)", LONGEST["role"], list="roles"),
                act.day("due", "By (may stay empty)"),
            ),
        ),
    ]
    if shown.indicators:
        fields = Fields("choose", typed)
        boxes = fields.boxes("indicators", f"Shown on the wall, at most {MOST_GAUGES}", shown.indicators)
        chosen = html.P(", ".join(one.words for one in shown.indicators if one.chosen) or "None is shown.")
        sections.append(_section("Safety barometer", form(to, "choose", "Show these", boxes) if to else chosen))
    return _page(shown.ward, "Huddle", shown.notice, typed, ways, (shown.names_known, shown.may_write), sections)


def quality_page(shown: QualityPage) -> list[Component]:
    """The page for accreditation and barometer."""
    code, typed = shown.ward.code, shown.typed
    to = address(code, "accreditation-entry") if shown.may_write else ""
    ways = [("The ward's wall", ward_address(code))]
    ways += [("Huddle", address(code, "huddle"))] if shown.may_write_for_team else []
    accredited: list[Component] = [html.P("The site's file lists no levels: [team.accreditation].", className="quiet")]
    if shown.levels:
        accredited = [_ended(to, shown.accredited, "None is entered.", ("withdraw", "Withdraw")), _accredit(shown, to)]
    barometer: list[Component] = [html.P("The site's file lists no indicators to enter.", className="quiet")]
    if shown.indicators:
        fields = Fields("enter", typed)
        barometer = [
            _ended(to, shown.values, "None is entered.", ("withdraw", "Withdraw")),
            form(
                to,
                "enter",
                "Enter",
                fields.choice("indicator", "Indicator", shown.indicators),
                fields.text("value", "Value", LONGEST["value"], inputMode="decimal"),
                fields.text("period", "Of (a month, a quarter)", LONGEST["period"]),
            ),
        ]
    title = f"Accreditation ({shown.scheme})" if shown.scheme else "Accreditation"
    sections = [_section(title, *accredited), _section("Safety barometer", *barometer)]
    what, may = "Accreditation and barometer", (shown.names_known, shown.may_write)
    return _page(shown.ward, what, shown.notice, typed, ways, may, sections)


def _page(
    ward: Ward,
    what: str,
    notice: str,
    typed: Typed,
    ways: Sequence[tuple[str, str]],
    may: tuple[bool, bool],
    sections: Sequence[Component],
) -> list[Component]:
    """``may``: whether names can be checked, and whether the reader may write."""
    names_known, may_write = may
    links = html.P([html.Span(html.A(words, href=way)) for words, way in ways], className="ways")
    told: list[Component] = [html.P(notice, className="notice", role="status")] if notice else []
    if typed.faults:
        told = [_faults(typed.faults)]
    checked = NAMES_CHECKED if names_known else NAMES_UNKNOWN
    rules = html.P(f"{ABOUT_PATIENTS} {checked}" if may_write else READ_ONLY, className="rules")
    return page(
        f"{what}: {ward.name}", links, *told, rules, html.Div(list(sections), className="huddle-forms"), site=ward.site
    )


def _faults(faults: Mapping[str, str]) -> Component:
    """Said first, with a way to each field."""
    lines = [html.Li(html.A(words, href=f"#{name}")) for name, words in faults.items()]
    return html.Div([html.P("Nothing was kept."), html.Ul(lines)], className="faults", role="alert")


def _section(title: str, *body: Component) -> Component:
    return html.Section([html.H2(title), *body])


def _ended(to: str, lines: Sequence[Line], nothing: str, *ways: tuple[str, str]) -> Component:
    if not lines:
        return html.P(nothing, className="quiet")
    return html.Ul([ending(to, line, *(ways if to else ())) for line in lines], className="lines")


def _owning(shown: HuddlePage, fields: Fields, to: str) -> Component:
    body = [_ended(to, shown.owned, "Nobody looks after a figure yet.", ("withdraw", "Hand back"))]
    if not to:
        return _section("Figures that ask for attention", *body)
    if shown.figures:
        choices = [Choice(one.id, one.words) for one in shown.figures]
        body.append(
            form(
                to,
                "own",
                "We look after it",
                fields.choice("measure", "Figure at watch or act", choices),
                fields.text("owner_role", "Who looks after it (a role)", LONGEST["role"], list="roles"),
                fields.text("owner_words", "What is being done (may stay empty)", LONGEST["words"]),
            )
        )
    else:
        body.append(html.P("No other figure that is known asks for attention now.", className="quiet"))
    note = html.P("The number and its colour stay as they are; this ends by itself when the figure clears.")
    return _section("Figures that ask for attention", note, *body, _roles())


def _roles() -> Component:
    usual = ("nurse in charge", "ward manager", "ward doctor", "matron", "ward pharmacist", "therapist", "ward clerk")
    return html.Datalist([html.Option(value=one) for one in usual], id="roles")


def _rating(shown: HuddlePage, fields: Fields, to: str) -> Component:
    steps = [Choice(words[0], words) for words in RATINGS]
    return _section(
        "How reliable are our processes?",
        _ended(to, [shown.rating] if shown.rating else [], "Not rated in the last week.", ("withdraw", "Withdraw")),
        form(
            to,
            "rate",
            "Rate",
            fields.steps("rating", "Our own rating", steps),
            fields.day("rated_on", "At the huddle of", shown.ward.today.isoformat()),
        ),
    )


def _accredit(shown: QualityPage, to: str) -> Component:
    fields = Fields("accredit", shown.typed)
    scores = [
        fields.text(f"score_{n}", f"Score: {name}", LONGEST["score"], inputMode="decimal")
        for n, name in enumerate(shown.domains)
    ]
    return form(
        to,
        "accredit",
        "Enter",
        fields.choice("level", "Level reached", [Choice(level, level) for level in shown.levels]),
        fields.day("assessed_on", "Assessed on"),
        fields.day("next_due", "Next assessment due (may stay empty)"),
        *scores,
    )
