"""Which gaps are cut into which clips: the same for every method and model, and the same again for the same seed. F frames, J joints."""

from __future__ import annotations

from dataclasses import dataclass
from zlib import crc32

import numpy as np

from mpm_core.body.joints import body17
from mpm_core.recording import Recording, make_recording
from mpm_core.typing import Mask
from mpm_train.data.corpus import Clip, Rows

LENGTHS_S = (0.1, 0.25, 0.5, 1.0, 2.0, 4.0)
LEAST_CONTEXT_S = 0.5  # of the clip on each side of a gap: half of the HDM05 takes last less than 1.8 s
MOST_CONTEXT_S = 6.0
PARTS: dict[str, tuple[str, ...]] = {
    "wrist": ("left_wrist", "right_wrist"),
    "ankle": ("left_ankle", "right_ankle"),
    "knee": ("left_knee", "right_knee"),
    "elbow": ("left_elbow", "right_elbow"),
    "arm": ("left_arm", "right_arm"),
    "leg": ("left_leg", "right_leg"),
    "both arms": ("arms",),
    "both legs": ("legs",),
    "one side": ("left_side", "right_side"),
    "root": ("root",),
    "head": ("head",),
    "all lower": ("lower",),
    "all upper": ("upper",),
}
"""Part -> groups of body17; of a left and a right one, gaps take turns."""
LIMBS = ("wrist", "ankle", "knee", "elbow", "arm", "leg", "both arms", "both legs", "one side")


@dataclass(frozen=True, slots=True)
class Extent:
    """How many gaps: per_cell in each cell of these parts (of PARTS) and lengths in seconds."""

    per_cell: int
    parts: tuple[str, ...] = tuple(PARTS)
    lengths_s: tuple[float, ...] = LENGTHS_S

    @property
    def cells(self) -> list[Cell]:
        return [Cell(part, length_s) for part in self.parts for length_s in self.lengths_s]


@dataclass(frozen=True, slots=True)
class Cell:
    """A part and a gap's length in seconds: one place in the table."""

    part: str
    length_s: float

    @property
    def name(self) -> str:
        return f"{self.part.replace(' ', '-')}-{self.length_s:g}s"


@dataclass(frozen=True, slots=True)
class Gap:
    """Frames start..stop-1 of a group of joints, masked in rows first..last-1 of the corpus."""

    clip: Clip
    group: str
    first: int
    last: int
    start: int
    stop: int

    @property
    def seconds(self) -> float:
        return (self.stop - self.start) / self.clip.rate_hz


def gaps_of(clips: list[Clip], split: str, cell: Cell, count: int, seed: int) -> list[Gap]:
    """`count` gaps spread over the clips of a split that are long enough (none where no clip is), each anywhere in its clip.

    Around a gap lie up to MOST_CONTEXT_S of the clip on each side, and at least LEAST_CONTEXT_S.
    """
    room = cell.length_s + 2 * LEAST_CONTEXT_S
    usable = [clip for clip in clips if clip.split == split and clip.stop - clip.start > room * clip.rate_hz]
    rng = np.random.default_rng([crc32(cell.part.encode()), round(cell.length_s * 1000), seed])
    phase = rng.uniform()
    groups = PARTS[cell.part]
    found = []
    for number in range(count if usable else 0):
        clip = usable[int((number + phase) * len(usable) / count)]
        length, least, most = (round(seconds * clip.rate_hz) for seconds in (cell.length_s, LEAST_CONTEXT_S, MOST_CONTEXT_S))
        begin = int(rng.integers(clip.start + least, clip.stop - least - length + 1))
        first, last = max(clip.start, begin - most), min(clip.stop, begin + length + most)
        found.append(Gap(clip, groups[number % len(groups)], first, last, begin - first, begin - first + length))
    return found


def every_gap(clips: list[Clip], split: str, extent: Extent, seed: int) -> list[Gap]:
    """`gaps_of` every cell."""
    return [gap for cell in extent.cells for gap in gaps_of(clips, split, cell, extent.per_cell, seed)]


def cut(gap: Gap, joints_NJ3: Rows) -> tuple[Recording, Recording, Mask]:
    """The stretch as it was, the same with the gap, and masked_FJ (True = cut out)."""
    skeleton = body17()
    truth_FJ3 = np.array(joints_NJ3[gap.first : gap.last])
    masked_FJ = np.zeros(truth_FJ3.shape[:2], bool)
    masked_FJ[gap.start : gap.stop, list(skeleton.group(gap.group))] = True
    gapped_FJ3 = np.where(masked_FJ[..., None], np.nan, truth_FJ3)
    truth, gapped = (make_recording(skeleton.names, gap.clip.rate_hz, xyz, skeleton=skeleton) for xyz in (truth_FJ3, gapped_FJ3))
    return truth, gapped, masked_FJ
