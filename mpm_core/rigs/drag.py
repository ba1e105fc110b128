"""A joint of a hierarchy moved by hand in one frame: the limb bends, bones keep their length. J joints in rig order; metres, Z up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from mpm_core.errors import DataError
from mpm_core.gaps import runs
from mpm_core.recording import Recording
from mpm_core.rig import Rig
from mpm_core.rigs.kinematics import world_joint_positions
from mpm_core.rigs.solve import apply_targets, rig_of, solved_FP
from mpm_core.samples import OF_FILE
from mpm_core.skeleton import downwards, upwards
from mpm_core.typing import Float, Mask

TIED_M = 1e-5  # joints that are nearer to each other than this are at one place
MOVED_M = 1e-6


def drag_joint(rec: Recording, joint: int, frame: int, xyz_3: Float) -> tuple[Float, Mask]:
    """(J, 3) the positions of a frame after a joint is moved as near to a place as its bones allow, and the (J,) joints that moved.

    Measured joints stay, filtered ones too. The joint turns about its parent; where its parent is not measured either, both bones bend, in
    the plane that they have, about the joint above (two-bone inverse kinematics). What is below and not measured moves with its bone. A
    root is moved with all that is not measured. The positions are those of rotations that `rigs.solve` finds. Raises DataError for a
    recording without a rig, and for a measured joint.

    >>> from mpm_core.rig import Rig
    >>> from mpm_core.recording import make_recording
    >>> offsets_J3, end_J = np.array([[0.0, 0, 0], [1, 0, 0]]), np.array([False, True])
    >>> arm = Rig(("elbow", "wrist"), (-1, 0), offsets_J3, (("Zrotation",), ()), np.array([[0.0]]), end_J)
    >>> rec = make_recording(arm.names, 30.0, offsets_J3[None], rig=arm)
    >>> rec = replace(rec, origin_FP=np.array([[1, 2]], np.uint8))
    >>> drag_joint(rec, 1, 0, np.array([0.0, 5.0, 0.0]))[0].round(6) + 0.0
    array([[0., 0., 0.],
           [0., 1., 0.]])
    """
    targets_J3, moved_J = bent_pose(rec, joint, frame, xyz_3)
    free_J = ~np.isin(rec.origin_FP[frame], OF_FILE)
    solved_J3 = _solved(rec, frame, targets_J3, free_J)
    return solved_J3, moved_J | (free_J & ~(np.linalg.norm(solved_J3 - rec.xyz_FPD[frame], axis=1) <= MOVED_M))


def bent_pose(rec: Recording, joint: int, frame: int, xyz_3: Float) -> tuple[Float, Mask]:
    """As `drag_joint`, but without solving rotations: quick enough for every move of a mouse.

    It differs where what is measured below the limb does not let it bend that way. Raises DataError as `drag_joint` does.
    """
    rig = rig_of(rec)
    free_J = ~np.isin(rec.origin_FP[frame], OF_FILE)
    if not free_J[joint]:
        raise DataError(f"{rec.points[joint]} is measured in this frame", hint="mark it as wrong first, then move it")
    own_J3 = _own_positions(rec, rig, frame)
    now_J3 = np.where(np.isfinite(rec.xyz_FPD[frame]), rec.xyz_FPD[frame], own_J3).astype(np.float64)
    targets_J3, below_J = _bent(rig.parents, now_J3, own_J3, free_J, joint, np.asarray(xyz_3, np.float64))
    return np.where((below_J & free_J)[:, None], targets_J3, now_J3), below_J & free_J


def _own_positions(rec: Recording, rig: Rig, frame: int) -> Float:
    """(J, 3) where the file's own motion has the joints."""
    return np.asarray(world_joint_positions(rig.at(slice(frame, frame + 1)), rec.source.file_to_world_33)[0])


