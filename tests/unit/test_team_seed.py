"""The simulated hospital's teams have spoken once, within every limit that a form has, and of no patient."""

from __future__ import annotations

from pathlib import Path

from surveillance.store import open_database
from surveillance.team.board import LONGEST
from surveillance.team.feeds import answers
from surveillance.team.notebook import Notebook
from surveillance.team.patient_details import Known, refused
from surveillance.team.seed import ACTIONS, TRIED, seed_team
from surveillance.team.texts import text_fault
from surveillance.team.things import Kind
from tests.displays import NOON
from tests.teams import site


def test_it_is_seeded_once_and_every_row_is_accepted(tmp_path: Path) -> None:
    database, shown, notebook = open_database(f"sqlite:///{tmp_path / 'store.sqlite'}"), site(tmp_path), Notebook()
    assert seed_team(database, shown, NOON, NOON)
    assert not seed_team(database, shown, NOON, NOON)
    notebook.open(database)
    notebook.read()
    assert {thing.kind for thing in notebook.things} == set(Kind) - {Kind.OWNED}
    assert {thing.ward for thing in notebook.things} == {ward.code for ward in shown.wards}
    feeds = answers(notebook.things, ("huddle_rating", "huddle_action", "accreditation"), NOON)
    assert all(data.rows and not data.rejected for data in feeds)
    database.close()


def test_what_it_says_could_have_been_typed() -> None:
    today = NOON.date()
    for words, longest in (
        *((words, LONGEST["trying"]) for words in TRIED),
        *((what, LONGEST["what"]) for what, _ in ACTIONS),
        *((role, LONGEST["role"]) for _, role in ACTIONS),
    ):
        assert text_fault(words, longest) == ""
        assert refused(words, Known(), today) is None
