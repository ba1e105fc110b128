"""Rows that lost a cell, or have one too many: everything behind it would be read as another point's."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from mpm_core.errors import FormatError
from mpm_core.io.tables.text import is_number, number

LEFT_OUT = 0.9  # of such pairs of rows; in real tables whose rows end at the last visible marker it is at most 0.01


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
    where a point ends (the points after it are missing), or where the usual row ends. But where nearly all rows that are shorter than one
    beside them end with the numbers of its last point, points in the middle were left out of them, and those behind moved there.

    ends: see point_ends; with none, only blanks and words may follow the usual cells. first: the line of the first row of a length, and of
    a length up to its last number. moved: the first row that ends as a longer one beside it does: its line, and the lengths of both. rows:
    how many rows of a length. short: how many pairs of rows beside each other of which the shorter one does and does not end so. before:
    the last row, and its line.
    """

    ends: frozenset[int]
    rows: Counter[int] = field(default_factory=Counter)
    short: Counter[bool] = field(default_factory=Counter)
    first: dict[tuple[int, int], int] = field(default_factory=dict)
    moved: tuple[int, int, int] | None = None
    before: tuple[Sequence[str], int] = ((), 0)

    def look(self, cells: Sequence[str], line: int) -> None:
        """Count a row. line: its number, from 1."""
        (shorter, at), (longer, _) = sorted(((cells, line), self.before), key=lambda row: len(row[0]))
        own, other = _numbered(shorter), _numbered(longer)
        if len(shorter) < len(longer) and own < other and {own, other} <= self.ends:
            moved = _ends_as(shorter[:own], longer[:other])
            self.short[moved] += 1
            if moved and self.moved is None:
                self.moved = at, len(shorter), len(longer)
        self.rows[len(cells)] += 1
        self.first.setdefault((len(cells), _numbered(cells)), line)
        self.before = cells, line

    def refuse_shifted(self, where: str) -> None:
        """Raise FormatError, with the line, for the first row that is not whole."""
        if not self.rows:
            return
        usual, shortest = self.rows.most_common(1)[0][0], min(self.ends, default=0)
        wrong = [
            (line, f"the row has {length} cells, most others have {usual}")
            for (length, numbered), line in self.first.items()
            if usual not in (length, numbered) and numbered not in self.ends and numbered >= shortest
        ]
        if self.moved and self.short[True] > LEFT_OUT * self.short.total():
            line, length, longer = self.moved
            wrong.append((line, f"the row has {length} cells, one beside it has {longer}"))
        for line, what in sorted(wrong)[:1]:
            raise FormatError(
                f"{what}: which of its numbers belong to which point cannot be told",
                where=f"{where}, line {line}",
                hint="cells were lost there, or are too many; correct that row, or remove it",
            )


def _numbered(cells: Sequence[str]) -> int:
    """The length of a row up to its last number."""
    return next((at + 1 for at in range(len(cells) - 1, -1, -1) if is_number(cells[at])), 0)


def _ends_as(cells: Sequence[str], full: Sequence[str]) -> bool:
    """Whether a row's last three numbers are nearer to the last three of the longer row beside it than to those in the same columns."""
    if not 3 <= len(cells) < len(full):
        return False
    own, same, last = (
        np.array([number(cell) for cell in some], np.float64) for some in (cells[-3:], full[len(cells) - 3 : len(cells)], full[-3:])
    )
    return bool(np.linalg.norm(own - last) < np.linalg.norm(own - same))
