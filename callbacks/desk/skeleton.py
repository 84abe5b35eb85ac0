"""What stands on a ward's desk before a number is known: the places into which answers are put, and an empty table.

Everything that the table does besides showing text is a function of ours, named: nothing is made of text in a browser.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import dash_ag_grid as dag
from dash import dcc, html
from dash.development.base_component import Component

from layouts.desk.measure import RECORDED
from layouts.desk.table import HEADER_PX, ID, ROW_PX

STORES = ("asked", "chosen", "lately", "drawn")
"""What the page asks for, whose line it shows, of which days, and what it was sent; never a row."""
GRID_OPTIONS: Mapping[str, Any] = {
    "theme": {"function": "deskTheme(themeQuartz)"},
    "rowHeight": ROW_PX,
    "headerHeight": HEADER_PX,
    "animateRows": False,
    "suppressCellFocus": False,
    "enableCellTextSelection": True,
    "ensureDomOrder": True,
    "suppressDragLeaveHidesColumns": True,
    "suppressNoRowsOverlay": True,
}
ON_CELL = {"cellKeyDown": ["deskKey(params)"], "cellDoubleClicked": ["deskOpen(params)"]}


def skeleton() -> Component:
    """The page of a ward before anything is known."""
    grid = dag.AgGrid(
        id="grid",
        rowData=[],
        columnDefs=[],
        getRowId=f"params.data.{ID}",
        defaultColDef={
            "resizable": True,
            "sortable": True,
            "wrapHeaderText": True,
            "suppressHeaderMenuButton": False,
            "tooltipValueGetter": {"function": "deskTooltip(params)"},
        },
        dashGridOptions=dict(GRID_OPTIONS),
        eventListeners=ON_CELL,
    )
    find = html.Div(
        [html.Label("Find in this list", htmlFor="find"), dcc.Input(id="find", type="search", autoComplete="off")],
        className="find",
    )
    panels = [html.Div(id="week", className="panel"), html.Div(id="explained", className="panel")]
    main = html.Main(
        [
            html.Div([html.Div(id="head", children=[html.H1("Loading")]), html.Div(id="ways")], className="heading"),
            html.P(id="said", className="unseen", role="status"),
            html.Div([find, grid], id="table", className="panel table", hidden=True),
            html.Div(id="below"),
            html.Div(id="patient"),
            html.Div(panels, className="beside"),
            html.P(RECORDED, className="recorded"),
            html.P(id="sources", className="sources"),
        ],
        id="shown",
    )
    stores = [dcc.Store(id=name) for name in STORES]
    named: Any = {"aria-label": "Measures"}
    opens: Any = {"aria-expanded": "false", "aria-controls": "nav"}
    menu = html.Button("All measures", id="menu", type="button", **opens)
    return html.Div([*stores, html.Div([menu, html.Nav(id="nav", **named)], className="side"), main], id="desk")
