"""Whether 17 joints have a person's proportions: a wrong rig, unit or mapping shows here. F frames, J = 17 joints, metres."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mpm_core.body.joints import body17
from mpm_core.typing import Floating

LEG_M = (0.4, 1.2)
RANGES = {  # wide enough for solved skeletons, whose wrists, hips and necks lie elsewhere than a person's
    "from hip to thorax": (("thorax", "hip"), (0.42, 0.75)),
    "from thorax to neck": (("neck", "thorax"), (0.05, 0.32)),
    "from neck to head top": (("head_top", "neck"), (0.08, 0.35)),
    "between the hips": (("right_hip", "left_hip"), (0.1, 0.35)),
    "between the shoulders": (("right_shoulder", "left_shoulder"), (0.25, 0.65)),
    "from left shoulder to elbow": (("left_shoulder", "left_elbow"), (0.25, 0.45)),
    "from right shoulder to elbow": (("right_shoulder", "right_elbow"), (0.25, 0.45)),
    "from left elbow to wrist": (("left_elbow", "left_wrist"), (0.15, 0.4)),
    "from right elbow to wrist": (("right_elbow", "right_wrist"), (0.15, 0.4)),
    "from left hip to knee": (("left_hip", "left_knee"), (0.4, 0.6)),
    "from right hip to knee": (("right_hip", "right_knee"), (0.4, 0.6)),
}
"""What: two joints, and the least and the greatest distance of a person's, in lengths of a leg from hip to ankle."""
SPINE_AT = (0.25, 0.75)
UNIT, RIG = "is the unit right? --unit gives another", "is the rig mapped right?"  # what to do


@dataclass(frozen=True, slots=True)
class Implausible:
    """What is unlike a person, and what to do about it."""

    what: str
    hint: str


def implausible_proportions(xyz_FJ3: Floating) -> list[Implausible]:
    """What is unlike a person in the median distances between joints; nothing where a leg is never whole.

    Distances of joints that are never visible together are passed over.

    >>> import numpy as np
    >>> implausible_proportions(np.full((1, 17, 3), np.nan))
    []
    """
    names = body17().names

    def distance(a: str, b: str) -> float:
        length_F = np.linalg.norm(xyz_FJ3[:, names.index(a)].astype(np.float64) - xyz_FJ3[:, names.index(b)], axis=1)
        known_F = np.isfinite(length_F)
        return float(np.median(length_F[known_F])) if known_F.any() else np.nan

    legs = [distance(f"{side}_hip", f"{side}_knee") + distance(f"{side}_knee", f"{side}_ankle") for side in ("left", "right")]
    leg = max((each for each in legs if np.isfinite(each)), default=0.0)
    if leg <= 0:
        return []
    found = []
    if not LEG_M[0] <= leg <= LEG_M[1]:
        found.append(Implausible(f"a leg is {leg:.2f} m long from hip to ankle", UNIT))
    for what, (joints, (least, most)) in RANGES.items():
        length = distance(*joints)
        if np.isfinite(length) and not least <= length / leg <= most:
            found.append(Implausible(f"{what} {length:.2f} m, {length / leg:.2f} of a leg; a person's is {least:g} to {most:g}", RIG))
    below, above = distance("hip", "spine"), distance("spine", "thorax")
    if np.isfinite(below + above) and below + above > 0 and not SPINE_AT[0] <= below / (below + above) <= SPINE_AT[1]:
        found.append(Implausible(f"the spine is {below:.2f} m from the hip and {above:.2f} m from the thorax, not about half way", RIG))
    return found
