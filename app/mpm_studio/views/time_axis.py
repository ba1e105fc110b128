"""Which frames a view over time shows: from where, how many pixels each has, and a bar to scroll along them."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QAbstractScrollArea, QWidget

from mpm_core.recording import Recording
from mpm_studio.views import timeline_paint as paint

CLOSEST = 24.0  # pixels a frame, zoomed in
CONTEXT_S = 0.25


class TimeAxis(QAbstractScrollArea):
    """Frames of a recording, from `start` on, right of the names of rows. view_changed: other frames are visible."""

    view_changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rec: Recording | None = None
        self.start, self.pixels_per_frame, self._whole = 0.0, 1.0, True
        self.horizontalScrollBar().valueChanged.connect(self._on_scrolled)

    @property
    def shown(self) -> Recording | None:
        """The recording that is drawn."""
        return self._rec

    @property
    def plot_width(self) -> int:
        return max(1, self.viewport().width() - paint.NAMES)

    @property
    def visible_frames(self) -> tuple[float, float]:
        """First and last visible frame position."""
        return self.start, self.start + self.plot_width / self.pixels_per_frame

    def fit(self) -> None:
        """Show the whole take."""
        self.set_view(0.0, 0.0)

    def _within(self, pixels_per_frame: float) -> float:
        """A zoom between the whole take and CLOSEST."""
        frames = self._rec.frames if self._rec is not None else 1
        return min(max(pixels_per_frame, self.plot_width / max(frames, 1)), CLOSEST)

    def set_view(self, start: float, pixels_per_frame: float) -> None:
        """Show from frame `start` on at a zoom; both are kept within the take."""
        frames = self._rec.frames if self._rec is not None else 1
        self.pixels_per_frame = self._within(pixels_per_frame)
        self.start = max(0.0, min(start, frames - self.plot_width / self.pixels_per_frame))
        self._whole = self.plot_width / self.pixels_per_frame >= frames - 0.5
        self._set_bars()
        self.viewport().update()
        self.view_changed.emit()

    def show_range(self, start: int, stop: int, around: float | None = None) -> None:
        """Zoom to frames start..stop-1 with `around` frames before and after them; None: as many, at least a quarter of a second."""
        if self._rec is None:
            return
        if around is None:
            around = max(stop - start, CONTEXT_S * self._rec.rate_hz)
        span = stop - start + 2 * around
        scale = self._within(self.plot_width / span)
        self.set_view((start + stop) / 2 - self.plot_width / scale / 2, scale)

    def zoom_at(self, x: float, factor: float) -> None:
        """Zoom by a factor; the frame x pixels into the rows stays where it is."""
        under = self.start + x / self.pixels_per_frame
        scale = self._within(self.pixels_per_frame * factor)
        self.set_view(under - x / scale, scale)

    def x_of(self, frame: float) -> float:
        return paint.NAMES + (frame - self.start) * self.pixels_per_frame

    def frame_at(self, x: float) -> int:
        """The frame under a horizontal position, kept within the take."""
        frames = self._rec.frames if self._rec is not None else 1
        return max(0, min(frames - 1, int((x - paint.NAMES) / self.pixels_per_frame + self.start)))

    def resizeEvent(self, event: QResizeEvent) -> None:
        if self._whole:
            self.fit()
        else:
            self.set_view(self.start, self.pixels_per_frame)

    def _set_bars(self) -> None:
        """Set the scroll bars after the frames or their number changed."""
        across = self.horizontalScrollBar()
        across.blockSignals(True)
        across.setPageStep(self.plot_width)
        frames = self._rec.frames if self._rec is not None else 0
        across.setRange(0, max(0, round(frames * self.pixels_per_frame - self.plot_width)))
        across.setValue(round(self.start * self.pixels_per_frame))
        across.blockSignals(False)

    def _on_scrolled(self, value: int) -> None:
        self.start = value / self.pixels_per_frame
        self.viewport().update()
        self.view_changed.emit()
