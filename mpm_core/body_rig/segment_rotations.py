"""The axes of the body's segments in each frame, from its joints and, where there are some, its markers. F frames.

Axes as in mpm_core/body/axes.py: x forward, y left, z up, for a person who stands with hanging arms; NaN where they are not known.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from mpm_core.body.axes import SEGMENTS, UP, axes, segment_axes, swing, unit
from mpm_core.body.joints import body17
from mpm_core.body_rig.joints import SIDES
from mpm_core.body_rig.seen_body import SeenBody
from mpm_core.gaps import known
from mpm_core.typing import Float

LIMBS = {"thigh": "UpLeg", "shank": "Leg", "upper_arm": "Arm", "forearm": "ForeArm"}
FLAT_TOE = 0.356  # how far below the ankle a toe is, as a share of their distance, in a foot that is flat on the floor


def segment_rotations(seen: SeenBody, frames: int) -> dict[str, Float]:
    """(F, 3, 3) axes by segment of the rig, for those that can be known."""
    unknown_F3 = np.full((frames, 3), np.nan)
    points = {name: seen.points.get(name, unknown_F3) for name in body17().names}
    _, axes_FS33 = segment_axes(np.stack(list(points.values()), axis=1))
    known = {segment: axes_FS33[:, number] for number, segment in enumerate(SEGMENTS)}
    level_F33 = axes(np.broadcast_to(UP, (frames, 3)), points["left_hip"] - points["right_hip"])
    pelvis_F33 = np.where(np.isfinite(known["pelvis"]), known["pelvis"], level_F33)
    found = {"Hips": pelvis_F33, "Spine": known["pelvis"], "Spine1": known["torso"]}
    found["Neck"] = axes(points["neck"] - points["thorax"], known["torso"][..., 1])
    left_F3 = _left_of_head(seen.roles)
    found["Head"] = known["head"] if left_F3 is None else axes(points["head_top"] - points["neck"], left_F3)
    for side, Side in SIDES:
        for segment, joint in LIMBS.items():
            found[f"{Side}{joint}"] = known[f"{side}_{segment}"]
        found[f"{Side}Shoulder"] = _collar(known["torso"], points[f"{side}_shoulder"] - points["thorax"])
        found[f"{Side}ForeArm"] = _forearm(found[f"{Side}ForeArm"], seen.roles, side)
        found[f"{Side}Hand"] = _hand(found[f"{Side}ForeArm"], seen.points, side)
        found[f"{Side}Foot"] = _foot(found[f"{Side}Leg"], seen.points, side)
    return found


def _left_of_head(roles: Mapping[str, Float]) -> Float | None:
    """(F, 3) from the right markers on the head to the left ones."""
    pairs = [(f"left_{role}", f"right_{role}") for role in ("front_head", "back_head", "ear")]
    across = [roles[left] - roles[right] for left, right in pairs if left in roles and right in roles]
    return np.asarray(sum(across[1:], across[0])) if across else None


def _collar(torso_F33: Float, along_F3: Float) -> Float:
    """The torso's axes, turned the shortest way from where the shoulder is on median to where it is; NaN where these are opposite."""
    local_F3 = np.einsum("fij,fi->fj", torso_F33, along_F3)
    usual_3 = np.median(local_F3[known(local_F3)], axis=0) if known(local_F3).any() else np.full(3, np.nan)
    usual_F3 = torso_F33 @ usual_3
    up_F3, left_F3 = (swing(torso_F33[..., axis], usual_F3, along_F3) for axis in (2, 1))
    return axes(up_F3, left_F3)  # where these are nearly opposite, what `swing` makes of three axes is not a rotation


def _forearm(hinge_F33: Float, roles: Mapping[str, Float], side: str) -> Float:
    """Turned as the markers on both sides of the wrist are: the thumb's side is in front where an arm hangs."""
    radial, ulnar = roles.get(f"{side}_radial_wrist"), roles.get(f"{side}_ulnar_wrist")
    if radial is None or ulnar is None:
        return hinge_F33
    seen_F33 = axes(hinge_F33[..., 2], np.cross(hinge_F33[..., 2], unit(radial - ulnar)))
    return np.where(np.isfinite(seen_F33), seen_F33, hinge_F33)


def _hand(forearm_F33: Float, points: Mapping[str, Float], side: str) -> Float:
    hand, wrist = points.get(f"{side}_hand"), points.get(f"{side}_wrist")
    if hand is None or wrist is None:
        return forearm_F33
    return axes(wrist - hand, forearm_F33[..., 1])


def _foot(shank_F33: Float, points: Mapping[str, Float], side: str) -> Float:
    """x from the heel to the toe, else from the ankle to the toe, as it is in a flat foot; y as near as can be to the shank's."""
    toe, heel, ankle = (points.get(f"{side}_{part}") for part in ("toe", "heel", "ankle"))
    if toe is None or ankle is None:
        return shank_F33
    along_F3 = unit(toe - (ankle if heel is None else heel))
    up_F3 = unit(np.cross(along_F3, shank_F33[..., 1]))
    if heel is None:
        along_F3 = along_F3 * np.sqrt(1 - FLAT_TOE**2) + up_F3 * FLAT_TOE
        up_F3 = unit(np.cross(along_F3, shank_F33[..., 1]))
    return axes(up_F3, shank_F33[..., 1])
