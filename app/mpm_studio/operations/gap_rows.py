"""The gaps of a take as rows of a table: open, left by a fill, proposed, or filled. F frames, P points, G rows; NaN = unknown."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np

from mpm_core.body.computed_points import left_alone
from mpm_core.edit.mark import with_followers
from mpm_core.edit.patch import Edit, Patch, since_reshaped
from mpm_core.gaps import Left
from mpm_core.gaps import runs as frame_runs
from mpm_core.recording import Origin, Recording
from mpm_core.samples import FILLERS, FILLS
from mpm_core.typing import Float, Mask
from mpm_studio.operations.origin_runs import Runs, joined_runs, origin_counts, origin_runs, runs_of
from mpm_studio.operations.suspects import EXCHANGE, REPAIR_SUSPECTS

State = Literal["open", "left", "left alone", "proposed", "filled"]
LEFT_ALONE: State = "left alone"  # of a point that only a fill of these very samples fills (`mpm_core.body.computed_points.left_alone`)
UNFILLED: tuple[State, ...] = ("open", "left", LEFT_ALONE, "proposed")  # what a fill can fill, or fill otherwise
OPEN, FILLED, PROPOSED = 1, 2, 3
ORIGINS = tuple(Origin)
NAN = float("nan")
EXCHANGES = (EXCHANGE, REPAIR_SUSPECTS)  # the actions that take fills to another point
_STATE = np.array([{Origin.MISSING: OPEN, Origin.MARKED: OPEN}.get(each, FILLED if each in FILLS else 0) for each in ORIGINS], np.uint8)
_STATE = np.append(_STATE, np.full(len(ORIGINS), np.uint8(PROPOSED)))  # by origin; then those of proposed samples


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
    sigma: float = NAN
    why: str = ""
    origin: Origin = Origin.MISSING

    @property
    def frames(self) -> int:
        return self.stop - self.start


def gap_rows(rec: Recording, proposed: Patch | None, left: Sequence[Left], made: Sequence[Edit] = ()) -> list[GapRow]:
    """Every gap of `rec`, every fill in it, and every proposed fill, by point and then by time.

    rec: with what is proposed. left: the gaps that fills left, and why; gaps of points that `left_alone` names are LEFT_ALONE.
    made: the edits that led to `rec`, first to last; those since its frames and points are these say which methods filled what.
    """
    runs, classes = origin_runs(rec), len(Origin)
    if proposed is not None:
        value_FP = rec.origin_FP.copy()
        value_FP[proposed.frames_N, proposed.points_N] += classes
        runs = runs_of(value_FP)
    gaps, gap_R = joined_runs(runs, _STATE[runs.value_R])
    inside = gap_R >= 0
    counts_GC = np.bincount(gap_R[inside] * classes + runs.value_R[inside] % classes, runs.frames_R[inside], len(gaps) * classes).reshape(
        -1, classes
    )
    most_G, kinds_G = counts_GC.argmax(axis=1), (counts_GC > 0) @ (1 << np.arange(classes))
    words = {kinds: " + ".join(word for each, word in FILLERS.items() if kinds >> each & 1) for kinds in np.unique(kinds_G).tolist()}
    sigma_G = _largest_sigma(rec, gaps)
    method_G = _last_of(gaps, _methods(made, proposed), around=False)
    alone = left_alone(rec)
    why_G = _last_of(gaps, _reasons(rec, left, alone), around=True)
    rows = []
    for point, start, stop, state, sigma, most, kinds, method, why in zip(
        *(each_G.tolist() for each_G in (gaps.point_R, gaps.start_R, gaps.stop_R, gaps.value_R, sigma_G, most_G, kinds_G)),
        method_G,
        why_G,
        strict=True,
    ):
        if state == OPEN:
            is_alone = point in alone and not kinds >> Origin.MARKED & 1
            rows.append(_row(point, start, stop, LEFT_ALONE if is_alone else "left" if why else "open", "", NAN, why, ORIGINS[most]))
        else:
            text, sure = method if method not in ("", "auto") else words[kinds], NAN if math.isnan(sigma) else sigma
            rows.append(_row(point, start, stop, "filled" if state == FILLED else "proposed", text, sure, "", ORIGINS[most]))
    return rows


@lru_cache(maxsize=2**14)
def _row(point: int, start: int, stop: int, state: State, method: str, sigma: float, why: str, origin: Origin) -> GapRow:
    """An edit leaves most rows as they are, and to find one again takes less time than to make one."""
    return GapRow(point, start, stop, state, method, sigma, why, origin)


def mask_of(rec: Recording, rows: Iterable[GapRow]) -> Mask:
    """(F, P) True in these gaps."""
    where_FP = np.zeros(rec.origin_FP.shape, bool)
    for row in rows:
        where_FP[row.start : row.stop, row.point] = True
    return where_FP


def with_marked_along(rec: Recording, rows: Sequence[GapRow], every: Iterable[GapRow]) -> tuple[GapRow, ...]:
    """Some gaps, and in a hierarchy the unfilled ones of `every` gap that were marked along with them: of what hangs on their joints."""
    if rec.rig is None or not rows:
        return tuple(rows)
    along_FP = with_followers(rec, mask_of(rec, rows))
    along = (row for row in every if row.state in UNFILLED and along_FP[row.start : row.stop, row.point].any())
    return tuple(dict.fromkeys((*rows, *along)))


@dataclass(frozen=True, slots=True)
class Quality:
    """measured, filtered, filled: shares of all samples, 0..1. gaps: how many are open; longest_s: the longest of them, seconds. Both are
    without those of points that are left alone.

    filtered: measured, then filtered as asked; not counted as measured.
    """

    measured: float
    filtered: float
    gaps: int
    longest_s: float
    filled: float


def quality(rec: Recording) -> Quality:
    """What of a take is measured, open and filled.

    >>> import numpy as np, mpm_core as mpm
    >>> quality(mpm.make_recording(("a",), 10.0, np.array([[[0, 0, 0]], [[np.nan] * 3], [[2, 2, 2]]])))
    Quality(measured=0.6666666666666666, filtered=0.0, gaps=1, longest_s=0.1, filled=0.0)
    """
    runs = origin_runs(rec)
    gaps, gap_R = joined_runs(runs, np.isin(runs.value_R, (Origin.MISSING, Origin.MARKED)).astype(np.uint8))
    counts_G = ~np.isin(gaps.point_R, [*left_alone(rec)])
    counts_G[gap_R[runs.value_R == Origin.MARKED]] = True
    share_C = origin_counts(rec).sum(axis=0) / max(rec.origin_FP.size, 1)
    longest_s = float(gaps.frames_R[counts_G].max(initial=0)) / rec.rate_hz
    measured, filtered = (float(share_C[each]) for each in (Origin.MEASURED, Origin.FILTERED))
    return Quality(measured, filtered, int(counts_G.sum()), longest_s, float(share_C[list(FILLS)].sum()))


def _largest_sigma(rec: Recording, gaps: Runs) -> Float:
    """(G,) the largest sigma in each gap that has values, NaN where none is known."""
    sigma_G = np.full(len(gaps), NAN)
    valued = np.flatnonzero(gaps.value_R != OPEN)
    if len(valued):
        length_V = gaps.frames_R[valued]
        first_V = np.cumsum(length_V) - length_V
        frame_S = np.arange(length_V.sum()) + np.repeat(gaps.start_R[valued] - first_V, length_V)
        sigma_G[valued] = np.fmax.reduceat(rec.sigma_FP[frame_S, np.repeat(gaps.point_R[valued], length_V)], first_V)
    return sigma_G


Span = tuple[str, int, int]
"""A text for frames start..stop-1 of a point."""


def _last_of(gaps: Runs, spans: Mapping[int, Sequence[Span]], *, around: bool) -> list[str]:
    """(G,) the text of the last of its point's spans that shares a frame with each gap, or that has all of its (around); '' for none."""
    text_G = [""] * len(gaps)
    for point, own in spans.items():
        low, high = np.searchsorted(gaps.point_R, (point, point + 1))
        start_G, stop_G = gaps.start_R[low:high], gaps.stop_R[low:high]
        first_S, last_S = np.array([span[1:] for span in own]).T
        if around:
            from_S, to_S = np.searchsorted(start_G, first_S), np.searchsorted(stop_G, last_S, side="right")
        else:
            from_S, to_S = np.searchsorted(stop_G, first_S, side="right"), np.searchsorted(start_G, last_S)
        for (text, _, _), first, last in zip(own, (low + from_S).tolist(), (low + to_S).tolist(), strict=True):
            text_G[first:last] = [text] * (last - first)
    return text_G


