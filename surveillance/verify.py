"""A file of worked cases is checked field by field against this program's own clinical functions and charts.

With it a hospital's safety officer sees what the program answers to cases of their own. Files are JSON, and
their content tells the format: AKI warning stages with ward counts, NEWS2, or control charts.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Final, TextIO

from surveillance import spc
from surveillance.clinical import aki, news2
from surveillance.errors import CaseFileError, nearest

SCHEMA_VERSION: Final = 1
PROSE: Final = frozenset({"why", "note", "comment", "working", "warnings"})
"""What stands beside expected values for people to read."""
RATIO_DECIMALS: Final = 4
LONGEST_NUMBER: Final = 20  # digits before or after the point
YEARS: Final = range(1900, 2200)
MICROMOLES_PER_LITRE: Final = frozenset({"umol/l", "\u00b5mol/l", "\u03bcmol/l"})  # micro sign, Greek mu
MONITORING: Final = {720: "min_12_hourly", 360: "min_4_6_hourly", 60: "min_1_hourly", 0: "continuous"}
NEWS2_ANSWERS: Final = (
    *("parts", "total", "single_parameter_3", "band", "monitoring", "max_interval_minutes"),
    *("hourly_or_more_often", "nice_sepsis_risk_if_infection_suspected"),
)
NEWS2_INPUT: Final = ("rr", "spo2", "spo2_scale", "on_oxygen", "sbp", "pulse", "acvpu", "temp")
MOST_POINTS: Final = 100_000
LINES_WITHIN: Final = 1e-9
"""How far a chart's mean and limits may lie from those expected; everything else of a chart agrees exactly."""
LABELS: Final = {
    (spc.Rule.ASTRONOMICAL, spc.Relative.HIGH): "Above UCL",
    (spc.Rule.ASTRONOMICAL, spc.Relative.LOW): "Below LCL",
    (spc.Rule.TREND, spc.Relative.HIGH): "7 Point Trend (Increasing)",
    (spc.Rule.TREND, spc.Relative.LOW): "7 Point Trend (Decreasing)",
    (spc.Rule.TWO_OF_THREE, spc.Relative.HIGH): "2 in 3 Above CL",
    (spc.Rule.TWO_OF_THREE, spc.Relative.LOW): "2 in 3 Below CL",
    (spc.Rule.SHIFT, spc.Relative.HIGH): "7 Points Above CL",
    (spc.Rule.SHIFT, spc.Relative.LOW): "7 Points Below CL",
}
"""``special_cause_type`` as NHSRplotthedots 0.2.2 writes it."""
ASSURANCE_TYPES: Final = {
    spc.Assurance.PASS: "consistent_pass",
    spc.Assurance.FAIL: "consistent_fail",
    spc.Assurance.INCONSISTENT: "inconsistent",
}


@dataclass(frozen=True, slots=True)
class Difference:
    """One expected field that this program answers otherwise; both answers as JSON writes them."""

    field: str
    expected: str
    got: str


