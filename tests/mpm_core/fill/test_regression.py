"""The regression fill: exact on motion of its own model, whoever walks by, and however markers are lost."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from mpm_core.fill.methods import problem_of, run_fill
from mpm_core.recording import Recording, make_recording
from mpm_core.typing import Float


def bending_take(frames: int = 400, seed: int = 0, noise_m: float = 0.0) -> Recording:
    """Eight markers: a trunk that walks and turns, and an arm whose two last markers swing with the two before them."""
    rng = np.random.default_rng(seed)
    time_F = np.arange(frames) / 100
    turn_F = 0.8 * time_F + 0.4 * np.sin(time_F)
    trunk = [0, 0, 1], [0.3, 0, 1], [0, 0.2, 1.1], [0.3, 0.2, 1.3]
    place_P3 = np.array([*trunk, [0.5, 0, 1.2], [0.6, 0.1, 1.1], [0.8, 0, 1.2], [0.9, 0.1, 1]])
    xyz_FP3 = np.tile(place_P3, (frames, 1, 1))
    for axis, hz in ((1, 0.7), (2, 0.45)):
        swing_F = 0.1 * np.sin(2 * np.pi * hz * time_F)
        xyz_FP3[:, 4:6, axis] += swing_F[:, None]
        xyz_FP3[:, 6:, axis] += 1.8 * swing_F[:, None]
    rotation_F33 = np.zeros((frames, 3, 3))
    rotation_F33[:, 0, 0] = rotation_F33[:, 1, 1] = np.cos(turn_F)
    rotation_F33[:, 1, 0] = np.sin(turn_F)
    rotation_F33[:, 0, 1] = -rotation_F33[:, 1, 0]
    rotation_F33[:, 2, 2] = 1
    walk_F3 = np.stack([time_F, np.sin(time_F), 0 * time_F], axis=1)
    world_FP3 = np.einsum("fij,fpj->fpi", rotation_F33, xyz_FP3) + walk_F3[:, None] + rng.normal(0, noise_m, xyz_FP3.shape)
    return make_recording(tuple(f"M{number}" for number in range(8)), 100.0, world_FP3)


def errors_m(truth: Recording, *gaps: tuple[int, int, int], method: str = "regression") -> Float:
    """(N,) errors of the samples of the gaps, NaN where they are left."""
    xyz_FPD = truth.xyz_FPD.copy()
    for point, start, stop in gaps:
        xyz_FPD[start:stop, point] = np.nan
    gapped = make_recording(truth.points, truth.rate_hz, xyz_FPD)
    problem = problem_of(gapped, ~gapped.visible_FP)
    return np.asarray(np.linalg.norm(run_fill(problem, method).xyz_ND - truth.xyz_FPD[problem.wanted], axis=1))


def test_markers_that_follow_others_are_placed_by_them_through_walking_and_turning() -> None:
    truth = bending_take()
    assert errors_m(truth, (6, 100, 200), (7, 100, 200)).max() < 5e-3
    assert errors_m(truth, (6, 100, 200), (7, 100, 200), method="hermite").max() > 0.05
    assert errors_m(truth, (6, 100, 200), (7, 100, 200), method="relational").max() > 0.01, "no rigid triangle has them"


def test_gaps_at_the_take_s_edges_and_lost_frames_elsewhere() -> None:
    truth = bending_take()
    assert errors_m(truth, (6, 0, 80), (7, 320, 400), (1, 150, 160), (2, 250, 255)).mean() < 0.01


def test_another_person_has_no_say() -> None:
    one, other = bending_take(seed=1, noise_m=2e-4), bending_take(seed=2)
    away_FP3 = other.xyz_FPD + 2.0 + np.linspace(0, 8, 400)[:, None, None] * [0.0, 1.0, 0.0]
    both = make_recording((*one.points, *(f"B{name}" for name in other.points)), 100.0, np.concatenate([one.xyz_FPD, away_FP3], axis=1))
    alone, beside = (errors_m(take, (6, 100, 200), (7, 100, 200)).mean() for take in (one, both))
    assert beside < 1.2 * alone


def test_markers_never_seen_together_are_placed_one_by_one() -> None:
    truth = bending_take()
    errors = errors_m(truth, (6, 0, 230), (7, 170, 400))
    assert np.isfinite(errors).all()
    assert errors.max() < 0.02


@pytest.mark.parametrize("gaps", [[(point, 100, 120) for point in range(6)], [(6, 10, 390)], [(6, 0, 400)]])
def test_what_cannot_be_learned_is_left(gaps: list[tuple[int, int, int]]) -> None:
    errors = errors_m(bending_take(), *gaps)
    assert np.isnan(errors).all() or (len(gaps) == 1 and np.isfinite(errors).sum() in (0, len(errors)))
    if len(gaps) > 1:
        assert np.isnan(errors).all(), "two markers are no axes"


def test_a_marker_whose_place_bends_with_the_pose() -> None:
    """As a wrist's does with the angles of shoulder and elbow: no weighted sum of the other markers is where it is."""
    truth = bending_take()
    swing_F = truth.xyz_FPD[:, 4, 2] - 1.2  # up to 0.1 m
    xyz_FPD = truth.xyz_FPD.astype(np.float64)
    xyz_FPD[:, 6, 2] += 4 * swing_F**2
    bent = make_recording(truth.points, truth.rate_hz, xyz_FPD)
    assert errors_m(bent, (6, 100, 200), (7, 100, 200)).max() < 5e-3


