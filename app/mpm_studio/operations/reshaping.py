"""Takes renamed, merged, trimmed and resampled, as commands and recipes ask for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from mpm_core.body.parts import parse_frames
from mpm_core.edit.document import Document
from mpm_core.edit.names import Conflicts, merge, rename
from mpm_core.edit.request import requested
from mpm_core.edit.resample import resample
from mpm_core.edit.trim import trim
from mpm_core.recording import Recording


@dataclass(frozen=True, slots=True)
class Shape:
    """In this order: rename (old: new), merge (kept, gone), frames 'START-END' as the file counts them, rate_hz.

    conflicts, only_measured: as for `mpm_core.edit.names.merged` and `mpm_core.edit.resample.resampled`.
    """

    rename: Mapping[str, str] = field(default_factory=dict)
    merge: Sequence[Sequence[str]] = ()
    conflicts: Conflicts = "refuse"
    frames: str | None = None
    rate_hz: float | None = None
    only_measured: bool = False


def reshape(document: Document, shape: Shape | Mapping[str, Any]) -> None:
    """Give the take another shape, in a step for each that is asked for. Raises DataError."""
    asked = shape if isinstance(shape, Shape) else Shape(**shape)
    if asked.rename:
        edit = rename(document.recording, asked.rename)
        document.do(requested(edit, "rename", rename=[f"{old}={new}" for old, new in asked.rename.items()]))
    for first, second in asked.merge:
        rec = document.recording
        edit = merge(rec, rec.index(first), rec.index(second), asked.conflicts)
        keep = None if asked.conflicts == "refuse" else asked.conflicts
        document.do(requested(edit, "merge", merge=[f"{first},{second}"], keep=keep))
    if asked.frames is not None:
        start, stop = parse_frames(document.recording, asked.frames)
        first_frame = document.recording.source.first_frame
        document.do(requested(trim(document.recording, start, stop), "trim", frames=[start + first_frame, stop - 1 + first_frame]))
    if asked.rate_hz is not None and asked.rate_hz != document.recording.rate_hz:
        edit = resample(document.recording, asked.rate_hz, only_measured=asked.only_measured)
        document.do(requested(edit, "resample", resample=asked.rate_hz, only_measured=asked.only_measured))


def reshaped(rec: Recording, shape: Shape | Mapping[str, Any]) -> Recording:
    """The take in another shape; its log says what was done. Raises DataError."""
    document = Document(rec)
    reshape(document, shape)
    return document.recording
