"""A table whose columns the user names."""

from __future__ import annotations

import re

from mpm_core.errors import FormatError
from mpm_core.io.tables.table import Table, make_table
from mpm_core.io.tables.text import Rows, is_number


def by_columns(rows: Rows, columns_text: str, where: str) -> Table:
    """As the user names them: 'LFHD=3-5; C7=C7 X,C7 Y,C7 Z; frame=1; time=2', columns by number or heading. Raises FormatError."""
    start = next((i for i, row in enumerate(rows) if row and sum(is_number(cell) for cell in row) > len(row) / 2), None)
    if start is None:
        raise FormatError("the table has no row of numbers", where=where, hint="give a table of coordinates")
    heads = [cell.lower() for cell in rows[start - 1]] if start else []

    def column(word: str) -> int:
        if re.fullmatch(r"\d{1,6}", word) and int(word) > 0:
            return int(word) - 1
        if word.lower() in heads:
            return heads.index(word.lower())
        known = ", ".join(cell for cell in rows[start - 1][:6]) if start else "none"
        raise FormatError(f"there is no column {word!r}", where=where, hint=f"columns are numbers from 1, or headings: {known}")

    places: dict[str, tuple[int, int, int]] = {}
    clock: dict[str, int] = {}
    for part in filter(None, (part.strip() for part in re.split(r"[;\n]", columns_text))):
        name, _, words = (piece.strip() for piece in part.partition("="))
        span = re.fullmatch(r"(\d{1,6})\s*-\s*(\d{1,6})", words)
        first, last = (int(span[1]), int(span[2])) if span else (0, 0)
        if name and first > 0 and last - first + 1 > 3 and (last - first + 1) % 3 == 0:
            places |= {f"{name}{number}": (c, c + 1, c + 2) for number, c in enumerate(range(first - 1, last, 3), 1)}
            continue
        listed = [str(n) for n in range(first, min(last, first + 3) + 1)] if span else [word.strip() for word in words.split(",")]
        columns = [column(word) for word in listed if word]
        if name.lower() in ("frame", "time") and len(columns) == 1:
            clock[name.lower()] = columns[0]
        elif name and len(columns) == 3 and name not in places:
            places[name] = (columns[0], columns[1], columns[2])
        else:
            raise FormatError(f"{part!r} is not a point and its three columns", where=where, hint="such as 'LFHD=3-5; C7=6,7,8; frame=1'")
    return make_table("columns as asked", rows, start, list(places.items()), where, frame=clock.get("frame"), time=clock.get("time"))
