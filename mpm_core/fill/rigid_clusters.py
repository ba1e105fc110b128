"""Rigid clusters: a hidden marker from three or more others that move with it.

F frames, P points, K members of a cluster, C clusters, H hidden samples of a point, N samples.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, islice

import numpy as np

from mpm_core.gaps import known, runs
from mpm_core.linalg.kabsch import kabsch, rotate
from mpm_core.linalg.subsample import subsample
from mpm_core.typing import Float, Floating, Int, Mask

Cluster = tuple[int, ...]  # its members, and last the marker they carry

LEAST_FRAMES = 10  # seen together, to learn a cluster from
MOST_FRAMES = 150  # to learn it from
CANDIDATES, MEMBERS = 6, (3, 4)  # companions of a marker, and how many of those visible at a time are used
TRIES = 5  # clusters looked at before a gap is given up
AT_ONCE = 256  # clusters learnt together
RIGID_M = 0.015  # how much a distance within a cluster may vary (standard deviation)
FIRM_M = 0.0005  # below which such a variation is only measurement noise
FLAT_M = 0.01  # a cluster thinner than this across its second axis is a line, about which it may turn unseen
WORST_M = 0.02  # a cluster that predicts worse than this where the marker is seen is not used
FADE_S = 0.5  # how long the one edge's error keeps its say at the ends of a take


def rigid_fill(xyz_FPD: Floating, visible_FP: Mask, rate_hz: float, where_FP: Mask | None = None) -> tuple[Float, Float]:
    """Hidden markers from their rigid clusters: (xyz_FPD float64, sigma_FP metres).

    Visible samples come back as they are. A hidden one is where three or more visible markers that keep their distance to it put it, the
    error at the gap's edges carried across it, so it meets what was measured. NaN where there is no such cluster. sigma: the cluster's
    error per axis (RMS) where the marker is seen; NaN for what was not filled here. where_FP: only gaps that it touches are filled (None =
    all).
    """
    xyz_FP3 = np.where(visible_FP[:, :, None], np.asarray(xyz_FPD, np.float64), np.nan)
    out_FP3, sigma_FP = xyz_FP3.copy(), np.full(visible_FP.shape, np.nan)
    wanted_FP = ~visible_FP if where_FP is None else where_FP & ~visible_FP
    for each in rigid_fills(xyz_FP3, visible_FP, rate_hz, wanted_FP):
        out_FP3[each.frame_H, each.point], sigma_FP[each.frame_H, each.point] = each.xyz_H3, each.sigma_H
    return out_FP3, sigma_FP


@dataclass(frozen=True, slots=True)
class PointFill:
    """All samples of a point's gaps that are wanted, by frame: metres, NaN = no cluster; sigma as `rigid_fill` has it."""

    point: int
    frame_H: Int
    xyz_H3: Float
    sigma_H: Float


def rigid_fills(xyz_FP3: Float, visible_FP: Mask, rate_hz: float, wanted_FP: Mask) -> Iterator[PointFill]:
    """`rigid_fill`, point by point, of those that have companions. xyz_FP3: NaN where hidden; wanted_FP: hidden samples."""
    visible_PF = np.ascontiguousarray(visible_FP.T)
    points = np.flatnonzero(wanted_FP.any(axis=0) & visible_FP.any(axis=0)).tolist()
    opened = [each for point in points if (each := _open(xyz_FP3, visible_PF, wanted_FP[:, point], point)) is not None]
    learnt = _best_clusters(xyz_FP3, visible_PF, opened)
    for each in opened:
        yield _fill_point(xyz_FP3, each, learnt, rate_hz)


@dataclass(frozen=True, slots=True)
class Learnt:
    """A cluster's shape, the marker's place in it (both metres), and its error per axis (metres, RMS)."""

    cluster: Cluster
    shape_K3: Float
    place_3: Float
    sigma: float


@dataclass(frozen=True, slots=True)
class _Open:
    """A point's gaps (starts and stops), their samples, and which of its companions are visible in each, as bits.

    ranked: clusters of the companions, as bits and as such, the one whose distances vary least first.
    """

    point: int
    start_G: Int
    stop_G: Int
    frame_H: Int
    pattern_H: Int
    ranked: list[tuple[int, Cluster]]


def _open(xyz_FP3: Float, visible_PF: Mask, asked_F: Mask, point: int) -> _Open | None:
    """None for a point that keeps its distance to fewer than three."""
    near, spread_KK = _companions(xyz_FP3, visible_PF, point)
    if len(near) < MEMBERS[0]:
        return None
    start_G, stop_G = np.array([gap for gap in runs(~visible_PF[point]) if asked_F[slice(*gap)].any()], np.int64).T
    frame_H = np.concatenate([np.arange(start, stop) for start, stop in zip(start_G, stop_G, strict=True)])
    pattern_H = (1 << np.arange(len(near))) @ visible_PF[near[:, None], frame_H]
    return _Open(point, start_G, stop_G, frame_H, pattern_H, _ranked(spread_KK, near, point))


