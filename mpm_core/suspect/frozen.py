"""Frozen samples: constant or exactly linear stretches, made by another program. F frames, P points, D dimensions.

Measured positions hardly ever repeat to the last bit many times in a row, and are never on an exact line. Those of a foot that stands may,
in rounded coordinates; but it starts from where it stood, slowly at first, while a point whose value is held jumps to where it is.
"""

from __future__ import annotations

import numpy as np

from mpm_core.gaps import known, runs
from mpm_core.linalg.subsample import subsample
from mpm_core.recording import Recording
from mpm_core.suspect.evidence import measured, metre_length
from mpm_core.suspect.kinds import Suspect
from mpm_core.typing import Float

LEAST_FRAMES, LEAST_S = 3, 0.03  # consecutive repeats
MOVES_M = 0.05  # metres per second: least speed of the others beside a gap, or along the line
JUMP_M, JUMP_UNITS = 0.001, 4.0  # least jump at an end of a constant stretch: metres, and times the unit of rounded coordinates
JUMP_RATIO, BEYOND = 2.0, 3  # a jump is larger than the steps after (or before) it; of how many of these the greatest is taken
LINE_FRAMES, LINE_S, LINE_M = 6, 0.05, 3e-6  # greatest deviation from equally spaced samples
COARSE, STEPS = 10.0, 1000  # times that deviation, of the steps of rounded coordinates; frames whose steps are looked at
CHANCE = 1e-5  # greatest probability of as many repeats, or linear steps, in a row, were each as likely as in the rest of the take


def frozen(rec: Recording) -> list[Suspect]:
    """Every stretch in which a point is constant and that it jumps to or from, or moves along an exact line, while others move."""
    xyz_FPD = measured(rec)
    if len(xyz_FPD) < LEAST_FRAMES + 1:
        return []
    scale = metre_length(xyz_FPD)
    step_GP = np.linalg.norm(np.diff(xyz_FPD, axis=0), axis=2)
    moves_m, unit_m = MOVES_M * scale / rec.rate_hz, _rounding_unit(xyz_FPD)
    jump_m = max(JUMP_M * scale, JUMP_UNITS * unit_m)
    return [*_constants(rec, xyz_FPD, step_GP, moves_m, jump_m), *_lines(rec, xyz_FPD, step_GP, moves_m, unit_m)]


def _constants(rec: Recording, xyz_FPD: Float, step_GP: Float, moves_m: float, jump_m: float) -> list[Suspect]:
    repeated_GP = step_GP == 0
    moving_G = _body_moves(step_GP, moves_m)
    least = max(LEAST_FRAMES, round(LEAST_S * rec.rate_hz))
    suspects = []
    for point in np.flatnonzero(repeated_GP.any(axis=0)):
        for start, stop in _rare_runs(repeated_GP[:, point], known(xyz_FPD[:, point]), least):
            jumps = _jumps(step_GP[:, point], start, stop, jump_m, bool(moving_G[start:stop].mean() > 0.5))
            if jumps and not _most_constant(step_GP[start:stop]):
                score = (stop - start) / least
                suspects.append(Suspect("frozen", (int(point),), start, stop + 1, score, f"{stop - start + 1} frames hold the same value"))
    return suspects


def _lines(rec: Recording, xyz_FPD: Float, step_GP: Float, moves_m: float, unit_m: float) -> list[Suspect]:
    if unit_m > COARSE * _line_deviation(xyz_FPD):  # then slow motion is on an exact line now and then
        return []
    acceleration_HP = np.linalg.norm(np.diff(xyz_FPD, n=2, axis=0), axis=2)
    size_HP = np.abs(xyz_FPD[1:-1]).max(axis=2)
    linear_HP = (acceleration_HP <= np.maximum(LINE_M, 4e-7 * size_HP)) & (step_GP[1:] > moves_m)
    least = max(LINE_FRAMES, round(LINE_S * rec.rate_hz)) - 2
    suspects = []
    for point in np.flatnonzero(linear_HP.any(axis=0)):
        for start, stop in _rare_runs(linear_HP[:, point], known(xyz_FPD[:, point]), least):
            why = f"{stop - start} frames lie on an exact straight line, as a fill of another program does"
            suspects.append(Suspect("frozen", (int(point),), start + 1, stop + 1, (stop - start) / least, why))
    return suspects


def _line_deviation(xyz_FPD: Float) -> float:
    """The greatest deviation from a line anywhere: LINE_M, or what single precision leaves at the farthest position."""
    return max(LINE_M, 4e-7 * float(np.nan_to_num(np.abs(xyz_FPD)).max(initial=0)))


def _rounding_unit(xyz_FPD: Float) -> float:
    """The smallest steps along an axis: the unit in rounded coordinates, next to nothing in others; 0 where nothing moves."""
    at_N = subsample(len(xyz_FPD) - 1, STEPS)
    step_NPD = np.abs(xyz_FPD[at_N + 1] - xyz_FPD[at_N])
    moved_N = step_NPD[step_NPD > _line_deviation(xyz_FPD) / 3]
    return float(np.quantile(moved_N, 0.001)) if len(moved_N) else 0.0


def _body_moves(step_GP: Float, moves_m: float) -> np.ndarray:
    """(G,) True where at least half of the visible points move."""
    known_G = np.isfinite(step_GP).sum(axis=1)
    return np.asarray((np.nan_to_num(step_GP) > moves_m).sum(axis=1) * 2 >= np.maximum(known_G - 1, 1))


def _most_constant(step_NP: Float) -> bool:
    """Whether more than half of the visible points repeat through these steps: then the recording stood still, not a point."""
    visible_P = np.isfinite(step_NP).all(axis=0)
    return bool((step_NP[:, visible_P] == 0).all(axis=0).mean() > 0.5)


def _jumps(step_G: Float, start: int, stop: int, least_m: float, body_moves: bool) -> bool:
    """Whether a point moves so far right before or after steps start..stop-1, and less beyond, because what starts to move speeds up.

    A point that is missing on a side, or constant from the first frame to the last, jumps where the body moves.
    """
    sides = [side_N for side_N in (step_G[max(start - 1 - BEYOND, 0) : start][::-1], step_G[stop : stop + 1 + BEYOND]) if len(side_N)]
    if body_moves and (not sides or any(np.isnan(side_N[0]) for side_N in sides)):
        return True
    return any(side_N[0] >= max(least_m, JUMP_RATIO * np.nan_to_num(side_N[1:]).max(initial=0)) for side_N in sides)


def _rare_runs(mask_G: np.ndarray, seen_F: np.ndarray, least: int) -> list[tuple[int, int]]:
    """Runs of at least `least` such steps that are hardly chance, by the share of such steps outside these runs."""
    long = [(start, stop) for start, stop in runs(mask_G) if stop - start >= least]
    in_runs = sum(stop - start for start, stop in long)
    share = (int(mask_G.sum()) - in_runs) / max(int(seen_F.sum()) - in_runs, 1)
    return [(start, stop) for start, stop in long if share ** (stop - start) <= CHANCE]
