"""AlphaPose JSON in its formats "cmu" and "open": an object of images, or a folder with one file for each. Pixels, y down.

Its list of results is COCO's (coco.py). Frames are numbered by the images' names. The format has no frame rate and no image size.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from mpm_core.errors import FormatError
from mpm_core.io.json_text import load_json
from mpm_core.io.keypoints.json_frames import NOT_KEYPOINTS, by_frame, from_folder, number_in, triples
from mpm_core.io.keypoints.numbered import head_of
from mpm_core.io.keypoints.take import KeypointFile, reader_of
from mpm_core.typing import Float

BY_IMAGE = re.compile(rb'(\xef\xbb\xbf)?\s*\{\s*"[^"]*\.(jpe?g|png|bmp|tiff?)"\s*:\s*\{', re.IGNORECASE)


def sniff(path: Path, head: bytes) -> bool:
    head = head_of(path, ".json", head)
    return BY_IMAGE.match(head) is not None or (b'"bodies"' in head and b'"joints"' in head)


def file_of(path: Path) -> KeypointFile:
    """The people of a file or folder. Raises FormatError."""
    value = None if path.is_dir() else load_json(path)
    if isinstance(value, dict) and "bodies" not in value:
        numbered = [(number_in(image, str(path)), _people(frame, f"{path}, image {image}")) for image, frame in value.items()]
        frames = by_frame(numbered, str(path))
    else:
        frames = from_folder(path, _people)
    return KeypointFile("alphapose", str(path), frames.people, where=frames.where, first_frame=frames.first_frame, notes=frames.notes)


read = reader_of(file_of)


def _people(value: Any, where: str) -> list[Float]:
    """(K, 3) of each person of an image."""
    listed = value.get("bodies", value.get("people")) if isinstance(value, dict) else None
    if not isinstance(listed, list) or not all(isinstance(body, dict) for body in listed):
        raise FormatError("there is no list of bodies", where=where, hint=NOT_KEYPOINTS)
    numbers = [body.get("joints", body.get("pose_keypoints_2d")) for body in listed]
    return [triples(each, where) for each in numbers if each]
