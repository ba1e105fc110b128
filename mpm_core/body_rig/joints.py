"""The joints of the body rig, with the names that other programs know, and what of a take is on which of its segments.

A segment has the name of the joint at which it begins and about which it turns: "LeftLeg" is the shank.
"""

from __future__ import annotations

from dataclasses import dataclass

SIDES = (("left", "Left"), ("right", "Right"))
OUT, DOWN, UP, AHEAD = "out", "down", "up", "ahead"


@dataclass(frozen=True, slots=True)
class RigJoint:
    """One joint. body: the point of the body at which it lies; "lumbar" and collar bones are between two of them.

    way, share: direction and length, in standing heights, of what begins there.

    end: the point of the body at which its End Site lies, if it is a leaf. The lengths are those of Drillis and Contini, as in Winter,
    Biomechanics and Motor Control of Human Movement (2009), for End Sites that no point of the take shows.
    """

    name: str
    parent: str
    body: str
    way: str
    share: float
    end: str = ""


def _limbs() -> tuple[RigJoint, ...]:
    found: list[RigJoint] = []
    for side, Side in SIDES:
        found += [
            RigJoint(f"{Side}Shoulder", "Spine1", f"{side}_collar", OUT, 0.129),
            RigJoint(f"{Side}Arm", f"{Side}Shoulder", f"{side}_shoulder", OUT, 0.186),
            RigJoint(f"{Side}ForeArm", f"{Side}Arm", f"{side}_elbow", OUT, 0.146),
            RigJoint(f"{Side}Hand", f"{Side}ForeArm", f"{side}_wrist", OUT, 0.108),
        ]
    for side, Side in SIDES:
        found += [
            RigJoint(f"{Side}UpLeg", "Hips", f"{side}_hip", DOWN, 0.245),
            RigJoint(f"{Side}Leg", f"{Side}UpLeg", f"{side}_knee", DOWN, 0.246),
            RigJoint(f"{Side}Foot", f"{Side}Leg", f"{side}_ankle", AHEAD, 0.12),
            RigJoint(f"{Side}ToeBase", f"{Side}Foot", f"{side}_toe", AHEAD, 0.04),
            RigJoint(f"{Side}Heel", f"{Side}Foot", f"{side}_heel", DOWN, 0.01),
        ]
    return tuple(found)


JOINTS: tuple[RigJoint, ...] = (
    RigJoint("Hips", "", "hip", UP, 0.05),
    RigJoint("Spine", "Hips", "lumbar", UP, 0.1),
    RigJoint("Spine1", "Spine", "spine", UP, 0.144),
    RigJoint("Neck", "Spine1", "thorax", UP, 0.052),
    RigJoint("Head", "Neck", "neck", UP, 0.13, "head_top"),
    *_limbs(),
)
STIFF = ("ToeBase", "Heel")  # joints that no marker shows turning

ON_SEGMENT: dict[str, tuple[str, ...]] = {
    "Head": ("{side}_front_head", "{side}_back_head", "{side}_ear", "head_crown", "head_front", "head_rear"),
    "Spine1": ("c7", "t10", "clavicle", "sternum", "back", "{side}_clavicle"),
    "Hips": ("{side}_asis", "{side}_psis", "sacrum"),
    "{Side}Shoulder": ("{side}_acromion",),
    "{Side}Arm": ("{side}_upper_arm", "{side}_lateral_elbow", "{side}_medial_elbow"),
    "{Side}ForeArm": ("{side}_forearm", "{side}_radial_wrist", "{side}_ulnar_wrist", "{side}_wrist"),
    "{Side}Hand": ("{side}_hand",),
    "{Side}UpLeg": ("{side}_thigh", "{side}_lateral_knee", "{side}_medial_knee"),
    "{Side}Leg": ("{side}_shank", "{side}_lateral_ankle", "{side}_medial_ankle"),
    "{Side}Foot": ("{side}_heel", "{side}_toe", "{side}_foot"),
}
"""Segment -> roles of the markers on it (resources/skeletons/markers.toml)."""


def segment_of_role() -> dict[str, str]:
    """Role of a marker -> segment that carries it.

    >>> segment_of_role()["left_heel"], segment_of_role()["c7"]
    ('LeftFoot', 'Spine1')
    """
    found: dict[str, str] = {}
    for segment, roles in ON_SEGMENT.items():
        for side, Side in SIDES:
            found |= {role.format(side=side): segment.format(Side=Side) for role in roles}
    return found


def other_side(name: str) -> str:
    """The name of a joint's or a body point's counterpart; itself for the middle ones.

    >>> other_side("LeftLeg"), other_side("right_toe"), other_side("Head")
    ('RightLeg', 'left_toe', 'Head')
    """
    for one, other in (("Left", "Right"), ("Right", "Left"), ("left_", "right_"), ("right_", "left_")):
        if name.startswith(one):
            return other + name.removeprefix(one)
    return name
