"""Virtual cameras against projections worked out by hand, and lens distortion against its formula."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from mpm_train.data.cameras import Cameras, distorted, project, turns

STILL = Cameras(
    distance_m=(4.0, 4.0), elevation_deg=(0.0, 0.0), roll_deg=0.0, off_centre=(0.0, 0.0), focal=(1.0, 1.0), images_wh=((1000, 800),)
)


class Facing:
    """A generator whose cameras look along +y: azimuth 90 degrees, everything else as its range has it."""

    def __init__(self) -> None:
        self.rng = np.random.default_rng(0)

    def uniform(self, low: float, high: float, size: int) -> np.ndarray:
        return np.full(size, np.pi / 2) if (low, high) == (0, 2 * np.pi) else self.rng.uniform(low, high, size)

    def __getattr__(self, name: str) -> object:
        return getattr(self.rng, name)


def cross() -> torch.Tensor:
    """(1, 1, 5, 3) a middle, 1 m to the right, left, up and down as seen along +y."""
    return torch.tensor([[[[0.0, 0, 0], [1, 0, 0], [-1, 0, 0], [0, 0, 1], [0, 0, -1]]]])


def test_a_camera_along_y_by_hand() -> None:
    views = project(cross(), Facing(), STILL)  # type: ignore[arg-type]
    expected = torch.tensor([[[[500.0, 400], [750, 400], [250, 400], [500, 150], [500, 650]]]])
    torch.testing.assert_close(views.xy_BFJ2, expected, atol=1e-3, rtol=0)
    torch.testing.assert_close(views.camera_BFJ3[0, 0, 1], torch.tensor([1.0, 0, 4]), atol=1e-5, rtol=0)
    torch.testing.assert_close(views.target_BFJ3[0, 0, 3], torch.tensor([0.0, -1, 0]), atol=1e-5, rtol=0)
    assert (views.target_BFJ3[:, :, 0] == 0).all()


def test_turns_are_rotations_that_look_where_they_say() -> None:
    rng = np.random.default_rng(0)
    azimuth, elevation, roll = (rng.uniform(-3, 3, 50), rng.uniform(-1.5, 1.5, 50), rng.uniform(-1, 1, 50))
    turn_B33 = turns(azimuth, elevation, roll)
    np.testing.assert_allclose(turn_B33 @ turn_B33.transpose(0, 2, 1), np.broadcast_to(np.eye(3), (50, 3, 3)), atol=1e-12)
    np.testing.assert_allclose(np.linalg.det(turn_B33), 1.0)
    from_above = turns(np.zeros(1), np.radians([90.0]), np.zeros(1))[0]
    np.testing.assert_allclose(from_above @ [0, 0, -1], [0, 0, 1], atol=1e-12, err_msg="from above, down is ahead")


def test_the_person_never_comes_behind_the_camera_and_keeps_their_shape() -> None:
    walk_BFJ3 = torch.zeros(40, 9, 17, 3)
    walk_BFJ3[..., 0] = torch.linspace(-8, 8, 9)[:, None]
    walk_BFJ3 += torch.from_numpy(np.random.default_rng(1).normal(0, 0.3, (40, 1, 17, 3)).astype(np.float32))
    views = project(walk_BFJ3, np.random.default_rng(0), Cameras(near_m=0.8))
    assert float(views.camera_BFJ3[..., 2].min()) >= 0.8 - 1e-4
    here, there = walk_BFJ3.flatten(1, 2), views.camera_BFJ3.flatten(1, 2)
    exact = "donot_use_mm_for_euclid_dist"
    here_BNN, there_BNN = (torch.cdist(points, points, compute_mode=exact) for points in (here, there))
    torch.testing.assert_close(here_BNN, there_BNN, atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize(("k1", "k2"), [(-0.2, 0.0), (-0.3, 0.1), (0.15, 0.0), (0.1, -0.05)])
def test_distortion_by_its_formula(k1: float, k2: float) -> None:
    x, y = 0.3, -0.4  # 0.5 from the middle
    shot = distorted(torch.tensor([[[[x, y]]]]), torch.tensor([k1]), torch.tensor([k2]))[0, 0, 0]
    factor = 1 + k1 * 0.25 + k2 * 0.0625
    torch.testing.assert_close(shot, torch.tensor([x * factor, y * factor]))


@pytest.mark.parametrize(("k1", "k2"), [(-0.4, 0.0), (-0.3, 0.01), (0.1, -0.05), (-0.3, 0.5), (0.2, 0.1)])
def test_distortion_never_folds_the_picture(k1: float, k2: float) -> None:
    ray_1F12 = torch.stack([torch.linspace(0, 5, 400), torch.zeros(400)], dim=-1)[None, :, None]
    x = distorted(ray_1F12, torch.tensor([k1]), torch.tensor([k2]))[0, :, 0, 0]
    assert (x.diff() > 0).all(), "further out is further out"


def test_distortion_is_off_by_default_and_reaches_the_pixels() -> None:
    plain = project(cross(), Facing(), STILL)  # type: ignore[arg-type]
    bent = replace(STILL, k1=(-0.2, -0.2))
    views = project(cross(), Facing(), bent)  # type: ignore[arg-type]
    torch.testing.assert_close(views.camera_BFJ3, plain.camera_BFJ3)
    assert views.xy_BFJ2[0, 0, 1, 0].item() == pytest.approx(500 + 250 * (1 - 0.2 / 16), abs=1e-2)


def test_ranges_are_kept() -> None:
    how = Cameras(
        distance_m=(3, 4), elevation_deg=(10, 20), roll_deg=0, off_centre=(0, 0), focal=(1, 1.2), images_wh=((640, 480), (480, 640))
    )
    points_BFJ3 = torch.from_numpy(np.random.default_rng(0).normal(0, 0.2, (300, 2, 17, 3)).astype(np.float32))
    views = project(points_BFJ3, np.random.default_rng(1), how)
    depth_B = views.camera_BFJ3[..., 2].mean(dim=(1, 2))
    assert 2.99 < float(depth_B.min()) < 3.1
    assert 3.9 < float(depth_B.max()) < 4.01
    assert {tuple(size) for size in views.image_B112[:, 0, 0].tolist()} == {(640, 480), (480, 640)}
    focal = (
        ((views.xy_BFJ2 - views.image_B112 / 2) * views.camera_BFJ3[..., 2:] / views.camera_BFJ3[..., :2]).flatten(1).median(dim=1).values
    )
    assert float(focal.min()) >= 640 - 1e-2
    assert float(focal.max()) <= 768 + 1e-2
