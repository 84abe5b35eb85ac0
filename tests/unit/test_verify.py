"""A hospital's own case files are checked field by field, and what is not a case file is refused by name."""

from __future__ import annotations

import io
import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from surveillance.errors import CaseFileError
from surveillance.verify import run, verify_file

SHARED = Path(__file__).parents[3] / "shared"

AKI: dict[str, Any] = {
    "id": "H1",
    "title": "Risen by two thirds",
    "patient": {"age_years": 51, "sex": "F", "chronic_dialysis": False},
    "reference_interval": {"low": 50, "high": 100, "unit": "umol/L"},
    "current": {"value": 115, "collected": "2026-11-18T09:30:00Z"},
    "previous": [{"value": 69, "collected": "2026-11-13T09:30:00Z"}],
    "expected": {
        "evaluated": True,
        "aki_stage": 1,
        "no_baseline_flag": None,
        "rv1": 69,
        "rv2": None,
        "ratio1": 1.6667,
        "ratio2": None,
        "ratio": 1.6667,
        "d48": None,
        "rule": "ratio",
        "rise_over_26_in_7d_not_48h": False,
        "counted_on_display": True,
    },
    "working": "for people",
}
WARD: dict[str, Any] = {
    "id": "H2",
    "title": "Refuted yesterday",
    "as_at": "2026-11-18T09:30:00Z",
    "spell_start": "2026-11-16T09:30:00Z",
    "chronic_dialysis": False,
    "aki_refuted_by_clinician_at": "2026-11-17T15:00:00Z",
    "results": [{"collected": "2026-11-17T08:00:00Z", "aki_stage": 2}],
    "expected": {
        "counted": False,
        "current_stage": None,
        "peak_stage": 2,
        "alert_stale_no_repeat": False,
        "why": "for people",
    },
}
NEWS2: dict[str, Any] = {
    "id": "H3",
    "title": "Breathless",
    "input": {
        "age_years": 44,
        "pregnant": False,
        "rr": 23,
        "spo2": 94,
        "spo2_scale": 1,
        "on_oxygen": True,
        "sbp": 133,
        "pulse": 88,
        "acvpu": "A",
        "temp": 37.4,
    },
    "expected": {
        "applicable": True,
        "complete": True,
        "parts": {"rr": 2, "spo2": 1, "oxygen": 2, "sbp": 0, "pulse": 0, "consciousness": 0, "temp": 0},
        "total": 5,
        "single_parameter_3": False,
        "band": "medium",
        "monitoring": "min_1_hourly",
        "max_interval_minutes": 60,
        "hourly_or_more_often": True,
        "nice_sepsis_risk_if_infection_suspected": "moderate",
    },
}
CHART: dict[str, Any] = {
    "id": "H4",
    "note": "Up and down, then high",
    "input": {
        "dates": ["2026-01-01", "2026-03-01", "2026-02-01", "2026-04-01"],
        "values": [4, 4, 6.0, 26],
        "improvement_direction": "decrease",
        "target": 30.5,
        "rebase": ["2026-04-02"],
        "fix_after_n_points": None,
        "screen_outliers": False,
    },
    "output": {
        "status": "ok",
        "date": ["2026-01-01", "2026-02-01", "2026-03-01", "2026-04-01"],
        "value": [4, 6, 4, 26],
        "rebase_group": [0, 0, 0, 0],
        "short_group_warning": [True, True, True, True],
        "mean": [10, 10, 10, 10],
        "amr": [8.666666666667, 8.666666666667, 8.666666666667, 8.666666666667],
        "upl": [33.053333333333, 33.053333333333, 33.053333333333, 33.053333333333],
        "relative_to_mean": [-1, -1, -1, 1],
        "outside_limits": [False, False, False, False],
        "close_to_limits": [False, False, False, True],
        "special_cause_type": ["Common Cause", "Common Cause", "Common Cause", "Common Cause"],
        "point_type": ["common_cause", "common_cause", "common_cause", "common_cause"],
        "variation_icon": "common_cause",
        "assurance_type": "inconsistent",
        "assurance_icon": "inconsistent",
        "warnings": ["for people"],
    },
}
NOTHING = dict.fromkeys(("total", "band", "monitoring", "max_interval_minutes", "hourly_or_more_often"))


