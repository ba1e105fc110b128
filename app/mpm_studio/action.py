"""What an action is, and when it may be used."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from mpm_studio.session import Session
from mpm_studio.window_parts import WindowParts


def always(session: Session) -> bool:
    return True


def loaded(session: Session) -> bool:
    return session.shown is not None


def ready(session: Session) -> bool:
    return session.ready


def ready_3d(session: Session) -> bool:
    return session.ready and session.shown is not None and session.shown.dims == 3


def ready_2d(session: Session) -> bool:
    return session.ready and session.shown is not None and session.shown.dims == 2


def idle(session: Session) -> bool:
    return not session.jobs.busy and session.proposal is None


def selected(session: Session) -> bool:
    return session.ready and session.selection.has_range


def proposed(session: Session) -> bool:
    return session.proposal is not None


@dataclass(frozen=True, slots=True)
class Action:
    """text: with & before its menu key. keys: the first is shown. switch: whether a toggle starts on; None for a plain action."""

    id: str
    menu: str
    text: str
    icon: str
    keys: tuple[str, ...]
    enabled: Callable[[Session], bool]
    run: Callable[[WindowParts], Any]
    tip: str = ""
    switch: bool | None = None
