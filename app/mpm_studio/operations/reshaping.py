"""Takes renamed, merged, trimmed and resampled, as commands and recipes ask for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from mpm_core.body.parts import parse_frames
from mpm_core.edit.names import Conflicts, merge, rename
from mpm_core.edit.patch import Replace
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


def reshaped(rec: Recording, shape: Shape | Mapping[str, Any]) -> Recording:
    """The take in another shape; its log says what was done. Raises DataError."""
    asked = shape if isinstance(shape, Shape) else Shape(**shape)
    if asked.rename:
        rec = _done(rec, rename(rec, asked.rename))
    for first, second in asked.merge:
        rec = _done(rec, merge(rec, rec.index(first), rec.index(second), asked.conflicts))
    if asked.frames is not None:
        rec = _done(rec, trim(rec, *parse_frames(rec, asked.frames)))
    if asked.rate_hz is not None and asked.rate_hz != rec.rate_hz:
        rec = _done(rec, resample(rec, asked.rate_hz, only_measured=asked.only_measured))
    return rec


def _done(rec: Recording, edit: Replace) -> Recording:
    return edit.apply(rec)[0]
