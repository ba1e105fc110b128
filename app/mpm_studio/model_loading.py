"""The completion model that ships, loaded beside the open take, so that the first completion need not wait for it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer

from mpm_studio.jobs import Jobs
from mpm_studio.operations.completing import CompleteRequest, body_known
from mpm_studio.operations.networks import Networks, load_completing
from mpm_studio.session import Session

AFTER_MS = 1000  # once the take is displayed: importing torch stops the window for moments


class ModelLoading(QObject):
    """Loads the model once, when the first take is opened whose points are a known body in 3D.

    A model of the user's own is not loaded here, since it is not kept.
    """

    def __init__(self, session: Session, networks: Callable[[], Networks], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.jobs = Jobs(self)
        self._session, self._networks = session, networks
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(AFTER_MS)
        self._soon.timeout.connect(self._load)
        session.opened.connect(self._soon.start)

    def close(self) -> None:
        """Wait up to 10 s until it is loaded: a process that ends while torch is imported can crash."""
        self._soon.stop()
        self.jobs.close()

    def _load(self) -> None:
        rec, networks = self._session.shown, self._networks()
        if (
            networks.complete is not None
            or rec is None
            or rec.dims != 3
            or self.jobs.busy
            or not body_known(CompleteRequest(rec, overrides=self._session.overrides))
        ):
            return
        self._session.opened.disconnect(self._soon.start)
        # a model that cannot be loaded is reported by the completion that needs it
        self.jobs.run("Loading the model", load_completing, networks, lambda _loaded: None, lambda _failure: None)
