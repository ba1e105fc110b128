"""The sample as a marker take: 39 markers on rigid segments, sub-millimetre noise, and typical gaps. M markers, F frames."""

from __future__ import annotations

import numpy as np

from mpm_core.recording import Recording, make_recording
from mpm_core.sample.anatomy import markers
from mpm_core.sample.motion import Motion
from mpm_core.sample.plan import RATE_HZ
from mpm_core.typing import Float

NOISE_M = 0.0003
SEED = 39
# Labels, start and duration in seconds.
GAPS: tuple[tuple[tuple[str, ...], float, float], ...] = (
    (("LFRM", "LWRA", "LWRB", "LFIN"), 2.00, 1.0),  # the whole lower arm, behind the body
    (("RKNE",), 3.50, 2.0),  # a knee, from the turn into the stop
    (("RWRA", "RWRB"), 6.40, 0.5),  # a wrist in the shelf
    (("LASI", "RASI"), 11.70, 0.75),  # the front of the pelvis while bending to sit
    (("RTHI",), 9.20, 0.4),
    (("LTIB",), 1.10, 0.2),
    (("C7",), 8.90, 0.15),
    (("RHEE",), 2.35, 0.12),
    (("LTOE",), 4.40, 0.1),
    (("RFIN",), 12.90, 0.3),
    (("T10",), 5.10, 0.05),
    (("LELB",), 7.00, 0.08),
    (("RBHD",), 9.80, 0.1),
    (("STRN",), 12.30, 0.2),
    (("RANK",), 10.05, 0.05),
    (("LPSI",), 0.80, 0.04),
    (("LKNE",), 13.20, 0.02),
)


def true_markers(motion: Motion) -> Recording:
    """Every marker in every frame, without noise."""
    places = markers()
    xyz_FM3 = np.stack([motion.place(place) for place in places.values()], axis=1)
    return make_recording(tuple(places), RATE_HZ, xyz_FM3)


def captured_markers(motion: Motion) -> Recording:
    """A capture: the true markers with noise, NaN in the gaps."""
    truth = true_markers(motion)
    noise_FM3 = np.random.default_rng(SEED).normal(0, NOISE_M, truth.xyz_FPD.shape)
    xyz_FM3: Float = truth.xyz_FPD + noise_FM3
    for labels, start, seconds in GAPS:
        frames = slice(round(start * RATE_HZ), round((start + seconds) * RATE_HZ))
        xyz_FM3[frames, [truth.index(label) for label in labels]] = np.nan
    return make_recording(truth.points, RATE_HZ, xyz_FM3)
