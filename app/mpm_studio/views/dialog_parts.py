"""Parts that dialogs share: a form, the row of buttons, and the layout."""

from __future__ import annotations

from PySide6.QtWidgets import QDialog, QDialogButtonBox, QFormLayout, QLayout, QPushButton, QVBoxLayout, QWidget

from mpm_studio.views.naming import name_buttons, named


def cancel_and(dialog: QDialog, text: str, name: str, spoken: str) -> tuple[QDialogButtonBox, QPushButton]:
    """The row of buttons Cancel and `text`, and the latter, which accepts the dialog; make it the default once it is inside the dialog."""
    buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
    name_buttons(buttons, dialog.objectName())
    primary = named(QPushButton(text), name, spoken)
    primary.setProperty("primary", "true")
    buttons.addButton(primary, QDialogButtonBox.ButtonRole.AcceptRole)
    buttons.accepted.connect(dialog.accept)
    buttons.rejected.connect(dialog.reject)
    return buttons, primary


def close_button(dialog: QDialog) -> QDialogButtonBox:
    """The button of a dialog that asks for nothing, in its row."""
    buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
    name_buttons(buttons, dialog.objectName())
    buttons.rejected.connect(dialog.reject)
    return buttons


def new_form() -> QFormLayout:
    """An empty form: a row for each value that is asked for."""
    form = QFormLayout()
    form.setSpacing(10)
    return form


def lay_out(dialog: QDialog, *parts: QWidget | QLayout) -> None:
    """Put a dialog's parts below each other, its row of buttons as the last."""
    layout = QVBoxLayout(dialog)
    layout.setContentsMargins(18, 18, 18, 14)
    layout.setSpacing(12)
    for part in parts:
        layout.addLayout(part) if isinstance(part, QLayout) else layout.addWidget(part)
