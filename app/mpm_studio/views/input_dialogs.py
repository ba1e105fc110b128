"""Dialogs that ask for one value: a name, a whole number."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialogButtonBox, QInputDialog, QLineEdit, QSpinBox, QWidget

from mpm_studio.views.naming import name_buttons, named


def ask_name(parent: QWidget, title: str, what: str, present: str = "") -> str:
    """A name, '' when the user cancels. present: the one that is offered."""
    dialog = QInputDialog(parent)
    dialog.setTextValue(present)
    return dialog.textValue().strip() if _accepted(dialog, title, what) else ""


def ask_whole_number(parent: QWidget, title: str, what: str, value: int) -> int | None:
    """A number, None when the user cancels. value: the one that is offered."""
    dialog = QInputDialog(parent)
    dialog.setInputMode(QInputDialog.InputMode.IntInput)
    dialog.setIntRange(-(2**31) + 1, 2**31 - 1)
    dialog.setIntValue(value)
    return dialog.intValue() if _accepted(dialog, title, what) else None


def _accepted(dialog: QInputDialog, title: str, what: str) -> bool:
    named(dialog, "input_dialog", title)
    dialog.setWindowTitle(title)
    dialog.setLabelText(what)
    dialog.sizeHint()  # Qt makes the parts only now
    for kind in (QLineEdit, QSpinBox):
        for field in dialog.findChildren(kind, options=Qt.FindChildOption.FindDirectChildrenOnly):
            named(field, "input_value", what.rstrip(":"))
    for buttons in dialog.findChildren(QDialogButtonBox):
        name_buttons(buttons, "input")
    return dialog.exec() == QInputDialog.DialogCode.Accepted