def changed(case: dict[str, Any], path: str, value: object) -> dict[str, Any]:
    """The case with one value set, or removed where it is ``...``."""
    case = deepcopy(case)
    *inside, last = path.split(".")
    place: Any = case
    for key in inside:
        place = place[int(key) if isinstance(place, list) else key]
    if value is ...:
        del place[last]
    else:
        place[int(last) if isinstance(place, list) else last] = value
    return case


def verified(folder: Path, content: object) -> tuple[int, list[str]]:
    path = folder / "cases.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    out = io.StringIO()
    return run(path, out), out.getvalue().splitlines()


def of(case: dict[str, Any]) -> dict[str, Any]:
    if "output" in case:
        return {"series": [case]}
    return {"active_status_cases" if "as_at" in case else "cases": [case]}


def test_cases_that_agree(tmp_path: Path) -> None:
    file = {"schema_version": 1, "unit": "umol/L", "cases": [AKI, NEWS2], "active_status_cases": [WARD]}
    assert verified(tmp_path, file | {"series": [CHART]}) == (0, ["4 passed, 0 failed"])


@pytest.mark.parametrize(
    ("case", "field", "value", "line"),
    [
        (AKI, "aki_stage", 2, "H1 Risen by two thirds - aki_stage: expected 2, got 1"),
        (AKI, "aki_stage", None, "H1 Risen by two thirds - aki_stage: expected null, got 1"),
        (AKI, "aki_stage", True, "H1 Risen by two thirds - aki_stage: expected true, got 1"),
        (AKI, "evaluated", 1, "H1 Risen by two thirds - evaluated: expected 1, got true"),
        (AKI, "ratio", 1.6668, "H1 Risen by two thirds - ratio: expected 1.6668, got 1.6667"),
        (AKI, "ratio2", 1, "H1 Risen by two thirds - ratio2: expected 1, got null"),
        (AKI, "rule", "d48", 'H1 Risen by two thirds - rule: expected "d48", got "ratio"'),
        (AKI, "no_baseline_flag", "within", 'expected "within", got null'),
        (WARD, "counted", True, "H2 Refuted yesterday - counted: expected true, got false"),
        (WARD, "current_stage", 2, "current_stage: expected 2, got null"),
        (NEWS2, "parts.spo2", 0, "H3 Breathless - parts.spo2: expected 0, got 1"),
        (NEWS2, "parts", None, "H3 Breathless - parts: expected null, got {"),
        (NEWS2, "total", "5", 'H3 Breathless - total: expected "5", got 5'),
        (NEWS2, "totl", 5, "H3 Breathless - totl: expected 5, got no such field, did you mean 'total'?"),
    ],
)
def test_a_wrong_expectation_is_told_in_one_line(
    tmp_path: Path, case: dict[str, Any], field: str, value: object, line: str
) -> None:
    code, (told, count) = verified(tmp_path, of(changed(case, f"expected.{field}", value)))
    assert line in told
    assert (code, count) == (1, "0 passed, 1 failed")


def test_every_wrong_field_of_a_case_stands_in_its_one_line(tmp_path: Path) -> None:
    wrong = changed(changed(changed(AKI, "expected.rv1", 70), "expected.rule", "none"), "title", "two\nlines")
    assert verified(tmp_path, of(wrong))[1] == [
        'H1 two lines - rv1: expected 70, got 69; rule: expected "none", got "ratio"',
        "0 passed, 1 failed",
    ]


