"""The gaps of a fill problem, and results together."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from mpm_core.fill.problem import FillProblem, FillResult, Run, mean_of
from mpm_core.gaps import runs


def gaps_by_loop(problem: FillProblem) -> list[Run]:
    return [
        (point, start, stop)
        for point in range(problem.visible_FP.shape[1])
        for start, stop in runs(~problem.visible_FP[:, point])
        if problem.wanted_FP[start:stop, point].any()
    ]


@pytest.mark.parametrize("missing", [0.0, 0.1, 0.7, 1.0])
@pytest.mark.parametrize("wanted", [0.0, 0.1, 1.0])
@pytest.mark.parametrize("frames", [0, 1, 60])
def test_gaps_are_the_runs_with_a_wanted_sample(missing: float, wanted: float, frames: int) -> None:
    rng = np.random.default_rng(0)
    visible_FP = rng.random((frames, 7)) >= missing
    visible_FP[:5, 2:4] = False
    visible_FP[-5:, 3:5] = False
    wanted_FP = ~visible_FP & (rng.random(visible_FP.shape) < wanted)
    problem = FillProblem(tuple("abcdefg"), 100.0, np.where(visible_FP[..., None], 0.0, np.full(3, np.nan)), visible_FP, wanted_FP)
    assert problem.gaps() == gaps_by_loop(problem)


def test_what_was_learned_is_shared_by_problems_of_the_same_visible_samples_only() -> None:
    visible_FP = np.array([[True, True], [False, False], [True, True]])
    problem, calls = FillProblem(("a", "b"), 100.0, np.zeros((3, 2, 3)), visible_FP, ~visible_FP), list[str]()

    def learn() -> str:
        calls.append("learned")
        return "something"

    one_FP = np.array([[False, False], [True, False], [False, False]])
    assert problem.wanting(one_FP).once("key", learn) == problem.once("key", learn) == "something"
    assert problem.wanting(one_FP).gaps() == [(0, 1, 2)] and len(calls) == 1
    replace(problem, xyz_FPD=np.ones((3, 2, 3))).once("key", learn)
    problem.once("another key", learn)
    assert len(calls) == 3


def result(xyz_N: list[float], sigma_N: list[float], network: float) -> FillResult:
    xyz_N1, share_N = np.array(xyz_N)[:, None], np.where(np.isfinite(xyz_N), network, np.nan)
    return FillResult(np.tile(xyz_N1, 3), np.array(sigma_N), share_N, {})


def test_the_mean_of_two_results() -> None:
    first = result([4.0, np.nan, 2.0, 9.0], [1.0, np.nan, 3.0, np.nan], 1.0)
    second = result([0.0, 5.0, np.nan, 8.0], [3.0, 2.0, np.nan, 1.0], 0.0)
    mean = mean_of(first, second, np.array([0.75, 0.75, 0.75, 0.0]))
    np.testing.assert_allclose(mean.xyz_ND[:, 0], [3.0, 5.0, 2.0, 8.0])
    np.testing.assert_allclose(mean.sigma_N, [1.5, 2.0, 3.0, 1.0])
    np.testing.assert_allclose(mean.network_N, [0.75, 0.0, 1.0, 0.0])
    np.testing.assert_allclose(mean_of(first, second, np.full(4, np.nan)).xyz_ND[:, 0], [0.0, 5.0, 2.0, 8.0])
