"""Joint centres from marker places on the body, by published regressions. F frames; metres; NaN = missing, and results that need it are
NaN.

Places are the roles of resources/skeletons/markers.toml. Where the literature has no number for a joint as the 17 joints define it (base of
the neck, head), offsets are anthropometric, given below.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from mpm_core.body.axes import axes, hinge_left, unit
from mpm_core.body.joints import body17
from mpm_core.typing import Float

MARKER_RADIUS = 0.007
KNEE_HALF, ANKLE_HALF, ELBOW_HALF = 0.052, 0.036, 0.035  # adult joint breadths, halved
USUAL_ASIS = 0.25  # distance between the ASIS that these breadths belong to; they are scaled with it
ASIS_RANGE = (0.14, 0.36)
SHOULDER_DROP = 0.17  # of the distance between the acromia
BAND_TO_SKULL_BASE, BAND_TO_TOP = 0.08, 0.075  # from the middle of a head band, along the head's own up
CROWN_TO_SKULL_BASE = 0.155
USUAL_DEPTH, USUAL_ACROMIA = 0.16, 0.36  # of an adult's pelvis; between the acromia: used where they cannot be measured
ITERATIONS = 4  # of a joint's centre and of the axis through it, each found from the other
MOST_FRAMES = 50  # over which the direction of such an axis is interpolated


def centres(places: Mapping[str, Float], frames: int) -> Float:
    """(F, 17, 3) joints in body17's order from {role: (F, 3)}. A role that is the name of a joint is that joint."""
    names = body17().names
    unknown = np.full((frames, 3), np.nan)
    joints: dict[str, Float] = {}
    with np.errstate(invalid="ignore"):
        pelvis_F33 = _pelvis(places, joints, unknown)
        torso_F33 = _trunk(places, joints, unknown)
        _head(places, joints)
        breadth = float(np.clip(_median(_width(places, "asis"), USUAL_ASIS), *ASIS_RANGE)) / USUAL_ASIS
        for side, inward in (("left", -1), ("right", 1)):
            _leg(places, joints, side, inward, pelvis_F33, breadth)
            _arm(places, joints, side, inward, torso_F33, breadth)
        joints |= {name: places[name] for name in names if name in places}
        if "hip" not in joints and {"left_hip", "right_hip"} <= joints.keys():
            joints["hip"] = (joints["left_hip"] + joints["right_hip"]) / 2
        if "spine" not in joints and {"hip", "thorax"} <= joints.keys():
            joints["spine"] = (joints["hip"] + joints["thorax"]) / 2
    return np.stack([joints.get(name, unknown) for name in names], axis=1)


def _pelvis(places: Mapping[str, Float], joints: dict[str, Float], unknown: Float) -> Float:
    """Hip joint centres after Harrington et al., Journal of Biomechanics 40 (2007), from pelvic depth and width; returns the axes.

    PD: distance from the middle of the ASIS to the middle of the PSIS (or the sacrum); PW: between the ASIS; medians over the take, so that
    the hips are rigid in the pelvis. The hips are 0.24 PD + 9.9 mm behind, 0.30 PW + 10.9 mm below and 0.33 PW + 7.3 mm beside the middle
    of the ASIS.
    """
    behind = _middle(places, "left_psis", "right_psis")
    if behind is None or not np.isfinite(behind).any():
        behind = places.get("sacrum")
    front = _middle(places, "left_asis", "right_asis")
    if front is None or behind is None:
        left, right = places.get("left_hip"), places.get("right_hip")
        left_F3 = unknown if left is None or right is None else left - right
        return axes(np.broadcast_to([0.0, 0.0, 1.0], unknown.shape), left_F3)
    left_F3 = unit(places["left_asis"] - places["right_asis"])
    ahead_F3 = front - behind
    up_F3 = unit(np.cross(ahead_F3, left_F3))
    axes_F33 = axes(up_F3, left_F3)
    depth, width = _median(np.linalg.norm(ahead_F3, axis=1), USUAL_DEPTH), _median(_width(places, "asis"), USUAL_ASIS)
    for side, sign in (("left", 1), ("right", -1)):
        offset_3 = np.array([-0.24 * depth - 0.0099, sign * (0.33 * width + 0.0073), -0.30 * width - 0.0109])
        joints[f"{side}_hip"] = front + axes_F33 @ offset_3
    return axes_F33


