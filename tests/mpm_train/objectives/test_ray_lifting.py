"""What the lifting network with gravity learns from: windows through hand-held cameras, and from which part of the loss."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from mpm_core.model.build import build
from mpm_core.model.config import ModelConfig
from mpm_train.config import TrainConfig
from mpm_train.data.corpus import load_corpus
from mpm_train.data.definitions import redefined
from mpm_train.data.windows import Sampler, Windows
from mpm_train.objectives.config import RayLiftingConfig
from mpm_train.objectives.ray_lifting import at_rest, ray_lifting, ray_windows, wrong_by
from tests.mpm_core.world_fit.walker import walker
from tests.mpm_train.corpus import make_corpus
from tests.mpm_train.objectives.test_repair import SMALL, gradients

CONFIG = TrainConfig("l", ModelConfig("lift", partial=True, decoder="rays", dropout=0.0, **SMALL), RayLiftingConfig(), batch=8, bf16=False)  # type: ignore[arg-type]


@pytest.fixture
def windows(tmp_path: Path) -> Windows:
    joints_NJ3, clips = load_corpus(make_corpus(tmp_path))
    return Sampler(joints_NJ3, clips, "train", 27, 30.0).draw(8, np.random.default_rng(0), augment=False)


def test_heads_and_poses_are_taught_apart(windows: Windows) -> None:
    torch.manual_seed(0)
    for learns, moved in (("ground", {"gravity", "rest"}), ("pose", {"embed", "position", "near", "layers", "norm", "head", "sigma_head"})):
        network = build(CONFIG.model).train()
        config = replace(CONFIG, objective=RayLiftingConfig(learns=learns))  # type: ignore[arg-type]
        ray_lifting(network, windows, config, np.random.default_rng(1))["loss"].backward()  # type: ignore[no-untyped-call]
        assert gradients(network) == moved


def test_rays_and_up_belong_to_the_same_camera(windows: Windows) -> None:
    """Of windows without gaps, errors and other definitions: the rays of the targets, and up against their heights."""
    batch = ray_windows(windows, CONFIG.model, RayLiftingConfig(0.0, 0.0, 0.0), np.random.default_rng(2))
    world_BFJ3 = windows.xyz_BFJ3 - windows.xyz_BFJ3[:, :, :1]
    height_BFJ = torch.einsum("bfjd,bd->bfj", batch.target_BFJ3, batch.up_B3)
    torch.testing.assert_close(height_BFJ, world_BFJ3[..., 2], atol=1e-4, rtol=0)
    assert batch.ray_BFJ2.shape == (8, 27, 17, 2)


def test_an_up_that_is_wrong_by_so_much(windows: Windows) -> None:
    up_N3 = torch.tensor([[0.0, -1, 0]]).repeat(4000, 1)
    off_N3 = wrong_by(up_N3, (5.0,), np.random.default_rng(0))
    angle_N = torch.rad2deg(torch.arccos((off_N3 * up_N3).sum(dim=1).clamp(max=1)))
    assert float(angle_N.square().mean().sqrt()) == pytest.approx(5 * np.sqrt(2), rel=0.05)


def test_a_standing_foot_rests_and_a_swinging_one_does_not() -> None:
    w = walker()
    rest_F2 = at_rest(torch.from_numpy(w.truth_FJ3[None].astype(np.float32)), 30.0)[0]
    walking_F2 = rest_F2[40:160]
    assert 0.2 < float(walking_F2.mean()) < 0.9
    assert float((rest_F2.numpy() == w.rest_FA).mean()) > 0.85


def test_other_definitions_move_joints_with_the_trunk_and_alike_on_both_sides() -> None:
    xyz_BFJ3 = torch.from_numpy(walker().truth_FJ3[None, :200].astype(np.float32))
    moved_BFJ3 = redefined(xyz_BFJ3, 1.0, np.random.default_rng(4)) - xyz_BFJ3
    length_FJ = moved_BFJ3.norm(dim=-1)[0]
    assert (length_FJ.std(dim=0) < 1e-4).all(), "a constant vector in the trunk's axes"
    torch.testing.assert_close(length_FJ[:, 3], length_FJ[:, 6], atol=1e-4, rtol=0)
    torch.testing.assert_close(moved_BFJ3[:, :, 0], (moved_BFJ3[:, :, 1] + moved_BFJ3[:, :, 4]) / 2, atol=1e-4, rtol=0)
    assert redefined(xyz_BFJ3, 0.0, np.random.default_rng(4)).equal(xyz_BFJ3)
