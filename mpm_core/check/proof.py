"""Proof that a repair left what was measured alone: in memory, and in the file that was written, read again.

F frames, P points, C channels, N samples, D dimensions.

A format that holds positions as they are (a C3D of a C3D, NPZ, CSV, project) must keep every bit. A C3D made from another format holds
float32 millimetres and may round. A BVH holds rotations: a measured joint that hangs on a filled one keeps its place through rotations
that are solved anew, to within MOVED_MM, and frames without a fill keep every number.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from mpm_core.errors import DataError
from mpm_core.io.c3d import proof as c3d_proof
from mpm_core.io.registry import read, writer_for
from mpm_core.recording import Origin, Recording
from mpm_core.typing import Float, Float32, Mask

MOVED_MM = 0.01  # a hundredth of a capture system's own noise
EXACT = ("npz", "project", "csv", "json", "trc")


@dataclass(frozen=True, slots=True)
class Check:
    """How many measured samples were compared bit by bit, how many differ, and the SHA-256 of their float32 values on both sides."""

    measured: int
    changed: int
    sha256_before: str
    sha256_after: str


@dataclass(frozen=True, slots=True)
class Precision:
    """What a format can hold of a take's positions. exact: every bit; else by how much (mm; pixels in 2D) a sample may be rounded."""

    exact: bool
    most: float
    says: str


def precision(before: Recording, name: str, own: bool) -> Precision:
    """What the format of that name keeps of the recording's measured samples. own: the file is a patched copy of the source."""
    if name in EXACT or (own and name == "c3d"):
        return Precision(True, 0.0, "every bit")
    if name == "c3d":
        seen_ND = before.xyz_FPD[before.visible_FP]
        largest_mm = np.float32(1000 * np.abs(seen_ND).max(initial=0.0))
        most = 2 * float(np.spacing(largest_mm))  # rounded once into millimetres, once back into metres
        return Precision(False, most, f"float32 millimetres, here to {most:.2g} mm")
    return Precision(False, MOVED_MM, f"rotations or transforms, to {MOVED_MM:g} mm")


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


def check_export(before: Recording, after: Recording, path: Path, reading: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Read an exported file of `after` again and compare its measured samples with those of `before`, the recording handed to the fill.

    JSON-able. `compared` is False, with `why_not`, for a file of other points or frames. `exact`: the format must
    keep every bit. `holds`: it kept what it must. A BVH also counts `channels` and those changed in frames without a fill, a C3D of a C3D
    its words (see io/c3d_proof.py). reading: what was overruled when the source was read, and so when its copy is read again.
    Raises FormatError when the file cannot be read.
    """
    fmt = writer_for(path)
    facts: dict[str, Any] = {"path": path.name, "format": fmt.name, "sha256_file": hashlib.sha256(path.read_bytes()).hexdigest()}
    own = fmt.name == before.source.format and (fmt.name == "bvh" or (fmt.name == "c3d" and c3d_proof.provable(after)))
    kept = precision(before, fmt.name, own)
    again = read(path, **(reading or {} if own else {}))
    if again.points != before.points or again.xyz_FPD.shape != before.xyz_FPD.shape:
        if own or kept.exact:
            compare_measured(before, again)  # which says how they differ
        return {**facts, "compared": False, "holds": None, "why_not": f"{fmt.title} holds other points or frames than the source"}
    facts |= {"compared": True, **judge(before, again, kept)}
    if own:
        more, holds = judge_copy(after, before, again, path, np.asarray((after.origin_FP > Origin.MARKED).any(axis=1)))
        facts |= {**more, "holds": facts["holds"] and holds}
    return facts


def judge(before: Recording, again: Recording, kept: Precision) -> dict[str, Any]:
    """Whether `again`, of the same points and frames, keeps the samples that are MEASURED in `before` as far as its format can."""
    check, most = compare_measured(before, again), moved_most(before, again)
    holds = check.changed == 0 if kept.exact else most <= kept.most
    return {"exact": kept.exact, "precision": kept.says, "holds": holds, "moved_max_mm": round(most, 6), **asdict(check)}


def judge_copy(written: Recording, before: Recording, again: Recording, path: Path, filled_F: Mask) -> tuple[dict[str, Any], bool]:
    """What a file that is a copy of its source with the fills put in must keep beyond positions, and whether it does.

    A C3D: the words of every sample that is measured in `written`. A BVH: every number of the frames where filled_F (F,) is False.
    """
    if before.source.format == "c3d":
        words = c3d_proof.proof(written, path)
        return {"words": asdict(words)}, words.holds
    facts = _channel_facts(before, again, filled_F)
    return facts, facts["channels_changed_elsewhere"] == 0


def moved_most(before: Recording, again: Recording) -> float:
    """The furthest that a measured sample stands from where it was, in mm (in 2D pixels); infinite when one is gone."""
    away_N = moved(before, again)[before.origin_FP == Origin.MEASURED]
    return float(np.where(np.isfinite(away_N), away_N, np.inf).max(initial=0.0))


def moved(before: Recording, again: Recording) -> Float:
    """(F, P) how far each sample stands from where it was, in mm (in 2D pixels); NaN where one of the two has none."""
    away_FPD = again.xyz_FPD.astype(np.float64) - before.xyz_FPD
    distance_FP: Float = np.linalg.norm(away_FPD, axis=2)
    return (1000.0 if before.dims == 3 else 1.0) * distance_FP


def _channel_facts(before: Recording, again: Recording, filled_F: Mask) -> dict[str, int]:
    """How many of a BVH's numbers there are, how many changed, and how many of these in frames where nothing was filled."""
    if before.rig is None or again.rig is None or before.rig.values_FC.shape != again.rig.values_FC.shape:
        raise DataError("the file written has other channels than the source", where=again.source.path)
    changed_FC = before.rig.values_FC != again.rig.values_FC
    return {
        "channels": changed_FC.size,
        "channels_changed": int(changed_FC.sum()),
        "channels_changed_elsewhere": int(changed_FC[~filled_F].sum()),
    }


def _digest(values: Float32) -> str:
    return hashlib.sha256(np.ascontiguousarray(values, dtype="<f4").tobytes()).hexdigest()
