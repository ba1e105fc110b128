"""Completing what is missing or marked: the request, the work, and its result in words."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import numpy as np

import mpm_core as mpm
from mpm_core.body.mapping import map_body
from mpm_core.edit.mark import region
from mpm_core.errors import MappingError
from mpm_core.fill import methods
from mpm_core.progress import Cancel, Progress
from mpm_core.recording import Origin, Recording
from mpm_core.typing import Float32
from mpm_studio.operations.networks import Networks

METHODS = {"auto": "Best for each gap", "model": "Model", **{name: method.title for name, method in methods.METHODS.items()}}
DONOR_METHODS = {name: method.title for name, method in methods.METHODS.items() if method.donors}


@dataclass(frozen=True, slots=True)
class CompleteRequest:
    """points, start, stop: only there (frames 0-based, stop exclusive); everywhere when points is empty. overrides: the user's mapping.

    donors: points that a fill of DONOR_METHODS follows, by name; none = those that fit best.
    """

    recording: Recording
    method: str = "auto"
    points: tuple[int, ...] = ()
    start: int = 0
    stop: int = 0
    donors: tuple[str, ...] = ()
    overrides: dict[str, Any] = field(default_factory=dict)
    networks: Networks = field(default_factory=Networks)


def complete(request: CompleteRequest, cancel: Cancel, progress: Progress) -> mpm.Completion:
    """The patch that fills the wanted samples, and what is left and why. Raises MappingError, ModelError, Cancelled."""
    rec = request.recording
    where_FP = region(rec, list(request.points), request.start, request.stop) if request.points else None
    options = mpm.CompleteOptions(
        request.method, where_FP, request.networks.complete, request.networks.device, request.overrides or None, request.donors
    )
    return mpm.complete_patch(rec, options, progress=progress, cancel=cancel)


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
    """What was filled and by what, with the mean sigma: '320 samples of 3 points: 300 by the model (± 14 mm), 20 by classical fill'.

    Where samples are left: how many, and the most common reason.
    """
    patch, reasons = completion.patch, Counter(left.why for left in completion.left).most_common(1)
    because = f": {reasons[0][0]}" if reasons else ""
    if not len(patch):
        return f"nothing could be filled{because}"
    counts = Counter(int(origin) for origin in patch.origin_N)
    parts = []
    for origin, by in ((Origin.PREDICTED, "the model"), (Origin.FILLED, "classical fill")):
        if counts[origin]:
            parts.append(f"{counts[origin]:,} by {by}{_sure(patch.sigma_N[patch.origin_N == origin], rec.dims)}")
    points = len(np.unique(patch.points_N))
    left = unknown_count(rec) - len(patch)
    text = f"{len(patch):,} samples of {points} {'point' if points == 1 else 'points'}: {', '.join(parts)}"
    return f"{text}; {left:,} are left{because}" if left > 0 else text


def _sure(sigma_N: Float32, dims: int) -> str:
    known_N = sigma_N[np.isfinite(sigma_N)]
    if not len(known_N):
        return ""
    mean = float(known_N.mean())
    return f" (± {mean * 1000:{'.0f' if mean >= 0.00995 else '.1f'}} mm)" if dims == 3 else f" (± {mean:.1f} px)"
