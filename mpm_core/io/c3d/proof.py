"""Proof that an exported C3D holds every measured sample of its source, bit for bit."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import numpy as np

from mpm_core.errors import FormatError
from mpm_core.io.c3d.layout import Layout, find_layout
from mpm_core.io.c3d.patch import find_original, kept_FP
from mpm_core.io.marked_samples import without_marked
from mpm_core.recording import Recording
from mpm_core.typing import Mask


@dataclass(frozen=True, slots=True)
class Proof:
    """measured: samples that stayed; changed: samples whose words differ; sha256_*: over the measured samples' bytes in time order."""

    measured: int
    changed: int
    sha256_source: str
    sha256_export: str

    @property
    def holds(self) -> bool:
        return self.sha256_source == self.sha256_export


def measured_sha256(data: bytes, layout: Layout, kept_FC: Mask) -> str:
    """SHA-256 of the x, y, z and residual bytes of the True samples, as they are in the file."""
    return sha256(np.ascontiguousarray(layout.words_FC4(data)[kept_FC]).tobytes()).hexdigest()


@dataclass(frozen=True, slots=True)
class Words:
    """What an exported copy keeps beyond positions: the words of its measured samples."""

    words: Proof

    @property
    def holds(self) -> bool:
        return self.words.holds


def is_copy(rec: Recording, again: Recording | None = None) -> bool:
    """Whether the recording is exported as a patched copy of its C3D source; with `again`, whether that C3D has the source's form."""
    original = find_original(without_marked(rec))
    if original is None or again is None:
        return original is not None
    return _same_form(find_layout(again.source.payload, again.source.path), original.layout)


def compare_copy(written: Recording, before: Recording, again: Recording, filled_F: Mask) -> Words:
    """The words of every sample that is measured in `written`, in the file that was read as `again`. Raises FormatError as `proof` does."""
    return Words(proof(written, again.source.path))


def _same_form(one: Layout, other: Layout) -> bool:
    return (one.columns, one.frames, one.order, one.real) == (other.columns, other.frames, other.order, other.real)


def proof(rec: Recording, path: str | Path) -> Proof:
    """Compare an exported file with the C3D the recording was opened from.

    Samples marked as wrong count as no measurement: they leave as missing.
    Raises FormatError when the recording did not come from a C3D (or no longer holds its values), or when the file is not its export.
    """
    original = find_original(without_marked(rec))
    if original is None:
        raise FormatError("there is no C3D source to compare with", where=rec.source.path, hint="proof needs a take opened from C3D")
    try:
        export = Path(path).read_bytes()
    except OSError as error:
        raise FormatError(
            f"the file cannot be read: {error.strerror}", where=str(path), hint="check the path and its permissions"
        ) from error
    layout = find_layout(export, str(path))
    source = original.layout
    if not _same_form(layout, source):
        raise FormatError("this file is not an export of the take", where=str(path), hint="give the file that was exported of this take")
    kept_FC = np.zeros((source.frames, source.columns), bool)
    kept_FC[:, original.columns_P] = kept_FP(original)
    changed = int((layout.words_FC4(export) != source.words_FC4(original.data)).any(axis=2).sum())
    shas = measured_sha256(original.data, source, kept_FC), measured_sha256(export, layout, kept_FC)
    return Proof(int(kept_FC.sum()), changed, *shas)
