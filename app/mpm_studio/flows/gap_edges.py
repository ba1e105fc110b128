"""Actions on the edges of gaps: moved by keys, by a drag on the timeline or in the graph; a fill that is there follows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import numpy as np

from mpm_core.edit.patch import Edit, Patch
from mpm_core.errors import DataError
from mpm_core.fill.to_patch import Completion
from mpm_core.recording import Origin
from mpm_core.typing import Mask
from mpm_studio.flows import repair
from mpm_studio.flows.graph import COMPARING, compare
from mpm_studio.operations import completing, gap_edges, hand, mixing
from mpm_studio.operations.answers import without_fills
from mpm_studio.operations.gap_edges import GapPlace
from mpm_studio.window_parts import WindowParts

FOLLOWING = "Following the gap's edges"
FOLLOWING_TO_COMPARE = f"{FOLLOWING}, then comparing the methods"


def connect(window: WindowParts) -> None:
    """Connect the timeline and the graph, where edges are dragged."""
    for view in (window.workspace.timeline, window.workspace.graph.area):
        view.moved_edges.connect(lambda gaps, start, stop: window.session.guard("Moving edges", lambda: move(window, gaps, start, stop)))


def move_chosen(window: WindowParts, start_by: int, stop_by: int) -> None:
    """Move the edges of the selected gaps by some frames; as often as it is done to one edge in a row, it is one step."""
    edge = "start" if start_by else "stop"
    move(window, gap_edges.whole_gaps(window.session.selected_gaps), start_by, stop_by, edge)


def move(window: WindowParts, gaps: Sequence[GapPlace], start_by: int, stop_by: int, edge: str | None = None) -> None:
    """Move the edges of gaps, and select what they are then; where they are filled, or a fill is proposed, fill them anew.

    A fill that still follows an earlier move is given up for that. Answers to the gap as it was, too; then the methods are asked again once
    the gap is filled anew. edge: "start" or "stop", where the move may be one step with the last one. Not while another job runs, nor while
    a change of the whole take is proposed.
    """
    session, document = window.session, window.session.document
    if document is None or session.shown is None or not gaps:
        return
    compares = session.jobs.title in (COMPARING, FOLLOWING_TO_COMPARE) or window.workspace.graph.answers_touch(gaps)
    if session.jobs.title in (FOLLOWING, FOLLOWING_TO_COMPARE, COMPARING):
        session.jobs.cancel()
    proposal = session.proposal
    if session.jobs.busy or session.proposes_take:
        session.notice.emit("Edges can be moved once the running job has ended, and the proposed take is accepted or rejected.")
        return
    rec = document.recording
    edits: list[Edit] = [*document.done, *([] if proposal is None else [proposal.edit])]
    before_FP = gap_edges.places_mask(rec, gaps)
    filled = bool((before_FP & np.isin(session.shown.origin_FP, (Origin.FILLED, Origin.PREDICTED))).any())
    asked = gap_edges.asked_for(gaps, edits)
    mixture = mixing.mixture_named(asked.method, edits)
    try:
        patch = gap_edges.move_edges(rec, gaps, start_by, stop_by, document.done, edge)
    except DataError:
        session.select(*gap_edges.selection_of(gaps))  # a drag has selected them as they would be
        raise
    moved = [gap.moved(start_by, stop_by, rec.frames) for gap in gaps]
    if not len(patch):
        session.notice.emit("Nothing to change there.")
        return
    before_FP[patch.frames_N, patch.points_N] = True
    goes_on = gap_edges.goes_on(rec, gaps, edge, document.done)
    session.do_beside(patch, before_FP & ~gap_edges.places_mask(rec, moved), with_last=goes_on)
    session.select(*gap_edges.selection_of(moved))
    if filled:
        _fill_anew(window, _around(window, moved, patch), asked, mixture, compares)
    elif compares:
        compare(window)


def _around(window: WindowParts, moved: Sequence[GapPlace], patch: Patch) -> Mask:
    """(F, P) the gaps, with those of joints of a rig that moved along, but no samples set by hand."""
    session = window.session
    assert session.document is not None and session.shown is not None
    rec = session.document.recording
    where_FP = gap_edges.places_mask(rec, moved)
    points = {*patch.points_N.tolist()} | {gap.point for gap in moved}
    for gap in moved:
        for frame in (gap.start, gap.stop - 1):
            where_FP |= hand.gaps_around(session.shown, points, frame)
    return np.asarray(where_FP & (rec.origin_FP != hand.HAND))


def _fill_anew(
    window: WindowParts, where_FP: Mask, asked: gap_edges.Asked, mixture: mixing.Mixture | None, then_compare: bool = False
) -> None:
    """Fill the gaps by the method, or the mixture, that they were filled by, and propose it; by 'auto' where there is no such method.

    then_compare: ask the methods after that, if the same is selected then.
    """
    session, selection = window.session, window.session.selection
    assert session.document is not None
    revision, rec = session.document.revision, session.document.recording
    method = asked.method if asked.method in completing.METHODS else "auto"
    donors = asked.donors if set(asked.donors) <= {*rec.points} else ()
    request = replace(repair.complete_request(window, method), where_FP=where_FP, donors=donors)

    def done(completion: Completion) -> None:
        session.add_left(completion.left)
        if len(completion.patch):
            session.propose(completion.patch, completing.summary(request.recording, completion), completion.left, revision)
        if then_compare and session.selection == selection:
            compare(window)

    title = FOLLOWING_TO_COMPARE if then_compare else FOLLOWING
    if mixture is not None:
        there = mixing.before_mixing(rec, where_FP, session.document.done) if mixture.second == mixing.AS_IT_WAS else rec
        session.run(title, partial(mixing.complete_mixture, mixture), replace(request, recording=there), done)
    else:
        session.run(title, completing.complete, replace(request, recording=without_fills(rec, where_FP)), done)
