"""NPY in: a bare array of positions, as FreeMoCap and many scripts save it. F frames, P points, D = 3 or 2.

An array has no names, rate, unit or axis. 33 points and two hands of 21 (and a face) are MediaPipe's, as FreeMoCap orders them.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.lib import format as npy_format
from numpy.typing import NDArray

from mpm_core.errors import FormatError
from mpm_core.files.read import read_bytes
from mpm_core.io.conventions import ASSUMED_RATE_HZ, world_positions
from mpm_core.io.keypoints.arrays import pixels_and_notes
from mpm_core.io.keypoints.detected import detected
from mpm_core.io.keypoints.point_sets import UNNAMED, is_known_count, names_of
from mpm_core.io.keypoints.take import KeypointFile, KeypointOptions, take_of
from mpm_core.io.up_axis import Positions
from mpm_core.io.zip_members import read_npy
from mpm_core.recording import Recording, Source, make_recording

BODY = 33  # points of MediaPipe's body
EXTRA = {75: (21, 21), 543: (21, 21, 468), 553: (21, 21, 478)}  # points -> those of right hand, left hand and face


def sniff(path: Path, head: bytes) -> bool:
    return head.startswith(npy_format.MAGIC_PREFIX)


def read(
    path: Path,
    *,
    unit: str | None = None,
    up: str | None = None,
    zero_is_missing: bool | None = None,
    fps: float | None = None,
    image_wh: tuple[int, int] | None = None,
    points: str | None = None,
    person: str | None = None,
) -> Recording:
    """(F, P, 3) positions, or (F, P, 2), (F, P, 3) pixels and confidence, or MediaPipe's (F, P, 4 or 5); (F, people, P, ...) of several.

    Which it is, is told by the numbers (keypoints/arrays.py), and what the points are, by where they lie. Unit and up axis are inferred,
    the rate is 30 Hz; unit, up, fps and points overrule, and unit or up also say that the array is of positions.

    Raises FormatError when the array is damaged or of another shape, and for image_wh and person beside positions.
    """
    where = str(path)
    array = read_npy(read_bytes(path), path.name, where)
    if array.ndim not in (3, 4) or not 2 <= array.shape[-1] <= 5 or array.dtype.kind not in "fiu" or 0 in array.shape:
        raise FormatError(
            f"the array is {array.shape} {array.dtype}, not (frames, points, 3 or 2) numbers",
            where=where,
            hint="save positions as (frames, points, 3)",
        )
    if unit is None and up is None:
        asked = KeypointOptions(fps, image_wh, points, person)
        taken = _of_picture(array, where, asked)
        if taken is not None:
            return taken
    if image_wh is not None or person is not None:
        raise FormatError(
            "the array holds positions of one person, not keypoints in a picture", where=where, hint="leave --size and --person away"
        )
    if array.ndim == 4:
        raise FormatError(f"the array holds positions of {array.shape[1]} people", where=where, hint="save each as (frames, points, 3)")
    xyz_FPD: Positions = array[..., :3].astype(np.float32) if array.dtype in (np.float16, np.float32) else array[..., :3].astype(np.float64)
    del array
    if xyz_FPD.shape[2] == 2:
        raise FormatError("pixels have no unit and no up axis", where=where, hint="leave --unit and --up away")
    xyz_FPD[~np.isfinite(xyz_FPD).all(axis=2)] = np.nan
    names, note = names_of(xyz_FPD, where, points, EXTRA.get(xyz_FPD.shape[1], ()))
    world = world_positions(xyz_FPD, unit=unit, up=up, zero_is_missing=zero_is_missing, labels=names, where=where)
    rate = () if fps is not None else (f"frame rate taken as {ASSUMED_RATE_HZ:g} Hz: an array carries none",)
    source = Source(where, "npy", world.unit, world.up, world.file_to_world_33, notes=(note, *rate, *world.notes), up_known=world.up_known)
    return make_recording(names, ASSUMED_RATE_HZ if fps is None else fps, world.xyz_FP3, source=source)


def _of_picture(array: NDArray[Any], where: str, asked: KeypointOptions) -> Recording | None:
    """The recording of one person where the array holds pixels; None for positions."""
    array_FMKC = array if array.ndim == 4 else array[:, None]
    F, M, K, C = array_FMKC.shape
    found = pixels_and_notes(array_FMKC.reshape(F * M, K, C), where)
    if found is None:
        return None
    people_NK3, notes = found
    people_FMK3 = people_NK3.reshape(F, M, K, 3)
    people = [[person_K3 for person_K3 in people_MK3 if detected(person_K3).any()] for people_MK3 in people_FMK3]
    if asked.points is None and not is_known_count(BODY if K in EXTRA else K):
        asked = replace(asked, points=UNNAMED)
    whose = [["1"] * len(persons) for persons in people] if M == 1 else None
    return take_of(KeypointFile("npy", where, people, whose=whose, extra=EXTRA.get(K, ()), notes=notes), asked)
