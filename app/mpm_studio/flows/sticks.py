"""Joining markers by sticks in the 3D view."""

from __future__ import annotations

from mpm_studio.render.sticks import rigid_sticks
from mpm_studio.window_parts import WindowParts


def join(window: WindowParts) -> None:
    """Join two selected points by a stick, of more those that keep their distance; what is joined already is parted."""
    session, stage = window.session, window.workspace.stage
    rec, points = session.shown, session.selection.points
    if rec is None or len(points) < 2:
        return
    pairs = [(min(points), max(points))] if len(points) == 2 else [(int(a), int(b)) for a, b in rigid_sticks(rec, sorted(points))]
    if not pairs:
        session.notice.emit("None of the selected points keep their distance to each other; select two to join them anyway.")
        return
    names = {(rec.points[a], rec.points[b]) for a, b in pairs}
    stage.set_sticks(stage.sticks - names if names <= stage.sticks else stage.sticks | names)
