"""The colours of a body and its surroundings, as '#rrggbb'. The one place that says which colour means what."""

from __future__ import annotations

from mpm_core.recording import Origin

BACKGROUND_TOP = "#323841"
BACKGROUND_BOTTOM = "#21252b"
LINE = "#3c434e"
GRID = "#6f7a89"
AXIS_X = "#d9626b"
AXIS_Y = "#6fbf73"
AXIS_Z = "#5b96e5"

LEFT = "#4c9ffe"
RIGHT = "#f4707f"
MIDDLE = "#d3d9e2"
GHOST = "#a9bbd8"
SELECTED = "#ffffff"
TEXT = "#dfe4ec"
TEXT_DIM = "#8d97a6"
ERROR = "#ff8a80"

ORIGIN: dict[Origin, str] = {
    Origin.MISSING: "#3a404a",
    Origin.MEASURED: MIDDLE,
    Origin.MARKED: "#ffc83d",
    Origin.FILLED: "#b4e34a",
    Origin.PREDICTED: "#2fe3a0",
    Origin.HAND: "#c792ff",
}
"""What each kind of sample looks like; in 3D a measured one takes the colour of its side of the body."""


def rgb(colour: str) -> tuple[float, float, float]:
    """'#rrggbb' as three numbers 0..1 (sRGB)."""
    return int(colour[1:3], 16) / 255, int(colour[3:5], 16) / 255, int(colour[5:7], 16) / 255
