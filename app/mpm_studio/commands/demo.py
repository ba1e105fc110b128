"""`mpm-studio demo`: the main job on the bundled sample, with every error measured against the known truth.

F frames, P points, J joints, D dimensions.
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

import mpm_core as mpm
from mpm_core.check.report import write_report
from mpm_core.check.report_parts import Report
from mpm_core.check.to_json import to_json
from mpm_core.edit.document import Document
from mpm_core.errors import FormatError
from mpm_core.files.atomic import write_bytes
from mpm_core.fill.to_patch import fill_gaps
from mpm_core.resources import resource
from mpm_core.sample.anatomy import HEIGHT_M
from mpm_core.typing import Float32, Mask
from mpm_studio.commands.arguments import Demo
from mpm_studio.commands.console import progress_bar, say
from mpm_studio.commands.demo_report import markdown
from mpm_studio.commands.exit_codes import GAPS_REMAIN
from mpm_studio.operations.marking import marked
from mpm_studio.operations.repairing import repair

NAME = "walk_reach_sit"
MARKS = ("left_arm:100-160", "right_leg:220-280")
PICTURE_WH = (1400, 1900)


@dataclass(frozen=True, slots=True)
class Cleaned:
    """One repaired take: before the fill, as written, its report, and mean errors in mm per method over the same samples."""

    before: mpm.Recording
    after: mpm.Recording
    report: Report
    errors_mm: dict[str, float]


def run(args: Demo) -> int:
    """Run all steps and print a summary. Returns 0, or 3 when gaps remain."""
    folder = resource("sample")
    if not folder.is_dir():
        raise FormatError("the bundled sample is not here", where=str(folder), hint="make it with `python -m mpm_core.sample`")
    began = time.perf_counter()
    _make_folder(args.out)
    bvh = mpm.read(folder / f"{NAME}.bvh")
    c3d = mpm.read(folder / f"{NAME}.c3d")
    cleaned = {
        "bvh": _clean(marked(bvh, MARKS), bvh.xyz_FPD, args.out / f"{NAME}_clean.bvh", args.device),
        "c3d": _clean(c3d, mpm.read(folder / f"{NAME}_markers_truth.npz").xyz_FPD, args.out / f"{NAME}_clean.c3d", args.device),
    }
    lifted, lift_facts = _lift(folder, args.out / f"{NAME}_lifted.npz", args.device)
    _picture(cleaned, lifted, args.out / "before_after.png")
    report = {
        "cleaned": {name: {**to_json(each.report), "errors_mm": each.errors_mm} for name, each in cleaned.items()},
        "lifted": lift_facts,
        "seconds": round(time.perf_counter() - began, 1),
    }
    write_report(report, args.out / "report.json")
    write_bytes(args.out / "report.md", markdown(report).encode())
    say(f"wrote {args.out}: cleaned BVH and C3D, lifted NPZ, report.md, report.json, before_after.png ({report['seconds']} s)")
    return GAPS_REMAIN if any(each.report.remaining for each in cleaned.values()) else 0


def _clean(before: mpm.Recording, truth_FPD: Float32, out: Path, device: str) -> Cleaned:
    """Repair a take and measure the fills, and a straight line and a cubic spline over the same samples."""
    with progress_bar() as progress:
        report, after = repair(Document(before), out, device=device, progress=progress)
    unknown_FP = ~before.visible_FP
    takes = {"auto": after} | {method: fill_gaps(before, unknown_FP, method).patch.apply(before)[0] for method in ("linear", "spline")}
    filled_FP = unknown_FP & np.logical_and.reduce([take.visible_FP for take in takes.values()])
    errors_mm = {method: round(_mean_error_mm(take.xyz_FPD, truth_FPD, filled_FP), 1) for method, take in takes.items()}
    say(f"{out.name}: {report.filled.samples} samples filled, mean error {errors_mm['auto']} mm (linear: {errors_mm['linear']} mm)")
    return Cleaned(before, after, report, errors_mm)


def _lift(folder: Path, out: Path, device: str) -> tuple[mpm.Recording, dict[str, Any]]:
    """Lift the keypoints and measure the joints, hip on hip, after one rotation of the whole take: a camera does not know the world's."""
    from scipy.spatial.transform import Rotation

    from mpm_core.lift import lift
    from mpm_core.world_fit.options import LiftOptions

    began = time.perf_counter()
    camera = json.loads((folder / f"{NAME}_camera.json").read_text(encoding="utf-8"))
    width, height = camera["image_wh"]
    with progress_bar() as progress:
        rec = mpm.read(folder / f"{NAME}_openpose")
        lifted = lift(rec, LiftOptions(camera["rate_hz"], (width, height), HEIGHT_M), device=device, progress=progress)
    mpm.write(lifted, out)
    truth = mpm.read(folder / f"{NAME}_truth.npz")
    truth_FJ3 = truth.xyz_FPD[:: round(truth.rate_hz / lifted.rate_hz)]
    lifted_FJ3 = lifted.xyz_FPD[:, [lifted.index(name) for name in truth.points]]
    found_J3, true_J3 = (xyz[:, 1:].astype(np.float64) - xyz[:, :1] for xyz in (lifted_FJ3, truth_FJ3))
    seen_FJ = np.isfinite(found_J3).all(axis=2)
    turn, _ = Rotation.align_vectors(true_J3[seen_FJ], found_J3[seen_FJ])
    error_mm = 1000 * float(np.linalg.norm(turn.apply(found_J3[seen_FJ]) - true_J3[seen_FJ], axis=1).mean())
    facts = {
        "frames": lifted.frames,
        "joints": len(lifted.points),
        "rate_hz": lifted.rate_hz,
        "mpjpe_mm": round(error_mm, 1),
        "seconds": round(time.perf_counter() - began, 1),
    }
    say(f"{out.name}: {lifted.frames} frames lifted, mean joint error {facts['mpjpe_mm']} mm")
    return lifted, facts


def _picture(cleaned: dict[str, Cleaned], lifted: mpm.Recording, path: Path) -> None:
    from mpm_studio.render.panel import PanelSource
    from mpm_studio.render.picture import render_picture

    panels: list[PanelSource] = []
    for name, each in cleaned.items():
        frame = _widest_frame(each.before)
        number = frame + each.before.source.first_frame
        panels.append((each.before, None, frame, f"{name.upper()}, frame {number}: before"))
        panels.append((each.after, each.before, frame, f"{name.upper()}, frame {number}: after"))
    panels.append((lifted, None, lifted.frames // 2, f"Lifted from 2D, frame {lifted.frames // 2 + lifted.source.first_frame}"))
    render_picture(panels, path, PICTURE_WH)


def _widest_frame(rec: mpm.Recording) -> int:
    """The middle of the frames in which most points are missing or marked."""
    unknown_F = (~rec.visible_FP).sum(axis=1)
    return int(np.median(np.flatnonzero(unknown_F == unknown_F.max())))


def _mean_error_mm(xyz_FPD: Float32, truth_FPD: Float32, where_FP: Mask) -> float:
    return 1000 * float(np.linalg.norm(xyz_FPD[where_FP].astype(np.float64) - truth_FPD[where_FP], axis=1).mean())


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FormatError(f"cannot make this folder: {error.strerror}", where=str(folder), hint="choose another with --out") from error
