"""The gaps of a take as rows of a table: open, left by a fill, proposed, or filled. F frames, P points, G rows; NaN = unknown."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from mpm_core.check.report import FILLERS
from mpm_core.edit.patch import Edit, Patch
from mpm_core.gaps import Left, find_gaps
from mpm_core.recording import Origin, Recording
from mpm_core.typing import Float, Float32, Int, Mask, UInt8

State = Literal["open", "left", "proposed", "filled"]
OPEN, FILLED, PROPOSED = 1, 2, 3
ORIGIN_WORDS: dict[Origin, str] = FILLERS  # the same words as in reports
FILLS = tuple(ORIGIN_WORDS)


@dataclass(frozen=True, slots=True)
class GapRow:
    """Frames start..stop-1 (0-based) of a point in one state.

    method: what filled it, '' when nothing did. sigma: the largest of its samples, metres (pixels in 2D), NaN = unknown. why: it was left.
    origin: of most of its samples.
    """

    point: int
    start: int
    stop: int
    state: State
    method: str = ""
    sigma: float = float("nan")
    why: str = ""
    origin: Origin = Origin.MISSING

    @property
    def frames(self) -> int:
        return self.stop - self.start


def gap_rows(rec: Recording, proposed: Patch | None, left: Sequence[Left], made: Iterable[Edit] = ()) -> list[GapRow]:
    """Every gap of `rec`, every fill in it, and every proposed fill, by point and then by time.

    left: the gaps that fills left, and why. made: the edits that led to `rec`, first to last; they say which methods filled what.
    """
    origin_FP, sigma_FP = rec.origin_FP.copy(), rec.sigma_FP.copy()
    state_FP = np.where(rec.visible_FP, 0, OPEN).astype(np.uint8)
    for origin in FILLS:
        state_FP[origin_FP == origin] = FILLED
    if proposed is not None:
        where = proposed.frames_N, proposed.points_N
        state_FP[where], origin_FP[where], sigma_FP[where] = PROPOSED, proposed.origin_N, proposed.sigma_N
    point_G, start_G, stop_G, state_G = _runs(state_FP)
    sigma_G = _greatest(sigma_FP, point_G, start_G, stop_G)
    counts_GC = _origin_counts(origin_FP, point_G, start_G, stop_G)
    methods = _methods(made, proposed)
    reasons = defaultdict(list)
    for each in left:
        reasons[each.gap.point].append(each)
    rows = []
    for point, start, stop, state, sigma, counts in zip(
        point_G.tolist(), start_G.tolist(), stop_G.tolist(), state_G.tolist(), sigma_G.tolist(), counts_GC.tolist(), strict=True
    ):
        origin = Origin(max(range(len(counts)), key=counts.__getitem__))
        if state == OPEN:
            why = next((each.why for each in reasons[point] if each.gap.start <= start and stop <= each.gap.stop), "")
            rows.append(GapRow(point, start, stop, "left" if why else "open", why=why, origin=origin))
            continue
        by = " + ".join(word for each, word in ORIGIN_WORDS.items() if counts[each])
        method = next((name for name, first, last in reversed(methods[point]) if first < stop and start < last), "")
        text = method if method not in ("", "auto") else by
        rows.append(GapRow(point, start, stop, "filled" if state == FILLED else "proposed", text, sigma, origin=origin))
    return rows


def mask_of(rec: Recording, rows: Iterable[GapRow]) -> Mask:
    """(F, P) True in these gaps."""
    where_FP = np.zeros(rec.origin_FP.shape, bool)
    for row in rows:
        where_FP[row.start : row.stop, row.point] = True
    return where_FP


@dataclass(frozen=True, slots=True)
class Quality:
    """observed, filled: shares of all samples, 0..1. gaps: how many are open; longest_s: the longest of them, seconds."""

    observed: float
    gaps: int
    longest_s: float
    filled: float


def quality(rec: Recording) -> Quality:
    """What of a take is measured, open and filled.

    >>> import numpy as np, mpm_core as mpm
    >>> quality(mpm.make_recording(("a",), 10.0, np.array([[[0, 0, 0]], [[np.nan] * 3], [[2, 2, 2]]])))
    Quality(observed=0.6666666666666666, gaps=1, longest_s=0.1, filled=0.0)
    """
    gaps = find_gaps(rec)
    share = [float(np.isin(rec.origin_FP, origins).mean()) if rec.origin_FP.size else 0.0 for origins in ([Origin.MEASURED], list(FILLS))]
    return Quality(share[0], len(gaps), max((gap.frames for gap in gaps), default=0) / rec.rate_hz, share[1])


def _runs(state_FP: UInt8) -> tuple[Int, Int, Int, UInt8]:
    """(G,) point, start, stop and state of every run of one state other than 0."""
    F, P = state_FP.shape
    state_PF = np.zeros((P, F + 1), np.uint8)  # a 0 after each point separates their runs
    state_PF[:, :-1] = state_FP.T
    flat = state_PF.ravel()
    edges = np.flatnonzero(np.diff(flat, prepend=0)) if len(flat) else np.zeros(0, np.int64)
    starts = edges[flat[edges] > 0]
    stops = np.append(edges, len(flat))[np.searchsorted(edges, starts, side="right")]
    point_G, start_G = np.divmod(starts, F + 1)
    return point_G, start_G, stops - point_G * (F + 1), flat[starts]


def _greatest(sigma_FP: Float32, point_G: Int, start_G: Int, stop_G: Int) -> Float:
    if not len(point_G):
        return np.zeros(0)
    F = len(sigma_FP)
    flat = np.append(np.where(np.isnan(sigma_FP), -1.0, sigma_FP).T.ravel(), -1.0)
    both = np.stack([point_G * F + start_G, point_G * F + stop_G], axis=1).ravel()
    most_G = np.maximum.reduceat(flat, both)[::2]
    return np.where(most_G < 0, np.nan, most_G)


def _origin_counts(origin_FP: UInt8, point_G: Int, start_G: Int, stop_G: Int) -> Int:
    """(G, C) how many samples of each origin each run has."""
    counts_GC = np.zeros((len(point_G), len(Origin)), np.int64)
    for origin in Origin:
        total_FP = np.zeros((len(origin_FP) + 1, origin_FP.shape[1]), np.int32)
        np.cumsum(origin_FP == origin, axis=0, out=total_FP[1:])
        counts_GC[:, origin] = total_FP[stop_G, point_G] - total_FP[start_G, point_G]
    return counts_GC


def _methods(made: Iterable[Edit], proposed: Patch | None) -> dict[int, list[tuple[str, int, int]]]:
    """For each point the methods that filled it, in the order in which they did, with start and stop."""
    by_point: dict[int, list[tuple[str, int, int]]] = defaultdict(list)
    for edit in (*made, *([proposed] if proposed is not None else [])):
        for run in edit.filled if isinstance(edit, Patch) else ():
            by_point[run.point].append((run.method, run.start, run.stop))
    return by_point
