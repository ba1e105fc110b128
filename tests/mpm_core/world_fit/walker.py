"""The bundled sample's person in front of a camera that is held in a given way: rays, poses in camera axes, and the truth."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

import mpm_core as mpm
from mpm_core.resources import resource
from mpm_core.typing import Float
from mpm_core.world_fit.camera import level_axes, up_of

RATE_HZ = 30.0
DISTANCE_M = 5.0
ANKLES = (6, 3)


@dataclass(frozen=True, slots=True)
class Walker:
    """truth_FJ3: world, metres; camera_FJ3, pose_FJ3, ray_FJ2: in the camera's axes; up_3: there; rest_FA: 1 where an ankle is at rest."""

    truth_FJ3: Float
    camera_FJ3: Float
    pose_FJ3: Float
    ray_FJ2: Float
    up_3: Float
    rest_FA: Float


def walker(pitch: float = 20.0, roll: float = 0.0, frames: int = 400) -> Walker:
    rec = mpm.read(resource("sample/walk_reach_sit_truth.npz"))
    every = round(rec.rate_hz / RATE_HZ)
    truth_FJ3 = rec.xyz_FPD[::every][:frames].astype(np.float64)
    up_3 = up_of(pitch, roll)
    from_middle_FJ3 = truth_FJ3 - truth_FJ3.mean(axis=(0, 1))
    camera_FJ3 = from_middle_FJ3 @ level_axes(up_3).T + [0.0, 0.0, DISTANCE_M]
    speed_FA = np.linalg.norm(np.gradient(truth_FJ3[:, list(ANKLES)], axis=0), axis=2) * RATE_HZ
    return Walker(
        truth_FJ3,
        camera_FJ3,
        camera_FJ3 - camera_FJ3[:, :1],
        camera_FJ3[..., :2] / camera_FJ3[..., 2:],
        up_3,
        (speed_FA < 0.1).astype(np.float64),
    )
