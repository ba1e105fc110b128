"""The one signature of all fills: FillProblem -> FillResult. F frames, P points, D dimensions, N wanted samples; NaN = missing.

Also `fill_from_guess`, for fills that guess the positions in a gap and correct the guess by its error at the gap's edges. It works on
batches of S stretches (a gap and a margin on both sides) of L frames.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

import numpy as np

from mpm_core.fill.hermite import ERROR, interpolate
from mpm_core.gaps import known, missing_runs
from mpm_core.typing import Float, Int, Mask

Learned = TypeVar("Learned")
Run = tuple[int, int, int]  # point, start, stop
MOST_VALUES = 1_000_000  # coordinates in one batch


@dataclass(frozen=True, slots=True, eq=False)
class FillProblem:
    """The visible samples of a take, and the samples to fill.

    xyz_FPD: metres (pixels for D = 2), NaN where missing or marked. wanted_FP: samples to fill, none of them visible. donors: indices of
    the points that the user named for the fill to follow.

    >>> import numpy as np
    >>> xyz_FPD = np.array([[[0.0, 0, 0]], [[np.nan] * 3], [[2.0, 2, 2]]])
    >>> visible_FP = np.isfinite(xyz_FPD[..., 0])
    >>> FillProblem(("a",), 10.0, xyz_FPD, visible_FP, ~visible_FP).gaps()
    [(0, 1, 2)]
    """

    points: tuple[str, ...]
    rate_hz: float
    xyz_FPD: Float
    visible_FP: Mask
    wanted_FP: Mask
    donors: tuple[int, ...] = ()
    _learned: dict[Hashable, Any] = field(default_factory=dict, init=False, repr=False)

    def wanting(self, wanted_FP: Mask) -> FillProblem:
        """The problem of filling other samples of the same take, which shares what was learned `once`."""
        other = replace(self, wanted_FP=wanted_FP)
        object.__setattr__(other, "_learned", self._learned)
        return other

    def once(self, key: Hashable, learn: Callable[[], Learned]) -> Learned:
        """What learn() returns, called once for this problem and those with the same visible samples (`wanting`).

        It may depend on nothing but the visible samples and the key.
        """
        if key not in self._learned:
            self._learned[key] = learn()
        learned: Learned = self._learned[key]
        return learned

    @property
    def wanted(self) -> tuple[Int, Int]:
        """(N,) frame and point of each wanted sample, by frame and then by point."""
        frame_N, point_N = np.nonzero(self.wanted_FP)
        return frame_N, point_N

    def empty(self) -> Float:
        """(N, D) positions of the wanted samples, all NaN."""
        return np.full((np.count_nonzero(self.wanted_FP), self.xyz_FPD.shape[2]), np.nan)

    def in_place(self, value_NX: Float) -> Float:
        """(F, P, ...) array with values of the wanted samples at their frames and points, NaN elsewhere."""
        value_FPX = np.full((*self.wanted_FP.shape, *value_NX.shape[1:]), np.nan)
        value_FPX[self.wanted] = value_NX
        return value_FPX

    def gaps(self) -> list[Run]:
        """(point, start, stop) of every gap in which a sample is wanted, by point and then by time."""
        points = np.flatnonzero(self.wanted_FP.any(axis=0))
        row_G, start_G, stop_G = missing_runs(self.visible_FP[:, points])
        total_FP = np.concatenate([np.zeros((1, len(points)), np.int64), np.cumsum(self.wanted_FP[:, points], axis=0)])
        wanted_G = total_FP[stop_G, row_G] > total_FP[start_G, row_G]
        return list(zip(*(value_G[wanted_G].tolist() for value_G in (points[row_G], start_G, stop_G)), strict=True))


@dataclass(frozen=True, slots=True, eq=False)
class FillResult:
    """The wanted samples filled by one method, in the order of `FillProblem.wanted`.

    xyz_ND: NaN where the sample is left. sigma_N: standard deviation per axis, NaN = not estimated. network_N: the network's share in each
    sample, 0..1. why: for a point with samples left, the reason. Lengths are in the problem's unit: metres, or pixels.
    """

    xyz_ND: Float
    sigma_N: Float
    network_N: Float
    why: Mapping[int, str]


def classical_result(xyz_ND: Float, why: Mapping[int, str] | None = None) -> FillResult:
    """The result of a classical fill: sigma not estimated, no share of the network.

    >>> import numpy as np
    >>> classical_result(np.zeros((1, 3))).sigma_N
    array([nan])
    """
    return FillResult(xyz_ND, np.full(len(xyz_ND), np.nan), np.zeros(len(xyz_ND)), why or {})


def result_of_part(problem: FillProblem, part_FP: Mask, result: FillResult) -> FillResult:
    """The result of filling a part of the wanted samples as a result of all; NaN in the others, without a share of the network.

    >>> import numpy as np
    >>> visible_FP = np.array([[True], [False], [False]])
    >>> problem = FillProblem(("a",), 10.0, np.zeros((3, 1, 3)), visible_FP, ~visible_FP)
    >>> result_of_part(problem, np.array([[False], [False], [True]]), classical_result(np.ones((1, 3)))).xyz_ND[:, 0]
    array([nan,  1.])
    """
    part_N, all_of_them = part_FP[problem.wanted], classical_result(problem.empty(), result.why)
    for name in ("xyz_ND", "sigma_N", "network_N"):
        getattr(all_of_them, name)[part_N] = getattr(result, name)
    return all_of_them


def first_of(first: FillResult, second: FillResult) -> FillResult:
    """The first result, and the second where the first has no position."""
    has_N = known(first.xyz_ND)
    return FillResult(
        np.where(has_N[:, None], first.xyz_ND, second.xyz_ND),
        np.where(has_N, first.sigma_N, second.sigma_N),
        np.where(has_N, first.network_N, second.network_N),
        {**second.why, **first.why},
    )


def gap_numbers(gaps: Sequence[Run], frames: int, frame_N: Int, point_N: Int) -> Int:
    """(N,) the gap in which each of N missing samples lies; gaps in the order of `FillProblem.gaps`, in a take of `frames` frames.

    >>> gap_numbers([(0, 1, 3), (1, 0, 2)], 5, np.array([2, 1]), np.array([0, 1]))
    array([0, 1])
    """
    run_G3 = np.array(gaps, np.int64).reshape(-1, 3)
    return np.asarray(np.searchsorted(run_G3[:, 0] * frames + run_G3[:, 1], point_N * frames + frame_N, side="right") - 1)


def over_gaps(problem: FillProblem, value_N: Float) -> Float:
    """(N,) RMS of the values over the gap of each wanted sample; NaN where any of the gap's is.

    >>> import numpy as np
    >>> visible_FP = np.array([[True], [False], [False], [True], [False]])
    >>> problem = FillProblem(("a",), 10.0, np.zeros((5, 1, 3)), visible_FP, ~visible_FP)
    >>> over_gaps(problem, np.array([1.0, 7.0, 3.0]))
    array([5., 5., 3.])
    """
    gap_N = gap_numbers(problem.gaps(), len(problem.wanted_FP), *problem.wanted)
    return np.asarray(np.sqrt(np.bincount(gap_N, value_N**2) / np.bincount(gap_N))[gap_N])


def mean_of(first: FillResult, second: FillResult, share_N: Float) -> FillResult:
    """The mean of two results, share_N of the first (NaN = none of it); where only one has positions, that one's."""
    alone = first_of(second, first)
    share_N = np.where(known(first.xyz_ND) & known(second.xyz_ND), np.nan_to_num(share_N), 0.0)

    def mean(of_first_NX: Float, of_alone_NX: Float) -> Float:
        part_NX = share_N.reshape(-1, *[1] * (of_first_NX.ndim - 1))
        return of_alone_NX + np.where(part_NX > 0, part_NX * (of_first_NX - of_alone_NX), 0.0)

    xyz_ND, sigma_N, network_N = (mean(getattr(first, name), getattr(alone, name)) for name in ("xyz_ND", "sigma_N", "network_N"))
    return replace(alone, xyz_ND=xyz_ND, sigma_N=sigma_N, network_N=network_N)


