"""How far a filled gap is from the true motion. F frames, J joints, N masked samples, B bones; metres in, figures in the units they name.

Measured are positions, bone lengths, the change of velocity at the edges of the gap beside how much velocity changes anyway, and
accelerations and jerks beside those of the true motion.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
from scipy.special import ndtri

from mpm_core.body.joints import body17
from mpm_core.recording import Recording
from mpm_core.typing import Float, Int, Mask

INTERVALS = (0.50, 0.80, 0.90, 0.95)
NO_SIGMA_M = 1e-9  # a fill that claims to be exact is outside every interval, not undefined
NO_JOINT = -1  # of markers


@dataclass(frozen=True, slots=True)
class Filled:
    """One gap filled by one method, every array 1D over the masked: samples, bones in frames, joints at edges, joints in frames.

    joint: the number of each sample's joint, NO_JOINT of markers. error_mm and sigma_mm: NaN where the method left a sample, or gives
    no sigma. axis_mm: three per sample, the size of each axis's error; z: each axis's error in sigmas. bone_mm: how far a bone with a
    masked end is from its length.
    jump_mm_s: change of velocity from one frame to the next across a gap's edge; true_jump_mm_s, natural_mm_s: the same in the true
    motion of the same joints, there and all along the stretch. Accelerations in m/s^2, jerks in m/s^3: mean size per masked joint,
    filled and true.
    """

    joint: Int
    error_mm: Float
    axis_mm: Float
    sigma_mm: Float
    z: Float
    bone_mm: Float
    jump_mm_s: Float
    true_jump_mm_s: Float
    natural_mm_s: Float
    acceleration: Float
    acceleration_true: Float
    jerk: Float
    jerk_true: Float


def gap_errors(filled: Recording, truth: Recording, masked_FJ: Mask, bones: Sequence[tuple[int, int]] | None = None) -> Filled:
    """A filled stretch against the true one. masked_FJ: what was cut out, the same frames for every joint that has any.

    bones: pairs of points that keep their distance; None = those of body17.
    """
    rate_hz = truth.rate_hz
    true_FJ3, found_FJ3 = truth.xyz_FPD.astype(np.float64), filled.xyz_FPD.astype(np.float64)
    off_N3 = (found_FJ3 - true_FJ3)[masked_FJ]
    sigma_N = filled.sigma_FP[masked_FJ].astype(np.float64)
    sigma_N1 = np.maximum(sigma_N, NO_SIGMA_M)[:, None]
    frames, joints = np.flatnonzero(masked_FJ.any(axis=1)), np.flatnonzero(masked_FJ.any(axis=0))
    start, stop = int(frames[0]), int(frames[-1]) + 1
    pairs = [bone for bone in (body17().bones if bones is None else bones) if set(bone) & set(joints.tolist())]
    ends_2B = np.array(pairs, np.int64).reshape(-1, 2).T
    lengths = [np.linalg.norm(xyz[start:stop, ends_2B[0]] - xyz[start:stop, ends_2B[1]], axis=2) for xyz in (found_FJ3, true_FJ3)]
    found_FH3, true_FH3 = found_FJ3[:, joints], true_FJ3[:, joints]
    change_FH, natural_FH = (np.linalg.norm(np.diff(xyz, 2, axis=0), axis=2) * rate_hz * 1000 for xyz in (found_FH3, true_FH3))
    # the changes across an edge: one before it, one after; at the take's start and end there is no edge
    across = [*([start - 2, start - 1] if start >= 2 else []), *([stop - 2, stop - 1] if stop < len(true_FJ3) else [])]
    return Filled(
        joint=np.nonzero(masked_FJ)[1] if bones is None else np.full(len(off_N3), NO_JOINT),
        error_mm=np.linalg.norm(off_N3, axis=1) * 1000,
        axis_mm=np.abs(off_N3).ravel() * 1000,
        sigma_mm=sigma_N * 1000,
        z=(off_N3 / sigma_N1).ravel(),
        bone_mm=np.abs(lengths[0] - lengths[1]).ravel() * 1000,
        jump_mm_s=change_FH[across].ravel(),
        true_jump_mm_s=natural_FH[across].ravel(),
        natural_mm_s=natural_FH.ravel(),
        acceleration=_size(found_FH3[max(start - 2, 0) : stop + 2], 2, rate_hz),
        acceleration_true=_size(true_FH3[max(start - 2, 0) : stop + 2], 2, rate_hz),
        jerk=_size(found_FH3[max(start - 3, 0) : stop + 3], 3, rate_hz),
        jerk_true=_size(true_FH3[max(start - 3, 0) : stop + 3], 3, rate_hz),
    )


def _size(xyz_FH3: Float, order: int, rate_hz: float) -> Float:
    """(H,) mean size of the derivative of that order."""
    return np.asarray(np.linalg.norm(np.diff(xyz_FH3, order, axis=0) * rate_hz**order, axis=2).mean(axis=0))


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures of one method over all gaps of a cell; samples and the rest are pooled. NaN where nothing was filled.

    filled: share of the masked samples that the method filled at all. axis_mm: mean absolute error per coordinate. jump_mm_s,
    jump_p95_mm_s: at the gaps' edges, mean and 95th percentile; true_jump_p95_mm_s: of the true motion there, natural_p95_mm_s: anywhere.
    within: per interval the share of axis errors inside it; with_sigma: share of filled samples that carry a sigma; each_mm: the mean error
    of each gap, in the order of the plan; joints_mm: by joint's name, the number of filled samples and their mean error.
    """

    gaps: int
    samples: int
    filled: float
    mean_mm: float
    median_mm: float
    p95_mm: float
    worst_mm: float
    axis_mm: float
    bone_mm: float
    bone_p95_mm: float
    jump_mm_s: float
    jump_p95_mm_s: float
    true_jump_p95_mm_s: float
    natural_p95_mm_s: float
    acceleration: float
    acceleration_true: float
    jerk: float
    jerk_true: float
    with_sigma: float
    sigma_mm: float
    within: dict[str, float]
    each_mm: tuple[float, ...]
    joints_mm: dict[str, tuple[int, float]] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """Plain values, to the last digit; NaN as None."""
        return {name: _plain(value) for name, value in asdict(self).items()}


