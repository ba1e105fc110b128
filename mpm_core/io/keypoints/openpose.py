"""OpenPose JSON in: a folder with one file per frame, or a single file. F frames, K points, pixels, y down.

Decided by evidence: the point set by its count (BODY_25, COCO-18, MPI-15), frame numbers by the file names, the person by continuity
(people.py). A point at 0, 0 or with confidence 0 is missing; a frame without a file or without the person is missing. The format carries no
frame rate and no image size.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from mpm_core.errors import FormatError
from mpm_core.io.json_text import load_json, triples
from mpm_core.io.people import DEFAULT_RATE_HZ, common_notes, point_set, recording_of
from mpm_core.recording import Recording, Source
from mpm_core.typing import Float

NUMBERED = re.compile(r"(?P<take>.*?)_?(?P<frame>\d+)(?:_keypoints)?\.json", re.IGNORECASE)
BODY_KEYS = ("pose_keypoints_2d", "pose_keypoints")
SPARSE = 50  # frame numbers further apart than this on average are no frame numbers


def sniff(path: Path, head: bytes) -> bool:
    if head:
        return head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{") and b'"people"' in head
    if not path.is_dir():
        return False
    try:
        return any(
            NUMBERED.fullmatch(entry.name) and b'"people"' in entry.open("rb").read(4096) for entry in sorted(path.glob("*.json"))[:20]
        )
    except OSError:
        return False


def read(path: Path, *, fps: float | None = None, skip_broken: bool = False, image_wh: tuple[int, int] | None = None) -> Recording:
    """Read one person. fps: the video's frame rate (30 when not given, with a note). skip_broken: a file that is not valid counts as a
    missing frame, with a note. image_wh: width and height of the video, where known.

    Raises FormatError naming the file that is wrong.
    """
    files, first_frame, notes = _files(path)
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
    detections = [(str(file), person) for file, persons in zip(files, people, strict=True) for person in persons]
    names = point_set(detections, str(path))
    if broken:
        notes.append(f"{len(broken)} files are not valid and count as missing frames: {', '.join(broken[:5])}")
    notes = [f"{names.name}: {len(names.points)} points", *notes, *common_notes(people, fps, image_wh)]
    source = Source(path=str(path), format="openpose", unit="px", up="-y", first_frame=first_frame, image_wh=image_wh, notes=tuple(notes))
    return recording_of(people, names.points, DEFAULT_RATE_HZ if fps is None else fps, source)


def _files(path: Path) -> tuple[list[Path | None], int, list[str]]:
    """One file (or None) per frame, the number of the first, and notes. Raises FormatError when the names do not tell the frames."""
    if not path.is_dir():
        match = NUMBERED.fullmatch(path.name)
        return [path], int(match["frame"]) if match and len(match["frame"]) <= 15 else 1, []
    matches = [(match, file) for file in sorted(path.iterdir()) if (match := NUMBERED.fullmatch(file.name))]
    takes = sorted({match["take"] for match, _ in matches})
    if len(takes) != 1:
        listed = ", ".join(repr(take) for take in takes[:4])
        raise FormatError(f"the folder holds the frames of {len(takes)} videos ({listed})", where=str(path), hint="one video to a folder")
    by_number: dict[int, Path] = {}
    for match, file in matches:
        if int(match["frame"]) in by_number:
            raise FormatError(f"frame {int(match['frame'])} is there twice", where=str(file), hint="remove one of the two")
        by_number[int(match["frame"])] = file
    first, last = min(by_number), max(by_number)
    absent = last - first + 1 - len(by_number)
    if absent > SPARSE * len(by_number):
        return [by_number[number] for number in sorted(by_number)], 1, ["the files' numbers are far apart and were taken as an order only"]
    notes = [f"{absent} frames have no file and are missing"] if absent else []
    return [by_number.get(number) for number in range(first, last + 1)], first, notes


def _people(file: Path) -> list[Float]:
    """(K, 3) of everyone in a frame; those without body points are left out."""
    value = load_json(file)
    persons = value.get("people") if isinstance(value, dict) else None
    if not isinstance(persons, list) or not all(isinstance(person, dict) for person in persons):
        raise FormatError("there is no list of people", where=str(file), hint="is this OpenPose's JSON?")
    bodies: list[Any] = [next((person[key] for key in BODY_KEYS if key in person), []) for person in persons]
    return [triples(body, str(file)) for body in bodies if body]
