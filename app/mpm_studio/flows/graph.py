"""What the user does by hand in graph and 3D view: compare the methods on a gap, pick an answer, pin a sample."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from operator import attrgetter

import numpy as np

from mpm_core.typing import Float32
from mpm_studio.flows import repair
from mpm_studio.operations import answers, hand, mixing
from mpm_studio.operations.gap_rows import GapRow, mask_of, with_marked_along
from mpm_studio.session import Session
from mpm_studio.window_parts import WindowParts

COMPARING = "Comparing the methods"


def connect(window: WindowParts) -> None:
    """Connect the graph."""
    graph, guard = window.workspace.graph, window.session.guard
    graph.area.went_to.connect(window.workspace.timeline.scrubbed)
    graph.compare.connect(lambda: guard("Comparing", lambda: compare(window)))
    graph.picked.connect(lambda answer: guard("Proposing", lambda: pick(window, answer)))
    window.session.changed.connect(lambda edit: end_comparing(window.session) if edit is not None else None)
    graph.mixed.connect(lambda first, second, percent: guard("Mixing", lambda: mix(window, first, second, percent)))
    graph.area.dragged_key.connect(lambda point, frame, axis, value: guard("Pinning", lambda: pin_axis(window, point, frame, axis, value)))
    for view in (window.workspace.stage.viewer, window.workspace.stage.plane):
        view.dragged.connect(lambda point, frame, xyz_D: guard("Pinning", lambda: pin(window, point, frame, np.asarray(xyz_D, np.float32))))


def compare(window: WindowParts, then: Callable[[], None] = lambda: None) -> None:
    """Ask every method for its answer to the selected gaps, in several jobs, and draw the answers in the graph as they come.

    Of gaps at several times, those at the time of the first, with a notice.
    A gap that is filled is asked about as if it were not; what was set by hand in it stays. then: called with the first answers there, if
    they are for the gaps that are selected then. If it proposes the only one, and the user does nothing with that, the most certain of the
    next ones takes its place. Once the take changes, no further method is asked.
    """
    session = window.session
    rows = _asked(session)
    if session.document is None or not rows:
        session.notice.emit("Select a gap to compare the methods on it.")
        return
    _say_how_many(window, rows)
    rec, where_FP = session.document.recording, mask_of(session.document.recording, rows)
    request = replace(repair.complete_request(window, "auto"), recording=answers.without_fills(rec, where_FP), where_FP=where_FP)
    graph = window.workspace.graph
    by_then: object = None  # the proposal that `then` made

    def ask(found: list[answers.Answer], job: int = 0) -> None:
        if job < len(answers.JOBS):
            session.run(COMPARING, answers.JOBS[job], request, lambda more: show(found, more, job + 1))
        elif not found:
            session.notice.emit("No method fills this gap.")

    def show(before: list[answers.Answer], more: list[answers.Answer], job: int) -> None:
        nonlocal by_then
        found = answers.most_certain_first([*before, *more])
        graph.show_answers(found, rows)
        ask(found, job)
        now = _asked(session)
        if not graph.answers_for(now):
            return
        if not before:
            waiting = session.proposal
            then()
            by_then = None if session.proposal is waiting else session.proposal
        elif len(before) == 1 and found[0] is not before[0] and by_then is not None and session.proposal is by_then:
            pick(window, found[0])

    ask([])


def alternative(window: WindowParts, step: int) -> None:
    """Propose the next answer (step 1) to the selected gaps, or the one before (-1); ask the methods first if they were not."""
    rows, graph = _asked(window.session), window.workspace.graph
    if not rows:
        window.session.notice.emit("Select a gap to go through the answers to it.")
        return
    found = graph.answers_for(rows)
    if not found:
        end_comparing(window.session)  # of other gaps
        if window.session.jobs.busy:
            window.session.notice.emit("The methods can be asked once the running job has ended.")
        else:
            compare(window, then=lambda: alternative(window, step))
        return
    _say_how_many(window, rows)
    if len(found) == 1 and window.session.jobs.busy and graph.proposed_answer(rows):
        window.session.notice.emit("The other methods are still being asked.")
        return
    methods, proposed = [answer.method for answer in found], graph.proposed_answer(rows)
    here = methods.index(proposed) if proposed else -1 if step > 0 else 0
    pick(window, found[(here + step) % len(found)])


def end_comparing(session: Session) -> None:
    """Ask no further method, so that the user need not wait for answers to a gap that is dealt with."""
    if session.jobs.title == COMPARING:
        session.jobs.cancel()


def _say_how_many(window: WindowParts, rows: Sequence[GapRow]) -> None:
    selected = window.session.selected_gaps
    answered = len({*selected} & {*rows})
    if answered < len(selected):
        window.session.notice.emit(f"Answers are for {answered} of the {len(selected)} selected gaps: those at the time of the first.")


def _asked(session: Session) -> tuple[GapRow, ...]:
    """The gaps that are answered together: of the selected ones, in a hierarchy with those of what was marked along with them."""
    rows, document = _at_once(session.selected_gaps), session.document
    return rows if document is None else with_marked_along(document.recording, rows, session.gap_rows)


def _at_once(rows: Sequence[GapRow]) -> tuple[GapRow, ...]:
    """The first of some gaps, with all parts that samples set by hand make of it, and those that share a frame with it."""
    in_time = sorted(rows, key=attrgetter("start"))
    stop = in_time[0].stop if in_time else 0
    for row in in_time:
        if (row.point, row.start) == (in_time[0].point, stop):
            stop = row.stop
    return tuple(row for row in in_time if row.start < stop)


def pick(window: WindowParts, answer: answers.Answer) -> None:
    """Propose what a method answered."""
    window.session.propose(answer.patch, f"{len(answer.patch):,} samples by {answer.method}")


def mix(window: WindowParts, first: answers.Answer, second: answers.Answer, percent: int) -> None:
    """Propose what lies between two answers: `percent` of the way from the first to the second."""
    document = window.session.document
    if document is None:
        return
    if not percent:
        pick(window, first)
        return
    patch = mixing.mixed(document.recording, first, second, percent)
    window.session.propose(patch, f"{len(patch):,} samples by {mixing.Mixture(first.method, second.method, percent).text}")


def pin_axis(window: WindowParts, point: int, frame: int, axis: int, value: float) -> None:
    """Set one coordinate of a sample by hand, and keep the others as they are shown."""
    if window.session.shown is not None:
        xyz_D = window.session.shown.xyz_FPD[frame, point].copy()
        xyz_D[axis] = value
        pin(window, point, frame, xyz_D)


def pin(window: WindowParts, point: int, frame: int, xyz_D: Float32) -> None:
    """Set one sample by hand, keep it, and fill the rest of its gap around it; in a hierarchy also those of the joints that move along.

    Methods that are being compared are not asked any more. Not while another job runs, whose result would be of the take before, nor while
    a change of the whole take is proposed.
    """
    session, document = window.session, window.session.document
    shown = session.shown
    if document is None or shown is None:
        return
    end_comparing(session)
    if session.jobs.busy:
        session.notice.emit("A sample can be set by hand once the running job has ended.")
        return
    if session.proposes_take:
        session.notice.emit("Accept or reject the proposed take before a sample is set by hand.")
        return
    pinned = hand.pin(document.recording, point, frame, xyz_D, shown)
    around_FP = hand.gaps_around(shown, pinned.points_N.tolist(), frame)
    session.do_beside(pinned, around_FP)
    wanted_FP = around_FP & (document.recording.origin_FP != hand.HAND)
    if not wanted_FP.any():
        return
    request = repair.complete_request(window, window.method)
    without = answers.without_fills(document.recording, wanted_FP)
    repair.run_complete(window, replace(request, recording=without, where_FP=wanted_FP))
