"""What the repairing network sees of a window, in the body's own axes. B windows, F frames, J = 17 joints, N features; metres, Z up.

Every frame stands on the root and is turned about the vertical so that the body faces +y: where the subject walks and turns to costs the
network nothing. Root and heading come from what is seen, and from the classical fill where that is hidden.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from mpm_core.model.encode import facing

POSITION_M, SPEED_M_S, HEIGHT_M, TIME = 0.4, 1.0, 1.0, 2.0  # what counts as one on the way in


@dataclass(frozen=True, slots=True)
class Stance:
    """root_BF3: metres; turn_BF33: world -> body axes."""

    root_BF3: Tensor
    turn_BF33: Tensor

    def to_body(self, xyz_BFJ3: Tensor) -> Tensor:
        return torch.einsum("bfij,bfkj->bfki", self.turn_BF33, xyz_BFJ3 - self.root_BF3[:, :, None])

    def to_world(self, xyz_BFJ3: Tensor) -> Tensor:
        return torch.einsum("bfji,bfkj->bfki", self.turn_BF33, xyz_BFJ3) + self.root_BF3[:, :, None]


def features_of(joints: int) -> int:
    """N: places and speeds of the joints, what is hidden and since and until when, the root's velocity and height."""
    return 9 * joints + 4


def stand(guess_BFJ3: Tensor, root_BF3: Tensor) -> Stance:
    """guess_BFJ3: hidden samples hold the classical fill (it tells only where the body faces)."""
    B, F, J, _ = guess_BFJ3.shape
    return Stance(root_BF3, facing(guess_BFJ3.reshape(B * F, J, 3)).view(B, F, 3, 3))


def observe(xyz_BFJ3: Tensor, unseen_BFJ: Tensor, stance: Stance, rate_hz: float) -> Tensor:
    """Features (B, F, N). xyz_BFJ3: world; whatever it holds where unseen_BFJ is True stays unseen."""
    shown_BFJ1 = (~unseen_BFJ)[..., None]
    place_BFJ3 = torch.where(shown_BFJ1, stance.to_body(xyz_BFJ3), 0.0)
    both = shown_BFJ1[:, 1:] & shown_BFJ1[:, :-1]
    speed_BFJ3 = torch.zeros_like(place_BFJ3)
    speed_BFJ3[:, 1:] = torch.where(both, (place_BFJ3[:, 1:] - place_BFJ3[:, :-1]) * rate_hz, 0.0)
    walk_BF3 = torch.zeros_like(stance.root_BF3)
    walk_BF3[:, 1:] = (stance.root_BF3[:, 1:] - stance.root_BF3[:, :-1]) * rate_hz
    walk_BF3 = torch.einsum("bfij,bfj->bfi", stance.turn_BF33, walk_BF3)
    lowest_B11 = torch.where(unseen_BFJ, torch.inf, xyz_BFJ3[..., 2]).amin(dim=(1, 2))[:, None, None]
    height_BF1 = torch.where(lowest_B11.isfinite(), stance.root_BF3[..., 2:] - lowest_B11, 0.0)
    gap_BFN = gaps_told(unseen_BFJ)
    parts = (place_BFJ3.flatten(2) / POSITION_M, speed_BFJ3.flatten(2) / SPEED_M_S, gap_BFN, walk_BF3 / SPEED_M_S, height_BF1 / HEIGHT_M)
    return torch.cat(parts, dim=2)


def gaps_told(unseen_BFJ: Tensor) -> Tensor:
    """(B, F, 3 J) what is hidden, since and until when."""
    return torch.cat([unseen_BFJ.float(), *(torch.log1p(frames_BFJ) / TIME for frames_BFJ in _to_edges(unseen_BFJ))], dim=2)


def _to_edges(unseen_BFJ: Tensor) -> tuple[Tensor, Tensor]:
    """Frames (B, F, J) since a joint was seen and until it is seen again, at most half a window."""
    F = unseen_BFJ.shape[1]
    frame_1F1 = torch.arange(F, device=unseen_BFJ.device)[None, :, None]
    last_BFJ = torch.where(unseen_BFJ, -F, frame_1F1).cummax(dim=1).values
    next_BFJ = torch.where(unseen_BFJ, 2 * F, frame_1F1).flip(1).cummin(dim=1).values.flip(1)
    return (frame_1F1 - last_BFJ).clamp(max=F // 2).float(), (next_BFJ - frame_1F1).clamp(max=F // 2).float()
