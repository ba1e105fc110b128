"""The whole body in motion: pelvis over planted feet, legs by two-bone geometry, trunk and arms counter-rotating. Metres, Z up."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import maximum_filter1d
from scipy.spatial.transform import Rotation

from mpm_core.sample import anatomy
from mpm_core.sample.anatomy import FOREARM, NAMES, OFFSETS_J3, PARENTS, SHANK, THIGH, UPPER_ARM
from mpm_core.sample.curves import bump
from mpm_core.sample.feet import Foot, walk_foot
from mpm_core.sample.plan import SIT, SIT_BACK, Plan, make_plan, smooth
from mpm_core.typing import Float

SEAT_M = 0.53  # height of hip joint centres when seated, on a stool of 44 cm
SHELF_3 = np.array([0.58, -0.18, 1.48])  # target of the right wrist, relative to the pelvis on the floor
STRAIGHTEST = float(np.sqrt(THIGH**2 + SHANK**2 + 2 * THIGH * SHANK * np.cos(np.radians(4.0))))
SIDES = (("Left", 1), ("Right", -1))


@dataclass(frozen=True, slots=True)
class Motion:
    """positions_FJ3: joint centres; rotations_FJ33: each joint's frame in the world (identity in T-pose facing x); feet by side."""

    plan: Plan
    positions_FJ3: Float
    rotations_FJ33: Float
    feet: dict[str, Foot]

    def joint(self, name: str) -> Float:
        return self.positions_FJ3[:, NAMES.index(name)]

    def place(self, place: anatomy.Place) -> Float:
        """(F, 3) of a point that is fixed in a joint's frame."""
        joint = NAMES.index(place[0])
        return np.asarray(self.positions_FJ3[:, joint] + self.rotations_FJ33[:, joint] @ np.array(place[1]))

    def body17(self) -> Float:
        """(F, 17, 3) of the body joints."""
        return self.positions_FJ3[:, [NAMES.index(name) for name in anatomy.BODY17_JOINTS]]


def make_motion() -> Motion:
    """The skeleton's rotations and positions in every frame of the plan."""
    plan = make_plan()
    feet = {side: walk_foot(plan.time_F, plan.steps[side]) for side, _ in SIDES}
    frames = len(plan.time_F)
    rotations_FJ33 = np.broadcast_to(np.eye(3), (frames, len(NAMES), 3, 3)).copy()
    positions_FJ3 = np.zeros((frames, len(NAMES), 3))
    stride_F = _stride(plan, feet)
    hips_F33 = _trunk(plan, feet, stride_F, rotations_FJ33)
    positions_FJ3[:, 0] = _pelvis(plan, feet, hips_F33)
    motion = Motion(plan, positions_FJ3, rotations_FJ33, feet)
    for side, _ in SIDES:
        _leg(motion, side)
    _forward(motion)
    for side, sign in SIDES:
        _arm(motion, side, sign, stride_F)
    _forward(motion)
    return motion


def _forward(motion: Motion) -> None:
    for joint, parent in enumerate(PARENTS):
        if parent >= 0:
            motion.positions_FJ3[:, joint] = motion.positions_FJ3[:, parent] + motion.rotations_FJ33[:, parent] @ OFFSETS_J3[joint]
            if NAMES[joint].endswith("End"):
                motion.rotations_FJ33[:, joint] = motion.rotations_FJ33[:, parent]


def _stride(plan: Plan, feet: dict[str, Foot]) -> Float:
    """How far the right foot is ahead of the left along the heading, metres."""
    ahead_F3 = feet["Right"].ankle_F3 - feet["Left"].ankle_F3
    return smooth(ahead_F3[:, 0] * np.cos(plan.yaw_F) + ahead_F3[:, 1] * np.sin(plan.yaw_F), 0.06)


def _on_left(feet: dict[str, Foot], seconds: float = 0.1) -> Float:
    """+1 while only the left foot is on the floor, -1 for the right one, with transitions of the given duration."""
    return smooth(feet["Left"].down_F.astype(np.float64) - feet["Right"].down_F, seconds)


