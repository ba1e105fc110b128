"""Scenes of the recordings of a take that are drawn: the joints that markers make are worked out in the background after an edit."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from mpm_core.recording import Recording
from mpm_studio.jobs import Failure, Jobs
from mpm_studio.render.scene import Scene, from_nearest

KEPT, ASKED = 4, 2  # recordings whose joints are known, and that wait for theirs: what is shown, and what it is compared with


class Scenes(QObject):
    """ready: joints that were asked for are known now; failed: a Failure."""

    ready = Signal()
    failed = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.jobs = Jobs(self)
        self._known: list[Scene] = []
        self._asked: list[Recording] = []

    def begin(self, scene: Scene) -> None:
        """Another take, another mapping, or other frames."""
        self.jobs.cancel()
        self._known, self._asked = [scene], []

    def of(self, rec: Recording, until: Scene) -> Scene:
        """The scene of a recording with the points and frames of the take; until its joints are ready, the one that is given for that."""
        if until.joints_FJD is None:
            return until
        for known in self._known:
            if known.joints_of is rec:
                return known
        if not any(each is rec for each in self._asked):
            self._asked = [*self._asked, rec][-ASKED:]
        self._work()
        return until

    def _work(self) -> None:
        if self._asked and not self.jobs.busy:
            self.jobs.run("Joints", from_nearest, (tuple(self._known), self._asked[0]), self._keep, self._fail)

    def _keep(self, scene: Scene) -> None:
        self._known = [scene, *self._known][:KEPT]
        self._asked = [each for each in self._asked if each is not scene.joints_of]
        self.ready.emit()
        self._work()

    def _fail(self, failure: Failure) -> None:
        self._asked = []
        self.failed.emit(failure)
