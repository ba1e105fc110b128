"""Human3.6M as the public .npz pair: data_3d_h36m.npz and data_2d_h36m_<detector>.npz beside it. F frames, J = 17 joints.

positions_3d: subject -> action -> (F, 32, 3) metres, Z up, 50 Hz. positions_2d: subject -> action -> one (>= F, 17, 2) pixels for each of
4 cameras. The pair does not hold the cameras, without which there are no targets in camera axes: `--h36m-cameras` names a JSON file of
them (docs/data.md), one list for each subject, in the order of the detections.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from scipy.spatial.transform import Rotation

from mpm_core.errors import FormatError, Malformed, reason
from mpm_core.io import object_npz
from mpm_core.io.json_text import load_json
from mpm_core.typing import Float32
from mpm_train.data.corpus import Lens, Turn
from mpm_train.data.take import Detections, Take, key_of, known_set

RATE_HZ = 50.0
DROPPED = (4, 5, 9, 10, 11, 16, 20, 21, 22, 23, 24, 28, 29, 30, 31)  # of 32: repeated or never moving
KEPT = tuple(joint for joint in range(32) if joint not in DROPPED)
IMAGE_WH = (1000, 1000)  # where the cameras are not known
FURTHEST_M = 100.0
MOST_OFF_PX = 30.0  # by which detections miss the projected joints at the median, where cameras and detections belong together
DETECTIONS = "data_2d_h36m_"


def read(path: Path, cameras: Path | None, done: set[str]) -> Iterator[Take]:
    """Every action of every subject but those done already. Raises FormatError when a layout is not as above."""
    positions = _table(path, "positions_3d")
    detections = [
        (file.stem.removeprefix(DETECTIONS), file, _table(file, "positions_2d")) for file in sorted(path.parent.glob(f"{DETECTIONS}*.npz"))
    ]
    placed = {} if cameras is None else read_cameras(cameras)
    for subject, actions in positions.items():
        for action, given in actions.items():
            name = f"{subject}/{action}"
            if key_of(path, name) in done:
                continue
            xyz_FJ3 = object_npz.joints_of(given, (32, 3), f"{path}, {name}")[:, list(KEPT)]
            found = [
                one
                for detector, file, table in detections
                for one in _detections(table.get(subject, {}).get(action), xyz_FJ3, placed.get(subject), detector, f"{file}, {name}")
            ]
            notes = () if placed.get(subject) or not found else ("its cameras are not known: no targets in camera axes",)
            yield Take(
                path,
                name,
                f"h36m-{subject}",
                RATE_HZ,
                xyz_FJ3,
                "Human3.6M",
                action,
                True,
                tuple(found),
                None,
                notes,
                rate_by=known_set("Human3.6M"),
            )


def read_cameras(path: Path) -> dict[str, list[dict[str, Any]]]:
    """Subject -> its cameras, checked: id, image_wh, turn_33, place_3, and K = (focal_2, centre_2) where given. Raises FormatError."""
    table = load_json(path)
    try:
        return {str(subject): [_camera(camera) for camera in cameras] for subject, cameras in table.items()}
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise FormatError(
            f"the cameras are not as they should be ({reason(error)})", where=str(path), hint="docs/data.md shows the layout"
        ) from error


def _camera(row: dict[str, Any]) -> dict[str, Any]:
    wxyz, place = np.array(row["orientation_wxyz"], np.float64), np.array(row["place_m"], np.float64)
    if wxyz.shape != (4,) or place.shape != (3,) or not np.isfinite(place).all() or abs(np.linalg.norm(wxyz) - 1) > 0.01:
        raise Malformed("orientation_wxyz is a unit quaternion, place_m three metres")
    if np.abs(place).max() > FURTHEST_M:
        raise Malformed(f"place_m is {place.max():.0f} m away: is it in millimetres?")
    width, height = row["image_wh"]
    turn_33 = Rotation.from_quat(np.roll(wxyz, -1)).inv().as_matrix()
    camera = {"id": str(row["id"]), "image_wh": (int(width), int(height)), "turn_33": turn_33, "place_3": place}
    if "focal_px" in row:
        camera["lens"] = np.array(row["focal_px"], np.float64).reshape(2), np.array(row["centre_px"], np.float64).reshape(2)
    return camera


def _detections(given: Any, xyz_FJ3: Float32, cameras: list[dict[str, Any]] | None, detector: str, where: str) -> Iterator[Detections]:
    if given is None:
        return
    if not isinstance(given, list | tuple | np.ndarray) or (cameras is not None and len(given) != len(cameras)):
        what = "there is not one set of detections for each camera"
        raise FormatError(what, where=where, hint="a subject's cameras are listed in the order of the detections")
    for number, one in enumerate(given):
        xy_FJ2 = object_npz.joints_of(one, (17, 2), f"{where}, camera {number}")
        if len(xy_FJ2) < len(xyz_FJ3):
            raise FormatError(f"{len(xy_FJ2)} frames of detections for {len(xyz_FJ3)} of positions", where=where, hint="are they one take?")
        xy_FJ2 = xy_FJ2[: len(xyz_FJ3)]
        if cameras is None:
            yield Detections(f"camera {number}", detector, IMAGE_WH, xy_FJ2)
            continue
        camera = cameras[number]
        _check_fits(camera, xyz_FJ3, xy_FJ2, where)
        turn: Turn = tuple(map(tuple, camera["turn_33"].tolist()))  # type: ignore[assignment]
        lens: Lens | None = tuple(np.concatenate(camera["lens"]).tolist()) if "lens" in camera else None
        yield Detections(camera["id"], detector, camera["image_wh"], xy_FJ2, turn, tuple(camera["place_3"].tolist()), lens)


def _check_fits(camera: dict[str, Any], xyz_FJ3: Float32, xy_FJ2: Float32, where: str) -> None:
    """Cameras in another order, or of another subject, would give wrong targets silently."""
    axes_FJ3 = (xyz_FJ3 - camera["place_3"]) @ camera["turn_33"].T
    behind = float((axes_FJ3[..., 2] <= 0).mean())
    if behind > 0:
        raise FormatError(f"{camera['id']} has {100 * behind:.0f} % of the joints behind it", where=where, hint="are its axes right?")
    if "lens" in camera:
        focal_2, centre_2 = camera["lens"]
        off = float(np.median(np.linalg.norm(axes_FJ3[..., :2] / axes_FJ3[..., 2:] * focal_2 + centre_2 - xy_FJ2, axis=2)))
        if not off <= MOST_OFF_PX:
            hint = "list a subject's cameras in the order of the detections"
            raise FormatError(f"{camera['id']} sees the joints {off:.0f} pixels from where they were detected", where=where, hint=hint)


def _table(path: Path, name: str) -> dict[str, dict[str, Any]]:
    value = object_npz.load(path, name)
    if not isinstance(value, dict) or not all(isinstance(actions, dict) for actions in value.values()):
        raise FormatError(f"{name} is not subject -> action -> positions", where=str(path), hint="is it the public layout?")
    return value
