"""Whatever text people and sources supply, no page runs it and none breaks: every name and note here is an attack."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, Page

from surveillance.access.access import Access
from surveillance.access.people import Granted, Person, Role
from surveillance.current_lists import CurrentLists
from surveillance.hub import Hub
from surveillance.measures import CATALOGUE
from surveillance.settings import Settings
from surveillance.snapshot import State
from surveillance.store import open_database
from surveillance.team.notebook import Notebook
from surveillance.worklist import Patient, Worklist
from tests.displays import NOON, reading, served, settings, snapshot

ATTACK = '"\'><img src=x onerror="window.pwned=1"><script>window.pwned=1</script>`${window.pwned=1}`\u202e</title>'
"""Breaks out of an attribute, an element, a script and a template, and turns the direction of writing."""
CODE = "A\"><svg onload=window.pwned=1>/'&?#"
ADDRESSES = [
    "/",
    "/measures",
    "/status",
    "/executive",
    "/charts",
    f"/ward/{quote(CODE, safe='')}",
    f"/ward/{quote(CODE, safe='')}?at={quote(ATTACK, safe='')}",
    f"/charts/ward/{quote(CODE, safe='')}",
    f"/made-of/trust/trust?{quote(ATTACK, safe='')}",
    f"/desk/{quote(CODE, safe='')}",
    f"/desk/{quote(CODE, safe='')}?measure=patients_on_ward",
    f"/desk/{quote(CODE, safe='')}?measure={quote(ATTACK, safe='')}",
    f"/huddle/{quote(CODE, safe='')}",
    f"/huddle-sheet/{quote(CODE, safe='')}",
    f"/sign-in?next={quote('//evil.example/' + ATTACK, safe='')}",
    "/sign-in?next=javascript:window.pwned=1",
    f"/{quote(ATTACK, safe='')}",
    f"/ward/{quote(ATTACK, safe='')}",
    f"/desk/{quote(ATTACK, safe='')}",
    f"/screen/{quote(ATTACK, safe='')}",
    f"/api/wards/{quote(ATTACK, safe='')}/snapshot",
]


def site(folder: Path) -> Settings:
    return settings(
        site={"name": ATTACK, "trust_name": ATTACK},
        divisions=[{"code": "MED", "name": ATTACK}],
        sites=[{"code": "MAIN", "name": ATTACK}],
        wards=[{"code": CODE, "name": ATTACK, "division": "MED", "site": "MAIN", "specialty": ATTACK}],
        access={"local_accounts": True, "unpaired_walls_allowed": True},
        store={"path": folder / "store.sqlite"},
    )


def lists() -> Worklist:
    attacked = Patient(
        patient_key=ATTACK,
        spell_key=ATTACK,
        ward=CODE,
        bed=ATTACK,
        family_name=ATTACK,
        given_name=ATTACK,
        hospital_number=ATTACK,
        nhs_number=ATTACK,
    )
    rows = {
        (CODE, name): [
            dict.fromkeys((*measure.columns, *measure.key), ATTACK)
            | {"part": measure.parts[0], "key": f"{ATTACK}{number}", "spell_key": ATTACK, "patient_key": ATTACK}
            for number in range(3)
        ]
        for name, measure in CATALOGUE.items()
    }
    return Worklist(NOON, rows, patients={ATTACK: attacked}, spells={ATTACK: ATTACK})


@pytest.fixture(scope="module")
def attacked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """The address of a site all of whose words are attacks, and the token of a nurse whose name is one."""
    folder = tmp_path_factory.mktemp("attacked")
    shown, access, hub, current = site(folder), Access(), Hub(), CurrentLists()
    database = open_database(f"sqlite:///{folder / 'store.sqlite'}")
    access.of_site(shown)
    opened = access.open(shown, database)
    made = snapshot(lambda measure, ward: replace(reading(measure, ward), detail=ATTACK, source=ATTACK), site=shown)
    states = [state for state in State if state not in (State.VALUE, State.STALE)]
    for number, (name, one) in enumerate(made.readings[CODE].items()):
        if number % 5 == 0:
            made.readings[CODE][name] = replace(one, state=states[number % len(states)], parts=())  # type: ignore[index]
    hub.site(shown, lambda: NOON)
    current.publish(made, lists())
    hub.publish(made, 0.1)
    who = Person(ATTACK, ATTACK, "local", (Granted(Role.WARD_STAFF), Granted(Role.QUALITY)))
    token, _ = opened.sessions.begin(who, ATTACK)
    notebook = Notebook()
    notebook.open(database)
    with served(hub, access=access, lists=current, notebook=notebook) as address:
        yield address, token
    access.close()
    database.close()


@pytest.fixture
def page(chromium: Browser, attacked: tuple[str, str]) -> Iterator[Page]:
    address, token = attacked
    context = chromium.new_context(base_url=address)
    context.add_cookies([{"name": "session", "value": token, "url": address}])
    opened = context.new_page()
    yield opened
    context.close()


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_page_full_of_attacks_runs_none_and_does_not_break(page: Page, address: str) -> None:
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("dialog", lambda dialog: errors.append(dialog.message))
    answer = page.goto(address)
    assert answer is not None
    assert answer.status < 500 or answer.status == 503
    page.wait_for_load_state("load")
    if address.startswith("/desk/A") and "measure" in address:
        page.get_by_text("Every view of this page is recorded").wait_for()
    assert page.evaluate("window.pwned") is None
    assert page.locator("img[src=x], svg[onload], body script:not([src]):not([id]):has-text('pwned')").count() == 0
    assert page.evaluate("location.origin") == page.evaluate("new URL('/', document.baseURI).origin")
    assert errors == []


def test_what_a_team_writes_is_shown_as_it_was_written(page: Page) -> None:
    page.goto(f"/huddle/{quote(CODE, safe='')}")
    form = page.locator("form", has=page.get_by_label("We are trying"))
    form.get_by_label("We are trying").fill("<img src=x onerror=window.pwned=1> fewer falls")
    form.get_by_role("button").click()
    page.wait_for_load_state("load")
    assert "fewer falls" in page.content()
    for address in (f"/huddle-sheet/{quote(CODE, safe='')}", f"/ward/{quote(CODE, safe='')}"):
        page.goto(address)
        assert page.evaluate("window.pwned") is None
        assert page.locator("img[src=x]").count() == 0
