"""Layouts of no known program: a row for each point, headings with names and axes, bare numbers."""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Sequence

import numpy as np

from mpm_core.errors import FormatError
from mpm_core.io.conventions import unit_name
from mpm_core.io.tables.landmark_numbers import landmark_names
from mpm_core.io.tables.quantities import MOST_LOOKED_AT, move_as_bodies, moves_with_another, quantity, refuse_other_quantities, split_unit
from mpm_core.io.tables.table import Table, cells_of, make_table, rate_of
from mpm_core.io.tables.text import Rows, by_number, half_given, is_number, number, spread
from mpm_core.linalg.subsample import subsample
from mpm_core.typing import Float, Int

FRAME = ("frame", "frame#", "frame_number", "frame number", "frame_index", "frame_id", "sync_index", "framenumber", "item", "index")
TIME = ("time", "time (s)", "time(s)", "time_s", "time (seconds)", "timestamp", "t", "seconds")
MOST_COMPARED = 1000  # points with which one that is called as a sensor is compared
FEWEST, MOST_EMPTY = 8, 1 << 20  # a long table of more than MOST_EMPTY samples has a row for at least one in FEWEST of them
POINT = ("point_id", "point", "marker", "marker_name", "name", "joint", "landmark", "landmark_index", "keypoint", "label")
AXIS_LAST = re.compile(
    r"(?P<name>.*?)[\s._:/|-]?(?:\[(?P<number>[0-3])\]|(?<![A-Za-z])(?P<axis>[XYZxyz])|_(?P<coord>[xyz])_?(?:coord|pos|mm|m))"
)
AXIS_FIRST = re.compile(r"(?P<axis>[XYZxyz])[\s._:-](?P<name>.+)")


def long_table(rows: Rows, where: str) -> Table | None:
    """A row for each point of each frame: a frame column, a point column and x, y, z. A point twice in a frame is refused."""
    heads = [head.lower() for head in rows[0]] if rows else []
    frame = next((heads.index(name) for name in FRAME if name in heads), None)
    point = next((heads.index(name) for name in POINT if name in heads), None)
    if frame is None or point is None:
        return None
    spelled = "(pos_|position_)?{}([_ ](coord|pos|position|mm|m))?"
    axes = [next((i for i, head in enumerate(heads) if re.fullmatch(spelled.format(axis), head)), None) for axis in "xyz"]
    if None in axes:
        hint = "2D points are read from columns POINT_x, POINT_y, of one camera"
        raise FormatError("the table has a row for each point and no x, y and z", where=where, hint=hint)
    kept = rows.filled(1)
    if not kept:
        raise FormatError("the table has no frames", where=where, hint="it was cut off; copy it again from its source")
    columns = [axis for axis in axes if axis is not None]
    table_NW = cells_of(rows, kept, [frame, *columns], where, frozenset({min(columns)}))
    label_N = [sys.intern(row[point]) if point < len(row) else "" for row in (rows[index] for index in kept)]
    labels = list(dict.fromkeys(label_N))
    labels.sort(key=lambda label: (0, float(label)) if is_number(label) else (1, 0.0))
    frames, row_N = np.unique(table_NW[:, 0], return_inverse=True)
    frame_F, first, notes = by_number(frames)
    place_N = _places(frames, row_N, labels, label_N, where)
    if len(frames) * len(labels) > max(MOST_EMPTY, FEWEST * len(label_N)):
        what = f"{len(label_N)} rows name {len(frames)} frames and {len(labels)} points, so nearly all samples would be missing"
        raise FormatError(what, where=where, hint=f"is {rows[0][point]!r} the column of the points' names?")
    xyz_FP3 = np.full((len(frames), len(labels), 3), np.nan)
    xyz_FP3[row_N, place_N] = table_NW[:, 1:]
    time = next((heads.index(name) for name in TIME if name in heads), None)
    rate_hz = None
    if time is not None:
        seconds_N = cells_of(rows, kept, [time], where)[:, 0]
        rate_hz = rate_of(seconds_N[np.unique(row_N, return_index=True)[1]], frame_F)
    landmarks = landmark_names(labels, xyz_FP3)
    names = landmarks or tuple(f"P{label}" if is_number(label) else label for label in labels)
    naming = () if landmarks is None else ("the points have MediaPipe's numbers and lie on a body as those do: named as they are",)
    all_notes = (*notes, *naming, *half_given(xyz_FP3), *_short_end(row_N, len(frames)))
    return Table("a row for each point", names, spread(xyz_FP3, frame_F), rate_hz, "", first, all_notes)


