"""A model of a 2D detector's errors, applied to exact 2D. B windows, F frames, J = 17 joints; the unit is the person's size (fit_detector).

The constants were measured by

    python -m mpm_train.data.fit_detector OPENPOSE_FOLDERS... CALIBRATED_RECORDING

on 20 s of three people in OpenPose's BODY_25 (confidence, quick noise, drop-outs, strays) and 11 s of a recording by four calibrated
cameras in MediaPipe's landmarks (slow noise).

Measured: quick of all joints but the ankles, where motion drowns it (the knees' is taken); the growth with missing confidence; each joint's
confidence and how it keeps; drop-outs of wrists and elbows; how often joints stray. slow is one figure for all joints, of another detector,
and a lower bound, since what all cameras get wrong alike does not show. Not measured, since the files show none or too few: left and right
swapped, whole limbs that vanish, how far strays lie; these are choices, as is `strength`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from scipy.signal import lfilter
from torch import Tensor

from mpm_core.body.joints import body17
from mpm_core.body.names import sideless
from mpm_core.typing import Float, Mask
from mpm_train.data.clean import ARMS, LEGS

QUICK = {"hip": 0.0015, "side_hip": 0.0021, "knee": 0.0019, "ankle": 0.0019, "spine": 0.0010, "thorax": 0.0018, "neck": 0.0009}
QUICK |= {"head_top": 0.0029, "shoulder": 0.0017, "elbow": 0.0026, "wrist": 0.0033}
ODDS = {"hip": 0.83, "side_hip": 0.91, "knee": 1.54, "ankle": 1.29, "spine": 0.83, "thorax": 1.96, "neck": 2.11}
ODDS |= {"head_top": 1.76, "shoulder": 1.46, "elbow": 1.40, "wrist": 1.09}
ODDS_SPREAD = {"hip": 0.23, "side_hip": 0.25, "knee": 0.34, "ankle": 0.41, "spine": 0.23, "thorax": 0.37, "neck": 0.58}
ODDS_SPREAD |= {"head_top": 0.44, "shoulder": 0.32, "elbow": 0.81, "wrist": 0.81}
DROPS = {"elbow": 0.025, "wrist": 0.22}  # a second and joint
SIDES = ("left_arm", "right_arm", "left_leg", "right_leg")


def per_joint(by_part: dict[str, float], default: float = 0.0) -> tuple[float, ...]:
    """One value for each of the 17 joints, left like right; side_hip is the hip joints, hip the pelvis."""
    names = (sideless(name) for name in body17().names)
    return tuple(by_part.get("side_hip" if name == "hip" and joint else name, default) for joint, name in enumerate(names))


@dataclass(frozen=True, slots=True)
class Detector:
    """How a detector errs. Lengths are in sizes of the person; `_s` seconds, `_hz` times a second."""

    rate_hz: float = 30.0
    """Of the frames."""
    quick: tuple[float, ...] = per_joint(QUICK)
    """Standard deviation of what is new in each frame, x and y alike, by joint, at the joint's usual confidence."""
    slow: float = 0.0091
    """Standard deviation of the error that lasts."""
    slow_s: float = 0.72
    """In which it forgets itself."""
    growth: float = 1.33
    """Both grow as 1 + growth (1 - confidence), taken relative to the joint's usual confidence."""
    odds: tuple[float, ...] = per_joint(ODDS)
    """Mean log-odds of the confidence by joint."""
    odds_spread: tuple[float, ...] = per_joint(ODDS_SPREAD)
    odds_keep: float = 0.69
    """Lag-1 correlation of the log-odds at 30 Hz."""
    drop_hz: tuple[float, ...] = per_joint(DROPS)
    """Drop-outs of single joints."""
    drop_s: float = 0.04
    """Their mean length."""
    limb_hz: float = 0.05
    """Drop-outs of a whole arm or leg, for each of the four; a choice."""
    limb_s: float = 0.5
    swap_hz: float = 0.05
    """Left and right swapped, for the arms and the legs each; a choice."""
    swap_s: float = 0.3
    stray_hz: float = 0.018
    """Confident detections far from the joint, for each joint."""
    stray_s: float = 0.04
    stray: float = 0.1
    """How far away, the standard deviation of x and of y; a choice."""
    strength: tuple[float, float] = (0.5, 1.5)
    """Both noises are multiplied by a number between these, drawn for each window; a choice."""


