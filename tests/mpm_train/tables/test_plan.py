"""Where gaps are cut: inside clips, with motion around them, the same again for the same seed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mpm_core.skeleton import load_skeleton
from mpm_train.data.corpus import load_corpus
from mpm_train.tables.plan import LEAST_CONTEXT_S, LENGTHS_S, LIMBS, MOST_CONTEXT_S, PARTS, Cell, cut, gaps_of
from tests.mpm_train.corpus import make_corpus


def test_every_part_is_known_and_has_two_sides_or_none() -> None:
    skeleton = load_skeleton("body17")
    mirror = skeleton.mirror
    for groups in PARTS.values():
        joints = [set(skeleton.group(group)) for group in groups]
        assert {mirror[joint] for joint in joints[0]} == joints[-1]
    assert len(PARTS) == 13
    assert set(LIMBS) < set(PARTS)
    assert LENGTHS_S == (0.1, 0.25, 0.5, 1, 2, 4)


@pytest.mark.parametrize("length_s", [0.1, 1.0])
def test_gaps_lie_inside_their_clips_with_motion_around(length_s: float, tmp_path: Path) -> None:
    _, clips = load_corpus(make_corpus(tmp_path, frames=1900))
    gaps = gaps_of(clips, "train", Cell("wrist", length_s), 40, seed=3)
    assert len(gaps) == 40
    assert len({gap.clip.name for gap in gaps}) == 3, "spread over all clips"
    for number, gap in enumerate(gaps):
        assert gap.group == ("left_wrist", "right_wrist")[number % 2]
        assert gap.clip.start <= gap.first < gap.last <= gap.clip.stop
        assert gap.stop - gap.start == round(length_s * 120)
        for side, whole in ((gap.start, gap.first == gap.clip.start), (gap.last - gap.first - gap.stop, gap.last == gap.clip.stop)):
            assert LEAST_CONTEXT_S * 120 <= side <= MOST_CONTEXT_S * 120
            assert whole or side == MOST_CONTEXT_S * 120, "as much of the clip as may be"
    assert len({(gap.first, gap.start) for gap in gaps}) > 30, "at different places"


def test_the_seed_decides(tmp_path: Path) -> None:
    _, clips = load_corpus(make_corpus(tmp_path, frames=900))
    cell = Cell("both arms", 0.5)
    assert gaps_of(clips, "train", cell, 8, 1) == gaps_of(clips, "train", cell, 8, 1)
    assert gaps_of(clips, "train", cell, 8, 1) != gaps_of(clips, "train", cell, 8, 2)


def test_no_gap_where_no_clip_is_long_enough(tmp_path: Path) -> None:
    _, clips = load_corpus(make_corpus(tmp_path, frames=230))
    assert gaps_of(clips, "validation", Cell("wrist", 0.25), 4, 1)
    assert not gaps_of(clips, "validation", Cell("wrist", 1.0), 4, 1)
    assert not gaps_of(clips, "test", Cell("wrist", 0.1), 4, 1)


def test_only_the_gap_is_cut_out(tmp_path: Path) -> None:
    joints_NJ3, clips = load_corpus(make_corpus(tmp_path, frames=600))
    (gap,) = gaps_of(clips, "validation", Cell("one side", 0.5), 1, 1)
    truth, gapped, masked_FJ = cut(gap, joints_NJ3)
    np.testing.assert_array_equal(truth.xyz_FPD, joints_NJ3[gap.first : gap.last])
    np.testing.assert_array_equal(~np.isfinite(gapped.xyz_FPD).all(axis=2), masked_FJ)
    np.testing.assert_array_equal(gapped.xyz_FPD[~masked_FJ], truth.xyz_FPD[~masked_FJ])
    assert masked_FJ.sum() == 60 * 4
    assert set(np.flatnonzero(masked_FJ.any(axis=0))) == set(load_skeleton("body17").group(gap.group))
