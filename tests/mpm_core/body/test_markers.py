"""Marker sets by label, and joint centres compared with a body whose joints are known."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mpm_core.body import markers
from mpm_core.io.registry import read
from mpm_core.recording import Recording
from mpm_core.sample.marker_take import true_markers
from mpm_core.sample.motion import Motion, make_motion
from mpm_core.skeleton import load_skeleton

NAMES = load_skeleton("body17").names
# How far the regressions may lie from the sample's joints, metres. It was made after other sources, and its head band sits as it likes.
WITHIN_M = {
    "hip": 0.03,
    "knee": 0.02,
    "ankle": 0.02,
    "shoulder": 0.03,
    "elbow": 0.02,
    "wrist": 0.01,
    "neck": 0.03,
    "head_top": 0.03,
    "thorax": 0.05,
}


@pytest.fixture(scope="module")
def motion() -> Motion:
    return make_motion()


@pytest.fixture(scope="module")
def take(motion: Motion) -> Recording:
    return true_markers(motion)


def found(points: tuple[str, ...]) -> markers.MarkerMap:
    mmap = markers.match(points)
    assert mmap is not None
    return mmap


def test_marker_sets_are_recognized_by_labels(samples_dir: Path) -> None:
    for file, name, roles in (
        ("btk/PiG/PiG_Motion-FlatFoot-Hole.c3d", "Plug-in Gait", 35),
        ("c3d-parser/RCH/dynamic/RCH.08.c3d", "Plug-in Gait lower body", 14),
        ("cmu/02_01.c3d", "CMU-41", 41),
        ("btk/others/Gait.c3d", "Helen Hayes", 22),
        ("biobuddy/static_lower_body.c3d", "Anatomical lower body", 14),
        ("btk/c3d.org/sample28/type1.C3D", "Helen Hayes lower body", 13),
        ("../3d/biobuddy/static.trc", "Anatomical", 40),
        ("../3d/opensim-core/OpenSim/Common/Test/std_walking5_markers.trc", "OpenSim full body", 26),
        ("../3d/opensim-core/OpenSim/Examples/Moco/example3DWalking/markers_walk.trc", "OpenSim gait", 31),
    ):
        mmap = found(read(samples_dir / "c3d" / file).points)
        assert mmap.name == name and len(mmap.roles) >= roles, file


SETS = {  # labels of each set's published list that no real sample holds, as a file of it would have them
    "CAST / IOR": "L_IAS R_IAS L_IPS R_IPS L_FTC R_FTC L_FLE R_FLE L_FME R_FME L_FAX R_FAX L_TTC R_TTC L_FAL R_FAL L_TAM R_TAM L_FCC R_FCC "
    "L_FM1 R_FM1 L_FM2 R_FM2 L_FM5 R_FM5 L_SAE R_SAE L_HLE R_HLE L_HME R_HME L_RSP R_RSP L_USP R_USP L_HM2 R_HM2 CV7 TV10 SJN SXS",
    "CAST / IOR lower body": "LASIS RASIS LPSIS RPSIS LGT RGT LLE RLE LME RME LHF RHF LTT RTT LLM RLM LMM RMM LCA RCA LVM RVM LFM RFM",
    "OptiTrack Baseline": "HeadTop HeadFront HeadSide BackTop BackLeft BackRight Chest WaistLFront WaistRFront WaistLBack WaistRBack "
    "LShoulderBack RShoulderBack LShoulderTop RShoulderTop LElbowOut RElbowOut LUArmHigh RUArmHigh LHandOut RHandOut LWristOut RWristOut "
    "LWristIn RWristIn LThighFront RThighFront LKneeOut RKneeOut LShin RShin LAnkleOut RAnkleOut LToeOut RToeOut LToeIn RToeIn",
    "Qualisys animation": "HeadL HeadR HeadFront HeadTop SpineTop BackL BackR Chest SpineThoracic12 WaistLFront WaistRFront WaistLBack "
    "WaistRBack LShoulderTop RShoulderTop LShoulderBack RShoulderBack LArm RArm LElbowOut RElbowOut LWristOut RWristOut LWristIn RWristIn "
    "LHandOut RHandOut LHandIn RHandIn LThigh RThigh LKneeOut RKneeOut LShin RShin LAnkleOut RAnkleOut LHeelBack RHeelBack LForefootOut "
    "RForefootOut LForefootIn RForefootIn LToeTip RToeTip",
    "Xsens landmarks": "pHipOrigin pRightASI pLeftASI pRightCSI pLeftCSI pSacrum pL5SpinalProcess pL3SpinalProcess pT12SpinalProcess pPX "
    "pIJ pT4SpinalProcess pT8SpinalProcess pC7SpinalProcess pTopOfHead pRightAuricularis pLeftAuricularis pBackOfHead pRightAcromion "
    "pLeftAcromion pRightArmLatEpicondyle pRightArmMedEpicondyle pLeftArmLatEpicondyle pLeftArmMedEpicondyle pRightUlnarStyloid "
    "pRightRadialStyloid pLeftUlnarStyloid pLeftRadialStyloid pRightTopOfHand pLeftTopOfHand pRightGreaterTrochanter "
    "pLeftGreaterTrochanter pRightKneeLatEpicondyle pRightKneeMedEpicondyle pLeftKneeLatEpicondyle pLeftKneeMedEpicondyle "
    "pRightTibialTub pLeftTibialTub pRightLatMalleolus pRightMedMalleolus pLeftLatMalleolus pLeftMedMalleolus pRightHeelFoot "
    "pLeftHeelFoot pRightFifthMetatarsal pLeftFifthMetatarsal pRightToe pLeftToe",
}


@pytest.mark.parametrize("name", SETS)
@pytest.mark.parametrize("label_pattern", ["{}", "Subject 1:{}", "lower"])
def test_a_published_list_matches_its_set(name: str, label_pattern: str) -> None:
    labels = tuple(label.lower() if label_pattern == "lower" else label_pattern.format(label) for label in SETS[name].split())
    mmap = found(labels)
    assert mmap.name == name
    placed = {labels[index]: role for role, (index, *_) in mmap.roles}
    for label, role in placed.items():
        other = "left" if role.startswith("right_") else "right"
        short = label.rpartition(":")[2].lower()
        assert not short.startswith((other[0] + "_", f"p{other}")), (label, role)


@pytest.mark.parametrize("name", SETS)
def test_a_published_list_gives_joints(name: str) -> None:
    """Markers of the set at their places on the sample's body: every joint that the set defines is known."""
    labels = tuple(SETS[name].split())
    places = np.random.default_rng(0).normal(0, 0.3, (5, len(labels), 3))
    joints = markers.joint_centres(places, np.ones(places.shape[:2], bool), found(labels))
    lower = name.endswith("lower body")
    wanted = {"hip", *(f"{side}_{partial}" for side in ("left", "right") for partial in ("hip", "knee", "ankle"))}
    if not lower:
        wanted |= {"thorax", "spine", *(f"{side}_{partial}" for side in ("left", "right") for partial in ("shoulder", "elbow", "wrist"))}
    assert wanted <= {joint for number, joint in enumerate(NAMES) if np.isfinite(joints[:, number]).all()}


