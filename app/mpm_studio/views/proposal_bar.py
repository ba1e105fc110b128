"""The bar below the work area that says what is proposed, and decides on it."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from operator import attrgetter

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from mpm_studio.operations.completing import sigma_text
from mpm_studio.operations.gap_rows import GapRow
from mpm_studio.session import Session
from mpm_studio.views.naming import named
from mpm_studio.views.own_keys import KeyButton
from mpm_studio.views.text_labels import wrapped


class ProposalBar(QFrame):
    """What would be filled, gap by gap or all of it, with Accept and Reject. Hidden while nothing is proposed.

    shown: it comes (True) or goes.
    """

    shown = Signal(bool)

    def __init__(self, session: Session, actions: Mapping[str, QAction], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "review")
        named(self, "proposal", "Proposed change")
        self.session = session
        self.text = named(QLabel(), "proposal_text", "What is proposed")
        self.text.setWordWrap(True)
        self.place = named(wrapped(), "proposal_place", "Which proposed gap is selected")
        self.gap_buttons = [_action_button(actions[name]) for name in ("previous_gap", "next_gap")]
        self.accept_gap = _button(actions["accept_gap"], "Accept gap", "proposal_accept_gap", "Accept the fill of the selected gaps")
        self.reject_gap = _button(actions["reject_gap"], "Reject gap", "proposal_reject_gap", "Reject the fill of the selected gaps")
        self.accept = _button(actions["accept"], "Accept  (Enter)", "proposal_accept", "Accept the proposed change")
        self.accept.setProperty("primary", "true")
        self.reject = _button(actions["reject"], "Reject  (Esc)", "proposal_reject", "Reject the proposed change")
        words = QVBoxLayout()
        words.setSpacing(1)
        for label in (self.text, self.place):
            policy = label.sizePolicy()  # whose height for a width has to stay
            policy.setHorizontalPolicy(QSizePolicy.Policy.Ignored)
            label.setSizePolicy(policy)
            words.addWidget(label)
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 6, 8, 6)
        row.setSpacing(6)
        row.addLayout(words, 1)
        for widget in (*self.gap_buttons, self.reject_gap, self.accept_gap):
            row.addWidget(widget)
        row.addSpacing(12)
        for widget in (self.reject, self.accept):
            row.addWidget(widget)
        session.proposal_changed.connect(lambda: session.turns.ask(self._show, first=True))  # it moves the rest
        session.selection_changed.connect(self._show_place)
        self.hide()

    def _show(self) -> None:
        proposal = self.session.proposal
        self.shown.emit(proposal is not None)
        if proposal is None:
            self.hide()
            return
        rows = self._rows()
        summary = rows_text(rows, proposal.preview.dims) if rows else proposal.summary
        self.text.setText(f"<b>Proposed</b>&nbsp;&nbsp;{summary}")
        self.text.setToolTip(proposal.summary)
        several = len(rows) > 1
        for widget in (self.place, *self.gap_buttons, self.accept_gap, self.reject_gap):
            widget.setVisible(several)
        self._show_place()
        self.show()  # with its words in it: their height moves everything above

    def _rows(self) -> list[GapRow]:
        return [row for row in self.session.gap_rows if row.state == "proposed"]

    def _show_place(self) -> None:
        proposal = self.session.proposal
        if proposal is None:
            return
        rows, in_time = self._rows(), attrgetter("start", "point")
        chosen = [row for row in self.session.selected_gaps if row.state == "proposed"]
        for button, verb in ((self.accept_gap, "Accept"), (self.reject_gap, "Reject")):
            button.setText(f"{verb} {len(chosen):,} gaps" if len(chosen) > 1 else f"{verb} gap")
        row = min(chosen, key=in_time, default=None)
        if row is None:
            self.place.setText(f"N goes through the {len(rows)} gaps")
            return
        here, sure = sum(in_time(each) < in_time(row) for each in rows), ""
        if not math.isnan(row.sigma):
            sure = f" ± {sigma_text(row.sigma, proposal.preview.dims)}"
        self.place.setText(f"{here + 1} of {len(rows)}: {proposal.preview.points[row.point]}, {row.method}{sure}")


def rows_text(rows: Sequence[GapRow], dims: int) -> str:
    """Proposed gaps in words: '3 gaps of 2 points: 2 model, 1 relational, ± 7.3 mm at most'."""
    points = len({row.point for row in rows})
    by = Counter(row.method for row in rows)
    known = [row.sigma for row in rows if not math.isnan(row.sigma)]
    text = f"{len(rows):,} {'gap' if len(rows) == 1 else 'gaps'} of {points} {'point' if points == 1 else 'points'}: "
    text += ", ".join(f"{count:,} {method}" for method, count in by.most_common())
    return f"{text}, ± {sigma_text(max(known), dims)} at most" if known else text


def _button(action: QAction, text: str, name: str, spoken: str) -> QPushButton:
    """A button that triggers an action and is enabled with it."""
    button = named(KeyButton(text), name, spoken)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # it goes away when it is clicked: the focus must not go on to a field of text
    button.clicked.connect(action.trigger)
    button.setToolTip(action.toolTip())

    def follow() -> None:
        button.setEnabled(action.isEnabled())
        button.setToolTip(action.toolTip())

    action.changed.connect(follow)
    follow()
    return button


def _action_button(action: QAction) -> QToolButton:
    button = named(QToolButton(), f"proposal_{action.objectName().removeprefix('action_')}", action.iconText())
    button.setDefaultAction(action)
    button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
    button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    return button
