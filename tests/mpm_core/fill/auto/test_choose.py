"""The best classical fill for each gap, by trials on the take itself."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from scipy.optimize import minimize

from mpm_core.errors import Cancelled
from mpm_core.fill.auto import choose, try_methods
from mpm_core.fill.auto.choose import CANDIDATES, MARKER_CANDIDATES, choose_fills
from mpm_core.fill.auto.sigma import WantedSamples, trial_problems
from mpm_core.fill.auto.trials import Trial
from mpm_core.fill.auto.try_methods import Fill
from mpm_core.fill.methods import METHODS, Method, problem_of, run_fill
from mpm_core.fill.problem import FillProblem, FillResult, classical_result
from mpm_core.recording import Recording, make_recording
from tests.makers import low_rank_take, rigid_take, smooth_take, walking_take, with_gap


def mixed() -> Recording:
    """A rigid body, and one marker that is not part of it and moves slowly."""
    body, free = rigid_take(bodies=1, frames=900, noise_m=0.0005), smooth_take(frames=900, points=1, rate_hz=100.0)
    return make_recording((*body.points, "loose"), 100.0, np.concatenate([body.xyz_FPD, free.xyz_FPD], axis=1))


def test_each_gap_is_filled_by_the_method_for_its_motion() -> None:
    truth = mixed()
    gapped = with_gap(with_gap(truth, 0, 300, 400), 5, 500, 520)
    problem = problem_of(gapped, ~gapped.visible_FP)
    choice = choose_fills(problem)
    assert choice.methods[0, 300, 400] in ("rigid", "relational")
    assert choice.methods[5, 500, 520] in ("spline", "quintic", "hermite")
    assert np.linalg.norm(choice.result.xyz_ND - truth.xyz_FPD[problem.wanted], axis=1).max() < 0.005
    assert np.isfinite(choice.result.sigma_N).all() and not choice.result.network_N.any()


@pytest.mark.parametrize(
    "truth",
    [
        rigid_take(frames=900, noise_m=0.001),
        *(pytest.param(take, marks=pytest.mark.slow) for take in (low_rank_take(frames=900), walking_take(cycles=9))),
    ],
)
def test_the_mixture_is_nearly_as_good_as_the_best_method(truth: Recording) -> None:
    gapped = truth
    for number in range(6):
        gapped = with_gap(gapped, number, 100 + 110 * number, 160 + 110 * number)
    problem = problem_of(gapped, ~gapped.visible_FP)

    def mean_error(xyz_FPD: np.ndarray) -> float:
        return float(np.linalg.norm(xyz_FPD - truth.xyz_FPD, axis=2)[~gapped.visible_FP].mean())

    singles = {method: mean_error(problem.in_place(run_fill(problem, method).xyz_ND)) for method in METHODS}
    joints = choose_fills(problem).result
    assert mean_error(problem.in_place(joints.xyz_ND)) < 1.3 * np.nanmin([singles[method] for method in CANDIDATES]) + 1e-4
    markers = choose_fills(problem, MARKER_CANDIDATES, markers=True).result
    assert mean_error(problem.in_place(markers.xyz_ND)) < 1.3 * np.nanmin(list(singles.values())) + 1e-4


def test_samples_that_the_best_method_leaves_are_filled_by_the_next() -> None:
    """In the middle of the gap two of the body's five markers are missing, so fewer than three are left to place the first."""
    gapped = with_gap(mixed(), 0, 300, 400)
    for point in (1, 2, 3):
        gapped = with_gap(gapped, point, 340, 350)
    problem = problem_of(gapped, ~gapped.visible_FP)
    assert np.isnan(problem.in_place(run_fill(problem, "rigid").xyz_ND)[340:350, 0]).all()
    result = choose_fills(problem).result
    assert np.isfinite(result.xyz_ND).all() and np.isfinite(result.sigma_N).all()
    step_F = np.linalg.norm(np.diff(problem.in_place(result.xyz_ND)[300:400, 0], axis=0), axis=1)
    assert step_F[[39, 49]].max() < 2 * np.median(step_F) + 0.003, "the two fills are continuous"


