"""Finding a person in a hierarchy whose joint names say nothing: by the tree, the bones' lengths and the poses. P points, S sampled poses.

Legs and arms are the two mirrored pairs of branches that fit a person best; the trunk is the path between the nodes that carry them; the head
hangs from the arms' node. Left and right follow from where toes and knees point.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations, permutations

import numpy as np
from numpy.typing import NDArray

from mpm_core.body_names import clean
from mpm_core.recording import Recording

Float = NDArray[np.float64]
Terms = tuple[tuple[int, float], ...]
POSES = 32
MIRROR_PART = 0.08  # a bone may differ from its mirror image by this share of the branch
SKIP_COST = 0.25  # of a limb segment that spans more than one bone, as with twist bones
WORST_FIT = 2.5
THIGH_SHIN, LEG_CHAIN = 1.0, 0.82  # length ratios: thigh / shin; hip to ankle / hip to toe tip
UPPER_FORE, ARM_LEG = 1.12, 0.64  # upper arm / forearm; shoulder to wrist / hip to ankle
SHOULDER_OUT = 0.15  # a shoulder is at least this far from the trunk's line, in trunk lengths; a collar bone starts nearer
HEAD_ENDS = ("headtopend", "headend", "headnub", "headsite", "headendsite")


@dataclass(frozen=True, slots=True)
class Tree:
    """parents: per point, -1 for a root or a point outside the hierarchy. xyz_SPD: sampled poses, metres, Z up, NaN = missing. length_P: bone to
    the parent. ends: points without motion of their own (End Sites, head tops)."""

    names: tuple[str, ...]
    parents: tuple[int, ...]
    xyz_SPD: Float
    length_P: Float
    ends: frozenset[int]

    def children(self, point: int) -> list[int]:
        return [child for child, parent in enumerate(self.parents) if parent == point]

    def chain(self, point: int) -> list[int]:
        """From a point down to its farthest leaf along the bones."""
        tails = [self.chain(child) for child in self.children(point)]
        longest = max(tails, key=lambda tail: float(self.length_P[tail].sum()), default=[])
        return [point, *longest]

    def ancestors(self, point: int) -> list[int]:
        """The point, its parent, and so on to the root."""
        line = [point]
        while self.parents[line[-1]] >= 0:
            line.append(self.parents[line[-1]])
        return line


def tree_of(rec: Recording) -> Tree | None:
    """The hierarchy of a recording's points, or None when it has none (no rig or skeleton, 2D, or nothing visible)."""
    index = {name: point for point, name in enumerate(rec.points)}
    source = rec.rig or rec.skeleton
    if source is None or rec.dims != 3 or rec.frames == 0:
        return None
    parents = [-1] * len(rec.points)
    for name, parent in zip(source.names, source.parents, strict=True):
        if name in index and parent >= 0:
            parents[index[name]] = index.get(source.names[parent], -1)
    if _has_loop(parents):
        return None
    xyz_FPD = np.where(rec.visible_FP[:, :, None], rec.xyz_FPD, np.nan).astype(np.float64)
    xyz_SPD = xyz_FPD[np.unique(np.linspace(0, rec.frames - 1, POSES).astype(int))]
    bone_SPD = xyz_SPD - xyz_SPD[:, parents]
    length_SP = np.where(np.array(parents) >= 0, np.linalg.norm(bone_SPD, axis=2), 0.0)
    length_P = np.array([np.median(column[np.isfinite(column)]) if np.isfinite(column).any() else 0.0 for column in length_SP.T])
    return Tree(rec.points, tuple(parents), xyz_SPD, length_P, _ends(rec, index))


def map_by_shape(rec: Recording) -> tuple[Terms, ...] | None:
    """Sources of the 17 joints (hip and head_top left open), or None when the hierarchy is not a person's."""
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


def head_end(tree: Tree | None, points: tuple[str, ...], thorax: Terms, head: Terms) -> int | None:
    """The point at the end of the head's bone: a child that goes on where the neck points and is not one of a pair (eyes, ears), else a point
    named as one."""
    if tree is not None and len(head) == 1 and len(thorax) == 1:
        joint = head[0][0]
        neck_SD = tree.xyz_SPD[:, joint] - tree.xyz_SPD[:, thorax[0][0]]
        children = tree.children(joint)
        for child in sorted(children, key=lambda child: -tree.length_P[child]):
            length = tree.length_P[child]
            paired = any(abs(tree.length_P[other] - length) < MIRROR_PART * length for other in children if other != child)
            bone_SD = tree.xyz_SPD[:, child] - tree.xyz_SPD[:, joint]
            if length > 0 and not paired and np.nansum(bone_SD * neck_SD) > 0.5 * np.nansum(_norm(bone_SD) * _norm(neck_SD)):
                return child
        return None
    return next((index for index, name in enumerate(points) if clean(name).endswith(HEAD_ENDS)), None)


