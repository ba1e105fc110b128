"""Keypoint JSON frame by frame: one file with all frames, or a folder with one file for each. F frames, K points."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from mpm_core.errors import DAMAGED, FormatError
from mpm_core.io.json_text import load_json
from mpm_core.io.keypoints.numbered import numbered_files
from mpm_core.typing import Float

SPARSE = 2  # frame numbers further apart than this on average only give an order
NOT_KEYPOINTS = "the file is damaged, or of another program; copy it again from its source"


@dataclass(frozen=True, slots=True)
class Frames:
    """people: (K, 3) of each person of each frame; where: of each frame, for errors."""

    people: list[list[Float]]
    where: list[str]
    first_frame: int
    notes: tuple[str, ...]


def from_folder(path: Path, people_of: Callable[[Any, str], list[Float]]) -> Frames:
    """The frames of a folder, or of a single file that holds one. people_of: from a file's value and place. Raises FormatError."""
    files, first_frame, notes = numbered_files(path, ".json")
    people = [people_of(load_json(file), str(file)) if file is not None else [] for file in files]
    return Frames(people, [str(file or path) for file in files], first_frame, tuple(notes))


def by_frame(numbered: Sequence[tuple[int, list[Float]]], where: str) -> Frames:
    """Frames by their numbers: one that is not there is missing, one that is there twice has the people of both. Raises FormatError."""
    if not numbered:
        raise FormatError("there are no frames in it", where=where, hint="was the detector run on the right video?")
    numbers = sorted({number for number, _ in numbered})
    first, last = numbers[0], numbers[-1]
    notes: tuple[str, ...] = ()
    if last - first + 1 > SPARSE * len(numbers):
        place = {number: frame for frame, number in enumerate(numbers)}
        first, notes = 1, ("the frame numbers are far apart: they only give the order",)
    else:
        place = {number: number - first for number in range(first, last + 1)}
        if len(place) > len(numbers):
            notes = (f"{len(place) - len(numbers)} frames are not listed and are missing",)
    people: list[list[Float]] = [[] for _ in place]
    for number, persons in numbered:
        people[place[number]] += persons
    return Frames(people, [f"{where}, frame {number}" for number in place], first, notes)


def number_in(value: Any, where: str) -> int:
    """A frame's number: a whole number, or the last one in a file name such as '000012.jpg'. Raises FormatError."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    digits = re.findall(r"\d{1,15}", Path(value).stem) if isinstance(value, str) else []
    if not digits:
        raise FormatError(f"{value!r} does not number an image", where=where, hint=NOT_KEYPOINTS)
    return int(digits[-1])


def pairs_and_scores(pairs: Any, scores: Any, where: str) -> Float:
    """(K, 3) from lists of x, y and of confidence (None: 1 everywhere). Raises FormatError for anything else."""
    try:
        xy_K2 = np.array(pairs, np.float64).reshape(len(pairs), -1)
        score_K = np.ones(len(xy_K2)) if scores is None else np.array(scores, np.float64).reshape(-1)
        if xy_K2.shape[1] != 2:
            hint = "give the results in the picture (x, y), not those in space"
            raise FormatError(f"a keypoint has {xy_K2.shape[1]} numbers beside its score", where=where, hint=hint)
        return np.concatenate([xy_K2, score_K[:, None]], axis=1)
    except (TypeError, ValueError, OverflowError) as error:
        raise FormatError("keypoints are not lists of x, y and as many scores", where=where, hint=NOT_KEYPOINTS) from error


def instances(value: Any, where: str) -> list[Float]:
    """(K, 3) of each entry of a list: `keypoints` of x, y, confidence, or of x, y beside `keypoint_scores`.

    An entry whose `keypoints` is empty is left out. Raises FormatError.
    """
    if not isinstance(value, list) or not all(isinstance(entry, dict) for entry in value):
        raise FormatError("there is no list of people", where=where, hint=NOT_KEYPOINTS)
    if any("keypoints" not in entry for entry in value):
        raise FormatError(
            "someone in it has no keypoints", where=where, hint="give the results of a pose model, not of a detector of boxes"
        )
    return [
        pairs_and_scores(entry["keypoints"], entry["keypoint_scores"], where)
        if "keypoint_scores" in entry
        else triples(entry["keypoints"], where)
        for entry in value
        if entry["keypoints"] != []
    ]


def triples(values: Any, where: str) -> Float:
    """(K, 3) from a flat or nested list of x, y, confidence; not-a-number stays NaN. Raises FormatError for anything else."""
    flat = [item for value in values for item in value] if isinstance(values, list) and values and isinstance(values[0], list) else values
    if not isinstance(flat, list) or len(flat) % 3 or any(isinstance(item, bool) or not isinstance(item, int | float) for item in flat):
        raise FormatError("keypoints are not a list of x, y, confidence numbers", where=where, hint=DAMAGED)
    try:
        return np.array([float(item) for item in flat]).reshape(-1, 3)
    except OverflowError as error:
        raise FormatError("a keypoint's number is too large", where=where, hint=DAMAGED) from error
