"""Ten real tasks, driven by mouse and keys: each within its number of actions, and with the right outcome."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtWidgets import QApplication, QMessageBox, QPushButton, QScrollArea, QWidget

import mpm_core as mpm
from mpm_core.check.report import proof_path
from mpm_core.gaps import find_gaps
from mpm_core.recording import Origin, Recording
from mpm_core.resources import resource
from mpm_studio import theme
from mpm_studio.__main__ import main
from mpm_studio.operations import mapping
from mpm_studio.window import Window
from tests.mpm_studio import tasks, ten_tasks
from tests.mpm_studio.task_takes import SAMPLE, SWAP, SWAPPED
from tests.mpm_studio.user import Stopped, User

TASK = {task.name: task for task in ten_tasks.TASKS}
needs_models = pytest.mark.skipif(not resource("models/complete.safetensors").is_file(), reason="no trained models here")


@pytest.fixture
def window(qtbot, qapp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Window]:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    theme.apply(qapp)
    with tasks.window_in(tmp_path) as made:
        yield made


def did(name: str, window: Window, folder: Path) -> User:
    """Do a task, within its number of actions."""
    user = tasks.run(TASK[name], window, folder)
    assert len(user.actions) <= TASK[name].most, user.actions
    return user


def same_measured(rec: Recording, original: Recording) -> bool:
    """Whether everything that is measured has the bits that the file had."""
    measured_FP = rec.origin_FP == Origin.MEASURED
    return bool(np.array_equal(rec.xyz_FPD[measured_FP], original.xyz_FPD[measured_FP]))


def test_every_task_of_the_table_has_a_test():
    here = Path(__file__).read_text()
    assert len(TASK) == 10 and all(f'did("{name}"' in here or f"killed(TASK[{name!r}" in here.replace('"', "'") for name in TASK)


def test_what_is_covered_or_scrolled_out_of_sight_is_not_clicked(window, monkeypatch):
    monkeypatch.setattr("tests.mpm_studio.user.WAIT_S", 1.0)
    clicked, places, page = [], ["in sight", "scrolled out", "covered"], QWidget(window)
    area = QScrollArea(window)
    for number, text in enumerate(places):
        button = QPushButton(text, page if number < 2 else window)
        button.setGeometry(10, 10 + 400 * number, 200, 30)
        button.clicked.connect(lambda _=False, text=text: clicked.append(text))
        button.show()
    page.resize(220, 600)
    area.setGeometry(0, 0, 240, 200)
    area.setWidget(page)
    area.show()
    cover = QWidget(window)
    cover.setGeometry(0, 800, 400, 100)
    cover.show()
    for text in places[1:]:
        with pytest.raises(Stopped, match=text):
            User(window).perform(lambda user, text=text: user.click(text))
    User(window).perform(lambda user: user.click(places[0]))
    assert clicked == places[:1]


def test_a_dialog_that_is_left_open_fails_the_task(window):
    button = QPushButton("ask", window)
    button.setGeometry(10, 10, 200, 30)
    button.clicked.connect(lambda: QMessageBox(QMessageBox.Icon.Question, "Really?", "Yes or no", parent=window).exec())
    button.show()
    with pytest.raises(Stopped, match=r"Really.* is still open"):
        User(window).perform(lambda user: user.click("ask"))
    assert QApplication.activeModalWidget() is None


def test_the_worst_gap_is_found_and_in_sight(window, tmp_path):
    did("find_the_worst", window, tmp_path)
    session = window.session
    worst = max(find_gaps(session.document.recording), key=lambda gap: gap.stop - gap.start)
    assert session.selection.points == (worst.point,)
    assert (session.selection.start, session.selection.stop) == (worst.start, worst.stop)
    first, last = window.workspace.timeline.visible_frames
    assert first <= worst.start < worst.stop <= last
    assert window.workspace.graph.title.text() == f"<b>{session.document.recording.points[worst.point]}</b>"


@pytest.mark.slow
def test_two_methods_are_seen_side_by_side(window, tmp_path):
    did("compare_two_methods", window, tmp_path)
    answers, selection = window.workspace.graph.area.answers, window.session.selection
    assert len({answer.method for answer in answers}) >= 2
    assert all({*answer.patch.points_N} == {*selection.points} for answer in answers)
    assert all(selection.start <= answer.patch.frames_N.min() < selection.stop for answer in answers)
    assert len(window.workspace.graph.chips.buttons) == len(answers)


@pytest.mark.slow
@needs_models
def test_gaps_are_reviewed_one_by_one_and_the_rest_is_undone(window, tmp_path):
    did("fill_review_undo", window, tmp_path)
    document = window.session.document
    rec, original = document.recording, document.original
    first = min(find_gaps(original), key=lambda gap: (gap.start, gap.point))
    filled_FP = rec.visible_FP & ~original.visible_FP
    expected_FP = np.zeros_like(filled_FP)
    expected_FP[first.start : first.stop, first.point] = True
    assert np.array_equal(filled_FP, expected_FP), "the gap that was accepted by itself stays filled"
    assert same_measured(rec, original) and window.session.proposal is None
    document.redo()
    assert sum(row.state == "open" for row in window.session.gap_rows) == 1, "only the rejected gap is open"


@pytest.mark.slow
def test_a_limb_is_marked_over_a_range(window, tmp_path):
    did("mark_a_limb", window, tmp_path)
    document = window.session.document
    rec, original = document.recording, document.original
    limb = next(line.points for line in window.workspace.timeline.lines if line.text == ten_tasks.LIMB)
    marked_FP = rec.origin_FP == Origin.MARKED
    assert {*marked_FP.any(axis=0).nonzero()[0]} == {*limb} and len(limb) > 4
    frames = marked_FP.any(axis=1).nonzero()[0] + rec.source.first_frame
    assert abs(frames.min() - ten_tasks.FIRST) <= 1 and abs(frames.max() - ten_tasks.LAST) <= 1, "a pixel is a frame here"
    assert np.array_equal(rec.xyz_FPD, original.xyz_FPD, equal_nan=True), "marked values are kept"


@pytest.mark.slow
def test_a_swap_is_put_right(window, tmp_path):
    did("fix_a_swap", window, tmp_path)
    rec, true = window.session.document.recording, mpm.read(resource(SAMPLE))
    both = [true.index(name) for name in SWAPPED]
    assert np.array_equal(rec.xyz_FPD[:, both], true.xyz_FPD[:, both], equal_nan=True), f"also around frames {SWAP}"


@pytest.mark.slow
@needs_models
def test_a_dragged_key_stays_and_the_gap_is_filled_around_it(window, tmp_path):
    did("drag_a_key", window, tmp_path)
    document = window.session.document
    rec, original = document.recording, document.original
    by_hand = np.argwhere(rec.origin_FP == Origin.HAND)
    assert len(by_hand) == 1
    point, (gap,) = (
        by_hand[0][1],
        [gap for gap in find_gaps(original) if gap.point == by_hand[0][1] and gap.start <= by_hand[0][0] < gap.stop],
    )
    assert rec.visible_FP[gap.start : gap.stop, point].all() and same_measured(rec, original)


@pytest.mark.slow
def test_a_trimmed_and_filtered_take_is_exported_and_verified(window, tmp_path, capsys):
    did("trim_filter_export", window, tmp_path)
    (written,) = [path for path in tmp_path.glob("*.c3d") if path.name != "take.c3d"]
    rec = mpm.read(written)
    assert abs(rec.frames - 600) <= 2 and abs(rec.source.first_frame - 101) <= 1
    proof = json.loads(proof_path(written).read_text())
    assert main(["verify", str(tmp_path / "take.c3d"), str(written)]) == 0, proof
    said = capsys.readouterr().out
    assert " 0 changed" in said and "filtered" in said
    away_m = np.abs(rec.xyz_FPD - window.session.document.recording.xyz_FPD)
    assert np.nanmax(away_m) < 1e-5, "what the window shows is what was written"


@pytest.mark.slow
@needs_models
def test_an_unnamed_take_is_labelled_by_motion_and_filled(window, tmp_path):
    did("label_by_motion", window, tmp_path)
    session, rec = window.session, window.session.document.recording
    true = mpm.read(resource(SAMPLE)).points
    assert rec.visible_FP.all() and same_measured(rec, session.document.original)
    assert mapping.verdict(rec, session.overrides)[0], "the places make a body"
    off_m = np.linalg.norm(rec.xyz_FPD - mpm.read(resource("sample/walk_reach_sit_markers_truth.npz")).xyz_FPD, axis=2)
    assert np.median(off_m[~session.document.original.visible_FP]) < 0.02
    named = {place: true[rec.index(point)] for place, point in session.overrides.items()}
    assert len(named) >= 20 and all(
        place[:1].lower() == label[:1].lower() for place, label in named.items() if place[:5] in ("left_", "right")
    )


@pytest.mark.slow
@needs_models
def test_two_players_are_filled_and_exported(window, tmp_path, capsys):
    did("two_players", window, tmp_path)
    (written,) = [path for path in tmp_path.glob("*.c3d") if path.name != "players.c3d"]
    rec, original = mpm.read(written), mpm.read(tmp_path / "players.c3d")
    assert rec.points == original.points and {name.partition(":")[0] for name in rec.points} == {"Home", "Guest"}
    assert rec.visible_FP.all() and not original.visible_FP.all()
    assert main(["verify", str(tmp_path / "players.c3d"), str(written)]) == 0
    assert " 0 changed" in capsys.readouterr().out
    away_m = np.linalg.norm(rec.xyz_FPD[:, :39] + np.float32([0, 1.5, 0]) - np.roll(rec.xyz_FPD[:, 39:], -30, axis=0), axis=2)
    assert np.median(away_m[~original.visible_FP[:, :39]]) < 0.05, "each by its own body"


@pytest.mark.slow
def test_a_saved_take_comes_back_with_its_history_after_a_kill(qtbot, qapp, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    actions = tasks.killed(TASK["save_and_recover"], tmp_path)
    with tasks.window_in(tmp_path) as window:
        user = User(window)
        user.perform(ten_tasks.recover)
        assert len(actions) + len(user.actions) <= TASK["save_and_recover"].most, (actions, user.actions)
        document, steps = window.session.document, window.workspace.history.list
        assert document.unsaved and window.session.project_path == tmp_path / "take.mpm"
        assert [edit.label.split(",")[0] for edit in document.done][:2] == ["Mark LELB", "Mark RELB"] and steps.count() == 4
        marked = int((document.recording.origin_FP == Origin.MARKED).sum())
        document.go_to(0)
        assert marked > 40 and not (document.recording.origin_FP == Origin.MARKED).any()
