"""What a C3D file leaves open, decided by its own data and said in notes: unit, up axis, zeros that mean missing, which points are markers.

F frames, C point columns; positions in file units, NaN = missing.
"""

from __future__ import annotations

import re
from collections import Counter

import numpy as np
from numpy.typing import NDArray

from mpm_core.errors import FormatError
from mpm_core.io.c3d_layout import Layout

METRES_PER = {"mm": 0.001, "cm": 0.01, "dm": 0.1, "m": 1.0, "in": 0.0254, "ft": 0.3048}
SPELLINGS = {"mete": "m", "meter": "m", "meters": "m", "metre": "m", "metres": "m", "millimeters": "mm", "millimetres": "mm", "inch": "in"}
BODY_M = (0.25, 12.0)  # a plausible spread of all markers of a take's frame: a hand alone, two players on a court
NOT_POSITIONS = ("ANGLES", "FORCES", "MOMENTS", "POWERS", "SCALARS")
NOT_POSITION_NAME = re.compile(r"(Angle|Force|Moment|Power)s?$")
NEAR_ZERO = 0.02  # share of the markers' usual distance from the origin within which one may really pass through it
TO_UP = {
    "x": [[0, 1, 0], [0, 0, 1], [1, 0, 0]],
    "y": [[1, 0, 0], [0, 0, -1], [0, 1, 0]],
    "z": [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
    "-x": [[0, 1, 0], [0, 0, -1], [-1, 0, 0]],
    "-y": [[1, 0, 0], [0, 0, 1], [0, -1, 0]],
    "-z": [[1, 0, 0], [0, -1, 0], [0, 0, -1]],
}
USUAL_UP = {(2, 1): 0.2, (1, 1): 0.1, (0, 1): -0.3, (2, -1): -0.4, (1, -1): -0.4, (0, -1): -0.6}  # what most files do tips the scales
MOST_FRAMES = 400  # evidence is taken from this many frames, spread over the take


def world_33(unit: str, up: str) -> NDArray[np.float64]:
    """Metres with Z up = result @ file units: a proper rotation times the unit. Raises FormatError for an unknown unit or axis."""
    unit, up = SPELLINGS.get(unit.lower(), unit.lower()), up.lower().lstrip("+")
    if unit not in METRES_PER:
        raise FormatError(f"the unit {unit!r} is unknown", hint=f"known: {', '.join(METRES_PER)}")
    if up not in TO_UP:
        raise FormatError(f"the up axis {up!r} is unknown", hint=f"known: {', '.join(TO_UP)}")
    return np.array(TO_UP[up], np.float64) * METRES_PER[unit]


def to_world(xyz_FC3: NDArray[np.float32], file_to_world_33: NDArray[np.float64]) -> NDArray[np.float32]:
    """Positions of the file in metres, Z up: the one place where this is rounded, so reading twice gives the same bits."""
    return np.asarray((xyz_FC3.astype(np.float64) @ file_to_world_33.T), np.float32)


def marker_columns(layout: Layout) -> tuple[tuple[str, ...], NDArray[np.int64], list[str]]:
    """Unique names and file columns of the points that are positions, and notes.

    Angles, forces, moments, powers and scalars are left out (by the file's own groups and by their names); a label seen before
    gets #2, #3 ..., one that is empty *1, *2 ... by its column.
    """
    labels = layout.parameters.texts("POINT:LABELS")[: layout.columns]
    labels += [""] * (layout.columns - len(labels))
    computed = {name for group in NOT_POSITIONS for name in layout.parameters.texts(f"POINT:{group}") if name}
    keep = [c for c, label in enumerate(labels) if label not in computed and not NOT_POSITION_NAME.search(label)]
    wanted = {c: labels[c] or f"*{c + 1}" for c in keep}
    as_labelled = set(wanted.values())
    names: dict[str, int] = {}
    counts: Counter[str] = Counter()
    for c, label in wanted.items():
        counts[label] += 1
        name = label if counts[label] == 1 else f"{label}#{counts[label]}"
        while name in names or (name != label and name in as_labelled):
            counts[label] += 1
            name = f"{label}#{counts[label]}"
        names[name] = c
    notes = []
    if len(keep) < layout.columns:
        notes.append(
            f"{layout.columns - len(keep)} angles, forces, moments, powers or scalars among the points are kept in the file, not shown"
        )
    if len(as_labelled) < len(keep):
        notes.append("labels that occur more than once were numbered #2, #3 ...")
    return tuple(names), np.array(keep, np.int64), notes


def find_unit(layout: Layout, xyz_FC3: NDArray[np.float32]) -> tuple[str, list[str]]:
    """The file's unit: what POINT:UNITS says, else the one that makes the markers' spread that of people; and notes."""
    said = (layout.parameters.texts("POINT:UNITS") or [""])[0].lower()
    unit = SPELLINGS.get(said, said)
    spread = _spread(xyz_FC3)
    guess = min(("mm", "cm", "m"), key=lambda name: abs(np.log(max(spread, 1e-9) * METRES_PER[name] / 1.5)))
    if unit not in METRES_PER:
        return guess, [f"the file gives {f'an unknown unit {said!r}' if said else 'no unit'}; taken as {guess} by the size of what moves"]
    size_m = spread * METRES_PER[unit]
    if size_m > 0 and not BODY_M[0] < size_m < BODY_M[1] and guess != unit:
        return unit, [f"the file says {unit}, which makes its markers span {size_m:.3g} m; by their size they look like {guess}"]
    return unit, []


def find_up(layout: Layout, xyz_FC3: NDArray[np.float32]) -> tuple[str, list[str]]:
    """The axis that points up: the one POINT:Y_SCREEN names, else the one along which the lowest marker keeps its height; and notes.

    The sign is always taken from the data, since files say -Z where +Z is meant: the ground is where the lowest marker stays put.
    """
    seen = xyz_FC3[_spread_frames(xyz_FC3)]
    axis_of = {"X": 0, "Y": 1, "Z": 2}
    said = layout.parameters.text("POINT:Y_SCREEN").upper()
    axes = [axis_of[said[-1]]] if said and said[-1] in axis_of else [0, 1, 2]
    scores = {(axis, sign): _stands(seen[:, :, axis] * sign) + USUAL_UP[axis, sign] for axis in axes for sign in (1, -1)}
    axis, sign = max(scores, key=lambda key: scores[key])
    if len(axes) == 3 and not np.isfinite(scores[axis, sign]):
        return "z", ["the file does not say which way is up; taken as +Z"]
    if len(axes) == 1 and not np.isfinite(scores[axis, sign]):
        sign = -1 if said.startswith("-") else 1
    up = ("-" if sign < 0 else "") + "xyz"[axis]
    if len(axes) == 3:
        return up, [f"the file does not say which way is up; taken as {_signed(up)} by how the markers stand"]
    if said.startswith("-") != (sign < 0):
        return up, [f"the file says {said} is up, its markers stand along {_signed(up)}, which was taken"]
    return up, []


def zero_means_missing(xyz_FC3: NDArray[np.float32]) -> NDArray[np.bool_]:
    """(F, C) exact 0,0,0 that no marker can have reached: not where the samples on both sides in time lie close to the origin too."""
    zero_FC = np.asarray((xyz_FC3 == 0).all(axis=2))
    seen_FC = np.isfinite(xyz_FC3).all(axis=2) & ~zero_FC
    if not zero_FC.any() or not seen_FC.any():
        return zero_FC
    far_FC = np.linalg.norm(xyz_FC3, axis=2)
    near_FC = seen_FC & (far_FC < NEAR_ZERO * np.median(far_FC[seen_FC]))
    real_FC = np.zeros_like(zero_FC)
    real_FC[1:-1] = near_FC[:-2] & near_FC[2:]
    return np.asarray(zero_FC & ~real_FC)


def _signed(up: str) -> str:
    return up.upper() if up.startswith("-") else f"+{up.upper()}"


def _spread_frames(xyz_FC3: NDArray[np.float32]) -> NDArray[np.int64]:
    """Up to MOST_FRAMES frames with at least one marker, over the whole take."""
    seen_FC: NDArray[np.bool_] = np.asarray(np.isfinite(xyz_FC3).all(axis=2))
    frames = np.flatnonzero(seen_FC.any(axis=1))
    return frames[np.unique(np.linspace(0, len(frames) - 1, min(len(frames), MOST_FRAMES)).astype(int))] if len(frames) else frames


def _spread(xyz_FC3: NDArray[np.float32]) -> float:
    """Median over frames of the box diagonal of all markers; of the distance from the origin where one marker is alone. 0 for no data."""
    seen = xyz_FC3[_spread_frames(xyz_FC3)]
    if not len(seen):
        return 0.0
    size = float(np.median(np.linalg.norm(np.nanmax(seen, axis=1) - np.nanmin(seen, axis=1), axis=1)))
    return size or float(np.nanmedian(np.linalg.norm(seen, axis=2)))


def _stands(height_FC: NDArray[np.float32]) -> float:
    """How much a signed axis looks like height: tall, its lowest marker steady and near zero, nothing below. -inf without data."""
    if not height_FC.size:
        return -np.inf
    sorted_FC = np.sort(height_FC, axis=1)  # NaN goes last
    last_F = np.isfinite(sorted_FC).sum(axis=1) - 1
    low_F, high_F = (sorted_FC[np.arange(len(last_F)), np.rint(share * last_F).astype(int)] for share in (0.03, 0.97))
    size = float(np.median(high_F - low_F))
    if size <= 0:
        return -np.inf
    ground = float(np.percentile(height_FC[np.isfinite(height_FC)], 1))
    unsteady, away, below = float(np.std(low_F)) / size, abs(ground) / size, max(-ground, 0.0) / size
    return 0.2 * float(np.log(size)) - min(unsteady, 1.0) - min(away, 1.0) - 3 * min(below, 1.0)
