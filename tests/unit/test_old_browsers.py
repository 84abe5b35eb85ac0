"""Walls run on a browser that is two years old: no script and no style sheet uses what Chromium 126 did not know.

``NEWER`` lists what Chromium learnt since, as far as it could be used in such files. Source of the versions: MDN's
browser-compat-data (github.com/mdn/browser-compat-data), by the first version of Chrome without a flag.
"""

from __future__ import annotations

import re
from pathlib import Path

import dash
import pytest

ASSETS = Path(__file__).parents[2] / "assets"
OLDEST = 126
"""The age that is promised is that of 130 (October 2024); these four are in hand."""

NEWER = {
    "css": {
        r"interpolate-size\s*:": 129,
        r"\bcalc-size\(": 129,
        r"position-area\s*:": 129,
        r"position-try-fallbacks\s*:": 128,
        r"ruby-align\s*:": 128,
        r"(?<!-)box-decoration-break\s*:": 130,
        r"::details-content": 131,
        r"font-variant-emoji\s*:": 131,
        r":open\b": 133,
        r"text-box(-trim|-edge)?\s*:": 133,
        r"scroll-initial-target\s*:": 133,
        r"\bscroll-state\(": 133,
        r"\battr\([^)]*\btype\(": 133,
        r"::(scroll-marker|scroll-button|column)\b": 135,
        r"\bshape\(": 135,
        r"dynamic-range-limit\s*:": 136,
        r"(?<!-)print-color-adjust\s*:": 136,
        r"reading-flow\s*:": 137,
        r"(?<![\w-])if\(": 137,
        r"\b(sibling-index|sibling-count|progress|abs|sign)\(": 138,
        r"(width|height|inline-size|block-size)\s*:\s*stretch\b": 138,
        r"@function\b": 139,
        r"corner-shape\s*:": 139,
        r"caret-animation\s*:": 139,
        r"text-autospace\s*:": 140,
    },
    "js": {
        r"\bPromise\.try\b": 128,
        r"\bcaretPositionFromPoint\(": 128,
        r"\bIntl\.DurationFormat\b": 129,
        r"\bscheduler\.yield\b": 129,
        r"\.moveBefore\(": 133,
        r"\bAtomics\.pause\b": 133,
        r"\bError\.isError\b": 134,
        r"\.requestClose\(": 134,
        r"\bSymbol\.(asyncD|d)ispose\b": 134,
        r"\bawait using\b": 134,
        r"\bFloat16Array\b|\bMath\.f16round\b": 135,
        r"\bfetchLater\(": 135,
        r"\bRegExp\.escape\b": 136,
        r"\bUint8Array\.from(Base64|Hex)\b|\.to(Base64|Hex)\(": 140,
        r"\bTemporal\.(Now|Instant|Plain|Zoned|Duration)": 144,
        r"\.getOrInsert(Computed)?\(": 145,
        r"\.setHTML\(": 146,
        r"\bMath\.sumPrecise\b": 147,
    },
}
"""Pattern → the first version of Chromium that knows what it finds."""

OURS = sorted(path for kind in NEWER for path in ASSETS.glob(f"*.{kind}"))
PARTS = Path(dash.__file__).parent
DASHS = sorted(
    path
    for pattern in ("dash-renderer/build/dash_renderer.min.js", "html/*.min.js", "deps/react*.min.js")
    for path in PARTS.glob(pattern)
)
"""What Dash puts on a wall's page."""


def too_new(text: str, kind: str) -> list[str]:
    """What ``text`` uses that ``OLDEST`` does not know."""
    without_comments = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
    return [
        f"{found.group()}: Chromium {version}"
        for pattern, version in NEWER[kind].items()
        if version > OLDEST and (found := re.search(pattern, without_comments))
    ]


@pytest.mark.parametrize("path", OURS, ids=lambda path: path.name)
def test_our_files_use_nothing_newer(path: Path) -> None:
    assert too_new(path.read_text("utf-8"), path.suffix[1:]) == []


@pytest.mark.parametrize("path", DASHS, ids=lambda path: path.name)
def test_dashs_files_use_nothing_newer(path: Path) -> None:
    assert too_new(path.read_text("utf-8"), "js") == []


def test_every_file_was_looked_at() -> None:
    assert {"wall.js", "again.js", "wall.css", "tokens.css", "document.css"} <= {path.name for path in OURS}
    assert {path.parent.name for path in DASHS} == {"build", "html", "deps"}


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("css", "p { interpolate-size: allow-keywords; }"),
        ("css", "p { width: if(style(--x: 1): 1px; else: 2px); }"),
        ("css", "p { width: stretch; }"),
        ("css", "details:open { color: red; }"),
        ("css", "p { width: calc(1px * sibling-index()); }"),
        ("js", "await Promise.try(f)"),
        ("js", "new Uint8Array(3).toBase64()"),
        ("js", "Temporal.Now.instant()"),
    ],
)
def test_what_is_newer_is_noticed(kind: str, text: str) -> None:
    assert len(too_new(text, kind)) == 1


@pytest.mark.parametrize(
    "text",
    ["p { align-items: stretch; }", "p:has(a) { translate: 1px; inset: 0; }", "p { -webkit-print-color-adjust: x; }"],
)
def test_what_is_old_enough_passes(text: str) -> None:
    assert too_new(text, "css") == []
