"""Proof that a repair left what was measured alone: in memory, and in the file that was written, read again.

F frames, P points, N samples, D dimensions.

What must be kept is what the format can hold (`io.registry.Format`): every bit, float32 millimetres, or rotations. In a file of rotations a
measured joint below a filled one keeps its place through rotations that are solved anew, to within MOVED_MM. A file that is a copy of its
source must also keep its source's own numbers (`io/c3d/proof.py`, `io/bvh/proof.py`, `io/gltf/proof.py`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from mpm_core.check.to_json import INLINE
from mpm_core.edit.mark import mark
from mpm_core.errors import DataError
from mpm_core.io.registry import CopyProof, Format, compare_copy, is_copy, open_options, read, writer_for
from mpm_core.recording import Origin, Recording
from mpm_core.samples import bits_differ
from mpm_core.typing import Float, Float32

MOVED_MM = 0.01  # a hundredth of a capture system's own noise


@dataclass(frozen=True, slots=True)
class MeasuredSamples:
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
    text: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """A file's measured samples against the take's. holds: it kept what its format can hold. copy: of a copy, what else it kept."""

    compared: bool = field(default=True, init=False)
    exact: bool
    precision: str
    holds: bool
    moved_max_mm: float
    samples: MeasuredSamples = field(metadata=INLINE)
    copy: CopyProof | None = field(default=None, metadata=INLINE)


@dataclass(frozen=True, slots=True)
class NotCompared:
    """A file of other points or frames than the take."""

    compared: bool = field(default=False, init=False)
    why_not: str
    holds: None = None


@dataclass(frozen=True, slots=True)
class ExportProof:
    """What was found in an exported file. holds: True, False, or None where it was not compared."""

    path: str
    format: str
    sha256_file: str
    found: Comparison | NotCompared = field(metadata=INLINE)

    @property
    def compared(self) -> bool:
        return self.found.compared

    @property
    def holds(self) -> bool | None:
        return self.found.holds

    @property
    def changed(self) -> int:
        """Measured samples that differ in any bit; 0 where nothing was compared."""
        return 0 if isinstance(self.found, NotCompared) else self.found.samples.changed


def precision(before: Recording, fmt: Format, *, copy: bool) -> Precision:
    """What a format keeps of the recording's measured samples. copy: the file is a patched copy of the source."""
    stored = fmt.copy.positions if copy and fmt.copy is not None else fmt.positions
    if stored == "exact":
        return Precision(True, 0.0, "every bit")
    if stored == "rotations":
        return Precision(False, MOVED_MM, f"rotations or transforms, to {MOVED_MM:g} mm")
    largest_mm = np.float32(1000 * np.abs(before.xyz_FPD[before.visible_FP]).max(initial=0.0))
    most = 2 * float(np.spacing(largest_mm))  # rounded once into millimetres, once back into metres
    return Precision(False, most, f"float32 millimetres, here to {most:.2g} mm")


def compare_measured(before: Recording, after: Recording) -> MeasuredSamples:
    """Compare every sample that is MEASURED in `before` (those marked were to be replaced, and are left out) with the same one in `after`.

    Bits are compared, so -0.0 is not 0.0. Raises DataError when points or frames differ.
    """
    if before.points != after.points or before.xyz_FPD.shape != after.xyz_FPD.shape:
        other = next((f"{one!r} is {two!r} there" for one, two in zip(before.points, after.points, strict=False) if one != two), "")
        raise DataError(
            f"a take of {before.frames} frames and {len(before.points)} points cannot be compared with one of "
            f"{after.frames} and {len(after.points)}" + (f": {other}" if other else ""),
            where=after.source.path,
            hint="this format may not hold these names; export to another",
        )
    measured_FP = before.origin_FP == Origin.MEASURED
    before_ND, after_ND = before.xyz_FPD[measured_FP], after.xyz_FPD[measured_FP]
    changed_N = bits_differ(before_ND, after_ND) | (after.origin_FP[measured_FP] == Origin.MISSING)
    return MeasuredSamples(int(measured_FP.sum()), int(changed_N.sum()), _sha256(before_ND), _sha256(after_ND))


