"""The mean of two Gaussian processes: what poses mean, for the whole take and for a while."""

from __future__ import annotations

import numpy as np

from mpm_core.fill.gaussian_process import expected
from mpm_core.typing import Float


def poses(frames: int, seed: int = 0) -> tuple[Float, Float]:
    """Smooth poses (frames, 4) of about 0.1 m, and times in seconds."""
    time_F = np.arange(frames) / 20
    phase_4 = np.random.default_rng(seed).uniform(0, 2 * np.pi, 4)
    return 0.1 * np.sin(2 * np.pi * time_F[:, None] * [0.31, 0.43, 0.57, 0.71] + phase_4), time_F


def predicted(value_FX: Float, pose_FM: Float, time_F: Float, hidden: slice, gap_s: float) -> Float:
    """The largest error in the hidden frames, metres."""
    hidden_F = np.zeros(len(time_F), bool)
    hidden_F[hidden] = True
    order = np.concatenate([np.flatnonzero(~hidden_F), np.flatnonzero(hidden_F)])
    filled = expected(pose_FM[order], time_F[order], value_FX[~hidden_F], gap_s)
    return np.asarray(np.linalg.norm(filled - value_FX[hidden_F], axis=1).max())


def test_one_pose_among_many_that_matters_is_found() -> None:
    pose_FM, time_F = poses(200)
    many_FM = np.concatenate([pose_FM, *(poses(200, seed)[0][:, ::-1] * 0.8 for seed in range(1, 6))], axis=1)
    value_FX = pose_FM[:, :1] @ [[1.5, -0.5, 0.2]] + 0.02
    assert predicted(value_FX, many_FM, time_F, slice(80, 120), 2.0) < 5e-3


def test_what_a_pose_means_for_a_while_is_learned_beside_the_gap() -> None:
    """Such as a marker that slips, or another exercise with the same trunk."""
    pose_FM, time_F = poses(400)
    value_FX = pose_FM[:, :2] * (1 + np.cos(2 * np.pi * time_F / 20))[:, None]
    short, whole_take = (predicted(value_FX, pose_FM, time_F, slice(200, 210), gap_s) for gap_s in (0.5, 500.0))
    assert short < 0.8 * whole_take


def test_poses_that_never_change_give_what_was_seen() -> None:
    value_FX = np.full((50, 3), 0.7)
    assert predicted(value_FX, np.zeros((50, 6)), np.arange(50) / 20, slice(20, 30), 0.5) < 1e-6
