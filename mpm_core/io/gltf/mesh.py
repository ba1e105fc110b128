"""The visible body of a glTF: a spindle for every bone, moved by a skin, or a small octahedron for every marker. Metres, Y up."""

from __future__ import annotations

from typing import Any

import numpy as np

from mpm_core.io.gltf.binary import Binary
from mpm_core.io.gltf.motion import matrices
from mpm_core.skeleton import parents_first
from mpm_core.typing import Float

VERTICES, INDICES = 34962, 34963  # buffer view targets
OCTAHEDRON_83 = np.array([[0, 2, 4], [2, 1, 4], [1, 3, 4], [3, 0, 4], [2, 0, 5], [1, 2, 5], [3, 1, 5], [0, 3, 5]])
MARKER_M = 0.008
SLIM, BELLY = 0.1, 0.2  # a spindle's half width, and where along the bone it is widest
MATERIAL = {
    "name": "bone",
    "pbrMetallicRoughness": {"baseColorFactor": [0.75, 0.78, 0.85, 1.0], "metallicFactor": 0.0},
    "doubleSided": True,
}


def add_bones(binary: Binary, place_J3: Float, turn_J4: Float, parents: tuple[int, ...], first_joint: int) -> dict[str, Any]:
    """The mesh, skin and material for joints in the pose in which they are bound. A bone moves with its parent joint.

    place_J3, turn_J4: each joint's place and rotation (x, y, z, w) in its parent's frame. Joint j is node first_joint + j.
    """
    turn_J33, at_J3 = matrices(turn_J4), place_J3.copy()
    for joint in parents_first(parents):
        parent = parents[joint]
        if parent >= 0:
            at_J3[joint] = at_J3[parent] + turn_J33[parent] @ place_J3[joint]
            turn_J33[joint] = turn_J33[parent] @ turn_J33[joint]
    inverse_J44 = np.zeros((len(parents), 4, 4))
    inverse_J44[:, :3, :3] = turn_J33.transpose(0, 2, 1)
    inverse_J44[:, :3, 3] = -(inverse_J44[:, :3, :3] @ at_J3[..., None])[..., 0]
    inverse_J44[:, 3, 3] = 1.0
    spindles, holders = [], []
    for joint, parent in enumerate(parents):
        if parent >= 0 and np.linalg.norm(at_J3[joint] - at_J3[parent]) > 1e-6:
            spindles.append(_spindle(at_J3[parent], at_J3[joint]))
            holders.append(parent)
    if not spindles:
        spindles, holders = [_marker() + at for at in at_J3], list(range(len(parents)))
    points = np.concatenate(spindles)
    corners = np.concatenate([OCTAHEDRON_83.reshape(-1) + 6 * index for index in range(len(spindles))])
    joints_V4 = np.zeros((len(points), 4), np.int64)
    joints_V4[:, 0] = np.repeat(holders, 6)
    weights_V4 = np.zeros((len(points), 4))
    weights_V4[:, 0] = 1.0
    attributes = {
        "POSITION": binary.add(points, bounds=True, target=VERTICES),
        "JOINTS_0": binary.add(joints_V4, target=VERTICES),
        "WEIGHTS_0": binary.add(weights_V4, target=VERTICES),
    }
    primitive = {"attributes": attributes, "indices": binary.add(corners, target=INDICES), "material": 0}
    columns_J16 = inverse_J44.transpose(0, 2, 1).reshape(-1, 16)
    skin = {"joints": [first_joint + j for j in range(len(parents))], "inverseBindMatrices": binary.add(columns_J16)}
    return {"meshes": [{"name": "body", "primitives": [primitive]}], "skins": [{"name": "skeleton", **skin}], "materials": [MATERIAL]}


def marker_mesh(binary: Binary) -> dict[str, Any]:
    """One octahedron, for every marker node to show."""
    attributes = {"POSITION": binary.add(_marker(), bounds=True, target=VERTICES)}
    primitive = {"attributes": attributes, "indices": binary.add(OCTAHEDRON_83.reshape(-1), target=INDICES), "material": 0}
    return {"meshes": [{"name": "marker", "primitives": [primitive]}], "materials": [MATERIAL]}


def _marker() -> Float:
    return MARKER_M * np.array([[1.0, 0, 0], [-1, 0, 0], [0, 1, 0], [0, -1, 0], [0, 0, 1], [0, 0, -1]])


def _spindle(start_3: Float, end_3: Float) -> Float:
    """Six corners: four around the belly, then the ends."""
    along_3 = end_3 - start_3
    size = float(np.linalg.norm(along_3))
    side_3 = np.cross(along_3, np.eye(3)[np.abs(along_3).argmin()])
    side_3 *= SLIM * size / np.linalg.norm(side_3)
    other_3 = np.cross(along_3, side_3) / size
    middle_3 = start_3 + BELLY * along_3
    return np.array([middle_3 + side_3, middle_3 - side_3, middle_3 + other_3, middle_3 - other_3, start_3, end_3])
