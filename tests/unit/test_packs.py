import sys
from pathlib import Path

import pytest

from connectors.packs import load_pack, pack_names
from connectors.registry import configured, open_source
from surveillance.errors import ConfigurationError, nearest
from surveillance.settings import Source, parse

PACK = """
name = "epr"
title = "A record system"
[times]
zone = "Europe/London"
[feeds.spell]
lookback_h = 48
[feeds.assessment]
sql = "forms.sql"
[feeds.assessment.mapping.type]
VTE_ADULT = "vte"
MUST_V2 = "must"
"""


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A site's file beside a pack of its own."""
    folder = tmp_path / "epr"
    folder.mkdir()
    (folder / "pack.toml").write_text(PACK)
    (folder / "spell.sql").write_text("SELECT 'theirs' AS spell_key")
    (folder / "forms.sql").write_text("SELECT 1 AS x")
    (tmp_path / "own.sql").write_text("SELECT 'ours' AS spell_key")
    return tmp_path / "site.toml"


def source(site: Path, **content: object) -> Source:
    return parse(Source, {"pack": "./epr", "url_env": "EPR_URL", **content}, site)


def change(site: Path, old: str, new: str) -> Path:
    manifest = site.parent / "epr" / "pack.toml"
    assert old in PACK
    manifest.write_text(PACK.replace(old, new))
    return manifest.resolve()


def test_every_feed_of_a_pack_gets_the_path_of_its_query(site: Path) -> None:
    pack = load_pack("./epr", site.parent)
    assert {feed: given.sql and given.sql.name for feed, given in pack.feeds.items()} == {
        "spell": "spell.sql",
        "assessment": "forms.sql",
    }


@pytest.mark.parametrize("name", pack_names())
def test_every_pack_that_comes_with_the_program_loads_and_only_reads(name: str) -> None:
    where = {"fhir": {"base_url": "https://x"}} if load_pack(name).speaks == "fhir" else {"url_env": "URL"}
    given = parse(Source, {"pack": name, **where}, Path("site.toml"))
    assert open_source(name, given, Path("site.toml"), environment={"URL": "sqlite:///x"}).feeds


def test_a_pack_of_words_of_fhir_servers_is_none_for_a_database() -> None:
    with pytest.raises(ConfigurationError, match="'fhir_uk_core' has words of FHIR servers"):
        open_source(
            "epr", Source(pack="fhir_uk_core", url_env="URL"), Path("site.toml"), environment={"URL": "sqlite:///x"}
        )


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("[feeds.spell]", "[feeds.spel]", "feeds: unknown feed 'spel'; did you mean 'spell'?"),
        (
            "mapping.type",
            "mapping.typ",
            "feeds.assessment.mapping: 'assessment' has no column 'typ'; did you",
        ),
        ("mapping.type", "mapping.score", "feeds.assessment.mapping.score: a number is not mapped"),
        ('"must"', '"mst"', "feeds.assessment.mapping.type: 'MUST_V2' is mapped to the unknown word 'mst'; did you"),
        ("lookback_h", "lookback", "unknown key 'feeds.spell.lookback'; did you mean 'lookback_h'?"),
        ("Europe/London", "Europe/Londn", "times.zone: unknown time zone 'Europe/Londn'"),
        ("forms.sql", "from.sql", "feeds.assessment: no such file: "),
        ('name = "epr"', 'name = "erp"', "name: 'erp' is not its folder's name 'epr'"),
        ("title", "heartbeat = 'beat.sql'\ntitle", "heartbeat: no such file: "),
    ],
)
def test_what_is_wrong_in_a_pack_is_named_with_its_file_and_key(site: Path, old: str, new: str, complaint: str) -> None:
    manifest = change(site, old, new)
    with pytest.raises(ConfigurationError) as caught:
        load_pack("./epr", site.parent)
    assert str(caught.value).startswith(f"{manifest}: {complaint}")


def test_an_unknown_pack_offers_the_nearest_and_the_way_to_name_ones_own() -> None:
    with pytest.raises(ConfigurationError, match=r"unknown pack 'no_such'.*'\./no_such'"):
        load_pack("no_such")
    with pytest.raises(ConfigurationError, match=r"nowhere/pack\.toml: no such file"):
        load_pack("./nowhere", Path("/"))


def test_the_sites_own_settings_stand_over_the_packs(site: Path) -> None:
    given = source(
        site,
        times={"storage": "epoch"},
        feeds={
            "spell": {"sql": "own.sql"},
            "assessment": {"mapping": {"type": {"VTE_ADULT": "falls"}}, "recent_h": 6},
            "flag": {"sql": "own.sql"},
        },
    )
    for_all = {"assessment": {"type": {"MUST_V2": "oral", "NEW": "cfs", "VTE_ADULT": "adl"}}}
    pack = configured("epr", given, site, for_all)
    assert pack.times.storage == "epoch"
    assert list(pack.feeds) == ["spell", "assessment", "flag"]
    assert pack.feeds["spell"].sql == site.parent / "own.sql"
    assert pack.feeds["spell"].lookback_h == 48
    assert pack.feeds["assessment"].mapping == {"type": {"VTE_ADULT": "falls", "MUST_V2": "oral", "NEW": "cfs"}}
    assert pack.feeds["assessment"].recent_h == 6


