"""TRC in and out. F frames, P points.

Out, as OpenSim reads it: millimetres, Y up, frames counted from 1 at 0 s, blanks for samples that are missing or marked; positions have
9 significant digits, from which each float32 comes back bit for bit. In: also the variants that other programs write.
"""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np

from mpm_core.errors import FormatError
from mpm_core.files.atomic import atomic_write
from mpm_core.io.conventions import world_positions
from mpm_core.io.point_names import check_names, unique_names
from mpm_core.io.tables.text import read_text
from mpm_core.io.tables.trc_parse import SIGNATURE, parse
from mpm_core.recording import Recording, Source, make_recording

Z_UP_TO_Y_UP_33 = np.array([[1.0, 0, 0], [0, 0, 1], [0, -1, 0]])
MM = 1000.0


def sniff(path: Path, head: bytes) -> bool:
    """Whether it begins as a TRC does."""
    return head.removeprefix(b"\xef\xbb\xbf").lstrip()[:12] == b"PathFileType"


def read(
    path: Path, *, unit: str | None = None, up: str | None = None, zero_is_missing: bool | None = None, fps: float | None = None
) -> Recording:
    """Positions in metres, Z up; a blank, a not-a-number or exactly 0,0,0 (where no marker can be) is missing.

    The unit is the header's; a TRC does not name its up axis, which is inferred from heights. unit, up, zero_is_missing and fps
    overrule. Raises FormatError with line and hint.
    """
    where = str(path)
    table = parse(read_text(path), where)
    names, numbered = unique_names(dict(enumerate(table.labels)))
    world = world_positions(
        table.xyz_FP3,
        file_unit=table.unit,
        file_up="+Y" if table.own else "",
        trusted=table.own,
        unit=unit,
        up=up,
        zero_is_missing=zero_is_missing,
        where=where,
    )
    notes = (*table.notes, *numbered, *world.notes)
    source = Source(where, "trc", world.unit, world.up, world.file_to_world_33, table.first_frame, notes=notes)
    return make_recording(names, table.rate_hz if fps is None else fps, world.xyz_FP3, source=source)


def write(rec: Recording, path: Path) -> None:
    """Write every visible sample; the others are blank.

    Raises FormatError for 2D takes, no points, or names with tabs or line breaks.
    """
    _check(rec, path)
    to_file_33, visible_FP = Z_UP_TO_Y_UP_33.T * MM, rec.visible_FP
    P, rate = len(rec.points), f"{rec.rate_hz:.17g}"
    with atomic_write(path) as file:
        out = io.TextIOWrapper(file, "utf-8", newline="\n")
        out.write(f"PathFileType\t4\t(X/Y/Z)\t{path.name} {SIGNATURE}\n")
        out.write("DataRate\tCameraRate\tNumFrames\tNumMarkers\tUnits\tOrigDataRate\tOrigDataStartFrame\tOrigNumFrames\n")
        out.write(f"{rate}\t{rate}\t{rec.frames}\t{P}\tmm\t{rate}\t{rec.source.first_frame}\t{rec.frames}\n")
        out.write("Frame#\tTime\t" + "\t\t\t".join(rec.points) + "\t\t\n")
        out.write("\t\t" + "\t".join(f"{axis}{number}" for number in range(1, P + 1) for axis in "XYZ") + "\n\n")
        for frame in range(rec.frames):
            xyz_PD = (rec.xyz_FPD[frame].astype(np.float64) @ to_file_33).tolist()
            cells = [
                "\t".join(f"{value:.9g}" for value in xyz_D) if visible else "\t\t"
                for xyz_D, visible in zip(xyz_PD, visible_FP[frame].tolist(), strict=True)
            ]
            out.write(f"{frame + 1}\t{frame / rec.rate_hz:.9f}\t" + "\t".join(cells) + "\n")
        out.flush()
        out.detach()


def _check(rec: Recording, path: Path) -> None:
    if rec.dims != 3:
        raise FormatError("a TRC holds 3D points; this take is 2D", where=str(path), hint="lift it first, or write CSV or NPZ")
    if not rec.points:
        raise FormatError("there are no points to write", where=str(path), hint="open a take with points")
    check_names(rec.points, "\t\0", "TRC", str(path))
