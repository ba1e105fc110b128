"""Every colour of the program, as '#rrggbb', and what it means. Window, 3D view, pictures and HTML pages take theirs from here."""

from __future__ import annotations

from mpm_core.recording import Origin

# The window
BACK = "#14161b"  # behind everything
PANEL = "#1b1e25"
RAISED = "#262a33"  # buttons, fields, hover
RAISED_HOVER = "#2f3541"
LINE = "#363c48"
FLOAT_LINE = "#4a5263"  # around what floats over the 3D view
BOX_LINE = "#566074"  # around a check box
HANDLE = "#424958"  # of a scroll bar
HANDLE_HOVER = "#586173"
TEXT = "#e8ebf1"
DIM = "#a3acbb"  # still 7:1 on PANEL
FAINT = "#697283"  # disabled
ACCENT = "#5aa2f0"
ACCENT_HOVER = "#78b5f5"
ON_ACCENT = "#0b1420"
SWITCHED_ON = "#22344a"
SWITCHED_ON_LINE = "#35557a"
SELECTED_ROW = "#24405f"
DANGER = "#e5565f"
ERROR_BACK = "#3a1f24"
NOTICE_BACK = "#1f3046"
PLAYHEAD = "#f4f6fa"
SPAN = "#8a93a6"  # a contact, or another range
EVENT = "#f4f6fa"
CURVES_XYZ = ("#f07178", "#8fd16f", "#6aa9ff")

# The 3D view, and pictures of it
VIEW_TOP = "#323841"
VIEW_BOTTOM = "#21252b"
VIEW_LINE = "#3c434e"  # between the panels of a picture
VIEW_TEXT = "#dfe4ec"
VIEW_DIM = "#8d97a6"
VIEW_ERROR = "#ff8a80"
SHADE = "#101216"  # under names and rings
GRID = "#6f7a89"
AXIS_X = "#d9626b"
AXIS_Y = "#6fbf73"
AXIS_Z = "#5b96e5"
SELECTED = "#ffffff"  # the ring around a selected point

# A body
LEFT = "#4c9ffe"
RIGHT = "#f4707f"
MIDDLE = "#d3d9e2"
GHOST = "#a9bbd8"
SUBJECTS = ("#f6f3e8", "#b98d5a", "#6fc7cf", "#b58ad0")  # mixed into the colours of the second subject, the third, and so on
CONTACT = "#f2f5fa"  # a ring on the floor
ORIGIN: dict[Origin, str] = {
    Origin.MISSING: "#3a404a",
    Origin.MEASURED: MIDDLE,
    Origin.MARKED: "#e08a24",
    Origin.FILLED: "#d8f45c",
    Origin.PREDICTED: "#2fe3a0",
    Origin.HAND: "#a94dff",
    Origin.FILTERED: "#8ad0f0",
}
"""Samples by origin; in 3D a measured one takes the colour of its side of the body. The colour-blind tell them apart, too."""
TIMELINE_ORIGIN: dict[Origin, str] = {**ORIGIN, Origin.MISSING: "#d9464f", Origin.MEASURED: "#46607c"}
"""Samples by origin on a timeline, where missing samples stand out and measured ones do not."""

