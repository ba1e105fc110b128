"""Unit, up axis, and zeros that mean missing: as the user gives them, else as the file gives them, else inferred from the data, noted.

F frames, P points; positions in file units, NaN = missing. A format passes what its file gives ('' for nothing) and what the user gives
(None for nothing).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mpm_core.counted import counted
from mpm_core.errors import FormatError
from mpm_core.io.up_axis import Positions, find_up, frames_to_look_at
from mpm_core.typing import Float, Float32, Mask

ASSUMED_RATE_HZ = 30.0  # of a file that gives none, with a note that says so
METRES_PER = {"mm": 0.001, "cm": 0.01, "dm": 0.1, "m": 1.0, "in": 0.0254, "ft": 0.3048}
SPELLINGS = {"mete": "m", "meter": "m", "meters": "m", "metre": "m", "metres": "m", "millimeters": "mm", "millimetres": "mm", "inch": "in"}
BODY_M = (0.25, 12.0)  # a plausible spread of all markers of a take's frame: a hand alone, two players on a court
FARTHEST = 1e7  # a coordinate beyond this, in any unit, is not a marker's
GARBLED_SHARE = 0.01  # share of such samples above which the whole file is not to be trusted
NEAR_ZERO = 0.02  # share of the markers' usual distance from the origin within which one may really pass through it
TO_UP = {
    "x": [[0, 1, 0], [0, 0, 1], [1, 0, 0]],
    "y": [[1, 0, 0], [0, 0, -1], [0, 1, 0]],
    "z": [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
    "-x": [[0, 1, 0], [0, 0, -1], [-1, 0, 0]],
    "-y": [[1, 0, 0], [0, 0, 1], [0, -1, 0]],
    "-z": [[1, 0, 0], [0, -1, 0], [0, 0, -1]],
}
CHUNK_FRAMES = 4096  # bounds the memory of a long take's float64 positions


@dataclass(frozen=True, slots=True)
class WorldPositions:
    """Positions in metres, Z up (NaN = missing), and how the file's became these: for a Source (up_known as there)."""

    xyz_FP3: Float32
    unit: str
    up: str
    file_to_world_33: Float
    notes: tuple[str, ...]
    up_known: bool = True


def world_positions(
    xyz_FP3: Positions,
    *,
    file_unit: str = "",
    file_up: str = "",
    trusted: bool = False,
    unit: str | None = None,
    up: str | None = None,
    zero_is_missing: bool | None = None,
    labels: Sequence[str] = (),
    where: str = "",
) -> WorldPositions:
    """File positions in metres, Z up. file_*: as the file gives them; unit, up, zero_is_missing: as the user does. Raises FormatError.

    labels: the points', by which head and feet are known.

    trusted: what the file gives is so, and zeros are zeros: for the files this program writes.

    >>> world = world_positions(np.array([[[0.0, 1000.0, 0.0]]]), unit="mm", up="y")
    >>> world.xyz_FP3.tolist(), world.unit, world.up
    ([[[0.0, 0.0, 1.0]]], 'mm', 'y')
    """
    notes = [f"{what}: {value} (as asked)" for what, value in (("unit", unit), ("up", up)) if value is not None]
    if zero_is_missing is not None:
        notes.append(f"samples at exactly 0,0,0 are {'missing' if zero_is_missing else 'measured'} (as asked)")
    far_FP: Mask = np.asarray(((xyz_FP3 > FARTHEST) | (xyz_FP3 < -FARTHEST)).any(axis=2))
    if far_FP.any():
        notes.append(note_far_samples(int(far_FP.sum()), far_FP.size, where))
        xyz_FP3 = np.where(far_FP[:, :, None], xyz_FP3.dtype.type(np.nan), xyz_FP3)
    if trusted:
        zero_frames = int((xyz_FP3 == 0).all(axis=(1, 2)).sum())
        if zero_frames and zero_is_missing is None:
            notes.append(f"{zero_frames} frames hold 0, 0, 0 for every point: was the file cut off there?")
        unit, up, zero_is_missing = unit or file_unit, up or file_up, bool(zero_is_missing)
    zero_FP = zero_means_missing(xyz_FP3) if zero_is_missing is None else (xyz_FP3 == 0).all(axis=2) & zero_is_missing
    if zero_FP.any():
        xyz_FP3 = np.where(zero_FP[:, :, None], xyz_FP3.dtype.type(np.nan), xyz_FP3)
    if unit is None:
        unit, more = find_unit(file_unit, xyz_FP3)
        notes += more
    up_known = True
    if up is None:
        found = find_up(file_up, xyz_FP3, labels)
        up, up_known = found.axis, found.known
        notes += found.notes
    if zero_FP.any():
        notes.append(f"taken as missing: {counted(int(zero_FP.sum()), 'sample')} at exactly 0,0,0")
    unit, up = unit_name(unit), up.lower().lstrip("+")
    file_to_world_33 = world_33(unit, up, where)
    return WorldPositions(to_world(xyz_FP3, file_to_world_33), unit, up, file_to_world_33, tuple(notes), up_known)


