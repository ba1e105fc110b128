"""Samples marked as wrong are written as missing in every format that cannot hold the mark."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from mpm_core.recording import Origin, Recording


def marked_count(rec: Recording) -> int:
    """How many samples are marked as wrong."""
    return int((rec.origin_FP == Origin.MARKED).sum())


def without_marked(rec: Recording) -> Recording:
    """The recording with its marked samples missing; itself when there are none."""
    marked_FP = rec.origin_FP == Origin.MARKED
    if not marked_FP.any():
        return rec
    xyz_FPD, sigma_FP = rec.xyz_FPD.copy(), rec.sigma_FP.copy()
    xyz_FPD[marked_FP] = np.nan
    sigma_FP[marked_FP] = np.nan
    origin_FP = np.where(marked_FP, np.uint8(Origin.MISSING), rec.origin_FP)
    return replace(rec, xyz_FPD=xyz_FPD, sigma_FP=sigma_FP, origin_FP=origin_FP)
