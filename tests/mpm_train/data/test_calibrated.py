"""Calibrated recordings of both kinds, written by cameras that are known, read and measured."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import mpm_core as mpm
from mpm_core.body.joints import body17
from mpm_core.errors import DataError
from mpm_core.lift import Lifted
from mpm_core.lift_camera import LiftCamera
from mpm_core.recording import Recording
from mpm_core.typing import Float
from mpm_core.world_fit.camera import level_axes, up_of
from mpm_core.world_fit.options import LiftOptions
from mpm_train.data.calibrated import BODY_25B, MEDIAPIPE, NAMES, read_calibrated
from mpm_train.tables.world import real_takes
from mpm_train.world_metrics import world_figures
from tests.mpm_core.world_fit.walker import walker
from tests.mpm_train.tables.makers import silent

FRAMES = 60
FOCAL = 900.0
SIZE = (1280, 720)
JOINT = {"shoulder": (11, 14), "elbow": (12, 15), "wrist": (13, 16), "hip": (4, 1), "knee": (5, 2), "ankle": (6, 3)}
"""Left and right, in body17."""


def points() -> Float:
    """(F, P, 3) of NAMES in the walker's world; a face and feet near head and ankles."""
    xyz_FJ3 = walker().truth_FJ3[:FRAMES]
    columns = []
    for name in NAMES:
        side = name.startswith("right")
        part = name.split("_")[-1]
        joint = JOINT[part][side] if part in JOINT else JOINT["ankle"][side] if part in ("toe", "heel") else 10
        columns.append(xyz_FJ3[:, joint] + (0.0 if part in JOINT else 0.03))
    return np.stack(columns, axis=1)


def cameras() -> list[tuple[Float, Float]]:
    """(turn_33, place_3) of four around the middle, looking down by 15 degrees."""
    middle_3, found = points().mean(axis=(0, 1)), []
    for heading in (0, 80, 170, 260):
        cos, sin = np.cos(np.radians(heading)), np.sin(np.radians(heading))
        about_33 = np.array([[cos, -sin, 0], [sin, cos, 0], [0, 0, 1]])
        turn_33 = level_axes(up_of(15, 0)) @ about_33
        found.append((turn_33, middle_3 - 5 * turn_33[2]))
    return found


def seen(turn_33: Float, place_3: Float) -> tuple[Float, Float]:
    axes_FP3 = (points() - place_3) @ turn_33.T
    return FOCAL * axes_FP3[..., :2] / axes_FP3[..., 2:] + np.array(SIZE) / 2, axes_FP3


def pose2sim(folder: Path) -> Path:
    nodes = []
    for number, (turn_33, place_3) in enumerate(cameras()):
        axes_33 = np.diag([1, -1, -1]) @ turn_33
        turn = " ".join(f'r{row + 1}{column + 1}="{axes_33[row, column]}"' for row in range(3) for column in range(3))
        place = " ".join(f'{axis}="{1000 * value}"' for axis, value in zip("xyz", place_3, strict=True))
        lens = f'focalLengthU="{64 * FOCAL}" focalLengthV="{64 * FOCAL}" centerPointU="{32 * SIZE[0]}" centerPointV="{32 * SIZE[1]}"'
        field = f'<fov_video left="0" top="0" right="{SIZE[0] - 1}" bottom="{SIZE[1] - 1}"/>'
        nodes.append(f"<camera>{field}<transform {turn} {place}/><intrinsic {lens}/></camera>")
        frames = folder / "pose" / f"cam{number + 1}_json"
        frames.mkdir(parents=True)
        xy_FP2, _ = seen(turn_33, place_3)
        for frame, xy_P2 in enumerate(xy_FP2):
            flat_P3 = np.zeros((25, 3))
            flat_P3[list(BODY_25B)] = np.concatenate([xy_P2, np.full((len(NAMES), 1), 0.8)], axis=1)
            bystander = {"pose_keypoints_2d": np.full(75, 0.1).tolist()}
            people = [bystander, {"pose_keypoints_2d": flat_P3.ravel().tolist()}]
            (frames / f"frame_{frame:05d}_keypoints.json").write_text(json.dumps({"people": people}), encoding="utf-8")
    (folder / "Calib.qca.txt").write_text(f"<calibration><cameras>{''.join(nodes)}</cameras></calibration>", encoding="utf-8")
    return folder


