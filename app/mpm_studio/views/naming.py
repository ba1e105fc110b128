"""Names for widgets: one for tests and scripts, one for screen readers."""

from __future__ import annotations

from typing import TypeVar

from PySide6.QtWidgets import QWidget

W = TypeVar("W", bound=QWidget)


def named(widget: W, name: str, spoken: str) -> W:
    """The widget, with its objectName and accessibleName set."""
    widget.setObjectName(name)
    widget.setAccessibleName(spoken)
    return widget