# a changed case, and what it then has to expect
AGREE: list[tuple[str, dict[str, Any], str, object, dict[str, Any]]] = [
    ("halves may go either way", AKI, "current.value", 69.00345, {"ratio": 1.0001}),
    ("or this way", AKI, "current.value", 69.00345, {"ratio": 1.0}),
    ("no earlier results", AKI, "previous", ..., {"rule": "no_baseline", "no_baseline_flag": "high"}),
    ("text in place of a result", AKI, "previous.0.value", "<18", {"rule": "no_baseline", "aki_stage": 0}),
    ("no limits", AKI, "reference_interval", ..., {"aki_stage": 1}),
    ("nothing known of the patient", AKI, "patient", ..., {"aki_stage": 1, "counted_on_display": True}),
    ("on dialysis", AKI, "patient.chronic_dialysis", True, {"aki_stage": 1, "counted_on_display": False}),
    ("why not", AKI, "patient.chronic_dialysis", True, {"why_not_counted": "chronic_dialysis"}),
    ("a neonate", AKI, "patient.age_days", 27, {"evaluated": False, "aki_stage": None, "rv1": None}),
    ("why no neonate", AKI, "patient.age_days", 27, {"why_not_counted": "under_28_days"}),
    ("current is text", AKI, "current.value", ">1300", {"evaluated": False, "rule": "not_applicable"}),
    ("at the time of the alert", WARD, "aki_refuted_by_clinician_at", "2026-11-17T08:00:00Z", {"counted": True}),
    ("no flag of a refutation", WARD, "aki_refuted_by_clinician_at", ..., {"counted": True, "peak_stage": 2}),
    ("no results", WARD, "results", [], {"counted": False, "peak_stage": 0, "current_stage": 0}),
    ("admission unknown", WARD, "spell_start", None, {"peak_stage": 2}),
    ("a parameter is null", NEWS2, "input.temp", None, {"complete": False, "parts": None, **NOTHING}),
    ("a parameter is absent", NEWS2, "input.pulse", ..., {"complete": False, "parts": {"pulse": None, "rr": 2}}),
    ("incomplete: nothing of a 3", NEWS2, "input.sbp", None, {"single_parameter_3": None, "applicable": True}),
    ("a child", NEWS2, "input.age_years", 12, {"applicable": False, "complete": True, "parts": None, **NOTHING}),
    ("pregnant", NEWS2, "input.pregnant", True, {"applicable": False, "single_parameter_3": None, **NOTHING}),
    ("not a child's age", NEWS2, "input.age_years", ..., {"applicable": True, "total": 5}),
    ("the scale is absent", NEWS2, "input.spo2_scale", ..., {"complete": True, "total": 5}),
    ("continuous", NEWS2, "input.acvpu", "P", {"monitoring": "continuous", "max_interval_minutes": 0}),
]


@pytest.mark.parametrize(("case", "path", "value", "expected"), [row[1:] for row in AGREE], ids=[r[0] for r in AGREE])
def test_what_a_case_may_leave_out_or_write_otherwise(
    tmp_path: Path, case: dict[str, Any], path: str, value: object, expected: dict[str, Any]
) -> None:
    told = changed(changed(case, path, value), "expected", expected)
    assert verified(tmp_path, of(told)) == (0, ["1 passed, 0 failed"])


def test_within_the_limits_is_written_as_a_word_or_as_null(tmp_path: Path) -> None:
    alone = changed(changed(AKI, "previous", []), "current.value", 80)
    for flag, code in (("within", 0), (None, 0), ("high", 1)):
        assert verified(tmp_path, of(changed(alone, "expected", {"no_baseline_flag": flag})))[0] == code


def test_text_does_not_clear_an_alert_but_a_number_does(tmp_path: Path) -> None:
    alert = changed(WARD, "aki_refuted_by_clinician_at", None)
    for value, still in (("haemolysed", True), (71, False)):
        later = {"collected": "2026-11-18T08:00:00Z", "aki_stage": None, "value": value}
        case = changed(alert, "results", [*alert["results"], later])
        assert verified(tmp_path, of(changed(case, "expected", {"counted": still})))[0] == 0


