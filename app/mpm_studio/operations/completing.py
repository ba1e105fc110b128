"""Completing what is missing or marked: the request, the work, and its result in words."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

import mpm_core as mpm
from mpm_core.body.mapping import map_body
from mpm_core.edit.patch import FilledRun, Patch
from mpm_core.edit.request import requested
from mpm_core.errors import MappingError
from mpm_core.fill import methods
from mpm_core.fill.keep.limits import USUAL
from mpm_core.gaps import missing_runs
from mpm_core.progress import Cancel, Progress
from mpm_core.recording import Origin, Recording
from mpm_core.samples import FILLERS
from mpm_core.typing import Float32, Mask
from mpm_studio.operations.networks import Networks

METHODS = {
    "auto": "the best for each gap, by trials on this take",
    "model": "the network alone",
    **{name: method.about for name, method in methods.METHODS.items()},
}
"""What each method does; its name is the same word in menus, tables, reports and commands."""
DONOR_METHODS = {name: method.about for name, method in methods.METHODS.items() if method.donors}


@dataclass(frozen=True, slots=True)
class CompleteRequest:
    """where_FP (F, P): only there; None = everywhere. overrides: the user's mapping.

    limits: what is left. donors: points that a fill of DONOR_METHODS follows, by name; none = those that fit best.
    """

    recording: Recording
    method: str = "auto"
    where_FP: Mask | None = None
    donors: tuple[str, ...] = ()
    overrides: dict[str, Any] = field(default_factory=dict)
    networks: Networks = field(default_factory=Networks)
    limits: mpm.Limits = USUAL


def complete(request: CompleteRequest, cancel: Cancel, progress: Progress) -> mpm.Completion:
    """The patch that fills the wanted samples, and what is left and why. Raises MappingError, ModelError, Cancelled."""
    rec = request.recording
    options = mpm.CompleteOptions(
        request.method,
        request.where_FP,
        request.networks.complete,
        request.networks.device,
        request.overrides or None,
        request.donors,
        request.limits,
    )
    completion = mpm.complete_patch(rec, options, progress=progress, cancel=cancel)
    return replace(completion, patch=requested(naming(completion.patch, rec, request.method), "fill", **_settings(request)))


def _settings(request: CompleteRequest) -> dict[str, Any]:
    """What a request asks for, as settings of the edit; points and frames only where it is limited to some."""
    rec, where_FP, model = request.recording, request.where_FP, request.networks.complete
    settings: dict[str, Any] = {"method": request.method, "donors": list(request.donors)}
    settings |= limit_settings(request.limits)
    if model is not None and request.method in ("auto", "model"):
        settings["model"] = str(model)
    if where_FP is not None and not (where_FP | rec.visible_FP).all():
        frames_N, first = np.flatnonzero(where_FP.any(axis=1)), rec.source.first_frame
        settings["points"] = [rec.points[point] for point in np.flatnonzero(where_FP.any(axis=0))]
        settings["frames"] = [int(frames_N[0]) + first, int(frames_N[-1]) + first] if len(frames_N) else []
    return settings


def limit_settings(limits: mpm.Limits) -> dict[str, float]:
    """Limits that are not the usual ones, as recipes have them: max_gap (seconds), max_sigma (mm)."""
    gap = {"max_gap": limits.max_gap_s} if limits.max_gap_s != USUAL.max_gap_s else {}
    return gap | ({"max_sigma": round(1000 * limits.max_sigma_m, 6)} if limits.max_sigma_m != USUAL.max_sigma_m else {})


def naming(patch: Patch, rec: Recording, method: str) -> Patch:
    """The patch of a fill with the runs of frames that it fills, and what fills them."""
    free_FP = np.ones(rec.origin_FP.shape, bool)
    free_FP[patch.frames_N, patch.points_N] = False
    runs = zip(*(each.tolist() for each in missing_runs(free_FP)), strict=True)
    return replace(patch, filled=tuple(FilledRun(method, *run) for run in runs))


def unknown_count(rec: Recording) -> int:
    """The number of samples that are missing or marked."""
    return int((~rec.visible_FP).sum())


def body_known(request: CompleteRequest) -> bool:
    """Whether the take's points are recognised as a body, which the model needs."""
    try:
        map_body(request.recording, request.overrides)
    except MappingError:
        return False
    return True


def summary(rec: Recording, completion: mpm.Completion) -> str:
    """What was filled and by what, with the mean sigma: '320 samples of 3 points: 300 model (± 14 mm), 20 classical'.

    Where samples are left: how many, and the most common reason.
    """
    patch, reasons = completion.patch, Counter(left.why for left in completion.left).most_common(1)
    because = f": {reasons[0][0]}" if reasons else ""
    if not len(patch):
        return f"nothing could be filled{because}"
    counts = np.bincount(patch.origin_N, minlength=len(Origin))
    parts = []
    for origin in (Origin.PREDICTED, Origin.FILLED):
        if counts[origin]:
            parts.append(f"{counts[origin]:,} {FILLERS[origin]}{_sure(patch.sigma_N[patch.origin_N == origin], rec.dims)}")
    points = len(np.unique(patch.points_N))
    left = unknown_count(rec) - len(patch)
    text = f"{len(patch):,} samples of {points} {'point' if points == 1 else 'points'}: {', '.join(parts)}"
    return f"{text}; {left:,} are left{because}" if left > 0 else text


def _sure(sigma_N: Float32, dims: int) -> str:
    known_N = sigma_N[np.isfinite(sigma_N)]
    return f" (± {sigma_text(float(known_N.mean()), dims)})" if len(known_N) else ""


def sigma_text(sigma: float, dims: int) -> str:
    """A sigma with its unit: '7.3 mm', '14 mm', '2.1 px'."""
    value, unit = (sigma * 1000, "mm") if dims == 3 else (sigma, "px")
    return f"{value:{'.0f' if value >= 9.95 else '.1f'}} {unit}"
