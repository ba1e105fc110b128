"""Rig: the hierarchy of a BVH or a glTF with its motion as the file tells it. J joints (End Sites, too, without channels), C channels."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from mpm_core.errors import DataError
from mpm_core.typing import Float, Int, Mask


@dataclass(frozen=True, slots=True)
class Rig:
    """names: J unique; parents: index, -1 for a root, always before the child; offsets_J3: from the parent, at rest, file units and axes.

    channels: per joint its channels' names in order, as a BVH has them ('Xposition', 'Zrotation', ...; empty for an End Site).
    values_FC: every channel of every frame, degrees and file units, float64, columns in the order of `channels` flattened.
    is_end_J: True for End Sites. Position channels replace the offset.
    """

    names: tuple[str, ...]
    parents: tuple[int, ...]
    offsets_J3: Float
    channels: tuple[tuple[str, ...], ...]
    values_FC: Float
    is_end_J: Mask

    def __post_init__(self) -> None:
        J = len(self.names)
        if not (len(self.parents) == len(self.channels) == J and self.offsets_J3.shape == (J, 3) and self.is_end_J.shape == (J,)):
            raise DataError("a rig's names, parents, offsets and channels must be of one length")
        if any(parent >= joint for joint, parent in enumerate(self.parents)):
            raise DataError("a rig's parents must come before their children")
        if self.values_FC.ndim != 2 or self.values_FC.shape[1] != sum(map(len, self.channels)):
            raise DataError("a rig's motion must have one column per channel")
        for array in (self.offsets_J3, self.values_FC, self.is_end_J):
            array.setflags(write=False)

    def at(self, rows: slice | Int) -> Rig:
        """With the motion of some frames."""
        return replace(self, values_FC=np.array(self.values_FC[rows]))

    def columns(self, joint: int) -> slice:
        """Columns of values_FC that belong to one joint."""
        start = sum(len(names) for names in self.channels[:joint])
        return slice(start, start + len(self.channels[joint]))

    def children(self, joint: int) -> tuple[int, ...]:
        return tuple(child for child, parent in enumerate(self.parents) if parent == joint)
