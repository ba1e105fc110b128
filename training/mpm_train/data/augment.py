"""Augmentation of windows: other proportions, mirrored, turned and faster motion. B windows, F frames, J joints; metres, Z up.

Each function takes and returns xyz_BFJ3; who is changed is drawn from rng.
"""

from __future__ import annotations

import numpy as np
import torch
from scipy.spatial.transform import Rotation
from torch import Tensor

from mpm_core.body.joints import body17
from mpm_core.model.repair_features import mirror_pose
from mpm_core.skeleton import upwards
from mpm_core.typing import Float

SKELETON = body17()
SIDES = [SKELETON.names.index(name) for name in ("left_hip", "right_hip")]
MOST_TILT = np.pi / 2
TILTING_FRAMES = (20, 90)  # how long it takes to lie down, at 30 Hz
UPPER = [joint for joint in SKELETON.group("upper") if joint]
POSED_RAD = {"spine": 0.25, "neck": 0.25, "shoulder": 0.4, "elbow": 0.4, "hip": 0.15, "knee": 0.15}  # standard deviation of a turn there
POSED = [  # a joint, what hangs on it, and that spread; not the root
    (joint, [each for each in range(len(SKELETON.names)) if joint in list(upwards(SKELETON.parents, each))[1:]], POSED_RAD[place])
    for joint, name in enumerate(SKELETON.names)
    if (place := name.split("_")[-1]) in POSED_RAD and SKELETON.parents[joint] >= 0
]
SHORT_FRAMES = (30, 110)  # what is left of a short take
HALT_FRAMES, HALT_RAMP = (15, 120), 8  # how long a halt lasts, and within how many frames it begins and ends
HALT_SPEED = 0.05  # playing speed meanwhile


def mirrored(xyz_BFJ3: Tensor, share: float, rng: np.random.Generator) -> Tensor:
    """Left and right swapped."""
    return torch.where(some(len(xyz_BFJ3), share, rng), mirror_pose(xyz_BFJ3), xyz_BFJ3)


def resized(xyz_BFJ3: Tensor, most: float, rng: np.random.Generator) -> Tensor:
    """The whole person and the way walked, 1 - most to 1 + most times as large."""
    size_B = torch.from_numpy(rng.uniform(1 - most, 1 + most, len(xyz_BFJ3)).astype(np.float32))
    return xyz_BFJ3 * size_B[:, None, None, None]


def reproportioned(xyz_BFJ3: Tensor, most: float, rng: np.random.Generator) -> Tensor:
    """Every bone 1 - most to 1 + most times as long, left like right, the joints' directions kept; the root moves with the legs' scale."""
    B = len(xyz_BFJ3)
    scale_BJ = rng.uniform(1 - most, 1 + most, (B, len(SKELETON.names))).astype(np.float32)
    for left, right in SKELETON.pairs:
        scale_BJ[:, right] = scale_BJ[:, left]
    scale = torch.from_numpy(scale_BJ)
    legs_B = scale[:, [SKELETON.names.index("left_knee"), SKELETON.names.index("left_ankle")]].mean(dim=1)
    placed: list[Tensor] = []
    for joint, parent in enumerate(SKELETON.parents):
        if parent < 0:
            placed.append(xyz_BFJ3[:, :, joint] * legs_B[:, None, None])
        else:
            placed.append(placed[parent] + (xyz_BFJ3[:, :, joint] - xyz_BFJ3[:, :, parent]) * scale[:, joint, None, None])
    return torch.stack(placed, dim=2)


def mixed(xyz_BFJ3: Tensor, share: float, gate_B: Tensor, rng: np.random.Generator) -> Tensor:
    """The upper body of another window on this one's pelvis, turned to face where this one faces, frame by frame.

    Upper bodies are exchanged only among windows of gate subjects (gate_B), and among all others.
    """
    B = len(xyz_BFJ3)
    order_B = torch.from_numpy(rng.permutation(B))
    other_B = torch.where(gate_B[order_B] == gate_B, order_B, torch.arange(B))
    other = xyz_BFJ3[other_B]
    turn_BF = facing_angle(xyz_BFJ3) - facing_angle(other)
    borrowed = turned((other - other[:, :, :1])[:, :, UPPER], turn_BF)
    out = xyz_BFJ3.clone()
    out[:, :, UPPER] = xyz_BFJ3[:, :, :1] + borrowed
    return torch.where(some(B, share, rng), out, xyz_BFJ3)


