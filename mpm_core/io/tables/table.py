"""A table of positions, and how it is made once it is known which columns are which point's. F frames, P points, W columns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from mpm_core.errors import FormatError
from mpm_core.io.tables.row_lengths import RowLengths, point_ends
from mpm_core.io.tables.text import Rows, by_number, half_given, numbers, spread
from mpm_core.typing import Float, Int

COMMON_RATES = (24.0, 25.0, 30.0, 50.0, 60.0, 100.0, 120.0, 150.0, 180.0, 200.0, 240.0, 250.0, 300.0, 400.0, 500.0, 1000.0)
MAX_POINTS = 20_000


@dataclass(frozen=True, slots=True)
class Table:
    """layout: its name, for a note. rate_hz: None where the table has none. unit, up: as the program has them, '' for nothing."""

    layout: str
    labels: tuple[str, ...]
    xyz_FP3: Float
    rate_hz: float | None
    unit: str
    first_frame: int
    notes: tuple[str, ...] = ()
    up: str = ""


def make_table(
    layout: str,
    rows: Rows,
    start: int,
    places: list[tuple[str, tuple[int, int, int]]],
    where: str,
    *,
    frame: int | None = None,
    time: int | None = None,
    rate_hz: float | None = None,
    unit: str = "",
    up: str = "",
    notes: Sequence[str] = (),
) -> Table:
    """The Table of the rows from `start` on: places: each label's three columns. frame, time: their columns, where there are any.

    Raises FormatError when there are no rows or no points, or a cell is not a number.
    """
    kept = rows.filled(start)
    if not kept or not places:
        raise FormatError(
            "the table has no frames" if places else "the table has no points",
            where=where,
            hint="it was cut off; copy it again from its source",
        )
    if len(places) > MAX_POINTS:
        raise FormatError(f"the table has {len(places)} points", where=where, hint=f"at most {MAX_POINTS} are read")
    wanted = [column for _, triple in places for column in triple]
    extra = [column for column in (frame, time) if column is not None]
    whole = point_ends(sorted(min(triple) for _, triple in places), wanted)
    table_FW = cells_of(rows, kept, (*extra, *wanted), where, whole)
    xyz_FP3 = table_FW[:, len(extra) :].reshape(len(kept), len(places), 3)
    frame_F, first, more = by_number(table_FW[:, 0]) if frame is not None else (np.arange(len(kept)), 1, [])
    if rate_hz is None and time is not None:
        rate_hz = rate_of(table_FW[:, len(extra) - 1], frame_F)
    labels = tuple(label for label, _ in places)
    return Table(layout, labels, spread(xyz_FP3, frame_F), rate_hz, unit, first, (*notes, *more, *half_given(xyz_FP3)), up)


def cells_of(rows: Rows, kept: list[int], columns: Sequence[int], where: str, ends: frozenset[int] | None = None) -> Float:
    """(F, W) of some rows' columns; a cell that a row lacks is missing. ends: lengths that a row may have besides the usual one, see
    point_ends; None where lengths say nothing, or were looked at before.

    Raises FormatError, with the line, for a cell without a number, and for a row that lost a cell or has one too many.
    """
    lengths = None if ends is None else RowLengths(ends)

    def cells() -> Iterator[list[str]]:
        for index in kept:
            row = rows[index]
            if lengths is not None:
                lengths.look(row, index + 1)
            yield [row[column] if column < len(row) else "" for column in columns]

    table_FW = numbers(cells(), [index + 1 for index in kept], len(columns), where, rows.separator)
    if lengths is not None:
        lengths.refuse_shifted(where)
    return table_FW


def rate_of(seconds_F: Float, frame_F: Int) -> float | None:
    """Frames a second by a time column; a common rate where it lies within what rounded times allow. None when time does not increase."""
    if len(seconds_F) < 2 or not np.isfinite(seconds_F).all() or (np.diff(seconds_F) <= 0).any():
        return None
    rate = float(frame_F[-1] / (seconds_F[-1] - seconds_F[0]))
    near = min(COMMON_RATES, key=lambda common: abs(common - rate))
    if abs(near - rate) < 0.002 * near:
        return near
    return rate if 0.01 < rate < 1e6 else None
