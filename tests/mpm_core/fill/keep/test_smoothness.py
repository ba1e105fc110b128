"""Filled markers tremble as little as they do where they are measured."""

from __future__ import annotations

import numpy as np
import pytest

from mpm_core.fill.keep.smoothness import keep_smoothness
from mpm_core.typing import Float

FRAMES, START, STOP = 400, 150, 250
GAP = [(0, START, STOP)]
SURE = np.full((FRAMES, 1), 0.01)


def wave(noise_m: float, seed: int = 0) -> Float:
    """(F, 1, 3) a marker that swings once a second at 100 Hz."""
    time_F = np.arange(FRAMES) / 100
    path_F3 = np.stack([0.2 * np.sin(2 * np.pi * time_F), 0.1 * np.cos(2 * np.pi * time_F), 0.5 * time_F], axis=1)
    return (path_F3 + np.random.default_rng(seed).normal(0, noise_m, (FRAMES, 3)))[:, None]


def split(filled_F13: Float, measured_F13: Float, start: int = START, stop: int = STOP) -> tuple[Float, Float]:
    """The fill in the gap and the measured marker outside it, NaN elsewhere."""
    inside_F11 = ((np.arange(FRAMES) >= start) & (np.arange(FRAMES) < stop))[:, None, None]
    return np.where(inside_F11, filled_F13, np.nan), np.where(inside_F11, np.nan, measured_F13)


def third(xyz_F13: Float) -> float:
    return float(np.median(np.linalg.norm(np.diff(xyz_F13[:, 0], n=3, axis=0), axis=1)))


@pytest.mark.parametrize(("start", "stop"), [(150, 250), (0, 80), (320, 400), (150, 156)])
def test_a_trembling_fill_becomes_as_smooth_as_the_marker(start: int, stop: int) -> None:
    true, trembling = wave(0.0), wave(0.003, seed=1)
    filled, measured = split(trembling, wave(0.0002), start, stop)
    kept = keep_smoothness(filled, measured, SURE, [(0, start, stop)])
    around = slice(max(start - 3, 0), stop + 3)
    whole = np.where(np.isnan(measured), kept, measured)
    usual = third(wave(0.0002))
    assert third(whole[around]) < 1.3 * usual < 5 * usual < third(trembling[around])
    errors = [np.linalg.norm((each - true)[start:stop], axis=2).mean() for each in (trembling, kept)]
    assert errors[1] < errors[0]


@pytest.mark.parametrize("apart", [1, 2, 3])
def test_gaps_with_few_samples_between_them_are_smoothed_together(apart: int) -> None:
    both = [(150, 200), (200 + apart, 250)]
    inside_F = np.zeros(FRAMES, bool)
    for start, stop in both:
        inside_F[start:stop] = True
    for seed in range(1, 5):
        filled, measured = wave(0.003, seed), wave(0.0002)
        filled[~inside_F], measured[inside_F] = np.nan, np.nan
        kept = keep_smoothness(filled, measured, SURE, [(0, *gap) for gap in both])
        whole = np.where(np.isnan(measured), kept, measured)[194 : 206 + apart, 0]
        assert np.linalg.norm(np.diff(whole, n=3, axis=0), axis=1).max() < 3 * third(wave(0.0002))


def test_a_marker_that_mostly_stands_keeps_fills_of_its_fast_motion() -> None:
    """As a hand at a wheel's rim: smoothed to what it does while it stands, the fill would lose the push."""
    time_F = np.arange(FRAMES) / 100
    push_F = sum(0.3 * np.exp(-(((time_F - at) / 0.05) ** 2)) for at in (0.41, 1.27, 2.0, 2.73, 3.52))
    true = wave(0.0002) * 0.01 + np.stack([push_F, 0.5 * push_F, 0 * push_F], axis=1)[:, None]
    filled, measured = split(true, true, 190, 210)
    kept = keep_smoothness(filled, measured, SURE, [(0, 190, 210)])
    assert np.nanmax(np.abs(kept - filled)) < 0.0005


def test_samples_that_are_left_stay_missing() -> None:
    filled, measured = split(wave(0.003, seed=1), wave(0.0002))
    filled[200:210] = np.nan
    kept = keep_smoothness(filled, measured, SURE, GAP)
    assert np.array_equal(np.isnan(kept), np.isnan(filled))
    assert not np.array_equal(kept[START:200], filled[START:200])


def test_a_fill_that_is_smooth_already_keeps_every_bit() -> None:
    filled, measured = split(wave(0.0), wave(0.0002))
    assert np.array_equal(keep_smoothness(filled, measured, SURE, GAP), filled, equal_nan=True)


def test_no_sample_moves_by_more_than_its_sigma() -> None:
    filled, measured = split(wave(0.003, seed=1), wave(0.0))
    far, near = (np.linalg.norm(keep_smoothness(filled, measured, sigma * SURE, GAP) - filled, axis=2) for sigma in (1, 0.4))
    assert 0 < np.nanmax(near) <= 0.004 < np.nanmax(far)


def test_a_marker_that_stands_in_rounded_coordinates_tells_nothing() -> None:
    filled, measured = split(wave(0.003, seed=1), np.ones((FRAMES, 1, 3)))
    assert np.array_equal(keep_smoothness(filled, measured, SURE, GAP), filled, equal_nan=True)
