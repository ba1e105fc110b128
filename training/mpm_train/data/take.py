"""The take that each reader of data sets returns. F frames, J = 17 joints in the order of body17."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from mpm_core.typing import Float32, Mask
from mpm_train.data.corpus import Lens, Turn

RATE_IN_FILE = "the file"


@dataclass(frozen=True, slots=True)
class Detections:
    """One camera's detections of a take. xy_FJ2: pixels, y down. turn_33, place_3 and lens: as in corpus.View."""

    camera: str
    detector: str
    image_wh: tuple[int, int]
    xy_FJ2: Float32
    turn_33: Turn | None = None
    place_3: tuple[float, float, float] | None = None
    lens: Lens | None = None


@dataclass(frozen=True, slots=True)
class Markers:
    """Labelled markers of a take. xyz_FM3: metres, Z up, NaN where one was not seen. names: of the M markers, without a person's prefix."""

    names: tuple[str, ...]
    xyz_FM3: Float32


@dataclass(frozen=True, slots=True)
class Take:
    """One take. xyz_FJ3: metres, Z up, NaN = missing.

    rate_by: who says its frame rate: "the file", a rule, or the data set that it is known to belong to.

    name: unique within its file. dataset: the name of a known data set (datasets.py), or empty. whole: nothing may be cut out of it,
    because a published protocol scores every frame. scored_F: the frames that the protocol counts, None = all.
    """

    path: Path
    name: str
    subject: str
    rate_hz: float
    xyz_FJ3: Float32
    dataset: str = ""
    action: str = ""
    whole: bool = False
    detections: tuple[Detections, ...] = ()
    scored_F: Mask | None = None
    notes: tuple[str, ...] = field(default=())
    markers: Markers | None = None
    rate_by: str = RATE_IN_FILE

    @property
    def key(self) -> str:
        return key_of(self.path, self.name)


def known_set(dataset: str) -> str:
    """Who says a frame rate that is known of a data set, not of a file (Take.rate_by)."""
    return f"known data set {dataset}"


def key_of(path: Path, name: str) -> str:
    """What a take is called in the journal and the report."""
    return str(path) if name == path.stem else f"{path}#{name}"
