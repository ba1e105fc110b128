"""The cyclic fill: where a motion repeats, a gap takes what the same point did at the same phase of the cycles around it.

F frames, N frames of a coarser clock, P points, G gaps, K lags (both in frames of that clock), L frames of a stretch, S stretches.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mpm_core.fill.hermite import ERROR
from mpm_core.fill.problem import FillProblem, FillResult, Run, classical_result, fill_from_guess
from mpm_core.gaps import known
from mpm_core.typing import Float, Int, Mask

CLOCK_HZ = 30.0
STEP_S = 0.1  # movement is what happens in this time
SHORTEST_S, LONGEST_S = 0.3, 3.0  # of a cycle
REPEATS = 0.5  # least correlation of the body's movement with itself one cycle later
DRIFT = 0.2  # how much a cycle may be longer or shorter than the usual one
CYCLES = (-2, -1, 1, 2)  # where a gap looks
BLOCK = 64  # frames compared with the frames a lag away at once


def cyclic(problem: FillProblem) -> FillResult:
    """Each gap by the mean of up to four cycles around it in which the point is visible, matched at the edges in position and velocity.

    The period is that of the whole body's movement, by autocorrelation; each gap then finds its own lags around it, so that cycles may
    differ in length. Open stays everything when the take does not repeat, and a gap around which the movement does not.
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

    lost = {gaps[number][0] for number in np.flatnonzero((lag_GC == 0).all(axis=1))}
    reason = "the cycles around it are too different, or the point is hidden in them too"
    return classical_result(fill_from_guess(problem, gaps, guess), dict.fromkeys(sorted(lost), reason))


