"""Named runs. Each is a function that returns its configuration; `mpm-train info` lists them.

paper-*: arXiv 2306.17201. Published and used here: widths, layers, masks, loss weights, AdamW, learning rates, x0.97 per epoch, epochs,
no averaging of the weights, left and right swapped in half of the windows, every second frame of 50 Hz. Not published: batch size, weight
decay, gradient clipping. An epoch is as many windows as the training split has frames at the model's rate; the steps are for the CMU corpus
(102,000 frames at 25 Hz). For another: --steps (epochs * frames / batch).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from mpm_core.model.config import ModelConfig
from mpm_train.config import Augment, TrainConfig
from mpm_train.objectives.config import (
    LiftingConfig,
    ObjectiveConfig,
    PaperCompleteConfig,
    PaperLiftConfig,
    PaperPretrainConfig,
    RepairConfig,
)

BATCH = 64
LIFT = PaperLiftConfig(noise_2d=0.0)
MIRROR = Augment(warp=(1.0, 1.0), mirror=0.5, size=0.0)  # the published augmentation
EPOCH_STEPS = 102_000 // BATCH
EXPORTED = "exported.safetensors"
FOLDERS = "DATA/cmu DATA/cmu_daz DATA/hdm05"
MORE_FOLDERS = {"studio-repair-everybody": "DATA/cmu DATA/cmu_daz DATA/cmu_bvh/{006,008,012,013,026,027,032} DATA/hdm05"}
"""What corpora are prepared from: every recipe's but these."""


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
        epochs=epochs,
        ema=0.0,
        save_every=EPOCH_STEPS,
    )


def paper_model(task: str, frames: int, **settings: object) -> ModelConfig:
    return ModelConfig(task, frames, rate_hz=25.0, space="camera", **settings)  # type: ignore[arg-type]


def model_of(recipe: str) -> str:
    return f"runs/{recipe}/model.safetensors"


def exported(recipe: str) -> str:
    """A repairing network with its gate, as `mpm-train export` writes it."""
    return f"runs/{recipe}/{EXPORTED}"


def corpus_of(recipe: str) -> str:
    """Of a recipe that has a corpus of its own."""
    return f"runs/corpus-{recipe}"


def is_exported(model: str) -> bool:
    return model.endswith(f"/{EXPORTED}")


def command_of(config: TrainConfig) -> str:
    """The command that trains a configuration: pretrain for stage I, finetune for everything else."""
    return "pretrain" if isinstance(config.objective, PaperPretrainConfig) else "finetune"


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
    """Stage II, partial 2D to 3D: 5 joints masked in all of 27 frames, the light decoder's whole window by L2."""
    model = paper_model("lift", 27, layers=3, partial=True, decoder="light", sequence_head=False)
    tubes = replace(LIFT, mask="tube", frames_dropped=0.0, partial_2d=1.0, middle_weight=0.0)
    return published("paper-complete-2d", model, tubes, 40, 2e-4, "paper-pretrain-completion")


GATE_SUBJECTS = ("002", "009", "039", "094", "127")
"""A tenth of the training minutes, from which the gate is fitted instead of the poses."""

REPAIR = RepairConfig(corrected_from=0.3, masked_weight=1.0, visible_weight=0.5, speed_weight=2.0, bone_weight=0.5, beside=60)
REPAIR_FROM_START = replace(REPAIR, corrected_from=0.0)
REPAIR_SINGLE = replace(REPAIR_FROM_START, single=0.45)


def studio_repair() -> TrainConfig:
    """Completion: gaps of any joints, in the body's own axes."""
    return TrainConfig(
        "studio-repair",
        ModelConfig("repair", 81, channels=192, hidden=384, layers=4, dropout=0.0),
        REPAIR,
        augment=Augment(warp=(0.7, 1.4), mirror=0.5, size=0.15, bones=0.1, reverse=0.25, mix=0.2),
        gate_subjects=GATE_SUBJECTS,
        steps=14_000,
        batch=32,
        lr=1.5e-3,
        warm_up=100,
        ema=0.999,
        threads=1,
        workers=1,
        save_every=500,
    )


def studio_repair_tilted() -> TrainConfig:
    """studio-repair trained further: also bodies that lie, lean and get up."""
    start = studio_repair()
    augment = replace(start.augment, tilt=0.25)
    return replace(
        start,
        name="studio-repair-tilted",
        start_from=model_of(start.name),
        augment=augment,
        steps=16_000,
        patience=5,
        lr=8e-4,
        objective=REPAIR_FROM_START,
    )


def studio_repair_riding() -> TrainConfig:
    """studio-repair-tilted trained further: with the classical fill relative to other joints, and more gaps of single joints."""
    start = studio_repair_tilted()
    model = replace(start.model, riding=True)
    return replace(
        start,
        name="studio-repair-riding",
        model=model,
        objective=REPAIR_SINGLE,
        start_from=model_of(start.name),
        steps=2_500,
        patience=0,
        lr=4e-4,
    )