Guess = Callable[[Int, Int], tuple[Float, Float | None]]
"""frames_LS (inside the take), gap numbers (S,) -> guess_LSD (NaN = none), axes_LSDD (in columns) to interpolate its error in, or None."""


def fill_from_guess(problem: FillProblem, gaps: Sequence[Run], guess: Guess) -> Float:
    """(N, D) the wanted samples from a guess of each gap, corrected to be continuous in position and velocity with the samples at its
    edges.

    NaN in gaps whose guess is missing at the visible samples beside them, so that its error there is unknown.
    """
    (F, _, D), out_ND = problem.xyz_FPD.shape, problem.empty()
    row_FP = np.full(problem.wanted_FP.shape, -1, np.int32)
    row_FP[problem.wanted_FP] = np.arange(len(out_ND))
    margin = max(1, round(ERROR.slope_s * problem.rate_hz)) + 1
    run_G3 = np.array(gaps, np.int64).reshape(-1, 3)
    for which_S, length in _batches(run_G3[:, 2] - run_G3[:, 1], margin, D):
        point_S, start_S, stop_S = run_G3[which_S].T
        frame_LS = start_S - margin + np.arange(length + 2 * margin)[:, None]
        own_LS = (frame_LS >= 0) & (frame_LS < np.minimum(stop_S + margin, F))
        frame_LS = np.clip(frame_LS, 0, F - 1)
        known_LSD = np.where(own_LS[..., None], problem.xyz_FPD[frame_LS, point_S], np.nan)
        guess_LSD, axes_LSDD = guess(frame_LS, which_S)
        usable_LS = known(known_LSD) & known(guess_LSD)
        error_LSD = known_LSD - guess_LSD
        if axes_LSDD is not None:
            error_LSD = np.einsum("lsij,lsi->lsj", axes_LSDD, error_LSD)
        error_LSD = interpolate(error_LSD, usable_LS, problem.rate_hz, ERROR)
        moved_LSD = guess_LSD + (error_LSD if axes_LSDD is None else np.einsum("lsij,lsj->lsi", axes_LSDD, error_LSD))
        column_S = np.arange(len(which_S))
        last_S = margin + stop_S - start_S
        matched_S = (usable_LS[margin - 1, column_S] | (start_S == 0)) & (usable_LS[last_S, column_S] | (stop_S == F))
        row_LS = row_FP[frame_LS, point_S]
        row_LS[~(own_LS & (frame_LS >= start_S) & (frame_LS < stop_S) & matched_S & usable_LS.any(axis=0))] = -1
        out_ND[row_LS[row_LS >= 0]] = moved_LSD[row_LS >= 0]
    return out_ND


