"""The graph: a bar with what is shown and how, and the lanes below it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QButtonGroup, QFrame, QHBoxLayout, QLabel, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from mpm_studio.operations.answers import Answer
from mpm_studio.operations.gap_edges import GapPlace
from mpm_studio.operations.gap_rows import GapRow
from mpm_studio.operations.graph_series import MODES
from mpm_studio.operations.mixing import Mixture, as_it_was
from mpm_studio.session import Session
from mpm_studio.views.answer_chips import AnswerChips
from mpm_studio.views.elided import ElidedLabel
from mpm_studio.views.graph_area import GraphArea
from mpm_studio.views.mix_bar import MixBar
from mpm_studio.views.naming import named
from mpm_studio.views.timeline import Timeline

HINT = "wheel: time · Shift+wheel: values · double click: fit"
HINT_FROM, NARROW = 1000, 640  # pixels of width
LEAST_ROOM, ROOM_TO_COMPARE = 60, 120  # pixels of height
TALL = 760  # of a window with room to compare


class Graph(QWidget):
    """Follows the session's selected points and the timeline's frames.

    compare: the user asks for other methods' answers to the selected gap; picked: takes one of them; mixed: the first, the second, and how
    many percent of that are to be in the first.
    """

    compare = Signal()
    picked = Signal(object)
    mixed = Signal(object, object, int)

    def __init__(self, session: Session, timeline: Timeline, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        named(self, "graph", "Graph")
        self.session = session
        self.area = GraphArea(session, timeline)
        self.area.setMinimumHeight(LEAST_ROOM)
        self.title = named(QLabel(), "graph_title", "Points in the graph")
        self.title.setMinimumWidth(110)
        self.modes, self.buttons = QButtonGroup(self), dict[str, QToolButton]()
        for mode, text in MODES.items():
            button = self._button(f"graph_{mode}", f"Show {mode}", text)
            button.setCheckable(True)
            button.setChecked(mode == "position")
            button.clicked.connect(lambda _checked=False, mode=mode: self.area.set_mode(mode))
            self.modes.addButton(button)
            self.buttons[mode] = button
        self.lanes = self._button("graph_lanes", "A lane for each axis", "Lanes")
        self.lanes.setToolTip("A lane for each axis, or all axes in one")
        self.lanes.setCheckable(True)
        self.lanes.setChecked(True)
        self.lanes.toggled.connect(self.area.set_apart)
        self.ask = self._button("graph_compare", "Compare the methods on the selected gaps", "Compare")
        self.ask.setToolTip("Ask every method for its answer to the selected gaps, and draw them all")
        self.ask.clicked.connect(self.compare)
        self.chips = AnswerChips()
        self.chips.picked.connect(self.picked)
        self.mix = MixBar()
        self.mix.moved.connect(self._on_mix_moved)
        self._mix_waits = False
        self._mixture: Mixture | None = None  # the last that was asked for
        self.asked: tuple[GapRow, ...] = ()  # the gaps that the answers are for
        self.hint = ElidedLabel(HINT)
        self.hint.setProperty("role", "dim")
        self.hint.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._bar())
        layout.addWidget(self.chips)
        layout.addWidget(self.mix)
        layout.addWidget(self.area, 1)
        self._follow(session, timeline)

    @staticmethod
    def _button(name: str, spoken: str, text: str) -> QToolButton:
        button = named(QToolButton(), name, spoken)
        button.setText(text)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        return button

    def _bar(self) -> QFrame:
        bar = named(QFrame(), "graph_bar", "What the graph shows")
        bar.setProperty("role", "bar")
        bar.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        row = QHBoxLayout(bar)
        row.setContentsMargins(10, 2, 8, 2)
        row.setSpacing(3)
        for widget in (self.title, *self.buttons.values(), self.lanes):
            row.addWidget(widget)
        row.addSpacing(6)
        row.addWidget(self.ask)
        row.addStretch()
        row.addWidget(self.hint, 2)
        return bar

    def _follow(self, session: Session, timeline: Timeline) -> None:
        session.opened.connect(self._on_opened)
        session.changed.connect(lambda _edit: self._on_changed())
        session.proposal_changed.connect(lambda: session.turns.ask(self.refresh))
        session.selection_changed.connect(self.refresh)
        session.frame_changed.connect(lambda _frame: self.area.update())
        for signal in (session.job_started, session.job_finished):
            signal.connect(lambda *_: self._show_bar())
        timeline.view_changed.connect(lambda: session.turns.ask(self.refresh))

    def next_mode(self) -> None:
        """Show the next of the curves that the take has."""
        modes = [mode for mode, button in self.buttons.items() if not button.isHidden()]
        self.buttons[modes[(modes.index(self.area.mode) + 1) % len(modes)]].click()

    def show_answers(self, answers: list[Answer], gaps: tuple[GapRow, ...] = ()) -> None:
        """Draw what other methods answer for some gaps, the most certain first, each with a button that takes it."""
        self.asked = gaps
        self.area.set_answers(answers)
        self.chips.show_answers(self.area.answers, 3 if self.session.shown is None else self.session.shown.dims)
        self._show_bar()

    def answers_for(self, rows: Sequence[GapRow]) -> list[Answer]:
        """What is drawn, if it was asked for all of these gaps, or for ones that samples set by hand part."""
        return self.area.answers if rows and all(self._asked(row) for row in rows) else []

    def answers_touch(self, gaps: Sequence[GapPlace]) -> bool:
        """Whether what is drawn was asked for one of these gaps."""
        return any(
            asked.point == gap.point and asked.start < gap.stop and gap.start < asked.stop for asked in self.asked for gap in gaps
        ) and bool(self.area.answers)

    def proposed_answer(self, rows: Sequence[GapRow]) -> str:
        """The method whose answer to these gaps is proposed, also mixed with another; '' for none."""
        methods = {answer.method: answer.method for answer in self.area.answers}
        if self._mixture is not None:
            methods[self._mixture.text] = self._mixture.first
        return next((methods[row.method] for row in rows if row.state == "proposed" and row.method in methods and self._asked(row)), "")

    def _on_mix_moved(self) -> None:
        self._mix_waits = True
        self.session.turns.ask(self._mix)

    def _mix(self) -> None:
        """Ask for what slider and choice are at now."""
        self._mix_waits = False
        mix, self._mixture = self.mix, self.mix.mixture
        if self._mixture is not None:
            self.mixed.emit(mix.first, mix.second, self._mixture.percent)

    def _show_mix(self, proposed: str, gaps: Sequence[GapRow]) -> None:
        """Offer to mix the proposed answer with the others, and with what was there."""
        document, answers = self.session.document, {answer.method: answer for answer in self.area.answers}
        if document is None or proposed not in answers:
            self.mix.show_proposed(None, [], 0)
            return
        first = answers.pop(proposed)
        there = as_it_was(document.recording, first)
        pure = not self._mix_waits and any(row.method == proposed for row in gaps if row.state == "proposed")
        self.mix.show_proposed(first, [*answers.values(), *([] if there is None else [there])], 0 if pure else self.mix.slider.value())

    def _asked(self, row: GapRow) -> bool:
        return any(asked.point == row.point and asked.start <= row.start and row.stop <= asked.stop for asked in self.asked)

    def refresh(self) -> None:
        if self.isVisible():
            self.area.refresh()
            self._show_bar()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._show_bar()
        self.session.turns.ask(self.refresh)

    def showEvent(self, event: object) -> None:
        self.refresh()

    def _on_opened(self) -> None:
        rec = self.session.shown
        turns = rec is not None and rec.rig is not None
        self.buttons["rotation"].setVisible(turns)
        if self.area.mode == "rotation" and not turns:
            self.buttons["position"].click()
        self.show_answers([])
        self.area.fit()
        self.refresh()

    def _on_changed(self) -> None:
        if self.area.answers:
            self.show_answers([])
        self.session.turns.ask(self.refresh)

    def _show_bar(self) -> None:
        rec, points = self.session.shown, self.session.selection.points
        self.buttons["acceleration"].setText(MODES["acceleration"] if self.width() > NARROW else "Accel.")
        self.hint.setVisible(self.width() > HINT_FROM)
        gaps = self.session.selected_gaps
        compared, tall = bool(self.area.answers) and any(self._asked(row) for row in gaps), self.window().height() >= TALL
        self.chips.setVisible(compared)
        self.chips.set_in_one_row(not tall)
        self.area.setMinimumHeight(ROOM_TO_COMPARE if compared and tall else LEAST_ROOM)
        if rec is None or not points:
            self.title.setText("")
        else:
            more = f" and {len(points) - 1} more" if len(points) > 1 else ""
            self.title.setText(f"<b>{rec.points[points[0]]}</b>{more}")
        proposed = self.proposed_answer(gaps)
        self.chips.show_proposed(proposed)
        self._show_mix(proposed, gaps)
        self.ask.setEnabled(bool(gaps) and rec is not None and not (self.session.jobs.busy or self.session.proposes_take))
