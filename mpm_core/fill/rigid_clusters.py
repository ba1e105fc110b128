"""Rigid clusters: a missing marker from three or more others that move with it as one rigid body.

F frames, P points, K members of a cluster, C clusters, H missing samples of a point, N samples.
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

Cluster = tuple[int, ...]  # the members, then the marker that they predict

LEAST_FRAMES = 10  # in which all markers of a cluster are visible
MOST_FRAMES = 150  # used to estimate the shape of a cluster
CANDIDATES, MEMBERS = 6, (3, 4)  # companions of a marker, and how many of them make a cluster
TRIES = 5  # clusters tried for each combination of visible companions
AT_ONCE = 256  # clusters estimated together
RIGID_M = 0.015  # greatest standard deviation of a distance within a cluster
FIRM_M = 0.0005  # a standard deviation that is measurement noise
FLAT_M = 0.01  # least second singular value of a shape: a cluster on a line leaves the rotation about it undetermined
WORST_M = 0.02  # greatest error of a cluster where its marker is visible (RMS per axis)
FADE_S = 0.5  # time constant of the edge correction at the start and end of the take


def rigid_fill(xyz_FPD: Floating, visible_FP: Mask, rate_hz: float, where_FP: Mask | None = None) -> tuple[Float, Float]:
    """Missing markers from their rigid clusters: (xyz_FPD, sigma_FP), float64, metres.

    xyz_FPD: visible samples are unchanged. A missing one is placed by three or more visible markers that keep their distance to it; the
    error at the gap's edges is interpolated across the gap, so that the fill is continuous. NaN where there is no such cluster. sigma_FP:
    error of the cluster per axis (RMS) where the marker is visible; NaN where nothing was filled. where_FP: only gaps with a sample in it
    are filled (None = all).
    """
    xyz_FP3 = np.where(visible_FP[:, :, None], np.asarray(xyz_FPD, np.float64), np.nan)
    out_FP3, sigma_FP = xyz_FP3.copy(), np.full(visible_FP.shape, np.nan)
    wanted_FP = ~visible_FP if where_FP is None else where_FP & ~visible_FP
    for fill in rigid_fills(xyz_FP3, visible_FP, rate_hz, wanted_FP):
        out_FP3[fill.frame_H, fill.point], sigma_FP[fill.frame_H, fill.point] = fill.xyz_H3, fill.sigma_H
    return out_FP3, sigma_FP


@dataclass(frozen=True, slots=True)
class PointFill:
    """All samples of the gaps of a point, by frame: metres, NaN = no cluster; sigma as of `rigid_fill`."""

    point: int
    frame_H: Int
    xyz_H3: Float
    sigma_H: Float


def rigid_fills(xyz_FP3: Float, visible_FP: Mask, rate_hz: float, wanted_FP: Mask) -> Iterator[PointFill]:
    """`rigid_fill`, one point at a time, for points that have companions. xyz_FP3: NaN where missing. wanted_FP: missing samples."""
    visible_PF = np.ascontiguousarray(visible_FP.T)
    points = np.flatnonzero(wanted_FP.any(axis=0) & visible_FP.any(axis=0)).tolist()
    gaps = [found for point in points if (found := _point_gaps(xyz_FP3, visible_PF, wanted_FP[:, point], point)) is not None]
    learned = _best_clusters(xyz_FP3, visible_PF, gaps)
    for point_gaps in gaps:
        yield _fill_point(xyz_FP3, point_gaps, learned, rate_hz)


@dataclass(frozen=True, slots=True)
class RigidCluster:
    """The members' mean shape and the marker's position relative to it (metres), and its error per axis (metres, RMS)."""

    cluster: Cluster
    shape_K3: Float
    place_3: Float
    sigma: float


@dataclass(frozen=True, slots=True)
class _PointGaps:
    """The gaps of a point (starts and stops), their samples, and which companions are visible in each sample (as bits).

    ranked: clusters of the companions, as bits and as indices, by how little their distances vary.
    """

    point: int
    start_G: Int
    stop_G: Int
    frame_H: Int
    pattern_H: Int
    ranked: list[tuple[int, Cluster]]


def _point_gaps(xyz_FP3: Float, visible_PF: Mask, wanted_F: Mask, point: int) -> _PointGaps | None:
    """None for a point with fewer than three companions."""
    near, spread_KK = _companions(xyz_FP3, visible_PF, point)
    if len(near) < MEMBERS[0]:
        return None
    start_G, stop_G = np.array([gap for gap in runs(~visible_PF[point]) if wanted_F[slice(*gap)].any()], np.int64).T
    frame_H = np.concatenate([np.arange(start, stop) for start, stop in zip(start_G, stop_G, strict=True)])
    pattern_H = (1 << np.arange(len(near))) @ visible_PF[near[:, None], frame_H]
    return _PointGaps(point, start_G, stop_G, frame_H, pattern_H, _ranked(spread_KK, near, point))


def _companions(xyz_FP3: Float, visible_PF: Mask, point: int) -> tuple[Int, Float]:
    """Up to CANDIDATES points whose distance to this one hardly varies, by how little it varies (nearer ones first among equals).

    And the standard deviations of the distances between them, (K + 1, K + 1) with the point itself last, metres; infinite where unknown.
    """
    frames = _spread_frames(np.flatnonzero(visible_PF[point]))
    distance_NP = np.linalg.norm(xyz_FP3[frames] - xyz_FP3[frames, point, None], axis=2)
    enough_P = np.isfinite(distance_NP).sum(axis=0) >= LEAST_FRAMES
    enough_P[point] = False
    candidates = np.flatnonzero(enough_P)
    if not len(candidates):
        return candidates, np.zeros((1, 1))
    spread_C = np.nanstd(distance_NP[:, candidates], axis=0)
    candidates, spread_C = candidates[spread_C < RIGID_M], spread_C[spread_C < RIGID_M]
    order = np.argsort(spread_C + 0.01 * np.nanmean(distance_NP[:, candidates], axis=0))[:CANDIDATES]
    near = candidates[order]
    body_NK3 = xyz_FP3[frames[:, None], [*near, point]]
    distance_NKK = np.linalg.norm(body_NK3[:, :, None] - body_NK3[:, None], axis=3)
    known_KK = np.isfinite(distance_NKK).sum(axis=0) >= LEAST_FRAMES
    distance_NKK[:, ~known_KK] = 0
    return near, np.where(known_KK, np.nanstd(distance_NKK, axis=0), np.inf)


def _fill_point(xyz_FP3: Float, gaps: _PointGaps, learned: dict[tuple[int, int], RigidCluster], rate_hz: float) -> PointFill:
    """Each stretch of a gap by the cluster of the companions that are visible in it."""
    start_G, stop_G, frame_H, point = gaps.start_G, gaps.stop_G, gaps.frame_H, gaps.point
    length_G = stop_G - start_G
    last_G = np.cumsum(length_G) - 1
    patterns, which_H = np.unique(gaps.pattern_H, return_inverse=True)
    clusters = [learned.get((point, pattern)) for pattern in patterns.tolist()]
    frame_N = np.concatenate([frame_H, start_G - 1, stop_G])  # the gaps, and the frames beside them by the same clusters
    position_N3 = _place(xyz_FP3, frame_N, np.concatenate([which_H, which_H[last_G - length_G + 1], which_H[last_G]]), clusters)
    sigma_W = np.array([np.nan if cluster is None else cluster.sigma for cluster in clusters])
    edge_2G = np.clip(frame_N[len(frame_H) :], 0, len(xyz_FP3) - 1).reshape(2, -1)
    error_2G3 = xyz_FP3[edge_2G, point] - position_N3[len(frame_H) :].reshape(2, -1, 3)
    gap_H = np.repeat(np.arange(len(length_G)), length_G)
    correction_H3 = _edge_correction(error_2G3[:, gap_H], frame_H - start_G[gap_H] + 1, stop_G[gap_H] - frame_H, FADE_S * rate_hz)
    return PointFill(point, frame_H, position_N3[: len(frame_H)] + correction_H3, sigma_W[which_H])


def _place(xyz_FP3: Float, frame_N: Int, which_N: Int, clusters: Sequence[RigidCluster | None]) -> Float:
    """(N, 3) the marker as placed by each frame's cluster; NaN outside the take, without a cluster, and where a member is missing."""
    position_N3 = np.full((len(frame_N), 3), np.nan)
    for size in {len(cluster.shape_K3) for cluster in clusters if cluster is not None}:
        same_size_W = np.array([cluster is not None and len(cluster.shape_K3) == size for cluster in clusters])
        group = [cluster for cluster in clusters if cluster is not None and len(cluster.shape_K3) == size]
        in_range_N = np.flatnonzero(same_size_W[which_N] & (frame_N >= 0) & (frame_N < len(xyz_FP3)))
        row_N = (np.cumsum(same_size_W) - 1)[which_N[in_range_N]]
        visible_NK3 = xyz_FP3[frame_N[in_range_N, None], np.array([cluster.cluster[:-1] for cluster in group])[row_N]]
        complete_N = known(visible_NK3).all(axis=1)
        in_range_N, row_N = in_range_N[complete_N], row_N[complete_N]
        rot_N33, shift_N3 = kabsch(np.stack([cluster.shape_K3 for cluster in group])[row_N], visible_NK3[complete_N])
        position_N3[in_range_N] = rotate(rot_N33, np.stack([cluster.place_3 for cluster in group])[row_N]) + shift_N3
    return position_N3


