"""Stretches in which an ankle of a lifted take is at rest, by what the network says. F frames, A = 2 ankles, left and right."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from scipy.ndimage import binary_closing, binary_opening

from mpm_core.body.joints import L_ANKLE, L_WRIST, NECK, R_ANKLE, R_WRIST
from mpm_core.gaps import runs
from mpm_core.typing import Float, Mask

SURE = 0.5  # probability from which an ankle is at rest
SHORTEST_S = 0.1
BRIDGED_S = 0.1  # a shorter break does not end a rest
PACE_M_S = 1.0  # an ankle of the lift that moves faster is not at rest, whatever the network says
PACE_S = 0.1  # over which that speed is measured
FEWEST_TOUCHES = 2
SWING_S = 0.5  # over which it is measured how far hands and ankles of somebody who hangs move; a swing goes half its way in about so long
HELD_SHARE = 0.5  # of how far the ankles move, below which the hands are held: on a bar up to 0.3, of raised arms from 0.5
LEAST_SWING = 0.1  # of the person's height in the picture: ankles that move less may rest


@dataclass(frozen=True, slots=True)
class Rest:
    """Frames start..stop-1 in which one ankle (0 left, 1 right) is at rest."""

    ankle: int
    start: int
    stop: int

    @property
    def frames(self) -> slice:
        return slice(self.start, self.stop)


def find_rests(probability_FA: Float, rate_hz: float) -> tuple[Rest, ...]:
    """The rests of the left ankle in order of time, then those of the right. probability_FA: that an ankle is at rest, NaN nowhere.

    >>> import numpy as np
    >>> find_rests(np.array([[0.9, 0.1]] * 20 + [[0.1, 0.1]] * 20), 30.0)
    (Rest(ankle=0, start=0, stop=20),)
    """
    rests: list[Rest] = []
    for ankle in range(probability_FA.shape[1]):
        on_F = probability_FA[:, ankle] > SURE
        bridge, shortest = round(BRIDGED_S * rate_hz), max(round(SHORTEST_S * rate_hz), 1)
        if bridge > 0:
            on_F |= binary_closing(np.pad(on_F, bridge), np.ones(bridge + 1, bool))[bridge:-bridge]
        on_F = binary_opening(on_F, np.ones(shortest, bool))
        edges = np.flatnonzero(np.diff(np.concatenate([[False], on_F, [False]]).astype(np.int8)))
        rests += [Rest(ankle, int(start), int(stop)) for start, stop in zip(edges[::2], edges[1::2], strict=True)]
    return tuple(rests)


def without_fast_ankles(probability_FA: Float, ankle_FA3: Float, rate_hz: float) -> Float:
    """The probabilities of rest (F, A), 0 where the ankle (metres, any axes) moves faster than PACE_M_S all the same."""
    reach = max(round(PACE_S * rate_hz / 2), 1)
    padded = np.pad(ankle_FA3, ((reach, reach), (0, 0), (0, 0)), mode="edge")
    speed_FA = np.linalg.norm(padded[2 * reach :] - padded[: -2 * reach], axis=2) * rate_hz / (2 * reach)
    return np.where(speed_FA < PACE_M_S, probability_FA, 0.0)


def hangs(height_FJ: Float) -> Mask:
    """(F,) where both wrists are above the neck, as of somebody who hangs or swings on a bar. height_FJ: along up, metres."""
    return np.asarray(height_FJ[:, [L_WRIST, R_WRIST]].min(axis=1) > height_FJ[:, NECK])


def swings(height_FJ: Float, ray_FJ2: Float, rate_hz: float) -> Mask:
    """(F,) where somebody hangs for 2 SWING_S or more by hands that move less than HELD_SHARE as far in the picture as the ankles do, and
    those by LEAST_SWING or more.

    height_FJ: along up, metres. ray_FJ2: keypoints in focal lengths from the middle of the image, NaN = missing.
    """
    swings_F, step = np.zeros(len(height_FJ), bool), max(round(SWING_S * rate_hz), 1)
    for start, stop in runs(hangs(height_FJ)):
        if stop - start < 2 * step:
            continue
        moved_FJ = np.linalg.norm(ray_FJ2[start + step : stop] - ray_FJ2[start : stop - step], axis=2)
        hands_F2, ankles_F2 = moved_FJ[:, [L_WRIST, R_WRIST]], moved_FJ[:, [L_ANKLE, R_ANKLE]]
        if not (np.isfinite(hands_F2).any() and np.isfinite(ankles_F2).any()):
            continue
        hands, ankles = float(np.nanmedian(hands_F2)), float(np.nanmedian(ankles_F2))
        tall = float(np.ptp(np.ma.masked_invalid(ray_FJ2[start:stop, :, 1]), axis=1).mean())
        swings_F[start:stop] = max(hands / HELD_SHARE, LEAST_SWING * tall) < ankles
    return swings_F


def find_touches(height_FA: Float, others_F: Float, may_touch_FA: Mask) -> tuple[Rest, ...]:
    """Where somebody who runs, and rests no foot, touches the ground: the lowest frame of each stretch in which an ankle is the lower one,
    as a rest of one frame. None where they are fewer than FEWEST_TOUCHES, as one place agrees with none.

    height_FA: along up, metres; others_F: of the lowest of all other joints. may_touch_FA: ankles that are seen, of somebody who does not
    hang. Left out are ankles that are not below all other joints, as of somebody who lies and waves the legs, and where the take begins and
    ends.

    >>> height_FA = np.array([[0.1, 0.3], [0.0, 0.3], [0.1, 0.2], [0.3, 0.1], [0.3, 0.0], [0.2, 0.1]])
    >>> find_touches(height_FA, np.full(6, 0.4), np.ones((6, 2), bool))
    (Rest(ankle=0, start=1, stop=2), Rest(ankle=1, start=4, stop=5))
    """
    lower_F, lowest_F, touches = height_FA.argmin(axis=1), height_FA.min(axis=1), []
    edges = [0, *(np.flatnonzero(np.diff(lower_F)) + 1).tolist(), len(lower_F)]
    for start, stop in pairwise(edges):
        frame, ankle = start + int(lowest_F[start:stop].argmin()), int(lower_F[start])
        if 0 < frame < len(lower_F) - 1 and lowest_F[frame] < others_F[frame] and may_touch_FA[frame, ankle]:
            touches.append(Rest(ankle, frame, frame + 1))
    return tuple(touches) if len(touches) >= FEWEST_TOUCHES else ()
