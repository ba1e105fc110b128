"""Recording: the one data type. F frames, P points, D = 3 (metres, Z up, right-handed) or 2 (pixels, y down)."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from mpm_core.errors import DataError
from mpm_core.lift_camera import LiftCamera
from mpm_core.rig import Rig
from mpm_core.samples import SAMPLE_FIELDS, Origin, Samples
from mpm_core.seen_person import SeenPerson
from mpm_core.skeleton import Skeleton
from mpm_core.spans import Span, check_spans
from mpm_core.subjects import Subject, check_subjects
from mpm_core.typing import Float, Float32, Floating, Mask, UInt8

__all__ = ["Origin", "Recording", "Samples", "Source", "make_recording"]

NEAR = 1e-6  # of a position in time, at least of a frame: nearer to a frame, the position is that frame
NEAR_MOST = 1e-3  # frames, however long the take is


@dataclass(frozen=True, slots=True)
class MergedRun:
    """Frames start..stop-1 of a file (0-based) in which a merged point has the sample of this one of its names in the file."""

    name: str
    start: int
    stop: int


@dataclass(frozen=True, slots=True)
class FilePart:
    """Which frames and points of its file a recording holds; as it is made, all of them.

    Frame i of the recording is at the file's frame `start + step * i` (0-based); between two of the file's frames nothing was measured.
    names: for each point the names that it has in the file, more than one for points that were merged; none: as in the recording.
    merged: where a merged point has the sample of another of its names; everywhere else it has that of the first.
    """

    start: float = 0.0
    step: float = 1.0
    names: tuple[tuple[str, ...], ...] = ()
    merged: tuple[MergedRun, ...] = ()

    def __post_init__(self) -> None:
        if not (np.isfinite(self.start) and np.isfinite(self.step) and self.step > 0):
            raise DataError(f"a recording cannot hold every {self.step:g}th frame of its file from {self.start:g} on")
        if not all(self.names):
            raise DataError("a point of a recording has no name in its file")

    def between_F(self, frames: int) -> Mask:
        """(F,) which frames of a recording of this length lie between two frames of the file, as those of a resampled take do."""
        position_F = self.start + self.step * np.arange(frames)
        return np.asarray(np.abs(position_F - np.rint(position_F)) > frame_tolerance(position_F))


def frame_tolerance(position_F: Floating) -> Float:
    """(F,) how near to a frame a position in time, counted in frames, is that frame."""
    return np.clip(NEAR * np.abs(position_F), NEAR, NEAR_MOST)


@dataclass(frozen=True, slots=True)
class Source:
    """The file a recording came from, and what must survive a round trip.

    unit, up: of the file's numbers ("mm", "y"; "px", "-y" for 2D). image_wh: width and height of the picture in pixels, None = unknown.
    file_to_world_33: metres, Z up = `file_to_world_33 @ (file units)`; scale and axes in one matrix (identity for 2D).
    first_frame: the number users see for frame 0 of the arrays. payload: the file's bytes, where its writer patches a copy.
    notes: what was decided by evidence (unit, up axis, zeros as missing), for the user to read. part: which of the file's frames and
    points the recording holds. camera: of a lifted take. up_known: False where `up` is a guess by heights or by what is usual: neither
    the file nor the user gives it, and no head is above its feet. people: whom a keypoint file shows, those seen most first, at most nine
    where the file does not name them; () for other files. computed: names, as the file has them, of points that a model computed from
    markers (body/computed_points.py).
    """

    path: str = ""
    format: str = ""
    unit: str = "m"
    up: str = "z"
    file_to_world_33: Float = field(default_factory=lambda: np.eye(3))
    first_frame: int = 1
    payload: bytes = b""
    image_wh: tuple[int, int] | None = None
    notes: tuple[str, ...] = ()
    part: FilePart = field(default_factory=FilePart)
    camera: LiftCamera | None = None
    up_known: bool = True
    people: tuple[SeenPerson, ...] = ()
    computed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Recording:
    """One take. Arrays are read-only; a change is a Patch (edit/patch.py) that makes a new Recording.

    points: P unique names. rate_hz: frames a second. xyz_FPD: metres, Z up, right-handed (D = 2: pixels, y down), NaN = missing (all D
    together). origin_FP: Origin values; MISSING exactly where xyz is NaN. sigma_FP: standard deviation of each coordinate of filled
    samples, in metres (pixels for D = 2), NaN where measured or unknown.
    confidence_FP: 0..1 from a 2D detector, NaN where missing. unfiltered_FPD: the measured positions of FILTERED samples, NaN elsewhere. A
    missing sample has the value that stands for missing in each of these arrays (SAMPLE_FIELDS in samples.py). rig: the hierarchy and
    channels of a BVH or a glTF. spans: named frames; subjects: which points are whose.
    Raises DataError when shapes, rates or names contradict each other.

    >>> rec = make_recording(("head", "hip"), 100.0, [[[0, 0, 1.7], [0, 0, 0.9]], [[np.nan, 0, 1.7], [0, 0, 0.9]]])
    >>> rec.frames, rec.visible_FP.tolist()
    (2, [[True, True], [False, True]])
    """

    points: tuple[str, ...]
    rate_hz: float
    xyz_FPD: Float32
    origin_FP: UInt8
    sigma_FP: Float32
    confidence_FP: Float32 | None = None
    skeleton: Skeleton | None = None
    rig: Rig | None = None
    source: Source = field(default_factory=Source)
    log: tuple[str, ...] = ()
    spans: tuple[Span, ...] = ()
    subjects: tuple[Subject, ...] = ()
    unfiltered_FPD: Float32 | None = None

    def __post_init__(self) -> None:
        _check(self)
        _clear_missing(self)
        for array in self.samples.arrays.values():
            array.setflags(write=False)

    @property
    def frames(self) -> int:
        return int(self.xyz_FPD.shape[0])

    @property
    def dims(self) -> int:
        return int(self.xyz_FPD.shape[2])

    @property
    def seconds(self) -> float:
        return self.frames / self.rate_hz

    @property
    def visible_FP(self) -> Mask:
        """True where there is a sample that may be trusted: neither missing nor marked."""
        return np.asarray((self.origin_FP != Origin.MISSING) & (self.origin_FP != Origin.MARKED))

    @property
    def measured_FP(self) -> Mask:
        """True where the value is the file's own, marked or not."""
        return np.asarray((self.origin_FP == Origin.MEASURED) | (self.origin_FP == Origin.MARKED))

    @property
    def samples(self) -> Samples:
        """(F, P) every per-sample array as one value."""
        arrays = {name: getattr(self, each.attribute) for name, each in SAMPLE_FIELDS.items()}
        return Samples({name: array for name, array in arrays.items() if array is not None})

    def with_samples(self, samples: Samples, **changes: Any) -> Recording:
        """The same recording with other samples, (F, P), and other fields as `dataclasses.replace` takes them."""
        arrays: dict[str, Any] = {each.attribute: samples.arrays.get(name) for name, each in SAMPLE_FIELDS.items()}
        return replace(self, **arrays, **changes)

    def index(self, name: str) -> int:
        """Row of a point by its exact name. Raises DataError naming the closest ones."""
        try:
            return self.points.index(name)
        except ValueError:
            from difflib import get_close_matches

            near = ", ".join(get_close_matches(name, self.points, 3)) or ", ".join(self.points[:5])
            raise DataError(f"there is no point called {name!r}", where=self.source.path, hint=f"did you mean {near}?") from None

    def logged(self, line: str) -> Recording:
        return replace(self, log=(*self.log, line))


