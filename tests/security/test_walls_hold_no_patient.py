"""Nothing that a wall can fetch holds a patient: markers stand in every column of the source that could identify one.

Meanwhile a nurse is signed in on another browser and has a list of patients open.

What the columns are is read from the declared feeds, and what can be fetched from the routes of the application, so
that neither a new column nor a new address can be forgotten.
"""

from __future__ import annotations

import base64
import json
import re
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urljoin, urlsplit

import httpx
import pytest
from playwright.sync_api import Page, Response, sync_playwright
from starlette.routing import Mount, Route

from callbacks.guard import Gate
from surveillance.app import ASSETS, web
from surveillance.feeds import FEEDS, Feed, Kind
from surveillance.hub import Hub
from surveillance.measures import EVERYTHING
from tests.at_a_desk import give_account, signed_in
from tests.browser.conftest import CHROMIUM, QUIET
from tests.oracle.generate import Row, hospital
from tests.programs import answers, free_port, program, until

MARK = "Zq7xKwPatient"
NHS_NUMBER = "9434765919"
WARD_CODES = ("ward_code", "worked_ward")
"""The only words of the source that a wall may show."""
JOINING = ("patient_key", "spell_key", "order_key", "wound_key", "bed_code", "stay_key", "duty_key", "merged_into")
"""Keys by which rows belong together: each is marked everywhere."""
BREAKS = "ed_attendance"
"""A feed whose query fails from some moment on, and then the database's error quotes a patient's key."""
BREAKING = """SELECT CASE WHEN (SELECT count(*) FROM broken) THEN json_extract('{}', spell_key) ELSE spell_key END
AS spell_key, arrival_ts, first_seen_registered_ts, decision_to_admit_ts FROM ed_attendance"""
NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
WATCHED_S = 6

