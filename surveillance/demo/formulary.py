"""The medicines that the hospital prescribes: invented codes in the manner of dm+d, each in one class."""

from __future__ import annotations

from dataclasses import dataclass

Times = tuple[tuple[int, int], ...]
"""Local times of day."""

OD: Times = ((8, 0),)
MIDDAY: Times = ((12, 0),)
BD: Times = ((8, 0), (18, 0))
TDS: Times = ((8, 0), (14, 0), (22, 0))
QDS: Times = ((8, 0), (12, 0), (18, 0), (22, 0))
NIGHT: Times = ((22, 0),)
EVENING: Times = ((18, 0),)
EVERY_8_H: Times = ((6, 0), (14, 0), (22, 0))
EVERY_12_H: Times = ((6, 0), (18, 0))
MEALS: Times = ((7, 30), (12, 0), (17, 30))
PARKINSONS: Times = ((7, 0), (11, 0), (15, 0), (19, 0), (22, 30))
"""Times that follow no round: the patient's own."""


@dataclass(frozen=True, slots=True)
class Drug:
    """``drug_class``: of definitions 2.3; ``other`` where it is in none of the critical classes."""

    name: str
    drug_class: str
    route: str
    times: Times = ()
    days: int | None = None
    """A course ends after so many days."""


CATALOGUE: dict[str, Drug] = {
    f"9{1000 + place:05d}001109": drug
    for place, drug in enumerate(
        (
            Drug("Co-amoxiclav 1.2 g injection", "antimicrobial", "IV", EVERY_8_H, 5),
            Drug("Piperacillin/tazobactam 4.5 g injection", "antimicrobial", "IV", EVERY_8_H, 5),
            Drug("Cefuroxime 1.5 g injection", "antimicrobial", "IV", EVERY_8_H, 1),
            Drug("Doxycycline 100 mg capsules", "antimicrobial", "PO", OD, 5),
            Drug("Amoxicillin 500 mg capsules", "antimicrobial", "PO", TDS, 5),
            Drug("Vancomycin 125 mg capsules", "antimicrobial", "PO", QDS, 10),
            Drug("Enoxaparin 40 mg injection", "anticoagulant", "SC", EVENING),
            Drug("Apixaban 5 mg tablets", "anticoagulant", "PO", BD),
            Drug("Warfarin 1 mg tablets", "anticoagulant", "PO", EVENING),
            Drug("Insulin glargine injection", "insulin", "SC", NIGHT),
            Drug("Insulin aspart injection", "insulin", "SC", MEALS),
            Drug("Co-careldopa 25 mg/100 mg tablets", "parkinsons", "PO", PARKINSONS),
            Drug("Levetiracetam 500 mg tablets", "antiepileptic", "PO", BD),
            Drug("Sodium valproate 500 mg tablets", "antiepileptic", "PO", BD),
            Drug("Morphine 10 mg modified-release tablets", "opioid", "PO", EVERY_12_H),
            Drug("Hydrocortisone 10 mg tablets", "corticosteroid", "PO", TDS),
            Drug("Tacrolimus 1 mg capsules", "immunosuppressant", "PO", BD),
            Drug("Amiodarone 200 mg tablets", "antiarrhythmic", "PO", OD),
            Drug("Adrenaline 1 mg injection", "emergency", "IV"),
            Drug("Glucose 20 % infusion", "emergency", "IV"),
            Drug("Gentamicin 320 mg infusion", "antimicrobial", "IV"),
            Drug("Aspirin 75 mg tablets", "other", "PO", OD),
            Drug("Atorvastatin 40 mg tablets", "other", "PO", NIGHT),
            Drug("Ramipril 5 mg capsules", "other", "PO", OD),
            Drug("Bisoprolol 2.5 mg tablets", "other", "PO", OD),
            Drug("Amlodipine 5 mg tablets", "other", "PO", OD),
            Drug("Furosemide 40 mg tablets", "other", "PO", BD),
            Drug("Omeprazole 20 mg capsules", "other", "PO", OD),
            Drug("Metformin 500 mg tablets", "other", "PO", BD),
            Drug("Levothyroxine 100 microgram tablets", "other", "PO", OD),
            Drug("Paracetamol 1 g tablets", "other", "PO", QDS),
            Drug("Senna 7.5 mg tablets", "other", "PO", NIGHT),
            Drug("Colecalciferol 800 unit tablets", "other", "PO", MIDDAY),
            Drug("Salbutamol nebules", "other", "NEB", QDS),
            Drug("Tiotropium inhaler", "other", "INH", OD),
            Drug("Sertraline 50 mg tablets", "other", "PO", OD),
            Drug("Donepezil 10 mg tablets", "other", "PO", NIGHT),
            Drug("Ibuprofen 400 mg tablets", "other", "PO", TDS),
            Drug("Sodium chloride 0.9 % flush", "flush", "IV", EVERY_8_H),
            Drug("Oxygen", "oxygen", "INH"),
            Drug("Nutritional supplement drink", "feed", "PO", BD),
            Drug("Compression stockings", "non_drug", "TOP", OD),
            Drug("Anti-D immunoglobulin injection", "protocol", "IM"),
            Drug("Vitamin K injection for newborns", "protocol", "IM"),
            Drug("Ondansetron 4 mg injection", "other", "IV"),
            Drug("Oramorph 10 mg/5 ml solution", "opioid", "PO"),
            Drug("Sodium chloride 0.9 % 1 litre infusion", "other", "IV"),
            Drug("Insulin variable-rate infusion", "insulin", "IV"),
        )
    )
}
"""Code → medicine."""

CODES = {drug.name: code for code, drug in CATALOGUE.items()}
LOCAL_ONLY = "LOC0077"
"""A product that the pharmacy added by hand and no map knows."""
CRITICAL = (
    "emergency",
    "antimicrobial",
    "anticoagulant",
    "insulin",
    "parkinsons",
    "antiepileptic",
    "opioid",
    "corticosteroid",
    "immunosuppressant",
    "antiarrhythmic",
)
"""The trust's list after NPSA/2010/RRR009."""


def named(*beginnings: str) -> list[str]:
    """The codes of the medicines whose names begin so.

    Raises:
        KeyError: no medicine is named so.
    """
    codes = []
    for beginning in beginnings:
        found = next((code for code, drug in CATALOGUE.items() if drug.name.startswith(beginning)), None)
        if found is None:
            raise KeyError(beginning)
        codes.append(found)
    return codes
