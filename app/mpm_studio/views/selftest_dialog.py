"""The results of a self-test: mean errors of each method by gap length and by point, and a button to use the best."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QBrush, QColor, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QHeaderView,
    QLabel,
    QPushButton,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from mpm_core.check.selftest import Outcome, SelfTest
from mpm_core.files.atomic import write_bytes
from mpm_studio import palette
from mpm_studio.operations.selftest import figure, length_name, tried, unit, verdict
from mpm_studio.pages.selftest import page
from mpm_studio.views.dialog_parts import close_button
from mpm_studio.views.naming import named
from mpm_studio.views.table import LEFT, RIGHT, read_only_table
from mpm_studio.views.text_labels import wrapped

STRONGEST = 110  # opacity of the best and the worst cell, of 255
ROW = 28  # pixels
WORDS = 4  # columns before the methods'


class _Shaded(QStyledItemDelegate):
    """Paints an item's own background, which the style sheet would leave out."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> None:
        brush = index.data(Qt.ItemDataRole.BackgroundRole)
        if isinstance(brush, QBrush):
            painter.fillRect(option.rect, brush)
        super().paint(painter, option, index)


class SelfTestDialog(QDialog):
    """`chosen` is the method to use from now on; empty when none was chosen."""

    def __init__(self, test: SelfTest, take: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        named(self, "selftest_dialog", "Self-test")
        self.setWindowTitle(f"Self-test of {take}")
        self.test, self.take, self.chosen = test, take, ""
        self.methods = [method for method in test.methods if method not in test.skipped]
        self.resize(1240, 680)
        head = named(QLabel(_head(test)), "selftest_head", "Results")
        head.setWordWrap(True)
        how = wrapped(f"{tried(test)[:1].upper()}{tried(test)[1:]}. Means in {unit(test)}; * fills only a part, and is measured on it.")
        lengths = [(length_name(low, high), some) for low, high, some in test.by_length()]
        points = [(test.points[point], some) for point, some in test.by_point()]
        self.lengths = named(self._table("Gap length", [*lengths, ("all", test.outcomes)]), "selftest_lengths", "Mean errors by gap length")
        self.lengths.setFixedHeight(ROW * (self.lengths.rowCount() + 1) + 18)
        self.points = named(self._table("Point", points), "selftest_points", "Mean errors by point")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(18, 16, 18, 14)
        layout.setSpacing(10)
        layout.addWidget(head)
        layout.addWidget(how)
        layout.addWidget(self.lengths)
        layout.addWidget(self.points, 1)
        if test.skipped:
            text = "; ".join(f"{method}: {why}" for method, why in test.skipped.items())
            skipped = named(wrapped(f"Not tried. {text}"), "selftest_skipped", "Not tried")
            layout.addWidget(skipped)
        layout.addWidget(self._buttons())

    def _buttons(self) -> QDialogButtonBox:
        buttons = close_button(self)
        save = named(QPushButton("Save as a page…"), "selftest_save", "Save the results as a page for a browser")
        save.setAutoDefault(False)
        save.clicked.connect(self._ask_save)
        buttons.addButton(save, QDialogButtonBox.ButtonRole.ActionRole)
        scores = {method: self.test.score(method).mean for method in ("auto", self.test.best()) if method in self.methods}
        if scores:
            method = min(scores, key=lambda name: scores[name])
            use = named(QPushButton(f"Fill by {method} from now on"), "selftest_use", f"Use {method} from now on")
            use.setProperty("primary", "true")
            use.clicked.connect(lambda: self._use(method))
            buttons.addButton(use, QDialogButtonBox.ButtonRole.ActionRole)
        return buttons

    def save(self, path: Path) -> None:
        """Write the page. Raises FormatError when it cannot be written."""
        write_bytes(path, page(self.test, self.take).encode())

    def _ask_save(self) -> None:
        text, _ = QFileDialog.getSaveFileName(self, "Save the self-test", f"{Path(self.take).stem}_selftest.html", "Page (*.html)")
        if text:
            self.save(Path(text))

    def _use(self, method: str) -> None:
        self.chosen = method
        self.accept()

    def _table(self, title: str, groups: Sequence[tuple[str, Sequence[Outcome]]]) -> QTableWidget:
        heads = [title, "Gaps", "Best", "Auto is", *self.methods]
        table = read_only_table(len(groups), heads, (1, *range(WORDS, len(heads))), ROW)
        table.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        table.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        for row, (name, some) in enumerate(groups):
            self._fill_row(table, row, name, some)
        table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        table.setItemDelegate(_Shaded(table))
        return table

    def _fill_row(self, table: QTableWidget, row: int, name: str, some: Sequence[Outcome]) -> None:
        scores, best = [self.test.score(method, some) for method in self.methods], self.test.best(some)
        found = [math.log(max(score.mean, 1e-9)) for score in scores if score.reached]
        cells = [(name, LEFT), (str(len(some)), RIGHT), (best, LEFT), (verdict(self.test, some), LEFT)]
        cells += [(figure(s.mean, self.test) + ("*" if 0 < s.reached < s.asked else ""), RIGHT) for s in scores]
        for column, (text, align) in enumerate(cells):
            item = QTableWidgetItem(text)
            item.setTextAlignment(align)
            method = column - WORDS
            if 0 <= method < len(scores) and scores[method].reached:
                item.setBackground(_shade(math.log(max(scores[method].mean, 1e-9)), min(found), max(found)))
                font = item.font()
                font.setBold(self.methods[method] == best)
                item.setFont(font)
            table.setItem(row, column, item)


def _head(test: SelfTest) -> str:
    best, auto = test.best(), test.score("auto")
    parts = []
    if best:
        parts.append(f"<b>{best}</b> is the best single method, mean error {figure(test.score(best).mean, test)} {unit(test)}")
    if auto.reached:
        than = verdict(test, test.outcomes)
        parts.append(f"<b>auto</b> has {figure(auto.mean, test)} {unit(test)}{f', {than}' if than else ''}")
    return "; ".join(parts) + "." if parts else "No method fills all of these gaps."


def _shade(value: float, low: float, high: float) -> QBrush:
    place = 0.5 if high - low < 1e-9 else (value - low) / (high - low)
    colour = QColor(palette.GOOD if place < 0.5 else palette.BAD)
    colour.setAlpha(round(STRONGEST * abs(2 * place - 1)))
    return QBrush(colour)


def show_selftest(parent: QWidget, test: SelfTest, take: str) -> str:
    """Show the dialog. Returns the method that the user chose to use, or ''."""
    dialog = SelfTestDialog(test, take, parent)
    dialog.exec()
    return dialog.chosen
