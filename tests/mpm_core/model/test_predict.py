"""Prediction: windows, rates, edges, cancelling. The network here is small and untrained; its errors do not matter."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from mpm_core.errors import Cancelled, ModelError
from mpm_core.gaps import known
from mpm_core.model import run_windows
from mpm_core.model.build import build
from mpm_core.model.checkpoint import Model
from mpm_core.model.config import ModelConfig
from mpm_core.model.encode import encode_2d, encode_3d, tensor_weights, to_window, to_world
from mpm_core.model.match_edges import match_edges
from mpm_core.model.predict import lift_joints, predict_joints
from mpm_core.model.resample import from_model_rate, model_frames, to_model_rate
from mpm_core.model.window_blending import Blend, rows, starts


def model(task: str) -> Model:
    torch.manual_seed(1)
    return Model(build(ModelConfig(task, 27, channels=32, hidden=48, layers=1, heads=4, partial=task == "lift")).eval(), {}, "test")


def walk(frames: int, rate_hz: float) -> np.ndarray:
    rng = np.random.default_rng(5)
    time_F = np.arange(frames)[:, None, None] / rate_hz
    return rng.normal(0, 0.4, (17, 3)) + [0, 0, 1] + time_F * [1.2, 0.1, 0] + 0.1 * np.sin(3 * time_F + rng.uniform(0, 6, (17, 3)))


@pytest.mark.parametrize("task", ["complete", "repair"])
@pytest.mark.parametrize(("frames", "rate_hz"), [(1, 30.0), (2, 1.0), (40, 26.0), (100, 30.0), (333, 120.0), (700, 240.0)])
def test_any_length_and_rate(frames: int, rate_hz: float, task: str) -> None:
    joints_FJ3 = walk(frames, rate_hz)
    joints_FJ3[frames // 3 : frames // 3 + max(1, frames // 4), 12:14] = np.nan
    if frames > 2:
        joints_FJ3[-1, 0] = np.nan
    raw_FJ3 = predict_joints(joints_FJ3, rate_hz, model(task)).output_FJ3
    filled_FJ3 = match_edges(raw_FJ3, joints_FJ3, rate_hz)
    assert np.isfinite(filled_FJ3[~known(joints_FJ3)]).all()
    np.testing.assert_array_equal(filled_FJ3[known(joints_FJ3)], joints_FJ3[known(joints_FJ3)])


def test_translation_and_rotation_of_a_take_do_not_change_the_fill() -> None:
    joints_FJ3 = walk(120, 60.0)
    joints_FJ3[40:70, 13] = np.nan
    turn, shift = np.array([[0.0, -1, 0], [1, 0, 0], [0, 0, 1]]), np.array([5.0, -3, 0.5])
    here = match_edges(predict_joints(joints_FJ3, 60.0, model("repair")).output_FJ3, joints_FJ3, 60.0)
    moved_FJ3 = joints_FJ3 @ turn.T + shift
    there = match_edges(predict_joints(moved_FJ3, 60.0, model("repair")).output_FJ3, moved_FJ3, 60.0)
    np.testing.assert_allclose(here @ turn.T + shift, there, atol=1e-4)


def test_the_fill_is_continuous_at_both_edges() -> None:
    rate_hz = 120.0
    truth_FJ3 = walk(480, rate_hz)
    joints_FJ3 = truth_FJ3.copy()
    joints_FJ3[200:290, 13] = np.nan
    filled_FJ3 = match_edges(predict_joints(joints_FJ3, rate_hz, model("repair")).output_FJ3, joints_FJ3, rate_hz)
    step_F = np.linalg.norm(np.diff(filled_FJ3[:, 13], axis=0), axis=1)
    natural = np.linalg.norm(np.diff(truth_FJ3[:, 13], axis=0), axis=1).max()
    assert step_F[199] < natural * 2
    assert step_F[289] < natural * 2


def test_cancel_and_wrong_task() -> None:
    joints_FJ3 = walk(90, 30.0)
    joints_FJ3[30:40, 3] = np.nan
    with pytest.raises(Cancelled):
        predict_joints(joints_FJ3, 30.0, model("complete"), cancel=lambda: True)
    with pytest.raises(ModelError, match="not for completion"):
        predict_joints(joints_FJ3, 30.0, model("lift"))
    with pytest.raises(ModelError, match="not for lifting"):
        lift_joints(joints_FJ3[..., :2], 30.0, (640, 480), model("complete"))


@pytest.mark.parametrize("task", ["complete", "repair"])
def test_progress_increases_to_the_end(task: str) -> None:
    joints_FJ3 = walk(3000, 30.0)
    joints_FJ3[::40, 3] = np.nan
    shares: list[float] = []
    predict_joints(joints_FJ3, 30.0, model(task), progress=lambda share, text: shares.append(share))
    assert len(shares) > 3
    assert shares == sorted(shares)
    assert 0 <= shares[0] < shares[-1] <= 1


@pytest.mark.parametrize("frames", [1, 5, 27, 60])
def test_lifting_gives_every_frame_with_the_root_at_zero(frames: int) -> None:
    xy_FJ2 = walk(frames, 30.0)[..., :2] * 200 + 300
    xy_FJ2[0, 5] = np.nan
    out_FJ3, _ = lift_joints(xy_FJ2, 30.0, (640, 480), model("lift"))
    assert out_FJ3.shape == (frames, 17, 3)
    assert np.isfinite(out_FJ3).all()
    np.testing.assert_allclose(out_FJ3[:, 0], 0, atol=1e-6)


def test_windows_cover_every_frame_and_blend_without_seams() -> None:
    for frames in (1, 26, 27, 28, 100, 271):
        begins_B = starts(frames, 27, 9)
        rows_BW, inside_BW = rows(begins_B, 27, frames)
        truth_F = np.sin(np.arange(frames) / 7.0)[:, None]
        blend = Blend(frames, 1)
        blend.add(rows_BW, inside_BW, truth_F[rows_BW])
        np.testing.assert_allclose(blend.mean(), truth_F, atol=1e-12)


def test_resampling_there_and_back() -> None:
    time_F = np.arange(400) / 120.0
    curve_FS = np.stack([np.sin(4 * time_F), np.cos(3 * time_F)], axis=1)
    there_KS = to_model_rate(curve_FS, 120.0, 30.0)
    assert len(there_KS) == model_frames(400, 120.0, 30.0) == 100
    np.testing.assert_allclose(there_KS, curve_FS[::4], atol=1e-12)
    np.testing.assert_allclose(from_model_rate(there_KS, 400, 120.0, 30.0)[:397], curve_FS[:397], atol=1e-4)
    gapped_FS = curve_FS.copy()
    gapped_FS[7] = np.nan
    assert np.isfinite(to_model_rate(gapped_FS, 120.0, 30.0)).all(), "a missing frame between model frames is not used"
    assert np.isnan(to_model_rate(gapped_FS, 120.0, 50.0)[3]).all()


def test_encoding_is_inverted() -> None:
    xyz = torch.from_numpy(np.stack([walk(27, 30.0), walk(27, 30.0) * 1.1])).float()
    x, place = encode_3d(xyz, xyz[:, :, 0])
    back = to_world(to_window(xyz, place), place)
    torch.testing.assert_close(back, xyz, atol=1e-5, rtol=1e-5)
    across = x[:, 13, 1] - x[:, 13, 4] + x[:, 13, 14] - x[:, 13, 11]
    assert (across[:, 0] > 0).all()
    torch.testing.assert_close(across[:, 1], torch.zeros(2), atol=1e-5, rtol=0)


def test_pixels_are_normalised_as_published() -> None:
    size = torch.tensor([1000.0, 500.0])
    corner = encode_2d(torch.tensor([[[[0.0, 0.0], [1000.0, 500.0], [500.0, 250.0]]]]), size)
    torch.testing.assert_close(corner[0, 0], torch.tensor([[-1.0, -0.5], [1.0, 0.5], [0.0, 0.0]]))


def test_tensor_weights_give_the_classical_fill() -> None:
    from mpm_core.fill.curves import hermite

    values = walk(40, 30.0)
    visible_FJ = np.ones((40, 17), bool)
    visible_FJ[10:25, 4] = False
    weights = tensor_weights(visible_FJ[None], 30.0)
    out = weights(torch.from_numpy(values[None]).float()).numpy()[0]
    gapped_FD = np.where(visible_FJ[:, 4, None], values[:, 4], np.nan)
    np.testing.assert_allclose(out[:, 4], hermite(gapped_FD, visible_FJ[:, 4], 30.0), atol=1e-5)


@pytest.mark.parametrize("task", ["complete", "repair", "lift"])
def test_answers_in_bf16_are_read(task: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """As on CUDA, where the network runs in bf16, which NumPy does not have."""
    joints_FJ3 = walk(60, 30.0)
    joints_FJ3[20:30, 13] = np.nan

    def positions() -> np.ndarray:
        if task == "lift":
            return lift_joints(100 * joints_FJ3[..., :2], 30.0, (640, 480), model(task))[0]
        return predict_joints(joints_FJ3, 30.0, model(task)).output_FJ3

    whole = positions()
    monkeypatch.setattr(run_windows, "_autocast", lambda device: torch.autocast("cpu", torch.bfloat16))
    np.testing.assert_allclose(positions(), whole, atol=0.03)
