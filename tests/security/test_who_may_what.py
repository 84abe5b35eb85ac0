"""Every address × everybody who could ask: only those for whom it is get through, whatever they send and pretend.

The addresses are read from the running application and the callbacks from its Dash applications: a new one without its
line here fails.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path
from typing import Any

import httpx
import pytest
from limits import RateLimitItemPerMinute
from starlette.routing import Mount, Route

from callbacks import limits
from callbacks.guard import Gate, Gated
from surveillance.access.access import Access, Opened
from surveillance.access.people import Granted, Person, Role
from surveillance.app import web
from surveillance.current_lists import CurrentLists
from surveillance.hub import Hub
from surveillance.measures import CATALOGUE
from surveillance.settings import Settings
from surveillance.store import open_database
from surveillance.team.notebook import Notebook
from surveillance.worklist import Patient, Worklist
from tests.displays import served, settings, snapshot
from tests.security.test_walls_hold_no_patient import EXAMPLES

NOW = datetime(2026, 11, 23, 12, 0, 31, tzinfo=UTC)
SECRET = "Zq7Ashworth"
"""Stands in every patient's name: an answer that holds it shows a patient."""
WARD, OTHER = "A1", "C3"
SCREENS = [
    {"name": "hall", "ward": WARD},
    {"name": "staff-room", "ward": OTHER},
    {"name": "board", "executive": "MED", "profile": "executive"},
]
PEOPLE = {
    "nurse": Granted(Role.WARD_STAFF, wards=(WARD,)),
    "nurse of another ward": Granted(Role.WARD_STAFF, wards=(OTHER,)),
    "matron": Granted(Role.MATRON, divisions=("MED",)),
    "pharmacist": Granted(Role.PHARMACIST),
    "quality": Granted(Role.QUALITY),
    "executive": Granted(Role.EXECUTIVE),
    "administrator": Granted(Role.ADMINISTRATOR),
}
NURSES = {"nurse", "nurse of another ward", "matron"}
UNKNOWN = ("nobody", "expired session", "signed out", "revoked screen", "made-up cookies")
SCREENS_OF = {"screen hall": "hall", "screen staff-room": "staff-room"}
EVERYBODY = (*PEOPLE, *SCREENS_OF, *UNKNOWN)

LET_IN: dict[Gate, set[str]] = {
    Gate.OPEN: set(EVERYBODY),
    Gate.WALL: set(PEOPLE),  # and screens, each to its own
    Gate.WALL_PART: {*PEOPLE, *SCREENS_OF},
    Gate.FIGURES: set(PEOPLE),
    Gate.SIGNED_IN: set(PEOPLE),
    Gate.ROWS: {*NURSES, "pharmacist", "quality"},
    Gate.TEAM: NURSES,
    Gate.ACCREDIT: {"quality"},
    Gate.ADMINISTER: {"administrator"},
}
"""Who passes which gate: written by hand, from the table of docs/sign-in.md."""


@dataclass
class Clock:
    """The real time, as the test says."""

    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now


@dataclass
class Asked:
    """The site while it is served, and what each of EVERYBODY's browsers holds."""

    address: str
    opened: Opened
    hub: Hub
    lists: CurrentLists
    cookies: dict[str, dict[str, str]] = field(default_factory=dict)

    def client(self, who: str, **headers: str) -> httpx.Client:
        return httpx.Client(base_url=self.address, cookies=self.cookies[who], headers=headers, timeout=20)


def site(folder: Path) -> Settings:
    return settings(
        access={"local_accounts": True},
        store={"path": folder / "store.sqlite"},
        screens=SCREENS,
    )


def patient(ward: str, number: int) -> Patient:
    return Patient(
        patient_key=f"{SECRET}-{ward}-{number}",
        spell_key=f"spell-{ward}-{number}",
        ward=ward,
        bed=f"B{number}",
        admitted=NOW - timedelta(days=1),
        news2=3,
        news2_at=NOW - timedelta(hours=1),
        family_name=f"{SECRET}{ward}",
        given_name="Irene",
        hospital_number=f"{SECRET} {number}",
        nhs_number="9990000018",
        birth_date=None,
    )