def test_a_leg_that_stands_under_a_trunk_that_leans() -> None:
    """A rigid trunk's markers say nothing of the leg by their own places, but how they lean does."""
    time_F = np.arange(600) / 100
    lean_F, turn_F = 0.5 * np.sin(2 * np.pi * 0.37 * time_F) * np.sin(2 * np.pi * 0.11 * time_F), 0.3 * time_F
    leaning, turning = Rotation.from_euler("y", lean_F[:, None]), Rotation.from_euler("z", turn_F[:, None])
    trunk_P3 = np.array([[0, 0, 0], [0.2, 0, 0.3], [-0.1, 0.2, 0.4], [-0.1, -0.2, 0.5]])
    trunk_FP3 = np.stack([(turning * leaning).apply(place_3) for place_3 in trunk_P3], axis=1)
    knee_F3 = turning.apply(np.stack([0.3 * lean_F, 0 * lean_F, np.full(600, -0.5)], axis=1))
    xyz_FP3 = np.concatenate([trunk_FP3, knee_F3[:, None]], axis=1) + np.stack([time_F, np.sin(time_F), 0 * time_F], axis=1)[:, None]
    truth = make_recording(("a", "b", "c", "d", "knee"), 100.0, xyz_FP3)
    assert errors_m(truth, (4, 200, 400)).max() < 5e-3


def test_a_long_gap_needs_memory_for_its_positions_but_no_table_of_its_frames_and_those_learned() -> None:
    truth = bending_take(60_000)
    tracemalloc.start()
    try:
        errors = errors_m(truth, (6, 10_000, 50_000))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert np.isfinite(errors).all()
    assert peak < 150e6, "one table of 40,000 x 300 is 96 MB"


def test_a_marker_goes_on_beyond_the_poses_that_were_seen() -> None:
    """Markers that follow others in proportion do so, too, when all of them swing four times as far."""
    truth = bending_take(600)
    xyz_FPD = truth.xyz_FPD.astype(np.float64)
    swing_F = 0.1 * np.sin(2 * np.pi * 0.7 * np.arange(600) / 100) * np.interp(np.arange(600), [170, 200, 300, 330], [0, 3, 3, 0])
    xyz_FPD[:, 4:6, 2] += swing_F[:, None]
    xyz_FPD[:, 6:, 2] += 1.8 * swing_F[:, None]
    further = make_recording(truth.points, truth.rate_hz, xyz_FPD)
    assert errors_m(further, (6, 200, 300), (7, 200, 300)).max() < 1e-2, "19 mm without a product of the poses"
