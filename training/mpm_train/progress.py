"""How far work is: a bar on a terminal; elsewhere, as in a batch job's log, a line now and then. On stderr: results are on stdout.

The first line comes after FIRST_S, the next after as much time again as has passed, but at the latest after LONGEST_S.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sized
from contextlib import contextmanager
from datetime import datetime
from typing import TypeVar

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from mpm_core.errors import printable

Item = TypeVar("Item")
FIRST_S, LONGEST_S = 5.0, 60.0
TEXT_S = 1.0  # between two texts beside a bar: making one may cost more than a step
Text = Callable[[], str]


class Task:
    """One piece of work of `total` parts (None = not known how many), of which `done` are done. Made by `progress`."""

    def __init__(self, name: str, total: int | None, done: int, unit: str, bar: Progress | None, shown: bool) -> None:
        self.name, self.total, self.done, self.unit, self.shown = name, total, done, unit, shown
        self.first, self.began = done, time.monotonic()
        self.due_s = TEXT_S if bar else FIRST_S  # seconds after the beginning
        self.bar, self.job = bar, bar.add_task(name, total=total, completed=done) if bar else None

    def advance(self, text: Text | None = None) -> None:
        """One more part is done. text: what else there is to say; called only when it is shown."""
        self.done += 1
        if not self.shown:
            return
        passed_s = time.monotonic() - self.began
        due = passed_s >= self.due_s
        if self.bar is not None and self.job is not None:
            described = {"description": f"{self.name} {text()}"} if text and due else {}
            self.bar.update(self.job, completed=self.done, **described)  # type: ignore[arg-type]
            self.due_s = passed_s + TEXT_S if due else self.due_s
        elif due:
            self.say(f"{self.state()}{'; ' + text() if text else ''}")
            self.due_s = passed_s + min(max(passed_s, FIRST_S), LONGEST_S)

    def say(self, text: str) -> None:
        """A line of its own, with the time and the name of the work."""
        if self.shown:
            if self.bar is not None:
                self.bar.console.print(_line(self.name, text), highlight=False, markup=False)
            else:
                announce(self.name, text)

    def state(self) -> str:
        """Parts done, the time that has passed, and the time that is left at the pace so far."""
        passed_s = time.monotonic() - self.began
        total = "" if self.total is None else f" of {self.total:,}"
        words = f"{self.done:,}{total} {self.unit}".rstrip() + f", {duration(passed_s)}"
        if self.total is None or not self.first < self.done < self.total:
            return words
        return f"{words}, {duration(passed_s / (self.done - self.first) * (self.total - self.done))} left"


@contextmanager
def progress(name: str, total: int | None, unit: str = "", *, done: int = 0, shown: bool = True) -> Iterator[Task]:
    """Show how far work is while the block runs. unit: what the parts are called; done: parts that were done before."""
    if not (shown and on_terminal()):
        task = Task(name, total, done, unit, None, shown)
        yield task
        if time.monotonic() - task.began >= FIRST_S:
            task.say(f"done, {task.state()}")
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True)) as bar:
        yield Task(name, total, done, unit, bar, shown)


def tracked(items: Iterable[Item], name: str, unit: str = "", total: int | None = None) -> Iterator[Item]:
    """The items, one by one, while `progress` shows how many are done. total: as many as there are, where that is known."""
    with progress(name, len(items) if total is None and isinstance(items, Sized) else total, unit) as task:
        for item in items:
            yield item
            task.advance()


def announce(name: str, text: str) -> None:
    """A line with the time and the name of the work, where no bar is shown."""
    sys.stderr.write(_line(name, text) + "\n")
    sys.stderr.flush()


def _line(name: str, text: str) -> str:
    return f"{datetime.now():%Y-%m-%d %H:%M:%S}  {name}: {printable(text)}"


def on_terminal() -> bool:
    return sys.stderr.isatty() and not Console(stderr=True).is_dumb_terminal


def duration(seconds: float) -> str:
    """Rounded as one would say it.

    >>> duration(42.4), duration(754), duration(11_100)
    ('42 s', '13 min', '3 h 05 min')
    """
    if seconds < 99.5:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 100 else f"{minutes // 60} h {minutes % 60:02d} min"
