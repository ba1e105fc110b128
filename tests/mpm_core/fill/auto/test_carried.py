"""Joints of a rig that the body's joints carry. F frames, P points, N wanted samples."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from mpm_core import best_fill
from mpm_core.body.mapping import map_body, points_of
from mpm_core.complete import complete_patch
from mpm_core.edit.mark import mark, region
from mpm_core.fill.auto.carried import carried, carriers, left_to_rig
from mpm_core.fill.auto.choose import Choice, choose_fills
from mpm_core.fill.methods import problem_of
from mpm_core.fill.problem import FillProblem, FillResult, classical_result
from mpm_core.fill.to_patch import solve_rig
from mpm_core.gaps import known
from mpm_core.recording import Recording
from mpm_core.rigs.kinematics import world_joint_positions
from tests.makers import person_rig, smooth_take

ANKLE_SIGMA_M = 0.02


def with_ankle_motion(angles_FC: np.ndarray, *, hinge: bool) -> Recording:
    """A person whose left ankle turns by three angles (degrees). hinge: the knee turns about one axis only, so that the shin does not
    twist."""
    rec = person_rig(frames=len(angles_FC))
    assert rec.rig is not None
    values_FC = rec.rig.values_FC.copy()
    if hinge:
        values_FC[:, np.arange(rec.rig.values_FC.shape[1])[rec.rig.columns(rec.index("left_knee"))][[0, 2]]] = 0.0
    values_FC[:, rec.rig.columns(rec.index("left_ankle"))] = angles_FC
    rig = replace(rec.rig, values_FC=values_FC)
    return replace(rec, rig=rig, xyz_FPD=np.float32(world_joint_positions(rig, rec.source.file_to_world_33)))


def filled_leg(rec: Recording, names: tuple[str, ...], gaps: list[tuple[int, int]]) -> tuple[np.ndarray, np.ndarray, FillResult]:
    """Sigma (F, P), error (F, P, 3) of the filled take, and the result: the body's joints are filled with the truth, the others 1 m off."""
    where_FP = np.zeros(rec.visible_FP.shape, bool)
    for start, stop in gaps:
        where_FP |= region(rec, [rec.index(name) for name in names], start, stop)
    marked = mark(rec, where_FP, followers=False).apply(rec)[0]
    problem, body = problem_of(marked, where_FP), points_of(map_body(rec))
    truth_ND = rec.xyz_FPD[problem.wanted].astype(float)
    on_body_N = np.isin(problem.wanted[1], body)
    result = replace(
        classical_result(np.where(on_body_N[:, None], truth_ND, truth_ND + 1.0)), sigma_N=np.where(on_body_N, ANKLE_SIGMA_M, 9.0)
    )
    left = carried(marked, problem, result, body)
    assert (left_to_rig(marked, problem, body)[problem.wanted] == ~known(left.xyz_ND)).all()
    solved = solve_rig(marked, problem, left)
    return problem.in_place(solved.sigma_N), problem.in_place(solved.xyz_ND) - rec.xyz_FPD, left


def test_toes_that_do_not_turn_on_the_foot_are_where_the_ankle_takes_them() -> None:
    rec = with_ankle_motion(np.broadcast_to([5.0, -10.0, 20.0], (600, 3)), hinge=True)
    sigma_FP, error_FP3, left = filled_leg(rec, ("left_ankle", "left_toe"), [(200, 260)])
    toe, ankle = rec.index("left_toe"), rec.index("left_ankle")
    assert np.abs(error_FP3[200:260, [toe, ankle]]).max() < 1e-4
    np.testing.assert_allclose(sigma_FP[200:260, toe], ANKLE_SIGMA_M, rtol=1e-3)
    assert known(left.xyz_ND).mean() == 0.5 and (left.sigma_N[known(left.xyz_ND)] == ANKLE_SIGMA_M).all(), "the ankle is as it was"


