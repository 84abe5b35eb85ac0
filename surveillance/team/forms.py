"""What somebody typed becomes one entry, or faults by field; nothing of it is kept that tells of a patient."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from surveillance.settings import Settings
from surveillance.team.board import LONGEST, MOST_GAUGES
from surveillance.team.notebook import Entry
from surveillance.team.patient_details import Known, Rule, refused
from surveillance.team.texts import text_fault, tidy
from surveillance.team.things import Kind, Standing, Thing

RATINGS = range(1, 6)
RATED_BACK = timedelta(days=6)
"""A rating may be entered so long after the huddle."""
DUE_AHEAD = timedelta(days=2 * 366)
ASSESSED_BACK = timedelta(days=10 * 366)
NUMBER = re.compile(r"-?\d{1,6}([.,]\d{1,3})?")
Form = Mapping[str, Sequence[str]]
"""Field → what it holds; of boxes that were ticked, each."""


@dataclass(frozen=True, slots=True)
class Against:
    """What a form is read against. ``things``: what this team said. ``may_own``: the measures at watch or act now."""

    settings: Settings
    ward: str
    today: date
    known: Known
    things: tuple[Thing, ...] = ()
    may_own: frozenset[str] = frozenset()


@dataclass
class Refusal:
    """Why nothing is kept: field → words. ``rules``: what looked like a patient."""

    faults: dict[str, str] = field(default_factory=dict)
    rules: list[Rule] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.faults)


class _Reading:
    """The fields of one form; what is wrong with them collects in ``refusal``."""

    def __init__(self, form: Form, about: Against) -> None:
        self._form = form
        self.about = about
        self.refusal = Refusal()

    def raw(self, name: str) -> str:
        found = self._form.get(name) or ("",)
        return found[0]

    def several(self, name: str) -> tuple[str, ...]:
        return tuple(self._form.get(name) or ())

    def wrong(self, name: str, words: str) -> None:
        self.refusal.faults.setdefault(name, words)

    def text(self, name: str, longest: int, *, needed: bool = True) -> str:
        said = tidy(self.raw(name))
        if fault := text_fault(said, longest, needed=needed):
            self.wrong(name, fault)
        elif rule := refused(said, self.about.known, self.about.today):
            self.wrong(name, f"{rule} Nothing about a patient may stand on a wall.")
            self.refusal.rules.append(rule)
        return said

    def one_of(self, name: str, allowed: Sequence[str], words: str) -> str:
        said = self.raw(name)
        if said not in allowed:
            self.wrong(name, words)
        return said

    def day(self, name: str, first: date, last: date, words: str, *, needed: bool = True) -> str | None:
        said = self.raw(name).strip()
        if not said and not needed:
            return None
        try:
            found = date.fromisoformat(said) if re.fullmatch(r"\d{4}-\d\d-\d\d", said) else None
        except ValueError:
            found = None
        if found is None:
            self.wrong(name, "Choose a date, as 2026-11-23.")
            return None
        if not first <= found <= last:
            self.wrong(name, words)
        return found.isoformat()

    def number(self, name: str, longest: int, *, needed: bool = True) -> str:
        said = self.raw(name).strip()
        if not said and not needed:
            return ""
        if len(said) > longest or not NUMBER.fullmatch(said) or not said.isascii():
            self.wrong(name, "Write a number, as 12 or 3.5.")
        return said.replace(",", ".")


def _rate(form: _Reading) -> Entry:
    today = form.about.today
    rating = form.one_of("rating", [str(one) for one in RATINGS], "Choose a rating from 1 to 5.")
    on = form.day("rated_on", today - RATED_BACK, today, "A day of the last week, not one to come.")
    return Entry(
        form.about.ward, Kind.RATING, {"rating": int(rating) if rating in "12345" and rating else 0, "date": on}
    )


def _act(form: _Reading) -> Entry:
    today = form.about.today
    what = form.text("what", LONGEST["what"])
    role = form.text("action_role", LONGEST["role"])
    due = form.day("due", today, today + DUE_AHEAD, "From today to two years ahead.", needed=False)
    return Entry(form.about.ward, Kind.ACTION, {"what": what, "role": role, "due": due})


def _own(form: _Reading) -> Entry:
    about = form.about
    measure = form.one_of("measure", sorted(about.may_own), "Choose a figure that is at watch or act now.")
    if any(one.kind is Kind.OWNED and one.is_open and one.content["measure"] == measure for one in about.things):
        form.wrong("measure", "Somebody already looks after this figure: hand it back first.")
    role = form.text("owner_role", LONGEST["role"])
    words = form.text("owner_words", LONGEST["words"], needed=False)
    return Entry(about.ward, Kind.OWNED, {"measure": measure, "role": role, "words": words})


def _try(form: _Reading) -> Entry:
    return Entry(form.about.ward, Kind.TRYING, {"words": form.text("trying", LONGEST["trying"])})


def _choose(form: _Reading) -> Entry:
    known = [one.id for one in form.about.settings.team.barometer.indicators]
    chosen = [one for one in dict.fromkeys(form.several("indicators")) if one in known]
    if len(chosen) > MOST_GAUGES:
        form.wrong("indicators", f"At most {MOST_GAUGES}; a wall has no room for more.")
    return Entry(form.about.ward, Kind.CHOICE, {"indicators": chosen})


def _enter(form: _Reading) -> Entry:
    typed = [one.id for one in form.about.settings.team.barometer.indicators if not one.measure]
    indicator = form.one_of("indicator", typed, "Choose an indicator.")
    value = form.number("value", LONGEST["value"])
    period = form.text("period", LONGEST["period"])
    return Entry(form.about.ward, Kind.BAROMETER, {"indicator": indicator, "value": value, "period": period})


def _accredit(form: _Reading) -> Entry:
    given, today = form.about.settings.team.accreditation, form.about.today
    level = form.one_of("level", given.levels if given else (), "Choose a level.")
    on = form.day("assessed_on", today - ASSESSED_BACK, today, "A day of the last ten years, not one to come.")
    last = today + ASSESSED_BACK
    due = form.day("next_due", date.fromisoformat(on) if on else date.min, last, "After the assessment.", needed=False)
    domains = given.domains if given else ()
    scores = {name: form.number(f"score_{n}", LONGEST["score"], needed=False) for n, name in enumerate(domains)}
    content: dict[str, Any] = {"scheme": given.scheme if given else "", "level": level, "assessed_on": on}
    return Entry(
        form.about.ward,
        Kind.ACCREDITATION,
        {**content, "next_due": due, "domains": {name: score for name, score in scores.items() if score}},
    )


def _ends(standing: Standing, *kinds: Kind) -> Callable[[_Reading], Entry]:
    def read(form: _Reading) -> Entry:
        number = form.raw("number")
        open_ones = {str(one.number): one for one in form.about.things if one.is_open and one.kind in kinds}
        if number not in open_ones:
            form.wrong("number", "That does not stand any more; somebody else may have ended it.")
            return Entry(form.about.ward, kinds[0])
        return Entry(form.about.ward, open_ones[number].kind, standing=standing, about=int(number))

    return read


OF_THE_TEAM: Mapping[str, Callable[[_Reading], Entry]] = {
    "rate": _rate,
    "act": _act,
    "own": _own,
    "try": _try,
    "choose": _choose,
    "done": _ends(Standing.DONE, Kind.ACTION),
    "withdraw": _ends(Standing.WITHDRAWN, Kind.RATING, Kind.ACTION, Kind.OWNED, Kind.TRYING),
}
"""What the button of each form of the huddle's page is called → how that form is read."""
OF_QUALITY: Mapping[str, Callable[[_Reading], Entry]] = {
    "enter": _enter,
    "accredit": _accredit,
    "withdraw": _ends(Standing.WITHDRAWN, Kind.BAROMETER, Kind.ACCREDITATION),
}
"""The same of the page for accreditation and barometer."""


def read_form(
    forms: Mapping[str, Callable[[_Reading], Entry]], form: Form, about: Against
) -> tuple[Entry | None, Refusal]:
    """The entry that a form makes; None with a refusal that says why it makes none."""
    reading = _Reading(form, about)
    make = forms.get(reading.raw("do"))
    if make is None:
        reading.wrong("do", "There is no such button here.")
        return None, reading.refusal
    entry = make(reading)
    return (None if reading.refusal else entry), reading.refusal