def make_recording(points: tuple[str, ...], rate_hz: float, xyz_FPD: ArrayLike, **rest: Any) -> Recording:
    """A Recording of measured samples. xyz_FPD: (F, P, 3) in metres, Z up, or (F, P, 2) in pixels, y down, copied as float32; a sample
    with any NaN coordinate is missing. rest: other fields of Recording.

    Raises DataError as Recording does.

    >>> make_recording(("head",), 100.0, np.zeros((3, 1, 3))).seconds
    0.03
    """
    xyz_FPD = np.array(xyz_FPD, dtype=np.float32)
    if xyz_FPD.ndim != 3:
        raise DataError(f"positions must be (frames, points, 2 or 3), not {xyz_FPD.shape}")
    missing_FP = ~np.isfinite(xyz_FPD).all(axis=2)
    xyz_FPD[missing_FP] = np.nan
    origin_FP = np.where(missing_FP, np.uint8(Origin.MISSING), np.uint8(Origin.MEASURED))
    sigma_FP = np.full(missing_FP.shape, np.nan, np.float32)
    return Recording(tuple(points), float(rate_hz), xyz_FPD, origin_FP, sigma_FP, **rest)


def _check(rec: Recording) -> None:
    """Raises DataError when shapes, types, names, rate or origins contradict each other."""
    where = rec.source.path
    if rec.xyz_FPD.ndim != 3 or rec.xyz_FPD.shape[2] not in (2, 3):
        raise DataError(f"positions must be (frames, points, 2 or 3), not {rec.xyz_FPD.shape}", where=where)
    F, P, _ = rec.xyz_FPD.shape
    if len(rec.points) != P:
        raise DataError(f"{len(rec.points)} point names for {P} columns of positions", where=where)
    for name in (*rec.points, *(span.name for span in rec.spans), *(subject.name for subject in rec.subjects)):
        if not _is_text(name):
            raise DataError(f"the name {name!r} holds half a character", where=where, hint="correct it in the file, or export it again")
    if len(set(rec.points)) != P:
        twice = sorted({name for name in rec.points if rec.points.count(name) > 1})
        raise DataError(f"point names must be unique; twice: {', '.join(twice[:5])}", where=where)
    if not (np.isfinite(rec.rate_hz) and rec.rate_hz > 0):
        raise DataError(f"the frame rate is {rec.rate_hz}", where=where, hint="give one above 0")
    for name, each in SAMPLE_FIELDS.items():
        array, shape = getattr(rec, each.attribute), rec.xyz_FPD.shape if each.per_axis else (F, P)
        if (array is None and not each.optional) or (array is not None and (array.shape != shape or array.dtype != each.dtype)):
            found = None if array is None else f"{array.shape} {array.dtype}"
            raise DataError(f"{name} must be {shape} {np.dtype(each.dtype).name}, not {found}", where=where)
    finite_FP = np.isfinite(rec.xyz_FPD[..., 0])
    for axis in range(1, rec.dims):  # much faster than .all() over so short an axis
        finite_FP &= np.isfinite(rec.xyz_FPD[..., axis])
    if rec.origin_FP.size and rec.origin_FP.max() > max(Origin):
        raise DataError(f"there is no origin {rec.origin_FP.max()}", where=where)
    if not np.array_equal(finite_FP, rec.origin_FP != Origin.MISSING):
        raise DataError("a sample must be NaN exactly where its origin is MISSING", where=where)
    check_spans(rec.spans, F, rec.points, where)
    check_subjects(rec.subjects, rec.points, where)


def _is_text(name: str) -> bool:
    """Whether a name can be written: it holds no half of a surrogate pair, which JSON can."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def _clear_missing(rec: Recording) -> None:
    """What a missing sample has besides its position, or no filtered one has unfiltered, becomes the value that stands for missing."""
    for name, array in rec.samples.arrays.items():
        each = SAMPLE_FIELDS[name]
        if name in ("xyz", "origin"):
            continue
        missing_FP = rec.origin_FP != Origin.FILTERED if name == "unfiltered" else rec.origin_FP == Origin.MISSING
        if (~np.isnan(array) & (missing_FP[..., None] if each.per_axis else missing_FP)).any():
            array = array.copy()
            array[missing_FP] = each.missing
            object.__setattr__(rec, each.attribute, array)