def tilted(xyz_BFJ3: Tensor, share: float, valid_BF: Tensor, rng: np.random.Generator) -> Tensor:
    """Bodies that lie, lean or hang: turned by up to a right angle about a level line through the ground where they mostly stand.

    In half of them the tilt changes once, as in someone who lies down or gets up.
    """
    B, F = valid_BF.shape
    root_BF3, count_B1 = xyz_BFJ3[:, :, 0] * valid_BF[..., None], valid_BF.sum(dim=1, keepdim=True).clamp(min=1)
    pivot_B3 = root_BF3.sum(dim=1) / count_B1
    pivot_B3[:, 2] = xyz_BFJ3[..., 2].amin(dim=(1, 2))
    from_B1, to_B1 = torch.from_numpy(rng.uniform(-MOST_TILT, MOST_TILT, (2, B, 1)).astype(np.float32))
    changes_B1 = torch.from_numpy(rng.random((B, 1)) < 0.5)
    begin_B1 = torch.from_numpy(rng.uniform(-0.2, 0.9, (B, 1)).astype(np.float32)) * F
    frames_B1 = torch.from_numpy(rng.uniform(*TILTING_FRAMES, (B, 1)).astype(np.float32))
    way_BF = ((torch.arange(F) - begin_B1) / frames_B1).clamp(0, 1)
    angle_BF = from_B1 + torch.where(changes_B1, to_B1 - from_B1, 0.0) * (3 - 2 * way_BF) * way_BF**2
    about_B = torch.from_numpy(rng.uniform(0, 2 * np.pi, B).astype(np.float32))
    axis_B113 = torch.stack([about_B.cos(), about_B.sin(), torch.zeros(B)], -1)[:, None, None]
    away_BFJ3 = xyz_BFJ3 - pivot_B3[:, None, None]
    cos_BF11, sin_BF11 = angle_BF.cos()[..., None, None], angle_BF.sin()[..., None, None]
    along_BFJ1 = (away_BFJ3 * axis_B113).sum(dim=-1, keepdim=True)
    across_BFJ3 = torch.linalg.cross(axis_B113.expand_as(away_BFJ3), away_BFJ3)
    turned_BFJ3 = away_BFJ3 * cos_BF11 + across_BFJ3 * sin_BF11 + axis_B113 * along_BFJ1 * (1 - cos_BF11)
    return torch.where(some(B, share, rng), turned_BFJ3 + pivot_B3[:, None, None], xyz_BFJ3)


def posed(xyz_BFJ3: Tensor, share: float, rng: np.random.Generator) -> Tensor:
    """Limbs, neck and spine turned by a constant angle: everything below such a joint turned about it, by the same rotation in every frame,
    in axes that face where the body faces.
    """
    B = len(xyz_BFJ3)
    heading_BF = facing_angle(xyz_BFJ3)
    out = xyz_BFJ3.clone()
    for joint, below, spread in POSED:
        turn_B3 = rng.normal(0, spread, (B, 3))
        turn_B33 = torch.from_numpy(Rotation.from_rotvec(turn_B3).as_matrix().astype(np.float32))
        away = turned(out[:, :, below] - out[:, :, [joint]], -heading_BF)
        out[:, :, below] = out[:, :, [joint]] + turned(torch.einsum("bij,bfkj->bfki", turn_B33, away), heading_BF)
    return torch.where(some(B, share, rng), out, xyz_BFJ3)


def shortened(valid_BF: Tensor, window: int, share: float, rng: np.random.Generator) -> Tensor:
    """valid_BF of short takes, cut out around the `window` frames in the middle: one that is shorter lies in its middle, as the application
    has it, one that is longer fills it."""
    B, frames = valid_BF.shape
    length_B = rng.integers(*SHORT_FRAMES, B, endpoint=True)
    spare_B = np.maximum(length_B - window, 0)
    begin_B = (frames - window) // 2 + np.maximum(window - length_B, 0) // 2 - np.floor(rng.random(B) * (spare_B + 1)).astype(np.int64)
    frame_F = np.arange(frames)
    within_BF = (frame_F >= begin_B[:, None]) & (frame_F < (begin_B + length_B)[:, None])
    kept_BF = valid_BF & (torch.from_numpy(within_BF) | ~some(B, share, rng).view(B, 1))
    return torch.where(kept_BF.any(1, keepdim=True), kept_BF, valid_BF)


def halting_speed(count: int, frames: int, share: float, rng: np.random.Generator) -> Float:
    """(B, F) playing speed in each frame, 1 = as it was drawn: in a share of the windows it slows down for a while, nearly to a stand."""
    begin_B1 = rng.uniform(-HALT_FRAMES[1] / 2, frames, (count, 1))
    end_B1 = begin_B1 + rng.uniform(*HALT_FRAMES, (count, 1))
    frame_F = np.arange(frames)
    inside_BF = np.clip(np.minimum(frame_F - begin_B1, end_B1 - frame_F) / HALT_RAMP + 0.5, 0, 1)
    some_B1 = rng.random((count, 1)) < share
    return np.asarray(1 - some_B1 * (1 - HALT_SPEED) * inside_BF)


def turned(xyz_BFJ3: Tensor, angle_BF: Tensor, axis: int = 2) -> Tensor:
    """About x, y or z (axis 0, 1, 2) through the origin."""
    cos_BF1, sin_BF1 = torch.cos(angle_BF)[..., None], torch.sin(angle_BF)[..., None]
    first, second = (axis + 1) % 3, (axis + 2) % 3
    out = xyz_BFJ3.clone()
    out[..., first] = cos_BF1 * xyz_BFJ3[..., first] - sin_BF1 * xyz_BFJ3[..., second]
    out[..., second] = sin_BF1 * xyz_BFJ3[..., first] + cos_BF1 * xyz_BFJ3[..., second]
    return out


def facing_angle(xyz_BFJ3: Tensor) -> Tensor:
    """Angle (B, F) about z of the line from the left to the right hip."""
    across = xyz_BFJ3[:, :, SIDES[1]] - xyz_BFJ3[:, :, SIDES[0]]
    return torch.atan2(across[..., 1], across[..., 0])


def some(batch: int, share: float, rng: np.random.Generator) -> Tensor:
    return torch.from_numpy(rng.random(batch) < share)[:, None, None, None]
