"""TRC out, as OpenSim reads it: millimetres, Y up, frames counted from 1, blanks where there is nothing to trust. F frames, P points.

Positions carry 9 significant digits, which is what it takes to tell every float32 apart. Times and the file's own frame numbers stay in the
NPZ and the project; a TRC starts at frame 1 and 0 s.
"""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np

from mpm_core.errors import FormatError
from mpm_core.io.atomic import atomic_write
from mpm_core.recording import Recording

Z_UP_TO_Y_UP_33 = np.array([[1.0, 0, 0], [0, 0, 1], [0, -1, 0]])
MM = 1000.0


def write(rec: Recording, path: Path) -> None:
    """Write every sample that may be trusted; missing ones and those marked as wrong stay blank.

    Raises FormatError for 2D takes, no points, or names with tabs or line breaks.
    """
    _check(rec, path)
    to_file_33, visible_FP = Z_UP_TO_Y_UP_33.T * MM, rec.visible_FP
    P, rate = len(rec.points), f"{rec.rate_hz:.10g}"
    with atomic_write(path) as file:
        out = io.TextIOWrapper(file, "utf-8", newline="\n")
        out.write(f"PathFileType\t4\t(X/Y/Z)\t{path.name}\n")
        out.write("DataRate\tCameraRate\tNumFrames\tNumMarkers\tUnits\tOrigDataRate\tOrigDataStartFrame\tOrigNumFrames\n")
        out.write(f"{rate}\t{rate}\t{rec.frames}\t{P}\tmm\t{rate}\t1\t{rec.frames}\n")
        out.write("Frame#\tTime\t" + "\t\t\t".join(rec.points) + "\t\t\n")
        out.write("\t\t" + "\t".join(f"{axis}{number}" for number in range(1, P + 1) for axis in "XYZ") + "\n\n")
        for frame in range(rec.frames):
            xyz_PD = (rec.xyz_FPD[frame].astype(np.float64) @ to_file_33).tolist()
            seen_P = visible_FP[frame].tolist()
            cells = ["\t".join(f"{value:.9g}" for value in xyz_D) if seen else "\t\t" for xyz_D, seen in zip(xyz_PD, seen_P, strict=True)]
            out.write(f"{frame + 1}\t{frame / rec.rate_hz:.9f}\t" + "\t".join(cells) + "\n")
        out.flush()
        out.detach()


def _check(rec: Recording, path: Path) -> None:
    if rec.dims != 3:
        raise FormatError("a TRC holds 3D points; this take is 2D", where=str(path), hint="lift it first, or write CSV or NPZ")
    if not rec.points:
        raise FormatError("there are no points to write", where=str(path))
    broken = [name for name in rec.points if not name.strip() or set(name) & set("\t\r\n")]
    if broken:
        raise FormatError(f"the point name {broken[0]!r} cannot stand in a TRC", where=str(path), hint="rename it")
