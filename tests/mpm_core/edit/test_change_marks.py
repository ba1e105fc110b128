"""Marks inverted, grown, shrunk, set by confidence; samples deleted: measured values are never lost."""

from __future__ import annotations

import numpy as np
import pytest

from mpm_core.edit.change_marks import grow_marks, invert_marks, mark_unsure
from mpm_core.edit.mark import delete, mark, region, unmark
from mpm_core.errors import DataError
from mpm_core.fill.to_patch import fill_gaps
from mpm_core.recording import Origin, Recording, make_recording
from tests.makers import person_rig, smooth_take, with_gap


def marked_F(rec: Recording, point: int = 0) -> list[int]:
    return np.flatnonzero(rec.origin_FP[:, point] == Origin.MARKED).tolist()


def test_marks_grow_and_shrink_over_measured_samples_only() -> None:
    rec = with_gap(smooth_take(frames=30), 0, 14, 16)
    rec = mark(rec, region(rec, [0], 10, 14)).apply(rec)[0]
    everywhere_FP = np.ones(rec.origin_FP.shape, bool)
    wider = grow_marks(rec, everywhere_FP, 3).apply(rec)[0]
    assert marked_F(wider) == [7, 8, 9, 10, 11, 12, 13, 16], "the missing ones stay missing"
    assert marked_F(grow_marks(rec, region(rec, [1], 0, 30), 3).apply(rec)[0]) == [10, 11, 12, 13]
    smaller = grow_marks(rec, everywhere_FP, -1).apply(rec)[0]
    assert marked_F(smaller) == [11, 12]
    assert marked_F(grow_marks(rec, everywhere_FP, -2).apply(rec)[0]) == []
    with pytest.raises(DataError, match="hang together"):
        grow_marks(person_rig(), np.zeros((40, len(person_rig().points)), bool), -1)


def test_inverting_twice_changes_nothing() -> None:
    rec = with_gap(smooth_take(frames=30), 0, 14, 16)
    rec = mark(rec, region(rec, [0], 3, 8)).apply(rec)[0]
    where_FP = region(rec, [0], 0, 20)
    once = invert_marks(rec, where_FP).apply(rec)[0]
    assert marked_F(once) == [0, 1, 2, *range(8, 14), *range(16, 20)]
    assert not invert_marks(once, where_FP).apply(once)[0].samples.differs(rec.samples).any()


def test_samples_of_low_confidence_are_marked() -> None:
    confidence_FP = np.linspace(0, 1, 20, dtype=np.float32).reshape(10, 2)
    rec = make_recording(("a", "b"), 30.0, np.ones((10, 2, 2)), confidence_FP=confidence_FP)
    after = mark_unsure(rec, 0.5).apply(rec)[0]
    assert np.array_equal(after.origin_FP == Origin.MARKED, confidence_FP < 0.5)
    with pytest.raises(DataError, match="no confidences"):
        mark_unsure(smooth_take(), 0.5)


def test_deleting_opens_a_gap_and_keeps_what_was_measured() -> None:
    rec = with_gap(smooth_take(), 0, 20, 30)
    filled = fill_gaps(rec, ~rec.visible_FP, "linear").patch.apply(rec)[0]
    where_FP = region(rec, [0], 10, 40)
    after = delete(filled, where_FP).apply(filled)[0]
    assert not after.visible_FP[10:40, 0].any() and after.visible_FP[~where_FP].all()
    assert (after.origin_FP[20:30, 0] == Origin.MISSING).all(), "a fill is gone"
    assert not unmark(after, where_FP).apply(after)[0].samples.differs(rec.samples).any(), "what was measured comes back to the bit"


def test_a_filtered_sample_whose_measured_value_is_not_known_is_never_called_measured() -> None:
    rec = smooth_take(frames=10)
    filtered = rec.with_samples(rec.samples.having(origin=np.full(rec.origin_FP.shape, np.uint8(Origin.FILTERED))))
    where_FP = region(rec, [0], 0, 10)
    for edit in (mark, delete):
        gone = edit(filtered, where_FP).apply(filtered)[0]
        assert (gone.origin_FP[:, 0] == Origin.MISSING).all() and not len(unmark(gone, where_FP))
