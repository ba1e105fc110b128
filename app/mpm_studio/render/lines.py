"""Thin lines of a frame: the trail of points, and sticks between markers. P points, S sticks; metres."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mpm_core.recording import Origin, Recording
from mpm_studio.render.scene import FADE, Scene, faded, origin_colours
from mpm_studio.render.shapes import Shapes
from mpm_studio.render.sticks import Sticks

TRAIL_S = 1.0
TRAIL_STEPS = 40  # at most, per point and side
STICK_M = 0.0045


def trail_instances(scene: Scene, rec: Recording, points: Sequence[int], frame: int) -> Shapes:
    """Thin capsules along the path of some points, TRAIL_S before and after a frame, thinner away from it; none across gaps."""
    step = max(1, round(TRAIL_S * rec.rate_hz / TRAIL_STEPS))
    reach = max(step, round(TRAIL_S * rec.rate_hz))
    around = np.arange(max(0, frame - reach), min(rec.frames - 1, frame + reach) + 1)
    frames = np.unique(np.append(around[around % step == 0], frame))
    points = [point for point in points if 0 <= point < len(scene.points)]
    where = np.ix_(frames, np.array(points, np.intp))
    xyz, origin = scene.placing.place(rec.xyz_FPD[where]), rec.origin_FP[where]
    colour = np.where((origin == Origin.MEASURED)[..., None], scene.colour_R4[points], origin_colours(origin))
    fade = 1 - 0.8 * np.abs(frames - frame) / reach
    thin = np.broadcast_to(0.35 * scene.radius_P[points] * fade[:, None], origin.shape)[..., None]
    ends = np.concatenate([xyz, thin], axis=2)
    capsules = np.concatenate([ends[:-1], ends[1:], colour[:-1], colour[1:]], axis=2, dtype=np.float32)
    there = (origin[:-1] != Origin.MISSING) & (origin[1:] != Origin.MISSING)
    return Shapes(capsules[there], np.zeros((0, 8), np.float32))


def stick_instances(scene: Scene, rec: Recording, sticks_S2: Sticks, frame: int) -> Shapes:
    """Thin capsules between points that are joined by sticks, in a frame; none where one of them is missing."""
    sticks_S2 = sticks_S2[(rec.origin_FP[frame, sticks_S2] != Origin.MISSING).all(axis=1)]
    origin_S2 = rec.origin_FP[frame, sticks_S2]
    colour = np.where((origin_S2 == Origin.MEASURED)[..., None], faded(scene.colour_R4[sticks_S2], FADE), origin_colours(origin_S2))
    ends = np.pad(scene.positions(rec, frame)[sticks_S2], ((0, 0), (0, 0), (0, 1)), constant_values=STICK_M * scene.scale)
    capsules = np.concatenate([ends.reshape(-1, 8), colour.reshape(-1, 8)], axis=1, dtype=np.float32)
    return Shapes(capsules, np.zeros((0, 8), np.float32))
