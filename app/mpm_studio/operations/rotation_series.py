"""The rotations of a hierarchy's joints over time, as the graph shows them. F frames, J joints, C channels."""

from __future__ import annotations

import numpy as np

from mpm_core.errors import Cancelled, DataError
from mpm_core.progress import Cancel, Progress
from mpm_core.recording import Origin, Recording
from mpm_core.rigs.kinematics import channel_columns
from mpm_core.rigs.solve import solved_FP, values_now
from mpm_core.typing import Float, UInt8
from mpm_studio.operations.graph_series import Series


def as_in_file(rec: Recording) -> bool:
    """Whether the take's rotations are those of its file, because nothing of it was filled."""
    return rec.rig is not None and not solved_FP(rec).any()


def rotation_values(rec: Recording, cancel: Cancel, progress: Progress) -> Float:
    """(F, C) every channel, degrees and file units, as an export has them. A job. Raises DataError without a hierarchy, Cancelled."""
    if rec.rig is None:
        raise DataError("this take has no rotations", where=rec.source.path, hint="BVH and skinned glTF have them")
    progress(-1.0, "from positions to rotations")
    values_FC = rec.rig.values_FC if as_in_file(rec) else values_now(rec)
    if cancel():
        raise Cancelled
    return values_FC


def rotation_series(rec: Recording, joint: int, values_FC: Float) -> Series:
    """The rotations of a joint about its axes in degrees, without jumps of a turn; no lanes for an end of the hierarchy.

    A sample's origin is the one of the joint's children that needs most attention, since they determine it.
    """
    assert rec.rig is not None
    axes, columns, _, _ = channel_columns(rec.rig)[joint]
    order = np.argsort(list(axes), kind="stable")
    value_FC = np.unwrap(values_FC[:, columns[order]], period=360.0, axis=0)
    return Series(tuple(axes[place] for place in order), "°", value_FC, _origins(rec, (joint, *rec.rig.children(joint))))


def _origins(rec: Recording, joints: tuple[int, ...]) -> UInt8:
    """(F,) MEASURED where all of some joints are, else the largest of the other origins."""
    origin_FJ = rec.origin_FP[:, joints]
    return np.asarray(np.where(origin_FJ == Origin.MEASURED, 0, origin_FJ).max(axis=1), np.uint8).clip(min=int(Origin.MEASURED))
