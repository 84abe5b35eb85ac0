"""The canonical tables: every feed that a measure may read, whatever system it came from.

Times are UTC instants, dates Europe/London calendar dates, ages completed years. A system's own words are mapped
to the code sets here by configuration; a word that no mapping knows is counted, never guessed.
"""

from __future__ import annotations

from surveillance.feeds.schema import Column, Feed, Kind, OnBad

KEY, TEXT, CODE, TIME, DATE, NUMBER, BOOL = Kind
REJECT, BLANK, KEEP = OnBad

ASSESSMENT_TYPES = (
    "vte",
    "must",
    "falls",
    "falls_early",
    "pressure_ulcer",
    "smoking",
    "alcohol",
    "allergy",
    "oral",
    "adl",
    "moving_handling",
    "cfs",
)
REASON_GROUPS = (
    "UNAVAILABLE",
    "NO_REASON",
    "REFUSED",
    "CLINICAL_WITHHELD",
    "NIL_BY_MOUTH",
    "NO_ROUTE",
    "ABSENT_FROM_WARD",
    "SELF_ADMINISTERED",
    "GIVEN_ELSEWHERE/EARLIER",
    "PENDING_CLARIFICATION",
    "other",
)
FLAG_TYPES = (
    "sepsis_suspected",
    "sepsis_confirmed",
    "allergy",
    "aki_refuted",
    "chronic_dialysis",
    "falls_risk_factor",
    "isolation_covid",
    "isolation_cdiff",
    "cdiff_resolved",
)


def _key(name: str, means: str, *, nullable: bool = False) -> Column:
    return Column(name, KEY, means, nullable=nullable, required=True)


def _spell_key() -> Column:
    return _key("spell_key", "the hospital provider spell that the row belongs to")


SPELL = Feed(
    "spell",
    "one hospital provider spell: a patient's continuous stay with the provider",
    (
        _key("patient_key", "the surviving patient key of the person"),
        _key("spell_key", "names the spell"),
        Column("admit_ts", TIME, "start of the spell", required=True, past=True),
        Column("admission_method", TEXT, "how the patient came in, in the source's words"),
        Column(
            "patient_class",
            CODE,
            "null means inpatient",
            codes=("inpatient", "day case", "regular"),
            on_bad=BLANK,
        ),
        Column("discharge_ts", TIME, "end of the spell; null while it lasts", required=True),
        Column("discharge_method", TEXT, "how the patient left, in the source's words"),
        Column("age", NUMBER, "completed years at admission", unit="years", low=0, high=130, on_bad=BLANK),
        Column(
            "age_days",
            NUMBER,
            "age at admission, only under 1 year",
            unit="days",
            low=0,
            high=366,
            on_bad=BLANK,
        ),
        Column("sex", CODE, "as registered", codes=("female", "male", "other"), on_bad=BLANK),
        Column("pregnant_or_recent", BOOL, "pregnant, or recently so", on_bad=BLANK),
        Column("is_test", BOOL, "a test patient, who counts nowhere", on_bad=BLANK),
        Column("merged_into", KEY, "the key that replaced this patient; such a spell counts nowhere"),
    ),
    key=("spell_key",),
    ordered=(("admit_ts", "discharge_ts"),),
    newest=("admit_ts", "discharge_ts"),
    steady=True,
)

WARD_STAY = Feed(
    "ward_stay",
    "the time a patient stays in one bed of one ward within a spell, with at most one leave",
    (
        _spell_key(),
        _key("ward_code", "the ward where the patient lies"),
        Column("bed_code", KEY, "the bed, null when none is assigned"),
        Column("start_ts", TIME, "arrival", nullable=False, required=True, past=True),
        Column("end_ts", TIME, "departure; null while it lasts", required=True),
        Column("on_leave_from", TIME, "start of leave"),
        Column("on_leave_to", TIME, "return from leave"),
    ),
    ordered=(("start_ts", "end_ts"), ("on_leave_from", "on_leave_to")),
    newest=("start_ts", "end_ts"),
    steady=True,
)

ED_ATTENDANCE = Feed(
    "ed_attendance",
    "one emergency department attendance that led to the spell",
    (
        _spell_key(),
        Column("arrival_ts", TIME, "arrival in the department", nullable=False, required=True, past=True),
        Column("first_seen_registered_ts", TIME, "first seen by a registered professional"),
        Column("decision_to_admit_ts", TIME, "decision to admit"),
    ),
    key=("spell_key", "arrival_ts"),
    newest=("arrival_ts", "decision_to_admit_ts"),
)

