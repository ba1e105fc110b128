"""Completing what is missing or marked: the request, the work, and what it came to in words."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import numpy as np

import mpm_core as mpm
from app.jobs import Cancel, Progress
from app.operations.networks import Networks
from mpm_core.body import map_body
from mpm_core.edit.mark import region
from mpm_core.edit.patch import Patch
from mpm_core.errors import MappingError
from mpm_core.recording import Origin, Recording

METHODS = {"auto": "Best for each gap", "model": "Model", "hermite": "Hermite", "spline": "Spline", "linear": "Linear"}


@dataclass(frozen=True, slots=True)
class CompleteRequest:
    """points, start, stop: only there (frames 0-based, stop exclusive); everywhere when points is empty. overrides: the user's mapping."""

    recording: Recording
    method: str = "auto"
    points: tuple[int, ...] = ()
    start: int = 0
    stop: int = 0
    overrides: dict[str, Any] = field(default_factory=dict)
    networks: Networks = field(default_factory=Networks)


def complete(request: CompleteRequest, cancel: Cancel, progress: Progress) -> Patch:
    """The patch that fills the holes asked for. Raises MappingError, ModelError, Cancelled."""
    where_FP = region(request.recording, list(request.points), request.start, request.stop) if request.points else None
    return mpm.complete_patch(
        request.recording,
        where_FP=where_FP,
        method=request.method,
        model=request.networks.complete,
        device=request.networks.device,
        overrides=request.overrides or None,
        progress=progress,
        cancel=cancel,
    )


def holes(rec: Recording) -> int:
    """How many samples are missing or marked."""
    return int((~rec.visible_FP).sum())


def body_known(request: CompleteRequest) -> bool:
    """Whether the take's points can be told to be a body, which the model needs."""
    try:
        map_body(request.recording, request.overrides)
    except MappingError:
        return False
    return True


def summary(rec: Recording, patch: Patch) -> str:
    """What a completion filled, how, and how sure it is: '320 samples of 3 points: 300 by the model (± 14 mm), 20 by classical fill'."""
    if not len(patch):
        return "nothing could be filled"
    counts = Counter(int(origin) for origin in patch.origin_N)
    parts = []
    if counts[Origin.PREDICTED]:
        sigma_N = patch.sigma_N[patch.origin_N == Origin.PREDICTED]
        sure = ""
        if np.isfinite(sigma_N).any():
            mean = float(np.nanmean(sigma_N))
            sure = f" (± {mean * 1000:.0f} mm)" if rec.dims == 3 else f" (± {mean:.1f} px)"
        parts.append(f"{counts[Origin.PREDICTED]:,} by the model{sure}")
    if counts[Origin.FILLED]:
        parts.append(f"{counts[Origin.FILLED]:,} by classical fill")
    points = len(np.unique(patch.points_N))
    left = holes(rec) - len(patch)
    text = f"{len(patch):,} samples of {points} {'point' if points == 1 else 'points'}: {', '.join(parts)}"
    return f"{text}; {left:,} stay open" if left > 0 else text
