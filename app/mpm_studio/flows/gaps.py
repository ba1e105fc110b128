"""Actions on gaps: go to them, accept, reject and fill them one by one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from mpm_core.body.computed_points import not_gaps
from mpm_core.gaps import Gap
from mpm_core.typing import Mask
from mpm_studio.flows import repair
from mpm_studio.operations import navigating
from mpm_studio.operations.gap_rows import LEFT_ALONE, UNFILLED, GapRow, mask_of, with_marked_along
from mpm_studio.session import Session
from mpm_studio.settings import SHORT_GAPS_S
from mpm_studio.window_parts import WindowParts


def connect(window: WindowParts) -> None:
    """Connect the gap table and the proposal's bar."""
    guard = window.session.guard
    table = window.workspace.gaps
    table.go_to.connect(lambda row: go_to(window, row))
    window.workspace.timeline.entered_gap.connect(lambda gap: go_to(window, gap))
    table.buttons.accept.connect(lambda rows: guard("Accept", lambda: accept(window, rows)))
    table.buttons.reject.connect(lambda rows: guard("Reject", lambda: reject(window, rows)))
    table.buttons.fill.connect(lambda rows, method: guard("Fill", lambda: fill(window, rows, method)))
    table.buttons.method_chosen.connect(window.use_method)


def go_next(window: WindowParts, step: int) -> None:
    """Go to the next gap that is open, left or proposed, of the selected points when several are; filled ones when there is no other."""
    session = window.session
    row = navigating.next_row(_candidates(session), session.frame, _here(session), step)
    if row is None:
        session.notice.emit("No gap: no sample is missing.")
    else:
        go_to(window, row)


def go_by_sigma(window: WindowParts, step: int) -> None:
    """Go to the least certain fill, proposed or made; from one, to the next less uncertain (step 1) or more uncertain (-1)."""
    session = window.session
    row = navigating.next_by_sigma(session.gap_rows, _here(session), step)
    if row is None:
        session.notice.emit("No fill has a sigma yet: fill something first.")
    else:
        go_to(window, row)


def go_by_length(window: WindowParts, step: int) -> None:
    """Go to the longest gap of those that `go_next` goes through; from one, to the next shorter (step 1) or longer (-1)."""
    row = navigating.next_by_length(_candidates(window.session), _here(window.session), step)
    if row is None:
        window.session.notice.emit("No gap: no sample is missing.")
    else:
        go_to(window, row)


def go_to(window: WindowParts, row: GapRow | Gap) -> None:
    """Select a gap, and bring it into view in timeline, graph, 3D view and gap table, with what is around it."""
    window.playback.pause()
    window.workspace.show_gaps()
    if len(window.session.selection.points) < 2 or row.point not in window.session.selection.points:
        window.session.select((row.point,), row.start, row.stop)
    else:
        window.session.select(window.session.selection.points, row.start, row.stop)
    window.workspace.timeline.show_range(row.start, row.stop)
    window.session.set_frame(row.start)
    window.workspace.stage.show_point(row.point)


def chosen(session: Session, *states: str) -> list[GapRow]:
    """The selected gaps in these states."""
    return [row for row in session.selected_gaps if row.state in states]


def to_fill(session: Session) -> list[GapRow]:
    """The selected gaps that a fill can fill: those without a value, and those with a proposed one."""
    return chosen(session, *UNFILLED)


def accept_chosen(window: WindowParts) -> None:
    """Make the proposed fill of the selected gaps, and go on to the next that waits."""
    accept(window, chosen(window.session, "proposed"))
    _go_on(window)


def reject_chosen(window: WindowParts) -> None:
    """Leave the proposed fill of the selected gaps out, and go on to the next that waits."""
    reject(window, chosen(window.session, "proposed"))
    _go_on(window)


def fill_chosen(window: WindowParts) -> None:
    fill(window, to_fill(window.session), window.method)


def fill_short(window: WindowParts) -> None:
    """Fill every open gap of the range that is worked on that is as short as the settings say, by the method chosen."""
    session = window.session
    if session.document is None:
        return
    rec, seconds = session.document.recording, window.settings.choice("short_gap", SHORT_GAPS_S)
    start, stop = session.work or (0, rec.frames)
    rows = [row for row in session.gap_rows if row.state in ("open", "left") and start <= row.start and row.stop <= stop]
    short = [row for row in rows if row.frames <= float(seconds) * rec.rate_hz]
    where_FP = mask_of(rec, with_marked_along(rec, short, rows)) & ~not_gaps(rec, session.overrides.values())
    if not where_FP.any():
        session.notice.emit(f"No open gap is at most {seconds} s long. File, Settings, says which gaps are short.")
        return
    repair.run_complete(window, replace(repair.complete_request(window, window.method), where_FP=where_FP))


def accept(window: WindowParts, rows: Sequence[GapRow]) -> None:
    """Make the proposed fill of some gaps; on a take of a rig the whole proposal, because its joints hang together."""
    _decide(window, rows, window.session.accept)


def reject(window: WindowParts, rows: Sequence[GapRow]) -> None:
    """Leave the proposed fill of some gaps out; on a take of a rig the whole proposal."""
    _decide(window, rows, window.session.reject)


def fill(window: WindowParts, rows: Sequence[GapRow], method: str) -> None:
    """Fill some gaps by a method, in a hierarchy with what was marked along with them, and propose the result."""
    document = window.session.document
    if document is not None and rows:
        together = with_marked_along(document.recording, rows, window.session.gap_rows)
        request = repair.complete_request(window, method)
        repair.run_complete(window, replace(request, where_FP=mask_of(document.recording, together)))


def _decide(window: WindowParts, rows: Sequence[GapRow], decide: Callable[[Mask | None], None]) -> None:
    session = window.session
    if session.document is None or session.proposal is None or not rows:
        return
    rec = session.document.recording
    whole = rec.rig is not None or session.proposes_take
    if whole and len(rows) < sum(row.state == "proposed" for row in session.gap_rows):
        session.notice.emit("Joints of a hierarchy are accepted or rejected together: each hangs on its parent.")
        return
    decide(None if whole else mask_of(rec, rows))


def _go_on(window: WindowParts) -> None:
    """Go to the next proposed gap, unless the one that is selected still waits, as it does in a hierarchy."""
    session = window.session
    waiting = [row for row in session.gap_rows if row.state == "proposed"]
    row = navigating.next_row(waiting, session.frame, _here(session))
    if row is not None and not chosen(session, "proposed"):
        go_to(window, row)


def _candidates(session: Session) -> list[GapRow]:
    rows = [row for row in session.gap_rows if row.state != LEFT_ALONE]
    if len(session.selection.points) > 1:
        rows = [row for row in rows if row.point in session.selection.points]
    wanted = ("proposed", "left") if session.proposal is not None else ("open", "left")
    return [row for row in rows if row.state in wanted] or [row for row in rows if row.state != "filled"] or rows


def _here(session: Session) -> tuple[int, int, int] | None:
    """Point, start and stop of the one gap that is selected."""
    selection = session.selection
    return (selection.points[0], selection.start, selection.stop) if len(selection.points) == 1 and selection.has_range else None
