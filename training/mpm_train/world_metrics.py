"""Errors of a lifted take in the world. F frames, J joints of body17; metres, Z up; NaN in the truth = unknown.

Global errors are means over segments of SEGMENT_S, 100 frames at 30 Hz as in WHAM (Shin et al., CVPR 2024): W-MPJPE after the similarity
that fits the segment's first two frames, WA-MPJPE after the one that fits all of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from mpm_core.body.joints import body17
from mpm_core.gaps import runs
from mpm_core.linalg.kabsch import nearest_rotations
from mpm_core.typing import Float, Mask
from mpm_train.metrics import aligned

SEGMENT_S = 100 / 30
SHORTEST_S = 1.0  # of a segment that counts, and of rest
LIMBS = ("hip", "knee", "ankle", "shoulder", "elbow", "wrist")
REST_M_S = 0.1  # a true ankle that moves slower is at rest
FLAT_M = 0.05  # a bone whose ends differ less in depth than this has no direction in depth to be wrong
BAND = 1.645  # standard deviations: 90 % of a normal distribution


@dataclass(frozen=True, slots=True)
class WorldTake:
    """One lifted take and its truth. turn_33: camera axes = turn_33 @ world axes, of the lift and of the truth (NaN: unknown up)."""

    rate_hz: float
    lifted_FJ3: Float
    lifted_turn_33: Float
    sigma_FJ: Float
    truth_FJ3: Float
    truth_turn_33: Float


NAMES = (
    *("MPJPE", "P-MPJPE", "W-MPJPE", "WA-MPJPE", "root", "tilt deg", "slide", "true slide", "height spread", "bones %", "left/right %"),
    *("jitter m/s2", "true jitter", "flips %", "90% holds %"),
)


def world_figures(takes: list[WorldTake]) -> dict[str, float]:
    """NAMES, means over the takes; mm where no unit is named. Figures that no take has are NaN."""
    rows = [_figures(take) for take in takes]
    with np.errstate(invalid="ignore"):
        return {name: _mean([row[name] for row in rows]) for name in NAMES}


def _figures(take: WorldTake) -> dict[str, float]:
    names = body17().names
    scored = [names.index("hip"), *(names.index(f"{side}_{part}") for side in ("left", "right") for part in LIMBS)]
    scored = [joint for joint in scored if np.isfinite(take.truth_FJ3[:, joint]).all(axis=1).mean() > 0.5]
    if np.isfinite(take.truth_FJ3).all(axis=(1, 2)).mean() > 0.5:
        scored = list(range(len(names)))
    whole_F = np.isfinite(take.truth_FJ3[:, scored]).all(axis=(1, 2))
    here_FJ3, true_FJ3 = (
        xyz_FJ3[whole_F][:, scored] @ turn_33.T
        for xyz_FJ3, turn_33 in ((take.lifted_FJ3, take.lifted_turn_33), (take.truth_FJ3, _known(take)))
    )
    here_FJ3, true_FJ3 = (pose_FJ3 - pose_FJ3[:, :1] for pose_FJ3 in (here_FJ3, true_FJ3))
    error_FJ = np.linalg.norm(here_FJ3 - true_FJ3, axis=2)
    ends = [(scored.index(a), scored.index(b)) for a, b in body17().bones if a in scored and b in scored]
    depth_FB2 = np.stack([np.stack([pose[:, b, 2] - pose[:, a, 2] for a, b in ends], axis=1) for pose in (here_FJ3, true_FJ3)], axis=2)
    deep_FB = np.abs(depth_FB2[..., 1]) > FLAT_M
    figures = {
        "MPJPE": 1000 * float(error_FJ[:, 1:].mean() if len(scored) < len(names) else error_FJ.mean()),
        "P-MPJPE": 1000 * float(np.linalg.norm(aligned(here_FJ3, true_FJ3) - true_FJ3, axis=2).mean()),
        "tilt deg": _angle(take.lifted_turn_33[:, 2], take.truth_turn_33[:, 2]),
        "flips %": 100 * float((np.sign(depth_FB2[..., 0]) != np.sign(depth_FB2[..., 1]))[deep_FB].mean()),
        "jitter m/s2": _jitter(take.lifted_FJ3[:, scored], take.rate_hz),
        "true jitter": _jitter(take.truth_FJ3[:, scored], take.rate_hz),
    }
    figures |= _bones(take.lifted_FJ3) | _rest(take) | _global(take, scored)
    return figures


def _known(take: WorldTake) -> Float:
    """The truth's rotation to camera axes; a truth in camera axes has none."""
    return np.eye(3) if np.isnan(take.truth_turn_33).any() else take.truth_turn_33


def _global(take: WorldTake, scored: list[int]) -> dict[str, float]:
    first_two: list[float] = []
    whole: list[float] = []
    root: list[float] = []
    held: list[float] = []
    for part in _segments(take.truth_FJ3[:, scored], take.rate_hz):
        here_FJ3, true_FJ3, sigma_FJ = take.lifted_FJ3[part][:, scored], take.truth_FJ3[part][:, scored], take.sigma_FJ[part][:, scored]
        for fitted, errors in ((2, first_two), (len(here_FJ3), whole)):
            scale, rot_33, shift_3 = similarity(here_FJ3[:fitted].reshape(-1, 3), true_FJ3[:fitted].reshape(-1, 3))
            errors.append(np.linalg.norm(scale * here_FJ3 @ rot_33.T + shift_3 - true_FJ3, axis=2).mean())
        if np.isfinite(take.truth_turn_33).all():
            laid_FJ3 = _by_heading(here_FJ3, true_FJ3)
            root.append(np.linalg.norm(laid_FJ3[:, 0] - true_FJ3[:, 0], axis=1).mean())
            held.append((np.abs(laid_FJ3 - true_FJ3) < BAND * sigma_FJ[..., None]).mean())
    found = {"W-MPJPE": 1000 * _mean(first_two), "WA-MPJPE": 1000 * _mean(whole), "root": 1000 * _mean(root)}
    return found | {"90% holds %": 100 * _mean(held)}


