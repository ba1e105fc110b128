"""What Blender, trimesh and usd-core find in skeletons: `PYTHON -m tests.open_elsewhere NPZ FILE...`, by a Python with bpy and trimesh.

Prints one line of JSON for each file: the furthest that a joint is from its place in the NPZ of the same skeleton, in mm, over some frames.
Needs nothing of this project but the add-on for Blender.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import numpy as np

ADD_ON = Path(__file__).parents[1] / "resources" / "blender"
FRAMES_LOOKED_AT = 7


def in_blender(path: Path, take: dict[str, Any]) -> dict[str, Any]:
    """Imported by the add-on, posed by Blender."""
    sys.path.insert(0, str(ADD_ON))
    import bpy
    import mpm_studio_import

    bpy.ops.wm.read_factory_settings(use_empty=True)
    mpm_studio_import.import_take(path, take["path"])
    armature = next(found for found in bpy.data.objects if found.type == "ARMATURE")
    scene, points = bpy.context.scene, [str(name) for name in take["points"]]
    far, wrong = 0.0, 0
    for frame in np.linspace(0, len(take["xyz"]) - 1, FRAMES_LOOKED_AT).astype(int).tolist():
        scene.frame_set(scene.frame_start + frame)
        for bone in armature.pose.bones:
            point = points.index(bone.name)
            place = np.array(armature.matrix_world @ bone.head)
            far = max(far, float(np.linalg.norm(place - take["xyz"][frame, point])))
            wrong += int(bone["mpm_origin"] != take["origin"][frame, point])
    rate = scene.render.fps / scene.render.fps_base
    return {
        "program": f"Blender {bpy.app.version_string}",
        "bones": len(armature.pose.bones),
        "mm": 1000 * far,
        "origins_wrong": wrong,
        "rate_hz": rate,
    }


def in_trimesh(path: Path, take: dict[str, Any]) -> dict[str, Any]:
    """The body as it is bound, in the rest pose: its size, and its joints."""
    import trimesh

    scene = trimesh.load(path)
    return {
        "program": f"trimesh {trimesh.__version__}",
        "bones": len(scene.graph.nodes),
        "size_m": [round(float(side), 3) for side in scene.extents],
    }


def in_usd(path: Path, take: dict[str, Any]) -> dict[str, Any]:
    """Posed by UsdSkel."""
    from pxr import Usd, UsdGeom, UsdSkel

    stage = Usd.Stage.Open(str(path))
    skeleton = next(prim for prim in stage.Traverse() if prim.IsA(UsdSkel.Skeleton))
    query = UsdSkel.Cache().GetSkelQuery(UsdSkel.Skeleton(skeleton))
    names = [str(joint).rpartition("/")[2] for joint in query.GetJointOrder()]
    points, far = [str(name) for name in take["points"]], 0.0
    for frame in np.linspace(0, len(take["xyz"]) - 1, FRAMES_LOOKED_AT).astype(int).tolist():
        placed = np.array(query.ComputeJointSkelTransforms(stage.GetStartTimeCode() + frame))[:, 3, :3]
        upright = np.stack([placed[:, 0], -placed[:, 2], placed[:, 1]], axis=1)
        far = max(far, float(np.linalg.norm(upright - take["xyz"][frame, [points.index(name) for name in names]], axis=1).max()))
    return {
        "program": f"usd-core {Usd.GetVersion()}",
        "bones": len(names),
        "mm": round(1000 * far, 4),
        "up": str(UsdGeom.GetStageUpAxis(stage)),
    }


def main(npz: str, *files: str) -> None:
    with np.load(npz, allow_pickle=False) as arrays:
        take = {"path": npz, **{name: arrays[name] for name in ("xyz", "origin", "points")}}
    openers = {".glb": (in_blender, in_trimesh), ".bvh": (in_blender,), ".usd": (in_blender, in_usd)}
    for file in map(Path, files):
        for opener in openers[file.suffix]:
            sys.stdout.write(json.dumps({"file": file.name, **opener(file, take)}) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
    sys.stdout.flush()
    os._exit(0)  # Blender as a module can wait for ever when its process ends
