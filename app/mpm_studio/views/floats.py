"""What floats over the viewer: a running job with its Cancel, a proposal with Accept and Reject."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QSize
from PySide6.QtGui import QAction, QTextDocumentFragment
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QProgressBar, QPushButton, QVBoxLayout, QWidget

from mpm_studio.session import Session
from mpm_studio.views.naming import named

EDGE = 16
BOLDER = 24  # pixels that the bold word may add to the line


class JobFloat(QFrame):
    """Title, present step, progress, Cancel."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "float")
        named(self, "job", "Running job")
        self.title = named(QLabel(), "job_title", "What is running")
        self.text = named(QLabel(), "job_text", "What is being done")
        self.text.setProperty("role", "dim")
        self.bar = named(QProgressBar(), "job_progress", "Progress")
        self.bar.setTextVisible(False)
        self.bar.setFixedSize(220, 8)
        self.cancel = named(QPushButton("Cancel"), "job_cancel", "Cancel the running job")
        words = QVBoxLayout()
        words.setSpacing(4)
        words.addWidget(self.title)
        words.addWidget(self.bar)
        words.addWidget(self.text)
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 10, 12, 10)
        row.setSpacing(20)
        row.addLayout(words)
        row.addWidget(self.cancel)
        self.cancel.clicked.connect(session.jobs.cancel)
        session.job_started.connect(self._start)
        session.job_progress.connect(self._progress)
        session.job_finished.connect(self.hide)
        self.hide()

    def _start(self, title: str) -> None:
        self.title.setText(title)
        self._progress(-1.0, "")
        self.show()

    def _progress(self, share: float, text: str) -> None:
        self.bar.setRange(0, 0 if share < 0 else 1000)
        if share >= 0:
            self.bar.setValue(round(share * 1000))
        self.text.setText(text or "starting")
        self.adjustSize()

    def fit(self, room: int) -> QSize:
        """Its size in a width of `room` pixels."""
        hint = self.sizeHint()
        return QSize(min(hint.width(), room), hint.height())


class ProposalFloat(QFrame):
    """What would be filled, with Accept and Reject."""

    def __init__(self, session: Session, accept: QAction, reject: QAction, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "float")
        named(self, "proposal", "Proposed change")
        self.session = session
        self.text = named(QLabel(), "proposal_text", "What is proposed")
        self.text.setWordWrap(True)
        self.accept = named(QPushButton("Accept  (Enter)"), "proposal_accept", "Accept the proposed change")
        self.accept.setProperty("primary", "true")
        self.reject = named(QPushButton("Reject  (Esc)"), "proposal_reject", "Reject the proposed change")
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 10, 12, 10)
        row.setSpacing(10)
        row.addWidget(self.text)
        row.addSpacing(10)
        row.addWidget(self.reject)
        row.addWidget(self.accept)
        self.accept.clicked.connect(accept.trigger)
        self.reject.clicked.connect(reject.trigger)
        session.proposal_changed.connect(self._show)
        self.hide()

    def _show(self) -> None:
        proposal = self.session.proposal
        self.hide()
        if proposal is not None:
            self.text.setText(f"<b>Proposed</b>&nbsp;&nbsp;{proposal.summary}")
            self.show()  # and so it is placed again

    def fit(self, room: int) -> QSize:
        """Its size in a width of `room` pixels: the text on one line where it fits, else on as many as it needs."""
        plain = QTextDocumentFragment.fromHtml(self.text.text()).toPlainText()
        line = self.text.fontMetrics().horizontalAdvance(plain) + BOLDER
        self.text.setFixedWidth(0)
        width = max(120, min(line, room - self.sizeHint().width()))
        self.text.setFixedSize(width, self.text.heightForWidth(width))
        return self.sizeHint()


class Placed(QObject):
    """Keeps floats at the bottom middle of what they float over."""

    def __init__(self, over: QWidget, floats: Sequence[JobFloat | ProposalFloat]) -> None:
        super().__init__(over)
        self._over, self._floats, self._placing = over, floats, False
        for widget in (over, *floats):
            widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.Resize, QEvent.Type.Show) and not self._placing:
            self._placing = True  # placing a float resizes it
            for one in (each for each in self._floats if not each.isHidden()):
                size = one.fit(self._over.width() - 2 * EDGE)
                left, top = (self._over.width() - size.width()) // 2, self._over.height() - size.height() - EDGE
                one.setGeometry(QRect(QPoint(left, top), size))
                one.raise_()
            self._placing = False
        return False
