"""Joint angles to positions, and the lengths of a hierarchy. F frames, J joints, C channels.

Angles are in degrees; rotations are float64 matrices for column vectors; positions are in the file's own units and axes, unless they are
said to be in the world. The rotation channels of a joint are intrinsic rotations in the order of the file: Z, X, Y is Rz Rx Ry. Position
channels replace the joint's offset, axis by axis, wherever they are among the others.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from mpm_core.rig import Rig
from mpm_core.rigs.rotations import euler_matrices, turn
from mpm_core.typing import Float, Int

CHUNK_FRAMES = 4096  # limits the memory used for a long take


def channel_columns(rig: Rig) -> list[tuple[str, Int, Int, Int]]:
    """For each joint: rotation axes in order ('ZXY'), their columns in values_FC; axes (0..2) and columns of its position channels.

    >>> import numpy as np
    >>> channels = (("Zrotation",), ())
    >>> arm = Rig(("elbow", "wrist"), (-1, 0), np.array([[0.0, 0, 0], [1, 0, 0]]), channels, np.array([[90.0]]), np.array([False, True]))
    >>> channel_columns(arm)[0][:2]
    ('Z', array([0]))
    """
    out, start = [], 0
    for names in rig.channels:
        rotations = [i for i, name in enumerate(names) if name.endswith("rotation")]
        positions = [i for i, name in enumerate(names) if name.endswith("position")]
        axes = "".join(names[i][0] for i in rotations)
        places = np.array(["XYZ".index(names[i][0]) for i in positions], np.int64)
        out.append((axes, start + np.array(rotations, np.int64), places, start + np.array(positions, np.int64)))
        start += len(names)
    return out


def local_motion(rig: Rig, rows: slice | Int = slice(None), joints: Sequence[int] | None = None) -> tuple[Float, Float]:
    """Rotations (F, J, 3, 3) and positions (F, J, 3) of joints in their parents' frames, for the given rows of values_FC.

    joints: these, in this order; None = all.

    >>> import numpy as np
    >>> channels = (("Zrotation",), ())
    >>> arm = Rig(("elbow", "wrist"), (-1, 0), np.array([[0.0, 0, 0], [1, 0, 0]]), channels, np.array([[90.0]]), np.array([False, True]))
    >>> local_motion(arm)[1]
    array([[[0., 0., 0.],
            [1., 0., 0.]]])
    """
    values_FC = rig.values_FC[rows]
    joints, columns = range(len(rig.names)) if joints is None else joints, channel_columns(rig)
    F, J = len(values_FC), len(joints)
    rot_FJ33 = np.empty((F, J, 3, 3))
    pos_FJ3 = np.broadcast_to(rig.offsets_J3[list(joints)], (F, J, 3)).copy()
    for at, joint in enumerate(joints):
        axes, rotations, places, positions = columns[joint]
        rot_FJ33[:, at] = euler_matrices(values_FC[:, rotations], axes)
        pos_FJ3[:, at, places] = values_FC[:, positions]
    return rot_FJ33, pos_FJ3


def forward_kinematics(rig: Rig, rows: slice | Int = slice(None)) -> tuple[Float, Float]:
    """Global rotations (F, J, 3, 3) and positions (F, J, 3), in the file's units and axes, for the given rows of values_FC.

    >>> import numpy as np
    >>> channels = (("Zrotation",), ())
    >>> arm = Rig(("elbow", "wrist"), (-1, 0), np.array([[0.0, 0, 0], [1, 0, 0]]), channels, np.array([[90.0]]), np.array([False, True]))
    >>> forward_kinematics(arm)[1].shape
    (1, 2, 3)
    """
    return chain(rig, *local_motion(rig, rows))


def chain(rig: Rig, rot_FJ33: Float, pos_FJ3: Float) -> tuple[Float, Float]:
    """Global rotations and positions of joints, from those in their parents' frames."""
    rot_FJ33, pos_FJ3 = rot_FJ33.copy(), pos_FJ3.copy()
    for joint, parent in enumerate(rig.parents):
        if parent >= 0:
            pos_FJ3[:, joint] = pos_FJ3[:, parent] + turn(rot_FJ33[:, parent], pos_FJ3[:, joint])
            rot_FJ33[:, joint] = rot_FJ33[:, parent] @ rot_FJ33[:, joint]
    return rot_FJ33, pos_FJ3


