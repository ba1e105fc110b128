"""How the window looks: Qt's palette and style sheet, and icons from resources/icons, in the colours of palette.py."""

from __future__ import annotations

from functools import cache

from PySide6.QtCore import QByteArray, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPalette, QPixmap
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QApplication

from mpm_core.recording import Origin
from mpm_core.resources import resource
from mpm_core.samples import FILLERS
from mpm_studio.palette import (
    ACCENT,
    ACCENT_HOVER,
    BACK,
    BOX_LINE,
    DANGER,
    DIM,
    ERROR_BACK,
    FAINT,
    FLOAT_LINE,
    HANDLE,
    HANDLE_HOVER,
    LINE,
    NOTICE_BACK,
    ON_ACCENT,
    PANEL,
    RAISED,
    RAISED_HOVER,
    SELECTED_ROW,
    SWITCHED_ON,
    SWITCHED_ON_LINE,
    TEXT,
)

ORIGIN_NAMES: dict[Origin, str] = {
    Origin.MISSING: "missing",
    Origin.MEASURED: "measured",
    Origin.MARKED: "marked",
    **FILLERS,
    Origin.FILTERED: "filtered",
}
ICON_PIXELS = 48


def apply(app: QApplication) -> None:
    """Give an application the theme."""
    app.setStyle("Fusion")
    made = QPalette()
    roles = {
        QPalette.ColorRole.Window: PANEL,
        QPalette.ColorRole.WindowText: TEXT,
        QPalette.ColorRole.Base: BACK,
        QPalette.ColorRole.AlternateBase: PANEL,
        QPalette.ColorRole.Text: TEXT,
        QPalette.ColorRole.Button: RAISED,
        QPalette.ColorRole.ButtonText: TEXT,
        QPalette.ColorRole.BrightText: TEXT,
        QPalette.ColorRole.ToolTipBase: RAISED,
        QPalette.ColorRole.ToolTipText: TEXT,
        QPalette.ColorRole.PlaceholderText: FAINT,
        QPalette.ColorRole.Highlight: ACCENT,
        QPalette.ColorRole.HighlightedText: ON_ACCENT,
        QPalette.ColorRole.Link: ACCENT,
        QPalette.ColorRole.Mid: LINE,
        QPalette.ColorRole.Dark: BACK,
    }
    for role, colour in roles.items():
        made.setColor(role, QColor(colour))
    for role in (QPalette.ColorRole.WindowText, QPalette.ColorRole.Text, QPalette.ColorRole.ButtonText):
        made.setColor(QPalette.ColorGroup.Disabled, role, QColor(FAINT))
    app.setPalette(made)
    app.setStyleSheet(STYLE)
    app.setWindowIcon(QIcon(str(resource("icons/app.svg"))))


@cache
def icon(name: str) -> QIcon:
    """An icon of resources/icons in the colour of texts, faint when disabled and in the accent when checked."""
    made = QIcon()
    for mode, state, tint in (
        (QIcon.Mode.Normal, QIcon.State.Off, TEXT),
        (QIcon.Mode.Normal, QIcon.State.On, ACCENT),
        (QIcon.Mode.Disabled, QIcon.State.Off, FAINT),
    ):
        made.addPixmap(_pixmap(name, tint), mode, state)
    return made


def _pixmap(name: str, colour: str) -> QPixmap:
    text = resource(f"icons/{name}.svg").read_text(encoding="utf-8").replace("currentColor", colour)
    pixmap = QPixmap(ICON_PIXELS, ICON_PIXELS)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    QSvgRenderer(QByteArray(text.encode())).render(painter)
    painter.end()
    return pixmap


