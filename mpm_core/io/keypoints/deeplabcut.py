"""DeepLabCut tables in: CSV with the heads scorer, (individuals,) bodyparts and coords. F frames, K points, pixels, y down.

Points and people are named as in the file. A likelihood is the confidence; without one, as in labelled frames, it is 1. There is no frame
rate and no image size. The same tables in HDF5 are read by hdf5.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from mpm_core.errors import FormatError
from mpm_core.io.keypoints.json_frames import NOT_KEYPOINTS
from mpm_core.io.keypoints.take import KeypointFile, reader_of
from mpm_core.io.tables.row_lengths import point_ends
from mpm_core.io.tables.table import cells_of
from mpm_core.io.tables.text import Rows, by_number, check_end, is_number, number, read_text, unended
from mpm_core.typing import Float

HEADS = ("scorer", "individuals", "bodyparts", "coords")
AXES = ("x", "y", "likelihood")


def sniff(path: Path, head: bytes) -> bool:
    """The heads of a table of two dimensions; one of three is a table of positions (csv.py)."""
    lines = head.removeprefix(b"\xef\xbb\xbf").splitlines()
    coords = next((line for line in lines[:4] if line.startswith(b"coords,")), b"")
    return head.removeprefix(b"\xef\xbb\xbf").startswith(b"scorer,") and b",z" not in coords


def file_of(path: Path) -> KeypointFile:
    """The individuals of a table. Raises FormatError with line and hint."""
    where, text = str(path), read_text(path)
    rows = Rows(text.splitlines(), where, ",")
    at = next((index for index in range(min(len(rows), 5)) if rows[index][:1] == ["coords"]), None)
    heads = {rows[index][0]: rows[index] for index in range((at or 0) + 1) if rows[index]}
    kept = rows.filled((at or 0) + 1)
    if at is None or not {"bodyparts", "coords"} <= heads.keys() <= set(HEADS) or not kept:
        raise FormatError("the heads scorer, bodyparts, coords and rows below them are not there", where=where, hint=NOT_KEYPOINTS)
    check_end(text, rows[kept[-1]], rows[kept[-2]] if len(kept) > 1 else (), where)
    first = next((column for column, cell in enumerate(heads["coords"]) if cell in AXES), len(heads["coords"]))
    columns = list(zip(*(heads[name][first:] for name in HEADS if name in heads), strict=False))
    read_columns = range(first, first + len(columns))
    table_FW = cells_of(rows, kept, read_columns, where, point_ends(read_columns[::3], read_columns))
    numbered = all(is_number(rows[index][0]) for index in kept)
    frame_F, first_frame, notes = by_number(np.array([number(rows[index][0]) for index in kept], np.float64)) if numbered else (None, 1, [])
    frame_F = np.arange(len(kept)) if frame_F is None else frame_F
    spread_FW = np.full((int(frame_F[-1]) + 1, len(columns)), np.nan)
    spread_FW[frame_F] = table_FW
    return deeplabcut_file(where, columns, spread_FW, first_frame, [*notes, *unended(text)])


read = reader_of(file_of)


def deeplabcut_file(where: str, columns: Sequence[Sequence[str]], table_FW: Float, first_frame: int, notes: Sequence[str]) -> KeypointFile:
    """The people of a table. columns: of each its scorer, individual (or none), body part and coordinate; W columns.

    Raises FormatError for a point without x and y, and for one of another individual only.
    """
    places: dict[str, dict[str, dict[str, int]]] = {}
    for number_, column in enumerate(columns):
        *_, part, axis = column
        who = column[1] if len(column) == len(HEADS) else "1"
        places.setdefault(who, {}).setdefault(part, {})[axis] = number_
    if len({column[0] for column in columns}) > 1:
        raise FormatError("the table is of several scorers", where=where, hint="save the points of one")
    parts = list(next(iter(places.values()), {}))
    whose = [who for who in places if list(places[who]) == parts]
    if not parts or any(not {"x", "y"} <= axes.keys() <= set(AXES) for person in places.values() for axes in person.values()):
        raise FormatError("a point has no x and y, or other coordinates", where=where, hint="export x, y and likelihood")
    left_out = [who for who in places if who not in whose]
    if left_out:
        notes = [*notes, f"{', '.join(left_out)} has other points than {whose[0]} and is left out"]
    found_FMK3 = np.stack([np.stack([_point(table_FW, places[who][part]) for part in parts], axis=1) for who in whose], axis=1)
    people = [[person_K3 for person_K3 in people_MK3 if np.isfinite(person_K3).all(axis=1).any()] for people_MK3 in found_FMK3]
    named = [
        [who for who, person_K3 in zip(whose, people_MK3, strict=True) if np.isfinite(person_K3).all(axis=1).any()]
        for people_MK3 in found_FMK3
    ]
    return KeypointFile("deeplabcut", where, people, tuple(parts), named, first_frame=first_frame, notes=tuple(notes))


def _point(table_FW: Float, axes: dict[str, int]) -> Float:
    """(F, 3) x, y and likelihood, which is 1 where the table has none."""
    sure_F = table_FW[:, axes["likelihood"]] if "likelihood" in axes else np.ones(len(table_FW))
    return np.stack([table_FW[:, axes["x"]], table_FW[:, axes["y"]], sure_F], axis=1)
