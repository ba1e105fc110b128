"""What detectors share: the samples they look at, and how large a change is at that time and place.

F frames, P points, D dimensions; lengths in metres (2D: `metre_length`).
"""

from __future__ import annotations

import numpy as np

from mpm_core.body.computed_points import computed
from mpm_core.linalg.robust import lower_median
from mpm_core.recording import Origin, Recording
from mpm_core.typing import Float

BODY_M = 1.7  # assumed height of a 2D body, to convert metres to pixels
BLOCK_S, AROUND, SHARE = 0.25, 2, 0.7  # block length; blocks on each side, of which the median is taken; quantile within a block
LEAST_BLOCK = 8


def measured(rec: Recording) -> Float:
    """(F, P, D) positions that were measured (or set by hand) and not marked; NaN elsewhere: for fills, and points computed by a model."""
    measured_FP = rec.visible_FP & ~computed(rec) & (rec.origin_FP != Origin.FILLED) & (rec.origin_FP != Origin.PREDICTED)
    return np.where(measured_FP[..., None], rec.xyz_FPD.astype(np.float64), np.nan)


def abrupt(value_F: Float, start: int, stop: int, least: float) -> bool:
    """Whether a value changes by at least `least` between two frames at an end of frames start..stop-1, or is unknown there: labels change
    from one frame to the next, bodies do not.
    """
    beside = [abs(value_F[at] - value_F[at - 1]) for at in (start, stop) if 0 < at < len(value_F)]
    return not beside or max(np.nan_to_num(beside, nan=np.inf)) >= least


def metre_length(xyz_FPD: Float) -> float:
    """The length of a metre in the take's units: 1 for 3D; in pixels, by the median height of the points (a standing person)."""
    if xyz_FPD.shape[2] == 3 or not np.isfinite(xyz_FPD).any():
        return 1.0
    rows_F = np.isfinite(xyz_FPD[..., 1]).sum(axis=1) >= 2
    if not rows_F.any():
        return 1.0
    height_F = np.nanmax(xyz_FPD[rows_F, :, 1], axis=1) - np.nanmin(xyz_FPD[rows_F, :, 1], axis=1)
    return max(float(np.median(height_F)) / BODY_M, 1e-6)


def length_text(length: float, dims: int, decimals: int = 0) -> str:
    """A length in the take's units, for people: in millimetres, or in pixels for 2D.

    >>> length_text(0.0123, 3), length_text(12.34, 2, 1)
    ('12 mm', '12.3 px')
    """
    return f"{length * 1000:.{decimals}f} mm" if dims == 3 else f"{length:.{decimals}f} px"


def local_level(size_FP: Float, rate_hz: float) -> Float:
    """(F, P) typical magnitude of such values around each frame, robust against outliers. NaN is ignored; 0 where no value is near."""
    F, P = size_FP.shape
    block = max(LEAST_BLOCK, round(BLOCK_S * rate_hz))
    blocks = -(-F // block)
    padded_FP = np.full((blocks * block, P), np.nan)
    padded_FP[:F] = size_FP
    sorted_BKP = np.sort(padded_FP.reshape(blocks, block, P), axis=1)
    count_BP = np.isfinite(sorted_BKP).sum(axis=1)
    place_BP = np.maximum(np.ceil(SHARE * count_BP).astype(np.int64) - 1, 0)
    quantile_BP = np.take_along_axis(sorted_BKP, place_BP[:, None], axis=1)[:, 0]
    padded_BP = np.pad(quantile_BP, ((AROUND, AROUND), (0, 0)), constant_values=np.nan)
    level_BP = np.nan_to_num(lower_median(np.stack([padded_BP[shift : shift + blocks] for shift in range(2 * AROUND + 1)])))
    around_BP = np.pad(level_BP, ((1, 1), (0, 0)), mode="edge")
    return np.repeat(np.maximum(np.maximum(around_BP[:-2], around_BP[2:]), level_BP), block, axis=0)[:F]