def _places(frames: Float, row_N: Int, labels: Sequence[str], label_N: Sequence[str], where: str) -> Int:
    """(N,) the place of each row's label in labels. row_N: that of its frame in frames. Raises FormatError for a point twice in a frame."""
    column = {label: i for i, label in enumerate(labels)}
    at_N = np.array([column[label] for label in label_N])
    cells, count_N = np.unique(row_N * len(labels) + at_N, return_counts=True)
    if count_N.max() > 1:
        f, p = divmod(int(cells[count_N > 1][0]), len(labels))
        hint = "the table is of several cameras or people: give one"
        raise FormatError(f"frame {frames[f]:g} has the point {labels[p]!r} more than once", where=where, hint=hint)
    return at_N


def _short_end(row_N: Int, frames: int) -> tuple[str, ...]:
    """A note when the table ends in a frame with fewer points than any other has. row_N: the frame of each row."""
    count_F = np.bincount(row_N, minlength=frames)
    if frames < 2 or row_N[-1] != frames - 1 or count_F[-1] >= count_F[:-1].min():
        return ()
    return (f"the last frame has {count_F[-1]} points, every other at least {count_F[:-1].min()}: the table may have been cut off",)


def two_headings(rows: Rows, where: str) -> Table | None:
    """Names above every third column, and X, Y, Z below them; a row of units may follow.

    A row `individuals` above the names, as DeepLabCut writes it in 3D, goes before them.
    """
    at = next((i for i, row in enumerate(rows[:12]) if i and _is_axes(row)), None)
    if at is None:
        return None
    names, axes = rows[at - 1], [cell.lower() for cell in rows[at]]
    people = next((rows[i] for i in range(at - 1) if rows[i][:1] == ["individuals"]), [])
    names = [f"{people[c]}:{name}" if c < len(people) and people[c] else name for c, name in enumerate(names)]
    columns = [c for c in range(len(axes) - 2) if axes[c : c + 3] == ["x", "y", "z"]]
    start = next((i for i in range(at + 1, len(rows)) if any(is_number(cell) for cell in rows[i])), len(rows))
    unit_rows = [rows[i] for i in range(at + 1, min(start, at + 4))]

    def unit_of(column: int) -> str:
        return next((row[column].strip("()[]") for row in unit_rows if column < len(row) and row[column]), "")

    units = [_one_unit([unit_of(each) for each in range(c, c + 3)], where) for c in columns]
    labelled = [(names[c] if c < len(names) else "", unit, (c, c + 1, c + 2)) for c, unit in zip(columns, units, strict=True)]
    places, unit, notes = _positions(labelled, rows, start, where)
    heads = [head.lower() or name.lower() for head, name in zip(axes, [*names, *[""] * len(axes)], strict=False)]
    frame, time = clock_columns(heads)
    return make_table("names above X, Y, Z", rows, start, places, where, frame=frame, time=time, unit=unit, notes=notes)


def one_heading(rows: Rows, where: str) -> Table | None:
    """One row of headings in which each names its point and its axis: C7_x, C7.X, C7[0], X C7 ..."""
    at = next((i for i, row in enumerate(rows[:12]) if sum(_split_head(split_unit(cell)[0]) is not None for cell in row) >= 3), None)
    if at is None:
        return None
    found: dict[tuple[str, int], dict[int, int]] = {}  # of each point, and of each next one of its name
    times: Counter[tuple[str, int]] = Counter()
    heads = [split_unit(cell) for cell in rows[at]]
    for column, (text, _) in enumerate(heads):
        head = _split_head(text)
        if head is not None and head[1] < 3:
            found.setdefault((head[0], times[head]), {})[head[1]] = column
            times[head] += 1
    labelled = [
        (name, _one_unit([heads[axes[axis]][1] for axis in range(3)], where), (axes[0], axes[1], axes[2]))
        for (name, _), axes in found.items()
        if len(axes) == 3
    ]
    if not labelled:
        return None
    places, unit, notes = _positions(labelled, rows, at + 1, where)
    frame, time = clock_columns([cell.lower() for cell in rows[at]])
    half = [name for (name, _), axes in found.items() if len(axes) < 3]
    notes += [f"{len(half)} columns with fewer than three axes were left out: {', '.join(half[:3])}"] if half else []
    return make_table("headings with axes", rows, at + 1, places, where, frame=frame, time=time, unit=unit, notes=notes)


