"""The hierarchy of a recording's points with sampled poses. P points, S poses, D = 3."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mpm_core.body.names import clean
from mpm_core.linalg.subsample import subsample
from mpm_core.recording import Recording
from mpm_core.typing import Float

Terms = tuple[tuple[int, float], ...]  # (point, weight): a weighted sum of points
POSES = 32
MIRROR_PART = 0.08  # greatest relative difference of a bone from its mirror image
HEAD_CONE = 0.5  # cosine of the widest angle between neck and head
HEAD_LEAST_M = 0.02  # a shorter bone ends no head: some skeletons end in a bone without length
HEAD_ENDS = ("headtopend", "headend", "headnub", "headsite", "headendsite")


@dataclass(frozen=True, slots=True)
class Tree:
    """parents: for each point, -1 for a root or a point outside the hierarchy; children: their inverse.

    xyz_SPD: poses in which every point is visible, metres, Z up. length_P: median distance to the parent. towards_leaf: for each point the
    child that leads to the farthest leaf, -1 at a leaf. ends: points without motion of their own (End Sites, head tops).
    """

    parents: tuple[int, ...]
    children: tuple[tuple[int, ...], ...]
    xyz_SPD: Float
    length_P: Float
    towards_leaf: tuple[int, ...]
    ends: frozenset[int]

    def chain(self, point: int) -> list[int]:
        """The path from a point to its farthest leaf."""
        path = [point]
        while self.towards_leaf[path[-1]] >= 0:
            path.append(self.towards_leaf[path[-1]])
        return path

    def paired(self, point: int) -> bool:
        """True when a sibling's bone has the same length: eyes, ears, shoulders."""
        others = [other for other in self.children[self.parents[point]] if other != point] if self.parents[point] >= 0 else []
        return any(abs(self.length_P[other] - self.length_P[point]) < MIRROR_PART * self.length_P[point] for other in others)


def parents_of(rec: Recording) -> list[int]:
    """For each point its parent in the rig or skeleton, -1 for a root or a point outside it."""
    index = {name: point for point, name in enumerate(rec.points)}
    parents = [-1] * len(rec.points)
    source = rec.rig or rec.skeleton
    if source is None:
        return parents
    for name, parent in zip(source.names, source.parents, strict=True):
        if name in index and parent >= 0:
            parents[index[name]] = index.get(source.names[parent], -1)
    return parents


def tree_of(rec: Recording) -> Tree | None:
    """The hierarchy of a recording's points, or None: no rig or skeleton, 2D, or no frame in which all points are visible."""
    source = rec.rig or rec.skeleton
    frames = np.flatnonzero(rec.visible_FP.all(axis=1))
    if source is None or rec.dims != 3 or len(frames) == 0:
        return None
    index = {name: point for point, name in enumerate(rec.points)}
    order = [index[name] for name in source.names if name in index]
    parents = parents_of(rec)
    children: list[list[int]] = [[] for _ in rec.points]
    for point, parent in enumerate(parents):
        if parent >= 0:
            children[parent].append(point)
    if _has_loop(parents):
        return None
    xyz_SPD = rec.xyz_FPD[frames[subsample(len(frames), POSES)]].astype(np.float64)
    length_P = np.where(np.array(parents) >= 0, np.median(lengths(xyz_SPD - xyz_SPD[:, parents]), axis=0), 0.0)
    depth, towards_leaf = np.zeros(len(parents)), [-1] * len(parents)
    for point in _leaves_first(parents, children):
        towards_leaf[point] = max(children[point], key=lambda child: float(depth[child] + length_P[child]), default=-1)
        depth[point] = depth[towards_leaf[point]] + length_P[towards_leaf[point]] if children[point] else 0.0
    ends = _ends(rec, index, {point for point in order if not children[point]})
    return Tree(tuple(parents), tuple(map(tuple, children)), xyz_SPD, length_P, tuple(towards_leaf), ends)


def head_end(tree: Tree | None, points: tuple[str, ...], thorax: Terms, head: Terms) -> int | None:
    """The point at the end of the head's bone, or None.

    In a hierarchy: a child in the direction of the neck that is not one of a pair (eyes, ears); else a point with the name of such an end.
    """
    if tree is not None and len(head) == 1 and len(thorax) == 1:
        joint = head[0][0]
        neck_SD = tree.xyz_SPD[:, joint] - tree.xyz_SPD[:, thorax[0][0]]
        for child in sorted(tree.children[joint], key=lambda child: -tree.length_P[child]):
            bone_SD = tree.xyz_SPD[:, child] - tree.xyz_SPD[:, joint]
            ahead = (bone_SD * neck_SD).sum() > HEAD_CONE * (lengths(bone_SD) * lengths(neck_SD)).sum()
            if tree.length_P[child] > HEAD_LEAST_M and ahead and not tree.paired(child):
                return child
        return None
    return next((index for index, name in enumerate(points) if clean(name).endswith(HEAD_ENDS)), None)


def _ends(rec: Recording, index: dict[str, int], leaves: set[int]) -> frozenset[int]:
    """End Sites and head joints whose rotation never changes in a take that moves; without a rig, every leaf."""
    rig = rec.rig
    if rig is None:
        return frozenset(leaves)
    ends = {joint for joint in range(len(rig.names)) if rig.is_end_J[joint]}
    still_C = np.ptp(rig.values_FC, axis=0) == 0
    for joint, parent in enumerate(rig.parents):
        alone = parent >= 0 and len(rig.children(parent)) == 1
        if not still_C.all() and alone and joint not in ends and set(rig.children(joint)) <= ends and still_C[rig.columns(joint)].all():
            ends.add(joint)
    return frozenset(index[rig.names[joint]] for joint in ends if rig.names[joint] in index)


def _leaves_first(parents: list[int], children: list[list[int]]) -> list[int]:
    order = [point for point, parent in enumerate(parents) if parent < 0]
    for point in order:
        order += children[point]
    return order[::-1]


def _has_loop(parents: list[int]) -> bool:
    for point in range(len(parents)):
        steps, ancestor = 0, point
        while ancestor >= 0:
            ancestor, steps = parents[ancestor], steps + 1
            if steps > len(parents):
                return True
    return False


def lengths(vectors_SD: Float) -> Float:
    return np.asarray(np.linalg.norm(vectors_SD, axis=-1))
