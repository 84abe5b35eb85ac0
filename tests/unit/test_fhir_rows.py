"""What resources of FHIR say as rows: by their own words, with nothing guessed and nobody lost."""

from __future__ import annotations

import copy
import random
from datetime import timedelta
from typing import Any

import pytest

from connectors.fhir import medicines, observations, records, spells, stays
from connectors.fhir.codes import Codes, codes_of
from connectors.fhir.elements import end_of, id_of, instant, start_of, written
from connectors.fhir.spells import Spells
from surveillance.settings.fhir import Fhir, Questionnaire
from tests.fhir_resources import (
    AS_AT,
    DMD,
    DUE,
    HOSPITAL,
    LOINC,
    SCT,
    Resource,
    ago,
    concept,
    encounter,
    lies,
    observation,
    patient,
    place,
    quantity,
    request,
    small_fhir_hospital,
    vital_signs,
)

BASE = "https://fhir.example/r4"
FHIR = Fhir(base_url=BASE)
CODES = codes_of(FHIR)
SINCE = AS_AT - timedelta(days=35)
ACVPU = ("sct|248234008",)


def by_id(*resources: Resource) -> dict[str, Resource]:
    return {str(one["id"]): one for one in resources}


def spells_of(*encounters: Resource, fhir: Fhir = FHIR, patients: dict[str, Resource] | None = None) -> Spells:
    return spells.spells_of(encounters, patients or {}, fhir, AS_AT, SINCE)


def stay_rows(*encounters: Resource, places: tuple[Resource, ...] = (), fhir: Fhir = FHIR) -> list[dict[str, Any]]:
    return stays.stay_rows(spells_of(*encounters, fhir=fhir), by_id(*places), codes_of(fhir), AS_AT, SINCE)


def sets(*resources: Resource, codes: Codes = CODES) -> list[dict[str, Any]]:
    found = spells_of(encounter(1, 30), encounter(2, 30))
    return observations.observation_rows(by_id(*resources), found, codes, ACVPU, AS_AT, SINCE)


# ----------------------------------------------------------------------------------------------------------- elements
@pytest.mark.parametrize(
    ("said", "exact", "start", "end"),
    [
        ("2026-07-01T10:00:00+01:00", *["2026-07-01T09:00:00+00:00"] * 3),
        ("2026-07-01", None, "2026-06-30T23:00:00+00:00", "2026-07-01T22:59:59.999999+00:00"),
        ("2026-07", None, None, None),
        ("2026", None, None, None),
        ("2026-07-01T10:00:00", None, None, None),
        ("now", None, None, None),
        (20260701, None, None, None),
        ("0001-01-01", None, None, None),
        ("9999-12-31", None, None, None),
    ],
)  # fmt: skip
def test_a_time_is_as_exact_as_it_is_said(said: Any, exact: str | None, start: str | None, end: str | None) -> None:
    """A date bounds a period (FHIR R4, Period), but says no moment; without an offset nobody knows the moment."""
    assert [written(found) for found in (instant(said), start_of(said), end_of(said))] == [exact, start, end]
    assert written(instant(said), said) == (exact or "?"), "what is said and cannot be read is quarantined"


@pytest.mark.parametrize(
    ("reference", "name"),
    [
        ("Patient/7", "7"),
        ("Patient/7/_history/2", "7"),
        (f"{BASE}/Patient/7", "7"),
        ("https://elsewhere.example/r4/Patient/7", None),
        ("Practitioner/7", None),
        ("#7", None),
        ("urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0", None),
        (None, None),
    ],
)
def test_a_reference_leads_to_a_resource_of_this_server_alone(reference: str | None, name: str | None) -> None:
    assert id_of({"reference": reference}, "Patient", BASE) == name


