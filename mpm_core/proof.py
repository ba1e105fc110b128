"""Proof that a repair left what was measured alone: in memory, and in the file that was written, read again.

F frames, P points, C channels, N samples, D dimensions.

A format that holds positions as they are (a C3D of a C3D, NPZ, project) must keep every bit. A BVH holds rotations: a measured joint
that hangs on a filled one keeps its place through rotations that are solved anew, to within MOVED_MM, and frames without a fill keep
every number.
"""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mpm_core.errors import DataError
from mpm_core.io import c3d_proof
from mpm_core.io.registry import read, writer_for
from mpm_core.recording import Origin, Recording

MOVED_MM = 0.01  # a hundredth of a capture system's own noise


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
    """Read an exported file of `after` again and compare its measured samples with those of `before`, the recording handed to the fill.

    JSON-able. `compared` is False, with `why_not`, for a file of other points or frames. `exact`: the format must
    keep every bit. `holds`: it kept what it must. A BVH also counts `channels` and those changed in frames without a fill, a C3D of a C3D
    its words (see io/c3d_proof.py). Raises FormatError when the file cannot be read.
    """
    fmt = writer_for(path)
    facts: dict[str, Any] = {"path": path.name, "format": fmt.name, "sha256_file": hashlib.sha256(path.read_bytes()).hexdigest()}
    again = read(path)
    own = fmt.name == before.source.format
    exact = fmt.name in ("npz", "project", "csv", "json", "trc") or (own and fmt.name != "bvh")
    if not (own or exact) and (again.points != before.points or again.frames != before.frames):
        return {**facts, "compared": False, "holds": None, "why_not": f"{fmt.title} holds other points or frames than the source"}
    check = compare_measured(before, again)
    moved_mm = _moved_mm(before, again)
    holds = check.changed == 0 if exact else moved_mm <= MOVED_MM or not (own or fmt.name == "gltf")
    if own and fmt.name == "c3d":
        words = c3d_proof.proof(after, path)
        facts["words"] = asdict(words)
        holds = holds and words.holds
    if own and fmt.name == "bvh":
        facts |= _channel_facts(before, after, again)
        holds = holds and facts["channels_changed_elsewhere"] == 0
    return {**facts, "compared": True, "exact": exact, "holds": holds, "moved_max_mm": round(moved_mm, 6), **asdict(check)}


def _moved_mm(before: Recording, again: Recording) -> float:
    """The furthest that a measured sample stands from where it was (pixels count as they are); infinite when one is gone."""
    where_FP = before.origin_FP == Origin.MEASURED
    if not where_FP.any():
        return 0.0
    away_ND = again.xyz_FPD[where_FP].astype(np.float64) - before.xyz_FPD[where_FP]
    distance = float(np.linalg.norm(away_ND, axis=1).max())
    return (1000.0 if before.dims == 3 else 1.0) * distance if np.isfinite(distance) else float("inf")


def _channel_facts(before: Recording, after: Recording, again: Recording) -> dict[str, int]:
    """How many of a BVH's numbers there are, how many changed, and how many of these in frames where nothing was filled."""
    if before.rig is None or again.rig is None or before.rig.values_FC.shape != again.rig.values_FC.shape:
        raise DataError("the file written has other channels than the source", where=again.source.path)
    changed_FC = before.rig.values_FC != again.rig.values_FC
    filled_F = (after.origin_FP > Origin.MARKED).any(axis=1)
    return {
        "channels": changed_FC.size,
        "channels_changed": int(changed_FC.sum()),
        "channels_changed_elsewhere": int(changed_FC[~filled_F].sum()),
    }


def _digest(values: NDArray[np.float32]) -> str:
    return hashlib.sha256(np.ascontiguousarray(values, dtype="<f4").tobytes()).hexdigest()
