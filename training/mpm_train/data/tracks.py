"""Real 2D tracks, from which the errors of detectors are estimated. F frames, J = 17 joints, C cameras, L landmarks.

From any 2D file that the application reads; and from a recording by several calibrated cameras (caliscope.py), where the points that all
cameras detect give, projected back, a truth that no single camera's slow error can follow.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

import mpm_core as mpm
from mpm_core.body.confidence import joint_confidence
from mpm_core.body.mapping import body_joints, map_body
from mpm_core.errors import DataError, reason
from mpm_core.gaps import known
from mpm_core.typing import Float
from mpm_train.data.caliscope import in_camera, read_session

LANDMARK = {11: 11, 12: 13, 13: 15, 14: 12, 15: 14, 16: 16, 4: 23, 5: 25, 6: 27, 1: 24, 2: 26, 3: 28}  # MediaPipe's, by joint of body17
FEWEST_JOINTS = 6  # of a frame that the person's size is measured in


@dataclass(frozen=True, slots=True)
class Track:
    """One person through one video, in sizes of the person. confidence_FJ: NaN where the file carries none."""

    name: str
    rate_hz: float
    xy_FJ2: Float
    confidence_FJ: Float


@dataclass(frozen=True, slots=True)
class Errors:
    """How far one camera's detections lie from what all cameras say, in sizes of the person. error_FJ2: NaN where either is missing."""

    name: str
    rate_hz: float
    error_FJ2: Float


def size_of(xy_FJ2: Float) -> float:
    """The person's size in pixels: the median diagonal of the box around the joints. Raises DataError when no frame has enough."""
    enough_F = known(xy_FJ2).sum(axis=1) >= FEWEST_JOINTS
    if not enough_F.any():
        raise DataError(f"no frame shows {FEWEST_JOINTS} joints")
    box_F2 = np.nanmax(xy_FJ2[enough_F], axis=1) - np.nanmin(xy_FJ2[enough_F], axis=1)
    return float(np.median(np.linalg.norm(box_F2, axis=1)))


def read_track(path: Path) -> Track:
    """Raises FormatError, MappingError, DataError (it is 3D)."""
    rec = mpm.read(path)
    if rec.dims != 2:
        raise DataError("it holds no 2D points", where=str(path))
    bmap = map_body(rec)
    xy_FJ2 = body_joints(rec, bmap)
    return Track(path.name, rec.rate_hz, xy_FJ2 / size_of(xy_FJ2), joint_confidence(rec, bmap))


def read_cameras(folder: Path) -> list[Errors]:
    """Every camera of a calibrated recording that detects enough joints. Raises DataError when a file is missing or other than that."""
    try:
        session, found = read_session(folder), []
        for port, camera in session.cameras.items():
            xy_FJ2 = _ours(session.pixels[port])
            off_FJ2 = xy_FJ2 - _ours(_project(session.world_FL3, camera))
            if (known(xy_FJ2).sum(axis=1) >= FEWEST_JOINTS).any():
                found.append(Errors(f"{folder.name}, camera {port}", session.rate_hz, off_FJ2 / size_of(xy_FJ2)))
    except (OSError, ValueError, KeyError, IndexError, TypeError) as error:
        raise DataError(
            f"this is not a calibrated recording ({reason(error)})", where=str(folder), hint="config.toml, xy_*.csv, xyz_*.csv"
        ) from error
    return found


def _ours(points_FL2: Float) -> Float:
    out: Float = np.full((len(points_FL2), 17, 2), np.nan)
    out[:, list(LANDMARK)] = points_FL2[:, list(LANDMARK.values())]
    return out


def _project(world_FL3: Float, camera: dict[str, list[float]]) -> Float:
    """Pixels by a camera with OpenCV's five distortion numbers (k1, k2, p1, p2, k3)."""
    axes_FL3 = in_camera(world_FL3, camera)
    u, v = (axes_FL3[..., axis] / axes_FL3[..., 2] for axis in (0, 1))
    k1, k2, p1, p2, k3 = camera["distortions"]
    r2 = u * u + v * v
    radial = 1 + k1 * r2 + k2 * r2**2 + k3 * r2**3
    x = u * radial + 2 * p1 * u * v + p2 * (r2 + 2 * u * u)
    y = v * radial + p1 * (r2 + 2 * v * v) + 2 * p2 * u * v
    matrix = np.array(camera["matrix"])
    return np.stack([x * matrix[0, 0] + matrix[0, 2], y * matrix[1, 1] + matrix[1, 2]], axis=-1)
