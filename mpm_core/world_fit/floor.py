"""The floor under resting ankles: found where their heights agree, and then used to refine up. A = 2 ankles, N rests; metres."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mpm_core.typing import Float
from mpm_core.world_fit.ankle_rests import Rest
from mpm_core.world_fit.balance import BALANCE_OUTLIER, BALANCE_SIGMA
from mpm_core.world_fit.camera import level_axes

NEAR_M = 0.08  # a rest within this of the floor's level is on the floor
FAR_M = 0.4  # how near a rest has to be at first to count, while it is still uncertain which way is up
AGREEING = 0.6  # least share of the time at rest that is on the floor
HEIGHT_SIGMA_M = 0.03  # by which the heights of rests on one floor scatter
ROUNDS = 8
MOST_TURN = np.radians(12.0)  # by which rests may change what is up


@dataclass(frozen=True, slots=True)
class Floor:
    """up_3: unit vector; level_m: up_3 . x of an ankle that rests on it; on_N: rests that are on it. agreeing: their share of the time at
    rest."""

    up_3: Float
    level_m: float
    on_N: tuple[bool, ...]
    agreeing: float


def find_floor(
    ankle_FA3: Float, rests: Sequence[Rest], up_3: Float, up_sigma_2: Float, balanced_3: Float | None = None, elsewhere: float = 0.0
) -> Floor | None:
    """The floor that most of the time at rest agrees on, or None where there is no such floor.

    ankle_FA3: positions in any axes. up_sigma_2: how uncertain up_3 is along the x and the y of level_axes, radians; the plane through the
    rests, and the direction balanced_3 that up has by the person's balance (balance.py), change it within that. elsewhere: frames at rest
    that are on no floor besides.
    """
    if not rests:
        return None
    place_N3 = np.stack([np.median(ankle_FA3[rest.frames, rest.ankle], axis=0) for rest in rests])
    frames_N = np.array([rest.stop - rest.start for rest in rests], np.float64)
    frames_N = np.minimum(frames_N, np.median(frames_N) * 4)
    level = _most_agreed(place_N3 @ up_3, frames_N)
    turned_3 = up_3
    for near_m in np.geomspace(FAR_M, NEAR_M, ROUNDS):
        off_N = place_N3 @ turned_3 - level
        weight_N = frames_N / frames_N.mean() / (1 + (off_N / near_m) ** 2) ** 2
        turned_3, level = _plane(place_N3, weight_N, up_3, up_sigma_2, balanced_3)
    off_N = place_N3 @ turned_3 - level
    on_N = np.abs(off_N) < NEAR_M
    total = frames_N.sum() + elsewhere
    agreeing, below = float(frames_N[on_N].sum() / total), float(frames_N[off_N < -NEAR_M].sum() / total)
    if agreeing < AGREEING or below > (1 - AGREEING) / 2:
        return None
    return Floor(turned_3, level, tuple(bool(on) for on in on_N), agreeing)


def _most_agreed(height_N: Float, weight_N: Float) -> float:
    """The height with the most weight within NEAR_M of it, of several the lowest."""
    share_N = [float(weight_N[np.abs(height_N - height) < NEAR_M].sum()) for height in height_N]
    best = [height for height, share in zip(height_N, share_N, strict=True) if share > 0.9 * max(share_N)]
    return float(min(best))


def _plane(place_N3: Float, weight_N: Float, up_3: Float, up_sigma_2: Float, balanced_3: Float | None) -> tuple[Float, float]:
    """Least squares of the heights' scatter with a turn of up (two angles) that is not likely beyond its sigmas."""
    axes_32 = level_axes(up_3)[:, :2]
    middle_3 = (weight_N[:, None] * place_N3).sum(axis=0) / weight_N.sum()
    away_N3 = place_N3 - middle_3
    design_N2 = away_N3 @ axes_32
    normal_22 = (weight_N[:, None, None] * design_N2[:, :, None] * design_N2[:, None]).sum(axis=0) / HEIGHT_SIGMA_M**2
    right_2 = -(weight_N[:, None] * design_N2 * (away_N3 @ up_3)[:, None]).sum(axis=0) / HEIGHT_SIGMA_M**2
    normal_22 += np.diag(1 / up_sigma_2**2)
    if balanced_3 is not None:
        lean_2 = balanced_3 @ axes_32 / (balanced_3 @ up_3)
        weight = 1 / (BALANCE_SIGMA**2 + lean_2 @ lean_2 / BALANCE_OUTLIER**2)
        normal_22 += weight * np.eye(2)
        right_2 += weight * lean_2
    slope_2 = np.linalg.solve(normal_22, right_2)
    slope_2 *= min(1.0, np.tan(MOST_TURN) / max(float(np.linalg.norm(slope_2)), 1e-9))
    turned_3 = up_3 + axes_32 @ slope_2
    turned_3 /= np.linalg.norm(turned_3)
    return turned_3, float(middle_3 @ turned_3)
