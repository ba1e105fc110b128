"""Takes written as skeletons: markers or joints solved to a rig, written, read again and compared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

import mpm_core as mpm
from mpm_core.body.mapping import map_body
from mpm_core.body_rig.errors import segment_errors, unseen_ranges
from mpm_core.body_rig.solve import SolvedBody, body_points, solve_body, with_gaps
from mpm_core.check.proof import MOVED_MM, moved
from mpm_core.errors import DataError, MappingError
from mpm_core.files.staged import staged
from mpm_core.io.registry import Format, check_target, writer_for
from mpm_core.progress import Cancel, Progress
from mpm_core.recording import Origin, Recording
from mpm_core.samples import OF_FILE
from mpm_studio.operations.bodies import bodies_of
from mpm_studio.operations.writable import check_free

MOST_RANGES = 6
FITS_MM = 40.0  # skin moves markers by 5 to 15 mm; beyond this something else is wrong


@dataclass(frozen=True, slots=True, eq=False)
class WrittenSkeleton:
    """A file and the skeleton in it. moved_mm: the furthest that a joint is from its place, read again.

    left_out: subjects of the take that are not a body.
    """

    path: Path
    body: SolvedBody
    moved_mm: float
    left_out: tuple[str, ...]


def becomes_skeleton(rec: Recording, fmt: Format) -> bool:
    """Whether a take of the body's joints is written as a solved skeleton in a format, instead of exactly at its points."""
    joints = fmt.positions == "rotations" and rec.rig is None and rec.dims == 3 and body_points(rec) is not None
    return joints and (fmt.needs_skeleton or not np.isin(rec.origin_FP, (*OF_FILE, Origin.MARKED)).any())


def can_be_skeleton(rec: Recording, overrides: Mapping[str, str] | None = None) -> bool:
    """Whether any subject of a take, one without a rig of its own, is a body that `write_skeletons` can try to solve."""
    if rec.dims != 3 or rec.rig is not None or not rec.frames:
        return False
    for each in bodies_of(rec, overrides):
        try:
            map_body(each.take, each.overrides)
        except MappingError:
            continue
        return True
    return False


def write_skeletons(
    rec: Recording,
    out: Path,
    overrides: Mapping[str, str] | None = None,
    *,
    keep_old: bool = False,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> tuple[WrittenSkeleton, ...]:
    """Solve each subject of a take and write it: to `out`, or, of several subjects, to NAME_SUBJECT beside it.

    Subjects whose points are not a body (a ball, a stick) are left out while there is one that is. Raises FormatError, DataError,
    MappingError when no subject is a body, Cancelled.
    """
    fmt, report = writer_for(out), progress or (lambda share, text: None)
    solved: list[tuple[str, SolvedBody]] = []
    refused: list[MappingError] = []
    bodies = bodies_of(rec, overrides)
    subjects = [each.subject for each in bodies]
    for each in bodies:
        report(-1.0, f"solving {each.subject or out.name}")
        take = replace(each.take, skeleton=rec.skeleton if each.take is rec else None)
        try:
            solved.append((each.subject, solve_body(take, each.overrides, cancel)))
        except MappingError as error:
            refused.append(error)
    if not solved:
        raise refused[0]
    paths = [out] if len(solved) == 1 else [_beside(out, subject) for subject, _ in solved]
    if len(set(paths)) < len(paths):
        names = ", ".join(subject for subject, _ in solved)
        raise DataError(f"the files of {names} would have one name", where=str(out), hint="rename the subjects")
    if len(paths) > 1:
        for path in paths:
            check_free(path, force=keep_old)
    left_out = tuple(subject for subject in subjects if subject not in dict(solved))
    return tuple(
        WrittenSkeleton(path, body, _write(body, path, fmt, keep_old), left_out) for path, (_, body) in zip(paths, solved, strict=True)
    )


def _write(body: SolvedBody, out: Path, fmt: Format, keep_old: bool) -> float:
    """Write one skeleton, read it again, and return the furthest that a joint has moved, in mm. Raises DataError beyond MOVED_MM."""
    rec = body.recording if fmt.positions == "rotations" else with_gaps(body)
    if not keep_old:
        check_target(rec, out)
    with staged(out, keep_old=keep_old) as path:
        mpm.write(rec, path)
        again = mpm.read(path, **({"unit": rec.source.unit, "up": rec.source.up} if fmt.needs_skeleton else {}))  # a BVH says neither
        if again.frames != rec.frames or not set(rec.points) <= set(again.points):
            raise DataError("the file that was written holds other frames or joints; nothing was written", where=str(out))
        at = np.array([again.points.index(name) for name in rec.points])
        far_FP = moved(rec, mpm.make_recording(rec.points, again.rate_hz, again.xyz_FPD[:, at]))
        far = float(np.nanmax(far_FP, initial=0.0))
        if not np.array_equal(np.isnan(far_FP), rec.origin_FP == Origin.MISSING) or far > MOVED_MM:
            raise DataError(f"joints in the file would be up to {far:.3g} mm from their places; nothing was written", where=str(out))
    return far


def in_words(written: WrittenSkeleton) -> list[str]:
    """What a skeleton is made of, how far it is from what was seen, and where nothing was seen."""
    body, whole = written.body, segment_errors(written.body)[-1]
    what = "markers" if body.markers else "joints"
    joints, source = len(body.recording.points), f"{body.markers} markers" if body.markers else "joints"
    lines = [
        f"{written.path.name}: a skeleton of {joints} joints and end sites, bones of constant length, from {source} ({body.name})",
        f"{what} are {whole.rms_mm:.1f} mm from their places on it (RMS), 95 % within {whole.p95_mm:.1f}, all within {whole.max_mm:.1f}",
    ]
    if written.left_out:
        lines.append(f"left out, because their points are not a body: {', '.join(written.left_out)}")
    if whole.rms_mm > FITS_MM:
        lines.append("this is not a good fit: are labels exchanged, or is the take mirrored? `check` and `info` may tell")
    ranges = unseen_ranges(body)
    if ranges:
        holds = "interpolated there" if writer_for(written.path).positions == "rotations" else "missing there"
        more = [f"and {len(ranges) - MOST_RANGES} more"] if len(ranges) > MOST_RANGES else []
        lines += [f"not seen, and {holds}, in frames:", *(f"  {line}" for line in (*ranges[:MOST_RANGES], *more))]
    return lines


def _beside(out: Path, subject: str) -> Path:
    """The file of one of several subjects."""
    plain = "".join(letter if letter.isalnum() or letter in "-_" else "_" for letter in subject) or "subject"
    return out.with_name(f"{out.stem}_{plain}{out.suffix}")