STYLE = f"""
* {{ font-size: 13px; }}
QMainWindow, QDialog {{ background: {PANEL}; }}
QToolTip {{ background: {RAISED}; color: {TEXT}; border: 1px solid {LINE}; padding: 4px 6px; }}
QMenuBar {{ background: {PANEL}; border-bottom: 1px solid {LINE}; padding: 1px 4px; }}
QMenuBar::item {{ padding: 5px 9px; border-radius: 4px; }}
QMenuBar::item:selected, QMenu::item:selected {{ background: {RAISED}; }}
QMenu {{ background: {PANEL}; border: 1px solid {LINE}; padding: 4px; }}
QMenu::item {{ padding: 6px 28px 6px 28px; border-radius: 4px; }}
QMenu::item:disabled {{ color: {FAINT}; }}
QMenu::icon {{ padding-left: 6px; }}
QMenu::separator {{ height: 1px; background: {LINE}; margin: 4px 6px; }}
QToolBar {{ background: {PANEL}; border: none; border-bottom: 1px solid {LINE}; spacing: 2px; padding: 4px 6px; }}
QToolBar::separator {{ width: 1px; background: {LINE}; margin: 5px 6px; }}
QToolButton {{ border: 1px solid transparent; border-radius: 5px; padding: 4px 7px; }}
QToolButton:hover {{ background: {RAISED}; }}
QToolButton:checked {{ background: {SWITCHED_ON}; border-color: {SWITCHED_ON_LINE}; }}
QToolButton:pressed {{ background: {LINE}; }}
QToolButton:disabled {{ color: {FAINT}; }}
QToolButton:focus, QPushButton:focus {{ border-color: {ACCENT}; }}
QToolButton::menu-indicator {{ image: none; }}
QDialogButtonBox {{ dialogbuttonbox-buttons-have-icons: 0; }}
QCheckBox, QRadioButton {{ spacing: 8px; }}
QCheckBox::indicator, QListView::indicator {{ width: 15px; height: 15px;
  border: 1px solid {BOX_LINE}; border-radius: 4px; background: {BACK}; }}
QCheckBox::indicator:checked, QListView::indicator:checked {{ background: {ACCENT}; border-color: {ACCENT};
  image: url("{resource("icons/check.svg").as_posix()}"); }}
QRadioButton::indicator {{ width: 15px; height: 15px; border: 1px solid {BOX_LINE}; border-radius: 8px; background: {BACK}; }}
QRadioButton::indicator:checked {{ width: 7px; height: 7px; border: 5px solid {ACCENT}; }}
QCheckBox::indicator:focus, QRadioButton::indicator:focus {{ border-color: {ACCENT}; }}
QPushButton {{ background: {RAISED}; border: 1px solid {LINE}; border-radius: 5px; padding: 6px 14px; }}
QPushButton[role="small"] {{ padding: 5px 6px; }}
QToolButton[role="small"] {{ padding: 2px 6px; }}
QTableView[role="small"] {{ font-size: 12px; }}
QTableView[role="small"]::item {{ padding: 2px 4px; }}
QPushButton:hover {{ background: {RAISED_HOVER}; }}
QPushButton:pressed {{ background: {LINE}; }}
QPushButton:disabled {{ color: {FAINT}; background: {PANEL}; }}
QPushButton[primary="true"] {{ background: {ACCENT}; color: {ON_ACCENT}; border-color: {ACCENT}; font-weight: 600; }}
QPushButton[primary="true"]:hover {{ background: {ACCENT_HOVER}; }}
QPushButton[primary="true"]:focus {{ border-color: {TEXT}; }}
QPushButton[primary="true"]:disabled {{ background: {RAISED}; color: {FAINT}; border-color: {LINE}; }}
QLineEdit, QSpinBox, QDoubleSpinBox, QComboBox, QPlainTextEdit {{
  background: {BACK}; border: 1px solid {LINE}; border-radius: 5px; padding: 4px 7px; selection-background-color: {ACCENT};
  selection-color: {ON_ACCENT}; }}
QLineEdit:focus, QSpinBox:focus, QDoubleSpinBox:focus, QComboBox:focus, QPlainTextEdit:focus {{ border-color: {ACCENT}; }}
QLineEdit:disabled, QSpinBox:disabled, QDoubleSpinBox:disabled, QComboBox:disabled {{ color: {FAINT}; }}
QComboBox::drop-down {{ border: none; width: 22px; }}
QComboBox::down-arrow {{ image: url("{resource("icons/chevron_down.svg").as_posix()}"); width: 14px; height: 14px; }}
QSpinBox::up-button, QSpinBox::down-button, QDoubleSpinBox::up-button, QDoubleSpinBox::down-button {{ border: none; width: 18px; }}
QSpinBox::up-arrow, QDoubleSpinBox::up-arrow {{ image: url("{resource("icons/chevron_up.svg").as_posix()}"); width: 11px; height: 11px; }}
QSpinBox::down-arrow, QDoubleSpinBox::down-arrow {{
  image: url("{resource("icons/chevron_down.svg").as_posix()}"); width: 11px; height: 11px; }}
QComboBox QAbstractItemView {{ background: {PANEL}; border: 1px solid {LINE}; selection-background-color: {ACCENT};
  selection-color: {ON_ACCENT}; }}
QTableView, QListWidget {{ background: {BACK}; border: none; outline: none; gridline-color: transparent; }}
QTableView::item {{ padding: 2px 6px; border: none; }}
QTableView::item:hover, QListWidget::item:hover {{ background: {RAISED}; }}
QTableView::item:selected, QListWidget::item:selected {{ background: {SELECTED_ROW}; color: {TEXT}; }}
QListWidget::item {{ padding: 6px 8px; }}
QListWidget[role="tiles"] {{ background: transparent; }}
QListWidget[role="tiles"]::item {{ padding: 8px; border-radius: 8px; color: {TEXT}; }}
QWidget[role="page"] {{ background: {PANEL}; }}
QHeaderView {{ background: {PANEL}; }}
QHeaderView::section {{ background: {PANEL}; color: {DIM}; border: none; border-bottom: 1px solid {LINE}; padding: 5px 8px; }}
QHeaderView::up-arrow, QHeaderView::down-arrow {{ subcontrol-origin: border; subcontrol-position: top center; width: 9px; height: 6px; }}
QHeaderView::up-arrow {{ image: url("{resource("icons/chevron_up.svg").as_posix()}"); }}
QHeaderView::down-arrow {{ image: url("{resource("icons/chevron_down.svg").as_posix()}"); }}
QTabWidget::pane {{ border: none; border-top: 1px solid {LINE}; }}
QTabBar {{ background: {PANEL}; qproperty-drawBase: 0; }}
QTabBar::tab {{ background: {PANEL}; color: {DIM}; border: none; border-bottom: 2px solid transparent; padding: 7px 12px; }}
QTabBar::tab:selected {{ color: {TEXT}; border-bottom-color: {ACCENT}; }}
QTabBar::tab:hover {{ color: {TEXT}; }}
QMainWindow::separator {{ background: {LINE}; width: 1px; height: 1px; }}
QMainWindow::separator:hover {{ background: {ACCENT}; }}
QDockWidget {{ color: {DIM}; }}
QDockWidget::title {{ background: {RAISED}; padding: 5px 8px; text-align: left; }}
QSplitter::handle {{ background: {LINE}; }}
QSplitter::handle:hover {{ background: {ACCENT}; }}
QScrollBar {{ background: {PANEL}; border: none; }}
QScrollBar:vertical {{ width: 11px; }}
QScrollBar:horizontal {{ height: 11px; }}
QScrollBar::handle {{ background: {HANDLE}; border-radius: 4px; margin: 2px; min-height: 24px; min-width: 24px; }}
QScrollBar::handle:hover {{ background: {HANDLE_HOVER}; }}
QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; }}
QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}
QProgressBar {{ background: {BACK}; border: 1px solid {LINE}; border-radius: 4px; height: 8px; }}
QProgressBar::chunk {{ background: {ACCENT}; border-radius: 3px; }}
QStatusBar {{ background: {PANEL}; border-top: 1px solid {LINE}; color: {DIM}; }}
QStatusBar::item {{ border: none; }}
QStatusBar QLabel, QStatusBar QToolButton {{ color: {DIM}; padding: 2px 8px; }}
QLabel[role="dim"] {{ color: {DIM}; }}
QLabel[role="title"] {{ font-size: 26px; font-weight: 600; }}
QLabel[role="heading"] {{ color: {DIM}; font-weight: 600; }}
QFrame[role="float"] {{ background: {RAISED}; border: 1px solid {FLOAT_LINE}; border-radius: 8px; }}
QFrame[role="tour"] {{ border: 2px solid {ACCENT}; border-radius: 4px; }}
QFrame[role="focus"] {{ border: 2px solid {ACCENT}; }}
QTextBrowser {{ background: {BACK}; border: 1px solid {LINE}; border-radius: 5px; }}
QFrame[role="error"] {{ background: {ERROR_BACK}; border: 1px solid {DANGER}; border-radius: 6px; }}
QFrame[role="notice"] {{ background: {NOTICE_BACK}; border: 1px solid {ACCENT}; border-radius: 6px; }}
QFrame[role="bar"] {{ background: {PANEL}; border-bottom: 1px solid {LINE}; }}
QFrame[role="review"] {{ background: {RAISED}; border-top: 2px solid {ACCENT}; }}
QFrame[role="foot"] {{ background: {PANEL}; border-top: 1px solid {LINE}; }}
QLabel[role="strong"] {{ font-weight: 600; }}
QFrame[role="drop"] {{ border: 2px dashed {LINE}; border-radius: 12px; }}
QFrame[role="drop"][over="true"] {{ border-color: {ACCENT}; }}
"""
