"""Output of commands: plain lines when read by a program, rich ones on a terminal. Results go to stdout, the rest to stderr."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from mpm_core.errors import printable
from mpm_core.progress import Progress


def say(line: str = "") -> None:
    """One line on stdout, with no control characters."""
    sys.stdout.write(printable(line) + "\n")


def show_table(heads: Sequence[str], rows: Sequence[Sequence[str]], left: Sequence[int] = (0,)) -> None:
    """A table on stdout: drawn on a terminal, else columns of spaces. Columns of `left` are text, the others figures."""
    if sys.stdout.isatty():
        from rich.console import Console
        from rich.table import Table
        from rich.text import Text

        table = Table(box=None, pad_edge=False, header_style="bold")
        for column, head in enumerate(heads):
            table.add_column(head, justify="left" if column in left else "right")
        for row in rows:
            table.add_row(*(Text(printable(cell)) for cell in row))
        Console().print(table)
        return
    heads, rows = list(map(printable, heads)), [list(map(printable, row)) for row in rows]
    widths = [max(map(len, column)) for column in zip(heads, *rows, strict=True)]
    for row in (heads, *rows):
        cells = [
            cell.ljust(width) if column in left else cell.rjust(width) for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        say("  ".join(cells).rstrip())


@contextmanager
def progress_bar() -> Iterator[Progress]:
    """A function (share 0..1, what is done now) that moves a bar on stderr; it does nothing when stderr is not a terminal."""
    if not sys.stderr.isatty():
        yield lambda share, text: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}", markup=False), BarColumn(), TextColumn("{task.percentage:>3.0f}%"), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=1.0)
        yield lambda share, text: bar.update(task, completed=share, description=printable(text))
