"""The choreography: path and heading of the pelvis, each foot's steps, the reach, sitting down. Seconds, metres, radians."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import gaussian_filter1d

from mpm_core.sample.anatomy import HIP_HALF
from mpm_core.sample.curves import CYCLE_S, ramp
from mpm_core.typing import Float

RATE_HZ = 60.0
SECONDS = 14.0
SPEED = 1.15  # m/s: at natural cadence a stride of 1.31 m, that of the published angles with these leg lengths
WALK_START, WALK_METRES = 0.5, 4.6
TURN_METRES, TURN_DEG = (2.2, 4.2), 90.0  # the walk's left turn, along the path
REACH = (5.6, 6.5, 7.0, 7.9)  # seconds: the hand leaves, arrives, leaves, is back
PIVOT, PIVOT_DEG = (8.2, 10.4), 110.0  # turning on the spot
SIT = (10.9, 12.7)
SIT_BACK = 0.40  # how far the pelvis goes back onto the stool
WALK_CONTACTS = tuple(1.2 + CYCLE_S / 2 * step for step in range(8))  # right foot first
PIVOT_CONTACTS = (8.75, 9.25, 9.75, 10.25, 10.75)  # left foot first
AHEAD_WALK, AHEAD_PIVOT = 0.22 * CYCLE_S, 0.15  # seconds: a foot lands at the position of the pelvis this much later


@dataclass(frozen=True, slots=True)
class Step:
    """contact: seconds when the foot lands (-inf for the start); xy: below the ankle; yaw: where it points."""

    contact: float
    xy: tuple[float, float]
    yaw: float


@dataclass(frozen=True, slots=True)
class Plan:
    """xy_F2: the pelvis on the floor, without sway or sitting; yaw_F: heading; sit_F, reach_F: 0..1; steps: by 'Left' and 'Right'."""

    time_F: Float
    xy_F2: Float
    yaw_F: Float
    sit_F: Float
    reach_F: Float
    steps: dict[str, tuple[Step, ...]]


def make_plan() -> Plan:
    """The whole choreography, by the constants above."""
    time_F = np.arange(round(SECONDS * RATE_HZ)) / RATE_HZ
    stop = WALK_START + WALK_METRES / SPEED
    speed_F = SPEED * (ramp(time_F, WALK_START, WALK_START + 1) - ramp(time_F, stop, stop + 1))
    metres_F = _integral(speed_F)
    yaw_F = np.radians(TURN_DEG) * ramp(metres_F, *TURN_METRES) + np.radians(PIVOT_DEG) * ramp(time_F, *PIVOT)
    xy_F2 = np.stack([_integral(speed_F * np.cos(yaw_F)), _integral(speed_F * np.sin(yaw_F))], axis=1)
    reach_F = ramp(time_F, *REACH[:2]) - ramp(time_F, *REACH[2:])
    contacts = [(time, AHEAD_WALK) for time in WALK_CONTACTS] + [(time, AHEAD_PIVOT) for time in PIVOT_CONTACTS]
    order = ("Right", "Left") * 4 + ("Left", "Right") * 2 + ("Left",)
    steps: dict[str, tuple[Step, ...]] = {}
    for side in ("Left", "Right"):
        landings = [(-np.inf, 0.0), *(landing for landing, foot in zip(contacts, order, strict=True) if foot == side)]
        steps[side] = tuple(_foothold(side, contact, ahead, time_F, xy_F2, yaw_F) for contact, ahead in landings)
    return Plan(time_F, xy_F2, yaw_F, ramp(time_F, *SIT), reach_F, steps)


def smooth(values: Float, seconds: float) -> Float:
    """Gaussian along the first axis with the given standard deviation."""
    return np.asarray(gaussian_filter1d(values, seconds * RATE_HZ, axis=0, mode="nearest"))


def _foothold(side: str, contact: float, ahead: float, time_F: Float, xy_F2: Float, yaw_F: Float) -> Step:
    when = max(contact, 0.0) + ahead
    x, y, yaw = (float(np.interp(when, time_F, values)) for values in (xy_F2[:, 0], xy_F2[:, 1], yaw_F))
    out = (1 if side == "Left" else -1) * (HIP_HALF - 0.02)
    toe_out = np.radians(6 if side == "Left" else -6)
    return Step(contact, (x - out * np.sin(yaw), y + out * np.cos(yaw)), yaw + toe_out)


def _integral(rate_F: Float) -> Float:
    steps = (rate_F[1:] + rate_F[:-1]) / (2 * RATE_HZ)
    return np.concatenate([[0.0], np.cumsum(steps)])