# ------------------------------------------------------------------------------------------------------------- spells
@pytest.mark.parametrize(
    ("encounter_", "discharged"),
    [
        (encounter(1, 30), None),
        (encounter(1, 30, 2), ago(2).replace("Z", "+00:00")),
        (encounter(1, 30, -2), None),
        (encounter(1, 30, 2, status="in-progress"), None),
        (encounter(1, 30, status="finished"), "?"),
        (encounter(1, 30, status="unknown"), "?"),
        (encounter(1, 30, status=None), "?"),
    ],
)
def test_a_spell_ends_when_it_is_said_to_have_and_otherwise_is_quarantined(
    encounter_: Resource, discharged: str | None
) -> None:
    """One that is over without a time, or of a status that nobody knows, would otherwise look like a patient in bed."""
    (row,) = stays.spell_rows(spells_of(encounter_), {}, AS_AT)
    assert row["discharge_ts"] == discharged


def test_whoever_is_no_inpatient_now_is_no_row_and_one_without_a_class_is() -> None:
    others = [encounter(2, 1, status="planned"), encounter(3, 1, status="cancelled"), encounter(4, -1)]
    others += [encounter(5, 1, **{"class": {"code": "EMER"}}), encounter(6, 2000, 1900)]
    found = spells_of(encounter(1, 1, **{"class": None}), *others)
    assert [one.key for one in found.all] == ["e1"]


def test_keys_are_the_hospitals_own_where_it_names_their_systems() -> None:
    fhir = Fhir(base_url=BASE, patient_identifier=HOSPITAL, spell_identifier="visit")
    visit = encounter(1, 5, identifier=[{"system": "visit", "value": "V9"}])
    inline = encounter(2, 5, subject={"identifier": {"system": HOSPITAL, "value": "H7"}})
    found = spells_of(visit, inline, fhir=fhir, patients=by_id(patient(1)))
    assert {(one.key, one.patient_key) for one in found.all} == {("V9", "H0001"), (None, "H7")}


def test_a_test_patient_and_one_who_was_merged_are_told() -> None:
    test = patient(1, meta={"security": [{"code": "HTEST"}]})
    merged = patient(2, link=[{"type": "replaced-by", "other": {"reference": "Patient/p9"}}], birthDate="1950")
    found = spells_of(encounter(1, 5), encounter(2, 5))
    rows = stays.spell_rows(found, by_id(test, merged), AS_AT)
    assert [(row["is_test"], row["merged_into"], row["age"]) for row in rows] == [(True, None, 76), (False, "p9", None)]


# -------------------------------------------------------------------------------------------------------------- stays
PLACES = (
    place("ward", "wa", "site"),
    place("bay", "ro", "ward"),
    place("bed", "bd", "bay"),
    place("unit", None, identifier=[{"system": "ods", "value": "RX1"}]),
    place("chair", "bd", "unit"),
    place("ring", "ro", "ring"),
)


@pytest.mark.parametrize(
    ("where", "ward", "bed"),
    [
        ("bed", "ward", "BED"),
        ("bay", "ward", None),
        ("unit", "RX1", None),
        ("chair", "RX1", "CHAIR"),
        ("ring", "ring", None),
        ("nobody-knows", "nobody-knows", None),
    ],
)
def test_a_place_is_a_ward_or_lies_in_one_and_else_is_a_unit_of_its_own(where: str, ward: str, bed: str | None) -> None:
    fhir = Fhir(base_url=BASE, ward_identifier="ods")
    (row,) = stay_rows(encounter(1, 5, None, lies(where)), places=PLACES, fhir=fhir)
    assert (row["ward_code"], row["bed_code"]) == (ward, bed)


def test_who_lies_nowhere_or_at_an_unknown_time_is_given_to_be_quarantined() -> None:
    nowhere, reserved = encounter(1, 5), encounter(2, 5, None, lies("ward", 5, status="reserved"))
    untimed = encounter(3, 5, None, lies("ward"), lies("unit"))
    ended = encounter(4, 5, None, lies("ward", 5, status="completed"))
    rows = {row["spell_key"]: row for row in stay_rows(nowhere, reserved, ended)}
    assert [rows["e1"]["ward_code"], rows["e2"]["ward_code"], rows["e4"]["end_ts"]] == [None, None, "?"]
    assert [row["start_ts"] for row in stay_rows(untimed)] == [None, None]


