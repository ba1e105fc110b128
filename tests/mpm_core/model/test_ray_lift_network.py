"""The lifting network with gravity: what it does with the camera is geometry, checked on an untrained one."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.spatial.transform import Rotation

import mpm_core.model.lift_rays as lift_rays_module
from mpm_core.errors import ModelError
from mpm_core.model.build import build
from mpm_core.model.checkpoint import Model
from mpm_core.model.config import ModelConfig
from mpm_core.model.lift_rays import Gravity, find_gravity, is_turned, lift_rays
from mpm_core.model.person_axes import direction, looking_along, seen_from, standing_up, turning_to
from mpm_core.model.ray_lift_network import RayLiftNetwork
from mpm_core.world_fit.camera import quarter_turns, up_of
from tests.mpm_core.world_fit.walker import walker

SMALL = ModelConfig("lift", 27, channels=16, hidden=24, layers=1, heads=2, dropout=0.0, partial=True, decoder="rays")


@pytest.fixture
def network() -> RayLiftNetwork:
    torch.manual_seed(3)
    made = build(SMALL).eval()
    assert isinstance(made, RayLiftNetwork)
    return made


def rays(count: int = 27) -> torch.Tensor:
    return torch.from_numpy(walker().ray_FJ2[None, :count].astype(np.float32))


def turned(ray_BFJ2: torch.Tensor, turn: Rotation) -> tuple[torch.Tensor, torch.Tensor]:
    """The same person seen by the camera turned about its centre, and the rotation from the old axes to the new ones."""
    turn_33 = torch.from_numpy(turn.as_matrix().astype(np.float32))
    return seen_from(turn_33, ray_BFJ2), turn_33


def test_axes_look_at_the_person_with_up_upright() -> None:
    view_N3, up_N3 = (
        direction(torch.tensor([[0.3, -0.2], [0.0, 0.5]])),
        torch.nn.functional.normalize(torch.tensor([[0.1, -1, 0.3], [1, 0.1, 0.2]])),
    )
    axes_N33 = looking_along(view_N3, up_N3)
    torch.testing.assert_close(torch.linalg.det(axes_N33), torch.ones(2))
    torch.testing.assert_close((axes_N33 @ view_N3[..., None])[..., 0], torch.tensor([[0.0, 0, 1], [0, 0, 1]]), atol=1e-6, rtol=0)
    across = (axes_N33 @ up_N3[..., None])[..., 0]
    assert across[:, 0].abs().max() < 1e-6
    assert (across[:, 1] < 0).all()
    overhead = looking_along(torch.tensor([[0.0, 0, 1]]), torch.tensor([[0.0, 0, -1]]))
    assert torch.isfinite(overhead).all()
    torch.testing.assert_close((turning_to(view_N3) @ view_N3[..., None])[:, 2, 0], torch.ones(2))


@pytest.mark.parametrize("turn", [Rotation.from_euler("z", 90, degrees=True), Rotation.from_euler("xyz", [12, -9, 160], degrees=True)])
def test_poses_turn_with_the_camera(turn: Rotation, network: RayLiftNetwork) -> None:
    ray_BFJ2, up_13 = rays(), torch.from_numpy(walker().up_3.astype(np.float32))[None]
    masked_BFJ = torch.zeros(ray_BFJ2.shape[:3], dtype=torch.bool)
    other_BFJ2, turn_33 = turned(ray_BFJ2, turn)
    with torch.inference_mode():
        pose_BFJ3, sigma_BFJ = network(ray_BFJ2, masked_BFJ, up_13)
        other_BFJ3, other_sigma_BFJ = network(other_BFJ2, masked_BFJ, up_13 @ turn_33.T)
    torch.testing.assert_close(other_BFJ3, pose_BFJ3 @ turn_33.T, atol=0.03, rtol=0)
    torch.testing.assert_close(other_sigma_BFJ, sigma_BFJ, atol=0.01, rtol=0.1)
    assert (pose_BFJ3[:, :, 0] == 0).all()


@pytest.mark.parametrize("angle", [15, 90, 180, 270])
def test_up_turns_with_the_image(angle: int, network: RayLiftNetwork) -> None:
    ray_BFJ2 = rays()
    masked_BFJ = torch.zeros(ray_BFJ2.shape[:3], dtype=torch.bool)
    other_BFJ2, turn_33 = turned(ray_BFJ2, Rotation.from_euler("z", angle, degrees=True))
    with torch.inference_mode():
        up_B3, other_B3 = network.gravity(ray_BFJ2, masked_BFJ)[0], network.gravity(other_BFJ2, masked_BFJ)[0]
    torch.testing.assert_close(other_B3, up_B3 @ turn_33.T, atol=2e-2, rtol=0)


def test_a_person_without_legs_is_not_turned() -> None:
    ever_B1J1 = torch.ones(1, 1, 17, 1)
    ever_B1J1[:, :, [3, 6]] = 0
    torch.testing.assert_close(standing_up(rays(), ever_B1J1)[0], torch.eye(3))


def test_a_take_of_any_rate_and_length_is_lifted(network: RayLiftNetwork) -> None:
    w = walker()
    ray_FJ2 = w.ray_FJ2.repeat(2, axis=0)
    ray_FJ2[100:200, 5] = np.nan
    poses = lift_rays(ray_FJ2, 60.0, Model(network, {}, "made here"))
    assert poses.pose_FJ3.shape == (800, 17, 3)
    assert poses.rest_FA.shape == (800, 2)
    assert ((poses.rest_FA >= 0) & (poses.rest_FA <= 1)).all()
    assert (poses.sigma_FJ > 0).all()
    assert np.linalg.norm(poses.gravity.up_3) == pytest.approx(1)
    given = lift_rays(ray_FJ2[:9], 60.0, Model(network, {}, "made here"), up_3=w.up_3)
    assert given.gravity.up_3 is w.up_3


def test_windows_that_disagree_are_outvoted(network: RayLiftNetwork, monkeypatch: pytest.MonkeyPatch) -> None:
    ups = torch.tensor([[0.0, -1, 0]] * 6 + [[1.0, 0, 0]])

    def predicted_up(ray_BFJ2: torch.Tensor, _: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        return ups[: len(ray_BFJ2)], torch.full((len(ray_BFJ2),), -2.0)

    monkeypatch.setattr(network.gravity, "forward", predicted_up)
    found = find_gravity(np.zeros((27 + 6 * 13, 17, 2)), np.zeros((27 + 6 * 13, 17), bool), network)
    assert found.up_3[1] < -0.99


def test_another_kind_of_network_is_refused() -> None:
    other = build(ModelConfig("lift", 27, channels=16, hidden=24, layers=1, heads=2, partial=True, decoder="direct"))
    with pytest.raises(ModelError, match="not for lifting from rays"):
        lift_rays(walker().ray_FJ2, 30.0, Model(other, {}, "made here"))


def test_a_picture_is_not_taken_as_turned_unless_the_poses_are_surer_for_it(
    network: RayLiftNetwork, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An untrained network is as unsure for any camera."""
    monkeypatch.setattr(lift_rays_module, "find_gravity", lambda *_: Gravity(up_of(10, 90), 0.1, 0.0))
    poses = lift_rays(walker().ray_FJ2, 30.0, Model(network, {}, "made here"))
    assert quarter_turns(poses.gravity.up_3) == 0
    monkeypatch.setattr(lift_rays_module, "is_turned", lambda *_: True)
    poses = lift_rays(walker().ray_FJ2, 30.0, Model(network, {}, "made here"))
    assert quarter_turns(poses.gravity.up_3) == 1


@pytest.mark.parametrize("rate_hz", [30.0, 120.0])
def test_the_moment_that_tells_most_clearly_decides_whether_a_picture_is_turned(rate_hz: float) -> None:
    """Sigmas of somebody who stands for 1 s and lies for 6 s, as of a take of HDM05: the mean alone would take the picture as turned."""
    stands_F = np.arange(round(7 * rate_hz)) < rate_hz
    surer_FJ = 0.06 * np.exp(np.random.default_rng(0).normal(0, 0.1, (len(stands_F), 17)))
    right_FJ = np.where(stands_F[:, None], surer_FJ / 2, surer_FJ)
    wrong_FJ = np.where(stands_F[:, None], surer_FJ * 2, surer_FJ / 1.6)
    assert wrong_FJ.mean() < 0.9 * right_FJ.mean()
    assert not is_turned(wrong_FJ, right_FJ, rate_hz)
    assert is_turned(right_FJ, wrong_FJ * 2, rate_hz)
    assert not is_turned(surer_FJ, 1.05 * surer_FJ, rate_hz), "too little"
