"""How long completing and self-testing a long marker take lasts, and how much memory it needs: python -m tests.bench_fill [MINUTES]

The sample's markers at 120 Hz, to and fro, with as many again beside them until there are 60; 10 % of the samples are missing, in gaps of
0.05 to 1 s. F frames, P points.
"""

from __future__ import annotations

import resource as process
import sys
import time

import numpy as np
from scipy.interpolate import CubicSpline

import mpm_core as mpm
from mpm_core.check.selftest import self_test
from mpm_core.complete import complete_patch
from mpm_core.recording import Recording, make_recording
from mpm_core.resources import resource

RATE_HZ, POINTS, MISSING = 120.0, 60, 0.10


def long_take(minutes: float) -> Recording:
    rec = mpm.read(resource("sample/walk_reach_sit_markers_truth.npz"))
    rng = np.random.default_rng(0)
    time_F = np.arange(0, (rec.frames - 1) / rec.rate_hz, 1 / RATE_HZ)
    once_FPD = CubicSpline(np.arange(rec.frames) / rec.rate_hz, rec.xyz_FPD)(time_F)
    frames = round(minutes * 60 * RATE_HZ)
    turn_F = np.arange(frames) % (2 * len(once_FPD) - 2)
    xyz_FPD = once_FPD[np.minimum(turn_F, 2 * len(once_FPD) - 2 - turn_F)]
    beside = rng.choice(len(rec.points), POINTS - len(rec.points), replace=False)
    xyz_FPD = np.concatenate([xyz_FPD, xyz_FPD[:, beside] + rng.normal(0, 0.03, (len(beside), 3))], axis=1)
    missing_FP = np.zeros(xyz_FPD.shape[:2], bool)
    while missing_FP.mean() < MISSING:
        start, length = rng.integers(frames), round(RATE_HZ * np.exp(rng.uniform(np.log(0.05), 0)))
        missing_FP[start : start + length, rng.integers(POINTS)] = True
    xyz_FPD[missing_FP] = np.nan
    names = (*rec.points, *(f"{rec.points[point]}x" for point in beside))
    return make_recording(names, RATE_HZ, xyz_FPD)


def main() -> None:
    rec = long_take(float(sys.argv[1]) if len(sys.argv) > 1 else 5.0)
    sys.stdout.write(f"{rec.frames} frames, {len(rec.points)} points, {(~rec.visible_FP).mean():.0%} missing\n")
    first = "auto, the first of a process, which also imports and loads the model"
    for name, work in (
        (first, lambda: complete_patch(rec)),
        ("auto", lambda: complete_patch(rec)),
        ("self-test", lambda: self_test(rec)),
    ):
        began = time.perf_counter()
        work()
        peak = process.getrusage(process.RUSAGE_SELF).ru_maxrss / 1024
        sys.stdout.write(f"{name}: {time.perf_counter() - began:.1f} s, {peak:.0f} MB at most\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
