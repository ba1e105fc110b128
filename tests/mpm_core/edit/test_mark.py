"""Marks: on a rig what hangs on a joint goes along, wherever the mark is made or taken back; what is filtered has its measured value."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from mpm_core.edit.mark import mark, region, restore, unmark
from mpm_core.filter.methods import FilterSettings
from mpm_core.filter.to_patch import filter_patch
from mpm_core.recording import Origin
from tests.makers import person_rig, smooth_take


def test_a_hand_goes_with_its_wrist() -> None:
    rec = person_rig()
    wrist_FP = region(rec, [rec.index("left_wrist")], 5, 9)
    marked, _ = mark(rec, wrist_FP).apply(rec)
    names = {rec.points[point] for point in np.flatnonzero((marked.origin_FP[5:9] == Origin.MARKED).all(axis=0))}
    assert names == {"left_wrist", "left_hand", "left_thumb"}
    assert marked.visible_FP[9:].all() and marked.visible_FP[:5].all()
    for back in (unmark(marked, wrist_FP), restore(marked, rec, wrist_FP)):
        assert (back.apply(marked)[0].origin_FP == rec.origin_FP).all()


def test_an_elbow_leaves_what_is_below_it() -> None:
    rec = person_rig()
    elbow_FP = region(rec, [rec.index("left_elbow")], 5, 9)
    assert ((mark(rec, elbow_FP).apply(rec)[0].origin_FP == Origin.MARKED) == elbow_FP).all()


def test_without_followers_only_the_samples_themselves_are_marked() -> None:
    rec = person_rig()
    wrist_FP = region(rec, [rec.index("left_wrist")], 5, 9)
    assert ((mark(rec, wrist_FP, followers=False).apply(rec)[0].origin_FP == Origin.MARKED) == wrist_FP).all()


def test_a_filtered_sample_whose_measured_value_is_not_known_becomes_a_gap_and_the_log_says_so() -> None:
    rec = smooth_take()
    after = filter_patch(rec, FilterSettings(cutoff_hz=4.0), region(rec, [1], 20, 60), measured=True).patch.apply(rec)[0]
    for known in (True, False):
        filtered = after if known else replace(after, unfiltered_FPD=None)
        patch = mark(filtered, region(rec, [1, 2], 30, 40))
        marked, undo = patch.apply(filtered)
        assert (marked.origin_FP[30:40, 1] == (Origin.MARKED if known else Origin.MISSING)).all()
        assert (marked.origin_FP[30:40, 2] == Origin.MARKED).all() and len(patch) == 20
        assert marked.log[len(after.log) :] == (
            () if known else ("Mark: 10 filtered samples, whose measured value is not known, are gaps now",)
        )
        back = undo.apply(marked)[0]
        assert not back.samples.differs(filtered.samples).any() and back.log == filtered.log
        assert (unmark(marked, region(rec, [1], 30, 40)).apply(marked)[0].origin_FP[30:40, 1] != Origin.FILTERED).all()