ASSESSMENT = Feed(
    "assessment",
    "one entry of an assessment form about a patient",
    (
        _spell_key(),
        Column("type", CODE, "which assessment", nullable=False, required=True, codes=ASSESSMENT_TYPES),
        Column("tool", TEXT, "the instrument used"),
        Column(
            "status",
            CODE,
            "only complete counts",
            required=True,
            on_bad=KEEP,
            codes=("draft", "complete", "void"),
        ),
        Column("effective_ts", TIME, "when the patient was assessed", required=True),
        Column("recorded_ts", TIME, "when it was entered", required=True),
        Column("score", NUMBER, "the instrument's total", unit="points", low=0, high=100, on_bad=BLANK),
        Column("risk_band", TEXT, "the instrument's band, or the allergy status"),
        Column("exempt_reason", TEXT, "documented reason why it does not apply"),
        Column("author_role", TEXT, "role of who entered it"),
    ),
    newest=("recorded_ts",),
    steady=True,
)

CARE_EVENT = Feed(
    "care_event",
    "something that happened to a patient and may ask for re-assessment",
    (
        _spell_key(),
        Column(
            "type",
            CODE,
            "what happened",
            nullable=False,
            required=True,
            codes=("fall", "surgery", "transfer", "restraint start", "condition change", "consultant review"),
        ),
        Column("ts", TIME, "when", nullable=False, required=True, past=True),
    ),
    newest=("ts",),
)

ORDER = Feed(
    "order",
    "the current version of one prescription",
    (
        _key("order_key", "names the prescription"),
        _spell_key(),
        Column("drug_code", KEY, "dm+d code of the VTM or VMP, or the source's own", required=True),
        Column("drug_name", TEXT, "what people call it; without it the code stands on the desk"),
        Column("route", TEXT, "route of administration"),
        Column(
            "kind",
            CODE,
            "regular and stat are the scheduled kinds; infusion is continuous or rate-titrated",
            required=True,
            codes=("regular", "PRN", "stat", "infusion", "conditional"),
        ),
        Column(
            "status",
            CODE,
            "of the prescription now",
            nullable=False,
            required=True,
            codes=("active", "suspended", "stopped", "completed", "draft", "cancelled", "void"),
        ),
        Column("start_ts", TIME, "first valid moment", required=True),
        Column("stop_ts", TIME, "end of validity", required=True),
        Column(
            "verify_status",
            CODE,
            "clinical verification",
            codes=("verified", "not verified", "not required"),
            on_bad=BLANK,
        ),
        Column("verified_ts", TIME, "when it was verified"),
        Column("verifier_role", TEXT, "only a pharmacist's verification counts"),
        Column("last_modified_ts", TIME, "last change of drug, dose, route or frequency"),
    ),
    key=("order_key",),
    latest_by="last_modified_ts",
    ordered=(("start_ts", "stop_ts"),),
    newest=("last_modified_ts", "verified_ts", "start_ts"),
    steady=True,
)

DOSE_EVENT = Feed(
    "dose_event",
    "one administration record of a due dose; a due dose that is not charted yet has a row with a blank status",
    (
        _key("order_key", "the prescription that the dose belongs to"),
        Column("due_ts", TIME, "when the dose was due", nullable=False, required=True),
        Column(
            "status",
            CODE,
            "blank or null is no record",
            required=True,
            codes=("given", "not given", "self", "blank"),
        ),
        Column("given_ts", TIME, "when it was given", required=True),
        Column(
            "reason_code",
            CODE,
            "reason group of a dose not given",
            required=True,
            codes=REASON_GROUPS,
            on_bad=KEEP,
        ),
        Column("reason_text", TEXT, "free text of the reason"),
        Column("voided", BOOL, "struck out", on_bad=BLANK),
        Column("recorded_ts", TIME, "when the record was made"),
    ),
    newest=("recorded_ts", "given_ts"),
    lookback_h=29 * 24,
    recent_h=26,
    recent_by="due_ts",
    steady=True,
)

MEDREC = Feed(
    "medrec",
    "one medicines reconciliation of a spell",
    (
        _spell_key(),
        Column(
            "status",
            CODE,
            "only complete counts",
            required=True,
            on_bad=KEEP,
            codes=("draft", "complete", "void"),
        ),
        Column("completed_ts", TIME, "when it was completed", required=True),
        Column("role", TEXT, "role of who completed it", required=True),
        Column("sources_count", NUMBER, "sources used", unit="sources", low=0, high=50, on_bad=BLANK),
    ),
    newest=("completed_ts",),
)