def _reasons(rec: Recording, left: Iterable[Left], alone: Mapping[int, str]) -> dict[int, list[Span]]:
    """Why gaps are left, by point: in points that are left alone, and by fills, of which the first is the last, because it counts."""
    by_point: dict[int, list[Span]] = defaultdict(list)
    for point, why in alone.items():
        by_point[point].append((why, 0, rec.frames))
    for each in reversed([*left]):
        by_point[each.gap.point].append((each.why, each.gap.start, each.gap.stop))
    return by_point


def _methods(made: Sequence[Edit], proposed: Patch | None) -> dict[int, list[Span]]:
    """The methods that filled each point, in the order in which they did; '' for what was exchanged with another point after that."""
    by_point: dict[int, list[Span]] = defaultdict(list)
    for edit in (*since_reshaped(made), *([proposed] if proposed is not None else [])):
        if not isinstance(edit, Patch):
            continue
        if any(each.action in EXCHANGES for each in edit.requests):
            for point in np.unique(edit.points_N).tolist():
                exchanged_F = np.zeros(int(edit.frames_N.max()) + 1, bool)
                exchanged_F[edit.frames_N[edit.points_N == point]] = True
                by_point[point] += [("", start, stop) for start, stop in frame_runs(exchanged_F)]
        for run in edit.filled:
            by_point[run.point].append((run.method, run.start, run.stop))
    return by_point