def test_prefix_case_and_punctuation_do_not_matter(take: Recording) -> None:
    dressed = tuple(f"Bob:{label[0].lower()}_{label[1:]}" for label in take.points)
    plain, other = found(take.points), found(dressed)
    assert other.roles == plain.roles and other.subject == "Bob" and plain.name == "Plug-in Gait"
    orthotrak = ("R.ASIS", "L.ASIS", "V.Sacral", "R.Thigh", "L.Thigh", "R.Knee", "L.Knee", "R.Shank", "L.Shank", "R.Ankle", "L.Ankle",
                 "R.Heel", "L.Heel", "R.Toe", "L.Toe", "R.Shoulder", "L.Shoulder", "R.Elbow", "L.Elbow", "R.Wrist", "L.Wrist")  # fmt: skip
    assert found(orthotrak).name == "Helen Hayes"


def test_two_subjects_are_not_mixed(take: Recording) -> None:
    both = tuple(f"A:{label}" for label in take.points[:30]) + tuple(f"B:{label}" for label in take.points)
    mmap = found(both)
    assert mmap.subject == "B" and min(index for _, indices in mmap.roles for index in indices) >= 30


def test_too_few_labels_match_no_set() -> None:
    assert markers.match(("LASI", "RASI", "P1", "P2")) is None and markers.match(()) is None


