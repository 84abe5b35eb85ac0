"""What a server is asked for: by status what lasts, by its end or its change what is over.

Search parameters: HL7 FHIR R4 (4.0.1), of each type of resource.
"""

from __future__ import annotations

from datetime import UTC, datetime

from connectors.fhir import medicines, records, spells
from connectors.fhir.codes import SYSTEMS, spelt
from connectors.fhir.kept import Kept
from surveillance.settings.fhir import Fhir


def encounters_kept(fhir: Fhir) -> Kept:
    """Encounters of inpatients."""
    classes = ("class", ",".join(fhir.classes))
    opened, over = ",".join(sorted({*spells.OPEN, "unknown"})), ",".join(sorted(spells.OVER))
    return Kept(
        "Encounter",
        spells.FIELDS,
        spells.OPEN | {"unknown"},
        [classes, ("status", opened)],
        lambda since: [classes, ("status", over), ("date", from_moment(since))],
        [classes],
    )


def requests_kept() -> Kept:
    """Prescriptions that are orders."""
    intents = ("intent", ",".join(sorted(medicines.ORDERS)))
    return Kept(
        "MedicationRequest",
        medicines.FIELDS,
        medicines.OPEN,
        [intents, ("status", ",".join(sorted(medicines.OPEN)))],
        lambda since: [intents, ("status", "cancelled,completed,stopped"), ("_lastUpdated", from_moment(since))],
        [intents],
    )


def tasks_kept(fhir: Fhir) -> Kept:
    """Tasks that plan observations."""
    codes = ("code", ",".join(spelt(word, {**SYSTEMS, **fhir.systems}) for word in fhir.plan_codes))
    opened = frozenset({"requested", "received", "accepted", "ready", "in-progress", "on-hold"})
    return Kept(
        "Task",
        records.TASK_FIELDS,
        opened,
        [codes, ("status", ",".join(sorted(opened)))],
        lambda since: [codes, ("status", ",".join(sorted(records.PLAN_OVER))), ("_lastUpdated", from_moment(since))],
        [codes],
    )


def from_moment(moment: datetime) -> str:
    """A parameter's value: at or after it."""
    return f"ge{_utc(moment)}"


def to_moment(moment: datetime) -> str:
    """A parameter's value: at or before it."""
    return f"le{_utc(moment)}"


def _utc(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
