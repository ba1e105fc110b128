"""Feet that stand stay in place, those that step step, and nothing measured is touched."""

from __future__ import annotations

import numpy as np

from mpm_core.fill.keep.resting_feet import keep_feet
from mpm_core.fill.problem import FillProblem
from mpm_core.typing import Float

RATE = 100.0


def stepping_foot(frames: int = 600) -> Float:
    """(F, 3) a foot that stands at 5 cm for a second, and steps 0.6 m, 15 cm high, in half a second."""
    phase_F = np.arange(frames) / RATE % 1.5
    swing_F = np.clip((phase_F - 1.0) / 0.5, 0, 1)
    x_F = 0.6 * (np.arange(frames) / RATE // 1.5 + swing_F**2 * (3 - 2 * swing_F))
    return np.stack([x_F, np.zeros(frames), 0.05 + 0.15 * np.sin(np.pi * swing_F) ** 2], axis=1)


def kept(truth_F3: Float, start: int, stop: int, error_n3: Float, sigma_m: float = 0.05) -> tuple[Float, Float]:
    """The fill of frames start..stop-1 with an error, and as it is kept."""
    visible_F1 = np.ones((len(truth_F3), 1), bool)
    visible_F1[start:stop] = False
    xyz_F13 = np.where(visible_F1[..., None], truth_F3[:, None], np.nan)
    problem = FillProblem(("ankle",), RATE, xyz_F13, visible_F1, ~visible_F1)
    fill_n3 = truth_F3[start:stop] + error_n3
    return fill_n3, keep_feet(problem, fill_n3, np.full(stop - start, sigma_m), [0])


def drift(start: int, stop: int, halves: int = 1) -> Float:
    """An error of up to 4 cm, some half waves long, that is zero at both edges."""
    wave_n = np.sin(halves * np.pi * (np.arange(start, stop) - start + 1) / (stop - start + 1))
    return 0.04 * wave_n[:, None] * np.array([1.0, 0.5, 0.0])


def test_a_foot_that_stood_before_and_after_stays_where_it_stood() -> None:
    truth_F3 = stepping_foot()
    fill_n3, kept_n3 = kept(truth_F3, 310, 390, drift(310, 390))
    assert np.abs(fill_n3 - truth_F3[310:390]).max() > 0.03
    np.testing.assert_allclose(kept_n3, truth_F3[310:390], atol=1e-9)


def test_a_rest_within_a_gap_is_one_place_and_the_steps_around_it_remain() -> None:
    truth_F3, start, stop = stepping_foot(), 270, 430
    fill_n3, kept_n3 = kept(truth_F3, start, stop, drift(start, stop, halves=2))
    rest = slice(310 - start, 390 - start)
    slide_before, slide_after = (np.linalg.norm(np.ptp(each[rest], axis=0)) for each in (fill_n3, kept_n3))
    assert slide_before > 0.01 and slide_after < 1e-6
    error_before, error_after = (np.linalg.norm(each - truth_F3[start:stop], axis=1).mean() for each in (fill_n3, kept_n3))
    assert error_after < 0.8 * error_before
    assert np.linalg.norm(np.diff(kept_n3, axis=0), axis=1).max() < 1.5 * np.linalg.norm(np.diff(fill_n3, axis=0), axis=1).max()


def test_a_step_is_not_held() -> None:
    truth_F3 = stepping_foot()
    fill_n3, kept_n3 = kept(truth_F3, 405, 445, np.zeros((40, 3)))
    np.testing.assert_array_equal(kept_n3, fill_n3)


def test_a_sure_fill_and_a_take_without_rests_are_left_alone() -> None:
    truth_F3 = stepping_foot()
    fill_n3, kept_n3 = kept(truth_F3, 310, 390, drift(310, 390), sigma_m=0.002)
    np.testing.assert_array_equal(kept_n3, fill_n3)
    running_F3 = truth_F3 + np.arange(600)[:, None] * np.array([0.02, 0.0, 0.0])
    fill_n3, kept_n3 = kept(running_F3, 310, 390, drift(310, 390))
    np.testing.assert_array_equal(kept_n3, fill_n3)


def test_samples_that_were_left_stay_left() -> None:
    truth_F3, error_n3 = stepping_foot(), drift(310, 390)
    error_n3[20:30] = np.nan
    _, kept_n3 = kept(truth_F3, 310, 390, error_n3)
    assert np.isnan(kept_n3[20:30]).all() and np.isfinite(np.delete(kept_n3, np.arange(20, 30), axis=0)).all()


def test_a_fill_meets_a_foot_that_has_begun_to_move_when_it_is_seen_again() -> None:
    time_F = np.arange(600) / RATE
    truth_F3 = np.stack([0.5 * np.maximum(time_F - 3.0, 0.0), np.zeros(600), np.full(600, 0.05)], axis=1)  # drawn along the floor from 3 s
    start, stop = 260, 320
    _, kept_n3 = kept(truth_F3, start, stop, drift(start, stop))
    jump_after = np.linalg.norm(truth_F3[stop] - kept_n3[-1])
    assert jump_after < 0.012, f"the foot jumps {1000 * jump_after:.0f} mm where the gap ends; it moves 5 mm a frame"
    np.testing.assert_allclose(kept_n3[:30], truth_F3[start : start + 30], atol=1e-9)