def _positions(
    labelled: list[tuple[str, str, tuple[int, int, int]]], rows: Rows, start: int, where: str
) -> tuple[list[tuple[str, tuple[int, int, int]]], str, list[str]]:
    """Of (label, unit, columns): the label and columns of those that are positions, their unit, and a note on the others.

    One that has no unit and is called as a sensor is (L_ACC) is a position where it moves with one that is not called so. start: of the
    numbers. Raises FormatError when none is a position.
    """
    kinds = [quantity(label, unit) for label, unit, _ in labelled]
    sure = [columns for (_, _, columns), kind in zip(labelled, kinds, strict=True) if not kind]
    by_name = [i for i, (_, unit, _) in enumerate(labelled) if kinds[i] and not unit]
    if sure and 0 < len(by_name) <= MOST_LOOKED_AT:
        compared = [sure[at] for at in subsample(len(sure), MOST_COMPARED)]
        xyz_FP3 = _some_samples([*compared, *(labelled[i][2] for i in by_name)], rows, start)
        for i, own_F3 in zip(by_name, xyz_FP3[:, len(compared) :].transpose(1, 0, 2), strict=True):
            if moves_with_another(np.concatenate([xyz_FP3[:, : len(compared)], own_F3[:, None]], axis=1), len(compared)):
                kinds[i] = ""
    kept = [each for each, kind in zip(labelled, kinds, strict=True) if not kind]
    if not kept:
        refuse_other_quantities(kinds, where)
    others = [label for (label, _, _), kind in zip(labelled, kinds, strict=True) if kind]
    notes = [f"{len(others)} that are not positions were left out: {', '.join(others[:3])}"] if others else []
    return [(label, columns) for label, _, columns in kept], _one_unit([unit for _, unit, _ in kept], where), notes


def _one_unit(units: list[str], where: str) -> str:
    """The unit that all of them are, '' for none; those that are not given are as the others. Raises FormatError for two."""
    found = list(dict.fromkeys(unit_name(unit) for unit in units if unit))
    if len(found) > 1:
        what = f"the table has positions in {' and in '.join(found[:3])}"
        raise FormatError(what, where=where, hint="export all of them in one unit, or read those of one with --columns and --unit")
    return found[0] if found else ""


def _some_samples(columns: list[tuple[int, int, int]], rows: Rows, start: int) -> Float:
    """(F, P, 3) of some of the rows; a cell that is not a number is missing."""
    kept = rows.filled(start)
    cells = [rows[kept[at]] for at in subsample(len(kept), MOST_LOOKED_AT)]
    values = [[number(row[c]) if c < len(row) else None for triple in columns for c in triple] for row in cells]
    return np.array(values, np.float64).reshape(len(cells), len(columns), 3)


def bare_numbers(rows: Rows, where: str) -> Table | None:
    """Numbers alone: x, y, z of every point, perhaps after a frame number and a second column. Points are P1, P2 ...

    Refused unless they move as points of a body do, since nothing else says that they are positions.
    """
    kept = rows.filled(0)
    if not kept or not all(number(cell) is not None for index in (kept[0], kept[-1]) for cell in rows[index]):
        return None
    width = max(len(rows[index]) for index in kept)
    table_FW = cells_of(rows, kept, range(min(width, 3)), where)
    counts = len(kept) > 1 and bool((np.diff(table_FW[:, 0]) == 1).all())
    lead = width % 3 if counts and width % 3 else 0 if width % 3 == 0 and not counts else None
    if lead is None or width < 3:
        what = f"the table has {width} columns and no headings, which fits no number of points"
        raise FormatError(what, where=where, hint="say it with --columns")
    places = [(f"P{i + 1}", (lead + 3 * i, lead + 3 * i + 1, lead + 3 * i + 2)) for i in range((width - lead) // 3)]
    notes = ["the table has no headings: points are numbered in the order of their columns"]
    time = 1 if lead == 2 and rate_of(table_FW[:, 1], np.arange(len(kept))) is not None else None
    table = make_table("numbers without headings", rows, 0, places, where, frame=0 if lead else None, time=time, notes=notes)
    if not move_as_bodies(table.xyz_FP3):
        raise FormatError(
            "the table has no headings, and its numbers do not move as points of a body do",
            where=where,
            hint=f"if they are positions, say so: --columns 'P={lead + 1}-{width}', three columns for each point",
        )
    return table


def _split_head(cell: str) -> tuple[str, int] | None:
    """The point and the axis (0..2; 3 for a fourth, homogeneous one) that a heading names, or None."""
    last = AXIS_LAST.fullmatch(cell)
    if last is not None and last["name"]:
        axis = last["axis"] or last["coord"]
        return last["name"], int(last["number"]) if last["number"] is not None else "xyz".index(axis.lower())
    first = AXIS_FIRST.fullmatch(cell)
    return (first["name"], "xyz".index(first["axis"].lower())) if first is not None else None


def _is_axes(row: list[str]) -> bool:
    cells = [cell.lower() for cell in row]
    return sum(cells[c : c + 3] == ["x", "y", "z"] for c in range(len(cells) - 2)) >= 1


def clock_columns(heads: list[str]) -> tuple[int | None, int | None]:
    """The columns of the frame number and of the time."""
    frame = next((heads.index(name) for name in FRAME if name in heads), None)
    return frame, next((heads.index(name) for name in TIME if name in heads), None)