@dataclass(frozen=True, slots=True)
class CheckedCase:
    """One case; it passed if nothing differs."""

    case_id: str
    title: str
    differences: tuple[Difference, ...]

    def __str__(self) -> str:
        told = [f"{each.field}: expected {each.expected}, got {each.got}" for each in self.differences]
        return f"{self.case_id} {self.title} - {'; '.join(told) or 'passed'}"


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a file: its checked cases."""

    checked: tuple[CheckedCase, ...]

    @property
    def failures(self) -> tuple[CheckedCase, ...]:
        """The cases in which something differs."""
        return tuple(case for case in self.checked if case.differences)


def run(path: Path, out: TextIO) -> int:
    """Write a line for each failing case and then the count to ``out``.

    Returns 0 if every case passed, 1 if not, and 2 if it is not a file of cases.
    """
    try:
        result = verify_file(path)
    except CaseFileError as error:
        print(f"{path}: {error}", file=out)
        return 2
    for case in result.failures:
        print(case, file=out)
    failed = len(result.failures)
    print(f"{len(result.checked) - failed} passed, {failed} failed", file=out)
    return 1 if failed else 0


def verify_file(path: Path) -> Result:
    """Check every case of the file. Raises CaseFileError, naming the key, if it is not a file of cases."""
    try:
        content = json.loads(path.read_text("utf-8-sig"), parse_float=_decimal, parse_constant=_decimal)
    except OSError as error:
        raise CaseFileError(f"cannot be read: {error.strerror or error}") from error
    except (ValueError, RecursionError) as error:
        raise CaseFileError(f"is not JSON: {error}") from error
    if not isinstance(content, dict):
        raise CaseFileError("is not a file of cases: it holds no JSON object")
    file = _Node(content, "")
    if file.number("schema_version") not in (None, SCHEMA_VERSION):
        raise CaseFileError(f'"schema_version" {content["schema_version"]} is not known, only {SCHEMA_VERSION}')
    checked = (
        *(_check(case, _algorithm(case, file)) for case in file.nodes("cases")),
        *(_check(case, _ward_count_answers) for case in file.nodes("active_status_cases")),
        *(_check(case, _chart_answers, title="note", expects="output") for case in file.nodes("series")),
    )
    if not checked:
        raise CaseFileError('holds no case in "cases", "active_status_cases" or "series": unknown format')
    return Result(checked)


def _decimal(written: str) -> Decimal:
    number = Decimal(written)
    if not number.is_finite() or abs(number.adjusted()) > LONGEST_NUMBER:
        raise ValueError(f"{written} is no number that a case can hold")
    return number


# Reading: every complaint names the case and the key.


@dataclass(frozen=True, slots=True)
class _Node:
    content: Mapping[str, object]
    where: str

    def complaint(self, key: str, problem: str) -> CaseFileError:
        return CaseFileError(f'{self.where}{": " if self.where else ""}"{key}" {problem}')

    def required(self, key: str) -> object:
        if key not in self.content:
            raise self.complaint(key, "is missing")
        return self.content[key]

    def number(self, key: str) -> int | Decimal | None:
        value = self.content.get(key)
        if value is None or (isinstance(value, int | Decimal) and not isinstance(value, bool)):
            return value
        raise self.complaint(key, f"must be a number or null, not {_shown(value)}")

    def whole(self, key: str, allowed: range) -> int | None:
        value = self.number(key)
        if value is None or value in allowed:
            return None if value is None else int(value)
        raise self.complaint(key, f"must be a whole number from {allowed[0]} to {allowed[-1]}, or null")

    def text(self, key: str) -> str | None:
        value = self.content.get(key)
        if value is None or isinstance(value, str):
            return value
        raise self.complaint(key, f"must be text or null, not {_shown(value)}")

    def flag(self, key: str) -> bool:
        """Whether it is said to be so; null and absent are no."""
        return self.flag_or_none(key) is True

    def flag_or_none(self, key: str) -> bool | None:
        value = self.content.get(key)
        if value is None or isinstance(value, bool):
            return value
        raise self.complaint(key, f"must be true, false or null, not {_shown(value)}")

    def moment(self, key: str) -> datetime | None:
        written = self.text(key)
        try:
            moment = None if written is None else datetime.fromisoformat(written)
        except ValueError:
            raise self.complaint(key, f'must be a time like "2026-02-10T08:00:00Z", not "{written}"') from None
        if moment is not None and moment.year not in YEARS:
            raise self.complaint(key, f"must lie in the years {YEARS[0]} to {YEARS[-1]}")
        return moment

    def required_moment(self, key: str) -> datetime:
        moment = self.moment(key)
        if moment is None:
            raise self.complaint(key, "is missing")
        return moment

    def list_of(self, key: str) -> list[object]:
        value = self.content.get(key)
        if value is None or isinstance(value, list):
            return value or []
        raise self.complaint(key, f"must be a list, not {_shown(value)}")

    def node(self, key: str) -> _Node:
        value = self.content.get(key)
        if value is not None and not isinstance(value, dict):
            raise self.complaint(key, f"must be an object, not {_shown(value)}")
        return _Node(value or {}, self._inside(key))

    def nodes(self, key: str) -> list[_Node]:
        values = self.content.get(key)
        if values is None:
            return []
        if not isinstance(values, list) or not all(isinstance(value, dict) for value in values):
            raise self.complaint(key, "must be a list of objects")
        return [
            _Node(value, self._inside(f"{key}[{n}]" + (f" ({value['id']})" if "id" in value else "")))
            for n, value in enumerate(values)
        ]

    def _inside(self, key: str) -> str:
        return f"{self.where}, {key}" if self.where else key


# Answering: what this program says to one case, by the names of the fields that a case may expect.


@dataclass(frozen=True, slots=True)
class _Rounded:
    """An answer that a file gives to so many decimals, whichever way halves went."""

    value: Fraction
    decimals: int


@dataclass(frozen=True, slots=True)
class _Line:
    """A mean or a limit, which a file gives within ``LINES_WITHIN``."""

    value: float


@dataclass(frozen=True, slots=True)
class _Refused:
    """The answer "error", and why."""

    why: str


@dataclass(frozen=True, slots=True)
class _OrElse:
    """An answer that a file may also write as ``other``, which means the same."""

    value: object
    other: object


_Answers = Mapping[str, object]
_Algorithm = Callable[[_Node], _Answers]


def _algorithm(case: _Node, file: _Node) -> _Algorithm:
    if "current" in case.content:
        _require_micromoles(file)
        decimals = file.whole("ratio_decimals", range(LONGEST_NUMBER))
        return partial(_aki_answers, decimals=RATIO_DECIMALS if decimals is None else decimals)
    if "input" in case.content:
        return _news2_answers
    raise case.complaint("current", 'is missing (a case of AKI), and so is "input" (a case of NEWS2)')


def _aki_answers(case: _Node, decimals: int) -> _Answers:
    patient, limits = case.node("patient"), case.node("reference_interval")
    _require_micromoles(limits)
    age_days = patient.number("age_days")
    result = _creatinine(case.node("current"))
    warning = aki.warning_stage(
        result,
        [_creatinine(node) for node in case.nodes("previous")],
        age_years=patient.number("age_years"),
        age_days=age_days,
        reference=aki.ReferenceInterval(limits.number("low"), limits.number("high")),
    )
    display = aki.active_aki(
        [aki.StagedResult(result.collected, warning.stage)],
        as_at=result.collected,
        admitted=None,
        chronic_dialysis=patient.flag("chronic_dialysis"),
        age_days=age_days,
    )

    def rounded(ratio: Fraction | None) -> _Rounded | None:
        return None if ratio is None else _Rounded(ratio, decimals)

    within = warning.against_reference == "within"  # "within" is no flag: a file may write null
    return {
        "evaluated": warning.evaluated,
        "aki_stage": warning.stage,
        "no_baseline_flag": _OrElse("within", None) if within else warning.against_reference,
        "rv1": warning.rv1,
        "rv2": warning.rv2,
        "ratio1": rounded(warning.ratio1),
        "ratio2": rounded(warning.ratio2),
        "ratio": rounded(warning.ratio),
        "d48": warning.d48,
        "rule": warning.rule,
        "rise_over_26_in_7d_not_48h": warning.rise_in_7_days_only,
        "counted_on_display": display.counted,
        "why_not_counted": display.excluded,
    }


def _creatinine(node: _Node) -> aki.Creatinine:
    _require_micromoles(node)
    value = node.required("value")
    if isinstance(value, bool) or not (value is None or isinstance(value, int | Decimal | str)):
        raise node.complaint("value", f"must be a number, text or null, not {_shown(value)}")
    return aki.Creatinine(value, node.required_moment("collected"))


def _require_micromoles(node: _Node) -> None:
    unit = node.text("unit")
    if unit is not None and unit.strip().lower() not in MICROMOLES_PER_LITRE:
        raise node.complaint("unit", f'must be "umol/L", not {_shown(unit)}')


def _ward_count_answers(case: _Node) -> _Answers:
    case.required("spell_start")
    case.required("results")
    answer = aki.active_aki(
        [
            aki.StagedResult(node.required_moment("collected"), stage, node.moment("reported"))
            for node in case.nodes("results")
            if (stage := node.whole("aki_stage", range(4))) is not None or _has_number(node)
        ],
        as_at=case.required_moment("as_at"),
        admitted=case.moment("spell_start"),
        chronic_dialysis=case.flag("chronic_dialysis"),
        age_days=case.number("age_days"),
        refuted_at=case.moment("aki_refuted_by_clinician_at"),
        clear_after=case.whole("clear_after", range(1, 3)) or 1,
    )
    return {
        "counted": answer.counted,
        "current_stage": _OrElse(answer.current_stage, answer.current_stage or 0),
        "peak_stage": _OrElse(answer.peak_stage, answer.peak_stage or 0),
        "alert_stale_no_repeat": answer.not_followed_up,
    }


def _has_number(node: _Node) -> bool:
    """Whether a result without a stage clears one: a value that is no number is no result at all."""
    node.required("aki_stage")
    return "value" not in node.content or aki.exact(_creatinine(node).value) is not None


def _news2_answers(case: _Node) -> _Answers:
    given = case.node("input")
    if not any(key in given.content for key in NEWS2_INPUT):
        raise given.complaint("rr", f"is missing, and so are {', '.join(NEWS2_INPUT[1:])}")
    score = news2.news2(
        rr=given.number("rr"),
        spo2=given.number("spo2"),
        spo2_scale=given.number("spo2_scale"),
        on_oxygen=given.flag_or_none("on_oxygen"),
        sbp=given.number("sbp"),
        pulse=given.number("pulse"),
        acvpu=given.text("acvpu"),
        temp=given.number("temp"),
    )
    pregnant = given.flag("pregnant") or given.flag("pregnant_or_recent")
    applicable = news2.applies(given.number("age_years"), pregnant)
    answers: dict[str, object] = {"applicable": applicable, "complete": score.complete}
    if not applicable or score.total is None:
        answers |= dict.fromkeys(NEWS2_ANSWERS) | {
            f"parts.{name}": part if applicable else None for name, part in score.parts.items()
        }
        if applicable:  # null, or what the recorded parameters say
            answers["single_parameter_3"] = _OrElse(None, score.single_parameter_3)
        return answers
    interval = news2.minimum_interval_min(score.total, score.single_parameter_3)
    return answers | {
        **{f"parts.{name}": part for name, part in score.parts.items()},
        "parts": score.parts,
        "total": score.total,
        "single_parameter_3": score.single_parameter_3,
        "band": news2.band(score.total, score.single_parameter_3),
        "monitoring": MONITORING[interval],
        "max_interval_minutes": interval,
        "hourly_or_more_often": interval <= news2.HOURLY_MIN,
        "nice_sepsis_risk_if_infection_suspected": news2.sepsis_risk(score.total),
    }


def _chart_answers(case: _Node) -> _Answers:
    """What a chart by the preset ``reference`` says; of what is no series, a ``status`` that tells why."""
    case.required("input")
    given = case.node("input")
    given.required("dates")
    given.required("values")
    dates = [_date(written) for written in given.list_of("dates")]
    values = [float(value) if isinstance(value, Decimal) else value for value in given.list_of("values")]
    rebase = [at for written in given.list_of("rebase") if isinstance(at := _date(written), date)]
    if len(rebase) < len(given.list_of("rebase")):
        raise given.complaint("rebase", 'must hold dates like "2026-02-10"')
    fix_after = given.whole("fix_after_n_points", range(MOST_POINTS))
    target = given.number("target")
    screen = given.flag_or_none("screen_outliers")
    try:
        by_date = spc.series(dates, values)  # type: ignore[arg-type]  # which refuses what is no date or number
        starts = by_date.phases(rebase)
        chart = spc.xmr(
            by_date.values,
            direction=_direction(given),
            target=None if target is None else float(target),
            phases=starts,
            fix_after=fix_after,
            screen=screen,
            preset=spc.REFERENCE,
        )
    except ValueError as refused:
        return {"status": _Refused(str(refused))}
    points = chart.points
    first_group = 1 if 0 in starts else 0  # the reference numbers from 1 if the first point is a rebase

    def lines(of_points: Iterable[float | None]) -> list[_Line | None]:
        return [None if line is None else _Line(line) for line in of_points]

    variation = points[chart.latest].point_type if chart.latest is not None else None
    assurance = ASSURANCE_TYPES.get(chart.assurance)
    return {
        "status": "ok",
        "date": [at.isoformat() for at in by_date.dates],
        "value": lines(point.value for point in points),
        "rebase_group": [first_group + point.phase for point in points],
        "short_group_warning": [point.phase in chart.short_phases for point in points],
        "mean": lines(point.mean for point in points),
        "lpl": lines(point.lpl for point in points),
        "upl": lines(point.upl for point in points),
        "nlpl": lines(point.nlpl for point in points),
        "nupl": lines(point.nupl for point in points),
        "amr": lines(point.limits.amr for point in points),
        "relative_to_mean": [point.side for point in points],
        "outside_limits": [point.outside for point in points],
        "close_to_limits": [point.close for point in points],
        "special_cause_type": [
            LABELS[point.rule, point.relative] if point.rule and point.relative else "Common Cause" for point in points
        ],
        "special_cause_flag": [bool(point.rules) for point in points],
        "point_type": [point.point_type.value for point in points],
        "variation_type": None if variation is None else variation.value,
        "assurance_type": assurance,
        "variation_icon": None if chart.variation is spc.Variation.NONE else chart.variation.value,
        "assurance_icon": None if assurance is None else chart.assurance.value,
    }


def _date(written: object) -> object:
    """The date if it is one, else what is written."""
    try:
        return date.fromisoformat(written) if isinstance(written, str) else written
    except ValueError:
        return written


def _direction(node: _Node) -> spc.Direction:
    written = node.text("improvement_direction")
    if written is None or written not in list(spc.Direction):
        raise node.complaint("improvement_direction", f"must be one of {', '.join(spc.Direction)}")
    return spc.Direction(written)


# Comparing.


def _check(case: _Node, algorithm: _Algorithm, *, title: str = "title", expects: str = "expected") -> CheckedCase:
    case_id, told = str(case.required("id")), case.text(title) or ""
    case.required(expects)
    expected = dict(_flat(case.node(expects).content))
    if not expected:
        raise case.complaint(expects, "holds no field")
    answers = algorithm(case)
    if set(answers) == {"status"}:  # refused: nothing else to compare
        expected = {"status": expected.get("status")}
    differences = []
    for name, value in expected.items():
        if name not in answers:
            differences.append(Difference(name, _shown(value), f"no such field, {nearest(name, answers)}"))
        else:
            differences += _differences(name, value, answers[name])
    return CheckedCase(" ".join(case_id.split()), " ".join(told.split()), tuple(differences))


def _differences(name: str, expected: object, answer: object) -> list[Difference]:
    """At most one: of a list, its first wrong entry."""
    if not isinstance(expected, list) or not isinstance(answer, list) or len(expected) != len(answer):
        return [] if _same(expected, answer) else [Difference(name, _shown(expected), _shown(answer))]
    pairs = enumerate(zip(expected, answer, strict=True))
    wrong = [(n, entry, ours) for n, (entry, ours) in pairs if not _same(entry, ours)]
    if not wrong:
        return []
    n, entry, ours = wrong[0]
    more = f" (and {len(wrong) - 1} more)" if len(wrong) > 1 else ""
    return [Difference(f"{name}[{n}]", _shown(entry), _shown(ours) + more)]


def _flat(expected: Mapping[str, object]) -> Iterator[tuple[str, object]]:
    for name, value in expected.items():
        if isinstance(value, dict):
            yield from ((f"{name}.{part}", score) for part, score in value.items())
        elif name not in PROSE:
            yield name, value


def _same(expected: object, answer: object) -> bool:
    if isinstance(answer, _OrElse):
        return _same(expected, answer.value) or _same(expected, answer.other)
    if isinstance(answer, _Refused):
        return expected == "error"
    if isinstance(answer, _Line):
        is_number = isinstance(expected, int | Decimal) and not isinstance(expected, bool)
        return is_number and abs(float(expected) - answer.value) <= LINES_WITHIN  # type: ignore[arg-type]
    if isinstance(expected, bool) or isinstance(answer, bool) or not isinstance(expected, int | Decimal):
        return type(expected) is type(answer) and expected == answer
    if isinstance(answer, _Rounded):
        return abs(Fraction(expected) - answer.value) <= Fraction(1, 2 * 10**answer.decimals)
    return isinstance(answer, int | Fraction) and Fraction(expected) == answer


def _shown(value: object) -> str:
    if isinstance(value, _OrElse):
        return _shown(value.value)
    if isinstance(value, _Refused):
        return f'"error" ({value.why})'
    if isinstance(value, list):
        return f"[{', '.join(map(_shown, value))}]"
    if isinstance(value, _Line):
        return f"{value.value:.12g}"
    if isinstance(value, _Rounded):
        return f"{float(value.value):.{value.decimals}f}"
    if isinstance(value, Decimal | Fraction):
        return f"{float(value):.10g}"
    return json.dumps(value, ensure_ascii=False, default=str)