def worklist(site: Settings) -> Worklist:
    """Three patients behind every number of every ward."""
    patients = [patient(ward.code, number) for ward in site.wards for number in range(3)]
    rows = {
        (ward.code, name): [
            {
                "part": measure.parts[0],
                "key": one.spell_key,
                "spell_key": one.spell_key,
                "patient_key": one.patient_key,
                "bed_code": one.bed,
            }
            for one in patients
            if one.ward == ward.code
        ]
        for ward in site.wards
        for name, measure in CATALOGUE.items()
    }
    return Worklist(
        NOW,
        rows,
        patients={one.patient_key: one for one in patients},
        spells={one.spell_key: one.patient_key for one in patients},
    )


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asked]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(limits, "CHANGES_A_MINUTE", RateLimitItemPerMinute(1_000_000))  # everybody here has one address
        yield from serve(tmp_path_factory)


def serve(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asked]:
    folder = tmp_path_factory.mktemp("site")
    shown, clock, access, hub, lists = site(folder), Clock(), Access(), Hub(), CurrentLists()
    access.now = clock
    database = open_database(f"sqlite:///{folder / 'store.sqlite'}")
    access.of_site(shown)
    opened = access.open(shown, database)
    hub.site(shown, lambda: NOW)
    lists.publish(made := snapshot(site=shown), worklist(shown))
    hub.publish(made, 0.1)
    notebook = Notebook()
    notebook.open(database)
    with served(hub, access=access, lists=lists, notebook=notebook) as address:
        found = Asked(address, opened, hub, lists)
        found.cookies = cookies_of(opened, clock)
        yield found
    access.close()
    database.close()


def cookies_of(opened: Opened, clock: Clock) -> dict[str, dict[str, str]]:
    def signed_in(name: str, granted: Granted) -> str:
        return opened.sessions.begin(Person(name, name.title(), "local", (granted,)), "10.0.0.1")[0]

    def paired(screen: str) -> str:
        code, secret = opened.devices.ask(screen, "10.0.0.2")
        assert opened.devices.accept(code, administrator)
        token = opened.devices.claim(secret)
        assert token
        return token

    found = {name: {"session": signed_in(name, granted)} for name, granted in PEOPLE.items()}
    administrator = opened.sessions.find(found["administrator"]["session"])
    assert administrator
    found |= {name: {"screen": paired(screen)} for name, screen in SCREENS_OF.items()}
    found["nobody"] = {}
    found["made-up cookies"] = {"session": "x" * 43, "screen": "y" * 43}
    clock.now = NOW - timedelta(hours=1)
    found["expired session"] = {"session": signed_in("late", PEOPLE["nurse"])}
    clock.now = NOW
    found["signed out"] = {"session": signed_in("gone", PEOPLE["nurse"])}
    gone = opened.sessions.find(found["signed out"]["session"])
    assert gone
    opened.sessions.end(gone)
    found["revoked screen"] = {"screen": paired("hall")}
    device = opened.devices.find(found["revoked screen"]["screen"])
    assert device
    assert opened.devices.revoke(device.number, "administrator")
    return found


ROUTES = [route for route in web(Hub()).routes if not isinstance(route, Mount)]


def gate_of(route: Any) -> Gate:
    assert isinstance(route, Route)
    assert isinstance(route.endpoint, Gated), f"{route.path} has no gate"
    return route.endpoint.gate


def is_let_in(who: str, gate: Gate, address: str) -> bool:
    if gate is Gate.WALL and who in SCREENS_OF:
        name = SCREENS_OF[who]
        return address.partition("?")[0] in (f"/screen/{name}", f"/stream/screen/{name}", f"/screens/{name}/report")
    return who in LET_IN[gate]


def refused(answer: httpx.Response) -> bool:
    to_sign_in = answer.status_code == 303 and answer.headers["location"].startswith("/sign-in")
    return answer.status_code in (401, 403) or to_sign_in