@pytest.mark.parametrize(
    ("field", "value", "line"),
    [
        ("mean", [10, 10, 10, 10.00000001], "mean[3]: expected 10.00000001, got 10"),
        ("upl", [33, 33, 33, 33.053333333], "upl[0]: expected 33, got 33.0533333333 (and 2 more)"),
        ("upl", [None] * 4, "upl[0]: expected null, got 33.0533333333 (and 3 more)"),
        ("mean", [10, 10], "mean: expected [10, 10], got [10, 10, 10, 10]"),
        ("mean", [True, 10, 10, 10], "mean[0]: expected true, got 10"),
        ("relative_to_mean", [-1, -1, -1, 1.5], "relative_to_mean[3]: expected 1.5, got 1"),
        ("close_to_limits", [0, 0, 0, 1], "close_to_limits[0]: expected 0, got false (and 3 more)"),
        ("variation_icon", "concern_high", 'variation_icon: expected "concern_high", got "common_cause"'),
        ("assurance_type", None, 'assurance_type: expected null, got "inconsistent"'),
        ("status", "error", 'status: expected "error", got "ok"'),
        ("uppl", [], "uppl: expected [], got no such field, did you mean 'upl'?"),
    ],
)
def test_a_wrong_expectation_of_a_chart(tmp_path: Path, field: str, value: object, line: str) -> None:
    code, (told, count) = verified(tmp_path, of(changed(CHART, f"output.{field}", value)))
    assert told == f"H4 Up and down, then high - {line}"
    assert (code, count) == (1, "0 passed, 1 failed")


@pytest.mark.parametrize(
    ("path", "value", "why"),
    [
        ("input.values.1", "12", "position 1: not a finite number but str"),
        ("input.values.1", True, "position 1: not a finite number but bool"),
        ("input.values", [1], "4 dates and 1 values"),
        ("input.dates.1", "2026-01-01", "position 1: the date 2026-01-01 is already that of position 0"),
        ("input.dates.1", "01/03/2026", "position 1: not a date but str"),
        ("input.dates.1", 5, "position 1: not a date but int"),
        ("input.fix_after_n_points", 11, "12 points or more, not after 11"),
    ],
)
def test_what_is_no_series_is_an_error_and_a_file_may_expect_it(
    tmp_path: Path, path: str, value: object, why: str
) -> None:
    case = changed(CHART, path, value)
    told = verified(tmp_path, of(case))[1][0]
    assert told.startswith('H4 Up and down, then high - status: expected "ok", got "error" (')
    assert why in told
    assert verified(tmp_path, of(changed(case, "output", {"status": "error"})))[0] == 0


@pytest.mark.parametrize(
    ("path", "value", "expected"),
    [
        ("input.rebase", ["2026-03-01"], {"rebase_group": [0, 0, 1, 1], "mean": [5, 5, 15, 15]}),
        ("input.rebase", ["2026-01-01"], {"rebase_group": [1, 1, 1, 1], "mean": [10, 10, 10, 10]}),
        ("input.values.3", None, {"relative_to_mean": [-1, 1, -1, None], "variation_icon": "common_cause"}),
        ("input.target", None, {"assurance_icon": None, "assurance_type": None}),
        ("input.improvement_direction", "neutral", {"assurance_icon": None}),
        (
            "input.values",
            [6, 6, 6, 6],
            {"upl": [6] * 4, "outside_limits": [False] * 4, "special_cause_flag": [False] * 4},
        ),
    ],
)
def test_what_a_chart_may_be_given(tmp_path: Path, path: str, value: object, expected: dict[str, Any]) -> None:
    case = changed(changed(CHART, path, value), "output", expected)
    assert verified(tmp_path, of(case)) == (0, ["1 passed, 0 failed"])


