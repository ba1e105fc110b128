"""Patch: the only way a Recording's samples change. Its inverse is the undo. N samples, D dimensions."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mpm_core.errors import DataError
from mpm_core.recording import Origin, Recording
from mpm_core.typing import Float32, Int, Mask, UInt8


@dataclass(frozen=True, slots=True)
class Patch:
    """New values for N samples. frames_N, points_N: where; xyz_ND: NaN = missing; origin_N: Origin; sigma_N: metres, NaN = unknown.

    No (frame, point) may occur twice. log: the recording's log from then on; None = as it was.
    """

    label: str
    frames_N: Int
    points_N: Int
    xyz_ND: Float32
    origin_N: UInt8
    sigma_N: Float32
    log: tuple[str, ...] | None = None

    def __len__(self) -> int:
        return len(self.frames_N)

    def apply(self, rec: Recording) -> tuple[Recording, Patch]:
        """The changed recording, and the patch that brings the old one back. Raises DataError when a sample lies outside."""
        N = len(self)
        if not (len(self.points_N) == len(self.xyz_ND) == len(self.origin_N) == len(self.sigma_N) == N):
            raise DataError(f"the edit {self.label!r} has arrays of different lengths")
        if N and (
            self.frames_N.min() < 0
            or self.frames_N.max() >= rec.frames
            or self.points_N.min() < 0
            or self.points_N.max() >= len(rec.points)
        ):
            raise DataError(f"the edit {self.label!r} reaches outside the recording")
        where = (self.frames_N, self.points_N)
        old = rec.xyz_FPD[where].copy(), rec.origin_FP[where].copy(), rec.sigma_FP[where].copy()
        inverse = Patch(self.label, self.frames_N, self.points_N, *old, log=None if self.log is None else rec.log)
        xyz_FPD, origin_FP, sigma_FP = rec.xyz_FPD.copy(), rec.origin_FP.copy(), rec.sigma_FP.copy()
        xyz_FPD[where], origin_FP[where], sigma_FP[where] = self.xyz_ND, self.origin_N, self.sigma_N
        log = rec.log if self.log is None else self.log
        return replace(rec, xyz_FPD=xyz_FPD, origin_FP=origin_FP, sigma_FP=sigma_FP, log=log), inverse


@dataclass(frozen=True, slots=True)
class Replace:
    """A change of a whole recording's shape: trim, resample, rename, lift."""

    label: str
    before: Recording
    after: Recording

    def apply(self, rec: Recording) -> tuple[Recording, Replace]:
        if not _same(rec, self.before):
            raise DataError(f"the edit {self.label!r} was made for another state of the recording", hint="do it again")
        return self.after, Replace(self.label, self.after, self.before)


Edit = Patch | Replace


def _same(a: Recording, b: Recording) -> bool:
    """The same points with the same samples to the bit, NaN included: undoing a patch makes such a twin, not the object that was."""
    return a is b or (
        a.points == b.points
        and a.xyz_FPD.shape == b.xyz_FPD.shape
        and bool(np.array_equal(a.xyz_FPD.view(np.uint32), b.xyz_FPD.view(np.uint32)))
        and bool(np.array_equal(a.origin_FP, b.origin_FP))
    )


def patch_where(
    rec: Recording,
    label: str,
    where_FP: Mask,
    *,
    xyz_FPD: NDArray[Any] | None = None,
    origin: Origin | UInt8 | None = None,
    sigma_FP: NDArray[Any] | None = None,
) -> Patch:
    """A patch over the True samples of where_FP; what is not given stays as it is, except sigma, which becomes NaN."""
    frames_N, points_N = np.nonzero(where_FP)
    values_FPD = rec.xyz_FPD if xyz_FPD is None else xyz_FPD
    if origin is None:
        origin_N = rec.origin_FP[frames_N, points_N].copy()
    elif isinstance(origin, np.ndarray):
        origin_N = origin[frames_N, points_N].astype(np.uint8)
    else:
        origin_N = np.full(len(frames_N), np.uint8(origin))
    sigma_N = np.full(len(frames_N), np.nan, np.float32) if sigma_FP is None else sigma_FP[frames_N, points_N].astype(np.float32)
    return Patch(label, frames_N, points_N, values_FPD[frames_N, points_N].astype(np.float32), origin_N, sigma_N)
