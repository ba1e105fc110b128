"""Tables of numbers in text files: their encoding, separator, numbers and frames. F frames, W columns.

Accepted: UTF-8 or UTF-16 with a byte order mark, Latin-1, any line ending, decimal commas, blanks and
every spelling of not-a-number as missing, quoted cells, rows that are shorter or longer than others.
"""

from __future__ import annotations

import codecs
import csv
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import overload

import numpy as np

from mpm_core.counted import counted
from mpm_core.errors import DAMAGED, FormatError
from mpm_core.files.read import decoded, read_bytes
from mpm_core.typing import Float, Int

MAX_BYTES = 1 << 30
NOTHING = re.compile(r"[+-]?(nan.*|1\.#(ind|qnan|snan)\d*|n/?a|#n/a|null|none|-|missing|\.)", re.IGNORECASE)
BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
SEPARATORS = "\t;,"
THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2},\d{3}")
SPARSE = 2.0  # frame numbers that span more than this many times the rows only give an order


def read_text(path: Path) -> str:
    """A file's text. Raises FormatError when it cannot be opened, is too large, or is not text."""
    where = str(path)
    data = read_bytes(path, MAX_BYTES)
    text = decoded(data, next((name for bom, name in BOMS if data.startswith(bom)), "utf-8"))
    if "\0" in text:
        raise FormatError("this is not text", where=where, hint="the file is damaged, or is not what its name says")
    return text


def looks_like_text(head: bytes) -> bool:
    """Whether these first bytes of a file may be text."""
    return head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or b"\0" not in head


class Rows(Sequence[list[str]]):
    """The lines of a table, each split into stripped cells when it is indexed: all cells at once need many times the text's memory.

    separator: None for the one of tab, semicolon and comma that most lines agree on. Raises FormatError for a line that csv cannot read.
    """

    def __init__(self, lines: list[str], where: str, separator: str | None = None) -> None:
        self.lines, self.where = lines, where
        sample = [line for line in lines[:200] if line.strip()]
        often = {sign: float(np.median([line.count(sign) for line in sample])) if sample else 0.0 for sign in SEPARATORS}
        self.separator = max(SEPARATORS, key=lambda sign: often[sign]) if separator is None else separator

    def __len__(self) -> int:
        return len(self.lines)

    @overload
    def __getitem__(self, index: int) -> list[str]: ...
    @overload
    def __getitem__(self, index: slice) -> Rows: ...
    def __getitem__(self, index: int | slice) -> list[str] | Rows:
        if isinstance(index, slice):
            return Rows(self.lines[index], self.where, self.separator)
        line = self.lines[index]
        if '"' not in line:
            return [cell.strip() for cell in line.split(self.separator)] if line else []
        try:
            return [cell.strip() for cell in next(csv.reader([line], delimiter=self.separator), [])]
        except csv.Error as error:
            place = f"{self.where}, line {index + 1}"
            raise FormatError("the row cannot be split into cells", where=place, hint=DAMAGED) from error

    def filled(self, start: int) -> list[int]:
        """The rows from `start` on that hold anything."""
        blank = f' "{self.separator}'
        return [index for index in range(start, len(self.lines)) if self.lines[index].strip(blank)]


def check_end(text: str, last: Sequence[str], before: Sequence[str], where: str, *, counted: bool = True) -> None:
    """Raise FormatError when a table's text stops within its last row: it has no line end, and fewer cells than the row before.

    counted: False where the file announces more rows than it has: then a missing line end is enough.
    """
    if not text.endswith(("\n", "\r")) and (len(last) < len(before) or not counted):
        line = len(text.splitlines())
        raise FormatError("the file stops in the middle of a row", where=f"{where}, line {line}", hint="copy it again from its source")


def unended(text: str | bytes) -> list[str]:
    """A note where the text's last line has no line end: nothing else shows that its last number is whole."""
    ends = text.endswith(("\n", "\r")) if isinstance(text, str) else text.endswith((b"\n", b"\r"))
    return [] if ends else ["the last line has no line end: if the file was cut off there, its last number is not whole"]


def number(cell: str) -> float | None:
    """The number in a cell: NaN for a blank or a not-a-number, None for anything else. A decimal comma counts as a point."""
    if not cell:
        return float("nan")
    try:
        value = float(cell) if "_" not in cell else None
    except ValueError:
        value = None
    if value is None and cell.count(",") == 1 and "." not in cell:
        return number(cell.replace(",", "."))
    if value is None:
        return float("nan") if NOTHING.fullmatch(cell) else None
    return value if np.isfinite(value) else float("nan")


def is_number(cell: str) -> bool:
    """Whether the cell holds a finite number."""
    value = number(cell)
    return value is not None and bool(np.isfinite(value))