def test_the_last_leave_is_told_as_far_as_the_history_of_the_status_tells_it() -> None:
    def leave(**also: Any) -> tuple[Any, Any]:
        (row,) = stay_rows(encounter(1, 50, None, lies("ward", 50), **also))
        return row["on_leave_from"], row["on_leave_to"]

    def status(name: str, start: float, end: float | None = None) -> Resource:
        return {"status": name, "period": {"start": ago(start)} | ({} if end is None else {"end": ago(end)})}

    at = [ago(hours).replace("Z", "+00:00") for hours in (20, 10, 3)]
    assert leave(statusHistory=[status("onleave", 20, 10)]) == (at[0], at[1])
    assert leave(statusHistory=[status("onleave", 20, 10), status("in-progress", 10, 3)], status="onleave") == (
        at[2],
        None,
    )
    assert leave(status="onleave") == (None, None), "since when is not told: counted as present"
    assert leave(statusHistory=[status("onleave", 20, -5)]) == (at[0], None)


# ------------------------------------------------------------------------------------------------------- observations
def test_what_was_measured_at_one_instant_is_one_set_and_a_panel_lends_its_members_its_time() -> None:
    late = vital_signs(1, 2, 3)
    late[0] |= {"effectiveDateTime": ago(2.2)}  # a member of the score, charted earlier
    assert [row["complete"] for row in sets(*late, *vital_signs(2, 1, None))] == [True, True]
    loose = vital_signs(1, 2, None)
    loose[0] |= {"effectiveDateTime": ago(2.2)}
    assert [row["complete"] for row in sets(*loose)] == [False, False], "without a panel nobody says that they belong"


def test_a_score_with_all_its_part_scores_is_a_whole_set() -> None:
    parts = [*(word.partition("|")[2] for word in observations.SCORES), "1104321000000108"]
    components = [{"code": concept(SCT, code), "valueQuantity": quantity(1, "{ScoreOf}")} for code in parts]
    score = observation("s", 1, 1, concept(SCT, "1104051000000101"), valueQuantity=quantity(9, "{ScoreOf}"))
    (whole,) = sets(score | {"component": components})
    (partly,) = sets(score | {"component": components[1:]})
    assert (whole["news2_total"], whole["complete"], whole["spo2_scale"]) == (9, True, 2)
    assert partly["complete"] is False


@pytest.mark.parametrize(
    ("code", "value", "o2"),
    [
        (concept(SCT, "722742002"), {}, "air"),
        (concept(SCT, "371825009"), {"valueQuantity": quantity(2, "l/min")}, "oxygen"),
        (concept(SCT, "371825009"), {}, "oxygen"),
        (concept(LOINC, "3151-8"), {"valueQuantity": quantity(0, "L/min")}, "air"),
        (concept(LOINC, "3150-6"), {"valueQuantity": quantity(21, "%")}, "air"),
        (concept(LOINC, "3150-6"), {"valueQuantity": quantity(28, "%")}, "oxygen"),
    ],
)
def test_air_and_oxygen(code: Resource, value: Resource, o2: str) -> None:
    assert [row["o2"] for row in sets(observation("x", 1, 1, code, **value))] == [o2]


@pytest.mark.parametrize(
    ("value", "given"),
    [
        (quantity(37.1, "Cel"), 37.1),
        ({"value": 37.1}, 37.1),
        (quantity(98.8, "[degF]"), "?"),
        ({"value": 35, "comparator": "<", "code": "Cel"}, "?"),
        ({"value": "37"}, "?"),
        ({}, "?"),
        (None, None),
    ],
)
def test_only_a_number_in_its_unit_is_one(value: Any, given: Any) -> None:
    (row,) = sets(observation("x", 1, 1, concept(LOINC, "8310-5"), valueQuantity=value))
    assert row["temp"] == given