def _companions(xyz_FP3: Float, visible_PF: Mask, point: int) -> tuple[Int, Float]:
    """Up to CANDIDATES points whose distance to this one hardly varies, the steadiest (and among equals the nearest) first.

    And how much the distances among them vary, (K + 1, K + 1) with the point itself last, metres, infinite where not known.
    """
    frames = _sample(np.flatnonzero(visible_PF[point]))
    apart_NP = np.linalg.norm(xyz_FP3[frames] - xyz_FP3[frames, point, None], axis=2)
    enough_P = np.isfinite(apart_NP).sum(axis=0) >= LEAST_FRAMES
    enough_P[point] = False
    candidates = np.flatnonzero(enough_P)
    if not len(candidates):
        return candidates, np.zeros((1, 1))
    in_place = np.nanstd(apart_NP[:, candidates], axis=0)
    candidates, in_place = candidates[in_place < RIGID_M], in_place[in_place < RIGID_M]
    order = np.argsort(in_place + 0.01 * np.nanmean(apart_NP[:, candidates], axis=0))[:CANDIDATES]
    near = candidates[order]
    body_NK3 = xyz_FP3[frames[:, None], [*near, point]]
    apart_NKK = np.linalg.norm(body_NK3[:, :, None] - body_NK3[:, None], axis=3)
    known_KK = np.isfinite(apart_NKK).sum(axis=0) >= LEAST_FRAMES
    apart_NKK[:, ~known_KK] = 0
    return near, np.where(known_KK, np.nanstd(apart_NKK, axis=0), np.inf)


def _fill_point(xyz_FP3: Float, opened: _Open, learnt: dict[tuple[int, int], Learnt], rate_hz: float) -> PointFill:
    """Each gap piece by the cluster of companions that is visible in it."""
    start_G, stop_G, frame_H, point = opened.start_G, opened.stop_G, opened.frame_H, opened.point
    length_G = stop_G - start_G
    last_G = np.cumsum(length_G) - 1
    patterns, which_H = np.unique(opened.pattern_H, return_inverse=True)
    clusters = [learnt.get((point, pattern)) for pattern in patterns.tolist()]
    frame_N = np.concatenate([frame_H, start_G - 1, stop_G])  # the gaps, and beside them by the same clusters
    placed_N3 = _placed(xyz_FP3, frame_N, np.concatenate([which_H, which_H[last_G - length_G + 1], which_H[last_G]]), clusters)
    sigma_W = np.array([np.nan if each is None else each.sigma for each in clusters])
    edge_2G = np.clip(frame_N[len(frame_H) :], 0, len(xyz_FP3) - 1).reshape(2, -1)
    off_2G3 = xyz_FP3[edge_2G, point] - placed_N3[len(frame_H) :].reshape(2, -1, 3)
    gap_H = np.repeat(np.arange(len(length_G)), length_G)
    carried_H3 = _carried(off_2G3[:, gap_H], frame_H - start_G[gap_H] + 1, stop_G[gap_H] - frame_H, FADE_S * rate_hz)
    return PointFill(point, frame_H, placed_N3[: len(frame_H)] + carried_H3, sigma_W[which_H])


def _placed(xyz_FP3: Float, frame_N: Int, which_N: Int, clusters: Sequence[Learnt | None]) -> Float:
    """(N, 3) where each frame's cluster puts its marker; NaN outside the take, without a cluster, and where one of it is hidden."""
    placed_N3 = np.full((len(frame_N), 3), np.nan)
    for size in {len(each.shape_K3) for each in clusters if each is not None}:
        mine_W = np.array([each is not None and len(each.shape_K3) == size for each in clusters])
        some = [each for each, mine in zip(clusters, mine_W, strict=True) if mine and each is not None]
        able_N = np.flatnonzero(mine_W[which_N] & (frame_N >= 0) & (frame_N < len(xyz_FP3)))
        row_N = (np.cumsum(mine_W) - 1)[which_N[able_N]]
        seen_NK3 = xyz_FP3[frame_N[able_N, None], np.array([each.cluster[:-1] for each in some])[row_N]]
        shown_N = known(seen_NK3).all(axis=1)
        able_N, row_N = able_N[shown_N], row_N[shown_N]
        rot_N33, shift_N3 = kabsch(np.stack([each.shape_K3 for each in some])[row_N], seen_NK3[shown_N])
        placed_N3[able_N] = rotate(rot_N33, np.stack([each.place_3 for each in some])[row_N]) + shift_N3
    return placed_N3


def _ranked(spread_KK: Float, near: Int, point: int) -> list[tuple[int, Cluster]]:
    """Every cluster that can be made of the companions, as bits and as such, the one whose distances vary least first."""
    chosen: list[tuple[int, ...]] = []
    loose_CX = []
    for size in MEMBERS:
        some = list(combinations(range(len(near)), size))
        if some:
            with_point_CK = np.array([(*each, len(near)) for each in some])
            block_CKK = spread_KK[with_point_CK[:, :, None], with_point_CK[:, None]] ** 2
            loose_CX.append(np.sqrt((block_CKK.mean(axis=(1, 2)) + FIRM_M**2) / size))
            chosen += some
    order = [chosen[number] for number in np.argsort(np.concatenate(loose_CX), kind="stable")]
    return [(sum(1 << one for one in each), (*near[list(each)].tolist(), point)) for each in order]


