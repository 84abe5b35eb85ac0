"""Every chart of the hospital, made when it is asked for and kept until the store has new points of its measure."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from surveillance.charts.chart import UnitChart, chart_of, unreadable
from surveillance.charts.points import WEEK, ChartPoint, last_closed
from surveillance.charts.series import series_of
from surveillance.charts.units import WARD, Unit, applying, charted, units_of
from surveillance.errors import ConfigurationError, StoreError
from surveillance.measures import CATALOGUE
from surveillance.measures.declaration import Measure
from surveillance.settings import Settings
from surveillance.store import Store

KEPT = 1_000
"""Charts that are held at most; the oldest give way."""
GRACE = timedelta(days=1)
"""How long after a week is closed its points may be missing without a gap at the end of every chart."""

Key = tuple[str, str, str]
"""Measure, kind, unit."""


@dataclass(slots=True)
class _Shelf:
    """Charts of one revision of the points and one week."""

    revision: int
    newest: date
    through: date
    charts: dict[Key, UnitChart] = field(default_factory=dict)
    looked_at: frozenset[str] = frozenset()
    """Measures of which it is known on which wards they are a concern."""


class ChartBook:
    """May be used by several threads.

    While the history cannot be read, every chart says so (``UnitChart.unreadable``). ``error``: why it could not be
    when it was last asked for; empty when it could.
    """

    def __init__(
        self,
        open_store: Callable[[], Store],
        settings: Settings,
        clock: Callable[[], datetime],
        catalogue: Mapping[str, Measure] = CATALOGUE,
    ) -> None:
        self._open = open_store
        self._settings = settings
        self._clock = clock
        self._measures = charted(catalogue)
        self._units = units_of(settings)
        self._names = {ward.code: ward.name for ward in settings.wards}
        self._lock = threading.Lock()
        self._store: Store | None = None
        self._shelf: _Shelf | None = None
        self._concerned: dict[str, frozenset[str]] = {}
        self.error = ""

    @property
    def measures(self) -> Mapping[str, Measure]:
        """The measures that are drawn over time."""
        return self._measures

    @property
    def units(self) -> Mapping[tuple[str, str], Unit]:
        """(kind, code) → every unit that has charts."""
        return self._units

    @property
    def revision(self) -> int:
        """Grows whenever there are new points; the last one known while the history cannot be read."""
        try:
            return self._turned()[1].revision
        except StoreError as error:
            self._failed(error)
            return self._shelf.revision if self._shelf else 0

    def chart(self, measure_id: str, kind: str, unit_code: str) -> UnitChart | None:
        """One measure of one unit; None if it is not charted, or has no meaning there, or there is no such unit."""
        measure, unit = self._measures.get(measure_id), self._units.get((kind, unit_code))
        if measure is None or unit is None or not applying(self._settings, measure_id, unit):
            return None
        return self._charts(measure, [unit])[0]

    def then(self, measure_id: str, kind: str, unit_code: str, moment: datetime) -> UnitChart | None:
        """The same as it stood at an earlier moment: with the weeks that were closed by then, as they are kept now."""
        measure, unit = self._measures.get(measure_id), self._units.get((kind, unit_code))
        if measure is None or unit is None or not applying(self._settings, measure_id, unit):
            return None
        try:
            store, shelf = self._turned()
            past = _Shelf(shelf.revision, last_closed(moment), last_closed(moment - GRACE))
            return self._drawn(store, past, measure, [unit])[0]
        except StoreError as error:
            self._failed(error)
            return _unreadable(measure, unit)

    def summary(self, kind: str, unit_code: str) -> list[UnitChart]:
        """Every charted measure of a unit, in the order of the catalogue."""
        unit, found = self._units.get((kind, unit_code)), list[UnitChart]()
        for measure in self._measures.values():
            if unit is None or not applying(self._settings, measure.id, unit):
                continue
            if found and found[-1].unreadable:  # a store that is away is waited for once
                found.append(_unreadable(measure, unit))
            else:
                found += self._charts(measure, [unit])
        return found

    def wards(self, measure_id: str) -> list[UnitChart]:
        """One measure on each ward where it has a meaning, in the organisation's order."""
        measure = self._measures.get(measure_id)
        return [] if measure is None else self._charts(measure, self._wards_of(measure))

    def concerns(self) -> Mapping[str, frozenset[str]]:
        """Ward → the measures whose chart there shows special cause variation of a concerning nature.

        While the history cannot be read, what was found last.
        """
        try:
            for measure in self._measures.values():
                self._look_for_concern(measure)
        except StoreError as error:
            self._failed(error)
        with self._lock:
            by_measure = dict(self._concerned)
        found: dict[str, set[str]] = {}
        for name, wards in by_measure.items():
            for ward in wards:
                found.setdefault(ward, set()).add(name)
        return {ward: frozenset(names) for ward, names in found.items()}

    def close(self) -> None:
        """Let go of the store; it is opened again when somebody asks."""
        with self._lock:
            if self._store:
                self._store.close()
            self._store = None

    def _wards_of(self, measure: Measure) -> list[Unit]:
        wards = [unit for (kind, _), unit in self._units.items() if kind == WARD]
        return [unit for unit in wards if applying(self._settings, measure.id, unit)]

    def _look_for_concern(self, measure: Measure) -> None:
        store, shelf = self._turned()
        if measure.id in shelf.looked_at:
            return
        charts = self._drawn(store, shelf, measure, self._wards_of(measure))
        with self._lock:
            self._concerned[measure.id] = frozenset(chart.code for chart in charts if chart.is_concern)
            shelf.looked_at |= {measure.id}

    def _charts(self, measure: Measure, units: Sequence[Unit]) -> list[UnitChart]:
        try:
            store, shelf = self._turned()
            lacking = [unit for unit in units if (measure.id, unit.kind, unit.code) not in shelf.charts]
            made = {
                (measure.id, chart.kind, chart.code): chart for chart in self._drawn(store, shelf, measure, lacking)
            }
        except StoreError as error:
            self._failed(error)
            return [_unreadable(measure, unit) for unit in units]
        with self._lock:
            known = {**shelf.charts, **made}
            found = [known[measure.id, unit.kind, unit.code] for unit in units]
            shelf.charts = dict(list(known.items())[-KEPT:])
        return found

    def _drawn(self, store: Store, shelf: _Shelf, measure: Measure, units: Sequence[Unit]) -> list[UnitChart]:
        """One query for all of ``units``."""
        how, settings = measure.charted, self._settings.charts
        if how is None or not units:
            return []
        since = shelf.newest - (settings.weeks - 1) * WEEK
        members = {(unit.kind, unit.code): applying(self._settings, measure.id, unit) for unit in units}
        wanted = {ward for wards in members.values() for ward in wards}
        everybody = len(wanted) > len(self._names) / 2
        points = store.points(measure.id, None if everybody else sorted(wanted), since, shelf.newest + WEEK)
        by_ward: dict[str, list[ChartPoint]] = {}
        for point in points:
            by_ward.setdefault(point.ward, []).append(point)
        charts = []
        for unit in units:
            wards = members[unit.kind, unit.code]
            own = [point for ward in wards for point in by_ward.get(ward, ())]
            series = series_of(how, own, wards, least=settings.wards, through=shelf.through, names=self._names)
            charts.append(chart_of(measure, unit.kind, unit.code, series, settings))
        return charts

    def _turned(self) -> tuple[Store, _Shelf]:
        """The store and the charts of now: of a measure with new points none.

        Raises:
            StoreError: the store does not answer, or cannot be opened by this program.
        """
        now = self._clock()
        newest, through = last_closed(now), last_closed(now - GRACE)
        with self._lock:
            try:
                store = self._store = self._store or self._open()
                revision, before = store.points_revision(), self._shelf
                if before is None or (before.newest, before.through) != (newest, through):
                    self._shelf = _Shelf(revision, newest, through)
                elif before.revision != revision:
                    written = store.points_written_since(min(before.revision, revision))
                    self._shelf = _Shelf(
                        revision,
                        newest,
                        through,
                        {key: chart for key, chart in before.charts.items() if key[0] not in written},
                        before.looked_at - written,
                    )
            except ConfigurationError as error:
                raise StoreError(str(error)) from error
            self.error = ""
            shelf = self._shelf
        if shelf is None:
            raise StoreError("no charts")
        return store, shelf

    def _failed(self, error: StoreError) -> None:
        with self._lock:
            self.error = str(error)
            if self._store:
                self._store.close()
            self._store = None


def _unreadable(measure: Measure, unit: Unit) -> UnitChart:
    if measure.charted is None:
        raise ValueError(f"{measure.id} is not charted")
    return unreadable(measure, measure.charted, unit.kind, unit.code)