def _trunk(places: Mapping[str, Float], joints: dict[str, Float], unknown: Float) -> Float:
    """Thorax: midpoint of C7 and the clavicular notch. Spine: half way from there to the hip, moved forward or back as T10 and sternum are.

    Shoulders after Rab, Petuskey and Bagley, Gait and Posture 15 (2002): below the acromion along the trunk by 17 % of the distance between
    the acromia. Returns the trunk's axes: left along the acromia, up from T10 and the sternum (else the hip) to the thorax.
    """
    acromia = _middle(places, "left_acromion", "right_acromion")
    hip = _mean(joints.get("left_hip"), joints.get("right_hip"))
    chest = _middle(places, "t10", "sternum")
    notch = places["clavicle"] if "clavicle" in places else _middle(places, "left_clavicle", "right_clavicle")
    thorax = _mean(places.get("c7"), notch)
    if thorax is None:
        thorax = acromia
    if hip is not None:
        joints["hip"] = hip
    if thorax is None:
        return axes(unknown, unknown)
    joints["thorax"] = thorax
    if hip is not None:
        joints["spine"] = (hip + thorax) / 2
        if chest is not None:
            line_F3, aside_F3 = unit(thorax - hip), chest - joints["spine"]
            joints["spine"] = joints["spine"] + aside_F3 - line_F3 * (aside_F3 * line_F3).sum(axis=1, keepdims=True)
    below = chest if chest is not None else hip
    if acromia is None or below is None:
        return axes(unknown, unknown)
    axes_F33 = axes(thorax - below, places["left_acromion"] - places["right_acromion"])
    drop = SHOULDER_DROP * _median(_width(places, "acromion"), USUAL_ACROMIA)
    for side in ("left", "right"):
        joints[f"{side}_shoulder"] = places[f"{side}_acromion"] - drop * axes_F33[..., 2]
    return axes_F33


def _head(places: Mapping[str, Float], joints: dict[str, Float]) -> None:
    """Neck: base of the skull, 8 cm below the middle of a head band; head top: 7.5 cm above it, along the band's normal.

    A marker on the crown is the head top; the neck is then 15.5 cm below, towards the middle of front and rear, else of the ears, else the
    base of the neck.
    """
    front, back = _middle(places, "left_front_head", "right_front_head"), _middle(places, "left_back_head", "right_back_head")
    if front is not None and back is not None:
        left = (places["left_front_head"] + places["left_back_head"]) - (places["right_front_head"] + places["right_back_head"])
        up_F3 = unit(np.cross(front - back, left))
        joints["neck"] = (front + back) / 2 - BAND_TO_SKULL_BASE * up_F3
        joints["head_top"] = (front + back) / 2 + BAND_TO_TOP * up_F3
        return
    crown = places.get("head_crown")
    below = (_middle(places, "head_front", "head_rear"), _middle(places, "left_ear", "right_ear"), joints.get("thorax"))
    line = next((point_F3 for point_F3 in below if point_F3 is not None), None)
    if crown is not None and line is not None:
        joints["head_top"] = crown
        joints["neck"] = crown - CROWN_TO_SKULL_BASE * unit(crown - line)


def _leg(places: Mapping[str, Float], joints: dict[str, Float], side: str, inward: int, pelvis_F33: Float, breadth: float) -> None:
    """Knee and ankle: midpoint of both epicondyles or malleoli, or half a joint's breadth inside the lateral one along the knee's axis.

    The axis is normal to the plane of hip, knee and ankle centres, found by iteration. inward: sign along the left axis, -1 or 1.
    """
    hip, knee, ankle = (_known(places, joints, f"{side}_{role}") for role in ("hip", "lateral_knee", "lateral_ankle"))
    if hip is None or knee is None:
        return
    knee_half, ankle_half = (inward * (half * breadth + MARKER_RADIUS) for half in (KNEE_HALF, ANKLE_HALF))
    centre, lower = knee, ankle
    for _ in range(ITERATIONS):
        left_F3 = hinge_left(hip, centre, 2 * centre - hip if lower is None else lower, pelvis_F33, 1)
        centre = knee + knee_half * left_F3
        lower = None if ankle is None else ankle + ankle_half * left_F3
    left_F3 = _interpolated(left_F3)
    joints[f"{side}_knee"] = _centre(knee, places.get(f"{side}_medial_knee"), knee_half * left_F3)
    if ankle is not None:
        joints[f"{side}_ankle"] = _centre(ankle, places.get(f"{side}_medial_ankle"), ankle_half * left_F3)


