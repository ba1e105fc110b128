"""A TRC's text to its labels and numbers, in all the variants that programs write. F frames, P points, W columns.

Accepted: tabs, commas or blanks between cells; wrong counts in the header; labels at every third column, one after the other, or shifted;
no labels at all; no axis line, or one that is shifted; blanks and every spelling of NaN; rows of different lengths; missing rows.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from mpm_core.errors import FormatError
from mpm_core.io.tables.row_lengths import RowLengths
from mpm_core.io.tables.text import Rows, by_number, check_end, half_given, is_number, number, numbers, spread, unended
from mpm_core.typing import Float, Int

SIGNATURE = "(mpm-studio, Y up)"  # in the first line of this program's own files, where nothing is inferred
MAX_POINTS = 20_000


@dataclass(frozen=True, slots=True)
class TrcTable:
    """xyz_FP3: file units, NaN = missing. own: written by this program. unit: as the header spells it, '' for nothing."""

    labels: tuple[str, ...]
    rate_hz: float
    unit: str
    first_frame: int
    xyz_FP3: Float
    own: bool
    notes: tuple[str, ...]


def parse(text: str, where: str) -> TrcTable:
    """Raises FormatError, with the line, when the text is cut off or a number cannot be read."""
    lines = text.splitlines()
    header, values = _header(lines, where)
    at = next((index for index, line in enumerate(lines[:40]) if re.match(r"\s*Frame#?\b", line, re.IGNORECASE)), None)
    if at is None:
        raise FormatError(
            "there is no line of marker names (Frame#, Time, ...)", where=where, hint="the file was cut off; copy it again from its source"
        )
    separator = "\t" if "\t" in lines[at] else "," if "," in lines[at] else None
    label_cells = _cells(lines[at], separator)[2:]
    start = next((index for index in range(at + 1, len(lines)) if is_number(_cells(lines[index], separator)[0])), len(lines))
    _refuse_other_axes(lines[0], lines[at + 1 : start], where)
    kept = [index for index in range(start, len(lines)) if lines[index].strip(" \t,")]
    if not kept:
        raise FormatError("there are no frames after the header", where=where, hint="the file was cut off; copy it again from its source")
    counted = len(kept) >= _value(values, "NumFrames", 0.0)
    check_end(text, _cells(lines[kept[-1]], separator), _cells(lines[kept[-2]], separator) if len(kept) > 1 else [], where, counted=counted)
    widest = _widest(lines, kept, separator, where)
    room = (len(_cells(lines[kept[0]], separator)) - 2) // 3
    labels, notes = _labels(label_cells, widest, min(int(_value(values, "NumMarkers", 0.0)), room), where)
    if not labels:
        raise FormatError("the file holds no markers", where=where, hint="export it again with its trajectories")
    rows = (_cells(lines[index], separator) for index in kept)
    table_FW = numbers(rows, [index + 1 for index in kept], 2 + 3 * len(labels), where, separator)
    xyz_FP3 = table_FW[:, 2:].reshape(len(kept), -1, 3)
    place_F, first, more = by_number(table_FW[:, 0])
    own = SIGNATURE in lines[0]
    if own:
        first = int(_value(values, "OrigDataStartFrame", 1.0))
    notes += [*more, *half_given(xyz_FP3), *_counts(values, len(kept), len(labels)), *unended(text)]
    rate_hz, more = _rate(values, table_FW, place_F, where)
    return TrcTable(tuple(labels), rate_hz, header, first, spread(xyz_FP3, place_F), own, (*notes, *more))


def _cells(line: str, separator: str | None) -> list[str]:
    if separator is None:
        return line.split() or [""]
    quoted = separator == "," and '"' in line
    return (Rows([line], "", separator)[0] or [""]) if quoted else [cell.strip() for cell in line.split(separator)]


def _widest(lines: list[str], kept: list[int], separator: str | None, where: str) -> int:
    """Up to which triple of columns any row is filled. Raises FormatError for a row that lost a cell or has one too many."""
    lengths = RowLengths(frozenset() if separator is None else frozenset(range(2, 2 + 3 * MAX_POINTS, 3)))
    last = 0
    for index in kept:
        cells = _cells(lines[index], separator)
        lengths.look(cells, index + 1)
        last = max(last, next((column for column in range(len(cells) - 1, -1, -1) if cells[column]), 0))
    lengths.refuse_shifted(where)
    return max(-(-(last - 1) // 3), 0)


def _header(lines: list[str], where: str) -> tuple[str, dict[str, str]]:
    """The unit, and the header's values by name. The two lines are split at tabs if that gives as many names as values, with DataRate, else
    at blanks and commas, since their separators are often wrong. Raises FormatError without DataRate, or for fewer than 3 lines."""
    if len(lines) < 3:
        raise FormatError(
            f"the header has {len(lines)} lines, not 3", where=where, hint="the file was cut off; copy it again from its source"
        )
    names, words = ([cell.strip() for cell in line.rstrip().split("\t")] for line in lines[1:3])
    if len(names) != len(words) or "DataRate" not in names:
        names, words = (re.split(r"[\s,]+", line.strip(" \t,")) for line in lines[1:3])
    values = dict(zip(names, words, strict=False))
    if "DataRate" not in values:
        raise FormatError("the header names no DataRate", where=f"{where}, line 2", hint="the file is damaged, or is not a TRC")
    return values.get("Units", "").strip("()"), values


def _refuse_other_axes(first: str, between: list[str], where: str) -> None:
    """Raise FormatError where the file says that its columns are X, Y and Z in another order: in its first line, or below the names."""
    header = re.search(r"\(([XYZ])/([XYZ])/([XYZ])\)", first, re.IGNORECASE)
    for named in ([] if header is None else header.groups(), *(re.findall(r"\b([XYZ])\d+\b", line, re.IGNORECASE) for line in between)):
        for at in range(0, len(named) - 2, 3):
            axes = [axis.upper() for axis in named[at : at + 3]]
            if axes != ["X", "Y", "Z"]:
                hint = "exchange its columns, or export it again as X, Y, Z"
                raise FormatError(f"the file says that its columns are {', '.join(axes)}", where=where, hint=hint)


def _labels(cells: list[str], widest: int, stated: int, where: str) -> tuple[list[str], list[str]]:
    """A label for each triple of columns, '' for none: by column where every label is above a third column, else in order. widest: how
    many triples hold numbers. stated: how many the header counts, as far as the rows have columns for them.

    Raises FormatError for labels that are not above their columns and fewer than the triples.
    """
    named = [cell for cell in cells if cell]
    by_column = bool(named) and all(index % 3 == 0 for index, cell in enumerate(cells) if cell)
    if len(named) > 1 and not by_column and len(named) < max(widest, stated):
        raise FormatError(
            f"{len(named)} names are not above the columns of the {max(widest, stated)} markers: which is whose cannot be told",
            where=where,
            hint="put each name above its marker's X, or export the file again",
        )
    labels = cells[::3] if by_column and len(named) > 1 else named
    while labels and not labels[-1]:
        labels = labels[:-1]
    notes = []
    if widest > len(labels):
        notes.append(f"{widest - len(labels)} markers have no name and were numbered")
        labels = labels + [""] * (min(widest, MAX_POINTS) - len(labels))
    if named and not by_column and len(named) > 1:
        notes.append("the names are not above their columns and were taken in order")
    return labels, notes


def _value(values: dict[str, str], name: str, otherwise: float) -> float:
    value = number(values.get(name, ""))
    return value if value is not None and np.isfinite(value) and abs(value) < 2**53 else otherwise


def _counts(values: dict[str, str], frames: int, points: int) -> list[str]:
    counts = (("frames", "NumFrames", frames), ("markers", "NumMarkers", points))
    in_header = [(what, _value(values, name, count), count) for what, name, count in counts]
    return [f"the header says {header:g} {what}, the file holds {count}" for what, header, count in in_header if header != count]


def _rate(values: dict[str, str], table_FW: Float, place_F: Int, where: str) -> tuple[float, list[str]]:
    """The header's rate, with a note where the time column runs otherwise; the time column's where the header has none."""
    rate = _value(values, "DataRate", 0.0)
    step = float(np.median(np.diff(table_FW[:, 1]) / np.diff(place_F))) if len(place_F) > 1 else 0.0
    clock = 1 / step if np.isfinite(step) and step > 0 else 0.0
    if rate > 0:
        seconds = (table_FW[-1, 1] - table_FW[0, 1]) if len(place_F) > 1 else 0.0
        off = abs(seconds - place_F[-1] / rate) if np.isfinite(seconds) else 0.0
        odd = clock > 0 and off > max(0.02 * place_F[-1] / rate, 1 / rate)
        note = f"the header says {rate:g} frames a second, its time column runs at {clock:.4g}; the header's was taken"
        return rate, [note] if odd else []
    if clock > 0:
        return clock, [f"frame rate {clock:.6g} from the time column: the header gives none"]
    raise FormatError("the file gives no frame rate", where=f"{where}, line 3", hint="write it under DataRate")
