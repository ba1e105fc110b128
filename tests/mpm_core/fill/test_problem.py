"""The gaps of a fill problem, and results together."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from mpm_core.fill.problem import FillProblem, Run
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
