"""What a report holds: frozen dataclasses whose fields are the JSON's keys. Frames are those the file counts, both ends included."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from mpm_core.check.proof import ExportProof, MeasuredSamples
from mpm_core.check.to_json import INLINE, to_json
from mpm_core.recording import MergedRun


@dataclass(frozen=True, slots=True)
class SourceFile:
    """The file that was repaired; sha256: None where it is not there any more."""

    path: str
    sha256: str | None
    format: str
    points: int
    frames: int
    first_frame: int
    rate_hz: float


@dataclass(frozen=True, slots=True)
class FrameRange:
    """Frames of one point, both ends included.

    >>> str(FrameRange("LFHD", 3, 3)), str(FrameRange("LFHD", 3, 5))
    ('LFHD 3', 'LFHD 3-5')
    """

    point: str
    first_frame: int
    last_frame: int

    def __str__(self) -> str:
        return f"{self.point} {self.first_frame}" + (f"-{self.last_frame}" if self.last_frame > self.first_frame else "")


@dataclass(frozen=True, slots=True)
class GapRange:
    """A gap; marked: all its samples were marked as wrong."""

    frames: FrameRange = field(metadata=INLINE)
    marked: bool


@dataclass(frozen=True, slots=True)
class LeftGap:
    """A gap that was to be filled and was not, and why."""

    frames: FrameRange = field(metadata=INLINE)
    why: str


@dataclass(frozen=True, slots=True)
class Gaps:
    count: int
    samples: int
    list: tuple[GapRange, ...]


@dataclass(frozen=True, slots=True)
class Sigma:
    """Mean and maximum of some samples' sigma, None where none has one. In JSON the unit ('mm', or 'px' in 2D) ends the keys."""

    unit: str
    mean: float | None
    max: float | None

    def json(self) -> dict[str, float | None]:
        return {f"sigma_mean_{self.unit}": self.mean, f"sigma_max_{self.unit}": self.max}


@dataclass(frozen=True, slots=True)
class FilledBy:
    samples: int
    sigma: Sigma = field(metadata=INLINE)


@dataclass(frozen=True, slots=True)
class Filled:
    """by: 'classical', 'model' or 'hand' -> what was filled so; None where a file does not tell."""

    samples: int
    by: Mapping[str, FilledBy] | None


@dataclass(frozen=True, slots=True)
class PointCounts:
    """One point's samples: missing or marked before, filled by each way, and missing or marked after."""

    name: str
    missing_before: int
    filled: Mapping[str, int] = field(metadata=INLINE)
    missing_after: int
    sigma: Sigma = field(metadata=INLINE)


@dataclass(frozen=True, slots=True)
class FilteredSamples:
    """Measured samples that were filtered as asked. changed: those whose value before the filter is not the source's any more, to the bit.

    moved_mean, moved_max: by how far the filter moved them, None where not known. In JSON the unit ("mm", or "px" in 2D) ends the keys.
    """

    samples: int
    changed: int
    unit: str
    moved_mean: float | None
    moved_max: float | None
    list: tuple[FrameRange, ...]

    def json(self) -> dict[str, Any]:
        moved = {f"moved_mean_{self.unit}": self.moved_mean, f"moved_max_{self.unit}": self.moved_max}
        return {"samples": self.samples, "changed": self.changed, **moved, "list": to_json(self.list)}


@dataclass(frozen=True, slots=True)
class PartOfFile:
    """What of the source's file the take holds, where it was trimmed, resampled, renamed or merged.

    Frame i of the take is at frame `start + step * i` of the file, both counted from 0; where that is not a whole number, nothing was
    measured. points: for each point its names in the file; None: as in the file. merged: frames start..stop-1 of the file in which a
    merged point has the sample of another of its names than the first.
    """

    start: float
    step: float
    points: Mapping[str, tuple[str, ...]] | None
    merged: tuple[MergedRun, ...]


@dataclass(frozen=True, slots=True)
class Measured:
    """Measured samples before and after in memory, and in the file that was exported."""

    samples: MeasuredSamples = field(metadata=INLINE)
    exported: ExportProof | None


@dataclass(frozen=True, slots=True)
class Report:
    """An account of one repair: see `make_report`."""

    file: SourceFile
    method: str
    settings: Mapping[str, Any] | None
    gaps_before: Gaps
    gaps_after: Gaps
    filled: Filled
    points: tuple[PointCounts, ...]
    measured: Measured
    filtered: FilteredSamples
    part: PartOfFile | None
    hand: tuple[FrameRange, ...]
    remaining: tuple[LeftGap, ...]
    model: Mapping[str, Any] | None
    notes: tuple[str, ...]
    log: tuple[str, ...]
    versions: Mapping[str, str]
    seconds: float | None