def joint_positions(rig: Rig) -> Float:
    """Positions (F, J, 3) alone, in the file's units and axes; in chunks, to limit memory.

    >>> import numpy as np
    >>> channels = (("Zrotation",), ())
    >>> arm = Rig(("elbow", "wrist"), (-1, 0), np.array([[0.0, 0, 0], [1, 0, 0]]), channels, np.array([[90.0]]), np.array([False, True]))
    >>> joint_positions(arm).round(6)
    array([[[0., 0., 0.],
            [0., 1., 0.]]])
    """
    out_FJ3 = np.empty((len(rig.values_FC), len(rig.names), 3))
    for rows in _chunks(len(rig.values_FC)):
        out_FJ3[rows] = forward_kinematics(rig, rows)[1]
    return out_FJ3


def rest_positions(offsets_J3: Float, parents: tuple[int, ...]) -> Float:
    """(J, 3) positions of joints of which none is turned, from those in their parents' frames."""
    out_J3 = offsets_J3.copy()
    for joint, parent in enumerate(parents):
        if parent >= 0:
            out_J3[joint] += out_J3[parent]
    return out_J3


def world_joint_positions(rig: Rig, world_33: Float) -> Float:
    """Positions (F, J, 3) in metres, Z up, float64: not rounded to float32 as a recording's are. world_33: `Source.file_to_world_33`."""
    return np.asarray(joint_positions(rig) @ world_33.T)


def bone_lengths(rig: Rig) -> Float:
    """(J,) length of the bone from each joint's parent, file units; 0 for a root. Position channels are those of the first frame.

    >>> import numpy as np
    >>> channels = (("Zrotation",), ())
    >>> arm = Rig(("elbow", "wrist"), (-1, 0), np.array([[0.0, 0, 0], [1, 0, 0]]), channels, np.array([[90.0]]), np.array([False, True]))
    >>> bone_lengths(arm)
    array([0., 1.])
    """
    pos_J3 = local_motion(rig, slice(0, 1))[1][0] if len(rig.values_FC) else rig.offsets_J3
    return np.where(np.array(rig.parents) < 0, 0.0, np.linalg.norm(pos_J3, axis=1))


def reach(rig: Rig) -> Float:
    """(J,) length of the longest path down from each joint to a leaf, file units.

    >>> import numpy as np
    >>> channels = (("Zrotation",), ())
    >>> arm = Rig(("elbow", "wrist"), (-1, 0), np.array([[0.0, 0, 0], [1, 0, 0]]), channels, np.array([[90.0]]), np.array([False, True]))
    >>> reach(arm)
    array([1., 0.])
    """
    length_J, reach_J = bone_lengths(rig), np.zeros(len(rig.names))
    for joint in range(len(rig.names) - 1, 0, -1):
        parent = rig.parents[joint]
        if parent >= 0:
            reach_J[parent] = max(reach_J[parent], reach_J[joint] + length_J[joint])
    return reach_J


def span(rig: Rig) -> float:
    """Length of the longest path between two leaves, file units: about 2 m for a person (toe to fingertip), in any pose.

    >>> import numpy as np
    >>> channels = (("Zrotation",), ())
    >>> arm = Rig(("elbow", "wrist"), (-1, 0), np.array([[0.0, 0, 0], [1, 0, 0]]), channels, np.array([[90.0]]), np.array([False, True]))
    >>> span(arm)
    1.0
    """
    length_J, reach_J, best_J = bone_lengths(rig), np.zeros(len(rig.names)), np.zeros(len(rig.names))
    for joint in range(len(rig.names) - 1, -1, -1):
        best_J[joint] = max(best_J[joint], reach_J[joint])
        parent = rig.parents[joint]
        if parent >= 0:
            length = reach_J[joint] + length_J[joint]
            best_J[parent] = max(best_J[parent], reach_J[parent] + length)
            reach_J[parent] = max(reach_J[parent], length)
    return float(best_J.max(initial=0.0))


def _chunks(frames: int) -> Iterator[slice]:
    for start in range(0, frames, CHUNK_FRAMES):
        yield slice(start, min(start + CHUNK_FRAMES, frames))
