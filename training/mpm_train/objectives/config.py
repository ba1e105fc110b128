"""The settings of each objective: the task and the loss of a training run. Imports no torch, since the command line shows them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from mpm_core.model.config import ModelConfig
from mpm_train.masking import SINGLE


@dataclass(frozen=True, slots=True)
class PaperConfig:
    """What all objectives of the paper (arXiv 2306.17201) have in common: its masks, and where the 2D comes from."""

    mask: Literal["spatio-temporal", "tube", "temporal", "gaps"] = "spatio-temporal"
    """What is masked: joints drawn anew in every frame, the same joints in all frames, whole frames only, or stretches like real gaps."""
    joints_masked: int = 5
    """Joints masked in every kept frame (not with gaps)."""
    frames_dropped: float = 0.6
    """Share of frames that skip the temporal layers (not with gaps)."""
    detectors: tuple[str, ...] = ()
    """Whose 2D detections are learned from, with the 3D by the camera that recorded them, as the corpus names them (cpn_ft_h36m_dbb, gt,
    "as published"); empty = virtual cameras."""
    ends: Literal["padded", "inside"] = "padded"
    """padded: every frame of a clip is the middle of a window equally often, and the clip's first and last frames are repeated beyond its
    ends, as in the evaluation. inside: windows lie within the clip where it is long enough."""


@dataclass(frozen=True, slots=True)
class PaperPretrainConfig(PaperConfig):
    """Stage I: masked 2D and masked 3D poses are restored."""

    weight_2d: float = 2.0
    """Weight of the loss on 2D; 0 = 2D is not restored."""
    weight_3d: float = 3.0
    """Weight of the loss on 3D; 0 = 3D is not restored."""
    tasks: Literal["alternating", "halves"] = "alternating"
    """alternating: even steps restore 2D, odd ones 3D, as published. halves: every step restores the 2D of one half of its windows and the
    3D of the other."""
    unpaired: bool = True
    """With detectors: clips without such 2D are learned from too, their 2D through virtual cameras."""
    shares: tuple[tuple[str, float], ...] = ()
    """Share of the windows that are drawn from subjects whose names fit a pattern (h36m-* 0.5), the rest from everybody else; empty = a
    window for every frame of every camera, as published."""


@dataclass(frozen=True, slots=True)
class PaperCompleteConfig(PaperConfig):
    """Stage II, partial 3D to 3D."""


@dataclass(frozen=True, slots=True)
class PaperLiftConfig(PaperConfig):
    """Stage II, whole or partial 2D to 3D."""

    middle_weight: float = 1.0
    """Weight of the loss on the middle frame."""
    sequence_weight: float = 1.0
    """Weight of the loss on the whole window."""
    noise_2d: float = 0.006
    """Largest standard deviation of the 2D jitter, as a share of the image width (drawn per window from 0 to this)."""
    partial_2d: float = 0.5
    """Share of windows whose 2D is masked; of a network that takes masked joints."""


@dataclass(frozen=True, slots=True)
class LiftingConfig:
    """Lifting of keypoints with a detector's errors."""

    partial_2d: float = 0.5
    """Share of windows that have gaps in their 2D."""
    limbs_2d: float = 0.0
    """Share of windows in which limbs, or a few joints, are missing in every frame."""


@dataclass(frozen=True, slots=True)
class RayLiftingConfig:
    """Lifting of keypoints with a detector's errors, from cameras held in any way and of any focal length, with gravity and feet at
    rest."""

    partial_2d: float = 0.3
    """Share of windows that have gaps in their 2D."""
    limbs_2d: float = 0.25
    """Share of windows in which limbs, or a few joints, are missing in every frame."""
    redefined: float = 1.0
    """How differently from the corpus the keypoints place the joints (data/definitions.py); 1 = as rigs and detectors differ."""
    learns: Literal["pose", "ground"] = "pose"
    """What is trained, the rest stays as it is: the poses and their sigma, or the direction of up and the feet at rest."""


@dataclass(frozen=True, slots=True)
class RepairConfig:
    """Completion of gaps as they occur in recordings, scored with and without the correction at their edges."""

    corrected_weight: float = 1.0
    """Weight of the loss after the edge correction, masked samples only."""
    corrected_from: float = 0.0
    """Share of the run after which that loss is phased in."""
    follow_neighbours: bool = False
    """Before the edge correction masked joints are shifted by the error of their visible neighbours, as in the application."""
    masked_weight: float = 0.5
    """Weight of the plain loss on masked samples."""
    visible_weight: float = 0.1
    """Weight of the plain loss on visible samples."""
    speed_weight: float = 0.0
    """Weight of the error from frame to frame, masked samples only."""
    bone_weight: float = 0.0
    """Weight of the error of the bones' lengths, where an end is masked."""
    single: float = SINGLE
    """Share of gaps that are of one joint."""
    beside: int = 0
    """Frames on each side of a window that the features are computed from too: each joint's last known and next known position."""


ObjectiveConfig = PaperPretrainConfig | PaperCompleteConfig | PaperLiftConfig | LiftingConfig | RayLiftingConfig | RepairConfig


def learns_poses(objective: ObjectiveConfig) -> bool:
    """Whether a run of these settings trains what predicts poses."""
    return not (isinstance(objective, RayLiftingConfig) and objective.learns == "ground")


def objective_config(model: ModelConfig) -> type[ObjectiveConfig]:
    """The settings of the one objective that trains a network of this kind."""
    if model.kind in ("direct", "rays"):
        return LiftingConfig if model.kind == "direct" else RayLiftingConfig
    kinds: dict[str, type[ObjectiveConfig]] = {
        "pretrain": PaperPretrainConfig,
        "complete": PaperCompleteConfig,
        "lift": PaperLiftConfig,
        "repair": RepairConfig,
    }
    return kinds[model.task]
