"""Joints where another rig or detector places them. B windows, F frames, J = 17 joints; metres."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from mpm_core.body.joints import body17
from mpm_core.body.names import sideless

SPREAD_M = {"hip": 0.025, "knee": 0.012, "ankle": 0.015, "spine": 0.05, "thorax": 0.04, "neck": 0.04, "head_top": 0.05}
SPREAD_M |= {"shoulder": 0.03, "elbow": 0.012, "wrist": 0.015}


def redefined(xyz_BFJ3: Tensor, strength: float, rng: np.random.Generator) -> Tensor:
    """Every joint moved by a constant vector in the trunk's axes, mirrored between left and right; the root is the middle of the hips.

    The vectors are normal with standard deviations of `strength` times SPREAD_M along each axis.
    """
    body = body17()
    B, J = len(xyz_BFJ3), len(body.names)
    spread_J = np.array([SPREAD_M[sideless(name)] for name in body.names])
    vector_BJ3 = strength * spread_J[:, None] * rng.normal(0, 1, (B, J, 3))
    mirrored_J = {right: left for left, right in body.pairs}
    for joint in range(J):
        if joint in mirrored_J:
            vector_BJ3[:, joint] = vector_BJ3[:, mirrored_J[joint]] * (-1, 1, 1)
        elif joint not in mirrored_J.values():
            vector_BJ3[:, joint, 0] = 0.0
    left, right = (body.names.index(f"{side}_hip") for side in ("left", "right"))
    vector_BJ3[:, 0] = (vector_BJ3[:, left] + vector_BJ3[:, right]) / 2
    return xyz_BFJ3 + torch.einsum("bfji,bkj->bfki", trunk_axes(xyz_BFJ3), torch.from_numpy(vector_BJ3.astype(np.float32)))


def trunk_axes(xyz_BFJ3: Tensor) -> Tensor:
    """(B, F, 3, 3) rows: from the left to the right hip, from there to the thorax at a right angle, and their cross product."""
    names = body17().names
    left, right, top = (xyz_BFJ3[:, :, names.index(name)] for name in ("left_hip", "right_hip", "thorax"))
    across_BF3 = torch.nn.functional.normalize(right - left, dim=-1)
    along_BF3 = top - (left + right) / 2
    along_BF3 = torch.nn.functional.normalize(along_BF3 - (along_BF3 * across_BF3).sum(-1, keepdim=True) * across_BF3, dim=-1)
    return torch.stack([across_BF3, along_BF3, torch.linalg.cross(across_BF3, along_BF3)], dim=-2)
