"""NPY in: a bare array of positions, as FreeMoCap and many scripts save it. F frames, P points, D = 3 or 2.

An array has no names, rate, unit or axis. 33 points, or 33 and two hands of 21 (and a face), are MediaPipe's, as FreeMoCap orders them.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.lib import format as npy_format

from mpm_core.body.mapping import body17
from mpm_core.errors import FormatError
from mpm_core.io.conventions import Positions, world_positions
from mpm_core.io.zip_members import read_npy
from mpm_core.recording import Recording, Source, make_recording

DEFAULT_RATE_HZ = 30.0
# fmt: off
POSE = (
    "nose", "left_eye_inner", "left_eye", "left_eye_outer", "right_eye_inner", "right_eye", "right_eye_outer", "left_ear", "right_ear",
    "mouth_left", "mouth_right", "left_shoulder", "right_shoulder", "left_elbow", "right_elbow", "left_wrist", "right_wrist",
    "left_pinky", "right_pinky", "left_index", "right_index", "left_thumb", "right_thumb", "left_hip", "right_hip", "left_knee",
    "right_knee", "left_ankle", "right_ankle", "left_heel", "right_heel", "left_foot_index", "right_foot_index",
)
# fmt: on
HAND = 21
MEDIAPIPE = {33: 0, 75: 0, 543: 468, 553: 478}  # points -> those of the face


def sniff(path: Path, head: bytes) -> bool:
    return head.startswith(npy_format.MAGIC_PREFIX)


def read(
    path: Path, *, unit: str | None = None, up: str | None = None, zero_is_missing: bool | None = None, fps: float | None = None
) -> Recording:
    """(F, P, 3) positions, or (F, P, 2) in pixels. Unit and up axis are inferred, the rate is 30 Hz; unit, up and fps overrule.

    Raises FormatError when the array is damaged or of another shape.
    """
    where = str(path)
    try:
        array = read_npy(path.read_bytes(), path.name, where)
    except OSError as error:
        raise FormatError(f"the file cannot be read: {error.strerror}", where=where, hint="check the path and its permissions") from error
    if array.ndim != 3 or array.shape[2] not in (2, 3) or array.dtype.kind not in "fiu" or 0 in array.shape:
        raise FormatError(
            f"the array is {array.shape} {array.dtype}, not (frames, points, 3 or 2) numbers",
            where=where,
            hint="save positions as (frames, points, 3)",
        )
    names, notes = _names(array.shape[1])
    if fps is None:
        notes.append(f"frame rate taken as {DEFAULT_RATE_HZ:g} Hz: an array carries none")
    rate_hz = DEFAULT_RATE_HZ if fps is None else fps
    xyz_FPD: Positions = array.astype(np.float32) if array.dtype in (np.float16, np.float32) else array.astype(np.float64)
    del array
    if xyz_FPD.shape[2] == 2:
        return make_recording(names, rate_hz, xyz_FPD, source=Source(where, "npy", "px", notes=tuple(notes)))
    xyz_FPD[~np.isfinite(xyz_FPD).all(axis=2)] = np.nan
    world = world_positions(xyz_FPD, unit=unit, up=up, zero_is_missing=zero_is_missing, where=where)
    source = Source(where, "npy", world.unit, world.up, world.file_to_world_33, notes=(*notes, *world.notes))
    return make_recording(names, rate_hz, world.xyz_FP3, source=source)


def _names(points: int) -> tuple[tuple[str, ...], list[str]]:
    if points in MEDIAPIPE:
        hands = [f"{side}_hand_{i:02d}" for side in ("right", "left") for i in range(HAND if points > len(POSE) else 0)]
        face = [f"face_{i:03d}" for i in range(MEDIAPIPE[points])]
        return (*POSE, *hands, *face), [f"{points} points were taken as MediaPipe's, as FreeMoCap orders them"]
    if points == 17:
        return body17().names, ["17 points were taken as the body joints"]
    return tuple(f"P{number}" for number in range(1, points + 1)), ["the points have no names and were numbered"]
