"""Human3.6M, MPI-INF-3DHP and AMASS from tiny files of their public layouts, and marker C3D; the truth is known."""

from __future__ import annotations

import importlib.util
import itertools
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from mpm_core.body.joints import body17
from mpm_core.errors import DataError
from mpm_train.data import amass, h36m, threedhp
from mpm_train.data.config import PrepareConfig
from mpm_train.data.corpus import Clip, View, load_corpus, load_pixels
from mpm_train.data.prepare import prepare
from tests.makers import T_POSE, standing

KEPT = (0, 1, 2, 3, 6, 7, 8, 12, 13, 14, 15, 17, 18, 19, 25, 26, 27)  # of Human3.6M's 32 joints
FOCAL, CENTRE, SIZE = (1145.0, 1143.0), (512.0, 515.0), (1000, 1002)
SUBJECTS = {"S1": ("Walking 1", "Eating"), "S9": ("Walking 1",)}
NAMES_3DHP = ("head_top", "thorax", *(f"{side}_{joint}" for side in ("right", "left") for joint in ("shoulder", "elbow", "wrist")))
NAMES_3DHP += tuple(f"{side}_{joint}" for side in ("right", "left") for joint in ("hip", "knee", "ankle")) + ("hip", "spine", "neck")


def moving(frames: int, seed: int) -> np.ndarray:
    """(F, 17, 3) someone who sways, metres, Z up."""
    rng = np.random.default_rng(seed)
    sway_FJ3 = 0.05 * np.sin(np.arange(frames)[:, None, None] / 9 + rng.uniform(0, 6, (17, 3)))
    return (standing(frames).xyz_FPD + sway_FJ3).astype(np.float32)


def h36m_cameras() -> list[dict[str, Any]]:
    """Four level cameras around the origin, 5 m away, 1.5 m up."""
    made = []
    for number in range(4):
        around = Rotation.from_euler("z", 90 * number + 20, degrees=True)
        forward, right = -around.apply([1.0, 0, 0]), np.cross(-around.apply([1.0, 0, 0]), [0, 0, 1.0])
        to_world_33 = np.stack([right, [0, 0, -1.0], forward], axis=1)
        wxyz = np.roll(Rotation.from_matrix(to_world_33).as_quat(), 1)
        place = around.apply([5.0, 0, 0]) + [0, 0, 1.5]
        made.append({"id": f"cam{number}", "image_wh": SIZE, "orientation_wxyz": wxyz.tolist(), "place_m": place.tolist()})
        made[-1] |= {"focal_px": FOCAL, "centre_px": CENTRE}
    return made


def projected_by(camera: dict[str, Any], xyz_FJ3: np.ndarray) -> np.ndarray:
    to_world = Rotation.from_quat(np.roll(camera["orientation_wxyz"], -1)).as_matrix()
    axes_FJ3 = (xyz_FJ3 - camera["place_m"]) @ to_world
    return (axes_FJ3[..., :2] / axes_FJ3[..., 2:] * FOCAL + CENTRE).astype(np.float32)


def write_h36m(folder: Path, longer: int = 3) -> dict[str, np.ndarray]:
    """The pair of files, ground-truth and 'detected' 2D; returns the truth by subject/action."""
    folder.mkdir(parents=True)
    truth: dict[str, np.ndarray] = {}
    positions: dict[str, Any] = {}
    detected: dict[str, Any] = {}
    for subject, actions in SUBJECTS.items():
        for number, action in enumerate(actions):
            xyz_FJ3 = moving(30, seed=number)
            full_F323 = np.full((30, 32, 3), 7.0, np.float32)
            full_F323[:, KEPT] = xyz_FJ3
            truth[f"{subject}/{action}"] = xyz_FJ3
            positions.setdefault(subject, {})[action] = full_F323
            views = [np.pad(projected_by(camera, xyz_FJ3), ((0, longer), (0, 0), (0, 0)), mode="edge") for camera in h36m_cameras()]
            detected.setdefault(subject, {})[action] = views
    metadata = {"layout_name": "h36m", "num_joints": 17, "keypoints_symmetry": [[4, 5, 6, 11, 12, 13], [1, 2, 3, 14, 15, 16]]}
    noisy = {s: {a: [xy + np.float32(1) for xy in views] for a, views in actions.items()} for s, actions in detected.items()}
    np.savez_compressed(folder / "data_3d_h36m.npz", positions_3d=positions)
    np.savez_compressed(folder / "data_2d_h36m_gt.npz", positions_2d=detected, metadata=metadata)
    np.savez_compressed(folder / "data_2d_h36m_cpn_ft_h36m_dbb.npz", positions_2d=noisy, metadata=metadata)
    return truth