def asks(client: httpx.Client, method: str, address: str, **more: Any) -> tuple[httpx.Response, str]:
    """The answer; of a stream its first piece."""
    with client.stream(method, address, **more) as answer:
        if address.startswith("/stream/") and answer.status_code == 200:
            return answer, next(answer.iter_text(), "")
        return answer, answer.read().decode("utf-8", "replace")


def test_every_address_has_a_gate_and_the_one_that_is_expected() -> None:
    assert {route.path: gate_of(route).name for route in ROUTES} == EXPECTED_GATES  # type: ignore[union-attr]


@pytest.mark.parametrize("who", EVERYBODY)
def test_only_those_for_whom_an_address_is_get_through(asked: Asked, who: str) -> None:
    wrong = []
    with asked.client(who, accept="text/html") as client:
        for route in ROUTES:
            assert isinstance(route, Route)
            for address in EXAMPLES[route.path]:
                answer, text = asks(client, "GET", address.replace("{kept}", "2026-11-23T12:00"))
                if answer.status_code == 405:
                    continue
                let_in = is_let_in(who, gate_of(route), address)
                if refused(answer) == let_in and not (let_in and "at=" in address):
                    wrong.append(f"{who}: GET {address} gave {answer.status_code}")
                if SECRET in text and not (let_in and gate_of(route) in (Gate.ROWS, Gate.TEAM)):
                    wrong.append(f"{who}: GET {address} shows a patient")
    assert wrong == []


@pytest.mark.parametrize("origin", ["own", "foreign", "null", "missing", "other scheme"])
@pytest.mark.parametrize("who", EVERYBODY)
def test_what_changes_something_must_come_from_our_own_page(asked: Asked, who: str, origin: str) -> None:
    origins = {
        "own": asked.address,
        "foreign": "https://evil.example",
        "null": "null",
        "other scheme": asked.address.replace("http:", "https:"),
    }
    headers = {"Origin": origins[origin]} if origin in origins else {}
    wrong = []
    with asked.client(who, **headers) as client:
        for route in ROUTES:
            assert isinstance(route, Route)
            if route.path in ENDS_A_SESSION or (route.methods and "POST" not in route.methods):
                continue
            for address in EXAMPLES[route.path][:2]:
                answer, text = asks(client, "POST", address, content=b"nonsense")
                if answer.status_code == 405:
                    continue
                let_in = origin == "own" and is_let_in(who, gate_of(route), address)
                if refused(answer) == let_in and route.path not in SAYS_NO_ITSELF:
                    wrong.append(f"{who}: POST {address} from {origin} gave {answer.status_code}")
                if SECRET in text:
                    wrong.append(f"{who}: POST {address} shows a patient")
    assert wrong == []


def callbacks(asked: Asked, prefix: str) -> list[dict[str, Any]]:
    """Every callback of a Dash application, as it tells its own pages."""
    with asked.client("nurse") as client:
        answer = client.get(f"{prefix}_dash-dependencies")
    assert answer.status_code == 200
    found: list[dict[str, Any]] = answer.json()
    return found


def posted(callback: dict[str, Any], value: Any) -> dict[str, Any]:
    """A body that calls a callback with ``value`` in every input."""
    written = callback["output"]
    names = written.strip(".").split("...") if written.startswith("..") else [written]
    outputs = [dict(zip(("id", "property"), name.split("@")[0].rsplit(".", 1), strict=True)) for name in names]
    return {
        "output": written,
        "outputs": outputs if written.startswith("..") else outputs[0],
        "inputs": [{**one, "value": value} for one in callback["inputs"]],
        "state": [{**one, "value": value} for one in callback["state"]],
        "changedPropIds": [f"{one['id']}.{one['property']}" for one in callback["inputs"]],
    }


