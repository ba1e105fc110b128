"""Tables of 2D points in CSV: headings that name point and x or y, or a row for each point; MediaPipe's landmarks among them.

F frames, K points, pixels, y down. A column of visibility, confidence, likelihood or score beside a point is its confidence. A table with
z as well is read here if it holds MediaPipe's picture landmarks, else as positions in space (tables/csv.py). Points called by numbers are
told by where they lie.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mpm_core.errors import FormatError
from mpm_core.io.keypoints.arrays import pixels_and_notes
from mpm_core.io.keypoints.take import KeypointFile, reader_of
from mpm_core.io.tables import own_layout
from mpm_core.io.tables.general_layouts import POINT, clock_columns
from mpm_core.io.tables.row_lengths import point_ends
from mpm_core.io.tables.table import cells_of, rate_of
from mpm_core.io.tables.text import Rows, by_number, check_end, is_number, looks_like_text, read_text, unended
from mpm_core.typing import Float, Int

SURE = "visibility|vis|v|confidence|conf|c|likelihood|score|s"
KIND_LAST = re.compile(rf"(?P<name>.+?)[ _.:-](?P<kind>x|y|z|{SURE})", re.IGNORECASE)
KIND_FIRST = re.compile(rf"(?P<kind>x|y|z|{SURE})[ _.:-]?(?P<name>\d+)", re.IGNORECASE)
NUMBER = re.compile(r"(?:[A-Za-z_]*?[ _.:-]?)?(?P<number>\d+)")  # 7, landmark_7
FEWEST_POINTS, MOST_POINTS = 5, 1000  # of a person
SNIFF_BYTES = 1 << 18


@dataclass(frozen=True, slots=True)
class _Layout:
    """places: of each point its columns by kind (x, y, z, c). start: the first row of numbers. frame, time, point: columns of the frame's
    number, the time and, with a row for each point, the point's name."""

    places: dict[str, dict[str, int]]
    start: int
    frame: int | None
    time: int | None
    point: int | None = None


def sniff(path: Path, head: bytes) -> bool:
    """A CSV or TSV with x and y of at least FEWEST_POINTS points and no z, or with what are MediaPipe's picture landmarks."""
    if path.is_dir() or path.suffix.lower() not in (".csv", ".tsv") or not looks_like_text(head):
        return False
    try:
        with path.open("rb") as file:
            text = file.read(SNIFF_BYTES).decode("utf-8-sig")
    except (OSError, UnicodeDecodeError):
        return False
    lines = text.splitlines()
    rows = Rows(lines if len(text) < SNIFF_BYTES else lines[:-1], str(path))
    layout = None
    try:
        layout = _layout(rows)
        return layout is not None and _people(rows, layout, str(path)) is not None
    except FormatError:
        return layout is not None and all("z" not in kinds for kinds in layout.places.values())


def file_of(path: Path) -> KeypointFile:
    """The person of a table. Raises FormatError with line and hint."""
    where, text = str(path), read_text(path)
    rows = Rows(text.splitlines(), where)
    layout = _layout(rows)
    found = None if layout is None else _people(rows, layout, where)
    if layout is None or found is None:
        raise FormatError("the table holds no 2D points", where=where, hint="name the columns POINT_x, POINT_y, POINT_confidence")
    check_end(text, rows[len(rows) - 1], rows[len(rows) - 2], where)
    _check_one_person(rows, layout, where)
    people_FK3, frame_F, first_frame, notes = found
    frames: list[list[Float]] = [[] for _ in range(int(frame_F[-1]) + 1)]
    for frame, person_K3 in zip(frame_F.tolist(), people_FK3, strict=True):
        if np.isfinite(person_K3).all(axis=1).any():
            frames[frame] = [person_K3]
    return KeypointFile(
        "csv2d",
        where,
        frames,
        () if _numbers(layout) else tuple(layout.places),
        [["1"] * len(persons) for persons in frames],
        first_frame=first_frame,
        rate_hz=_rate(rows, layout, frame_F, where),
        notes=(*notes, *unended(text)),
    )


read = reader_of(file_of)


def _layout(rows: Rows) -> _Layout | None:
    """Where the points are, or None for another kind of table."""
    kept = rows.filled(0)[:12]
    if not kept or rows[kept[0]][:2] == own_layout.FIRST:
        return None
    at = next((index for index in kept if sum(_split(cell) is not None for cell in rows[index]) >= 2 * FEWEST_POINTS), None)
    if at is None:
        return _long(rows, kept[0])
    places: dict[str, dict[str, int]] = {}
    for column, cell in enumerate(rows[at]):
        split = _split(cell)
        if split is not None:
            places.setdefault(split[0], {}).setdefault(split[1], column)
    places = {name: kinds for name, kinds in places.items() if {"x", "y"} <= kinds.keys()}
    if not FEWEST_POINTS <= len(places) <= MOST_POINTS or len({frozenset(kinds) for kinds in places.values()}) > 1:
        return None
    frame, time = clock_columns([cell.lower() for cell in rows[at]])
    return _Layout(places, at + 1, frame, time)


