"""Foot motion: feet roll over heel and ball on the floor without sliding, and swing from one foothold to the next."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from scipy.spatial.transform import Rotation

from mpm_core.sample.anatomy import ANKLE_HEIGHT, BALL_3, HEEL_3, SHANK, THIGH
from mpm_core.sample.curves import CYCLE_S, foot_pitch_deg, knee_deg, ramp
from mpm_core.sample.plan import SPEED, Step
from mpm_core.typing import Float, Mask

STANDING_KNEE_DEG = 6.0
LOADING, HEEL_OFF = 0.12, 0.31  # phases of the cycle: the foot is flat from the first to the second
BALL_OFF = 0.57  # the tips of the toes leave the floor last, at 0.62
CLEARANCE_M = 0.03


@dataclass(frozen=True, slots=True)
class Foot:
    """ankle_F3: the ankle's centre; rotation_F33, toes_F33: foot and toes in the world; down_F: True while it is on the floor.

    reach_F: hip to ankle distance for the published knee angle while it is on the floor.
    """

    ankle_F3: Float
    rotation_F33: Float
    toes_F33: Float
    down_F: Mask
    reach_F: Float


def walk_foot(time_F: Float, steps: tuple[Step, ...]) -> Foot:
    """One foot through all its steps."""
    frames = len(time_F)
    ball_F3, yaw_F = np.zeros((frames, 3)), np.zeros(frames)
    pitch_F, toes_F, knee_F = np.zeros(frames), np.zeros(frames), np.full(frames, STANDING_KNEE_DEG)
    down_F = np.ones(frames, bool)
    pitch_at_contact = float(foot_pitch_deg(np.array(0.0)))
    ball_F3[:], yaw_F[:] = _flat_ball(steps[0]), steps[0].yaw
    for before, step in pairwise(steps):
        lift = step.contact - (1 - BALL_OFF) * CYCLE_S
        share = np.clip(np.hypot(*np.subtract(step.xy, before.xy)) / (SPEED * CYCLE_S), 0.25, 1.0)
        _roll(time_F, lift, step.contact, float(share), pitch_F, toes_F, knee_F)
        swing_F = (time_F > lift) & (time_F < step.contact)
        down_F &= ~swing_F
        here, touch, landed = _flat_ball(before), _heel_pivot(step, share * pitch_at_contact), _flat_ball(step)
        u = (time_F[swing_F] - lift) / (step.contact - lift)
        progress = u * u * (3 - 2 * u)
        ball_F3[swing_F] = here + progress[:, None] * (touch - here)
        raised_F = np.radians(np.maximum(pitch_F[swing_F], 0))
        heel_up_F = (BALL_3[0] - HEEL_3[0]) * np.sin(raised_F) + (BALL_3[2] - HEEL_3[2]) * np.cos(raised_F)
        ball_F3[swing_F, 2] = heel_up_F + share * CLEARANCE_M * np.sin(np.pi * u) ** 2
        yaw_F[swing_F] = before.yaw + progress * (step.yaw - before.yaw)
        after_F = time_F >= step.contact
        ball_F3[after_F], yaw_F[after_F] = landed, step.yaw
        rolling_F = after_F & (time_F < step.contact + LOADING * CYCLE_S) & (pitch_F > 0)
        ball_F3[rolling_F] = [_heel_pivot(step, pitch) for pitch in pitch_F[rolling_F]]
    rotation_F33, toes_F33 = _turned(yaw_F, pitch_F), _turned(yaw_F, toes_F)
    reach_F = np.sqrt(THIGH**2 + SHANK**2 + 2 * THIGH * SHANK * np.cos(np.radians(knee_F)))
    return Foot(ball_F3 - rotation_F33 @ BALL_3, rotation_F33, toes_F33, down_F, reach_F)


def _roll(time_F: Float, lift: float, contact: float, share: float, pitch_F: Float, toes_F: Float, knee_F: Float) -> None:
    """Adds one step's foot pitch (degrees, toes up), toe pitch and stance knee angle, from heel off to foot flat."""
    phase_F = np.where(time_F < lift, BALL_OFF - (lift - time_F) / CYCLE_S, BALL_OFF + (1 - BALL_OFF) * (time_F - lift) / (contact - lift))
    phase_F = np.where(time_F >= contact, 1 + (time_F - contact) / CYCLE_S, phase_F)
    on_F = (phase_F > HEEL_OFF) & (phase_F < 1 + HEEL_OFF)
    step_F = share * foot_pitch_deg(phase_F % 1.0)
    pitch_F += np.where(on_F, step_F, 0)
    toes_F += np.where(on_F, np.where(step_F > 0, step_F, step_F * ramp(phase_F, BALL_OFF, 0.85)), 0)
    fade_F = ramp(phase_F, HEEL_OFF, HEEL_OFF + 0.1) - ramp(phase_F, 1 + HEEL_OFF - 0.1, 1 + HEEL_OFF)
    knee_F += share * fade_F * (knee_deg(phase_F % 1.0) - STANDING_KNEE_DEG)


def _turned(yaw_F: Float, pitch_F: Float) -> Float:
    return np.asarray(Rotation.from_euler("ZY", np.stack([yaw_F, -np.radians(pitch_F)], axis=1)).as_matrix())


def _flat_ball(step: Step) -> Float:
    return np.asarray(np.array([*step.xy, ANKLE_HEIGHT]) + _turned(np.array([step.yaw]), np.zeros(1))[0] @ BALL_3)


def _heel_pivot(step: Step, pitch: float) -> Float:
    """Where the ball is while the foot turns about its heel, toes up by `pitch` degrees."""
    flat_33, turned_33 = _turned(np.array([step.yaw, step.yaw]), np.array([0.0, pitch]))
    heel_3 = np.array([*step.xy, ANKLE_HEIGHT]) + flat_33 @ HEEL_3
    return np.asarray(heel_3 + turned_33 @ (BALL_3 - HEEL_3))
