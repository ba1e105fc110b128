"""Moving the edges of gaps: what is taken in is marked, what is given back is measured again, to the bit."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import mpm_core as mpm
from mpm_core.edit.document import Document
from mpm_core.edit.from_file import in_shape_of
from mpm_core.edit.gap_edges import move_edges
from mpm_core.edit.mark import mark, region
from mpm_core.edit.patch import FilledRun
from mpm_core.errors import DataError
from mpm_core.recording import Origin
from mpm_studio.operations.hand import pin
from tests.makers import person_bvh, smooth_take, with_gap


def fill(document, rec, method, where_FP):
    """Fill samples of `rec`, which has them open, and make it an edit of the document that says that it is a fill."""
    patch = mpm.complete_patch(rec, mpm.CompleteOptions(method, where_FP)).patch
    document.do(replace(patch, filled=(FilledRun(method, 0, 0, 1),)))


def test_a_gap_moves_by_its_edges_and_gives_back_every_bit():
    rec = smooth_take(frames=200, points=3)
    document = Document(rec)
    document.do(mark(rec, region(rec, [1], 50, 80)))
    patch = move_edges(document.recording, region(rec, [1], 50, 80), region(rec, [1], 45, 70), document.done)
    document.do(patch)
    now = document.recording
    assert np.flatnonzero(now.origin_FP[:, 1] == Origin.MARKED).tolist() == [*range(45, 70)]
    assert now.xyz_FPD.tobytes() == rec.xyz_FPD.tobytes(), "values stay under the marks"
    document.undo()
    document.undo()
    assert not document.recording.samples.differs(rec.samples).any()


@pytest.mark.parametrize("times", [1, 2])
def test_a_filled_gap_gives_back_what_was_marked_before_it_was_filled(times):
    rec = smooth_take(frames=200, points=3)
    document = Document(rec)
    old_FP, new_FP = region(rec, [1], 50, 80), region(rec, [1], 55, 85)
    document.do(mark(rec, old_FP))
    for method in ("pchip", "linear")[:times]:
        fill(document, mark(rec, old_FP).apply(rec)[0], method, old_FP)
    assert (document.recording.origin_FP[50:80, 1] == Origin.FILLED).all()
    document.do(move_edges(document.recording, old_FP, new_FP, document.done))
    now = document.recording
    assert (now.origin_FP[50:55, 1] == Origin.MEASURED).all() and (now.origin_FP[80:85, 1] == Origin.MARKED).all()
    assert now.xyz_FPD[50:55].tobytes() == rec.xyz_FPD[50:55].tobytes() and np.isnan(now.sigma_FP[50:55]).all()
    assert (now.origin_FP[55:80, 1] == Origin.FILLED).all(), "the fill stays where it was"


def test_what_was_never_measured_or_changed_hands_since_is_not_given_back():
    rec = with_gap(smooth_take(frames=200, points=3), 1, 50, 80)
    with pytest.raises(DataError, match="frame 51: no measured value"):
        move_edges(rec, region(rec, [1], 50, 80), region(rec, [1], 55, 80))
    document = Document(rec)
    fill(document, rec, "linear", ~rec.visible_FP)
    with pytest.raises(DataError, match="no measured value"):
        move_edges(document.recording, region(rec, [1], 50, 80), region(rec, [1], 55, 80), document.done)
    reopened = document.recording  # as from a file that keeps origins, without its history
    with pytest.raises(DataError, match="no measured value"):
        move_edges(reopened, region(rec, [1], 50, 80), region(rec, [1], 55, 80))


def test_a_hand_goes_with_its_wrist_and_comes_back_with_it(tmp_path):
    path = tmp_path / "person.bvh"
    path.write_bytes(person_bvh())
    rec = mpm.read(path)
    wrist = rec.index("LeftHand")
    document = Document(rec)
    document.do(mark(rec, region(rec, [wrist], 20, 40)))
    along = np.flatnonzero(document.recording.origin_FP[30] == Origin.MARKED)
    assert len(along) > 1
    fill(document, document.recording, "pchip", document.recording.origin_FP == Origin.MARKED)
    document.do(move_edges(document.recording, region(rec, [wrist], 20, 40), region(rec, [wrist], 24, 42), document.done))
    now = document.recording
    assert (now.origin_FP[20:24] == Origin.MEASURED).all() and (now.origin_FP[40:42][:, along] == Origin.MARKED).all()
    assert now.xyz_FPD[20:24].tobytes() == in_shape_of(rec, now).xyz_FPD[20:24].tobytes()
    assert (now.origin_FP[42] == Origin.MEASURED).all()


def test_a_measured_keypoint_that_was_set_by_hand_is_given_back():
    """In 2D a detector's keypoint may be set by hand without a mark: the value that it had is measured."""
    rec = mpm.make_recording(("a", "b"), 30.0, np.random.default_rng(0).uniform(0, 100, (20, 2, 2)))
    document = Document(rec)
    for frame in (10, 11, 11):
        document.do(pin(document.recording, 1, frame, np.float32([3, 4])))
    document.do(move_edges(document.recording, region(rec, [1], 10, 12), region(rec, [1], 10, 11), document.done))
    assert document.recording.origin_FP[10:12, 1].tolist() == [Origin.HAND, Origin.MEASURED]
    assert document.recording.xyz_FPD[11].tobytes() == rec.xyz_FPD[11].tobytes()
