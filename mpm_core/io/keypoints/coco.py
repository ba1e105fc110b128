"""COCO keypoint JSON in: a list of results, as AlphaPose writes it too, or a table of images and annotations. F frames, K points, pixels.

Inferred: the point set by where the points lie (COCO-17, WholeBody, Halpe-26 and -136, Human3.6M-17; point_sets.py), frames by image id,
visibility flags (0, 1, 2) or scores by the values, the person by continuity (people.py). The format has no frame rate.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from mpm_core.errors import FormatError
from mpm_core.io.json_text import by_rows, load_json
from mpm_core.io.keypoints.json_frames import by_frame, number_in, triples
from mpm_core.io.keypoints.take import KeypointFile, reader_of, stated_size
from mpm_core.typing import Float

WHOLE_BODY = (("foot_kpts", 6), ("face_kpts", 68), ("lefthand_kpts", 21), ("righthand_kpts", 21))
TOKENS = (b'"image_id"', b'"annotations"', b'"images"', b'"categories"')


def sniff(path: Path, head: bytes) -> bool:
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    return start[:1] in (b"[", b"{") and any(token in head for token in TOKENS)


def file_of(path: Path) -> KeypointFile:
    """The people of a file. Raises FormatError when the JSON is not valid, or holds boxes without keypoints."""
    found, images = _people_and_images(path)
    frames = by_frame([*((image, [keypoints_K3]) for image, keypoints_K3 in found), *((image, []) for image in images)], str(path))
    sizes = set(images.values())
    notes = frames.notes
    if len(sizes) > 1:
        notes = (*notes, f"the images are of {len(sizes)} different sizes")
    size = sizes.pop() if len(sizes) == 1 else None
    return KeypointFile("coco", str(path), frames.people, where=frames.where, first_frame=frames.first_frame, image_wh=size, notes=notes)


read = reader_of(file_of)


def _people_and_images(path: Path) -> tuple[list[tuple[int, Float]], dict[int, tuple[int, int] | None]]:
    """Each person's image and keypoints, and the images (number -> width and height, None when not given)."""
    boxed = False

    def person(entry: Any) -> tuple[int, Float] | None:
        nonlocal boxed
        if not isinstance(entry, dict):
            raise nothing
        boxed |= "bbox" in entry
        return (number_in(entry.get("image_id"), str(path)), _keypoints(entry, path)) if entry.get("keypoints") else None

    def image(entry: Any) -> tuple[int, tuple[int, int] | None]:
        if not isinstance(entry, dict):
            raise nothing
        return number_in(entry.get("id"), str(path)), stated_size(entry, "width", "height")

    nothing = FormatError("there is no list of annotations", where=str(path), hint="is this COCO keypoint JSON?")
    value = load_json(path, lambda text: by_rows(text, {"annotations": person, "images": image}, person))
    people = value.get("annotations") if isinstance(value, dict) else value
    images = value.get("images", []) if isinstance(value, dict) else []
    if not isinstance(people, list) or not isinstance(images, list):
        raise nothing
    found = [each for each in people if each is not None]
    if not found:
        what = "boxes without keypoints" if boxed else "no keypoints"
        raise FormatError(f"the file holds {what}", where=str(path), hint="give the keypoint results instead")
    return found, dict(images)


def _keypoints(entry: dict[str, Any], path: Path) -> Float:
    """(K, 3) of one person, WholeBody's feet, face and hands after the body."""
    where = f"{path}, image {entry.get('image_id')}"
    keypoints_K3 = triples(entry["keypoints"], where)
    if len(keypoints_K3) == 17 and any(key in entry for key, _ in WHOLE_BODY):
        more = [triples(entry.get(key, [0] * 3 * count), where) for key, count in WHOLE_BODY]
        keypoints_K3 = np.concatenate([keypoints_K3, *more])
    return keypoints_K3