def test_joint_centres_are_near_the_true_joints(motion: Motion, take: Recording) -> None:
    joints = markers.joint_centres(take.xyz_FPD, take.visible_FP, found(take.points))
    assert np.isfinite(joints).all()
    error_FJ = np.linalg.norm(joints - motion.body17(), axis=2)
    for joint, name in enumerate(NAMES):
        limit = next((limit for partial, limit in WITHIN_M.items() if name.endswith(partial)), 0.06)
        assert np.median(error_FJ[:, joint]) < limit, f"{name} {np.median(error_FJ[:, joint]):.3f}"


def test_bones_made_from_rigid_markers_keep_their_length(take: Recording) -> None:
    joints = markers.joint_centres(take.xyz_FPD, take.visible_FP, found(take.points))
    for a, b in (
        ("left_hip", "right_hip"),
        ("left_hip", "left_knee"),
        ("right_knee", "right_ankle"),
        ("right_shoulder", "right_elbow"),
        ("neck", "head_top"),
    ):
        length_F = np.linalg.norm(joints[:, NAMES.index(a)] - joints[:, NAMES.index(b)], axis=1)
        assert length_F.std() < 0.006, (a, b, length_F.std())


def test_exchanging_left_and_right_labels_exchanges_the_joints(take: Recording) -> None:
    swapped = tuple({"L": "R", "R": "L"}[name[0]] + name[1:] if name[0] in "LR" and name != "RBAK" else name for name in take.points)
    mirrored_FP3 = take.xyz_FPD * np.float32([1, -1, 1])
    straight = markers.joint_centres(take.xyz_FPD, take.visible_FP, found(take.points))
    mirrored = markers.joint_centres(mirrored_FP3, take.visible_FP, found(swapped))
    np.testing.assert_allclose(mirrored[:, list(load_skeleton("body17").mirror)], straight * [1, -1, 1], atol=1e-6)


def test_a_missing_marker_of_a_rigid_segment_is_filled_from_the_others(take: Recording) -> None:
    mmap = found(take.points)
    visible_FP = take.visible_FP.copy()
    visible_FP[100:160, take.index("LASI")] = False
    complete = markers.joint_centres(take.xyz_FPD, take.visible_FP, mmap)
    partial = markers.joint_centres(take.xyz_FPD, visible_FP, mmap)
    assert np.isfinite(partial).all() and np.abs(partial - complete).max() < 0.001


def test_a_joint_without_its_markers_is_nan(take: Recording) -> None:
    visible_FP = take.visible_FP.copy()
    visible_FP[100:200, [take.index(name) for name in ("LWRA", "LWRB", "LFRM", "LFIN")]] = False
    joints = markers.joint_centres(take.xyz_FPD, visible_FP, found(take.points))
    wrist, elbow = NAMES.index("left_wrist"), NAMES.index("left_elbow")
    assert np.isnan(joints[100:200, wrist]).all() and np.isfinite(joints[:, elbow]).all()
    assert np.isfinite(np.delete(joints, wrist, axis=1)).all()


def test_a_lower_body_set_gives_only_legs(take: Recording) -> None:
    keep = [index for index, name in enumerate(take.points) if name[1:] in ("ASI", "PSI", "THI", "KNE", "TIB", "ANK", "HEE", "TOE")]
    mmap = found(tuple(take.points[index] for index in keep))
    joints = markers.joint_centres(take.xyz_FPD[:, keep], take.visible_FP[:, keep], mmap)
    assert mmap.name == "Plug-in Gait lower body"
    assert np.isfinite(joints[:, :7]).all() and np.isnan(joints[:, 7:]).all()