@pytest.mark.parametrize(
    ("feeds", "complaint"),
    [
        ({"spel": {"sql": "own.sql"}}, "sources.epr.feeds: unknown feed 'spel'; did you mean 'spell'?"),
        (
            {"spell": {"mapping": {"sx": {}}}},
            "sources.epr.feeds.spell.mapping: 'spell' has no column 'sx'; did",
        ),
        ({"flag": {"lookback_h": 4}}, "sources.epr.feeds.flag: give sql; the pack 'epr' has no such feed"),
    ],
)
def test_what_is_wrong_in_a_source_is_named_with_its_file_and_key(
    site: Path, feeds: dict[str, object], complaint: str
) -> None:
    with pytest.raises(ConfigurationError) as caught:
        configured("epr", source(site, feeds=feeds), site)
    assert str(caught.value).startswith(f"{site}: {complaint}")


def test_a_mapping_for_all_sources_is_checked_too(site: Path) -> None:
    with pytest.raises(ConfigurationError, match="mappings: unknown feed 'flags'; did you mean 'flag'"):
        configured("epr", source(site), site, {"flags": {}})
    with pytest.raises(ConfigurationError, match=r"mappings\.flag\.type: 'X' is mapped to the unknown word 'allergie'"):
        configured("epr", source(site), site, {"flag": {"type": {"X": "allergie"}}})


def test_a_source_without_a_pack_needs_a_query(site: Path) -> None:
    alone = parse(Source, {"url_env": "EPR_URL", "feeds": {"flag": {"sql": "own.sql"}}}, site)
    assert list(configured("epr", alone, site).feeds) == ["flag"]
    with pytest.raises(ConfigurationError, match=r"sources\.epr: no feeds; give a pack, or sql for a feed"):
        configured("epr", parse(Source, {"url_env": "EPR_URL"}, site), site)


def test_a_query_that_writes_stops_start_up_with_its_file(site: Path) -> None:
    (site.parent / "own.sql").write_text("DELETE FROM spells")
    with pytest.raises(ConfigurationError, match=r"own\.sql: a query begins with SELECT or WITH"):
        open_source(
            "epr", source(site, feeds={"spell": {"sql": "own.sql"}}), site, environment={"EPR_URL": "sqlite:///x"}
        )


SECRET = "s3cret"


@pytest.mark.parametrize(
    ("url", "complaint"),
    [
        (f"no url but {SECRET}", "its URL cannot be read"),
        (f"postgresql://u:{SECRET}@h:port/d", "its URL cannot be read"),
        (f"nosuch://u:{SECRET}@h/d", "no dialect 'nosuch' is installed"),
        (f"iris://u:{SECRET}@h/d", "install the extra 'iris'"),
        (f"https://u:{SECRET}@h/fhir", "no connector reads 'https:' yet"),
    ],
)
def test_a_wrong_url_is_told_without_telling_it(site: Path, url: str, complaint: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        open_source("epr", source(site), site, environment={"EPR_URL": url})
    assert str(caught.value).startswith("source 'epr': ")
    assert complaint in str(caught.value)
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "driver", "hint"),
    [
        ("postgresql+psycopg://u@h/d", "psycopg", r"install the extra 'postgresql'"),
        ("mssql+pyodbc://u@h/d?driver=x", "pyodbc", r"install the extra 'odbc' .* Debian package unixodbc"),
        ("postgresql+arrow_odbc://u@h/d", "connectors.dialects.arrow", r"extra 'arrow-odbc' .* package unixodbc"),
        ("oracle+oracledb://u@h/d", "oracledb", r"install the extra 'oracle'"),
    ],
)
def test_a_driver_that_is_not_there_says_what_to_install(
    site: Path, monkeypatch: pytest.MonkeyPatch, url: str, driver: str, hint: str
) -> None:
    monkeypatch.setitem(sys.modules, driver, None)
    with pytest.raises(ConfigurationError, match=hint):
        open_source("epr", source(site), site, environment={"EPR_URL": url})


def test_a_driver_without_its_driver_manager_says_what_to_install(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def without_libodbc(name: str) -> None:
        raise OSError(f"{name}: libodbc.so.2: cannot open shared object file")

    monkeypatch.setattr("connectors.dialects.odbc.import_module", without_libodbc)
    with pytest.raises(ConfigurationError, match=r"'arrow-odbc' .* package unixodbc"):
        open_source("epr", source(site), site, environment={"EPR_URL": "mariadb+arrow_odbc://u@h/d"})


def test_a_pack_of_this_program_is_offered_when_misspelt(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("connectors.packs.pack_names", lambda: ["mimic_iv"])
    with pytest.raises(ConfigurationError, match=nearest("mimic", ["mimic_iv"]).replace("?", r"\?")):
        load_pack("mimic")
