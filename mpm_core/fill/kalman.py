"""The low-dimensional Kalman fill: all points follow a few shapes of motion, and those follow smoothly in time.

Burke and Lasenby, "Estimating missing marker positions using low dimensional Kalman smoothing", Journal of Biomechanics 49 (2016). The
smoother is not run forth and back: what it finds, the most likely states of all frames at once, is one banded system of equations.

F frames, P points (kept: those seen often enough), M = P * D coordinates, K shapes, N sampled frames, T frames of one piece.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mpm_core.fill.hermite import hermite_weights
from mpm_core.fill.problem import FillProblem, FillResult, classical_result, fill_from_guess
from mpm_core.gaps import runs
from mpm_core.linalg.subsample import subsample
from mpm_core.typing import Float, Int, Mask

KEPT = 0.1  # a point seen in a smaller share of the frames takes no part
SAMPLES = 3000  # frames to learn the shapes from
ENOUGH = 200  # frames with every point seen, to learn from those alone
ROUNDS = 5  # of guessing what is hidden and learning again, where there are fewer
MOST_SHAPES = 20
LEFT_M = 0.002  # what the shapes leave (RMS); finer is noise
FINEST_M = 1e-5
SIDE_S = 0.3  # around a gap
PIECE = 4000  # frames solved at once, where the take can be parted


@dataclass(frozen=True, slots=True)
class _Shapes:
    """mean_M, and shape_MK of unit length each; noise_M: variance of what they leave; step_K: variance of a state's second difference."""

    mean_M: Float
    shape_MK: Float
    noise_M: Float
    step_K: Float


def kalman(problem: FillProblem) -> FillResult:
    """Each gap where the shapes of the whole take, with what is visible meanwhile and smoothness, put the point; matched at the edges."""
    gaps = problem.gaps()
    F, P, D = problem.xyz_FPD.shape
    share_P = problem.visible_FP.mean(axis=0) if F else np.zeros(len(problem.points))
    kept = np.flatnonzero(share_P >= KEPT)
    seldom = [point for point in sorted({gap[0] for gap in gaps}) if share_P[point] < KEPT]
    why = dict.fromkeys(seldom, "it is seen too seldom to learn how it moves with the others")
    shapes = _learn(problem, kept) if len(kept) >= 2 else None
    if shapes is None:
        reason = "there is too little motion to learn from"
        return classical_result(problem.empty(), dict.fromkeys(sorted({gap[0] for gap in gaps}), reason))
    state_FK = np.full((F, shapes.shape_MK.shape[1]), np.nan)
    for start, stop in _pieces(problem, kept):
        state_FK[start:stop] = _smoothed(problem.xyz_FPD[start:stop, kept], problem.visible_FP[start:stop, kept], shapes)
    mean_PD, shape_PDK = np.full((P, D), np.nan), np.full((P, D, state_FK.shape[1]), np.nan)
    mean_PD[kept], shape_PDK[kept] = shapes.mean_M.reshape(-1, D), shapes.shape_MK.reshape(len(kept), D, -1)
    point_G = np.array([gap[0] for gap in gaps], np.int64)

    def guess(frame_LS: Int, which_S: Int) -> tuple[Float, None]:
        point_S = point_G[which_S]
        moved_SLD = state_FK[frame_LS.T] @ shape_PDK[point_S].transpose(0, 2, 1)
        return mean_PD[point_S] + moved_SLD.transpose(1, 0, 2), None

    return classical_result(fill_from_guess(problem, gaps, guess), why)


def _learn(problem: FillProblem, kept: Int) -> _Shapes | None:
    """The principal shapes of frames in which every kept point is seen; of guessed ones too, better each round, where those are few."""
    shown_FP = problem.visible_FP[:, kept]
    whole = np.flatnonzero(shown_FP.all(axis=1))
    if len(whole) >= ENOUGH or len(whole) == len(shown_FP):
        frames, rounds = whole, 1
    else:
        frames, rounds = np.flatnonzero(shown_FP.sum(axis=1) >= 2), ROUNDS
    frames = frames[subsample(len(frames), SAMPLES)]
    if len(frames) < 3:
        return None
    D = problem.xyz_FPD.shape[2]
    shown_NM = np.repeat(shown_FP[frames], D, axis=1)
    if rounds == 1:
        data_NM = problem.xyz_FPD[frames[:, None], kept].reshape(len(frames), -1)
    else:
        data_NM = _guessed(problem.xyz_FPD, shown_FP, kept, frames, problem.rate_hz).reshape(len(frames), -1)
    known_NM = data_NM.copy()
    for number in range(rounds):
        mean_M, shape_MK, noise_M = _principal(data_NM, shown_NM)
        if number + 1 < rounds:
            info_NKK = np.einsum("nm,mk,ml->nkl", shown_NM / noise_M, shape_MK, shape_MK, optimize=True)
            pull_NK = ((known_NM - mean_M) * shown_NM / noise_M) @ shape_MK
            spread_K = np.maximum(((data_NM - mean_M) @ shape_MK).var(axis=0), FINEST_M**2)
            state_NK = np.linalg.solve(info_NKK + np.diag(1 / spread_K), pull_NK[..., None])[..., 0]
            data_NM = np.where(shown_NM, known_NM, mean_M + state_NK @ shape_MK.T)
    return _Shapes(mean_M, shape_MK, noise_M, _steps(problem, kept, mean_M, shape_MK))


