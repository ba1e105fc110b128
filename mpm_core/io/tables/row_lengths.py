"""Rows that lost a cell, or have one too many: everything behind it would be read as another point's."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from mpm_core.errors import FormatError
from mpm_core.io.tables.text import is_number


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
    where a point ends (the points after it are missing), or where the usual row ends.

    ends: see point_ends; with none, only blanks and words may follow the usual cells. first: the line of the first row of a length, and of
    a length up to its last number.
    """

    ends: frozenset[int]
    rows: Counter[int] = field(default_factory=Counter)  # by length
    first: dict[tuple[int, int], int] = field(default_factory=dict)

    def look(self, cells: Sequence[str], line: int) -> None:
        """Count a row. line: its number, from 1."""
        numbered = next((at + 1 for at in range(len(cells) - 1, -1, -1) if is_number(cells[at])), 0)
        self.rows[len(cells)] += 1
        self.first.setdefault((len(cells), numbered), line)

    def refuse_shifted(self, where: str) -> None:
        """Raise FormatError, with the line, for the first row that is not whole."""
        if not self.rows:
            return
        usual = self.rows.most_common(1)[0][0]
        shortest = min(self.ends, default=0)
        for (length, numbered), line in sorted(self.first.items(), key=lambda item: item[1]):
            if length == usual or numbered == usual or numbered in self.ends or numbered < shortest:
                continue
            raise FormatError(
                f"the row has {length} cells, most others have {usual}: which of its numbers belong to which point cannot be told",
                where=f"{where}, line {line}",
                hint="a cell was lost there, or is one too many; correct that row, or remove it",
            )