DASHS = ["/_dash-layout", "/_dash-dependencies", "/_dash-update-component", "/_dash-none"]
LOOKED_BACK_AT = ("/ward/W1?at={kept}", "/ward/none?at={kept}")
"""A moment of which something is kept stands in place of the braces."""
EXAMPLES = {
    "/stream/ward/{name:path}": ["/stream/ward/W1", "/stream/ward/W2", "/stream/ward/none"],
    "/stream/screen/{name:path}": ["/stream/screen/hall", "/stream/screen/staff-room", "/stream/screen/none"],
    "/stream/executive/{name:path}": ["/stream/executive/", "/stream/executive/MED", "/stream/executive/none"],
    "/executive/{name:path}": ["/executive/MED", "/executive/none"],
    "/executive": ["/executive"],
    "/made-of/{kind}/{unit}": ["/made-of/trust/trust", "/made-of/division/MED", "/made-of/trust/none"],
    "/made-of/{kind}/{unit}/{measure}": ["/made-of/trust/trust/ra_vte", "/made-of/division/MED/none"],
    "/charts/image/{kind}/{unit}/{measure}.svg": ["/charts/image/trust/trust/none.svg"],
    "/charts/icon/{kind}/{name}.svg": ["/charts/icon/variation/common_cause.svg", "/charts/icon/none/none.svg"],
    "/charts/_dash-{rest:path}": [f"/charts{path}" for path in DASHS],
    "/charts/{rest:path}": [
        f"/charts/{path}{data}"
        for path in (
            "trust/trust",
            "ward/W1",
            "ward/W1/vte_on_time",
            "measure/vte_on_time",
            "site/MAIN/none",
            "ward/none",
        )
        for data in ("", "/data.csv")
    ],
    "/charts": ["/charts"],
    "/ward/{name:path}": [
        "/ward/W1",
        "/ward/W2",
        "/ward/none",
        "/ward/w1",
        "/ward/W1?at={kept}",
        "/ward/none?at={kept}",
    ],
    "/screen/{name:path}": ["/screen/hall", "/screen/staff-room", "/screen/none"],
    "/screens/{name}/report": ["/screens/hall/report", "/screens/none/report"],
    "/stream/desk/{ward:path}": ["/stream/desk/W1", "/stream/desk/none"],
    "/desk": ["/desk"],
    "/desk/": ["/desk/"],
    "/desk/_dash-{rest:path}": [f"/desk{path}" for path in DASHS],
    "/desk/{ward:path}": ["/desk/W1", "/desk/W1?measure=ra_vte", "/desk/none"],
    "/desk-reason/{ward:path}": ["/desk-reason/W1", "/desk-reason/none"],
    "/sign-in": ["/sign-in", "/sign-in?next=/desk/W1"],
    "/sign-in/local": ["/sign-in/local"],
    "/sign-in/oidc": ["/sign-in/oidc"],
    "/sign-in/oidc/done": ["/sign-in/oidc/done", "/sign-in/oidc/done?code=1&state=2"],
    "/sign-out": ["/sign-out"],
    "/sign-out/everywhere": ["/sign-out/everywhere"],
    "/signed-out": ["/signed-out"],
    "/session/active": ["/session/active"],
    "/session/left": ["/session/left"],
    "/": ["/"],
    "/measures": ["/measures"],
    "/status": ["/status"],
    "/api/wards": ["/api/wards"],
    "/api/wards/{code:path}/snapshot": ["/api/wards/W1/snapshot", "/api/wards/W2/snapshot", "/api/wards/no/snapshot"],
    "/pairing/state": ["/pairing/state?screen=hall", "/pairing/state"],
    "/administer": ["/administer"],
    "/administer/pair": ["/administer/pair"],
    "/administer/revoke": ["/administer/revoke"],
    "/administer/sign-out": ["/administer/sign-out"],
    "/huddle/{ward:path}": ["/huddle/A1", "/huddle/W1", "/huddle/none"],
    "/huddle-entry/{ward:path}": ["/huddle-entry/A1", "/huddle-entry/none"],
    "/huddle-sheet/{ward:path}": ["/huddle-sheet/A1", "/huddle-sheet/W1"],
    "/accreditation/{ward:path}": ["/accreditation/A1", "/accreditation/none"],
    "/accreditation-entry/{ward:path}": ["/accreditation-entry/A1", "/accreditation-entry/none"],
    "/healthz": ["/healthz"],
    "/readyz": ["/readyz"],
    "/metrics": ["/metrics"],
    "/assets": [f"/assets/{path.relative_to(ASSETS).as_posix()}" for path in ASSETS.rglob("*.*")],
    "/_dash-{rest:path}": DASHS,
}
"""Every route of the application → what to ask of it. A new route needs its line here."""
POSTED = {
    "/screens/{name}/report": {"build": "b", "uptime_s": 1, "data_age_s": 1, "viewport": "1 × 1 at 1", "live": True},
    "/_dash-{rest:path}": {
        "output": "live.children",
        "outputs": {"id": "live", "property": "children"},
        "inputs": [{"id": "live", "property": "children", "value": "W1"}],
        "changedPropIds": ["live.children"],
        "state": [],
    },
    "/charts/_dash-{rest:path}": {
        "output": "place.children",
        "outputs": {"id": "place", "property": "children"},
        "inputs": [{"id": "address", "property": "pathname", "value": "/charts/ward/W1/vte_on_time"}],
        "changedPropIds": ["address.pathname"],
        "state": [],
    },
}
"""Route → a body that is posted there as well."""
FOR_WALLS = (Gate.OPEN, Gate.WALL, Gate.WALL_PART, Gate.FIGURES)
REFUSED = {
    *("/ward/w1", "/screens/hall/report", "/_dash-update-component", "/charts/_dash-update-component"),
    *("/administer", "/administer/pair", "/administer/revoke", "/administer/sign-out"),
    *(f"POST /_dash-{name}" for name in ("layout", "dependencies", "update-component")),
    *(f"POST /charts/_dash-{name}" for name in ("layout", "dependencies")),
}
"""What answers with an error although its name is right: other methods, callbacks that Dash has none of."""


# ------------------------------------------------------------------------------------------------ the marked hospital
def free_words(feed: Feed) -> list[str]:
    """Columns whose content is the source's own words, which may be anything: also the name of a patient."""
    return [
        column.name
        for column in feed.columns
        if column.kind in (Kind.KEY, Kind.TEXT) and column.name not in (*JOINING, *WARD_CODES)
    ]


