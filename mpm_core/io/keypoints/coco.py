"""COCO keypoint JSON in: a list of results, or a table of images and annotations. F frames, K points, pixels, y down.

Inferred: the point set by its count (COCO-17, WholeBody-133, Halpe-26 and -136), frames by image id, visibility flags (0, 1, 2)
or scores by the values, the person by continuity (people.py). The format has no frame rate.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np

from mpm_core.errors import FormatError
from mpm_core.io.json_text import by_rows, load_json, triples
from mpm_core.io.keypoints.people import DEFAULT_RATE_HZ, common_notes, point_set, recording_of
from mpm_core.recording import Recording, Source
from mpm_core.typing import Float

WHOLE_BODY = (("foot_kpts", 6), ("face_kpts", 68), ("lefthand_kpts", 21), ("righthand_kpts", 21))
TOKENS = (b'"image_id"', b'"annotations"', b'"images"', b'"categories"')
SPARSE = 2  # image ids further apart than this on average are no frame numbers


def sniff(path: Path, head: bytes) -> bool:
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    return start[:1] in (b"[", b"{") and any(token in head for token in TOKENS)


def read(path: Path, *, fps: float | None = None, image_wh: tuple[int, int] | None = None) -> Recording:
    """Read one person. fps: the video's frame rate (30 when not given, with a note). image_wh: width and height, where the file has none.

    Raises FormatError when the JSON is not valid, holds boxes without keypoints, or an unknown number of points.
    """
    found, images = _people_and_images(path)
    names = point_set([(f"{path}, image {image}", keypoints_K3) for image, keypoints_K3 in found], str(path))
    flagged = _are_flags(np.concatenate([keypoints_K3[:, 2] for _, keypoints_K3 in found]))
    frames, first_frame, notes = _frames(sorted({image for image, _ in found} | set(images)))
    people: list[list[Float]] = [[] for _ in range(len(frames))]
    for image, keypoints_K3 in found:
        people[frames[image]].append(keypoints_K3 * [1, 1, 0.5] if flagged else keypoints_K3)
    sizes = set(images.values())
    size = image_wh or (sizes.pop() if len(sizes) == 1 else None)
    if len(sizes) > 1:
        notes.append(f"the images are of {len(sizes)} different sizes")
    if flagged:
        notes.append("visibility flags were taken as confidence: 2 as 1, 1 (hidden) as 0.5")
    notes = [f"{names.name}: {len(names.points)} points", *notes, *common_notes(people, fps, size)]
    source = Source(path=str(path), format="coco", unit="px", up="-y", first_frame=first_frame, image_wh=size, notes=tuple(notes))
    return recording_of(people, names.points, DEFAULT_RATE_HZ if fps is None else fps, source)


def _people_and_images(path: Path) -> tuple[list[tuple[int, Float]], dict[int, tuple[int, int] | None]]:
    """Each person's image and keypoints, and the images (number -> width and height, None when not given)."""
    boxed = False

    def person(entry: Any) -> tuple[int, Float] | None:
        nonlocal boxed
        if not isinstance(entry, dict):
            raise nothing
        boxed |= "bbox" in entry
        return (_number(entry.get("image_id"), path), _keypoints(entry, path)) if entry.get("keypoints") else None

    def image(entry: Any) -> tuple[int, tuple[int, int] | None]:
        if not isinstance(entry, dict):
            raise nothing
        size = entry.get("width"), entry.get("height")
        sized = all(isinstance(side, int) and side > 0 for side in size)
        return _number(entry.get("id"), path), (int(size[0]), int(size[1])) if sized else None  # type: ignore[arg-type]

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


def _are_flags(values: Float) -> bool:
    return bool(np.isin(values, (0, 1, 2)).all() and (values == 2).any())


def _frames(images: list[int]) -> tuple[dict[int, int], int, list[str]]:
    """Image id -> frame, the number of the first frame, and notes. Ids close together count frames, others only order them."""
    first, last = images[0], images[-1]
    if last - first + 1 > SPARSE * len(images):
        return {image: frame for frame, image in enumerate(images)}, 1, ["the image ids are far apart and were taken as an order only"]
    frames = {number: number - first for number in range(first, last + 1)}
    absent = len(frames) - len(images)
    return frames, first, [f"{absent} images are not listed and are missing frames"] if absent else []


def _number(value: Any, path: Path) -> int:
    """An image's number: an id, or the last number in a file name such as '000012.jpg'."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    digits = re.findall(r"\d{1,15}", Path(value).stem) if isinstance(value, str) else []
    if not digits:
        raise FormatError(f"{value!r} does not number an image", where=str(path), hint="image_id must be a number or a numbered file name")
    return int(digits[-1])