def _trunk(plan: Plan, feet: dict[str, Foot], stride_F: Float, rotations_FJ33: Float) -> Float:
    """Turns pelvis, spine, neck and head; returns the pelvis's frames.

    Walking excursions after Perry and Burnfield (2010): the pelvis turns 5 degrees each way about the vertical and 4 about the line of
    progression, the thorax as much against it.
    """
    bow_F = 34 * bump(plan.time_F, SIT[0] - 0.1, SIT[1] + 0.2)
    pelvis = (np.degrees(plan.yaw_F) + 7 * stride_F, 0.45 * bow_F + 3 - 8 * plan.sit_F, 4 * _on_left(feet))
    thorax = (np.degrees(plan.yaw_F) - 8 * stride_F + 14 * plan.reach_F, bow_F + 2 + 5 * plan.reach_F, -1.5 * _on_left(feet))
    ahead_F = np.interp(plan.time_F + 0.25, plan.time_F, np.degrees(plan.yaw_F))  # the eyes lead a turn
    head = (ahead_F, 0.4 * bow_F + 3 + 4 * np.sin(0.9 * plan.time_F), np.zeros_like(bow_F))
    for name, share in (("Hips", 0.0), ("Spine", 0.5), ("Spine1", 1.0), ("LeftShoulder", 1.0), ("RightShoulder", 1.0)):
        rotations_FJ33[:, NAMES.index(name)] = _between(pelvis, thorax, share)
    for name, share in (("Neck", 0.5), ("Head", 1.0)):
        rotations_FJ33[:, NAMES.index(name)] = _between(thorax, head, share)
    return rotations_FJ33[:, 0]


def _between(start: tuple[Float, ...], stop: tuple[Float, ...], share: float) -> Float:
    """Frames turned by yaw, pitch (forward positive) and roll (left up positive), in degrees, a share of the way between two sets."""
    angles_F3 = np.stack([a + share * (b - a) for a, b in zip(start, stop, strict=True)], axis=1)
    return np.asarray(Rotation.from_euler("ZYX", angles_F3, degrees=True).as_matrix())


def _pelvis(plan: Plan, feet: dict[str, Foot], hips_F33: Float) -> Float:
    """The pelvis over the feet: 2 cm towards the stance foot, at the height of its published knee angle, within the reach of both legs.

    While sitting down it moves back and onto the stool.
    """
    forward_F2 = np.stack([np.cos(plan.yaw_F), np.sin(plan.yaw_F)], axis=1)
    left_F2 = np.stack([-forward_F2[:, 1], forward_F2[:, 0]], axis=1)
    on_left_F = _on_left(feet)
    xy_F2 = plan.xy_F2 + 0.02 * on_left_F[:, None] * left_F2 - SIT_BACK * plan.sit_F[:, None] * forward_F2
    wanted: dict[str, Float] = {}
    most = np.full(len(xy_F2), np.inf)
    for side, _ in SIDES:
        hip_F3 = hips_F33 @ OFFSETS_J3[NAMES.index(f"{side}UpLeg")]
        across_F = np.linalg.norm(xy_F2 + hip_F3[:, :2] - feet[side].ankle_F3[:, :2], axis=1)
        low_F = feet[side].ankle_F3[:, 2] - hip_F3[:, 2]
        wanted[side] = low_F + np.sqrt(np.maximum(feet[side].reach_F ** 2 - across_F**2, 0.01))
        most = np.minimum(most, low_F + np.sqrt(np.maximum(STRAIGHTEST**2 - across_F**2, 0.01)))
    share_F = (1 + _on_left(feet, 0.06)) / 2
    height_F = smooth(np.minimum(share_F * wanted["Left"] + (1 - share_F) * wanted["Right"], most), 0.05)
    height_F = height_F - smooth(maximum_filter1d(np.maximum(height_F - most, 0), 21), 0.04)
    height_F = height_F + plan.sit_F * (SEAT_M - height_F)
    return np.column_stack([xy_F2, height_F])


def _leg(motion: Motion, side: str) -> None:
    foot = motion.feet[side]
    hips_F33 = motion.rotations_FJ33[:, 0]
    hip_F3 = motion.positions_FJ3[:, 0] + hips_F33 @ OFFSETS_J3[NAMES.index(f"{side}UpLeg")]
    toward_F3 = hips_F33[:, :, 0] + foot.rotation_F33[:, :, 0] * [1, 1, 0]
    knee_F3 = _two_bones(hip_F3, foot.ankle_F3, toward_F3, THIGH, SHANK)
    hinge_F3 = _unit(np.cross(toward_F3, foot.ankle_F3 - hip_F3))
    motion.rotations_FJ33[:, NAMES.index(f"{side}UpLeg")] = _upright(_unit(hip_F3 - knee_F3), hinge_F3)
    motion.rotations_FJ33[:, NAMES.index(f"{side}Leg")] = _upright(_unit(knee_F3 - foot.ankle_F3), hinge_F3)
    motion.rotations_FJ33[:, NAMES.index(f"{side}Foot")] = foot.rotation_F33
    motion.rotations_FJ33[:, NAMES.index(f"{side}ToeBase")] = foot.toes_F33


