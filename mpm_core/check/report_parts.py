"""What a report holds: frozen dataclasses whose fields are the JSON's keys. Frames are those the file counts, both ends included."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from mpm_core.check.proof import ExportProof, MeasuredSamples
from mpm_core.check.to_json import INLINE


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
    """Frames of one point, both ends included."""

    point: str
    first_frame: int
    last_frame: int

    def __str__(self) -> str:
        return f"{self.point} {self.first_frame}-{self.last_frame}"


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
    hand: tuple[FrameRange, ...]
    remaining: tuple[LeftGap, ...]
    model: Mapping[str, Any] | None
    notes: tuple[str, ...]
    log: tuple[str, ...]
    versions: Mapping[str, str]
    seconds: float | None
