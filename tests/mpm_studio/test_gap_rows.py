"""The rows of the gap table, the order of gaps, and proposals in parts: what is true without a window."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import mpm_core as mpm
from mpm_core.edit.document import Document
from mpm_core.edit.mark import mark, region
from mpm_core.errors import DataError
from mpm_core.fill.to_patch import fill_gaps
from mpm_core.gaps import Gap, Left
from mpm_core.recording import Origin
from mpm_core.rigs.drag import drag_joint
from mpm_studio.operations import completing, navigating
from mpm_studio.operations.gap_rows import GapRow, gap_rows, mask_of, quality
from mpm_studio.operations.hand import gap_around, pin
from mpm_studio.operations.proposals import joined, parted
from mpm_studio.operations.suspects import exchange
from tests.makers import person_rig, smooth_take, with_gap


def two_gaps():
    return with_gap(with_gap(smooth_take(frames=100), 1, 40, 50), 3, 70, 71)


def filled(rec, method, where_FP=None):
    where_FP = np.ones(rec.origin_FP.shape, bool) if where_FP is None else where_FP
    return completing.naming(fill_gaps(rec, where_FP, method).patch, rec, method)


@given(
    states=st.lists(st.lists(st.integers(0, 5), min_size=1, max_size=12), min_size=1, max_size=4).filter(lambda s: len({*map(len, s)}) == 1)
)
def test_every_sample_that_is_not_measured_is_in_exactly_one_row(states):
    origin_FP = np.array(states, np.uint8).T
    xyz_FPD = np.where((origin_FP == Origin.MISSING)[..., None], np.nan, np.ones((*origin_FP.shape, 3))).astype(np.float32)
    rec = mpm.make_recording(tuple(f"P{n}" for n in range(origin_FP.shape[1])), 10.0, xyz_FPD)
    rec = replace(rec, origin_FP=origin_FP)
    rows = gap_rows(rec, None, ())
    counted_FP = np.zeros(origin_FP.shape, int)
    for row in rows:
        counted_FP[row.start : row.stop, row.point] += 1
        kinds = {*origin_FP[row.start : row.stop, row.point].tolist()}
        assert kinds <= ({0, 2} if row.state == "open" else {3, 4, 5})
    assert (counted_FP == (origin_FP != Origin.MEASURED)).all()
    assert np.array_equal(mask_of(rec, rows), origin_FP != Origin.MEASURED)


def test_rows_say_the_state_the_method_and_the_greatest_sigma():
    document = Document(two_gaps())
    patch = filled(document.recording, "linear", region(document.recording, [1], 40, 50))
    proposed = gap_rows(patch.apply(document.recording)[0], patch, ())
    assert [(row.point, row.state, row.method) for row in proposed] == [(1, "proposed", "linear"), (3, "open", "")]
    assert proposed[0].sigma == pytest.approx(float(patch.sigma_N.max())) and math.isnan(proposed[1].sigma)
    document.do(patch)
    left = (Left(Gap(3, 70, 71), "nothing fits"),)
    rows = gap_rows(document.recording, None, left, document.done)
    assert [(row.state, row.method, row.why) for row in rows] == [("filled", "linear", ""), ("left", "", "nothing fits")]
    document.undo()
    assert [row.state for row in gap_rows(document.recording, None, (), document.done)] == ["open", "open"]


def test_next_passes_every_gap_once_even_those_that_start_together():
    rows = [GapRow(point, start, start + 5, "open") for point, start in ((0, 10), (3, 10), (1, 10), (2, 40))]
    seen, frame, here = [], 0, None
    for _ in range(4):
        row = navigating.next_row(rows, frame, here)
        seen.append((row.start, row.point))
        frame, here = row.start, (row.point, row.start, row.stop)
    assert seen == [(10, 0), (10, 1), (10, 3), (40, 2)]
    assert navigating.next_row(rows, frame, here).point == 0, "round at the end"
    assert navigating.next_row(rows, frame, here, -1).point == 3


def test_the_least_certain_comes_first():
    rows = [GapRow(n, 10, 12, "proposed", "model", sigma) for n, sigma in enumerate((0.002, 0.05, math.nan, 0.01))]
    first = navigating.next_by_sigma(rows)
    assert first.point == 1
    second = navigating.next_by_sigma(rows, (1, 10, 12))
    assert second.point == 3
    assert navigating.next_by_sigma(rows, (3, 10, 12), -1).point == 1
    assert navigating.next_by_sigma([GapRow(0, 1, 2, "open")]) is None


def test_parts_of_a_patch_are_the_patch_and_a_joined_one_has_the_later_values():
    rec = two_gaps()
    linear, spline = filled(rec, "linear"), filled(rec, "spline", region(rec, [1], 40, 50))
    where_FP = region(rec, [1], 40, 50)
    inside, rest = parted(linear, where_FP)
    assert len(inside) == 10 and len(rest) == 1
    both = rest.apply(inside.apply(rec)[0])[0]
    assert both.xyz_FPD.tobytes() == linear.apply(rec)[0].xyz_FPD.tobytes()
    merged = joined(linear, spline)
    assert len(merged) == 11
    after = merged.apply(rec)[0]
    assert after.xyz_FPD[40:50, 1].tobytes() == spline.apply(rec)[0].xyz_FPD[40:50, 1].tobytes()
    assert after.xyz_FPD[70, 3].tobytes() == linear.apply(rec)[0].xyz_FPD[70, 3].tobytes()
    assert [row.method for row in gap_rows(after, merged, ())] == ["spline", "linear"]


def test_what_was_exchanged_is_not_said_to_be_filled_by_the_method_of_the_other_point():
    document = Document(two_gaps())
    for method, point, start, stop in (("linear", 1, 40, 50), ("pchip", 3, 70, 71)):
        document.do(filled(document.recording, method, region(document.recording, [point], start, stop)))
    document.do(exchange(document.recording, (1, 3), 45, 60))
    rows = {(row.point, row.start, row.stop): row.method for row in gap_rows(document.recording, None, (), document.done)}
    assert rows == {(1, 40, 60): "classical + hand", (3, 45, 60): "classical + hand", (3, 70, 71): "pchip"}
    document.undo()
    assert {row.method for row in gap_rows(document.recording, None, (), document.done)} == {"linear", "pchip"}


def test_quality_counts_what_is_measured_open_and_filled():
    rec = two_gaps()
    before, after = quality(rec), quality(filled(rec, "linear").apply(rec)[0])
    assert (before.gaps, before.longest_s) == (2, pytest.approx(10 / 60)) and before.filled == 0
    assert (after.gaps, after.longest_s) == (0, 0) and after.filled == pytest.approx(11 / 400)
    assert before.measured == after.measured == pytest.approx(389 / 400)


def test_a_pinned_sample_is_kept_by_the_fill_around_it():
    rec = two_gaps()
    around_FP = gap_around(rec, 1, 44)
    assert np.array_equal(np.flatnonzero(around_FP[:, 1]), np.arange(40, 50))
    pinned = pin(rec, 1, 44, np.float32([1, 2, 3])).apply(rec)[0]
    assert pinned.origin_FP[44, 1] == Origin.HAND and "Pin P1, frame 45" in pinned.log[-1]
    after = filled(pinned, "pchip", around_FP).apply(pinned)[0]
    assert after.xyz_FPD[44, 1].tolist() == [1, 2, 3] and after.visible_FP[40:50, 1].all()
    measured = rec.origin_FP == Origin.MEASURED
    assert after.xyz_FPD[measured].tobytes() == rec.xyz_FPD[measured].tobytes()


def test_a_measured_sample_cannot_be_pinned_before_it_is_marked():
    rec = smooth_take()
    with pytest.raises(mpm.DataError, match="is measured"):
        pin(rec, 0, 5, np.float32([0, 0, 0]))
    marked = mark(rec, region(rec, [0], 5, 6)).apply(rec)[0]
    assert pin(marked, 0, 5, np.float32([0, 0, 0])).apply(marked)[0].origin_FP[5, 0] == Origin.HAND


def test_a_filtered_sample_is_not_set_by_hand_without_a_mark() -> None:
    rec = smooth_take()
    rec = replace(rec, origin_FP=np.full_like(rec.origin_FP, Origin.FILTERED))
    with pytest.raises(DataError, match="is measured"):
        pin(rec, 0, 5, np.float32([0, 0, 0]))
    rig = person_rig()
    rig = replace(rig, origin_FP=np.full_like(rig.origin_FP, Origin.FILTERED))
    with pytest.raises(DataError, match="is measured"):
        drag_joint(rig, rig.index("left_wrist"), 5, np.zeros(3))