def write_cameras(path: Path, change: Any = lambda table: table) -> Path:
    path.write_text(json.dumps(change({subject: h36m_cameras() for subject in SUBJECTS})))
    return path


def test_h36m_with_its_cameras(tmp_path: Path) -> None:
    truth = write_h36m(tmp_path / "h36m")
    cameras = write_cameras(tmp_path / "cameras.json")
    prepare([tmp_path / "h36m"], tmp_path / "out", PrepareConfig(h36m_cameras=cameras))
    joints_NJ3, clips = load_corpus(tmp_path / "out")
    pixels_NJ2 = load_pixels(tmp_path / "out")
    assert {(clip.subject, clip.split) for clip in clips} == {("h36m-S1", "train"), ("h36m-S9", "test")}
    assert {clip.rate_hz for clip in clips} == {50.0}
    for clip in clips:
        name = f"{clip.subject.removeprefix('h36m-')}/{clip.action}"
        np.testing.assert_array_equal(joints_NJ3[clip.start : clip.stop], truth[name])
        assert [(view.camera, view.detector) for view in clip.views] == [
            (f"cam{number}", detector) for detector in ("cpn_ft_h36m_dbb", "gt") for number in range(4)
        ]
        for view in clip.views:
            axes_FJ3 = (truth[name] - np.array(view.place_3)) @ np.array(view.turn_33).T
            expected = axes_FJ3[..., :2] / axes_FJ3[..., 2:] * FOCAL + CENTRE + (view.detector != "gt")
            np.testing.assert_allclose(pixels_NJ2[view.start : view.stop], expected, atol=1e-3)
            assert view.image_wh == SIZE
            assert view.lens == (*FOCAL, *CENTRE)


def test_h36m_without_cameras_keeps_its_2d_and_says_so(tmp_path: Path) -> None:
    write_h36m(tmp_path / "h36m")
    printed = prepare([tmp_path / "h36m"], tmp_path / "out")
    assert any("its cameras are not known" in line for line in printed)
    _, clips = load_corpus(tmp_path / "out")
    assert all(view.turn_33 is None for clip in clips for view in clip.views)
    assert {len(clip.views) for clip in clips} == {8}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda t: t | {"S1": t["S1"][::-1]}, "pixels from where they were detected"),
        (lambda t: t | {"S1": t["S1"][:3]}, "one set of detections for each camera"),
        (lambda t: t | {"S1": [c | {"place_m": [1000 * x for x in c["place_m"]]} for c in t["S1"]]}, "millimetres"),
        (lambda t: t | {"S1": [c | {"orientation_wxyz": [1, 1, 0, 0]} for c in t["S1"]]}, "unit quaternion"),
        (lambda t: t | {"S1": [{"id": "x"}]}, "not as they should be"),
        (lambda t: [1], "not as they should be"),
    ],
)
def test_cameras_that_do_not_fit_are_refused(tmp_path: Path, change: Any, message: str) -> None:
    write_h36m(tmp_path / "h36m")
    cameras = write_cameras(tmp_path / "cameras.json", change)
    with pytest.raises(DataError, match=message):
        prepare([tmp_path / "h36m"], tmp_path / "out", PrepareConfig(h36m_cameras=cameras))


def test_h36m_in_another_layout_is_refused(tmp_path: Path) -> None:
    for number, positions in enumerate(
        ({"S1": {"Walk": np.zeros((9, 17, 3), np.float32)}}, {"S1": np.zeros((9, 32, 3))}, {"S1": {"Walk": np.full((9, 32, 3), np.nan)}})
    ):
        folder = tmp_path / str(number)
        folder.mkdir()
        np.savez(folder / "data_3d_h36m.npz", positions_3d=np.array(positions, dtype=object))
        with pytest.raises(DataError, match=r"not \(frames, 32, 3\)|not subject -> action|not numbers"):
            prepare([folder], tmp_path / "out")


def test_the_dropped_joints_are_the_published_ones() -> None:
    assert tuple(sorted({*range(32)} - set(h36m.DROPPED))) == KEPT


def write_3dhp(folder: Path) -> tuple[np.ndarray, np.ndarray]:
    """Train and test file; returns the joints (F, 17, 3) in camera axes, metres, body17's order, and their pixels."""
    folder.mkdir(parents=True)
    world_FJ3 = moving(40, seed=3)
    axes_FJ3 = np.stack([world_FJ3[..., 0], 1.4 - world_FJ3[..., 2], 4 + world_FJ3[..., 1]], axis=-1)
    xy_FJ2 = (axes_FJ3[..., :2] / axes_FJ3[..., 2:] * 1500 + 1024).astype(np.float32)
    order = [body17().names.index(name) for name in NAMES_3DHP]
    one = {"data_3d": (1000 * axes_FJ3[:, order]).astype(np.float32), "data_2d": xy_FJ2[:, order]}
    np.savez(folder / "data_train_3dhp.npz", data=np.array({"S1 Seq1": [{"0": one, "2": one}, 50]}, dtype=object))
    valid_F = np.ones(40)
    valid_F[10:20] = 0
    np.savez(folder / "data_test_3dhp.npz", data=np.array({"TS1": one | {"valid": valid_F}, "TS5": one | {"valid": valid_F}}, dtype=object))
    return axes_FJ3, xy_FJ2


