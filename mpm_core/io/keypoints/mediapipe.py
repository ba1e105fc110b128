"""MediaPipe landmarks in JSON: a list of frames, an object with one, or a folder with a file for each. F frames, K points, y down.

MediaPipe itself writes no files; scripts write its landmarks as objects of x, y, z and visibility, or as lists of these, under the names of
its programming interfaces. Picture landmarks (shares of the picture, or pixels) are read. World landmarks alone have every frame's hips at
the origin, so that the person's way is lost, and are refused.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from mpm_core.errors import FormatError
from mpm_core.io.json_text import load_json
from mpm_core.io.keypoints.arrays import MEDIAPIPE, have_depth_from_hips
from mpm_core.io.keypoints.json_frames import NOT_KEYPOINTS, Frames, by_frame, from_folder, number_in
from mpm_core.io.keypoints.numbered import head_of, starts_as_json
from mpm_core.io.keypoints.take import KeypointFile, reader_of, stated_size
from mpm_core.typing import Float

POSES = ("pose_landmarks", "poseLandmarks", "landmarks", "keypoints", "landmark", "pose", "points")
NUMBERS = ("frame", "frame_id", "frame_index", "frameIndex", "frame_number", "frameNumber", "index")
RATES = ("fps", "frame_rate", "frameRate", "rate_hz")
DEEPEST = 4  # objects and lists around one person's points
TOKENS = tuple(f'"{name}"'.encode() for name in (*POSES[:3], "visibility", "poseWorldLandmarks", "pose_world_landmarks"))


def sniff(path: Path, head: bytes) -> bool:
    head = head_of(path, ".json", head)
    return starts_as_json(head) and any(token in head for token in TOKENS)


def file_of(path: Path) -> KeypointFile:
    """The people of a file or folder. Raises FormatError."""
    value: Any = None
    if path.is_dir():
        frames = from_folder(path, _people)
    else:
        value = load_json(path)
        frames = _frames(value, path)
    frames = _checked(frames, str(path))
    return KeypointFile(
        "mediapipe",
        str(path),
        frames.people,
        where=frames.where,
        first_frame=frames.first_frame,
        rate_hz=_rate(value),
        image_wh=stated_size(value, "width", "height"),
        notes=frames.notes,
    )


read = reader_of(file_of)


def _frames(value: Any, path: Path) -> Frames:
    """All frames of a file: in a list (perhaps under 'frames'), or one that is the file itself."""
    listed = value.get("frames", value.get("results")) if isinstance(value, dict) else value
    if not isinstance(listed, list) or (listed and _is_pose(listed)):
        return from_folder(path, _people)
    numbered = [(_number(entry, place), _people(entry, f"{path}, entry {place + 1}")) for place, entry in enumerate(listed)]
    return by_frame(numbered, str(path))


def _number(entry: Any, place: int) -> int:
    """A frame's number as the entry gives it, else by its place, from 0."""
    key = next((key for key in NUMBERS if isinstance(entry, dict) and key in entry), None)
    return place if key is None else number_in(entry[key], f"entry {place + 1}")


def _people(value: Any, where: str, level: int = 0) -> list[Float]:
    """(K, 4) of each pose of a frame: x, y, z, visibility. level: how many objects and lists it is in."""
    if level > DEEPEST:
        raise FormatError(f"the landmarks are in more than {DEEPEST} objects and lists", where=where, hint=NOT_KEYPOINTS)
    if isinstance(value, dict):
        key = next((key for key in POSES if key in value), None)
        if key is None:
            worldly = any("world" in key.lower() for key in value)
            what = "there are world landmarks only" if worldly else "there are no landmarks"
            raise FormatError(what, where=where, hint="save the picture's landmarks (pose_landmarks)" if worldly else NOT_KEYPOINTS)
        return _people(value[key], where, level + 1)
    if value is None or value == []:
        return []
    if not isinstance(value, list):
        raise FormatError("there are no landmarks", where=where, hint=NOT_KEYPOINTS)
    return [_pose(value, where)] if _is_pose(value) else [pose for each in value for pose in _people(each, where, level + 1)]


def _is_pose(value: list[Any]) -> bool:
    """Whether the list is one person's points: objects with x and y, or lists of numbers."""
    first = value[0]
    if isinstance(first, dict):
        return "x" in first and "y" in first
    return isinstance(first, list) and 2 <= len(first) <= 5 and all(isinstance(item, int | float) for item in first)


def _pose(value: list[Any], where: str) -> Float:
    """(K, 4) x, y, z, visibility; of points with three numbers the last is z where they are MediaPipe's 33, else a confidence."""
    try:
        return np.array([_row(point, len(value) == MEDIAPIPE) for point in value], np.float64).reshape(-1, 4)
    except (TypeError, ValueError, KeyError, OverflowError) as error:
        raise FormatError("the landmarks are not numbers", where=where, hint=NOT_KEYPOINTS) from error


def _row(point: Any, has_depth: bool) -> list[float]:
    if isinstance(point, dict):
        sure = point["visibility"] if "visibility" in point else point.get("score", 1.0)
        return [float(point["x"]), float(point["y"]), float(point.get("z", 0.0)), float(sure)]
    x_y_more = [float(item) for item in point]
    if len(x_y_more) == 3:
        return [*x_y_more, 1.0] if has_depth else [*x_y_more[:2], 0.0, x_y_more[2]]
    return [*x_y_more, 0.0, 1.0] if len(x_y_more) == 2 else x_y_more[:4]


def _checked(frames: Frames, where: str) -> Frames:
    """The frames with (K, 3) of each pose: x, y, visibility. Raises FormatError for world landmarks."""
    poses = [pose_K4 for persons in frames.people for pose_K4 in persons]
    if poses and all(len(pose_K4) == MEDIAPIPE for pose_K4 in poses) and not have_depth_from_hips(np.stack(poses)):
        raise FormatError("these are world landmarks, around the hips", where=where, hint="save the picture's landmarks (pose_landmarks)")
    return Frames(
        [[pose_K4[:, [0, 1, 3]] for pose_K4 in persons] for persons in frames.people], frames.where, frames.first_frame, frames.notes
    )


def _rate(value: Any) -> float | None:
    """Frames a second, where the file says."""
    for rate in (value.get(key) for key in RATES) if isinstance(value, dict) else ():
        if isinstance(rate, int | float) and not isinstance(rate, bool) and 0 < rate < 1e6:
            return float(rate)
    return None
