"""A small hospital of our own making as FHIR R4 resources with UK Core's codes; nobody in it has ever lived.

The FHIR server of the tests validates every one of them against R4 as it loads them.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

AS_AT = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
SURNAME = "Zzyzxson"
"""Of everybody, so that a test can look for it where it must not be."""
NHS = "https://fhir.nhs.uk/Id/nhs-number"
HOSPITAL = "https://hospital.example/patient"
PLACE = "http://terminology.hl7.org/CodeSystem/location-physical-type"
ACT = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
SCT, LOINC, DMD, UCUM = "http://snomed.info/sct", "http://loinc.org", "https://dmd.nhs.uk", "http://unitsofmeasure.org"
DUE = "https://hospital.example/dose-due"
Resource = dict[str, Any]


def ago(hours: float) -> str:
    """A moment so many hours before ``AS_AT``."""
    return f"{AS_AT - timedelta(hours=hours):%Y-%m-%dT%H:%M:%SZ}"


def concept(system: str, code: str, **also: Any) -> Resource:
    return {"coding": [{"system": system, "code": code, **also}]}


def changed(resource: Resource, hours: float = 1) -> Resource:
    """As the server keeps it: with the time of its last change."""
    return resource | {"meta": resource.get("meta", {}) | {"lastUpdated": ago(hours)}}


def patient(number: int, **also: Any) -> Resource:
    resource = {
        "resourceType": "Patient",
        "id": f"p{number}",
        "identifier": [
            {"system": NHS, "value": f"99900000{number:02}"},
            {"system": HOSPITAL, "value": f"H{number:04}"},
        ],
        "name": [{"use": "official", "family": SURNAME, "given": ["Test", str(number)]}],
        "gender": "female" if number % 2 else "male",
        "birthDate": "1950-06-01",
    }
    return changed(resource | also, 900)


def place(name: str, kind: str | None, inside: str | None = None, **also: Any) -> Resource:
    resource: Resource = {"resourceType": "Location", "id": name, "name": name.upper(), **also}
    if kind:
        resource["physicalType"] = concept(PLACE, kind)
    if inside:
        resource["partOf"] = {"reference": f"Location/{inside}"}
    return changed(resource, 900)


def lies(where: str, start: float | None = None, end: float | None = None, status: str = "active") -> Resource:
    """An encounter's location."""
    period = {key: ago(hours) for key, hours in (("start", start), ("end", end)) if hours is not None}
    entry: Resource = {"location": {"reference": f"Location/{where}"}, "status": status}
    return entry | ({"period": period} if period else {})


def encounter(number: int, start: float, end: float | None = None, *locations: Resource, **also: Any) -> Resource:
    resource = {
        "resourceType": "Encounter",
        "id": f"e{number}",
        "status": "in-progress" if end is None else "finished",
        "class": {"system": ACT, "code": "IMP"},
        "subject": {"reference": f"Patient/p{number}"},
        "period": {"start": ago(start)} | ({} if end is None else {"end": ago(end)}),
    }
    resource |= {"location": list(locations)} if locations else {}
    return changed(resource | also, end if end is not None else start)


def quantity(value: float, unit: str) -> Resource:
    return {"value": value, "unit": unit, "system": UCUM, "code": unit}


def observation(name: str, number: int, hours: float, code: Resource, **also: Any) -> Resource:
    resource = {
        "resourceType": "Observation",
        "id": name,
        "status": "final",
        "code": code,
        "subject": {"reference": f"Patient/p{number}"},
        "effectiveDateTime": ago(hours),
    }
    return changed(resource | also, hours)


