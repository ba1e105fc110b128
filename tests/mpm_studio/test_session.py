"""Session, playback and settings: what is true without a window."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from mpm_core.edit.document import Document
from mpm_core.edit.mark import mark, region
from mpm_core.edit.patch import Replace
from mpm_core.errors import DataError
from mpm_core.fill.to_patch import Completion, fill_gaps
from mpm_core.gaps import Gap, Left
from mpm_core.lift_camera import LiftCamera
from mpm_core.recording import Origin
from mpm_studio.operations import completing, navigating, saving
from mpm_studio.operations.gap_rows import gap_rows
from mpm_studio.playback import Playback, frame_after
from mpm_studio.selection import Selection
from mpm_studio.session import Session
from mpm_studio.settings import RECENT, Settings
from mpm_studio.take import Take
from tests.makers import person_rig, smooth_take, with_gap


@pytest.fixture
def session(qtbot):
    made = Session()
    rec = with_gap(smooth_take(frames=100), point=1, start=40, stop=50)
    made.open(Take(Path("take.c3d"), rec, rec, {}))
    return made


def spline(session):
    rec = session.document.recording
    return fill_gaps(rec, np.ones(rec.origin_FP.shape, bool), "spline").patch


def test_a_document_in_the_memory_of_the_last_one_has_its_own_gaps(session):
    assert len(session.gap_rows) == 1
    place, session.document, others = id(session.document), None, []
    while len(others) < 1000 and (not others or id(others[-1]) != place):
        others.append(Document(smooth_take(frames=10)))
    session.document = others[-1]
    assert session.gap_rows == []


def test_a_proposal_is_shown_but_not_made(session):
    before = session.document.recording
    session.propose(spline(session), "filled")
    assert session.document.recording is before
    assert (session.shown.origin_FP[40:50, 1] == Origin.FILLED).all()
    assert not session.ready
    session.reject()
    assert session.shown is before
    assert not session.document.unsaved


def test_accept_makes_one_undoable_edit_and_measured_samples_keep_every_bit(session):
    before = session.document.recording
    session.propose(spline(session), "filled")
    session.accept()
    after = session.document.recording
    assert session.proposal is None
    assert (after.origin_FP[40:50, 1] == Origin.FILLED).all()
    measured = before.origin_FP == Origin.MEASURED
    assert after.xyz_FPD[measured].tobytes() == before.xyz_FPD[measured].tobytes()
    session.undo()
    assert np.array_equal(session.document.recording.xyz_FPD, before.xyz_FPD, equal_nan=True)
    session.redo()
    assert np.array_equal(session.document.recording.xyz_FPD, after.xyz_FPD)


def test_a_proposal_for_another_state_is_refused(session):
    session.propose(spline(session), "filled")
    rec = session.document.recording
    session.do(mark(rec, region(rec, [0], 0, 5)))
    with pytest.raises(DataError, match="changed since"):
        session.accept()
    assert session.document.recording.origin_FP[45, 1] == Origin.MISSING


def test_what_a_done_callback_raises_is_reported(qtbot, session):
    def raises(value):
        raise ValueError("spilt milk")

    with qtbot.waitSignal(session.failed) as heard:
        session.run("Pouring", lambda snapshot, cancel, progress: 1, None, raises)
    assert "spilt milk" in heard.args[0].details
    assert heard.args[0].title == "Pouring"


def test_frame_and_selection_stay_inside_the_take(session):
    session.set_frame(10_000)
    assert session.frame == 99
    session.set_frame(-3)
    assert session.frame == 0
    session.select((1, 77), 3, 9)
    assert session.selection == Selection((1,), 3, 9)


def test_editing_without_a_take_says_so(qtbot):
    with pytest.raises(DataError, match="no take is open"):
        Session().undo()


def test_next_gap_goes_round_both_ways():
    rec = with_gap(with_gap(smooth_take(frames=100), 1, 40, 50), 3, 70, 71)
    rows = gap_rows(rec, None, ())
    assert navigating.next_row(rows, 0).start == 40
    assert navigating.next_row(rows, 40).start == 70
    assert navigating.next_row(rows, 70).start == 40
    assert navigating.next_row(rows, 40, step=-1).start == 70
    assert navigating.next_row([], 0) is None


def test_the_summary_counts_what_the_patch_holds(session):
    patch = spline(session)
    text = completing.summary(session.document.recording, Completion(patch, ()))
    assert text.startswith("10 samples of 1 point: 10 classical (± ")


@pytest.mark.parametrize(
    ("start", "elapsed", "speed", "loop", "expected"),
    [
        (0, 0.5, 1.0, False, (100.0, True)),  # 200 Hz plays in real time
        (0, 1.0, 0.1, False, (20.0, True)),
        (900, 1.0, 1.0, False, (999.0, False)),
        (900, 1.0, 1.0, True, (100.0, True)),
    ],
)
def test_playing_follows_the_clock(start, elapsed, speed, loop, expected):
    assert frame_after(start, elapsed, 200.0, speed, 1000, loop) == pytest.approx(expected)


def test_a_slow_screen_drops_frames_but_not_time(qtbot):
    now = [0.0]
    playback, seen = Playback(clock=lambda: now[0]), []
    playback.frame.connect(seen.append)
    playback.set_take(1000, 200.0)
    playback.play(0)
    for now[0] in (0.1, 0.5, 1.1):
        playback.tick()
    assert seen[-3:] == [20, 100, 220]
    playback.set_speed(0.5)
    now[0] = 2.1
    playback.tick()
    assert seen[-1] == 320
    playback.pause()
    assert not playback.playing


def test_recent_files_newest_first_without_those_that_are_gone(tmp_path):
    settings = Settings(tmp_path / "s.ini")
    paths = [tmp_path / f"{i}.c3d" for i in range(RECENT + 2)]
    for path in paths:
        path.write_bytes(b"x")
        settings.add_recent(path)
    paths[-1].unlink()
    assert Settings(tmp_path / "s.ini").recent_files() == paths[-2:1:-1]


def test_the_suggested_export_is_never_a_file_that_is_there(tmp_path):
    rec = smooth_take()
    rec = replace(rec, source=replace(rec.source, path=str(tmp_path / "walk.c3d"), format="c3d"))
    fmt = saving.export_formats(rec)[0]
    assert fmt.name == "c3d"
    first = saving.suggest_path(rec, fmt)
    first.write_bytes(b"x")
    assert saving.suggest_path(rec, fmt) not in (first, tmp_path / "walk.c3d")


def test_a_lifted_take_is_offered_as_a_skeleton_first():
    rec = person_rig({"root": "hip"})
    camera = LiftCamera(np.eye(3), 1000.0, (1920, 1080))
    lifted = replace(rec, rig=None, source=replace(rec.source, format="lift", camera=camera))
    assert [fmt.name for fmt in saving.export_formats(lifted)][:3] == ["bvh", "gltf", "usd"]


def unfit(patch):
    """The patch of a proposal, that reaches outside the recording."""
    return replace(patch, frames_N=patch.frames_N + 1000)


def test_a_proposal_stays_when_the_edit_does_not_fit(session):
    rec = session.document.recording
    session.propose(spline(session), "filled")
    proposal = session.proposal
    with pytest.raises(DataError, match="outside"):
        session.do_beside(unfit(proposal.edit), region(rec, [1], 40, 50))
    assert session.proposal is proposal and session.shown is proposal.preview and session.document.recording is rec


def test_nothing_is_done_beside_a_proposed_change_of_the_whole_take(session):
    rec = session.document.recording
    session.propose(Replace("Shorter", rec, smooth_take(frames=40)), "shorter")
    with pytest.raises(DataError, match="whole take"):
        session.do_beside(mark(rec, region(rec, [0], 0, 5)), region(rec, [0], 0, 5))
    assert session.proposal is not None and session.document.recording is rec


def test_what_a_job_made_of_another_state_is_refused(session):
    patch, revision = spline(session), session.document.revision
    session.do(mark(session.document.recording, region(session.document.recording, [0], 0, 5)))
    with pytest.raises(DataError, match="changed since"):
        session.propose(patch, "filled", (), revision)
    assert session.proposal is None


def test_gaps_that_were_left_are_forgotten_when_the_take_changes_its_shape(session):
    rec = session.document.recording
    left = (Left(Gap(1, 40, 50), "no neighbour"),)
    session.add_left(left)
    session.do(mark(rec, region(rec, [0], 0, 5)))
    assert session.left == left
    session.do(Replace("Shorter", session.document.recording, smooth_take(frames=40)))
    assert session.left == ()
