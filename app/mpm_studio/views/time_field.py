"""A field for a time: seconds, or SMPTE time code."""

from __future__ import annotations

from PySide6.QtGui import QValidator
from PySide6.QtWidgets import QDoubleSpinBox, QWidget

from mpm_studio.operations.times import frame_of_code, time_code

WIDTH = {"seconds": 96, "smpte": 116}


class TimeField(QDoubleSpinBox):
    """Its value is in seconds."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._kind, self._rate_hz = "seconds", 1.0
        self.setKeyboardTracking(False)
        self.set_clock("seconds", 1.0)

    def set_clock(self, kind: str, rate_hz: float) -> None:
        """Write seconds or SMPTE time code, of frames at a rate."""
        self._kind, self._rate_hz = kind, rate_hz
        self.setDecimals(3 if kind == "seconds" else 9)
        self.setSuffix(" s" if kind == "seconds" else "")
        self.setFixedWidth(WIDTH[kind])
        self.setSingleStep(1 / rate_hz)

    def textFromValue(self, value: float) -> str:
        return super().textFromValue(value) if self._kind == "seconds" else time_code(value * self._rate_hz, self._rate_hz)

    def valueFromText(self, text: str) -> float:
        if self._kind == "seconds":
            return super().valueFromText(text)
        return (frame_of_code(text, self._rate_hz) or 0) / self._rate_hz

    def validate(self, text: str, at: int) -> tuple[QValidator.State, str, int]:
        if self._kind == "seconds":
            return super().validate(text, at)
        known = frame_of_code(text, self._rate_hz) is not None
        return (QValidator.State.Acceptable if known else QValidator.State.Intermediate), text, at
