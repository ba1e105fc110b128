"""Offer takes that earlier runs left unsaved, one after the other."""

from __future__ import annotations

from pathlib import Path

from mpm_studio import recovery
from mpm_studio.flows import file
from mpm_studio.jobs import Failure
from mpm_studio.recovery import Offer
from mpm_studio.session import Session
from mpm_studio.take import Take
from mpm_studio.window_parts import WindowParts


def begin(window: WindowParts, folder: Path) -> None:
    """Autosave the open take from now on, and offer those autosaved before."""
    window.autosave = recovery.Autosave(window.session, folder, window.view_state)
    waiting, bar = recovery.offers(folder), window.recovery_bar

    def show_next() -> None:
        if waiting:
            bar.show_offer(waiting.pop(0))

    def discard(offer: Offer) -> None:
        offer.discard()
        show_next()

    def leave(offer: Offer) -> None:
        offer.leave()
        show_next()

    bar.accepted.connect(lambda offer: accept(window, offer))
    bar.discarded.connect(discard)
    bar.left.connect(leave)
    show_next()


def accept(window: WindowParts, offer: Offer) -> None:
    """Open an autosaved take in place of the present one. Its file is deleted once this window has autosaved the take itself."""
    session = window.session

    def opened(take: Take) -> None:
        session.open(take)
        if window.autosave is not None:
            _discard_once_kept(window.autosave, session, offer)
        session.notice.emit(f"Recovered {offer.path.name}. Save it to keep it.")

    def failed(failure: Failure) -> None:
        offer.leave()
        session.failed.emit(failure)

    def go() -> None:
        session.jobs.cancel()
        session.run(f"Recovering {offer.path.name}", recovery.recover, offer, opened, failed)

    file.settle(window, go)


def _discard_once_kept(autosave: recovery.Autosave, session: Session, offer: Offer) -> None:
    """Delete an offer's file once the session's present take is autosaved. When another is autosaved first, the file stays for the next
    start.
    """
    recovered = session.document

    def kept() -> None:
        autosave.kept.disconnect(kept)
        if session.document is recovered:
            offer.discard()
        else:
            offer.leave()

    autosave.kept.connect(kept)
