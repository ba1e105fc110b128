"""What a BVH does not give: its unit of length, its up axis, and the frame rate that a rounded frame time means."""

from __future__ import annotations

import numpy as np

from mpm_core.errors import DataError
from mpm_core.io.conventions import TO_UP
from mpm_core.io.up_axis import UPRIGHT, heads_and_feet, upright_axis
from mpm_core.linalg.subsample import subsample
from mpm_core.rig import Rig
from mpm_core.rigs.kinematics import forward_kinematics, rest_positions, span
from mpm_core.typing import Float

CMU_UNIT = "inch x 0.45"  # the scale of the Carnegie Mellon library's ASF files, kept by the BVHs made from them
METRES = {"m": 1.0, CMU_UNIT: 0.0254 / 0.45, "inch": 0.0254, "cm": 0.01, "mm": 0.001}
SPAN_BELOW = {"m": 10.0, CMU_UNIT: 63.0, "inch": 125.0, "cm": 760.0}  # toe to fingertip, 2.2 to 2.7 m in most rigs; above: mm
FEWEST_JOINTS = 10  # a smaller rig need not be a person
AXES = {up: np.array(TO_UP[up], np.float64) for up in "zyx"}
FRAMES_LOOKED_AT = 60
COMMON_RATES = (60.0, 30.0, 120.0, 24.0, 25.0, 50.0, 100.0, 240.0, 200.0, 24000 / 1001, 30000 / 1001, 60000 / 1001, 90.0, 72.0, 48.0, 15.0)


def decide_unit(rig: Rig, given: str | None) -> tuple[str, str]:
    """The unit's key in METRES and the note that says why. Raises DataError for an unknown unit."""
    if given is not None:
        return _known(given, METRES, "a unit"), f"unit: {given} (as asked)"
    size = span(rig)
    unit = next((unit for unit, below in SPAN_BELOW.items() if size < below), "mm")
    if size == 0 or (unit not in ("m", "mm") and len(rig.names) < FEWEST_JOINTS):
        return "cm", f"unit: cm by default (only {len(rig.names)} joints to infer it from)"
    return unit, f"unit: {unit} (the skeleton spans {size:.4g} from tip to tip, {size * METRES[unit]:.2f} m)"


def decide_up(rig: Rig, given: str | None) -> tuple[str, bool, str]:
    """'x', 'y' or 'z', whether it was given or seen from feet to head, and the note that says why. Raises DataError for another axis.

    Inferred from, strongest first: feet to head in the motion, the same in the rest pose, and for rigs that name no feet or head the taller
    of y and z in the motion; without any, y.
    """
    if given is not None:
        return _known(given, AXES, "an up axis"), True, f"up: {given} (as asked)"
    rows = subsample(len(rig.values_FC), FRAMES_LOOKED_AT)
    motion_NJ3 = forward_kinematics(rig, rows)[1]
    rest_NJ3 = rest_positions(rig.offsets_J3, rig.parents)[None]
    joints = [joint for joint, is_end in enumerate(rig.is_end_J) if not is_end]
    heads, feet = ([joints[at] for at in some] for some in heads_and_feet([rig.names[joint] for joint in joints]))
    if heads and feet:
        for pose_NJ3, text in ((motion_NJ3, "in the motion"), (rest_NJ3, "in the rest pose")):
            axis = upright_axis(pose_NJ3[:, feet].mean(axis=1), pose_NJ3[:, heads].mean(axis=1))
            if axis in AXES:
                return axis, True, f"up: {axis} (the head is above the feet {text})"
        return "y", False, "up: y by default (nobody stands upright in this take)"
    height_N3 = np.ptp(motion_NJ3, axis=1)
    if (height_N3[:, 2] > 1.5 * height_N3[:, 1]).mean() >= UPRIGHT:
        return "z", False, "up: z (the pose is tallest along it; no joint is named head or foot)"
    return "y", False, "up: y by default (no joint is named head or foot)"


def decide_rate(frame_time: float, text: str) -> float:
    """Frames a second. A frame time rounded to the file's digits becomes the common rate, or the whole number, that it means."""
    digits = text.lower().partition("e")[0].partition(".")[2]
    exponent = int(text.lower().partition("e")[2] or 0)
    last_place = 10.0 ** (exponent - len(digits))
    for rate in COMMON_RATES:
        if abs(1 / rate - frame_time) < min(1.01 * last_place, 0.025 / rate):
            return rate
    whole = max(1.0, float(round(1 / frame_time)))
    return whole if abs(1 / whole - frame_time) < min(1.01 * last_place, 0.002 / whole) else 1 / frame_time


def note_rate(rate_hz: float) -> list[str]:
    """A note where the frame time is hardly meant as the seconds that it should be."""
    if rate_hz >= 1:
        return []
    return [f"the frame time is {1 / rate_hz:.6g} s: if milliseconds or frames a second were meant, correct that line of the file"]


def _known(given: str, table: dict[str, float] | dict[str, Float], what: str) -> str:
    if given.lower() not in table:
        raise DataError(f"{given!r} is not {what} of a BVH", hint=f"known: {', '.join(table)}")
    return given.lower()
