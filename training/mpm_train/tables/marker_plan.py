"""Which markers are hidden in which takes: as cameras lose them, one, neighbours together, a segment, a limb or a side of the body.

F frames, P markers, S segments of the body (mpm_core/body/axes.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from zlib import crc32

import numpy as np

import mpm_core as mpm
from mpm_core.body.axes import SEGMENTS
from mpm_core.body.mapping import body_joints, map_body
from mpm_core.body.segments import place_markers
from mpm_core.errors import DataError, MappingError
from mpm_core.fill.neighbours import distance_spread
from mpm_core.recording import Recording, make_recording
from mpm_core.recording import Source as RecordingSource
from mpm_core.typing import Float, Int, Mask
from mpm_train.data.markers import load_markers
from mpm_train.tables.plan import Cell

LENGTHS_S = (0.1, 0.25, 0.5, 1.0, 2.0, 4.0)
RANDOM_S = 3.1  # 370 frames at 120 Hz: Kieu et al., PLOS ONE 17(8), e0272407 (2022)
MOST_CONTEXT_S = 10.0  # of the take on each side of a gap
EDGE_FRAMES = 4  # visible beside each gap
TRIES = 60  # times that a place in a take is drawn
RIGID_M = 0.005  # standard deviation of the distance between markers of one rigid body
COMPANIONS = 3  # markers that a rigid body has beside the hidden one
OFF_MIDDLE_M = 0.03  # a marker of the trunk or head that is further to the left belongs to the left side

LIMBS = tuple(
    (f"{side}_{upper}", f"{side}_{lower}") for upper, lower in (("upper_arm", "forearm"), ("thigh", "shank")) for side in ("left", "right")
)
PARTS = (
    "one",
    "one of a rigid body",
    "and 2 nearest",
    "and 5 nearest",
    "segment",
    "limb",
    "one side",
    "one at the take's edge",
    "limb at the take's edge",
)
RANDOM = {"3 at random": 3, "6 at random": 6, "9 at random": 9}


@dataclass(frozen=True, slots=True)
class MarkerGap:
    """Frames start..stop-1 of some markers, hidden in frames first..last-1 of a take."""

    take: int
    points: tuple[int, ...]
    first: int
    last: int
    start: int
    stop: int


@dataclass(frozen=True)
class Take:
    """A take whose points are the markers of one known set, and how they lie on the body."""

    rec: Recording

    @cached_property
    def segment_P(self) -> Int:
        """(P,) number in SEGMENTS; -1 for a marker on none."""
        return self._placed[0]

    @cached_property
    def left_P(self) -> Float:
        """(P,) 1 for markers on the left of the body, -1 on the right, 0 in the middle."""
        segment_P, place_P3 = self._placed
        side_S = np.array([1 if "left" in name else -1 if "right" in name else 0 for name in SEGMENTS])
        off_P = np.where(np.abs(place_P3[:, 1]) > OFF_MIDDLE_M, np.sign(place_P3[:, 1]), 0.0)
        return np.where(segment_P < 0, 0.0, np.where(side_S[segment_P] != 0, side_S[segment_P], off_P))

    @cached_property
    def spread_PP(self) -> Float:
        """(P, P) standard deviation of the distance between two markers, metres."""
        return distance_spread(self.rec.xyz_FPD.astype(np.float64), np.arange(len(self.rec.points)))

    @cached_property
    def pairs(self) -> tuple[tuple[int, int], ...]:
        """Markers of one rigid body."""
        return tuple((int(a), int(b)) for a, b in np.argwhere(self.spread_PP < RIGID_M) if a < b)

    @cached_property
    def _placed(self) -> tuple[Int, Float]:
        joints_FJ3 = body_joints(self.rec, map_body(self.rec))
        segment_P, place_P3, _ = place_markers(self.rec.xyz_FPD, self.rec.visible_FP, joints_FJ3)
        return segment_P, place_P3

    def hidden_points(self, part: str, frame: int, rng: np.random.Generator) -> tuple[int, ...]:
        """The markers of a part; none where the take has no such part."""
        segment_P = self.segment_P
        if part in RANDOM:
            if len(segment_P) < RANDOM[part]:
                return ()
            return tuple(sorted(rng.choice(len(segment_P), RANDOM[part], replace=False).tolist()))
        if part == "segment":
            return _on(segment_P, (int(rng.choice(np.unique(segment_P[segment_P >= 0]))),))
        if part.startswith("limb"):
            return _on(segment_P, tuple(SEGMENTS.index(name) for name in LIMBS[int(rng.integers(len(LIMBS)))]))
        if part == "one side":
            return tuple(np.flatnonzero(self.left_P == rng.choice([1, -1])).tolist())
        able_P = (self.spread_PP < RIGID_M).sum(axis=1) >= (COMPANIONS if part == "one of a rigid body" else 0)
        if not able_P.any():
            return ()
        point = int(rng.choice(np.flatnonzero(able_P)))
        distance_P = np.linalg.norm(self.rec.xyz_FPD[frame] - self.rec.xyz_FPD[frame, point], axis=1)
        count = {"and 2 nearest": 3, "and 5 nearest": 6}.get(part, 1)
        return tuple(np.argsort(np.where(np.isfinite(distance_P), distance_P, np.inf))[:count].tolist()) if count > 1 else (point,)


def takes_of_corpus(data: Path, split: str) -> list[Take]:
    """The marker takes of a corpus in one split. Raises DataError where there are none, or the markers of one are of no known set."""
    found = [
        Take(_labelled(make_recording(take.labels, take.rate_hz, take.xyz_FM3, source=RecordingSource(path=take.name))))
        for take in load_markers(data)
        if take.split == split
    ]
    if not found:
        raise DataError(f"the corpus has no {split} takes of markers", where=str(data), hint="name files or folders with --files")
    return found


def read_takes(files: Sequence[Path]) -> list[Take]:
    """The takes of these files and folders (every file in one), with the markers of the known set alone: others may be computed from those.

    Raises DataError for a file whose markers are of no known set, FormatError.
    """
    paths = [each for path in files for each in (sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path])]
    if not paths:
        raise DataError("the markers table needs takes", hint="name files or folders with --files")
    return [Take(_labelled(mpm.read(path))) for path in paths]


def marker_gaps(takes: Sequence[Take], cell: Cell, count: int, seed: int) -> list[MarkerGap]:
    """At most `count` gaps spread over the takes, each anywhere its markers are visible, or at the take's edge."""
    rng = np.random.default_rng([crc32(cell.part.encode()), round(cell.length_s * 1000), seed])
    able = [
        number
        for number, take in enumerate(takes)
        if take.rec.frames > max(2 * cell.length_s * take.rec.rate_hz, 2 * EDGE_FRAMES + 1 + round(cell.length_s * take.rec.rate_hz))
    ]
    order: list[int] = rng.permutation(able).tolist()
    found: list[MarkerGap] = []
    for turn in range(2 * count if able else 0):
        if len(found) == count:
            break
        number = order[turn % len(order)]
        gap = _place(takes[number], number, cell, rng)
        found += [gap] if gap is not None else []
    return found