def studio_repair_varied() -> TrainConfig:
    """studio-repair-riding trained further: limbs at other angles, motion that halts, joints shifted by the error of visible neighbours."""
    start = studio_repair_riding()
    augment = replace(start.augment, posed=0.3, halts=0.25)
    return replace(
        start,
        name="studio-repair-varied",
        start_from=model_of(start.name),
        augment=augment,
        objective=replace(REPAIR_SINGLE, follow_neighbours=True),
        steps=8_000,
        patience=5,
        lr=8e-4,
    )


def studio_repair_short() -> TrainConfig:
    """studio-repair-varied trained further: short takes."""
    start = studio_repair_varied()
    augment = replace(start.augment, short=0.4)
    return replace(start, name="studio-repair-short", start_from=model_of(start.name), augment=augment, steps=6_000, lr=6e-4)


def studio_repair_low() -> TrainConfig:
    """studio-repair-short trained further: bodies that sit, squat, kneel and lie down."""
    start = studio_repair_short()
    augment = replace(start.augment, lowered=0.3, low=0.15)
    return replace(start, name="studio-repair-low", start_from=model_of(start.name), augment=augment, steps=24_000, patience=0, lr=1e-3)


def studio_repair_more() -> TrainConfig:
    """studio-repair-low trained further, on other windows of the same kind, in full precision."""
    start = studio_repair_low()
    return replace(start, name="studio-repair-more", start_from=model_of(start.name), seed=2, steps=20_000, bf16=False)


def studio_repair_everybody() -> TrainConfig:
    """studio-repair-more trained further on everybody's poses, those of GATE_SUBJECTS too; the gate stays as it is. This one ships."""
    start = studio_repair_more()
    return replace(
        start,
        name="studio-repair-everybody",
        model=replace(start.model, judged=True),
        start_from=exported(start.name),
        gate_subjects=(),
        augment=replace(start.augment, low=0.25),
        seed=3,
        steps=12_000,
        lr=7e-4,
    )


def studio_lift() -> TrainConfig:
    """The model that ships for lifting: keypoints as detectors give them, swaps, drop-outs and long gaps included."""
    return TrainConfig(
        "studio-lift",
        ModelConfig("lift", 81, channels=192, hidden=384, layers=4, dropout=0.0, partial=True, decoder="direct"),
        LiftingConfig(),
        augment=Augment(warp=(0.7, 1.4), mirror=0.5, size=0.1, bones=0.1, reverse=0.25, mix=0.2),
        gate_subjects=GATE_SUBJECTS,
        steps=8_000,
        batch=32,
        lr=1.5e-3,
        warm_up=100,
        ema=0.999,
        threads=1,
        workers=1,
        save_every=500,
    )


def studio_lift_limbs() -> TrainConfig:
    """studio-lift trained further: limbs that are missing in a whole window. This is the one that ships."""
    objective = LiftingConfig(partial_2d=0.3, limbs_2d=0.35)
    return replace(studio_lift(), name="studio-lift-limbs", objective=objective, start_from=model_of("studio-lift"), steps=4_000, lr=7e-4)


def studio_lift_243() -> TrainConfig:
    """studio-lift-limbs trained further with windows of 243 frames: 8 s instead of 2.7 s."""
    start = studio_lift_limbs()
    return replace(
        start,
        name="studio-lift-243",
        model=replace(start.model, frames=243),
        start_from=model_of(start.name),
        steps=2_500,
        batch=12,
        lr=5e-4,
        save_every=250,
    )


RECIPES: dict[str, Callable[[], TrainConfig]] = {
    "paper-pretrain-243": paper_pretrain_243,
    "paper-pretrain-81": paper_pretrain_81,
    "paper-pretrain-27": paper_pretrain_27,
    "paper-pretrain-completion": paper_pretrain_completion,
    "paper-pretrain-3dhp": paper_pretrain_3dhp,
    "paper-lift-243": paper_lift_243,
    "paper-lift-243-light": paper_lift_243_light,
    "paper-lift-81": paper_lift_81,
    "paper-lift-27": paper_lift_27,
    "paper-lift-3dhp": paper_lift_3dhp,
    "paper-complete": paper_complete,
    "paper-complete-2d": paper_complete_2d,
    "studio-repair": studio_repair,
    "studio-repair-tilted": studio_repair_tilted,
    "studio-repair-riding": studio_repair_riding,
    "studio-repair-varied": studio_repair_varied,
    "studio-repair-short": studio_repair_short,
    "studio-repair-low": studio_repair_low,
    "studio-repair-more": studio_repair_more,
    "studio-repair-everybody": studio_repair_everybody,
    "studio-lift": studio_lift,
    "studio-lift-limbs": studio_lift_limbs,
    "studio-lift-243": studio_lift_243,
}