def _ends(rec: Recording, index: dict[str, int]) -> frozenset[int]:
    """End Sites and, in a take that moves, leaf joints whose rotation never changes."""
    if rec.rig is None:
        leaves = set(range(len(rec.points))) - {index.get(rec.skeleton.names[p], -1) for p in rec.skeleton.parents if p >= 0} if rec.skeleton else set()
        return frozenset(leaves)
    rig, still = rec.rig, np.ptp(rec.rig.values_FC, axis=0) == 0 if len(rec.rig.values_FC) else np.zeros(0, bool)
    ends = {joint for joint in range(len(rig.names)) if rig.is_end_J[joint]}
    if len(still) and not still.all():
        tops = {joint for joint in range(len(rig.names)) if joint not in ends and set(rig.children(joint)) <= ends and still[rig.columns(joint)].all()}
        ends |= {joint for joint in tops if "head" in clean(rig.names[joint]) or len(rig.children(rig.parents[joint])) == 1}
    return frozenset(index[rig.names[joint]] for joint in ends if rig.names[joint] in index)


def _has_loop(parents: list[int]) -> bool:
    for point in range(len(parents)):
        steps, at = 0, point
        while at >= 0:
            at, steps = parents[at], steps + 1
            if steps > len(parents):
                return True
    return False


def _mirror_pairs(tree: Tree) -> list[tuple[int, int, int]]:
    """(node, branch, mirrored branch) of every outermost pair of branches that look alike."""
    pairs: list[tuple[int, int, int]] = []
    open_nodes = [point for point, parent in enumerate(tree.parents) if parent < 0]
    while open_nodes:
        node = open_nodes.pop()
        children = tree.children(node)
        alike = sorted((unlike, a, b) for a, b in combinations(children, 2) if (unlike := _unlike(tree, a, b)) is not None)
        taken: set[int] = set()
        for _, a, b in alike:
            if not taken & {a, b}:
                taken |= {a, b}
                pairs.append((node, a, b))
        open_nodes += [child for child in children if child not in taken]
    return pairs


def _unlike(tree: Tree, a: int, b: int) -> float | None:
    """How much two branches differ in their bones, as a share of their length; None when they are no pair."""
    chain_a, chain_b = tree.length_P[tree.chain(a)], tree.length_P[tree.chain(b)]
    total = float(chain_a.sum() + chain_b.sum()) / 2
    shared = min(len(chain_a), len(chain_b))
    if shared < 3 or abs(len(chain_a) - len(chain_b)) > 1 or total <= 0:
        return None
    difference = np.abs(chain_a[:shared] - chain_b[:shared]) / total
    return float(difference.sum()) if difference.max() < MIRROR_PART else None


def _fit(tree: Tree, legs: tuple[int, int, int], arms: tuple[int, int, int]) -> tuple[float, dict[int, int]] | None:
    """Cost and joints (body17 index -> point) of taking these pairs for legs and arms; None when no head can be found."""
    pelvis, chest = legs[0], arms[0]
    head = _head(tree, pelvis, arms)
    leg = min(_limbs(tree, legs, 0.0, THIGH_SHIN, np.ones(len(tree.parents), bool)), default=None)
    if pelvis == chest or head is None or leg is None:
        return None
    (thorax, neck), (leg_cost, (hip_a, knee_a, ankle_a), (hip_b, knee_b, ankle_b)) = head, leg
    middle_SD = (tree.xyz_SPD[:, hip_a] + tree.xyz_SPD[:, hip_b]) / 2
    trunk_SD = tree.xyz_SPD[:, thorax] - middle_SD
    reach = float(tree.length_P[[knee_a, ankle_a]].sum())
    outside_P = _off_line(tree, middle_SD, trunk_SD) > SHOULDER_OUT
    arm = min(_limbs(tree, arms, ARM_LEG * reach, UPPER_FORE, outside_P), default=None)
    if arm is None:
        return None
    arm_cost, arm_a, arm_b = arm
    legs_up = np.nanmedian(tree.xyz_SPD[:, [ankle_a, ankle_b], 2] - tree.xyz_SPD[:, [arm_a[0], arm_b[0]], 2])
    left_SD = np.cross(trunk_SD, _forward(tree, ((hip_a, knee_a, ankle_a), (hip_b, knee_b, ankle_b)), trunk_SD))
    a_left = np.nanmean(np.sign(((tree.xyz_SPD[:, hip_a] - tree.xyz_SPD[:, hip_b]) * left_SD).sum(1))) > 0
    arm_a_left = np.nanmean(np.sign(((tree.xyz_SPD[:, arm_a[0]] - tree.xyz_SPD[:, arm_b[0]]) * left_SD).sum(1))) > 0
    left_leg, right_leg = ((hip_a, knee_a, ankle_a), (hip_b, knee_b, ankle_b))[:: 1 if a_left else -1]
    left_arm, right_arm = (arm_a, arm_b)[:: 1 if arm_a_left else -1]
    joints = dict(zip((1, 2, 3, 4, 5, 6), right_leg + left_leg, strict=True)) | dict(zip((11, 12, 13, 14, 15, 16), left_arm + right_arm, strict=True))
    joints |= {8: thorax, 9: neck}
    spine = _spine(tree, pelvis, thorax, middle_SD, trunk_SD)
    if spine is not None:
        joints[7] = spine
    return leg_cost + arm_cost + (1.5 if legs_up > 0 else 0.0), joints


