"""The gaps of a take as rows of a table: open, left by a fill, proposed, or filled. F frames, P points, G rows; NaN = unknown."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from mpm_core.edit.patch import Edit, Patch
from mpm_core.gaps import Left, missing_runs
from mpm_core.recording import Origin, Recording
from mpm_core.samples import FILLERS, FILLS, OF_FILE
from mpm_core.typing import Int, Mask, UInt8

State = Literal["open", "left", "proposed", "filled"]
OPEN, FILLED, PROPOSED = 1, 2, 3
ORIGINS = tuple(Origin)


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
    run_S, frame_S, where_S = _inside(point_G, start_G, stop_G)
    sigma_S, classes = sigma_FP[frame_S, where_S], len(Origin)
    sigma_G = np.fmax.reduceat(sigma_S, np.flatnonzero(np.diff(run_S, prepend=-1))) if len(run_S) else sigma_S
    counts_GC = np.bincount(run_S * classes + origin_FP[frame_S, where_S], minlength=len(point_G) * classes).reshape(-1, classes)
    most_G, kinds_G = counts_GC.argmax(axis=1), (counts_GC > 0) @ (1 << np.arange(classes))
    words = {kinds: " + ".join(word for each, word in FILLERS.items() if kinds >> each & 1) for kinds in np.unique(kinds_G).tolist()}
    methods, reasons = _methods(made, proposed), _reasons(left)
    rows = []
    for point, start, stop, state, sigma, most, kinds in zip(
        *(each_G.tolist() for each_G in (point_G, start_G, stop_G, state_G, sigma_G, most_G, kinds_G)), strict=True
    ):
        origin = ORIGINS[most]
        if state == OPEN:
            why = next((each.why for each in reasons.get(point, ()) if each.gap.start <= start and stop <= each.gap.stop), "")
            rows.append(GapRow(point, start, stop, "left" if why else "open", why=why, origin=origin))
            continue
        method = next((name for name, first, last in reversed(methods.get(point, ())) if first < stop and start < last), "")
        text = method if method not in ("", "auto") else words[kinds]
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
    """measured, filled: shares of all samples, 0..1. gaps: how many are open; longest_s: the longest of them, seconds."""

    measured: float
    gaps: int
    longest_s: float
    filled: float


def quality(rec: Recording) -> Quality:
    """What of a take is measured, open and filled.

    >>> import numpy as np, mpm_core as mpm
    >>> quality(mpm.make_recording(("a",), 10.0, np.array([[[0, 0, 0]], [[np.nan] * 3], [[2, 2, 2]]])))
    Quality(measured=0.6666666666666666, gaps=1, longest_s=0.1, filled=0.0)
    """
    _, start_G, stop_G = missing_runs(rec.visible_FP)
    share_C = np.bincount(rec.origin_FP.ravel(), minlength=len(Origin)) / max(rec.origin_FP.size, 1)
    longest_s = float((stop_G - start_G).max(initial=0)) / rec.rate_hz
    return Quality(float(share_C[list(OF_FILE)].sum()), len(start_G), longest_s, float(share_C[list(FILLS)].sum()))


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


def _inside(point_G: Int, start_G: Int, stop_G: Int) -> tuple[Int, Int, Int]:
    """(S,) run, frame and point of every sample of the runs, run by run."""
    length_G = stop_G - start_G
    run_S = np.repeat(np.arange(len(point_G)), length_G)
    first_S = np.repeat(np.cumsum(length_G) - length_G, length_G)
    return run_S, np.arange(len(run_S)) - first_S + start_G[run_S], point_G[run_S]


def _reasons(left: Iterable[Left]) -> dict[int, list[Left]]:
    """The gaps that fills left, by point."""
    by_point: dict[int, list[Left]] = defaultdict(list)
    for each in left:
        by_point[each.gap.point].append(each)
    return by_point


def _methods(made: Iterable[Edit], proposed: Patch | None) -> dict[int, list[tuple[str, int, int]]]:
    """For each point the methods that filled it, in the order in which they did, with start and stop."""
    by_point: dict[int, list[tuple[str, int, int]]] = defaultdict(list)
    for edit in (*made, *([proposed] if proposed is not None else [])):
        for run in edit.filled if isinstance(edit, Patch) else ():
            by_point[run.point].append((run.method, run.start, run.stop))
    return by_point