LAB_RESULT = Feed(
    "lab_result",
    "one laboratory result",
    (
        _key("patient_key", "the person"),
        Column("test", CODE, "which test", nullable=False, required=True, codes=("creatinine",), on_bad=KEEP),
        Column(
            "value",
            NUMBER,
            "numeric result; empty when the laboratory reported text",
            required=True,
            unit="as in unit",
            on_bad=BLANK,
        ),
        Column("unit", TEXT, "unit of value (creatinine: umol/L)"),
        Column("collected_ts", TIME, "when the specimen was taken", nullable=False, required=True, past=True),
        Column("reported_ts", TIME, "when the result was authorised"),
        Column("ref_low", NUMBER, "lower reference limit", unit="as value", on_bad=BLANK),
        Column("ref_high", NUMBER, "upper reference limit", unit="as value", on_bad=BLANK),
        Column(
            "aki_stage_from_lab",
            NUMBER,
            "the laboratory's AKI warning stage",
            unit="stage",
            low=0,
            high=3,
            on_bad=BLANK,
        ),
    ),
    newest=("reported_ts", "collected_ts"),
    lookback_h=35 * 24,
)

MICRO_RESULT = Feed(
    "micro_result",
    "one microbiology or virology test of a patient",
    (
        _key("patient_key", "the person"),
        Column(
            "organism",
            CODE,
            "organism or test",
            nullable=False,
            required=True,
            codes=("SARS-CoV-2", "C. difficile", "Influenza", "RSV", "blood culture"),
            on_bad=KEEP,
        ),
        Column(
            "status",
            CODE,
            "how far the test is",
            nullable=False,
            required=True,
            codes=("ordered", "collected", "in lab", "final", "cancelled"),
        ),
        Column(
            "result",
            CODE,
            "only a final result can be positive",
            required=True,
            codes=("positive", "toxin positive", "negative"),
            on_bad=KEEP,
        ),
        Column("ordered_ts", TIME, "when it was ordered"),
        Column("collected_ts", TIME, "when the specimen was taken", required=True),
        Column("final_ts", TIME, "when the result was final", required=True),
    ),
    newest=("final_ts", "collected_ts", "ordered_ts"),
    lookback_h=400 * 24,
)

OBS_SET = Feed(
    "obs_set",
    "one set of vital signs",
    (
        _spell_key(),
        Column("ts", TIME, "when they were measured", nullable=False, required=True, past=True),
        Column("rr", NUMBER, "respiration rate", unit="/min", low=1, high=100, on_bad=BLANK),
        Column("spo2", NUMBER, "oxygen saturation", unit="%", low=20, high=100, on_bad=BLANK),
        Column(
            "spo2_scale",
            NUMBER,
            "2 where a target of 88-92 % is prescribed, else 1",
            low=1,
            high=2,
            on_bad=BLANK,
        ),
        Column("o2", TEXT, "'air', or the device or flow; null is missing"),
        Column("sbp", NUMBER, "systolic blood pressure", unit="mmHg", low=20, high=350, on_bad=BLANK),
        Column("pulse", NUMBER, "heart rate", unit="/min", low=10, high=350, on_bad=BLANK),
        Column("acvpu", CODE, "consciousness", codes=("A", "C", "V", "P", "U"), on_bad=BLANK),
        Column("temp", NUMBER, "temperature", unit="°C", low=20, high=46, on_bad=BLANK),
        Column(
            "news2_total",
            NUMBER,
            "the score as the source recorded it",
            unit="points",
            low=0,
            high=20,
            on_bad=BLANK,
        ),
        Column("complete", BOOL, "all parameters were measured", required=True, on_bad=BLANK),
    ),
    newest=("ts",),
    recent_h=24,
    recent_by="ts",
    steady=True,
)

OBS_PLAN = Feed(
    "obs_plan",
    "a decision how often a patient's vital signs are to be measured",
    (
        _spell_key(),
        Column(
            "interval_min",
            NUMBER,
            "0 is continuous, null is stopped",
            required=True,
            unit="min",
            low=0,
            high=20160,
        ),
        Column("set_ts", TIME, "when it was decided", nullable=False, required=True, past=True),
        Column("set_by_role", TEXT, "role of who decided; null, system or auto is no person"),
        Column("reason", TEXT, "why"),
        Column("valid_to", TIME, "end of the plan"),
    ),
    newest=("set_ts",),
    ordered=(("set_ts", "valid_to"),),
)

