"""Errors, with details to read and copy, and notices, at the top of the window."""

from __future__ import annotations

from PySide6.QtCore import QElapsedTimer, Qt, QTimer
from PySide6.QtGui import QFontDatabase, QGuiApplication
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPlainTextEdit, QPushButton, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from mpm_core.errors import MpmError
from mpm_studio import theme
from mpm_studio.jobs import Failure
from mpm_studio.operations.window_words import for_window, in_window
from mpm_studio.views.naming import named

NOTICE_MS = 6000
READ_MS = 3000  # in which a failure is read


class Banner(QFrame):
    """Hidden until there is a message. A failure stays until it is closed, or until the user goes on (`go_on`); a notice closes itself, and
    stands below such a failure.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        named(self, "banner", "Message")
        self.text = named(QLabel(), "banner_text", "Message text")
        self.text.setWordWrap(True)
        self.text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.text.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.details_button = named(QPushButton("Details"), "banner_details", "Show the details")
        self.details_button.setCheckable(True)
        self.copy_button = named(QPushButton("Copy"), "banner_copy", "Copy message and details")
        self.close_button = named(QToolButton(), "banner_close", "Close the message")
        self.close_button.setIcon(theme.icon("close"))
        self.close_button.setToolTip("Close")
        self.details = named(QPlainTextEdit(), "banner_traceback", "Details of the message")
        self.details.setReadOnly(True)
        self.details.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.details.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.details.setFixedHeight(180)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.text, 1)
        for button in (self.details_button, self.copy_button, self.close_button):
            row.addWidget(button, 0, Qt.AlignmentFlag.AlignTop)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 8, 8, 8)
        layout.addLayout(row)
        layout.addWidget(self.details)
        for button in (self.details_button, self.copy_button):
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.details_button.toggled.connect(self.details.setVisible)
        self.copy_button.clicked.connect(self.copy)
        self.close_button.clicked.connect(self.hide)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._end_notice)
        self._failure, self._of_program = "", False
        self._shown = QElapsedTimer()
        self.hide()

    def show_failure(self, failure: Failure) -> None:
        """Show what failed and why, with the traceback under Details."""
        error = failure.error
        if isinstance(error, MpmError):
            error = for_window(error)
            lines = [f"<b>{_safe(failure.title)}: {_safe(error.what)}</b>"]
            lines += [_safe(text) for text in (error.where, _sentence(error.hint)) if text]
        else:
            lines = [f"<b>{_safe(failure.title)} failed: {_safe(type(error).__name__)}</b>", _safe(str(error) or "no message")]
            lines.append("This is a fault in the program; please report what Details shows.")
        self._failure, self._of_program = "<br>".join(lines), not isinstance(error, MpmError)
        self._shown.start()
        self._show("error", self._failure, failure.details)
        self._timer.stop()

    def show_notice(self, text: str) -> None:
        """Show a message for a while."""
        if self._fails():
            self.text.setText(f"{self._failure}<br><br>{_safe(in_window(text))}")
        else:
            self._show("notice", _safe(in_window(text)), "")
        self._timer.start(NOTICE_MS)

    def go_on(self) -> None:
        """The take was changed: hide what failed before that and was there to be read. Faults in the program stay, to be reported."""
        if self._fails() and not self._of_program and self._shown.elapsed() > READ_MS:
            self.hide()

    def _fails(self) -> bool:
        return self.isVisible() and self.property("role") == "error"

    def _end_notice(self) -> None:
        if self._fails():
            self.text.setText(self._failure)
        else:
            self.hide()

    def copy(self) -> None:
        """Put message and details on the clipboard."""
        plain = self.text.text().replace("<br>", "\n").replace("<b>", "").replace("</b>", "")
        for code, sign in (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")):
            plain = plain.replace(code, sign)
        QGuiApplication.clipboard().setText(f"{plain}\n\n{self.details.toPlainText()}".strip() + "\n")

    def _show(self, role: str, text: str, details: str) -> None:
        self.setProperty("role", role)
        self.style().unpolish(self)
        self.style().polish(self)
        self.text.setText(text)
        self.details.setPlainText(details)
        self.details_button.setChecked(False)
        self.details.hide()
        for button in (self.details_button, self.copy_button):
            button.setVisible(bool(details))
        self.show()


def _safe(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]
