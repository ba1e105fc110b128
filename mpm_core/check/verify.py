"""An export compared with its source, by the two files and the proof beside the export: what was kept, rounded, changed, lost and filled.

F frames, P points.

Measured is what the source holds and nobody marked as wrong. An export that keeps each sample's origin (NPZ, CSV, JSON, project) may have
replaced measured samples on purpose: these are counted as `replaced`. In any other, a replaced sample is a changed one unless it is marked:
by the caller, or by the proof that was written beside the export, as long as source and export are still the files that it is about.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from mpm_core.check.filtered import unfiltered
from mpm_core.check.proof import MeasuredSamples, compare, moved, precision, read_alike
from mpm_core.check.proof_file import read_proof
from mpm_core.check.report import content_sha256, filled_by, source_sha256
from mpm_core.check.report_parts import Filled
from mpm_core.check.to_json import INLINE
from mpm_core.edit.mark import mark, unfiltered_known
from mpm_core.errors import DataError
from mpm_core.io.registry import CopyProof, Format, compare_copy, contradicts_itself, detect, is_copy, read, same_unit_and_axes
from mpm_core.recording import Origin, Recording
from mpm_core.samples import all_missing, bits_differ
from mpm_core.typing import Float, Mask

LISTED = 20  # changed samples that are named
SAME_RATE = 2e-4  # share by which the digits of a file may round a rate


@dataclass(frozen=True, slots=True)
class File:
    """One of the two files. sha256: None for a project's source that is not there any more, unless the project keeps its bytes."""

    format: str
    points: int
    frames: int
    rate_hz: float
    path: str
    sha256: str | None


@dataclass(frozen=True, slots=True)
class Moved:
    """A sample that changed: point, frame as the source counts, and how far it moved in mm (pixels in 2D)."""

    point: str
    frame: int
    mm: float


@dataclass(frozen=True, slots=True)
class Verification:
    """Of the measured samples, `same` have every bit, `rounded` differ within the format's precision, `samples.changed` by more, `absent`
    are not in the export, and `replaced` are not counted as measured, since the export itself calls them filled. proof: the file beside the
    export that says that `marked` samples were marked as wrong, or set by hand; '' when there is none for this export. unused_proof: one
    that cannot be read, or is about another source or another state of the export: one of the two was changed since.

    exchanged: samples that are measured ones of another point in the source, the same in every bit, as of labels that were exchanged back;
    they are not among the filled ones.

    filtered: measured samples that were filtered as asked, by the proof or by an export that has the measured value; of `filtered_known` of
    them it is the same in every bit. FILTERED ones with neither are compared as measured. cut: measured samples outside of the part of the
    source that the proof says was exported, trimmed, resampled or merged.

    moved_max_mm: of those that are in the export. worst: changed samples, furthest first. holds: none changed, none absent, and a copy of
    the source keeps its numbers and header. contradictory: a new file that gives another unit or other axes than this program writes.
    """

    source: File
    export: File
    exact: bool
    precision: str
    holds: bool
    moved_max_mm: float
    samples: MeasuredSamples = field(metadata=INLINE)
    copy: CopyProof | None = field(metadata=INLINE)
    contradictory: bool
    same: int
    rounded: int
    absent: int
    replaced: int
    filtered: int
    filtered_known: int
    cut: int
    marked: int
    exchanged: int
    proof: str
    unused_proof: str
    worst: tuple[Moved, ...]
    filled: Filled