FLAG = Feed(
    "flag",
    "a marker on a patient's record that is open for some time",
    (
        _spell_key(),
        Column(
            "type",
            CODE,
            "what it marks; other types count in no measure",
            nullable=False,
            required=True,
            codes=FLAG_TYPES,
            on_bad=KEEP,
        ),
        Column("status", TEXT, "open, active or null is open"),
        Column("start_ts", TIME, "from when", nullable=False, required=True),
        Column("end_ts", TIME, "until when"),
        Column("author_role", TEXT, "role of who set it"),
    ),
    newest=("start_ts", "end_ts"),
    ordered=(("start_ts", "end_ts"),),
)

DISCHARGE_PLAN = Feed(
    "discharge_plan",
    "one state of a patient's discharge plan; the latest stands whole",
    (
        _spell_key(),
        Column("edd", DATE, "expected date of discharge", required=True),
        Column("edd_set_ts", TIME, "when this state was entered"),
        Column("golden_for_date", DATE, "flagged to leave early on this date"),
        Column("criteria_to_reside_code", TEXT, "01-12, 'none', or null for not reviewed"),
        Column("discharge_ready_ts", TIME, "since when the patient is ready to leave"),
        Column("discharge_certainty", TEXT, "in the source's words"),
    ),
    newest=("edd_set_ts",),
)

RESTRICTIVE_PRACTICE = Feed(
    "restrictive_practice",
    "one restrictive practice applied to a patient for some time",
    (
        _spell_key(),
        Column("kind", TEXT, "which practice"),
        Column("start_ts", TIME, "from when", nullable=False, required=True, past=True),
        Column("end_ts", TIME, "until when", required=True),
        Column("last_review_ts", TIME, "last review of whether a less restrictive option exists", required=True),
        Column(
            "legal_basis",
            CODE,
            "authority for it",
            codes=("consent", "MCA best interests", "DoLS urgent", "DoLS standard", "MHA"),
            on_bad=BLANK,
        ),
        Column("authorisation_end", TIME, "end of the authorisation"),
    ),
    newest=("start_ts", "last_review_ts"),
    ordered=(("start_ts", "end_ts"),),
)

WOUND = Feed(
    "wound",
    "one wound as it stands now",
    (
        _spell_key(),
        _key("wound_key", "names the wound"),
        Column("kind", TEXT, "pressure_ulcer is counted; moisture damage has another kind", required=True),
        Column(
            "category",
            CODE,
            "of a pressure ulcer",
            codes=("1", "2", "3", "4", "unstageable", "DTI"),
            on_bad=KEEP,
        ),
        Column("site", TEXT, "where on the body"),
        Column("device_related", BOOL, "caused by a device", on_bad=BLANK),
        Column("first_observed_ts", TIME, "first seen", required=True, past=True),
        Column("present_on_admission", BOOL, "already there on admission", on_bad=BLANK),
        Column("healed_ts", TIME, "healed", required=True),
        Column("validated", BOOL, "confirmed by whoever validates harm", on_bad=BLANK),
    ),
    key=("wound_key",),
    ordered=(("first_observed_ts", "healed_ts"),),
    newest=("first_observed_ts", "healed_ts"),
    lookback_h=400 * 24,
)

DUTY = Feed(
    "duty",
    "one demanded duty of the roster, whose state says how it stands now",
    (
        Column("duty_key", KEY, "names the duty, if the source does"),
        _key("ward_code", "the ward that demands it"),
        Column("start_ts", TIME, "start", nullable=False, required=True),
        Column("end_ts", TIME, "end", nullable=False, required=True),
        Column(
            "staff_group",
            CODE,
            "RN is registered; HCSW and RNA are unregistered",
            nullable=False,
            required=True,
            codes=("RN", "RNA", "HCSW", "other"),
        ),
        Column(
            "state",
            CODE,
            "how it stands now",
            nullable=False,
            required=True,
            codes=("required", "filled", "unfilled", "sick", "cancelled"),
        ),
        Column("worked_ward", KEY, "where it is worked; null is the demanding ward"),
        Column("supernumerary", BOOL, "not counted in the numbers", on_bad=BLANK),
        Column(
            "source",
            CODE,
            "who works it",
            codes=("substantive", "bank", "agency", "redeployed"),
            on_bad=BLANK,
        ),
        Column("break_min", NUMBER, "unpaid break", unit="min", low=0, high=240, on_bad=BLANK),
    ),
    key=("duty_key",),
    rows_may_repeat=True,
    ordered=(("start_ts", "end_ts"),),
    newest=("start_ts",),
    lookback_h=33 * 24,
    recent_h=48,
    recent_by="start_ts",
    steady=True,
)

