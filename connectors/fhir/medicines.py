"""Rows of ``order`` from MedicationRequest, and of ``dose_event`` from MedicationAdministration.

FHIR R4 has no place for when a dose was due and none for a pharmacist's verification: the first is told by an
extension that a site names, or there is no such feed; the second is told nowhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from connectors.fhir.codes import Codes
from connectors.fhir.elements import (
    UNREADABLE,
    Resource,
    at,
    each,
    end_of,
    extension_of,
    id_of,
    instant,
    start_of,
    text_at,
    written,
)
from connectors.fhir.spells import Spells

ORDERS = frozenset({"order", "original-order", "instance-order"})
"""Intents of what is to be given; a plan or a proposal is none."""
ELSEWHERE = frozenset({"outpatient", "community", "discharge"})
"""Categories of what is not given on a ward."""
OPEN = frozenset({"active", "on-hold", "draft", "unknown"})
FIELDS = frozenset({
    "intent", "category", "medicationCodeableConcept", "medicationReference", "contained", "subject", "encounter",
    "authoredOn", "dosageInstruction",
})  # fmt: skip
DOSE_FIELDS = frozenset({
    "resourceType", "id", "meta", "status", "statusReason", "request", "effectiveDateTime", "effectivePeriod",
    "extension", "note",
})  # fmt: skip
GIVEN = frozenset({"completed", "in-progress", "stopped"})
"""Statuses of a dose that was given, or begun."""
NOT_GIVEN: Mapping[str, str | None] = {"not-done": "not given", "unknown": "blank", "entered-in-error": None}
""""Unknown" is no record. Any other word (``on-hold``) is the site's to map, or quarantined."""
DRUG_SYSTEMS = ("dmd|", "sct|")
"""dm+d codes are SNOMED CT codes of the UK drug extension, and are sent as either."""
Row = dict[str, Any]


def order_rows(
    requests: Mapping[str, Resource], medications: Mapping[tuple[str, str], Resource], spells: Spells, codes: Codes,
    as_at: datetime, since: datetime,
) -> list[Row]:  # fmt: skip
    """A row for each inpatient prescription that had not ended before ``since``."""
    rows = []
    for name, one in requests.items():
        categories = {text_at(code, "code") for concept in each(one, "category") for code in each(concept, "coding")}
        intent = text_at(one, "intent")
        if (intent is not None and intent not in ORDERS) or (categories & ELSEWHERE and "inpatient" not in categories):
            continue
        timing = [at(dose, "timing", "repeat", "boundsPeriod") for dose in each(one, "dosageInstruction")]
        starts = [said for period in timing if (said := at(period, "start")) is not None]
        said_start = min(starts, key=str) if starts else at(one, "authoredOn")
        ends = [at(period, "end") for period in timing]
        said_end = max(ends, key=str) if ends and all(ends) else None
        start, end = start_of(said_start), end_of(said_end)
        if (start and start > as_at) or (end and end < since):
            continue
        concept = _medicine(one, medications, spells.fhir.base_url)
        row = {
            "order_key": name,
            "drug_code": _drug_code(concept, codes),
            "drug_name": _drug_name(concept, one),
            "route": _route(one, codes),
            "kind": kind_of(each(one, "dosageInstruction")),
            "status": text_at(one, "status"),
            "start_ts": UNREADABLE if start is None else written(start),  # else it would never have a dose due
            "stop_ts": UNREADABLE if end is None and said_end is not None else written(end),
        }
        rows += [row | {"spell_key": key} for key in spells.of(one, start)]
    return rows


def _medicine(one: Resource, medications: Mapping[tuple[str, str], Resource], base_url: str) -> Any:
    """The concept of the medicine: said in place, contained, or of another resource."""
    if (concept := at(one, "medicationCodeableConcept")) is not None:
        return concept
    reference = at(one, "medicationReference")
    inside = (text_at(reference, "reference") or "").removeprefix("#")
    for contained in each(one, "contained"):
        if text_at(contained, "id") == inside:
            return at(contained, "code")
    name = id_of(reference, "Medication", base_url)
    return at(medications.get(("Medication", name or "")), "code")


