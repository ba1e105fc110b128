"""How long completing and self-testing long takes lasts, and how much memory it needs: python -m tests.bench_fill [MINUTES]

The sample's markers at 120 Hz, to and fro, with as many again beside them until there are 60; 10 % of the samples are missing, in gaps of
0.05 to 1 s. And 6,000 frames of its 17 body joints with 3 % missing. Seconds, and those of all processors together. F frames, P points.
"""

from __future__ import annotations

import resource as process
import sys
import time

import numpy as np
from scipy.interpolate import CubicSpline

import mpm_core as mpm
from mpm_core.body.joints import body17
from mpm_core.body.mapping import body_joints, map_body
from mpm_core.check.selftest import self_test
from mpm_core.complete import complete_patch
from mpm_core.recording import Recording, make_recording
from mpm_core.resources import resource
from mpm_core.typing import Float

RATE_HZ, POINTS, MISSING = 120.0, 60, 0.10
BODY_FRAMES, BODY_MISSING = 6_000, 0.03


def sample() -> Recording:
    return mpm.read(resource("sample/walk_reach_sit_markers_truth.npz"))


def long_take(minutes: float) -> Recording:
    """Markers."""
    rec, rng = sample(), np.random.default_rng(0)
    xyz_FPD = to_and_fro(rec.xyz_FPD.astype(np.float64), rec.rate_hz, round(minutes * 60 * RATE_HZ))
    beside = rng.choice(len(rec.points), POINTS - len(rec.points), replace=False)
    xyz_FPD = np.concatenate([xyz_FPD, xyz_FPD[:, beside] + rng.normal(0, 0.03, (len(beside), 3))], axis=1)
    names = (*rec.points, *(f"{rec.points[point]}x" for point in beside))
    return make_recording(names, RATE_HZ, with_gaps(xyz_FPD, MISSING, rng))


def body_take() -> Recording:
    """Joints."""
    rec, rng = sample(), np.random.default_rng(0)
    joints_FJ3 = to_and_fro(body_joints(rec, map_body(rec)), rec.rate_hz, BODY_FRAMES)
    return make_recording(body17().names, RATE_HZ, with_gaps(joints_FJ3, BODY_MISSING, rng), skeleton=body17())


def to_and_fro(xyz_FPD: Float, rate_hz: float, frames: int) -> Float:
    """At RATE_HZ, again and again."""
    time_F = np.arange(0, (len(xyz_FPD) - 1) / rate_hz, 1 / RATE_HZ)
    once_FPD = CubicSpline(np.arange(len(xyz_FPD)) / rate_hz, xyz_FPD)(time_F)
    turn_F = np.arange(frames) % (2 * len(once_FPD) - 2)
    return np.asarray(once_FPD[np.minimum(turn_F, 2 * len(once_FPD) - 2 - turn_F)])


def with_gaps(xyz_FPD: Float, share: float, rng: np.random.Generator) -> Float:
    """NaN in gaps of 0.05 to 1 s."""
    missing_FP = np.zeros(xyz_FPD.shape[:2], bool)
    while missing_FP.mean() < share:
        start, length = rng.integers(len(xyz_FPD)), round(RATE_HZ * np.exp(rng.uniform(np.log(0.05), 0)))
        missing_FP[start : start + length, rng.integers(xyz_FPD.shape[1])] = True
    return np.where(missing_FP[..., None], np.nan, xyz_FPD)


def main() -> None:
    markers, body = long_take(float(sys.argv[1]) if len(sys.argv) > 1 else 5.0), body_take()
    for rec in (markers, body):
        sys.stdout.write(f"{rec.frames} frames, {len(rec.points)} points, {(~rec.visible_FP).mean():.0%} missing\n")
    for name, work in (
        ("auto of markers, the first of a process, which also imports and loads the model", lambda: complete_patch(markers)),
        ("auto of markers", lambda: complete_patch(markers)),
        ("auto of joints", lambda: complete_patch(body)),
        ("self-test of markers", lambda: self_test(markers)),
    ):
        began, used = time.perf_counter(), time.process_time()
        work()
        took, used = time.perf_counter() - began, time.process_time() - used
        peak = process.getrusage(process.RUSAGE_SELF).ru_maxrss / 1024
        sys.stdout.write(f"{name}: {took:.1f} s, {used:.1f} of processor time, {peak:.0f} MB at most\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