def _best_clusters(xyz_FP3: Float, visible_PF: Mask, opened: Sequence[_Open]) -> dict[tuple[int, int], Learnt]:
    """By point and pattern the first of the ranked clusters whose companions are all visible and that is rigid, if one of a few is."""
    left = {
        (each.point, pattern): list(islice((cluster for bits, cluster in each.ranked if bits & pattern == bits), TRIES))
        for each in opened
        for pattern in np.unique(each.pattern_H).tolist()
    }
    learnt: dict[Cluster, Learnt] = {}
    tried: set[Cluster] = set()
    found: dict[tuple[int, int], Learnt] = {}
    for _ in range(TRIES):
        new = {clusters[0] for clusters in left.values() if clusters} - tried
        learnt |= learn_clusters(xyz_FP3, visible_PF, sorted(new))
        tried |= new
        found |= {key: learnt[clusters[0]] for key, clusters in left.items() if clusters and clusters[0] in learnt}
        left = {key: clusters[1:] for key, clusters in left.items() if clusters and key not in found}
    return found


def learn_clusters(xyz_FP3: Float, visible_PF: Mask, clusters: Iterable[Cluster]) -> dict[Cluster, Learnt]:
    """The mean shape of each, the marker's place in it and its error; left out are those that are no rigid body one can turn by."""
    learnt: dict[Cluster, Learnt] = {}
    by_size: dict[int, list[Cluster]] = {}
    for cluster in clusters:
        by_size.setdefault(len(cluster), []).append(cluster)
    for some in by_size.values():
        for start in range(0, len(some), AT_ONCE):
            learnt |= _learn(xyz_FP3, visible_PF, some[start : start + AT_ONCE])
    return learnt


def _learn(xyz_FP3: Float, visible_PF: Mask, clusters: Sequence[Cluster]) -> dict[Cluster, Learnt]:
    """As `learn_clusters`, of the same size all."""
    sampled = [(cluster, _sample(np.flatnonzero(visible_PF[list(cluster)].all(axis=0)))) for cluster in clusters]
    sampled = [(cluster, frames) for cluster, frames in sampled if len(frames) >= LEAST_FRAMES and not _flat(xyz_FP3, cluster, frames)]
    if not sampled:
        return {}
    count_C = np.array([len(frames) for _, frames in sampled])
    begin_C, of_N = np.cumsum(count_C) - count_C, np.repeat(np.arange(len(sampled)), count_C)
    body_NK3 = xyz_FP3[np.concatenate([frames for _, frames in sampled])[:, None], np.array([cluster for cluster, _ in sampled])[of_N]]
    shape_CK3 = body_NK3[begin_C + count_C // 2]
    for _ in range(2):
        rot_N33, shift_N3 = kabsch(shape_CK3[of_N, :-1], body_NK3[:, :-1])
        shape_CK3 = np.add.reduceat((body_NK3 - shift_N3[:, None]) @ rot_N33, begin_C, axis=0) / count_C[:, None, None]
    rot_N33, shift_N3 = kabsch(shape_CK3[of_N, :-1], body_NK3[:, :-1])
    error_N3 = rotate(rot_N33, shape_CK3[of_N, -1]) + shift_N3 - body_NK3[:, -1]
    sigma_C = np.sqrt(np.add.reduceat((error_N3**2).mean(axis=1), begin_C) / count_C)
    return {
        cluster: Learnt(cluster, shape_K3[:-1], shape_K3[-1], float(sigma))
        for (cluster, _), shape_K3, sigma in zip(sampled, shape_CK3, sigma_C, strict=True)
        if sigma < WORST_M
    }


def _flat(xyz_FP3: Float, cluster: Cluster, frames: Int) -> bool:
    """A line, as it is in the middle of the frames."""
    shape_K3 = xyz_FP3[frames[len(frames) // 2], list(cluster[:-1])]
    return bool(np.linalg.svd(shape_K3 - shape_K3.mean(axis=0), compute_uv=False)[1] < FLAT_M)


def _carried(off_2H3: Float, gone_H: Int, left_H: Int, fade: float) -> Float:
    """(H, 3) what to add inside gaps: the errors at both edges (NaN = not known) mixed along it, or the one there is, fading."""
    before_H, after_H = known(off_2H3)
    share_H = gone_H / (gone_H + left_H)
    part_2H = np.where(before_H & after_H, [1 - share_H, share_H], np.exp(-np.stack([gone_H, left_H]) / fade))
    return np.asarray((part_2H[..., None] * np.nan_to_num(off_2H3)).sum(axis=0))


def _sample(frames: Int) -> Int:
    """Up to MOST_FRAMES of them, spread over all."""
    return frames[subsample(len(frames), MOST_FRAMES)]
