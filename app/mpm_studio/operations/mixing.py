"""Weighted means of two methods' answers to the same gaps, or of an answer and what was there before. F frames, P points, N samples."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mpm_core.edit.patch import Edit, Patch, patch_where, since_reshaped
from mpm_core.edit.request import requested
from mpm_core.errors import DataError
from mpm_core.fill.to_patch import MOSTLY, Completion
from mpm_core.gaps import known
from mpm_core.progress import Cancel, Progress
from mpm_core.recording import Origin, Recording
from mpm_core.rigs.solve import apply_targets
from mpm_core.samples import FILLS
from mpm_core.typing import Float, Mask
from mpm_studio.operations.answers import Answer, without_fills
from mpm_studio.operations.completing import CompleteRequest, complete, naming

AS_IT_WAS = "what was there"
"""Stands among the answers for the values under the marks, or of the fill that was there."""


class Mixture(NamedTuple):
    """percent: of `second` in `first`; each a method's name, or AS_IT_WAS."""

    first: str
    second: str
    percent: int

    @property
    def text(self) -> str:
        """What gaps filled by it are said to be filled by: 'pchip to linear 30 %', 30 % of the way."""
        return f"{self.first} to {self.second} {self.percent} %"


def as_it_was(rec: Recording, answer: Answer) -> Answer | None:
    """What a recording has where an answer is for, marked values and fills; None where it has no value in some of it."""
    patch = answer.patch
    samples = rec.samples.at(patch.frames_N, patch.points_N)
    if not known(samples.xyz).all():
        return None
    known_N = samples.sigma[np.isfinite(samples.sigma)]
    there = replace(patch, samples=samples, label=AS_IT_WAS, filled=(), requests=())
    return Answer(AS_IT_WAS, there, float(known_N.max()) if len(known_N) == len(samples.sigma) else math.nan)


def mixed(rec: Recording, first: Answer, second: Answer, percent: int) -> Patch:
    """A patch with positions between those of two answers to the same samples: `percent` of the way from the first to the second.

    On a rig the mean positions are solved to rotations, so bones keep their lengths. Sigma is the same mean of both, which holds where
    their errors are alike and is too large otherwise; NaN where one has none. At 100 percent all is the second's own. Samples are
    PREDICTED where at least half is the network's.
    rec: the take; fills in the samples of the answers count as open. Raises DataError when the answers are for other samples.
    """
    one, two = first.patch, second.patch
    if not (np.array_equal(one.frames_N, two.frames_N) and np.array_equal(one.points_N, two.points_N)):
        raise DataError(f"{first.method} and {second.method} are for different samples", hint="compare the methods again")
    share = percent / 100
    xyz_FPD = np.full(rec.xyz_FPD.shape, np.nan)
    where_FP = np.zeros(rec.origin_FP.shape, bool)
    where_FP[one.frames_N, one.points_N] = True
    rec = without_fills(rec, where_FP)
    xyz_FPD[one.frames_N, one.points_N] = _mean(one.xyz_ND, two.xyz_ND, share)
    if rec.rig is not None and percent < 100:
        xyz_FPD = apply_targets(rec, xyz_FPD, where_FP, stands=True)
    network_N = _mean(one.origin_N == Origin.PREDICTED, two.origin_N == Origin.PREDICTED, share)
    origin_FP, sigma_FP = rec.origin_FP.copy(), rec.sigma_FP.copy()
    origin_FP[one.frames_N, one.points_N] = np.where(network_N >= MOSTLY, np.uint8(Origin.PREDICTED), np.uint8(Origin.FILLED))
    sigma_FP[one.frames_N, one.points_N] = _mean(one.sigma_N, two.sigma_N, share)
    mixture = Mixture(first.method, second.method, percent)
    patch = patch_where(rec, f"Mix {mixture.text}", where_FP, xyz_FPD=xyz_FPD, origin=origin_FP, sigma_FP=sigma_FP)
    frames, points, begins = one.frames_N, np.unique(one.points_N), rec.source.first_frame
    return requested(
        naming(patch, rec, mixture.text),
        "mix",
        method=first.method,
        other=second.method,
        share=percent,
        points=[rec.points[point] for point in points],
        frames=[int(frames.min()) + begins, int(frames.max()) + begins],
    )


def mixture_named(text: str, edits: Sequence[Edit]) -> Mixture | None:
    """The mixture of that text that one of the edits was asked for, if any. edits: first to last, a proposed one too."""
    for asked in (each.settings for edit in reversed(edits) for each in edit.requests if each.action == "mix"):
        mixture = Mixture(asked.get("method", ""), asked.get("other", ""), int(asked.get("share", 0)))
        if mixture.text == text:
            return mixture
    return None


def before_mixing(rec: Recording, where_FP: Mask, done: Sequence[Edit]) -> Recording:
    """The recording with what was in where_FP before mixtures with AS_IT_WAS were accepted there, of which the next is made again.

    done: the inverses of the edits that led to `rec`, first to last.
    """
    samples, sought_FP = rec.samples, where_FP & np.isin(rec.origin_FP, FILLS)
    for edit in reversed(since_reshaped(done)):
        if not isinstance(edit, Patch):
            continue
        hit_N = sought_FP[edit.frames_N, edit.points_N]
        where = edit.frames_N[hit_N], edit.points_N[hit_N]
        if any(each.settings.get("other") == AS_IT_WAS for each in edit.requests):
            samples = samples.put(where, edit.samples.at(hit_N))
        else:
            sought_FP[where] = False
    return rec.with_samples(samples)


def complete_mixture(mixture: Mixture, request: CompleteRequest, cancel: Cancel, progress: Progress) -> Completion:
    """The wanted samples filled by a mixture. A job.

    request.recording: with what is there, which AS_IT_WAS takes. Raises as `complete` does, and DataError where one of the two
    has no answer to all samples.
    """
    assert request.where_FP is not None
    rec = request.recording
    opened = replace(request, recording=without_fills(rec, request.where_FP))
    done = complete(replace(opened, method=mixture.first), cancel, progress)
    first = Answer(mixture.first, done.patch, math.nan)
    if mixture.second == AS_IT_WAS:
        second = as_it_was(rec, first)
    else:
        second = Answer(mixture.second, complete(replace(opened, method=mixture.second), cancel, progress).patch, math.nan)
    if second is None:
        raise DataError("not all of this gap had a value before, so that cannot be mixed in", hint="mix two methods")
    return replace(done, patch=mixed(opened.recording, first, second, mixture.percent))


def _mean(first: NDArray[Any], second: NDArray[Any], share: float) -> Float:
    """The second's share of the mean; where the two are the same, or the second's share is 1, exactly that."""
    one, two = first.astype(np.float64), second.astype(np.float64)
    return np.asarray(two if share == 1 else one + share * (two - one))