def _long(rows: Rows, at: int) -> _Layout | None:
    """A row for each point of each frame: frame, point, x, y, and a confidence."""
    heads = [cell.lower() for cell in rows[at]]
    frame, time = clock_columns(heads)
    point = next((heads.index(name) for name in POINT if name in heads), None)
    kinds = {kind: heads.index(name) for name in reversed((*"xyz", *SURE.split("|"))) if name in heads for kind in [_kind(name)]}
    if frame is None or point is None or not {"x", "y"} <= kinds.keys():
        return None
    labels = dict.fromkeys(rows[index][point] for index in rows.filled(at + 1) if point < len(rows[index]))
    ordered = sorted(labels, key=lambda label: float(label) if is_number(label) else 0.0)
    return _Layout(dict.fromkeys(ordered, kinds), at + 1, frame, time, point) if FEWEST_POINTS <= len(labels) <= MOST_POINTS else None


def _people(rows: Rows, layout: _Layout, where: str) -> tuple[Float, Int, int, list[str]] | None:
    """(F, K, 3) x, y, confidence, the frame of each, the number of the first, and notes; None for positions in space."""
    kept = rows.filled(layout.start)
    kinds = next(iter(layout.places.values()))
    order = [kind for kind in ("x", "y", "z", "c") if kind in kinds]
    if not kept:
        raise FormatError("the table has no frames", where=where, hint="it was cut off; copy it again from its source")
    if layout.point is None:
        columns = [each[kind] for each in layout.places.values() for kind in order]
        starts = sorted(min(each.values()) for each in layout.places.values())
        found_FKC = cells_of(rows, kept, columns, where, point_ends(starts, columns)).reshape(len(kept), len(layout.places), len(order))
        first_of = kept
    else:
        found_FKC, first_of = _gathered(rows, kept, layout, order, where)
    numbers_F: Float = (
        cells_of(rows, first_of, [layout.frame], where)[:, 0]
        if layout.frame is not None
        else np.arange(1.0, len(first_of) + 1, dtype=np.float64)
    )
    frame_F, first_frame, notes = by_number(numbers_F)
    if order == ["x", "y", "c"]:
        return found_FKC, frame_F, first_frame, notes
    pixels = pixels_and_notes(found_FKC, where) if order == ["x", "y"] or "c" in order else None
    return None if pixels is None else (pixels[0], frame_F, first_frame, [*notes, *pixels[1]])


def _check_one_person(rows: Rows, layout: _Layout, where: str) -> None:
    """Raise FormatError for a table with a row for each frame that has more than one row of a frame."""
    if layout.frame is None or layout.point is not None:
        return
    number_F = cells_of(rows, rows.filled(layout.start), [layout.frame], where)[:, 0]
    number_F = number_F[np.isfinite(number_F)]
    if len(np.unique(number_F)) < len(number_F):
        raise FormatError("a frame has more than one row", where=where, hint="the table is of several cameras or people: give one")


def _gathered(rows: Rows, kept: list[int], layout: _Layout, order: Sequence[str], where: str) -> tuple[Float, list[int]]:
    """(F, K, C) of a table with a row for each point, and the first row of each frame. Raises FormatError for a point twice in a frame."""
    kinds = next(iter(layout.places.values()))
    assert layout.frame is not None and layout.point is not None
    columns = [kinds[kind] for kind in order]
    table_NW = cells_of(rows, kept, [layout.frame, *columns], where, frozenset({min(columns)}))
    column = {label: place for place, label in enumerate(layout.places)}
    at_N = np.array([column.get(rows[index][layout.point], -1) if layout.point < len(rows[index]) else -1 for index in kept])
    frames, first_N, row_N = np.unique(table_NW[:, 0], return_index=True, return_inverse=True)
    _, count_N = np.unique(row_N * len(column) + at_N, return_counts=True)
    if count_N.max() > 1:
        raise FormatError("a frame has a point more than once", where=where, hint="the table is of several cameras or people: give one")
    found_FKC = np.full((len(frames), len(column), len(order)), np.nan)
    found_FKC[row_N[at_N >= 0], at_N[at_N >= 0]] = table_NW[at_N >= 0, 1:]
    return found_FKC, [kept[index] for index in first_N.tolist()]


def _rate(rows: Rows, layout: _Layout, frame_F: Int, where: str) -> float | None:
    if layout.time is None or layout.point is not None:
        return None
    return rate_of(cells_of(rows, rows.filled(layout.start), [layout.time], where)[:, 0], frame_F)


def _split(cell: str) -> tuple[str, str] | None:
    """The point and the kind (x, y, z, c) that a heading names, or None."""
    match = KIND_FIRST.fullmatch(cell) or KIND_LAST.fullmatch(cell)
    return None if match is None else (match["name"], _kind(match["kind"]))


def _kind(word: str) -> str:
    return word.lower() if word.lower() in "xyz" else "c"


def _numbers(layout: _Layout) -> bool:
    """Whether the points are called 0, 1, 2 ..., or landmark_0, landmark_1 ..."""
    found = [NUMBER.fullmatch(name) for name in layout.places]
    numbers = [int(match["number"]) for match in found if match is not None]
    return len(numbers) == len(found) and numbers == list(range(numbers[0], numbers[0] + len(numbers)))
