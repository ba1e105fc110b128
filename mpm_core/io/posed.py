"""A take as joints with rotations, for formats of scenes (glTF, USD). F frames, P points, J joints; metres, Y up."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy.spatial.transform import Rotation

from mpm_core.body_rig.solve import body_points, solve_body
from mpm_core.io.bvh.current_rig import OWN_M, current_rig
from mpm_core.io.conventions import TO_UP
from mpm_core.recording import Origin, Recording
from mpm_core.rig import Rig
from mpm_core.rigs.kinematics import forward_kinematics, rest_positions, world_joint_positions
from mpm_core.samples import OF_FILE
from mpm_core.skeleton import load_skeleton
from mpm_core.typing import Float

TO_FILE_33 = np.array(TO_UP["y"], np.float64).T  # metres, Z up, to metres, Y up: axes and signs only, so no bit is lost
ROUNDING_M = 1e-6


@dataclass(frozen=True, slots=True)
class Posed:
    """Joints to be written, one node each: in the parent's frame, metres, Y up. parents: -1 for a root.

    rest_turn_J4, rest_place_J3: the rest pose, in which the skin is bound: a rig's without rotations, else the first frame.
    """

    names: tuple[str, ...]
    parents: tuple[int, ...]
    turn_FJ4: Float
    place_FJ3: Float
    rest_turn_J4: Float
    rest_place_J3: Float


def with_constant_bones(rec: Recording) -> Recording:
    """The body rig solved to a take of the body's joints of which nothing was measured; any other take itself.

    What was measured has to stay at its place; where nothing was, bones may keep their lengths.
    """
    joints = rec.rig is None and body_points(rec) is not None and not np.isin(rec.origin_FP, (*OF_FILE, Origin.MARKED)).any()
    return solve_body(rec).recording if joints and np.isfinite(rec.xyz_FPD).all() else rec


def posed_of(rec: Recording) -> Posed | None:
    """The skeleton's joints: rotations from the rig (the body rig for body joints), and every place where its point is.

    None for a take with gaps or without a skeleton, which is one of points alone.
    """
    if not np.isfinite(rec.xyz_FPD).all() or (rec.rig is None and rec.skeleton is None and body_points(rec) is None):
        return None
    file_FP3 = rec.xyz_FPD.astype(np.float64) @ TO_FILE_33.T
    P = len(rec.points)
    if rec.rig is not None and rec.rig.names == rec.points and len(rec.rig.values_FC) == rec.frames:
        rig, world_33 = current_rig(rec, rec.rig), rec.source.file_to_world_33
        own_FP3 = world_joint_positions(rig, world_33)  # the same without the rounding of float32, so that bones do not vary with it
        if np.abs(own_FP3 - rec.xyz_FPD).max() <= OWN_M:
            file_FP3 = own_FP3 @ TO_FILE_33.T
        return _at_rest(_placed(rec.points, rig.parents, _turns(rig, world_33, range(P)), file_FP3))
    at = body_points(rec)
    if at is not None and len(at) == P:
        solved, body = solve_body(rec), load_skeleton("body21")
        assert solved.recording.rig is not None
        above = [body.parents[body.names.index(name)] for name in rec.points]
        parents = tuple(rec.points.index(body.names[parent]) if parent >= 0 else -1 for parent in above)
        joints = [solved.recording.points.index(solved.joint_of[name]) for name in rec.points]
        return _placed(rec.points, parents, _turns(solved.recording.rig, solved.recording.source.file_to_world_33, joints), file_FP3)
    parents = rec.skeleton.parents if rec.skeleton is not None and rec.skeleton.names == rec.points else (-1,) * P
    still_FP33 = np.broadcast_to(np.eye(3), (rec.frames, P, 3, 3))
    return _placed(rec.points, parents, still_FP33, file_FP3)


def _turns(rig: Rig, world_33: Float, joints: Any) -> Float:
    """(F, P, 3, 3) rotations of a rig's joints in the scene's axes; at rest, none is turned."""
    axes_33 = TO_FILE_33 @ world_33
    axes_33 = axes_33 / np.cbrt(np.linalg.det(axes_33))
    return np.asarray(axes_33 @ forward_kinematics(rig)[0][:, list(joints)] @ axes_33.T)


def _placed(names: tuple[str, ...], parents: tuple[int, ...], turn_FJ33: Float, xyz_FJ3: Float) -> Posed:
    """Each joint in its parent's frame. A bone whose place there differs by rounding only has one place."""
    F, J = xyz_FJ3.shape[:2]
    turn_FJ4, place_FJ3 = np.empty((F, J, 4)), np.empty((F, J, 3))
    for joint, parent in enumerate(parents):
        own_F33, from_F3 = turn_FJ33[:, joint], xyz_FJ3[:, joint]
        if parent >= 0:
            back_F33 = turn_FJ33[:, parent].transpose(0, 2, 1)
            own_F33 = back_F33 @ own_F33
            from_F3 = (back_F33 @ (from_F3 - xyz_FJ3[:, parent])[..., None])[..., 0]
        quaternion_F4 = Rotation.from_matrix(own_F33).as_quat()
        flips_F = np.cumprod(np.where((quaternion_F4[1:] * quaternion_F4[:-1]).sum(axis=1) < 0, -1.0, 1.0))
        quaternion_F4[1:] *= flips_F[:, None]
        same = parent >= 0 and np.ptp(from_F3, axis=0).max() < ROUNDING_M
        turn_FJ4[:, joint], place_FJ3[:, joint] = quaternion_F4, np.median(from_F3, axis=0) if same else from_F3
    return Posed(names, parents, turn_FJ4, place_FJ3, turn_FJ4[0], place_FJ3[0])


def _at_rest(posed: Posed) -> Posed:
    """With a rest pose in which no joint is turned; a single root is above the origin, the lowest joint at height 0."""
    rest_J4 = np.zeros_like(posed.turn_FJ4[0])
    rest_J4[:, 3] = 1.0
    place_J3 = posed.place_FJ3[0].copy()
    if sum(parent < 0 for parent in posed.parents) == 1:
        place_J3[0] = 0.0
        place_J3[0, 1] = -rest_positions(place_J3, posed.parents)[:, 1].min()
    return replace(posed, rest_turn_J4=rest_J4, rest_place_J3=place_J3)
