"""The hierarchy of a recording's points with a few poses, and what can be told from it. P points, S poses, D = 3."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mpm_core.body.names import clean
from mpm_core.linalg.subsample import subsample
from mpm_core.recording import Recording
from mpm_core.typing import Float

Terms = tuple[tuple[int, float], ...]
POSES = 32
MIRROR_PART = 0.08  # a bone may differ from its mirror image by this share
HEAD_CONE = 0.5  # cosine of the widest angle between neck and head
HEAD_ENDS = ("headtopend", "headend", "headnub", "headsite", "headendsite")


@dataclass(frozen=True, slots=True)
class Tree:
    """parents: per point, -1 for a root or a point outside the hierarchy; children: their inverse.

    xyz_SPD: poses in which every point is visible, metres, Z up. length_P: bone to the parent, median. onward: per point the child that
    leads to the farthest leaf, -1 at a leaf. ends: points without motion of their own (End Sites, head tops).
    """

    parents: tuple[int, ...]
    children: tuple[tuple[int, ...], ...]
    xyz_SPD: Float
    length_P: Float
    onward: tuple[int, ...]
    ends: frozenset[int]

    def chain(self, point: int) -> list[int]:
        """From a point down to its farthest leaf along the bones."""
        line = [point]
        while self.onward[line[-1]] >= 0:
            line.append(self.onward[line[-1]])
        return line

    def ancestors(self, point: int) -> list[int]:
        """The point, its parent, and so on to the root."""
        line = [point]
        while self.parents[line[-1]] >= 0:
            line.append(self.parents[line[-1]])
        return line

    def paired(self, point: int) -> bool:
        """True when a sibling's bone is as long: one of two eyes, ears, shoulders."""
        others = [other for other in self.children[self.parents[point]] if other != point] if self.parents[point] >= 0 else []
        return any(abs(self.length_P[other] - self.length_P[point]) < MIRROR_PART * self.length_P[point] for other in others)


def parents_of(rec: Recording) -> list[int]:
    """Per point its parent in the rig or skeleton, -1 for a root or a point outside it."""
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
    below, onward = np.zeros(len(parents)), [-1] * len(parents)
    for point in _leaves_first(parents, children):
        onward[point] = max(children[point], key=lambda child: float(below[child] + length_P[child]), default=-1)
        below[point] = below[onward[point]] + length_P[onward[point]] if children[point] else 0.0
    ends = _ends(rec, index, {point for point in order if not children[point]})
    return Tree(tuple(parents), tuple(map(tuple, children)), xyz_SPD, length_P, tuple(onward), ends)


def head_end(tree: Tree | None, points: tuple[str, ...], thorax: Terms, head: Terms) -> int | None:
    """The point at the end of the head's bone, or None.

    In a hierarchy: a child that goes on where the neck points and is not one of a pair (eyes, ears); else a point named as such an end.
    """
    if tree is not None and len(head) == 1 and len(thorax) == 1:
        joint = head[0][0]
        neck_SD = tree.xyz_SPD[:, joint] - tree.xyz_SPD[:, thorax[0][0]]
        for child in sorted(tree.children[joint], key=lambda child: -tree.length_P[child]):
            bone_SD = tree.xyz_SPD[:, child] - tree.xyz_SPD[:, joint]
            ahead = (bone_SD * neck_SD).sum() > HEAD_CONE * (lengths(bone_SD) * lengths(neck_SD)).sum()
            if tree.length_P[child] > 0 and ahead and not tree.paired(child):
                return child
        return None
    return next((index for index, name in enumerate(points) if clean(name).endswith(HEAD_ENDS)), None)


def _ends(rec: Recording, index: dict[str, int], leaves: set[int]) -> frozenset[int]:
    """End Sites and, in a take that moves, a head's joint of which the rotation never changes; without a rig, every leaf."""
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
        steps, at = 0, point
        while at >= 0:
            at, steps = parents[at], steps + 1
            if steps > len(parents):
                return True
    return False


def lengths(vectors_SD: Float) -> Float:
    return np.asarray(np.linalg.norm(vectors_SD, axis=-1))
