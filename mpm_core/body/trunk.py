"""The middle joints of a hierarchy, by where they lie: names of spine joints mean another place in every rig. P points, S poses.

The spine is half way along the trunk, the thorax at the base of the neck, the head's top above the head joint.
"""

from __future__ import annotations

import numpy as np

from mpm_core.body.joints import L_HIP, L_SHOULDER, R_HIP, R_SHOULDER, SPINE, THORAX
from mpm_core.body.tree import Terms, Tree, lengths
from mpm_core.skeleton import upwards
from mpm_core.typing import Float

SPINE_AT = (0.3, 0.7)  # of the way from hips to thorax; where no joint lies between, the spine is a point of the bone that passes half way
EQUALLY_NEAR = 0.02  # of that way; of joints as near to half way as this the uppermost, so that people on one kind of rig have one spine
CHEST_LEAST = 0.8  # of the way from hips to shoulders: where the arms begin lower than this, their node is not the base of the neck


def with_trunk(tree: Tree, sources: list[Terms]) -> list[Terms]:
    """Sources of the 17 joints (point, weight) with those of thorax, where it has none, and of spine taken from the hierarchy.

    Unchanged where a hip or a shoulder has no point of its own.
    """
    limbs = {joint: sources[joint][0][0] for joint in (R_HIP, L_HIP, L_SHOULDER, R_SHOULDER) if len(sources[joint]) == 1}
    if len(limbs) < 4:
        return sources
    found = list(sources)
    chest, pelvis = (_node(tree, limbs[a], limbs[b]) for a, b in ((L_SHOULDER, R_SHOULDER), (R_HIP, L_HIP)))
    if chest is None or pelvis is None or chest == pelvis:
        return found
    hips_SD, shoulders_SD = (tree.xyz_SPD[:, [limbs[a], limbs[b]]].mean(axis=1) for a, b in ((R_HIP, L_HIP), (L_SHOULDER, R_SHOULDER)))
    if not found[THORAX] and _share(tree.xyz_SPD[:, chest], hips_SD, shoulders_SD) >= CHEST_LEAST:
        found[THORAX] = ((chest, 1.0),)
    if len(found[THORAX]) == 1:
        found[SPINE] = _half_way(tree, pelvis, found[THORAX][0][0], hips_SD, (limbs[R_HIP], limbs[L_HIP]))
    return found


def _half_way(tree: Tree, pelvis: int, thorax: int, hips_SD: Float, hips: tuple[int, int]) -> Terms:
    """The joint nearest to half way from the middle of the hips to the thorax, or a point of the bone that passes there.

    Measured where the trunk is straightest, so that every take of a rig has the same spine.
    """
    up, down, common = list(upwards(tree.parents, thorax)), list(upwards(tree.parents, pelvis)), _node(tree, thorax, pelvis)
    if common is None:
        return ()
    straightest = [int(lengths(tree.xyz_SPD[:, thorax] - hips_SD).argmax())]
    poses_SPD, start_SD = tree.xyz_SPD[straightest], hips_SD[straightest]
    between = {*up[1 : up.index(common) + 1], *down[: down.index(common)]} - {pelvis}
    share = {point: _share(poses_SPD[:, point], start_SD, poses_SPD[:, thorax]) for point in between}
    share = {point: at for point, at in share.items() if 0 < at < 1}
    off = {point: abs(at - 0.5) for point, at in share.items()}
    nearest = max((point for point in off if off[point] < min(off.values()) + EQUALLY_NEAR), key=lambda point: share[point], default=None)
    if nearest is not None and SPINE_AT[0] <= share[nearest] <= SPINE_AT[1]:
        return ((nearest, 1.0),)
    below = max(((at, ((point, 1.0),)) for point, at in share.items() if at < 0.5), default=(0.0, tuple((hip, 0.5) for hip in hips)))
    above = min(((at, ((point, 1.0),)) for point, at in share.items() if at >= 0.5), default=(1.0, ((thorax, 1.0),)))
    part = (0.5 - below[0]) / (above[0] - below[0])
    return (*((point, (1 - part) * weight) for point, weight in below[1]), *((point, part * weight) for point, weight in above[1]))


def _node(tree: Tree, a: int, b: int) -> int | None:
    """The nearest point above both."""
    above = set(upwards(tree.parents, b))
    return next((point for point in upwards(tree.parents, a) if point in above), None)


def _share(point_SD: Float, from_SD: Float, to_SD: Float) -> float:
    """How far along a line a point lies: 0 at its start, 1 at its end; the median over the poses."""
    line_SD = to_SD - from_SD
    squared_S = (line_SD**2).sum(axis=1)
    share_S = ((point_SD - from_SD) * line_SD).sum(axis=1)[squared_S > 0] / squared_S[squared_S > 0]
    return float(np.median(share_S)) if len(share_S) else np.nan
