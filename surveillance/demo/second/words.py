"""What the first hospital's codes are called in the second one."""

from __future__ import annotations

FORMS = {
    "VTE_ADULT_V3": "VTE risk assessment (adult) v3",
    "VTE_MAT_V2": "VTE risk assessment (maternity) v2",
    "MUST_V5": "MUST v5",
    "STAMP_V1": "STAMP",
    "SAFE_MOB_V1": "Safe mobility screen",
    "FALLS_MFA_V4": "Multifactorial falls assessment",
    "SKIN_RISK_V2": "Pressure ulcer risk",
    "SMOKE_STAT": "Smoking status",
    "AUDITC_V2": "AUDIT-C",
    "ALLERGY_STAT": "Allergies and intolerances",
    "MOUTHCARE_V1": "Mouth care",
    "MH_PLAN_V2": "Moving and handling plan",
    "ADL_V3": "Activities of daily living",
    "CFS_V1": "Clinical Frailty Scale",
    "DELIRIUM_4AT": "4AT",
}
TOOLS = {"PURPOSE T": "PURPOSE-T", "WATERLOW": "Waterlow 2005", "BRADEN Q": "Braden Q"}
BANDS = {"NKDA": "No known allergies", "ALLERGIC": "Allergy recorded", "UNKNOWN": "Unable to ascertain",
         "NOT AT RISK": "Green", "AT RISK": "Amber", "LOW": "Low", "ASSISTED": "Needs help"}  # fmt: skip
GENDERS = {"F": "Female", "M": "Male", "X": "Indeterminate"}
PATIENT_TYPES = {"IP": "Ordinary admission", "DC": "Day case", "RDA": "Regular day", "RNA": "Regular night"}
MATERNITY = {"P": "Pregnant", "R": "Delivered within 6 weeks"}
LEFT_BY = {"1": "Discharged", "2": "Left against advice", "4": "Died"}
OXYGEN = {"AIR": "Room air", "NASAL": "Nasal specs", "VENTURI": "Venturi", "NRB": "Non-rebreathe"}
ALERTS = {
    "SEP-SCRN": "Sepsis: screen positive",
    "SEP-DX": "Sepsis: confirmed",
    "ALLERGY": "Allergy",
    "AKI-NO": "AKI excluded",
    "DIALYSIS": "On dialysis",
    "FALL-RF": "Falls risk",
    "ISO-COV": "Isolate: COVID-19",
    "ISO-CDI": "Isolate: C. difficile",
    "CDI-END": "C. difficile resolved",
    "SOCIAL": "Social work involved",
}
EVENTS = {"FALL": "Fall", "THEATRE": "Operation", "COND_CHG": "Change in condition", "CONS_RV": "Consultant review",
          "RESTR": "Restriction began"}  # fmt: skip
SCHEDULES = {"SCHED": "Regular", "PRN": "When required", "ONCE": "Once only", "CONT": "Continuous",
             "COND": "If needed per protocol"}  # fmt: skip
OUTCOMES = {"G": "Administered", "N": "Omitted", "S": "Self-administered"}
REASONS = {
    "NA": "Not available",
    "RF": "Refused",
    "CW": "Withheld: clinical",
    "NBM": "Nil by mouth",
    "NR": "No route",
    "AB": "Off ward",
    "SA": "Self-administering",
    "GE": "Given elsewhere",
    "PC": "Query with prescriber",
    "OT": "Other",
}
ANALYTES = {"CREA": "Creatinine", "CREA-POC": "Creatinine (point of care)"}
GRADES = {"Registered": "Band 5 and above", "Nursing Associate": "Band 4", "Unregistered": "Band 2-3",
          "Other": "Other"}  # fmt: skip
STATES = {"Assigned": "Booked", "Vacant": "Open", "Sick": "Sickness", "Cancelled": "Withdrawn"}
STAFFED_BY = {"Substantive": "Own staff", "Bank": "Bank", "Agency": "Agency", "Redeployed": "Moved in"}
PARTS_OF_DAY = {"D": "Early", "N": "Night"}