def test_3dhp(tmp_path: Path) -> None:
    axes_FJ3, xy_FJ2 = write_3dhp(tmp_path / "3dhp")
    prepare([tmp_path / "3dhp"], tmp_path / "out")
    joints_NJ3, clips = load_corpus(tmp_path / "out")
    pixels_NJ2 = load_pixels(tmp_path / "out")
    by_name: dict[str, Clip] = {clip.name: clip for clip in clips}
    assert {(clip.subject, clip.split, clip.rate_hz) for clip in clips} == {
        ("3dhp-S1", "train", 50.0),
        ("3dhp-TS1", "test", 25.0),
        ("3dhp-TS5", "test", 25.0),
    }
    assert by_name["TS1:0"].scored == ((0, 10), (20, 40))
    assert by_name["S1 Seq1/0:0"].scored == ()
    sizes = {name: clip.views[0].image_wh for name, clip in by_name.items()}
    assert sizes == {"S1 Seq1/0:0": (2048, 2048), "S1 Seq1/2:0": (2048, 2048), "TS1:0": (2048, 2048), "TS5:0": (1920, 1080)}
    for clip in clips:
        view: View = clip.views[0]
        world_FJ3 = joints_NJ3[clip.start : clip.stop]
        np.testing.assert_allclose((world_FJ3 - np.array(view.place_3)) @ np.array(view.turn_33).T, axes_FJ3, atol=1e-5)
        np.testing.assert_array_equal(pixels_NJ2[view.start : view.stop], xy_FJ2)
        assert (world_FJ3[:, 10, 2] > world_FJ3[:, 3, 2]).all(), "the head is above the feet"


def test_3dhp_order_names_every_joint_once() -> None:
    assert sorted(threedhp.ORDER) == list(range(17))
    assert [NAMES_3DHP[joint] for joint in threedhp.ORDER] == list(body17().names)