def marked(feed: Feed, rows: list[Row]) -> list[Row]:
    """``rows`` with a marker in every joining key, in every other row's free words, and once in every other column."""
    found = []
    for number, row in enumerate(rows):
        keys = {name: f"{MARK}{NHS_NUMBER}-{row[name]}" for name in JOINING if row.get(name) is not None}
        words = {name: f"{MARK} {feed.name} {name}" for name in free_words(feed)} if number % 2 else {}
        found.append({**row, **words, **keys})
    others = [column.name for column in feed.columns if column.name not in WARD_CODES]
    hostile = [{**found[number % len(found)], name: f"{MARK} as {name}"} for number, name in enumerate(others)]
    return [*found, *hostile]


def cell(value: Any) -> Any:
    if isinstance(value, datetime):
        return f"{value.astimezone(UTC):%Y-%m-%d %H:%M:%S}"
    return f"{value:%Y-%m-%d}" if isinstance(value, date) else value


def write_database(path: Path, tables: Mapping[str, list[Row]]) -> None:
    with closing(sqlite3.connect(path)) as database, database:
        for name, rows in tables.items():
            columns = ", ".join(f'"{column}"' for column in FEEDS[name].names)
            database.execute(f'CREATE TABLE "{name}" ({columns})')
            places = ", ".join("?" for _ in FEEDS[name].names)
            cells = [[cell(row.get(column)) for column in FEEDS[name].names] for row in rows]
            database.executemany(f'INSERT INTO "{name}" VALUES ({places})', cells)


def marked_hospital(folder: Path) -> tuple[Path, dict[str, list[Row]]]:
    """(configuration, marked rows): three wards, every feed connected, two named screens."""
    feeds, site, _ = hospital(11, wards=3, patients=60, as_at=NOON, missing=False)
    assert set(feeds) == set(FEEDS)
    tables = {name: marked(FEEDS[name], rows or []) for name, rows in feeds.items()}
    write_database(folder / "all.sqlite", tables)
    change(folder, "CREATE TABLE broken (yes)")
    (folder / "all.url").write_text(f"sqlite:///{folder / 'all.sqlite'}\n", "utf-8")
    lines = ["[site]", 'name = "Marked Hospital"', "[clock]", f"start = {NOON.isoformat()}"]
    lines += [f"real_start = {datetime.now(UTC).isoformat()}", "speed = 1", "[store]", 'path = "store.sqlite"']
    lines += ["[web]", "replay = true"]
    lines += ["[plausibility]", "rejected_share = 1", "[wall]", "beat_s = 1", "lost_after_s = 60", "report_s = 2"]
    lines += ["[sources.all]", 'url_file = "all.url"', "interval_s = 2", "stale_after_s = 1800"]
    lines += ['times = { storage = "text", format = "%Y-%m-%d %H:%M:%S", zone = "UTC" }']
    for name, feed in FEEDS.items():
        query = f'SELECT {", ".join(feed.names)} FROM "{name}"'
        (folder / f"{name}.sql").write_text((BREAKING if name == BREAKS else query) + "\n", "utf-8")
        lines += [f"[sources.all.feeds.{name}]", f'sql = "{name}.sql"']
    classes = {name: [code for code, own in site["drug_class"].items() if own == name] for name in site["critical"]}
    lines += ["[access]", "local_accounts = true", "unpaired_walls_allowed = true"]
    lines += ["[medicines]", f"critical = {json.dumps(site['critical'])}"]
    lines += ["[medicines.classes]", *(f"{name} = {json.dumps(codes)}" for name, codes in classes.items())]
    lines += ["[thresholds]", *(f"{name} = {{ watch = 1, act = 2 }}" for name in ("ra_vte", "missed_doses_today"))]
    lines += ["[[divisions]]", 'code = "MED"', 'name = "Medicine"', "[[sites]]", 'code = "MAIN"', 'name = "Main"']
    for code, profile in site["wards"].items():
        lines += ["[[wards]]", f'code = "{code}"', f'name = "Ward {code}"', 'division = "MED"', 'site = "MAIN"']
        lines += [f'profile = "{profile}"']
    lines += ["[[screens]]", 'name = "hall"', 'profile = "public"', 'ward = "W1"']
    lines += ["[[screens]]", 'name = "staff-room"', 'wards = ["W1", "W2", "W3"]', "dwell_s = 5"]
    config = folder / "hospital.toml"
    config.write_text("\n".join(lines) + "\n", "utf-8")
    return config, tables


def change(folder: Path, statement: str, *values: str) -> None:
    with closing(sqlite3.connect(folder / "all.sqlite", timeout=20)) as database, database:
        database.execute(statement, values)