def numbers(rows: Iterable[Sequence[str]], lines: Sequence[int], width: int, where: str, separator: str | None) -> Float:
    """(F, width) of cells, NaN where one is blank, absent or a not-a-number; more cells are cut. lines: each row's, from 1.
    separator: of the cells; None for blanks.

    Raises FormatError, naming line and column, for a cell that is something else.
    """
    out_FW = np.full((len(lines), width), np.nan)
    commas = _Commas(separator)
    for index, row in enumerate(rows):
        cells = row[:width]
        values = _floats(cells)
        if values is None:
            commas.look(cells, lines[index])
            read = [number(cell) for cell in cells]
            if None in read:
                column = read.index(None)
                place = f"{where}, line {lines[index]}, column {column + 1}"
                hint = "the file is damaged there, or is another table"
                raise FormatError(f"{cells[column][:40]!r} is not a number", where=place, hint=hint)
            values = [value for value in read if value is not None]
        out_FW[index, : len(values)] = values
    commas.refuse_thousands(where)
    out_FW[~np.isfinite(out_FW)] = np.nan
    return out_FW


@dataclass(slots=True)
class _Commas:
    """What the commas in a table's numbers are. They separate thousands where each is before the last three digits, while a comma separates
    the cells as well, other numbers of these rows have a point, or numbers of the same column other than 0 have neither.
    """

    separator: str | None
    always: bool = True  # before the last three digits
    columns: set[int] = field(default_factory=set)
    plain: set[int] = field(default_factory=set)
    points: bool = False
    line: int = 0
    cell: str = ""

    def look(self, cells: Sequence[str], line: int) -> None:
        """Note the commas and points of a row's cells."""
        for column, cell in enumerate(cells):
            if "," in cell:
                self.always = self.always and THOUSANDS.fullmatch(cell) is not None
                self.columns.add(column)
                self.line, self.cell = self.line or line, self.cell or cell
            elif cell and not NOTHING.fullmatch(cell):
                self.points = self.points or "." in cell
                if cell.lstrip("+-").isdigit() and cell.strip("+-0"):
                    self.plain.add(column)

    def refuse_thousands(self, where: str) -> None:
        """Raise FormatError if the commas seen seem to separate thousands."""
        if self.columns and self.always and (self.separator == "," or self.points or self.columns & self.plain):
            what = f"the comma in {self.cell!r} seems to separate thousands"
            raise FormatError(what, where=f"{where}, line {self.line}", hint="export the numbers without separators of thousands")


def _floats(cells: Sequence[str]) -> list[float] | None:
    """The values of a row of plain numbers and blanks, which nearly every row is. None for any other."""
    try:
        values = [float(cell) if cell else np.nan for cell in cells]
    except ValueError:
        return None
    return None if any("_" in cell for cell in cells) else values


def by_number(number_F: Float) -> tuple[Int, int, list[str]]:
    """The frame of each row (from 0), the number of the first frame, and notes. Frames without a row are missing.

    Numbers that do not count upwards, or lie far apart, only give the order.
    """
    rows = np.arange(len(number_F))
    if not len(rows) or not np.isfinite(number_F).all() or (number_F != np.rint(number_F)).any() or np.abs(number_F).max() > 2**53:
        return rows, 1, [] if not len(rows) else ["the frame numbers are not whole numbers and were ignored"]
    whole_F = number_F.astype(np.int64)
    first, steps = int(whole_F[0]), np.diff(whole_F)
    if (steps == 1).all():
        return rows, first, []
    if (steps < 1).any() or whole_F[-1] - first + 1 > SPARSE * len(rows):
        return rows, first, ["the frame numbers do not count one by one: the frames are in the order of their rows"]
    absent = int(whole_F[-1] - first + 1 - len(rows))
    return whole_F - first, first, [f"missing, because they have no row: {counted(absent, 'frame')}"]


def spread(xyz_FP3: Float, frame_F: Int) -> Float:
    """Rows put at their frames, all other frames NaN; a sample with any coordinate missing is missing."""
    out_FP3 = np.full((int(frame_F[-1]) + 1 if len(frame_F) else 0, *xyz_FP3.shape[1:]), np.nan)
    out_FP3[frame_F] = xyz_FP3
    out_FP3[~np.isfinite(out_FP3).all(axis=2)] = np.nan
    return out_FP3


def half_given(xyz_FP3: Float) -> list[str]:
    """A note when some samples have one or two coordinates only: they count as missing."""
    given_FP = np.isfinite(xyz_FP3).sum(axis=2)
    half = int(((given_FP > 0) & (given_FP < xyz_FP3.shape[2])).sum())
    return [f"taken as missing: {counted(half, 'sample')} without one of the coordinates"] if half else []
