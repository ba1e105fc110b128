"""Joint positions to the rotations of a file's own hierarchy. F frames, P = J joints in rig order, K rows at a time, C channels.

Rotations change only for joints that are changed or have changed children, and for measured joints below them that must keep their place in
the world. All other values are unchanged to the bit. Bones keep their length.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from mpm_core.errors import DataError
from mpm_core.gaps import runs
from mpm_core.recording import Origin, Recording
from mpm_core.rig import Rig
from mpm_core.rigs.constraints import bound_joints, pinned, solve_lengths
from mpm_core.rigs.kinematics import CHUNK_FRAMES, channel_columns, world_joint_positions
from mpm_core.rigs.standing import still
from mpm_core.rigs.traverse import Walk
from mpm_core.samples import FILLS
from mpm_core.typing import Float, Int, Mask

EXACT_LEVER_M = 0.003  # children further from a line than this determine the twist about it, for positions of the rig's own motion
NOISY_LEVER_M = 0.02  # and for predicted positions
TRIED_SHARES = (1.0, 0.5, 0.25, 0.0)  # of the distance to a target that is out of reach
SOLVED = (*FILLS, Origin.FILTERED)


def solved_FP(rec: Recording) -> Mask:
    """Samples that are not of the file: filled, predicted, set by hand or filtered."""
    return np.isin(rec.origin_FP, [int(origin) for origin in SOLVED])


def adjusted_FP(rec: Recording) -> Mask:
    """Solved samples that are the rig's own motion, filtered or read between two measured frames, and not replaced: the rotations that the
    rig has there are meant, but for what the positions change.

    A sample between frames of the file is one of these as long as it has no sigma, as `edit.resample` leaves it beside measured samples.
    """
    between_F = rec.source.part.between_F(rec.frames)
    adjusted_FP: Mask = rec.origin_FP == Origin.FILTERED
    if between_F.any():
        adjusted_FP = adjusted_FP | (between_F[:, None] & (rec.origin_FP == Origin.FILLED) & np.isnan(rec.sigma_FP))
    return adjusted_FP


def values_now(rec: Recording) -> Float:
    """(F, C) the values of the recording's rig as its samples are now: solved where they are not of the file, the file's own elsewhere.

    Marked and missing samples are as in `apply_targets`. Raises DataError for a recording without a rig or of another shape.
    """
    rig, solved = rig_of(rec), solved_FP(rec)
    open_FP = _joined(rig, solved, ~rec.visible_FP)
    xyz_FPD = np.where(open_FP[..., None], np.nan, rec.xyz_FPD.astype(np.float64))
    changed_FP = solved | open_FP
    changed_FP &= ~still(rec, rig, changed_FP, open_FP, np.zeros_like(solved))
    return solve(rig, rec.source.file_to_world_33, xyz_FPD, changed_FP, adjusted_FP(rec))


def solve(rig: Rig, world_33: Float, xyz_FPD: Float, changed_FP: Mask, adjusted_FP: Mask | None = None) -> Float:
    """values_FC with the rotations of the affected joints (and the position of a changed root) solved; all other values unchanged to the
    bit.

    xyz_FPD: metres, Z up, used where changed_FP is True (NaN there: the joint follows its parent). From the root to the leaves, each joint
    is rotated so that its changed children reach their targets. What these leave undetermined, such as the twist, is the local rotation
    interpolated between the nearest unaffected frames (slerp), or constant at the start and end of the take (the file's own where no frame
    is unaffected). Where samples of adjusted_FP alone change a joint, it is the rig's own rotation in that frame. A measured joint below a
    changed one keeps its position and orientation; targets that would stretch a bone to it are first moved to the circle that its bones
    allow. Euler angles are on the branch nearest to the frames beside. Raises DataError when shapes disagree.
    """
    return _solve(rig, world_33, xyz_FPD, changed_FP, adjusted_FP, EXACT_LEVER_M, exact=True)


def apply_targets(rec: Recording, targets_FPD: Float, where_FP: Mask, adjusts_FP: Mask | None = None, *, stands: bool = False) -> Float:
    """(F, P, 3) positions (metres, Z up, float64) of the rig's own motion after the samples of where_FP are moved to their targets.

    Frames in which nothing is moved, now or by an earlier fill, are the recording's own. targets_FPD: NaN where there is no target. A joint
    with targeted descendants (a spine joint, a clavicle) then follows them as part of a rigid chain, with its local rotation interpolated
    over the gap; one without (a finger, a prop) keeps its position in its parent's frame, interpolated likewise. Samples filled earlier
    keep their positions as far as the bones allow. Marked and missing samples outside where_FP that bones join to moved ones are no
    targets: they follow, as joints without a target do. Solving the returned positions gives the same rotations again, so the written file
    has exactly this motion. stands: joints above the body that stand still in the whole file (`rigs.standing`) do so in where_FP, too,
    whatever their targets are. Raises DataError for a recording without a rig or of another shape.
    """
    rig = rig_of(rec)
    world_33 = rec.source.file_to_world_33
    moved_FP, kept_FP = where_FP | solved_FP(rec), adjusted_FP(rec) & ~where_FP
    if adjusts_FP is not None:
        kept_FP |= adjusts_FP & where_FP
    open_FP = _joined(rig, moved_FP, ~(rec.visible_FP | moved_FP))
    rows = np.flatnonzero((moved_FP | open_FP).any(axis=1))
    nowhere_FP = np.zeros_like(where_FP)
    holds_FP, moves_FP = (where_FP | open_FP, nowhere_FP) if stands else (open_FP, where_FP)
    changed_FP = moved_FP | open_FP
    changed_FP &= ~still(rec, rig, changed_FP, holds_FP, moves_FP)
    xyz_FPD = np.where(where_FP[..., None], targets_FPD, rec.xyz_FPD.astype(np.float64))
    xyz_FPD[open_FP] = np.nan

    def positions(values_FC: Float) -> Float:
        solved_FPD = rec.xyz_FPD.astype(np.float64)
        solved_FPD[rows] = world_joint_positions(replace(rig, values_FC=values_FC[rows]), world_33)
        return solved_FPD

    solved_FPD = positions(_solve(rig, world_33, xyz_FPD, changed_FP, kept_FP, NOISY_LEVER_M, exact=False))
    solved_FPD[open_FP] = np.nan
    return positions(solve(rig, world_33, solved_FPD, changed_FP, kept_FP))


def rig_of(rec: Recording) -> Rig:
    """The rig of a recording. Raises DataError where it has none."""
    if rec.rig is None:
        raise DataError("this recording has no skeleton with rotations", where=rec.source.path, hint="BVH and skinned glTF have one")
    return rec.rig


def _joined(rig: Rig, moved_FP: Mask, loose_FP: Mask) -> Mask:
    """The samples of loose_FP that bones join to one of moved_FP, through others of loose_FP only."""
    reached_FP = moved_FP.copy()
    bones = [(parent, joint) for joint, parent in enumerate(rig.parents) if parent >= 0]
    for parent, joint in reversed(bones):
        reached_FP[:, parent] |= reached_FP[:, joint] & loose_FP[:, parent]
    for parent, joint in bones:
        reached_FP[:, joint] |= reached_FP[:, parent] & loose_FP[:, joint]
    return np.asarray(reached_FP & ~moved_FP)


def _solve(rig: Rig, world_33: Float, xyz_FPD: Float, changed_FP: Mask, adjusted_FP: Mask | None, lever_m: float, *, exact: bool) -> Float:
    """The rig's values (F, C) with those of the changed joints solved, in batches of frames.

    lever_m: metres, as the levers of fit_rotations.py. Raises DataError for positions of another shape.
    """
    shape = (len(rig.values_FC), len(rig.names))
    if xyz_FPD.shape != (*shape, 3) or changed_FP.shape != shape:
        raise DataError(f"the rig has {shape[0]} frames of {shape[1]} joints, the positions are {xyz_FPD.shape[:2]}")
    values_FC = rig.values_FC.copy()
    to_file_33 = np.linalg.inv(world_33)
    metre = 1 / abs(np.linalg.det(world_33)) ** (1 / 3)
    lever = lever_m * metre
    columns = channel_columns(rig)
    for rows in _batches(np.asarray(changed_FP.any(axis=1))):
        walk = Walk(rig, columns, rows)
        free_KJ = changed_FP[rows]
        for at, changed_J in _patterns(free_KJ):
            free_KJ[at] = pinned(rig, walk.pos_KJ3[at[0]], changed_J)
        walk.set_changed(free_KJ, np.zeros_like(free_KJ) if adjusted_FP is None else adjusted_FP[rows])
        aim_KJ3 = np.where(free_KJ[..., None], xyz_FPD[rows].astype(np.float64) @ to_file_33.T, walk.measured_KJ3)
        hard_KJ = ~free_KJ
        for at, free_J in _patterns(free_KJ):
            bound_J = bound_joints(rig, free_J)
            hard_KJ[np.ix_(at, bound_J)] = True
            known = at[np.isfinite(aim_KJ3[np.ix_(at, bound_J)]).all(axis=(1, 2))]
            if bound_J.any() and len(known):
                aim_KJ3[known] = _reachable(walk, known, aim_KJ3[known], free_J, bound_J)
        walk.run(aim_KJ3, hard_KJ, lever, exact=exact)
        walk.write_into(values_FC)
    return values_FC


def _reachable(walk: Walk, at: Int, aim_NJ3: Float, free_J: Mask, bound_J: Mask) -> Float:
    """Targets of the rows `at` that all bones allow.

    Bones between measured joints whose interpolated lengths cannot reach take the file's own lengths again; a target that is still out of
    reach is moved part of the way back to the file's position, which can always be reached.
    """
    goal_NJ3, reached_N = solve_lengths(walk.rig, walk.pos_KJ3[at], aim_NJ3, free_J, bound_J)
    if reached_N.all():
        return goal_NJ3
    walk.restore_positions(at, bound_J)
    reached_N[:] = False
    for share in TRIED_SHARES:
        unreached = np.flatnonzero(~reached_N)
        measured_NJ3 = walk.measured_KJ3[at[unreached]]
        goal_part_NJ3 = np.where(bound_J[:, None], measured_NJ3 + share * (aim_NJ3[unreached] - measured_NJ3), aim_NJ3[unreached])
        goal_NJ3[unreached], reached_N[unreached] = solve_lengths(walk.rig, walk.pos_KJ3[at[unreached]], goal_part_NJ3, free_J, bound_J)
        if reached_N.all():
            break
    return goal_NJ3


def _patterns(mask_KJ: Mask) -> list[tuple[Int, Mask]]:
    """The distinct rows of a mask, with the indices of the rows equal to each."""
    patterns, which = np.unique(mask_KJ, axis=0, return_inverse=True)
    return [(np.flatnonzero(which.reshape(-1) == index), pattern) for index, pattern in enumerate(patterns)]


def _batches(affected_F: Mask) -> Iterator[Int]:
    """Frame numbers to solve together: whole runs of affected frames with an unaffected frame on both sides, limited in number."""
    rows: list[Int] = []
    for start, stop in runs(affected_F):
        rows.append(np.arange(max(0, start - 1), min(len(affected_F), stop + 1)))
        if sum(map(len, rows)) >= CHUNK_FRAMES:
            yield np.unique(np.concatenate(rows))
            rows = []
    if rows:
        yield np.unique(np.concatenate(rows))
