"""The visible body of a glTF: its bones, moved by a skin, or a small octahedron for every marker. Metres, Y up."""

from __future__ import annotations

from typing import Any

import numpy as np

from mpm_core.io.bone_mesh import MARKER_63, OCTAHEDRON_83, BoneMesh
from mpm_core.io.gltf.binary import Binary

VERTICES, INDICES = 34962, 34963  # buffer view targets
MATERIAL = {
    "name": "bone",
    "pbrMetallicRoughness": {"baseColorFactor": [0.75, 0.78, 0.85, 1.0], "metallicFactor": 0.0},
    "doubleSided": True,
}


def add_bones(binary: Binary, mesh: BoneMesh, first_joint: int) -> dict[str, Any]:
    """The mesh, skin and material of a body. Joint j is node first_joint + j."""
    joints_V4 = np.zeros((len(mesh.points_V3), 4), np.int64)
    joints_V4[:, 0] = mesh.joint_V
    weights_V4 = np.zeros((len(mesh.points_V3), 4))
    weights_V4[:, 0] = 1.0
    attributes = {
        "POSITION": binary.add(mesh.points_V3, bounds=True, target=VERTICES),
        "JOINTS_0": binary.add(joints_V4, target=VERTICES),
        "WEIGHTS_0": binary.add(weights_V4, target=VERTICES),
    }
    primitive = {"attributes": attributes, "indices": binary.add(mesh.corners_N, target=INDICES), "material": 0}
    columns_J16 = np.linalg.inv(mesh.bind_J44).transpose(0, 2, 1).reshape(-1, 16)
    skin = {"joints": [first_joint + j for j in range(len(mesh.bind_J44))], "inverseBindMatrices": binary.add(columns_J16)}
    return {"meshes": [{"name": "body", "primitives": [primitive]}], "skins": [{"name": "skeleton", **skin}], "materials": [MATERIAL]}


def marker_mesh(binary: Binary) -> dict[str, Any]:
    """One octahedron, for every marker node to show."""
    attributes = {"POSITION": binary.add(MARKER_63, bounds=True, target=VERTICES)}
    primitive = {"attributes": attributes, "indices": binary.add(OCTAHEDRON_83.reshape(-1), target=INDICES), "material": 0}
    return {"meshes": [{"name": "marker", "primitives": [primitive]}], "materials": [MATERIAL]}
