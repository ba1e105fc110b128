"""A skinned glTF as Blender makes them, bones along axes of their own, below a node that is scaled, turned and moved; and a take of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from scipy.spatial.transform import Rotation

import mpm_core as mpm
from mpm_core.edit.mark import mark, region
from mpm_core.io.gltf.binary import Binary
from mpm_core.rigs.kinematics import local_motion
from tests.makers import person_rig

FRAMES, RATE = 40, 30.0


def skinned(
    path: Path, *, way: str = "LINEAR", every: int = 1, start_s: float = 0.0, rate: float = RATE, frames: int = FRAMES
) -> mpm.Recording:
    """Write a skinned person with a mesh, and return the take that it was made of. every: a key in every so many frames."""
    rec = person_rig(frames=frames)
    assert rec.rig is not None
    rig, J = rec.rig, len(rec.points)
    turn_FJ33, place_FJ3 = local_motion(rig)
    rest_J = Rotation.random(J, random_state=3)
    above_J = [Rotation.identity() if parent < 0 else rest_J[parent] for parent in rig.parents]
    binary = Binary()
    keys_F = np.arange(0, frames, every)
    times = binary.add(start_s + keys_F / rate, bounds=True)
    nodes: list[dict[str, Any]] = []
    channels, samplers = [], []
    for joint, name in enumerate(rec.points):
        back = above_J[joint].inv()
        place_F3 = back.apply(place_FJ3[:, joint] * 100)
        turn_F4 = (back * Rotation.from_matrix(turn_FJ33[:, joint]) * rest_J[joint]).as_quat()
        rest = {"translation": place_F3[0].tolist(), "rotation": (back * rest_J[joint]).as_quat().tolist()}
        nodes.append({"name": name, **rest, "children": list(rig.children(joint))})
        for target, values_FW in (("rotation", turn_F4), ("translation", place_F3)):
            values = values_FW[keys_F]
            if way == "CUBICSPLINE":
                values = np.stack([0 * values, values, 0 * values], axis=1).reshape(-1, values.shape[1])
            channels.append({"sampler": len(samplers), "target": {"node": joint, "path": target}})
            samplers.append({"input": times, "output": binary.add(values), "interpolation": way})
    corners = binary.add(np.random.default_rng(0).normal(size=(9, 3)), bounds=True)
    primitive = {"attributes": {"POSITION": corners}}
    still = {"rotation": Rotation.from_euler("xyz", [0.3, 0.2, 0.1]).as_quat().tolist(), "translation": [1.0, 0.0, -2.0]}
    nodes += [{"name": "armature", "children": [0, J + 1], "scale": [0.01] * 3, **still}, {"name": "body", "mesh": 0, "skin": 0}]
    doc = {
        "asset": {"version": "2.0"},
        "scene": 0,
        "scenes": [{"nodes": [J]}],
        "nodes": nodes,
        "skins": [{"joints": list(range(J))}],
        "meshes": [{"primitives": [primitive]}],
        "materials": [{"name": "skin"}],
        "animations": [{"channels": channels, "samplers": samplers}],
    }
    path.write_bytes(binary.file(doc, path.suffix == ".gltf"))
    armature = Rotation.from_euler("xyz", [0.3, 0.2, 0.1])
    to_file = rec.source.file_to_world_33.T  # the take's file has Y up, as a glTF has
    file_FP3 = armature.apply((rec.xyz_FPD @ to_file.T).reshape(-1, 3)).reshape(frames, J, 3) + [1, 0, -2]
    return mpm.make_recording(rec.points, rate, file_FP3 @ to_file)


def repaired(rec: mpm.Recording, start: int = 10, stop: int = 20) -> tuple[mpm.Recording, mpm.Recording]:
    """A take with an arm marked and filled, and the marked one."""
    marked = mark(rec, region(rec, [rec.index("left_elbow"), rec.index("left_wrist")], start, stop)).apply(rec)[0]
    return mpm.complete(marked, method="hermite"), marked


def changed_doc(path: Path, change: Any) -> None:
    """Write a .gltf again with its JSON changed."""
    doc = json.loads(path.read_text())
    change(doc)
    path.write_text(json.dumps(doc))


def turn_of(doc: Any, node: int) -> Any:
    """The sampler of a node's rotation."""
    table = doc["animations"][0]
    channel = next(each for each in table["channels"] if each["target"] == {"node": node, "path": "rotation"})
    return table["samplers"][channel["sampler"]]
