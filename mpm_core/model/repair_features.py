"""The input features of the repairing network, in the body's own axes. B windows, F frames, J = 17 joints, N features; metres, Z up.

In every frame the origin is the root, and the axes are turned about the vertical so that the body faces +y: the features do not depend on
where the person walks. Root and heading are of visible joints, interpolated where those are missing. Features are computed for more frames
than a window has, so that frames since and until a joint is visible are known across the windows' ends.

One table, COLUMNS, lists the features in order, with width, mirror image, and function.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np
import torch
from torch import Tensor, nn

from mpm_core.body.axes import joint_axes
from mpm_core.body.joints import body17
from mpm_core.model.encode import TensorWeights, facing
from mpm_core.typing import Float, Int

POSITION_M, SPEED_M_S, HEIGHT_M, BONE_M, TIME = 0.4, 1.0, 1.0, 0.3, 2.0  # scales: these values become 1
FAR_FRAMES = 90  # greatest number of frames since or until a joint is visible
FLOOR_FRAMES = 40  # before and after a frame; the lowest visible joint in them is the height of the floor
MOST_DISTANCE_M = 1.2  # of a classical fill from the root; larger ones are shortened
MIRROR = (-1.0, 1.0, 1.0)  # signs of a mirrored vector


@dataclass(frozen=True, slots=True)
class BodyAxes:
    """root_BF3: metres; turn_BF33: rotation from world to body axes."""

    root_BF3: Tensor
    turn_BF33: Tensor

    def to_body(self, xyz_BFJ3: Tensor) -> Tensor:
        return torch.einsum("bfij,bfkj->bfki", self.turn_BF33, xyz_BFJ3 - self.root_BF3[:, :, None])

    def to_world(self, xyz_BFJ3: Tensor) -> Tensor:
        return torch.einsum("bfji,bfkj->bfki", self.turn_BF33, xyz_BFJ3) + self.root_BF3[:, :, None]


def body_axes(xyz_BFJ3: Tensor, root_BF3: Tensor) -> BodyAxes:
    """Axes of windows xyz_BFJ3, in which missing samples are interpolated (they only determine the heading)."""
    B, F, J, _ = xyz_BFJ3.shape
    return BodyAxes(root_BF3, facing(xyz_BFJ3.reshape(B * F, J, 3)).view(B, F, 3, 3))


@dataclass(frozen=True)
class Observed:
    """A batch of windows, and intermediate results that several columns share. Fields: see `observe`."""

    xyz_BFJ3: Tensor
    missing_BFJ: Tensor
    axes: BodyAxes
    weights: TensorWeights
    length_BN: Tensor
    rate_hz: float

    @cached_property
    def visible_BFJ1(self) -> Tensor:
        return (~self.missing_BFJ)[..., None]

    @cached_property
    def body_BFJ3(self) -> Tensor:
        return self.axes.to_body(self.xyz_BFJ3)

    @cached_property
    def position_BFJ3(self) -> Tensor:
        """Joints in the body's axes; zero where missing."""
        return torch.where(self.visible_BFJ1, self.body_BFJ3, 0.0)

    @cached_property
    def to_edges(self) -> tuple[Tensor, Tensor]:
        return _to_edges(self.missing_BFJ, FAR_FRAMES)

    def position(self) -> Tensor:
        return self.position_BFJ3.flatten(2) / POSITION_M

    def velocity(self) -> Tensor:
        """Velocity of joints that are visible in the frame and in the one before; zero for others."""
        both = self.visible_BFJ1[:, 1:] & self.visible_BFJ1[:, :-1]
        speed_BFJ3 = torch.zeros_like(self.position_BFJ3)
        speed_BFJ3[:, 1:] = torch.where(both, (self.position_BFJ3[:, 1:] - self.position_BFJ3[:, :-1]) * self.rate_hz, 0.0)
        return speed_BFJ3.flatten(2) / SPEED_M_S

    def fill_in_body_axes(self) -> Tensor:
        return self._fill(self.weights(self.body_BFJ3))

    def fill_in_world_axes(self) -> Tensor:
        return self._fill(self.axes.to_body(self.weights(self.xyz_BFJ3)))

    def fill_relative_to_parent(self) -> Tensor:
        """Joints interpolated relative to their parents, in axes that turn with the segment each is fixed to."""
        fill_BFJ3 = self.weights(self.xyz_BFJ3)
        axes_BFJ33 = torch.from_numpy(joint_axes(fill_BFJ3.numpy()).astype(np.float32))
        parent_BFJ3 = fill_BFJ3[:, :, [max(parent, 0) for parent in body17().parents]]
        offset_BFJ3 = self.weights(torch.einsum("bfjkd,bfjk->bfjd", axes_BFJ33, self.xyz_BFJ3 - parent_BFJ3))
        return self._fill(self.axes.to_body(parent_BFJ3 + torch.einsum("bfjdk,bfjk->bfjd", axes_BFJ33, offset_BFJ3)))

    def root_velocity(self) -> Tensor:
        """Velocity of the root in the body's axes; zero in the first frame."""
        velocity_BF3 = torch.zeros_like(self.axes.root_BF3)
        velocity_BF3[:, 1:] = (self.axes.root_BF3[:, 1:] - self.axes.root_BF3[:, :-1]) * self.rate_hz
        return torch.einsum("bfij,bfj->bfi", self.axes.turn_BF33, velocity_BF3) / SPEED_M_S

    def root_height(self) -> Tensor:
        """Height over the lowest joint visible within FLOOR_FRAMES; zero where none is."""
        lowest_BF = torch.where(self.missing_BFJ, torch.inf, self.xyz_BFJ3[..., 2]).amin(dim=2)
        floor_BF = -nn.functional.max_pool1d(-lowest_BF[:, None], 2 * FLOOR_FRAMES + 1, 1, FLOOR_FRAMES)[:, 0]
        return torch.where(floor_BF.isfinite(), self.axes.root_BF3[..., 2] - floor_BF, 0.0)[..., None] / HEIGHT_M

    def bone_lengths(self) -> Tensor:
        return self.length_BN[:, None].expand(-1, self.xyz_BFJ3.shape[1], -1) / BONE_M

    def _fill(self, offset_BFJ3: Tensor) -> Tensor:
        """A classical fill shortened to MOST_DISTANCE_M; zero for joints that are never visible in the window."""
        visible_B1J1 = self.visible_BFJ1.any(dim=1, keepdim=True)
        near_BFJ3 = offset_BFJ3 * (MOST_DISTANCE_M / offset_BFJ3.norm(dim=-1, keepdim=True).clamp(min=MOST_DISTANCE_M))
        return torch.where(visible_B1J1, near_BFJ3, 0.0).flatten(2) / POSITION_M


