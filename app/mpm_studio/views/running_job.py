"""The running job with its progress and its Cancel button, shown over the bottom of the 3D view."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QLayout, QProgressBar, QPushButton, QVBoxLayout, QWidget

from mpm_studio.session import Session
from mpm_studio.views.naming import named
from mpm_studio.views.text_labels import dim

EDGE = 16


class JobFloat(QFrame):
    """Title, present step, progress, Cancel. resized: its text may need another width."""

    resized = Signal()

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "float")
        named(self, "job", "Running job")
        self.title = named(QLabel(), "job_title", "What is running")
        self.text = named(dim(), "job_text", "What is being done")
        self.bar = named(QProgressBar(), "job_progress", "Progress")
        self.bar.setTextVisible(False)
        self.bar.setFixedSize(220, 8)
        self.cancel = named(QPushButton("Cancel"), "job_cancel", "Cancel the running job")
        self.cancel.setFocusPolicy(Qt.FocusPolicy.TabFocus)
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
        self.resize(0, 0)
        self.title.setText(title)
        self._progress(-1.0, "")
        self.show()

    def _progress(self, share: float, text: str) -> None:
        self.bar.setRange(0, 0 if share < 0 else 1000)
        if share >= 0:
            self.bar.setValue(round(share * 1000))
        self.text.setText(text or "starting")
        self.resized.emit()

    def fit(self, room: int) -> QSize:
        """Its size in a width of `room` pixels."""
        self.text.setWordWrap(False)
        layout = self.layout()
        assert layout is not None
        _measure_again(layout)
        hint = self.sizeHint()
        if hint.width() > room:
            self.text.setWordWrap(True)
            _measure_again(layout)
            hint = QSize(room, self.heightForWidth(room))
        return QSize(max(hint.width(), min(self.width(), room)), hint.height())  # never narrower than before: it would tremble


def _measure_again(layout: QLayout) -> None:
    """Forget the sizes that a layout and those inside it remember; Qt does this only later, when it lays out."""
    for place in range(layout.count()):
        item = layout.itemAt(place)
        inside = item.layout() if item is not None else None
        if inside is not None:
            _measure_again(inside)
    layout.invalidate()


class Placed(QObject):
    """Keeps a float at the bottom middle of what it floats over."""

    def __init__(self, over: QWidget, job: JobFloat) -> None:
        super().__init__(over)
        self._over, self._job, self._placing = over, job, False
        for widget in (over, job):
            widget.installEventFilter(self)
        job.resized.connect(self.place)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.Resize, QEvent.Type.Show):
            self.place()
        return False

    def place(self) -> None:
        """Put it at the bottom middle, as wide as what it says."""
        if self._placing or self._job.isHidden():
            return
        self._placing = True  # placing it resizes it
        size = self._job.fit(self._over.width() - 2 * EDGE)
        left, top = (self._over.width() - size.width()) // 2, self._over.height() - size.height() - EDGE
        self._job.setGeometry(QRect(QPoint(left, top), size))
        layout = self._job.layout()
        assert layout is not None
        layout.invalidate()
        layout.activate()  # Qt would do it later, and a click meanwhile would miss
        self._job.raise_()
        self._placing = False
