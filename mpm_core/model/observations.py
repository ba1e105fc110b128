"""What the repairing network sees of a window, in the body's own axes. B windows, F frames, J = 17 joints, N features; metres, Z up.

Every frame stands on the root and is turned about the vertical so that the body faces +y: where the subject walks and turns to costs the
network nothing. Root and heading come from what is seen, and from the classical fill where that is hidden. Windows are cut from what was
observed of more than they hold: how a joint was last seen, and will be seen next, is told however long ago that was.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import torch
from torch import Tensor, nn

from mpm_core.body.axes import riding_axes
from mpm_core.body.mapping import body17
from mpm_core.model.encode import TensorWeights, facing

POSITION_M, SPEED_M_S, HEIGHT_M, BONE_M, TIME = 0.4, 1.0, 1.0, 0.3, 2.0  # what counts as one on the way in
FAR_FRAMES = 90  # since or until a joint is seen; more is all the same
FLOOR_FRAMES = 40  # before and after a frame, among which the lowest joint seen stands for the floor
REACH_M = 1.2  # from the root; a classical fill can go astray


@dataclass(frozen=True, slots=True)
class Stance:
    """root_BF3: metres; turn_BF33: world -> body axes."""

    root_BF3: Tensor
    turn_BF33: Tensor

    def to_body(self, xyz_BFJ3: Tensor) -> Tensor:
        return torch.einsum("bfij,bfkj->bfki", self.turn_BF33, xyz_BFJ3 - self.root_BF3[:, :, None])

    def to_world(self, xyz_BFJ3: Tensor) -> Tensor:
        return torch.einsum("bfji,bfkj->bfki", self.turn_BF33, xyz_BFJ3) + self.root_BF3[:, :, None]


def features_of(joints: int, riding: bool = False) -> int:
    """N: places and speeds of the joints, what is hidden and since and until when, the classical fills, the root's velocity and height,
    the lengths of the bones; the fills once more along what the joints ride on."""
    return 15 * joints + 4 + joints - 1 + (3 * joints if riding else 0)


def mirror_features(features_BFN: Tensor) -> Tensor:
    """What the network would see of the same windows in a mirror: left and right swapped."""
    index, sign = (each[: features_BFN.shape[2]] for each in _mirrored())
    return torch.as_tensor(features_BFN[..., index.to(features_BFN.device)] * sign.to(features_BFN.device))


def mirror_pose(xyz_BFJ3: Tensor) -> Tensor:
    """Left and right swapped, across x = 0."""
    return xyz_BFJ3[:, :, list(body17().mirror)] * xyz_BFJ3.new_tensor([-1.0, 1.0, 1.0])


@cache
def _mirrored() -> tuple[Tensor, Tensor]:
    """(N,) which feature is a feature's mirror image, and with what sign; in the order of `observe`."""
    skeleton = body17()
    J, bones = len(skeleton.names), [frozenset(bone) for bone in skeleton.bones]
    scalar = np.array(skeleton.mirror), np.ones(J)
    vector = (3 * scalar[0][:, None] + np.arange(3)).ravel(), np.tile([-1.0, 1.0, 1.0], J)
    walk, height = (np.arange(3), np.array([-1.0, 1.0, 1.0])), (np.array([0]), np.ones(1))
    lengths = np.array([bones.index(frozenset(skeleton.mirror[joint] for joint in bone)) for bone in bones]), np.ones(len(bones))
    parts = (vector, vector, scalar, scalar, scalar, vector, vector, walk, height, lengths, vector)
    begins = np.cumsum([0, *(len(index) for index, _ in parts)])
    index_N = np.concatenate([begin + index for begin, (index, _) in zip(begins, parts, strict=False)])
    return torch.from_numpy(index_N), torch.from_numpy(np.concatenate([sign for _, sign in parts]).astype(np.float32))


def stand(guess_BFJ3: Tensor, root_BF3: Tensor) -> Stance:
    """guess_BFJ3: hidden samples hold the classical fill (it tells only where the body faces)."""
    B, F, J, _ = guess_BFJ3.shape
    return Stance(root_BF3, facing(guess_BFJ3.reshape(B * F, J, 3)).view(B, F, 3, 3))


