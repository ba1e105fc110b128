"""The sample as BVH text: centimetres, Y up, MotionBuilder's joint names. J joints, F frames.

A body frame (x forward, y left, z up) becomes BVH's (X left, Y up, Z forward); the world's (x, y, z) becomes (x, z, -y).
Rotations are Z, X, Y; those of thighs and shanks X, Y, Z, which keeps a hip or knee bent by 90 degrees away from gimbal lock.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from mpm_core.sample.anatomy import JOINTS, NAMES, OFFSETS_J3, PARENTS
from mpm_core.sample.motion import Motion
from mpm_core.sample.plan import RATE_HZ

Float = NDArray[np.float64]

BODY_TO_BVH_33 = np.array([[0.0, 1, 0], [0, 0, 1], [1, 0, 0]])
WORLD_TO_BVH_33 = np.array([[1.0, 0, 0], [0, 0, 1], [0, -1, 0]])
CM = 100.0


def bvh_text(motion: Motion) -> str:
    """The whole file."""
    root_F3 = motion.positions_FJ3[:, 0] @ WORLD_TO_BVH_33.T * CM
    columns = [root_F3, *(_angles(motion, joint) for joint, name in enumerate(NAMES) if not name.endswith("End"))]
    values_FC = np.round(np.concatenate(columns, axis=1), 4) + 0.0  # + 0.0 turns -0 into 0
    rows = [" ".join(f"{value:.4f}" for value in row) for row in values_FC]
    head = [f"Frames: {len(rows)}", f"Frame Time: {1 / RATE_HZ:.7f}"]
    return "\n".join(["HIERARCHY", *_hierarchy(0, 0), "MOTION", *head, *rows]) + "\n"


def _hierarchy(joint: int, depth: int) -> list[str]:
    pad, inner = "\t" * depth, "\t" * (depth + 1)
    end = NAMES[joint].endswith("End")
    title = "End Site" if end else f"{'JOINT' if depth else 'ROOT'} {NAMES[joint]}"
    offset = " ".join(f"{value + 0.0:.4f}" for value in BODY_TO_BVH_33 @ (OFFSETS_J3[joint] if depth else np.zeros(3)) * CM)
    lines = [f"{pad}{title}", f"{pad}{{", f"{inner}OFFSET {offset}"]
    if not end:
        turns = " ".join(f"{axis}rotation" for axis in _order(joint))
        moves = "" if depth else "Xposition Yposition Zposition "
        lines.append(f"{inner}CHANNELS {3 if depth else 6} {moves}{turns}")
    for child, parent in enumerate(PARENTS):
        if parent == joint:
            lines += _hierarchy(child, depth + 1)
    return [*lines, f"{pad}}}"]


def _order(joint: int) -> str:
    return "XYZ" if JOINTS[joint].name.endswith("Leg") else "ZXY"


def _angles(motion: Motion, joint: int) -> Float:
    """(F, 3) degrees in the joint's order, without jumps of a whole turn."""
    turned_F33 = motion.rotations_FJ33[:, joint]
    if joint:
        local_F33 = BODY_TO_BVH_33 @ motion.rotations_FJ33[:, PARENTS[joint]].transpose(0, 2, 1) @ turned_F33 @ BODY_TO_BVH_33.T
    else:
        local_F33 = WORLD_TO_BVH_33 @ turned_F33 @ BODY_TO_BVH_33.T
    angles_F3 = Rotation.from_matrix(local_F33).as_euler(_order(joint))
    return np.asarray(np.degrees(np.unwrap(angles_F3, axis=0)))
