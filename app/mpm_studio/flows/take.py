"""Actions on the take as a whole: trim, resample, rename, merge, delete samples; and the range that is worked on."""

from __future__ import annotations

from mpm_core.edit.mark import delete, region, region_text
from mpm_core.edit.names import conflict_of, merge, rename
from mpm_core.edit.patch import Edit
from mpm_core.edit.request import requested
from mpm_core.edit.resample import resample
from mpm_core.edit.trim import trim
from mpm_core.recording import Recording
from mpm_studio.flows.repair import do_patch
from mpm_studio.flows.scope import frames_of
from mpm_studio.views import input_dialogs, take_dialogs
from mpm_studio.window_parts import WindowParts


def trim_take(window: WindowParts) -> None:
    """Keep the range that is worked on, else the selected one."""
    session = window.session
    if session.document is not None and (frames := frames_of(session)) is not None:
        rec = session.document.recording
        first = rec.source.first_frame
        session.do(requested(trim(rec, *frames), "trim", frames=[frames[0] + first, frames[1] - 1 + first]))
        window.workspace.timeline.fit()


def resample_take(window: WindowParts) -> None:
    """Ask for a rate, and write the take at it."""
    rec = _recording(window)
    asked = None if rec is None else take_dialogs.ask_rate(window, rec)
    if rec is not None and asked is not None:
        edit = resample(rec, asked.rate_hz, only_measured=asked.only_measured)
        window.session.do(requested(edit, "resample", resample=asked.rate_hz, only_measured=asked.only_measured))


def rename_point(window: WindowParts) -> None:
    """Ask for another name for the selected point."""
    rec, points = _recording(window), window.session.selection.points
    if rec is None or len(points) != 1:
        return
    old = rec.points[points[0]]
    name = input_dialogs.ask_name(window, "Rename", f"New name of {old}:", old)
    if name and name != old:
        _do_selected(window, requested(rename(rec, {old: name}), "rename", rename=[f"{old}={name}"]), points)


def merge_points(window: WindowParts) -> None:
    """Make the two selected points one, and ask which is kept where both are there."""
    rec, points = _recording(window), window.session.selection.points
    if rec is None or len(points) != 2:
        return
    first, second = points
    conflict = conflict_of(rec, first, second)
    conflicts = take_dialogs.ask_conflict(window, rec, first, second, conflict) if conflict.frames else "refuse"
    if conflicts is not None:
        place = first if first < second else first - 1
        pair, keep = f"{rec.points[first]},{rec.points[second]}", None if conflicts == "refuse" else conflicts
        _do_selected(window, requested(merge(rec, first, second, conflicts), "merge", merge=[pair], keep=keep), (place,))


def delete_samples(window: WindowParts) -> None:
    """Open a gap in the selected range; what was measured is marked, so that its value is not lost."""
    rec, selection = _recording(window), window.session.selection
    if rec is None or not selection.has_range:
        return
    points = list(selection.points)
    where_FP = region(rec, points, selection.start, selection.stop)
    do_patch(window, delete(rec, where_FP, f"Delete {region_text(rec, points, selection.start, selection.stop)}"))


def set_in(window: WindowParts) -> None:
    """The range that is worked on begins at the present frame."""
    session, rec = window.session, window.session.shown
    if rec is not None:
        stop = session.work[1] if session.work is not None and session.work[1] > session.frame else rec.frames
        session.set_work(session.frame, stop)


def set_out(window: WindowParts) -> None:
    """The range that is worked on ends with the present frame."""
    session = window.session
    start = session.work[0] if session.work is not None and session.work[0] <= session.frame else 0
    session.set_work(start, session.frame + 1)


def _recording(window: WindowParts) -> Recording | None:
    return None if window.session.document is None else window.session.document.recording


def _do_selected(window: WindowParts, edit: Edit, points: tuple[int, ...]) -> None:
    """Apply an edit, and select points of the take that it makes, in the frames that are selected."""
    selection = window.session.selection
    window.session.do(edit)
    window.session.select(points, selection.start, selection.stop)
