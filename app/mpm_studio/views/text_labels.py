"""Text labels: in the dim colour, and in place of an empty list."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel


def dim(text: str = "") -> QLabel:
    """A label in the dim colour, for what explains rather than says."""
    label = QLabel(text)
    label.setProperty("role", "dim")
    return label


def wrapped(text: str = "") -> QLabel:
    """A dim label of as many lines as its text needs."""
    label = dim(text)
    label.setWordWrap(True)
    return label


def in_the_middle(text: str) -> QLabel:
    """A dim label in the middle of its place, for a list in which there is nothing."""
    label = dim(text)
    label.setAlignment(Qt.AlignmentFlag.AlignCenter)
    return label