def observe(
    xyz_BFJ3: Tensor, missing_BFJ: Tensor, stance: Stance, weights: TensorWeights, length_BN: Tensor, rate_hz: float, riding: bool = False
) -> Tensor:
    """Features (B, F, N). xyz_BFJ3: world; whatever it holds where missing_BFJ is True stays unseen. carry_over: of what is seen.

    length_BN: of the subject's bones, metres, zero where one is not known. riding: as ModelConfig.riding.
    """
    visible_BFJ1 = (~missing_BFJ)[..., None]
    body_BFJ3 = stance.to_body(xyz_BFJ3)
    place_BFJ3 = torch.where(visible_BFJ1, body_BFJ3, 0.0)
    both = visible_BFJ1[:, 1:] & visible_BFJ1[:, :-1]
    speed_BFJ3 = torch.zeros_like(place_BFJ3)
    speed_BFJ3[:, 1:] = torch.where(both, (place_BFJ3[:, 1:] - place_BFJ3[:, :-1]) * rate_hz, 0.0)
    walk_BF3 = torch.zeros_like(stance.root_BF3)
    walk_BF3[:, 1:] = (stance.root_BF3[:, 1:] - stance.root_BF3[:, :-1]) * rate_hz
    walk_BF3 = torch.einsum("bfij,bfj->bfi", stance.turn_BF33, walk_BF3)
    ever_B1J1 = visible_BFJ1.any(dim=1, keepdim=True)
    fills = (weights(body_BFJ3), stance.to_body(weights(xyz_BFJ3)))  # with the body, and where it was in the room
    fill_BFN = torch.cat([torch.where(ever_B1J1, _within_reach(each), 0.0).flatten(2) for each in fills], dim=2)
    parts = [
        place_BFJ3.flatten(2) / POSITION_M,
        speed_BFJ3.flatten(2) / SPEED_M_S,
        gap_features(missing_BFJ, FAR_FRAMES),
        fill_BFN / POSITION_M,
        walk_BF3 / SPEED_M_S,
        _height(xyz_BFJ3, missing_BFJ, stance) / HEIGHT_M,
        length_BN[:, None].expand(-1, xyz_BFJ3.shape[1], -1) / BONE_M,
    ]
    if riding:
        ridden_BFJ3 = stance.to_body(_ridden(xyz_BFJ3, weights))
        parts.append(torch.where(ever_B1J1, _within_reach(ridden_BFJ3), 0.0).flatten(2) / POSITION_M)
    return torch.cat(parts, dim=2)


def _ridden(xyz_BFJ3: Tensor, weights: TensorWeights) -> Tensor:
    """The classical fill of where joints are from their parents, along what they ride on; world."""
    fill_BFJ3 = weights(xyz_BFJ3)
    axes_BFJ33 = torch.from_numpy(riding_axes(fill_BFJ3.numpy()).astype(np.float32))
    parent_BFJ3 = fill_BFJ3[:, :, [max(parent, 0) for parent in body17().parents]]
    away_BFJ3 = weights(torch.einsum("bfjkd,bfjk->bfjd", axes_BFJ33, xyz_BFJ3 - parent_BFJ3))
    return parent_BFJ3 + torch.einsum("bfjdk,bfjk->bfjd", axes_BFJ33, away_BFJ3)


def _within_reach(away_BFJ3: Tensor) -> Tensor:
    return torch.as_tensor(away_BFJ3 * (REACH_M / away_BFJ3.norm(dim=-1, keepdim=True).clamp(min=REACH_M)))


def _height(xyz_BFJ3: Tensor, missing_BFJ: Tensor, stance: Stance) -> Tensor:
    """(B, F, 1) of the root over the lowest joint that is seen for a while before and after; zero where none is."""
    lowest_BF = torch.where(missing_BFJ, torch.inf, xyz_BFJ3[..., 2]).amin(dim=2)
    floor_BF = -nn.functional.max_pool1d(-lowest_BF[:, None], 2 * FLOOR_FRAMES + 1, 1, FLOOR_FRAMES)[:, 0]
    return torch.where(floor_BF.isfinite(), stance.root_BF3[..., 2] - floor_BF, 0.0)[..., None]


def gap_features(missing_BFJ: Tensor, most: int) -> Tensor:
    """(B, F, 3 J) what is hidden, since and until when (at most that many frames)."""
    return torch.cat([missing_BFJ.float(), *(torch.log1p(frames_BFJ) / TIME for frames_BFJ in _to_edges(missing_BFJ, most))], dim=2)


def _to_edges(missing_BFJ: Tensor, most: int) -> tuple[Tensor, Tensor]:
    """Frames (B, F, J) since a joint was seen and until it is seen again."""
    F = missing_BFJ.shape[1]
    frame_1F1 = torch.arange(F, device=missing_BFJ.device)[None, :, None]
    last_BFJ = torch.where(missing_BFJ, -most, frame_1F1).cummax(dim=1).values
    next_BFJ = torch.where(missing_BFJ, F + most, frame_1F1).flip(1).cummin(dim=1).values.flip(1)
    return (frame_1F1 - last_BFJ).clamp(max=most).float(), (next_BFJ - frame_1F1).clamp(max=most).float()
