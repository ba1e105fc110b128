"""Every file of a folder read and compared with a second reader: python -m tests.io_table FOLDER

A file is `right` when its positions agree with the reference, `refused` when a FormatError says why, and `wrong` otherwise: other
numbers, a crash, or a file that is not motion and was read as one. Prints a table by family, then each refusal; exit code 1 if any is
wrong.
"""

from __future__ import annotations

import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from pathlib import Path

import numpy as np

import mpm_core as mpm
from mpm_core.io.c3d.layout import find_layout, measured_positions
from mpm_core.io.c3d.second_opinion import second_opinion
from tests import second_readers

CLOSE = 2e-6  # share of the largest coordinate: float32
REFERENCES = {
    "C3D": "a second decoder by the header alone; ezc3d in a child process",
    "BVH": "a pure-Python parser and 4 x 4 matrices",
    "TRC": "cells split by hand",
    "CSV": "cells by the csv module",
    "OpenPose JSON": "json by hand",
    "COCO JSON": "json by hand",
    "OpenPose folder": "json by hand, frame by frame",
    "SLEAP project": "its tables by h5py, row by row",
    "other": "none: must be refused",
}


def in_file_units(rec: mpm.Recording) -> np.ndarray:
    """Positions as the file has them."""
    return rec.xyz_FPD.astype(float) @ np.linalg.inv(rec.source.file_to_world_33).T


def apart(ours: np.ndarray, theirs: np.ndarray) -> str:
    """What is wrong between two arrays of one shape, '' for nothing. Ours may be missing where theirs is missing or exactly 0, 0, 0."""
    if ours.shape != theirs.shape:
        return f"shape {ours.shape}, the reference has {theirs.shape}"
    seen, there = np.isfinite(ours).all(axis=2), np.isfinite(theirs).all(axis=2)
    if (seen & ~there).any():
        return f"{int((seen & ~there).sum())} samples that the reference has not"
    lost = ~seen & there & (theirs != 0).any(axis=2)
    if lost.any():
        return f"{int(lost.sum())} samples lost"
    limit = CLOSE * max(float(np.abs(ours[seen]).max(initial=0.0)), 1e-9)
    worst = float(np.abs(ours[seen] - theirs[seen]).max(initial=0.0))
    return f"{worst:.3g} file units apart" if worst > limit else ""


def check_c3d(path: Path, rec: mpm.Recording) -> str:
    data = path.read_bytes()
    layout = find_layout(data, str(path))
    all_columns, wild = measured_positions(layout, data)
    theirs = second_readers.c3d(path)
    problem = apart(all_columns.astype(float), np.where(np.abs(theirs) > 1e7, np.nan, theirs) if wild else theirs)
    with second_opinion(path, len(data)) as child:
        opinion = child.answer()
    if opinion is None or opinion.xyz_FC3.shape != all_columns.shape:
        COUNTED["ezc3d cannot or sees another shape"] += 1
    else:
        both = np.isfinite(opinion.xyz_FC3).all(axis=2) & np.isfinite(all_columns).all(axis=2)
        off = np.abs(opinion.xyz_FC3[both] - all_columns[both]).max(initial=0.0)
        agrees = off <= 1e-4 * np.abs(all_columns[both]).max(initial=1e-9)
        COUNTED["ezc3d agrees" if agrees else "ezc3d sees other numbers"] += 1
    return problem or _columns_in_order(in_file_units(rec), theirs)


def _columns_in_order(ours: np.ndarray, theirs: np.ndarray) -> str:
    """Every point of ours is a column of theirs, in their order; those passed over hold something else."""
    if len(ours) != len(theirs):
        return f"{len(ours)} frames, the reference has {len(theirs)}"
    column = -1
    for point in range(ours.shape[1]):
        column += 1
        while column < theirs.shape[1] and apart(ours[:, [point]], theirs[:, [column]]):
            column += 1
        if column >= theirs.shape[1]:
            return f"point {point + 1} is not a column of the file"
    return ""


def check_bvh(path: Path, rec: mpm.Recording) -> str:
    return apart(in_file_units(rec), second_readers.bvh(path))


def check_triples(path: Path, rec: mpm.Recording) -> str:
    """TRC: point j of frame f is the j-th triple of the f-th row."""
    rows = second_readers.trc(path)
    width = max(map(len, rows))
    theirs = np.array([[triple or (np.nan,) * 3 for triple in [*row, *[None] * (width - len(row))]] for row in rows])
    held = np.isfinite(theirs).any(axis=(0, 2))
    last = int(np.flatnonzero(held)[-1]) + 1 if held.any() else 0
    ours = in_file_units(rec)
    if not last <= ours.shape[1] or np.isfinite(ours[:, last:]).any():
        return f"{ours.shape[1]} points, the reference has {last}"
    return apart(ours[:, :last], theirs[:, :last])


def check_cells(path: Path, rec: mpm.Recording) -> str:
    """CSV: a row for a frame holds every point's triple side by side; in a long table each row ends with one."""
    rows, ours = second_readers.csv_rows(path), in_file_units(rec)
    if len(rows) != rec.frames:
        long = {(int(row[-5]), int(row[-4])): row[-3:] for row in rows}
        frames, points = sorted({key[0] for key in long}), sorted({key[1] for key in long})
        theirs = np.array([[long.get((frame, point), [np.nan] * 3) for point in points] for frame in frames])
        return apart(ours, theirs)
    width = max(map(len, rows))
    cells = np.array([[*row, *[np.nan] * (width - len(row))] for row in rows])
    triples = [cells[:, column : column + 3] for column in range(width - 2)]
    return _columns_in_order(ours, np.stack(triples, axis=1))


