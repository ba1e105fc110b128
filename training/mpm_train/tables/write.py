"""Tables written as CSV and JSON with all digits, and as Markdown and text for the terminal, rounded."""

from __future__ import annotations

import csv
import io
import json
import math
from dataclasses import dataclass
from pathlib import Path

from rich.box import SIMPLE
from rich.console import Group
from rich.table import Table as RichTable
from rich.text import Text

from mpm_core.files.atomic import write_bytes

Value = str | float | int | bool | None
Rows = tuple[tuple[Value, ...], ...]


@dataclass(frozen=True, slots=True)
class Table:
    """columns: heading -> decimals (None = text). rows: a value per column; None or NaN = not measured.

    notes: lines below the table. printed: on the terminal too (the others are for the files only).
    """

    name: str
    title: str
    columns: dict[str, int | None]
    rows: Rows
    notes: tuple[str, ...] = ()
    printed: bool = True


def markdown(table: Table) -> str:
    """The table under its title, its notes below it."""
    lines = [f"### {table.title}", "", f"| {' | '.join(table.columns)} |", "|---" * len(table.columns) + "|"]
    lines += [f"| {' | '.join(row)} |" for row in _cells(table)]
    return "\n".join([*lines, "", *(f"{note}\n" for note in table.notes)]).rstrip() + "\n"


def terminal(table: Table) -> Group:
    """The table for a terminal, which must be wide enough; headings have one word in a line."""
    grid = RichTable(box=SIMPLE)
    for heading, decimals in table.columns.items():
        grid.add_column(heading.replace(" ", "\n"), justify="left" if decimals is None else "right", no_wrap=True)
    for row in _cells(table):
        grid.add_row(*row)
    return Group(Text(table.title, style="bold"), grid, *(Text(note) for note in table.notes))


def as_csv(table: Table) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(table.columns)
    writer.writerows(["" if _none(value) else value for value in row] for row in table.rows)
    return text.getvalue()


def as_json(table: Table) -> str:
    rows = [{heading: None if _none(value) else value for heading, value in zip(table.columns, row, strict=True)} for row in table.rows]
    return json.dumps({"title": table.title, "notes": table.notes, "rows": rows}, indent=1)


def write_tables(tables: list[Table], folder: Path, name: str, heading: str) -> list[Path]:
    """NAME.md with all of them, and a CSV and a JSON file of each. Returns what was written. Raises FormatError."""
    folder.mkdir(parents=True, exist_ok=True)
    texts = {f"{name}.md": f"## {heading}\n\n" + "\n".join(markdown(table) for table in tables)}
    for table in tables:
        texts |= {f"{table.name}.csv": as_csv(table), f"{table.name}.json": as_json(table)}
    for file, text in texts.items():
        write_bytes(folder / file, text.encode())
    return [folder / file for file in texts]


def _cells(table: Table) -> list[list[str]]:
    return [[_text(value, decimals) for value, decimals in zip(row, table.columns.values(), strict=True)] for row in table.rows]


def _text(value: Value, decimals: int | None) -> str:
    if value is None or _none(value):
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "NO"
    if isinstance(value, str) or decimals is None:
        return f"{value:g}" if isinstance(value, float) else str(value)
    return f"{value:.{decimals}f}"


def _none(value: Value) -> bool:
    return value is None or (isinstance(value, float) and math.isnan(value))
