"""Which marker is where on the body, from motion or from a saved map; the user confirms or corrects it."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QWheelEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QCheckBox,
    QComboBox,
    QDialog,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QLineEdit,
    QTableWidget,
    QTableWidgetItem,
    QWidget,
)

from mpm_core.body.by_motion.limbs import SEGMENTS
from mpm_core.body.by_motion.roles import LEAST_SURE
from mpm_core.body.markers import known_roles
from mpm_core.recording import Recording
from mpm_studio import palette
from mpm_studio.operations.mapping import Offered, verdict
from mpm_studio.views.dialog_parts import cancel_and, lay_out
from mpm_studio.views.filter_field import filter_field
from mpm_studio.views.naming import named
from mpm_studio.views.table import RIGHT, read_only_table

NONE = "none"
UNSURE = 0.6
ROW = 32  # pixels
HEADS = ("Marker", "Segment", "Place on the body", "Sure")


class _UnscrolledBox(QComboBox):
    """Leaves the mouse wheel to the table it is in."""

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()


class MotionMapDialog(QDialog):
    """One row for each marker. places and segments are what the user confirmed; name is '' when the map is not to be saved."""

    def __init__(self, rec: Recording, offered: Offered, suggested: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        named(self, "motion_map_dialog", "Markers by motion")
        self.setWindowTitle("Markers by motion")
        self.resize(760, 760)
        self.rec = rec
        head = named(QLabel(_head(offered)), "motion_map_head", "Where this comes from")
        head.setWordWrap(True)
        self.filter = filter_field("motion_map_filter", "Show only markers, segments or places with this in their name", "Filter")
        self.filter.textChanged.connect(self._show_matching)
        self.segment_boxes: list[QComboBox] = []
        self.place_boxes: list[QComboBox] = []
        self.table = named(self._make_table(offered), "motion_map_table", "Markers with their segments and places")
        self.verdict = named(QLabel(), "motion_map_verdict", "Whether this is enough")
        self.verdict.setWordWrap(True)
        self.verdict.setMinimumHeight(38)
        self.keep = named(QCheckBox("Remember for takes with these labels, as"), "motion_map_keep", "Remember this map")
        self.name = named(QLineEdit(offered.saved or suggested), "motion_map_name", "Name of the map")
        self.keep.setChecked(True)
        self.keep.toggled.connect(self.name.setEnabled)
        kept = QHBoxLayout()
        kept.addWidget(self.keep)
        kept.addWidget(self.name, 1)
        buttons, self.use = cancel_and(self, "Use this", "motion_map_use", "Use this mapping")
        lay_out(self, head, self.filter, self.table, self.verdict, kept, buttons)
        self.use.setDefault(True)
        self._check()

    def places(self) -> dict[str, str]:
        """Place -> point."""
        return {box.currentText(): self.rec.points[point] for point, box in enumerate(self.place_boxes) if box.currentIndex() > 0}

    def segments(self) -> dict[str, str]:
        """Point -> segment."""
        return {self.rec.points[point]: box.currentText() for point, box in enumerate(self.segment_boxes) if box.currentIndex() > 0}

    def kept_as(self) -> str:
        """The name to remember the map under, or ''."""
        return self.name.text().strip() if self.keep.isChecked() else ""

    def _make_table(self, offered: Offered) -> QTableWidget:
        guesses = offered.proposal.guesses
        table = read_only_table(len(guesses), HEADS, (3,), ROW)
        table.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        for row, guess in enumerate(guesses):
            table.setItem(row, 0, QTableWidgetItem(self.rec.points[guess.point]))
            for column, names, guessed, boxes in (
                (1, SEGMENTS, guess.segment, self.segment_boxes),
                (2, known_roles(), guess.role, self.place_boxes),
            ):
                box = named(_UnscrolledBox(), f"motion_map_{column}_{row}", f"{HEADS[column]} of {self.rec.points[guess.point]}")
                box.addItem(NONE)
                box.addItems(list(names))
                box.setCurrentText(guessed or NONE)
                box.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
                boxes.append(box)
                table.setCellWidget(row, column, box)
            self.place_boxes[-1].currentIndexChanged.connect(self._check)
            sure = QTableWidgetItem(f"{100 * guess.sure:.0f} %" if guess.segment or guess.role else "-")
            sure.setTextAlignment(RIGHT)
            sure.setForeground(QColor(palette.TEXT if guess.sure >= UNSURE else palette.DANGER))
            table.setItem(row, 3, sure)
        header = table.horizontalHeader()
        header.setHighlightSections(False)
        for column, mode in enumerate(("Stretch", "Fixed", "Fixed", "Fixed")):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode[mode])
        for column, width in ((1, 190), (2, 220), (3, 70)):
            header.resizeSection(column, width)
        return table

    def _show_matching(self, text: str) -> None:
        for row, point in enumerate(self.rec.points):
            words = f"{point} {self.segment_boxes[row].currentText()} {self.place_boxes[row].currentText()}".lower()
            self.table.setRowHidden(row, text.lower() not in words)

    def _check(self) -> None:
        chosen = [box.currentText() for box in self.place_boxes if box.currentIndex() > 0]
        twice = sorted({place for place in chosen if chosen.count(place) > 1})
        if twice:
            fits, text = False, f"{', '.join(twice).replace('_', ' ')}: two markers cannot be in one place."
        else:
            fits, text = verdict(self.rec, self.places())
        self.verdict.setText(text)
        self.use.setEnabled(fits)


def _head(offered: Offered) -> str:
    if offered.saved:
        return f"From the map <b>{offered.saved}</b>, which was saved for these labels. Correct what is wrong."
    unsure = " <b>Front and back are uncertain: check whether left and right are exchanged.</b>"
    doubt = "" if offered.proposal.facing > 0.5 else unsure
    guessed = "" if offered.proposal.sure >= LEAST_SURE else " <b>The take moves too little: these are guesses by height.</b>"
    return f"Found from the motion of the markers, without their labels. Correct what is wrong.{guessed}{doubt}"


def ask_motion_map(parent: QWidget, rec: Recording, offered: Offered, suggested: str) -> MotionMapDialog | None:
    """The dialog as the user left it, or None."""
    dialog = MotionMapDialog(rec, offered, suggested, parent)
    return dialog if dialog.exec() == QDialog.DialogCode.Accepted else None
