"""What a repair did, in figures anyone can check again. F frames, P points, N samples, D dimensions.

Frames in a report are those the file counts, both ends included.
"""

from __future__ import annotations

import hashlib
import json
import platform
import sys
from collections.abc import Mapping
from dataclasses import asdict
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np

from mpm_core.check.proof import compare_measured
from mpm_core.errors import FormatError
from mpm_core.files.atomic import write_bytes
from mpm_core.fill.methods import METHODS, NEVER_SEEN, fill_gaps
from mpm_core.gaps import Gap, find_gaps, runs
from mpm_core.recording import Origin, Recording
from mpm_core.typing import Float32, Mask

FILLERS = {Origin.FILLED: "classical", Origin.PREDICTED: "model", Origin.HAND: "hand"}
PROOF = ".proof.json"
PACKAGES = ("mpm-studio", "numpy", "scipy", "torch", "ezc3d")


def make_report(
    before: Recording,
    after: Recording,
    *,
    method: str = "auto",
    asked_FP: Mask | None = None,
    exported: Mapping[str, Any] | None = None,
    settings: Mapping[str, Any] | None = None,
    model: Mapping[str, Any] | None = None,
    seconds: float | None = None,
) -> dict[str, Any]:
    """A JSON-able account of one repair. `before`: as handed to the fill, marks included; `after`: what was exported.

    asked_FP (F, P): what was to be filled (None = every gap); gaps outside it are not listed as remaining. exported: what
    `proof.check_export` found. settings: what else was asked for. sigma in millimetres (pixels for 2D) is the mean and maximum over the
    filled samples that have one, null where none has. Raises DataError when the two recordings are not of one shape.
    """
    unit, per_unit = ("mm", 1000.0) if before.dims == 3 else ("px", 1.0)
    filled_FP = ~before.visible_FP & after.visible_FP
    return {
        "file": {
            "path": before.source.path,
            "sha256": content_sha256(Path(before.source.path)) if Path(before.source.path).exists() and before.source.path else None,
            "format": before.source.format,
            "points": len(before.points),
            "frames": before.frames,
            "first_frame": before.source.first_frame,
            "rate_hz": before.rate_hz,
        },
        "method": method,
        "settings": dict(settings) if settings is not None else None,
        "gaps_before": _gap_facts(before, find_gaps(before)),
        "gaps_after": _gap_facts(after, find_gaps(after)),
        "filled": {
            "samples": int(filled_FP.sum()),
            "by": filled_by(after, filled_FP),
        },
        "points": [_point_facts(before, after, point, unit, per_unit) for point in range(len(before.points))],
        "measured": {**asdict(compare_measured(before, after)), "exported": dict(exported) if exported is not None else None},
        "hand": _by_hand(after),
        "remaining": remaining(before, after, method, asked_FP),
        "model": dict(model) if model is not None else None,
        "notes": [*before.source.notes],
        "log": [*after.log],
        "versions": _versions(),
        "seconds": seconds,
    }


def filled_by(rec: Recording, where_FP: Mask) -> dict[str, dict[str, Any]]:
    """Samples of where_FP that are fills: how many by the model, classically and by hand, and their sigma (see make_report)."""
    unit, per_unit = ("mm", 1000.0) if rec.dims == 3 else ("px", 1.0)
    return {
        name: {"samples": int(by_FP.sum()), **_sigma_facts(rec.sigma_FP[by_FP], unit, per_unit)}
        for origin, name in FILLERS.items()
        if (by_FP := where_FP & (rec.origin_FP == origin)).any()
    }


def remaining(before: Recording, after: Recording, method: str, asked_FP: Mask | None = None) -> list[dict[str, Any]]:
    """Each gap that was to be filled and is still one: point, first and last frame, and why."""
    told: dict[tuple[int, int], str] = {}
    if method in METHODS and not after.visible_FP.all():
        told = {(gap.point, gap.stop): why for gap, why in fill_gaps(before, ~after.visible_FP, method, sigma=False).left}
    return [
        {**_frames_of(after, gap), "why": told.get((gap.point, gap.stop)) or _why(before, gap, method)}
        for gap in find_gaps(after)
        if asked_FP is None or asked_FP[gap.start : gap.stop, gap.point].any()
    ]


def write_report(report: Mapping[str, Any], path: str | Path) -> None:
    """Write a report as JSON, atomically. Raises FormatError when the file cannot be written."""
    write_bytes(path, (json.dumps(report, indent=2, ensure_ascii=False, allow_nan=False) + "\n").encode())


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


def _frames_of(rec: Recording, gap: Gap) -> dict[str, Any]:
    first = rec.source.first_frame
    return {"point": rec.points[gap.point], "first_frame": gap.start + first, "last_frame": gap.stop - 1 + first}


def _by_hand(after: Recording) -> list[dict[str, Any]]:
    """Every range of frames whose samples the user set by hand: labels exchanged between two points."""
    hand_FP = after.origin_FP == Origin.HAND
    return [
        _frames_of(after, Gap(int(point), start, stop))
        for point in np.flatnonzero(hand_FP.any(axis=0))
        for start, stop in runs(hand_FP[:, point])
    ]


def _gap_facts(rec: Recording, gaps: list[Gap]) -> dict[str, Any]:
    return {
        "count": len(gaps),
        "samples": sum(gap.frames for gap in gaps),
        "list": [{**_frames_of(rec, gap), "marked": gap.marked} for gap in gaps],
    }


def _sigma_facts(sigma_N: Float32, unit: str, per_unit: float) -> dict[str, float | None]:
    known_N = sigma_N[np.isfinite(sigma_N)] * per_unit
    return {
        f"sigma_mean_{unit}": round(float(known_N.mean()), 3) if len(known_N) else None,
        f"sigma_max_{unit}": round(float(known_N.max()), 3) if len(known_N) else None,
    }


def _point_facts(before: Recording, after: Recording, point: int, unit: str, per_unit: float) -> dict[str, Any]:
    hole_F, hole_after_F, origin_F = ~before.visible_FP[:, point], ~after.visible_FP[:, point], after.origin_FP[:, point]
    filled_F = hole_F & ~hole_after_F
    return {
        "name": before.points[point],
        "missing_before": int(hole_F.sum()),
        **{name: int((filled_F & (origin_F == origin)).sum()) for origin, name in FILLERS.items()},
        "missing_after": int(hole_after_F.sum()),
        **_sigma_facts(after.sigma_FP[filled_F, point], unit, per_unit),
    }


def _why(before: Recording, gap: Gap, method: str) -> str:
    visible_F = before.visible_FP[:, gap.point]
    if not visible_F.any():
        return NEVER_SEEN
    return f"{method} found nothing that it could fill it from"


def _versions() -> dict[str, str]:
    found = {"python": platform.python_version(), "system": sys.platform}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found
