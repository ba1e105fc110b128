"""Saving a project and exporting a motion file."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from mpm_core.body_rig.solve import body_points
from mpm_core.check.proof import ExportProof, NotCompared
from mpm_core.check.report import proof_path
from mpm_core.edit.document import Document
from mpm_core.edit.from_file import in_shape_of
from mpm_core.edit.mark import mark
from mpm_core.edit.patch import Edit
from mpm_core.io import project
from mpm_core.io.c3d.new_file import left_behind
from mpm_core.io.marked_samples import without_marked
from mpm_core.io.registry import FORMATS, Format, writer_for
from mpm_core.progress import Cancel, Progress
from mpm_core.recording import Origin, Recording
from mpm_core.resources import resource
from mpm_core.samples import OF_FILE, bits_differ
from mpm_studio.operations.repairing import write_proven
from mpm_studio.operations.skeletons import becomes_skeleton, in_words, write_skeletons


@dataclass(frozen=True, slots=True)
class SaveRequest:
    """Everything a project file holds, as it was when the user saved; revision: the document's at that moment."""

    path: Path
    recording: Recording
    original: Recording
    view: dict[str, Any]
    revision: int
    done: tuple[Edit, ...] = ()


def save_request(document: Document, path: Path, view: dict[str, Any]) -> SaveRequest:
    return SaveRequest(path, document.recording, document.original, view, document.revision, document.done)


def save_project(request: SaveRequest, cancel: Cancel, progress: Progress) -> SaveRequest:
    """Write the project file. Raises FormatError when it cannot be written."""
    progress(-1.0, request.path.name)
    project.save(request.path, request.recording, request.original, request.view, request.done)
    return request


def export_formats(rec: Recording, *, as_body: bool = False) -> list[Format]:
    """The formats a recording can be written as, its own first, of a lifted take those of skeletons; or a skeleton made of it."""
    fits = [fmt for fmt in FORMATS if fmt.writes and fmt.exports and (3 in fmt.dims if as_body else _fits(fmt, rec))]
    if as_body or rec.source.camera is not None:
        return sorted(fits, key=lambda fmt: fmt.positions != "rotations")
    return sorted(fits, key=lambda fmt: fmt.name != rec.source.format)


def _fits(fmt: Format, rec: Recording) -> bool:
    return rec.dims in fmt.dims and (not fmt.needs_skeleton or rec.rig is not None or body_points(rec) is not None)


def suggest_path(rec: Recording, fmt: Format, folder: Path | None = None) -> Path:
    """A name that neither a file nor a proof has yet, in `folder`, else beside the source, else at home (as for the bundled sample)."""
    source = Path(rec.source.path or "take")
    beside = source.absolute().parent
    folder = folder or (beside if beside.is_dir() and beside != resource("sample") else Path.home())
    for number in range(1, 1000):
        path = folder / f"{source.stem}_clean{'' if number == 1 else f'_{number}'}{fmt.suffixes[0]}"
        if not path.exists() and not proof_path(path).exists():
            return path
    return folder / f"{source.stem}_clean{fmt.suffixes[0]}"


def what_goes_out(rec: Recording) -> str:
    """One line on what an export will hold: samples measured, filled, and without a value."""
    counts = {origin: int((rec.origin_FP == origin).sum()) for origin in Origin}
    filled = counts[Origin.FILLED] + counts[Origin.PREDICTED] + counts[Origin.HAND]
    parts = [f"{counts[Origin.MEASURED]:,} samples as measured", f"{filled:,} filled"]
    if counts[Origin.FILTERED]:
        parts.append(f"{counts[Origin.FILTERED]:,} measured and then filtered")
    if counts[Origin.MARKED]:
        parts.append(f"{counts[Origin.MARKED]:,} marked as wrong (missing in the file, except in {_keep_marks()})")
    if counts[Origin.MISSING]:
        parts.append(f"{counts[Origin.MISSING]:,} still missing")
    return ", ".join(parts)


def stays_behind(rec: Recording, fmt: Format) -> str:
    """One line on what the take's file holds and a file of this format, though it could, will not; empty for none."""
    what = left_behind(without_marked(rec)) if fmt.name == "c3d" else ""
    return f"{what} of {Path(rec.source.path).name} stay behind: this file has other frames" if what else ""


def _keep_marks() -> str:
    """The export formats that can hold samples marked as wrong."""
    return " and ".join(fmt.name.upper() for fmt in FORMATS if fmt.exports and fmt.writes and fmt.keeps_marks)


@dataclass(frozen=True, slots=True)
class ExportRequest:
    """What to write, as it was first read, and where to. reading: options it was read with.

    as_body: write a skeleton that follows the markers; overrides: which point is where on the body.
    """

    recording: Recording
    original: Recording
    path: Path
    reading: dict[str, Any] = field(default_factory=dict)
    as_body: bool = False
    overrides: dict[str, str] = field(default_factory=dict)


def export(request: ExportRequest, cancel: Cancel, progress: Progress) -> str:
    """Write a motion file in the format of its ending, read it again, and say whether the measured samples are unchanged.

    The file appears only when none changed, with its proof beside it; the source is never overwritten. Raises FormatError, DataError when
    one would, Cancelled.
    """
    if request.as_body or becomes_skeleton(request.recording, writer_for(request.path)):
        written = write_skeletons(request.recording, request.path, request.overrides, progress=progress, cancel=cancel)
        return "; ".join(" - ".join(in_words(each)) for each in written)
    before = untouched(request.original, request.recording)
    report = write_proven(
        before,
        request.recording,
        request.path,
        method="by hand and by choice",
        report_path=proof_path(request.path),
        reading=request.reading,
        progress=progress,
        cancel=cancel,
    )
    exported = report.measured.exported
    assert exported is not None
    replaced, filtered = int((before.origin_FP == Origin.MARKED).sum()), report.filtered.samples
    return (
        proven(exported)
        + (f"; {filtered:,} filtered as asked" if filtered else "")
        + (f"; {replaced:,} marked as wrong or set by hand" if replaced else "")
    )


def untouched(original: Recording, rec: Recording) -> Recording:
    """The take as it was read, in the shape of `rec`, with samples marked that are neither MEASURED in it any more nor FILTERED.

    `rec` itself where that has nothing to do with the original, as after a lift.
    """
    like = in_shape_of(original, rec)
    if like is None:
        return rec
    kept_FP = np.isin(rec.origin_FP, OF_FILE)
    return mark(like, ~kept_FP, followers=False).apply(like)[0]


def measured_changed(original: Recording, rec: Recording) -> int | None:
    """Samples that are MEASURED in `rec` and not the same, to the bit, in the original; None where the two have nothing in common."""
    like = in_shape_of(original, rec)
    if like is None:
        return None
    return int((bits_differ(like.xyz_FPD, rec.xyz_FPD) & (rec.origin_FP == Origin.MEASURED)).sum())


def proven(proof: ExportProof) -> str:
    """What `check_export` found, in words: '42,443 measured samples, 0 changed'."""
    found = proof.found
    if isinstance(found, NotCompared):
        return f"not compared: {found.why_not}"
    text = f"{found.samples.measured:,} measured samples, {found.samples.changed:,} changed"
    return f"{text}, none by more than {found.moved_max_mm:.2g} mm" if found.samples.changed else text
