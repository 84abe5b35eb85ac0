"""Every medicine named in the data gets the class of the longest beginning that the pack knows; the rest have none."""

from __future__ import annotations

import csv
import sqlite3
from contextlib import closing
from pathlib import Path

CLASSES = "medicine_classes.csv"
CRITICAL = (
    "emergency",
    "antimicrobial",
    "anticoagulant",
    "antiplatelet",
    "insulin",
    "parkinsons",
    "antiepileptic",
    "opioid",
    "corticosteroid",
    "immunosuppressant",
    "antiretroviral",
    "antiarrhythmic",
    "myasthenia",
    "desmopressin",
    "clozapine",
)
"""Critical classes (NPSA/2010/RRR009 and, beyond it, the local default of the definitions, section 2.3).

Opioids are critical only in forms that nobody gives as required: the source does not tell regular doses apart.
Antiplatelets are those used for coronary syndromes and stents only.
"""


def write_classes(database: Path, pack: Path, path: Path) -> list[str]:
    """Writes the medicines of ``database`` with their classes (columns drug_code, class) to ``path``.

    Gives the critical classes that occur. A medicine that nothing in ``pack``'s list begins is left out.
    """
    with (pack / CLASSES).open(encoding="utf-8", newline="") as file:
        beginnings = sorted(
            ((row["begins_with"], row["class"]) for row in csv.DictReader(file)), key=lambda one: -len(one[0])
        )
    with closing(sqlite3.connect(f"{database.resolve().as_uri()}?mode=ro", uri=True)) as connection:
        names = connection.execute("SELECT DISTINCT LOWER(TRIM(medication)) FROM emar WHERE medication IS NOT NULL")
        medicines = sorted(name for (name,) in names.fetchall())
    classes = {}
    for name in medicines:
        found = next((drug_class for beginning, drug_class in beginnings if name.startswith(beginning)), None)
        if found:
            classes[name] = found
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["drug_code", "class"])
        writer.writerows(classes.items())
    occurring = set(classes.values())
    return [name for name in CRITICAL if name in occurring]
