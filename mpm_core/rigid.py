"""Rigid clusters: a hidden marker from three or more others that move with it. F frames, P points, K members of a cluster, N samples.

The least-squares rotation is Kabsch's (Acta Crystallographica A32, 1976), by singular values as Arun, Huang and Blostein (PAMI 9, 1987).
"""

from __future__ import annotations

from itertools import combinations, islice

import numpy as np
from numpy.typing import NDArray

from mpm_core.gaps import runs

Float = NDArray[np.float64]
Bool = NDArray[np.bool_]
Learnt = tuple[Float, Float, float]  # a cluster's shape_K3, the marker's place in it, its error per axis in metres

LEAST_FRAMES = 10  # seen together, to learn a cluster from
MOST_FRAMES = 150  # to learn it from
CANDIDATES, MEMBERS = 6, (3, 4)  # companions of a marker, and how many of those visible at a time are used
TRIES = 5  # clusters looked at before a gap is given up
RIGID_M = 0.015  # how much a distance within a cluster may vary (standard deviation)
FIRM_M = 0.0005  # below which such a variation is only measurement noise
FLAT_M = 0.01  # a cluster thinner than this across its second axis is a line, about which it may turn unseen
WORST_M = 0.02  # a cluster that predicts worse than this where the marker is seen is not used
FADE_S = 0.5  # how long the one edge's error keeps its say at the ends of a take


def kabsch(shape_K3: Float, seen_NK3: Float) -> tuple[Float, Float]:
    """rot_N33, shift_N3 with seen ~ rot @ shape + shift in the least-squares sense, never a mirror image."""
    centre_3, middle_N3 = shape_K3.mean(axis=0), seen_NK3.mean(axis=1)
    cross_N33 = (seen_NK3 - middle_N3[:, None]).transpose(0, 2, 1) @ (shape_K3 - centre_3)
    u_N33, _, vt_N33 = np.linalg.svd(cross_N33)
    flip_N = np.sign(np.linalg.det(u_N33 @ vt_N33))
    u_N33[:, :, 2] *= flip_N[:, None]
    rot_N33 = u_N33 @ vt_N33
    return rot_N33, middle_N3 - rot_N33 @ centre_3


def rigid_fill(xyz_FPD: NDArray[np.floating], visible_FP: Bool, rate_hz: float, where_FP: Bool | None = None) -> tuple[Float, Float]:
    """Hidden markers from their rigid clusters: (xyz_FPD float64, sigma_FP metres).

    Visible samples come back as they are. A hidden one is where three or more visible markers that keep their distance to it put it, the
    error at the gap's edges carried across it, so it meets what was measured. NaN where there is no such cluster. sigma: the cluster's
    error per axis (RMS) where the marker is seen; NaN for what was not filled here. where_FP: only gaps that it touches are filled (None =
    all).
    """
    xyz_FP3 = np.where(visible_FP[:, :, None], np.asarray(xyz_FPD, np.float64), np.nan)
    out_FP3, sigma_FP = xyz_FP3.copy(), np.full(visible_FP.shape, np.nan)
    asked_FP = ~visible_FP if where_FP is None else where_FP & ~visible_FP
    visible_PF = np.ascontiguousarray(visible_FP.T)
    for point in np.flatnonzero(asked_FP.any(axis=0) & visible_FP.any(axis=0)):
        near, spread_KK = _companions(xyz_FP3, visible_PF, int(point))
        if len(near) >= 3:
            gaps = [gap for gap in runs(~visible_PF[point]) if asked_FP[slice(*gap), point].any()]
            _fill_point(xyz_FP3, visible_PF, int(point), gaps, near, spread_KK, rate_hz, out_FP3, sigma_FP)
    return out_FP3, sigma_FP


def _companions(xyz_FP3: Float, visible_PF: Bool, point: int) -> tuple[NDArray[np.int64], Float]:
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
    spread = np.nanstd(apart_NP[:, candidates], axis=0)
    candidates, spread = candidates[spread < RIGID_M], spread[spread < RIGID_M]
    order = np.argsort(spread + 0.01 * np.nanmean(apart_NP[:, candidates], axis=0))[:CANDIDATES]
    near = candidates[order]
    body_NK3 = xyz_FP3[frames[:, None], [*near, point]]
    apart_NKK = np.linalg.norm(body_NK3[:, :, None] - body_NK3[:, None], axis=3)
    known_KK = np.isfinite(apart_NKK).sum(axis=0) >= LEAST_FRAMES
    apart_NKK[:, ~known_KK] = 0
    return near, np.where(known_KK, np.nanstd(apart_NKK, axis=0), np.inf)


