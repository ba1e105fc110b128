"""Sigma of classical fills compared with their errors, and the trials that it is estimated from."""

from __future__ import annotations

import numpy as np
import pytest

from mpm_core.fill.auto.draw_trials import draw_rounds
from mpm_core.fill.auto.error_law import BALL, Case, fit
from mpm_core.fill.auto.sigma import expected_sigma, fit_law, sample_gaps, trial_problems, wanted_samples
from mpm_core.fill.auto.trials import errors
from mpm_core.fill.auto.try_methods import trial_error
from mpm_core.fill.cyclic import STEP_S
from mpm_core.fill.methods import METHODS, problem_of
from mpm_core.fill.to_patch import fill_gaps
from mpm_core.gaps import frames_away, inner, runs
from mpm_core.recording import Recording, make_recording
from tests.makers import rigid_take, smooth_take, with_gap


def variable_motion(frames: int = 6000, points: int = 8, seed: int = 0) -> Recording:
    """Points that move at many frequencies, with an amplitude that varies in time and between points."""
    rng = np.random.default_rng(seed)
    time_F = np.arange(frames) / 100
    amplitude_F = 0.3 + 0.7 * np.sin(2 * np.pi * time_F / 17) ** 2
    xyz_FPD = np.zeros((frames, points, 3))
    for hz in np.geomspace(0.2, 4, 14):
        size_PD = rng.normal(0, 0.1, (points, 3)) / hz**1.2
        xyz_FPD += size_PD * np.sin(2 * np.pi * hz * time_F[:, None, None] + rng.uniform(0, 2 * np.pi, (points, 3)))
    return make_recording(
        tuple(f"P{i}" for i in range(points)), 100.0, xyz_FPD * amplitude_F[:, None, None] * np.linspace(0.5, 2, points)[:, None]
    )


def with_random_gaps(truth: Recording, lengths: tuple[int, ...], count: int, seed: int = 0) -> Recording:
    rng = np.random.default_rng(seed)
    masked_FP = np.zeros(truth.origin_FP.shape, bool)
    for number in range(count):
        length, point = lengths[number % len(lengths)], number % len(truth.points)
        start = int(rng.integers(5, truth.frames - length - 5))
        masked_FP[start : start + length, point] = True
    xyz_FPD = truth.xyz_FPD.copy()
    xyz_FPD[masked_FP] = np.nan
    return make_recording(truth.points, truth.rate_hz, xyz_FPD)


@pytest.mark.parametrize("method", ["linear", "pchip", "spline", "hermite"])
def test_90_percent_of_the_samples_are_in_the_90_percent_ball(method: str) -> None:
    truth = variable_motion()
    gapped = with_random_gaps(truth, (10, 25, 50, 100), 96)
    after, _ = fill_gaps(gapped, np.ones(gapped.origin_FP.shape, bool), method).patch.apply(gapped)
    filled_FP = ~gapped.visible_FP & after.visible_FP
    inside_FP = np.linalg.norm(after.xyz_FPD - truth.xyz_FPD, axis=2) < BALL[3] * after.sigma_FP
    assert 0.82 < inside_FP[filled_FP].mean() < 0.97
    in_place = after.sigma_FP[filled_FP]
    assert in_place.max() > 10 * in_place.min(), "sigma varies with the length of the gap and the motion"


def test_sigma_of_a_rigid_body_is_the_measurement_noise() -> None:
    truth = rigid_take(frames=1500, noise_m=0.001)
    gapped = with_random_gaps(truth, (30, 60), 20)
    everywhere = np.ones(gapped.origin_FP.shape, bool)
    rigid, linear = (fill_gaps(gapped, everywhere, method).patch for method in ("rigid", "linear"))
    assert 0.0005 < np.median(rigid.sigma_N) < 0.004
    assert np.median(linear.sigma_N) > 5 * np.median(rigid.sigma_N)


def test_sigma_is_reproducible() -> None:
    gapped = with_random_gaps(variable_motion(frames=900), (20, 40), 20)
    everywhere = np.ones(gapped.origin_FP.shape, bool)
    first, again = fill_gaps(gapped, everywhere, "spline").patch, fill_gaps(gapped, everywhere, "spline").patch
    assert first.sigma_N.tobytes() == again.sigma_N.tobytes()


