"""What the proof beside an export says about it. F frames, P points."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from mpm_core.check.report import content_sha256, proof_path, source_sha256
from mpm_core.edit.file_frames import merged_as_before
from mpm_core.edit.from_file import in_part
from mpm_core.edit.mark import mark
from mpm_core.errors import DataError, FormatError
from mpm_core.io.json_text import load_json
from mpm_core.recording import FilePart, MergedRun, Origin, Recording
from mpm_core.typing import Mask

MOST_TIMES = 100  # as many frames as the source, of a take that was resampled


@dataclass(frozen=True, slots=True, eq=False)
class ProofContents:
    """The source in the shape of what was exported, with what was marked or set by hand MARKED, and how many measured samples that are.

    filtered_FP: samples that were filtered as asked. cut: measured samples of the source that were not to be exported. proof: its path.
    unused: the path of a proof that is there and cannot be read, or is about another source, or another state of the export.
    """

    before: Recording
    filtered_FP: Mask
    marked: int = 0
    cut: int = 0
    proof: str = ""
    unused: str = ""


def read_proof(before: Recording, path: Path) -> ProofContents:
    """What the proof beside an export says about it, and about its source, read as `before`.

    A proof that cannot be read, or is about another source or export, says nothing: the comparison is then stricter, never more lenient.
    """
    nothing = ProofContents(before, np.zeros(before.origin_FP.shape, bool))
    proof = proof_path(path)
    try:
        report = load_json(proof)
        shas = report["file"]["sha256"], report["measured"]["exported"]["sha256_file"]
        if None in shas or shas != (source_sha256(before), content_sha256(path)):
            return replace(nothing, unused=str(proof))
        shaped = _shaped(before, report)
        marked_FP = _ranges(shaped, [*report["gaps_before"]["list"], *report["hand"]])
        filtered_FP = _ranges(shaped, report.get("filtered", {"list": []})["list"])
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, OverflowError, FormatError, DataError):
        return replace(nothing, unused=str(proof) if proof.exists() else "")
    patch = mark(shaped, marked_FP & ~filtered_FP, followers=False)
    cut = int((before.origin_FP == Origin.MEASURED).sum() - (shaped.origin_FP == Origin.MEASURED).sum())
    return ProofContents(patch.apply(shaped)[0], filtered_FP, len(patch), cut, str(proof))


def _shaped(before: Recording, report: Mapping[str, Any]) -> Recording:
    """The source in the shape of what was exported. Raises as a damaged proof does."""
    part, file = report.get("part") or {"start": 0.0, "step": 1.0, "points": None}, report["file"]
    names, frames = part["points"], int(file["frames"])
    if not 1 <= frames <= MOST_TIMES * before.frames:
        raise ValueError("the proof is of more frames than can come of the source")
    if not 1 / MOST_TIMES <= float(part["step"]) / before.source.part.step <= max(before.frames, 1):
        raise ValueError("the proof is of frames that are further apart, or nearer together, than can come of the source")
    taken = FilePart(
        float(part["start"]),
        float(part["step"]),
        () if names is None else tuple(tuple(each) for each in names.values()),
        tuple(MergedRun(str(run["name"]), int(run["start"]), int(run["stop"])) for run in part.get("merged", ())),
    )
    if "merged" not in part:
        taken = merged_as_before(before, taken, frames)
    points = before.points if names is None else tuple(names)
    if (taken, points, frames) == (before.source.part, before.points, before.frames):
        return before
    shaped = in_part(before, taken, points, frames)
    if shaped is None:
        raise ValueError("the proof names points that the source does not have")
    return replace(shaped, source=replace(shaped.source, first_frame=int(file["first_frame"])))


def _ranges(rec: Recording, ranges: list[Mapping[str, Any]]) -> Mask:
    """(F, P) True in the ranges that a proof lists."""
    where_FP, first = np.zeros(rec.origin_FP.shape, bool), rec.source.first_frame
    for each in ranges:
        where_FP[max(each["first_frame"] - first, 0) : max(each["last_frame"] - first + 1, 0), rec.points.index(each["point"])] = True
    return where_FP