def visible_throughout(problem: FillProblem, gaps: Sequence[Run], margin: int = 1) -> Mask:
    """(G, P) True where a point is visible in all of a gap and in `margin` frames on both sides, within the take.

    >>> import numpy as np
    >>> visible_FP = np.array([[True, True], [False, True], [True, True]])
    >>> problem = FillProblem(("a", "b"), 10.0, np.zeros((3, 2, 3)), visible_FP, ~visible_FP)
    >>> visible_throughout(problem, problem.gaps())
    array([[False,  True]])
    """
    F = len(problem.visible_FP)
    total_FP = np.concatenate([np.zeros((1, problem.visible_FP.shape[1]), np.int64), np.cumsum(problem.visible_FP, axis=0)])
    run_G3 = np.array(gaps, np.int64).reshape(-1, 3)
    low_G, high_G = np.maximum(run_G3[:, 1] - margin, 0), np.minimum(run_G3[:, 2] + margin, F)
    return np.asarray(total_FP[high_G] - total_FP[low_G] == (high_G - low_G)[:, None])


def _batches(length_G: Int, margin: int, D: int) -> Iterator[tuple[Int, int]]:
    """Gaps of similar length together: their indices, and the length of the longest."""
    order_G = np.argsort(length_G, kind="stable")
    start = 0
    while start < len(order_G):
        limit = 1.3 * length_G[order_G[start]] + 4
        stop = int(np.searchsorted(length_G[order_G], limit, side="right"))
        longest = int(length_G[order_G[stop - 1]])
        stop = min(stop, start + max(1, MOST_VALUES // ((longest + 2 * margin) * D)))
        yield order_G[start:stop], int(length_G[order_G[stop - 1]])
        start = stop
