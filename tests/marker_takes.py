"""Takes for the table of markers: python -m tests.marker_takes UI_PRMD OUT writes C3D files of 39 markers.

UI_PRMD: the folder with the published text files. A take is one person's repetitions of one exercise, one after the other. OUT/held_out has
people 2, 4 and 6, OUT/people_7_and_8 those.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

import mpm_core as mpm
from mpm_core.errors import DataError
from mpm_train.data.ui_prmd import MARKERS, RATE_HZ, read_markers

POSITIONS = "Segmented Movements/Vicon/Positions"
HELD_OUT = ((1, 2), (3, 2), (6, 2), (9, 2), (2, 4), (5, 4), (8, 4), (4, 6), (7, 6), (10, 6))  # exercise and person
PEOPLE_7_AND_8 = ((1, 7), (3, 7), (5, 7), (7, 7), (9, 7), (2, 8), (4, 8), (6, 8), (8, 8), (10, 8))


def write_take(positions: Path, exercise: int, person: int, folder: Path) -> None:
    """Write folder/m01_s02.c3d, of exercise 1 and person 2. Raises DataError where there is no repetition, FormatError."""
    paths = sorted(positions.glob(f"m{exercise:02d}_s{person:02d}_e*_positions.txt"))
    if not paths:
        raise DataError(f"there is no repetition of exercise {exercise} by person {person}", where=str(positions))
    xyz_FM3 = np.concatenate([read_markers(path) for path in paths])
    folder.mkdir(parents=True, exist_ok=True)
    mpm.write(mpm.make_recording(MARKERS, RATE_HZ, xyz_FM3), folder / f"m{exercise:02d}_s{person:02d}.c3d")


def main() -> None:
    source, out = map(Path, sys.argv[1:3])
    positions = next(source.rglob(POSITIONS), source / POSITIONS)
    for name, takes in (("held_out", HELD_OUT), ("people_7_and_8", PEOPLE_7_AND_8)):
        for exercise, person in takes:
            write_take(positions, exercise, person, out / name)


if __name__ == "__main__":
    main()