def note_far_samples(far: int, samples: int, where: str) -> str:
    """The note on samples too far away to be positions, and so missing. Raises FormatError when there are too many of them."""
    if far > GARBLED_SHARE * samples:
        raise FormatError("the positions make no sense", where=where, hint="the file is garbled; copy it again from its source")
    return f"taken as missing: {counted(far, 'sample')} beyond any place where a marker can be"


def world_33(unit: str, up: str, where: str = "") -> Float:
    """Metres with Z up = result @ file units: a proper rotation times the unit. Raises FormatError for an unknown unit or axis."""
    unit, up = unit_name(unit), up.lower().lstrip("+")
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


def unit_name(unit: str) -> str:
    """A unit in the spelling of METRES_PER; one that is not known in lower case."""
    return SPELLINGS.get(unit.lower(), unit.lower())


def find_unit(file_unit: str, xyz_FP3: Positions) -> tuple[str, list[str]]:
    """The unit: the file's, else the one in which the points spread as far as people's do; and notes."""
    unit = unit_name(file_unit)
    size = _size(xyz_FP3)
    likely = min(("mm", "cm", "m"), key=lambda name: abs(np.log(max(size, 1e-9) * METRES_PER[name] / 1.5)))
    if unit not in METRES_PER:
        return likely, [
            f"the file gives {f'an unknown unit {file_unit!r}' if file_unit else 'no unit'}; taken as {likely} by the size of what moves"
        ]
    size_m = size * METRES_PER[unit]
    if size_m > 0 and not BODY_M[0] < size_m < BODY_M[1] and likely != unit:
        return unit, [f"the file says {unit}, which makes its markers span {size_m:.3g} m; by their size they look like {likely}"]
    return unit, []


def zero_means_missing(xyz_FP3: Positions) -> Mask:
    """(F, P) exact 0,0,0 that no marker can have reached: not where the samples on both sides in time lie close to the origin too."""
    zero_FP = np.asarray((xyz_FP3 == 0).all(axis=2))
    known_FP = np.isfinite(xyz_FP3).all(axis=2) & ~zero_FP
    if not zero_FP.any() or not known_FP.any():
        return zero_FP
    distance_FP = np.linalg.norm(xyz_FP3, axis=2)
    near_FP = known_FP & (distance_FP < NEAR_ZERO * np.median(distance_FP[known_FP]))
    real_FP = np.zeros_like(zero_FP)
    real_FP[1:-1] = near_FP[:-2] & near_FP[2:]
    return np.asarray(zero_FP & ~real_FP)


def _size(xyz_FP3: Positions) -> float:
    """Median over frames of the box diagonal of all markers; of the distance from the origin where one marker is alone. 0 for no data."""
    xyz_NP3 = xyz_FP3[frames_to_look_at(xyz_FP3)]
    if not len(xyz_NP3):
        return 0.0
    size = float(np.median(np.linalg.norm(np.nanmax(xyz_NP3, axis=1) - np.nanmin(xyz_NP3, axis=1), axis=1)))
    return size or float(np.nanmedian(np.linalg.norm(xyz_NP3, axis=2)))
