"""Windows of bodies that sit, squat, kneel or lie down, made and found."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import Tensor

from mpm_core.body.joints import body17
from mpm_train.config import Augment
from mpm_train.data.corpus import Clip
from mpm_train.data.low_poses import ANKLES, LEGS, LOW, MOST_BENT, low_frames, lowered
from mpm_train.data.windows import Sampler
from mpm_train.objectives import repair
from tests.makers import standing

WRISTS = [body17().names.index(f"{side}_wrist") for side in ("left", "right")]


@pytest.fixture
def upright() -> Tensor:
    """64 windows of 201 frames; each faces elsewhere."""
    takes = [standing(201, (number * 0.1, -0.2, 0.0), turn=37.0 * number).xyz_FPD for number in range(64)]
    return torch.from_numpy(np.stack(takes).astype(np.float32))


def height(xyz_BFJ3: Tensor) -> Tensor:
    """(B, F) the pelvis over the lowest joint."""
    return xyz_BFJ3[:, :, 0, 2] - xyz_BFJ3[..., 2].amin(dim=2)


def knees_bent(xyz_BFJ3: Tensor) -> Tensor:
    thigh, shank = (torch.stack([xyz_BFJ3[:, :, leg[n + 1]] - xyz_BFJ3[:, :, leg[n]] for leg in LEGS], dim=2) for n in (0, 1))
    return torch.acos(torch.cosine_similarity(thigh, shank, dim=-1).clamp(-1, 1))


def test_lowered_bodies_are_low_on_their_ground_with_their_own_bones(upright: Tensor) -> None:
    out = lowered(upright, 1.0, np.random.default_rng(0))
    torch.testing.assert_close(repair.lengths(out), repair.lengths(upright), rtol=0, atol=1e-5)
    lowest_BF = out[..., 2].amin(dim=2) - upright[..., 2].amin(dim=2)
    assert float((lowest_BF.abs() < 0.03).float().mean()) > 0.97, "the fastest changes are evened out in height"
    assert float((height(out).amin(dim=1) < 0.4).float().mean()) > 0.25, "sitting on the floor, or lying"
    assert float((height(out).amax(dim=1) > 0.7).float().mean()) > 0.25, "standing, before or after"
    assert float(knees_bent(out).max()) < MOST_BENT + 1e-3
    assert torch.equal(lowered(upright, 0.0, np.random.default_rng(0)), upright)


def test_knees_bend_backwards_and_thighs_forwards(upright: Tensor) -> None:
    out = lowered(upright, 1.0, np.random.default_rng(1))
    forwards_BF3 = torch.linalg.cross(torch.tensor([0.0, 0.0, 1.0]).expand(64, 201, 3), out[:, :, 1] - out[:, :, 4])  # up, left to right
    thigh_BF = torch.stack([((out[:, :, knee] - out[:, :, hip]) * forwards_BF3).sum(-1) for hip, knee, _ in LEGS]).amin(0)
    leaning_BF = torch.nn.functional.normalize(out[:, :, 8] - out[:, :, 0], dim=-1)[..., 2] < 0.9
    seated_BF = ~leaning_BF & (knees_bent(out).amin(dim=2) > 0.7) & (height(out) < 0.6)
    assert int(seated_BF.sum()) > 50
    assert float((thigh_BF[seated_BF] > 0).float().mean()) > 0.95
    across_BF3 = out[:, :, 1] - out[:, :, 4]
    for hip, knee, ankle in LEGS:
        turn_BF3 = torch.linalg.cross(out[:, :, knee] - out[:, :, hip], out[:, :, ankle] - out[:, :, knee])
        assert bool(((turn_BF3 * across_BF3).sum(-1) < 0)[knees_bent(out).amin(dim=2) > 0.3].all()), "shanks turn backwards"


def test_feet_stay_in_some_and_the_pelvis_in_others(upright: Tensor) -> None:
    out = lowered(upright, 1.0, np.random.default_rng(2))
    feet_B, pelvis_B = (
        (moved - moved[:, :1]).norm(dim=-1).amax(dim=1) for moved in (out[:, :, ANKLES].mean(dim=2)[..., :2], out[:, :, 0, :2])
    )
    moving_B = (feet_B + pelvis_B) > 0.3
    share_B = feet_B[moving_B] / (feet_B + pelvis_B)[moving_B]
    assert float(share_B.min()) < 0.2
    assert float(share_B.max()) > 0.8


def test_what_the_body_does_goes_on_while_it_is_lowered(upright: Tensor) -> None:
    waving = upright.clone()
    waving[:, :, WRISTS[0], 2] += 0.3 * torch.sin(torch.arange(201) / 5)
    still, moving = (lowered(each, 1.0, np.random.default_rng(3)) for each in (upright, waving))
    torch.testing.assert_close(still[:, :, WRISTS[1]], moving[:, :, WRISTS[1]], rtol=0, atol=0.35)
    assert float((still[:, :, WRISTS[0]] - moving[:, :, WRISTS[0]]).norm(dim=-1).max()) > 0.25


def corpus() -> tuple[np.ndarray, list[Clip]]:
    """Two people who stand for 20 s; the second is down on the floor for a second of it, and so is a third, a gate subject."""
    stand_FJ3 = np.array(standing(2400).xyz_FPD)
    down_FJ3 = stand_FJ3.copy()
    down_FJ3[1200:1320, :, 2] -= 0.7 * (stand_FJ3[1200:1320, :, 2] > 0.3)
    clips = [Clip(f"c{n}", f"s{n}", "train", 120.0, n * 2400, (n + 1) * 2400, "made here") for n in range(3)]
    return np.concatenate([stand_FJ3, down_FJ3, down_FJ3]).astype(np.float32), clips


def test_low_frames_are_found_where_somebody_is_down_but_not_of_gate_subjects() -> None:
    low_N2 = low_frames(*corpus(), without=("s2",))
    assert set(low_N2[:, 0]) == {1}
    assert low_N2[:, 1].min() == 1200
    assert low_N2[:, 1].max() < 1320
    assert len(low_N2) == 10


def test_a_share_of_the_windows_shows_somebody_low() -> None:
    joints_NJ3, clips = corpus()
    plain = Augment(mirror=0.0, size=0.0)
    shares = []
    for low in (0.0, 0.5):
        sampler = Sampler(joints_NJ3, clips, "train", 27, 30.0, replace(plain, low=low), ("s2",), beside=5)
        drawn = sampler.draw(400, np.random.default_rng(0))
        seen_BF = (height(drawn.xyz_BFJ3) < LOW * 0.84)[:, 5:-5] & drawn.valid_BF[:, 5:-5]
        shares.append(float(seen_BF.any(dim=1)[~drawn.gate_B].float().mean()))
    assert shares[0] < 0.15
    assert 0.5 < shares[1] < 0.75


@pytest.mark.parametrize("also", [{"lowered": 0.5}, {"low": 0.5}])
def test_asked_for_they_change_what_is_drawn(also: dict[str, float]) -> None:
    joints_NJ3, clips = corpus()
    ends = []
    for augment in (Augment(), replace(Augment(), **also)):  # type: ignore[arg-type]
        rng = np.random.default_rng(4)
        ends.append((Sampler(joints_NJ3, clips, "train", 27, 30.0, augment).draw(8, rng).xyz_BFJ3, rng.random()))
    assert ends[0][1] != ends[1][1]
    assert not torch.equal(ends[0][0], ends[1][0])


def test_a_window_around_a_low_frame_lies_within_its_take() -> None:
    joints_NJ3, clips = corpus()
    late = [replace(clips[1], stop=clips[1].start + 1210)]  # somebody is down in its last frames alone
    sampler = Sampler(joints_NJ3, late, "train", 81, 30.0, Augment(warp=(1.0, 1.0), low=1.0))
    drawn = sampler.draw(50, np.random.default_rng(0))
    assert bool(drawn.valid_BF.all())
