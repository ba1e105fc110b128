"""The field above a list in which the user says what of it is shown."""

from __future__ import annotations

from PySide6.QtWidgets import QLineEdit

from mpm_studio.views.naming import named


def filter_field(name: str, spoken: str, hint: str) -> QLineEdit:
    """name, spoken: as for `named`. hint: shown while nothing is written."""
    field = named(QLineEdit(), name, spoken)
    field.setPlaceholderText(hint)
    field.setClearButtonEnabled(True)
    field.setAcceptDrops(False)  # a file dropped here is for the window
    return field
