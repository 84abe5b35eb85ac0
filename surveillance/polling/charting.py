"""The charts that walls show are made beside the polling, and put on the hub whenever there is a new week."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping, Sequence

from surveillance.charts.book import ChartBook
from surveillance.charts.chart import UnitChart
from surveillance.hub import ChartOf, Hub
from surveillance.polling.guarded import guarded

LOOK_EVERY_S = 10.0

log = logging.getLogger(__name__)


class ChartWatch:
    """Makes the ``wanted`` charts until ``close``; a chart that has not changed is handed over as it was.

    ``concerned``: gets, for each ward, the measures whose chart deteriorates there.
    """

    def __init__(
        self,
        book: ChartBook,
        hub: Hub,
        wanted: Sequence[ChartOf],
        concerned: Callable[[Mapping[str, frozenset[str]]], None] = lambda _: None,
        every_s: float = LOOK_EVERY_S,
    ) -> None:
        self._book = book
        self._hub = hub
        self._wanted = tuple(wanted)
        self._concerned = concerned
        self._every_s = every_s
        self._shown: dict[ChartOf, UnitChart] = {}
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="charts", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop; a query of the store is waited for a short while."""
        self._stop.set()
        self._thread.join(self._every_s)

    def _run(self) -> None:
        while True:
            if words := guarded("charts", self._look):
                log.error("the charts of the walls could not be made: %s", words)
            if self._stop.wait(self._every_s):
                return

    def _look(self) -> None:
        charts: dict[ChartOf, UnitChart] = {}
        for kind, code, measure in self._wanted:
            chart = self._book.chart(measure, kind, code)
            if chart is not None:
                charts[kind, code, measure] = chart
            if self._stop.is_set():
                return
        if charts != self._shown:
            self._shown = charts
            self._hub.charts(charts)
        self._concerned(self._book.concerns())