def unfiltered_alone(before: Recording, after: Recording) -> Recording:
    """`before` with the samples marked that are filtered in `after`, so that a comparison leaves them out."""
    where_FP = (before.origin_FP == Origin.MEASURED) & (after.origin_FP == Origin.FILTERED)
    return mark(before, where_FP, followers=False).apply(before)[0] if where_FP.any() else before


def check_export(before: Recording, after: Recording, path: Path, reading: Mapping[str, Any] | None = None) -> ExportProof:
    """Read an exported file of `after` again and compare its measured samples with those of `before`, the recording handed to the fill.

    Samples that are filtered in `after` are left out (`check.filtered` accounts for them).
    reading: what was overruled when the source was read, and so when its copy is read again. Raises FormatError when the file cannot be
    read, DataError when a file that must hold the take's points and frames holds others.
    """
    before = unfiltered_alone(before, after)
    fmt = writer_for(path)
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    copy = is_copy(fmt, after)
    kept = precision(before, fmt, copy=copy)
    again = read(path, **(read_alike(after, fmt, reading) if copy else {}))
    if again.points != before.points or again.xyz_FPD.shape != before.xyz_FPD.shape:
        if copy or kept.exact:
            compare_measured(before, again)  # which raises, saying how they differ
        why_not = NotCompared(f"{fmt.title} holds other points or frames than the source")
        return ExportProof(path.name, fmt.name, sha256, why_not)
    filled_F = np.asarray((after.origin_FP > Origin.MARKED).any(axis=1))
    copied = compare_copy(fmt, after, before, again, filled_F) if copy else None
    return ExportProof(path.name, fmt.name, sha256, compare(before, again, kept, copied))


def read_alike(rec: Recording, fmt: Format, reading: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Options that read a copy of a recording's source as the source itself was read: with the same unit and up axis, not inferred anew.

    reading: what was overruled when the source was read.
    """
    decided = {"unit": rec.source.unit, "up": rec.source.up}
    given = {name: rec.rate_hz if name == "fps" else value for name, value in (reading or {}).items() if value is not None}
    return {name: value for name, value in decided.items() if name in open_options(fmt)} | given


def compare(before: Recording, again: Recording, kept: Precision, copy: CopyProof | None = None) -> Comparison:
    """Whether `again`, of the same points and frames, keeps the samples that are MEASURED in `before` as far as its format can.

    copy: what was found of a file that is a copy of its source; `holds` needs that to hold as well.
    """
    samples, most = compare_measured(before, again), moved_most(before, again)
    holds = (samples.changed == 0 if kept.exact else most <= kept.most) and (copy is None or copy.holds)
    return Comparison(kept.exact, kept.text, holds, round(most, 6), samples, copy)


def moved_most(before: Recording, again: Recording) -> float:
    """The furthest that a measured sample lies from where it was, in mm (in 2D pixels); infinite when one is missing."""
    moved_N = moved(before, again)[before.origin_FP == Origin.MEASURED]
    return float(np.where(np.isfinite(moved_N), moved_N, np.inf).max(initial=0.0))


def moved(before: Recording, again: Recording) -> Float:
    """(F, P) how far each sample lies from where it was, in mm (in 2D pixels); NaN where it is missing in one of the two."""
    difference_FPD = again.xyz_FPD.astype(np.float64) - before.xyz_FPD
    distance_FP: Float = np.linalg.norm(difference_FPD, axis=2)
    return (1000.0 if before.dims == 3 else 1.0) * distance_FP


def _sha256(values: Float32) -> str:
    return hashlib.sha256(np.ascontiguousarray(values, dtype="<f4").tobytes()).hexdigest()
