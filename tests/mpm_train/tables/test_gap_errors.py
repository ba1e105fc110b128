"""Figures of fills whose faults are known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from mpm_core.recording import Recording, make_recording
from mpm_core.skeleton import load_skeleton
from mpm_core.typing import Float32, Mask
from mpm_train.tables.gap_errors import figures_from, gap_errors, pooled

NAMES = load_skeleton("body17").names
WRIST, ELBOW = NAMES.index("left_wrist"), NAMES.index("left_elbow")


def falling(frames: int = 60, rate_hz: float = 100.0) -> tuple[Recording, Mask]:
    """Everything falls at 10 m/s^2; the left wrist, 0.3 m beside the elbow, is hidden in frames 20-39."""
    time_F = np.arange(frames) / rate_hz
    rest_J3 = np.random.default_rng(0).normal(0, 0.5, (17, 3))
    rest_J3[WRIST] = rest_J3[ELBOW] + [0.3, 0, 0]
    xyz_FJ3 = rest_J3 - 5 * time_F[:, None, None] ** 2 * np.array([0, 0, 1])
    masked_FJ = np.zeros((frames, 17), bool)
    masked_FJ[20:40, WRIST] = True
    return make_recording(NAMES, rate_hz, xyz_FJ3), masked_FJ


def changed(truth: Recording, xyz_FJ3: Float32, sigma: Float32 | None = None) -> Recording:
    rec = make_recording(truth.points, truth.rate_hz, xyz_FJ3)
    return rec if sigma is None else replace(rec, sigma_FP=sigma)


def test_a_perfect_fill_has_no_faults_but_the_motions_own() -> None:
    truth, masked_FJ = falling()
    figures = pooled([gap_errors(truth, truth, masked_FJ)])
    assert (figures.mean_mm, figures.worst_mm, figures.bone_mm) == (0, 0, 0)
    assert (figures.filled, figures.samples, figures.gaps) == (1, 20, 1)
    assert figures.acceleration == figures.acceleration_true == pytest.approx(10, rel=0.02)
    assert figures.jump_p95_mm_s == pytest.approx(100, rel=0.05), "10 m/s^2 at 100 Hz: the velocity changes by 0.1 m/s a frame"
    assert figures.natural_p95_mm_s == pytest.approx(100, rel=0.05)
    assert figures.with_sigma == 0
    assert np.isnan(figures.sigma_mm)


def test_a_shifted_fill_worked_by_hand() -> None:
    truth, masked_FJ = falling()
    xyz_FJ3 = truth.xyz_FPD.copy()
    xyz_FJ3[20:40, WRIST, 0] += 0.04  # 40 mm outwards: the forearm is 340 mm long, and both edges jump by 4 m/s
    figures = pooled([gap_errors(changed(truth, xyz_FJ3), truth, masked_FJ)])
    assert figures.mean_mm == figures.median_mm == pytest.approx(40, abs=0.01)
    assert figures.axis_mm == pytest.approx(40 / 3, abs=0.01), "one of three coordinates"
    assert figures.bone_mm == pytest.approx(40, abs=0.01)
    assert figures.jump_mm_s == pytest.approx(np.hypot(4000, 100), rel=0.01)
    assert figures.natural_p95_mm_s == pytest.approx(100, rel=0.05)
    assert figures.true_jump_p95_mm_s == pytest.approx(100, rel=0.05)
    assert figures.acceleration > 2 * figures.acceleration_true


def test_the_true_motion_s_own_change_at_the_edges_is_told_apart_from_elsewhere() -> None:
    truth, masked_FJ = falling(400)
    xyz_FJ3 = truth.xyz_FPD.copy()
    xyz_FJ3[20:, WRIST, 0] += 0.01 * np.arange(380)  # 1 m/s sidewards, from the gap's first frame on
    bent = changed(truth, xyz_FJ3)
    figures = pooled([gap_errors(bent, bent, masked_FJ)])
    assert figures.true_jump_p95_mm_s == figures.jump_p95_mm_s > 500
    assert figures.natural_p95_mm_s == pytest.approx(100, rel=0.05)


def test_percentiles_are_of_samples_over_all_gaps() -> None:
    truth, masked_FJ = falling()
    errors_mm = np.arange(40.0)
    gaps = []
    for half in (errors_mm[:20], errors_mm[20:]):
        xyz_FJ3 = truth.xyz_FPD.copy()
        xyz_FJ3[20:40, WRIST, 1] += (half / 1000).astype(np.float32)
        gaps.append(gap_errors(changed(truth, xyz_FJ3), truth, masked_FJ))
    figures = pooled(gaps)
    assert figures.mean_mm == pytest.approx(19.5, abs=0.01)
    assert figures.median_mm == pytest.approx(19.5, abs=0.01)
    assert figures.p95_mm == pytest.approx(np.percentile(errors_mm, 95), abs=0.01)
    assert figures.worst_mm == pytest.approx(39, abs=0.01)
    assert figures.each_mm == pytest.approx((9.5, 29.5), abs=0.01)


def test_samples_left_open_are_told_and_not_praised() -> None:
    truth, masked_FJ = falling()
    xyz_FJ3 = truth.xyz_FPD.copy()
    xyz_FJ3[30:40, WRIST] = np.nan
    figures = pooled([gap_errors(changed(truth, xyz_FJ3), truth, masked_FJ)])
    assert figures.filled == 0.5
    assert figures.mean_mm == 0
    xyz_FJ3[20:40, WRIST] = np.nan
    figures = pooled([gap_errors(changed(truth, xyz_FJ3), truth, masked_FJ)])
    assert figures.filled == 0
    assert np.isnan(figures.mean_mm)


def test_an_honest_sigma_holds_what_it_promises() -> None:
    truth, _ = falling(frames=4000)
    masked_FJ = np.zeros((4000, 17), bool)
    masked_FJ[100:3900, WRIST] = True
    sigma_FJ = np.full(masked_FJ.shape, np.nan, np.float32)
    sigma_FJ[masked_FJ] = np.random.default_rng(0).uniform(0.01, 0.2, masked_FJ.sum())
    slow_FJ3 = np.zeros_like(truth.xyz_FPD)
    error_N3 = np.random.default_rng(1).normal(0, 1, (masked_FJ.sum(), 3)) * sigma_FJ[masked_FJ][:, None]
    noisy_FJ3 = slow_FJ3.copy()
    noisy_FJ3[masked_FJ] += error_N3.astype(np.float32)
    still = make_recording(NAMES, 100.0, slow_FJ3)
    figures = pooled([gap_errors(changed(still, noisy_FJ3, sigma_FJ), still, masked_FJ)])
    assert figures.with_sigma == 1
    assert figures.sigma_mm == pytest.approx(105, rel=0.03)
    for share in (50, 80, 90, 95):
        assert figures.within[f"{share}%"] == pytest.approx(share / 100, abs=0.012)
    boast = pooled([gap_errors(changed(still, noisy_FJ3, sigma_FJ / 2), still, masked_FJ)])
    assert boast.within["90%"] < 0.65


def test_a_sigma_of_nothing_is_wrong_not_undefined() -> None:
    truth, masked_FJ = falling()
    xyz_FJ3 = truth.xyz_FPD + np.float32(0.001) * masked_FJ[..., None]
    figures = pooled([gap_errors(changed(truth, xyz_FJ3, np.where(masked_FJ, 0, np.nan).astype(np.float32)), truth, masked_FJ)])
    assert figures.with_sigma == 1
    assert figures.within["95%"] == 0


def test_figures_survive_their_file() -> None:
    truth, masked_FJ = falling()
    figures = pooled([gap_errors(truth, truth, masked_FJ)])
    again = figures_from(figures.as_json())
    assert again.as_json() == figures.as_json()
    assert np.isnan(again.sigma_mm)