def verify(before: Recording, path: Path, reading: Mapping[str, Any] | None = None) -> Verification:
    """Compare an exported file with its source, read as `before` (samples that were to be replaced are MARKED).

    Frames count as in the source. reading: what was overruled when the source was read; an export that is a copy of it is read alike.
    Raises FormatError when the export cannot be read, DataError when the two have no point in common or differ in rate or dimensions.

    >>> import mpm_core as mpm
    >>> from mpm_core.resources import resource
    >>> rec = mpm.read(resource("sample/walk_reach_sit.c3d"))
    >>> mpm.write(mpm.complete(rec, method="linear"), "clean.c3d")
    >>> found = verify(rec, Path("clean.c3d"))
    >>> found.holds, found.samples.measured, found.filled.samples
    (True, 32142, 522)
    """
    fmt = detect(path)
    proof, whole = read_proof(before, path), before
    before = proof.before  # in the part of the source that was exported
    export = _read_export(mark(before, proof.filtered_FP, followers=False).apply(before)[0], path, fmt, reading)
    again = _aligned(before, export)
    was_measured_FP = before.origin_FP == Origin.MEASURED
    is_filtered_FP = again.origin_FP == Origin.FILTERED
    filtered_FP = was_measured_FP & (proof.filtered_FP | unfiltered_known(again))
    replaced_FP = was_measured_FP & ~filtered_FP & (again.origin_FP > Origin.MARKED) & ~is_filtered_FP
    known_N = unfiltered_known(again)[filtered_FP]
    lost_N = known_N & bits_differ(unfiltered(again, filtered_FP), before.xyz_FPD[filtered_FP])
    before = mark(before, replaced_FP | filtered_FP, followers=False).apply(before)[0]
    copy = export.points == before.points and export.frames == before.frames and is_copy(fmt, before, export)
    contradictory = not copy and contradicts_itself(fmt, export)
    kept = precision(before, fmt, copy=copy)
    marked_F = np.asarray((before.origin_FP == Origin.MARKED).any(axis=1))
    found = compare(before, again, kept, compare_copy(fmt, before, before, export, marked_F) if copy else None)
    measured_FP = before.origin_FP == Origin.MEASURED
    absent_FP = measured_FP & (again.origin_FP == Origin.MISSING)
    differs_FP = measured_FP & ~absent_FP & bits_differ(before.xyz_FPD, again.xyz_FPD)
    moved_FP = moved(before, again)
    changed_FP = differs_FP if kept.exact else differs_FP & (moved_FP > kept.most)
    filled_FP = ~before.visible_FP & again.visible_FP & ~filtered_FP
    exchanged_FP = _of_another_point(before, again, filled_FP)
    filled_FP &= ~exchanged_FP
    tells = bool((again.origin_FP > Origin.MARKED).any()) or not filled_FP.any()
    return Verification(
        source=_file(whole, whole.source.path, whole.source.format, source_sha256(whole)),
        export=_file(export, str(path), fmt.name, content_sha256(path)),
        exact=found.exact,
        precision=found.precision,
        holds=found.holds and not (changed_FP.any() or absent_FP.any() or lost_N.any()) and not contradictory,
        moved_max_mm=round(float(moved_FP[measured_FP & ~absent_FP].max(initial=0.0)), 6),
        samples=replace(found.samples, changed=int(changed_FP.sum() + lost_N.sum())),
        copy=found.copy,
        contradictory=contradictory,
        same=int((measured_FP & ~absent_FP & ~differs_FP).sum()),
        rounded=int((differs_FP & ~changed_FP).sum()),
        absent=int(absent_FP.sum()),
        replaced=int(replaced_FP.sum()),
        filtered=int(filtered_FP.sum()),
        filtered_known=int((known_N & ~lost_N).sum()),
        cut=proof.cut,
        marked=proof.marked,
        exchanged=int(exchanged_FP.sum()),
        proof=proof.proof,
        unused_proof=proof.unused,
        worst=_worst(before, moved_FP, changed_FP),
        filled=Filled(int(filled_FP.sum()), filled_by(again, filled_FP) if tells else None),
    )


def _read_export(before: Recording, path: Path, fmt: Format, reading: Mapping[str, Any] | None) -> Recording:
    """The export; a copy of the source is read as the source was, whatever its header says, while a new file has its own unit and axes."""
    as_source = is_copy(fmt, before) and same_unit_and_axes(fmt, before, path)
    return read(path, **(read_alike(before, fmt, reading) if as_source else {}))


def _aligned(before: Recording, export: Recording) -> Recording:
    """The export in the source's points and frames, by name and (where there are more or fewer) by number; what it lacks is missing."""
    if before.dims != export.dims:
        raise DataError(f"the source is {before.dims}D and the export {export.dims}D", where=export.source.path, hint="nothing to compare")
    if max(before.frames, export.frames) > 1 and abs(before.rate_hz - export.rate_hz) > SAME_RATE * before.rate_hz:
        what = f"the source has {before.rate_hz:g} frames a second and the export {export.rate_hz:g}"
        raise DataError(what, where=export.source.path, hint="a resampled take has no sample in common with its source")
    shared = [name for name in before.points if name in set(export.points)]
    if not shared:
        hint = "a body fitted to markers, or a lifted take, cannot be compared with its source"
        raise DataError("the source and the export have no point in common", where=export.source.path, hint=hint)
    shift = 0 if before.frames == export.frames else export.source.first_frame - before.source.first_frame
    first, last = max(0, shift), min(before.frames, shift + export.frames)
    samples = all_missing(before.origin_FP.shape, export.samples)
    if first < last:
        columns, export_columns = [before.points.index(name) for name in shared], [export.points.index(name) for name in shared]
        rows = slice(first - shift, last - shift)
        samples = samples.put((slice(first, last), columns), export.samples.at(rows, export_columns))
    return before.with_samples(samples, source=export.source)


def _file(rec: Recording, path: str, fmt: str, sha256: str | None) -> File:
    return File(fmt, len(rec.points), rec.frames, rec.rate_hz, path, sha256)


def _of_another_point(before: Recording, again: Recording, where_FP: Mask) -> Mask:
    """(F, P) samples of where_FP with the position that another point has in that frame of the source, to the bit."""
    found_FP = np.zeros(where_FP.shape, bool)
    for point in np.flatnonzero(where_FP.any(axis=0)):
        frames = np.flatnonzero(where_FP[:, point])
        same_NP = ~bits_differ(before.xyz_FPD[frames], np.broadcast_to(again.xyz_FPD[frames, None, point], before.xyz_FPD[frames].shape))
        same_NP[:, point] = False
        found_FP[frames, point] = same_NP.any(axis=1)
    return found_FP


def _worst(before: Recording, moved_FP: Float, where_FP: Mask) -> tuple[Moved, ...]:
    """The samples of where_FP that moved furthest."""
    moved_FP = np.where(where_FP, moved_FP, -1.0)
    order = np.argsort(-moved_FP, axis=None, kind="stable")[: min(LISTED, int(where_FP.sum()))]
    P, first = len(before.points), before.source.first_frame
    return tuple(Moved(before.points[at % P], int(at // P) + first, float(moved_FP.flat[at])) for at in order)
