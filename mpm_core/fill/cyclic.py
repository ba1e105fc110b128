"""The cyclic fill: where a motion repeats, a gap is filled from the same phase of neighbouring cycles.

F frames, N frames at the lower rate CLOCK_HZ, P points, G gaps, K lags (in frames at that rate), L frames of a stretch, S stretches.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mpm_core.fill.hermite import ERROR
from mpm_core.fill.problem import FillProblem, FillResult, Run, classical_result, fill_from_guess
from mpm_core.gaps import known
from mpm_core.typing import Float, Int, Mask

CLOCK_HZ = 30.0
STEP_S = 0.1  # motion is displacement over this time
SHORTEST_S, LONGEST_S = 0.3, 3.0  # of a cycle
REPEATS = 0.5  # least autocorrelation of the body's motion at a lag of one cycle
DRIFT = 0.2  # greatest relative deviation of a cycle's length from the period
CYCLES = (-2, -1, 1, 2)  # the cycles used, relative to the gap's
BLOCK = 64  # rows of one matrix product


def cyclic(problem: FillProblem) -> FillResult:
    """Each gap by the mean of up to four neighbouring cycles in which the point is visible, corrected in position and velocity at the
    edges.

    The period is found by autocorrelation of the whole body's motion; each gap then has lags of its own, as cycles may differ in length.
    Everything is left when the take does not repeat, and gaps around which the motion does not.
    """
    gaps = problem.gaps()
    wanted = sorted({point for point, _, _ in gaps})
    stride = max(1, round(problem.rate_hz / CLOCK_HZ))
    move_NPD, known_NP = _movement(problem, stride)
    period, strength = find_period(move_NPD, known_NP, problem.rate_hz / stride)
    if strength < REPEATS:
        reason = f"the motion does not repeat (its best period explains {max(strength, 0.0):.0%} of it)"
        return classical_result(problem.empty(), dict.fromkeys(wanted, reason))
    lag_GC = _lags(problem, gaps, move_NPD, known_NP, period, stride)
    point_G = np.array([gap[0] for gap in gaps], np.int64)

    def guess(frame_LS: Int, which_S: Int) -> tuple[Float, None]:
        total_LSD, count_S = np.zeros((*frame_LS.shape, problem.xyz_FPD.shape[2])), np.zeros(len(which_S))
        for lag_S in lag_GC[which_S].T:
            from_LS = np.clip(frame_LS + lag_S, 0, len(problem.xyz_FPD) - 1)
            total_LSD[:, lag_S != 0] += problem.xyz_FPD[from_LS, point_G[which_S]][:, lag_S != 0]
            count_S += lag_S != 0
        return total_LSD / np.where(count_S > 0, count_S, np.nan)[:, None], None

    left_points = {gaps[number][0] for number in np.flatnonzero((lag_GC == 0).all(axis=1))}
    reason = "the cycles around it are too different, or the point is missing in them, too"
    return classical_result(fill_from_guess(problem, gaps, guess), dict.fromkeys(sorted(left_points), reason))


def find_period(move_NPD: Float, known_NP: Mask, clock_hz: float) -> tuple[int, float]:
    """The shortest lag, in frames, at which the autocorrelation of the motion is near its maximum, and its value (0, 0 if it never
    repeats).
    """
    N = len(move_NPD)
    low, high = max(2, round(SHORTEST_S * clock_hz)), min(round(LONGEST_S * clock_hz), N // 2)
    if high <= low + 1:
        return 0, 0.0
    size = 2 ** int(np.ceil(np.log2(2 * N)))
    power = np.abs(np.fft.rfft(move_NPD.reshape(N, -1), size, axis=0)) ** 2
    product_K = np.fft.irfft(power.sum(axis=1), size)[: high + 1]
    energy_NP = np.fft.rfft((move_NPD**2).sum(axis=2), size, axis=0)
    weight_NP = np.fft.rfft(known_NP.astype(np.float64), size, axis=0)
    cross_K = np.fft.irfft((energy_NP * np.conj(weight_NP)).sum(axis=1), size)
    energy_K = (cross_K[: high + 1] + np.concatenate([cross_K[:1], cross_K[: size - high - 1 : -1]])) / 2
    correlation_K = product_K / np.where(energy_K > 1e-12 * max(float(energy_K[0]), 1e-300), energy_K, np.inf)
    peaks = [k for k in range(low, high) if correlation_K[k] >= correlation_K[k - 1] and correlation_K[k] > correlation_K[k + 1]]
    best = max((float(correlation_K[k]) for k in peaks), default=0.0)
    if best <= 0:
        return 0, 0.0
    first = next(k for k in peaks if correlation_K[k] >= 0.9 * best)
    return first, float(correlation_K[first])


def _movement(problem: FillProblem, stride: int) -> tuple[Float, Mask]:
    """Displacement over STEP_S around every stride-th frame, minus its mean over the take, and whether it is known; 0 where it is not."""
    half = max(1, round(STEP_S * problem.rate_hz / 2))
    frames = np.arange(0, len(problem.xyz_FPD), stride)
    before, after = np.maximum(frames - half, 0), np.minimum(frames + half, len(problem.xyz_FPD) - 1)
    move_NPD = problem.xyz_FPD[after] - problem.xyz_FPD[before]
    known_NP = known(move_NPD) & (after - before == 2 * half)[:, None]
    count_P = np.maximum(known_NP.sum(axis=0), 1)[:, None]
    move_NPD = np.where(known_NP[..., None], move_NPD, 0.0)
    return np.where(known_NP[..., None], move_NPD - move_NPD.sum(axis=0) / count_P, 0.0), known_NP


def _lags(
    problem: FillProblem,
    gaps: Sequence[Run],
    move_NPD: Float,
    known_NP: Mask,
    period: int,
    stride: int,
) -> Int:
    """(G, CYCLES) frames from each gap to the same phase of each cycle; 0 where the correlation is low or the point missing there."""
    F, N = len(problem.xyz_FPD), len(move_NPD)
    margin = max(1, round(ERROR.slope_s * problem.rate_hz)) + 1
    missing_FP = np.concatenate([np.zeros((1, problem.visible_FP.shape[1]), np.int64), np.cumsum(~problem.visible_FP, axis=0)])
    run_G3 = np.array(gaps, np.int64).reshape(-1, 3)
    low_G = np.clip(run_G3[:, 1] // stride - period // 2, 0, N - 1)
    high_G = np.clip(-(-run_G3[:, 2] // stride) + period // 2, 1, N)
    lag_GC = np.zeros((len(gaps), len(CYCLES)), np.int64)
    for column, cycles in enumerate(CYCLES):
        cycle = abs(cycles) * period
        tolerance = max(1, int(DRIFT * cycle))
        lag_K = np.sign(cycles) * np.arange(cycle - tolerance, cycle + tolerance + 1)
        correlation_KG = _correlations(move_NPD, known_NP, lag_K, low_G, high_G)
        best_G = np.argmax(correlation_KG, axis=0)
        fraction_G = _subframe(correlation_KG, best_G)
        lag_G = np.round((lag_K[best_G] + np.sign(cycles) * fraction_G) * stride).astype(np.int64)
        first_G = np.maximum(run_G3[:, 1] - margin, 0) + lag_G
        last_G = np.minimum(run_G3[:, 2] + margin, F) + lag_G
        inside_G = (first_G >= 0) & (last_G <= F)
        first_G, last_G = np.clip(first_G, 0, F), np.clip(last_G, 0, F)
        visible_G = missing_FP[last_G, run_G3[:, 0]] == missing_FP[first_G, run_G3[:, 0]]
        valid_G = inside_G & visible_G & (correlation_KG[best_G, np.arange(len(gaps))] >= REPEATS)
        lag_GC[:, column] = np.where(valid_G, lag_G, 0)
    return lag_GC


def _correlations(move_NPD: Float, known_NP: Mask, lag_K: Int, low_G: Int, high_G: Int) -> Float:
    """(K, G) correlation of the motion in frames low..high-1 with the motion a lag later; -1 where too little of both is known.

    lag_K: consecutive, all negative or all positive.
    """
    weight_NP, energy_NP = known_NP.astype(np.float64), (move_NPD**2).sum(axis=2)
    product_NK = _banded(move_NPD.reshape(len(move_NPD), -1), move_NPD.reshape(len(move_NPD), -1), lag_K)
    energy_NK = _banded(np.hstack([weight_NP, energy_NP]), np.hstack([energy_NP, weight_NP]), lag_K) / 2
    weight_NK = (_banded(weight_NP, weight_NP, lag_K) > 0).astype(np.float64)
    sums = [np.concatenate([np.zeros((1, len(lag_K))), np.cumsum(sum_NK, axis=0)]) for sum_NK in (product_NK, energy_NK, weight_NK)]
    product_GK, energy_GK, weight_GK = (sum_NK[high_G] - sum_NK[low_G] for sum_NK in sums)
    enough_GK = (weight_GK >= (high_G - low_G)[:, None] / 3) & (energy_GK > 0)
    return np.ascontiguousarray(np.where(enough_GK, product_GK / np.where(energy_GK > 0, energy_GK, 1.0), -1.0).T)


def _banded(here_NX: Float, there_NX: Float, lag_K: Int) -> Float:
    """(N, K) product of each row of here_NX with the row of there_NX a lag later; zero outside. In blocks of rows.

    lag_K: consecutive, rising or falling.
    """
    (N, X), K, low = here_NX.shape, len(lag_K), int(lag_K.min())
    later_MX = np.zeros((N + K - 1, X))  # begins with the row that is the least lag after the first
    first = max(0, low)
    last = max(first, min(N, N + K - 1 + low))
    later_MX[first - low : last - low] = there_NX[first:last]
    out_NK = np.empty((N, K))
    for start in range(0, N, BLOCK):
        here_BX = here_NX[start : start + BLOCK]
        product_BC = here_BX @ later_MX[start : start + len(here_BX) + K - 1].T
        row, column = product_BC.strides  # the lags of a row begin one column later than those of the row before
        out_NK[start : start + len(here_BX)] = np.lib.stride_tricks.as_strided(product_BC, (len(here_BX), K), (row + column, column))
    return out_NK if lag_K[0] == low else out_NK[:, ::-1]


def _subframe(correlation_KG: Float, best_G: Int) -> Float:
    """(G,) offset of the maximum from the best lag, by a parabola through it and its neighbours: -0.5..0.5."""
    columns = np.arange(correlation_KG.shape[1])
    inside_G = (best_G > 0) & (best_G < len(correlation_KG) - 1)
    middle_G = np.clip(best_G, 1, len(correlation_KG) - 2)
    left, top, right = (correlation_KG[middle_G + step, columns] for step in (-1, 0, 1))
    curvature = left - 2 * top + right
    return np.where(inside_G & (curvature < 0), np.clip(0.5 * (left - right) / np.where(curvature < 0, curvature, -1.0), -0.5, 0.5), 0.0)
