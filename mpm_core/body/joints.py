"""The 17 body joints, on which all work on bodies is based: their skeleton, and their indices in its order."""

from __future__ import annotations

from mpm_core.skeleton import Skeleton, load_skeleton

HIP, R_HIP, R_KNEE, R_ANKLE, L_HIP, L_KNEE, L_ANKLE, SPINE, THORAX, NECK, HEAD_TOP = range(11)
L_SHOULDER, L_ELBOW, L_WRIST, R_SHOULDER, R_ELBOW, R_WRIST = range(11, 17)
LEGS = (L_HIP, L_KNEE, L_ANKLE), (R_HIP, R_KNEE, R_ANKLE)
ARMS = (L_SHOULDER, L_ELBOW, L_WRIST), (R_SHOULDER, R_ELBOW, R_WRIST)


def body17() -> Skeleton:
    """The skeleton of the 17 body joints.

    >>> body17().names[:3]
    ('hip', 'right_hip', 'right_knee')
    """
    return load_skeleton("body17")
