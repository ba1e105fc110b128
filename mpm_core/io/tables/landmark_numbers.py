"""Tables whose points have MediaPipe's numbers in blocks, as caliscope (once pyxy3d) writes them. F frames, P points, NaN = missing.

0 to 32 is the body, 100 to 120 the right hand, 200 to 220 the left, and from 500 on the face.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mpm_core.body.names import NameSet, keypoint_set, name_sets
from mpm_core.gaps import known
from mpm_core.io.keypoints.point_sets import APART, FITS, MOST_BODIES, misfit
from mpm_core.linalg.subsample import subsample
from mpm_core.typing import Float

FIRST_OF_PART = (100, 200, 500)  # right hand, left hand, face
TRUNK = ("left_shoulder", "right_shoulder", "left_hip", "right_hip")
FEWEST_BONES = 0.5  # of the set's
THINNEST = 0.05  # least thickness of a body, as a share of its length (along the principal axes); the corners of a board are in one plane


def landmark_names(labels: Sequence[str], xyz_FP3: Float) -> tuple[str, ...] | None:
    """The names of numbered points; None unless they have a trunk and lie on a body as MediaPipe's do, and no other set fits as well."""
    found = keypoint_set("MediaPipe-33")
    assert found is not None
    name_of = {str(number): name for number, name in enumerate(found.points)}
    for first, part in zip(FIRST_OF_PART, found.extra, strict=True):
        name_of |= {str(first + number): name for number, name in enumerate(part)}
    if not all(label in name_of for label in labels):
        return None
    named = tuple(name_of[label] for label in labels)
    bones = [bone for group in found.bones for bone in group]
    if not set(TRUNK) <= set(named) or sum(set(bone) <= set(named) for bone in bones) < FEWEST_BONES * len(bones):
        return None
    body_FK3 = np.full((len(xyz_FP3), len(found.points), 3), np.nan)
    for point, label in enumerate(labels):
        if int(label) < len(found.points):
            body_FK3[:, int(label)] = xyz_FP3[:, point]
    least = misfit(body_FK3, found)
    if least > FITS or _thickness(body_FK3) < THINNEST:
        return None
    rivals = [names for names in name_sets("keypoints") if names is not found and _numbers_all(names, labels)]
    return None if any(misfit(body_FK3[:, : len(names.points)], names) < least + APART for names in rivals) else named


def _numbers_all(names: NameSet, labels: Sequence[str]) -> bool:
    """Whether the labels are the numbers of all of the set's points."""
    return {int(label) for label in labels} == set(range(len(names.points)))


def _thickness(body_FK3: Float) -> float:
    """The least over the greatest extent of a body's points along their principal axes, the median over frames; 0 where few are shown."""
    ratios = []
    for xyz_K3 in body_FK3[subsample(len(body_FK3), MOST_BODIES)]:
        shown_P3 = xyz_K3[known(xyz_K3)]
        if len(shown_P3) > len(TRUNK):
            extent_3 = np.linalg.svd(shown_P3 - shown_P3.mean(axis=0), compute_uv=False)
            ratios.append(extent_3[2] / max(extent_3[0], np.finfo(float).tiny))
    return float(np.median(ratios)) if ratios else 0.0
