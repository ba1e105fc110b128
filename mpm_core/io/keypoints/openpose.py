"""OpenPose JSON in: a folder with one file per frame, or a single file. F frames, K points, pixels, y down.

Inferred: the point set by where the points lie (BODY_25, BODY_25B, COCO-18, MPI-15; point_sets.py), frame numbers by the file names, the
person by continuity (people.py). A point at 0, 0 or with confidence 0 is missing; a frame without a file or without the person is missing.
Hands and face are points too, where any was detected. The format has no frame rate and no image size.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from mpm_core.errors import DAMAGED, FormatError
from mpm_core.io.json_text import load_json
from mpm_core.io.keypoints.json_frames import triples
from mpm_core.io.keypoints.numbered import head_of, numbered_files
from mpm_core.io.keypoints.take import KeypointFile, reader_of
from mpm_core.typing import Float

BODY_KEYS = ("pose_keypoints_2d", "pose_keypoints")
PARTS = (("hand_left_keypoints_2d", 21), ("hand_right_keypoints_2d", 21), ("face_keypoints_2d", 70))


def sniff(path: Path, head: bytes) -> bool:
    head = head_of(path, ".json", head)
    return head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{") and b'"people"' in head


def file_of(path: Path, *, skip_broken: bool = False) -> KeypointFile:
    """The people of a file or folder. skip_broken: a file that is not valid counts as a missing frame, with a note.

    Raises FormatError naming the file that is wrong.
    """
    files, first_frame, notes = numbered_files(path, ".json")
    people: list[list[Float]] = []
    broken: list[str] = []
    for file in files:
        try:
            people.append(_people(file) if file is not None else [])
        except FormatError:
            if not skip_broken or file is None:
                raise
            broken.append(file.name)
            people.append([])
    if broken:
        notes.append(f"{len(broken)} files are not valid and count as missing frames: {', '.join(broken[:5])}")
    return KeypointFile(
        "openpose",
        str(path),
        people,
        extra=tuple(count for _, count in PARTS),
        where=[str(file) for file in files],
        first_frame=first_frame,
        notes=tuple(notes),
    )


read = reader_of(file_of)


def _people(file: Path) -> list[Float]:
    """(K, 3) of everyone in a frame, hands and face after the body; those without body points are left out."""
    value = load_json(file)
    persons = value.get("people") if isinstance(value, dict) else None
    if not isinstance(persons, list) or not all(isinstance(person, dict) for person in persons):
        raise FormatError("there is no list of people", where=str(file), hint="is this OpenPose's JSON?")
    bodies: list[Any] = [next((person[key] for key in BODY_KEYS if key in person), []) for person in persons]
    return [_with_parts(triples(body, str(file)), person, str(file)) for body, person in zip(bodies, persons, strict=True) if body]


def _with_parts(body_K3: Float, person: dict[str, Any], where: str) -> Float:
    parts = [body_K3]
    for key, count in PARTS:
        part_K3 = triples(person.get(key) or [], where)
        if len(part_K3) not in (0, count):
            raise FormatError(f"{key} has {len(part_K3)} points, not {count}", where=where, hint=DAMAGED)
        parts.append(part_K3 if len(part_K3) else np.zeros((count, 3)))
    return np.concatenate(parts)
