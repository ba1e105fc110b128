"""TRC in and out. F frames, P points.

Out, as OpenSim reads it: millimetres, Y up, frames counted from 1 at 0 s, blanks for samples that are missing or marked; positions have
9 significant digits, from which each float32 comes back bit for bit. In: also the variants that other programs write.
"""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np

from mpm_core.errors import DataError, FormatError
from mpm_core.files.atomic import atomic_write
from mpm_core.io.conventions import METRES_PER, TO_UP, unit_name, world_positions
from mpm_core.io.plausible import refuse_empty
from mpm_core.io.point_names import check_names, unique_names
from mpm_core.io.tables.text import read_text
from mpm_core.io.tables.trc_parse import SIGNATURE, TrcTable, parse
from mpm_core.recording import Recording, Source, make_recording
from mpm_core.typing import Float

MM = 1000.0
MOST_METRES = 30.0  # a flat take that spans more is of a picture, in pixels


def sniff(path: Path, head: bytes) -> bool:
    """Whether it begins as a TRC does."""
    return head.removeprefix(b"\xef\xbb\xbf").lstrip()[:12] == b"PathFileType"


def read(
    path: Path,
    *,
    unit: str | None = None,
    up: str | None = None,
    zero_is_missing: bool | None = None,
    fps: float | None = None,
    image_wh: tuple[int, int] | None = None,
) -> Recording:
    """Positions in metres, Z up; a blank, a not-a-number or exactly 0,0,0 (where no marker can be) is missing.

    The unit is the header's; a TRC does not name its up axis, which is inferred from heights. unit, up, zero_is_missing and fps
    overrule. A table of one picture's pixels, as Sports2D writes it, is 2D unless a unit or up axis is given; image_wh: its picture's size.

    Raises FormatError with line and hint; DataError for image_wh of a table in space, and for zero_is_missing of one of a picture.
    """
    where = str(path)
    table = parse(read_text(path), where)
    names, numbered = unique_names(dict(enumerate(table.labels)))
    if unit is None and up is None and not table.own and _is_flat(table.xyz_FP3, table.unit):
        rate_hz = table.rate_hz if fps is None else fps
        if zero_is_missing is False:
            raise DataError(
                "--zero-is-missing no does not apply: in a picture 0, 0 is missing", where=where, hint="leave it away, or give the unit"
            )
        return _of_picture(table, names, rate_hz, image_wh, (*table.notes, *numbered), where)
    if image_wh is not None:
        raise DataError("--size does not apply: the table holds positions in space", where=where, hint="leave --size away")
    world = world_positions(
        table.xyz_FP3,
        file_unit=table.unit,
        file_up="+Y" if table.own else "",
        trusted=table.own,
        unit=unit,
        up=up,
        zero_is_missing=zero_is_missing,
        labels=table.labels,
        where=where,
    )
    notes = (*table.notes, *numbered, *world.notes)
    source = Source(where, "trc", world.unit, world.up, world.file_to_world_33, table.first_frame, notes=notes, up_known=world.up_known)
    return make_recording(names, table.rate_hz if fps is None else fps, world.xyz_FP3, source=source)


def _is_flat(xyz_FP3: Float, unit: str) -> bool:
    """Whether these are pixels of a picture: no depth anywhere, and a person too large for any other unit."""
    known_M3 = xyz_FP3[np.isfinite(xyz_FP3).all(axis=2) & (xyz_FP3 != 0).any(axis=2)]
    if not len(known_M3) or np.ptp(known_M3[:, 2]) > 0:
        return False
    spread = float(np.ptp(np.percentile(known_M3[:, :2], (1, 99), axis=0), axis=0).max())
    return unit.lower() in ("px", "pixel", "pixels") or spread * METRES_PER.get(unit_name(unit), 1.0) > MOST_METRES


def _of_picture(
    table: TrcTable, names: tuple[str, ...], rate_hz: float, image_wh: tuple[int, int] | None, notes: tuple[str, ...], where: str
) -> Recording:
    """A 2D recording: pixels, y down; exactly 0, 0 is missing."""
    xy_FP2 = np.where((table.xyz_FP3 != 0).any(axis=2, keepdims=True), table.xyz_FP3, np.nan)[..., :2]
    says = "no depth, and too large for its unit: read as pixels of one picture, y down"
    size = () if image_wh is not None else ("image size unknown",)
    source = Source(where, "trc", "px", "-y", first_frame=table.first_frame, image_wh=image_wh, notes=(says, *size, *notes))
    return make_recording(names, rate_hz, xy_FP2, source=source)


def write(rec: Recording, path: Path) -> None:
    """Write every visible sample; the others are blank.

    Raises FormatError for 2D takes, no points, or names with tabs or line breaks.
    """
    _check(rec, path)
    to_file_33, visible_FP = np.array(TO_UP["y"]) * MM, rec.visible_FP
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
    refuse_empty(rec, str(path))
    check_names(rec.points, "\t\0", "TRC", str(path))
