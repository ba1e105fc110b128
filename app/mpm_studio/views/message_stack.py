"""Messages over the top of the work area: nothing below them moves when they come and go."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QWidget

EDGE, BETWEEN = 12, 6
WIDEST = 940


class MessageStack(QObject):
    """Keeps bars stacked at the top middle of what they lie over, each as high as its text needs."""

    def __init__(self, over: QWidget, bars: Sequence[QWidget]) -> None:
        super().__init__(over)
        self._over, self._bars, self._placing = over, bars, False
        over.installEventFilter(self)
        for bar in bars:
            bar.setParent(over)
            bar.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.Resize, QEvent.Type.Show, QEvent.Type.Hide, QEvent.Type.LayoutRequest) and not self._placing:
            self._placing = True  # placing a bar resizes it
            width, y = min(WIDEST, self._over.width() - 2 * EDGE), EDGE
            for bar in (each for each in self._bars if not each.isHidden()):
                layout = bar.layout()
                if layout is not None:
                    layout.invalidate()
                height = layout.totalHeightForWidth(width) if layout is not None and layout.hasHeightForWidth() else bar.sizeHint().height()
                bar.setGeometry((self._over.width() - width) // 2, y, width, height)
                if layout is not None:
                    layout.activate()  # Qt would do it later, and nothing would be read meanwhile
                bar.raise_()
                y += height + BETWEEN
            self._placing = False
        return False