def test_sigma_has_how_far_the_foot_turns_in_a_gap_of_that_length() -> None:
    rng = np.random.default_rng(1)
    time_F = np.arange(1800) / 30
    angles_FC = sum(12.0 * np.sin(2 * np.pi * (rate * time_F[:, None] + rng.uniform(size=3))) for rate in rng.uniform(0.1, 0.8, 8))
    rec = with_ankle_motion(np.asarray(angles_FC), hinge=False)
    toe, gaps = rec.index("left_toe"), [(start, start + length) for start, length in zip(range(60, 1740, 240), (16, 60) * 9, strict=False)]
    sigma_FP, error_FP3, _ = filled_leg(rec, ("left_ankle", "left_toe"), gaps)
    local_FP = np.sqrt(sigma_FP**2 - ANKLE_SIGMA_M**2)
    short, long = (np.concatenate([np.arange(*gap) for gap in gaps if gap[1] - gap[0] == length]) for length in (16, 60))
    assert local_FP[long, toe].mean() > 2 * local_FP[short, toe].mean()
    for frames in (short, long):
        inside = np.mean(np.abs(error_FP3[frames, toe]) < 1.645 * local_FP[frames, toe, None])
        assert 0.75 < inside < 0.99, "the ankle is in its true place, so this is the error of the place relative to it"


def test_at_the_end_of_the_take_the_last_rotation_is_kept() -> None:
    rec = with_ankle_motion(np.broadcast_to([5.0, -10.0, 20.0], (600, 3)), hinge=True)
    sigma_FP, error_FP3, _ = filled_leg(rec, ("left_ankle", "left_toe"), [(560, 600)])
    toe = rec.index("left_toe")
    assert np.abs(error_FP3[560:, toe]).max() < 1e-4
    np.testing.assert_allclose(sigma_FP[560:, toe], ANKLE_SIGMA_M, rtol=1e-3)


def test_toes_alone_hang_on_the_measured_ankle() -> None:
    rec = with_ankle_motion(np.broadcast_to([5.0, -10.0, 20.0], (600, 3)), hinge=True)
    sigma_FP, error_FP3, _ = filled_leg(rec, ("left_toe",), [(100, 130)])
    toe = rec.index("left_toe")
    assert np.abs(error_FP3[100:130, toe]).max() < 1e-4 and sigma_FP[100:130, toe].max() < 1e-4


def test_takes_without_a_rig_are_filled_as_before() -> None:
    points = smooth_take()
    problem = problem_of(points, np.zeros(points.visible_FP.shape, bool))
    result = classical_result(problem.empty())
    assert carried(points, problem, result, (0,)) is result


def test_what_has_a_joint_of_the_body_below_it_is_not_carried() -> None:
    rec = person_rig()
    assert rec.rig is not None
    chains = carriers(rec.rig, points_of(map_body(rec)))
    names = {rec.points[point]: [rec.points[joint] for joint in chain] for point, chain in chains.items()}
    assert names["left_toe"] == ["left_ankle"] and names["right_thumb"] == ["right_wrist"]
    assert not names.keys() & {"left_collar", "chest", "root", "left_knee", "neck"}


def test_in_short_gaps_curves_stay() -> None:
    rec = with_ankle_motion(np.broadcast_to([5.0, -10.0, 20.0], (600, 3)), hinge=True)
    short = round(0.3 * rec.rate_hz)
    sigma_FP, _, left = filled_leg(rec, ("left_ankle", "left_toe"), [(200, 200 + short)])
    assert known(left.xyz_ND).all() and (sigma_FP[200 : 200 + short, rec.index("left_toe")] == 9.0).all()


def test_no_fill_is_asked_for_what_is_left_to_the_rig(monkeypatch: pytest.MonkeyPatch) -> None:
    rec = with_ankle_motion(np.broadcast_to([5.0, -10.0, 20.0], (240, 3)), hinge=True)
    toe, long, short = rec.index("left_toe"), slice(60, 120), slice(180, 186)
    marked = rec
    for frames in (long, short):
        where_FP = region(rec, [toe, rec.index("left_ankle")], frames.start, frames.stop)
        marked = mark(marked, where_FP, followers=False).apply(marked)[0]
    asked = list[FillProblem]()

    def choose(problem: FillProblem, *args: Any, **options: Any) -> Choice:
        asked.append(problem)
        return choose_fills(problem, *args, **options)

    monkeypatch.setattr(best_fill, "choose_fills", choose)
    completion = complete_patch(marked)
    (problem,) = asked
    assert not problem.wanted_FP[long, toe].any() and problem.wanted_FP[short, toe].all()
    assert len(completion.patch) == int((~marked.visible_FP).sum()) and np.isfinite(completion.patch.sigma_N).all()
    filled, _ = completion.patch.apply(marked)
    bone_F, true_F = (
        np.linalg.norm(each.xyz_FPD[long, toe] - each.xyz_FPD[long, rec.index("left_ankle")], axis=1) for each in (filled, rec)
    )
    np.testing.assert_allclose(bone_F, true_F, atol=1e-3)
