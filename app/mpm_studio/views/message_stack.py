"""Messages over the top of the view: nothing below them moves when they come and go, and no panel is covered."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QObject, QRect
from PySide6.QtWidgets import QWidget

EDGE, BETWEEN = 12, 6
WIDEST = 940
PLACED_ON = (QEvent.Type.Resize, QEvent.Type.Move, QEvent.Type.Show, QEvent.Type.Hide, QEvent.Type.LayoutRequest)


class MessageStack(QObject):
    """Keeps bars stacked at the top middle of an area, each as high as its text needs.

    over: the bars' parent. area: where in it they lie. followed: widgets that move the area when they change.
    """

    def __init__(self, over: QWidget, bars: Sequence[QWidget], area: Callable[[], QRect], followed: Sequence[QWidget] = ()) -> None:
        super().__init__(over)
        self._bars, self._area, self._placing = bars, area, False
        for widget in (over, *followed):
            widget.installEventFilter(self)
        for bar in bars:
            bar.setParent(over)
            bar.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in PLACED_ON and not self._placing:
            self._placing = True  # placing a bar resizes it
            area = self._area()
            width, y = min(WIDEST, area.width() - 2 * EDGE), area.top() + EDGE
            for bar in (each for each in self._bars if not each.isHidden()):
                layout = bar.layout()
                if layout is not None:
                    layout.invalidate()
                height = layout.totalHeightForWidth(width) if layout is not None and layout.hasHeightForWidth() else bar.sizeHint().height()
                bar.setGeometry(area.left() + (area.width() - width) // 2, y, width, height)
                if layout is not None:
                    layout.activate()  # Qt would do it later, and nothing would be read meanwhile
                bar.raise_()
                y += height + BETWEEN
            self._placing = False
        return False
