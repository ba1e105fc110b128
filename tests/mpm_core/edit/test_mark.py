"""Marks on a rig: what hangs on a joint goes along, wherever the mark is made or taken back."""

from __future__ import annotations

import numpy as np

from mpm_core.edit.mark import mark, region, restore, unmark
from mpm_core.recording import Origin
from tests.makers import person_rig


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
