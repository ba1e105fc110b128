"""Drawing, masking and filming motion."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from mpm_core.errors import DataError
from mpm_core.skeleton import load_skeleton
from mpm_train.data.augment import mirrored
from mpm_train.data.cameras import jitter, project
from mpm_train.data.corpus import load_corpus
from mpm_train.data.windows import Sampler
from mpm_train.masking import gaps, published
from tests.mpm_train.corpus import make_corpus


def test_windows_are_the_clips_own_frames(tmp_path: Path) -> None:
    joints_NJ3, clips = load_corpus(make_corpus(tmp_path))
    sampler = Sampler(joints_NJ3, clips, "train", 27, 30.0)
    windows = sampler.draw(64, np.random.default_rng(0), augment=False)
    flat = {row.tobytes() for row in np.asarray(joints_NJ3[:1200]).reshape(1200, -1)}
    assert all(frame.tobytes() in flat for frame in windows.xyz_BFJ3.flatten(2).reshape(-1, 51).numpy())
    assert windows.valid_BF.all()
    long = Sampler(joints_NJ3, clips, "train", 243, 30.0).draw(8, np.random.default_rng(0), augment=False)
    assert not long.valid_BF.all()
    assert (long.valid_BF.sum(dim=1) >= 1).all()


def test_the_mirror_swaps_sides_and_keeps_bones() -> None:
    body = load_skeleton("body17")
    xyz_BFJ3 = torch.from_numpy(np.random.default_rng(0).normal(0, 0.4, (2, 5, 17, 3)).astype(np.float32))
    swapped = mirrored(xyz_BFJ3, 1.0, np.random.default_rng(0))
    left, right = body.names.index("left_wrist"), body.names.index("right_wrist")
    torch.testing.assert_close(swapped[:, :, left, 1:], xyz_BFJ3[:, :, right, 1:])
    for parent, child in body.bones:
        lengths = (swapped[:, :, body.mirror[child]] - swapped[:, :, body.mirror[parent]]).norm(dim=-1)
        torch.testing.assert_close(lengths, (xyz_BFJ3[:, :, child] - xyz_BFJ3[:, :, parent]).norm(dim=-1))


def test_stage_one_hides_71_8_percent() -> None:
    masked_BFJ, kept_BK = published(8, 243, 17, 5, 0.6, np.random.default_rng(0))
    assert (masked_BFJ.sum(axis=2) == 5).all()
    assert kept_BK.shape == (8, 97)
    assert (np.diff(kept_BK, axis=1) > 0).all()
    shown = np.take_along_axis(~masked_BFJ, kept_BK[:, :, None], axis=1).sum() / masked_BFJ.size
    assert 1 - shown == pytest.approx(0.718, abs=0.002)


def test_gaps_reach_every_joint_any_length_and_the_edges() -> None:
    masked_BFJ = gaps(3000, 81, np.random.default_rng(0))
    assert masked_BFJ.any(axis=1).mean(axis=0).min() > 0.1
    assert masked_BFJ[:, 0].any()
    assert masked_BFJ[:, -1].any()
    assert masked_BFJ.any(axis=(1, 2)).all()
    lengths = masked_BFJ[:, :, 13].sum(axis=1)
    assert lengths[lengths > 0].min() <= 3
    assert lengths.max() >= 70


def test_cameras_project_what_they_say() -> None:
    rng = np.random.default_rng(0)
    xyz_BFJ3 = torch.from_numpy(rng.normal(0, 0.4, (50, 5, 17, 3)).astype(np.float32))
    views = project(xyz_BFJ3, rng)
    for axis in (0, 1):
        ratio = (views.xy_BFJ2 - views.image_B112 / 2)[..., axis] / (views.camera_BFJ3[..., axis] / views.camera_BFJ3[..., 2])
        spread = ratio.flatten(1).std(dim=1) / ratio.flatten(1).mean(dim=1)
        assert spread.median() < 1e-3, "one focal length per window"
    here = torch.cdist(xyz_BFJ3[:, 0], xyz_BFJ3[:, 0])
    there = torch.cdist(views.camera_BFJ3[:, 0], views.camera_BFJ3[:, 0])
    torch.testing.assert_close(here, there, atol=1e-3, rtol=1e-3)
    up = views.camera_BFJ3[..., 1] + 0 * xyz_BFJ3[..., 2]
    heights = xyz_BFJ3[..., 2] - xyz_BFJ3[..., 2].mean(dim=(1, 2), keepdim=True)
    assert (((up - up.mean(dim=(1, 2), keepdim=True)) * heights).sum(dim=(1, 2)) < 0).all(), "image y points down"


def test_jitter_has_the_size_it_says() -> None:
    image_B112 = torch.tensor([1000.0, 500.0]).expand(400, 1, 1, 2)
    noise = jitter(torch.zeros(400, 27, 17, 2), image_B112, 0.006, np.random.default_rng(0))
    assert 2.0 < float(noise.std()) < 5.0


def test_a_folder_without_a_corpus_is_told(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no corpus"):
        load_corpus(tmp_path)


def test_padded_windows_have_every_frame_in_the_middle_and_repeat_the_ends(tmp_path: Path) -> None:
    """As the evaluation lays them: 400 frames at 120 Hz, windows of 27 at 60 Hz."""
    joints_NJ3, clips = load_corpus(make_corpus(tmp_path))
    rows_NJ3 = np.asarray(joints_NJ3[:400])
    sampler = Sampler(joints_NJ3, clips[:1], "train", 27, 60.0, padded=True)
    windows = sampler.draw(20_000, np.random.default_rng(0), augment=False)
    number = {row.tobytes(): frame for frame, row in enumerate(rows_NJ3)}
    middle_B = np.array([number[frame.tobytes()] for frame in windows.xyz_BFJ3[:, 13].numpy()])
    count_F = np.bincount(middle_B, minlength=400)
    assert count_F.min() > 20, "every frame, 50 times each on average"
    assert count_F[:26].mean() == pytest.approx(50, rel=0.15) and count_F[-26:].mean() == pytest.approx(50, rel=0.15)
    for window in range(200):
        at_F = middle_B[window] + 2 * (np.arange(27) - 13)
        np.testing.assert_array_equal(windows.xyz_BFJ3[window].numpy(), rows_NJ3[np.clip(at_F, 0, 399)])
        np.testing.assert_array_equal(windows.valid_BF[window].numpy(), (at_F >= 0) & (at_F < 400))
    assert windows.valid_BF[:, 13].all()


def test_padded_windows_of_a_rate_that_does_not_divide_keep_their_middle_frame(tmp_path: Path) -> None:
    joints_NJ3, clips = load_corpus(make_corpus(tmp_path, frames=50))
    windows = Sampler(joints_NJ3, clips, "train", 243, 25.0, padded=True).draw(512, np.random.default_rng(0))
    assert windows.valid_BF[:, 121].all()
    assert windows.valid_BF.any(dim=0).sum() < 30, "50 frames at 120 Hz are at most 11 on each side at 25 Hz"
    assert torch.isfinite(windows.xyz_BFJ3).all()