def _bent(parents: Sequence[int], now_J3: Float, own_J3: Float, free_J: Mask, joint: int, aim_3: Float) -> tuple[Float, Mask]:
    """(J, 3) targets, and the (J,) joints whose place follows from the drag. own_J3: positions with the bones' lengths."""
    length_J = np.array([0.0 if parent < 0 else np.linalg.norm(own_J3[j] - own_J3[parent]) for j, parent in enumerate(parents)])
    end = _mover(parents, length_J, joint)
    out_J3 = now_J3.copy()
    if parents[end] < 0:
        below_J = _below(parents, end)
        out_J3[below_J] += aim_3 - now_J3[end]
        return out_J3, below_J
    middle = _mover(parents, length_J, parents[end])
    if parents[middle] < 0 or not free_J[middle]:
        start_3 = now_J3[parents[end]]
        return _turned(out_J3, parents, end, start_3, start_3 + length_J[end] * _unit(aim_3 - start_3, now_J3[end] - start_3))
    start_3 = now_J3[parents[middle]]
    bend_3, end_3 = _two_bones(start_3, now_J3[middle], now_J3[end], aim_3, length_J[middle], length_J[end])
    out_J3, below_J = _turned(out_J3, parents, middle, start_3, bend_3)
    return _turned(out_J3, parents, end, bend_3, end_3)[0], below_J


def _mover(parents: Sequence[int], length_J: Float, joint: int) -> int:
    """The joint, or the one above it that is at the same place and has a bone."""
    return next(each for each in upwards(parents, joint) if length_J[each] > TIED_M or parents[each] < 0)


def _below(parents: Sequence[int], joint: int) -> Mask:
    """(J,) a joint and all below it."""
    return np.isin(np.arange(len(parents)), downwards(parents, joint))


def _turned(xyz_J3: Float, parents: Sequence[int], joint: int, start_3: Float, goal_3: Float) -> tuple[Float, Mask]:
    """The positions with a joint at its goal and all below it turned by the smallest rotation of the bone from `start_3`."""
    from scipy.spatial.transform import Rotation  # here, as its import takes long

    below_J, bone_3 = _below(parents, joint), xyz_J3[joint] - start_3
    turn = Rotation.align_vectors((goal_3 - start_3)[None], bone_3[None])[0] if np.linalg.norm(bone_3) > TIED_M else Rotation.identity()
    out_J3 = xyz_J3.copy()
    out_J3[below_J] = goal_3 + turn.apply(xyz_J3[below_J] - xyz_J3[joint])
    return out_J3, below_J


def _two_bones(start_3: Float, middle_3: Float, end_3: Float, aim_3: Float, first: float, second: float) -> tuple[Float, Float]:
    """Where the joint between two bones of these lengths and their end are when the end is as near to a place as it can be."""
    unit_3 = _unit(aim_3 - start_3, end_3 - start_3)
    away = float(np.clip(np.linalg.norm(aim_3 - start_3), max(abs(first - second), TIED_M), first + second))
    along = (first**2 - second**2 + away**2) / (2 * away)
    side_3 = middle_3 - start_3 - ((middle_3 - start_3) @ unit_3) * unit_3
    across_3 = np.cross(unit_3, np.eye(3)[np.abs(unit_3).argmin()])
    bend = np.sqrt(max(first**2 - along**2, 0.0))
    return start_3 + along * unit_3 + bend * _unit(side_3, across_3), start_3 + away * unit_3


def _unit(direction_3: Float, otherwise_3: Float) -> Float:
    """A direction of length 1; that of `otherwise_3`, or x, where it has none."""
    for each in (direction_3, otherwise_3):
        if (length := float(np.linalg.norm(each))) > TIED_M:
            return np.asarray(each / length)
    return np.array([1.0, 0.0, 0.0])


def _solved(rec: Recording, frame: int, targets_J3: Float, free_J: Mask) -> Float:
    """(J, 3) the targets as the rig's rotations reach them, solved with the frames around that are not of the file either."""
    assert rec.rig is not None
    affected_F = np.asarray(solved_FP(rec).any(axis=1))
    affected_F[frame] = True
    start, stop = next((a, b) for a, b in runs(affected_F) if a <= frame < b)
    low, high = max(0, start - 1), min(rec.frames, stop + 1)
    held = rec.source.part
    part = rec.with_samples(
        rec.samples.at(slice(low, high)),
        rig=rec.rig.at(slice(low, high)),
        source=replace(rec.source, part=replace(held, start=held.start + held.step * low)),
        spans=(),
        skeleton=None,
    )
    targets_FP3 = np.full(part.xyz_FPD.shape, np.nan)
    where_FP = np.zeros(part.origin_FP.shape, bool)
    targets_FP3[frame - low], where_FP[frame - low] = targets_J3, free_J
    return np.asarray(apply_targets(part, targets_FP3, where_FP)[frame - low])
