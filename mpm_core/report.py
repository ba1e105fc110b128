"""What a repair did, in figures anyone can check again. F frames, P points, N samples, D dimensions.

Frames in a report are those the file counts, both ends included.
"""

from __future__ import annotations

import hashlib
import json
import platform
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mpm_core.errors import DataError
from mpm_core.gaps import Gap, find_gaps
from mpm_core.io.atomic import write_bytes
from mpm_core.io.c3d_proof import proof
from mpm_core.io.registry import read, writer_for
from mpm_core.recording import Origin, Recording

FILLERS = {Origin.FILLED: "classical", Origin.PREDICTED: "model", Origin.HAND: "hand"}
TWO_SIDED = ("linear", "spline")  # methods that need a sample before and one after
PACKAGES = ("mpm-studio", "numpy", "scipy", "torch", "ezc3d")


@dataclass(frozen=True, slots=True)
class Check:
    """How many measured samples were compared bit by bit, how many differ, and the SHA-256 of their float32 values on both sides."""

    measured: int
    changed: int
    sha256_before: str
    sha256_after: str


def compare_measured(before: Recording, after: Recording) -> Check:
    """Compare every sample that is MEASURED in `before` (marked ones are not: they were asked to be replaced) with the same one in `after`.

    Bits are compared, so -0.0 is not 0.0. Raises DataError when points or frames differ.
    """
    if before.points != after.points or before.xyz_FPD.shape != after.xyz_FPD.shape:
        raise DataError(
            f"a take of {before.frames} frames and {len(before.points)} points cannot be compared with one of "
            f"{after.frames} and {len(after.points)}, or their names differ",
            where=after.source.path,
        )
    where_FP = before.origin_FP == Origin.MEASURED
    old_ND, new_ND = before.xyz_FPD[where_FP], after.xyz_FPD[where_FP]
    changed_N = (old_ND.view(np.uint32) != new_ND.view(np.uint32)).any(axis=1) | (after.origin_FP[where_FP] == Origin.MISSING)
    return Check(int(where_FP.sum()), int(changed_N.sum()), _digest(old_ND), _digest(new_ND))


def check_export(before: Recording, after: Recording, path: Path) -> dict[str, Any]:
    """Read an exported file of `after` again and compare its measured samples with those of `before`.

    A table that nothing reads back is not compared, and says so. `lossless`: the format must keep every bit, as the source's own, an NPZ
    and a project do. A C3D that came from a C3D is also compared as it stands in both files (`words`). Raises FormatError.
    """
    fmt = writer_for(path)
    facts: dict[str, Any] = {"path": path.name, "format": fmt.name, "sha256_file": hashlib.sha256(path.read_bytes()).hexdigest()}
    if not fmt.reads:
        return {**facts, "lossless": False, "compared": False, "why_not": f"{fmt.title} is written for other programs and not read back"}
    again = read(path)
    lossless = fmt.name in (before.source.format, "npz", "project")
    if not lossless and (again.points != before.points or again.frames != before.frames):
        return {**facts, "lossless": False, "compared": False, "why_not": f"{fmt.title} holds other points or frames than the source"}
    if fmt.name == before.source.format == "c3d":
        facts["words"] = asdict(proof(after, path))
    return {**facts, "lossless": lossless, "compared": True, **asdict(compare_measured(before, again))}


def make_report(
    before: Recording,
    after: Recording,
    *,
    method: str = "auto",
    asked_FP: NDArray[np.bool_] | None = None,
    exported: Mapping[str, Any] | None = None,
    model: Mapping[str, Any] | None = None,
    seconds: float | None = None,
) -> dict[str, Any]:
    """A JSON-able account of one repair. `before`: as handed to the fill, marks included; `after`: what was exported.

    asked_FP (F, P): what was to be filled (None = every gap); gaps outside it are not listed as remaining. exported: from `check_export`.
    sigma in millimetres (pixels for 2D) is the mean and maximum over the filled samples that have one, null where none has.
    Raises DataError when the two recordings are not of one shape.
    """
    unit, per_unit = ("mm", 1000.0) if before.dims == 3 else ("px", 1.0)
    filled_FP = ~before.visible_FP & after.visible_FP
    return {
        "file": {
            "path": before.source.path,
            "format": before.source.format,
            "points": len(before.points),
            "frames": before.frames,
            "first_frame": before.source.first_frame,
            "rate_hz": before.rate_hz,
        },
        "method": method,
        "gaps_before": _gap_facts(before, find_gaps(before)),
        "gaps_after": _gap_facts(after, find_gaps(after)),
        "filled": {
            "samples": int(filled_FP.sum()),
            "by": {
                name: {"samples": int(by_FP.sum()), **_sigma_facts(after.sigma_FP[by_FP], unit, per_unit)}
                for origin, name in FILLERS.items()
                if (by_FP := filled_FP & (after.origin_FP == origin)).any()
            },
        },
        "points": [_point_facts(before, after, point, unit, per_unit) for point in range(len(before.points))],
        "measured": {**asdict(compare_measured(before, after)), "exported": dict(exported) if exported is not None else None},
        "remaining": remaining(before, after, method, asked_FP),
        "model": dict(model) if model is not None else None,
        "notes": [*before.source.notes],
        "log": [*after.log],
        "versions": _versions(),
        "seconds": seconds,
    }


def remaining(before: Recording, after: Recording, method: str, asked_FP: NDArray[np.bool_] | None = None) -> list[dict[str, Any]]:
    """Each gap that was to be filled and is still one: point, first and last frame, and why."""
    return [
        {**_frames_of(after, gap), "why": _why(before, gap, method)}
        for gap in find_gaps(after)
        if asked_FP is None or asked_FP[gap.start : gap.stop, gap.point].any()
    ]


def write_report(report: Mapping[str, Any], path: str | Path) -> None:
    """Write a report as JSON, atomically. Raises FormatError when the file cannot be written."""
    write_bytes(path, (json.dumps(report, indent=2, ensure_ascii=False, allow_nan=False) + "\n").encode())


def _digest(values: NDArray[np.float32]) -> str:
    return hashlib.sha256(np.ascontiguousarray(values, dtype="<f4").tobytes()).hexdigest()


def _frames_of(rec: Recording, gap: Gap) -> dict[str, Any]:
    first = rec.source.first_frame
    return {"point": rec.points[gap.point], "first_frame": gap.start + first, "last_frame": gap.stop - 1 + first}


def _gap_facts(rec: Recording, gaps: list[Gap]) -> dict[str, Any]:
    return {
        "count": len(gaps),
        "samples": sum(gap.frames for gap in gaps),
        "list": [{**_frames_of(rec, gap), "marked": gap.marked} for gap in gaps],
    }


def _sigma_facts(sigma_N: NDArray[np.float32], unit: str, per_unit: float) -> dict[str, float | None]:
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
        return "the point is seen in no frame of the take, so nothing says where it belongs"
    if method in TWO_SIDED and (not visible_F[: gap.start].any() or not visible_F[gap.stop :].any()):
        return f"the gap reaches the clip's edge, and {method} needs a sample on both sides"
    return f"{method} found nothing that it could fill it from"


def _versions() -> dict[str, str]:
    found = {"python": platform.python_version(), "system": sys.platform}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found