@pytest.mark.parametrize("who", EVERYBODY)
@pytest.mark.parametrize("prefix", ["/", "/charts/", "/desk/"])
def test_no_callback_answers_whom_its_page_would_not(asked: Asked, prefix: str, who: str) -> None:
    gate = {"/": Gate.WALL_PART, "/charts/": Gate.FIGURES, "/desk/": Gate.ROWS}[prefix]
    values = [
        "/desk/A1",
        "?measure=ra_vte",
        "/desk/A1?measure=ra_vte",
        "/charts/ward/A1/vte_on_time",
        {"ward": WARD},
        7,
        None,
    ]
    with asked.client(who) as client:
        for callback, value in product(callbacks(asked, prefix), values if who in LET_IN[gate] else values[:1]):
            body = json.dumps(posted(callback, value))
            origins = (asked.address, "https://evil.example", None) if value is values[0] else (asked.address,)
            for origin in origins:
                sent = {"Content-Type": "application/json", **({"Origin": origin} if origin else {})}
                answer = client.post(f"{prefix}_dash-update-component", content=body, headers=sent)
                own = origin == asked.address
                assert refused(answer) == (not own or who not in LET_IN[gate]), (callback["output"], origin)
                if who not in {"nurse", "matron", "pharmacist"}:
                    assert SECRET not in answer.text


ENDS_A_SESSION = {"/sign-out", "/sign-out/everywhere"}
"""Tested with the sessions themselves: here they would sign out those who ask next."""
SAYS_NO_ITSELF = {"/sign-in/local"}
"""Addresses that are open, and answer 401 or 403 by what is sent to them."""
EXPECTED_GATES: dict[str, str] = {
    "/stream/ward/{name:path}": "WALL",
    "/stream/screen/{name:path}": "WALL",
    "/stream/executive/{name:path}": "WALL",
    "/ward/{name:path}": "WALL",
    "/screen/{name:path}": "WALL",
    "/executive/{name:path}": "WALL",
    "/executive": "WALL",
    "/screens/{name}/report": "WALL",
    "/charts/image/{kind}/{unit}/{measure}.svg": "WALL_PART",
    "/charts/icon/{kind}/{name}.svg": "WALL_PART",
    "/_dash-{rest:path}": "WALL_PART",
    "/charts/_dash-{rest:path}": "FIGURES",
    "/charts/{rest:path}": "FIGURES",
    "/charts": "FIGURES",
    "/": "FIGURES",
    "/measures": "FIGURES",
    "/status": "FIGURES",
    "/made-of/{kind}/{unit}": "FIGURES",
    "/made-of/{kind}/{unit}/{measure}": "FIGURES",
    "/api/wards": "FIGURES",
    "/api/wards/{code:path}/snapshot": "FIGURES",
    "/stream/desk/{ward:path}": "ROWS",
    "/desk": "ROWS",
    "/desk/": "ROWS",
    "/desk/_dash-{rest:path}": "ROWS",
    "/desk/{ward:path}": "ROWS",
    "/desk-reason/{ward:path}": "ROWS",
    "/huddle/{ward:path}": "TEAM",
    "/huddle-entry/{ward:path}": "TEAM",
    "/huddle-sheet/{ward:path}": "TEAM",
    "/accreditation/{ward:path}": "ACCREDIT",
    "/accreditation-entry/{ward:path}": "ACCREDIT",
    "/sign-in": "OPEN",
    "/sign-in/local": "OPEN",
    "/sign-in/oidc": "OPEN",
    "/sign-in/oidc/done": "OPEN",
    "/sign-out": "OPEN",
    "/sign-out/everywhere": "OPEN",
    "/signed-out": "OPEN",
    "/session/active": "SIGNED_IN",
    "/session/left": "SIGNED_IN",
    "/pairing/state": "OPEN",
    "/administer": "ADMINISTER",
    "/administer/pair": "ADMINISTER",
    "/administer/revoke": "ADMINISTER",
    "/administer/sign-out": "ADMINISTER",
    "/healthz": "OPEN",
    "/readyz": "OPEN",
    "/metrics": "OPEN",
}