def test_of_two_measurements_of_one_thing_the_panels_stands_then_the_first_code_and_equals_that_differ_are_none() -> (
    None
):
    def pulse(name: str, code: Resource, value: float) -> Resource:
        return observation(name, 1, 1, code, valueQuantity=quantity(value, "/min"))

    heart, felt = concept(LOINC, "8867-4"), concept(SCT, "78564009")
    panel = observation("p", 1, 1, concept(LOINC, "85353-1"), hasMember=[{"reference": "Observation/b"}])
    assert [row["pulse"] for row in sets(pulse("a", heart, 90), pulse("b", felt, 70))] == [90]
    assert [row["pulse"] for row in sets(pulse("a", heart, 90), pulse("b", felt, 70), panel)] == [70]
    assert [row["pulse"] for row in sets(pulse("a", heart, 90), pulse("b", heart, 70))] == ["?"]


def test_what_is_odd_is_quarantined_alone_and_what_was_not_made_is_no_row() -> None:
    whole = vital_signs(1, 1, 7)
    unsure = observation("odd", 1, 1, concept(LOINC, "8310-5"), status="unknown", valueQuantity=quantity(30, "Cel"))
    codeless = observation("none", 1, 1, {}, valueQuantity=quantity(1, "%"))
    drafts = [unsure | {"id": status, "status": status} for status in ("preliminary", "entered-in-error", "registered")]
    dated = observation("day", 1, 1, concept(LOINC, "8310-5"), effectiveDateTime="2026-11-23")
    rows = sets(*whole, unsure, codeless, dated, *drafts)
    assert sorted((str(row["ts"])[:4], row["news2_total"] or 0) for row in rows) == [
        ("2026", 7),
        ("?", 0),
        ("?", 0),
        ("?", 0),
    ]
    later = observation("later", 1, 1, concept(LOINC, "8310-5"), issued=ago(-1), valueQuantity=quantity(37, "Cel"))
    assert sets(later) == [], "entered after the moment that is asked for"


def test_a_sites_own_codes_stand_in_place_of_the_built_in_ones() -> None:
    own = codes_of(Fhir(base_url=BASE, systems={"own": "urn:own"}, codes={"rr": ("own|RR",)}))
    breathing = observation("x", 1, 1, concept("urn:own", "RR"), valueQuantity=quantity(18, "/min"))
    assert [row["rr"] for row in sets(breathing, codes=own)] == [18]
    assert "urn:own|RR" in own.searched
    assert f"{LOINC}|9279-1" not in own.searched


# ---------------------------------------------------------------------------------------------------------- medicines
@pytest.mark.parametrize(
    ("dose", "kind"),
    [
        ({"asNeededBoolean": True, "timing": {"repeat": {"frequency": 4, "period": 1}}}, "PRN"),
        ({"timing": {"repeat": {"frequency": 2, "period": 1, "periodUnit": "d"}}}, "regular"),
        ({"timing": {"code": {"text": "BD"}}}, "regular"),
        ({"timing": {"repeat": {"count": 1}}}, "stat"),
        ({"timing": {"event": ["2026-11-23T12:00:00Z"]}}, "stat"),
        ({"doseAndRate": [{"rateQuantity": {"value": 5}}]}, "infusion"),
        ({"text": "as directed"}, None),
        ({}, None),
    ],
)
def test_how_a_prescription_is_scheduled(dose: Resource, kind: str | None) -> None:
    assert medicines.kind_of([dose]) == kind
    assert medicines.kind_of([dose, {"asNeededBoolean": True}]) == ("PRN" if kind == "PRN" else None)


def orders(*requests: Resource) -> list[dict[str, Any]]:
    return medicines.order_rows(by_id(*requests), {}, spells_of(encounter(1, 30)), CODES, AS_AT, SINCE)


def test_a_prescription_that_does_not_say_since_when_is_quarantined_for_it_would_never_be_due() -> None:
    assert [row["start_ts"] for row in orders(request("a", 1, 5, {}, authoredOn=None))] == ["?"]
    bounds = {"timing": {"repeat": {"boundsPeriod": {"start": "2026-11-23", "end": "2026-11-24"}}}}
    (row,) = orders(request("a", 1, 5, bounds))
    assert (row["start_ts"], row["stop_ts"]) == ("2026-11-23T00:00:00+00:00", "2026-11-24T23:59:59.999999+00:00")


