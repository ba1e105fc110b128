"""Names for widgets: one for tests and scripts, one for screen readers."""

from __future__ import annotations

from typing import TypeVar

from PySide6.QtWidgets import QDialogButtonBox, QMessageBox, QWidget

W = TypeVar("W", bound=QWidget)


def named(widget: W, name: str, spoken: str) -> W:
    """The widget, with its objectName and accessibleName set."""
    widget.setObjectName(name)
    widget.setAccessibleName(spoken)
    return widget


def name_buttons(box: QDialogButtonBox | QMessageBox, name: str) -> None:
    """Name the standard buttons: `name`_cancel is Cancel."""
    for button in box.buttons():
        kind = box.standardButton(button)
        if kind != box.StandardButton.NoButton:
            named(button, f"{name}_{kind.name}".lower(), button.text().replace("&", ""))
