"""Proof that an exported BVH keeps every number of the frames in which nothing was filled. F frames, C channels."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path

from mpm_core.errors import DataError
from mpm_core.recording import Recording
from mpm_core.typing import Mask


@dataclass(frozen=True, slots=True)
class Channels:
    """channels: numbers of the motion; channels_changed: those that differ; channels_changed_elsewhere: in frames without a fill.

    joints_changed: joints and End Sites with another offset or parent, or other channels.
    """

    channels: int
    channels_changed: int
    channels_changed_elsewhere: int
    joints_changed: int

    @property
    def holds(self) -> bool:
        return not self.channels_changed_elsewhere and not self.joints_changed

    @property
    def changes(self) -> str:
        """What does not hold, in words."""
        return f"{self.channels_changed_elsewhere:,} numbers of channels in frames without a fill, and {self.joints_changed:,} joints"


def is_copy(rec: Recording, again: Recording | None = None) -> bool:
    """Whether the recording is exported as a copy of its BVH source, as every one is; with `again`, whether that BVH has its channels."""
    return again is None or _same_channels(rec, again)


def same_unit_and_axes(rec: Recording, path: Path) -> bool:
    """Whether the file's numbers are in those of the source: always, since every BVH of a take is a copy of its source."""
    return True


def contradicts_itself(again: Recording) -> bool:
    """Whether what the file says of its unit and axes cannot be: never, since a BVH says nothing of them."""
    return False


def compare_copy(written: Recording, before: Recording, again: Recording, filled_F: Mask) -> Channels:
    """The motion and the joints of `again`, the file read again, against those of `before`. Raises DataError when it has other channels."""
    if before.rig is None or again.rig is None or not _same_channels(before, again):
        raise DataError("the file written has other channels than the source", where=again.source.path)
    changed_FC = before.rig.values_FC != again.rig.values_FC
    joints = list(zip(before.rig.parents, before.rig.channels, before.rig.offsets_J3.tolist(), strict=True))
    now = list(zip(again.rig.parents, again.rig.channels, again.rig.offsets_J3.tolist(), strict=True))
    others = sum(one != other for one, other in zip_longest(joints, now))
    return Channels(changed_FC.size, int(changed_FC.sum()), int(changed_FC[~filled_F].sum()), others)


def _same_channels(rec: Recording, again: Recording) -> bool:
    return rec.rig is not None and again.rig is not None and rec.rig.values_FC.shape == again.rig.values_FC.shape
