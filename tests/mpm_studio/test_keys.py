"""Keys that the user changes: no two actions share one, they are kept, and their usual ones come back."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence

from mpm_studio.actions import ACTIONS
from mpm_studio.settings import Settings
from mpm_studio.take import Take
from mpm_studio.views.shortcut_editor import ShortcutEditor, conflicts
from mpm_studio.window import Window
from tests.makers import smooth_take
from tests.mpm_studio.driving import answer, press


def test_no_two_actions_have_the_same_usual_key() -> None:
    assert conflicts({action.id: action.keys for action in ACTIONS if action is not None}) == {}


def test_a_key_and_the_beginning_of_another_are_in_conflict() -> None:
    assert conflicts({"a": ("Ctrl+K",), "b": ("Ctrl+K, Ctrl+S",), "c": ("K",), "d": ()}) == {"a": "b", "b": "a"}


def test_a_changed_key_works_at_once_and_is_kept(qtbot, window: Window) -> None:
    rec = smooth_take(60, 4)
    window.session.open(Take(Path("take.npz"), rec, rec, {}))

    seen: list = []

    def choose(editor: ShortcutEditor) -> None:
        row = next(row for row, each in enumerate(editor.actions_) if each.id == "next_frame")
        editor.table.selectRow(row)
        editor.edit.setKeySequence(QKeySequence("M"))
        seen.append((editor.use.isEnabled(), editor.problem.text()))
        editor.edit.setKeySequence(QKeySequence("Ctrl+J"))
        seen.append((editor.use.isEnabled(), editor.changed()))
        editor.use.click()
        if editor.isVisible():  # it could not be used: a dialog that stays would hold the test
            editor.reject()

    answer(ShortcutEditor, choose)
    window.actions_by_id["change_keys"].trigger()
    assert not seen[0][0] and "Mark as wrong" in seen[0][1]
    assert seen[1] == (True, {"next_frame": ("Ctrl+J",)})
    window.session.set_frame(3)
    press(qtbot, window, Qt.Key.Key_J, Qt.KeyboardModifier.ControlModifier)
    press(qtbot, window, Qt.Key.Key_Right)
    assert window.session.frame == 4
    assert "(Ctrl+J)" in window.actions_by_id["next_frame"].toolTip()
    assert Settings(Path(window.settings._store.fileName())).keys("next_frame") == ("Ctrl+J",)

    def back(editor: ShortcutEditor) -> None:
        editor.all_usual.click()
        editor.use.click()

    answer(ShortcutEditor, back)
    window.actions_by_id["change_keys"].trigger()
    assert window.settings.keys("next_frame") is None
    assert window.actions_by_id["next_frame"].shortcuts() == [QKeySequence("Right")]


def test_an_action_can_be_without_a_key(tmp_path: Path) -> None:
    settings = Settings(tmp_path / "s.ini")
    settings.set_keys({"mark": (), "undo": ("Ctrl+Z", "Ctrl+;")})
    assert settings.keys("mark") == () and settings.keys("undo") == ("Ctrl+Z", "Ctrl+;") and settings.keys("redo") is None
