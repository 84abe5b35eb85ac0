"""Between polls messages change the census and never its age; a poll settles them, and where it differs is counted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from layouts.adt import adt_messages
from surveillance.adt.census import Census, places
from surveillance.adt.heard import Disagreement, Heard, Tally
from surveillance.compose import compose
from surveillance.errors import ConfigurationError
from surveillance.feeds.data import FeedData, FeedState
from surveillance.opening import open_site
from surveillance.snapshot import State
from tests.adt_messages import NAME, event
from tests.canonical import feed_data, site_of, ward
from tests.small_hospital import AS_AT, small_hospital

WARDS = [ward(code) for code in ("A1", "B2", "C3")]
MINUTE = timedelta(minutes=1)


def at(minutes: float) -> datetime:
    return AS_AT + minutes * MINUTE


def poll(minutes: float, places: Mapping[str, str], since: Mapping[str, float] | None = None) -> dict[str, FeedData]:
    """A poll at that time: visit → ward. ``since``: visit → since when, if not for ten hours."""
    begun = {visit: at((since or {}).get(visit, -600)) for visit in places}
    spells = [{"spell_key": one, "patient_key": f"p-{one}", "admit_ts": begun[one]} for one in places]
    stays = [{"spell_key": one, "ward_code": place, "start_ts": begun[one]} for one, place in places.items()]
    return {
        name: replace(feed_data(name, rows, at(minutes)), source="pas")
        for name, rows in (("spell", spells), ("ward_stay", stays))
    }


class Watched:
    """A census, its counts, and what it has forgotten. ``overlap_s`` is a minute."""

    def __init__(self, **changes: Any) -> None:
        adt = {"source": "pas", "overlap_s": 60, **changes.pop("adt", {})}
        self.site = site_of(wards=WARDS, sources={"pas": {"url_env": "NONE"}}, adt=adt, **changes)
        self.tally, self.forgotten = Tally(AS_AT, 60), set[str]()
        self.census = Census(self.site.settings, {}, self.tally, self.forgotten.update)

    def lies(self, feeds: Mapping[str, FeedData], minutes: float) -> dict[str, str]:
        found = self.census.amended(feeds, at(minutes))
        spells, stays = found["spell"].frame, found["ward_stay"].frame
        assert spells is not None
        assert stays is not None
        return places(spells, stays, at(minutes), ("A1", "B2", "C3"))

    @property
    def said(self) -> Disagreement | None:
        return self.tally.heard().disagreement


HERE = {"v1": "A1", "v2": "A1"}


def test_a_message_changes_the_figure_of_a_ward_and_never_its_age() -> None:
    watched, polled = Watched(), poll(0, HERE)
    watched.census.add([event("A02", "v1", "B2", at(0.5))])
    snapshot, _ = compose(watched.site, watched.census.amended(polled, at(0.75)), at(0.75))
    numbers = {code: snapshot.readings[code]["patients_on_ward"] for code in ("A1", "B2")}
    assert [one.parts[0].value for one in numbers.values()] == [1, 1]
    assert {one.as_at for one in numbers.values()} == {at(0)}
    later, _ = compose(watched.site, watched.census.amended(polled, at(5)), at(5))
    old = later.readings["B2"]["patients_on_ward"]
    assert (old.state, old.as_at) == (State.STALE, at(0))
    assert old.parts[0].value == 0, "what is shown as old is what the poll knew then"


def test_without_a_census_from_the_source_messages_make_none() -> None:
    watched, away = Watched(), FeedData("spell", FeedState.UNAVAILABLE, "pas", error="away")
    watched.census.add([event("A01", "v9", "B2", at(0))])
    feeds = {**poll(0, HERE), "spell": away}
    assert watched.census.amended(feeds, at(1)) == feeds


def test_a_poll_that_agrees_settles_the_messages_and_they_are_forgotten() -> None:
    watched = Watched()
    moved = event("A02", "v1", "B2", at(0.5))
    watched.lies(poll(0, HERE), 0)
    watched.census.add([moved])
    assert watched.lies(poll(1, HERE), 1)["v1"] == "B2", "so soon the poll may not know it yet"
    assert watched.forgotten == set()
    after = {"v1": "B2", "v2": "A1"}
    assert watched.lies(poll(2, after, {"v1": 0.5}), 2) == after
    assert watched.forgotten == {moved.key}
    assert watched.said == Disagreement(at(2))
    assert watched.tally.heard().waiting == 0


@pytest.mark.parametrize(
    ("lie", "expected"),
    [
        (event("A02", "v1", "B2", at(0.5)), {"other_ward": 1}),
        (event("A03", "v1", "A1", at(0.5)), {"only_poll": 1}),
        (event("A11", "v1", "A1", at(0.5)), {"only_poll": 1}),
        (event("A01", "v9", "C3", at(0.5)), {"only_messages": 1}),
        (event("A08", "v1", "C3", at(0.5)), {}),
    ],
)
def test_a_message_that_lies_is_corrected_by_the_poll_and_counted(lie: Any, expected: dict[str, int]) -> None:
    watched = Watched()
    watched.lies(poll(0, HERE), 0)
    watched.census.add([lie])
    assert (watched.lies(poll(1, HERE), 1) == HERE) is (expected == {})
    assert watched.said == Disagreement(at(1)), "it is not settled yet"
    assert watched.lies(poll(2, HERE), 2) == HERE
    assert watched.said == Disagreement(at(2), **expected)
    watched.lies(poll(3, HERE), 3)
    assert watched.said == Disagreement(at(3))
    assert sum(watched.tally.heard().disagreed.values()) == sum(expected.values())


def test_what_the_poll_alone_knows_is_held_against_the_messages_only_when_none_came() -> None:
    watched, moved = Watched(), {"v1": "B2", "v2": "C3"}
    since = {"v1": 0.9, "v2": 0.9}
    watched.lies(poll(0, HERE), 0)
    watched.lies(poll(1, moved, since), 1)
    assert watched.said == Disagreement(at(1)), "the messages may be on their way"
    watched.census.add([event("A02", "v1", "B2", at(0.9), heard=at(1.2))])
    watched.lies(poll(2, moved, since), 2)
    assert watched.said == Disagreement(at(2), other_ward=1)


def test_messages_of_a_visit_are_settled_together() -> None:
    watched = Watched()
    watched.lies(poll(0, HERE), 0)
    watched.census.add([event("A02", "v1", "B2", at(0.5)), event("A12", "v1", "A1", at(1.5), occurred=at(0.5))])
    assert watched.lies(poll(2, HERE), 2) == HERE
    assert watched.forgotten == set()
    watched.lies(poll(3, HERE), 3)
    assert len(watched.forgotten) == 2
    assert watched.tally.heard().disagreed == {"only_messages": 0, "only_poll": 0, "other_ward": 0}


def test_what_a_poll_knew_already_when_it_came_changes_nothing() -> None:
    watched, polled = Watched(), poll(0, HERE)
    watched.lies(polled, 0)
    watched.census.add([event("A03", "v1", "A1", at(-30), heard=at(0.1))])
    assert watched.lies(polled, 0.2) == HERE
    assert watched.tally.heard().late == 1


def test_of_a_visit_that_nobody_began_is_told_when_a_poll_does_not_know_it_either() -> None:
    watched = Watched()
    watched.lies(poll(0, HERE), 0)
    watched.census.add([event("A02", "v8", "B2", at(0.1)), event("A02", "v9", "B2", at(0.1))])
    watched.lies(poll(2, {**HERE, "v9": "B2"}, {"v9": 0.1}), 2)
    assert watched.tally.heard().unknown == 1


def test_messages_that_would_empty_the_wards_are_held_back_and_said() -> None:
    watched = Watched(plausibility={"minimum_rows": 10})
    many = {f"v{number}": "A1" for number in range(20)}
    polled = poll(0, many)
    watched.census.add([event("A03", visit, "A1", at(0.1)) for visit in list(many)[:10]])
    assert len(watched.lies(polled, 1)) == 10
    watched.census.add([event("A03", "v10", "A1", at(0.1))])
    assert watched.lies(polled, 1) == many
    heard = watched.tally.heard()
    assert heard.held_back == "with them 9 patients would lie on the wards, 20 by the last poll"
    assert heard.held_back in str(adt_messages(heard, at(1)))
    watched.lies(poll(3, many), 3)
    assert watched.tally.heard().held_back == ""
    watched.census.add([event("A40", at=at(3), patient="p-v0", prior=f"p-v{number}") for number in range(1, 12)])
    watched.lies(poll(3, many), 3)
    assert watched.tally.heard().held_back == "with them 9 patients would lie on the wards, 20 by the last poll"


def test_messages_that_no_poll_settles_are_not_kept_for_ever() -> None:
    watched = Watched(adt={"keep_h": 2})
    old, new = event("A02", "v1", "B2", at(-121)), event("A02", "v2", "B2", at(-119))
    watched.census.add([old, new])
    watched.census.amended({}, at(0))
    assert watched.forgotten == {old.key}


def test_the_status_page_says_what_was_heard_and_no_patient() -> None:
    heard = Heard(
        at(-300),
        60,
        received=9,
        stored=5,
        again=1,
        elsewhere=2,
        refused={"PV1-19: is empty": 3},
        last=at(-90),
        disagreement=Disagreement(at(-1), 1, 2, 3),
    )
    page = str(adt_messages(heard, at(0)))
    for words in (
        "nothing for 90 min, which is longer than usual",
        "PV1-19: is empty: 3",
        "1 on a ward by the messages alone, 2 on a ward by the poll alone, 3 on two different wards, at 11:59:00",
        "2, which moved nobody",
    ):
        assert words in page
    assert NAME not in page
    assert "longer than usual" not in str(adt_messages(replace(heard, last=at(-10)), at(0)))
    assert "nothing since 07:00" in str(adt_messages(replace(heard, last=None), at(0)))


@pytest.mark.parametrize(
    ("table", "fault"),
    [
        ('source = "pac"', "adt.source: unknown source 'pac'; did you mean 'pas'?"),
        ('source = "other"', "adt.source: 'other' does not give the feed 'spell', which messages keep current"),
        ('source = "pas"\nwards = { KENT = "A9" }', "adt.wards: 'KENT': unknown ward 'A9'; did you mean 'A1'?"),
        ('source = "pas"\nallowed = ["0.0.0.0/0"]', "name the networks of the senders, not every address"),
        ('source = "pas"\nallowed = ["10.1.1"]', "'10.1.1' is no address and no network"),
        ('source = "pas"\ntls_cert = "a.pem"', "give tls_cert and tls_key, or neither"),
        ('source = "pas"\nzone = "Europe/Londres"', "'Europe/Londres' is no time zone, as Europe/London is one"),
        ('source = "pas"\nfields.ward = "PV1.3"', "adt.fields.ward: "),
        ('source = "pas"\nport_number = 1', "unknown key 'adt.port_number'; did you mean 'port'?"),
    ],
)
def test_a_wrong_configuration_does_not_start(tmp_path: Path, table: str, fault: str) -> None:
    config = small_hospital(tmp_path)
    other = '\n[sources.other]\nurl_file = "pas.url"\nfeeds.duty.sql = "spell.sql"\n'
    config.write_text(config.read_text("utf-8") + other + f"\n[adt]\n{table}\n", "utf-8")
    with pytest.raises(ConfigurationError) as error:
        open_site(config)
    assert fault in str(error.value)