def test_outliers_are_screened_unless_a_case_says_otherwise(tmp_path: Path) -> None:
    constant = changed(changed(CHART, "input.values", [6] * 4), "output", {"upl": [None] * 4})
    assert verified(tmp_path, of(changed(constant, "input.screen_outliers", ...)))[0] == 0
    assert verified(tmp_path, of(constant))[0] == 1


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("{", "is not JSON"),
        ('{"cases": [{"current": {"value": NaN}}]}', "is not JSON: NaN"),
        ('{"cases": [{"current": {"value": 1e400}}]}', "is not JSON: 1e400"),
        ("[" * 100_000, "is not JSON"),
        ("[]", "no JSON object"),
        ({}, "unknown format"),
        ({"cases": []}, "unknown format"),
        ({"cases": AKI}, '"cases" must be a list of objects'),
        ({"schema_version": 2, "cases": [AKI]}, '"schema_version" 2'),
        ({"unit": "mg/dL", "cases": [AKI]}, '"unit" must be "umol/L", not "mg/dL"'),
        ({"ratio_decimals": 2.5, "cases": [AKI]}, '"ratio_decimals" must be a whole number'),
        (of(changed(AKI, "id", ...)), 'cases[0]: "id" is missing'),
        (of(changed(AKI, "expected", ...)), 'cases[0] (H1): "expected" is missing'),
        (of(changed(AKI, "expected", {"note": "see"})), 'cases[0] (H1): "expected" holds no field'),
        (of(changed(AKI, "current", ...)), 'cases[0] (H1): "current" is missing'),
        (of(changed(AKI, "current.value", ...)), 'cases[0] (H1), current: "value" is missing'),
        (of(changed(AKI, "current.value", True)), 'current: "value" must be a number, text or null, not true'),
        (of(changed(AKI, "previous.0.collected", ...)), 'previous[0]: "collected" is missing'),
        (of(changed(AKI, "previous.0.collected", "soon")), '"collected" must be a time like'),
        (of(changed(AKI, "previous.0.collected", "0001-01-01T00:00:00Z")), '"collected" must lie in the years'),
        (of(changed(AKI, "patient", "F")), 'cases[0] (H1): "patient" must be an object, not "F"'),
        (of(changed(AKI, "patient.age_years", "51")), 'patient: "age_years" must be a number or null, not "51"'),
        (of(changed(AKI, "patient.chronic_dialysis", "no")), '"chronic_dialysis" must be true, false or null'),
        (of(changed(AKI, "reference_interval.unit", "mg/dL")), 'reference_interval: "unit" must be "umol/L"'),
        (of(changed(WARD, "results", ...)), 'active_status_cases[0] (H2): "results" is missing'),
        (of(changed(WARD, "spell_start", ...)), '"spell_start" is missing'),
        (of(changed(WARD, "as_at", None)), '"as_at" is missing'),
        (of(changed(WARD, "results.0.aki_stage", 4)), '"aki_stage" must be a whole number from 0 to 3'),
        (of(changed(WARD, "results.0.aki_stage", ...)), '"aki_stage" is missing'),
        (of(changed(CHART, "id", ...)), 'series[0]: "id" is missing'),
        (of(changed(CHART, "input", ...)), 'series[0] (H4): "input" is missing'),
        (of(changed(CHART, "input.values", ...)), 'series[0] (H4), input: "values" is missing'),
        (of(changed(CHART, "input.dates", {})), '"dates" must be a list, not {}'),
        (of(changed(CHART, "input.improvement_direction", "up")), '"improvement_direction" must be one of increase'),
        (of(changed(CHART, "input.rebase", ["soon"])), '"rebase" must hold dates'),
        (of(changed(CHART, "input.fix_after_n_points", 12.5)), '"fix_after_n_points" must be a whole number'),
        (of(changed(CHART, "output", {"warnings": []})), 'series[0] (H4): "output" holds no field'),
        (of(changed(NEWS2, "input", {"weight": 70})), 'cases[0] (H3), input: "rr" is missing'),
        (of(changed(NEWS2, "input.rr", "fast")), '"rr" must be a number or null, not "fast"'),
        (of(changed(NEWS2, "input.acvpu", 1)), '"acvpu" must be text or null, not 1'),
    ],
)
def test_what_is_not_a_case_file_is_refused_by_name(tmp_path: Path, content: object, told: str) -> None:
    code, (line,) = verified(tmp_path, content)
    assert code == 2
    assert line.startswith(f"{tmp_path / 'cases.json'}: ")
    assert told in line


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(CaseFileError, match="cannot be read"):
        verify_file(tmp_path / "absent.json")
    with pytest.raises(CaseFileError, match="cannot be read"):
        verify_file(tmp_path)


def test_a_file_that_is_not_text(tmp_path: Path) -> None:
    path = tmp_path / "cases.json"
    path.write_bytes(b'{"cases": "\xff"}')
    with pytest.raises(CaseFileError, match="is not JSON"):
        verify_file(path)


@pytest.mark.skipif(not SHARED.exists(), reason=f"the project's shared case files are not in {SHARED}")
@pytest.mark.parametrize(("name", "cases"), [("aki_cases", 24), ("news2_cases", 25)])
def test_the_shared_cases_agree(name: str, cases: int) -> None:
    result = verify_file(SHARED / "clinical" / f"{name}.json")
    assert [str(case) for case in result.failures] == []
    assert len(result.checked) >= cases
