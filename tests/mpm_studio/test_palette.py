"""Colours have names, and one place."""

from __future__ import annotations

import re
from pathlib import Path

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
