"""Play, step, speed, loop, and the present frame and time."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QAction, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QComboBox,
    QFrame,
    QHBoxLayout,
    QSizePolicy,
    QSpinBox,
    QToolButton,
    QWidget,
)

from mpm_studio.playback import SPEEDS, Playback
from mpm_studio.session import Session
from mpm_studio.views.naming import named
from mpm_studio.views.text_labels import dim
from mpm_studio.views.time_field import TimeField


class Transport(QFrame):
    """The buttons are the actions of the window's table; the fields go to a frame or a time. entered: Enter was pressed in a field."""

    entered = Signal()

    def __init__(self, session: Session, playback: Playback, actions: dict[str, QAction], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "bar")
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.session, self.playback = session, playback
        named(self, "transport", "Transport")
        self.speed = named(QComboBox(self), "speed", "Speed of playing")
        for speed in SPEEDS:
            self.speed.addItem(f"{speed:g}×", speed)
        self.speed.setCurrentIndex(SPEEDS.index(1.0))
        self.speed.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.words = [dim("Frame"), dim("Time")]
        self.frame = named(QSpinBox(self), "frame_field", "Frame")
        self.frame.setKeyboardTracking(False)
        self.frame.setFixedWidth(84)
        self.total = dim()
        self.time = named(TimeField(self), "time_field", "Time, in seconds or as SMPTE time code")
        for field in (self.frame, self.time):
            field.setButtonSymbols(QAbstractSpinBox.ButtonSymbols.NoButtons)
            field.setGroupSeparatorShown(True)
            field.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.hint = named(dim(), "selection_hint", "What the selection can do")
        self.hint.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.hint.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._lay_out(actions)
        self._connect()

    def _lay_out(self, actions: dict[str, QAction]) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 4, 8, 4)
        row.setSpacing(2)
        for name in ("first_frame", "previous_frame", "play", "next_frame", "last_frame", "loop"):
            button = named(QToolButton(self), f"transport_{name}", actions[name].text().replace("&", ""))
            button.setDefaultAction(actions[name])
            button.setIconSize(QSize(20, 20))
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            row.addWidget(button)
        row.addSpacing(6)
        row.addWidget(self.speed)
        row.addSpacing(8)
        row.addWidget(self.words[0])
        row.addWidget(self.frame)
        row.addWidget(self.total)
        row.addSpacing(8)
        row.addWidget(self.words[1])
        row.addWidget(self.time)
        row.addStretch()
        row.addWidget(self.hint, 2)

    def _connect(self) -> None:
        session = self.session
        self.speed.currentIndexChanged.connect(lambda index: self.playback.set_speed(SPEEDS[index]))
        self.frame.valueChanged.connect(self._go_frame)
        self.time.valueChanged.connect(self._go_time)
        for field in (self.frame, self.time):
            field.lineEdit().returnPressed.connect(self.entered)
        session.opened.connect(self._on_take)
        session.changed.connect(lambda _edit: self._on_take())
        session.proposal_changed.connect(self._on_take)
        session.frame_changed.connect(self._show_frame)
        session.selection_changed.connect(self._show_selection)
        session.clock_changed.connect(self._on_take)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """In a narrow window the words go first, then the time: nothing is cut."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        row = self.layout()
        assert row is not None
        parts: list[list[QWidget]] = [[self.hint], [*self.words], [self.total], [self.time], [self.speed]]
        for hidden in range(len(parts) + 1):
            for number, part in enumerate(parts):
                for widget in part:
                    widget.setVisible(number >= hidden)
            row.invalidate()
            hint = self.hint.fontMetrics().horizontalAdvance(self.hint.text()) + 8 if hidden == 0 else 0
            if row.sizeHint().width() + hint <= self.width():
                break

    def _on_take(self) -> None:
        rec = self.session.shown
        if rec is None:
            return
        first, last = rec.source.first_frame, rec.source.first_frame + max(rec.frames - 1, 0)
        with QSignalBlocker(self.frame), QSignalBlocker(self.time):
            self.frame.setRange(first, last)
            self.time.setRange(0.0, max(rec.frames - 1, 0) / rec.rate_hz)
        self.time.set_clock("smpte" if self.session.time_kind == "smpte" else "seconds", rec.rate_hz)
        self.total.setText(f"of {first:,} to {last:,}")
        self._show_frame(self.session.frame)
        self._show_selection()

    def _show_frame(self, frame: int) -> None:
        rec = self.session.shown
        if rec is None:
            return
        with QSignalBlocker(self.frame), QSignalBlocker(self.time):
            self.frame.setValue(frame + rec.source.first_frame)
            self.time.setValue(frame / rec.rate_hz)

    def _show_selection(self) -> None:
        selection, rec = self.session.selection, self.session.shown
        if rec is None or not selection.has_range:
            self.hint.setText("")
            self._fit()
            return
        first, count = rec.source.first_frame, len(selection.points)
        who = rec.points[selection.points[0]] if count == 1 else f"{count} points"
        self.hint.setText(f"{who}, frames {selection.start + first:,} to {selection.stop - 1 + first:,}:  M marks,  Shift+M unmarks")
        self._fit()

    def _go_frame(self, number: int) -> None:
        if self.session.shown is not None:
            self._go(number - self.session.shown.source.first_frame)

    def _go_time(self, seconds: float) -> None:
        if self.session.shown is not None:
            self._go(round(seconds * self.session.shown.rate_hz))

    def _go(self, frame: int) -> None:
        self.session.set_frame(frame)
        self.playback.jump(self.session.frame)