def _joint_vectors() -> tuple[Int, Float]:
    mirror_J = np.array(body17().mirror)
    return (3 * mirror_J[:, None] + np.arange(3)).ravel(), np.tile(MIRROR, len(mirror_J))


def _joint_scalars() -> tuple[Int, Float]:
    return np.array(body17().mirror), np.ones(len(body17().mirror))


def _vector() -> tuple[Int, Float]:
    return np.arange(3), np.array(MIRROR)


def _scalar() -> tuple[Int, Float]:
    return np.array([0]), np.ones(1)


def _bone_scalars() -> tuple[Int, Float]:
    skeleton = body17()
    bones = [frozenset(bone) for bone in skeleton.bones]
    return np.array([bones.index(frozenset(skeleton.mirror[joint] for joint in bone)) for bone in bones]), np.ones(len(bones))


@dataclass(frozen=True, slots=True)
class Column:
    """A group of features. mirror: index and sign of each feature's mirror image; its length is the group's width."""

    name: str
    mirror: Callable[[], tuple[Int, Float]]
    of: Callable[[Observed], Tensor]


COLUMNS = (
    Column("position", _joint_vectors, Observed.position),
    Column("velocity", _joint_vectors, Observed.velocity),
    Column("missing", _joint_scalars, lambda o: o.missing_BFJ.float()),
    Column("frames since visible", _joint_scalars, lambda o: torch.log1p(o.to_edges[0]) / TIME),
    Column("frames until visible", _joint_scalars, lambda o: torch.log1p(o.to_edges[1]) / TIME),
    Column("fill in body axes", _joint_vectors, Observed.fill_in_body_axes),
    Column("fill in world axes", _joint_vectors, Observed.fill_in_world_axes),
    Column("root velocity", _vector, Observed.root_velocity),
    Column("root height", _scalar, Observed.root_height),
    Column("bone lengths", _bone_scalars, Observed.bone_lengths),
    Column("fill relative to parent", _joint_vectors, Observed.fill_relative_to_parent),
)


