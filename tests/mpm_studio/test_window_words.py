"""The window names menu entries and fields, never the commands' options."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QObject
from PySide6.QtWidgets import QLabel

from mpm_studio.operations.window_words import FIELDS, in_window
from mpm_studio.views.banner import Banner
from mpm_studio.views.import_dialog import ImportDialog
from mpm_studio.window import Window
from tests.mpm_studio.driving import child
from tests.mpm_studio.test_person import two_people

ROOT = Path(__file__).parents[2]
OPTION = re.compile(r"(?<![\w-])--[a-z]|`[a-z-]+")
NOT_SHOWN = ("--size", "A repairing network")  # the first is put before a name of an option that the window does not ask for


def texts(file: Path) -> Iterator[str]:
    """The texts of a module but its docstrings; {} for what is put into one."""
    parsed = ast.parse(file.read_text())
    inside = {id(part) for node in ast.walk(parsed) if isinstance(node, ast.JoinedStr) for part in ast.walk(node)}
    docs = {id(node.value) for node in ast.walk(parsed) if isinstance(node, ast.Expr)}
    for node in ast.walk(parsed):
        if isinstance(node, ast.JoinedStr):
            yield "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in inside | docs:
            yield node.value


def test_everything_that_the_core_says_of_options_has_words_of_the_window() -> None:
    folders = [ROOT / "mpm_core", *(ROOT / "app" / "mpm_studio" / part for part in ("operations", "flows", "views"))]
    files = [file for folder in folders for file in folder.rglob("*.py") if file.name not in ("window_words.py", "desktop_entry.py")]
    said = {text: in_window(text) for file in files for text in texts(file) if OPTION.search(text) and not text.startswith(NOT_SHOWN)}
    assert len(said) > 30
    assert [text for text in said.values() if OPTION.search(text)] == []


def test_the_places_are_menu_entries_and_fields(qtbot: Any, window: Window) -> None:
    entries = {
        f"{menu.title()}, {action.text()}".replace("&", "").replace("…", "")
        for menu in (each.menu() for each in window.menuBar().actions())
        for action in menu.actions()
    }
    assert {place for _, place in FIELDS.values()} <= entries
    dialog = ImportDialog("x", ("unit", "up", "zero_is_missing", "positions", "columns", "points", "person", "fps", "image_wh"), ())
    qtbot.addWidget(dialog)
    shown = {label.text() for label in dialog.findChildren(QLabel)}
    assert {field for field, place in FIELDS.values() if "Open with" in place} <= shown


def test_a_failure_names_the_menu(qtbot: Any, window: Window, tmp_path: Path) -> None:
    (tmp_path / "plain.csv").write_text("".join(f"{n},{n + 1},{n + 2},{n + 3}\n" for n in range(5)))
    window.open_path(tmp_path / "plain.csv")
    banner = child(window, Banner, "banner")
    qtbot.waitUntil(lambda: banner.isVisible() and "plain.csv" in banner.text.text(), timeout=20_000)
    assert "Columns (File, Open with options)" in banner.text.text() and "--" not in banner.text.text()


def test_a_file_keeps_its_name(qtbot: Any, window: Window, tmp_path: Path) -> None:
    path = tmp_path / "walk --unit cm.csv"
    path.write_text("".join(f"{n},{n + 1},{n + 2},{n + 3}\n" for n in range(5)))
    window.open_path(path)
    banner = child(window, Banner, "banner")
    qtbot.waitUntil(banner.isVisible, timeout=20_000)
    assert str(path) in banner.text.text()


def test_notes_name_the_menu(qtbot: Any, window: Window, tmp_path: Path) -> None:
    with qtbot.waitSignal(window.session.opened, timeout=20_000):
        window.open_path(two_people(tmp_path))
    notes = child(window, QObject, "status_notes").toolTip()
    assert "File, Choose the person reads them" in notes and "--" not in notes


@pytest.mark.parametrize("text", ["a take of 3 -- 4 frames", "marker --x"])
def test_what_is_no_option_stays(text: str) -> None:
    assert in_window(text) == text