def test_a_method_that_fills_nothing_of_a_gap_has_no_part_in_it() -> None:
    """In the first gap the body places its marker; in the others too few markers of it are left, whatever the trials promise."""
    gapped = with_gap(mixed(), 0, 100, 140)
    for point in range(4):
        gapped = with_gap(gapped, point, 500, 540)
    problem = problem_of(gapped, ~gapped.visible_FP)
    methods = ("hermite", "spline", "quintic", "rigid", "kalman")
    together_N = np.nonzero(problem.wanted_FP)[0] >= 500
    assert np.isnan(run_fill(problem, "rigid").xyz_ND[together_N]).all()
    choice = choose_fills(problem, methods, markers=True)
    assert choice.methods[0, 100, 140] == "rigid"
    without = choose_fills(problem, tuple(method for method in methods if method != "rigid"), markers=True)
    np.testing.assert_allclose(choice.result.xyz_ND[together_N], without.result.xyz_ND[together_N], rtol=0, atol=1e-12)


def test_methods_of_small_weight_are_not_run(monkeypatch: pytest.MonkeyPatch) -> None:
    truth = mixed()
    gapped = with_gap(with_gap(truth, 0, 300, 400), 5, 500, 520)
    problem = problem_of(gapped, ~gapped.visible_FP)
    filled: list[int] = []

    def counting(wanted: FillProblem, method: str) -> FillResult:
        filled.append(int(wanted.wanted_FP.sum()))
        return run_fill(wanted, method)

    monkeypatch.setattr(choose, "run_fill", counting)
    few_ND, few = choose_fills(problem).result.xyz_ND, sum(filled)
    filled.clear()
    monkeypatch.setattr(try_methods, "LEAST_SHARE", 0.0)
    all_ND = choose_fills(problem).result.xyz_ND
    assert few < 0.8 * sum(filled)
    difference, mean_error = (np.linalg.norm(each, axis=1).mean() for each in (few_ND - all_ND, all_ND - truth.xyz_FPD[problem.wanted]))
    assert 0 < difference < 0.2 * mean_error


def test_methods_without_a_weight_after_the_first_round_of_trials_are_not_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    truth = rigid_take(bodies=1, frames=900, noise_m=0.0005)
    gapped = with_gap(truth, 0, 300, 400)
    problem = problem_of(gapped, ~gapped.visible_FP)
    runs: list[str] = []

    def counting(name: str, method: Method) -> Method:
        def run(problem: FillProblem) -> FillResult:
            runs.append(name)
            return method.run(problem)

        return replace(method, run=run)

    for name in MARKER_CANDIDATES:
        monkeypatch.setitem(METHODS, name, counting(name, METHODS[name]))
    rounds = len(trial_problems(problem, problem.gaps(), most=choose.TRIALS, together=True))
    few_ND = choose_fills(problem, MARKER_CANDIDATES, markers=True).result.xyz_ND
    assert rounds > 1 and runs.count("rigid") == rounds + 1 and runs.count("hermite") == 1
    monkeypatch.setattr(try_methods, "_worth_trying", lambda expected_GM, *_: np.ones(expected_GM.shape[1], bool))
    all_ND = choose_fills(problem, MARKER_CANDIDATES, markers=True).result.xyz_ND
    assert runs.count("hermite") == 1 + rounds
    np.testing.assert_allclose(few_ND, all_ND, atol=1e-4)


def test_a_method_that_filled_few_trials_rules_no_other_out() -> None:
    gapped = with_gap(smooth_take(frames=60), 0, 10, 20)
    problem = problem_of(gapped, ~gapped.visible_FP)
    first = trial_problems(problem, problem.gaps())[0]

    def filling(share: float) -> Fill:
        def fill(trials: FillProblem) -> FillResult:
            number_N1 = np.arange(len(trials.empty()))[:, None]
            return classical_result(np.where(number_N1 < share * len(number_N1), 0.0, trials.empty()))

        return fill

    fills = [filling(share) for share in (0.1, 1.0, 1.0, 1.0, 0.0)]
    expected_GM = np.array([[0.02, 1.0, 4.0, 9.0, np.inf]])
    assert try_methods._worth_trying(expected_GM, first, fills).tolist() == [True, True, True, False, True]


