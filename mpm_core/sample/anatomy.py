"""One adult's bones: joints, their offsets, and markers and keypoints on the body. Metres; x forward, y left, z up; T-pose.

Segment lengths are shares of body height after Drillis and Contini (1966), as printed in Winter, Biomechanics and Motor Control of Human
Movement (2009), figure 4.1. Hip joint centres lie 36 % of the ASIS distance from the midline, 30 % below and 22 % behind them (Bell et al.,
Journal of Biomechanics 1990).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mpm_core.body.joints import body17
from mpm_core.typing import Float

HEIGHT_M = 1.75
THIGH, SHANK, ANKLE_HEIGHT = 0.245 * HEIGHT_M, 0.246 * HEIGHT_M, 0.039 * HEIGHT_M
UPPER_ARM, FOREARM, HAND = 0.186 * HEIGHT_M, 0.146 * HEIGHT_M, 0.108 * HEIGHT_M
ASIS_WIDTH = 0.25
HIP_HALF = 0.36 * ASIS_WIDTH
SHOULDER_HALF = 0.105 * HEIGHT_M  # joint centres lie inside the acromia, which are 0.129 H from the midline
HEEL_3 = np.array([-0.06, 0.0, -ANKLE_HEIGHT])  # the heel's contact point, from the ankle
BALL_3 = np.array([0.13, 0.0, 0.02 - ANKLE_HEIGHT])  # the joint at the ball of the foot, 2 cm above the floor


@dataclass(frozen=True, slots=True)
class Joint:
    """name as MotionBuilder has it; parent: name or ''; offset: from the parent in T-pose, metres."""

    name: str
    parent: str
    offset: tuple[float, float, float]


def _side(side: str, sign: int) -> tuple[Joint, ...]:
    clavicle = 0.02
    return (
        Joint(f"{side}Shoulder", "Spine1", (0.0, sign * clavicle, 0.145 * HEIGHT_M)),
        Joint(f"{side}Arm", f"{side}Shoulder", (0.0, sign * (SHOULDER_HALF - clavicle), 0.0)),
        Joint(f"{side}ForeArm", f"{side}Arm", (0.0, sign * UPPER_ARM, 0.0)),
        Joint(f"{side}Hand", f"{side}ForeArm", (0.0, sign * FOREARM, 0.0)),
        Joint(f"{side}HandEnd", f"{side}Hand", (0.0, sign * HAND, 0.0)),
    )


def _leg(side: str, sign: int) -> tuple[Joint, ...]:
    return (
        Joint(f"{side}UpLeg", "Hips", (0.0, sign * HIP_HALF, 0.0)),
        Joint(f"{side}Leg", f"{side}UpLeg", (0.0, 0.0, -THIGH)),
        Joint(f"{side}Foot", f"{side}Leg", (0.0, 0.0, -SHANK)),
        Joint(f"{side}ToeBase", f"{side}Foot", (float(BALL_3[0]), 0.0, float(BALL_3[2]))),
        Joint(f"{side}ToeBaseEnd", f"{side}ToeBase", (0.065, 0.0, -0.008)),
    )


JOINTS: tuple[Joint, ...] = (
    Joint("Hips", "", (0.0, 0.0, 0.530 * HEIGHT_M)),
    *_leg("Left", 1),
    *_leg("Right", -1),
    Joint("Spine", "Hips", (0.0, 0.0, 0.058 * HEIGHT_M)),
    Joint("Spine1", "Spine", (0.0, 0.0, 0.085 * HEIGHT_M)),
    Joint("Neck", "Spine1", (0.0, 0.0, 0.162 * HEIGHT_M)),
    Joint("Head", "Neck", (0.01, 0.0, 0.075 * HEIGHT_M)),
    Joint("HeadEnd", "Head", (0.0, 0.0, 0.090 * HEIGHT_M)),
    *_side("Left", 1),
    *_side("Right", -1),
)
NAMES: tuple[str, ...] = tuple(joint.name for joint in JOINTS)
PARENTS: tuple[int, ...] = tuple(NAMES.index(joint.parent) if joint.parent else -1 for joint in JOINTS)
OFFSETS_J3: Float = np.array([joint.offset for joint in JOINTS])

BODY17 = body17().names
# The joint of each of the 17; the hip is the midpoint of the hip joints, the position of Hips.
BODY17_JOINTS: tuple[str, ...] = (
    "Hips", "RightUpLeg", "RightLeg", "RightFoot", "LeftUpLeg", "LeftLeg", "LeftFoot", "Spine1", "Neck", "Head", "HeadEnd",
    "LeftArm", "LeftForeArm", "LeftHand", "RightArm", "RightForeArm", "RightHand",
)  # fmt: skip

Place = tuple[str, tuple[float, float, float]]  # a joint's name and a point in its frame
MIDDLE_MARKERS: dict[str, Place] = {
    "C7": ("Spine1", (-0.075, 0.0, 0.275)), "T10": ("Spine1", (-0.115, 0.0, 0.06)), "CLAV": ("Spine1", (0.075, 0.0, 0.235)),
    "STRN": ("Spine1", (0.115, 0.0, 0.085)), "RBAK": ("Spine1", (-0.11, -0.09, 0.15)),
}  # fmt: skip
# Left side; the right side is its mirror image. Plug-in Gait's full-body set.
SIDE_MARKERS: dict[str, Place] = {
    "FHD": ("Head", (0.075, 0.065, 0.085)), "BHD": ("Head", (-0.095, 0.06, 0.08)),
    "SHO": ("LeftShoulder", (0.0, SHOULDER_HALF - 0.025, 0.05)), "UPA": ("LeftArm", (-0.02, 0.15, 0.045)),
    "ELB": ("LeftForeArm", (0.0, -0.005, 0.045)), "FRM": ("LeftForeArm", (0.02, 0.12, 0.035)),
    "WRA": ("LeftForeArm", (0.035, FOREARM, -0.005)), "WRB": ("LeftForeArm", (-0.035, FOREARM, 0.005)),
    "FIN": ("LeftHand", (0.01, 0.08, 0.025)),
    "ASI": ("Hips", (0.22 * ASIS_WIDTH, 0.5 * ASIS_WIDTH, 0.30 * ASIS_WIDTH)), "PSI": ("Hips", (-0.12, 0.045, 0.085)),
    "THI": ("LeftUpLeg", (0.02, 0.085, -0.24)), "KNE": ("LeftUpLeg", (0.0, 0.055, -THIGH)),
    "TIB": ("LeftLeg", (0.01, 0.05, -0.21)), "ANK": ("LeftLeg", (0.0, 0.042, -SHANK)),
    "HEE": ("LeftFoot", (-0.065, 0.0, -0.03)), "TOE": ("LeftFoot", (0.12, 0.01, -0.012)),
}  # fmt: skip
# Further keypoints of BODY_25.
FACE: dict[str, Place] = {
    "nose": ("Head", (0.115, 0.0, 0.015)), "eye": ("Head", (0.095, 0.032, 0.045)), "ear": ("Head", (0.005, 0.075, 0.02)),
    "big_toe": ("LeftToeBase", (0.055, -0.025, 0.0)), "small_toe": ("LeftToeBase", (0.02, 0.045, -0.005)),
    "heel": ("LeftFoot", (-0.05, 0.0, -0.05)),
}  # fmt: skip


def right(place: Place) -> Place:
    """The mirrored point on the right side."""
    joint, (x, y, z) = place
    return joint.replace("Left", "Right"), (x, -y, z)


def markers() -> dict[str, Place]:
    """The 39 markers, label -> place."""
    left = {f"L{name}": place for name, place in SIDE_MARKERS.items()}
    return left | {f"R{name}": right(place) for name, place in SIDE_MARKERS.items()} | MIDDLE_MARKERS


def body25() -> tuple[Place, ...]:
    """OpenPose's BODY_25 in its order; joints are at their centres."""

    def at(joint: str) -> Place:
        return joint, (0.0, 0.0, 0.0)

    arms = [at(f"{side}{part}") for side in ("Right", "Left") for part in ("Arm", "ForeArm", "Hand")]
    legs = [at(f"{side}{part}") for side in ("Right", "Left") for part in ("UpLeg", "Leg", "Foot")]
    face = [right(FACE["eye"]), FACE["eye"], right(FACE["ear"]), FACE["ear"]]
    feet = [FACE[name] for name in ("big_toe", "small_toe", "heel")]
    return (FACE["nose"], at("Neck"), *arms, at("Hips"), *legs, *face, *feet, *map(right, feet))
