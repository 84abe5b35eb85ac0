"""Rows of ``flag``, ``obs_plan`` and ``assessment`` from Flag, Task and QuestionnaireResponse.

Which code, Task or form means which of ours is a site's own word: without it there is no such feed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from connectors.fhir.codes import Codes
from connectors.fhir.elements import UNREADABLE, Resource, at, each, end_of, instant, start_of, text_at, written
from connectors.fhir.spells import Spells
from surveillance.settings.fhir import Questionnaire

FLAG_FIELDS = frozenset({"resourceType", "id", "meta", "status", "code", "subject", "encounter", "period"})
TASK_FIELDS = frozenset({
    "resourceType", "id", "meta", "status", "code", "for", "encounter", "authoredOn", "lastModified", "executionPeriod",
    "restriction", "input", "requester", "reasonCode",
})  # fmt: skip
ANSWER_FIELDS = frozenset({
    "resourceType", "id", "meta", "status", "questionnaire", "subject", "encounter", "authored", "item",
})  # fmt: skip
NO_PLAN = frozenset({"draft", "rejected", "entered-in-error"})
PLAN_OVER = frozenset({"cancelled", "completed", "failed"})
MINUTES: Mapping[str, float] = {"s": 1 / 60, "min": 1, "h": 60, "d": 1440, "wk": 10080}
"""UCUM units of time."""
PERSONS = ("Practitioner", "PractitionerRole")
STATUS: Mapping[str, str] = {
    "completed": "complete",
    "amended": "complete",
    "in-progress": "draft",
    "stopped": "draft",
    "entered-in-error": "void",
}
"""Of QuestionnaireResponse → of an assessment; one that was given up is no complete one."""
Row = dict[str, Any]


def flag_rows(
    flags: Mapping[str, Resource], spells: Spells, codes: Codes, words: Iterable[str], as_at: datetime, since: datetime
) -> list[Row]:
    """A row for each flag and each spell that it was up in; ``words``: of types, that the site's mapping knows."""
    known, rows = frozenset(words), []
    for one in flags.values():
        said_start, said_end = at(one, "period", "start"), at(one, "period", "end")
        start, end = start_of(said_start), end_of(said_end)
        if text_at(one, "status") == "entered-in-error" or (start and start > as_at) or (end and end < since):
            continue
        row = {
            "type": codes.known(at(one, "code"), known),
            "status": text_at(one, "status"),
            "start_ts": written(start, said_start),
            "end_ts": UNREADABLE
            if end is None and said_end is not None
            else written(end if end and end <= as_at else None),
        }
        rows += [row | {"spell_key": key} for key in spells.during(one, start, end)]
    return rows


def plan_rows(tasks: Mapping[str, Resource], spells: Spells, as_at: datetime) -> list[Row]:
    """A row for each Task that says how often a patient is observed."""
    rows = []
    for one in tasks.values():
        set_at = instant(at(one, "authoredOn"))
        if text_at(one, "status") in NO_PLAN or (set_at and set_at > as_at):
            continue
        said_end = at(one, "executionPeriod", "end") or at(one, "restriction", "period", "end")
        if said_end is None and text_at(one, "status") in PLAN_OVER:
            said_end = at(one, "lastModified") or UNREADABLE
        end = end_of(said_end)
        reference = text_at(one, "requester", "reference") or ""
        reasons = each(one, "reasonCode", "coding")
        row = {
            "interval_min": interval_of(one),
            "set_ts": written(set_at, at(one, "authoredOn")),
            "set_by_role": next((kind for kind in PERSONS if f"{kind}/" in reference), "system" if reference else None),
            "reason": text_at(one, "reasonCode", "text") or (text_at(reasons[0], "display") if reasons else None),
            "valid_to": UNREADABLE if end is None and said_end is not None else written(end),
        }
        rows += [row | {"spell_key": key} for key in spells.of(one, set_at, "for")]
    return rows


def interval_of(task: Resource) -> Any:
    """Minutes between two sets, from the Task's one input that is a duration or a rhythm; else ``UNREADABLE``.

    An empty interval would say that observations were stopped, so what is not said is not left empty.
    """
    found = [minutes for one in each(task, "input") if (minutes := _minutes(one)) is not None]
    return found[0] if len(found) == 1 else UNREADABLE


def _minutes(one: Resource) -> float | None:
    for key in ("valueDuration", "valueQuantity"):
        value, unit = at(one, key, "value"), text_at(one, key, "code") or text_at(one, key, "unit") or ""
        if isinstance(value, int | float) and not isinstance(value, bool) and unit in MINUTES:
            return value * MINUTES[unit]
    repeat = at(one, "valueTiming", "repeat")
    period, unit, times = at(repeat, "period"), text_at(repeat, "periodUnit") or "", at(repeat, "frequency")
    times = 1 if times is None else times
    if isinstance(period, int | float) and unit in MINUTES and isinstance(times, int) and times > 0:
        return period * MINUTES[unit] / times
    return None


def assessment_rows(
    answers: Mapping[str, Resource], spells: Spells, forms: Mapping[str, Questionnaire], words: Iterable[str],
    as_at: datetime,
) -> list[Row]:  # fmt: skip
    """A row for each filled form; its type is the form's canonical URL, with its version only if ``words`` has that."""
    known, rows = frozenset(words), []
    for one in answers.values():
        authored = instant(at(one, "authored"))
        if authored and authored > as_at:
            continue
        said = text_at(one, "questionnaire") or ""
        url = said if said in known else said.partition("|")[0] or None
        form = forms.get(url or "", Questionnaire())
        given = dict(_answers(one))
        status = text_at(one, "status")
        row = {
            "type": url,
            "status": STATUS.get(status or "", status),
            "effective_ts": written(authored, at(one, "authored")),
            "recorded_ts": written(authored, at(one, "authored")),
            "score": given.get(form.score or ""),
            "risk_band": _words(given.get(form.risk_band or "")),
            "exempt_reason": _words(given.get(form.exempt_reason or "")),
        }
        rows += [row | {"spell_key": key} for key in spells.of(one, authored)]
    return rows


def _answers(value: Resource) -> Iterator[tuple[str, Any]]:
    """``linkId`` and value of the first answer of each item, however deep it stands."""
    for item in each(value, "item"):
        name, given = text_at(item, "linkId"), each(item, "answer")
        if name and given:
            yield name, next((said for key, said in given[0].items() if key.startswith("value")), None)
        yield from _answers(item)
        for one in given:
            yield from _answers(one)


def _words(value: Any) -> str | None:
    """An answer as text: what it says itself, or how its code is displayed."""
    return value if isinstance(value, str) else text_at(value, "display") or text_at(value, "code")