def test_weights_are_those_of_the_geometric_median() -> None:
    """Compared with a direct minimization of the sum of distances, for five fills of one gap."""
    rng = np.random.default_rng(3)
    fills_M3, share_M = rng.normal(0, 0.01, (5, 3)), np.array([1.0, 0.8, 0.7, 0.6, 0.5])
    fills_M3[2] += [0.5, 0.0, 0.0]
    squared_MM = ((fills_M3[:, None] - fills_M3) ** 2).sum(axis=2)
    weight_M = choose._median_weights(share_M[None], squared_MM[None], np.array([1e-4]))[0]
    assert weight_M.sum() == pytest.approx(1) and weight_M[2] < 0.02
    median_3 = minimize(lambda x: (share_M * np.linalg.norm(fills_M3 - x, axis=1)).sum(), np.zeros(3), method="Nelder-Mead").x
    np.testing.assert_allclose(weight_M @ fills_M3, median_3, atol=2e-3)
    equal_M = choose._median_weights(share_M[None], squared_MM[None], np.array([10.0]))[0]
    np.testing.assert_allclose(
        equal_M, share_M / share_M.sum(), rtol=0.06, err_msg="distances below the expected error do not change the weights"
    )
    empty = choose._median_weights(np.zeros((1, 5)), np.zeros((1, 5, 5)), np.array([np.inf]))
    assert not empty.any()


def test_no_wanted_samples_and_cancelling() -> None:
    rec = smooth_take()
    choice = choose_fills(problem_of(rec, np.zeros(rec.origin_FP.shape, bool)))
    assert not choice.methods and not len(choice.result.xyz_ND)

    def stop(method: str) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        choose_fills(problem_of(with_gap(rec, 0, 10, 20), ~with_gap(rec, 0, 10, 20).visible_FP), on_method=stop)


def promise(monkeypatch: pytest.MonkeyPatch, errors_m: dict[str, float], longest: int) -> None:
    """Trials of so many frames at most, in which methods err by so much (RMS), and by 1 mm per axis."""
    tried = SimpleNamespace(round=SimpleNamespace(trials=[Trial(0, 500, 500 + longest)]))
    monkeypatch.setattr(choose, "trial_problems", lambda *_, **__: [tried])

    def trial_error(
        _problem: FillProblem, _rounds: object, samples: WantedSamples, fill: Any, _gaps: int, **_options: bool
    ) -> tuple[np.ndarray, np.ndarray]:
        (error_m,) = (error_m for method, error_m in errors_m.items() if METHODS[method].run is fill.__wrapped__)
        return np.full(len(samples.gap_N), 0.001), np.full(1, error_m)

    monkeypatch.setattr(try_methods, "trial_error", trial_error)


@pytest.mark.parametrize(("longest", "best"), [(10, "regression"), (100, "spline")])
def test_in_gaps_longer_than_any_trial_what_visible_markers_place_is_preferred(
    longest: int, best: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    gapped = with_gap(rigid_take(frames=900), 0, 300, 400)
    promise(monkeypatch, {"spline": 0.001, "regression": 0.003}, longest)
    choice = choose_fills(problem_of(gapped, ~gapped.visible_FP), ("spline", "regression"), markers=True)
    assert choice.methods == {(0, 300, 400): best}


def test_sigma_of_fills_that_lie_further_apart_than_trials_promise_is_larger(monkeypatch: pytest.MonkeyPatch) -> None:
    truth = rigid_take(frames=900)
    gapped = with_gap(truth, 0, 300, 400)
    promise(monkeypatch, {"spline": 0.002, "regression": 0.002}, 100)
    problem = problem_of(gapped, ~gapped.visible_FP)
    spline_ND, regression_ND = (run_fill(problem, method).xyz_ND for method in ("spline", "regression"))
    assert np.linalg.norm(spline_ND - regression_ND, axis=1).mean() > 0.02
    choice = choose_fills(problem, ("spline", "regression"), markers=True)
    result = choice.result
    error_N, sigma_N = np.linalg.norm(result.xyz_ND - truth.xyz_FPD[problem.wanted], axis=1), result.sigma_N * 3**0.5
    assert 0.5 < np.sqrt((sigma_N**2).mean() / (error_N**2).mean()) < 2
