"""The Take menu: its frames, rate and points, and its marks."""

from __future__ import annotations

from mpm_studio.actions.action import Action, ready, selected
from mpm_studio.flows import marks, take
from mpm_studio.flows.scope import frames_of
from mpm_studio.session import Session


def _ranged(session: Session) -> str:
    return ready(session) or ("" if frames_of(session) else "no range is selected or worked on: drag over the timeline, or press I and O")


def _points(session: Session, count: int, word: str) -> str:
    return ready(session) or ("" if len(session.selection.points) == count else f"{word} must be selected")


def _confident(session: Session) -> str:
    rec = session.shown
    return ready(session) or (
        "" if rec is not None and rec.confidence_FP is not None else "this take has no confidences: only 2D detectors give them"
    )


TAKE: tuple[Action | None, ...] = (
    Action(
        "trim", "&Take", "&Trim", "", ("Ctrl+T",), _ranged, take.trim_take, "Keep only the range that is worked on, else the selected one"
    ),
    Action("resample", "&Take", "Re&sample…", "", (), ready, take.resample_take, "Write the take at another rate"),
    None,
    Action(
        "rename",
        "&Take",
        "&Rename the point…",
        "",
        ("F2",),
        lambda session: _points(session, 1, "one point"),
        take.rename_point,
        "Give the selected point another name",
    ),
    Action(
        "merge",
        "&Take",
        "&Merge two points",
        "",
        ("Ctrl+M",),
        lambda session: _points(session, 2, "two points"),
        take.merge_points,
        "The first selected point also has what the second holds, which is gone: a label that is split over two",
    ),
    Action(
        "delete",
        "&Take",
        "&Delete the samples",
        "",
        ("Backspace",),
        selected,
        take.delete_samples,
        "Open a gap in the selected range; measured values are kept under a mark, fills are gone",
    ),
    None,
    Action("invert_marks", "&Take", "&Invert marks", "", ("Ctrl+I",), ready, marks.invert, "Exchange marked and measured samples"),
    Action("grow_marks", "&Take", "&Grow marks", "", ("]",), ready, lambda window: marks.grow(window, 1), "Marks reach a frame further"),
    Action(
        "shrink_marks", "&Take", "S&hrink marks", "", ("[",), ready, lambda window: marks.grow(window, -1), "Marks reach a frame less far"
    ),
    Action(
        "mark_unsure",
        "&Take",
        "Mark low &confidences…",
        "",
        (),
        _confident,
        marks.mark_low_confidence,
        "Mark what the detector was unsure of",
    ),
)