def hide(gap: MarkerGap, takes: Sequence[Take]) -> tuple[Recording, Recording, Mask]:
    """The stretch as it was, the same with the gap, and masked_FP (True = hidden)."""
    rec = takes[gap.take].rec
    xyz_FP3 = rec.xyz_FPD[gap.first : gap.last]
    masked_FP = np.zeros(xyz_FP3.shape[:2], bool)
    masked_FP[gap.start : gap.stop, list(gap.points)] = True
    truth, gapped = (
        make_recording(rec.points, rec.rate_hz, np.where(off_FP[..., None], np.nan, xyz_FP3)) for off_FP in (masked_FP & False, masked_FP)
    )
    return truth, gapped, masked_FP


def _place(take: Take, number: int, cell: Cell, rng: np.random.Generator) -> MarkerGap | None:
    rec, rate_hz = take.rec, take.rec.rate_hz
    length, most = max(1, round(cell.length_s * rate_hz)), round(MOST_CONTEXT_S * rate_hz)
    for _ in range(TRIES):
        start = int(rng.integers(EDGE_FRAMES, rec.frames - length - EDGE_FRAMES))
        if cell.part.endswith("edge"):
            start = int(rng.choice([0, rec.frames - length]))
        points = take.hidden_points(cell.part, start, rng)
        beside = slice(max(0, start - EDGE_FRAMES), start + length + EDGE_FRAMES)
        if points and rec.visible_FP[beside][:, points].all():
            first, last = max(0, start - most), min(rec.frames, start + length + most)
            return MarkerGap(number, points, first, last, start - first, start - first + length)
    return None


def _on(segment_P: Int, segments: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(np.flatnonzero(np.isin(segment_P, segments)).tolist())


def _labelled(rec: Recording) -> Recording:
    try:
        markers = map_body(rec).markers
    except MappingError as error:
        raise DataError(error.what, where=rec.source.path, hint="leave this file out") from error
    if markers is None:
        raise DataError("its points are not markers of a known set", where=rec.source.path, hint="leave this file out")
    kept = sorted({point for _, points in markers.roles for point in points if rec.visible_FP[:, point].any()})
    return make_recording(tuple(rec.points[point] for point in kept), rec.rate_hz, rec.xyz_FPD[:, kept], source=replace(rec.source))
