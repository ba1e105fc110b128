"""Limbs of a body found from motion (find.py): branches of a minimum spanning tree of rigid links, and their segments. P markers."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mpm_core.typing import Float, Int, Mask

SEGMENTS = ("head", "torso", "pelvis", "left_upper_arm", "left_forearm", "left_hand", "right_upper_arm", "right_forearm", "right_hand",
            "left_thigh", "left_shank", "left_foot", "right_thigh", "right_shank", "right_foot")  # fmt: skip
TRUNK, HEAD = (0.5, 0.905), 0.905  # heights in shares of the body's, after Drillis and Contini (1966), of markers on the skin
FOOT, KNEE, HIP = 0.075, 0.27, 0.49
PELVIS = 0.65
ASIDE = 0.125  # of the height: horizontal extent of the trunk from its axis
NEAR = 0.02  # share of a distance that is added to its spread: of equally rigid links, the shorter one is preferred
FAR_M, TINY_M, SURE_M = 10.0, 1e-9, 0.06  # cost of no link; of links within the trunk; at which a marker's confidence is least
ACROSS_M, OFF_PLANE_M = 0.04, 0.03  # added cost of a link between the sides of the body; distance from the plane of symmetry
MOVED_M = 0.015  # spread of the distances between distant markers at which the motion is sufficient
REACH = 0.32  # of the height: greatest distance of markers on neighbouring segments
FOREARM, HAND = 0.146, 0.06  # lengths as shares of the height; the hand up to the knuckles


@dataclass(frozen=True, slots=True)
class Body:
    """P markers of a person. chosen_P: their points in the take. height_P: in upright frames, as shares of tall_m.

    place_P3: mean position in the trunk's axes, metres: forward, left, up, from the middle of the trunk. spread_PP, far_PP: spread (robust)
    and median of the distance of two markers. limb_P: trunk, head, left_arm, right_arm, left_leg or right_leg. tip: the end of each arm.
    segment_P: of SEGMENTS. sure_P: 0..1, confidence in the segment. facing: 0..1, confidence in front and back.
    """

    chosen_P: Int
    height_P: Float
    tall_m: float
    place_P3: Float
    spread_PP: Float
    far_PP: Float
    limb_P: tuple[str, ...]
    tip: dict[str, int]
    segment_P: tuple[str, ...]
    sure_P: Float
    facing: float


def assign_limbs(body: Body, trunk_P: Mask) -> Body:
    """limb_P, tip (the ends of the arms) and sure_P: branches of the minimum spanning tree of links, by where they are."""
    from scipy.sparse.csgraph import connected_components, dijkstra, minimum_spanning_tree  # here, as its import takes long

    P = len(trunk_P)
    link_PP = body.spread_PP + NEAR * body.far_PP
    link_PP[(body.far_PP > REACH * body.tall_m) | ~np.isfinite(link_PP)] = FAR_M
    across_P = np.where(np.abs(body.place_P3[:, 1]) > OFF_PLANE_M, np.sign(body.place_P3[:, 1]), 0.0)
    link_PP[across_P[:, None] * across_P[None] < 0] += ACROSS_M
    link_PP[np.ix_(trunk_P, trunk_P)] = TINY_M
    np.fill_diagonal(link_PP, 0.0)
    tree_PP = minimum_spanning_tree(link_PP).toarray()
    tree_PP = np.maximum(tree_PP, tree_PP.T)
    tree_PP[np.ix_(trunk_P, trunk_P)] = 0
    free_PP = np.where(trunk_P[:, None] | trunk_P[None] | (tree_PP >= FAR_M), 0.0, tree_PP)
    _cut_links(body, free_PP, np.flatnonzero(~trunk_P))
    branch_P = connected_components(free_PP > 0, directed=False)[1]
    limb_P = np.where(trunk_P, "trunk", "").astype(object)
    for branch in np.unique(branch_P[~trunk_P]):
        members = np.flatnonzero((branch_P == branch) & ~trunk_P)
        limb_P[members] = _limb(body, members)
    _separate_sides(body, limb_P, branch_P)
    length_PP = np.where(tree_PP > 0, np.minimum(body.far_PP, FAR_M), 0.0)
    along_P = dijkstra(length_PP, indices=np.flatnonzero(trunk_P), directed=False).min(axis=0)
    along_P = np.where(np.isfinite(along_P), along_P, 0.0)
    arms = {limb: np.flatnonzero(limb_P == limb) for limb in ("left_arm", "right_arm")}
    root = {limb: own[np.argmin(along_P[own])] for limb, own in arms.items() if len(own)}
    tip = {limb: int(arms[limb][np.argmax(body.far_PP[point, arms[limb]])]) for limb, point in root.items()}
    link_P = np.sort(link_PP + np.eye(P) * FAR_M, axis=1)[:, 0]
    far_spread = body.spread_PP[(body.far_PP > REACH * body.tall_m) & np.isfinite(body.spread_PP)]
    motion = float(np.clip(np.median(far_spread) / MOVED_M, 0.1, 1.0)) if len(far_spread) else 0.1
    return replace(body, limb_P=tuple(limb_P), tip=tip, sure_P=motion * np.clip(1 - link_P / SURE_M, 0.05, 1.0))


def _cut_links(body: Body, free_PP: Float, free: Int) -> None:
    """Cut, in place, the least rigid link between markers that cannot be on one limb: feet of different sides, a foot and a marker above
    the hip.
    """
    low = [int(p) for p in free if body.height_P[p] < FOOT and abs(body.place_P3[p, 1]) > 0.02]
    high = [int(p) for p in free if body.height_P[p] > HIP + 0.03]
    pairs = [(a, b) for a in low for b in low if body.place_P3[a, 1] > 0 > body.place_P3[b, 1]] + [(a, b) for a in low for b in high]
    for a, b in pairs:
        links = _path(free_PP, a, b)
        if links:
            one, other = max(links, key=lambda link: free_PP[link])
            free_PP[one, other] = free_PP[other, one] = 0.0


def _path(free_PP: Float, a: int, b: int) -> list[tuple[int, int]]:
    """The links of a tree from a to b; none when they are not connected."""
    from scipy.sparse.csgraph import dijkstra  # here, as its import takes long

    before_P = dijkstra(free_PP, indices=a, directed=False, return_predecessors=True)[1]
    links = []
    while before_P[b] >= 0:
        links.append((int(before_P[b]), b))
        b = int(before_P[b])
    return links


def _limb(body: Body, members: Int) -> str:
    """The limb of a branch: the head is high and near the trunk's axis; legs reach down, or are thighs; all others are arms."""
    height, aside = body.height_P[members], float(np.mean(body.place_P3[members, 1]))
    side = "left" if aside > 0 else "right"
    if height.min() > HEAD - 0.03 and abs(aside) < 0.5 * ASIDE * body.tall_m:
        return "head"
    if height.min() < 0.7 * HIP or (height.max() < HIP and len(members) == 1):
        return f"{side}_leg"
    return f"{side}_arm"