THEMES = {"dark": "Dark", "light": "Light"}
_LIGHT = {
    "BACK": "#ffffff",
    "PANEL": "#f3f5f8",
    "RAISED": "#e6eaf0",
    "RAISED_HOVER": "#dbe1ea",
    "LINE": "#ccd3de",
    "FLOAT_LINE": "#b4becc",
    "BOX_LINE": "#8d99ab",
    "HANDLE": "#bcc5d2",
    "HANDLE_HOVER": "#a2adbd",
    "TEXT": "#1c2230",
    "DIM": "#4f5a6c",
    "FAINT": "#929dae",
    "ACCENT": "#1f6fd0",
    "ACCENT_HOVER": "#3d86de",
    "ON_ACCENT": "#ffffff",
    "SWITCHED_ON": "#d6e6f9",
    "SWITCHED_ON_LINE": "#8fb9e8",
    "SELECTED_ROW": "#cfe2f8",
    "DANGER": "#c2323c",
    "ERROR_BACK": "#fbe3e5",
    "NOTICE_BACK": "#e1edfb",
    "PLAYHEAD": "#1c2230",
    "SPAN": "#7d879a",
    "EVENT": "#1c2230",
    "VIEW_TOP": "#dfe4eb",
    "VIEW_BOTTOM": "#f4f6f9",
    "VIEW_LINE": "#b9c2cf",
    "VIEW_TEXT": "#1c2230",
    "VIEW_DIM": "#586375",
    "VIEW_ERROR": "#b3261e",
    "SHADE": "#ffffff",
    "GRID": "#9aa5b5",
    "SELECTED": "#10151f",
    "LEFT": "#2f7fe0",
    "RIGHT": "#dc4c5e",
    "MIDDLE": "#7f8a9b",
    "GHOST": "#8c9cb8",
    "CONTACT": "#2b3140",
}
_LIGHT_CURVES = ("#b8323d", "#4a9a30", "#2468cf")
_LIGHT_SUBJECTS = ("#dcb98a", "#5fb6bd", "#b79ad0", "#98a86a")
_LIGHT_ORIGIN: dict[Origin, str] = {
    Origin.MARKED: "#c96a00",
    Origin.FILLED: "#b0d21a",
    Origin.PREDICTED: "#0fa877",
    Origin.HAND: "#9a12b4",
    Origin.FILTERED: "#0f6f95",
}


def use(theme: str) -> None:
    """The colours of a theme of THEMES from now on; before any module that draws is imported, because these keep what they read."""
    if theme == "light":
        globals().update(_LIGHT)
        globals()["CURVES_XYZ"] = _LIGHT_CURVES
        globals()["SUBJECTS"] = _LIGHT_SUBJECTS
        ORIGIN.update({**_LIGHT_ORIGIN, Origin.MEASURED: _LIGHT["MIDDLE"], Origin.MISSING: _LIGHT["LINE"]})
        TIMELINE_ORIGIN.update({**_LIGHT_ORIGIN, Origin.MISSING: _LIGHT["DANGER"], Origin.MEASURED: "#a9bfd8"})


# Figures in tables and charts
GOOD = "#4fae6a"
BAD = "#d65f50"
LINES = ("#8a93a6", "#c765b5", "#2fa7a0", "#b0714f", "#9a6fd0", "#b5a030", "#b8b888", "#6f7fe0", "#4fae6a", "#7fae3c", "#d65f73")
"""Of a chart, one after the other; in the graph of several points none of them is an origin's."""

# HTML pages; chips: the state of a take
LIGHT_PAGE = {
    "back": "#f6f7f9",
    "card": "#ffffff",
    "text": "#1c2230",
    "dim": "#5d6779",
    "line": "#dde1e8",
    "accent": "#1f6fd0",
    "done": "#1b6a38",
    "open": "#8c5006",
    "failed": "#ad331f",
}
DARK_PAGE = {
    "back": BACK,
    "card": PANEL,
    "text": TEXT,
    "dim": DIM,
    "line": LINE,
    "accent": ACCENT,
    "done": "#66cc90",
    "open": "#ecb151",
    "failed": "#f58773",
}


def rgb(colour: str) -> tuple[float, float, float]:
    """'#rrggbb' as three numbers 0..1 (sRGB).

    >>> rgb("#ff0000")
    (1.0, 0.0, 0.0)
    """
    return int(colour[1:3], 16) / 255, int(colour[3:5], 16) / 255, int(colour[5:7], 16) / 255


def translucent(colour: str, opacity: float) -> str:
    """'#rrggbb' with an opacity of 0..1, as CSS's '#rrggbbaa'.

    >>> translucent("#ff0000", 0.5)
    '#ff000080'
    """
    return f"{colour}{round(255 * opacity):02x}"
