"""A creatinine gets an AKI warning stage for its rise over earlier results, never for its height alone.

Source: NHS England patient safety alert NHS/PSA/D/2014/010 (June 2014), the algorithm that English
laboratories run since March 2015; structure as in Selby and others, Nephron 2015;131:113-117. How long a
patient then counts as having AKI has no national rule: `active_aki` is a local one.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from statistics import median
from typing import Final
from zoneinfo import ZoneInfo

LOCAL: Final = ZoneInfo("Europe/London")
"""Days are differences of dates on this calendar; hours are elapsed hours."""

# The NHS England algorithm, June 2014. Creatinine in µmol/L.
RV1_DAYS: Final = range(8)
RV2_DAYS: Final = range(8, 366)
RISE_WITHIN: Final = timedelta(hours=48)
RISE_OVER: Final = 26
STAGE_1_RATIO: Final = Fraction(3, 2)
STAGE_2_RATIO: Final = 2
STAGE_3_RATIO: Final = 3
ADULT_YEARS: Final = 18
ADULT_STAGE_3_OVER: Final = 354
CHILD_STAGE_3_UPPER_LIMITS: Final = 3

# Local rules.
NEONATE_DAYS: Final = 28
_LONGEST_NUMBER: Final = 20  # digits before or after the point; more is no measurement
_EVER: Final = datetime.min.replace(tzinfo=UTC)
ACTIVE_HOURS: Final = 168  # KDIGO 2012: acute kidney injury becomes acute kidney disease after 7 days

Value = int | float | Decimal | Fraction | str | None
"""A creatinine in µmol/L as a source writes it; what is no number above 0 (``<20``, NaN) is no result."""


@dataclass(frozen=True, slots=True)
class Creatinine:
    """One laboratory creatinine in µmol/L and when it was collected (a time without offset is UTC)."""

    value: Value
    collected: datetime


@dataclass(frozen=True, slots=True)
class ReferenceInterval:
    """The laboratory's limits for the patient's age and sex in µmol/L; a value on a limit is within."""

    low: Value = None
    high: Value = None


@dataclass(frozen=True, slots=True)
class WarningStage:
    """What the algorithm says of one creatinine, and why.

    ``stage``: 0 to 3, or None where the algorithm was not applied. ``rule``: what gave the stage, one of
    ``ratio``, ``over_354``, ``child_3x_ulri`` and ``d48``; else ``none``, ``no_baseline`` (nothing to compare
    with) or ``not_applicable``. ``against_reference``: ``low``, ``within`` or ``high``, only without a
    baseline. Exact and in µmol/L: ``value``; ``rv1``, the lowest of 0–7 days before; ``rv2``, the median of
    8–365 days before; ``d48``, the rise over the lowest of 48 h (negative for a fall).
    """

    stage: int | None
    rule: str
    value: Fraction | None = None
    rv1: Fraction | None = None
    rv2: Fraction | None = None
    d48: Fraction | None = None
    against_reference: str | None = None

    @property
    def evaluated(self) -> bool:
        """Whether the algorithm was applied."""
        return self.stage is not None

    @property
    def ratio1(self) -> Fraction | None:
        """``value`` over ``rv1``."""
        return _ratio(self.value, self.rv1)

    @property
    def ratio2(self) -> Fraction | None:
        """``value`` over ``rv2``."""
        return _ratio(self.value, self.rv2)

    @property
    def ratio(self) -> Fraction | None:
        """The higher of the two."""
        return max((ratio for ratio in (self.ratio1, self.ratio2) if ratio is not None), default=None)

    @property
    def rise_in_7_days_only(self) -> bool:
        """No stage, yet a rise above 26 µmol/L within 7 days: the laboratory asks for a repeat."""
        return (
            self.rule == "none"
            and self.value is not None
            and self.rv1 is not None
            and self.value - self.rv1 > RISE_OVER
        )


NOT_APPLICABLE: Final = WarningStage(stage=None, rule="not_applicable")


def warning_stage(
    current: Creatinine,
    previous: Iterable[Creatinine],
    *,
    age_years: float | Decimal | None,
    reference: ReferenceInterval | None,
    age_days: float | Decimal | None = None,
) -> WarningStage:
    """The AKI warning stage of ``current`` by the NHS England algorithm (June 2014).

    ``previous`` may hold anything of the patient, in any order: only numeric results collected strictly
    earlier, by not more than 365 days, are used. ``reference`` carries what the patient's sex would decide.
    Not applied to a current value that is no number, nor under 28 days of age (``age_days``; unknown is not
    under). With an unknown age neither of the tests by age is made. Ratios are compared exactly. Dialysis
    and pregnancy are the reader's to judge; a laboratory cannot know them.
    """
    value = exact(current.value)
    if value is None or _neonate(age_days):
        return NOT_APPLICABLE
    now = _utc(current.collected)
    today = now.astimezone(LOCAL).date()
    week: list[Fraction] = []
    year: list[Fraction] = []
    two_days: list[Fraction] = []
    for result in previous:
        at = _utc(result.collected)
        days = (today - at.astimezone(LOCAL).date()).days
        if at >= now or days >= RV2_DAYS.stop or (earlier := exact(result.value)) is None:
            continue
        (week if days in RV1_DAYS else year).append(earlier)
        if now - at <= RISE_WITHIN:
            two_days.append(earlier)
    if not week and not year:
        return WarningStage(0, "no_baseline", value, against_reference=_against(value, reference))
    rv1 = min(week, default=None)
    rv2 = median(year) if year else None
    d48 = value - min(two_days) if two_days else None
    lowest = min(reference_value for reference_value in (rv1, rv2) if reference_value is not None)
    upper_limit = exact(reference.high) if reference else None
    stage, rule = _stage(value, value / lowest, d48, age_years, upper_limit)
    return WarningStage(stage, rule, value, rv1, rv2, d48)


def _stage(
    value: Fraction,
    ratio: Fraction,
    d48: Fraction | None,
    age_years: float | Decimal | None,
    upper_limit: Fraction | None,
) -> tuple[int, str]:
    if ratio < STAGE_1_RATIO:
        return (1, "d48") if d48 is not None and d48 > RISE_OVER else (0, "none")
    if ratio >= STAGE_3_RATIO:
        return 3, "ratio"
    if age_years is not None and age_years >= ADULT_YEARS and value > ADULT_STAGE_3_OVER:
        return 3, "over_354"
    child = age_years is not None and age_years < ADULT_YEARS
    if child and upper_limit is not None and value > CHILD_STAGE_3_UPPER_LIMITS * upper_limit:
        return 3, "child_3x_ulri"
    return (2 if ratio >= STAGE_2_RATIO else 1), "ratio"


@dataclass(frozen=True, slots=True)
class StagedResult:
    """A numeric creatinine by the warning stage it carries (None: stage 0). Times without offset are UTC."""

    collected: datetime
    stage: float | None
    reported: datetime | None = None


@dataclass(frozen=True, slots=True)
class ActiveAki:
    """Whether a patient counts as having AKI.

    ``current_stage``: that of the alert which makes the patient count, else None. ``peak_stage``: the
    highest of the results in the window, None without an alert. ``not_followed_up``: the alert ran out and
    no creatinine came after it. ``excluded``: ``under_28_days``, ``chronic_dialysis`` or ``refuted``.
    """

    counted: bool
    current_stage: int | None
    peak_stage: int | None
    not_followed_up: bool
    excluded: str | None


def active_aki(
    results: Iterable[StagedResult],
    *,
    as_at: datetime,
    admitted: datetime | None,
    chronic_dialysis: bool = False,
    age_days: float | Decimal | None = None,
    refuted_at: datetime | None = None,
    clear_after: int = 1,
    active_hours: int = ACTIVE_HOURS,
) -> ActiveAki:
    """Whether the patient has AKI at ``as_at``: a local rule, which the trust confirms.

    The latest alert (stage 1 or more) counts until ``clear_after`` consecutive results carry no stage. It
    must be collected at most ``active_hours`` before ``as_at`` and at most as long before ``admitted``,
    both inclusive, and not be refuted strictly after its collection; ``refuted_at`` is the start of the
    latest refutation that stands. Results not yet reported at ``as_at`` are not known. Of results collected
    at one time the highest stage stands. The peak is over the same window; of an alert older than that,
    over all results since the spell's window opened.
    """
    now, window = _utc(as_at), timedelta(hours=active_hours)
    spell_opens = _utc(admitted) - window if admitted else _EVER
    stages = _known_stages(results, now)
    newest_first = sorted(stages, reverse=True)
    clears, alert = next(((n, at) for n, at in enumerate(newest_first) if stages[at]), (0, None))
    if clears >= clear_after:
        alert = None

    in_spell = alert is not None and alert >= spell_opens
    run_out = alert is not None and now - alert > window
    excluded = _exclusion(now, alert, chronic_dialysis, age_days, refuted_at)
    stands = in_spell and excluded is None
    counted = stands and not run_out
    peak_from = spell_opens if run_out else max(spell_opens, now - window)
    return ActiveAki(
        counted=counted,
        current_stage=stages[alert] if counted and alert is not None else None,
        peak_stage=max((stage for at, stage in stages.items() if at >= peak_from), default=0) or None,
        not_followed_up=stands and run_out and clears == 0,
        excluded=excluded,
    )


def _known_stages(results: Iterable[StagedResult], now: datetime) -> dict[datetime, int]:
    stages: dict[datetime, int] = {}
    for result in results:
        at = _utc(result.collected)
        if at <= now and (result.reported is None or _utc(result.reported) <= now):
            stage = 0 if result.stage is None or result.stage != result.stage else int(result.stage)
            stages[at] = max(stages.get(at, 0), stage)
    return stages


def _exclusion(
    now: datetime,
    alert: datetime | None,
    chronic_dialysis: bool,
    age_days: float | Decimal | None,
    refuted_at: datetime | None,
) -> str | None:
    if _neonate(age_days):
        return "under_28_days"
    if chronic_dialysis:
        return "chronic_dialysis"
    if refuted_at is not None and alert is not None and alert < _utc(refuted_at) <= now:
        return "refuted"
    return None


def exact(value: Value) -> Fraction | None:
    """A creatinine as the exact fraction of the decimal that was written; None if no number above 0."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | Fraction):
        number = Fraction(value)
    else:
        try:
            written = Decimal(str(value).strip())
        except InvalidOperation:
            return None
        if not written.is_finite() or abs(written.adjusted()) > _LONGEST_NUMBER:
            return None
        number = Fraction(written)
    return number if number > 0 else None


def _against(value: Fraction, reference: ReferenceInterval | None) -> str | None:
    low, high = (exact(reference.low), exact(reference.high)) if reference else (None, None)
    if low is not None and value < low:
        return "low"
    if high is not None and value > high:
        return "high"
    return None if low is None or high is None else "within"


def _ratio(value: Fraction | None, baseline: Fraction | None) -> Fraction | None:
    return None if value is None or baseline is None else value / baseline


def _neonate(age_days: float | Decimal | None) -> bool:
    return age_days is not None and age_days < NEONATE_DAYS


def _utc(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
