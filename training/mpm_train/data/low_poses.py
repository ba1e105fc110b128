"""Bodies that sit, squat, kneel or lie down: rare in a corpus of people who walk. B windows, F frames, J joints; metres, Z up, radians."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from mpm_core.body.joints import body17
from mpm_core.fill.hermite import smooth
from mpm_core.typing import Float, Int
from mpm_train.data.augment import facing_angle, some, turned
from mpm_train.data.corpus import Clip, Joints

NAMES = body17().names
LEGS = [[NAMES.index(f"{side}_{joint}") for joint in ("hip", "knee", "ankle")] for side in ("left", "right")]
ANKLES = [leg[2] for leg in LEGS]
UPRIGHT = 0.35  # share of starts and ends in which a body is as it was
HIP, KNEE, SIDES_APART, SPLAY = (0.0, 2.2), (0.0, 2.4), 0.25, 0.2  # bent by; how much legs differ; legs sideways
LOPSIDED = 0.25  # share of starts and ends in which either leg is bent in its own way, as of one who kneels
LEAN, ROLL = (-1.2, 1.7), 0.2  # backwards; sideways
MOST_BENT = 2.5  # a knee
LOWERING_FRAMES = (15, 90)  # how long it takes, at 30 Hz
SETTLED = 9  # frames over which the ground's height is evened
LOW, FLOOR = 0.7, 5  # the root over the floor, in lengths of a leg; the percentile of a clip's lowest joints that stands for the floor


def low_frames(joints_NJ3: Joints, clips: list[Clip], without: tuple[str, ...]) -> Int:
    """(N, 2) which clip and which of its frames show somebody whose pelvis is low, of all but these subjects; about ten a second."""
    found = [np.zeros((0, 2), np.int64)]
    for number, clip in enumerate(clips):
        if clip.subject not in without:
            frame_F = np.arange(0, clip.stop - clip.start, max(round(clip.rate_hz / 10), 1))
            xyz_FJ3 = np.asarray(joints_NJ3[clip.start + frame_F])
            bones_F2 = [np.linalg.norm(np.diff(xyz_FJ3[:, leg], axis=1), axis=2).sum(axis=1) for leg in LEGS]
            lowest_F = xyz_FJ3[..., 2].min(axis=1)
            low_F = xyz_FJ3[:, 0, 2] - np.percentile(lowest_F, FLOOR) < LOW * np.median(bones_F2)
            found.append(np.stack([np.full(int(low_F.sum()), number), frame_F[low_F]], axis=1))
    return np.concatenate(found)


def lowered(xyz_BFJ3: Tensor, share: float, rng: np.random.Generator) -> Tensor:
    """Hips and knees bent, the trunk leaning, as low as the ground allows; from one such pose, or as it was, to another at some time.

    The feet stay where they were, or the pelvis does, or something between. The recorded motion goes on in all of it.
    """
    B, F = xyz_BFJ3.shape[:2]
    way_BF1 = torch.from_numpy(_way(B, F, rng).astype(np.float32))[..., None]
    from_BN, to_BN = (torch.from_numpy(_pose(B, rng).astype(np.float32))[:, None] for _ in range(2))
    hips_BF2, knees_BF2, splay_BF2, lean_BF2 = torch.split(from_BN + (to_BN - from_BN) * way_BF1, 2, dim=2)
    heading_BF = facing_angle(xyz_BFJ3)
    body = turned(xyz_BFJ3 - xyz_BFJ3[:, :, :1], -heading_BF)  # left to right is +x, forwards +y
    for side, (hip, knee, ankle) in enumerate(LEGS):
        bend_BF = torch.minimum(knees_BF2[..., side], (MOST_BENT - _bent(body, hip, knee, ankle)).clamp(min=0))
        shank = turned(body[:, :, [ankle]] - body[:, :, [knee]], -bend_BF, axis=0)
        limb = torch.cat([body[:, :, [knee]], body[:, :, [knee]] + shank], dim=2) - body[:, :, [hip]]
        limb = turned(turned(limb, splay_BF2[..., side], axis=1), hips_BF2[..., side], axis=0)
        body[:, :, [knee, ankle]] = body[:, :, [hip]] + limb
    body = turned(turned(body, lean_BF2[..., 0], axis=0), lean_BF2[..., 1], axis=1)
    out = turned(body, heading_BF) + xyz_BFJ3[:, :, :1]
    planted_B11 = torch.from_numpy(rng.random((B, 1, 1)).astype(np.float32))
    shift_BF3 = planted_B11 * (xyz_BFJ3 - out)[:, :, ANKLES].mean(dim=2)
    shift_BF3[..., 2] = _evened(xyz_BFJ3[..., 2].amin(dim=2) - out[..., 2].amin(dim=2))
    return torch.where(some(B, share, rng), out + shift_BF3[:, :, None], xyz_BFJ3)


def _pose(count: int, rng: np.random.Generator) -> Float:
    """(B, 8) by how much the hips bend, the knees, both legs splay, and the body leans backwards and sideways."""
    own_B1 = rng.random((count, 1)) < LOPSIDED
    bends = []
    for least, most in (HIP, KNEE):
        each_B2 = rng.uniform(least, most, (count, 2))
        same_B2 = each_B2[:, :1] + rng.normal(0, SIDES_APART, (count, 2))
        bends.append(np.clip(np.where(own_B1, each_B2, same_B2), least, most))
    lean_B2 = np.stack([rng.uniform(*LEAN, count), rng.normal(0, ROLL, count)], axis=1)
    low_B1 = rng.random((count, 1)) >= UPRIGHT
    return np.asarray(np.concatenate([*bends, rng.normal(0, SPLAY, (count, 2)), lean_B2], axis=1) * low_B1)


def _way(count: int, frames: int, rng: np.random.Generator) -> Float:
    """(B, F) from 0, before the change, to 1, after it."""
    begin_B1, took_B1 = rng.uniform(-0.2, 0.9, (count, 1)) * frames, rng.uniform(*LOWERING_FRAMES, (count, 1))
    return smooth(np.clip((np.arange(frames) - begin_B1) / took_B1, 0, 1))


def _bent(body_BFJ3: Tensor, hip: int, knee: int, ankle: int) -> Tensor:
    """(B, F) the angle between thigh and shank; 0 = straight."""
    thigh_BF3, shank_BF3 = body_BFJ3[:, :, knee] - body_BFJ3[:, :, hip], body_BFJ3[:, :, ankle] - body_BFJ3[:, :, knee]
    return torch.acos(torch.cosine_similarity(thigh_BF3, shank_BF3, dim=-1).clamp(-1, 1))


def _evened(height_BF: Tensor) -> Tensor:
    return torch.nn.functional.avg_pool1d(height_BF[:, None], SETTLED, 1, SETTLED // 2, count_include_pad=False)[:, 0]
