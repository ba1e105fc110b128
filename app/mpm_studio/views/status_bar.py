"""The status bar: what the take holds, and what was detected when its file was read."""

from __future__ import annotations

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QLabel, QStatusBar, QToolButton, QWidget

from mpm_core.recording import Origin, Recording
from mpm_core.seen_person import people_count
from mpm_studio.operations.origin_runs import origin_counts
from mpm_studio.operations.window_words import in_window
from mpm_studio.session import Session
from mpm_studio.views.naming import named
from mpm_studio.views.point_model import share_text

NONE = "No take is open"
GAP = "   ·   "


class Status(QStatusBar):
    """Follows the session. how_read: the action that shows what was detected, and lets the user overrule it."""

    def __init__(self, session: Session, how_read: QAction, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        named(self, "status", "Status")
        self.session = session
        self.facts = named(QLabel(NONE), "status_facts", "About the take")
        self.notes = named(QToolButton(), "status_notes", "How the file was understood")
        self.notes.clicked.connect(how_read.trigger)
        self.notes.hide()
        self.addWidget(self.facts)
        self.addPermanentWidget(self.notes)
        session.opened.connect(self._show)
        session.job_started.connect(self._show_job)
        session.job_finished.connect(self._show)
        session.changed.connect(lambda _edit: self._show())
        session.proposal_changed.connect(self._show)

    def _show_job(self, title: str) -> None:
        """A job's title, while there is no 3D view for it to float over."""
        if self.session.shown is None:
            self.facts.setText(f"{title}…")

    def _show(self) -> None:
        rec = self.session.shown
        if rec is None:
            self.facts.setText(NONE)
        else:
            self.facts.setText(facts(rec))
            self.notes.show()
            self.notes.setText(understood(rec))
            self.notes.setToolTip("\n".join((str(self.session.path or ""), *map(in_window, rec.source.notes))))


def facts(rec: Recording) -> str:
    """Points, frames, rate, length, and the share of samples that are missing or marked."""
    parts = [f"{len(rec.points)} points", f"{rec.frames:,} frames", f"{rec.rate_hz:g} Hz", f"{rec.seconds:.2f} s"]
    count_C = origin_counts(rec).sum(axis=0)
    for origin, word in ((Origin.MISSING, "missing"), (Origin.MARKED, "marked")):
        share = count_C[origin] / max(rec.origin_FP.size, 1)
        if share or origin == Origin.MISSING:
            parts.append(f"{share_text(share)} {word}")
    return GAP.join(parts)


def understood(rec: Recording) -> str:
    """Format, unit and up axis, and whether there is more to read about them."""
    parts = [rec.source.format.upper(), f"{rec.source.unit}, {rec.source.up.upper()} up" if rec.dims == 3 else "2D, pixels"]
    if len(rec.source.people) > 1:
        read = " + ".join(person.name for person in rec.source.people if person.read)
        parts.append(f"person {read} of {people_count(rec.source.people)}")
    if rec.source.notes:
        parts.append("1 note" if len(rec.source.notes) == 1 else f"{len(rec.source.notes)} notes")
    return GAP.join(part for part in parts if part)