def find_period(move_NPD: Float, known_NP: Mask, clock_hz: float) -> tuple[int, float]:
    """The shortest lag, in frames of the clock, after which the body moves as before, and the correlation there (0 when there is none)."""
    N = len(move_NPD)
    low, high = max(2, round(SHORTEST_S * clock_hz)), min(round(LONGEST_S * clock_hz), N // 2)
    if high <= low + 1:
        return 0, 0.0
    size = 2 ** int(np.ceil(np.log2(2 * N)))
    power = np.abs(np.fft.rfft(move_NPD.reshape(N, -1), size, axis=0)) ** 2
    product_K = np.fft.irfft(power.sum(axis=1), size)[: high + 1]
    energy_NP = np.fft.rfft((move_NPD**2).sum(axis=2), size, axis=0)
    shown_NP = np.fft.rfft(known_NP.astype(np.float64), size, axis=0)
    cross_K = np.fft.irfft((energy_NP * np.conj(shown_NP)).sum(axis=1), size)
    energy_K = (cross_K[: high + 1] + np.concatenate([cross_K[:1], cross_K[: size - high - 1 : -1]])) / 2
    alike_K = product_K / np.where(energy_K > 1e-12 * max(float(energy_K[0]), 1e-300), energy_K, np.inf)
    peaks = [k for k in range(low, high) if alike_K[k] >= alike_K[k - 1] and alike_K[k] > alike_K[k + 1]]
    best = max((float(alike_K[k]) for k in peaks), default=0.0)
    if best <= 0:
        return 0, 0.0
    first = next(k for k in peaks if alike_K[k] >= 0.9 * best)
    return first, float(alike_K[first])


def _movement(problem: FillProblem, stride: int) -> tuple[Float, Mask]:
    """Displacement over STEP_S around every stride-th frame, less its mean over the take; zero, and False, where it is not known."""
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
    """(G, CYCLES) frames to go from each gap to the same phase of each cycle; 0 where that is too different, hidden, or outside."""
    F, N = len(problem.xyz_FPD), len(move_NPD)
    margin = max(1, round(ERROR.slope_s * problem.rate_hz)) + 1
    hidden_FP = np.concatenate([np.zeros((1, problem.visible_FP.shape[1]), np.int64), np.cumsum(~problem.visible_FP, axis=0)])
    run_G3 = np.array(gaps, np.int64).reshape(-1, 3)
    low_G = np.clip(run_G3[:, 1] // stride - period // 2, 0, N - 1)
    high_G = np.clip(-(-run_G3[:, 2] // stride) + period // 2, 1, N)
    lag_GC = np.zeros((len(gaps), len(CYCLES)), np.int64)
    for column, cycles in enumerate(CYCLES):
        usual = abs(cycles) * period
        spare = max(1, int(DRIFT * usual))
        tried_K = np.sign(cycles) * np.arange(usual - spare, usual + spare + 1)
        alike_KG = _alike(move_NPD, known_NP, tried_K, low_G, high_G)
        best_G = np.argmax(alike_KG, axis=0)
        fine_G = _finer(alike_KG, best_G)
        lag_G = np.round((tried_K[best_G] + np.sign(cycles) * fine_G) * stride).astype(np.int64)
        first_G = np.maximum(run_G3[:, 1] - margin, 0) + lag_G
        last_G = np.minimum(run_G3[:, 2] + margin, F) + lag_G
        inside_G = (first_G >= 0) & (last_G <= F)
        first_G, last_G = np.clip(first_G, 0, F), np.clip(last_G, 0, F)
        shown_G = hidden_FP[last_G, run_G3[:, 0]] == hidden_FP[first_G, run_G3[:, 0]]
        good_G = inside_G & shown_G & (alike_KG[best_G, np.arange(len(gaps))] >= REPEATS)
        lag_GC[:, column] = np.where(good_G, lag_G, 0)
    return lag_GC


def _alike(move_NPD: Float, known_NP: Mask, lag_K: Int, low_G: Int, high_G: Int) -> Float:
    """(K, G) correlation of the body's movement in low..high-1 with its movement a lag later; -1 where they are hardly known together.

    lag_K: one after the other, all before or all after.
    """
    shown_NP, energy_NP = known_NP.astype(np.float64), (move_NPD**2).sum(axis=2)
    product_NK = _banded(move_NPD.reshape(len(move_NPD), -1), move_NPD.reshape(len(move_NPD), -1), lag_K)
    energy_NK = _banded(np.hstack([shown_NP, energy_NP]), np.hstack([energy_NP, shown_NP]), lag_K) / 2
    shown_NK = (_banded(shown_NP, shown_NP, lag_K) > 0).astype(np.float64)
    sums = [np.concatenate([np.zeros((1, len(lag_K))), np.cumsum(each, axis=0)]) for each in (product_NK, energy_NK, shown_NK)]
    product_GK, energy_GK, shown_GK = (each[high_G] - each[low_G] for each in sums)
    good_GK = (shown_GK >= (high_G - low_G)[:, None] / 3) & (energy_GK > 0)
    return np.ascontiguousarray(np.where(good_GK, product_GK / np.where(energy_GK > 0, energy_GK, 1.0), -1.0).T)


def _banded(here_NX: Float, there_NX: Float, lag_K: Int) -> Float:
    """(N, K) product of each row of `here` with the row of `there` that is a lag later, zero outside: by blocks of rows."""
    N, K = len(here_NX), len(lag_K)
    low, high = int(lag_K.min()), int(lag_K.max())
    out_NK = np.zeros((N, K))
    for start in range(0, N, BLOCK):
        rows = np.arange(start, min(start + BLOCK, N))
        first, last = max(0, start + low), min(N, int(rows[-1]) + high + 1)
        if first < last:
            all_BC = here_NX[rows] @ there_NX[first:last].T
            column_BK = rows[:, None] + lag_K - first
            inside_BK = (column_BK >= 0) & (column_BK < last - first)
            out_NK[rows] = np.where(inside_BK, np.take_along_axis(all_BC, np.clip(column_BK, 0, last - first - 1), 1), 0.0)
    return out_NK


def _finer(alike_KG: Float, best_G: Int) -> Float:
    """(G,) how far between two lags the best one lies, by the parabola through it and its neighbours: -0.5..0.5."""
    columns = np.arange(alike_KG.shape[1])
    inside_G = (best_G > 0) & (best_G < len(alike_KG) - 1)
    middle_G = np.clip(best_G, 1, len(alike_KG) - 2)
    left, top, right = (alike_KG[middle_G + step, columns] for step in (-1, 0, 1))
    bend = left - 2 * top + right
    return np.where(inside_G & (bend < 0), np.clip(0.5 * (left - right) / np.where(bend < 0, bend, -1.0), -0.5, 0.5), 0.0)
