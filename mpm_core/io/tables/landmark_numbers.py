"""Tables whose points have MediaPipe's numbers in blocks, as caliscope (once pyxy3d) writes them. F frames, P points, NaN = missing.

0 to 32 is the body, 100 to 120 the right hand, 200 to 220 the left, and from 500 on the face.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mpm_core.body.names import keypoint_set
from mpm_core.io.keypoints.point_sets import FITS, misfit
from mpm_core.typing import Float

FIRST_OF_PART = (100, 200, 500)  # right hand, left hand, face


def landmark_names(labels: Sequence[str], xyz_FP3: Float) -> tuple[str, ...] | None:
    """The names of numbered points, where the body's numbers lie on a body as MediaPipe's do, else None."""
    found = keypoint_set("MediaPipe-33")
    assert found is not None
    name_of = {str(number): name for number, name in enumerate(found.points)}
    for first, part in zip(FIRST_OF_PART, found.extra, strict=True):
        name_of |= {str(first + number): name for number, name in enumerate(part)}
    if not all(label in name_of for label in labels):
        return None
    body_FK3 = np.full((len(xyz_FP3), len(found.points), 3), np.nan)
    for point, label in enumerate(labels):
        if int(label) < len(found.points):
            body_FK3[:, int(label)] = xyz_FP3[:, point]
    return tuple(name_of[label] for label in labels) if misfit(body_FK3, found) <= FITS else None