def admit_one_more(folder: Path) -> None:
    """Something happens: a marked patient arrives on W1."""
    key, at = f"{MARK}{NHS_NUMBER}-late", cell(NOON - timedelta(minutes=1))
    change(folder, "INSERT INTO spell (patient_key, spell_key, admit_ts) VALUES (?, ?, ?)", key, key, at)
    columns = "(spell_key, ward_code, bed_code, start_ts)"
    change(folder, f"INSERT INTO ward_stay {columns} VALUES (?, 'W1', ?, ?)", key, f"{MARK} bed", at)


# ------------------------------------------------------------------------------------------------ what a wall can fetch
@dataclass
class Fetched:
    """Everything that came back, by what was asked; and what the program wrote and keeps.

    ``readings``: ward → measure → value while every feed was current, and ``lists`` the patient rows behind them.
    """

    answers: dict[str, bytes]
    codes: dict[str, int]
    seen: dict[str, bytes]
    log: bytes
    folder: Path
    tables: dict[str, list[Row]]
    readings: dict[str, dict[str, Any]]
    lists: dict[str, str]

    @property
    def everything(self) -> dict[str, bytes]:
        return {**self.answers, **self.seen, "log": self.log}


class Links(HTMLParser):
    """The addresses that a page names in its attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found |= {value for name, value in attrs if name in ("src", "href") and value}


def path_of(route: Any) -> str:
    assert isinstance(route, Route | Mount), f"{route!r} is no route that this test knows how to ask"
    return route.path


def fetch_everything(client: httpx.Client) -> tuple[dict[str, bytes], dict[str, int]]:
    found: dict[str, bytes] = {}
    codes: dict[str, int] = {}

    def keep(name: str, answer: httpx.Response, body: bytes) -> None:
        headers = "\n".join(f"{key}: {value}" for key, value in answer.headers.multi_items())
        found[name], codes[name] = headers.encode() + b"\n\n" + body, answer.status_code

    own = {"Origin": f"http://{client.base_url.netloc.decode()}"}
    kept = quote(client.get("/api/wards/W1/snapshot").json()["as_at"])
    for route in (path_of(route) for route in web(Hub()).routes):
        for address in (address.replace("{kept}", kept) for address in EXAMPLES[route]):
            if route.startswith("/stream/"):
                with client.stream("GET", address) as answer:
                    keep(address, answer, first_frames(answer))
                continue
            keep(address, answer := client.get(address), answer.content)
            if route in POSTED:
                keep(f"POST {address}", answer := client.post(address, json=POSTED[route], headers=own), answer.content)
    links = Links()
    for name in [name for name in found if b"text/html" in found[name]]:
        links.feed(found[name].decode())
    for address in sorted(links.found):
        path = urlsplit(urljoin("/", address))
        if path.path not in found:
            keep(address, answer := client.get(address), answer.content)
    return found, codes


def first_frames(answer: httpx.Response, number: int = 3) -> bytes:
    body = b""
    for chunk in answer.iter_bytes():
        body += chunk
        if body.count(b"\n\n") >= number:
            break
    return body


HEARING = """(() => {
  window.heard = "";
  const ask = window.fetch;
  window.fetch = async (...asked) => {
    const answer = await ask(...asked);
    if (!`${asked[0]}`.startsWith("/stream/") || !answer.body) return answer;
    const [own, copy] = answer.body.tee();
    const reader = copy.pipeThrough(new TextDecoderStream()).getReader();
    (async () => {
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return;
        window.heard += value;
      }
    })().catch(() => {});
    return new Response(own, answer);
  };
})()"""
HELD = """() => JSON.stringify([window.heard, {...localStorage}, {...sessionStorage}, document.cookie,
  document.documentElement.outerHTML])"""


def watch_in_chromium(address: str, folder: Path) -> dict[str, bytes]:
    """What a browser gets and holds that shows both screens for some seconds, while a patient arrives."""
    found: dict[str, bytes] = {}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
        desk = signed_in(browser, address, "nurse", "/desk/W1?measure=patients_on_ward")
        desk.wait_for_selector("#grid .ag-row")
        pages: list[tuple[Page, list[Response]]] = []
        for path in ("/screen/hall", "/screen/staff-room"):
            page, answered = browser.new_page(viewport={"width": 1920, "height": 1080}), []
            page.set_default_timeout(60_000)
            page.add_init_script(HEARING)
            page.on("response", lambda answer, answered=answered: answered.append(answer))
            page.on("console", lambda said: found.update({f"console {len(found)}": said.text.encode()}))
            page.goto(f"{address}{path}")
            page.wait_for_selector("#live > #wall")
            pages.append((page, answered))
        before = pages[1][0].locator("#live #version").text_content()
        admit_one_more(folder)
        pages[1][0].wait_for_timeout(WATCHED_S * 1000)  # what comes by itself in this time is what is looked for
        assert pages[1][0].locator("#live #version").text_content() != before, "nothing was pushed"
        assert MARK in desk.inner_text("#grid"), "the nurse sees patients"
        for page, answered in pages:
            found[f"held by {page.url}"] = page.evaluate(HELD).encode()
            for answer in answered:
                name = f"browser {answer.request.method} {answer.url} {len(found)}"
                streams = urlsplit(answer.url).path.startswith("/stream/")
                found[name] = json.dumps(answer.all_headers()).encode() + (b"" if streams else body_of(answer))
        browser.close()
    return found


def body_of(answer: Response) -> bytes:
    return b"" if answer.status == 204 else answer.body()


@pytest.fixture(scope="module")
def fetched(tmp_path_factory: pytest.TempPathFactory) -> Fetched:
    folder = tmp_path_factory.mktemp("marked")
    config, tables = marked_hospital(folder)
    give_account(config, "nurse", "ward_staff", "W1")
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    with program("run", "--config", config, "--port", port) as process:
        until(lambda: answers(f"{address}/readyz"), 60)
        # A thread of its own: the other browser tests keep a Playwright in this one.
        with ThreadPoolExecutor(1) as aside, httpx.Client(base_url=address, timeout=30) as client:
            until(lambda: current(client) == set(FEEDS), 60)
            until(lambda: any(MARK in rows for rows in worklists(folder).values()))  # what is shown is kept thereafter
            readings, lists = {code: values(client, code) for code in ("W1", "W2", "W3")}, worklists(folder)
            change(folder, "INSERT INTO broken VALUES (1)")
            until(lambda: current(client) == set(FEEDS) - {BREAKS}, 60)
            watching = aside.submit(watch_in_chromium, address, folder)
            found, codes = fetch_everything(client)
            seen = watching.result()
        process.send_signal(signal.SIGTERM)
        log, _ = process.communicate(timeout=30)
    return Fetched(found, codes, seen, log.encode(), folder, tables, readings, lists)


def current(client: httpx.Client) -> set[str]:
    """The feeds that are."""
    feeds = statuses(client.get("/api/wards/W1/snapshot").json())
    return {name for name, one in feeds.items() if one["state"] == "current"}


def values(client: httpx.Client, ward: str) -> dict[str, Any]:
    content = client.get(f"/api/wards/{ward}/snapshot").json()
    return {one["measure"]: one["value"] for one in (*content["readings"], *content["forecasts"])}


def worklists(folder: Path) -> dict[str, str]:
    """Ward and measure → the rows behind its number, as the store keeps them."""
    with closing(sqlite3.connect(folder / "store.sqlite", timeout=20)) as store:
        return {f"{ward} {measure}": rows for ward, measure, rows in store.execute("SELECT * FROM worklist")}


def statuses(snapshot: Any) -> dict[str, Any]:
    """How each feed stands."""
    return {one["feed"]: one for source in snapshot["sources"] for one in source["feeds"]}


# ------------------------------------------------------------------------------------------------ looking for markers
def in_base64(text: str) -> list[str]:
    """What is constant of the base64 of anything that holds ``text``: it may begin at any of three places."""
    found = []
    for before in range(3):
        whole = base64.b64encode(b"\0" * before + text.encode()).decode().rstrip("=")
        found.append(whole[-(-before * 8 // 6) : (before + len(text)) * 8 // 6])
    return found


def needles() -> list[bytes]:
    plain = [MARK, NHS_NUMBER, f"{NHS_NUMBER[:3]} {NHS_NUMBER[3:6]} {NHS_NUMBER[6:]}"]
    coded = [word for text in (MARK, NHS_NUMBER) for word in (*in_base64(text), text.encode().hex())]
    return [needle.lower().encode() for needle in [*plain, *coded]]


def leaks(content: Mapping[str, bytes]) -> list[str]:
    wanted = needles()
    found = []
    for name, body in content.items():
        plain = body.lower() + unquote(body.decode("utf-8", "replace")).lower().encode()
        found += [f"{name}: {needle!r}" for needle in wanted if needle in plain]
    return found


@pytest.mark.parametrize("before", ["", "x", "xy", "xyz"])
def test_a_marker_is_found_however_it_is_written(before: str) -> None:
    text = f"{before}{MARK} 1"
    for written in (
        text,
        "".join(f"%{byte:02x}" for byte in text.encode()),
        text.upper(),
        base64.b64encode(text.encode()).decode(),
        base64.urlsafe_b64encode(text.encode()).decode(),
        text.encode().hex(),
        f"{before}943 476 5919",
    ):
        assert leaks({"page": f"<p>{written}</p>".encode()})


def test_every_column_that_may_identify_is_marked(fetched: Fetched) -> None:
    missing = [
        f"{name}.{column.name}"
        for name, feed in FEEDS.items()
        for column in feed.columns
        if column.name not in WARD_CODES and not any(MARK in str(row.get(column.name)) for row in fetched.tables[name])
    ]
    assert missing == []


def test_the_patients_are_there_to_be_found(fetched: Fetched) -> None:
    listed = {key.split()[1] for key, rows in fetched.lists.items() if MARK in rows and NHS_NUMBER in rows}
    counted = {name for ward in fetched.readings.values() for name, value in ward.items() if value}
    assert len(listed) >= 25, sorted(listed)
    assert len(counted) >= 35, sorted(counted)
    assert "-late" in worklists(fetched.folder)["W1 patients_on_ward"]


def test_what_is_refused_and_what_fails_quotes_patients(fetched: Fetched) -> None:
    feeds = statuses(json.loads(body("/api/wards/W1/snapshot", fetched)))
    assert sum(bool(one["rejected"]) for one in feeds.values()) >= 15, "the hostile rows were refused and counted"
    assert "the source failed" in feeds[BREAKS]["error"]
    assert BREAKS.encode() in fetched.log, "the failure was logged"
    with closing(sqlite3.connect(fetched.folder / "all.sqlite")) as source:
        asking = source.cursor()
        with pytest.raises(sqlite3.Error, match=MARK):
            asking.execute(BREAKING)


def test_no_history_holds_a_patient(fetched: Fetched) -> None:
    with closing(sqlite3.connect(fetched.folder / "store.sqlite")) as store:
        names = [row[0] for row in store.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        tables = {name: repr(store.execute(f'SELECT * FROM "{name}"').fetchall()).encode() for name in names}
    for name in ("worklist", "audit"):  # the audit record says whose rows were shown
        assert leaks({name: tables.pop(name)}) != []
    assert "reading" in tables
    assert leaks(tables) == []


def test_who_somebody_is_is_never_kept(fetched: Fetched) -> None:
    """Not even where rows about patients may stand."""
    read = {
        str(row[name]) for row in fetched.tables["patient_identity"] for name in free_words(FEEDS["patient_identity"])
    }
    assert any(MARK in word for word in read), "there were names to be read"
    kept = b"".join(path.read_bytes() for path in fetched.folder.glob("store.sqlite*"))
    assert MARK.encode() in kept, "the rows are there"
    for word in (f"{MARK} patient_identity", "Family1", "Given1"):
        assert word.encode() not in kept


def test_every_address_answered_as_it_should(fetched: Fetched) -> None:
    refused = {name for name, code in fetched.codes.items() if code >= 400}
    gates = {path_of(route): route.endpoint.gate for route in web(Hub()).routes if isinstance(route, Route)}
    shut = {address for path, gate in gates.items() if gate not in FOR_WALLS for address in EXAMPLES[path]}
    assert shut <= refused, "nobody is signed in here"
    signing = {address for path in gates if path.startswith(("/sign", "/session")) for address in EXAMPLES[path]}
    expected = REFUSED | {name for name in fetched.codes if "none" in name or "/no/" in name}
    assert refused - shut - signing == expected - shut - signing
    for name in ("/ward/W1", "/screen/staff-room", "/stream/screen/staff-room", "/stream/ward/W1", "/status"):
        assert fetched.codes[name] == 200
    assert fetched.answers["/stream/screen/staff-room"].count(b"\n\ndata: ") >= 2


def test_the_browser_showed_the_walls(fetched: Fetched) -> None:
    held = next(body for name, body in fetched.seen.items() if name.endswith("/screen/staff-room"))
    assert b"Ward W3" in held
    assert b"data: {" in held, "the stream was heard"
    asked = {urlsplit(name.split()[2]).path for name in fetched.seen if name.startswith("browser ")}
    assert {"/stream/screen/hall", "/stream/screen/staff-room", "/screens/hall/report", "/assets/wall.js"} <= asked


def test_nothing_that_a_wall_can_fetch_holds_a_patient(fetched: Fetched) -> None:
    assert leaks(fetched.everything) == []


# ------------------------------------------------------------------------------------------------ the public profile
class Strings(HTMLParser):
    """Every text and every id of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found |= {value for name, value in attrs if name in ("id", "title") and value}

    def handle_data(self, data: str) -> None:
        self.found.add(data.strip())
        if data.lstrip().startswith("{"):
            self.found |= strings(json.loads(data))