def vital_signs(
    number: int, hours: float, total: int | None, rr: float = 16, *, by_encounter: bool = True
) -> list[Resource]:
    """A whole set of one instant, as UK Core writes it; with the defaults its parts score 0 besides ``rr``."""
    name = f"o{number}-{hours:g}".replace(".", "-")
    also = {"encounter": {"reference": f"Encounter/e{number}"}} if by_encounter else {}
    systolic = {"code": concept(LOINC, "8480-6"), "valueQuantity": quantity(120, "mm[Hg]")}
    diastolic = {"code": concept(LOINC, "8462-4"), "valueQuantity": quantity(70, "mm[Hg]")}
    parts: list[tuple[str, Resource, Resource]] = [
        ("rr", concept(LOINC, "9279-1"), {"valueQuantity": quantity(rr, "/min")}),
        ("spo2", concept(SCT, "103228002"), {"valueQuantity": quantity(97, "%")}),
        ("bp", concept(LOINC, "85354-9"), {"component": [diastolic, systolic]}),
        ("pulse", concept(LOINC, "8867-4"), {"valueQuantity": quantity(80, "{beats}/min")}),
        ("acvpu", concept(SCT, "1104441000000107"), {"valueCodeableConcept": concept(SCT, "248234008")}),
        ("temp", concept(LOINC, "8310-5"), {"valueQuantity": quantity(36.9, "Cel")}),
        ("air", concept(SCT, "722742002"), {}),
    ]
    found = [observation(f"{name}-{key}", number, hours, code, **value, **also) for key, code, value in parts]
    if total is not None:
        scale = {"code": concept(SCT, "1104311000000102"), "valueQuantity": quantity(0, "{ScoreOf}")}
        score = {"valueQuantity": quantity(total, "{ScoreOf}"), "component": [scale]}
        score["derivedFrom"] = [{"reference": f"Observation/{one['id']}"} for one in found]
        found.append(observation(f"{name}-news2", number, hours, concept(SCT, "1104051000000101"), **score, **also))
    return found


def request(name: str, number: int, hours: float, dose: Resource, **also: Any) -> Resource:
    resource = {
        "resourceType": "MedicationRequest",
        "id": name,
        "status": "active",
        "intent": "order",
        "subject": {"reference": f"Patient/p{number}"},
        "encounter": {"reference": f"Encounter/e{number}"},
        "authoredOn": ago(hours),
        "dosageInstruction": [dose],
    }
    if "medicationReference" not in also:
        resource["medicationCodeableConcept"] = concept(DMD, "323509004", display="Amoxicillin 500mg capsules")
    return changed(resource | also, hours)


def small_fhir_hospital() -> list[Resource]:
    """Two wards; six in hospital, one who went home, one outpatient, one who is yet to come.

    e1 has a recorded total of 6 whose parts score 2; e2 was moved; e4 is on leave; e6 lies nowhere; e9 is made of two.
    """
    medicine = {"resourceType": "Medication", "id": "m1", "code": concept(DMD, "774557006", display="Insulin")}
    thrice = {"timing": {"repeat": {"frequency": 3, "period": 1, "periodUnit": "d"}}}
    left = {"status": "onleave", "period": {"start": ago(5)}}
    return [
        place("site", "si"),
        place("a1", "wa", "site"),
        place("a1-bed1", "bd", "a1-bay"),
        place("a1-bay", "ro", "a1"),
        place("b2", "wa", "site"),
        place("lounge", None),
        *(patient(number) for number in range(1, 10)),
        encounter(1, 30, None, lies("a1-bed1", 30)),
        encounter(2, 50, None, lies("b2", 50, 20, "completed"), lies("a1", 20)),
        encounter(3, 70, 24, lies("a1", 70, 24, "completed")),
        encounter(4, 80, None, lies("b2", 80), status="onleave", statusHistory=[left]),
        encounter(5, 3, None, **{"class": {"system": ACT, "code": "AMB"}}),
        changed(encounter(6, 4, None), 0.01),
        changed(encounter(7, -24, None, lies("b2"), status="planned")),
        encounter(8, 10, None, lies("lounge")),
        encounter(9, 12),
        encounter(9, 12, None, lies("b2", 12), id="e9-ward", partOf={"reference": "Encounter/e9"}),
        *vital_signs(1, 2, 6, rr=21),
        *vital_signs(2, 1, 0, by_encounter=False),
        *vital_signs(4, 3, None),
        *vital_signs(5, 1, 9, by_encounter=False),
        changed(medicine),
        request("r1", 1, 20, thrice),
        request(
            "r2", 2, 18, {"asNeededBoolean": True}, status="on-hold",
            medicationReference={"reference": "Medication/m1"},
        ),
        request("r5", 5, 1, thrice),
    ]  # fmt: skip
