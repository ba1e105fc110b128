"""Frozen samples: a value that was held, or drawn as a straight line, by a program before this one. F frames, P points, D dimensions.

Measured positions never repeat to the last bit for long while the rest of the body moves, nor do they lie on an exact line.
"""

from __future__ import annotations

import numpy as np

from mpm_core.gaps import known, runs
from mpm_core.recording import Recording
from mpm_core.suspect.kinds import Suspect, metre, seen
from mpm_core.typing import Float

LEAST_FRAMES, LEAST_S = 3, 0.03  # repeats on end
MOVES_M = 0.05  # metres a second: what the others, or the line, must at least do
LINE_FRAMES, LINE_S, LINE_M = 6, 0.05, 3e-6  # an exact line: its samples lie this near to evenly spaced ones
USUAL = 0.02  # of a point's steps repeat, or are as even, everywhere: then its numbers are coarse, and say nothing


def frozen(rec: Recording) -> list[Suspect]:
    """Every stretch in which a point is held or goes along an exact line while others move."""
    xyz_FPD = seen(rec)
    if len(xyz_FPD) < LEAST_FRAMES + 1:
        return []
    scale = metre(xyz_FPD)
    step_GP = np.linalg.norm(np.diff(xyz_FPD, axis=0), axis=2)
    moves_m = MOVES_M * scale / rec.rate_hz
    found = []
    held_GP = step_GP == 0
    others_G = _others_move(step_GP, moves_m)
    least = max(LEAST_FRAMES, round(LEAST_S * rec.rate_hz))
    for point in np.flatnonzero(held_GP.any(axis=0)):
        for start, stop in _long_runs(held_GP[:, point], least):
            if others_G[start:stop].mean() > 0.5 and _rare(held_GP[:, point], known(xyz_FPD[:, point]), stop - start):
                score = (stop - start) / least
                found.append(Suspect("frozen", (int(point),), start, stop + 1, score, f"{stop - start + 1} frames hold the same value"))
    return found + _lines(rec, xyz_FPD, step_GP, moves_m)


def _lines(rec: Recording, xyz_FPD: Float, step_GP: Float, moves_m: float) -> list[Suspect]:
    bend_HP = np.linalg.norm(np.diff(xyz_FPD, n=2, axis=0), axis=2)
    size_HP = np.abs(xyz_FPD[1:-1]).max(axis=2)
    even_HP = (bend_HP <= np.maximum(LINE_M, 4e-7 * size_HP)) & (step_GP[1:] > moves_m)
    least = max(LINE_FRAMES, round(LINE_S * rec.rate_hz)) - 2
    found = []
    for point in np.flatnonzero(even_HP.any(axis=0)):
        for start, stop in _long_runs(even_HP[:, point], least):
            if _rare(even_HP[:, point], known(xyz_FPD[:, point]), stop - start):
                why = f"{stop - start} frames lie on an exact straight line, as a fill of another program does"
                found.append(Suspect("frozen", (int(point),), start + 1, stop + 1, (stop - start) / least, why))
    return found


def _others_move(step_GP: Float, moves_m: float) -> np.ndarray:
    """(G,) True where at least half of what is seen moves."""
    there_G = np.isfinite(step_GP).sum(axis=1)
    return np.asarray((np.nan_to_num(step_GP) > moves_m).sum(axis=1) * 2 >= np.maximum(there_G - 1, 1))


def _long_runs(mask_G: np.ndarray, least: int) -> list[tuple[int, int]]:
    return [(start, stop) for start, stop in runs(mask_G) if stop - start >= least]


def _rare(mask_G: np.ndarray, seen_F: np.ndarray, own: int) -> bool:
    """Whether outside long runs such steps hardly occur."""
    outside = int(mask_G.sum()) - sum(stop - start for start, stop in _long_runs(mask_G, LEAST_FRAMES))
    return outside <= USUAL * max(int(seen_F.sum()) - own, 1)