def _fill_point(
    xyz_FP3: Float,
    visible_PF: Bool,
    point: int,
    gaps: list[tuple[int, int]],
    near: NDArray[np.int64],
    spread_KK: Float,
    rate_hz: float,
    out_FP3: Float,
    sigma_FP: Float,
) -> None:
    """Fill one point in place, each gap piece by the cluster of companions that is visible in it."""
    hidden = np.concatenate([np.arange(start, stop) for start, stop in gaps])
    bit_K = 1 << np.arange(len(near))
    pattern_H = bit_K @ visible_PF[near[:, None], hidden]
    pattern_at = dict(zip(hidden.tolist(), pattern_H.tolist(), strict=True))
    beside = [(start - 1, start) for start, _ in gaps] + [(stop, stop - 1) for _, stop in gaps]
    edges_of: dict[int, list[int]] = {}
    for edge, inside in beside:
        if 0 <= edge < visible_PF.shape[1]:
            edges_of.setdefault(pattern_at[inside], []).append(edge)
    error_at: dict[tuple[int, int], Float] = {}
    known: dict[tuple[int, ...], Learnt | None] = {}
    ranked = _ranked(spread_KK)
    order = np.argsort(pattern_H, kind="stable")
    patterns, begins = np.unique(pattern_H[order], return_index=True)
    for pattern, some in zip(patterns.tolist(), np.split(order, begins[1:]), strict=True):
        learnt = _best_cluster(xyz_FP3, visible_PF, point, near, pattern, ranked, known)
        if learnt is None:
            continue
        members, shape_K3, place_3, sigma = learnt
        frames = hidden[some]
        edges = np.array(edges_of.get(pattern, []), np.int64)
        sure = edges[visible_PF[np.array(members)[:, None], edges].all(axis=0)]
        rot_N33, shift_N3 = kabsch(shape_K3, xyz_FP3[np.concatenate([frames, sure])[:, None], members])
        placed_N3 = rot_N33 @ place_3 + shift_N3
        out_FP3[frames, point] = placed_N3[: len(frames)]
        sigma_FP[frames, point] = sigma
        for edge, error_3 in zip(sure.tolist(), xyz_FP3[sure, point] - placed_N3[len(frames) :], strict=True):
            error_at[pattern, edge] = error_3
    for start, stop in gaps:
        before = error_at.get((pattern_at[start], start - 1))
        after = error_at.get((pattern_at[stop - 1], stop))
        out_FP3[start:stop, point] += _carried(before, after, stop - start, FADE_S * rate_hz)


def _ranked(spread_KK: Float) -> list[tuple[int, tuple[int, ...]]]:
    """Every cluster that can be made of the companions, as bits and as members, the one whose distances vary least first."""
    clusters, loose_CX = [], []
    for size in MEMBERS:
        some = list(combinations(range(len(spread_KK) - 1), size))
        if some:
            with_point_CK = np.array([(*chosen, len(spread_KK) - 1) for chosen in some])
            block_CKK = spread_KK[with_point_CK[:, :, None], with_point_CK[:, None]] ** 2
            loose_CX.append(np.sqrt((block_CKK.mean(axis=(1, 2)) + FIRM_M**2) / size))
            clusters += some
    return [
        (sum(1 << each for each in clusters[number]), clusters[number]) for number in np.argsort(np.concatenate(loose_CX), kind="stable")
    ]


def _best_cluster(
    xyz_FP3: Float,
    visible_PF: Bool,
    point: int,
    near: NDArray[np.int64],
    pattern: int,
    ranked: list[tuple[int, tuple[int, ...]]],
    known: dict[tuple[int, ...], Learnt | None],
) -> tuple[list[int], Float, Float, float] | None:
    """The first of the ranked clusters whose companions are all visible and that is rigid; known: those learnt so far."""
    able = (chosen for bits, chosen in ranked if bits & pattern == bits)
    for chosen in islice(able, TRIES):
        members = near[list(chosen)].tolist()
        if chosen not in known:
            known[chosen] = learn_cluster(xyz_FP3, visible_PF, point, members)
        learnt = known[chosen]
        if learnt is not None:
            return members, *learnt
    return None


def learn_cluster(xyz_FP3: Float, visible_PF: Bool, point: int, members: list[int]) -> Learnt | None:
    """The members' mean shape, the point's place in it and its error per axis; None when that is not a rigid body one can turn by."""
    together_F = visible_PF[point].copy()
    for member in members:
        together_F &= visible_PF[member]
    frames = _sample(np.flatnonzero(together_F))
    if len(frames) < LEAST_FRAMES:
        return None
    body_NK3 = xyz_FP3[frames[:, None], [*members, point]]
    shape_K3 = body_NK3[len(frames) // 2]
    if np.linalg.svd(shape_K3[:-1] - shape_K3[:-1].mean(axis=0), compute_uv=False)[1] < FLAT_M:
        return None
    for _ in range(2):
        rot_N33, shift_N3 = kabsch(shape_K3[:-1], body_NK3[:, :-1])
        shape_K3 = ((body_NK3 - shift_N3[:, None]) @ rot_N33).sum(axis=0) / len(frames)
    rot_N33, shift_N3 = kabsch(shape_K3[:-1], body_NK3[:, :-1])
    error_N3 = rot_N33 @ shape_K3[-1] + shift_N3 - body_NK3[:, -1]
    sigma = float(np.sqrt((error_N3**2).mean()))
    return (shape_K3[:-1], shape_K3[-1], sigma) if sigma < WORST_M else None


def _carried(before: Float | None, after: Float | None, length: int, fade: float) -> Float:
    """(length, 3) what to add inside a gap: the edges' errors, mixed along it, or the one there is, fading."""
    steps = np.arange(1, length + 1)[:, None]
    if before is not None and after is not None:
        share = steps / (length + 1)
        return np.asarray((1 - share) * before + share * after)
    if before is not None:
        return np.asarray(before * np.exp(-steps / fade))
    if after is not None:
        return np.asarray(after * np.exp(-(length + 1 - steps) / fade))
    return np.zeros((length, 3))


def _sample(frames: NDArray[np.int64]) -> NDArray[np.int64]:
    """Up to MOST_FRAMES of them, spread over all."""
    return frames[np.linspace(0, len(frames) - 1, min(len(frames), MOST_FRAMES)).astype(np.int64)] if len(frames) else frames
