"""C3D in and out. Reading: our own decoder, with ezc3d as a second opinion where it is installed.

Writing: the original bytes, only filled samples patched.

F frames, P points (markers only), C point columns of the file. Why it is done so: docs/adr/0002-c3d-reading.md.
"""

from __future__ import annotations

from pathlib import Path

from mpm_core.counted import counted
from mpm_core.errors import FormatError
from mpm_core.files.atomic import write_bytes
from mpm_core.files.read import read_bytes
from mpm_core.io.c3d.annotations import annotated, read_annotations
from mpm_core.io.c3d.layout import Layout, find_layout, invalid_positions, measured_positions, plausible_head
from mpm_core.io.c3d.marker_columns import SOFTWARE, marker_columns
from mpm_core.io.c3d.new_file import new_file
from mpm_core.io.c3d.patch import find_original, patched
from mpm_core.io.c3d.second_opinion import NOT_INSTALLED, compare, installed, second_opinion
from mpm_core.io.conventions import note_far_samples, world_positions
from mpm_core.recording import Recording, Source, make_recording
from mpm_core.typing import Float32


def sniff(path: Path, head: bytes) -> bool:
    """Whether this is a C3D file, whatever its name, by its header only."""
    return plausible_head(head)


def read(path: Path, *, unit: str | None = None, up: str | None = None, zero_is_missing: bool | None = None) -> Recording:
    """A take's markers in metres, Z up. unit ('mm', 'm', ...), up ('z', '-y', ...) and zero_is_missing overrule what is read.

    Missing (NaN): NaN in the file, a negative residual, or exactly 0,0,0 where no marker can be. source.payload: the file's bytes;
    source.notes: what was inferred. Raises FormatError when the file is not a C3D, is cut short, garbled, or has no points.
    """
    where = str(path)
    data = read_bytes(path)
    if not data:
        raise FormatError("the file is empty (0 bytes)", where=where, hint="export it again from its source")
    layout = find_layout(data, where)
    with second_opinion(path, len(data)) as child:
        notes = list(layout.notes)
        xyz_FC3 = positions(layout, data, where, notes)
        notes += compare(layout, xyz_FC3, child.answer()) if installed() else [NOT_INSTALLED]
    return recording(layout, data, xyz_FC3, where, notes, unit, up, zero_is_missing)


def recording(
    layout: Layout,
    data: bytes,
    xyz_FC3: Float32,
    where: str,
    notes: list[str],
    unit: str | None = None,
    up: str | None = None,
    zero_is_missing: bool | None = None,
) -> Recording:
    """The Recording of decoded positions (file units, NaN = no measurement). Raises FormatError when nothing in it is a marker."""
    points, columns, more = marker_columns(layout)
    if not points:
        raise FormatError(
            "the file holds angles and forces but no markers", where=where, hint="export it again with its marker trajectories"
        )
    world = world_positions(
        xyz_FC3[:, columns],
        file_unit=(layout.parameters.texts("POINT:UNITS") or [""])[0],
        file_up=layout.parameters.text("POINT:Y_SCREEN"),
        trusted=layout.parameters.text("MANUFACTURER:SOFTWARE") == SOFTWARE,
        unit=unit,
        up=up,
        zero_is_missing=zero_is_missing,
        labels=points,
        where=where,
    )
    spans, subjects, outside = read_annotations(layout, points, columns, layout.first_frame, layout.frames)
    all_notes = (*notes, *more, *world.notes, *outside)
    source = Source(
        where,
        "c3d",
        world.unit,
        world.up,
        world.file_to_world_33,
        layout.first_frame,
        data,
        notes=all_notes,
        up_known=world.up_known,
        computed=tuple(layout.parameters.texts("POINT:MODELED_MARKERS")),
    )
    return make_recording(points, layout.rate_hz, world.xyz_FP3, source=source, spans=spans, subjects=subjects)


def write(rec: Recording, path: Path) -> None:
    """Write a C3D, atomically.

    A take that was opened from C3D (whole, or trimmed) goes out as its original bytes with only the samples changed that were filled, moved
    or deleted, and that is checked; where its spans or subjects were changed, so are its EVENT and SUBJECTS groups. Any other becomes a new
    file (mm, Z up). Raises FormatError when it cannot be written.
    """
    original = find_original(rec)
    write_bytes(path, annotated(patched(rec, original), rec, original) if original else new_file(rec))


def positions(layout: Layout, data: bytes, where: str, notes: list[str]) -> Float32:
    """(F, C, 3) file units, NaN where the file holds no measurement. Raises FormatError when the numbers are not positions."""
    xyz_FC3, far = measured_positions(layout, data)
    if far:
        notes.append(note_far_samples(far, xyz_FC3.shape[0] * xyz_FC3.shape[1], where))
    if invalid := invalid_positions(layout, data):
        notes.append(f"taken as missing: {counted(invalid, 'position')} with a negative residual, which says that nothing was measured")
    return xyz_FC3
