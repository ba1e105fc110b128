"""The panel of a lifted take: its camera and the person's height as sliders while it is proposed, and what was found."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QFormLayout,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QRadioButton,
    QScrollArea,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from mpm_core.recording import Recording
from mpm_core.world_fit.options import LiftOptions
from mpm_studio.lift_tuning import LiftTuning
from mpm_studio.operations.lifting import LiftFigures, figures
from mpm_studio.operations.window_words import in_window
from mpm_studio.views.elided import ElidedLabel
from mpm_studio.views.naming import named
from mpm_studio.views.own_keys import KeyButton, KeySlider
from mpm_studio.views.text_labels import wrapped

NONE = "No lifted take is open. Repair, Lift to 3D makes one from 2D keypoints."
FLOORS = {"floor found": "found", "no floor": "not found", "no foot": "not found"}  # by how a note begins
LEGS = "Most frames do not show the legs. The person is"
UNDO = "Undo and lift again to change the camera."


@dataclass(frozen=True, slots=True)
class Setting:
    """A value of LiftOptions. steps: of the slider for one unit."""

    name: Literal["pitch", "roll", "focal", "height_m"]
    title: str
    about: str
    least: float
    most: float
    steps: int


SETTINGS = (
    Setting("pitch", "Camera pitch", "Degrees by which the camera looks down; below 0: up", -45, 90, 2),
    Setting("roll", "Roll", "Degrees by which up is turned clockwise in the picture", -180, 180, 2),
    Setting("focal", "Focal length", "As a share of the picture's longer side: 0.5 is a wide lens, 2 a long one", 0.3, 3.0, 100),
    Setting("height_m", "Height", "Height of the person in metres", 0.5, 2.3, 100),
)


class LiftPanel(QWidget):
    """Follows what the session shows; changes go to the tuning."""

    def __init__(self, tuning: LiftTuning, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        named(self, "lift_panel", "Lift")
        self.tuning = tuning
        self.rows = {setting.name: SettingRow(setting) for setting in SETTINGS}
        grid = QGridLayout()
        grid.setVerticalSpacing(4)
        for place, (name, row) in enumerate(self.rows.items()):
            row.add_to(grid, 2 * place)
            row.moved.connect(lambda value, settled, name=name: self._set(name, value, settled))
        self.floor, self.feet, self.sure = (QLabel("–") for _ in range(3))
        facts = QFormLayout()
        facts.setHorizontalSpacing(16)
        for title, label in (("Floor", self.floor), ("Foot contacts", self.feet), ("Uncertainty", self.sure)):
            label.setWordWrap(True)
            facts.addRow(title, label)
        self.legs = QWidget()
        self.stands = named(QRadioButton("Standing"), "lift_stands", "Legs that are not seen stand or walk")
        self.sits = named(QRadioButton("Sitting"), "lift_sits", "Legs that are not seen sit")
        self.sits.toggled.connect(lambda sits: self._set("seated", sits, settled=False))  # the network's poses stay as they are
        question, answers = QVBoxLayout(self.legs), QHBoxLayout()
        question.setContentsMargins(0, 0, 0, 0)
        for choice in (self.stands, self.sits):
            choice.setToolTip(choice.accessibleName())
            choice.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            answers.addWidget(choice)
        answers.addStretch(1)
        question.addWidget(wrapped(LEGS))
        question.addLayout(answers)
        self.notes = named(wrapped(NONE), "lift_notes", "What was found and assumed")
        self.notes.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.raw = named(KeyButton("Raw poses"), "lift_raw", "Propose the network's poses, not fitted to bones, floor and feet")
        self.raw.setToolTip(self.raw.accessibleName())
        self.raw.setCheckable(True)
        self.raw.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.raw.clicked.connect(tuning.set_raw)
        buttons = QHBoxLayout()
        buttons.addWidget(self.raw)
        buttons.addStretch(1)
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setSpacing(12)
        column.addLayout(grid)
        column.addWidget(self.legs)
        column.addLayout(facts)
        column.addWidget(self.notes, 1)
        area = QScrollArea()
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(inside)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(4, 4, 4, 8)
        layout.addWidget(area, 1)
        layout.addLayout(buttons)
        session = tuning.session
        for signal in (session.opened, session.proposal_changed, tuning.changed):
            signal.connect(self._show)
        session.changed.connect(lambda _edit: self._show())
        self._show()

    def _set(self, name: str, value: float | bool | None, settled: bool) -> None:
        options = self.tuning.options
        if options is not None:
            changes: dict[str, Any] = {name: value}
            if name == "roll":
                changes["turn"] = None
            self.tuning.set_options(replace(options, **changes), settled)

    def _show(self) -> None:
        rec, result = self.tuning.session.shown, self.tuning.result
        found = None if rec is None else figures(rec)
        for row in self.rows.values():
            row.setEnabled(found is not None and result is not None)
        self.raw.setEnabled(result is not None)
        self.raw.setChecked(self.tuning.is_raw)
        self.legs.setVisible(result is not None and result.lifted.legs_unseen and not self.tuning.is_raw)
        if result is not None:
            self._show_seated((self.tuning.options or result.request.options).seated)
        if rec is None or found is None:
            self.notes.setText(NONE)
            for label in (self.floor, self.feet, self.sure):
                label.setText("–")
            return
        options = LiftOptions() if result is None else result.request.options
        up_deg = float("nan") if result is None else float(np.degrees(result.predicted.poses.gravity.sigma))
        for name, row in self.rows.items():
            row.show_value(
                getattr(found, name),
                _how(name, options, up_deg) if result is not None else "",
                result is not None and _given(name, options),
            )
        self._show_facts(rec, found, None if result is None else result.lifted.doubts)

    def _show_seated(self, seated: bool) -> None:
        self.sits.blockSignals(True)
        (self.sits if seated else self.stands).setChecked(True)
        self.sits.blockSignals(False)

    def _show_facts(self, rec: Recording, found: LiftFigures, doubts: tuple[str, ...] | None) -> None:
        """doubts: notes of the proposed lift that say what may be wrong; None: the lift is accepted."""
        self.floor.setText(next((FLOORS[word] for word in FLOORS if any(note.startswith(word) for note in rec.source.notes)), "not fitted"))
        self.feet.setText(f"{found.contacts}")
        self.sure.setText("–" if np.isnan(found.sigma_m) else f"± {1000 * found.sigma_m:.0f} mm in the world")
        lines = [*map(in_window, rec.source.notes), *((UNDO,) if doubts is None else ())]
        self.notes.setText("\n".join(f"{'!' if line in (doubts or ()) else '·'} {line}" for line in lines))


class SettingRow(QWidget):
    """A slider with its value, where the value is from, and a button that takes the user's value back.

    moved: the value, None to find it again; and whether the slider was let go of.
    """

    moved = Signal(object, bool)

    def __init__(self, setting: Setting) -> None:
        super().__init__()
        self.setting = setting
        self.title, self.value, self.how = QLabel(setting.title), QLabel("–"), ElidedLabel()
        self.how.setProperty("role", "dim")
        self.slider = named(KeySlider(Qt.Orientation.Horizontal), f"lift_slider_{setting.name}", setting.about)
        self.slider.setToolTip(setting.about)
        self.slider.setRange(round(setting.least * setting.steps), round(setting.most * setting.steps))
        self.slider.setPageStep(setting.steps * 5 if setting.steps < 10 else setting.steps // 10)
        self.again = named(QToolButton(), f"lift_find_{setting.name}", f"{setting.title}: find it again")
        self.again.setText("↺")
        self.again.setFixedSize(22, 20)
        stays = self.again.sizePolicy()
        stays.setRetainSizeWhenHidden(True)
        self.again.setSizePolicy(stays)
        self.how.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.again.setToolTip("Find or assume it again")
        self.slider.valueChanged.connect(lambda place: self.moved.emit(place / setting.steps, not self.slider.isSliderDown()))
        self.slider.sliderReleased.connect(lambda: self.moved.emit(self.slider.value() / setting.steps, True))
        self.again.clicked.connect(lambda: self.moved.emit(None, True))

    def add_to(self, grid: QGridLayout, place: int) -> None:
        grid.addWidget(self.title, place, 0)
        grid.addWidget(self.value, place, 1)
        grid.addWidget(self.how, place, 2)
        grid.addWidget(self.again, place, 3)
        grid.addWidget(self.slider, place + 1, 0, 1, 4)
        grid.setColumnStretch(2, 1)

    def setEnabled(self, on: bool) -> None:
        for widget in (self.slider, self.again):
            widget.setEnabled(on)

    def show_value(self, value: float, how: str, given: bool) -> None:
        """The slider stays where it is while it is held. given: by the user, who can have it found again."""
        text = {"focal": f"{value:.2f}", "height_m": f"{value:.2f} m", "roll": f"{value:.1f}°"}
        self.value.setText(text.get(self.setting.name, f"{abs(value):.1f}° {'down' if value >= 0 else 'up'}"))
        self.how.setText(how)
        self.again.setVisible(given)
        if not self.slider.isSliderDown() and np.isfinite(value):
            self.slider.blockSignals(True)
            self.slider.setValue(round(value * self.setting.steps))
            self.slider.blockSignals(False)


def _how(name: str, options: LiftOptions, up_deg: float) -> str:
    """Where a value is from."""
    if _given(name, options):
        return "as given"
    return {"focal": "assumed", "height_m": "by the model"}.get(name, f"found, ± {up_deg:.0f}°")


def _given(name: str, options: LiftOptions) -> bool:
    """Whether the user gave a value."""
    return getattr(options, name) is not None or (name == "roll" and options.turn is not None)