def _ranked(spread_KK: Float, near: Int, point: int) -> list[tuple[int, Cluster]]:
    """All clusters of the companions, as bits and as indices, by how little their distances vary."""
    candidates: list[tuple[int, ...]] = []
    cost_CX = []
    for size in MEMBERS:
        subsets = list(combinations(range(len(near)), size))
        if subsets:
            with_point_CK = np.array([(*subset, len(near)) for subset in subsets])
            block_CKK = spread_KK[with_point_CK[:, :, None], with_point_CK[:, None]] ** 2
            cost_CX.append(np.sqrt((block_CKK.mean(axis=(1, 2)) + FIRM_M**2) / size))
            candidates += subsets
    order = [candidates[number] for number in np.argsort(np.concatenate(cost_CX), kind="stable")]
    return [(sum(1 << member for member in subset), (*near[list(subset)].tolist(), point)) for subset in order]


def _best_clusters(xyz_FP3: Float, visible_PF: Mask, gaps: Sequence[_PointGaps]) -> dict[tuple[int, int], RigidCluster]:
    """By point and pattern: the first of TRIES ranked clusters whose members are all visible and that is rigid."""
    remaining = {
        (point_gaps.point, pattern): list(islice((cluster for bits, cluster in point_gaps.ranked if bits & pattern == bits), TRIES))
        for point_gaps in gaps
        for pattern in np.unique(point_gaps.pattern_H).tolist()
    }
    learned: dict[Cluster, RigidCluster] = {}
    tried: set[Cluster] = set()
    chosen: dict[tuple[int, int], RigidCluster] = {}
    for _ in range(TRIES):
        untried = {clusters[0] for clusters in remaining.values() if clusters} - tried
        learned |= learn_clusters(xyz_FP3, visible_PF, sorted(untried))
        tried |= untried
        chosen |= {key: learned[clusters[0]] for key, clusters in remaining.items() if clusters and clusters[0] in learned}
        remaining = {key: clusters[1:] for key, clusters in remaining.items() if clusters and key not in chosen}
    return chosen


