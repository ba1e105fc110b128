"""Edges that cannot be seen: beside what is visible a fill goes over into the curve that meets it. F frames, P points, D dimensions."""

from __future__ import annotations

import numpy as np

from mpm_core.edit.fill import carried
from mpm_core.edit.seen import Float
from mpm_core.gaps import frames_away, gap_frames
from mpm_core.recording import Recording

EASE_S, LONG_S = 0.05, 0.6  # for this long on each side of gaps longer than that


def eased(rec: Recording, xyz_FPD: Float) -> Float:
    """A fill (NaN = none) whose position and velocity meet those of what is visible, whatever it was mixed from.

    So near to an edge of a long gap the Hermite curve is as good as anything, and does not carry over what neighbours shake. Across a short
    one it would bend more than the fills do.
    """
    visible_FP = rec.visible_FP
    curve_FPD = carried(rec.xyz_FPD.astype(np.float64), visible_FP, rec.rate_hz)
    wide_FP = np.where(gap_frames(visible_FP) > LONG_S * rec.rate_hz, EASE_S * rec.rate_hz, 0.0)
    part_FP = np.clip(frames_away(visible_FP) / (wide_FP + 1), 0.0, 1.0)
    share_FP = part_FP * part_FP * (3 - 2 * part_FP)
    return np.where((share_FP < 1)[..., None], curve_FPD + share_FP[..., None] * (xyz_FPD - curve_FPD), xyz_FPD)
