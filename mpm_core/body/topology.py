"""Mapping of a hierarchy with unknown joint names by its tree, bone lengths and poses. P points, S poses.

Legs and arms are the two mirrored pairs of branches that fit a person best; the trunk is the path between their nodes; the head is a branch
of the arms' node. Left and right follow from the direction of toes and knees.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations, permutations

import numpy as np

from mpm_core.body.joints import ARMS, LEGS, NECK, THORAX
from mpm_core.body.tree import MIRROR_PART, Terms, Tree, lengths, tree_of
from mpm_core.recording import Recording
from mpm_core.skeleton import upwards
from mpm_core.typing import Float, Mask

RATIO_COST = 0.5  # weight of the ratio of the two segments of a limb, which varies more between rigs than their sum
SKIP_COST = 0.35  # for each extra bone in a limb segment (twist bones)
WORST_FIT = 2.5
MOST_CHILDREN = 64  # of a joint of a person
THIGH_SHIN, LEG_CHAIN = 1.0, 0.82  # length ratios: thigh / shin; hip to ankle / hip to toe tip
UPPER_FORE, ARM_LEG = 1.12, 0.64  # upper arm / forearm; shoulder to wrist / hip to ankle
SHOULDER_OUT = 0.15  # least distance of a shoulder from the trunk's axis, in trunk lengths; a clavicle starts nearer


def map_by_shape(rec: Recording) -> tuple[Terms, ...] | None:
    """Sources of the limbs, the neck and, where it has a joint of its own, the thorax; None when the hierarchy is not a person's."""
    tree = tree_of(rec)
    if tree is None:
        return None
    fits = [fit for legs, arms in permutations(_mirror_pairs(tree), 2) if (fit := _fit(tree, legs, arms)) is not None]
    if not fits:
        return None
    cost, joints = min(fits, key=lambda fit: fit[0])
    if cost > WORST_FIT:
        return None
    return tuple(((joints[joint], 1.0),) if joint in joints else () for joint in range(17))


def _mirror_pairs(tree: Tree) -> list[tuple[int, int, int]]:
    """(node, branch, mirrored branch) of the outermost pairs of similar branches."""
    pairs: list[tuple[int, int, int]] = []
    to_visit = [point for point, parent in enumerate(tree.parents) if parent < 0]
    while to_visit:
        node = to_visit.pop()
        children = tree.children[node]
        if len(children) > MOST_CHILDREN:
            continue
        similar = sorted((difference, a, b) for a, b in combinations(children, 2) if (difference := _difference(tree, a, b)) is not None)
        taken: set[int] = set()
        for _, a, b in similar:
            if not taken & {a, b}:
                taken |= {a, b}
                pairs.append((node, a, b))
        to_visit += [child for child in children if child not in taken]
    return pairs


def _difference(tree: Tree, a: int, b: int) -> float | None:
    """Difference in bone lengths of two branches, relative to their length; None when they are not a pair."""
    chain_a, chain_b = tree.length_P[tree.chain(a)], tree.length_P[tree.chain(b)]
    length = float(chain_a.sum() + chain_b.sum()) / 2
    shared = min(len(chain_a), len(chain_b))
    if shared < 3 or abs(len(chain_a) - len(chain_b)) > 1 or length <= 0:
        return None
    difference = np.abs(chain_a[:shared] - chain_b[:shared]) / length
    return float(difference.sum()) if difference.max() < MIRROR_PART else None


def _fit(tree: Tree, legs: tuple[int, int, int], arms: tuple[int, int, int]) -> tuple[float, dict[int, int]] | None:
    """Cost and joints (body17 index -> point) with these pairs as legs and arms; None without a head."""
    pelvis, chest = legs[0], arms[0]
    head = _head(tree, pelvis, arms)
    leg = min(_limbs(tree, legs, 0.0, THIGH_SHIN, np.ones(len(tree.parents), bool)), default=None)
    if pelvis == chest or head is None or leg is None:
        return None
    (thorax, neck), (leg_cost, (hip_a, knee_a, ankle_a), (hip_b, knee_b, ankle_b)) = head, leg
    middle_SD = (tree.xyz_SPD[:, hip_a] + tree.xyz_SPD[:, hip_b]) / 2
    trunk_SD = tree.xyz_SPD[:, thorax] - middle_SD
    reach = float(tree.length_P[[knee_a, ankle_a]].sum())
    outside_P = _distance_to_line(tree, middle_SD, trunk_SD) > SHOULDER_OUT
    arm = min(_limbs(tree, arms, ARM_LEG * reach, UPPER_FORE, outside_P), default=None)
    if arm is None:
        return None
    arm_cost, arm_a, arm_b = arm
    legs_up = np.median(tree.xyz_SPD[:, [ankle_a, ankle_b], 2] - tree.xyz_SPD[:, [arm_a[0], arm_b[0]], 2])
    left_SD = np.cross(trunk_SD, _forward(tree, ((hip_a, knee_a, ankle_a), (hip_b, knee_b, ankle_b)), trunk_SD))
    a_left = np.mean(np.sign(((tree.xyz_SPD[:, hip_a] - tree.xyz_SPD[:, hip_b]) * left_SD).sum(1))) > 0
    arm_a_left = np.mean(np.sign(((tree.xyz_SPD[:, arm_a[0]] - tree.xyz_SPD[:, arm_b[0]]) * left_SD).sum(1))) > 0
    left_leg, right_leg = ((hip_a, knee_a, ankle_a), (hip_b, knee_b, ankle_b))[:: 1 if a_left else -1]
    left_arm, right_arm = (arm_a, arm_b)[:: 1 if arm_a_left else -1]
    joints = dict(zip((*LEGS[0], *LEGS[1], *ARMS[0], *ARMS[1]), (*left_leg, *right_leg, *left_arm, *right_arm), strict=True))
    joints |= {NECK: neck} if thorax == chest else {THORAX: thorax, NECK: neck}
    return leg_cost + arm_cost + (1.5 if legs_up > 0 else 0.0), joints


