"""What a rig's rigid bones allow: which joints go together, which are pinned by measured neighbours, where a free joint may be.

K rows of frames, J joints, B bones (length constraints), U free points; positions in file units, float64.
"""

from __future__ import annotations

import numpy as np

from mpm_core.rig import Rig
from mpm_core.rigs.kinematics import bone_lengths, reach, span
from mpm_core.rigs.rotations import wahba
from mpm_core.typing import Float, Int, Mask

TIP_REACH = 0.09  # of the skeleton's span: what is shorter below a joint is a hand, a head, a toe
SHORT_REACH = 0.15  # what is longer is a limb
BLUNT = 0.75  # in between: a foot is shorter than this share of the shin, a forearm is longer than this share of the upper arm
SHORT_BONE = 0.08  # of the span: a neck, which need not be longer than the head it carries
NO_LENGTH = 1e-6  # of the span: a bone shorter than this joins two joints in one place
SIBLINGS_TIED = 3
MEASURED_WEIGHT = 100.0  # against 1 for a joint that is free to move
MAX_STEPS = 60
MET = 1e-9  # of the span: bones this near to their length have it


def expand_marks(rig: Rig, where_FP: Mask) -> Mask:
    """where_FP (rig order) with what goes along: all that hangs below a marked end segment, and joints in the same place as a marked one.

    A hand goes with its wrist, a foot with its ankle, a face with its head. Told by the longest way from a joint down to a tip, as a share
    of the skeleton's span (tip to tip, so in any pose): under TIP_REACH it is an end segment; under SHORT_REACH too when it is blunt
    against the bone that carries it (BLUNT), or that bone is a short one (SHORT_BONE: a neck). So is a helper in the same place as its
    parent that carries nothing but an End Site (a twist bone): it goes along. A knee or an elbow is none, also in rigs without hands and
    feet: marking it leaves what is below as measured.
    """
    length_J, reach_J, size = bone_lengths(rig), reach(rig), span(rig)
    tied_J = (np.array(rig.parents) >= 0) & (length_J <= NO_LENGTH * size)
    carrier_J = length_J.copy()
    tied = [joint for joint in range(len(rig.names)) if tied_J[joint]]
    for joint in tied:
        carrier_J[joint] = carrier_J[rig.parents[joint]]
    blunt_J = (reach_J < BLUNT * carrier_J) | (carrier_J < SHORT_BONE * size)
    ends_J = (reach_J < TIP_REACH * size) | ((reach_J < SHORT_REACH * size) & blunt_J)
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
    """(J,) the changed joints that are really free: those fixed to measured neighbours by rigid bones are taken out.

    A joint in the same place as a measured one is that one. A joint and its children move as one body, so three measured ones that are
    not in line fix the others. pos_J3: each joint in its parent's frame.
    """
    free_J = changed_J.copy()
    bodies = [[int(joint), *rig.children(int(joint))] for joint in np.flatnonzero(_touching(rig, changed_J))]
    lever = NO_LENGTH * span(rig)
    tied_J = np.linalg.norm(pos_J3, axis=1) <= lever
    settled = False
    while not settled:
        before_J = free_J.copy()
        for body in bodies:
            head, *rest = body
            for child in rest:
                if tied_J[child]:
                    free_J[head] = free_J[child] = free_J[head] and free_J[child]
            seen_N3 = np.array([np.zeros(3) if joint == head else pos_J3[joint] for joint in body if not free_J[joint]])
            if len(seen_N3) >= 3 and free_J[body].any():
                sizes = np.linalg.svd(seen_N3 - seen_N3.mean(axis=0), compute_uv=False)
                free_J[body] &= bool(sizes[1] < lever)
        settled = bool((before_J == free_J).all())
    return free_J


def bound_joints(rig: Rig, free_J: Mask) -> Mask:
    """(J,) the free joints with a measured joint somewhere below: they cannot go just anywhere."""
    below_J = np.zeros(len(rig.names), bool)
    for joint in range(len(rig.names) - 1, -1, -1):
        parent = rig.parents[joint]
        if parent >= 0:
            below_J[parent] |= not free_J[joint] or below_J[joint]
    return free_J & below_J