def _arm(places: Mapping[str, Float], joints: dict[str, Float], side: str, inward: int, torso_F33: Float, breadth: float) -> None:
    """Wrist: the middle of both styloids, or the one marker there is. Elbow: as the knee, along the axis of shoulder, elbow and wrist."""
    wrist = _middle(places, f"{side}_radial_wrist", f"{side}_ulnar_wrist")
    if wrist is None:
        wrist = places.get(f"{side}_wrist")
    if wrist is not None:
        joints[f"{side}_wrist"] = wrist
    shoulder, elbow = (_known(places, joints, f"{side}_{role}") for role in ("shoulder", "lateral_elbow"))
    if shoulder is None or elbow is None:
        return
    half = inward * (ELBOW_HALF * breadth + MARKER_RADIUS)
    centre = elbow
    for _ in range(ITERATIONS):
        left_F3 = hinge_left(shoulder, centre, 2 * centre - shoulder if wrist is None else wrist, torso_F33, -1)
        centre = elbow + half * left_F3
    joints[f"{side}_elbow"] = _centre(elbow, places.get(f"{side}_medial_elbow"), half * _interpolated(left_F3))


def _centre(outer_F3: Float, inner_F3: Float | None, offset_F3: Float) -> Float:
    """Midpoint of the outer and inner marker if the inner one is visible in most frames, else the outer one plus the offset."""
    if inner_F3 is not None:
        both_F = np.isfinite(outer_F3 + inner_F3).all(axis=1)
        if both_F.sum() * 2 > np.isfinite(outer_F3).all(axis=1).sum():
            return (outer_F3 + inner_F3) / 2
    return outer_F3 + offset_F3


def _interpolated(direction_F3: Float) -> Float:
    """Directions interpolated over frames in which they are unknown, up to MOST_FRAMES from a known one."""
    known = np.flatnonzero(np.isfinite(direction_F3).all(axis=1))
    if not len(known) or len(known) == len(direction_F3):
        return direction_F3
    frames = np.arange(len(direction_F3))
    next_known = np.searchsorted(known, frames)
    distance_F = np.minimum(
        np.abs(frames - known[np.minimum(next_known, len(known) - 1)]), np.abs(frames - known[np.maximum(next_known - 1, 0)])
    )
    interpolated_F3 = unit(np.stack([np.interp(frames, known, direction_F3[known, axis]) for axis in range(3)], axis=1))
    return np.where((distance_F <= MOST_FRAMES)[:, None], interpolated_F3, np.nan)


def _known(places: Mapping[str, Float], joints: Mapping[str, Float], name: str) -> Float | None:
    """A joint computed before or given by the user, or a place."""
    return places.get(name, joints.get(name))


def _middle(places: Mapping[str, Float], a: str, b: str) -> Float | None:
    return _mean(places.get(a), places.get(b))


def _mean(a: Float | None, b: Float | None) -> Float | None:
    return None if a is None or b is None else (a + b) / 2


def _width(places: Mapping[str, Float], role: str) -> Float:
    """(F,) distance between the left and the right marker of a role; empty where one is not in the set."""
    left, right = places.get(f"left_{role}"), places.get(f"right_{role}")
    return np.zeros(0) if left is None or right is None else np.linalg.norm(left - right, axis=1)


def _median(values_F: Float, otherwise: float) -> float:
    known = values_F[np.isfinite(values_F)]
    return float(np.median(known)) if len(known) else otherwise