def learn_clusters(xyz_FP3: Float, visible_PF: Mask, clusters: Iterable[Cluster]) -> dict[Cluster, RigidCluster]:
    """Shape, position of the marker, and error of each cluster, without those that are not rigid or whose members are collinear."""
    learned: dict[Cluster, RigidCluster] = {}
    by_size: dict[int, list[Cluster]] = {}
    for cluster in clusters:
        by_size.setdefault(len(cluster), []).append(cluster)
    for same_size in by_size.values():
        for start in range(0, len(same_size), AT_ONCE):
            learned |= _learn(xyz_FP3, visible_PF, same_size[start : start + AT_ONCE])
    return learned


def _learn(xyz_FP3: Float, visible_PF: Mask, clusters: Sequence[Cluster]) -> dict[Cluster, RigidCluster]:
    """`learn_clusters` for clusters of one size."""
    sampled = [(cluster, _spread_frames(np.flatnonzero(visible_PF[list(cluster)].all(axis=0)))) for cluster in clusters]
    sampled = [(cluster, frames) for cluster, frames in sampled if len(frames) >= LEAST_FRAMES and not _collinear(xyz_FP3, cluster, frames)]
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
        cluster: RigidCluster(cluster, shape_K3[:-1], shape_K3[-1], float(sigma))
        for (cluster, _), shape_K3, sigma in zip(sampled, shape_CK3, sigma_C, strict=True)
        if sigma < WORST_M
    }


def _collinear(xyz_FP3: Float, cluster: Cluster, frames: Int) -> bool:
    """Whether the members are on a line, in the middle one of the frames."""
    shape_K3 = xyz_FP3[frames[len(frames) // 2], list(cluster[:-1])]
    return bool(np.linalg.svd(shape_K3 - shape_K3.mean(axis=0), compute_uv=False)[1] < FLAT_M)


def _edge_correction(error_2H3: Float, since_H: Int, until_H: Int, fade: float) -> Float:
    """(H, 3) correction in gaps: the errors at the two edges interpolated linearly, or the only known one, decaying (NaN = unknown)."""
    before_H, after_H = known(error_2H3)
    share_H = since_H / (since_H + until_H)
    weight_2H = np.where(before_H & after_H, [1 - share_H, share_H], np.exp(-np.stack([since_H, until_H]) / fade))
    return np.asarray((weight_2H[..., None] * np.nan_to_num(error_2H3)).sum(axis=0))


def _spread_frames(frames: Int) -> Int:
    """At most MOST_FRAMES of the frames, equally spaced."""
    return frames[subsample(len(frames), MOST_FRAMES)]