def detect(xy_BFJ2: Tensor, image_B112: Tensor, config: Detector, rng: np.random.Generator) -> tuple[Tensor, Tensor]:
    """A detector's output for joints at xy (pixels): xy_BFJ2 and confidence_BFJ in 0..1.

    Where it detects nothing, out of the image or dropped, confidence is exactly 0 and xy is 0, 0, as in OpenPose's files.
    """
    true_BFJ2 = xy_BFJ2.numpy().astype(np.float64)
    B, F, J, _ = true_BFJ2.shape
    size_B111 = np.median(np.linalg.norm(np.ptp(true_BFJ2, axis=2), axis=2), axis=1)[:, None, None, None]
    keep = config.odds_keep ** (30 / config.rate_hz)
    usual_J, spread_J = np.array(config.odds), np.array(config.odds_spread)
    confidence_BFJ = _logistic(usual_J + spread_J * lasting((B, F, J), keep, rng))
    grown_BFJ = (1 + config.growth * (1 - confidence_BFJ)) / (1 + config.growth * (1 - _logistic(usual_J)))
    strength_B111 = np.asarray(rng.uniform(*config.strength, size=(B, 1, 1, 1)))
    slow_BFJ2 = config.slow * lasting((B, F, J, 2), np.exp(-1 / (config.slow_s * config.rate_hz)), rng)
    quick_BFJ2 = np.array(config.quick)[:, None] * rng.normal(0, 1, (B, F, J, 2))
    visible_BFJ2 = true_BFJ2 + size_B111 * strength_B111 * grown_BFJ[..., None] * (slow_BFJ2 + quick_BFJ2)
    stray_BFJ = stretches((B, F, J), config.stray_hz, config.stray_s, config.rate_hz, rng)
    away_BFJ2 = config.stray * lasting((B, F, J, 2), 0.9, rng)
    visible_BFJ2 = visible_BFJ2 + np.where(stray_BFJ[..., None], size_B111 * away_BFJ2, 0.0)
    visible_BFJ2, confidence_BFJ = _swapped(visible_BFJ2, confidence_BFJ, config, rng)
    missing_BFJ = _dropped((B, F, J), config, rng)
    missing_BFJ |= ((visible_BFJ2 < 0) | (visible_BFJ2 >= image_B112.numpy())).any(axis=-1)
    visible_BFJ2[missing_BFJ], confidence_BFJ[missing_BFJ] = 0.0, 0.0
    return torch.from_numpy(visible_BFJ2.astype(np.float32)), torch.from_numpy(confidence_BFJ.astype(np.float32))


def lasting(shape: tuple[int, ...], keep: float, rng: np.random.Generator) -> Float:
    """Noise of variance 1 along axis 1 whose neighbours in time correlate by `keep` (AR(1)), as it is long after its start."""
    drive = rng.normal(0, 1, shape)
    drive[:, 1:] *= np.sqrt(1 - keep**2)
    return np.asarray(lfilter([1.0], [1.0, -keep], drive, axis=1))


def stretches(
    shape: tuple[int, int, int], rate_hz: float | tuple[float, ...], mean_s: float, frames_hz: float, rng: np.random.Generator
) -> Mask:
    """(B, F, K) True in stretches that begin `rate_hz` times a second (one rate, or one for each of K), of geometric length, those that
    began before the window included."""
    B, F, K = shape
    mean = max(mean_s * frames_hz, 1.0)
    before = round(6 * mean)
    rate_K = np.broadcast_to(np.asarray(rate_hz, np.float64), K) / frames_hz
    count_BK = rng.poisson(rate_K * (F + before), (B, K))
    b, k = (np.repeat(index.ravel(), count_BK.ravel()) for index in np.indices((B, K)))
    start = rng.integers(-before, F, len(b))
    stop = np.clip(start + rng.geometric(1 / mean, len(b)), 0, F)
    edges = np.zeros((B, F + 1, K), np.int64)
    np.add.at(edges, (b, np.maximum(start, 0), k), 1)
    np.add.at(edges, (b, stop, k), -1)
    return np.asarray(edges.cumsum(axis=1)[:, :F] > 0)


def _swapped(xy_BFJ2: Float, confidence_BFJ: Float, config: Detector, rng: np.random.Generator) -> tuple[Float, Float]:
    """Arms or legs with left taken for right over a stretch, as sure as ever."""
    body = body17()
    B, F, J = confidence_BFJ.shape
    part_BF2 = stretches((B, F, 2), config.swap_hz, config.swap_s, config.rate_hz, rng)
    swap_BFJ = np.zeros((B, F, J), bool)
    for part, limbs in enumerate((ARMS, LEGS)):
        swap_BFJ[:, :, [body.names.index(name) for limb in limbs for name in limb]] = part_BF2[:, :, part, None]
    mirror = list(body.mirror)
    return np.where(swap_BFJ[..., None], xy_BFJ2[:, :, mirror], xy_BFJ2), np.where(swap_BFJ, confidence_BFJ[:, :, mirror], confidence_BFJ)


def _dropped(shape: tuple[int, int, int], config: Detector, rng: np.random.Generator) -> Mask:
    missing_BFJ = stretches(shape, config.drop_hz, config.drop_s, config.rate_hz, rng)
    limb_BF4 = stretches((*shape[:2], len(SIDES)), config.limb_hz, config.limb_s, config.rate_hz, rng)
    for number, side in enumerate(SIDES):
        missing_BFJ[:, :, list(body17().group(side))] |= limb_BF4[:, :, number, None]
    return missing_BFJ


def _logistic(odds: Float) -> Float:
    return np.asarray(1 / (1 + np.exp(-odds)))
