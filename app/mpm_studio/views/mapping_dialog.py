"""Which point is which of the 17 body joints, chosen by the user."""

from __future__ import annotations

from difflib import get_close_matches

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QDialog, QDialogButtonBox, QGridLayout, QLabel, QPushButton, QWidget

from mpm_core.body.joints import body17
from mpm_core.body.mapping import map_body
from mpm_core.errors import MpmError
from mpm_core.recording import Recording
from mpm_studio.operations.window_words import in_window
from mpm_studio.views.dialog_parts import cancel_and, lay_out
from mpm_studio.views.naming import named

NOT_GIVEN = "not given"
COLUMNS = 2


class MappingDialog(QDialog):
    """A point for each joint. Joints that are not given are found by name, or are missing."""

    def __init__(self, rec: Recording, overrides: dict[str, str], why: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        named(self, "mapping_dialog", "Body joints")
        self.setWindowTitle("Body joints")
        self.rec = rec
        self.choices: dict[str, QComboBox] = {}
        head = QLabel(why or "Choose the point of each body joint. Joints that are not given are found by name.")
        head.setWordWrap(True)
        grid = QGridLayout()
        grid.setHorizontalSpacing(14)
        grid.setVerticalSpacing(7)
        names = body17().names
        rows = -(-len(names) // COLUMNS)
        for number, joint in enumerate(names):
            spoken = joint.replace("_", " ").capitalize()
            box = named(QComboBox(), f"map_{joint}", f"Point for {spoken}")
            box.addItem(NOT_GIVEN)
            box.addItems(list(rec.points))
            box.setMinimumWidth(190)
            box.setCurrentText(overrides.get(joint, NOT_GIVEN))
            box.currentIndexChanged.connect(self._check)
            self.choices[joint] = box
            row, column = number % rows, number // rows * 2
            grid.addWidget(QLabel(spoken), row, column, Qt.AlignmentFlag.AlignRight)
            grid.addWidget(box, row, column + 1)
        self.verdict = named(QLabel(), "map_verdict", "Whether this is enough")
        self.verdict.setWordWrap(True)
        self.verdict.setMinimumHeight(38)
        buttons, self.use = cancel_and(self, "Use this", "map_use", "Use these joints")
        guess = named(QPushButton("Guess by name"), "map_guess", "Give each joint without a point the one with the most similar name")
        guess.setAutoDefault(False)
        guess.clicked.connect(self.guess)
        buttons.addButton(guess, QDialogButtonBox.ButtonRole.ActionRole)
        lay_out(self, head, grid, self.verdict, buttons)
        self.use.setDefault(True)
        self._check()

    def overrides(self) -> dict[str, str]:
        """Body joint -> point, those that were given."""
        return {joint: box.currentText() for joint, box in self.choices.items() if box.currentIndex() > 0}

    def guess(self) -> None:
        """Give each joint without a point the unused point with the most similar name."""
        taken = set(self.overrides().values())
        for joint, point in guesses(self.rec.points, [j for j, box in self.choices.items() if box.currentIndex() == 0], taken).items():
            self.choices[joint].setCurrentText(point)

    def _check(self) -> None:
        given = self.overrides()
        twice = {point for point in given.values() if list(given.values()).count(point) > 1}
        if twice:
            text, fits = f"{', '.join(sorted(twice))} cannot be two joints at once.", False
        else:
            try:
                text, fits = f"This works: {map_body(self.rec, given).name}.", True
            except MpmError as error:
                text, fits = f"{error.what[:1].upper()}{error.what[1:]}. {in_window(error.hint[:1].upper() + error.hint[1:])}", False
        self.verdict.setText(text)
        self.use.setEnabled(fits)


def guesses(points: tuple[str, ...], joints: list[str], taken: set[str]) -> dict[str, str]:
    """Joint -> the point with the most similar name, no point twice."""
    found: dict[str, str] = {}
    for joint in joints:
        free = {point.rsplit(":", 1)[-1].replace(" ", "_").lower(): point for point in points if point not in taken}
        near = get_close_matches(joint, list(free), 1, 0.7)
        if near:
            found[joint] = free[near[0]]
            taken = taken | {free[near[0]]}
    return found


def ask_mapping(parent: QWidget, rec: Recording, overrides: dict[str, str], why: str = "") -> dict[str, str] | None:
    """The user's joints."""
    dialog = MappingDialog(rec, overrides, why, parent)
    return dialog.overrides() if dialog.exec() == QDialog.DialogCode.Accepted else None
