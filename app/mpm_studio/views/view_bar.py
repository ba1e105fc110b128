"""The bar over the 3D view: views, switches, and what the colours mean; in a narrow window as much of it as fits."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QAction, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QToolButton, QWidget

from mpm_core.recording import Origin
from mpm_studio import palette
from mpm_studio.views.naming import named

VIEWS = ("view_front", "view_side", "view_top", "view_persp", "fit")
SWITCHES = ("ghost", "labels", "trail", "follow")
LEGEND = ((Origin.MISSING, "missing"), (Origin.MARKED, "marked"), (Origin.FILLED, "filled"), (Origin.PREDICTED, "by the model"))


class ViewBar(QFrame):
    """Without room for all, the switches show their icons only; without room for that, the legend is hidden."""

    def __init__(self, actions: dict[str, QAction], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        named(self, "view_bar", "Views")
        self.setProperty("role", "bar")
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 3, 8, 3)
        row.setSpacing(2)
        self.switches: list[QToolButton] = []
        for number, name in enumerate((*VIEWS, *SWITCHES)):
            if number in (len(VIEWS) - 1, len(VIEWS)):
                row.addSpacing(8)
            button = named(QToolButton(), f"button_{name}", actions[name].iconText())
            button.setDefaultAction(actions[name])
            button.setIconSize(QSize(18, 18))
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            text_only = actions[name].icon().isNull()
            style = Qt.ToolButtonStyle.ToolButtonTextOnly if text_only else Qt.ToolButtonStyle.ToolButtonTextBesideIcon
            button.setToolButtonStyle(style)
            if not text_only:
                self.switches.append(button)
            row.addWidget(button)
        row.addStretch(1)
        self.legend = named(
            QLabel("&nbsp;&nbsp; ".join(_entry(origin, text) for origin, text in LEGEND)), "legend", "What the colours mean"
        )
        row.addWidget(self.legend)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        row = self.layout()
        assert row is not None
        for style, legend in (
            (Qt.ToolButtonStyle.ToolButtonTextBesideIcon, True),
            (Qt.ToolButtonStyle.ToolButtonIconOnly, True),
            (Qt.ToolButtonStyle.ToolButtonIconOnly, False),
        ):
            for button in self.switches:
                button.setToolButtonStyle(style)
            self.legend.setVisible(legend)
            row.invalidate()
            if row.sizeHint().width() <= self.width():
                break


def _entry(origin: Origin, text: str) -> str:
    words = text.replace(" ", "&nbsp;")
    return f"<span style='color:{palette.TIMELINE_ORIGIN[origin]}'>■</span>&nbsp;<span style='color:{palette.DIM}'>{words}</span>"
