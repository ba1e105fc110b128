"""The Kalman fill: all points follow a few principal components of the motion, and their scores vary smoothly in time.

Burke and Lasenby, "Estimating missing marker positions using low dimensional Kalman smoothing", Journal of Biomechanics 49 (2016). Instead
of a forward and a backward pass, the most likely scores of all frames are found at once, by solving one banded system of equations.

F frames, P points (used: those visible often enough), M = P * D coordinates, K components, N frames to learn from, T frames of one piece.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mpm_core.fill.hermite import hermite_weights
from mpm_core.fill.problem import FillProblem, FillResult, classical_result, fill_from_guess
from mpm_core.gaps import runs
from mpm_core.linalg.subsample import subsample
from mpm_core.typing import Float, Int, Mask

LEAST_SHARE = 0.1  # points visible in a smaller share of the frames are not used
SAMPLES = 3000  # frames to learn from, at most
COMPLETE_FRAMES = 200  # with this many frames in which every point is visible, only those are learned from
ROUNDS = 5  # of estimating the missing samples and the components in turn, where there are fewer
MOST_SHAPES = 20  # components
RESIDUAL_M = 0.002  # RMS that the components may leave unexplained: measurement noise
FINEST_M = 1e-5
SIDE_S = 0.1  # solved with each gap, on both sides; with three times as much, errors are the same to 0.01 %
PIECE = 4000  # frames solved at once, where a longer stretch can be split


@dataclass(frozen=True, slots=True)
class _Shapes:
    """Principal components of the motion. noise_M: the variance that they leave. step_K: variance of a score's second difference."""

    mean_M: Float
    shape_MK: Float
    noise_M: Float
    step_K: Float


def kalman(problem: FillProblem) -> FillResult:
    """Each gap from the components of the whole take's motion, given the points visible meanwhile; corrected at the edges.

    Points visible in less than LEAST_SHARE of the frames are left.
    """
    gaps = problem.gaps()
    F, P, D = problem.xyz_FPD.shape
    share_P = problem.visible_FP.mean(axis=0) if F else np.zeros(len(problem.points))
    used = np.flatnonzero(share_P >= LEAST_SHARE)
    rare = [point for point in sorted({gap[0] for gap in gaps}) if share_P[point] < LEAST_SHARE]
    why = dict.fromkeys(rare, "it is visible in too few frames to learn how it moves with the others")
    shapes = _learn(problem, used) if len(used) >= 2 else None
    if shapes is None:
        reason = "there is too little motion to learn from"
        return classical_result(problem.empty(), dict.fromkeys(sorted({gap[0] for gap in gaps}), reason))
    state_FK = np.full((F, shapes.shape_MK.shape[1]), np.nan)
    for start, stop in _pieces(problem, used):
        state_FK[start:stop] = _smoothed(problem.xyz_FPD[start:stop, used], problem.visible_FP[start:stop, used], shapes)
    mean_PD, shape_PDK = np.full((P, D), np.nan), np.full((P, D, state_FK.shape[1]), np.nan)
    mean_PD[used], shape_PDK[used] = shapes.mean_M.reshape(-1, D), shapes.shape_MK.reshape(len(used), D, -1)
    point_G = np.array([gap[0] for gap in gaps], np.int64)

    def guess(frame_LS: Int, which_S: Int) -> tuple[Float, None]:
        point_S = point_G[which_S]
        offset_SLD = state_FK[frame_LS.T] @ shape_PDK[point_S].transpose(0, 2, 1)
        return mean_PD[point_S] + offset_SLD.transpose(1, 0, 2), None

    return classical_result(fill_from_guess(problem, gaps, guess), why)


def _learn(problem: FillProblem, used: Int) -> _Shapes | None:
    """Principal components of the frames in which every used point is visible; where those are few, by iterative PCA (ROUNDS)."""
    visible_FP = problem.visible_FP[:, used]
    complete = np.flatnonzero(visible_FP.all(axis=1))
    if len(complete) >= COMPLETE_FRAMES or len(complete) == len(visible_FP):
        frames, rounds = complete, 1
    else:
        frames, rounds = np.flatnonzero(visible_FP.sum(axis=1) >= 2), ROUNDS
    frames = frames[subsample(len(frames), SAMPLES)]
    if len(frames) < 3:
        return None
    D = problem.xyz_FPD.shape[2]
    visible_NM = np.repeat(visible_FP[frames], D, axis=1)
    if rounds == 1:
        data_NM = problem.xyz_FPD[frames[:, None], used].reshape(len(frames), -1)
    else:
        data_NM = _guessed(problem.xyz_FPD, visible_FP, used, frames, problem.rate_hz).reshape(len(frames), -1)
    known_NM = data_NM.copy()
    for number in range(rounds):
        mean_M, shape_MK, noise_M = _principal(data_NM, visible_NM)
        if number + 1 < rounds:
            info_NKK = np.einsum("nm,mk,ml->nkl", visible_NM / noise_M, shape_MK, shape_MK, optimize=True)
            rhs_NK = ((known_NM - mean_M) * visible_NM / noise_M) @ shape_MK
            spread_K = np.maximum(((data_NM - mean_M) @ shape_MK).var(axis=0), FINEST_M**2)
            state_NK = np.linalg.solve(info_NKK + np.diag(1 / spread_K), rhs_NK[..., None])[..., 0]
            data_NM = np.where(visible_NM, known_NM, mean_M + state_NK @ shape_MK.T)
    return _Shapes(mean_M, shape_MK, noise_M, _steps(problem, used, mean_M, shape_MK))


