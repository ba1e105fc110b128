"""Which layout a table has: that of a known program, headings that name points and axes, or the columns that the user names.

F frames, P points. Each layout is a function of the rows of cells that gives a Table, or None when the table has another layout.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from mpm_core.errors import FormatError
from mpm_core.io.tables import general_layouts, program_layouts
from mpm_core.io.tables.asked_columns import by_columns
from mpm_core.io.tables.quantities import quantity, refuse_other_quantities, split_unit
from mpm_core.io.tables.table import Table
from mpm_core.io.tables.text import Rows

SIGNS = re.compile(rb"(\xef\xbb\xbf)?(Format Version,|NO_OF_FRAMES|Trajectories|[^\0]*\nITEM\t)")  # how known programs' tables begin
LAYOUTS: tuple[Callable[[Rows, str], Table | None], ...] = (
    program_layouts.motive,
    program_layouts.qualisys,
    program_layouts.visual3d,
    program_layouts.vicon,
    general_layouts.long_table,
    general_layouts.two_headings,
    general_layouts.one_heading,
    general_layouts.bare_numbers,
)


def find_table(rows: Rows, columns: str | None, where: str) -> Table:
    """The table by the user's columns, or by the first layout that fits. Raises FormatError when none does."""
    if columns is not None:
        return by_columns(rows, columns, where)
    for layout in LAYOUTS:
        table = layout(rows, where)
        if table is not None:
            return table
    heads = next((rows[index] for index in rows.filled(0)), [])
    refuse_other_quantities((quantity(*split_unit(head)) for row in rows[:4] for head in row), where)
    listed = ", ".join(repr(head) for head in heads[:8]) or "nothing"
    raise FormatError(
        f"which columns hold positions is not clear (the first row holds {listed})",
        where=where,
        hint="say it with --columns, such as 'LFHD=3-5; C7=6-8' (columns count from 1), or export with x, y, z in the headings",
    )
