"""What is left: too long, too uncertain, or unlike anything in the take."""

from __future__ import annotations

import numpy as np
import pytest

from mpm_core.complete import CompleteOptions, complete_patch
from mpm_core.errors import DataError
from mpm_core.fill.keep.limits import Limits, within_limits
from mpm_core.fill.methods import problem_of, run_fill
from mpm_core.fill.problem import FillProblem, FillResult
from mpm_core.recording import make_recording
from mpm_core.typing import Float
from tests.makers import smooth_take, with_gap


def filled(move_ND: Float, sigma_m: float = 0.01) -> tuple[FillProblem, FillResult]:
    """A gap of 30 frames filled by its truth, moved; sigma the same throughout."""
    truth = smooth_take(frames=200, points=4)
    gapped = with_gap(truth, 1, 80, 110)
    problem = problem_of(gapped, ~gapped.visible_FP)
    xyz_ND = truth.xyz_FPD[80:110, 1] + move_ND
    return problem, FillResult(xyz_ND, np.full(30, sigma_m), np.zeros(30), {})


def arch(height_m: float) -> Float:
    """(30, 3) a smooth detour."""
    return np.outer(height_m * np.sin(np.linspace(0, np.pi, 30)) ** 2, [0.0, 0.0, 1.0])


def test_a_plausible_fill_stays() -> None:
    problem, result = filled(arch(0.02))
    kept, why = within_limits(problem, result, Limits())
    np.testing.assert_array_equal(kept.xyz_ND, result.xyz_ND)
    assert not why


@pytest.mark.parametrize(("move_ND", "reason"), [(arch(0.0) + [15.0, 0, 0], "far outside the space"), (arch(0.9), "faster than anything")])
def test_a_fill_across_the_room_is_left_whole(move_ND: Float, reason: str) -> None:
    problem, result = filled(move_ND)
    kept, why = within_limits(problem, result, Limits())
    assert np.isnan(kept.xyz_ND).all() and np.isnan(kept.sigma_N).all()
    assert reason in why[1, 80, 110]


def test_what_was_filled_before_does_not_say_what_is_possible() -> None:
    problem, result = filled(arch(0.0) + [15.0, 0, 0])
    seen_FP = problem.visible_FP.copy()
    problem.xyz_FPD[:, 2] += [15.0, 0, 0]
    seen_FP[:, 2] = False
    assert "far outside the space" not in " ".join(within_limits(problem, result, Limits())[1].values())
    assert "far outside the space" in within_limits(problem, result, Limits(), seen_FP)[1][1, 80, 110]


def test_uncertain_samples_are_left_alone() -> None:
    problem, result = filled(arch(0.0))
    result.sigma_N[10:20] = 0.4
    kept, why = within_limits(problem, result, Limits())
    assert np.flatnonzero(np.isnan(kept.xyz_ND[:, 0])).tolist() == list(range(10, 20))
    assert "above 300 mm" in why[1, 80, 110]
    assert not within_limits(problem, result, Limits(max_sigma_m=0.5))[1]


def test_bones_do_not_grow_unless_the_user_named_the_method() -> None:
    truth = smooth_take(frames=200, points=3)
    xyz_FPD = truth.xyz_FPD.copy()
    xyz_FPD[:, 1] = xyz_FPD[:, 0] + [0.1, 0, 0]
    gapped = with_gap(make_recording(truth.points, truth.rate_hz, xyz_FPD), 1, 80, 110)
    problem = problem_of(gapped, ~gapped.visible_FP)
    result = FillResult(xyz_FPD[80:110, 1] + arch(0.15), np.full(30, 0.01), np.zeros(30), {})
    assert "further from its neighbours" in within_limits(problem, result, Limits())[1][1, 80, 110]
    assert not within_limits(problem, result, Limits(), bones=False)[1]


def test_long_gaps_are_left_and_the_rest_is_filled() -> None:
    gapped = with_gap(with_gap(smooth_take(frames=300), 0, 50, 150), 1, 50, 60)
    completion = complete_patch(gapped, CompleteOptions("spline", limits=Limits(max_gap_s=1.0)))
    assert set(completion.patch.points_N.tolist()) == {1}
    assert [(left.gap.point, left.why) for left in completion.left] == [(0, "it is longer than 1 s")]


@pytest.mark.parametrize("limits", [{"max_gap_s": 0.0}, {"max_sigma_m": -1.0}, {"max_sigma_m": float("nan")}])
def test_limits_that_are_none_are_refused(limits: dict[str, float]) -> None:
    with pytest.raises(DataError, match="above 0"):
        Limits(**limits)


def test_pixels_have_no_limits() -> None:
    take = smooth_take(frames=100)
    flat = with_gap(make_recording(take.points, take.rate_hz, 900 * take.xyz_FPD[..., :2]), 0, 40, 60)
    problem = problem_of(flat, ~flat.visible_FP)
    result = run_fill(problem, "linear")
    assert within_limits(problem, result, Limits()) == (result, {})
