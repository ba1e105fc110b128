"""From the result of a fill to a patch of the recording, and the reasons for what is left. F frames, P points, N wanted samples."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from mpm_core.edit.patch import Patch, patch_where
from mpm_core.fill.auto.sigma import with_sigma
from mpm_core.fill.methods import problem_of, reason, run_fill
from mpm_core.fill.problem import FillProblem, FillResult, Run
from mpm_core.gaps import Gap, Left, known
from mpm_core.recording import Origin, Recording
from mpm_core.typing import Float, Mask

MOSTLY = 0.5  # samples with at least this share of the network are PREDICTED


@dataclass(frozen=True, slots=True)
class Completion:
    """patch: the filled samples. left: the gaps in which a wanted sample is left, with the reasons."""

    patch: Patch
    left: tuple[Left, ...]


def fill_gaps(rec: Recording, where_FP: Mask, method: str, donors: Sequence[str] = (), *, sigma: bool = True) -> Completion:
    """The missing and marked samples of where_FP filled by one classical method. Each point on its own: bones of a rig may change length.

    sigma: estimate it by trial fills (see `auto.sigma.classical_sigma`). Raises DataError as `run_fill` does.

    >>> import numpy as np, mpm_core as mpm
    >>> rec = mpm.make_recording(("a",), 10.0, np.array([[[0, 0, 0]], [[np.nan] * 3], [[2, 2, 2]]]))
    >>> fill_gaps(rec, ~rec.visible_FP, "linear", sigma=False).patch.xyz_ND
    array([[1., 1., 1.]], dtype=float32)
    """
    problem = problem_of(rec, where_FP, donors)
    result = with_sigma(problem, method) if sigma else run_fill(problem, method)
    return to_completion(rec, problem, result, f"Fill ({method})", lambda gap: reason(problem, result, method, gap))


def to_completion(rec: Recording, problem: FillProblem, result: FillResult, label: str, why: Callable[[Run], str]) -> Completion:
    """The patch of the filled samples. why: gives the reason for a gap with samples left."""
    xyz_FPD, sigma_FP = problem.in_place(result.xyz_ND), problem.in_place(result.sigma_N)
    filled_FP = known(xyz_FPD)
    network_FP = problem.in_place(result.network_N)
    origin_FP = np.where(network_FP >= MOSTLY, Origin.PREDICTED, Origin.FILLED).astype(np.uint8)
    patch = patch_where(rec, label, filled_FP, xyz_FPD=xyz_FPD, origin=origin_FP, sigma_FP=sigma_FP)
    return Completion(patch, left_gaps(rec, problem, problem.wanted_FP & ~filled_FP, why))


def left_gaps(rec: Recording, problem: FillProblem, left_FP: Mask, why: Callable[[Run], str]) -> tuple[Left, ...]:
    """The gaps with a sample of left_FP, with the reasons."""
    return tuple(
        Left(Gap(point, start, stop, bool((rec.origin_FP[start:stop, point] == Origin.MARKED).all())), why((point, start, stop)))
        for point, start, stop in problem.gaps()
        if left_FP[start:stop, point].any()
    )


def solve_rig(rec: Recording, problem: FillProblem, result: FillResult) -> FillResult:
    """The result with the bones of a rig rigid: positions are solved to rotations, and joints that were left are placed by their parents.

    A joint placed by its parent has no share of the network and, if its sigma is not estimated (`auto.carried` does), the parent's.
    """
    from mpm_core.rigs.solve import apply_targets

    if rec.rig is None or rec.dims != 3:
        return result
    target_FPD = problem.in_place(result.xyz_ND)
    solved_FPD = apply_targets(rec, target_FPD, problem.wanted_FP, stands=True)
    sigma_FP, follows_FP = problem.in_place(result.sigma_N), problem.wanted_FP & ~known(target_FPD)
    for point, parent in enumerate(rec.rig.parents):
        if parent >= 0:
            inherits_F = follows_FP[:, point] & np.isnan(sigma_FP[:, point])
            sigma_FP[inherits_F, point] = sigma_FP[inherits_F, parent]
    network_N: Float = np.where(follows_FP[problem.wanted], 0.0, result.network_N)
    return FillResult(np.asarray(solved_FPD, np.float64)[problem.wanted], sigma_FP[problem.wanted], network_N, result.why)
