"""On the desk a medicine has the name by which people know it, and its code only where its source gives no name."""

from __future__ import annotations

from surveillance.measures import EVERYTHING
from surveillance.measures.doses import medicine
from tests.canonical import feed_data
from tests.displays import NOON


def test_a_medicine_without_a_name_is_called_by_its_code() -> None:
    order = {"spell_key": "S", "kind": "regular", "status": "active"}
    rows = [
        {**order, "order_key": "1", "drug_code": "910001", "drug_name": "Gentamicin 80 mg/2 ml"},
        {**order, "order_key": "2", "drug_code": "910002", "drug_name": None},
    ]
    frame = feed_data("order", rows, NOON).frame
    assert frame is not None
    assert sorted(medicine(frame)) == ["910002", "Gentamicin 80 mg/2 ml"]


def test_no_list_shows_a_bare_code() -> None:
    assert [one.id for one in EVERYTHING.values() if "drug_code" in one.columns] == []