def test_what_is_not_given_on_a_ward_is_no_order() -> None:
    home = {"category": [concept("x", "discharge")]}
    assert orders(request("a", 1, 5, {}, intent="plan"), request("b", 1, 5, {}, **home)) == []


def test_the_code_of_a_medicine_is_dm_and_d_if_there_is_one() -> None:
    both = {"coding": [{"system": "urn:local", "code": "AMOX", "display": "Amox"}, {"system": DMD, "code": "1"}]}
    inside = {"contained": [{"id": "m", "code": both}], "medicationReference": {"reference": "#m"}}
    (row,) = orders(request("a", 1, 5, {}, **inside))
    assert (row["drug_code"], row["drug_name"]) == ("1", "Amox")


@pytest.mark.parametrize(
    ("status", "given"),
    [
        ("completed", "given"),
        ("in-progress", "given"),
        ("not-done", "not given"),
        ("unknown", "blank"),
        ("on-hold", "on-hold"),
    ],
)
def test_a_dose_has_a_due_time_only_where_the_sites_extension_says_it(status: str, given: str) -> None:
    one = {"id": "d", "status": status, "request": {"reference": "MedicationRequest/r"}, "effectiveDateTime": ago(1)}
    told = one | {"extension": [{"url": DUE, "valueDateTime": ago(2)}]}
    rows = medicines.dose_rows({"d": told, "u": one}, ["r"], CODES, (), DUE, BASE, AS_AT, SINCE)
    assert [(row["status"], row["due_ts"]) for row in rows] == [(given, ago(2).replace("Z", "+00:00")), (given, None)]


# ------------------------------------------------------------------------------------------------------------ records
def test_a_patients_flag_stands_in_every_spell_that_it_was_up_in() -> None:
    found = spells_of(encounter(1, 300, 200), encounter(1, 30, id="again"), encounter(2, 30))
    flag = {"id": "f", "status": "active", "code": concept("urn:f", "X"), "subject": {"reference": "Patient/p1"}}
    ended = flag | {"id": "g", "period": {"start": "2020", "end": ago(250)}}
    flags = by_id(flag | {"period": {"start": "2020-01-01"}}, ended)
    rows = records.flag_rows(flags, found, CODES, (), AS_AT, SINCE)
    assert [(row["spell_key"], row["type"], row["start_ts"]) for row in rows] == [
        ("e1", "urn:f|X", "2020-01-01T00:00:00+00:00"),
        ("again", "urn:f|X", "2020-01-01T00:00:00+00:00"),
        (None, "urn:f|X", "?"),
    ]


@pytest.mark.parametrize(
    ("inputs", "minutes"),
    [
        ([{"valueDuration": {"value": 4, "code": "h"}}], 240),
        ([{"valueTiming": {"repeat": {"frequency": 2, "period": 1, "periodUnit": "h"}}}], 30),
        ([{"valueString": "hourly"}], "?"),
        ([], "?"),
        ([{"valueDuration": {"value": 4, "code": "h"}}, {"valueDuration": {"value": 1, "code": "h"}}], "?"),
    ],
)
def test_an_interval_that_is_not_told_is_quarantined_for_an_empty_one_would_say_stopped(
    inputs: Any, minutes: Any
) -> None:
    assert records.interval_of({"input": inputs}) == minutes


def test_a_plan_that_is_over_ends_at_the_latest_when_it_was_said_to_be() -> None:
    task = {"id": "t", "for": {"reference": "Patient/p1"}, "authoredOn": ago(9), "status": "cancelled"}
    found = spells_of(encounter(1, 30))
    (row,) = records.plan_rows({"t": task | {"lastModified": ago(2)}}, found, AS_AT)
    assert (row["valid_to"], row["set_by_role"]) == (ago(2).replace("Z", "+00:00"), None)
    assert [row["valid_to"] for row in records.plan_rows({"t": task}, found, AS_AT)] == ["?"]


