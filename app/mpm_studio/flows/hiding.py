"""Hiding points in the 3D view. Only their drawing changes: they are still filled, checked and exported."""

from __future__ import annotations

from mpm_studio.window_parts import WindowParts


def hide(window: WindowParts) -> None:
    """Hide the selected points; show them again when all of them are hidden."""
    selected = _selected(window)
    hidden = window.session.hidden
    _set(window, hidden - selected if selected <= hidden else hidden | selected)


def isolate(window: WindowParts) -> None:
    """Show the selected points only; all when that is so already."""
    rec = window.session.shown
    others = frozenset() if rec is None else frozenset(rec.points) - _selected(window)
    _set(window, frozenset() if others == window.session.hidden else others)


def show_all(window: WindowParts) -> None:
    window.session.hide(())


def _selected(window: WindowParts) -> frozenset[str]:
    rec = window.session.shown
    return frozenset() if rec is None else frozenset(rec.points[point] for point in window.session.selection.points)


def _set(window: WindowParts, names: frozenset[str]) -> None:
    window.session.hide(names)
    if names:
        points = "1 point is" if len(names) == 1 else f"{len(names)} points are"
        key = window.actions_by_id["show_all"].shortcut().toString()
        window.session.notice.emit(f"{points} not drawn; they are repaired and exported all the same. {key} draws all points again.")
