"""The list of suspects and the map by motion in the window."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QItemSelectionModel, Qt
from PySide6.QtWidgets import QMessageBox, QPushButton

import mpm_core as mpm
from mpm_core.body.mapping import map_body
from mpm_core.edit.document import Document
from mpm_core.edit.mark import mark, region, unmark
from mpm_core.edit.patch import Replace
from mpm_core.errors import DataError
from mpm_core.fill.keep.limits import USUAL
from mpm_core.recording import Origin
from mpm_core.sample.marker_take import true_markers
from mpm_core.sample.motion import make_motion
from mpm_core.suspect.kinds import Suspect
from mpm_studio.__main__ import main
from mpm_studio.flows import file, repair
from mpm_studio.flows import suspects as flow
from mpm_studio.operations import completing, mapping, suspects
from mpm_studio.operations.networks import Networks
from mpm_studio.operations.recipes import make_recipe, recipe_steps
from mpm_studio.views.dialogs import ask_exchange
from mpm_studio.views.motion_map_dialog import MotionMapDialog
from tests.makers import rigid_take, with_gap
from tests.measure_map import without_labels
from tests.mpm_studio.driving import answer, child


def open_take(qtbot: Any, window: Any, path: Path, rec: mpm.Recording) -> Any:
    mpm.write(rec, path)
    with qtbot.waitSignal(window.session.opened):
        window.open_path(path)
    return window


@pytest.fixture
def listed(qtbot: Any, window: Any, tmp_path: Path) -> Any:
    """A take with a swap of A0 and B0 in frames 150 to 229 and spikes of C1, C2 and C3, looked at."""
    rec = rigid_take(bodies=3, frames=400, noise_m=0.0003)
    xyz_FPD = rec.xyz_FPD.copy()
    xyz_FPD[150:230, [0, 5]] = xyz_FPD[150:230, [5, 0]]
    for point, frame, off_m in ((11, 300, 0.1), (12, 320, 0.08), (13, 340, 0.06)):  # the list has the worst first
        xyz_FPD[frame, point] += off_m
    open_take(qtbot, window, tmp_path / "bad.npz", mpm.make_recording(rec.points, rec.rate_hz, xyz_FPD))
    with qtbot.waitSignal(window.session.job_finished):
        window.actions_by_id["look"].trigger()
    qtbot.waitUntil(lambda: bool(window.workspace.suspects.rows))
    return window


def test_the_list_shows_what_was_found_and_goes_there(listed: Any) -> None:
    panel = listed.workspace.suspects
    assert listed.workspace.side.currentWidget() is panel
    assert [panel.table.item(row, 0).text() for row in range(4)] == [
        "Swap",
        "Spike",
        "Spike",
        "Spike",
    ]
    assert [panel.table.item(0, column).text() for column in (1, 2)] == ["A0, B0", "151-230"]
    panel.table.selectRow(1)
    assert listed.session.selection.points == (11,) and listed.session.frame == 300
    assert "Off its path" in panel.why.text() and not panel.swap.isEnabled()
    rows = listed.workspace.timeline
    assert round(rows.start) == 275 and round(rows.start + rows.plot_width / rows.pixels_per_frame) == 326, (
        "a quarter of a second around it"
    )


def test_one_is_marked_and_comes_back_with_undo(qtbot: Any, listed: Any) -> None:
    panel, session = listed.workspace.suspects, listed.session
    panel.table.selectRow(1)
    child(listed, QPushButton, "suspects_mark").click()
    assert session.document.recording.origin_FP[300, 11] == Origin.MARKED and len(panel.rows) == 3
    session.undo()
    assert len(panel.rows) == 4


def test_all_of_a_kind_are_marked_in_one_step(listed: Any) -> None:
    panel, session = listed.workspace.suspects, listed.session
    panel.kind.setCurrentIndex(panel.kind.findData("spike"))
    child(listed, QPushButton, "suspects_mark_all").click()
    assert (session.document.recording.origin_FP == Origin.MARKED).sum() == 3
    assert panel.rows == [] and panel.empty.isVisible() and not panel.mark_every.isEnabled()
    panel.kind.setCurrentIndex(0)
    assert [each.worst.kind for each in panel.rows] == ["swap"]
    session.undo()
    assert len(panel.rows) == 4


def test_mark_all_exchanges_swaps_marks_the_rest_and_one_undo_takes_it_back(listed: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    panel, session = listed.workspace.suspects, listed.session
    before, asked, answers = session.document.recording, list[dict[str, int]](), iter(("cancel", "exchange"))
    monkeypatch.setattr(flow, "ask_exchange", lambda parent, repairs: asked.append(repairs.counts()) or next(answers))
    child(listed, QPushButton, "suspects_mark_all").click()
    assert session.document.recording is before and len(panel.rows) == 4
    child(listed, QPushButton, "suspects_mark_all").click()
    rec, truth = session.document.recording, rigid_take(bodies=3, frames=400, noise_m=0.0003)
    assert asked == [{"exchanged": 1, "marked": 3, "pieces": 0}] * 2 and panel.rows == []
    assert (rec.origin_FP == Origin.MARKED).sum() == 3 and (rec.origin_FP == Origin.HAND).sum() == 160
    assert np.array_equal(rec.xyz_FPD[150:230, [0, 5]], truth.xyz_FPD[150:230, [0, 5]]) and "Exchange A0 and B0" in rec.log[0]
    assert rec.log[-1] == "Exchange 1 swap and mark 3 suspects: 163 samples"
    assert [step.words for step in recipe_steps(session.document.done, rec)] == [(("suspects", ["spike", "swap"]),)]
    session.undo()
    assert not session.document.recording.samples.differs(before.samples).any() and session.document.recording.log == ()


def test_suspects_of_one_cause_are_one_row_that_opens(qtbot: Any, window: Any, tmp_path: Path) -> None:
    rec = rigid_take(bodies=3, frames=400, noise_m=0.0003)
    xyz_FPD = rec.xyz_FPD.copy()
    xyz_FPD[[100, 200, 300], 11] += 0.1
    xyz_FPD[350, 2] += 0.05
    open_take(qtbot, window, tmp_path / "bad.npz", mpm.make_recording(rec.points, rec.rate_hz, xyz_FPD))
    with qtbot.waitSignal(window.session.job_finished):
        window.actions_by_id["look"].trigger()
    panel = window.workspace.suspects
    qtbot.waitUntil(lambda: len(panel.rows) == 2)
    assert [panel.table.item(0, column).text() for column in (0, 1, 2)] == ["▸ Spike", "C1", "3 places"]
    panel.table.selectRow(0)
    assert "3 places of one cause: the same points" in panel.why.text()
    panel.table.itemActivated.emit(panel.table.item(0, 0))
    assert [panel.table.item(row, 2).text() for row in range(5)] == ["3 places", "101", "201", "301", "351"]
    panel.table.clearSelection()
    panel.table.selectRow(2)
    assert window.session.frame == 200 and window.session.selection.points == (11,)
    child(window, QPushButton, "suspects_mark").click()
    assert np.flatnonzero(window.session.document.recording.origin_FP[:, 11] == Origin.MARKED).tolist() == [200]
    assert panel.table.item(0, 2).text() == "2 places"


def test_all_causes_are_dealt_with_by_keys(qtbot: Any, listed: Any, tmp_path: Path) -> None:
    """Down, then M or D for each: the next one is chosen and gone to; what was dismissed stays so after edits, undo and in a project."""
    panel, session = listed.workspace.suspects, listed.session
    assert listed.focusWidget() is panel.table and not panel.right.isEnabled()
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_D):
        qtbot.keyClick(panel.table, key)
    assert session.document.done[-1].label == "Dismiss spike of C1" and session.document.unsaved
    assert [(each.kind, each.points) for each in panel.listed()] == [("swap", (0, 5)), ("spike", (12,)), ("spike", (13,))]
    assert panel.chosen()[0].points == (12,) and session.frame == 320, "the next one is chosen"
    qtbot.keyClick(panel.table, Qt.Key.Key_M)
    assert session.document.recording.origin_FP[320, 12] == Origin.MARKED and panel.chosen()[0].points == (13,)
    qtbot.keyClick(panel.table, Qt.Key.Key_D, Qt.KeyboardModifier.ControlModifier)
    assert len(panel.rows) == 2, "Ctrl+D is another key"
    session.undo()
    session.undo()
    assert len(panel.rows) == 4, "undo lists it again"
    session.redo()
    with qtbot.waitSignal(session.job_finished):
        listed.actions_by_id["look"].trigger()
    qtbot.waitUntil(lambda: len(panel.rows) == 3)
    session.undo()
    assert len(panel.rows) == 4, "also when it was dismissed before the search"
    session.redo()
    session.project_path = tmp_path / "kept.mpm"
    file.save(listed)
    qtbot.waitUntil(lambda: not session.jobs.busy)
    with qtbot.waitSignal(session.opened):
        listed.open_path(tmp_path / "kept.mpm")
    assert session.document.done[-1].label == "Dismiss spike of C1"
    with qtbot.waitSignal(session.job_finished):
        listed.actions_by_id["look"].trigger()
    qtbot.waitUntil(lambda: len(panel.rows) == 3)
    child(listed, QPushButton, "suspects_mark_all").setFocus()
    panel.table.selectAll()
    child(listed, QPushButton, "suspects_dismiss").click()
    assert panel.rows == [] and len(session.document.recording.spans) == 4
    assert [line.text for line in listed.workspace.timeline.lines if line.spans] == ["Dismissed"]
    at = session.frame
    listed.actions_by_id["previous_event"].trigger()
    listed.actions_by_id["next_event"].trigger()
    assert session.frame == at, "what was dismissed is no event"


def exchanged(*swaps: tuple[int, int, int, int]) -> tuple[mpm.Recording, mpm.Recording]:
    """A take, and the same with points a and b exchanged in frames start..stop-1 for each (a, b, start, stop)."""
    rec = rigid_take(bodies=3, frames=400, noise_m=0.0003)
    xyz_FPD = rec.xyz_FPD.copy()
    for a, b, start, stop in swaps:
        xyz_FPD[start:stop, [a, b]] = xyz_FPD[start:stop, [b, a]]
    return rec, mpm.make_recording(rec.points, rec.rate_hz, xyz_FPD)


def swap_of(a: int, b: int, start: int, stop: int) -> Suspect:
    return Suspect("swap", (a, b), start, stop, 2.0, "")


def test_only_swaps_that_are_certain_are_exchanged_by_mark_all() -> None:
    _, bad = exchanged((0, 5, 150, 230))
    true, spike = swap_of(0, 5, 150, 230), Suspect("spike", (1,), 300, 301, 9.0, "")
    assert suspects.repairs_of(bad, [true, spike]).counts() == {"exchanged": 1, "marked": 1, "pieces": 0}
    jolt = [true, swap_of(5, 7, 152, 231), swap_of(10, 11, 150, 230)]
    assert suspects.repairs_of(bad, jolt).mark == jolt, "of one cause, two of which share a point"
    later = replace(jolt[1], start=300, stop=310)
    assert suspects.repairs_of(bad, [true, later]).exchange == [true], "not of one cause, and the other is none"
    assert suspects.repairs_of(bad, [true, replace(true, start=20, stop=40)]).exchange == [true], "the same pair again, where it is none"
    long = swap_of(0, 9, 160, 399)
    assert suspects.repairs_of(bad, [true, long]).mark == [true, long], "a point is in both in the same frames"


def test_several_exchanges_are_one_patch_and_are_refused_where_a_sample_is_in_two() -> None:
    truth, bad = exchanged((0, 5, 150, 230), (1, 6, 20, 40), (5, 10, 300, 320))
    found = [swap_of(0, 5, 150, 230), swap_of(1, 6, 20, 40), swap_of(5, 10, 300, 320)]
    after, inverse = suspects.exchange_all(bad, found).apply(bad)
    assert np.array_equal(after.xyz_FPD, truth.xyz_FPD) and len(after.log) == 3
    assert not inverse.apply(after)[0].samples.differs(bad.samples).any()
    with pytest.raises(DataError, match="third point"):
        suspects.exchange_all(bad, [*found, swap_of(5, 12, 229, 240)])


def test_what_is_marked_within_a_swap_keeps_its_value_under_its_own_point() -> None:
    _, bad = exchanged((0, 5, 150, 230))
    bad = mark(bad, region(bad, [5], 200, 205)).apply(bad)[0]
    held = Suspect("frozen", (0,), 160, 170, 3.0, "")
    after, inverse = suspects.exchange_and_mark(bad, suspects.repairs_of(bad, [swap_of(0, 5, 150, 230), held])).apply(bad)
    for frames in (slice(160, 170), slice(200, 205)):
        assert (after.origin_FP[frames, [0, 5]] == Origin.MARKED).all() and np.array_equal(after.xyz_FPD[frames], bad.xyz_FPD[frames])
    assert (after.origin_FP == Origin.HAND).sum() == 2 * (80 - 15)
    kept_FP = (after.xyz_FPD[:, :, None] == bad.xyz_FPD[:, None]).all(axis=3).any(axis=1)
    assert kept_FP.all(), "each value that was measured is still there, under some point"
    back = unmark(after, after.origin_FP == Origin.MARKED).apply(after)[0]
    assert np.array_equal(back.xyz_FPD[160:170], bad.xyz_FPD[160:170]) and (back.origin_FP[160:170] == Origin.MEASURED).all()
    assert not inverse.apply(after)[0].samples.differs(bad.samples).any()


def test_the_question_of_mark_all_says_what_is_marked_and_what_is_left(qtbot: Any) -> None:
    swap, piece = swap_of(0, 5, 10, 20), Suspect("ghost", (0, 9), 30, 40, 2.0, "", piece=True)
    texts: list[str] = []
    answer(QMessageBox, lambda box: (texts.append(box.informativeText()), box.button(QMessageBox.StandardButton.Cancel).click()))
    assert ask_exchange(None, suspects.Repairs([swap], [swap_of(1, 2, 5, 9), Suspect("spike", (3,), 1, 2, 2.0, "")], [piece])) == "cancel"
    assert "The other 2 are marked, 1 swap that is not certain among them. 1 piece of a marker under another name is left." in texts[0]


def test_a_recipe_has_the_kinds_of_every_mark_all_and_of_no_exchange_of_a_choice() -> None:
    _, bad = exchanged((0, 5, 150, 230))
    document = Document(bad)
    spike, held = Suspect("spike", (10,), 20, 21, 3.0, ""), Suspect("frozen", (11,), 40, 50, 2.0, "")
    for found in ([spike], [held]):
        document.do(suspects.exchange_and_mark(document.recording, suspects.repairs_of(document.recording, found)))
    document.do(suspects.exchange_all(document.recording, [swap_of(0, 5, 150, 160), swap_of(0, 5, 160, 230)]))
    steps = recipe_steps(document.done, document.recording)
    made = make_recipe(document.done, document.recording, steps, method="auto", limits=USUAL, networks=Networks(), reading={}, body={})
    assert made.settings["suspects"] == "spike,frozen" and [bool(step.why_not) for step in steps] == [False, False, True]


def test_a_recipe_does_not_mark_what_was_dismissed_and_says_so(qtbot: Any, listed: Any) -> None:
    panel, session = listed.workspace.suspects, listed.session
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_D):
        qtbot.keyClick(panel.table, key)
    session.do(suspects.mark_all(session.document.recording, panel.listed()))
    found = recipe_steps(session.document.done, session.document.recording)
    assert found[0].title == "Dismiss spike of C1" and "in this take only" in found[0].why_not and not found[0].usual


def test_exchange_of_several_is_refused_where_a_swap_that_is_not_chosen_shares_a_point(listed: Any) -> None:
    panel, rec = listed.workspace.suspects, listed.session.document.recording
    swaps = [Suspect("swap", points, 10, 20, score, "") for points, score in (((0, 1), 4.0), ((3, 4), 3.0), ((1, 2), 2.0))]
    button = child(listed, QPushButton, "suspects_exchange")
    for found, possible in ((swaps, False), (swaps[:2], True)):
        panel.forget()
        panel.show_found(rec, found)
        panel.table.itemActivated.emit(panel.table.item(0, 0))
        assert [cause.suspects for cause in panel.rows[1:]] == [(each,) for each in found], "at one time: one cause, which is open"
        for row in (1, 2):
            flags = QItemSelectionModel.SelectionFlag.Select | QItemSelectionModel.SelectionFlag.Rows
            panel.table.selectionModel().select(panel.table.model().index(row, 0), flags)
        assert panel.chosen() == swaps[:2] and button.isEnabled() == possible


def test_a_swap_is_exchanged_back(listed: Any) -> None:
    panel, session = listed.workspace.suspects, listed.session
    truth = rigid_take(bodies=3, frames=400, noise_m=0.0003)
    panel.table.selectRow(0)
    child(listed, QPushButton, "suspects_exchange").click()
    rec = session.document.recording
    assert np.array_equal(rec.xyz_FPD[150:230, [0, 5]], truth.xyz_FPD[150:230, [0, 5]]) and "Exchange A0 and B0" in rec.log[-1]
    assert (rec.origin_FP[150:230, [0, 5]] == Origin.HAND).all() and all(each.worst.kind == "spike" for each in panel.rows)
    session.undo()
    assert session.document.recording.log == () and len(panel.rows) == 4


def test_two_points_are_exchanged_and_a_label_taken_off_from_the_menu(listed: Any) -> None:
    session = listed.session
    session.select((1,), 10, 20)
    assert not listed.actions_by_id["exchange"].isEnabled()
    listed.actions_by_id["unlabel"].trigger()
    assert (session.document.recording.origin_FP[10:20, 1] == Origin.MARKED).all()
    session.select((2, 3), 10, 20)
    listed.actions_by_id["exchange"].trigger()
    assert (session.document.recording.origin_FP[10:20, 2:4] == Origin.HAND).all()


def test_two_points_exchange_what_is_between_their_gaps_around_the_frame(qtbot: Any, window: Any, tmp_path: Path) -> None:
    """Shift+click adds the second, X exchanges: as labels that were swapped while a marker was hidden."""
    rec = with_gap(with_gap(rigid_take(), 1, 40, 50), 2, 90, 95)
    session, stage = open_take(qtbot, window, tmp_path / "take.npz", rec).session, window.workspace.stage
    session.set_frame(60)
    for signal, point in ((stage.viewer.picked, 1), (stage.viewer.added, 3), (stage.viewer.added, 2), (stage.viewer.added, 3)):
        signal.emit(point)
    assert session.selection.points == (1, 2)
    window.actions_by_id["exchange"].trigger()
    now = session.document.recording
    assert (session.selection.start, session.selection.stop) == (50, 90) and session.undo_label.endswith("51 to 90")
    np.testing.assert_array_equal(now.xyz_FPD[50:90, 1], rec.xyz_FPD[50:90, 2])
    changed_FP = now.samples.differs(rec.samples)
    assert changed_FP[50:90, 1:3].all() and changed_FP.sum() == 80
    window.actions_by_id["exchange"].trigger()
    assert np.array_equal(session.document.recording.xyz_FPD, rec.xyz_FPD, equal_nan=True), "the same frames again"


def test_another_take_empties_the_list(qtbot: Any, listed: Any, tmp_path: Path) -> None:
    listed.session.document.saved()
    open_take(qtbot, listed, tmp_path / "other.npz", rigid_take())
    assert listed.workspace.suspects.rows == [] and listed.workspace.suspects.found == []


def test_markers_are_mapped_by_motion_and_remembered(qtbot: Any, window: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mapping, "maps_folder", lambda: tmp_path / "maps")
    stripped, _ = without_labels(true_markers(make_motion()), 0)
    open_take(qtbot, window, tmp_path / "unknown.npz", stripped)
    seen: list[str] = []

    def use(dialog: MotionMapDialog) -> None:
        seen.append(dialog.findChild(type(dialog.verdict), "motion_map_head").text())
        place = dialog.place_boxes[1].currentText()
        dialog.place_boxes[0].setCurrentText(place)
        seen.append(f"{dialog.verdict.text()} {dialog.use.isEnabled()}")
        dialog.place_boxes[0].setCurrentIndex(0)
        assert dialog.use.isEnabled() and "17 joints" in dialog.verdict.text()
        dialog.name.setText("my set")
        dialog.use.click()

    for _ in range(2):
        answer(MotionMapDialog, use)
        window.session.overrides = {}
        window.actions_by_id["motion_map"].trigger()
        qtbot.waitUntil(lambda: bool(window.session.overrides), timeout=20_000)
        qtbot.waitUntil(lambda: not window.session.jobs.busy)
    assert map_body(stripped, window.session.overrides).kind == "markers"
    assert "motion of the markers" in seen[0] and "my set" in seen[2]
    assert "two markers cannot be in one place" in seen[1] and seen[1].endswith("False")
    assert [path.name for path in (tmp_path / "maps").iterdir()] == ["my_set.map.json"]


def test_a_map_that_is_used_drives_viewer_parts_fill_and_commands(
    qtbot: Any, window: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(mapping, "maps_folder", lambda: tmp_path / "maps")
    stripped, _ = without_labels(true_markers(make_motion()), 0)
    path = tmp_path / "unknown.npz"
    open_take(qtbot, window, path, stripped)
    viewer = window.workspace.stage.viewer
    assert len(viewer.scene.bones.pairs_B2) == 0
    answer(MotionMapDialog, lambda dialog: dialog.use.click())
    window.actions_by_id["motion_map"].trigger()
    qtbot.waitUntil(lambda: bool(window.session.overrides) and not window.session.jobs.busy, timeout=20_000)
    window.banner.hide()
    assert len(viewer.scene.bones.pairs_B2) >= 14, "a body is drawn"
    window.workspace.points.select_part("left_arm")
    assert len(window.session.selection.points) >= 3 and not window.banner.isVisible()
    assert completing.body_known(repair.complete_request(window, "auto"))
    with qtbot.waitSignal(window.session.opened):
        window.open_path(path)
    assert len(viewer.scene.bones.pairs_B2) >= 14, "after it is opened again, too"
    assert main(["info", str(path)]) == 0
    assert "by the saved map" in capsys.readouterr().out
    assert main(["clean", str(path), "-o", str(tmp_path / "out.npz"), "--mark", "left_arm:10-20", "--method", "linear"]) == 0
    assert "body by the saved map" in capsys.readouterr().out


def test_marking_says_what_it_loses_of_a_filtered_take(listed: Any) -> None:
    session, panel, notices = listed.session, listed.workspace.suspects, list[str]()
    suspects, rec = [row.worst for row in panel.rows if row.worst.kind == "spike"], session.document.recording
    filtered = replace(rec, origin_FP=np.full_like(rec.origin_FP, Origin.FILTERED))
    session.do(Replace("Filter", rec, filtered))
    session.notice.connect(notices.append)
    panel.mark.emit(suspects)
    session.notice.disconnect(notices.append)
    assert (session.document.recording.origin_FP == Origin.MISSING).sum() == 3
    assert notices == ["Mark 3 suspects: 3 filtered samples, whose measured value is not known, are gaps now."]


def test_a_piece_of_a_point_is_not_marked_with_all_others() -> None:
    rec = rigid_take(bodies=2, frames=60)
    piece, spike = Suspect("ghost", (0, 1), 10, 20, 3.0, "", piece=True), Suspect("spike", (2,), 30, 31, 2.0, "")
    marked_FP = suspects.mark_all(rec, [piece, spike]).apply(rec)[0].origin_FP == Origin.MARKED
    assert marked_FP.sum() == 1 and marked_FP[30, 2]
    assert (suspects.mark_all(rec, [piece]).apply(rec)[0].origin_FP == Origin.MARKED).sum() == 20
