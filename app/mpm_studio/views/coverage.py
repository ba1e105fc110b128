"""How much of each pixel column of the timeline is missing, measured, marked, filled: exact at any zoom, a one-frame gap stays visible.

A row is kept as runs: K + 1 edges in frames, and per origin (C of them) the samples counted up to each edge. Between edges the count is a
straight line, so the share of any column is the difference of two interpolated counts. W columns, R rows.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mpm_core.recording import Origin
from mpm_core.typing import Float, UInt8
from mpm_studio.operations.origin_runs import Runs, runs_of

LEAST_SEEN = 0.65  # how strongly the smallest share of a column shows
CLASSES = len(Origin)


@dataclass(frozen=True, slots=True)
class Row:
    """edges_K: frames where the origin changes, 0 and F included; counts_KC: samples of each origin before each edge."""

    edges_K: Float
    counts_KC: Float

    def same(self, other: Row) -> bool:
        return np.array_equal(self.edges_K, other.edges_K) and np.array_equal(self.counts_KC, other.counts_KC)


def make_rows(runs: Runs, points: int) -> list[Row]:
    """A row of each point, from the runs of its origins."""
    stop_R, frames_R = runs.stop_R.astype(np.float64), runs.frames_R
    first_P1 = np.searchsorted(runs.point_R, np.arange(points + 1))
    rows = []
    for first, last in zip(first_P1[:-1].tolist(), first_P1[1:].tolist(), strict=True):
        edges_K = np.concatenate([np.zeros(1), stop_R[first:last]])
        counts_KC = np.zeros((len(edges_K), CLASSES))
        counts_KC[np.arange(1, len(edges_K)), runs.value_R[first:last]] = frames_R[first:last]
        rows.append(Row(edges_K, np.cumsum(counts_KC, axis=0)))
    return rows


def make_row(origin_F: UInt8) -> Row:
    """The row of one point's origins."""
    return make_rows(runs_of(origin_F[:, None]), 1)[0]


EMPTY = make_row(np.zeros(0, np.uint8))  # of a line without points


def shares(row: Row, edges_W: Float) -> Float:
    """(W, C) share of each origin between edges_W[w] and edges_W[w + 1] (W + 1 of them, rising, in frames); zero outside the take."""
    used = np.flatnonzero(row.counts_KC[-1])
    share_WC = np.zeros((len(edges_W) - 1, CLASSES))
    width_W = np.maximum(np.diff(edges_W), 1e-9)
    for origin in used:
        share_WC[:, origin] = np.diff(np.interp(edges_W, row.edges_K, row.counts_KC[:, origin])) / width_W
    return np.clip(share_WC, 0, 1)


def column_edges(start: float, frames_per_pixel: float, width: int) -> Float:
    """(W + 1) frame positions of the borders of `width` pixel columns whose first begins at frame `start`."""
    return np.asarray(start + np.arange(width + 1) * frames_per_pixel, dtype=np.float64)


def blend(share_WC: Float, colours_C3: Float, back_3: Float) -> UInt8:
    """(W, 3) RGB: measured over the background, and over both whatever is not measured, never fainter than LEAST_SEEN."""
    measured_W = share_WC[:, Origin.MEASURED, None]
    base_W3 = measured_W * colours_C3[Origin.MEASURED] + (1 - measured_W) * back_3
    odd_WC = share_WC.copy()
    odd_WC[:, Origin.MEASURED] = 0
    total_W = odd_WC.sum(axis=1, keepdims=True)
    weight_W = np.where(total_W > 1e-9, np.maximum(total_W, LEAST_SEEN), 0.0)
    mean_W3 = odd_WC @ colours_C3 / np.maximum(total_W, 1e-9)
    return np.asarray(np.clip(weight_W * mean_W3 + (1 - weight_W) * base_W3, 0, 255), dtype=np.uint8)
