"""MPI-INF-3DHP as data_train_3dhp.npz and data_test_3dhp.npz. F frames, J = 17 joints.

train: "S1 Seq1" -> [camera -> {data_2d (F, 17, 2) pixels, data_3d (F, 17, 3) millimetres in camera axes}, frames a second].
test: "TS1" -> {data_2d, data_3d, valid (F,)}; only valid frames are scored. Positions are in each camera's own axes, so a take is one
camera's, and the camera is taken as level to have an up axis.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from mpm_core.errors import FormatError
from mpm_core.io import object_npz
from mpm_core.world_fit.camera import level_axes
from mpm_train.data.take import RATE_IN_FILE, Detections, Take, key_of, known_set

ORDER = (14, 8, 9, 10, 11, 12, 13, 15, 1, 16, 0, 5, 6, 7, 2, 3, 4)  # of the file's joints, by the order of body17
TEST_RATE_HZ = 25.0
TRAIN_WH = (2048, 2048)
TEST_WH = {"TS5": (1920, 1080), "TS6": (1920, 1080)}
LEVEL = "positions are in camera axes; the camera is taken as level"


def read(path: Path, done: set[str]) -> Iterator[Take]:
    """Every camera of every sequence but those done already, in world axes of its own. Raises FormatError for another layout."""
    table = object_npz.load(path, "data")
    if not isinstance(table, dict) or not table:
        raise FormatError("data is not a table of sequences", where=str(path), hint="is it the public layout?")
    for sequence, entry in table.items():
        if isinstance(entry, dict):
            if key_of(path, sequence) not in done:
                yield _take(path, sequence, sequence, "", entry, TEST_RATE_HZ, TEST_WH.get(sequence, TRAIN_WH))
            continue
        cameras, rate_hz = _cameras(entry, f"{path}, {sequence}")
        subject, _, name = sequence.partition(" ")
        for camera, one in cameras.items():
            if key_of(path, f"{sequence}/{camera}") not in done:
                yield _take(path, f"{sequence}/{camera}", subject, name, one, rate_hz, TRAIN_WH, str(camera))


def _cameras(entry: Any, where: str) -> tuple[dict[Any, Any], float]:
    parts = list(entry) if isinstance(entry, list | tuple | np.ndarray) else []
    if len(parts) == 2 and isinstance(parts[0], dict) and np.ndim(parts[1]) == 0:
        rate = np.asarray(parts[1])
        if rate.dtype.kind in "fiu" and rate > 0:
            return parts[0], float(rate.reshape(())[()])
    raise FormatError("it is not [camera -> positions, frames a second]", where=where, hint="is it the public layout?")


def _take(
    path: Path, name: str, subject: str, action: str, one: Any, rate_hz: float, image_wh: tuple[int, int], camera: str = "test"
) -> Take:
    where = f"{path}, {name}"
    if not isinstance(one, dict) or not {"data_2d", "data_3d"} <= one.keys():
        raise FormatError("it holds no data_2d and data_3d", where=where, hint="is it the public layout?")
    axes_FJ3 = object_npz.joints_of(one["data_3d"], (17, 3), where)[:, list(ORDER)] / np.float32(1000)
    xy_FJ2 = object_npz.joints_of(one["data_2d"], (17, 2), where)[:, list(ORDER)]
    scored_F = np.asarray(one["valid"]).reshape(-1) > 0 if "valid" in one else None
    if len(xy_FJ2) != len(axes_FJ3) or (scored_F is not None and len(scored_F) != len(axes_FJ3)):
        raise FormatError("data_2d, data_3d and valid are not of one length", where=where, hint="is it the public layout?")
    level_33 = level_axes(np.array([0.0, -1.0, 0.0]))
    turn = tuple(map(tuple, level_33.tolist()))
    detections = Detections(camera, "as published", image_wh, xy_FJ2, turn, (0.0, 0.0, 0.0))  # type: ignore[arg-type]
    notes = (LEVEL,) if scored_F is None else (LEVEL, f"frame rate taken as {rate_hz:g} Hz: the file carries none")
    world_FJ3 = (axes_FJ3 @ level_33).astype(np.float32)
    rate_by = RATE_IN_FILE if scored_F is None else known_set("MPI-INF-3DHP")
    return Take(
        path, name, f"3dhp-{subject}", rate_hz, world_FJ3, "MPI-INF-3DHP", action, True, (detections,), scored_F, notes, rate_by=rate_by
    )
