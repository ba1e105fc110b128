"""The shipping networks' losses: what they learn from, and from whom. Small untrained networks; only the machinery is tested."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from unittest.mock import patch

import numpy as np
import pytest
import torch

from mpm_core.body.joints import body17
from mpm_core.model.build import build
from mpm_core.model.checkpoint import Model
from mpm_core.model.config import ModelConfig
from mpm_core.model.encode import tensor_weights
from mpm_core.model.predict import predict_joints
from mpm_core.model.repair_features import POSITION_M, body_axes, mirror_features, mirror_pose, observe
from mpm_core.model.repair_network import RepairNetwork
from mpm_train.config import Augment, TrainConfig
from mpm_train.data.augment import HALT_SPEED, SHORT_FRAMES, halting_speed, mixed, posed, reproportioned, shortened, tilted
from mpm_train.data.corpus import load_corpus
from mpm_train.data.windows import Sampler, Windows
from mpm_train.masking import gaps
from mpm_train.objectives import lifting, repair
from mpm_train.objectives.config import LiftingConfig, RepairConfig
from tests.mpm_train.corpus import make_corpus

SMALL = {"frames": 27, "channels": 16, "hidden": 24, "layers": 1, "heads": 2}
REPAIR = TrainConfig("r", ModelConfig("repair", dropout=0.0, **SMALL), RepairConfig(), batch=8)  # type: ignore[arg-type]
LIFT = TrainConfig("l", ModelConfig("lift", partial=True, decoder="direct", dropout=0.0, **SMALL), LiftingConfig(), batch=8)  # type: ignore[arg-type]
BONES = len(body17().bones)  # the last features are their lengths: the subject's, known from the rest of a take


@pytest.fixture
def windows(tmp_path: Path) -> Windows:
    joints_NJ3, clips = load_corpus(make_corpus(tmp_path))
    return Sampler(joints_NJ3, clips, "train", 27, 30.0).draw(8, np.random.default_rng(0), augment=False)


def gradients(network: torch.nn.Module) -> set[str]:
    """Names of the parameters that a step would move."""
    return {name.split(".")[0] for name, p in network.named_parameters() if p.grad is not None and bool(p.grad.abs().sum() > 0)}


@pytest.mark.parametrize("gate", [True, False])
def test_sigma_is_learned_from_those_set_aside_and_poses_from_the_others(gate: bool, windows: Windows) -> None:
    torch.manual_seed(0)
    network = build(LIFT.model).train()
    batch = replace(windows, gate_B=torch.full((8,), gate))
    lifting.lifting(network, batch, replace(LIFT, bf16=False), np.random.default_rng(1))["loss"].backward()  # type: ignore[no-untyped-call]
    assert gradients(network) == ({"sigma_head"} if gate else {"embed", "position", "near", "layers", "norm", "head", "sigma_head"})


@pytest.mark.parametrize("gate", [True, False])
def test_nobody_set_aside_teaches_repairing(gate: bool, windows: Windows) -> None:
    torch.manual_seed(0)
    network = build(REPAIR.model).train()
    batch = replace(windows, gate_B=torch.full((8,), gate))
    repair.repair(network, batch, replace(REPAIR, bf16=False), np.random.default_rng(1))["loss"].backward()  # type: ignore[no-untyped-call]
    assert bool(gradients(network)) != gate


def test_what_is_hidden_never_reaches_the_network(windows: Windows) -> None:
    rng = np.random.default_rng(3)
    gapped = repair.mask_windows(windows, REPAIR.model, RepairConfig(), rng)
    masked_BFJ = gapped.visible_BFJ == 0
    moved = replace(windows, xyz_BFJ3=torch.where(masked_BFJ[..., None], windows.xyz_BFJ3 + 7, windows.xyz_BFJ3))
    again = repair.mask_windows(moved, REPAIR.model, RepairConfig(), np.random.default_rng(3))
    assert masked_BFJ.any()
    torch.testing.assert_close(gapped.features_BFN[..., :-BONES], again.features_BFN[..., :-BONES], rtol=0, atol=0)


def test_the_application_shows_the_network_what_it_was_trained_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    beside = 2 * (27 // RepairNetwork.overlap)  # so that one of the application's windows is the one drawn
    joints_NJ3, clips = load_corpus(make_corpus(tmp_path))
    drawn = Sampler(joints_NJ3, clips, "train", 27, 30.0, beside=beside).draw(2, np.random.default_rng(0), augment=False)
    drawn = replace(drawn, valid_BF=torch.ones_like(drawn.valid_BF))
    monkeypatch.setattr(repair, "LENGTHS_MISSING", 0.0)
    gapped = repair.mask_windows(drawn, REPAIR.model, RepairConfig(beside=beside), np.random.default_rng(5))
    masked_BFJ = gaps(2, 27, np.random.default_rng(5), beside)
    network = build(REPAIR.model).eval()
    assert isinstance(network, RepairNetwork)
    for wanted_FN, xyz_FJ3, masked_FJ in zip(gapped.features_BFN, drawn.xyz_BFJ3.numpy().astype(np.float64), masked_BFJ, strict=True):
        inputs: list[torch.Tensor] = []

        def take_down(features_BFN: torch.Tensor, into: list[torch.Tensor] = inputs) -> tuple[torch.Tensor, torch.Tensor]:
            into.append(features_BFN)
            B, F, _ = features_BFN.shape
            return torch.zeros(B, F, REPAIR.model.channels), torch.zeros(B, F, REPAIR.model.joints, 3)

        monkeypatch.setattr(network, "hidden_state_and_pose", take_down)
        predict_joints(np.where(masked_FJ[..., None], np.nan, xyz_FJ3), 30.0, Model(network, {}, "here"))
        off_B = [float((window_FN - wanted_FN)[:, :-BONES].abs().max()) for window_FN in torch.cat(inputs)]
        assert min(off_B) < 2e-3


def test_the_body_s_own_axes_do_not_know_where_it_went(windows: Windows) -> None:
    turn = torch.tensor([[0.0, -1, 0], [1, 0, 0], [0, 0, 1]])
    there = replace(windows, xyz_BFJ3=windows.xyz_BFJ3 @ turn.T + torch.tensor([3.0, -2, 0.4]))
    here, moved = (repair.mask_windows(each, REPAIR.model, RepairConfig(), np.random.default_rng(3)) for each in (windows, there))
    torch.testing.assert_close(here.features_BFN, moved.features_BFN, rtol=0, atol=2e-4)


def test_bones_change_alike_left_and_right_and_stay_rigid(windows: Windows) -> None:
    out = reproportioned(windows.xyz_BFJ3, 0.2, np.random.default_rng(0))
    before, after = (
        ((xyz[:, :, 3] - xyz[:, :, 2]).norm(dim=-1), (xyz[:, :, 6] - xyz[:, :, 5]).norm(dim=-1)) for xyz in (windows.xyz_BFJ3, out)
    )
    right, left = after[0] / before[0], after[1] / before[1]
    torch.testing.assert_close(right, left, rtol=1e-4, atol=1e-4)
    assert float(right.std(dim=1).max()) < 1e-4
    assert float((right[:, 0] - 1).abs().max()) > 0.05


def test_mixed_bodies_keep_their_legs_and_never_cross_to_gate_subjects(windows: Windows) -> None:
    gate_B = torch.tensor([True] * 4 + [False] * 4)
    outs = []
    for others in (windows.xyz_BFJ3[4:], windows.xyz_BFJ3[4:] * 2):
        xyz_BFJ3 = torch.cat([windows.xyz_BFJ3[:4], others])
        outs.append(mixed(xyz_BFJ3, 1.0, gate_B, np.random.default_rng(1)))
        torch.testing.assert_close(outs[-1][:, :, :7], xyz_BFJ3[:, :, :7])
        assert not torch.equal(outs[-1][:4], xyz_BFJ3[:4])
    torch.testing.assert_close(outs[0][:4], outs[1][:4], rtol=0, atol=0)


def test_tilted_bodies_stay_rigid_and_on_their_ground_and_some_change_over(windows: Windows) -> None:
    xyz_BFJ3, valid_BF = windows.xyz_BFJ3.repeat(4, 1, 1, 1), windows.valid_BF.repeat(4, 1)
    out = tilted(xyz_BFJ3, 1.0, valid_BF, np.random.default_rng(0))
    torch.testing.assert_close(repair.lengths(out), repair.lengths(xyz_BFJ3), rtol=0, atol=1e-5)
    up_BF3 = [torch.nn.functional.normalize(xyz[:, :, 8] - xyz[:, :, 0], dim=-1) for xyz in (xyz_BFJ3, out)]
    lean_BF = torch.rad2deg(torch.acos((up_BF3[0] * up_BF3[1]).sum(dim=-1).clamp(-1, 1)))
    assert float(lean_BF.max()) > 60
    changing_B = (lean_BF.amax(dim=1) - lean_BF.amin(dim=1)) > 10
    assert 4 <= int(changing_B.sum()) <= 28
    assert torch.equal(tilted(xyz_BFJ3, 0.0, valid_BF, np.random.default_rng(0)), xyz_BFJ3)


def test_posed_bodies_keep_bones_and_pelvis_and_hold_a_limb_otherwise_all_the_time(windows: Windows) -> None:
    xyz_BFJ3 = windows.xyz_BFJ3
    out = posed(xyz_BFJ3, 1.0, np.random.default_rng(0))
    torch.testing.assert_close(repair.lengths(out), repair.lengths(xyz_BFJ3), rtol=0, atol=1e-5)
    pelvis = [0, 1, 4]
    torch.testing.assert_close(out[:, :, pelvis], xyz_BFJ3[:, :, pelvis], rtol=0, atol=0)
    still = xyz_BFJ3[:, :1].expand_as(xyz_BFJ3)  # who does not move does not move when posed either
    moved = posed(still, 1.0, np.random.default_rng(0))
    torch.testing.assert_close(moved, moved[:, :1].expand_as(moved), rtol=0, atol=1e-5)
    away_BJ = (moved - still).norm(dim=-1)[:, 0]
    assert float(away_BJ[:, [13, 16]].median()) > 0.1, "wrists"
    assert torch.equal(posed(xyz_BFJ3, 0.0, np.random.default_rng(0)), xyz_BFJ3)


def test_short_takes_lie_in_their_window_as_in_the_application() -> None:
    valid_BF = torch.ones(500, 201, dtype=torch.bool)
    some_BF = shortened(valid_BF, 81, 0.5, np.random.default_rng(0)).numpy()
    cut_B = ~some_BF.all(axis=1)
    assert 0.4 < cut_B.mean() < 0.6
    length_B, begin_B = some_BF[cut_B].sum(axis=1), some_BF[cut_B].argmax(axis=1)
    assert set(length_B) <= set(range(SHORT_FRAMES[0], SHORT_FRAMES[1] + 1))
    short_B = length_B < 81
    assert short_B.any()
    assert (begin_B - 60 == (81 - length_B) // 2)[short_B].all(), "in the middle of the window"
    assert some_BF[cut_B][~short_B][:, 60:141].all(), "the window is filled"
    assert len(set(begin_B[~short_B])) > 10, "anywhere in the take"
    valid_BF[:, :150] = False
    assert (shortened(valid_BF, 81, 1.0, np.random.default_rng(0)).sum(dim=1) > 0).all(), "something is left of every take"


def test_some_windows_halt_for_a_while(tmp_path: Path) -> None:
    speed_BF = halting_speed(200, 201, 0.5, np.random.default_rng(0))
    assert speed_BF.min() == pytest.approx(HALT_SPEED)
    assert speed_BF.max() == 1
    slowed_B = speed_BF.min(axis=1) < 0.5
    assert 60 < slowed_B.sum() < 110
    assert 10 < (speed_BF[slowed_B] < 0.5).sum(axis=1).mean() < 80
    joints_NJ3, clips = load_corpus(make_corpus(tmp_path))
    still = Augment(warp=(1.0, 1.0), mirror=0.0, size=0.0)
    plain, slowed = (
        Sampler(joints_NJ3, clips, "train", 27, 30.0, augment, beside=10).draw(40, np.random.default_rng(0)).xyz_BFJ3
        for augment in (still, replace(still, halts=1.0))
    )
    step_BF = [window.diff(dim=1)[:, :, 0].norm(dim=-1) for window in (plain, slowed)]
    assert float(step_BF[1].mean()) < 0.9 * float(step_BF[0].mean())


def test_a_run_without_tilt_draws_what_it_drew_before_there_was_tilt(tmp_path: Path) -> None:
    joints_NJ3, clips = load_corpus(make_corpus(tmp_path))
    ends = []
    for tilt in (0.0, 0.5):
        rng = np.random.default_rng(4)
        drawn = Sampler(joints_NJ3, clips, "train", 27, 30.0, Augment(tilt=tilt)).draw(4, rng).xyz_BFJ3
        ends.append((drawn, rng.random()))
    rng = np.random.default_rng(4)
    Sampler(joints_NJ3, clips, "train", 27, 30.0, Augment()).draw(4, rng)
    assert ends[0][1] == rng.random() != ends[1][1]
    assert not torch.equal(ends[0][0], ends[1][0])


@pytest.mark.parametrize("riding", [False, True])
def test_the_network_sees_in_a_mirror_what_a_mirrored_body_would_show_it(riding: bool, windows: Windows) -> None:
    mirror = list(body17().mirror)
    missing_BFJ = gaps(8, 27, np.random.default_rng(3))
    given = (windows.xyz_BFJ3, missing_BFJ), (mirror_pose(windows.xyz_BFJ3), missing_BFJ[:, :, mirror])
    there, mirrored = (
        observe(
            xyz_BFJ3,
            torch.from_numpy(missing_BFJ),
            body_axes(xyz_BFJ3, xyz_BFJ3[:, :, 0]),
            tensor_weights(~missing_BFJ, 30.0),
            repair.lengths(xyz_BFJ3).mean(dim=1),
            30.0,
            riding,
        )
        for xyz_BFJ3, missing_BFJ in given
    )
    torch.testing.assert_close(mirror_features(there), mirrored, rtol=0, atol=1e-5)
    assert not torch.allclose(there, mirrored, atol=1e-2)


def test_what_a_joint_rides_on_brings_it_along(windows: Windows) -> None:
    """A wrist that keeps its place on the upper arm is predicted exactly, however the arm moved meanwhile."""
    steps_F = torch.linspace(0, 1, 27)
    xyz_BFJ3 = windows.xyz_BFJ3[:1, :1].expand(1, 27, 17, 3).clone()
    turn_F33 = torch.stack([torch.linalg.matrix_exp(angle * torch.tensor([[0.0, -1, 0.3], [1, 0, 0], [-0.3, 0, 0]])) for angle in steps_F])
    xyz_BFJ3 = torch.einsum("fij,bfkj->bfki", turn_F33, xyz_BFJ3)
    missing_BFJ = np.zeros((1, 27, 17), bool)
    missing_BFJ[:, 6:20, 13] = True
    root = xyz_BFJ3[:, :, 0]
    features = observe(
        xyz_BFJ3,
        torch.from_numpy(missing_BFJ),
        body_axes(xyz_BFJ3, root),
        tensor_weights(~missing_BFJ, 30.0),
        torch.zeros(1, BONES),
        30.0,
        True,
    )
    at = body_axes(xyz_BFJ3, root).to_body(xyz_BFJ3)[:, :, 13]
    torch.testing.assert_close(features[..., -17 * 3 :].view(1, 27, 17, 3)[:, :, 13] * POSITION_M, at, rtol=0, atol=1e-4)


def test_errors_that_visible_neighbours_share_cost_nothing_once_joints_are_attached(windows: Windows) -> None:
    masked_BFJ = np.zeros((8, 27, 17), bool)
    masked_BFJ[:, 5:20, 12:14] = True  # an elbow and its wrist: both move with the shoulder
    neighbours_BJJ = repair.neighbour_weights(masked_BFJ)
    assert (neighbours_BJJ[:, 12:14, 11] == 1).all()
    assert (neighbours_BJJ[:, 12:14].sum(axis=2) == 1).all()
    torch.manual_seed(0)
    network, terms, exact = build(REPAIR.model).eval(), [], torch.autocast("cpu", enabled=False)
    for follow_neighbours in (False, True):
        settings = RepairConfig(follow_neighbours=follow_neighbours)
        gapped = repair.mask_windows(windows, REPAIR.model, settings, np.random.default_rng(3))
        assert bool(gapped.neighbours_BJJ.any()) == follow_neighbours
        output_BFJ3 = gapped.axes.to_body(gapped.truth_BFJ3) + torch.linspace(0, 1, 27)[None, :, None, None] ** 2
        with patch.object(RepairNetwork, "forward", lambda _self, _features, output=output_BFJ3: output):
            terms.append({name: float(value) for name, value in repair.loss(network, gapped, settings, 1.0, exact).items()})
    assert terms[0]["masked"] == pytest.approx(terms[1]["masked"])
    assert terms[1]["corrected"] < 0.5 * terms[0]["corrected"]


def test_more_gaps_of_single_joints() -> None:
    singles = [
        sum(int(masked_FJ.any(axis=0).sum()) == 1 for masked_FJ in gaps(400, 27, np.random.default_rng(0), 0, single))
        for single in (0.24, 0.8)
    ]
    assert singles[0] < singles[1] / 2


def test_gaps_too_long_to_be_bridged_are_told(windows: Windows) -> None:
    projected = lifting.project_windows(windows, LIFT.model, LiftingConfig(partial_2d=1.0), np.random.default_rng(0))
    assert projected.masked_BFJ.any()
    assert torch.isfinite(projected.visible_BFJ2).all()
    assert torch.equal(projected.target_BFJ3[:, :, 0], torch.zeros_like(projected.target_BFJ3[:, :, 0]))


def test_played_backwards(tmp_path: Path) -> None:
    joints_NJ3, clips = load_corpus(make_corpus(tmp_path))
    plain = Sampler(joints_NJ3, clips, "train", 27, 30.0, Augment(warp=(1.0, 1.0), mirror=0.0, size=0.0))
    back = Sampler(joints_NJ3, clips, "train", 27, 30.0, Augment(warp=(1.0, 1.0), mirror=0.0, size=0.0, reverse=1.0))
    forwards, backwards = (s.draw(4, np.random.default_rng(4)).xyz_BFJ3 for s in (plain, back))
    torch.testing.assert_close(forwards, backwards.flip(1))