def _guessed(xyz_FPD: Float, shown_FP: Mask, kept: Int, frames: Int, rate_hz: float) -> Float:
    """(N, kept, D) the kept points in some frames, what is hidden carried across its gap."""
    row_F = np.full(len(shown_FP), -1)
    row_F[frames] = np.arange(len(frames))
    found = hermite_weights(shown_FP, rate_hz).at(row_F >= 0)
    out_NPD = np.where(shown_FP[frames][..., None], xyz_FPD[frames[:, None], kept], 0.0)
    out_NPD[row_F[found.frame_N], found.series_N] = found.interpolate(xyz_FPD[found.index_4N, kept[found.series_N]])
    return out_NPD


def _principal(data_NM: Float, shown_NM: Mask) -> tuple[Float, Float, Float]:
    """Mean, as many shapes as leave LEFT_M (RMS), and the variance of what they leave of each coordinate where it is seen."""
    mean_M = data_NM.mean(axis=0)
    centred_NM = data_NM - mean_M
    power_M, shape_MM = np.linalg.eigh(centred_NM.T @ centred_NM / len(data_NM))
    power_M, shape_MM = np.maximum(power_M[::-1], 0.0), shape_MM[:, ::-1]
    left_K = power_M.sum() - np.cumsum(power_M)
    most = max(1, min(MOST_SHAPES, len(mean_M) - 1, len(data_NM) - 1))
    count = min(most, 1 + int((left_K > LEFT_M**2 * len(mean_M)).sum()))
    exact = int((power_M > 1e-14 * power_M[0]).sum())  # a motion of few shapes is followed to the last
    count = max(count, exact) if exact <= most else count
    shape_MK = shape_MM[:, :count]
    left_NM = np.where(shown_NM, centred_NM - centred_NM @ shape_MK @ shape_MK.T, 0.0)
    return mean_M, shape_MK, np.maximum((left_NM**2).sum(axis=0) / np.maximum(shown_NM.sum(axis=0), 1), FINEST_M**2)


def _steps(problem: FillProblem, kept: Int, mean_M: Float, shape_MK: Float) -> Float:
    """(K,) variance of the states' second differences, from runs in which every point is seen, else from the points' own."""
    shown_F = np.asarray(problem.visible_FP[:, kept].all(axis=1))
    three_F = shown_F[2:] & shown_F[1:-1] & shown_F[:-2]
    at = np.flatnonzero(three_F)
    if len(at) >= 10:
        at = at[subsample(len(at), SAMPLES)]
        first_NM, middle_NM, last_NM = (problem.xyz_FPD[(at + step)[:, None], kept].reshape(len(at), -1) for step in range(3))
        return np.asarray(np.maximum((((first_NM - 2 * middle_NM + last_NM) @ shape_MK) ** 2).mean(axis=0), FINEST_M**2))
    xyz_FM = problem.xyz_FPD[:, kept].reshape(len(problem.xyz_FPD), -1)
    bend_FM = xyz_FM[2:] - 2 * xyz_FM[1:-1] + xyz_FM[:-2]
    count_M = np.maximum(np.isfinite(bend_FM).sum(axis=0), 1)
    own_M = np.where(np.isfinite(bend_FM), bend_FM, 0.0) ** 2
    return np.asarray(np.maximum((own_M.sum(axis=0) / count_M) @ shape_MK**2 * 3, FINEST_M**2))


def _pieces(problem: FillProblem, kept: Int) -> list[tuple[int, int]]:
    """The stretches around the wanted gaps, parted where most points are seen when they are long."""
    side = max(4, round(SIDE_S * problem.rate_hz))
    near_F = np.zeros(len(problem.visible_FP), bool)
    for _, start, stop in problem.gaps():
        near_F[max(0, start - side) : stop + side] = True
    count_F = problem.visible_FP[:, kept].sum(axis=1)
    pieces = []
    for low, high in runs(near_F):
        start = low
        while high - start > 2 * PIECE:
            stop = start + PIECE + int(np.argmax(count_F[start + PIECE : start + 2 * PIECE]))
            pieces.append((start, stop))
            start = stop
        pieces.append((start, high))
    return pieces


def _smoothed(xyz_TPD: Float, shown_TP: Mask, shapes: _Shapes) -> Float:
    """(T, K) the most likely states, given what is seen and that their second differences are small."""
    from scipy.linalg import solveh_banded

    T, K = len(xyz_TPD), shapes.shape_MK.shape[1]
    D = xyz_TPD.shape[2]
    weighed_PDK = (shapes.shape_MK / np.sqrt(shapes.noise_M)[:, None]).reshape(-1, D, K)
    info_PKK = np.einsum("pdk,pdl->pkl", weighed_PDK, weighed_PDK)
    info_TKK = (shown_TP.astype(np.float64) @ info_PKK.reshape(len(info_PKK), -1)).reshape(T, K, K)
    off_TM = np.where(np.repeat(shown_TP, D, axis=1), xyz_TPD.reshape(T, -1) - shapes.mean_M, 0.0)
    pull_TK = (off_TM / shapes.noise_M) @ shapes.shape_MK
    band = np.zeros((2 * K + 1, T, K))
    for offset in range(K):
        band[offset, :, : K - offset] = info_TKK[:, np.arange(offset, K), np.arange(K - offset)]
    if T >= 3:
        for first, second, factor in ((0, 0, 1.0), (1, 1, 4.0), (2, 2, 1.0), (0, 1, -2.0), (1, 2, -2.0), (0, 2, 1.0)):
            band[(second - first) * K, first : T - 2 + first] += factor / shapes.step_K
    weak_K = 1e-9 * np.trace(info_PKK.sum(axis=0)) / K
    band[0] += weak_K
    return np.asarray(solveh_banded(band.reshape(2 * K + 1, T * K), pull_TK.ravel(), lower=True)).reshape(T, K)