def _separate_sides(body: Body, limb_P: NDArray[Any], branch_P: Int) -> None:
    """Of two legs (or arms) on the same side of the body, the one further to the left becomes the left one, in place."""
    for part in ("leg", "arm"):
        own = np.array([str(limb).endswith(part) for limb in limb_P])
        sizes = sorted(((int((branch_P[own] == b).sum()), int(b)) for b in np.unique(branch_P[own])), reverse=True)[:2]
        if len(sizes) < 2 or sizes[1][0] < 2:
            continue
        branches = sorted((b for _, b in sizes), key=lambda b: float(body.place_P3[(branch_P == b) & own, 1].mean()))
        if len({limb_P[np.flatnonzero((branch_P == b) & own)[0]] for b in branches}) == 1:
            for b, side in zip(branches, ("right", "left"), strict=True):
                limb_P[(branch_P == b) & own] = f"{side}_{part}"


def assign_segments(body: Body) -> Body:
    """segment_P, by limb and height."""
    segments = []
    for point, limb in enumerate(body.limb_P):
        height = body.height_P[point]
        side, _, part = limb.partition("_")
        if part == "leg":
            segment = f"{side}_{'foot' if height < FOOT else 'shank' if height < KNEE else 'thigh'}" if height < HIP else "pelvis"
        elif part == "arm":
            segment = _arm_segment(body, point, side)
        elif limb == "head":
            segment = "head"
        else:
            segment = "pelvis" if height < PELVIS else "torso"
        segments.append(segment)
    return replace(body, segment_P=tuple(segments))


def _arm_segment(body: Body, point: int, side: str) -> str:
    """Hand, forearm or upper arm, by the distance to the arm's end, and by whether that end or the trunk is more rigid to the marker."""
    tip = body.tip[f"{side}_arm"]
    high = [p for p, limb in enumerate(body.limb_P) if limb == "trunk" and body.height_P[p] > 0.7]
    with_trunk = float(np.sort(body.spread_PP[point, high])[:3].mean()) if high else np.inf
    away = body.far_PP[point, tip] / body.tall_m
    if away < 0.5 * HAND:
        return f"{side}_hand"
    if away < FOREARM:
        return f"{side}_forearm"
    return f"{side}_forearm" if away < FOREARM + HAND and body.spread_PP[point, tip] < with_trunk else f"{side}_upper_arm"
