"""Proposed edits: shown before they are made, made or rejected whole or in part. F frames, P points, N samples."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from mpm_core.edit.document import Document
from mpm_core.edit.patch import Edit, FilledRun, Patch, both_set, in_one
from mpm_core.edit.request import Request
from mpm_core.recording import Recording
from mpm_core.typing import Int, Mask


@dataclass(frozen=True, slots=True, eq=False)
class Proposal:
    """An edit that waits for the user to accept it. revision: the document's, which it was made for.

    base: the recording that it was made for; preview: that with it; inverse: the edit that takes it back.
    """

    edit: Edit
    base: Recording
    preview: Recording
    inverse: Edit
    summary: str
    revision: int


def proposal_of(document: Document, edit: Edit, summary: str) -> Proposal:
    """An edit of a document as it is now. Raises DataError when it does not fit."""
    preview, inverse = edit.apply(document.recording)
    return Proposal(edit, document.recording, preview, inverse, summary, document.revision)


def joined(first: Patch, second: Patch) -> Patch:
    """One patch of two for the same recording; where both set a sample, the second does.

    Of what the first was asked for, requests for points and frames that the second has, too, are not kept.
    """
    kept = _part(first, ~both_set(first, second))
    if not len(kept):
        return second
    again = [_place(each) for each in second.requests]
    requests = [each for each in first.requests if _place(each) is None or _place(each) not in again]
    return replace(
        in_one(kept, second),
        label="Fill gaps",
        filled=(*kept.filled, *second.filled),
        requests=(*requests, *(each for each in second.requests if each not in requests)),
    )


def _place(request: Request) -> tuple[object, object] | None:
    """Points and frames that a request is for; None: of the whole take."""
    points, frames = request.settings.get("points"), request.settings.get("frames")
    return None if points is None or frames is None else (points, frames)


def parted(edit: Edit, where_FP: Mask | None) -> tuple[Edit, Edit | None]:
    """The part of a patch in where_FP (F, P), and the rest, None when nothing is left; the whole of any other edit."""
    if where_FP is None or not isinstance(edit, Patch):
        return edit, None
    inside_N = where_FP[edit.frames_N, edit.points_N]
    rest = _part(edit, ~inside_N)
    return _part(edit, inside_N), rest if len(rest) else None


def _part(patch: Patch, rows_N: Mask) -> Patch:
    frames_N, points_N = patch.frames_N[rows_N], patch.points_N[rows_N]
    filled = _holding(patch.filled, frames_N, points_N)
    return replace(patch, frames_N=frames_N, points_N=points_N, samples=patch.samples.at(rows_N), filled=filled)


def _holding(runs: tuple[FilledRun, ...], frames_N: Int, points_N: Int) -> tuple[FilledRun, ...]:
    """The runs in which one of these samples lies."""
    width = 1 + max((run.stop for run in runs), default=0)  # frames of a point, those after its last run counted as one
    at_N = np.sort(points_N * width + np.minimum(frames_N, width - 1))
    first_R = np.searchsorted(at_N, [run.point * width + run.start for run in runs])
    last_R = np.searchsorted(at_N, [run.point * width + run.stop for run in runs])
    return tuple(run for run, holds in zip(runs, first_R < last_R, strict=True) if holds)