def pooled(gaps: list[Filled]) -> Figures:
    """The figures of a cell. Samples that were left count in `filled` only."""
    every = {name: np.concatenate([getattr(gap, name) for gap in gaps]) for name in Filled.__slots__}
    some = {name: values[np.isfinite(values)] for name, values in every.items()}
    errors = some["error_mm"]
    within = {f"{share:.0%}": _share(np.abs(some["z"]) <= ndtri(0.5 + share / 2)) for share in INTERVALS}
    return Figures(
        gaps=len(gaps),
        samples=len(every["error_mm"]),
        filled=len(errors) / len(every["error_mm"]),
        mean_mm=_mean(errors),
        median_mm=_at(errors, 50),
        p95_mm=_at(errors, 95),
        worst_mm=_at(errors, 100),
        axis_mm=_mean(some["axis_mm"]),
        bone_mm=_mean(some["bone_mm"]),
        bone_p95_mm=_at(some["bone_mm"], 95),
        jump_mm_s=_mean(some["jump_mm_s"]),
        jump_p95_mm_s=_at(some["jump_mm_s"], 95),
        true_jump_p95_mm_s=_at(some["true_jump_mm_s"], 95),
        natural_p95_mm_s=_at(some["natural_mm_s"], 95),
        acceleration=_mean(some["acceleration"]),
        acceleration_true=_mean(some["acceleration_true"]),
        jerk=_mean(some["jerk"]),
        jerk_true=_mean(some["jerk_true"]),
        with_sigma=len(some["z"]) / 3 / len(errors) if len(errors) else float("nan"),
        sigma_mm=_mean(some["sigma_mm"]),
        within=within,
        each_mm=tuple(_mean(gap.error_mm[np.isfinite(gap.error_mm)]) for gap in gaps),
        joints_mm=_by_joint(every["joint"], every["error_mm"]),
    )


def _by_joint(joint_N: Int, error_mm_N: Float) -> dict[str, tuple[int, float]]:
    names = body17().names
    some = {joint: error_mm_N[(joint_N == joint) & np.isfinite(error_mm_N)] for joint in np.unique(joint_N) if joint != NO_JOINT}
    return {names[joint]: (len(errors), _mean(errors)) for joint, errors in some.items() if len(errors)}


def _mean(values: Float) -> float:
    return float(values.mean()) if len(values) else float("nan")


def _share(inside: Mask) -> float:
    return float(inside.mean()) if len(inside) else float("nan")


def _at(values: Float, percent: float) -> float:
    return float(np.percentile(values, percent)) if len(values) else float("nan")


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, tuple):
        return [_plain(inner) for inner in value]
    if isinstance(value, float):
        return value if np.isfinite(value) else None
    return value


def figures_from(values: dict[str, Any]) -> Figures:
    """The figures again from `as_json`."""
    nan = float("nan")
    within: dict[str, float] = {name: nan if share is None else share for name, share in values["within"].items()}
    plain: dict[str, Any] = {name: nan if value is None else value for name, value in values.items()}
    each_mm = tuple(nan if mean is None else mean for mean in values["each_mm"])
    joints_mm = {name: (count, mean) for name, (count, mean) in values.get("joints_mm", {}).items()}
    return Figures(**(plain | {"within": within, "each_mm": each_mm, "joints_mm": joints_mm}))
