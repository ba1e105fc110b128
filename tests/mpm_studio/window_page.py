"""The part of `docs/window.md` that lists mouse, menus and keys, from the window's own tables: `python -m tests.mpm_studio.window_page`."""

from __future__ import annotations

from itertools import groupby
from pathlib import Path

from PySide6.QtGui import QKeySequence

from mpm_core.files.atomic import write_bytes
from mpm_studio.actions import ACTIONS
from mpm_studio.views.keys import MOUSE

PAGE = Path(__file__).parents[2] / "docs" / "window.md"
MARK = "<!-- from here on made by: python -m tests.mpm_studio.window_page -->\n"


def tables() -> str:
    """Everything after MARK."""
    lines = ["", "## Mouse", "", "| mouse | does |", "|---|---|"]
    lines += [f"| {gesture} | {does} |" for gesture, does in MOUSE]
    lines += ["", "## Menus and keys", "", "Help, Keyboard (F1) shows the keys in the window."]
    for menu, actions in groupby((action for action in ACTIONS if action is not None), key=lambda action: action.menu.replace("&", "")):
        lines += ["", f"### {menu}", "", "| entry | key | does |", "|---|---|---|"]
        for action in actions:
            keys = " or ".join(QKeySequence(key).toString() for key in action.keys)
            lines.append(f"| {action.text.replace('&', '').rstrip('…')} | {keys} | {action.tip} |")
    return "\n".join(lines) + "\n"


def page() -> str:
    """The whole page as it should be."""
    own, mark, _ = PAGE.read_text().partition(MARK)
    assert mark, f"{PAGE} has lost the line after which it is made"
    return own + mark + tables()


if __name__ == "__main__":
    write_bytes(PAGE, page().encode())
