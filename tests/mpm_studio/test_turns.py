"""What an edit of a long take is cut into: turns of the event loop that each do one thing, once."""

from __future__ import annotations

import gc
from collections.abc import Callable
from pathlib import Path

import pytest

from mpm_core.edit.trim import trim
from mpm_core.fill.to_patch import fill_gaps
from mpm_studio.operations import marking
from mpm_studio.operations.gap_rows import GapRow
from mpm_studio.start import warm_up
from mpm_studio.take import Take
from mpm_studio.turns import Turns
from mpm_studio.views.gap_model import GapModel
from mpm_studio.views.graph_area import GraphArea
from mpm_studio.views.quality_table import QualityTable
from mpm_studio.window import Window
from tests.makers import smooth_take, with_gap
from tests.mpm_studio.test_graph import colours


def test_each_act_has_a_turn_of_its_own_in_the_order_of_asking_and_waits_once(qtbot) -> None:
    turns, seen = Turns(), []

    def act(name: str) -> Callable[[], None]:
        return lambda: seen.append((name, turns.busy))

    first, second = act("first"), act("second")
    for each in (first, second, first):
        turns.ask(each)
    turns.ask(act("before"), first=True)
    assert not seen
    qtbot.waitUntil(lambda: not turns.busy)
    assert seen == [("before", True), ("first", True), ("second", False)]
    turns.ask(first)
    turns.finish()
    assert seen[-1] == ("first", False)


@pytest.fixture
def refreshed(window: Window, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The panels that are filled, from now on, of a take with a gap in three of its points that are selected."""
    rec = smooth_take(frames=300, points=6)
    for point in (1, 2, 3):
        rec = with_gap(rec, point, 100, 130)
    window.session.open(Take(Path("take.c3d"), rec, rec, {}))
    window.session.select((1, 2, 3), 100, 130)
    window.session.turns.finish()
    seen: list[str] = []
    for name, kind, method in (("gaps", GapModel, "set_rows"), ("graph", GraphArea, "refresh"), ("quality", QualityTable, "refresh")):
        made = getattr(kind, method)
        monkeypatch.setattr(kind, method, lambda *given, name=name, made=made: (seen.append(name), made(*given))[1])
    return seen


@pytest.mark.parametrize("what", ["mark", "accept", "propose"])
def test_an_edit_waits_for_no_panel_and_each_is_filled_once(qtbot, window: Window, refreshed: list[str], what: str) -> None:
    session = window.session
    rec = session.document.recording
    fill = fill_gaps(rec, ~rec.visible_FP, "linear").patch
    if what == "accept":
        session.propose(fill, "")
    acts = {
        "mark": lambda: session.do(marking.mark(rec, (1,), 10, 20)),
        "propose": lambda: session.propose(fill, ""),
        "accept": session.accept,
    }
    session.turns.finish()
    refreshed.clear()  # of what the take's opening asked for when the window's layout settled
    acts[what]()
    assert not refreshed, "in the turn of the edit"
    qtbot.waitUntil(lambda: not session.turns.busy)
    assert {*refreshed} == {"gaps", "graph", "quality"} and refreshed.count("gaps") == 1 == refreshed.count("quality")


def test_the_gaps_of_another_take_are_gone_at_once(window: Window, refreshed: list[str]) -> None:
    window.session.do(trim(window.session.document.recording, 0, 110))
    assert not window.workspace.gaps.model.rows
    window.session.turns.finish()
    assert [(row.point, row.start, row.stop) for row in window.workspace.gaps.model.rows] == [(point, 100, 110) for point in (1, 2, 3)]


def test_the_gaps_of_another_take_of_the_same_shape_are_gone_at_once(window: Window, refreshed: list[str]) -> None:
    panel, rec = window.workspace.gaps, with_gap(smooth_take(frames=300, points=6), 4, 50, 60)
    window.session.open(Take(Path("other.c3d"), rec, rec, {}))
    assert not panel.model.rows and not panel.buttons.fill_button.isEnabled()
    window.session.turns.finish()
    assert [(row.point, row.start, row.stop) for row in panel.model.rows] == [(4, 50, 60)]


def test_a_click_before_the_panel_is_filled_again_means_no_other_gap(window: Window, refreshed: list[str]) -> None:
    session, panel, filled = window.session, window.workspace.gaps, list[list[GapRow]]()
    session.do(marking.mark(session.document.recording, (0,), 10, 20))
    session.select((0,), 10, 20)
    session.turns.finish()
    assert panel.buttons.fill_button.text() == "Fill 1"
    panel.buttons.fill.connect(lambda rows, _method: filled.append(rows))
    session.undo()
    panel.buttons.fill_button.click()
    assert filled == [[]] and not session.jobs.busy, "its gap is gone"
    session.turns.finish()
    assert panel.buttons.fill_button.text() == "Fill" and not panel.buttons.fill_button.isEnabled(), "what is selected has no gap"


def test_the_3d_view_is_made_ready_before_the_first_take(fresh_window: Window) -> None:
    viewer = fresh_window.workspace.stage.viewer
    assert viewer._stage is None
    try:
        warm_up(fresh_window)
        assert gc.get_freeze_count() > 10_000
    finally:
        gc.unfreeze()
    assert viewer._stage is not None and viewer.problem == ""
    rec = smooth_take(frames=30, points=6)
    fresh_window.session.open(Take(Path("take.c3d"), rec, rec, {}))
    assert len({tuple(row) for row in colours(viewer).reshape(-1, 3)}) > 100, "a body on a floor"
