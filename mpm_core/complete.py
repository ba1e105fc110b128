"""Completion: missing and marked samples are filled by the classical fills, by the network, or by both. F frames, P points, N wanted
samples.

The path of a gap, top to bottom: problem -> classical fills, chosen by trials -> network -> gate -> edges, bones and distances -> rig ->
patch. Nothing visible is touched.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from mpm_core.best_fill import Network, Predict, best_fill, fill_by_network, fill_without_network, predict_once
from mpm_core.body.computed_points import BY_MODEL, computed, not_gaps, without_computed
from mpm_core.body.mapping import map_body
from mpm_core.edit.patch import patch_where
from mpm_core.errors import Cancelled, DataError, MappingError
from mpm_core.fill.auto.filled_edges import with_edge_sigma
from mpm_core.fill.auto.sigma import with_sigma
from mpm_core.fill.keep.limits import UNLIMITED, USUAL, Limits, within_limits
from mpm_core.fill.methods import METHODS as CLASSICAL
from mpm_core.fill.methods import NEVER_VISIBLE, problem_of, reason
from mpm_core.fill.problem import FillProblem, FillResult, Run
from mpm_core.fill.to_patch import Completion, left_gaps, solve_rig, to_completion
from mpm_core.gaps import Left, known
from mpm_core.linalg.blas import in_one_thread
from mpm_core.progress import Cancel, Progress
from mpm_core.recording import Origin, Recording
from mpm_core.typing import Mask

if TYPE_CHECKING:
    from mpm_core.model.checkpoint import Model

METHODS = ("auto", "model", *CLASSICAL)


@dataclass(frozen=True, slots=True, eq=False)
class CompleteOptions:
    """How to complete a take.

    method: "auto" (a mixture of the classical fills with the smallest errors in trials on this take and, weighted by the gate, of the
    network's fill), "model" (the network alone), or a classical fill. where_FP: fill only these samples; None = all that are missing or
    marked, except in trajectories without a label, such as "*12", and in points that a model computed. model: a model file or a loaded
    Model; None = the one that ships. device: "auto", "cpu", "cuda", "mps". overrides: body joint -> point, for points whose names are not
    known. donors: names of the points that "pattern", "rigid" or "relational" follow; empty = those that fit best. limits: which gaps and
    samples are left, see `Limits`; None = none. On a rig, whose joints always have a place, only gaps that are too long are left, and
    all if a classical fill that was asked for fills none.
    """

    method: str = "auto"
    where_FP: Mask | None = None
    model: str | Path | Model | None = None
    device: str = "auto"
    overrides: Mapping[str, str] | None = None
    donors: tuple[str, ...] = ()
    limits: Limits | None = USUAL


AUTO = CompleteOptions()


def complete(
    rec: Recording,
    *,
    method: str = "auto",
    where_FP: Mask | None = None,
    model: str | Path | Model | None = None,
    device: str = "auto",
    overrides: Mapping[str, str] | None = None,
    donors: tuple[str, ...] = (),
    limits: Limits | None = USUAL,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> Recording:
    """The recording with its missing and marked samples filled; arguments as `CompleteOptions` has them. The fill is listed in `log`.

    Filled samples have the origin FILLED (by classical fills) or PREDICTED (mostly by the network) and their sigma in `sigma_FP`, metres
    per axis (2D: pixels); samples that are left stay NaN. Visible samples keep every bit. The network follows the masked-pose model of
    MPM (arXiv 2306.17201). Raises as `complete_patch` does.

    >>> import numpy as np, mpm_core as mpm
    >>> rec = mpm.make_recording(("a",), 10.0, np.array([[[0, 0, 0]], [[np.nan] * 3], [[0.25, 0, 0]]]))
    >>> mpm.complete(rec, method="linear").xyz_FPD[1, 0]
    array([0.125, 0.   , 0.   ], dtype=float32)
    """
    options = CompleteOptions(method, where_FP, model, device, overrides, donors, limits)
    return complete_with_left(rec, options, progress=progress, cancel=cancel)[0]


def complete_with_left(
    rec: Recording, options: CompleteOptions, *, progress: Progress | None = None, cancel: Cancel | None = None
) -> tuple[Recording, tuple[Left, ...]]:
    """The completed recording, and the gaps that are left and why. Raises as `complete_patch` does.

    >>> import numpy as np, mpm_core as mpm
    >>> gap = [np.nan] * 3
    >>> rec = mpm.make_recording(("a", "b"), 10.0, np.array([[[0, 0, 0], gap], [gap, gap], [[2, 0, 0], gap]]))
    >>> filled, left = complete_with_left(rec, CompleteOptions(method="linear"))
    >>> filled.xyz_FPD[1, 0].tolist(), rec.points[left[0].gap.point]
    ([1.0, 0.0, 0.0], 'b')
    >>> left[0].why
    'the point is visible in no frame of the take, so there is nothing to fill it from'
    """
    completion = complete_patch(rec, options, progress=progress, cancel=cancel)
    patch = completion.patch
    return patch.apply(rec)[0].logged(f"{patch.label}: {len(patch)} samples are filled"), completion.left


@in_one_thread
def complete_patch(
    rec: Recording,
    options: CompleteOptions = AUTO,
    *,
    predict: Predict | None = None,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> Completion:
    """The patch that fills the missing and marked samples, and which gaps are left and why.

    Missing samples before the first and after the last frame that shows any point are not wanted. predict: the network's prediction for
    these options, for a caller that needs it more than once (`predict_once`). Without a body mapping "auto" uses the classical fills alone
    and says so in the label. Raises DataError for an unknown method, for donors where the method follows none, and for a 2D recording with
    "model"; MappingError for "model" without a body mapping; ModelError; Cancelled.

    >>> import numpy as np, mpm_core as mpm
    >>> rec = mpm.make_recording(("a",), 10.0, np.array([[[0, 0, 0]], [[np.nan] * 3], [[2, 0, 0]]]))
    >>> completion = complete_patch(rec, CompleteOptions(method="linear"))
    >>> completion.patch.xyz_ND.tolist(), completion.left
    ([[1.0, 0.0, 0.0]], ())
    """
    joints = tuple((options.overrides or {}).values())
    method, asked_FP = options.method, wanted(rec, options.where_FP, joints)
    if method not in METHODS:
        raise DataError(f"there is no method called {method!r}", hint=f"known: {', '.join(METHODS)}")
    if options.donors and method not in CLASSICAL:
        raise DataError(f"{method} follows no donors", hint="name none, or use pattern, rigid or relational")
    limits = options.limits or UNLIMITED
    computed_FP = asked_FP & computed(rec) & ~np.isin(rec.points, joints) & (options.where_FP is None)
    long_FP = asked_FP & ~computed_FP & limits.too_long(rec.visible_FP, rec.rate_hz)
    wanted_FP = asked_FP & ~long_FP & ~computed_FP
    refused = left_gaps(rec, problem_of(rec, computed_FP), computed_FP, lambda gap: BY_MODEL)
    refused += left_gaps(rec, problem_of(rec, long_FP), long_FP, lambda gap: f"it is longer than {limits.max_gap_s:g} s")
    if not wanted_FP.any():
        return Completion(patch_where(rec, "Nothing to fill", wanted_FP), refused)
    filled = [rec.points[point] for point in np.flatnonzero(wanted_FP.any(axis=0))]
    rec = without_computed(rec, (*joints, *options.donors, *filled))
    problem = problem_of(rec, wanted_FP, options.donors)
    label, result = _filled(rec, problem, options, predict or predict_once(rec, wanted_FP), progress, cancel)
    completion = _completion(rec, problem, result, label, options, progress)
    return replace(completion, left=(*completion.left, *refused))


def _filled(
    rec: Recording, problem: FillProblem, options: CompleteOptions, predict: Predict, progress: Progress | None, cancel: Cancel | None
) -> tuple[str, FillResult]:
    """What the patch is called, and the fill."""
    method = options.method
    if method in CLASSICAL:
        return f"Fill ({method})", with_sigma(problem, method)
    if rec.dims == 2 and method == "model":
        raise DataError("2D keypoints are lifted, not completed", where=rec.source.path, hint="use lift, or a classical fill")
    try:
        bmap = map_body(rec, options.overrides) if rec.dims == 3 else None
        without = "2D"
    except MappingError as error:
        if method == "model":
            raise
        bmap, without = None, error.what
    if cancel is not None and cancel():
        raise Cancelled
    if bmap is None:
        return f"Fill without the model ({without})", fill_without_network(rec, problem, progress, cancel)
    network = Network(rec, problem, bmap, options.model, options.device, predict)
    fill = fill_by_network if method == "model" else best_fill
    return "Complete", fill(network, progress, cancel)


def wanted(rec: Recording, where_FP: Mask | None = None, joints: Collection[str] = ()) -> Mask:
    """(F, P) missing or marked samples, without the missing ones before the first and after the last frame that shows any point.

    Everywhere (None) is without the points that are left alone, trajectories that have no label and computed points; joints: points that
    the user names as joints, which are filled all the same.
    """
    visible_F = np.flatnonzero(rec.visible_FP.any(axis=1))
    inside_F = np.zeros(rec.frames, bool)
    if len(visible_F):
        inside_F[visible_F[0] : visible_F[-1] + 1] = True
    wanted_FP = ~rec.visible_FP & (inside_F[:, None] | (rec.origin_FP == Origin.MARKED))
    return np.asarray(wanted_FP & (~not_gaps(rec, joints) if where_FP is None else where_FP))


def _completion(
    rec: Recording, problem: FillProblem, result: FillResult, label: str, options: CompleteOptions, progress: Progress | None
) -> Completion:
    """The patch, within the limits, a rig's bones rigid, and why gaps are left."""
    result = with_edge_sigma(problem, result, rec.sigma_FP)
    refused: dict[Run, str] = {}
    if options.limits is not None and rec.rig is None:  # a rig's joints always have a place: what is left follows its parent
        seen_FP = rec.visible_FP & ~np.isin(rec.origin_FP, (Origin.FILLED, Origin.PREDICTED))
        seen_FP = seen_FP if seen_FP.any() else rec.visible_FP  # nothing is measured in a lifted take
        result, refused = within_limits(problem, result, options.limits, seen_FP, bones=options.method not in CLASSICAL)
    nothing = options.method in CLASSICAL and not known(result.xyz_ND).any()
    if rec.rig is not None and rec.dims == 3 and not nothing:
        if progress is not None:
            progress(1.0, "turning joints into rotations")
        result = solve_rig(rec, problem, result)

    def why(gap: Run) -> str:
        if gap in refused:
            return refused[gap]
        if options.method in CLASSICAL:
            return reason(problem, result, options.method, gap)
        never = not problem.visible_FP[:, gap[0]].any()
        return NEVER_VISIBLE if never else f"{options.method} found nothing to fill it from"

    return to_completion(rec, problem, result, label, why)
