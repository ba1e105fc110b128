"""From body joints in metres (or pixels) to what the network sees, and back. B windows, F frames, J = 17 joints.

3D: relative to the root frame by frame, turned about the vertical so that the body faces +y in the middle of the window. Where the root
is hidden its place is told by the joints beside it, so a hidden root is one more joint to predict.
2D: x' = 2x / w - 1, y' = 2y / w - h / w, as published.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from mpm_core.fill.hermite import MOTION, Tangent, dense_weights, interpolate
from mpm_core.gaps import known
from mpm_core.skeleton import load_skeleton
from mpm_core.typing import Float, Mask

LEVEL = ((1.0, 0.0, 0.0), (0.0, 0.0, -1.0), (0.0, 1.0, 0.0))  # rows: a level camera's right, down and forward in the world
HEADING_PAIRS = (("left_hip", "right_hip"), ("left_shoulder", "right_shoulder"))
ROOT_ANCHORS = (("right_hip", "left_hip"), ("spine",), ("thorax",), ("right_hip",), ("left_hip",))


def root_path(joints_FSJ3: Float, rate_hz: float) -> Float:
    """(F, S, 3) the root of S takes; where it is hidden, from the first joints near it that are seen, else by the classical fill.

    joints_FSJ3: NaN = hidden. What lies between the root and such a joint is itself filled classically; a root that is never
    seen stands where the joint does.
    """
    names = load_skeleton("body17").names
    root_FS3 = joints_FSJ3[:, :, 0].copy()
    never_S = ~known(root_FS3).any(axis=0)
    for anchor in ROOT_ANCHORS:
        anchor_FS3 = joints_FSJ3[:, :, [names.index(name) for name in anchor]].mean(axis=2)
        offset_FS3 = joints_FSJ3[:, :, 0] - anchor_FS3
        both_FS = known(offset_FS3)
        take_FS = ~known(root_FS3) & known(anchor_FS3) & (both_FS.any(axis=0) | never_S)
        if take_FS.any():
            root_FS3[take_FS] = (anchor_FS3 + interpolate(offset_FS3, both_FS, rate_hz))[take_FS]
    return interpolate(root_FS3, known(root_FS3), rate_hz)


@dataclass(frozen=True, slots=True)
class Frame3D:
    """Where the windows stand. root_BF3: metres; turn_B33: world -> window; to go back use `to_world`."""

    root_BF3: Tensor
    turn_B33: Tensor


@dataclass(frozen=True, slots=True)
class TensorWeights:
    """`dense_weights` of a batch, for interpolating anything linear across its gaps. index_4BFJ, weight_4BFJ."""

    index_4BFJ: Tensor
    weight_4BFJ: Tensor

    def __call__(self, x_BFJD: Tensor) -> Tensor:
        """x where visible, the classical fill of x where hidden (zero where a joint is never seen)."""
        out = torch.zeros_like(x_BFJD)
        for index_BFJ, weight_BFJ in zip(self.index_4BFJ, self.weight_4BFJ, strict=True):
            out = out + weight_BFJ[..., None] * x_BFJD.gather(1, index_BFJ[..., None].expand_as(x_BFJD))
        return out


def tensor_weights(visible_BFJ: Mask, rate_hz: float, tangent: Tangent = MOTION) -> TensorWeights:
    B, F, J = visible_BFJ.shape
    index_4FS, weight_4FS = dense_weights(visible_BFJ.transpose(1, 0, 2).reshape(F, B * J), rate_hz, tangent)
    shape = (4, F, B, J)
    index_4BFJ = torch.from_numpy(np.ascontiguousarray(index_4FS.reshape(shape).transpose(0, 2, 1, 3)))
    weight_4BFJ = torch.from_numpy(np.ascontiguousarray(weight_4FS.reshape(shape).transpose(0, 2, 1, 3), np.float32))
    return TensorWeights(index_4BFJ, weight_4BFJ)


def encode_3d(guess_BFJ3: Tensor, root_BF3: Tensor, space: str = "body") -> tuple[Tensor, Frame3D]:
    """Network input (B, F, J, 3) from joints whose hidden samples hold the classical fill (they only tell where
    the body faces; mask them), and the root's path. space: the network's own axes; a network of camera axes sees it by a level camera."""
    turn_B33 = guess_BFJ3.new_tensor(LEVEL).expand(len(guess_BFJ3), 3, 3)
    if space == "body":
        turn_B33 = facing(guess_BFJ3[:, guess_BFJ3.shape[1] // 2])
    place = Frame3D(root_BF3, turn_B33)
    return to_window(guess_BFJ3, place), place


def to_window(xyz_BFJ3: Tensor, place: Frame3D) -> Tensor:
    """World joints in the window's frame: zero at the root where it is known, what is left of it where it is hidden."""
    return torch.einsum("bij,bfkj->bfki", place.turn_B33, xyz_BFJ3 - place.root_BF3[:, :, None])


def to_world(out_BFJ3: Tensor, place: Frame3D) -> Tensor:
    return torch.einsum("bji,bfkj->bfki", place.turn_B33, out_BFJ3) + place.root_BF3[:, :, None]


def correct_edges(prediction_BFJ3: Tensor, known_BFJ3: Tensor, weights: TensorWeights) -> Tensor:
    """The prediction plus its error at each gap's edges, carried across the gap: visible samples come back as they are."""
    return prediction_BFJ3 + weights(known_BFJ3 - prediction_BFJ3)


def encode_2d(xy_BFJ2: Tensor, image_wh: Tensor) -> Tensor:
    """Pixels to the network's range; image_wh: (2,) or (B, 1, 1, 2)."""
    width, height = image_wh[..., :1], image_wh[..., 1:]
    return 2 * xy_BFJ2 / width - torch.cat([torch.ones_like(width), height / width], dim=-1)


def facing(xyz_BJ3: Tensor) -> Tensor:
    """Turn about z (B, 3, 3) that brings the body's left-to-right line onto +x; none where it cannot be told."""
    names = load_skeleton("body17").names
    across_B3 = sum((xyz_BJ3[:, names.index(right)] - xyz_BJ3[:, names.index(left)] for left, right in HEADING_PAIRS), torch.zeros(()))
    length_B = across_B3[:, :2].norm(dim=1)
    known_B = length_B > 1e-3
    x_B = torch.where(known_B, across_B3[:, 0] / length_B.clamp(min=1e-3), 1.0)
    y_B = torch.where(known_B, across_B3[:, 1] / length_B.clamp(min=1e-3), 0.0)
    zero, one = torch.zeros_like(x_B), torch.ones_like(x_B)
    return torch.stack([torch.stack([x_B, y_B, zero], 1), torch.stack([-y_B, x_B, zero], 1), torch.stack([zero, zero, one], 1)], 1)
