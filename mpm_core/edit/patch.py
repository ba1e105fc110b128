"""Patch: the only way a Recording's samples change. Its inverse is the undo. N samples, D dimensions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mpm_core.edit.annotate import Annotate
from mpm_core.edit.request import Request
from mpm_core.errors import DataError
from mpm_core.recording import Origin, Recording, Samples
from mpm_core.samples import SAMPLE_FIELDS
from mpm_core.typing import Float32, Int, Mask, UInt8


@dataclass(frozen=True, slots=True)
class FilledRun:
    """Frames start..stop-1 of a point, and what filled them: a method of `mpm_core.complete`, or "hand"."""

    method: str
    point: int
    start: int
    stop: int


@dataclass(frozen=True, slots=True)
class Patch:
    """New values for N samples. frames_N, points_N: where, without repetition; samples: (N,) all their values.

    log: the recording's log after the patch; None = unchanged. filled: what filled the samples. requests: what the user asked for. The
    last two are shown in the history; they have no effect on the samples.

    >>> from mpm_core.recording import make_recording
    >>> rec = make_recording(("head",), 100.0, np.zeros((3, 1, 3)))
    >>> patch = patch_where(rec, "Mark the second frame", np.array([[False], [True], [False]]), origin=Origin.MARKED)
    >>> changed, inverse = patch.apply(rec)
    >>> changed.origin_FP.ravel().tolist(), inverse.apply(changed)[0].origin_FP.ravel().tolist()
    ([1, 2, 1], [1, 1, 1])
    """

    label: str
    frames_N: Int
    points_N: Int
    samples: Samples
    log: tuple[str, ...] | None = None
    filled: tuple[FilledRun, ...] = ()
    requests: tuple[Request, ...] = ()

    def __len__(self) -> int:
        return len(self.frames_N)

    @property
    def xyz_ND(self) -> Float32:
        """NaN = missing."""
        return self.samples.xyz

    @property
    def origin_N(self) -> UInt8:
        return self.samples.origin

    @property
    def sigma_N(self) -> Float32:
        """Metres (pixels in 2D), NaN = unknown."""
        return self.samples.sigma

    def apply(self, rec: Recording) -> tuple[Recording, Patch]:
        """The changed recording, and the patch that brings the old one back. Raises DataError when the samples do not fit into it."""
        N = len(self)
        if self.points_N.shape != (N,) or self.samples.shape != (N,) or self.xyz_ND.shape != (N, rec.dims):
            raise DataError(f"the edit {self.label!r} has arrays of different lengths, or is not of {rec.dims} dimensions")
        if N and (
            self.frames_N.min() < 0
            or self.frames_N.max() >= rec.frames
            or self.points_N.min() < 0
            or self.points_N.max() >= len(rec.points)
        ):
            raise DataError(f"the edit {self.label!r} reaches outside the recording")
        where, before = (self.frames_N, self.points_N), rec.samples
        log = None if self.log is None else rec.log
        inverse = Patch(self.label, *where, before.at(*where), log, self.filled, self.requests)
        return rec.with_samples(before.put(where, self.samples), log=rec.log if self.log is None else self.log), inverse


@dataclass(frozen=True, slots=True)
class Replace:
    """A change of a whole recording's shape: trim, resample, rename, lift. `after` has the spans and subjects that are to stay.

    >>> from dataclasses import replace
    >>> from mpm_core.recording import make_recording
    >>> rec = make_recording(("a",), 100.0, np.zeros((2, 1, 3)))
    >>> changed, back = Replace("Rename", rec, replace(rec, points=("head",))).apply(rec)
    >>> changed.points, back.apply(changed)[0].points
    (('head',), ('a',))
    """

    label: str
    before: Recording
    after: Recording
    requests: tuple[Request, ...] = ()

    def apply(self, rec: Recording) -> tuple[Recording, Replace]:
        """The new recording, and the way back. Raises DataError when `rec` is not the recording that the edit was made for."""
        if not _same(rec, self.before):
            raise DataError(f"the edit {self.label!r} was made for another state of the recording", hint="do it again")
        return self.after, Replace(self.label, self.after, self.before, self.requests)


Edit = Patch | Replace | Annotate


def since_reshaped(edits: Sequence[Edit]) -> Sequence[Edit]:
    """The edits after the last one that changed the number of frames or points. The indices of earlier edits refer to another shape.

    >>> from dataclasses import replace
    >>> from mpm_core.recording import make_recording
    >>> rec, longer = (make_recording(("a",), 100.0, np.zeros((frames, 1, 3))) for frames in (2, 3))
    >>> named, reshaped = Replace("Rename", longer, replace(longer, points=("b",))), Replace("Resample", rec, longer)
    >>> [edit.label for edit in since_reshaped([named, reshaped, named])]
    ['Rename']
    """
    for place in range(len(edits), 0, -1):
        edit = edits[place - 1]
        if isinstance(edit, Replace) and edit.before.xyz_FPD.shape != edit.after.xyz_FPD.shape:
            return edits[place:]
    return edits


def _same(a: Recording, b: Recording) -> bool:
    """Whether two recordings have equal points, spans, subjects and samples (bit for bit). Undo makes an equal object, not the same."""
    return a is b or (
        (a.points, a.xyz_FPD.shape, a.spans, a.subjects) == (b.points, b.xyz_FPD.shape, b.spans, b.subjects)
        and not a.samples.differs(b.samples).any()
    )


def in_one(first: Patch, second: Patch) -> Patch:
    """One patch that does what the first and then the second does to a recording; label, filled and requests are the second's.

    >>> from mpm_core.recording import make_recording
    >>> rec = make_recording(("a",), 10.0, np.zeros((3, 1, 3)))
    >>> one = patch_where(rec, "Up", np.array([[True], [True], [False]]), xyz_FPD=rec.xyz_FPD + 1)
    >>> two = patch_where(rec, "Up", np.array([[False], [True], [False]]), xyz_FPD=rec.xyz_FPD + 2)
    >>> in_one(one, two).apply(rec)[0].xyz_FPD[:, 0, 2].tolist()
    [1.0, 2.0, 0.0]
    """
    kept_N = ~both_set(first, second)
    names = first.samples.arrays.keys() | second.samples.arrays.keys()
    arrays = {}
    for name in names:
        parts = [
            patch.samples.arrays.get(name, np.full(_array_shape(patch, name), SAMPLE_FIELDS[name].missing)) for patch in (first, second)
        ]
        arrays[name] = np.concatenate([parts[0][kept_N], parts[1]]).astype(SAMPLE_FIELDS[name].dtype)
    return replace(
        second,
        frames_N=np.concatenate([first.frames_N[kept_N], second.frames_N]),
        points_N=np.concatenate([first.points_N[kept_N], second.points_N]),
        samples=Samples(arrays),
        log=first.log if second.log is None else second.log,
    )


def both_set(first: Patch, second: Patch) -> Mask:
    """(N,) True where a sample of the first patch is set by the second, too."""
    if not len(first) or not len(second):
        return np.zeros(len(first), bool)
    width = int(max(first.points_N.max(), second.points_N.max())) + 1
    return np.asarray(np.isin(first.frames_N * width + first.points_N, second.frames_N * width + second.points_N))


def _array_shape(patch: Patch, name: str) -> tuple[int, ...]:
    return patch.xyz_ND.shape if SAMPLE_FIELDS[name].per_axis else (len(patch),)


def patch_samples(label: str, where_FP: Mask, samples: Samples) -> Patch:
    """A patch that sets the True samples of where_FP to those of `samples`, (F, P)."""
    frames_N, points_N = np.nonzero(where_FP)
    return Patch(label, frames_N, points_N, samples.at(frames_N, points_N))


def patch_where(
    rec: Recording,
    label: str,
    where_FP: Mask,
    *,
    xyz_FPD: NDArray[Any] | None = None,
    origin: Origin | UInt8 | None = None,
    sigma_FP: NDArray[Any] | None = None,
) -> Patch:
    """A patch over the True samples of where_FP. What is not given stays as it is; with new positions, all but the origin becomes unknown.

    xyz_FPD: NaN = missing; sigma_FP: metres (pixels in 2D), NaN = unknown; both are looked at in where_FP only.

    >>> from mpm_core.recording import make_recording
    >>> rec = make_recording(("a",), 100.0, np.zeros((2, 1, 3)))
    >>> patch = patch_where(rec, "Up", np.array([[False], [True]]), xyz_FPD=rec.xyz_FPD + 1, origin=Origin.HAND)
    >>> changed, back = patch.apply(rec)
    >>> changed.xyz_FPD[:, 0, 2].tolist(), back.apply(changed)[0].xyz_FPD[:, 0, 2].tolist()
    ([0.0, 1.0], [0.0, 0.0])
    """
    frames_N, points_N = np.nonzero(where_FP)
    samples = rec.samples.at(frames_N, points_N)
    if xyz_FPD is not None:
        origin_N = samples.origin
        samples = samples.cleared(np.ones(len(frames_N), bool)).having(xyz=xyz_FPD[frames_N, points_N], origin=origin_N)
    if origin is not None:
        origin_N = origin[frames_N, points_N] if isinstance(origin, np.ndarray) else np.full(len(frames_N), np.uint8(origin))
        samples = samples.having(origin=origin_N)
    if sigma_FP is not None:
        samples = samples.having(sigma=sigma_FP[frames_N, points_N])
    return Patch(label, frames_N, points_N, samples)
