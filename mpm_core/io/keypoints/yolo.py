"""YOLO-pose labels in: a folder with a text file for each frame, or one file. F frames, K points; x and y are shares of the picture.

A line is a person: class, the box's x, y, width and height, then x, y and visibility of each point, and perhaps the person's confidence and
number. A frame without a file is missing. The format has no frame rate, and the picture's size must be given.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from mpm_core.errors import FormatError
from mpm_core.io.keypoints.json_frames import NOT_KEYPOINTS
from mpm_core.io.keypoints.numbered import head_of, numbered_files
from mpm_core.io.keypoints.take import KeypointFile, reader_of
from mpm_core.io.tables.text import read_text
from mpm_core.typing import Float

BOX = 5  # numbers before the points
FEWEST_POINTS = 5


def sniff(path: Path, head: bytes) -> bool:
    """Numbers alone in a text file, the first one whole, the box within the picture."""
    if not path.is_dir() and path.suffix.lower() != ".txt":
        return False
    lines = head_of(path, ".txt", head).decode("latin-1").splitlines()
    words = lines[0].split() if lines else []
    try:
        values = [float(word) for word in words]
    except ValueError:
        return False
    return len(values) >= BOX + 3 * FEWEST_POINTS and values[0] in range(1000) and all(0 <= value <= 1 for value in values[1:BOX])


def file_of(path: Path) -> KeypointFile:
    """The people of a file or folder, in shares of a picture whose size has to be given. Raises FormatError."""
    files, first_frame, notes = numbered_files(path, ".txt")
    people = [_people(file) if file is not None else [] for file in files]
    return KeypointFile("yolo", str(path), people, where=[str(file or path) for file in files], first_frame=first_frame, notes=tuple(notes))


read = reader_of(file_of)


def _people(file: Path) -> list[Float]:
    """(K, 3) of each line."""
    people = []
    for number, line in enumerate(read_text(file).splitlines(), 1):
        words = line.split()
        if not words:
            continue
        where = f"{file}, line {number}"
        try:
            values = np.array([float(word) for word in words])
        except ValueError as error:
            raise FormatError("the line is not numbers alone", where=where, hint=NOT_KEYPOINTS) from error
        count = (len(values) - BOX) // 3
        if count < FEWEST_POINTS:
            hint = "save the labels of a pose model, with its keypoints"
            raise FormatError(f"the line has {len(values)} numbers, a box and no points", where=where, hint=hint)
        people.append(values[BOX : BOX + 3 * count].reshape(count, 3))
    return people
