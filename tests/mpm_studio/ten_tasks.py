"""The ten tasks, each as what a user does: from the take that is open to the result."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.mpm_studio import task_takes as takes
from tests.mpm_studio.user import SHIFT, User

LIMB, FIRST, LAST = "Left arm", 500, 560


@dataclass(frozen=True, slots=True)
class Task:
    """most: actions that it may take. take: makes the file that is open when it begins, or lies at the path to be opened."""

    title: str
    most: int
    take: Callable[[Path], Path]
    act: Callable[[User, Path], None]
    opened: bool = True

    @property
    def name(self) -> str:
        return self.act.__name__


def find_the_worst(user: User, path: Path) -> None:
    user.key("Ctrl+O")
    user.type(str(path))
    user.key("Return")
    user.see("840 frames")
    user.head("Length")
    user.row("gap_table", 0, double=True)


def compare_two_methods(user: User, path: Path) -> None:
    user.key("N")
    user.click("Compare")
    user.see("pchip")


def fill_review_undo(user: User, path: Path) -> None:
    user.key("G")
    user.see("Proposed")
    user.key("N")
    user.key("Shift+Return")
    user.key("Delete")
    user.key("Return")
    user.key("Ctrl+Z")


def mark_a_limb(user: User, path: Path) -> None:
    user.key("Shift+C")
    user.drag_over(LIMB, FIRST, LAST, SHIFT)


def fix_a_swap(user: User, path: Path) -> None:
    user.key("Ctrl+K")
    user.see("Swap")
    user.row("suspects_table", "Swap")
    user.click("Exchange")


def drag_a_key(user: User, path: Path) -> None:
    user.row("gap_table", "RKNE", double=True)
    user.key("Ctrl+G")
    user.see("Proposed")
    user.drag_key(20)
    user.see("Proposed")
    user.key("Return")


def trim_filter_export(user: User, path: Path) -> None:
    user.drag_over("the ruler", 101, 700, SHIFT)
    user.key("Ctrl+T")
    user.key("Ctrl+F")
    user.click("Filter what was measured, too")
    user.key("Return")
    user.key("Ctrl+E")
    user.key("Return")
    user.see("Exported")


def label_by_motion(user: User, path: Path) -> None:
    user.menu("Repair > Markers by motion")
    user.see("Found from the motion of the markers")
    user.key("Return")
    user.key("G")
    user.see("Proposed")
    user.key("Return")


def two_players(user: User, path: Path) -> None:
    user.key("G")
    user.see("Proposed")
    user.key("Return")
    user.key("Ctrl+E")
    user.key("Return")
    user.see("Exported")


def save_and_recover(user: User, path: Path) -> None:
    """The first part, up to the kill; `recover` is the second, in another process."""
    user.key("Ctrl+S")
    user.see("Saved")
    user.drag_over("Head", 300, 400, SHIFT)


def recover(user: User) -> None:
    user.click("Recover")
    user.see("Recovered")


TASKS = (
    Task("Open a C3D with gaps and find the worst", 6, takes.sample, find_the_worst, opened=False),
    Task("Compare two methods side by side", 4, takes.sample, compare_two_methods),
    Task("Fill all, review gap by gap, undo", 7, takes.sample, fill_review_undo),
    Task("Mark a limb over a range", 4, takes.sample, mark_a_limb),
    Task("Fix a swap", 4, takes.swapped, fix_a_swap),
    Task("Drag a key and refill", 4, takes.sample, drag_a_key),
    Task("Trim, filter, export", 7, takes.sample, trim_filter_export),
    Task("Label an unnamed take by motion and fill it", 5, takes.unnamed, label_by_motion),
    Task("Two players in one take", 5, takes.two_players, two_players),
    Task("Save, kill -9, recover with history", 3, takes.project, save_and_recover),
)
