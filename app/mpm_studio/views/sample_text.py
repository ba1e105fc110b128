"""What tips say about a sample."""

from __future__ import annotations

import numpy as np

from mpm_core.recording import Origin, Recording
from mpm_studio import theme
from mpm_studio.operations.completing import sigma_text
from mpm_studio.operations.navigating import gap_at


def sample_text(rec: Recording, point: int, frame: int) -> str:
    """Name, frame, origin, sigma and position of a sample, and the gap it is in."""
    first = rec.source.first_frame
    text = f"{rec.points[point]}, frame {frame + first}: {theme.ORIGIN_NAMES[Origin(int(rec.origin_FP[frame, point]))]}"
    sigma, xyz_D = float(rec.sigma_FP[frame, point]), rec.xyz_FPD[frame, point]
    text += f" ± {sigma_text(sigma, rec.dims)}" if np.isfinite(sigma) else ""
    if np.isfinite(xyz_D).all():
        digits, unit = (3, "m") if rec.dims == 3 else (1, "px")
        text += "\n" + ", ".join(f"{axis} {value:.{digits}f}" for axis, value in zip("xyz", xyz_D, strict=False)) + f" {unit}"
    gap = gap_at(rec, point, frame)
    return text if gap is None else f"{text}\ngap {gap.start + first} to {gap.stop - 1 + first}, {gap.frames} frames"
