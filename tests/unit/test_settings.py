"""A site's file: everything wrong in it stops start-up, named with the file, the key and the nearest valid one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from surveillance.errors import ConfigurationError
from surveillance.settings import Clock, Settings, Source, load_settings, read_toml, source_url

GOOD = """
[site]
name = "Test hospital"

[[divisions]]
code = "MED"
name = "Medicine"

[[sites]]
code = "MAIN"
name = "Main"

[[wards]]
code = "W1"
name = "Ash"
division = "MED"
site = "MAIN"
"""
WARD = GOOD[GOOD.index("[[wards]]") :]
SECRET = "postgresql://user:Q7secret@db/epr"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "site.toml"


def load(file: Path, text: str) -> Settings:
    file.write_text(text, encoding="utf-8")
    return load_settings(file)


def fault(file: Path, text: str) -> str:
    with pytest.raises(ConfigurationError) as caught:
        load(file, text)
    for line in str(caught.value).splitlines():
        assert line.startswith(f"{file}: ")
    return str(caught.value)


def test_a_small_file_is_enough(file: Path) -> None:
    settings = load(file, GOOD)
    assert [ward.code for ward in settings.wards] == ["W1"]
    assert settings.plausibility.share == 0.5
    assert settings.site.trust == "trust"


@pytest.mark.parametrize(
    ("text", "key", "meant"),
    [
        (GOOD + "\n[plausability]\nshare = 0.4", "plausability", "plausibility"),
        (GOOD.replace("name = \"Test hospital\"", "name = \"x\"\ntrst = \"y\""), "site.trst", "trust"),
        (GOOD + "bed = 20", "wards.0.bed", "beds"),
        (GOOD + WARD.replace("W1", "W2") + "profil = 'adult'", "wards.1.profil", "profile"),
        (GOOD + "[wards.thresholds.aki_patients]\nwacth = 1", "wards.0.thresholds.aki_patients.wacth", "watch"),
        (GOOD + "[sources.epr]\nurl = 'x'", "sources.epr.url", "url_env"),
        (GOOD + "[sources.epr.feeds.spell]\nsq = 'x'", "sources.epr.feeds.spell.sq", "sql"),
        (GOOD + "[sources.epr.times]\nzon = 'UTC'", "sources.epr.times.zon", "zone"),
        (GOOD + "[profiles.adult]\nnot_aplicable = []", "profiles.adult.not_aplicable", "not_applicable"),
        (GOOD + "[options]\nday_cases_on_wards = 'bed'", "options.day_cases_on_wards", "day_cases_on_ward"),
        (GOOD + "[store]\npaths = 'x'", "store.paths", "path"),
        (GOOD + "[medicines]\ncritcal = []", "medicines.critcal", "critical"),
    ],
)  # fmt: skip
def test_an_unknown_key_is_named_with_the_nearest_valid_one(file: Path, text: str, key: str, meant: str) -> None:
    assert fault(file, text) == f"{file}: unknown key '{key}'; did you mean '{meant}'?"


def test_every_fault_is_told_at_once(file: Path) -> None:
    told = fault(file, GOOD + "bedds = 3\n[shift]\n[web]\nport = 'x'").splitlines()
    assert len(told) == 3
    assert "unknown key 'shift'; did you mean 'shifts'?" in told[-1] + told[0] + told[1]


@pytest.mark.parametrize(
    ("more", "key"),
    [
        ("beds = 'many'", "wards.0.beds"),
        ("beds = -1", "wards.0.beds"),
        ("[web]\nport = 70000", "web.port"),
        ("[plausibility]\nshare = 0", "plausibility.share"),
        ("[plausibility]\nshare = 50", "plausibility.share"),
        ("[sources.epr]\ninterval_s = 0", "sources.epr.interval_s"),
        ("[sources.epr.times]\nstorage = 'words'", "sources.epr.times.storage"),
        ("[options]\nday_cases_on_ward = 'sometimes'", "options.day_cases_on_ward"),
        ("[shifts]\nday_start = 7", "shifts.day_start"),
        ("[shifts]\nday_start = 21:00:00", "shifts"),
        ("[clock]\nstart = 2026-03-29T00:00:00\nreal_start = 2026-03-29T00:00:00Z", "clock.start"),
        ("[thresholds.aki_patients]\nwatch = 'few'", "thresholds.aki_patients.watch"),
        ("[site]\nname = 'twice'", None),
    ],
)
def test_a_value_of_the_wrong_kind_is_named_by_its_key(file: Path, more: str, key: str | None) -> None:
    told = fault(file, GOOD + more)
    assert len(told.splitlines()) == 1
    assert key is None or told.startswith(f"{file}: {key}: ")


def test_a_section_that_must_be_there_is_asked_for(file: Path) -> None:
    assert "wards: Field required" in fault(file, GOOD.replace(WARD, ""))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (GOOD + WARD, "wards: the code 'W1' stands twice"),
        (
            GOOD.replace("W1", "_dash-W1"),
            "ward '_dash-W1': a code may not begin with _dash-, as the desk's own addresses do",
        ),
        (GOOD.replace('= "MED"\ns', '= "MEDI"\ns'), "ward 'W1': unknown division 'MEDI'; did you mean 'MED'?"),
        (GOOD.replace("site = \"MAIN\"", "site = \"MAINE\""), "ward 'W1': unknown site 'MAINE'; did you mean 'MAIN'?"),
        (GOOD + "profile = 'pediatric'", "ward 'W1': unknown profile 'pediatric'; did you mean 'paediatric'?"),
        (
            GOOD + "source_codes = ['A']\n" + WARD.replace("W1", "W2") + "source_codes = ['A']",
            "ward 'W2': the source code 'A' is already ward 'W1'",
        ),
        (
            GOOD + "source_codes = ['W2']\n" + WARD.replace("W1", "W2"),
            "ward 'W1': the source code 'W2' is already ward 'W2'",
        ),
    ],
)  # fmt: skip
def test_names_that_do_not_agree_are_refused(file: Path, text: str, told: str) -> None:
    assert fault(file, text) == f"{file}: {told}"


def test_a_ward_may_name_its_own_code_and_a_profile_may_be_the_sites_own(file: Path) -> None:
    settings = load(file, GOOD + "source_codes = ['W1', 'Ward 1']\nprofile = 'hospice'\n[profiles.hospice]")
    assert settings.all_profiles["hospice"].not_applicable == ()
    assert "ra_falls" in settings.all_profiles["paediatric"].not_applicable


def test_relative_paths_start_at_the_file(file: Path) -> None:
    more = "[store]\npath = 'data/store.sqlite'\n[medicines]\nclasses_file = '/etc/classes.csv'\n"
    more += "[sources.epr]\nurl_file = 'secret'\n[sources.epr.feeds.spell]\nsql = 'sql/spell.sql'"
    settings = load(file, GOOD + more)
    assert settings.store.path == file.parent / "data/store.sqlite"
    assert settings.medicines.classes_file == Path("/etc/classes.csv")
    assert settings.sources["epr"].url_file == file.parent / "secret"
    assert settings.sources["epr"].feeds["spell"].sql == file.parent / "sql/spell.sql"


def test_a_file_that_cannot_be_read_is_named(file: Path) -> None:
    with pytest.raises(ConfigurationError, match="no such file"):
        load_settings(file)
    assert "line 1" in fault(file, "[site\nname = 3")
    file.write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigurationError, match=r"site\.toml"):
        read_toml(file)


def test_settings_do_not_change(file: Path) -> None:
    settings = load(file, GOOD)
    with pytest.raises(ValueError, match="frozen"):
        settings.wards[0].beds = 3  # type: ignore[misc]


# -- where a source's URL comes from


def test_a_url_comes_from_the_environment_or_a_file(tmp_path: Path) -> None:
    (tmp_path / "url").write_text(SECRET + "\n", encoding="utf-8")
    assert source_url("epr", Source(url_env="EPR_URL"), {"EPR_URL": SECRET}) == SECRET
    assert source_url("epr", Source(url_file=tmp_path / "url")) == SECRET


@pytest.mark.parametrize(
    ("source", "told"),
    [
        (Source(url_env="EPR_URL"), "source 'epr': the environment variable EPR_URL is not set"),
        (Source(url_file=Path("/nowhere/url")), "source 'epr': /nowhere/url: No such file or directory"),
        (Source(), "source 'epr': give url_env or url_file"),
    ],
)
@pytest.mark.parametrize("environment", [{}, {"EPR_URL": "", "OTHER": SECRET}])
def test_a_missing_url_is_told_without_any_secret(source: Source, told: str, environment: dict[str, str]) -> None:
    with pytest.raises(ConfigurationError) as caught:
        source_url("epr", source, environment)
    assert str(caught.value) == told


# -- small promises


@pytest.mark.parametrize(
    ("source", "seconds"),
    [(Source(), 120), (Source(interval_s=10), 60), (Source(interval_s=300), 600), (Source(stale_after_s=45), 45)],
)
def test_how_old_a_figure_may_be_before_it_is_stale(source: Source, seconds: float) -> None:
    assert source.promise_s == seconds


def test_a_clock_that_is_not_the_present_may_run_at_any_speed() -> None:
    start, real = datetime(2026, 3, 29, tzinfo=UTC), datetime(2026, 11, 23, tzinfo=UTC)
    assert Clock(start=start, real_start=real, speed=60).now(real + timedelta(minutes=1)) == start + timedelta(hours=1)
    assert Clock(start=start, real_start=real, speed=0).now(real + timedelta(days=9)) == start
