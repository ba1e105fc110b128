"""About: the program, its licence, and versions and licences of what is in use."""

from __future__ import annotations

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QHeaderView, QLabel, QPushButton, QTableWidgetItem, QVBoxLayout, QWidget

from mpm_studio.operations.about import Component, as_text
from mpm_studio.views.dialog_parts import close_button
from mpm_studio.views.naming import named
from mpm_studio.views.table import read_only_table
from mpm_studio.views.text_labels import wrapped

WORDS = (
    "Repairs motion capture: completes missing 3D joints and lifts 2D keypoints with a masked-pose model. Code and sample: MIT licence. "
    "The data used in this project was obtained from mocap.cs.cmu.edu. The database was created with funding from NSF EIA-0196217."
)


class AboutDialog(QDialog):
    def __init__(self, parts: list[Component], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        named(self, "about_dialog", "About mpm-studio")
        self.setWindowTitle("About mpm-studio")
        self.resize(620, 560)
        title = QLabel(f"mpm-studio {parts[0].version}")
        title.setProperty("role", "title")
        words = wrapped(WORDS)
        self.table = named(
            read_only_table(len(parts), ("Part", "Version", "Licence"), (), 24), "about_parts", "Parts, versions and licences"
        )
        self.table.setSelectionBehavior(self.table.SelectionBehavior.SelectRows)
        for row, part in enumerate(parts):
            for column, text in enumerate((part.name, part.version, part.licence)):
                item = QTableWidgetItem(text)
                item.setToolTip(text)
                self.table.setItem(row, column, item)
        header = self.table.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(2, QHeaderView.ResizeMode.Stretch)
        buttons = close_button(self)
        copy = named(QPushButton("Copy"), "about_copy", "Copy parts, versions and licences")
        copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(as_text(parts)))
        buttons.addButton(copy, QDialogButtonBox.ButtonRole.ActionRole)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 18, 20, 14)
        layout.setSpacing(12)
        for part_widget in (title, words, self.table, buttons):
            layout.addWidget(part_widget)