@pytest.mark.parametrize("method", ["linear", "hermite", "kalman"])
def test_without_trials_sigma_is_the_displacement(method: str) -> None:
    """The gap is so long that there is no place for a trial; sigma increases with the time to the nearest visible sample."""
    gapped = with_gap(smooth_take(frames=40, points=3), 0, 3, 37)
    patch = fill_gaps(gapped, np.ones(gapped.origin_FP.shape, bool), method).patch
    assert np.isfinite(patch.sigma_N).all()
    sigma_F = patch.sigma_N[np.argsort(patch.frames_N)]
    assert sigma_F[len(sigma_F) // 2] >= sigma_F[0] and 0.001 < sigma_F.max() < 5


def test_the_regression_recovers_simulated_errors() -> None:
    """Errors that increase with time, twice as large for one point."""
    rng = np.random.default_rng(0)
    cases = []
    for number in range(400):
        frames = int(rng.choice([8, 16, 32, 64]))
        to_visible_N = np.minimum(np.arange(1, frames + 1.0), np.arange(frames, 0.0, -1))
        sigma_N = 0.001 * to_visible_N * (2.0 if number % 2 else 1.0)
        cases.append(Case(number % 2, frames, 0.1, to_visible_N, rng.normal(0, 1, (frames, 3)) * sigma_N[:, None]))
    law = fit(cases)
    for frames in (8, 32, 64):
        for point, factor in ((0, 1.0), (1, 2.0)):
            predicted = law.sigma(np.array([point]), np.array([frames / 4]), np.array([float(frames)]), np.array([0.1]))[0]
            assert predicted == pytest.approx(0.001 * factor * frames / 4, rel=0.25)


def test_coverage_is_90_percent_when_a_few_errors_are_large() -> None:
    """One trial in five has errors thirty times as large as the others; coverage is measured on new trials."""
    rng = np.random.default_rng(1)

    def trial() -> Case:
        to_visible_N = np.minimum(np.arange(1, 21.0), np.arange(20, 0.0, -1))
        return Case(0, 20, 0.1, to_visible_N, rng.normal(0, 0.03 if rng.random() < 0.2 else 0.001, (20, 3)))

    law = fit([trial() for _ in range(300)])
    fresh = [trial() for _ in range(600)]
    predicted = [law.sigma(np.zeros(20, int), case.to_visible_N, np.full(20, 20.0), np.full(20, 0.1)) for case in fresh]
    inside = [np.linalg.norm(case.error_ND, axis=1) < BALL[3] * sigma_N for case, sigma_N in zip(fresh, predicted, strict=True)]
    assert 0.85 < np.mean(inside) < 0.95


def test_trials_mask_their_own_frames_of_their_point() -> None:
    truth = smooth_take(frames=400, points=4)
    gapped = with_gap(with_gap(with_gap(truth, 0, 50, 70), 1, 55, 65), 2, 0, 12)
    problem = problem_of(gapped, np.ones(gapped.origin_FP.shape, bool))
    rounds = draw_rounds(problem.visible_FP, problem.gaps(), ~problem.visible_FP, 60.0, np.random.default_rng(0), 3)
    trials = [trial for each in rounds for trial in each.trials]
    assert sorted((trial.point, trial.frames, trial.open_end) for trial in trials) == [(0, 20, ""), (1, 10, ""), (2, 12, "start")]
    for each in rounds:
        for trial in each.trials:
            assert gapped.visible_FP[trial.start : trial.stop, trial.point].all(), "the true positions are visible"
            assert each.masked_FP[trial.start : trial.stop, trial.point].all()
            assert not each.masked_FP[trial.stop : trial.stop + 5, trial.point].any()
            if trial.open_end:
                assert not each.problem(problem).visible_FP[: trial.start, trial.point].any()
            else:
                assert not each.masked_FP[trial.start - 5 : trial.start, trial.point].any()
            if trial.point == 0:
                assert each.masked_FP[trial.start + 5 : trial.start + 15, 1].all(), "masked as it is missing beside the gap"
        frame_N, point_N = each.problem(problem).wanted
        by_its_frame_ND = problem.xyz_FPD[frame_N, point_N] + frame_N[:, None]
        for trial, error_ND in errors(problem, each, by_its_frame_ND):
            np.testing.assert_allclose(error_ND, np.repeat(np.arange(trial.start, trial.stop), 3).reshape(-1, 3))


def test_a_trial_at_the_end_of_the_take_is_the_only_one_of_its_point() -> None:
    """Otherwise samples of one trial would be masked far beyond their own gap."""
    problem = problem_of(with_gap(smooth_take(frames=400, points=2), 0, 390, 400), np.ones((400, 2), bool))
    gap = (0, 390, 400)
    rounds = draw_rounds(problem.visible_FP, [gap] * 12, ~problem.visible_FP, 60.0, np.random.default_rng(0), 4)
    assert [len(each.trials) for each in rounds] == [1] * 4
    assert len({each.trials[0].start for each in rounds}) == 4, "at a different place in each round"
    for each in rounds:
        assert each.problem(problem).visible_FP[each.trials[0].start - 1, 0]


def test_sampled_gaps_are_of_every_length_and_point() -> None:
    gaps = [(point, 10, 10 + frames) for point in range(5) for frames in (1, 1, 1, 1, 1, 1, 40)]
    some = sample_gaps(gaps, 10, np.random.default_rng(0))
    assert len(some) == 10 and sum(stop - start == 40 for _, start, stop in some) == 5
    assert {point for point, _, _ in some} == set(range(5))


def test_inner_gaps_and_frames_away() -> None:
    visible_F = np.array([0, 0, 1, 0, 0, 0, 1, 0], bool)
    assert runs(inner(visible_F)) == [(3, 6)]
    assert frames_away(visible_F[:, None])[:, 0].tolist() == [2, 1, 0, 1, 2, 1, 0, 1]
    assert np.isinf(frames_away(np.zeros((3, 1), bool))).all() and not inner(np.zeros(3, bool)).any()


def test_every_method_has_a_title_and_a_description() -> None:
    for name, method in METHODS.items():
        assert name == name.lower() and method.title and method.about[0].islower()


def test_markers_hidden_together_are_tried_together_and_leave_most_of_the_take_to_learn_from() -> None:
    gapped = smooth_take(frames=600, points=6)
    lost = (1, 2, 4)
    for point in lost:
        gapped = with_gap(gapped, point, 200, 240)
    problem = problem_of(gapped, ~gapped.visible_FP)
    rounds = draw_rounds(problem.visible_FP, problem.gaps() * 8, ~problem.visible_FP, 60.0, np.random.default_rng(0), 4, together=True)
    assert sum(len(each.trials) for each in rounds) == 24
    for each in rounds:
        by_start: dict[int, set[int]] = {}
        for trial in each.trials:
            by_start.setdefault(trial.start, set()).add(trial.point)
        assert all(points == set(lost) for points in by_start.values())
        assert each.masked_FP.any(axis=1).mean() < 0.3
    alone = draw_rounds(problem.visible_FP, [(1, 200, 540)], ~problem.visible_FP, 60.0, np.random.default_rng(0), 4, together=True)
    assert not alone or len(alone[0].trials) == 1, "a trial longer than that share is tried alone"


@pytest.mark.parametrize("end", [False, True])
def test_a_trial_at_the_takes_edge_leaves_all_else_to_learn_from(end: bool) -> None:
    """Masked from its place to the take's edge, a fill that learns from the take would look worse than it is there."""
    truth = smooth_take(frames=400, points=5)
    gapped = truth
    for point, frames in ((1, 60), (3, 64), (4, 20)):
        gapped = with_gap(gapped, point, *((400 - frames, 400) if end else (0, frames)))
    problem = problem_of(gapped, ~gapped.visible_FP)
    rounds = draw_rounds(problem.visible_FP, problem.gaps() * 4, ~problem.visible_FP, 60.0, np.random.default_rng(0), 4, together=True)
    assert [sorted((trial.point, trial.frames) for trial in each.trials) for each in rounds] == [[(1, 60), (3, 64), (4, 20)]] * 4
    for each in rounds:
        tried = each.problem(problem)
        for point, frames in ((1, 60), (3, 64), (4, 20)):
            edge_F = tried.visible_FP[::-1, point] if end else tried.visible_FP[:, point]
            assert not edge_F[:frames].any() and edge_F[frames : frames + 6].all(), "the trial is at the edge of what the fill sees"
            assert tried.visible_FP[:, point].sum() == 400 - 2 * frames, "nothing else of its point is masked"
        jump_F = np.linalg.norm(np.diff(tried.xyz_FPD[:, 0], axis=0), axis=1)
        assert np.nanmax(jump_F) < 0.1, "the take's end and start are apart, where they meet"
        frame_N, point_N = tried.wanted
        for trial, error_ND in errors(problem, each, truth.xyz_FPD[each.frames_F[frame_N], point_N]):
            assert error_ND.shape == (trial.frames, 3) and not error_ND.any()


def test_a_long_gap_at_the_edge_leaves_trials_to_the_gaps_inside() -> None:
    """As where a marker falls off: else their fill would be chosen by trials of the long gap alone."""
    gapped = with_gap(smooth_take(frames=400, points=5), 1, 280, 400)
    for point, start in ((0, 60), (2, 120), (3, 200)):
        gapped = with_gap(gapped, point, start, start + 10)
    problem = problem_of(gapped, ~gapped.visible_FP)
    rounds = draw_rounds(problem.visible_FP, problem.gaps(), ~problem.visible_FP, 60.0, np.random.default_rng(0), 4, together=True)
    assert sorted(trial.point for each in rounds for trial in each.trials if not trial.open_end) == [0, 2, 3]


def test_no_fill_sees_motion_across_the_place_where_a_takes_end_meets_its_start() -> None:
    """At 30 Hz, `cyclic` compares positions four frames apart."""
    truth = smooth_take(frames=200, points=5)
    gapped = with_gap(truth, 1, 0, 20)
    problem = problem_of(gapped, ~gapped.visible_FP)
    (one,) = draw_rounds(problem.visible_FP, problem.gaps(), ~problem.visible_FP, 30.0, np.random.default_rng(0), 1, together=True)
    last, first = np.flatnonzero(one.frames_F == 199)[0], np.flatnonzero(one.frames_F == 0)[0]
    assert first - last > 2 * round(STEP_S * 30.0 / 2)


def test_markers_hidden_together_are_one_place_and_few_places_widen_sigma() -> None:
    """Three markers tried in four places are no twelve observations."""
    gapped = smooth_take(frames=240, points=6)
    for point in (1, 2, 4):
        gapped = with_gap(gapped, point, 60, 120)
    problem = problem_of(gapped, ~gapped.visible_FP)
    gaps, rounds = problem.gaps(), trial_problems(problem, problem.gaps(), together=True)
    samples = wanted_samples(problem, gaps, problem.wanted_FP)
    law = fit_law(problem, rounds, METHODS["hermite"].run, together=True)
    assert law is not None and law.places == sum(len({trial.start for trial in each.round.trials}) for each in rounds) == 4
    sigma_N, error_G = trial_error(problem, rounds, samples, METHODS["hermite"].run, len(gaps), together=True)
    as_tried_N = expected_sigma(problem, law, samples)
    assert sigma_N is not None
    np.testing.assert_allclose(sigma_N / as_tried_N, 2.132 / 1.645, rtol=1e-3)  # Student's t of four degrees of freedom
    np.testing.assert_allclose(
        np.sqrt((error_G**2).mean()), np.sqrt((as_tried_N**2).mean()), err_msg="what is chosen does not depend on it"
    )
    alone = fit_law(problem, rounds, METHODS["hermite"].run)
    assert alone is not None and (alone.factors >= law.factors).all() and alone.factors.sum() > law.factors.sum(), "widened once, not twice"


def test_many_markers_hidden_together_are_tried_in_as_many_places_as_a_few() -> None:
    """However many they are, a place is one observation of them."""

    def places(points: int) -> int:
        gapped = smooth_take(frames=900, points=24)
        for point in range(points):
            gapped = with_gap(gapped, point, 100 + point % 3, 112)
        problem = problem_of(gapped, ~gapped.visible_FP)
        return sum(len({trial.place for trial in each.round.trials}) for each in trial_problems(problem, problem.gaps(), together=True))

    assert min(places(1), places(6), places(20)) >= 12


def test_gaps_that_cover_many_stretches_are_not_repeated() -> None:
    beside = [(point, start, start + 10) for start in range(0, 200, 20) for point in range(8)]
    assert len(sample_gaps(beside, 96, np.random.default_rng(0), together=True)) == len(beside)
    assert len(sample_gaps([*beside, *beside], 96, np.random.default_rng(0), together=True)) == 96
    assert len(sample_gaps(beside[:16], 96, np.random.default_rng(0), together=True)) == 96, "two stretches, six times"


def test_gaps_at_the_edges_are_tried_in_every_round() -> None:
    """They are tried all at once at one frame, so that otherwise many of them would be tried in one place."""
    gapped = smooth_take(frames=400, points=30)
    for point in range(25):
        gapped = with_gap(gapped, point, *((0, 10 + point) if point % 2 else (390 - point, 400)))
    problem = problem_of(gapped, ~gapped.visible_FP)
    rounds = draw_rounds(problem.visible_FP, problem.gaps(), ~problem.visible_FP, 60.0, np.random.default_rng(0), 4, together=True)
    assert len(rounds) == 4 and all(len(each.trials) >= 20 for each in rounds), "but those that are missing there, too"
    assert len({int(each.frames_F[0]) for each in rounds}) == 4, "at another frame in each"


@pytest.mark.parametrize("method", ["hermite", "spline", "kalman"])
def test_sigma_grows_in_a_gap_longer_than_any_trial(method: str) -> None:
    """In takes of 3 s, 2 s of one point are missing, so that a quarter of a second is the longest trial of it."""
    shares = []
    for seed in range(12):
        truth = variable_motion(300, points=3, seed=seed)
        gapped = with_gap(truth, 1, 50, 250)
        after, _ = fill_gaps(gapped, np.ones(gapped.origin_FP.shape, bool), method).patch.apply(gapped)
        inside_F = np.linalg.norm(after.xyz_FPD - truth.xyz_FPD, axis=2)[50:250, 1] < BALL[3] * after.sigma_FP[50:250, 1]
        shares.append(inside_F.mean())
    assert np.mean(shares) > 0.75, shares
