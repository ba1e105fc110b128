"""The report of a repair: what was filled, left and kept, in figures that can be checked again. F frames, P points, N samples.

Frames in a report are those the file counts, both ends included. A report is a frozen dataclass; `write_report` and `to_json` make JSON of
it, whose keys are the fields' names.
"""

from __future__ import annotations

import hashlib
import json
import platform
import sys
from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np

from mpm_core.check.filtered import filtered_samples
from mpm_core.check.proof import ExportProof, compare_measured, unfiltered_alone
from mpm_core.check.report_parts import (
    Filled,
    FilledBy,
    FrameRange,
    GapRange,
    Gaps,
    LeftGap,
    Measured,
    PartOfFile,
    PointCounts,
    Report,
    Sigma,
    SourceFile,
)
from mpm_core.check.to_json import to_json
from mpm_core.edit.file_frames import file_names
from mpm_core.errors import FormatError
from mpm_core.files.atomic import write_text
from mpm_core.fill.methods import NEVER_VISIBLE
from mpm_core.gaps import Gap, Left, find_gaps, runs
from mpm_core.recording import FilePart, Origin, Recording
from mpm_core.samples import FILLERS
from mpm_core.typing import Float32, Mask

NOBODY = "no point of the take is visible in these frames"
PROOF = ".proof.json"
PACKAGES = ("mpm-studio", "numpy", "scipy", "torch", "ezc3d")


def make_report(
    before: Recording,
    after: Recording,
    *,
    method: str = "auto",
    wanted_FP: Mask | None = None,
    left: Sequence[Left] = (),
    exported: ExportProof | None = None,
    settings: Mapping[str, Any] | None = None,
    model: Mapping[str, Any] | None = None,
    seconds: float | None = None,
) -> Report:
    """An account of one repair. `before`: as handed to the fill, marks included; `after`: what was exported.

    wanted_FP (F, P): what was to be filled (None = every gap); gaps outside it are not listed as remaining. left: gaps that the fill left,
    and why. exported: what `proof.check_export` found. settings: what else was set. sigma in millimetres (pixels for 2D) is the mean and
    maximum over the filled samples that have one. Raises DataError when the two recordings are not of one shape.
    """
    filled_FP = ~before.visible_FP & after.visible_FP
    return Report(
        _source_file(before),
        method,
        settings,
        _gaps(before),
        _gaps(after),
        Filled(int(filled_FP.sum()), filled_by(after, filled_FP)),
        tuple(_point_counts(before, after, point) for point in range(len(before.points))),
        Measured(compare_measured(unfiltered_alone(before, after), after), exported),
        filtered_samples(before, after),
        _part(after),
        _set_by_hand(after),
        _remaining(before, after, method, wanted_FP, left),
        model,
        before.source.notes,
        after.log,
        _versions(),
        seconds,
    )


def filled_by(rec: Recording, where_FP: Mask) -> dict[str, FilledBy]:
    """Samples of where_FP that are fills: how many by the model, classically and by hand, and their sigma (see make_report)."""
    return {
        name: FilledBy(int(by_FP.sum()), _sigma(rec, rec.sigma_FP[by_FP]))
        for origin, name in FILLERS.items()
        if (by_FP := where_FP & (rec.origin_FP == origin)).any()
    }


def write_report(report: Report | Mapping[str, Any], path: str | Path) -> None:
    """Write a report as JSON, atomically. Raises FormatError when the file cannot be written."""
    text = json.dumps(to_json(report), indent=2, ensure_ascii=False, allow_nan=False) + "\n"
    write_text(path, text)


def proof_path(out: Path) -> Path:
    """Where the report of an export stands: beside it, NAME.proof.json."""
    return out.with_name(out.name + PROOF)


def content_sha256(path: Path) -> str:
    """SHA-256 of a file's bytes; of a folder, of its files' names and bytes in the order of their names. Raises FormatError."""
    digest = hashlib.sha256()
    try:
        for file in sorted(path.iterdir()) if path.is_dir() else [path]:
            if path.is_dir():
                digest.update(f"{file.name}\0{file.stat().st_size}\0".encode())
            if file.is_file():
                with file.open("rb") as stream:
                    while block := stream.read(1 << 20):
                        digest.update(block)
    except OSError as error:
        raise FormatError(f"the file cannot be read: {error.strerror}", where=str(path), hint="check its permissions") from error
    return digest.hexdigest()


