"""What every method answers for a gap, to compare them and pick one. Needs no window."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from mpm_core.edit.patch import Patch
from mpm_core.errors import Cancelled, MpmError
from mpm_core.progress import Cancel, Progress
from mpm_core.recording import Origin, Recording
from mpm_core.typing import Mask
from mpm_studio.operations.completing import METHODS, CompleteRequest, body_known, complete


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """What a method fills a gap with; sigma: the largest, metres, NaN = unknown."""

    method: str
    patch: Patch
    sigma: float


def answers(request: CompleteRequest, cancel: Cancel, progress: Progress) -> list[Answer]:
    """The answer of each method that reaches the whole of the wanted gaps, the most certain first. A job. Raises Cancelled."""
    methods = [name for name in METHODS if name != "auto" and (name != "model" or body_known(request))]
    assert request.where_FP is not None
    wanted = int((request.where_FP & ~request.recording.visible_FP).sum())
    found = []
    for place, method in enumerate(methods):
        if cancel():
            raise Cancelled
        progress(place / len(methods), f"asking {method}")
        try:
            patch = complete(replace(request, method=method), cancel, lambda share, text: None).patch
        except Cancelled:
            raise
        except MpmError:  # this method cannot fill here: it has no answer to compare
            continue
        if len(patch) == wanted:
            known_N = patch.sigma_N[np.isfinite(patch.sigma_N)]
            found.append(Answer(method, patch, float(known_N.max()) if len(known_N) else math.nan))
    return sorted(found, key=lambda each: (math.isnan(each.sigma), each.sigma))


def emptied(rec: Recording, where_FP: Mask) -> Recording:
    """The recording with every fill in where_FP taken out; measured, marked and hand-set samples stay."""
    fills_FP = where_FP & ((rec.origin_FP == Origin.FILLED) | (rec.origin_FP == Origin.PREDICTED))
    return rec.with_samples(rec.samples.cleared(fills_FP)) if fills_FP.any() else rec
