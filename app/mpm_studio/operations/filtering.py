"""Filtering a take: the request, the work, and its result in words. F frames, P points."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from mpm_core.edit.request import requested
from mpm_core.errors import DataError
from mpm_core.filter.butterworth import ResidualAnalysis
from mpm_core.filter.methods import LEAST_FRAMES, METHODS, FilterSettings
from mpm_core.filter.to_patch import Filter, analysed, filter_patch
from mpm_core.progress import Cancel, Progress
from mpm_core.recording import Origin, Recording
from mpm_core.samples import FILLS, OF_FILE
from mpm_core.typing import Mask


@dataclass(frozen=True, slots=True, eq=False)
class FilterRequest:
    """where_FP (F, P): only there; None = everywhere. measured: what was measured, too."""

    recording: Recording
    settings: FilterSettings = field(default_factory=FilterSettings)
    where_FP: Mask | None = None
    measured: bool = False


def filter_take(request: FilterRequest, cancel: Cancel, progress: Progress) -> Filter:
    """The patch that filters. Raises DataError where there is nothing to filter, or the settings do not fit; Cancelled."""
    rec, found = request.recording, filter_if_any(request, cancel, progress)
    if not len(found.patch):
        if found.left:
            what = f"the {found.left:,} samples are in stretches that are too short"
            hint = "use a shorter window" if METHODS[request.settings.method].windowed else f"at least {LEAST_FRAMES} frames without a gap"
            raise DataError(what, where=rec.source.path, hint=hint)
        hint = "" if request.measured else "what was measured is filtered only when that is asked for"
        raise DataError("there is nothing to filter: no sample is filled here", where=rec.source.path, hint=hint)
    return found


def filter_if_any(request: FilterRequest, cancel: Cancel, progress: Progress) -> Filter:
    """The patch that filters, an empty one where there is nothing to filter. Raises DataError where the settings do not fit; Cancelled."""
    found = filter_patch(request.recording, request.settings, request.where_FP, measured=request.measured, progress=progress, cancel=cancel)
    wanted, windowed = request.settings, METHODS[request.settings.method].windowed
    settings: dict[str, Any] = {"filter": wanted.method}
    settings |= {"window": wanted.window_s} if windowed else {"cutoff": wanted.cutoff_hz}
    settings |= {"beta": wanted.beta} if wanted.method == "one_euro" else {}
    settings |= {"filter_measured": request.measured, "part": request.where_FP is not None and not request.where_FP.all()}
    return replace(found, patch=requested(found.patch, "filter", **settings))


@dataclass(frozen=True, slots=True, eq=False)
class Analysis:
    """The residuals of a point, by its name. metres: else pixels."""

    point: str
    residuals: ResidualAnalysis
    metres: bool


def analysis_of(rec: Recording, points: Sequence[int]) -> Analysis | None:
    """The residuals of the first of these points that is measured for long enough, or of any point when there are none."""
    for point in points or range(len(rec.points)):
        found = analysed(rec, point)
        if found is not None:
            return Analysis(rec.points[point], found, rec.dims == 3)
    return None


def counts(rec: Recording, where_FP: Mask | None = None) -> tuple[int, int]:
    """How many samples are filled, and how many are measured or were before a filter."""
    origin_N = rec.origin_FP.ravel() if where_FP is None else rec.origin_FP[where_FP]
    count_C = np.bincount(origin_N, minlength=len(Origin))
    return int(count_C[list(FILLS)].sum()), int(count_C[list(OF_FILE)].sum())


def summary(rec: Recording, found: Filter) -> str:
    """What was filtered: '1,200 samples filtered, 40 of them measured; cutoffs 4.1 to 7.9 Hz', and what was left."""
    measured = int(np.isin(rec.origin_FP[found.patch.frames_N, found.patch.points_N], OF_FILE).sum())
    parts = [f"{len(found.patch):,} samples filtered, {measured:,} of them measured"]
    cutoff_hz_N = found.cutoff_hz_P[np.isfinite(found.cutoff_hz_P)]
    if len(cutoff_hz_N):
        low, high = float(cutoff_hz_N.min()), float(cutoff_hz_N.max())
        parts.append(f"cutoff {low:.1f} Hz" if high - low < 0.05 else f"cutoffs {low:.1f} to {high:.1f} Hz")
    if found.left:
        parts.append(f"{found.left:,} are left, in stretches that are too short")
    return "; ".join(parts)
