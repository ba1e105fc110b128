"""What position channels of a BVH's joints mean: a place that replaces the joint's offset, or a shift on top of it. C channels."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from mpm_core.errors import DataError
from mpm_core.io.bvh.parse import Parsed
from mpm_core.rigs.kinematics import channel_columns
from mpm_core.typing import Float, Mask

MEANINGS = ("replace", "add")


def settle(parsed: Parsed, meaning: str | None) -> Parsed:
    """The file with its position channels as places in the parent's frame, which is what a Rig holds, and a note.

    Joints below the root that have such channels and an offset decide: numbers near the offset replace it, numbers near zero add to it.
    shift_C: what was added to the file's numbers. Raises DataError for an unknown meaning.
    """
    if meaning is not None and meaning not in MEANINGS:
        raise DataError(f"{meaning!r} is not a meaning of position channels", hint=f"known: {', '.join(MEANINGS)}")
    offset_C, below_C = _offsets(parsed)
    if not below_C.any():
        return parsed
    values_FC = parsed.rig.values_FC
    usual_C = np.median(values_FC, axis=0)
    with_offset_C = below_C & (offset_C != 0)
    away, near_zero = float(np.abs(usual_C - offset_C)[with_offset_C].sum()), float(np.abs(usual_C)[with_offset_C].sum())
    adds = meaning == "add" if meaning is not None else near_zero < away
    why = (
        "as asked"
        if meaning is not None
        else f"their numbers lie near {'zero' if adds else 'the offsets'}"
        if with_offset_C.any()
        else "no offset to compare with"
    )
    note = f"position channels below the root {'add to' if adds else 'replace'} the offsets ({why})"
    shift_C = np.where(below_C, offset_C, 0.0) if adds else np.zeros(len(offset_C))
    rig = replace(parsed.rig, values_FC=values_FC + shift_C) if adds else parsed.rig
    return replace(parsed, rig=rig, shift_C=shift_C, notes=(*parsed.notes, note))


def _offsets(parsed: Parsed) -> tuple[Float, Mask]:
    """Per channel its joint's offset along its axis, and whether it is a position channel below the root."""
    rig = parsed.rig
    offset_C, below_C = np.zeros(rig.values_FC.shape[1]), np.zeros(rig.values_FC.shape[1], bool)
    for joint, (_, _, places, moving) in enumerate(channel_columns(rig)):
        if rig.parents[joint] >= 0:
            offset_C[moving], below_C[moving] = rig.offsets_J3[joint, places], True
    return offset_C, below_C
