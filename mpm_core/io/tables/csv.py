"""CSV and TSV in and out: one row per frame. F frames, P points, D = 3 or 2.

Out, columns: frame (as the user counts), time_s, then per point name.x, name.y (and name.z), name.origin and name.sigma_mm (sigma_px in
2D). Metres Z up, or pixels y down, 9 significant digits, from which each float32 comes back bit for bit; blanks where a sample is missing
or its sigma unknown. In: that, and the layouts of layouts.py.
"""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from pathlib import Path

import numpy as np

from mpm_core.errors import DataError, FormatError
from mpm_core.files.atomic import atomic_write
from mpm_core.io.conventions import ASSUMED_RATE_HZ, world_positions
from mpm_core.io.plausible import refuse_empty
from mpm_core.io.point_names import check_names, unique_names
from mpm_core.io.tables.layouts import SIGNS, find_table
from mpm_core.io.tables.own_layout import quoted, read_own
from mpm_core.io.tables.table import Table
from mpm_core.io.tables.text import Rows, check_end, looks_like_text, read_text, unended
from mpm_core.recording import Origin, Recording, Source, make_recording

MM = 1000.0


def sniff(path: Path, head: bytes) -> bool:
    """A text file called .csv or .tsv, or any that begins as a known program's table does."""
    if not looks_like_text(head):
        return False
    return path.suffix.lower() in (".csv", ".tsv") or SIGNS.match(head) is not None


def read(
    path: Path,
    *,
    unit: str | None = None,
    up: str | None = None,
    zero_is_missing: bool | None = None,
    fps: float | None = None,
    columns: str | None = None,
) -> Recording:
    """Positions in metres, Z up; this program's own tables come back as they were, 2D too.

    Blanks, not-a-number and exactly 0,0,0 (where no marker can be) are missing. unit, up, zero_is_missing and fps overrule; columns says
    which column is which where no layout fits: 'LFHD=3-5; C7=C7 X,C7 Y,C7 Z', by number from 1 or by heading.

    Raises FormatError with line and hint.
    """
    where = str(path)
    text = read_text(path)
    rows = Rows(text.splitlines(), where)
    if columns is None and (own := read_own(rows, where)) is not None:
        check_end(text, (), (), where, counted=False)  # this program ends its last row too
        return own if fps is None else replace(own, rate_hz=fps)
    if len(rows) > 1:
        check_end(text, rows[len(rows) - 1], rows[len(rows) - 2], where)
    table = find_table(rows, columns, where)
    names, numbered = unique_names(dict(enumerate(table.labels)))
    world = world_positions(
        table.xyz_FP3,
        file_unit=table.unit,
        file_up=table.up,
        unit=unit,
        up=up,
        zero_is_missing=zero_is_missing,
        labels=table.labels,
        where=where,
    )
    rate_hz, rate_note = _rate(table, fps)
    notes = (f"table: {table.layout}", *table.notes, *numbered, *rate_note, *world.notes, *unended(text))
    source = Source(where, "csv", world.unit, world.up, world.file_to_world_33, table.first_frame, notes=notes, up_known=world.up_known)
    try:
        return make_recording(names, rate_hz, world.xyz_FP3, source=source)
    except DataError as error:
        raise FormatError(error.what, where=where, hint=error.hint) from error


def _rate(table: Table, fps: float | None) -> tuple[float, tuple[str, ...]]:
    if fps is not None:
        return fps, (f"frame rate: {fps:g} Hz (as asked)",)
    if table.rate_hz is not None:
        return table.rate_hz, ()
    return ASSUMED_RATE_HZ, (f"frame rate taken as {ASSUMED_RATE_HZ:g} Hz: the table has none",)


def write(rec: Recording, path: Path) -> None:
    """Write every sample with where it comes from. Raises FormatError when there are no points or frames, or the file cannot be written."""
    refuse_empty(rec, str(path))
    check_names(rec.points, "\0", "CSV", str(path))
    sigma, scale = ("sigma_mm", MM) if rec.dims == 3 else ("sigma_px", 1.0)
    origins = {int(origin): origin.name.lower() for origin in Origin}
    with atomic_write(path) as file:
        out = io.TextIOWrapper(file, "utf-8", newline="")
        table = csv.writer(out, lineterminator="\n")
        columns = (*("x", "y", "z")[: rec.dims], "origin", sigma)
        table.writerow(["frame", "time_s", *(quoted(f"{name}.{column}") for name in rec.points for column in columns)])
        sigma_FP = rec.sigma_FP.astype(np.float64) * scale
        for frame in range(rec.frames):
            row: list[str] = [str(rec.source.first_frame + frame), f"{frame / rec.rate_hz:.17g}"]
            for xyz_D, origin, spread in zip(
                rec.xyz_FPD[frame].tolist(), rec.origin_FP[frame].tolist(), sigma_FP[frame].tolist(), strict=True
            ):
                row += [*map(_number, xyz_D), origins[origin], _number(spread)]
            table.writerow(row)
        out.flush()
        out.detach()


def _number(value: float) -> str:
    return f"{value:.9g}" if np.isfinite(value) else ""
