"""Which axis of a file points up: as the file states, by head and feet, else by the heights of its markers. F frames, P points.

Positions in file units, NaN = missing; N frames that are looked at.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mpm_core.body.markers import match
from mpm_core.body.names import clean, sideless
from mpm_core.linalg.subsample import subsample
from mpm_core.typing import Float, Float32, Int, Mask

Positions = Float32 | Float
UP_BIAS = {(2, 1): 0.2, (1, 1): 0.1, (0, 1): -0.3, (2, -1): -0.4, (1, -1): -0.4, (0, -1): -0.6}  # common up axes score higher
MOST_FRAMES = 400  # these are looked at, evenly spread over the take
UPRIGHT = 0.8  # cosine of feet-to-head against an axis, and share of frames, that make it the up axis
GROUND = 0.12  # of the distance from feet to head: the lowest point's greatest distance from the ground
LYING = 0.25  # and that of head and feet of a person who lies there
HEAD_ROLES = ("front_head", "back_head", "ear", "head_crown", "head_front", "head_rear", "c7", "clavicle", "acromion")
PELVIS_ROLES = ("asis", "psis", "sacrum")
FEET_ROLES = ("heel", "toe", "foot", "lateral_ankle", "medial_ankle")
HEAD_WORD = re.compile(r"head|neck|nose|skull|[lr][fb]hd|c7")
PELVIS_WORD = re.compile(r"pelvis|hips|asi|psi|sacr")
FEET_WORD = re.compile(r"foot|feet|toe|ankle|(?<!w)heel|calc|[lr](hee|cal|ank)\d?|[lr]?mt[1-5]")
OTHER_HEAD = re.compile(r"fib|met|mt|rad|hum|fem|tal|uln")  # heads of bones


@dataclass(frozen=True, slots=True)
class FoundUp:
    """axis: 'x' ... '-z'. known: the file or the way from feet to head says so; else it is the one along which the markers stand."""

    axis: str
    known: bool
    notes: list[str]


def find_up(file_up: str, xyz_FP3: Positions, labels: Sequence[str] = ()) -> FoundUp:
    """The axis that the file names ('+Z'), else that from feet to head, else the one along which the markers stand.

    The sign is always taken from the data, since some files say -Z and mean +Z; where the file names no axis and the markers' heights
    alone say so, it is not known. Feet and head are known by the points' labels.

    >>> find_up("+Y", np.array([[[0.0, 0.1, 0.0], [0.0, 1.8, 0.0]]]))
    FoundUp(axis='y', known=True, notes=[])
    """
    xyz_NP3 = xyz_FP3[frames_to_look_at(xyz_FP3)]
    axis_of = {"X": 0, "Y": 1, "Z": 2}
    file_up = file_up.upper()
    named = axis_of.get(file_up[-1:])
    if named is None:
        file_up = ""
    body = _body_axis(xyz_NP3, labels) if len(xyz_NP3) and len(labels) else None
    if body is not None and named in (None, "xyz".index(body[-1])):
        return FoundUp(body, True, _noted(body, file_up, "the head is above the feet along it"))
    axes = [0, 1, 2] if named is None else [named]
    scores = {(axis, sign): _height_score(xyz_NP3[:, :, axis] * sign) + UP_BIAS[axis, sign] for axis in axes for sign in (1, -1)}
    axis, sign = max(scores, key=lambda key: scores[key])
    if not np.isfinite(scores[axis, sign]):
        if named is None:
            return FoundUp("z", False, ["the file does not say which way is up; taken as +Z"])
        sign = -1 if file_up.startswith("-") else 1
    up = ("-" if sign < 0 else "") + "xyz"[axis]
    notes = _noted(up, file_up, "by how the markers stand")
    return FoundUp(up, named is not None, notes)


def _noted(up: str, file_up: str, why: str) -> list[str]:
    if not file_up:
        return [f"the file does not say which way is up; taken as {signed(up)} ({why})"]
    if file_up.startswith("-") != up.startswith("-"):
        return [f"the file says {file_up} is up; {signed(up)} was taken ({why})"]
    return []


def signed(up: str) -> str:
    """An axis as a note names it: +Y, -Z."""
    return up.upper() if up.startswith("-") else f"+{up.upper()}"


def upright_axis(feet_N3: Float, head_N3: Float) -> str | None:
    """'x' ... '-z': the axis along which the head is above the feet in most frames (NaN where one is not known), or None."""
    way_N3 = (head_N3 - feet_N3)[np.isfinite(head_N3 - feet_N3).all(axis=1)]
    length_N1 = np.linalg.norm(way_N3, axis=1, keepdims=True)
    if not len(way_N3) or (length_N1 == 0).any():
        return None
    share_3 = (np.abs(way_N3 / length_N1) > UPRIGHT).mean(axis=0)
    axis = int(share_3.argmax())
    if share_3[axis] < UPRIGHT:
        return None
    return ("-" if np.median(way_N3[:, axis]) < 0 else "") + "xyz"[axis]


def heads_and_feet(names: Sequence[str]) -> tuple[list[int], list[int]]:
    """The points at a person's head, neck or shoulders (without any: at the pelvis) and those at the feet: by marker set, else by words.

    >>> heads_and_feet(["hip", "Ann:LeftToeBase", "Ann:Head", "R_fibula_head"])
    ([2], [1])
    """
    found = match(tuple(names))
    if found is not None:
        heads, pelvis, feet = (
            [point for role, points in found.roles if sideless(role) in roles for point in points]
            for roles in (HEAD_ROLES, PELVIS_ROLES, FEET_ROLES)
        )
        if (heads or pelvis) and feet:
            return heads or pelvis, feet
    words = [clean(name) for name in names]
    heads, pelvis, feet = ([i for i, word in enumerate(words) if each.search(word)] for each in (HEAD_WORD, PELVIS_WORD, FEET_WORD))
    return [i for i in heads if not OTHER_HEAD.search(words[i])] or pelvis, feet


def _body_axis(xyz_NP3: Positions, labels: Sequence[str]) -> str | None:
    """The axis along which the head is above the feet; None where the person may lie: the lowest point is not near the origin along it,
    and along another axis it is, with head and feet close to it.
    """
    heads, feet = heads_and_feet(labels)
    head_N3, feet_N3 = _mean(xyz_NP3[:, heads]), _mean(xyz_NP3[:, feet])
    body = upright_axis(feet_N3, head_N3)
    if body is None:
        return None
    length = float(np.nanmedian(np.linalg.norm(head_N3 - feet_N3, axis=1)))
    lowest_3 = np.nanpercentile(xyz_NP3, 1, axis=(0, 1))
    if body.startswith("-"):
        lowest_3["xyz".index(body[-1])] = -np.nanpercentile(xyz_NP3[..., "xyz".index(body[-1])], 99)
    grounded_3 = np.abs(lowest_3) < GROUND * length
    near_3 = np.maximum(np.abs(np.nanmedian(head_N3, axis=0)), np.abs(np.nanmedian(feet_N3, axis=0))) < LYING * length
    return body if grounded_3["xyz".index(body[-1])] or not (grounded_3 & near_3).any() else None


def _mean(xyz_NK3: Positions) -> Float:
    known_NK1 = np.isfinite(xyz_NK3).all(axis=2, keepdims=True)
    count_N1 = known_NK1.sum(axis=1)
    total_N3 = np.where(known_NK1, xyz_NK3, 0).sum(axis=1, dtype=np.float64)
    return np.where(count_N1 > 0, total_N3 / np.maximum(count_N1, 1), np.nan)


def frames_to_look_at(xyz_FP3: Positions) -> Int:
    """Up to MOST_FRAMES frames with at least one marker, over the whole take."""
    known_FP: Mask = np.asarray(np.isfinite(xyz_FP3).all(axis=2))
    frames = np.flatnonzero(known_FP.any(axis=1))
    return frames[subsample(len(frames), MOST_FRAMES)]


def _height_score(height_FP: Positions) -> float:
    """How much a signed axis looks like the up axis: tall, its lowest marker still and near zero, nothing below. -inf without data."""
    if not height_FP.size:
        return -np.inf
    sorted_FP = np.sort(height_FP, axis=1)  # NaN goes last
    last_F = np.isfinite(sorted_FP).sum(axis=1) - 1
    low_F, high_F = (sorted_FP[np.arange(len(last_F)), np.rint(share * last_F).astype(int)] for share in (0.03, 0.97))
    size = float(np.median(high_F - low_F))
    if size <= 0:
        return -np.inf
    ground = float(np.percentile(height_FP[np.isfinite(height_FP)], 1))
    moving, away, below = float(np.std(low_F)) / size, abs(ground) / size, max(-ground, 0.0) / size
    return 0.2 * float(np.log(size)) - min(moving, 1.0) - min(away, 1.0) - 3 * min(below, 1.0)
