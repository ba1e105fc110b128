"""Rows that lost a cell, or have one too many: everything behind it would be read as another point's."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from mpm_core.errors import FormatError
from mpm_core.io.tables.text import is_number, number

LEFT_OUT = 0.9  # of the shorter rows; of real tables that are cut off at the last visible marker it is at most 0.42


def point_ends(starts: Sequence[int], columns: Iterable[int]) -> frozenset[int]:
    """The lengths of rows that end where a point ends. starts: each point's first column, in order; columns: all that are read.

    The last point ends as far from its start as each other one, if these are all equally long, else behind its last column that is read.

    >>> sorted(point_ends([2, 6, 10], [2, 3, 4, 6, 7, 8, 10, 11, 12]))
    [2, 6, 10, 14]
    """
    lengths = {after - start for start, after in pairwise(starts)}
    last = starts[-1] + lengths.pop() if len(lengths) == 1 else max(columns, default=-1) + 1
    return frozenset((*starts, last))


@dataclass(slots=True)
class RowLengths:
    """Counts the cells of a table's rows, of which most have the usual number. A row of another length is whole if its last number is
    where a point ends (the points after it are missing), or where the usual row ends. But where nearly all such rows end with the numbers
    of the last point, points in the middle were left out of them, and those behind moved there.

    ends: see point_ends; with none, only blanks and words may follow the usual cells. first: the line of the first row of a length, of a
    length up to its last number, and of whether that is the last point's. rows, short: how many rows of a length, and of the shorter ones
    that do and do not end as the last point does. full: the last row with the most numbers.
    """

    ends: frozenset[int]
    rows: Counter[int] = field(default_factory=Counter)
    short: Counter[bool] = field(default_factory=Counter)
    first: dict[tuple[int, int, bool], int] = field(default_factory=dict)
    full: Sequence[str] = ()

    def look(self, cells: Sequence[str], line: int) -> None:
        """Count a row. line: its number, from 1."""
        numbered = next((at + 1 for at in range(len(cells) - 1, -1, -1) if is_number(cells[at])), 0)
        moved = _ends_as(cells[:numbered], self.full)
        if numbered >= len(self.full):
            self.full = cells[:numbered]
        elif numbered in self.ends:
            self.short[moved] += 1
        self.rows[len(cells)] += 1
        self.first.setdefault((len(cells), numbered, moved), line)

    def refuse_shifted(self, where: str) -> None:
        """Raise FormatError, with the line, for the first row that is not whole."""
        if not self.rows:
            return
        usual = self.rows.most_common(1)[0][0]
        shortest, left_out = min(self.ends, default=0), self.short[True] > LEFT_OUT * self.short.total()
        for (length, numbered, moved), line in sorted(self.first.items(), key=lambda item: item[1]):
            if length == usual or numbered == usual or (numbered in self.ends and not (moved and left_out)) or numbered < shortest:
                continue
            raise FormatError(
                f"the row has {length} cells, most others have {usual}: which of its numbers belong to which point cannot be told",
                where=f"{where}, line {line}",
                hint="cells were lost there, or are too many; correct that row, or remove it",
            )


def _ends_as(cells: Sequence[str], full: Sequence[str]) -> bool:
    """Whether a row's last three numbers are nearer to the last three of a longer row than to those in the same columns."""
    if not 3 <= len(cells) < len(full):
        return False
    own, same, last = (
        np.array([number(cell) for cell in some], np.float64) for some in (cells[-3:], full[len(cells) - 3 : len(cells)], full[-3:])
    )
    return bool(np.linalg.norm(own - last) < np.linalg.norm(own - same))
