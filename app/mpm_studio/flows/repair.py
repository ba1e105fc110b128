"""Actions that repair: mark, complete, lift, map the body, self-test."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from mpm_core.body.computed_points import not_gaps
from mpm_core.check.selftest import SelfTest
from mpm_core.edit.mark import frames_text, region, region_text
from mpm_core.edit.patch import Patch
from mpm_core.errors import MappingError
from mpm_core.fill.to_patch import Completion
from mpm_studio.jobs import Failure
from mpm_studio.operations import completing, lifting, marking, selftest
from mpm_studio.selection import Selection
from mpm_studio.views.complete_dialog import ask_complete
from mpm_studio.views.donors_dialog import ask_donors
from mpm_studio.views.lift_dialog import ask_lift
from mpm_studio.views.mapping_dialog import ask_mapping
from mpm_studio.views.selftest_dialog import show_selftest
from mpm_studio.window_parts import WindowParts

Next = Callable[[], None]


def complete(window: WindowParts, only_selection: bool = False) -> None:
    """Fill every missing or marked sample of the range that is worked on, or those in the selection, and propose the result."""
    session = window.session
    if session.document is None:
        return
    if not completing.unknown_count(session.document.recording):
        session.notice.emit("Nothing is missing. Drag over the timeline where something is wrong and press M, then complete again.")
        return
    request = complete_request(window, window.method)
    run_complete(window, within(request, session.selection) if only_selection else within_work(request, session.work))


def complete_with_options(window: WindowParts) -> None:
    """Ask for a method and limits, which hold from then on, and fill."""
    session = window.session
    if session.document is None:
        return
    rec, selection = session.document.recording, session.selection
    selected = region_text(rec, selection.points, selection.start, selection.stop) if selection.has_range else ""
    everywhere = f"{frames_text(rec, *session.work)}, which are worked on" if session.work is not None else "the whole take"
    chosen = ask_complete(window, window.method, window.limits, selected, everywhere)
    if chosen is not None:
        window.limits = chosen.limits
        window.use_method(chosen.method)
        complete(window, chosen.only_selection)


def within_work(request: completing.CompleteRequest, work: tuple[int, int] | None) -> completing.CompleteRequest:
    """The request limited to the range that is worked on; unchanged when there is none."""
    rec = request.recording
    where_FP = None if work is None else region(rec, list(range(len(rec.points))), *work) & ~not_gaps(rec, request.overrides.values())
    return request if where_FP is None else replace(request, where_FP=where_FP)


def complete_request(window: WindowParts, method: str) -> completing.CompleteRequest:
    """A request to fill everything in the document."""
    session = window.session
    assert session.document is not None
    return completing.CompleteRequest(
        session.document.recording, method, overrides=session.overrides, networks=window.settings.networks(), limits=window.limits
    )


def within(request: completing.CompleteRequest, selection: Selection) -> completing.CompleteRequest:
    """The request limited to the selection; unchanged when no range is selected."""
    if not selection.has_range:
        return request
    where_FP = region(request.recording, list(selection.points), selection.start, selection.stop)
    return replace(request, where_FP=where_FP)


def follow_donors(window: WindowParts) -> None:
    """Ask which points a fill is to follow, fill the selection, or everything, and propose the result."""
    session = window.session
    if session.document is None:
        return
    rec, selection = session.document.recording, session.selection
    chosen = ask_donors(window, rec, selection.points, window.method)
    if chosen is None:
        return
    method, donors = chosen
    run_complete(window, within(replace(complete_request(window, method), donors=donors), selection))


def self_test(window: WindowParts) -> None:
    """Hide known samples, fill them by every method, and show the errors."""
    session = window.session
    if session.document is None:
        return
    request = selftest.SelfTestRequest(session.document.recording, session.overrides, window.settings.networks())

    def done(test: SelfTest) -> None:
        method = show_selftest(window, test, window.take_name)
        if method:
            window.use_method(method)

    session.run("Self-test", selftest.run, request, done)


def run_complete(window: WindowParts, request: completing.CompleteRequest) -> None:
    """Fill as the request says, and propose the result."""
    session, revision = window.session, _revision(window)

    def done(completion: Completion) -> None:
        text = completing.summary(request.recording, completion)
        if len(completion.patch):
            session.propose(completion.patch, text, completion.left, revision)
        else:
            session.add_left(completion.left)
            session.notice.emit(f"Completed: {text}.")
        if len(completion.patch) and request.method == "auto" and request.recording.dims == 3 and not completing.body_known(request):
            session.notice.emit(
                "Filled without the model: these points are not known to be a body. Repair, Body joints, says which point is which joint."
            )

    _run_mapped(
        window,
        "Completing",
        lambda failed: session.run("Completing", completing.complete, request, done, failed),
        lambda: run_complete(window, replace(request, overrides=session.overrides)),
    )


def lift(window: WindowParts) -> None:
    """Ask for what a lift needs, lift, and propose it."""
    document = window.session.document
    if document is None:
        return
    request = ask_lift(window, document.recording)
    if request is not None:
        run_lift(window, replace(request, overrides=window.session.overrides, networks=window.settings.networks()))


def run_lift(window: WindowParts, request: lifting.LiftRequest) -> None:
    """Lift as the request says, and propose the result."""
    session, revision = window.session, _revision(window)

    def done(result: lifting.LiftResult) -> None:
        window.workspace.tuning.begin(result, revision)
        if result.lifted.doubts:
            session.notice.emit(f"The lift is doubtful: {'; '.join(result.lifted.doubts)}")

    title = "Lifting to 3D"
    _run_mapped(
        window,
        title,
        lambda failed: session.run(title, lifting.lift, request, done, failed),
        lambda: run_lift(window, replace(request, overrides=session.overrides)),
    )


def accept(window: WindowParts) -> None:
    """Make the proposed edit; a lift only once it is fitted for what the user chose last."""
    if window.workspace.tuning.result is not None and window.workspace.tuning.busy:
        window.session.notice.emit("The lift is being fitted to the last change: accept it when that is done.")
    else:
        window.session.accept()


def _revision(window: WindowParts) -> int | None:
    return None if window.session.document is None else window.session.document.revision


def _run_mapped(window: WindowParts, title: str, start: Callable[[Callable[[Failure], None]], None], again: Next) -> None:
    """Start a job; when the body joints are not found, ask for them and start again."""

    def failed(failure: Failure) -> None:
        if isinstance(failure.error, MappingError):
            window.session.guard(title, lambda: again() if map_body(window, str(failure.error)) else window.session.failed.emit(failure))
        else:
            window.session.failed.emit(failure)

    start(failed)


def map_body(window: WindowParts, why: str = "") -> bool:
    """Ask which point is which joint. True unless the user cancels."""
    session = window.session
    if session.document is None:
        return False
    overrides = ask_mapping(window, session.document.recording, session.overrides, why)
    if overrides is None:
        return False
    session.set_mapping(overrides)
    return True


def mark(window: WindowParts) -> None:
    _edit_selection(window, marking.mark)


def unmark(window: WindowParts) -> None:
    _edit_selection(window, marking.unmark)


def restore(window: WindowParts) -> None:
    original = window.session.original
    if original is None:
        window.session.notice.emit("This take has nothing in common with the one that was opened: undo back to it instead.")
    else:
        _edit_selection(window, lambda rec, points, start, stop: marking.restore(rec, original, points, start, stop))


def _edit_selection(window: WindowParts, make: Callable[..., Patch]) -> None:
    session = window.session
    if session.document is None or not session.selection.has_range:
        return
    selection = session.selection
    patch = make(session.document.recording, selection.points, selection.start, selection.stop)
    do_patch(window, patch)


def do_patch(window: WindowParts, patch: Patch) -> None:
    """Do an edit of samples; say what it does beyond its label, or that there is nothing to do."""
    session = window.session
    if not len(patch):
        session.notice.emit("Nothing to change there.")
        return
    session.do(patch)
    if patch.log is not None:
        session.notice.emit(f"{patch.log[-1]}.")