CENSUS_STAFFING = Feed(
    "census_staffing",
    "one staffing census of a ward and shift",
    (
        _key("ward_code", "the ward"),
        Column("ts", TIME, "when it was taken", nullable=False, required=True, past=True),
        Column("shift", CODE, "which shift", codes=("day", "night"), on_bad=BLANK),
        Column(
            "required_hours",
            NUMBER,
            "hours needed by acuity, read as RN hours",
            required=True,
            unit="h",
            low=0,
            high=2000,
        ),
        Column(
            "required_rn_hours",
            NUMBER,
            "RN hours needed, if the source tells them apart",
            unit="h",
            low=0,
            high=2000,
        ),
        Column("available_hours", NUMBER, "hours available", unit="h", low=0, high=2000, on_bad=BLANK),
        Column("professional_judgement", TEXT, "in the source's words"),
        Column("red_flags", TEXT, "red flags raised, separated by semicolons"),
    ),
    newest=("ts",),
    lookback_h=48,
)

HUDDLE_RATING = Feed(
    "huddle_rating",
    "a ward team's own rating of how reliable its processes are, given at its huddle",
    (
        _key("ward_code", "the ward"),
        Column("rated_on", DATE, "the day of the huddle", nullable=False, required=True),
        Column("rating", NUMBER, "1 low to 5 high", nullable=False, required=True, low=1, high=5),
        Column("recorded_ts", TIME, "when it was entered; of two ratings of a day the later stands", past=True),
    ),
    newest=("recorded_ts",),
    lookback_h=400 * 24,
)

HUDDLE_ACTION = Feed(
    "huddle_action",
    "one improvement action that a ward's team agreed, without any detail of a patient",
    (
        _key("action_key", "names the action"),
        _key("ward_code", "the ward"),
        Column("opened_ts", TIME, "when it was agreed", nullable=False, required=True, past=True),
        Column("closed_ts", TIME, "when it was done; null while it is open", required=True, past=True),
        Column("what", TEXT, "what is to be done"),
        Column("owner_role", TEXT, "the role of whoever does it, never a person's name"),
        Column("due_on", DATE, "by when"),
    ),
    key=("action_key",),
    ordered=(("opened_ts", "closed_ts"),),
    newest=("opened_ts", "closed_ts"),
    lookback_h=400 * 24,
)

ACCREDITATION = Feed(
    "accreditation",
    "one accreditation of a ward by the scheme of the site",
    (
        _key("ward_code", "the ward"),
        Column("level", TEXT, "the level reached, as the site's file lists it", nullable=False, required=True),
        Column("assessed_on", DATE, "the day of the assessment", nullable=False, required=True),
        Column("next_due", DATE, "when the next assessment is due"),
        Column("scheme", TEXT, "the scheme"),
        Column("recorded_ts", TIME, "when it was entered; of two of a day the later stands", past=True),
    ),
    newest=("recorded_ts",),
    lookback_h=10 * 366 * 24,
)

PATIENT_IDENTITY = Feed(
    "patient_identity",
    "who a person is, for the signed-in desk alone: no measure reads it, and nothing of it is stored",
    (
        _key("patient_key", "the surviving patient key of the person"),
        Column("family_name", TEXT, "family name as registered"),
        Column("given_name", TEXT, "given names as registered"),
        Column("hospital_number", KEY, "the hospital's own number, as it stands on the wristband"),
        Column("nhs_number", TEXT, "NHS number; empty when it is not traced"),
        Column("birth_date", DATE, "date of birth"),
    ),
    key=("patient_key",),
    steady=True,
)

FEEDS: dict[str, Feed] = {
    feed.name: feed
    for feed in (
        SPELL,
        WARD_STAY,
        ED_ATTENDANCE,
        ASSESSMENT,
        CARE_EVENT,
        ORDER,
        DOSE_EVENT,
        MEDREC,
        LAB_RESULT,
        MICRO_RESULT,
        OBS_SET,
        OBS_PLAN,
        FLAG,
        DISCHARGE_PLAN,
        RESTRICTIVE_PRACTICE,
        WOUND,
        DUTY,
        CENSUS_STAFFING,
        HUDDLE_RATING,
        HUDDLE_ACTION,
        ACCREDITATION,
        PATIENT_IDENTITY,
    )
}
"""Every canonical table by its name."""