def test_a_forms_version_matters_only_if_the_site_names_it() -> None:
    answer = {"id": "q", "status": "amended", "questionnaire": "urn:q|2", "subject": {"reference": "Patient/p1"}}
    answer |= {"authored": ago(1), "item": [{"linkId": "s", "answer": [{"valueInteger": 12}]}]}
    found, forms = spells_of(encounter(1, 30)), {"urn:q": Questionnaire(score="s")}
    (row,) = records.assessment_rows({"q": answer}, found, forms, ("urn:q",), AS_AT)
    assert (row["type"], row["status"], row["score"]) == ("urn:q", "complete", 12)
    assert records.assessment_rows({"q": answer}, found, forms, ("urn:q|2",), AS_AT)[0]["type"] == "urn:q|2"


# ------------------------------------------------------------------------------------------------- whatever may come
JUNK: tuple[Any, ...] = (
    None,
    True,
    0,
    -1.5,
    "",
    "x",
    "9999-12-31T23:59:59-14:00",
    [],
    [None],
    ["x"],
    {},
    {"value": []},
)


def _spoilt(resource: Any, dice: random.Random) -> Any:
    """The same with something somewhere in it replaced."""
    spoilt = copy.deepcopy(resource)
    node: Any = spoilt
    while True:
        keys = list(node) if isinstance(node, dict) else list(range(len(node)))
        key = dice.choice([key for key in keys if key != "id"] or keys)
        if isinstance(node[key], dict | list) and node[key] and dice.random() < 0.7:
            node = node[key]
            continue
        node[key] = dice.choice(JUNK)
        return spoilt


def test_resources_of_any_shape_become_rows_and_raise_nothing() -> None:
    dice = random.Random(5)
    hospital = small_fhir_hospital()
    one: Resource = {"status": "active", "subject": {"reference": "Patient/p1"}, "period": {"start": ago(1)}, "id": "f"}
    item = {"linkId": "s", "answer": [{"valueCoding": {"code": "1"}}]}
    others = [
        one | {"resourceType": "Flag", "code": concept("urn:f", "X")},
        one | {"resourceType": "Task", "for": one["subject"], "authoredOn": ago(1),
               "input": [{"valueDuration": {"value": 4, "code": "h"}}]},
        one | {"resourceType": "QuestionnaireResponse", "questionnaire": "urn:q", "authored": ago(1), "item": [item]},
        one | {"resourceType": "MedicationAdministration", "request": {"reference": "MedicationRequest/r1"},
               "effectiveDateTime": ago(1), "extension": [{"url": DUE, "valueDateTime": ago(1)}],
               "statusReason": [concept("x", "y")]},
    ]  # fmt: skip
    for _ in range(150):
        kinds: dict[str, dict[str, Resource]] = {}
        for resource in [*hospital, *others]:
            kinds.setdefault(resource["resourceType"], {})[resource["id"]] = (
                _spoilt(resource, dice) if dice.random() < 0.5 else resource
            )
        patients = kinds["Patient"]
        found = spells.spells_of(kinds["Encounter"].values(), patients, FHIR, AS_AT, SINCE)
        stays.spell_rows(found, patients, AS_AT)
        stays.identity_rows(found, patients)
        in_hospital = {row["spell_key"] for row in stays.stay_rows(found, kinds["Location"], CODES, AS_AT, SINCE)}
        assert {one.key for one in found.all if one.is_open} <= in_hospital
        observations.observation_rows(kinds["Observation"], found, CODES, ACVPU, AS_AT, SINCE)
        medicines.order_rows(kinds["MedicationRequest"], {}, found, CODES, AS_AT, SINCE)
        medicines.dose_rows(kinds["MedicationAdministration"], ["r1"], CODES, (), DUE, BASE, AS_AT, SINCE)
        records.flag_rows(kinds["Flag"], found, CODES, (), AS_AT, SINCE)
        records.plan_rows(kinds["Task"], found, AS_AT)
        forms = {"urn:q": Questionnaire(score="s", risk_band="s")}
        records.assessment_rows(kinds["QuestionnaireResponse"], found, forms, ("urn:q",), AS_AT)
