"""The runs of the networks that ship, studio-*."""

from __future__ import annotations

from dataclasses import replace

from mpm_core.model.config import ModelConfig
from mpm_train.config import Augment, TrainConfig
from mpm_train.objectives.config import LiftingConfig, RayLiftingConfig, RepairConfig
from mpm_train.recipes.files import exported, model_of

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
        model=replace(start.model, gated=True),
        start_from=exported(start.name),
        gate_subjects=(),
        augment=replace(start.augment, low=0.25),
        seed=3,
        steps=12_000,
        lr=7e-4,
    )


def studio_lift() -> TrainConfig:
    """Lifting: keypoints as detectors give them, swaps, drop-outs and long gaps included."""
    return replace(
        studio_repair(),
        name="studio-lift",
        model=ModelConfig("lift", 81, channels=192, hidden=384, layers=4, dropout=0.0, partial=True, decoder="direct"),
        objective=LiftingConfig(),
        augment=Augment(warp=(0.7, 1.4), mirror=0.5, size=0.1, bones=0.1, reverse=0.25, mix=0.2),
        steps=8_000,
    )


def studio_lift_limbs() -> TrainConfig:
    """studio-lift trained further: limbs that are missing in a whole window."""
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


def studio_lift_ground() -> TrainConfig:
    """Of the lifting network that ships: which way is up, and feet at rest, from keypoints as rays and cameras held in any way. The poses
    stay those of studio-lift-limbs.
    """
    start = studio_lift_limbs()
    return replace(
        start,
        name="studio-lift-ground",
        model=replace(start.model, decoder="rays"),
        objective=RayLiftingConfig(learns="ground"),
        augment=replace(start.augment, bones=0.15, size=0.15, reverse=0.5, lowered=0.1, tilt=0.05),
        start_from=model_of(start.name),
        gate_subjects=(),
        steps=2_000,
        batch=128,
        workers=0,
        lr=2e-3,
        save_every=200,
    )


def studio_lift_world() -> TrainConfig:
    """studio-lift-ground with the poses trained further: keypoints as rays, cameras held in any way, the joints of other rigs."""
    start = studio_lift_ground()
    return replace(
        start,
        name="studio-lift-world",
        objective=RayLiftingConfig(),
        start_from=model_of(start.name),
        gate_subjects=GATE_SUBJECTS,
        steps=2_000,
        batch=32,
        lr=1e-3,
        save_every=250,
    )


def studio_lift_everybody() -> TrainConfig:
    """studio-lift-world with the poses trained further on everybody there is motion of: 60 people instead of 24."""
    start = studio_lift_world()
    return replace(start, name="studio-lift-everybody", start_from=model_of(start.name), seed=2, steps=10_000, save_every=500)


def studio_lift_everybody_ground() -> TrainConfig:
    """studio-lift-everybody with the direction of up and the feet at rest trained further, on the same people."""
    start = studio_lift_ground()
    return replace(start, name="studio-lift-everybody-ground", start_from=model_of("studio-lift-everybody"), seed=2, lr=1e-3)


def studio_lift_deeper() -> TrainConfig:
    """studio-lift-everybody-ground with two more layers, its poses trained further on the same people. This one ships."""
    start = studio_lift_everybody()
    return replace(
        start,
        name="studio-lift-deeper",
        model=replace(start.model, layers=6),
        start_from=model_of("studio-lift-everybody-ground"),
        seed=3,
        steps=12_000,
    )
