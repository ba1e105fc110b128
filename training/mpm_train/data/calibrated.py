"""Recordings by several calibrated cameras: what each of them sees, and where the points are. F frames, P points, C cameras.

Two kinds of folders are read. A caliscope session, in which the points are triangulated already (caliscope.py). A Pose2Sim project: a
Qualisys calibration (*.qca.txt) and a folder of OpenPose files for each camera (*_json, in the cameras' order), of which the first 25
points are BODY_25B's; they are triangulated here.
"""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass
from pathlib import Path

import numpy as np

import mpm_core as mpm
from mpm_core.errors import DataError, Malformed, reason
from mpm_core.recording import Recording
from mpm_core.typing import Float
from mpm_train.data.caliscope import in_camera, read_session

SIDED = ("shoulder", "elbow", "wrist", "hip", "knee", "ankle")
COCO = ("nose", "left_eye", "right_eye", "left_ear", "right_ear", *(f"{side}_{part}" for part in SIDED for side in ("left", "right")))
FEET = ("left_big_toe", "left_heel", "right_big_toe", "right_heel")
NAMES = (*COCO, *FEET)
MEDIAPIPE = (0, 2, 5, 7, 8, 11, 12, 13, 14, 15, 16, 23, 24, 25, 26, 27, 28, 31, 29, 32, 30)
BODY_25B = (*range(17), 19, 21, 22, 24)
CONFIDENT = 0.3  # OpenPose's confidence below which a point is not triangulated
POSE2SIM_HZ = 60.0
POSE2SIM_POINTS = "OpenPose BODY_25B"
OFF_PX = 40.0  # a triangulated point whose projection is off by more in a camera is left out


@dataclass(frozen=True, slots=True)
class CalibratedView:
    """One camera: its 2D take, its focal length in pixels, and the points' true positions in its axes (F, P, 3), metres, NaN = unknown.

    up_3: the direction of up in its axes, NaN where the recording does not tell.
    """

    name: str
    recording: Recording
    image_wh: tuple[int, int]
    focal_px: float
    truth_FP3: Float
    up_3: Float


def read_calibrated(folder: Path) -> list[CalibratedView]:
    """The cameras of a recording. Raises DataError when the folder is of neither kind, or a file is not as expected."""
    try:
        if (folder / "config.toml").is_file():
            return _caliscope(folder)
        calibrations = sorted(folder.rglob("*.qca.txt"))
        if calibrations:
            return _pose2sim(folder, calibrations[0])
    except (OSError, ValueError, KeyError, IndexError, TypeError, ElementTree.ParseError) as error:
        raise DataError(f"this is not a calibrated recording ({reason(error)})", where=str(folder)) from error
    raise DataError(
        "this is not a calibrated recording", where=str(folder), hint="a caliscope session, or a Pose2Sim project of OpenPose files"
    )


def _caliscope(folder: Path) -> list[CalibratedView]:
    session, views = read_session(folder), []
    for port, camera in session.cameras.items():
        truth_FP3 = in_camera(session.world_FL3[:, list(MEDIAPIPE)], camera)
        size = (int(camera["size"][0]), int(camera["size"][1]))
        rec = mpm.make_recording(NAMES, session.rate_hz, session.pixels[port][:, list(MEDIAPIPE)])
        views.append(CalibratedView(f"camera {port}", rec, size, float(camera["matrix"][0][0]), truth_FP3, np.full(3, np.nan)))
    return views


@dataclass(frozen=True, slots=True)
class _Camera:
    turn_33: Float
    place_3: Float
    focal_2: Float
    centre_2: Float
    size: tuple[int, int]