def _limbs(
    tree: Tree, pair: tuple[int, int, int], reach: float, ratio: float, allowed_P: Mask
) -> Iterator[tuple[float, tuple[int, int, int], tuple[int, int, int]]]:
    """Cost and the three joints of both limbs, for every choice along the branches. reach: expected length, 0 = that of the branch."""
    chain_a, chain_b = tree.chain(pair[1]), tree.chain(pair[2])
    along_a, along_b = np.cumsum(tree.length_P[chain_a]), np.cumsum(tree.length_P[chain_b])
    along = (along_a[: len(along_b)] + along_b[: len(along_a)]) / 2
    for i, j, k in combinations(range(len(along)), 3):
        upper, lower = along[j] - along[i], along[k] - along[j]
        if upper <= 0 or lower <= 0 or not (allowed_P[chain_a[i]] and allowed_P[chain_b[i]]):
            continue
        expected = reach or LEG_CHAIN * (along[-1] - along[i])
        cost = RATIO_COST * abs(np.log(upper / lower / ratio)) + abs(np.log((upper + lower) / expected)) + SKIP_COST * (k - i - 2)
        yield float(cost), (chain_a[i], chain_a[j], chain_a[k]), (chain_b[i], chain_b[j], chain_b[k])


def _head(tree: Tree, pelvis: int, arms: tuple[int, int, int]) -> tuple[int, int] | None:
    """(base of the neck, head joint) on the longest branch of the arms' node that is neither an arm nor leads to the pelvis."""
    chest = arms[0]
    towards = set(upwards(tree.parents, pelvis))
    free = [child for child in tree.children[chest] if child not in arms[1:] and child not in towards]
    chains = [[point for point in tree.chain(child) if point not in tree.ends] for child in free]
    joints = max(chains, key=lambda chain: float(tree.length_P[chain].sum()), default=[])
    joints = joints[: next((at for at, point in enumerate(joints) if at and tree.paired(point)), len(joints))]
    if not joints:
        return None
    return (joints[0], joints[-1]) if len(joints) > 1 else (chest, joints[0])


def _distance_to_line(tree: Tree, origin_SD: Float, line_SD: Float) -> Float:
    """(P,) distance of each point from a line, in lengths of the line; median over the poses."""
    length_S = lengths(line_SD)
    offset_SPD = tree.xyz_SPD - origin_SD[:, None]
    along_SP = (offset_SPD * (line_SD / length_S[:, None])[:, None]).sum(2)
    distance_SP = np.sqrt(np.maximum((offset_SPD**2).sum(2) - along_SP**2, 0)) / length_S[:, None]
    return np.asarray(np.median(distance_SP, axis=0))


def _forward(tree: Tree, legs: tuple[tuple[int, int, int], ...], trunk_SD: Float) -> Float:
    """(S, 3) forward direction: that of the feet and of the knees' bend, orthogonal to the trunk."""
    forward_SD = np.zeros_like(trunk_SD)
    for hip, knee, ankle in legs:
        foot = tree.chain(ankle)[1:]
        toe_SD = tree.xyz_SPD[:, foot[-1]] - tree.xyz_SPD[:, ankle] if foot else np.zeros_like(trunk_SD)
        bend_SD = 2 * tree.xyz_SPD[:, knee] - tree.xyz_SPD[:, hip] - tree.xyz_SPD[:, ankle]
        forward_SD += toe_SD + bend_SD
    unit_SD = trunk_SD / lengths(trunk_SD)[:, None]
    return np.asarray(forward_SD - (forward_SD * unit_SD).sum(1, keepdims=True) * unit_SD)