def meet_lengths(rig: Rig, pos_KJ3: Float, xyz_KJ3: Float, free_J: Mask, bound_J: Mask) -> tuple[Float, Mask]:
    """xyz_KJ3 with the bound joints moved, as little as it takes, to where every bone to a bound or measured joint keeps its length.

    Also met_K: where that was reached; not where measured joints stand too far apart, or too near, for the bones between them.

    One free joint between two measured ones lands on the circle that both bones allow (two-bone inverse kinematics); chains and branches
    are solved together by damped Gauss-Newton steps of least norm. Targets that are already right stay. pos_KJ3: in the parent's frame.
    """
    size = span(rig)
    point_J = np.arange(len(rig.names))
    for joint, parent in enumerate(rig.parents):
        if parent >= 0 and (np.linalg.norm(pos_KJ3[:, joint], axis=1) <= NO_LENGTH * size).all():
            point_J[joint] = point_J[parent]
    kept_J = ~free_J | bound_J
    pairs, lengths = _ties(rig, pos_KJ3, point_J, kept_J, bound_J)
    met_K = np.ones(len(xyz_KJ3), bool)
    if not pairs:
        return xyz_KJ3, met_K
    free = sorted({int(point_J[joint]) for joint in np.flatnonzero(bound_J)})
    slot = {point: u for u, point in enumerate(free)}
    out_KJ3 = _in_shape(rig, pos_KJ3, xyz_KJ3, kept_J, bound_J)
    length_KB = np.stack(lengths, axis=1)
    first, second = np.array(pairs).T
    for step in range(MAX_STEPS + 1):
        way_KB3 = out_KJ3[:, first] - out_KJ3[:, second]
        far_KB = np.linalg.norm(way_KB3, axis=2)
        error_KB = far_KB - length_KB
        open_K = np.abs(error_KB).max(axis=1) > 1e-11 * size
        met_K = np.abs(error_KB).max(axis=1) < MET * size
        if not open_K.any() or step == MAX_STEPS:
            break
        unit_NB3 = way_KB3[open_K] / np.maximum(far_KB[open_K], 1e-12 * size)[..., None]
        slope_NBU3 = np.zeros((len(unit_NB3), len(pairs), len(free), 3))
        for b, (one, two) in enumerate(pairs):
            for point, sign in ((one, 1.0), (two, -1.0)):
                if point in slot:
                    slope_NBU3[:, b, slot[point]] += sign * unit_NB3[:, b]
        slope_NBV = slope_NBU3.reshape(len(unit_NB3), len(pairs), -1)
        normal_NBB = slope_NBV @ slope_NBV.transpose(0, 2, 1) + 1e-9 * np.eye(len(pairs))
        step_NV = (slope_NBV.transpose(0, 2, 1) @ np.linalg.solve(normal_NBB, error_KB[open_K][..., None]))[..., 0]
        step_NU3 = step_NV.reshape(len(step_NV), len(free), 3)
        longest_N = np.linalg.norm(step_NU3, axis=2).max(axis=1)
        step_NU3 *= np.minimum(1.0, 0.1 * size / np.maximum(longest_N, 1e-300))[:, None, None]
        rows = np.flatnonzero(open_K)
        out_KJ3[rows[:, None], np.array(free)] -= step_NU3
    moved = [joint for joint in np.flatnonzero(free_J) if int(point_J[joint]) in slot]
    out_KJ3[:, moved] = out_KJ3[:, point_J[moved]]
    return out_KJ3, met_K


def _in_shape(rig: Rig, pos_KJ3: Float, xyz_KJ3: Float, kept_J: Mask, bound_J: Mask) -> Float:
    """xyz_KJ3 with each body of four or more joints as near as can be but in its own shape: lengths alone would allow its mirror image."""
    out_KJ3 = xyz_KJ3.copy()
    for joint in np.flatnonzero(kept_J):
        body = np.array([joint, *(child for child in rig.children(int(joint)) if kept_J[child])])
        if len(body) < 4 or not bound_J[body].any():
            continue
        shape_KN3 = np.concatenate([np.zeros((len(pos_KJ3), 1, 3)), pos_KJ3[:, body[1:]]], axis=1)
        weight_N = np.where(bound_J[body], 1.0, MEASURED_WEIGHT)
        middle_K3 = np.average(shape_KN3, axis=1, weights=weight_N)
        there_K3 = np.average(out_KJ3[:, body], axis=1, weights=weight_N)
        weight_KN = np.broadcast_to(weight_N, shape_KN3.shape[:2])
        turn_K33 = wahba(shape_KN3 - middle_K3[:, None], out_KJ3[:, body] - there_K3[:, None], weight_KN)
        fitted_KN3 = (shape_KN3 - middle_K3[:, None]) @ turn_K33.transpose(0, 2, 1) + there_K3[:, None]
        out_KJ3[:, body[bound_J[body]]] = fitted_KN3[:, bound_J[body]]
    return out_KJ3


def _touching(rig: Rig, changed_J: Mask) -> Mask:
    """Joints that are changed or have a changed child."""
    out_J = changed_J.copy()
    for joint, parent in enumerate(rig.parents):
        if parent >= 0 and changed_J[joint]:
            out_J[parent] = True
    return out_J


def _ties(rig: Rig, pos_KJ3: Float, point_J: Int, kept_J: Mask, bound_J: Mask) -> tuple[list[tuple[int, int]], list[Float]]:
    """Pairs of points whose distance is fixed (bones, children of one parent), at least one of them bound, and that distance per row."""
    pairs: list[tuple[int, int]] = []
    lengths: list[Float] = []

    def tie(one: int, two: int, way_K3: Float) -> None:
        if point_J[one] != point_J[two] and kept_J[one] and kept_J[two] and (bound_J[one] or bound_J[two]):
            pairs.append((int(point_J[one]), int(point_J[two])))
            lengths.append(np.linalg.norm(way_K3, axis=1))

    for joint in range(len(rig.names)):
        children = [child for child in rig.children(joint) if kept_J[child]] if kept_J[joint] else []
        for index, child in enumerate(children):
            tie(joint, child, pos_KJ3[:, child])
            for sibling in children[: min(index, SIBLINGS_TIED)]:
                tie(child, sibling, pos_KJ3[:, child] - pos_KJ3[:, sibling])
    return pairs, lengths