def _segments(truth_FJ3: Float, rate_hz: float) -> Iterator[slice]:
    """Stretches of up to SEGMENT_S without unknown joints."""
    longest, shortest = round(SEGMENT_S * rate_hz), round(SHORTEST_S * rate_hz)
    for start, stop in runs(np.asarray(np.isfinite(truth_FJ3).all(axis=(1, 2)))):
        for first in range(start, stop, longest):
            if min(first + longest, stop) - first >= shortest:
                yield slice(first, min(first + longest, stop))


def similarity(from_N3: Float, to_N3: Float) -> tuple[float, Float, Float]:
    """scale, rotation and shift that lay points on others, in the least-squares sense (Umeyama, TPAMI 1991): to = scale rotation from +
    shift."""
    a_N3, b_N3 = from_N3 - from_N3.mean(axis=0), to_N3 - to_N3.mean(axis=0)
    cross_33 = a_N3.T @ b_N3
    rot_33 = nearest_rotations(cross_33[None])[0]
    scale = float((rot_33 * cross_33).sum() / max(float((a_N3**2).sum()), 1e-12))
    return scale, rot_33.T, to_N3.mean(axis=0) - scale * from_N3.mean(axis=0) @ rot_33


def _by_heading(here_FJ3: Float, true_FJ3: Float) -> Float:
    """Turned about the vertical and moved onto the truth."""
    a_N3, b_N3 = (xyz_FJ3.reshape(-1, 3) - xyz_FJ3.reshape(-1, 3).mean(axis=0) for xyz_FJ3 in (here_FJ3, true_FJ3))
    angle = np.arctan2((a_N3[:, 0] * b_N3[:, 1] - a_N3[:, 1] * b_N3[:, 0]).sum(), (a_N3[:, :2] * b_N3[:, :2]).sum())
    cos, sin = np.cos(angle), np.sin(angle)
    turned_N3 = a_N3 @ np.array([[cos, sin, 0], [-sin, cos, 0], [0, 0, 1]])
    return np.asarray(turned_N3.reshape(here_FJ3.shape) + true_FJ3.reshape(-1, 3).mean(axis=0))


def _rest(take: WorldTake) -> dict[str, float]:
    """Of ankles at rest in the truth: how far they move within 1/30 s in the lift and in the truth, and by how much their height errs: the
    range that holds 90 % of the differences."""
    names = body17().names
    ankles = [names.index("left_ankle"), names.index("right_ankle")]
    here_FA3, true_FA3 = take.lifted_FJ3[:, ankles], take.truth_FJ3[:, ankles]
    rest_FA = resting(true_FA3, take.rate_hz)
    if rest_FA.sum() < SHORTEST_S * take.rate_hz:
        return dict.fromkeys(("slide", "true slide", "height spread"), np.nan)
    step = 1000 * take.rate_hz / 30
    both_FA = rest_FA[1:] & rest_FA[:-1]
    slide, true_slide = (step * float(np.linalg.norm(np.diff(xyz_FA3, axis=0), axis=2)[both_FA].mean()) for xyz_FA3 in (here_FA3, true_FA3))
    spread = np.nan
    if np.isfinite(take.truth_turn_33).all():
        low, high = np.percentile((here_FA3 - true_FA3)[..., 2][rest_FA], [5, 95])
        spread = 1000 * float(high - low)
    return {"slide": slide, "true slide": true_slide, "height spread": spread}


def resting(ankle_FA3: Float, rate_hz: float) -> Mask:
    """(F, A) ankles that move slower than REST_M_S from the frame before to the one after."""
    speed_FA = np.linalg.norm(ankle_FA3[2:] - ankle_FA3[:-2], axis=2) * rate_hz / 2
    return np.asarray(np.pad(speed_FA, ((1, 1), (0, 0)), mode="edge") < REST_M_S)


def _bones(xyz_FJ3: Float) -> dict[str, float]:
    body = body17()
    length_FB = np.stack([np.linalg.norm(xyz_FJ3[:, a] - xyz_FJ3[:, b], axis=1) for a, b in body.bones], axis=1)
    mean_J = dict(zip((b for _, b in body.bones), length_FB.mean(axis=0), strict=True))
    sides = [abs(mean_J[left] - mean_J[right]) / (mean_J[left] + mean_J[right]) * 2 for left, right in body.pairs]
    return {"bones %": 100 * float((length_FB.std(axis=0) / length_FB.mean(axis=0)).mean()), "left/right %": 100 * float(np.mean(sides))}


def _jitter(xyz_FJ3: Float, rate_hz: float) -> float:
    """Mean acceleration, m/s2."""
    return _mean(np.linalg.norm(np.diff(xyz_FJ3, n=2, axis=0), axis=2).ravel() * rate_hz**2)


def _angle(a_3: Float, b_3: Float) -> float:
    return float(np.degrees(np.arccos(np.clip(a_3 @ b_3, -1, 1))))


def _mean(values: list[float] | Float) -> float:
    """Of the known ones; NaN where there is none."""
    known = np.asarray(values, np.float64)
    known = known[np.isfinite(known)]
    return float(known.mean()) if len(known) else float("nan")
