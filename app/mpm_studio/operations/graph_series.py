"""What the graph draws: position, speed and acceleration of points over time. F frames, P points, C curves; NaN = missing."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mpm_core.recording import Recording
from mpm_core.typing import Float, Mask, UInt8

MODES = {"position": "Position", "speed": "Speed", "acceleration": "Acceleration", "rotation": "Rotation"}
"""The last for takes with a hierarchy, see rotation_series.py."""


@dataclass(frozen=True, slots=True, eq=False)
class Series:
    """value_FC: one curve for each lane, in `unit`; lanes: their names; origin_F: where the values come from."""

    lanes: tuple[str, ...]
    unit: str
    value_FC: Float
    origin_F: UInt8


def series(rec: Recording, point: int, mode: str) -> Series:
    """One point's curves in a mode of MODES but "rotation"; speeds and accelerations are central differences, NaN beside a gap.

    >>> import numpy as np, mpm_core as mpm
    >>> rec = mpm.make_recording(("a",), 10.0, np.arange(9.0).reshape(3, 1, 3))
    >>> series(rec, 0, "speed").value_FC[1].round(2)
    array([51.96])
    """
    xyz_FD = rec.xyz_FPD[:, point].astype(np.float64)
    unit, origin_F = "m" if rec.dims == 3 else "px", np.ascontiguousarray(rec.origin_FP[:, point])
    if mode == "position":
        return Series(("X", "Y", "Z")[: rec.dims], unit, xyz_FD, origin_F)
    change_FD = np.full_like(xyz_FD, np.nan)
    if mode == "speed":
        change_FD[1:-1] = (xyz_FD[2:] - xyz_FD[:-2]) / 2 * rec.rate_hz
        return Series(("Speed",), f"{unit}/s", np.linalg.norm(change_FD, axis=1, keepdims=True), origin_F)
    change_FD[1:-1] = (xyz_FD[2:] - 2 * xyz_FD[1:-1] + xyz_FD[:-2]) * rec.rate_hz**2
    return Series(("Acceleration",), f"{unit}/s²", np.linalg.norm(change_FD, axis=1, keepdims=True), origin_F)


def with_edges(where_F: Mask) -> Mask:
    """The frames of where_F and those next to them, so that a curve drawn there meets its neighbours."""
    out_F = where_F.copy()
    out_F[1:] |= where_F[:-1]
    out_F[:-1] |= where_F[1:]
    return out_F


def decimated(frame_N: Float, value_N: Float, columns: int) -> tuple[Float, Float]:
    """A curve with its least and greatest value in each of `columns` equal parts; unchanged when it is short. NaN where all is missing."""
    per = len(value_N) // max(columns, 1)
    if per < 3:
        return frame_N, value_N
    count = len(value_N) // per
    block = value_N[: count * per].reshape(count, per)
    frames = frame_N[: count * per].reshape(count, per).mean(axis=1)
    part_PN = np.ascontiguousarray(block.T)  # much faster than along so short an axis
    return np.repeat(frames, 2), np.stack([np.fmin.reduce(part_PN), np.fmax.reduce(part_PN)], axis=1).ravel()


def nice_step(span: float, most: int) -> float:
    """The least step of 1, 2 or 5 times a power of ten with which at most `most` steps fit into a span.

    >>> nice_step(1.0, 4)
    0.5
    """
    if not (span > 0 and np.isfinite(span)):
        return 1.0
    raw = span / max(most, 1)
    power = 10.0 ** np.floor(np.log10(raw))
    return float(next(step * power for step in (1, 2, 5, 10) if step * power >= raw * (1 - 1e-9)))
