"""Synthetic takes with known truth."""

from __future__ import annotations

import numpy as np

from mpm_core.recording import Recording, make_recording


def smooth_take(frames: int = 120, points: int = 4, rate_hz: float = 60.0, seed: int = 0) -> Recording:
    """Points that swing on a few low-frequency sines, metres, nothing missing."""
    rng = np.random.default_rng(seed)
    time_F = np.arange(frames) / rate_hz
    hz_K = np.array([0.4, 0.9, 1.7])
    size_KPD = rng.normal(0, 0.1, (3, points, 3)) / hz_K[:, None, None]
    phase_KPD = rng.uniform(0, 2 * np.pi, size_KPD.shape)
    xyz_FPD = (size_KPD * np.sin(2 * np.pi * hz_K[:, None, None] * time_F[:, None, None, None] + phase_KPD)).sum(1)
    xyz_FPD += rng.normal(0, 0.5, (points, 3)) + np.array([0.0, 0.0, 1.0])
    return make_recording(tuple(f"P{i}" for i in range(points)), rate_hz, xyz_FPD)


def with_gap(rec: Recording, point: int, start: int, stop: int) -> Recording:
    """The same take with frames start..stop-1 of one point missing."""
    xyz_FPD = rec.xyz_FPD.copy()
    xyz_FPD[start:stop, point] = np.nan
    return make_recording(rec.points, rec.rate_hz, xyz_FPD, skeleton=rec.skeleton, source=rec.source)
