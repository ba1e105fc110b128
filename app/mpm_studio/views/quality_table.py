"""The quality of the take: as it was read, and now."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QWidget

from mpm_core.recording import Recording
from mpm_studio.operations.gap_rows import quality
from mpm_studio.operations.saving import measured_changed
from mpm_studio.session import Session
from mpm_studio.views.naming import named
from mpm_studio.views.table import RIGHT
from mpm_studio.views.text_labels import dim

ROWS = ("Measured", "Filtered", "Open gaps", "Longest", "Filled", "Measured changed")


class QualityTable(QFrame):
    """Figures of the original beside those of what is shown."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        named(self, "quality", "Quality before and now")
        self.setProperty("role", "foot")
        self.session = session
        grid = QGridLayout(self)
        grid.setContentsMargins(10, 8, 10, 8)
        grid.setVerticalSpacing(3)
        grid.setColumnStretch(0, 1)
        for column, text in enumerate(("Quality", "before", "now")):
            head = QLabel(text)
            head.setProperty("role", "dim" if column else "strong")
            grid.addWidget(head, 0, column, RIGHT if column else RIGHT & ~RIGHT)
        self.cells: dict[tuple[int, int], QLabel] = {}
        for row, text in enumerate(ROWS):
            name = dim(text)
            grid.addWidget(name, row + 1, 0)
            for column, when in enumerate(("before", "now")):
                cell = named(QLabel("–"), f"quality_{row}_{when}", f"{text} {when}")
                cell.setMinimumWidth(58)
                cell.setAlignment(RIGHT)
                if not column:
                    cell.setProperty("role", "dim")
                grid.addWidget(cell, row + 1, column + 1)
                self.cells[row, column] = cell
        self._before: tuple[Recording | None, list[str]] = (None, [])
        self._now: Recording | None = None
        for signal in (session.opened, session.changed, session.proposal_changed):
            signal.connect(lambda *_: session.turns.ask(self.refresh))

    def refresh(self) -> None:
        document, shown = self.session.document, self.session.shown
        if document is None or shown is None or (shown is self._now and self._before[0] is document.original):
            return
        self._now = shown
        before = self.session.original or document.original
        if self._before[0] is not before:
            self._before = before, [*_texts(before), "0"]
        changed = measured_changed(document.original, shown)
        now = [*_texts(shown), "–" if changed is None else f"{changed:,}"]
        for column, texts in enumerate((self._before[1], now)):
            for row, text in enumerate(texts):
                self.cells[row, column].setText(text)


def _texts(rec: Recording) -> list[str]:
    found = quality(rec)
    longest = f"{found.longest_s:.2f} s" if found.gaps else "–"
    return [f"{found.measured:.1%}", f"{found.filtered:.1%}", f"{found.gaps:,}", longest, f"{found.filled:.1%}"]
