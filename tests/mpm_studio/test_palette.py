"""Colours have names, and one place."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

import mpm_studio
from mpm_studio import palette

APP = Path(mpm_studio.__file__).parent
LITERAL = re.compile(r"""#[0-9a-fA-F]{6}\b|#[0-9a-fA-F]{3}[;"']|\b(?:rgba?|hsla?|QColor)\(\s*\d""")


def test_no_colour_stands_anywhere_else() -> None:
    files = [path for ending in ("py", "html", "css") for path in APP.rglob(f"*.{ending}") if path.name != "palette.py"]
    assert len(files) > 100
    assert not [(path.name, found) for path in files for found in LITERAL.findall(path.read_text(encoding="utf-8"))]


def test_a_literal_would_be_found() -> None:
    for text in ('"#14161b"', "color: #fff;", "hsl(8 75% 55%)", "QColor(1, 2, 3)", "rgb(1 2 3 / .5)"):
        assert LITERAL.search(text)


def test_a_timeline_shows_filled_samples_as_the_3d_view_does() -> None:
    differ = {origin.name for origin in palette.ORIGIN if palette.ORIGIN[origin] != palette.TIMELINE_ORIGIN[origin]}
    assert differ == {"MISSING", "MEASURED"}


@pytest.mark.parametrize("theme", list(palette.THEMES))
def test_text_can_be_read_in_every_theme(theme: str) -> None:
    code = f"""
from mpm_studio import palette
palette.use({theme!r})
def light(colour):
    parts = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in palette.rgb(colour)]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]
def contrast(a, b):
    low, high = sorted((light(a), light(b)))
    return (high + 0.05) / (low + 0.05)
for text in (palette.TEXT, palette.DIM):
    for back in (palette.BACK, palette.PANEL, palette.RAISED, palette.SELECTED_ROW):
        assert contrast(text, back) >= 4.5, (text, back)
assert contrast(palette.ON_ACCENT, palette.ACCENT) >= 4.5
from mpm_studio import theme
assert palette.TEXT in theme.STYLE and palette.PANEL in theme.STYLE
from mpm_studio.views import timeline_paint
assert timeline_paint.BACK.name() == palette.BACK
"""
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)


@pytest.mark.parametrize("theme", list(palette.THEMES))
def test_origins_are_told_apart_by_the_colour_blind(theme: str) -> None:
    code = f"""
from itertools import combinations
from mpm_studio import palette
palette.use({theme!r})
from mpm_core.recording import Origin
from tests.mpm_studio.seen_colours import SEEN, difference
sides = [palette.LEFT, palette.RIGHT]
in_view = [(palette.ORIGIN[fill], other) for fill in Origin for other in sides if fill not in (Origin.MISSING, Origin.MEASURED)]
for seen in SEEN:
    for one, other in combinations(palette.TIMELINE_ORIGIN, 2):
        found = difference(palette.TIMELINE_ORIGIN[one], palette.TIMELINE_ORIGIN[other], seen)
        assert found >= 14, ("timeline", one, other, seen, found)
    for one, other in in_view:
        assert difference(one, other, seen) >= 11, ("view", one, other, seen)
from mpm_studio.views.graph_area import MOST_POINTS
fills = [palette.TIMELINE_ORIGIN[each] for each in Origin if each not in (Origin.MISSING, Origin.MEASURED)]
for one in palette.LINES[1:MOST_POINTS]:
    for other in fills:
        assert difference(one, other, "all") >= 25, ("points in the graph", one, other)
for seen in SEEN:
    for one, other in combinations(palette.CURVES_XYZ, 2):
        assert difference(one, other, seen) >= 14, ("curves", one, other, seen)
"""
    subprocess.run([sys.executable, "-c", code], check=True)
