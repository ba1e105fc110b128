"""Rotations for the graph: worked out in the background where a take has fills, and kept for the recordings that are shown."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from mpm_core.recording import Recording
from mpm_core.typing import Float
from mpm_studio.jobs import Failure, Jobs
from mpm_studio.operations.rotation_series import as_in_file, rotation_values

KEPT = 4  # recordings


class Rotations(QObject):
    """ready: rotations that were asked for are known now; failed: a Failure."""

    ready = Signal()
    failed = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.jobs = Jobs(self)
        self._known: list[tuple[Recording, Float]] = []
        self._asked: Recording | None = None  # whose job runs
        self._failed: list[Recording] = []

    def failed_for(self, rec: Recording) -> bool:
        """Whether a recording's rotations could not be worked out; they are not tried again."""
        return any(each is rec for each in self._failed)

    def values(self, rec: Recording) -> Float | None:
        """(F, C) the channels of a take with a hierarchy, or None while they are worked out."""
        if rec.rig is not None and as_in_file(rec):
            return rec.rig.values_FC
        for known, values_FC in self._known:
            if known is rec:
                return values_FC
        if self._asked is not rec and not self.failed_for(rec):
            self.jobs.cancel()
            self._asked = rec
            self.jobs.run("Rotations", rotation_values, rec, lambda values_FC: self._keep(rec, values_FC), lambda why: self._fail(rec, why))
        return None

    def _fail(self, rec: Recording, failure: Failure) -> None:
        self._failed = [rec, *self._failed][:KEPT]
        self._asked = None
        self.failed.emit(failure)

    def _keep(self, rec: Recording, values_FC: Float) -> None:
        self._known = [(rec, values_FC), *self._known][:KEPT]
        self._asked = None
        self.ready.emit()