def _pose2sim(folder: Path, calibration: Path) -> list[CalibratedView]:
    """Qualisys' cameras look along their -z; the subpixels of its intrinsics are 64ths."""
    cameras = []
    for node in ElementTree.parse(calibration).getroot().iter("camera"):
        transform, lens, field = (_found(node, name) for name in ("transform", "intrinsic", "fov_video"))
        axes_33 = np.array([[float(transform[f"r{row}{column}"]) for column in (1, 2, 3)] for row in (1, 2, 3)])
        turn_33 = np.diag([1.0, -1.0, -1.0]) @ axes_33
        place_3 = np.array([float(transform[axis]) for axis in "xyz"]) / 1000
        focal_2, centre_2 = (np.array([float(lens[f"{name}{axis}"]) for axis in "UV"]) / 64 for name in ("focalLength", "centerPoint"))
        cameras.append(_Camera(turn_33, place_3, focal_2, centre_2, (int(field["right"]) + 1, int(field["bottom"]) + 1)))
    folders = sorted(path for path in folder.rglob("*_json") if path.is_dir())
    if len(folders) != len(cameras):
        raise Malformed(f"{len(cameras)} cameras and {len(folders)} folders of detections")
    seen_CFP3 = np.stack([_openpose(path) for path in folders])
    world_FP3 = _triangulated(seen_CFP3, cameras)
    views = []
    for camera, seen_FP3, path in zip(cameras, seen_CFP3, folders, strict=True):
        xy_FP2 = np.where(seen_FP3[..., 2:] > 0, seen_FP3[..., :2], np.nan)
        truth_FP3 = (world_FP3 - camera.place_3) @ camera.turn_33.T
        rec = mpm.make_recording(NAMES, POSE2SIM_HZ, xy_FP2)
        views.append(CalibratedView(path.name, rec, camera.size, float(camera.focal_2[0]), truth_FP3, camera.turn_33[:, 2]))
    return views


def _found(node: ElementTree.Element, name: str) -> dict[str, str]:
    found = node.find(name)
    if found is None:
        raise Malformed(f"a camera has no {name}")
    return found.attrib


def _openpose(folder: Path) -> Float:
    """(F, P, 3) x, y, confidence of NAMES, of the person that the application follows."""
    rec = mpm.read(folder, points=POSE2SIM_POINTS)
    if len(rec.points) != 25 or rec.confidence_FP is None:
        raise Malformed(f"{folder.name} has {len(rec.points)} points, not the 25 of BODY_25B")
    seen_FP3 = np.concatenate([rec.xyz_FPD, rec.confidence_FP[..., None]], axis=2)[:, list(BODY_25B)]
    return np.nan_to_num(seen_FP3.astype(np.float64))


def _triangulated(seen_CFP3: Float, cameras: list[_Camera]) -> Float:
    """(F, P, 3) least-squares points of the rays of confident detections, metres; NaN with fewer than three, or far off in one of them."""
    confident_CFP = seen_CFP3[..., 2] > CONFIDENT
    normal_FP33, rhs_FP3 = np.zeros((*seen_CFP3.shape[1:3], 3, 3)), np.zeros(seen_CFP3.shape[1:4])
    for camera, seen_FP3, use_FP in zip(cameras, seen_CFP3, confident_CFP, strict=True):
        ray_FP3 = (
            np.concatenate([(seen_FP3[..., :2] - camera.centre_2) / camera.focal_2, np.ones((*seen_FP3.shape[:2], 1))], axis=2)
            @ camera.turn_33
        )
        ray_FP3 /= np.linalg.norm(ray_FP3, axis=2, keepdims=True)
        across_FP33 = (np.eye(3) - ray_FP3[..., :, None] * ray_FP3[..., None, :]) * use_FP[..., None, None]
        normal_FP33 += across_FP33
        rhs_FP3 += across_FP33 @ camera.place_3
    enough_FP = confident_CFP.sum(axis=0) >= 3
    point_FP3 = np.full(rhs_FP3.shape, np.nan)
    point_FP3[enough_FP] = np.linalg.solve(normal_FP33[enough_FP], rhs_FP3[enough_FP][..., None])[..., 0]
    for camera, seen_FP3, use_FP in zip(cameras, seen_CFP3, confident_CFP, strict=True):
        axes_FP3 = (point_FP3 - camera.place_3) @ camera.turn_33.T
        off_FP = np.linalg.norm(axes_FP3[..., :2] / axes_FP3[..., 2:] * camera.focal_2 + camera.centre_2 - seen_FP3[..., :2], axis=2)
        point_FP3[use_FP & (off_FP > OFF_PX)] = np.nan
    return point_FP3
