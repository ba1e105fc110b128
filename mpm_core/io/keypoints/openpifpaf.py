"""OpenPifPaf JSON in: a line for each frame of a video, or a file of predictions for each image (a folder). F frames, K points, pixels.

The format has no frame rate and no image size.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from mpm_core.io.json_text import BLANK, load_json
from mpm_core.io.keypoints import coco
from mpm_core.io.keypoints.json_frames import by_frame, from_folder, instances, number_in
from mpm_core.io.keypoints.numbered import head_of
from mpm_core.io.keypoints.take import KeypointFile, reader_of
from mpm_core.typing import Float


def sniff(path: Path, head: bytes) -> bool:
    head = head_of(path, ".json", head)
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
    return (start == b"[" and b'"keypoints"' in head) or (start == b"{" and b'"predictions"' in head)


def file_of(path: Path) -> KeypointFile:
    """The people of a file or folder. Raises FormatError."""
    lines = None if path.is_dir() else load_json(path, _values)
    if lines and all(isinstance(line, dict) and "predictions" in line for line in lines):
        frames = by_frame([(number_in(line.get("frame"), str(path)), _people(line["predictions"], str(path))) for line in lines], str(path))
    elif lines and isinstance(lines[0], list) and any(isinstance(entry, dict) and "image_id" in entry for entry in lines[0]):
        return coco.file_of(path)  # whose image_id stands after the keypoints
    else:
        frames = from_folder(path, _people)
    return KeypointFile("openpifpaf", str(path), frames.people, where=frames.where, first_frame=frames.first_frame, notes=frames.notes)


read = reader_of(file_of)


def _values(text: str) -> list[Any]:
    """The JSON values in a text, one after the other."""
    decode, values, text = json.JSONDecoder().raw_decode, list[Any](), text.rstrip()
    at = 0
    while at < len(text):
        value, at = decode(text, at + len(BLANK.match(text, at)[0]))  # type: ignore[index]  # it matches nothing, too
        values.append(value)
    return values


def _people(value: Any, where: str) -> list[Float]:
    """(K, 3) of each person of an image."""
    return instances(value.get("predictions") if isinstance(value, dict) else value, where)
