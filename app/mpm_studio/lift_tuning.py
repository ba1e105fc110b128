"""A proposed lift whose camera the user changes: fitted again while a slider or the handle moves, lifted again when it is let go."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QObject, Signal

from mpm_core.progress import Cancel, Progress
from mpm_core.typing import Float
from mpm_core.world_fit.options import LiftOptions
from mpm_studio.jobs import Failure, Jobs
from mpm_studio.operations import lifting
from mpm_studio.session import Session


class LiftTuning(QObject):
    """The camera of the lift that is proposed. Its own jobs run beside the session's, so that nothing else waits for them."""

    changed = Signal()

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self._last: lifting.LiftResult | None = None  # proposed last; Redo may bring it back
        self.jobs = Jobs(self)
        self.jobs.finished.connect(self.changed)
        self._wanted: tuple[LiftOptions, bool] | None = None
        self._options: LiftOptions | None = None  # that the user chose, also where they are not in the result yet
        self._revision: int | None = None  # the document's that is lifted
        self._pressed: tuple[float, float] | None = None  # pitch and roll as the handle was pressed
        session.opened.connect(self._on_opened)
        session.proposal_changed.connect(self._on_proposal)

    @property
    def result(self) -> lifting.LiftResult | None:
        """The lift that is proposed, fitted or raw; None when none is."""
        proposal, last = self.session.proposal, self._last
        if proposal is None or last is None:
            return None
        return last if proposal.edit is last.edit or proposal.edit is last.raw_edit else None

    @property
    def is_raw(self) -> bool:
        """Whether the network's poses are proposed, instead of what was fitted to them."""
        return self.result is not None and self.session.proposal is not None and self.session.proposal.edit is self.result.raw_edit

    @property
    def busy(self) -> bool:
        """Whether the options that the user chose are not in the result yet."""
        return self.jobs.busy or self._wanted is not None

    @property
    def options(self) -> LiftOptions | None:
        """What the proposed lift is to be made for, also where it is not yet; None when none is proposed."""
        return None if self.result is None else self._options

    def begin(self, result: lifting.LiftResult, revision: int | None) -> None:
        """Propose a lift of the document's revision. Raises DataError when the take was changed meanwhile."""
        self._options, self._revision = result.request.options, revision
        self._propose(result, raw=False)

    def set_raw(self, raw: bool) -> None:
        """Propose the network's poses, or what was fitted to them."""
        if self.result is not None:
            self._propose(self.result, raw)

    def set_options(self, options: LiftOptions, settled: bool) -> None:
        """Lift for these options; settled: by the network, too, instead of only fitting its poses again."""
        if self.result is None:
            return
        self._options = options
        self._wanted = options, settled
        self._start()

    def tilt(self, step_2: Float, settled: bool) -> None:
        """The level's handle was moved: by so much pitch and roll, degrees, from where it was pressed."""
        found = None if self.result is None else lifting.figures(self.result.lifted.recording)
        if self.options is None or found is None:
            return
        self._pressed = self._pressed or (found.pitch, found.roll)
        pitch = min(max(self._pressed[0] + float(step_2[0]), -90.0), 90.0)
        roll = (self._pressed[1] + float(step_2[1]) + 180) % 360 - 180
        if settled:
            self._pressed = None
        self.set_options(replace(self.options, pitch=pitch, roll=roll, turn=None), settled)

    def close(self) -> None:
        self._wanted = None
        self.jobs.close()

    def _start(self) -> None:
        if self._wanted is None or self.result is None or self.jobs.busy:
            return
        (options, settled), before = self._wanted, self.result
        self._wanted = None

        def work(given: lifting.LiftResult, cancel: Cancel, progress: Progress) -> lifting.LiftResult:
            if settled:
                return lifting.lift(replace(given.request, options=options), cancel, progress)
            return lifting.fit_again(given, options)

        def done(result: lifting.LiftResult) -> None:
            if self.result is before:  # else another lift was proposed meanwhile
                self._propose(result, self.is_raw)
            self._start()

        self.jobs.run("Fitting the lift", work, before, lambda result: self.session.guard("Lifting", lambda: done(result)), self._failed)
        self.changed.emit()

    def _failed(self, failure: Failure) -> None:
        self._wanted = None
        if self.result is not None:
            self._options = self.result.request.options
        self.session.failed.emit(failure)

    def _propose(self, result: lifting.LiftResult, raw: bool) -> None:
        self._last = result
        edit, rec = (result.raw_edit, result.lifted.raw) if raw else (result.edit, result.lifted.recording)
        self.session.propose(edit, lifting.summary(rec), revision=self._revision)

    def _on_opened(self) -> None:
        self._last, self._wanted, self._pressed = None, None, None
        self.jobs.cancel()

    def _on_proposal(self) -> None:
        if self.result is None:
            self._wanted, self._pressed = None, None
            self._options = None if self._last is None else self._last.request.options  # of the lift that Redo may bring back
            self.jobs.cancel()
        self.changed.emit()
