"""The runs of origins of a recording, from which everything that counts its samples is made. F frames, P points, R runs, C origins."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mpm_core.recording import Origin, Recording
from mpm_core.typing import Int, UInt8
from mpm_studio.operations.cached import remember_last


@dataclass(frozen=True, slots=True, eq=False)
class Runs:
    """Runs of one value, by point and then by time: frames start..stop-1 (0-based) of a point."""

    point_R: Int
    start_R: Int
    stop_R: Int
    value_R: UInt8

    def __len__(self) -> int:
        return len(self.point_R)

    @property
    def frames_R(self) -> Int:
        return self.stop_R - self.start_R


def runs_of(value_FP: UInt8) -> Runs:
    """Every sample in one run; a run ends where the value of its point changes.

    >>> runs = runs_of(np.array([[1, 0], [1, 0], [0, 0]], np.uint8))
    >>> runs.point_R.tolist(), runs.start_R.tolist(), runs.stop_R.tolist(), runs.value_R.tolist()
    ([0, 0, 1], [0, 2, 0], [2, 3, 3], [1, 0, 0])
    """
    F, P = value_FP.shape
    frame_N, point_N = np.divmod(np.flatnonzero(value_FP[1:] != value_FP[:-1]), max(P, 1))
    first = np.arange(P if F else 0)
    point_R, start_R = np.concatenate([first, point_N]), np.concatenate([np.zeros_like(first), frame_N + 1])
    order = np.argsort(point_R, kind="stable")
    point_R, start_R = point_R[order], start_R[order]
    stop_R = np.roll(start_R, -1)
    stop_R[stop_R == 0] = F  # what follows is another point's first run
    return Runs(point_R, start_R, stop_R, value_FP[start_R, point_R])


def joined_runs(runs: Runs, kind_R: UInt8) -> tuple[Runs, Int]:
    """The runs of one kind, one for neighbours of the same kind, without those of kind 0; and (R,) in which each run is, -1 in none."""
    same_R = np.zeros(len(runs), bool)
    same_R[1:] = (kind_R[1:] == kind_R[:-1]) & (runs.point_R[1:] == runs.point_R[:-1])
    first = np.flatnonzero((kind_R > 0) & ~same_R)
    last = np.flatnonzero((kind_R > 0) & ~np.append(same_R[1:], False))
    within_R = np.where(kind_R > 0, np.cumsum((kind_R > 0) & ~same_R) - 1, -1)
    return Runs(runs.point_R[first], runs.start_R[first], runs.stop_R[last], kind_R[first]), within_R


@remember_last
def origin_runs(rec: Recording) -> Runs:
    """The runs of each point's origins."""
    return runs_of(rec.origin_FP)


def origin_counts(rec: Recording) -> Int:
    """(P, C) samples of each origin that each point has."""
    runs, C = origin_runs(rec), len(Origin)
    count = np.bincount(runs.point_R * C + runs.value_R, runs.frames_R, len(rec.points) * C)
    return count.astype(np.int64).reshape(-1, C)


def origins_of(rec: Recording | None) -> frozenset[Origin]:
    """The origins that samples of a recording have."""
    return frozenset() if rec is None else frozenset(Origin(value) for value in np.unique(origin_runs(rec).value_R).tolist())
