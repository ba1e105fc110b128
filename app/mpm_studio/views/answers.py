"""The buttons of a dialog: Cancel and the primary one."""

from __future__ import annotations

from PySide6.QtWidgets import QDialog, QDialogButtonBox, QPushButton

from mpm_studio.views.naming import named


def answers(dialog: QDialog, text: str, name: str, spoken: str) -> tuple[QDialogButtonBox, QPushButton]:
    """The row of buttons, and its primary button, which accepts the dialog; make that the default once it is inside the dialog."""
    buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
    primary = named(QPushButton(text), name, spoken)
    primary.setProperty("primary", "true")
    buttons.addButton(primary, QDialogButtonBox.ButtonRole.AcceptRole)
    buttons.accepted.connect(dialog.accept)
    buttons.rejected.connect(dialog.reject)
    return buttons, primary