def source_sha256(rec: Recording) -> str | None:
    """SHA-256 of the file that a recording came from, by the bytes that the recording keeps where it is not there any more, else None."""
    path = rec.source.path
    if path and Path(path).exists():
        return content_sha256(Path(path))
    return hashlib.sha256(rec.source.payload).hexdigest() if rec.source.payload else None


def _source_file(rec: Recording) -> SourceFile:
    return SourceFile(
        rec.source.path, source_sha256(rec), rec.source.format, len(rec.points), rec.frames, rec.source.first_frame, rec.rate_hz
    )


def _part(rec: Recording) -> PartOfFile | None:
    part, names = rec.source.part, file_names(rec)
    if part == FilePart():
        return None
    alike = names == tuple((point,) for point in rec.points)
    return PartOfFile(part.start, part.step, None if alike else dict(zip(rec.points, names, strict=True)), part.merged)


def _gaps(rec: Recording) -> Gaps:
    gaps = find_gaps(rec)
    return Gaps(len(gaps), sum(gap.frames for gap in gaps), tuple(GapRange(_range(rec, gap), gap.marked) for gap in gaps))


def _range(rec: Recording, gap: Gap) -> FrameRange:
    first = rec.source.first_frame
    return FrameRange(rec.points[gap.point], gap.start + first, gap.stop - 1 + first)


def _remaining(before: Recording, after: Recording, method: str, wanted_FP: Mask | None, left: Sequence[Left]) -> tuple[LeftGap, ...]:
    """Each gap that was to be filled and is still one, with the reason that `left` gives for a gap of the same point in these frames."""

    def why(gap: Gap) -> str:
        if not before.visible_FP[:, gap.point].any():
            return NEVER_VISIBLE
        reasons = (each.why for each in left if each.gap.point == gap.point and each.gap.start < gap.stop and gap.start < each.gap.stop)
        nobody = not before.visible_FP[gap.start : gap.stop].any()
        return next(reasons, NOBODY if nobody else f"{method} found nothing to fill it from")

    return tuple(
        LeftGap(_range(after, gap), why(gap))
        for gap in find_gaps(after)
        if wanted_FP is None or wanted_FP[gap.start : gap.stop, gap.point].any()
    )


def _set_by_hand(after: Recording) -> tuple[FrameRange, ...]:
    """Every range of frames whose samples the user set by hand: labels exchanged between two points."""
    hand_FP = after.origin_FP == Origin.HAND
    return tuple(
        _range(after, Gap(int(point), start, stop))
        for point in np.flatnonzero(hand_FP.any(axis=0))
        for start, stop in runs(hand_FP[:, point])
    )


def _sigma(rec: Recording, sigma_N: Float32) -> Sigma:
    unit, per_unit = ("mm", 1000.0) if rec.dims == 3 else ("px", 1.0)
    known_N = sigma_N[np.isfinite(sigma_N)] * per_unit
    if not len(known_N):
        return Sigma(unit, None, None)
    return Sigma(unit, round(float(known_N.mean()), 3), round(float(known_N.max()), 3))


def _point_counts(before: Recording, after: Recording, point: int) -> PointCounts:
    missing_F, still_F, origin_F = ~before.visible_FP[:, point], ~after.visible_FP[:, point], after.origin_FP[:, point]
    filled_F = missing_F & ~still_F
    by = {name: int((filled_F & (origin_F == origin)).sum()) for origin, name in FILLERS.items()}
    return PointCounts(before.points[point], int(missing_F.sum()), by, int(still_F.sum()), _sigma(after, after.sigma_FP[filled_F, point]))


def _versions() -> dict[str, str]:
    """Versions of Python, the system and the installed packages that figures may depend on."""
    found = {"python": platform.python_version(), "system": sys.platform}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found
