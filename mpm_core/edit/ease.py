"""Edges that cannot be seen: beside what is visible a fill goes over into the curve that meets it. F frames, P points, D dimensions."""

from __future__ import annotations

import numpy as np

from mpm_core.edit.fill import carried
from mpm_core.edit.seen import Float
from mpm_core.gaps import frames_away, gap_frames
from mpm_core.recording import Recording

EASE_S, SHARE = 0.05, 0.2  # for this long on each side, but no more than this share of a gap


def eased(rec: Recording, xyz_FPD: Float) -> Float:
    """A fill (NaN = none) whose position and velocity meet those of what is visible, whatever it was mixed from.

    So near to an edge the Hermite curve is as good as anything, and does not carry over what neighbours shake.
    """
    visible_FP = rec.visible_FP
    curve_FPD = carried(rec.xyz_FPD.astype(np.float64), visible_FP, rec.rate_hz)
    wide_FP = np.minimum(EASE_S * rec.rate_hz, SHARE * gap_frames(visible_FP))
    part_FP = np.clip(frames_away(visible_FP) / (wide_FP + 1), 0.0, 1.0)
    share_FP = part_FP * part_FP * (3 - 2 * part_FP)
    return np.where((share_FP < 1)[..., None], curve_FPD + share_FP[..., None] * (xyz_FPD - curve_FPD), xyz_FPD)
