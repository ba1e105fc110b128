"""Edges that cannot be seen: beside what is visible a fill goes over into the curve that meets it. F frames, P points, D dimensions."""

from __future__ import annotations

import numpy as np

from mpm_core.fill.hermite import hermite_weights, smooth
from mpm_core.recording import Recording
from mpm_core.typing import Float

BLEND_S, LONG_S = 0.05, 0.6  # for this long on each side of gaps longer than that


def blend_edges(rec: Recording, xyz_FPD: Float) -> Float:
    """A fill (NaN = none) whose position and velocity meet those of what is visible, whatever it was mixed from.

    So near to an edge of a long gap the Hermite curve is as good as anything, and does not carry over what neighbours shake. Across a short
    one it would bend more than the fills do.
    """
    found = hermite_weights(rec.visible_FP, rec.rate_hz)
    before_N, after_N = found.index_4N[0], found.index_4N[2]  # at an open end both are beyond the other, or both before it
    gone_N, left_N = np.abs(found.frame_N - before_N), np.abs(after_N - found.frame_N)
    both_N = (before_N < found.frame_N) & (found.frame_N < after_N)
    length_N = np.where(both_N, after_N - before_N - 1, np.where(before_N > found.frame_N, before_N, rec.frames - 1 - after_N))
    wide = BLEND_S * rec.rate_hz + 1
    near_N = (length_N > LONG_S * rec.rate_hz) & (np.minimum(gone_N, left_N) < wide)
    edges = found.some(near_N)
    part_N = (np.minimum(gone_N, left_N)[near_N] / wide)[:, None]
    at = edges.frame_N, edges.series_N
    curve_ND = edges.interpolate(rec.xyz_FPD[edges.index_4N, edges.series_N].astype(np.float64))
    out_FPD = xyz_FPD.copy()
    out_FPD[at] = curve_ND + smooth(part_N) * (xyz_FPD[at] - curve_ND)
    return out_FPD
