"""What a file of positions leaves open, decided by its own data and said in notes: unit, up axis, zeros that mean missing.

F frames, P points; positions in file units, NaN = missing. A format passes what its file says ('' for nothing) and what the user asks for
(None for nothing); the user's word is above the file's, and the file's above a guess.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mpm_core.errors import FormatError
from mpm_core.linalg.subsample import subsample
from mpm_core.typing import Float, Float32, Int, Mask

Positions = Float32 | Float
METRES_PER = {"mm": 0.001, "cm": 0.01, "dm": 0.1, "m": 1.0, "in": 0.0254, "ft": 0.3048}
SPELLINGS = {"mete": "m", "meter": "m", "meters": "m", "metre": "m", "metres": "m", "millimeters": "mm", "millimetres": "mm", "inch": "in"}
BODY_M = (0.25, 12.0)  # a plausible spread of all markers of a take's frame: a hand alone, two players on a court
FARTHEST = 1e7  # a coordinate beyond this, in any unit, is no marker's
GARBLED = 0.01  # share of such samples above which the whole file is not to be trusted
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
CHUNK_FRAMES = 4096  # bounds the memory of a long take's float64 positions


@dataclass(frozen=True, slots=True)
class Placed:
    """Positions in metres, Z up (NaN = missing), and how they came there: for a Source."""

    world_FP3: Float32
    unit: str
    up: str
    file_to_world_33: Float
    notes: tuple[str, ...]


def placed(
    xyz_FP3: Positions,
    *,
    said_unit: str = "",
    said_up: str = "",
    sure: bool = False,
    unit: str | None = None,
    up: str | None = None,
    zero_is_missing: bool | None = None,
    where: str = "",
) -> Placed:
    """Every decision made and applied. said_*: what the file says; unit, up, zero_is_missing: what the user says. Raises FormatError.

    sure: what the file says is so, and zeros are zeros: for the files this program writes.
    """
    notes = [f"{what}: {value} (as asked)" for what, value in (("unit", unit), ("up", up)) if value is not None]
    if zero_is_missing is not None:
        notes.append(f"samples at exactly 0,0,0 are {'missing' if zero_is_missing else 'measured'} (as asked)")
    wild_FP: Mask = np.asarray(((xyz_FP3 > FARTHEST) | (xyz_FP3 < -FARTHEST)).any(axis=2))
    if wild_FP.any():
        notes.append(beyond(int(wild_FP.sum()), wild_FP.size, where))
        xyz_FP3 = np.where(wild_FP[:, :, None], xyz_FP3.dtype.type(np.nan), xyz_FP3)
    if sure:
        empty = int((xyz_FP3 == 0).all(axis=(1, 2)).sum())
        if empty and zero_is_missing is None:
            notes.append(f"{empty} frames hold 0, 0, 0 for every point: was the file cut off there?")
        unit, up, zero_is_missing = unit or said_unit, up or said_up, bool(zero_is_missing)
    zero_FP = zero_means_missing(xyz_FP3) if zero_is_missing is None else (xyz_FP3 == 0).all(axis=2) & zero_is_missing
    if zero_FP.any():
        xyz_FP3 = np.where(zero_FP[:, :, None], xyz_FP3.dtype.type(np.nan), xyz_FP3)
    if unit is None:
        unit, more = find_unit(said_unit, xyz_FP3)
        notes += more
    if up is None:
        up, more = find_up(said_up, xyz_FP3)
        notes += more
    if zero_FP.any():
        notes.append(f"{int(zero_FP.sum())} samples at exactly 0,0,0 were taken as missing")
    unit, up = SPELLINGS.get(unit.lower(), unit.lower()), up.lower().lstrip("+")
    file_to_world_33 = world_33(unit, up, where)
    return Placed(to_world(xyz_FP3, file_to_world_33), unit, up, file_to_world_33, tuple(notes))


def beyond(wild: int, samples: int, where: str) -> str:
    """The note on samples that are no positions and so missing. Raises FormatError when there are too many of them."""
    if wild > GARBLED * samples:
        raise FormatError("the positions make no sense", where=where, hint="the file is garbled; copy it again from its source")
    return f"{wild} samples beyond any place a marker can be were taken as missing"


def world_33(unit: str, up: str, where: str = "") -> Float:
    """Metres with Z up = result @ file units: a proper rotation times the unit. Raises FormatError for an unknown unit or axis."""
    unit, up = SPELLINGS.get(unit.lower(), unit.lower()), up.lower().lstrip("+")
    if unit not in METRES_PER:
        raise FormatError(f"the unit {unit!r} is unknown", where=where, hint=f"known: {', '.join(METRES_PER)}")
    if up not in TO_UP:
        raise FormatError(f"the up axis {up!r} is unknown", where=where, hint=f"known: {', '.join(TO_UP)}")
    return np.array(TO_UP[up], np.float64) * METRES_PER[unit]


def to_world(xyz_FP3: Positions, file_to_world_33: Float) -> Float32:
    """Positions of the file in metres, Z up: the one place where this is rounded, so reading twice gives the same bits."""
    out_FP3 = np.empty(xyz_FP3.shape, np.float32)
    with np.errstate(over="ignore"):
        for start in range(0, len(xyz_FP3), CHUNK_FRAMES):
            out_FP3[start : start + CHUNK_FRAMES] = xyz_FP3[start : start + CHUNK_FRAMES].astype(np.float64) @ file_to_world_33.T
    return out_FP3


def find_unit(said: str, xyz_FP3: Positions) -> tuple[str, list[str]]:
    """The file's unit: what it says, else the one that makes the points' spread that of people; and notes."""
    unit = SPELLINGS.get(said.lower(), said.lower())
    spread = _spread(xyz_FP3)
    guess = min(("mm", "cm", "m"), key=lambda name: abs(np.log(max(spread, 1e-9) * METRES_PER[name] / 1.5)))
    if unit not in METRES_PER:
        return guess, [f"the file gives {f'an unknown unit {said!r}' if said else 'no unit'}; taken as {guess} by the size of what moves"]
    size_m = spread * METRES_PER[unit]
    if size_m > 0 and not BODY_M[0] < size_m < BODY_M[1] and guess != unit:
        return unit, [f"the file says {unit}, which makes its markers span {size_m:.3g} m; by their size they look like {guess}"]
    return unit, []


def find_up(said: str, xyz_FP3: Positions) -> tuple[str, list[str]]:
    """The axis that points up: the one the file names ('+Z'), else the one along which the lowest marker keeps its height; and notes.

    The sign is always taken from the data, since files say -Z where +Z is meant: the ground is where the lowest marker stays put.
    """
    seen = xyz_FP3[_spread_frames(xyz_FP3)]
    axis_of = {"X": 0, "Y": 1, "Z": 2}
    said = said.upper()
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


def zero_means_missing(xyz_FP3: Positions) -> Mask:
    """(F, C) exact 0,0,0 that no marker can have reached: not where the samples on both sides in time lie close to the origin too."""
    zero_FP = np.asarray((xyz_FP3 == 0).all(axis=2))
    seen_FP = np.isfinite(xyz_FP3).all(axis=2) & ~zero_FP
    if not zero_FP.any() or not seen_FP.any():
        return zero_FP
    far_FP = np.linalg.norm(xyz_FP3, axis=2)
    near_FP = seen_FP & (far_FP < NEAR_ZERO * np.median(far_FP[seen_FP]))
    real_FP = np.zeros_like(zero_FP)
    real_FP[1:-1] = near_FP[:-2] & near_FP[2:]
    return np.asarray(zero_FP & ~real_FP)


def _signed(up: str) -> str:
    return up.upper() if up.startswith("-") else f"+{up.upper()}"


def _spread_frames(xyz_FP3: Positions) -> Int:
    """Up to MOST_FRAMES frames with at least one marker, over the whole take."""
    seen_FP: Mask = np.asarray(np.isfinite(xyz_FP3).all(axis=2))
    frames = np.flatnonzero(seen_FP.any(axis=1))
    return frames[subsample(len(frames), MOST_FRAMES)]


def _spread(xyz_FP3: Positions) -> float:
    """Median over frames of the box diagonal of all markers; of the distance from the origin where one marker is alone. 0 for no data."""
    seen = xyz_FP3[_spread_frames(xyz_FP3)]
    if not len(seen):
        return 0.0
    size = float(np.median(np.linalg.norm(np.nanmax(seen, axis=1) - np.nanmin(seen, axis=1), axis=1)))
    return size or float(np.nanmedian(np.linalg.norm(seen, axis=2)))


def _stands(height_FP: Positions) -> float:
    """How much a signed axis looks like height: tall, its lowest marker steady and near zero, nothing below. -inf without data."""
    if not height_FP.size:
        return -np.inf
    sorted_FP = np.sort(height_FP, axis=1)  # NaN goes last
    last_F = np.isfinite(sorted_FP).sum(axis=1) - 1
    low_F, high_F = (sorted_FP[np.arange(len(last_F)), np.rint(share * last_F).astype(int)] for share in (0.03, 0.97))
    size = float(np.median(high_F - low_F))
    if size <= 0:
        return -np.inf
    ground = float(np.percentile(height_FP[np.isfinite(height_FP)], 1))
    unsteady, away, below = float(np.std(low_F)) / size, abs(ground) / size, max(-ground, 0.0) / size
    return 0.2 * float(np.log(size)) - min(unsteady, 1.0) - min(away, 1.0) - 3 * min(below, 1.0)
