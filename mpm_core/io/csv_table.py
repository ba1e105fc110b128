"""CSV out: one row per frame, for spreadsheets and scripts. F frames, P points, D = 3 or 2.

Columns: frame (as the user counts), time_s, then per point name.x, name.y (and name.z), name.origin and name.sigma_mm (sigma_px in 2D).
Metres Z up, or pixels y down, 9 significant digits, from which each float32 comes back bit for bit; blanks where a sample is missing or
its sigma unknown.
"""

from __future__ import annotations

import csv
import io
from pathlib import Path

import numpy as np

from mpm_core.errors import FormatError
from mpm_core.io.atomic import atomic_write
from mpm_core.recording import Origin, Recording

MM = 1000.0


def write(rec: Recording, path: Path) -> None:
    """Write every sample with where it comes from. Raises FormatError when there are no points or the file cannot be written."""
    if not rec.points:
        raise FormatError("there are no points to write", where=str(path))
    sigma, scale = ("sigma_mm", MM) if rec.dims == 3 else ("sigma_px", 1.0)
    origins = {int(origin): origin.name.lower() for origin in Origin}
    with atomic_write(path) as file:
        out = io.TextIOWrapper(file, "utf-8", newline="")
        table = csv.writer(out, lineterminator="\n")
        columns = (*("x", "y", "z")[: rec.dims], "origin", sigma)
        table.writerow(["frame", "time_s", *(f"{name}.{column}" for name in rec.points for column in columns)])
        sigma_FP = rec.sigma_FP.astype(np.float64) * scale
        for frame in range(rec.frames):
            row: list[str] = [str(rec.source.first_frame + frame), f"{frame / rec.rate_hz:.9f}"]
            for xyz_D, origin, spread in zip(
                rec.xyz_FPD[frame].tolist(), rec.origin_FP[frame].tolist(), sigma_FP[frame].tolist(), strict=True
            ):
                row += [*map(_number, xyz_D), origins[origin], _number(spread)]
            table.writerow(row)
        out.flush()
        out.detach()


def _number(value: float) -> str:
    return f"{value:.9g}" if np.isfinite(value) else ""
