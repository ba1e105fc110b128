"""Lifting and occlusion, measured on a network whose errors are known because it always answers zero."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from mpm_core.errors import DataError
from mpm_core.model.checkpoint import Model
from mpm_core.skeleton import load_skeleton
from mpm_train import metrics
from mpm_train.data.cameras import project
from mpm_train.data.corpus import load_corpus
from mpm_train.data.windows import Sampler
from mpm_train.tables.lifting import lift, lift_tables, lifted, partial_2d, pixels_of
from mpm_train.tables.occlusion import PUBLISHED_2D_MM, ROWS_3D, SINGLE, limb, masked_joints, partial_3d
from tests.mpm_train.corpus import make_corpus
from tests.mpm_train.tables.makers import silent, untrained

NAMES = load_skeleton("body17").names


@pytest.fixture
def sampler(tmp_path: Path) -> Sampler:
    return Sampler(*load_corpus(make_corpus(tmp_path)), "validation", 27, 30.0)


def test_limbs_are_three_joints_of_one_side() -> None:
    assert [NAMES[joint] for joint in limb("left arm")] == ["left_shoulder", "left_elbow", "left_wrist"]
    assert [NAMES[joint] for joint in limb("right leg")] == ["right_hip", "right_knee", "right_ankle"]
    assert len({joint for name in SINGLE for joint in limb(name)}) == 12


@pytest.mark.parametrize("row", ROWS_3D)
def test_what_a_row_hides(row: str) -> None:
    masked_BJ = masked_joints(row, 500, np.random.default_rng(0))
    count = {"1 joint": 1, "2 joints": 2}.get(row, 3 if row in SINGLE else 6)
    assert (masked_BJ.sum(axis=1) == count).all()
    assert not masked_BJ[:, 0].any(), "errors are measured from the root"
    if "joint" in row:
        assert masked_BJ.any(axis=0).sum() == 16, "any other joint"
    else:
        assert (masked_BJ == masked_BJ[0]).all()


def test_the_rows_of_tables_3_and_4_are_there() -> None:
    assert list(PUBLISHED_2D_MM) == ["1 joint", "2 joints", "2 legs", "2 arms", "left leg + left arm", "right leg + right arm"]
    assert PUBLISHED_2D_MM["2 arms"] == 77.0
    assert set(SINGLE) < set(ROWS_3D)


def test_lifting_errors_are_the_networks_own(sampler: Sampler) -> None:
    model = silent("lift")
    one = lifted(model, sampler, 70, 5, "clean 2D", "", False)
    reach_BJ = np.linalg.norm(one.truth_BJ3, axis=2)
    clean, seen = lift_tables(model, sampler, 70, 5, "validation")[0].rows
    assert len(reach_BJ) == 70
    assert clean[1] == pytest.approx(1000 * reach_BJ.mean())
    assert clean[1:] == seen[1:], "the same windows, and a network that looks at none"
    official_BJ = reach_BJ[:, metrics.official_3dhp()]
    assert clean[4] == pytest.approx(100 * (official_BJ < 0.15).mean())
    steps = np.linalg.norm(np.diff(one.truth_BFJ3, axis=1), axis=3)
    assert clean[7] == pytest.approx(1000 * steps.mean())
    joints = lift_tables(model, sampler, 70, 5, "validation")[1]
    assert {row[0]: row[1] for row in joints.rows}["head_top"] == pytest.approx(1000 * reach_BJ[:, 10].mean())


def test_windows_of_short_clips_are_scored_where_the_clip_is(tmp_path: Path) -> None:
    """A clip of 27 frames at the model's rate in windows of 81: two thirds of the middle frames are repeated ends."""
    sampler = Sampler(*load_corpus(make_corpus(tmp_path, frames=108)), "validation", 81, 30.0)
    one = lifted(silent("lift", frames=81), sampler, 90, 5, "clean 2D", "", False)
    assert 10 < len(one.middle_BJ3) < 60
    assert one.valid_BF[:, 40].all()


def test_a_detector_errs_and_drops_joints_which_a_partial_network_is_told(sampler: Sampler) -> None:
    rng = np.random.default_rng(0)
    views = project(sampler.draw(40, rng, augment=False).xyz_BFJ3, rng)
    clean_BFJ2, none_BFJ = pixels_of(views, "clean 2D", 30.0, rng)
    visible_BFJ2, missing_BFJ = pixels_of(views, "detected 2D", 30.0, rng)
    assert not none_BFJ.any()
    assert 0 < missing_BFJ.mean() < 0.5
    off_N = (visible_BFJ2 - clean_BFJ2)[torch.from_numpy(~missing_BFJ)].norm(dim=-1)
    assert 0.5 < float(off_N.median()) < 50


def test_partial_2d_errors_of_all_and_of_the_hidden(sampler: Sampler) -> None:
    model = silent("lift", partial=True)
    rows = {row[0]: row for row in partial_2d(model, sampler, 70, 5, "validation").rows}
    one = lifted(model, sampler, 70, 5, "clean 2D", "2 arms", False)
    reach_BJ = 1000 * np.linalg.norm(one.truth_BJ3, axis=2)
    assert rows["2 arms"][1:4] == pytest.approx((6, reach_BJ.mean(), reach_BJ[:, 11:17].mean()))
    with pytest.raises(DataError, match="no masked joints"):
        partial_2d(silent("lift"), sampler, 4, 5, "validation")


def test_hidden_joints_reach_the_network(sampler: Sampler) -> None:
    model = Model(untrained("lift", partial=True), {}, "")
    visible_BFJ2 = torch.rand(3, 27, 17, 2)
    masked_BFJ = torch.zeros(3, 27, 17, dtype=torch.bool)
    masked_BFJ[:, :, 4] = True
    other_BFJ2 = torch.where(masked_BFJ[..., None], torch.rand(3, 27, 17, 2), visible_BFJ2)
    for flip in (False, True):
        torch.testing.assert_close(lift(model, visible_BFJ2, masked_BFJ, flip)[0], lift(model, other_BFJ2, masked_BFJ, flip)[0])


def test_flip_averaging_makes_no_difference_between_a_pose_and_its_mirror() -> None:
    model = Model(untrained("lift"), {}, "")
    mirror = list(load_skeleton("body17").mirror)
    visible_BFJ2 = torch.rand(3, 27, 17, 2) - 0.5
    flipped_BFJ2 = (visible_BFJ2 * torch.tensor([-1.0, 1]))[:, :, mirror]
    middle, _ = lift(model, visible_BFJ2, None, True)
    again, _ = lift(model, flipped_BFJ2, None, True)
    torch.testing.assert_close((again * torch.tensor([-1.0, 1, 1]))[:, :, mirror], middle)


def test_partial_3d_in_camera_axes_copies_what_is_visible(sampler: Sampler) -> None:
    table = partial_3d(silent("complete", space="camera"), sampler, 70, 5, "validation")
    for _row, joints, copied, alone in table.rows:
        assert copied == pytest.approx(alone * joints / 17, rel=1e-6), "visible joints have no error"
        assert alone > 100


def test_partial_3d_in_body_axes_goes_through_the_application(sampler: Sampler) -> None:
    table = partial_3d(Model(untrained(), {}, ""), sampler, 2, 5, "validation")
    for _row, joints, copied, alone in table.rows:
        assert copied == pytest.approx(alone * joints / 17, rel=1e-6)
        assert np.isfinite(alone)
