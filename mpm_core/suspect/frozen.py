"""Frozen samples: constant or exactly linear stretches, made by another program. F frames, P points, D dimensions.

Measured positions hardly ever repeat to the last bit while the rest of the body moves, and are never on an exact line. Those of a foot that
stands may, in coarsely rounded coordinates; but it goes on from where it stood, while a point whose value is held jumps to where it is.
"""

from __future__ import annotations

import numpy as np

from mpm_core.gaps import known, runs
from mpm_core.linalg.subsample import subsample
from mpm_core.recording import Recording
from mpm_core.suspect.kinds import Suspect, measured, metre_length
from mpm_core.typing import Float

LEAST_FRAMES, LEAST_S = 3, 0.03  # consecutive repeats
MOVES_M = 0.05  # metres per second: least speed of the others, or along the line
JUMP_M = 0.001  # at least, at one end of a constant stretch
LINE_FRAMES, LINE_S, LINE_M = 6, 0.05, 3e-6  # greatest deviation from equally spaced samples
COARSE, STEPS = 10.0, 1000  # times that deviation, of the steps of rounded coordinates; frames whose steps are looked at
COMMON = 0.02  # share of a point's steps that repeat, or are linear, anywhere: above it, the coordinates are coarsely rounded


def frozen(rec: Recording) -> list[Suspect]:
    """Every stretch in which a point is constant, or moves along an exact line, while others move."""
    xyz_FPD = measured(rec)
    if len(xyz_FPD) < LEAST_FRAMES + 1:
        return []
    scale = metre_length(xyz_FPD)
    step_GP = np.linalg.norm(np.diff(xyz_FPD, axis=0), axis=2)
    moves_m = MOVES_M * scale / rec.rate_hz
    suspects = []
    repeated_GP = step_GP == 0
    moving_G = _body_moves(step_GP, moves_m)
    least = max(LEAST_FRAMES, round(LEAST_S * rec.rate_hz))
    for point in np.flatnonzero(repeated_GP.any(axis=0)):
        for start, stop in _long_runs(repeated_GP[:, point], least):
            rare = _rare(repeated_GP[:, point], known(xyz_FPD[:, point]), stop - start, least)
            if rare and moving_G[start:stop].mean() > 0.5 and _jumps(step_GP[:, point], start, stop, JUMP_M * scale):
                score = (stop - start) / least
                suspects.append(Suspect("frozen", (int(point),), start, stop + 1, score, f"{stop - start + 1} frames hold the same value"))
    return suspects + _lines(rec, xyz_FPD, step_GP, moves_m)


def _lines(rec: Recording, xyz_FPD: Float, step_GP: Float, moves_m: float) -> list[Suspect]:
    if _rounded(xyz_FPD):  # then slow motion is on an exact line now and then
        return []
    acceleration_HP = np.linalg.norm(np.diff(xyz_FPD, n=2, axis=0), axis=2)
    size_HP = np.abs(xyz_FPD[1:-1]).max(axis=2)
    linear_HP = (acceleration_HP <= np.maximum(LINE_M, 4e-7 * size_HP)) & (step_GP[1:] > moves_m)
    least = max(LINE_FRAMES, round(LINE_S * rec.rate_hz)) - 2
    suspects = []
    for point in np.flatnonzero(linear_HP.any(axis=0)):
        for start, stop in _long_runs(linear_HP[:, point], least):
            if _rare(linear_HP[:, point], known(xyz_FPD[:, point]), stop - start, least):
                why = f"{stop - start} frames lie on an exact straight line, as a fill of another program does"
                suspects.append(Suspect("frozen", (int(point),), start + 1, stop + 1, (stop - start) / least, why))
    return suspects


def _rounded(xyz_FPD: Float) -> bool:
    """Whether even the smallest steps along an axis are many times larger than the greatest deviation from a line."""
    at_N = subsample(len(xyz_FPD) - 1, STEPS)
    step_NPD = np.abs(xyz_FPD[at_N + 1] - xyz_FPD[at_N])
    deviation = max(LINE_M, 4e-7 * float(np.nan_to_num(np.abs(xyz_FPD[at_N])).max(initial=0)))
    moved_N = step_NPD[step_NPD > deviation / 3]
    return bool(len(moved_N) and np.quantile(moved_N, 0.001) > COARSE * deviation)


def _body_moves(step_GP: Float, moves_m: float) -> np.ndarray:
    """(G,) True where at least half of the visible points move."""
    known_G = np.isfinite(step_GP).sum(axis=1)
    return np.asarray((np.nan_to_num(step_GP) > moves_m).sum(axis=1) * 2 >= np.maximum(known_G - 1, 1))


def _long_runs(mask_G: np.ndarray, least: int) -> list[tuple[int, int]]:
    return [(start, stop) for start, stop in runs(mask_G) if stop - start >= least]


def _jumps(step_G: Float, start: int, stop: int, least_m: float) -> bool:
    """Whether a point moves so far right before or after steps start..stop-1, or is missing there."""
    beside = [step_G[at] for at in (start - 1, stop) if 0 <= at < len(step_G)]
    return not beside or max(np.nan_to_num(beside, nan=np.inf)) >= least_m


def _rare(mask_G: np.ndarray, seen_F: np.ndarray, length: int, least: int) -> bool:
    """Whether such steps hardly occur outside runs of at least `least`."""
    outside = int(mask_G.sum()) - sum(stop - start for start, stop in _long_runs(mask_G, least))
    return outside <= COMMON * max(int(seen_F.sum()) - length, 1)