def _guessed(xyz_FPD: Float, visible_FP: Mask, used: Int, frames: Int, rate_hz: float) -> Float:
    """(N, used, D) the used points in the given frames, missing samples interpolated."""
    row_F = np.full(len(visible_FP), -1)
    row_F[frames] = np.arange(len(frames))
    weights = hermite_weights(visible_FP, rate_hz).in_frames(row_F >= 0)
    out_NPD = np.where(visible_FP[frames][..., None], xyz_FPD[frames[:, None], used], 0.0)
    out_NPD[row_F[weights.frame_N], weights.series_N] = weights.interpolate(xyz_FPD[weights.index_4N, used[weights.series_N]])
    return out_NPD


def _principal(data_NM: Float, visible_NM: Mask) -> tuple[Float, Float, Float]:
    """Mean, as many components as leave at most RESIDUAL_M (RMS), and the variance they leave of each coordinate where it is visible."""
    mean_M = data_NM.mean(axis=0)
    centred_NM = data_NM - mean_M
    power_M, shape_MM = np.linalg.eigh(centred_NM.T @ centred_NM / len(data_NM))
    power_M, shape_MM = np.maximum(power_M[::-1], 0.0), shape_MM[:, ::-1]
    remaining_K = power_M.sum() - np.cumsum(power_M)
    most = max(1, min(MOST_SHAPES, len(mean_M) - 1, len(data_NM) - 1))
    count = min(most, 1 + int((remaining_K > RESIDUAL_M**2 * len(mean_M)).sum()))
    exact = int((power_M > 1e-14 * power_M[0]).sum())  # a motion of few components is represented exactly
    count = max(count, exact) if exact <= most else count
    shape_MK = shape_MM[:, :count]
    remaining_NM = np.where(visible_NM, centred_NM - centred_NM @ shape_MK @ shape_MK.T, 0.0)
    return mean_M, shape_MK, np.maximum((remaining_NM**2).sum(axis=0) / np.maximum(visible_NM.sum(axis=0), 1), FINEST_M**2)


def _steps(problem: FillProblem, used: Int, mean_M: Float, shape_MK: Float) -> Float:
    """(K,) variance of the scores' second differences, from frames in which every point is visible, else from each point's own."""
    visible_F = np.asarray(problem.visible_FP[:, used].all(axis=1))
    triple_F = visible_F[2:] & visible_F[1:-1] & visible_F[:-2]
    at = np.flatnonzero(triple_F)
    if len(at) >= 10:
        at = at[subsample(len(at), SAMPLES)]
        first_NM, middle_NM, last_NM = (problem.xyz_FPD[(at + step)[:, None], used].reshape(len(at), -1) for step in range(3))
        return np.asarray(np.maximum((((first_NM - 2 * middle_NM + last_NM) @ shape_MK) ** 2).mean(axis=0), FINEST_M**2))
    xyz_FM = problem.xyz_FPD[:, used].reshape(len(problem.xyz_FPD), -1)
    difference_FM = xyz_FM[2:] - 2 * xyz_FM[1:-1] + xyz_FM[:-2]
    count_M = np.maximum(np.isfinite(difference_FM).sum(axis=0), 1)
    variance_M = np.where(np.isfinite(difference_FM), difference_FM, 0.0) ** 2
    return np.asarray(np.maximum((variance_M.sum(axis=0) / count_M) @ shape_MK**2 * 3, FINEST_M**2))


def _pieces(problem: FillProblem, used: Int) -> list[tuple[int, int]]:
    """The stretches around wanted gaps; long ones are split at frames in which most points are visible."""
    side = max(4, round(SIDE_S * problem.rate_hz))
    near_F = np.zeros(len(problem.visible_FP), bool)
    for _, start, stop in problem.gaps():
        near_F[max(0, start - side) : stop + side] = True
    count_F = problem.visible_FP[:, used].sum(axis=1)
    pieces = []
    for low, high in runs(near_F):
        start = low
        while high - start > 2 * PIECE:
            stop = start + PIECE + int(np.argmax(count_F[start + PIECE : start + 2 * PIECE]))
            pieces.append((start, stop))
            start = stop
        pieces.append((start, high))
    return pieces


def _smoothed(xyz_TPD: Float, visible_TP: Mask, shapes: _Shapes) -> Float:
    """(T, K) the most likely scores, given the visible samples and the variance of second differences."""
    from scipy.linalg import solveh_banded

    T, K = len(xyz_TPD), shapes.shape_MK.shape[1]
    D = xyz_TPD.shape[2]
    weighted_PDK = (shapes.shape_MK / np.sqrt(shapes.noise_M)[:, None]).reshape(-1, D, K)
    info_PKK = np.einsum("pdk,pdl->pkl", weighted_PDK, weighted_PDK)
    info_TKK = (visible_TP.astype(np.float64) @ info_PKK.reshape(len(info_PKK), -1)).reshape(T, K, K)
    deviation_TM = np.where(np.repeat(visible_TP, D, axis=1), xyz_TPD.reshape(T, -1) - shapes.mean_M, 0.0)
    rhs_TK = (deviation_TM / shapes.noise_M) @ shapes.shape_MK
    band = np.zeros((2 * K + 1, T, K))
    for offset in range(K):
        band[offset, :, : K - offset] = info_TKK[:, np.arange(offset, K), np.arange(K - offset)]
    if T >= 3:
        for first, second, factor in ((0, 0, 1.0), (1, 1, 4.0), (2, 2, 1.0), (0, 1, -2.0), (1, 2, -2.0), (0, 2, 1.0)):
            band[(second - first) * K, first : T - 2 + first] += factor / shapes.step_K
    ridge_K = 1e-9 * np.trace(info_PKK.sum(axis=0)) / K
    band[0] += ridge_K
    return np.asarray(solveh_banded(band.reshape(2 * K + 1, T * K), rhs_TK.ravel(), lower=True)).reshape(T, K)
