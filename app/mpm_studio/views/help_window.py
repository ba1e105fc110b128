"""The documentation's Markdown pages, where no built site came with the installation."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QByteArray, Qt, QUrl
from PySide6.QtGui import QImage, QTextDocument
from PySide6.QtWidgets import QDialog, QHBoxLayout, QListWidget, QPushButton, QTextBrowser, QVBoxLayout, QWidget

from mpm_studio.help_pages import HelpPage
from mpm_studio.views.naming import named

MARKDOWN = QTextDocument.ResourceType.MarkdownResource
MARGIN = 20  # pixels around the text


class _Page(QTextBrowser):
    """Pictures are shown as wide as the page at most."""

    def loadResource(self, kind: int, name: QUrl | str) -> Any:
        found = super().loadResource(kind, name)
        if kind != QTextDocument.ResourceType.ImageResource.value or not isinstance(found, QByteArray):
            return found
        picture = QImage.fromData(found)
        room = self.width() - self.verticalScrollBar().sizeHint().width() - 2 * MARGIN
        return picture.scaledToWidth(room, Qt.TransformationMode.SmoothTransformation) if picture.width() > room > 0 else picture


class HelpWindow(QDialog):
    """A list of the pages beside the chosen one. Links between pages stay here, others open in the system's browser."""

    def __init__(self, pages: list[HelpPage], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        named(self, "help_window", "Help")
        self.setWindowTitle("Help")
        self.resize(980, 720)
        self.pages = pages
        self.list = named(QListWidget(), "help_pages", "Pages")
        self.list.addItems([page.title for page in pages])
        self.list.setFixedWidth(250)
        self.list.setWordWrap(True)
        self.text = named(_Page(), "help_text", "The page")
        self.text.setOpenExternalLinks(True)
        self.text.document().setDocumentMargin(MARGIN)
        self.text.sourceChanged.connect(self._on_source)
        self.back = named(QPushButton("Back"), "help_back", "Back to the page before")
        self.back.setAutoDefault(False)
        self.back.clicked.connect(self.text.backward)
        self.text.backwardAvailable.connect(self.back.setEnabled)
        self.back.setEnabled(False)
        left = QVBoxLayout()
        left.addWidget(self.list, 1)
        left.addWidget(self.back)
        row = QHBoxLayout(self)
        row.setContentsMargins(10, 10, 10, 10)
        row.addLayout(left)
        row.addWidget(self.text, 1)
        self.list.currentRowChanged.connect(self.show_page)
        if pages:
            self.list.setCurrentRow(0)

    def show_page(self, row: int) -> None:
        if 0 <= row < len(self.pages):
            self.text.setSource(QUrl.fromLocalFile(str(self.pages[row].path)), MARKDOWN)

    def _on_source(self, url: QUrl) -> None:
        """The list follows links."""
        row = next((row for row, page in enumerate(self.pages) if url.toLocalFile() == str(page.path)), -1)
        self.list.blockSignals(True)
        self.list.setCurrentRow(row)
        self.list.blockSignals(False)
