"""Conversion between body joints (metres or pixels) and the networks' input and output. B windows, F frames, S takes, J = 17 joints.

3D: relative to the root of each frame, turned about the vertical so that the body faces +y in the middle of the window. A missing root is
estimated from the joints beside it, and predicted like any other joint. 2D: x' = 2x / w - 1, y' = 2y / w - h / w, as published.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from mpm_core.fill.hermite import MOTION, Tangent, hermite_weights, interpolate
from mpm_core.gaps import known
from mpm_core.skeleton import load_skeleton
from mpm_core.typing import Float, Int, Mask

LEVEL = ((1.0, 0.0, 0.0), (0.0, 0.0, -1.0), (0.0, 1.0, 0.0))  # rows: right, down and forward of a level camera, in the world
HEADING_PAIRS = (("left_hip", "right_hip"), ("left_shoulder", "right_shoulder"))
ROOT_ANCHORS = (("right_hip", "left_hip"), ("spine",), ("thorax",), ("right_hip",), ("left_hip",))


def root_path(joints_FSJ3: Float, rate_hz: float) -> Float:
    """(F, S, 3) the root of S takes; where missing, from the first joints near it that are visible, else interpolated.

    joints_FSJ3: NaN = missing. The offset between root and those joints is interpolated; it is zero for a root that is never visible.
    """
    names = load_skeleton("body17").names
    root_FS3 = joints_FSJ3[:, :, 0].copy()
    never_visible_S = ~known(root_FS3).any(axis=0)
    for anchor in ROOT_ANCHORS:
        anchor_FS3 = joints_FSJ3[:, :, [names.index(name) for name in anchor]].mean(axis=2)
        offset_FS3 = joints_FSJ3[:, :, 0] - anchor_FS3
        both_FS = known(offset_FS3)
        use_FS = ~known(root_FS3) & known(anchor_FS3) & (both_FS.any(axis=0) | never_visible_S)
        if use_FS.any():
            root_FS3[use_FS] = (anchor_FS3 + interpolate(offset_FS3, both_FS, rate_hz))[use_FS]
    return interpolate(root_FS3, known(root_FS3), rate_hz)


@dataclass(frozen=True, slots=True)
class Frame3D:
    """The windows' frames of reference. root_BF3: origin, metres. turn_B33: rotation from world to window; back by `to_world`."""

    root_BF3: Tensor
    turn_B33: Tensor


@dataclass(frozen=True, slots=True)
class TensorWeights:
    """Interpolation of any quantity across the gaps of a batch: each of N missing samples is a weighted sum of four visible ones.

    visible_BFJ1: True where visible. missing_N, source_4N: rows of (B F J) samples; of joints that are never visible, none. weight_4N.
    """

    visible_BFJ1: Tensor
    missing_N: Tensor
    source_4N: Tensor
    weight_4N: Tensor

    def __call__(self, x_BFJD: Tensor) -> Tensor:
        """x (float32 or float64) where visible, interpolated where missing; zero for joints that are never visible."""
        x_SD = x_BFJD.reshape(-1, x_BFJD.shape[-1])
        parts = [weight_N[:, None] * x_SD[source_N] for weight_N, source_N in zip(self.weight_4N, self.source_4N, strict=True)]
        out_BFJD = torch.where(self.visible_BFJ1, x_BFJD, 0.0)
        return out_BFJD.reshape_as(x_SD).index_copy(0, self.missing_N, sum(parts[1:], parts[0])).view_as(x_BFJD)


def tensor_weights(visible_BFJ: Mask, rate_hz: float, tangent: Tangent = MOTION) -> TensorWeights:
    """Weights of the Hermite interpolation (`fill.hermite.hermite_weights`) of every joint of every window, as tensors."""
    B, F, J = visible_BFJ.shape
    weights = hermite_weights(visible_BFJ.transpose(1, 0, 2).reshape(F, B * J), rate_hz, tangent)
    window_N, joint_N = np.divmod(weights.series_N, J)

    def rows(frame_XN: Int) -> Tensor:
        return torch.from_numpy((window_N * F + frame_XN) * J + joint_N)

    weight_4N = torch.from_numpy(weights.weight_4N.astype(np.float32))
    return TensorWeights(torch.from_numpy(visible_BFJ)[..., None], rows(weights.frame_N), rows(weights.index_4N), weight_4N)


def encode_3d(guess_BFJ3: Tensor, root_BF3: Tensor, space: str = "body") -> tuple[Tensor, Frame3D]:
    """Network input (B, F, J, 3) and its frame of reference. space: "body", or "camera" for a network with camera axes (a level camera).

    guess_BFJ3: world joints, missing ones interpolated. They only determine the heading; mask them. root_BF3: path of the root.
    """
    turn_B33 = guess_BFJ3.new_tensor(LEVEL).expand(len(guess_BFJ3), 3, 3)
    if space == "body":
        turn_B33 = facing(guess_BFJ3[:, guess_BFJ3.shape[1] // 2])
    place = Frame3D(root_BF3, turn_B33)
    return to_window(guess_BFJ3, place), place


def to_window(xyz_BFJ3: Tensor, place: Frame3D) -> Tensor:
    """World joints in the window's frame, relative to the root's path."""
    return torch.einsum("bij,bfkj->bfki", place.turn_B33, xyz_BFJ3 - place.root_BF3[:, :, None])


def to_world(out_BFJ3: Tensor, place: Frame3D) -> Tensor:
    return torch.einsum("bji,bfkj->bfki", place.turn_B33, out_BFJ3) + place.root_BF3[:, :, None]


def correct_edges(prediction_BFJ3: Tensor, known_BFJ3: Tensor, weights: TensorWeights) -> Tensor:
    """The prediction minus its error at each gap's edges, interpolated across the gap; visible samples are returned unchanged."""
    return prediction_BFJ3 + weights(known_BFJ3 - prediction_BFJ3)


def encode_2d(xy_BFJ2: Tensor, image_wh: Tensor) -> Tensor:
    """Pixels to half image widths around the centre. image_wh: (2,) or (B, 1, 1, 2)."""
    width, height = image_wh[..., :1], image_wh[..., 1:]
    return 2 * xy_BFJ2 / width - torch.cat([torch.ones_like(width), height / width], dim=-1)


def encode_rays(xy_BFJ2: Tensor, image_B112: Tensor, focal_B111: Tensor) -> Tensor:
    """Pixels to focal lengths from the middle of the image. focal: pixels, any shape that broadcasts."""
    return (xy_BFJ2 - image_B112 / 2) / focal_B111


def facing(xyz_BJ3: Tensor) -> Tensor:
    """Rotation about z (B, 3, 3) that turns the body's left-to-right direction to +x; identity where it is undefined."""
    names = load_skeleton("body17").names
    across_B3 = sum((xyz_BJ3[:, names.index(right)] - xyz_BJ3[:, names.index(left)] for left, right in HEADING_PAIRS), torch.zeros(()))
    length_B = across_B3[:, :2].norm(dim=1)
    valid_B = length_B > 1e-3
    x_B = torch.where(valid_B, across_B3[:, 0] / length_B.clamp(min=1e-3), 1.0)
    y_B = torch.where(valid_B, across_B3[:, 1] / length_B.clamp(min=1e-3), 0.0)
    zero, one = torch.zeros_like(x_B), torch.ones_like(x_B)
    return torch.stack([torch.stack([x_B, y_B, zero], 1), torch.stack([-y_B, x_B, zero], 1), torch.stack([zero, zero, one], 1)], 1)
