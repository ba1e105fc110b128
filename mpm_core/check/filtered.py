"""Samples that were measured and then filtered as asked: which, how far they moved, and whether what was measured is still known.

F frames, P points, N samples.
"""

from __future__ import annotations

import numpy as np

from mpm_core.check.report_parts import FilteredSamples, FrameRange
from mpm_core.edit.mark import unfiltered_known
from mpm_core.gaps import runs
from mpm_core.recording import Origin, Recording
from mpm_core.samples import bits_differ
from mpm_core.typing import Float32, Mask


def filtered_samples(before: Recording, after: Recording) -> FilteredSamples:
    """What is filtered in `after`. changed: samples whose value before the filter is not, to the bit, the one that `before` has."""
    where_FP = after.origin_FP == Origin.FILTERED
    if not where_FP.any():
        return FilteredSamples(0, 0, "mm" if after.dims == 3 else "px", None, None, ())
    known_ND, was_ND = unfiltered(after, where_FP), unfiltered(before, where_FP)
    moved_N = np.linalg.norm(after.xyz_FPD[where_FP].astype(np.float64) - known_ND, axis=1)
    moved_N = moved_N[np.isfinite(moved_N)] * (1000.0 if after.dims == 3 else 1.0)
    first = after.source.first_frame
    return FilteredSamples(
        int(where_FP.sum()),
        int(bits_differ(known_ND, was_ND).sum()),
        "mm" if after.dims == 3 else "px",
        round(float(moved_N.mean()), 3) if len(moved_N) else None,
        round(float(moved_N.max()), 3) if len(moved_N) else None,
        tuple(
            FrameRange(after.points[point], start + first, stop - 1 + first)
            for point in np.flatnonzero(where_FP.any(axis=0)).tolist()
            for start, stop in runs(where_FP[:, point])
        ),
    )


def unfiltered(rec: Recording, where_FP: Mask) -> Float32:
    """(N, D) the values of samples before a filter, where one was; NaN where that is not known."""
    values_ND = np.where((rec.origin_FP[where_FP] == Origin.FILTERED)[:, None], np.float32(np.nan), rec.xyz_FPD[where_FP])
    if rec.unfiltered_FPD is None:
        return values_ND
    return np.where(unfiltered_known(rec)[where_FP][:, None], rec.unfiltered_FPD[where_FP], values_ND)
