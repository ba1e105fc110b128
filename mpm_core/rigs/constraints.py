"""Constraints of a rig's rigid bones: joints marked together, joints fixed by measured neighbours, and positions that keep bone lengths.

K rows of frames, J joints, B bones (length constraints), U free points; positions in file units, float64.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mpm_core.rig import Rig
from mpm_core.rigs.fit_rotations import wahba
from mpm_core.rigs.kinematics import bone_lengths, reach, span
from mpm_core.typing import Float, Int, Mask

TIP_REACH = 0.09  # of the skeleton's span: below a hand, a head or the toes, paths to a leaf are shorter
SHORT_REACH = 0.15  # below a limb's joint they are longer
SHORT_SHARE = 0.75  # in between: a foot is shorter than this share of the shin, a forearm longer than this share of the upper arm
SHORT_BONE = 0.08  # of the span: the length of a neck, which may be shorter than the head
NO_LENGTH = 1e-6  # of the span: joints connected by a shorter bone have the same position
SIBLINGS = 3
MEASURED_WEIGHT = 100.0  # against 1 for a joint that is free to move
MAX_STEPS = 60
TOLERANCE = 1e-9  # of the span: greatest error of a bone's length


def expand_marks(rig: Rig, where_FP: Mask) -> Mask:
    """where_FP (rig order) extended to all joints below a marked end segment, and to joints at the same position as a marked one.

    A hand is marked with its wrist, a foot with its ankle, a face with its head. An end segment is recognized by the longest path from its
    joint to a leaf, relative to the skeleton's span (which does not depend on the pose): shorter than TIP_REACH; or shorter than
    SHORT_REACH and short relative to the bone above it (SHORT_SHARE), or that bone is short itself (SHORT_BONE: a neck). A helper joint at
    its parent's position with nothing but an End Site below (a twist bone) is one, too. Knees and elbows are not, also in rigs without
    hands and feet: joints below them stay unmarked.
    """
    length_J, reach_J, size = bone_lengths(rig), reach(rig), span(rig)
    tied_J = (np.array(rig.parents) >= 0) & (length_J <= NO_LENGTH * size)
    parent_length_J = length_J.copy()
    tied = [joint for joint in range(len(rig.names)) if tied_J[joint]]
    for joint in tied:
        parent_length_J[joint] = parent_length_J[rig.parents[joint]]
    short_J = (reach_J < SHORT_SHARE * parent_length_J) | (parent_length_J < SHORT_BONE * size)
    ends_J = (reach_J < TIP_REACH * size) | ((reach_J < SHORT_REACH * size) & short_J)
    ends_J[[joint for joint in tied if rig.is_end_J[list(rig.children(joint))].all()]] = True
    out_FP = where_FP.copy()
    for joint in reversed(tied):
        out_FP[:, rig.parents[joint]] |= out_FP[:, joint]
    for joint in tied:
        out_FP[:, joint] |= out_FP[:, rig.parents[joint]]
    for joint, parent in enumerate(rig.parents):
        if parent >= 0 and ends_J[parent]:
            ends_J[joint] = True
            out_FP[:, joint] |= out_FP[:, parent]
    return out_FP


def pinned(rig: Rig, pos_J3: Float, changed_J: Mask) -> Mask:
    """(J,) the changed joints that are free: without those that measured neighbours fix by rigid bones.

    A joint at the same position as a measured one is fixed. A joint and its children are a rigid body, so three measured ones that are not
    collinear fix the others. pos_J3: each joint in its parent's frame.
    """
    free_J = changed_J.copy()
    bodies = [[int(joint), *rig.children(int(joint))] for joint in np.flatnonzero(_changed_or_parent(rig, changed_J))]
    lever = NO_LENGTH * span(rig)
    tied_J = np.linalg.norm(pos_J3, axis=1) <= lever
    converged = False
    while not converged:
        before_J = free_J.copy()
        for body in bodies:
            head, *rest = body
            for child in rest:
                if tied_J[child]:
                    free_J[head] = free_J[child] = free_J[head] and free_J[child]
            known_N3 = np.array([np.zeros(3) if joint == head else pos_J3[joint] for joint in body if not free_J[joint]])
            if len(known_N3) >= 3 and free_J[body].any():
                sizes = np.linalg.svd(known_N3 - known_N3.mean(axis=0), compute_uv=False)
                free_J[body] &= bool(sizes[1] < lever)
        converged = bool((before_J == free_J).all())
    return free_J


def bound_joints(rig: Rig, free_J: Mask) -> Mask:
    """(J,) the free joints with a measured joint below them, whose positions are constrained."""
    below_J = np.zeros(len(rig.names), bool)
    for joint in range(len(rig.names) - 1, -1, -1):
        parent = rig.parents[joint]
        if parent >= 0:
            below_J[parent] |= not free_J[joint] or below_J[joint]
    return free_J & below_J


def solve_lengths(rig: Rig, pos_KJ3: Float, xyz_KJ3: Float, free_J: Mask, bound_J: Mask) -> tuple[Float, Mask]:
    """xyz_KJ3 with bound joints moved, as little as possible, so that every bone to a bound or measured joint has its length.

    Also reached_K: whether the lengths are reached; they are not where measured joints are too far apart or too close. One free joint
    between two measured ones moves to the circle of two-bone inverse kinematics; chains and branches are solved together by damped
    Gauss-Newton steps of least norm. Positions that satisfy the constraints are unchanged. pos_KJ3: in the parent's frame.
    """
    size = span(rig)
    point_J = np.arange(len(rig.names))
    for joint, parent in enumerate(rig.parents):
        if parent >= 0 and (np.linalg.norm(pos_KJ3[:, joint], axis=1) <= NO_LENGTH * size).all():
            point_J[joint] = point_J[parent]
    constrained_J = ~free_J | bound_J
    pairs, lengths = _fixed_distances(rig, pos_KJ3, point_J, constrained_J, bound_J)
    reached_K = np.ones(len(xyz_KJ3), bool)
    if not pairs:
        return xyz_KJ3, reached_K
    free = sorted({int(point_J[joint]) for joint in np.flatnonzero(bound_J)})
    out_KJ3 = _rigid_bodies(rig, pos_KJ3, xyz_KJ3, constrained_J, bound_J)
    length_KB = np.stack(lengths, axis=1)
    first, second = np.array(pairs).T
    for step in range(MAX_STEPS + 1):
        bone_KB3 = out_KJ3[:, first] - out_KJ3[:, second]
        length_now_KB = np.linalg.norm(bone_KB3, axis=2)
        error_KB = length_now_KB - length_KB
        unsolved_K = np.abs(error_KB).max(axis=1) > 1e-11 * size
        reached_K = np.abs(error_KB).max(axis=1) < TOLERANCE * size
        if not unsolved_K.any() or step == MAX_STEPS:
            break
        unit_NB3 = bone_KB3[unsolved_K] / np.maximum(length_now_KB[unsolved_K], 1e-12 * size)[..., None]
        step_NU3 = _least_step(unit_NB3, error_KB[unsolved_K], pairs, free)
        longest_N = np.linalg.norm(step_NU3, axis=2).max(axis=1)
        step_NU3 *= np.minimum(1.0, 0.1 * size / np.maximum(longest_N, 1e-300))[:, None, None]
        rows = np.flatnonzero(unsolved_K)
        out_KJ3[rows[:, None], np.array(free)] -= step_NU3
    moved = [joint for joint in np.flatnonzero(free_J) if int(point_J[joint]) in free]
    out_KJ3[:, moved] = out_KJ3[:, point_J[moved]]
    return out_KJ3, reached_K


def _least_step(unit_NB3: Float, error_NB: Float, pairs: Sequence[tuple[int, int]], free: Sequence[int]) -> Float:
    """(N, U, 3) the shortest step of the U free points that, to first order, changes each bone's length by its error (damped).

    unit_NB3: directions of the B bones from the second to the first of their pair.
    """
    slot = {point: u for u, point in enumerate(free)}
    slope_NBU3 = np.zeros((len(unit_NB3), len(pairs), len(free), 3))
    for b, (first, second) in enumerate(pairs):
        for point, sign in ((first, 1.0), (second, -1.0)):
            if point in slot:
                slope_NBU3[:, b, slot[point]] += sign * unit_NB3[:, b]
    slope_NBV = slope_NBU3.reshape(len(unit_NB3), len(pairs), -1)
    normal_NBB = slope_NBV @ slope_NBV.transpose(0, 2, 1) + 1e-9 * np.eye(len(pairs))
    step_NV = (slope_NBV.transpose(0, 2, 1) @ np.linalg.solve(normal_NBB, error_NB[..., None]))[..., 0]
    return np.asarray(step_NV.reshape(len(step_NV), len(free), 3))


def _rigid_bodies(rig: Rig, pos_KJ3: Float, xyz_KJ3: Float, constrained_J: Mask, bound_J: Mask) -> Float:
    """xyz_KJ3 with each body of four or more joints rotated into its own shape: lengths alone would allow the mirror image."""
    out_KJ3 = xyz_KJ3.copy()
    for joint in np.flatnonzero(constrained_J):
        body = np.array([joint, *(child for child in rig.children(int(joint)) if constrained_J[child])])
        if len(body) < 4 or not bound_J[body].any():
            continue
        shape_KN3 = np.concatenate([np.zeros((len(pos_KJ3), 1, 3)), pos_KJ3[:, body[1:]]], axis=1)
        weight_N = np.where(bound_J[body], 1.0, MEASURED_WEIGHT)
        middle_K3 = np.average(shape_KN3, axis=1, weights=weight_N)
        centre_K3 = np.average(out_KJ3[:, body], axis=1, weights=weight_N)
        weight_KN = np.broadcast_to(weight_N, shape_KN3.shape[:2])
        turn_K33 = wahba(shape_KN3 - middle_K3[:, None], out_KJ3[:, body] - centre_K3[:, None], weight_KN)
        fitted_KN3 = (shape_KN3 - middle_K3[:, None]) @ turn_K33.transpose(0, 2, 1) + centre_K3[:, None]
        out_KJ3[:, body[bound_J[body]]] = fitted_KN3[:, bound_J[body]]
    return out_KJ3


def _changed_or_parent(rig: Rig, changed_J: Mask) -> Mask:
    """Joints that are changed or have a changed child."""
    out_J = changed_J.copy()
    for joint, parent in enumerate(rig.parents):
        if parent >= 0 and changed_J[joint]:
            out_J[parent] = True
    return out_J


def _fixed_distances(
    rig: Rig, pos_KJ3: Float, point_J: Int, constrained_J: Mask, bound_J: Mask
) -> tuple[list[tuple[int, int]], list[Float]]:
    """Pairs of points with constant distance (bones, siblings), at least one of them bound, and that distance in each row."""
    pairs: list[tuple[int, int]] = []
    lengths: list[Float] = []

    def add(first_point: int, second_point: int, offset_K3: Float) -> None:
        if (
            point_J[first_point] != point_J[second_point]
            and constrained_J[first_point]
            and constrained_J[second_point]
            and (bound_J[first_point] or bound_J[second_point])
        ):
            pairs.append((int(point_J[first_point]), int(point_J[second_point])))
            lengths.append(np.linalg.norm(offset_K3, axis=1))

    for joint in range(len(rig.names)):
        children = [child for child in rig.children(joint) if constrained_J[child]] if constrained_J[joint] else []
        for index, child in enumerate(children):
            add(joint, child, pos_KJ3[:, child])
            for sibling in children[: min(index, SIBLINGS)]:
                add(child, sibling, pos_KJ3[:, child] - pos_KJ3[:, sibling])
    return pairs, lengths
