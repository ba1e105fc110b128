"""The answers of all methods for one gap, from which the user picks one. Needs no window."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from mpm_core.edit.patch import Patch
from mpm_core.errors import Cancelled, MpmError
from mpm_core.progress import Cancel, Progress
from mpm_core.recording import Origin, Recording
from mpm_core.typing import Mask
from mpm_studio.operations.completing import METHODS, CompleteRequest, body_known, complete

FIRST = "weighted_pca"  # in gaps of joints and of markers mostly the most certain or one of the next


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """What a method fills a gap with; sigma: the largest, metres, NaN = unknown."""

    method: str
    patch: Patch
    sigma: float


def first_answer(request: CompleteRequest, cancel: Cancel, progress: Progress) -> list[Answer]:
    """The answer of FIRST, if it reaches the whole of the wanted gaps. A job. Raises Cancelled."""
    return _answers(request, [FIRST], cancel, progress)


def other_answers(request: CompleteRequest, cancel: Cancel, progress: Progress) -> list[Answer]:
    """The answers of the other classical methods that reach the whole of the wanted gaps. A longer job. Raises Cancelled."""
    return _answers(request, [name for name in METHODS if name not in ("auto", "model", FIRST)], cancel, progress)


def model_answer(request: CompleteRequest, cancel: Cancel, progress: Progress) -> list[Answer]:
    """The network's answer; none where the points are not a known body. The longest job. Raises Cancelled."""
    return _answers(request, ["model"] if body_known(request) else [], cancel, progress)


JOBS = (first_answer, other_answers, model_answer)  # in this order, so that the user does not wait for all of them to see one


def most_certain_first(found: Iterable[Answer]) -> list[Answer]:
    return sorted(found, key=lambda each: (math.isnan(each.sigma), each.sigma))


def _answers(request: CompleteRequest, methods: Sequence[str], cancel: Cancel, progress: Progress) -> list[Answer]:
    assert request.where_FP is not None
    wanted = int((request.where_FP & ~request.recording.visible_FP).sum())
    found = []
    for place, method in enumerate(methods):
        if cancel():
            raise Cancelled
        progress(place / len(methods) if len(methods) > 1 else -1.0, f"asking {method}")
        try:
            patch = complete(replace(request, method=method), cancel, lambda share, text: None).patch
        except Cancelled:
            raise
        except MpmError:  # this method cannot fill here: it has no answer to compare
            continue
        if len(patch) == wanted:
            known_N = patch.sigma_N[np.isfinite(patch.sigma_N)]
            found.append(Answer(method, patch, float(known_N.max()) if len(known_N) else math.nan))
    return found


def without_fills(rec: Recording, where_FP: Mask) -> Recording:
    """The recording with every fill in where_FP taken out; measured, marked and hand-set samples stay."""
    fills_FP = where_FP & ((rec.origin_FP == Origin.FILLED) | (rec.origin_FP == Origin.PREDICTED))
    return rec.with_samples(rec.samples.cleared(fills_FP)) if fills_FP.any() else rec