def _arm(motion: Motion, side: str, sign: int, stride_F: Float) -> None:
    """One arm: swinging against the legs, the hand on the thigh when seated, and the right hand to the shelf.

    Swing after Murray et al. (1967): the shoulder goes from 24 degrees back to 8 ahead, the elbow bends as it comes forward.
    """
    plan = motion.plan
    sit_F, thorax_F33 = plan.sit_F, motion.rotations_FJ33[:, NAMES.index("Spine1")]
    swing_F = sign * 25 * stride_F
    flex_F = -7 + swing_F + sit_F * 16
    elbow_F = 17 + 0.5 * (swing_F + 16) + sit_F * 42
    shoulder = thorax_F33 @ Rotation.from_euler("XY", np.stack([np.full_like(flex_F, sign * 8), -flex_F], 1), degrees=True).as_matrix()
    inward = Rotation.from_euler("ZY", np.stack([-sign * (10 + 8 * sit_F), -elbow_F], 1), degrees=True).as_matrix()
    down_3 = np.array([0.0, 0.0, -1.0])
    upper_F3, lower_F3 = shoulder @ down_3, shoulder @ inward @ down_3
    if side == "Right":
        upper_F3, lower_F3 = _reaching(motion, upper_F3, lower_F3)
    hinge_F3 = _unit(sign * np.cross(lower_F3, upper_F3))
    for bone, along_F3 in (("Arm", upper_F3), ("ForeArm", lower_F3), ("Hand", lower_F3)):
        motion.rotations_FJ33[:, NAMES.index(f"{side}{bone}")] = _sideways(sign * along_F3, hinge_F3)


def _reaching(motion: Motion, upper_F3: Float, lower_F3: Float) -> tuple[Float, Float]:
    """The right arm's two directions with the wrist moved towards the shelf by the plan's share; unchanged where that is 0."""
    plan, shoulder_F3 = motion.plan, motion.joint("RightArm")
    elbow_F3 = UPPER_ARM * upper_F3
    wrist_F3 = elbow_F3 + FOREARM * lower_F3
    heading = Rotation.from_euler("Z", plan.yaw_F[:, None]).as_matrix()
    shelf_F3 = np.column_stack([plan.xy_F2, np.zeros(len(plan.yaw_F))]) + heading @ SHELF_3 - shoulder_F3
    goal_F3 = wrist_F3 + plan.reach_F[:, None] * (shelf_F3 - wrist_F3)
    bent_F3 = _two_bones(np.zeros_like(goal_F3), goal_F3, elbow_F3, UPPER_ARM, FOREARM)
    return _unit(bent_F3), _unit(goal_F3 - bent_F3)


def _two_bones(start_F3: Float, end_F3: Float, toward_F3: Float, first: float, second: float) -> Float:
    """The joint between two bones from start to end, bent towards a direction. Raises ValueError when the end is out of reach."""
    along_F3 = end_F3 - start_F3
    length_F1 = np.linalg.norm(along_F3, axis=1, keepdims=True)
    if (length_F1 > first + second).any():
        raise ValueError(
            f"a limb would have to stretch to {length_F1.max():.3f} m of {first + second:.3f} m, frame {int(length_F1.argmax())}"
        )
    along_F3 = along_F3 / length_F1
    side_F3 = _unit(toward_F3 - (toward_F3 * along_F3).sum(1, keepdims=True) * along_F3)
    cosine_F1 = (first**2 + length_F1**2 - second**2) / (2 * first * length_F1)
    return np.asarray(start_F3 + first * (cosine_F1 * along_F3 + np.sqrt(np.maximum(1 - cosine_F1**2, 0)) * side_F3))


def _upright(up_F3: Float, left_F3: Float) -> Float:
    """Frames from a bone's z axis and its hinge, y."""
    return np.stack([np.cross(left_F3, up_F3), left_F3, up_F3], axis=2)


def _sideways(left_F3: Float, hinge_F3: Float) -> Float:
    """Frames from a bone's y axis and its hinge, z."""
    return np.stack([np.cross(left_F3, hinge_F3), left_F3, hinge_F3], axis=2)


def _unit(vectors_F3: Float) -> Float:
    return np.asarray(vectors_F3 / np.linalg.norm(vectors_F3, axis=-1, keepdims=True))
