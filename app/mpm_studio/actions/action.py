"""What an action is, and why it may not be used now."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from mpm_studio.session import Session
from mpm_studio.window_parts import WindowParts

Blocked = Callable[[Session], str]
"""Why an action may not be used now, in words for its tip; '' when it may."""


def always(session: Session) -> str:
    return ""


def loaded(session: Session) -> str:
    return "" if session.shown is not None else "no take is open"


def ready(session: Session) -> str:
    """An edit may be made: a take is open, no job runs, no proposal waits."""
    if session.document is None:
        return "no take is open"
    if session.jobs.busy:
        return "a job is running"
    return "" if session.proposal is None else "a proposal waits: accept or reject it first"


def idle(session: Session) -> str:
    if session.jobs.busy:
        return "a job is running"
    return "" if session.proposal is None else "a proposal waits: accept or reject it first"


def loaded_3d(session: Session) -> str:
    return loaded(session) or _of_dims(session, 3)


def ready_3d(session: Session) -> str:
    return ready(session) or _of_dims(session, 3)


def ready_2d(session: Session) -> str:
    return ready(session) or _of_dims(session, 2)


def pictured(session: Session) -> str:
    """A video may be shown: the take is one of keypoints, or was lifted from them."""
    shown = session.shown
    if shown is not None and shown.dims == 3 and shown.source.camera is None:
        return "this take has no keypoints"
    return ready(session)


def fillable(session: Session) -> str:
    """Gaps may be filled: as `ready`, but a proposed fill may be extended by another."""
    if session.document is None:
        return "no take is open"
    if session.jobs.busy:
        return "a job is running"
    if session.proposes_take:
        return "a proposal waits: accept or reject it first"
    return ""


def fillable_3d(session: Session) -> str:
    return fillable(session) or _of_dims(session, 3)


def selected(session: Session) -> str:
    return ready(session) or _range(session)


def fillable_range(session: Session) -> str:
    return fillable(session) or _range(session)


def two_selected(session: Session) -> str:
    return ready(session) or ("" if len(session.selection.points) == 2 else "two points must be selected")


def some_selected(session: Session) -> str:
    return ready(session) or ("" if session.selection.points else "no point is selected")


def proposed(session: Session) -> str:
    return "" if session.proposal is not None else "nothing is proposed"


def _of_dims(session: Session, dims: int) -> str:
    if session.shown is None or session.shown.dims == dims:
        return ""
    return "these are 2D keypoints: lift them to 3D first" if dims == 3 else "this take is 3D already"


def _range(session: Session) -> str:
    return "" if session.selection.has_range else "no range is selected: drag over the timeline, or press Shift+A"


@dataclass(frozen=True, slots=True)
class Action:
    """text: with & before its menu key. keys: the first is shown. switch: whether a toggle starts on; None for a plain action.

    keys_in: "window", or "review": the keys count only while the 3D view, the timeline, the graph, the lift's panel, or the
    proposal's bar has the focus; those for single gaps in the gap table, too.
    """

    id: str
    menu: str
    text: str
    icon: str
    keys: tuple[str, ...]
    blocked: Blocked
    run: Callable[[WindowParts], Any]
    tip: str = ""
    switch: bool | None = None
    keys_in: Literal["window", "review"] = "window"