def check_people(path: Path, rec: mpm.Recording) -> str:
    """Keypoints: every frame is one of the people in its file, number for number, undetected points missing."""
    files = sorted(path.glob("*.json")) if path.is_dir() else [path] * rec.frames
    numbers = [int("".join(filter(str.isdigit, file.stem.rsplit("_keypoints")[0].split("_")[-1])) or 0) for file in files]
    reader = second_readers.coco if "coco" in str(path) else second_readers.openpose
    place = [number - numbers[0] for number in numbers] if path.is_dir() else list(range(rec.frames))
    if path.is_dir() and rec.frames != place[-1] + 1:
        return f"{rec.frames} frames, the files say {place[-1] + 1}"
    read: dict[Path, list[np.ndarray]] = {}
    for file, frame in zip(files, place, strict=True):
        if file not in read:
            read[file] = [np.array(person, float).reshape(-1, 3)[: len(rec.points)] for person in reader(file)]
        seen = np.isfinite(rec.xyz_FPD[frame]).all(axis=1)
        if seen.any() and not any(_is_person(rec.xyz_FPD[frame, : len(person)], seen[: len(person)], person) for person in read[file]):
            return f"frame {frame + 1} is nobody of {file.name}"
    return ""


def check_slp(path: Path, rec: mpm.Recording) -> str:
    """A SLEAP project: every frame is one of its people, number for number, whose points without a score are missing."""
    people = second_readers.slp(path)
    for frame in range(rec.frames):
        seen = np.isfinite(rec.xyz_FPD[frame]).all(axis=1)
        everyone = people.get(frame + rec.source.first_frame, [])
        if seen.any() and not any(_is_person(rec.xyz_FPD[frame], seen, np.nan_to_num(person)) for person in everyone):
            return f"frame {frame + 1} is nobody of it"
    return ""


def _is_person(xy_P2: np.ndarray, seen_P: np.ndarray, person_P3: np.ndarray) -> bool:
    detected = (person_P3[:, 2] > 0) & (person_P3[:, :2] != 0).any(axis=1)
    return bool((detected == seen_P).all() and np.array_equal(xy_P2[seen_P], person_P3[seen_P, :2].astype(np.float32)))


CHECKS: dict[str, tuple[str, Callable[[Path, mpm.Recording], str]]] = {
    "c3d": ("C3D", check_c3d),
    "bvh": ("BVH", check_bvh),
    "trc": ("TRC", check_triples),
    "csv": ("CSV", check_cells),
    "openpose": ("OpenPose JSON", check_people),
    "coco": ("COCO JSON", check_people),
    "hdf5": ("SLEAP project", check_slp),
}
COUNTED: Counter[str] = Counter()


def family(path: Path) -> str:
    """By the name alone, so that a file told wrongly by its content shows."""
    if path.is_dir():
        return "OpenPose folder"
    named = {".c3d": "C3D", ".bvh": "BVH", ".trc": "TRC", ".csv": "CSV", ".slp": "SLEAP project"}.get(path.suffix.lower())
    return named or (("OpenPose JSON" if "openpose" in str(path) else "COCO JSON") if path.suffix == ".json" else "other")


def look(path: Path) -> tuple[str, str]:
    """('right' | 'refused' | 'wrong', what about it)."""
    try:
        rec = mpm.read(path)
    except (mpm.FormatError, mpm.DataError) as error:
        told = bool(error.where and error.hint and len(error.what) > 10)
        return ("refused", f"{error.what} ({error.hint})") if told else ("wrong", f"a refusal without place or hint: {error}")
    except Exception as error:  # noqa: BLE001 -- a crash of any kind is what this looks for
        return "wrong", f"{type(error).__name__}: {error}"
    if rec.source.format not in CHECKS:
        return "wrong", f"read as {rec.source.format}"
    try:
        problem = CHECKS[rec.source.format][1](path, rec)
    except (ValueError, IndexError, KeyError, StopIteration) as error:
        problem = f"the reference cannot read it ({type(error).__name__}: {error})"
    return ("wrong", problem) if problem else ("right", "")


def main() -> int:
    if len(sys.argv) != 2 or not Path(sys.argv[1]).is_dir():
        print("python -m tests.io_table FOLDER")  # noqa: T201 -- a command
        return 2
    root, began = Path(sys.argv[1]), time.perf_counter()
    files = sorted(path for path in root.rglob("*") if path.is_file())
    folders = sorted({path.parent for path in files if path.name.endswith(".json") and "openpose" in str(path)})
    table: dict[str, Counter[str]] = defaultdict(Counter)
    told: list[str] = []
    for path in [*files, *folders]:
        verdict, why = look(path)
        table[family(path)][verdict] += 1
        if verdict != "right":
            told.append(f"{verdict}: {path.relative_to(root)}: {why}")
    lines = ["| family | files | read right | clear refusal | wrong | reference |", "|---|---|---|---|---|---|"]
    for name, count in table.items():
        row = (sum(count.values()), count["right"], count["refused"], count["wrong"])
        lines.append(f"| {name} | {' | '.join(map(str, row))} | {REFERENCES[name]} |")
    total = sum(table.values(), Counter())
    lines.append(f"| all | {sum(total.values())} | {total['right']} | {total['refused']} | {total['wrong']} | |")
    agreement = ", ".join(f"{what}: {count}" for what, count in sorted(COUNTED.items()))
    print("\n".join([*lines, "", agreement, *told, f"{time.perf_counter() - began:.0f} s"]))  # noqa: T201 -- a command
    return 1 if total["wrong"] else 0


if __name__ == "__main__":
    sys.exit(main())
