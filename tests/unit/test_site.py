"""What measures may know of the site: every name in its file exists, and numbers hold where they say."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from surveillance.errors import ConfigurationError
from surveillance.measures import EVERYTHING
from surveillance.measures.site import Site, check_names
from surveillance.settings import Threshold
from tests.canonical import site_of, ward

CATALOGUE = {measure.id: measure.params for measure in EVERYTHING.values()}


def faults(**changes: Any) -> list[str]:
    with pytest.raises(ConfigurationError) as caught:
        check_names(site_of(**changes).settings, CATALOGUE)
    return str(caught.value).splitlines()


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"standards": {"ra_vet": {"limit_h": 1}}}, "standards: unknown measure 'ra_vet'; did you mean 'ra_vte'?"),
        ({"standards": {"ra_vte": {"limit": 1}}}, "standards.ra_vte: unknown key 'limit'; did you mean 'limit_h'?"),
        ({"standards": {"ra_vte": {"limit_h": "14 h"}}}, "standards.ra_vte.limit_h: '14 h' is no number from 0 up"),
        ({"standards": {"ra_vte": {"limit_h": -1}}}, "standards.ra_vte.limit_h: '-1' is no number from 0 up"),
        ({"standards": {"ra_vte": {"limit_h": True}}}, "standards.ra_vte.limit_h: 'True' is no number from 0 up"),
        ({"thresholds": {"fillrate": {}}}, "thresholds: unknown measure 'fillrate'; did you mean 'fill_rate'?"),
        (
            {"wards": [ward("W1", thresholds={"obs_overdu": {}})]},
            "wards.W1.thresholds: unknown measure 'obs_overdu'; did you mean 'obs_overdue'?",
        ),
        (
            {"profiles": {"x": {"not_applicable": ["ra_fall"]}}},
            "profiles.x.not_applicable: unknown measure 'ra_fall'; did you mean 'ra_falls'?",
        ),
        (
            {"profiles": {"x": {"not_connected": ["fillrate"]}}},
            "profiles.x.not_connected: unknown measure 'fillrate'; did you mean 'fill_rate'?",
        ),
        (
            {"profiles": {"x": {"standards": {"ra_oral": {"intervall_h": 24}}}}},
            "profiles.x.standards.ra_oral: unknown key 'intervall_h'; did you mean 'interval_h'?",
        ),
        ({"options": {"limit_min": {"dutys": 5}}}, "options.limit_min: unknown feed 'dutys'; did you mean 'duty'?"),
    ],
)  # fmt: skip
def test_an_unknown_name_is_refused_with_the_nearest(changes: dict[str, Any], told: str) -> None:
    assert faults(**changes) == [told]


def test_every_unknown_name_is_told_at_once() -> None:
    assert len(faults(standards={"a": {}, "b": {}}, thresholds={"c": {}})) == 3


def test_the_built_in_profiles_name_only_what_exists() -> None:
    settings = site_of().settings
    check_names(settings.model_copy(update={"profiles": settings.all_profiles}), CATALOGUE)
    check_names(site_of(standards={"ra_smoking": {"interval_h": 24}}).settings, CATALOGUE)


def test_which_wards_a_measure_means_something_on() -> None:
    wards = [ward("W1"), ward("KIDS", "paediatric"), ward("DAY", "day_case"), ward("HALF", "half")]
    site = site_of(wards=wards, profiles={"half": {"not_connected": ["ra_falls"]}})
    assert site.wards_of("ra_falls") == ["W1"]
    assert site.wards_of("ra_vte") == ["W1", "KIDS", "DAY", "HALF"]
    assert site.applies("ra_falls", "HALF")
    assert not site.connected("ra_falls", "HALF")
    assert site.wards_with_profile("paediatric", "day_case") == {"KIDS", "DAY"}


def test_a_profiles_number_stands_over_the_sites_over_the_measures() -> None:
    site = site_of(
        wards=[ward("W1"), ward("ICU", "critical_care")],
        standards={"ra_oral": {"interval_h": 100}},
    )
    assert site.param("ra_oral", "interval_h", 168) == 100
    assert site.param("ra_adl", "interval_h", 168) == 168
    assert site.params_by_ward("ra_oral", "interval_h", 168) == {"W1": 100, "ICU": 24}


def test_a_wards_threshold_stands_over_the_sites_over_the_measures() -> None:
    wards = [ward("W1", thresholds={"aki_patients": {"act": 1}}), ward("W2")]
    site = site_of(wards=wards, thresholds={"aki_patients": {"watch": 3}})
    default = Threshold(watch=9, act=9)
    assert site.threshold("aki_patients", "W1", default) == Threshold(act=1)
    assert site.threshold("aki_patients", "W2", default) == Threshold(watch=3)
    assert site.threshold("obs_overdue", "W1", default) is default


# -- medicines


def test_windows_are_the_classs_own_the_critical_ones_or_everybodys() -> None:
    classes = {"insulin": ["I"], "emergency": ["E"], "parkinsons": ["P"], "anticoagulant": ["A"], "vitamin": ["V"]}
    critical = ["insulin", "emergency", "parkinsons", "anticoagulant"]
    site = site_of(medicines={"classes": classes, "critical": critical, "window_min": {"vitamin": 240}})
    windows = {name: site.window_min(name) for name in (*classes, "other")}
    assert windows == {
        "insulin": 30,
        "emergency": 15,
        "parkinsons": 30,
        "anticoagulant": 60,
        "vitamin": 240,
        "other": 120,
    }
    assert site.codes_of(("insulin", "vitamin")) == {"I", "V"}


def test_no_critical_list_is_not_an_empty_one() -> None:
    assert site_of().critical_classes is None
    assert site_of(medicines={"critical": []}).critical_classes == frozenset()


def test_a_critical_class_that_no_drug_has_is_refused() -> None:
    with pytest.raises(ConfigurationError, match=r"medicines\.critical: no drug has the class 'insuline'.*'insulin'"):
        site_of(medicines={"classes": {"insulin": ["I"]}, "critical": ["insuline"]})


def classes_from(path: Path, text: str) -> Site:
    path.write_text(text, encoding="utf-8")
    return site_of(medicines={"classes_file": str(path), "classes": {"insulin": ["I"]}})


def test_classes_may_stand_in_a_file(tmp_path: Path) -> None:
    site = classes_from(tmp_path / "classes.csv", "\ufeffdrug_code,name,class\n 42 ,Gentamicin, antimicrobial \n")
    assert dict(site.drug_class) == {"I": "insulin", "42": "antimicrobial"}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("code,class\n1,a\n", "no column 'drug_code'; did you mean 'code'"),
        ("drug_code,class\n1,a\n2,\n", "line 3: drug_code and class must both be filled"),
        ("", "no column 'drug_code'"),
    ],
)
def test_a_wrong_file_of_classes_is_named(tmp_path: Path, text: str, told: str) -> None:
    path = tmp_path / "classes.csv"
    with pytest.raises(ConfigurationError) as caught:
        classes_from(path, text)
    assert str(caught.value).startswith(f"{path}: ")
    assert told in str(caught.value)


def test_a_missing_file_of_classes_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"absent\.csv"):
        site_of(medicines={"classes_file": str(tmp_path / "absent.csv")})