def columns(riding: bool) -> tuple[Column, ...]:
    """The columns that a network uses; the last one only with ModelConfig.riding."""
    return COLUMNS if riding else COLUMNS[:-1]


def feature_count(riding: bool) -> int:
    """N: the total width of the columns."""
    return sum(len(column.mirror()[0]) for column in columns(riding))


def observe(
    xyz_BFJ3: Tensor, missing_BFJ: Tensor, axes: BodyAxes, weights: TensorWeights, length_BN: Tensor, rate_hz: float, riding: bool = False
) -> Tensor:
    """Features (B, F, N). xyz_BFJ3: world, metres; samples where missing_BFJ is True are not used. weights: interpolation from visible
    samples.

    length_BN: bone lengths, metres, 0 = unknown. riding: see ModelConfig.riding.
    """
    observed = Observed(xyz_BFJ3, missing_BFJ, axes, weights, length_BN, rate_hz)
    return torch.cat([column.of(observed) for column in columns(riding)], dim=2)


def mirror_features(features_BFN: Tensor) -> Tensor:
    """The features of the mirrored windows (left and right exchanged)."""
    index, sign = (part[: features_BFN.shape[2]] for part in _mirror())
    return torch.as_tensor(features_BFN[..., index.to(features_BFN.device)] * sign.to(features_BFN.device))


def mirror_pose(xyz_BFJ3: Tensor) -> Tensor:
    """Poses mirrored at x = 0, with left and right joints exchanged."""
    return xyz_BFJ3[:, :, list(body17().mirror)] * xyz_BFJ3.new_tensor(MIRROR)


@cache
def _mirror() -> tuple[Tensor, Tensor]:
    """(N,) index and sign of each feature's mirror image."""
    rules = [column.mirror() for column in COLUMNS]
    begins = np.cumsum([0, *(len(index) for index, _ in rules)])
    index_N = np.concatenate([begin + index for begin, (index, _) in zip(begins, rules, strict=False)])
    return torch.from_numpy(index_N), torch.from_numpy(np.concatenate([sign for _, sign in rules]).astype(np.float32))


def gap_features(missing_BFJ: Tensor, limit: int) -> Tensor:
    """(B, F, 3 J) what is missing, and frames since and until it is visible (at most `limit`), as logarithms."""
    return torch.cat([missing_BFJ.float(), *(torch.log1p(frames_BFJ) / TIME for frames_BFJ in _to_edges(missing_BFJ, limit))], dim=2)


def _to_edges(missing_BFJ: Tensor, limit: int) -> tuple[Tensor, Tensor]:
    """Frames (B, F, J) since and until a joint is visible, at most `limit`."""
    F = missing_BFJ.shape[1]
    frame_1F1 = torch.arange(F, device=missing_BFJ.device)[None, :, None]
    last_BFJ = torch.where(missing_BFJ, -limit, frame_1F1).cummax(dim=1).values
    next_BFJ = torch.where(missing_BFJ, F + limit, frame_1F1).flip(1).cummin(dim=1).values.flip(1)
    return (frame_1F1 - last_BFJ).clamp(max=limit).float(), (next_BFJ - frame_1F1).clamp(max=limit).float()
