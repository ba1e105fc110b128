"""The table of classical fills, each FillProblem -> FillResult. F frames, P points, D dimensions, NaN = missing.

Curves interpolate a point in time (curves.py); pattern, relational, rigid body and Kalman use other points of the same frames; cyclic uses
the same point in other cycles.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from mpm_core.errors import DataError
from mpm_core.fill.curves import CURVES
from mpm_core.fill.cyclic import cyclic
from mpm_core.fill.kalman import kalman
from mpm_core.fill.pattern import pattern
from mpm_core.fill.problem import FillProblem, FillResult, Run, classical_result
from mpm_core.fill.regression import regression
from mpm_core.fill.relational import relational
from mpm_core.fill.rigid_body import rigid_body
from mpm_core.fill.weighted_pca import weighted_pca
from mpm_core.recording import Recording
from mpm_core.typing import Mask

TWO_SIDED = "the gap reaches an end of the take, and {} needs a sample on both sides"
ONE_SIDED = "{} is for gaps at an end of the take; this one has samples on both sides"
NEVER_VISIBLE = "the point is visible in no frame of the take, so there is nothing to fill it from"
NOTHING = "nothing was found to fill it from"


@dataclass(frozen=True, slots=True)
class Method:
    """title: for menus. about: one sentence. donors: the user may name points. open_ends: gaps at the start and end stay missing."""

    title: str
    about: str
    run: Callable[[FillProblem], FillResult]
    donors: bool = False
    open_ends: bool = False


def _along(name: str) -> Callable[[FillProblem], FillResult]:
    def run(problem: FillProblem) -> FillResult:
        xyz_ND, (frame_N, point_N) = problem.empty(), problem.wanted
        by_point_N = np.argsort(point_N, kind="stable")
        for rows in np.split(by_point_N, np.flatnonzero(np.diff(point_N[by_point_N])) + 1):
            point = point_N[rows[0]]
            arguments = problem.xyz_FPD[:, point], problem.visible_FP[:, point], problem.rate_hz, problem.wanted_FP[:, point]
            xyz_ND[rows] = CURVES[name](*arguments)[frame_N[rows]]
        return classical_result(xyz_ND)

    return run


METHODS: dict[str, Method] = {
    "linear": Method("Linear", "a straight line", _along("linear"), open_ends=True),
    "pchip": Method("PCHIP", "a cubic that never overshoots", _along("pchip"), open_ends=True),
    "spline": Method("Cubic spline", "a cubic spline", _along("spline"), open_ends=True),
    "quintic": Method("Quintic spline", "a quintic spline that smooths the noise beside the gap", _along("quintic"), open_ends=True),
    "hermite": Method("Hermite", "continuous in position and velocity, and the velocity's effect fades", _along("hermite")),
    "coast": Method("Run on at the ends", "at an end of the take the motion runs on, slowing to a stop", _along("coast")),
    "pattern": Method("Pattern", "moves as another point does", pattern, donors=True),
    "rigid": Method("Rigid body", "placed by three or more points of the same body", rigid_body, donors=True),
    "relational": Method("Relational", "keeps its place among three neighbours", relational, donors=True),
    "regression": Method("Regression", "as it lies among the visible markers where all are visible", regression),
    "weighted_pca": Method("Weighted PCA", "by the principal components of the visible markers, the nearest counting most", weighted_pca),
    "cyclic": Method("Cyclic", "as in the cycles before and after", cyclic),
    "kalman": Method("Kalman", "by the shapes in which all points move together", kalman),
}


def problem_of(rec: Recording, where_FP: Mask, donors: Sequence[str] = ()) -> FillProblem:
    """The problem of filling the samples of where_FP that are missing or marked. Raises DataError for a donor that the take does not have.

    >>> import numpy as np, mpm_core as mpm
    >>> rec = mpm.make_recording(("a",), 10.0, np.array([[[0, 0, 0]], [[np.nan] * 3], [[2, 2, 2]]]))
    >>> problem_of(rec, ~rec.visible_FP).gaps()
    [(0, 1, 2)]
    """
    visible_FP = rec.visible_FP
    xyz_FPD = np.where(visible_FP[..., None], rec.xyz_FPD.astype(np.float64), np.nan)
    return FillProblem(rec.points, rec.rate_hz, xyz_FPD, visible_FP, where_FP & ~visible_FP, tuple(rec.index(name) for name in donors))


def run_fill(problem: FillProblem, method: str) -> FillResult:
    """The wanted samples by one method. Raises DataError for an unknown method, and for donors where the method uses none.

    >>> import numpy as np, mpm_core as mpm
    >>> rec = mpm.make_recording(("a",), 10.0, np.array([[[0, 0, 0]], [[np.nan] * 3], [[2, 2, 2]]]))
    >>> run_fill(problem_of(rec, ~rec.visible_FP), "linear").xyz_ND
    array([[1., 1., 1.]])
    """
    if method not in METHODS:
        raise DataError(f"there is no fill called {method!r}", hint=f"known: {', '.join(METHODS)}")
    if problem.donors and not METHODS[method].donors:
        takers = ", ".join(name for name, each in METHODS.items() if each.donors)
        raise DataError(f"{method} follows no donors", hint=f"name none, or use {takers}")
    if not problem.wanted_FP.any():
        return classical_result(problem.empty())
    return METHODS[method].run(problem)


def reason(problem: FillProblem, result: FillResult, method: str, gap: Run) -> str:
    """Why a method left samples of a gap."""
    point, start, stop = gap
    at_end = start == 0 or stop == len(problem.visible_FP)
    if not problem.visible_FP[:, point].any():
        return NEVER_VISIBLE
    if METHODS[method].open_ends and at_end:
        return TWO_SIDED.format(method)
    if method == "coast" and not at_end:
        return ONE_SIDED.format(method)
    return result.why.get(point, NOTHING)
