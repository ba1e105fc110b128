"""How sure a detector is of the 17 body joints. F frames, J = 17 joints."""

from __future__ import annotations

import numpy as np

from mpm_core.body.mapping import BodyMap
from mpm_core.recording import Recording
from mpm_core.typing import Float


def joint_confidence(rec: Recording, bmap: BodyMap) -> Float:
    """(F, J) the least confidence of the points that make each joint in each frame, or stand in for it; NaN where none is visible, or in
    files without confidence.

    >>> import mpm_core as mpm
    >>> from mpm_core.body.mapping import body17, map_body
    >>> rec = mpm.make_recording(body17().names, 30.0, np.zeros((1, 17, 2)), confidence_FP=np.full((1, 17), 0.5, np.float32))
    >>> joint_confidence(rec, map_body(rec))[0, :3]
    array([0.5, 0.5, 0.5])
    """
    confidence_FJ = np.full((rec.frames, len(bmap.sources)), np.nan)
    if rec.confidence_FP is None:
        return confidence_FJ
    for joint in range(len(bmap.sources)):
        for terms in reversed(bmap.alternatives(joint)):
            points = [point for point, _ in terms]
            made_F = rec.visible_FP[:, points].all(axis=1)
            confidence_FJ[made_F, joint] = rec.confidence_FP[made_F][:, points].min(axis=1)
    return confidence_FJ
