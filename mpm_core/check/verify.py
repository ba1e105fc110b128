"""An export held against its source, with nothing but the two files: what was kept, rounded, changed, lost and filled. F frames, P points.

Measured is what the source shows and nobody marked as wrong. An export that tells its fills (NPZ, CSV, JSON, project) may have replaced
measured samples on purpose: these are counted as `replaced`. In any other, a replaced sample is a changed one unless its mark is given.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from mpm_core.check.proof import judge, judge_copy, moved, precision
from mpm_core.check.report import content_sha256, filled_by
from mpm_core.edit.mark import mark
from mpm_core.errors import DataError
from mpm_core.io.c3d import proof as c3d_proof
from mpm_core.io.registry import detect, read
from mpm_core.recording import Origin, Recording
from mpm_core.samples import all_missing
from mpm_core.typing import Mask

COPIES = ("c3d", "bvh")  # written as a copy of a source of the same format
LISTED = 20  # changed samples that are named


def verify(before: Recording, path: Path, reading: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Compare an exported file with its source, read as `before` (samples that were asked to be replaced MARKED). JSON-able.

    Of the measured samples, `same` have every bit, `rounded` differ within the format's precision, `changed` by more, `absent` are not in
    the export. `filled`: by origin, None where the format does not tell. `holds`: none changed, none absent. Frames count as in the source.
    reading: what was overruled when the source was read; an export that may be a copy of it is read alike.
    Raises FormatError when the export cannot be read, DataError when the two have no point in common or differ in rate or dimensions.
    """
    fmt = detect(path)
    copies = fmt.name == before.source.format and fmt.name in COPIES
    export = read(path, **(reading or {} if copies else {}))
    again = _aligned(before, export)
    replaced_FP = (before.origin_FP == Origin.MEASURED) & (again.origin_FP > Origin.MARKED)
    before = mark(before, replaced_FP, followers=False).apply(before)[0]
    whole = export.points == before.points and export.frames == before.frames
    own = whole and copies and (c3d_proof.provable(before, path) if fmt.name == "c3d" else _same_channels(before, export))
    kept = precision(before, fmt.name, own)
    found = judge(before, again, kept)
    if own:
        more, holds = judge_copy(before, before, export, path, (before.origin_FP == Origin.MARKED).any(axis=1))
        found |= {**more, "holds": found["holds"] and holds}
    asked_FP = before.origin_FP == Origin.MEASURED
    absent_FP = asked_FP & (again.origin_FP == Origin.MISSING)
    differs_FP = asked_FP & ~absent_FP & (before.xyz_FPD.view(np.uint32) != again.xyz_FPD.view(np.uint32)).any(axis=2)
    changed_FP = differs_FP & (moved(before, again) > kept.most) if not kept.exact else differs_FP
    away_N = moved(before, again)[asked_FP & ~absent_FP]
    filled_FP = ~before.visible_FP & again.visible_FP
    tells = bool((again.origin_FP > Origin.MARKED).any()) or not filled_FP.any()
    return {
        "source": {**_facts(before), "path": before.source.path, "sha256": content_sha256(Path(before.source.path))},
        "export": {**_facts(export), "path": str(path), "format": fmt.name, "sha256": content_sha256(path)},
        **found,
        "moved_max_mm": round(float(away_N.max(initial=0.0)), 6),
        "same": int((asked_FP & ~absent_FP & ~differs_FP).sum()),
        "rounded": int((differs_FP & ~changed_FP).sum()),
        "changed": int(changed_FP.sum()),
        "absent": int(absent_FP.sum()),
        "replaced": int(replaced_FP.sum()),
        "worst": _named(before, again, changed_FP),
        "filled": {"samples": int(filled_FP.sum()), "by": filled_by(again, filled_FP) if tells else None},
        "holds": bool(found["holds"]) and not changed_FP.any() and not absent_FP.any(),
    }


def _aligned(before: Recording, export: Recording) -> Recording:
    """The export in the source's points and frames, by name and (where there are more or fewer) by number; what it lacks is missing."""
    if before.dims != export.dims:
        raise DataError(f"the source is {before.dims}D and the export {export.dims}D", where=export.source.path, hint="nothing to compare")
    if abs(before.rate_hz - export.rate_hz) > 1e-3 * before.rate_hz:
        what = f"the source has {before.rate_hz:g} frames a second and the export {export.rate_hz:g}"
        raise DataError(what, where=export.source.path, hint="a resampled take has no sample in common with its source")
    both = [name for name in before.points if name in set(export.points)]
    if not both:
        hint = "a body fitted to markers, or a lifted take, cannot be held against its source"
        raise DataError("the source and the export have no point in common", where=export.source.path, hint=hint)
    shift = 0 if before.frames == export.frames else export.source.first_frame - before.source.first_frame
    first, last = max(0, shift), min(before.frames, shift + export.frames)
    samples = all_missing(before.origin_FP.shape, export.samples)
    if first < last:
        to, there = [before.points.index(name) for name in both], [export.points.index(name) for name in both]
        rows = slice(first - shift, last - shift)
        samples = samples.put((slice(first, last), to), export.samples.at(rows, there))
    return before.with_samples(samples, source=export.source)


def _same_channels(before: Recording, export: Recording) -> bool:
    return before.rig is not None and export.rig is not None and before.rig.values_FC.shape == export.rig.values_FC.shape


def _facts(rec: Recording) -> dict[str, Any]:
    return {"format": rec.source.format, "points": len(rec.points), "frames": rec.frames, "rate_hz": rec.rate_hz}


def _named(before: Recording, again: Recording, where_FP: Mask) -> list[dict[str, Any]]:
    """The samples of where_FP that moved furthest: point, frame as the file counts, and how far in mm (pixels in 2D)."""
    away_FP = np.where(where_FP, moved(before, again), -1.0)
    order = np.argsort(-away_FP, axis=None, kind="stable")[: min(LISTED, int(where_FP.sum()))]
    first = before.source.first_frame
    return [
        {"point": before.points[at % len(before.points)], "frame": int(at // len(before.points)) + first, "mm": float(away_FP.flat[at])}
        for at in order
    ]
