"""The runs of arXiv 2306.17201, paper-*.

docs/paper.md lists the paper's statements and what its text leaves open, as batch size, AdamW's weight decay and gradient clipping.
An epoch is as many windows as the training split has frames at the model's rate, in stage I each with one of the two tasks; the steps are
for the CMU corpus (102,000 frames at 25 Hz). For another: --steps (epochs * frames / batch).
"""

from __future__ import annotations

from dataclasses import replace

from mpm_core.model.config import ModelConfig
from mpm_train.config import Augment, TrainConfig
from mpm_train.objectives.config import ObjectiveConfig, PaperCompleteConfig, PaperLiftConfig, PaperPretrainConfig
from mpm_train.recipes.files import model_of

BATCH = 64
LIFT = PaperLiftConfig(noise_2d=0.0)
TUBES_2D = replace(LIFT, mask="tube", frames_dropped=0.0, partial_2d=1.0)
MIRROR = Augment(warp=(1.0, 1.0), mirror=0.5, size=0.0)  # the published augmentation
EPOCH_STEPS = 102_000 // BATCH


def published(name: str, model: ModelConfig, objective: ObjectiveConfig, epochs: int, lr: float, first: str = "") -> TrainConfig:
    """What all runs of the paper have in common. first: the recipe of stage I that a run of stage II starts from."""
    return TrainConfig(
        name,
        model,
        objective,
        start_from=model_of(first) if first else "",
        augment=MIRROR,
        steps=epochs * EPOCH_STEPS,
        batch=BATCH,
        lr=lr,
        warm_up=0,
        lr_parts=epochs,
        ema=0.0,
        save_every=EPOCH_STEPS,
    )


def paper_model(task: str, frames: int, **settings: object) -> ModelConfig:
    return ModelConfig(task, frames, rate_hz=25.0, space="camera", **settings)  # type: ignore[arg-type]


def paper_pretrain_243() -> TrainConfig:
    """Stage I, 243 frames: masked 2D and masked 3D, 5 of 17 joints anew in each of the 40 % of frames that are kept (71.8 % masked)."""
    return published("paper-pretrain-243", paper_model("pretrain", 243), PaperPretrainConfig(), 15, 1e-4)


def paper_pretrain_81() -> TrainConfig:
    """Stage I, 81 frames."""
    return published("paper-pretrain-81", paper_model("pretrain", 81), PaperPretrainConfig(), 15, 1e-4)


def paper_pretrain_27() -> TrainConfig:
    """Stage I, 27 frames."""
    return published("paper-pretrain-27", paper_model("pretrain", 27), PaperPretrainConfig(), 15, 1e-4)


def paper_pretrain_completion() -> TrainConfig:
    """Stage I for both completions: 27 frames, 3 shared layers."""
    return published("paper-pretrain-completion", paper_model("pretrain", 27, layers=3), PaperPretrainConfig(), 15, 1e-4)


def paper_pretrain_3dhp() -> TrainConfig:
    """Stage I for MPI-INF-3DHP: 81 frames, 3 shared layers."""
    return published("paper-pretrain-3dhp", paper_model("pretrain", 81, layers=3), PaperPretrainConfig(), 15, 1e-4)


def paper_lift_243() -> TrainConfig:
    """Stage II, 2D to 3D, 243 frames: strided decoder and sequence head, from stage I (published: 42.3 mm on Human3.6M)."""
    return published("paper-lift-243", paper_model("lift", 243), LIFT, 40, 1.6e-3, "paper-pretrain-243")


def paper_lift_243_light() -> TrainConfig:
    """Stage II with stage I's one-block 3D decoder in place of the strided one (published: 45.4 mm)."""
    model = paper_model("lift", 243, decoder="light")
    return published("paper-lift-243-light", model, LIFT, 40, 1.6e-3, "paper-pretrain-243")


def paper_lift_81() -> TrainConfig:
    """Stage II, 2D to 3D, 81 frames (published: 43.6 mm)."""
    return published("paper-lift-81", paper_model("lift", 81), LIFT, 40, 1.6e-3, "paper-pretrain-81")


def paper_lift_27() -> TrainConfig:
    """Stage II, 2D to 3D, 27 frames, the size of the paper's comparisons of masks (published: 46.7 mm)."""
    return published("paper-lift-27", paper_model("lift", 27), LIFT, 40, 1.6e-3, "paper-pretrain-27")


def paper_lift_3dhp() -> TrainConfig:
    """Stage II on MPI-INF-3DHP, 81 frames, 3 shared layers, 100 epochs."""
    model = paper_model("lift", 81, layers=3)
    return published("paper-lift-3dhp", model, LIFT, 100, 1.6e-3, "paper-pretrain-3dhp")


def paper_complete() -> TrainConfig:
    """Stage II, partial 3D to 3D: stage I's loss on 5 joints masked in all of 27 frames; stage I's model can be evaluated on it, too."""
    model, tubes = paper_model("complete", 27, layers=3), PaperCompleteConfig(mask="tube", frames_dropped=0.0)
    return published("paper-complete", model, tubes, 40, 2e-4, "paper-pretrain-completion")


def paper_complete_2d() -> TrainConfig:
    """Stage II, partial 2D to 3D: 5 joints masked in all of 27 frames; the loss is the middle frame's alone (equation 9), the strided
    decoder's."""
    model = paper_model("lift", 27, layers=3, partial=True, sequence_head=False)
    return published("paper-complete-2d", model, TUBES_2D, 40, 2e-4, "paper-pretrain-completion")


def paper_complete_2d_window() -> TrainConfig:
    """`paper_complete_2d` with the light decoder, whose whole window is in the loss, as in stage I; one pass gives all frames."""
    model = paper_model("lift", 27, layers=3, partial=True, decoder="light", sequence_head=False)
    window = replace(TUBES_2D, middle_weight=0.0)
    return published("paper-complete-2d-window", model, window, 40, 2e-4, "paper-pretrain-completion")