def strings(content: Any) -> set[str]:
    """Every text in JSON, keys too."""
    if isinstance(content, dict):
        return set(content).union(*map(strings, content.values()))
    if isinstance(content, list):
        return set().union(*map(strings, content))
    return {content} if isinstance(content, str) else set()


def body(name: str, fetched: Fetched) -> str:
    return fetched.answers[name].decode().partition("\n\n")[2]


def said_by_page(text: str) -> set[str]:
    page = Strings()
    page.feed(text)
    return page.found


def said_by_stream(text: str) -> set[str]:
    lines = [line.removeprefix("data: ") for line in text.splitlines() if line.startswith("data: ")]
    return set().union(*(strings(json.loads(line)) for line in lines))


def named(said: set[str], public: bool) -> set[str]:
    """The measures, declared as public or not, that are named by their id or by their words."""
    words = {text.replace("\N{WORD JOINER}", "") for text in said}
    ids = {part for text in said for part in re.findall(r"[a-z][a-z0-9_]+", text)}
    ids |= {re.sub(r"^\d+-|-[a-z0-9]+$", "", text) for text in said}
    ours = {name: one for name, one in EVERYTHING.items() if one.public is public}
    return {name for name, one in ours.items() if name in ids or {one.label, one.on_wall} & words}


def test_a_public_screen_names_only_public_measures(fetched: Fetched) -> None:
    staff = (
        said_by_page(body("/screen/staff-room", fetched)),
        said_by_stream(body("/stream/screen/staff-room", fetched)),
    )
    public = said_by_page(body("/screen/hall", fetched)), said_by_stream(body("/stream/screen/hall", fetched))
    for said in staff:
        assert named(said, public=False) == {
            n for n, one in EVERYTHING.items() if one.on_ward_wall and not one.public
        }, "this test knows a measure when it sees one"
    for said in public:
        assert len(named(said, public=True)) >= 5
        assert named(said, public=False) == set()
    held = next(content for name, content in fetched.seen.items() if name.endswith("/screen/hall"))
    heard, *_, markup = json.loads(held)
    assert named(said_by_stream(heard), public=False) | named(said_by_page(markup), public=False) == set()


# ------------------------------------------------------------------------------------------------ structure
REACHES = """
import importlib, pkgutil, sys
import callbacks, layouts
others = ("administer", "desk", "guard", "huddle", "huddle_values", "pages", "pairing", "past", "proxied", "sign_in")
drawing = [found.name for found in pkgutil.walk_packages(layouts.__path__, "layouts.")]
drawing += [f"callbacks.{found.name}" for found in pkgutil.iter_modules(callbacks.__path__) if found.name not in others]
for name in drawing:
    importlib.import_module(name)
print(*sorted(name for name in sys.modules if name.startswith(("surveillance.worklist", "surveillance.store"))))
"""


def test_what_draws_walls_cannot_reach_the_worklist_even_through_others() -> None:
    """``tests/unit/test_architecture.py`` forbids the direct import; this one follows every import of what draws walls.

    The others stand at the gates or behind them, and who may pass is tested in ``test_who_may_what``.
    """
    ran = subprocess.run([sys.executable, "-c", REACHES], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == ""
