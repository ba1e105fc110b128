"""What floats over the viewer: a running job with its Cancel, a proposal with Accept and Reject."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QAction, QTextDocumentFragment
from PySide6.QtWidgets import QBoxLayout, QFrame, QHBoxLayout, QLabel, QLayout, QProgressBar, QPushButton, QToolButton, QVBoxLayout, QWidget

from mpm_studio.operations.completing import sigma_text
from mpm_studio.operations.gap_rows import GapRow
from mpm_studio.session import Session
from mpm_studio.views.naming import named

EDGE = 16
LEAST_WORDS = 220  # pixels for the words beside the buttons
MARGINS = 30
BESIDE, ABOVE = QBoxLayout.Direction.LeftToRight, QBoxLayout.Direction.TopToBottom
BOLDER = 24  # pixels that the bold word may add to the line


class JobFloat(QFrame):
    """Title, present step, progress, Cancel. resized: its text may need another width."""

    resized = Signal()

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


class ProposalFloat(QFrame):
    """What would be filled, gap by gap or all of it, with Accept and Reject."""

    def __init__(self, session: Session, actions: Mapping[str, QAction], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "float")
        named(self, "proposal", "Proposed change")
        self.session = session
        self.text = named(QLabel(), "proposal_text", "What is proposed")
        self.text.setWordWrap(True)
        self.place = named(QLabel(), "proposal_place", "Which proposed gap is selected")
        self.place.setProperty("role", "dim")
        self.gap_buttons = [_action_button(actions[name]) for name in ("previous_gap", "next_gap")]
        self.accept_gap = _button(actions["accept_gap"], "Accept gap", "proposal_accept_gap", "Accept the proposed fill of this gap")
        self.reject_gap = _button(actions["reject_gap"], "Reject gap", "proposal_reject_gap", "Reject the proposed fill of this gap")
        self.accept = _button(actions["accept"], "Accept  (Enter)", "proposal_accept", "Accept the proposed change")
        self.accept.setProperty("primary", "true")
        self.reject = _button(actions["reject"], "Reject  (Esc)", "proposal_reject", "Reject the proposed change")
        words, gap_row, row = QVBoxLayout(), QHBoxLayout(), QHBoxLayout()
        words.setSpacing(1)
        words.addWidget(self.text)
        words.addWidget(self.place)
        for layout, widgets in ((gap_row, (*self.gap_buttons, self.reject_gap, self.accept_gap)), (row, (self.reject, self.accept))):
            layout.setSpacing(6)
            for widget in widgets:
                layout.addWidget(widget)
        self.inner = QBoxLayout(BESIDE)
        self.inner.setSpacing(6)
        self.box = QBoxLayout(BESIDE, self)
        self.box.setContentsMargins(16, 10, 12, 10)
        self.box.setSpacing(10)
        self.box.addLayout(words)
        self.inner.addLayout(gap_row)
        self.inner.addLayout(row)
        self.box.addLayout(self.inner)
        session.proposal_changed.connect(self._show)
        session.selection_changed.connect(self._show_place)
        self.hide()

    def _show(self) -> None:
        proposal, rows = self.session.proposal, self._rows()
        self.hide()
        if proposal is None:
            return
        summary = rows_text(rows, proposal.preview.dims) if rows else proposal.summary
        self.text.setText(f"<b>Proposed</b>&nbsp;&nbsp;{summary}")
        self.text.setToolTip(proposal.summary)
        several = len(rows) > 1
        for widget in (self.place, *self.gap_buttons, self.accept_gap, self.reject_gap):
            widget.setVisible(several)
        self._show_place()
        self.show()  # and so it is placed again

    def _rows(self) -> list[GapRow]:
        return [row for row in self.session.gap_rows if row.state == "proposed"]

    def _show_place(self) -> None:
        proposal, selection = self.session.proposal, self.session.selection
        if proposal is None:
            return
        rows = sorted(self._rows(), key=lambda row: (row.start, row.point))
        start, stop = selection.start, selection.stop
        touched = (n for n, row in enumerate(rows) if row.point in selection.points and row.start < stop and start < row.stop)
        here = next(touched, None)
        if here is None:
            self.place.setText(f"N goes through the {len(rows)} gaps")
            return
        row, sure = rows[here], ""
        if not math.isnan(row.sigma):
            sure = f" ± {sigma_text(row.sigma, proposal.preview.dims)}"
        self.place.setText(f"{here + 1} of {len(rows)}: {proposal.preview.points[row.point]}, {row.method}{sure}")

    def fit(self, room: int) -> QSize:
        """Its size in a width of `room` pixels: words and buttons beside each other where they fit, else above each other."""
        plain = QTextDocumentFragment.fromHtml(self.text.text()).toPlainText()
        line = self.text.fontMetrics().horizontalAdvance(plain) + BOLDER
        words = 0 if self.place.isHidden() else self.place.sizeHint().width()
        for outer, inner in ((BESIDE, BESIDE), (ABOVE, BESIDE), (ABOVE, ABOVE)):
            self.box.setDirection(outer)
            self.inner.setDirection(inner)
            self.text.setFixedSize(1, 1)
            _measure_again(self.box)
            beside = self.sizeHint().width() - 1 - words if outer == BESIDE else MARGINS
            if outer == BESIDE and room - beside < max(min(line, LEAST_WORDS), words):
                continue
            width = max(120, min(max(line, words), room - beside))
            self.text.setFixedSize(width, self.text.heightForWidth(width))
            _measure_again(self.box)
            if self.sizeHint().width() <= room:
                break
        return self.sizeHint()


def rows_text(rows: Sequence[GapRow], dims: int) -> str:
    """Proposed gaps in words: '3 gaps of 2 points: 2 model, 1 relational, ± 7.3 mm at most'."""
    points = len({row.point for row in rows})
    by = Counter(row.method for row in rows)
    known = [row.sigma for row in rows if not math.isnan(row.sigma)]
    text = f"{len(rows):,} {'gap' if len(rows) == 1 else 'gaps'} of {points} {'point' if points == 1 else 'points'}: "
    text += ", ".join(f"{count:,} {method}" for method, count in by.most_common())
    return f"{text}, ± {sigma_text(max(known), dims)} at most" if known else text


def _measure_again(layout: QLayout) -> None:
    """Forget the sizes that a layout and those inside it remember; Qt does this only later, when it lays out."""
    for place in range(layout.count()):
        item = layout.itemAt(place)
        inside = item.layout() if item is not None else None
        if inside is not None:
            _measure_again(inside)
    layout.invalidate()


def _button(action: QAction, text: str, name: str, spoken: str) -> QPushButton:
    """A button that triggers an action and is enabled with it."""
    button = named(QPushButton(text), name, spoken)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # it goes away when it is clicked: the focus must not go on to a field of text
    button.clicked.connect(action.trigger)
    button.setToolTip(action.toolTip())

    def follow() -> None:
        button.setEnabled(action.isEnabled())
        button.setToolTip(action.toolTip())

    action.changed.connect(follow)
    follow()
    return button


def _action_button(action: QAction) -> QToolButton:
    button = named(QToolButton(), f"proposal_{action.objectName().removeprefix('action_')}", action.iconText())
    button.setDefaultAction(action)
    button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
    button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    return button


class Placed(QObject):
    """Keeps floats at the bottom middle of what they float over."""

    def __init__(self, over: QWidget, floats: Sequence[JobFloat | ProposalFloat]) -> None:
        super().__init__(over)
        self._over, self._floats, self._placing = over, floats, False
        for widget in (over, *floats):
            widget.installEventFilter(self)
        for one in floats:
            if isinstance(one, JobFloat):
                one.resized.connect(self.place)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.Resize, QEvent.Type.Show):
            self.place()
        return False

    def place(self) -> None:
        """Put each float that is shown at the bottom middle, as wide as what it says."""
        if self._placing:
            return
        self._placing = True  # placing a float resizes it
        above = EDGE
        for one in (each for each in self._floats if not each.isHidden()):
            size = one.fit(self._over.width() - 2 * EDGE)
            left, top = (self._over.width() - size.width()) // 2, self._over.height() - size.height() - above
            one.setGeometry(QRect(QPoint(left, top), size))
            layout = one.layout()
            assert layout is not None
            layout.invalidate()
            layout.activate()  # Qt would do it later, and a click meanwhile would miss
            one.raise_()
            above += size.height() + EDGE // 2
        self._placing = False
