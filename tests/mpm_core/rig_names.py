"""What common rigs call the 17 joints: RIGS, by program."""

from __future__ import annotations


def _sides(pattern: dict[str, str], left: str, right: str) -> dict[str, str]:
    return {
        f"{side}_{joint}": name.replace("*", word) for side, word in (("left", left), ("right", right)) for joint, name in pattern.items()
    }


def _rig_names(left: str, right: str, limbs: dict[str, str], middle: dict[str, str]) -> dict[str, str]:
    return _sides(limbs, left, right) | middle


MOTION_BUILDER = {
    "hip": "*UpLeg",
    "knee": "*Leg",
    "ankle": "*Foot",
    "collar": "*Shoulder",
    "shoulder": "*Arm",
    "elbow": "*ForeArm",
    "wrist": "*Hand",
}
RIGS: dict[str, dict[str, str]] = {
    "Mixamo": {
        joint: f"mixamorig:{name}"
        for joint, name in _rig_names(
            "Left",
            "Right",
            MOTION_BUILDER,
            {
                "root": "Hips",
                "low_spine": "Spine",
                "spine": "Spine1",
                "chest": "Spine2",
                "thorax": "Neck",
                "neck": "Head",
                "head_top": "HeadTop_End",
            },
        ).items()
    },
    "Xsens": _rig_names(
        "Left",
        "Right",
        {
            "hip": "*UpperLeg",
            "knee": "*LowerLeg",
            "ankle": "*Foot",
            "collar": "*Shoulder",
            "shoulder": "*UpperArm",
            "elbow": "*ForeArm",
            "wrist": "*Hand",
        },
        {"root": "Pelvis", "low_spine": "L3", "spine": "T12", "chest": "T8", "thorax": "Neck", "neck": "Head"},
    ),
    "3ds Max Biped": {
        joint: f"Bip001 {name}"
        for joint, name in _rig_names(
            "L",
            "R",
            {
                "hip": "* Thigh",
                "knee": "* Calf",
                "ankle": "* Foot",
                "collar": "* Clavicle",
                "shoulder": "* UpperArm",
                "elbow": "* Forearm",
                "wrist": "* Hand",
            },
            {"root": "Pelvis", "low_spine": "Spine", "spine": "Spine1", "chest": "Spine2", "thorax": "Neck", "neck": "Head"},
        ).items()
    },
    "SMPL": _rig_names(
        "L",
        "R",
        {
            "hip": "*_Hip",
            "knee": "*_Knee",
            "ankle": "*_Ankle",
            "collar": "*_Collar",
            "shoulder": "*_Shoulder",
            "elbow": "*_Elbow",
            "wrist": "*_Wrist",
        },
        {"root": "Pelvis", "low_spine": "Spine1", "spine": "Spine2", "chest": "Spine3", "thorax": "Neck", "neck": "Head"},
    ),
    "Bandai-Namco": _rig_names(
        "L",
        "R",
        {
            "hip": "UpperLeg_*",
            "knee": "LowerLeg_*",
            "ankle": "Foot_*",
            "collar": "Shoulder_*",
            "shoulder": "UpperArm_*",
            "elbow": "LowerArm_*",
            "wrist": "Hand_*",
        },
        {"root": "Hips", "low_spine": "Spine", "spine": "Chest", "thorax": "Neck", "neck": "Head"},
    ),
    "Rokoko": _rig_names(
        "Left",
        "Right",
        {
            "hip": "*Thigh",
            "knee": "*Shin",
            "ankle": "*Foot",
            "collar": "*Shoulder",
            "shoulder": "*Arm",
            "elbow": "*ForeArm",
            "wrist": "*Hand",
        },
        {"root": "Hips", "low_spine": "Spine1", "spine": "Spine2", "chest": "Spine4", "thorax": "Neck", "neck": "Head"},
    ),
    "OptiTrack": {
        joint: f"Skeleton_001:{name}"
        for joint, name in _rig_names(
            "L",
            "R",
            {
                "hip": "*Thigh",
                "knee": "*Shin",
                "ankle": "*Foot",
                "collar": "*Shoulder",
                "shoulder": "*UArm",
                "elbow": "*FArm",
                "wrist": "*Hand",
            },
            {"root": "Hip", "low_spine": "Ab", "spine": "Chest", "thorax": "Neck", "neck": "Head"},
        ).items()
    },
    "LAFAN1": _rig_names(
        "Left",
        "Right",
        MOTION_BUILDER | {"toe": "*Toe"},
        {"root": "Hips", "low_spine": "Spine", "spine": "Spine2", "chest": "Spine1", "thorax": "Neck", "neck": "Head"},
    ),
    "Blender Rigify": {
        joint: f"DEF-{name}"
        for joint, name in _rig_names(
            "L",
            "R",
            {
                "hip": "thigh.*",
                "knee": "shin.*",
                "ankle": "foot.*",
                "collar": "shoulder.*",
                "shoulder": "upper_arm.*",
                "elbow": "forearm.*",
                "wrist": "hand.*",
            },
            {
                "root": "spine",
                "low_spine": "spine.001",
                "spine": "spine.002",
                "chest": "spine.003",
                "thorax": "spine.004",
                "neck": "spine.006",
            },
        ).items()
    },
}
