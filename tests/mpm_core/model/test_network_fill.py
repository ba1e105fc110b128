"""The network's fill, the classical fill, and the gate between them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

import mpm_core as mpm
from mpm_core.body.mapping import map_body
from mpm_core.complete import CompleteOptions, complete_patch
from mpm_core.fill.methods import problem_of
from mpm_core.fill.problem import classical_result
from mpm_core.model.build import build
from mpm_core.model.checkpoint import Model
from mpm_core.model.config import ModelConfig
from mpm_core.model.gate import Gate, gate_weights
from mpm_core.model.gate_features import FEATURES, gate_features
from mpm_core.model.network_fill import gated_fill, keep_bone_lengths, predict_points
from mpm_core.model.predicted_points import PointPrediction, TrialErrors
from mpm_core.model.repair_network import RepairNetwork
from mpm_core.recording import Origin, Recording, make_recording
from mpm_core.resources import resource
from tests.makers import standing


@pytest.fixture(scope="module")
def model() -> Model:
    torch.manual_seed(2)
    return Model(build(ModelConfig("repair", 27, channels=32, hidden=48, layers=1, heads=4, dropout=0.0, gated=True)).eval(), {}, "test")


@pytest.fixture(scope="module")
def gapped() -> Recording:
    rec = mpm.read(resource("sample/walk_reach_sit_truth.npz"))
    xyz_FPD = rec.xyz_FPD.copy()
    xyz_FPD[300:360, [rec.index("left_wrist"), rec.index("left_elbow")]] = np.nan
    return make_recording(rec.points, rec.rate_hz, xyz_FPD, skeleton=rec.skeleton)


def with_weight(model: Model, weight: float, sigma_m: float = 0.01) -> Model:
    """The same model with a gate whose weight and sigma are constant."""
    network = build(model.network.config)
    network.load_state_dict(model.network.state_dict())
    assert isinstance(network, RepairNetwork) and network.gate is not None
    last = network.gate.layers[4]
    with torch.no_grad():
        last.weight.zero_()
        last.bias.copy_(torch.tensor([np.log(weight / (1 - weight)), np.log(sigma_m) + 4.0]))
    return Model(network.eval(), model.facts, model.path)


def test_the_gate_mixes_both_fills(model: Model, gapped: Recording) -> None:
    problem = problem_of(gapped, ~gapped.visible_FP)
    prediction = predict_points(gapped, problem.wanted_FP, map_body(gapped), model)
    filled_ND = prediction.filled_FPD[problem.wanted]
    classical = replace(classical_result(filled_ND + 1.0), sigma_N=np.full(len(filled_ND), 0.02))
    result = gated_fill(problem, prediction, with_weight(model, 0.25), classical)
    np.testing.assert_allclose(result.network_N, 0.25, atol=1e-6)
    np.testing.assert_allclose(result.xyz_ND, filled_ND + 0.75, atol=1e-5)
    np.testing.assert_allclose(result.sigma_N, 0.01, rtol=0.02)


def test_without_a_classical_fill_the_network_is_used_alone(model: Model, gapped: Recording) -> None:
    problem = problem_of(gapped, ~gapped.visible_FP)
    prediction = predict_points(gapped, problem.wanted_FP, map_body(gapped), model)
    result = gated_fill(problem, prediction, with_weight(model, 0.25), classical_result(problem.empty()))
    np.testing.assert_allclose(result.xyz_ND, prediction.filled_FPD[problem.wanted])
    assert (result.network_N == 1).all()
    assert (result.sigma_N > 0).all()


@pytest.mark.parametrize(("weight", "origin"), [(0.9, Origin.PREDICTED), (0.1, Origin.FILLED)])
def test_the_origin_is_that_of_the_greater_share(model: Model, gapped: Recording, weight: float, origin: Origin) -> None:
    patch = complete_patch(gapped, CompleteOptions(model=with_weight(model, weight))).patch
    assert (patch.origin_N == origin).all()
    assert (patch.sigma_N > 0).all()


def test_limbs_keep_their_length_and_the_hip_does_not_move_when_the_spine_bends() -> None:
    truth = standing(90)
    hip, spine, wrist = (truth.index(name) for name in ("hip", "spine", "left_wrist"))
    bent_FP3 = truth.xyz_FPD.astype(np.float64)
    bent_FP3[30:60, spine] += [0.0, -0.1, -0.1]
    gapped_FP3 = bent_FP3.copy()
    gapped_FP3[30:60, [hip, wrist]] = np.nan
    gapped = make_recording(truth.points, truth.rate_hz, gapped_FP3, skeleton=truth.skeleton)
    filled_FP3 = bent_FP3.copy()
    filled_FP3[30:60, wrist, 2] -= 0.05
    problem = problem_of(gapped, ~gapped.visible_FP)
    out_FP3 = problem.in_place(keep_bone_lengths(gapped, problem, filled_FP3[problem.wanted], map_body(gapped)))
    np.testing.assert_allclose(out_FP3[30:60, hip], truth.xyz_FPD[30:60, hip], atol=1e-6)
    np.testing.assert_allclose(out_FP3[30:60, wrist], truth.xyz_FPD[30:60, wrist], atol=5e-3)


def test_features_do_not_depend_on_the_rate() -> None:
    found = []
    for rate_hz in (30.0, 120.0):
        frames = round(4 * rate_hz)
        time_F = np.arange(frames) / rate_hz
        path_FP3 = np.stack([time_F, np.sin(time_F), 0 * time_F], axis=1)[:, None]
        visible_FP = ((time_F < 1) | (time_F >= 2))[:, None]
        where_FP = np.isclose(time_F, 1.5)[:, None]
        sigma_FP = np.full((frames, 1), 0.03)
        trials = TrialErrors(*(np.array([each]) for each in (150.0, 0.8, 0.4, 0.9)))
        correction_FP, mirror_FP = np.full((frames, 1), 0.05), np.full((frames, 1), 0.07)
        known_FJ3 = np.stack([time_F, 0 * time_F, np.abs(time_F - 1.5)], axis=1)[:, None]
        prediction = PointPrediction(path_FP3 + 0.1, path_FP3 + 0.2, np.zeros(1, np.int64), correction_FP, mirror_FP, trials, known_FJ3)
        found.append(gate_features(path_FP3, sigma_FP, prediction, visible_FP, where_FP, rate_hz))
    assert found[0].shape == (1, len(FEATURES))
    np.testing.assert_allclose(found[0], found[1], atol=0.05)
    since, until, gap, apart, edges, sigma, correction, mirror, visible_motion = np.exp(found[1][0, :9])
    assert since == pytest.approx(0.52, abs=0.02)
    assert until == pytest.approx(0.52, abs=0.02)
    assert gap == pytest.approx(1.02, abs=0.02)
    assert apart == pytest.approx(np.sqrt(3) * 0.2, abs=0.01)
    assert edges == pytest.approx(np.sqrt(3) * 0.1, abs=0.01)
    assert sigma == pytest.approx(0.031, abs=1e-3)
    assert correction == pytest.approx(0.051, abs=1e-3)
    assert mirror == pytest.approx(0.071, abs=1e-3)
    assert visible_motion == pytest.approx(0.251, abs=2e-3), "from zero to half a metre and back"
    np.testing.assert_allclose(
        np.exp(found[1][0, -4:]), [200, 0.82, 0.42, 0.92], err_msg="samples, and errors before, after and of a classical fill"
    )


def test_the_gate_gives_weights_and_sigmas_for_any_features() -> None:
    torch.manual_seed(0)
    weight_N, sigma_N = gate_weights(Gate(17), np.full((3, len(FEATURES)), 1e6), np.array([0, 5, 16]))
    assert ((weight_N >= 0) & (weight_N <= 1)).all()
    assert (np.isfinite(sigma_N) & (sigma_N > 0)).all()