def medications_named(requests: Iterable[Resource], base_url: str) -> set[str]:
    """The ids of the Medications that prescriptions refer to."""
    named = (id_of(at(one, "medicationReference"), "Medication", base_url) for one in requests)
    return {name for name in named if name}


def _drug_code(concept: Any, codes: Codes) -> str | None:
    words = [word for one in each(concept, "coding") if (word := codes.word(one))]
    drug = next((word for system in DRUG_SYSTEMS for word in words if word.startswith(system)), None)
    return drug.partition("|")[2] if drug else (words[0] if words else None)


def _drug_name(concept: Any, one: Resource) -> str | None:
    displays = [name for code in each(concept, "coding") if (name := text_at(code, "display"))]
    return text_at(concept, "text") or (displays[0] if displays else text_at(one, "medicationReference", "display"))


def _route(one: Resource, codes: Codes) -> str | None:
    for dose in each(one, "dosageInstruction"):
        for code in each(dose, "route", "coding"):
            return text_at(code, "display") or codes.word(code)
    return None


def kind_of(doses: list[Resource]) -> str | None:
    """How a prescription is scheduled; None, which counts as no scheduled kind, where its doses do not say.

    As required is said to be; once is a count of one without a rhythm; a rate makes an infusion; a rhythm, a code of
    one, or several times are regular.
    """
    kinds = {_kind(dose) for dose in doses}
    for kind in ("PRN", "infusion", "regular", "stat"):  # of several steps the one that binds a nurse least comes first
        if kinds == {kind} or (kind == "regular" and kinds == {"regular", "stat"}):
            return kind
    return None


def _kind(dose: Resource) -> str | None:
    if at(dose, "asNeededBoolean") is True or at(dose, "asNeededCodeableConcept") is not None:
        return "PRN"
    if any(at(rate, key) is not None for rate in each(dose, "doseAndRate") for key in ("rateQuantity", "rateRatio")):
        return "infusion"
    repeat = at(dose, "timing", "repeat")
    rhythm = any(at(repeat, key) is not None for key in ("period", "frequency", "timeOfDay", "when", "dayOfWeek"))
    events = at(dose, "timing", "event")
    events = events if isinstance(events, list) else []
    if at(repeat, "count") == 1 or (len(events) == 1 and not rhythm):
        return "stat"
    return "regular" if rhythm or events or at(dose, "timing", "code") is not None else None


def dose_rows(
    administrations: Mapping[str, Resource], orders: Iterable[str], codes: Codes, words: Iterable[str],
    extension: str, base_url: str, as_at: datetime, since: datetime,
) -> list[Row]:  # fmt: skip
    """A row for each administration of the inpatient ``orders``; ``words``: reasons that the site's mapping knows."""
    known, ours = frozenset(words), frozenset(orders)
    rows = []
    for one in administrations.values():
        order = id_of(at(one, "request"), "MedicationRequest", base_url)
        if order is not None and order not in ours:
            continue
        said = at(extension_of(one, extension), "valueDateTime") or at(extension_of(one, extension), "valueInstant")
        due = instant(said)
        if due and due < since:
            continue
        status = text_at(one, "status")
        said_given = at(one, "effectiveDateTime") or at(one, "effectivePeriod", "start")
        given = instant(said_given) if status in GIVEN else None
        later = given is not None and given > as_at
        reasons = each(one, "statusReason")
        rows.append(
            {
                "order_key": order,
                "due_ts": UNREADABLE if due is None and said is not None else written(due),
                "status": "blank" if later else ("given" if status in GIVEN else NOT_GIVEN.get(status or "", status)),
                "given_ts": UNREADABLE if status in GIVEN and given is None else (None if later else written(given)),
                "reason_code": codes.known(reasons[0], known) if reasons else None,
                "reason_text": text_at(reasons[0], "text") if reasons else None,
                "voided": status == "entered-in-error",
            }
        )
    return rows