def caliscope(folder: Path) -> Path:
    folder.mkdir(exist_ok=True)
    settings, rows = ["fps_recording = 24"], ["sync_index,port,frame_index,frame_time,point_id,img_loc_x,img_loc_y"]
    for port, (turn_33, place_3) in enumerate(cameras()):
        settings += [f"[cam_{port}]", f"size = {list(SIZE)}", f"matrix = [[{FOCAL}, 0.0, 640.0], [0.0, {FOCAL}, 360.0], [0.0, 0.0, 1.0]]"]
        settings += [f"rotation = {turn_33.tolist()}", f"translation = {(-turn_33 @ place_3).tolist()}"]
        for frame, xy_P2 in enumerate(seen(turn_33, place_3)[0]):
            rows += [f"{frame},{port},{frame},0,{mark},{x},{y}" for mark, (x, y) in zip(MEDIAPIPE, xy_P2, strict=True)]
    (folder / "config.toml").write_text("\n".join(settings), encoding="utf-8")
    (folder / "xy_HOLISTIC.csv").write_text("\n".join(rows), encoding="utf-8")
    world = [",sync_index,point_id,x_coord,y_coord,z_coord"]
    for frame, xyz_P3 in enumerate(points()):
        world += [f"0,{frame},{mark},{x},{y},{z}" for mark, (x, y, z) in zip(MEDIAPIPE, xyz_P3, strict=True)]
    (folder / "xyz_HOLISTIC.csv").write_text("\n".join(world), encoding="utf-8")
    return folder


@pytest.mark.parametrize("make", [pose2sim, caliscope])
def test_what_each_camera_sees_and_where_it_is(make: object, tmp_path: Path) -> None:
    views = read_calibrated(make(tmp_path / "take"))  # type: ignore[operator]
    assert len(views) == 4
    for view, (turn_33, place_3) in zip(views, cameras(), strict=True):
        xy_FP2, axes_FP3 = seen(turn_33, place_3)
        np.testing.assert_allclose(view.recording.xyz_FPD, xy_FP2, atol=0.01)
        np.testing.assert_allclose(view.truth_FP3, axes_FP3, atol=0.002)
        assert view.image_wh == SIZE
        assert view.focal_px == pytest.approx(FOCAL)
        assert make is caliscope or view.up_3 == pytest.approx(turn_33[:, 2])


def test_a_lift_that_is_right_has_no_errors(tmp_path: Path) -> None:
    """Through the table's own code: the truth handed back in the axes of a level camera."""
    folder = pose2sim(tmp_path / "take")
    names = walker()
    poses = iter(cameras())

    def by(rec: Recording, options: LiftOptions) -> Lifted:
        turn_33, place_3 = next(poses)
        own_33 = level_axes(turn_33[:, 2])
        world_FJ3 = (names.truth_FJ3[:FRAMES] - place_3) @ turn_33.T @ own_33
        lifted = mpm.make_recording(body17().names, 60.0, world_FJ3)
        return Lifted(lifted, lifted, LiftCamera(own_33, FOCAL, SIZE))

    takes = [take for _, take in real_takes(folder, silent("lift"), by)]
    figures = world_figures(takes)
    assert figures["tilt deg"] == pytest.approx(0, abs=0.1)
    assert figures["MPJPE"] == pytest.approx(0, abs=2)
    assert figures["WA-MPJPE"] == pytest.approx(0, abs=2)


@pytest.mark.parametrize("seated", [False, True])
def test_the_lift_is_told_that_the_person_sits_where_it_is_said(seated: bool, tmp_path: Path) -> None:
    told: list[bool] = []

    def by(rec: Recording, options: LiftOptions) -> Lifted:
        told.append(options.seated)
        still = mpm.make_recording(body17().names, rec.rate_hz, np.zeros((rec.frames, 17, 3)))
        return Lifted(still, still, LiftCamera(level_axes(np.array([0.0, -1, 0])), FOCAL, SIZE))

    real_takes(caliscope(tmp_path / "take"), silent("lift"), by, seated)
    assert told == [seated] * 4


def test_other_folders_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="not a calibrated recording"):
        read_calibrated(tmp_path)
    (tmp_path / "config.toml").write_text("fps_recording = ", encoding="utf-8")
    with pytest.raises(DataError, match="not a calibrated recording"):
        read_calibrated(tmp_path)