def _limbs(
    tree: Tree, pair: tuple[int, int, int], reach: float, ratio: float, allowed_P: NDArray[np.bool_]
) -> Iterator[tuple[float, tuple[int, int, int], tuple[int, int, int]]]:
    """Cost and the three joints of both limbs, for every choice along the two branches. reach: expected length, 0 = from the branch itself."""
    chain_a, chain_b = tree.chain(pair[1]), tree.chain(pair[2])
    along_a, along_b = np.cumsum(tree.length_P[chain_a]), np.cumsum(tree.length_P[chain_b])
    along = (along_a[: len(along_b)] + along_b[: len(along_a)]) / 2
    for i, j, k in combinations(range(len(along)), 3):
        upper, lower = along[j] - along[i], along[k] - along[j]
        if upper <= 0 or lower <= 0 or not (allowed_P[chain_a[i]] and allowed_P[chain_b[i]]):
            continue
        expected = reach or LEG_CHAIN * (along[-1] - along[i])
        cost = abs(np.log(upper / lower / ratio)) + abs(np.log((upper + lower) / expected)) + SKIP_COST * (k - i - 2)
        yield float(cost), (chain_a[i], chain_a[j], chain_a[k]), (chain_b[i], chain_b[j], chain_b[k])


def _head(tree: Tree, pelvis: int, arms: tuple[int, int, int]) -> tuple[int, int] | None:
    """(base of the neck, head joint) on the longest branch of the arms' node that is neither arm nor the way to the pelvis."""
    chest = arms[0]
    towards = set(tree.ancestors(pelvis))
    free = [child for child in tree.children(chest) if child not in arms[1:] and child not in towards]
    chains = [[point for point in tree.chain(child) if point not in tree.ends] for child in free]
    joints = max(chains, key=lambda chain: (float(tree.length_P[chain].sum())), default=[])
    if not joints:
        return None
    return (joints[0], joints[-1]) if len(joints) > 1 else (chest, joints[0])


def _spine(tree: Tree, pelvis: int, thorax: int, middle_SD: Float, trunk_SD: Float) -> int | None:
    """The joint of the trunk nearest to half way from the hips to the thorax; the upper one of two as near."""
    up, down = tree.ancestors(thorax), tree.ancestors(pelvis)
    meeting = next(point for point in up if point in down)
    path = up[1 : up.index(meeting) + 1] + down[: down.index(meeting)]
    share = {point: float(np.nanmedian(((tree.xyz_SPD[:, point] - middle_SD) * trunk_SD).sum(1) / (trunk_SD**2).sum(1))) for point in path}
    at_pelvis = share[pelvis] if pelvis in share else 0.0
    inner = [point for point in path if at_pelvis + 0.02 < share[point] < 0.98]
    return min(inner, key=lambda point: (round(abs(share[point] - 0.5), 1), -share[point]), default=None)


def _off_line(tree: Tree, foot_SD: Float, line_SD: Float) -> Float:
    """(P,) distance of each point from a line, in lengths of the line; median over the poses."""
    length_S = _norm(line_SD)
    off_SPD = tree.xyz_SPD - foot_SD[:, None]
    along_SP = (off_SPD * (line_SD / length_S[:, None])[:, None]).sum(2)
    off_SP = np.sqrt(np.maximum((off_SPD**2).sum(2) - along_SP**2, 0)) / length_S[:, None]
    return np.array([np.median(column[np.isfinite(column)]) if np.isfinite(column).any() else 0.0 for column in off_SP.T])


def _forward(tree: Tree, legs: tuple[tuple[int, int, int], ...], trunk_SD: Float) -> Float:
    """(S, 3) where the person faces: where the feet point, or without feet where the knees bend to, level with the trunk's cross-section."""
    total_SD = np.zeros_like(trunk_SD)
    for hip, knee, ankle in legs:
        foot = tree.chain(ankle)[1:]
        toe_SD = tree.xyz_SPD[:, foot[-1]] - tree.xyz_SPD[:, ankle] if foot else np.zeros_like(trunk_SD)
        bend_SD = 2 * tree.xyz_SPD[:, knee] - tree.xyz_SPD[:, hip] - tree.xyz_SPD[:, ankle]
        total_SD += toe_SD + bend_SD
    unit_SD = trunk_SD / _norm(trunk_SD)[:, None]
    return total_SD - (total_SD * unit_SD).sum(1, keepdims=True) * unit_SD


def _norm(vectors_SD: Float) -> Float:
    return np.asarray(np.linalg.norm(vectors_SD, axis=-1))
