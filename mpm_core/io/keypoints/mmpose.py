"""MMPose and RTMPose JSON in: what the inferencer writes for a video (a file) or for images (a folder), and the demos' `instance_info`.

F frames, K points, pixels, y down. Frames are numbered by frame_id, from 0, or by the files' names; the point set is told by where the
points lie, else named as the file does. The format has no frame rate and no image size.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from mpm_core.errors import FormatError
from mpm_core.io.json_text import load_json
from mpm_core.io.keypoints.json_frames import Frames, by_frame, from_folder, instances, number_in
from mpm_core.io.keypoints.numbered import head_of, starts_as_json
from mpm_core.io.keypoints.point_sets import is_known_count
from mpm_core.io.keypoints.take import KeypointFile, reader_of
from mpm_core.typing import Float

TOKENS = (b'"instances"', b'"instance_info"', b'"keypoint_scores"', b'"keypoint_id2name"', b'"dataset_name"')


def sniff(path: Path, head: bytes) -> bool:
    head = head_of(path, ".json", head)
    return starts_as_json(head) and any(token in head for token in TOKENS)


def file_of(path: Path) -> KeypointFile:
    """The people of a file or folder. Raises FormatError."""
    names: tuple[str, ...] = ()
    if path.is_dir():
        frames = from_folder(path, _people)
    else:
        value = load_json(path)
        names = _names(value)
        frames = _frames(value, path)
    count = next((len(person_K3) for persons in frames.people for person_K3 in persons), 0)
    return KeypointFile(
        "mmpose",
        str(path),
        frames.people,
        names=names if len(names) == count and not is_known_count(count) else (),
        where=frames.where,
        first_frame=frames.first_frame,
        notes=frames.notes,
    )


read = reader_of(file_of)


def _frames(value: Any, path: Path) -> Frames:
    where = str(path)
    listed = value.get("instance_info") if isinstance(value, dict) else value
    if not isinstance(listed, list) or not all(isinstance(entry, dict) for entry in listed):
        raise FormatError("there is no list of frames or instances", where=where, hint="is this MMPose's JSON?")
    if listed and not any("instances" in entry for entry in listed):
        return from_folder(path, _people)
    return by_frame([(number_in(entry.get("frame_id"), where), _people(entry.get("instances"), where)) for entry in listed], where)


def _people(value: Any, where: str) -> list[Float]:
    """(K, 3) of each instance of an image."""
    return instances(value.get("instance_info", value.get("instances")) if isinstance(value, dict) else value, where)


def _names(value: Any) -> tuple[str, ...]:
    """The points' names in the file's order, () where it has none."""
    about = value.get("meta_info") if isinstance(value, dict) else None
    names = about.get("keypoint_id2name") if isinstance(about, dict) else None
    if not isinstance(names, dict) or not all(str(number) in names for number in range(len(names))):
        return ()
    return tuple(str(names[str(number)]) for number in range(len(names)))