def test_files_without_a_known_layout_are_told(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    np.savez(tmp_path / "in" / "other.npz", weights=np.zeros(3))
    (tmp_path / "in" / "cut.npz").write_bytes(b"PK\x03\x04 and no more")
    np.savez(tmp_path / "in" / "flat.npz", xy=np.zeros((9, 17, 2), np.float32), rate_hz=30.0)
    write_3dhp(tmp_path / "in" / "good")
    printed = "\n".join(prepare([tmp_path / "in"], tmp_path / "out"))
    for name, why in (("other", "no known layout"), ("cut", "damaged"), ("flat", "2D points")):
        assert any(name in line and why in line for line in printed.splitlines()), name


def amass_like(folder: Path, seed: int = 0) -> Path:
    """A body model of 22 joints (the T-pose's, each pinned to one vertex) and a sequence beside it, in AMASS's folders."""
    rest = {
        **{
            "pelvis": "root",
            "left_hip": "left_hip",
            "right_hip": "right_hip",
            "spine1": "low_spine",
            "left_knee": "left_knee",
            "right_knee": "right_knee",
        },
        **{"spine2": "spine", "left_ankle": "left_ankle", "right_ankle": "right_ankle", "spine3": "chest", "left_foot": "left_toe"},
        **{"right_foot": "right_toe", "neck": "thorax", "left_collar": "left_collar", "right_collar": "right_collar", "head": "neck"},
        **{f"{side}_{joint}": f"{side}_{joint}" for joint in ("shoulder", "elbow", "wrist") for side in ("left", "right")},
    }
    at: dict[str, np.ndarray] = {}
    for joint, (parent, offset) in T_POSE.items():
        at[joint] = np.array(offset) + (at[parent] if parent else 0)
    parent_of = {"left_hip": "pelvis", "right_hip": "pelvis", "spine1": "pelvis", "spine2": "spine1", "spine3": "spine2", "neck": "spine3"}
    parent_of |= {"left_collar": "spine3", "right_collar": "spine3", "head": "neck"}
    for side in ("left", "right"):
        chain = (
            [f"{side}_hip", f"{side}_knee", f"{side}_ankle", f"{side}_foot"],
            [f"{side}_{j}" for j in ("collar", "shoulder", "elbow", "wrist")],
        )
        parent_of |= {child: parent for names in chain for parent, child in itertools.pairwise(names)}
    parents = [2**32 - 1] + [amass.BODY.index(parent_of[name]) for name in amass.BODY[1:]]
    v_template = np.stack([at[rest[name]] for name in amass.BODY])
    shapedirs = np.stack([v_template * 0.1, np.zeros_like(v_template)], axis=-1)  # the first shape is a tenth larger
    (folder / "model").mkdir(parents=True)
    np.savez(
        folder / "model" / "SMPLH_MALE.npz",
        v_template=v_template,
        shapedirs=shapedirs,
        J_regressor=np.eye(22),
        kintree_table=np.array([parents, range(22)], np.uint32),
    )
    rng = np.random.default_rng(seed)
    take = folder / "amass" / "CMU" / "16"
    take.mkdir(parents=True)
    poses_FK = 0.2 * np.sin(np.arange(90)[:, None] / 30 + rng.uniform(0, 6, 66))
    poses_FK[:, :3] = Rotation.from_euler("x", 90, degrees=True).as_rotvec()  # the model stands on y, AMASS on z
    np.savez(
        take / "16_01_poses.npz",
        poses=np.pad(poses_FK, ((0, 0), (0, 90))),
        trans=np.linspace([0, 0, 0], [1, 0, 0], 90),
        betas=np.array([0.5, 0.0]),
        gender=np.array("male"),
        mocap_framerate=np.array(60.0),
    )
    return folder


def test_amass_says_what_it_needs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = amass_like(tmp_path)
    with pytest.raises(DataError, match="AMASS needs a body model"):
        prepare([folder / "amass"], tmp_path / "out")
    with pytest.raises(DataError, match="no male body model"):
        prepare([folder / "amass"], tmp_path / "out", PrepareConfig(body_model=folder))
    monkeypatch.setitem(sys.modules, "smplx", None)
    monkeypatch.setitem(sys.modules, "smplx.lbs", None)
    with pytest.raises(DataError, match="needs the package smplx"):
        prepare([folder / "amass"], tmp_path / "out", PrepareConfig(body_model=folder / "model"))


@pytest.mark.skipif(importlib.util.find_spec("smplx") is None, reason="smplx is not installed")
def test_amass(tmp_path: Path) -> None:
    folder = amass_like(tmp_path)
    prepare([folder / "amass"], tmp_path / "out", PrepareConfig(body_model=folder / "model"))
    joints_NJ3, (clip,) = load_corpus(tmp_path / "out")
    assert (clip.subject, clip.split, clip.rate_hz) == ("016", "validation", 60.0), "the same person as in CMU's own files"
    xyz_FJ3 = joints_NJ3[clip.start : clip.stop]
    names = body17().names
    shank = np.linalg.norm(xyz_FJ3[:, names.index("left_ankle")] - xyz_FJ3[:, names.index("left_knee")], axis=1)
    np.testing.assert_allclose(shank, 1.05 * np.linalg.norm((0.41, 0.01)), rtol=1e-4)
    assert (xyz_FJ3[:, names.index("neck"), 2] > xyz_FJ3[:, names.index("hip"), 2] + 0.3).all()
    with np.load(folder / "amass" / "CMU" / "16" / "16_01_poses.npz", allow_pickle=False) as file:
        turns = Rotation.from_rotvec(file["poses"][:, :66].reshape(-1, 3)).as_matrix().reshape(90, 22, 3, 3)
        trans = file["trans"]
    rest_K3 = np.load(folder / "model" / "SMPLH_MALE.npz")["v_template"] * 1.05
    hip = rest_K3[0] + trans + np.einsum("fij,j->fi", turns[:, 0], rest_K3[1] - rest_K3[0])
    knee = hip + np.einsum("fij,fjk,k->fi", turns[:, 0], turns[:, 1], rest_K3[4] - rest_K3[1])
    np.testing.assert_allclose(xyz_FJ3[:, names.index("left_knee")], knee, atol=1e-5)


def test_a_marker_take_becomes_joints(tmp_path: Path, samples_dir: Path) -> None:
    folder = samples_dir / "c3d" / "pycgm"
    if not list(folder.rglob("*.c3d")):
        pytest.skip("no marker file among the samples")
    printed = prepare([folder], tmp_path / "out", PrepareConfig(licence={folder: "MIT"}))
    joints_NJ3, clips = load_corpus(tmp_path / "out")
    assert clips, printed
    assert np.isfinite(np.asarray(joints_NJ3)).all()
    report = json.loads((tmp_path / "out" / "prepare.json").read_text())
    for sets in report["bones_mm"].values():
        for bones in sets.values():
            assert 300 < bones["left_knee-left_ankle"][0] < 550
