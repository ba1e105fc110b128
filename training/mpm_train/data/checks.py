"""Bone lengths of a take, and what makes it suspicious. F frames, J = 17 joints, K = 16 bones, metres, Z up."""

from __future__ import annotations

import numpy as np

from mpm_core.body.joints import body17
from mpm_core.body.proportions import implausible_proportions
from mpm_core.gaps import known
from mpm_core.typing import Float, Floating
from mpm_core.world_fit.bones import body_height

MOST_SPREAD = 0.05  # of a bone's length; of limbs and hips only, since trunk and shoulders bend between two joints
STIFF = ("hip", "knee", "ankle", "elbow", "wrist")
HEIGHTS_M = (1.2, 2.2)
FAST_M_S = 12.0
UPSIDE_DOWN_SHARE = 0.5
LOPSIDED = 0.1  # a limb's bone and its counterpart differ in length by less
MARKER_SLACK = 2.0  # times as much of either where joints are computed from markers on skin


def bone_names() -> tuple[str, ...]:
    names = body17().names
    return tuple(f"{names[a]}-{names[b]}" for a, b in body17().bones)


def bone_lengths(xyz_FJ3: Floating) -> tuple[Float, Float]:
    """(K,) mean and (K,) standard deviation of the bones over the frames in which their ends are known; NaN where they never are."""
    parents, children = (list(ends) for ends in zip(*body17().bones, strict=True))
    length_FK = np.linalg.norm(xyz_FJ3[:, children].astype(np.float64) - xyz_FJ3[:, parents], axis=2)
    known_FK = np.isfinite(length_FK)
    count_K = known_FK.sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean_K = np.where(known_FK, length_FK, 0).sum(axis=0) / count_K
        spread_K = np.sqrt(np.where(known_FK, (length_FK - mean_K) ** 2, 0).sum(axis=0) / count_K)
    return mean_K, spread_K


def suspicions(xyz_FJ3: Floating, rate_hz: float, *, from_markers: bool = False) -> list[str]:
    """What is unlike a person in this take, a phrase each; frames with missing joints are passed over.

    from_markers: the joints were computed from markers on skin, of which one on a shoulder moves against the trunk with the arm.
    """
    whole_FJ3 = xyz_FJ3[known(xyz_FJ3).all(axis=1)].astype(np.float64)
    if len(whole_FJ3) < 2:
        return ["hardly a frame shows all joints"]
    names = body17().names
    found = []
    mean_K, spread_K = bone_lengths(whole_FJ3)
    stiff_K = np.array([names[child].endswith(STIFF) for _, child in body17().bones])
    share_K = np.where(stiff_K, spread_K / np.maximum(mean_K, 1e-6), 0.0)
    slack = MARKER_SLACK if from_markers else 1.0
    if share_K.max() > slack * MOST_SPREAD:
        found.append(f"the bone {bone_names()[int(share_K.argmax())]} changes its length by {100 * share_K.max():.0f} %")
    length = dict(zip((names[child] for _, child in body17().bones), mean_K, strict=True))
    for left, right in ((names[left], names[right]) for left, right in body17().pairs):
        if from_markers and left.endswith("shoulder"):
            continue
        if abs(length[left] - length[right]) > slack * LOPSIDED * max(length[left], length[right]):
            found.append(f"{left} and {right} hang on bones of {1000 * length[left]:.0f} and {1000 * length[right]:.0f} mm")
    height = body_height(whole_FJ3)
    if not HEIGHTS_M[0] <= height <= HEIGHTS_M[1]:
        found.append(f"the person is {height:.2f} m tall: is the unit right?")
    found += [each.what for each in implausible_proportions(whole_FJ3)]
    below = float((whole_FJ3[:, names.index("head_top"), 2] < whole_FJ3[:, names.index("hip"), 2]).mean())
    if below > UPSIDE_DOWN_SHARE:
        found.append(f"the head is below the hip in {100 * below:.0f} % of the frames: is the up axis right?")
    fastest = float(np.linalg.norm(np.diff(xyz_FJ3, axis=0), axis=2)[known(np.diff(xyz_FJ3, axis=0))].max(initial=0.0)) * rate_hz
    if fastest > FAST_M_S:
        found.append(f"a joint moves at {fastest:.0f} m/s")
    return found
