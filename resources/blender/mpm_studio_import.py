"""Blender add-on: File > Import > mpm-studio take. Brings a .glb, .gltf, .bvh or .usd in, with where each sample comes from.

The NPZ of the same take, written beside it with the same name (`mpm-studio convert TAKE NAME.npz`), says where each sample comes from
and how sure it is. Both become custom properties of the bones (of the objects, for markers), with a key wherever they change:

    mpm_origin    1 measured, 3 filled by a classical method, 4 predicted by the model, 5 placed by hand,
                  6 measured and then filtered; 0 missing
    mpm_sigma_mm  standard deviation in millimetres, -1 where it is not known

Install it under Edit > Preferences > Add-ons > Install from Disk, or run `import_take(path)` in Blender's Python.
"""

from __future__ import annotations

import math
from pathlib import Path

import bpy
import numpy as np
from bpy_extras.io_utils import ImportHelper

bl_info = {
    "name": "mpm-studio takes",
    "author": "mpm-studio",
    "version": (1, 0, 0),
    "blender": (4, 2, 0),
    "location": "File > Import",
    "description": "Motion of mpm-studio, with the origin and the sigma of every sample",
    "category": "Import-Export",
}
UNKNOWN_MM = -1.0


def import_take(path, samples=None):
    """Import a motion file; give its bones or markers the origin and sigma of the NPZ `samples`, by default the one of the same name.

    Returns the objects that were imported. Raises ValueError where the NPZ is of other points or frames.
    """
    path = Path(path)
    samples = Path(samples) if samples else path.with_suffix(".npz")
    take = _read_samples(samples) if samples.is_file() else None
    before = set(bpy.data.objects)
    if take is not None:
        _set_rate(take["rate_hz"])
    if path.suffix.lower() in (".glb", ".gltf"):
        bpy.ops.import_scene.gltf(filepath=str(path))
    elif path.suffix.lower() == ".bvh":
        bpy.ops.import_anim.bvh(filepath=str(path), global_scale=0.01, update_scene_fps=take is None, update_scene_duration=True)
    elif path.suffix.lower() in (".usd", ".usda", ".usdc"):
        bpy.ops.wm.usd_import(filepath=str(path))
    else:
        raise ValueError(f"{path.name} is neither .glb, .gltf, .bvh nor .usd")
    imported = [found for found in bpy.data.objects if found not in before]
    if take is not None:
        first = _first_frame(imported)
        _give_samples(imported, take, first)
        bpy.context.scene.frame_start, bpy.context.scene.frame_end = first, first + take["frames"] - 1
    return imported


def _read_samples(path):
    with np.load(path, allow_pickle=False) as arrays:
        origin = arrays["origin"]
        sigma_mm = np.where(np.isfinite(arrays["sigma"]), 1000 * arrays["sigma"], UNKNOWN_MM)
        points = [str(name) for name in arrays["points"]]
        return {"points": points, "origin": origin, "sigma_mm": sigma_mm, "rate_hz": float(arrays["rate_hz"]), "frames": len(origin)}


def _set_rate(rate_hz):
    """The take's rate as Blender holds one: a whole number over a base."""
    whole = math.ceil(rate_hz - 1e-6)
    bpy.context.scene.render.fps, bpy.context.scene.render.fps_base = whole, whole / rate_hz


def _first_frame(imported):
    """The frame at which the imported motion begins."""
    starts = [found.animation_data.action.frame_range[0] for found in imported if found.animation_data and found.animation_data.action]
    return round(min(starts)) if starts else 1


def _give_samples(imported, take, first):
    holders = {}
    for found in imported:
        if found.type == "ARMATURE":
            holders |= {bone.name: (found, bone, f'pose.bones["{bpy.utils.escape_identifier(bone.name)}"]') for bone in found.pose.bones}
        else:
            holders.setdefault(found.name, (found, found, ""))
    given = 0
    for column, name in enumerate(take["points"]):
        if name in holders:
            owner, holder, prefix = holders[name]
            _key(owner, holder, prefix, "mpm_origin", take["origin"][:, column], first, True)
            _key(owner, holder, prefix, "mpm_sigma_mm", take["sigma_mm"][:, column], first, False)
            given += 1
    for found in imported:
        found.update_tag()  # else the new properties are not evaluated
    bpy.context.view_layer.update()
    if not given:
        raise ValueError("none of the bones or objects has the name of a point in the NPZ: it is of another take")


def _key(owner, holder, prefix, key, values, first, step):
    """Keys of one custom property, wherever its value changes."""
    holder[key] = int(values[0]) if step else float(values[0])
    changes = np.flatnonzero(np.diff(values, prepend=np.nan) != 0)
    if len(changes) < 2:
        return
    if not step:  # a line between keys passes through every value that was left out
        changes = np.union1d(changes, np.maximum(changes - 1, 0))
    if owner.animation_data is None:
        owner.animation_data_create()
    if owner.animation_data.action is None:
        owner.animation_data.action = bpy.data.actions.new(f"{owner.name} samples")
    curve = _curve(owner, f'{prefix}["{key}"]')
    curve.keyframe_points.add(len(changes))
    curve.keyframe_points.foreach_set("co", np.stack([first + changes, values[changes]], axis=1).astype(np.float32).ravel())
    for point in curve.keyframe_points:
        point.interpolation = "CONSTANT" if step else "LINEAR"
    curve.update()


def _curve(owner, data_path):
    action = owner.animation_data.action
    if hasattr(action, "fcurve_ensure_for_datablock"):  # Blender 5
        return action.fcurve_ensure_for_datablock(owner, data_path)
    return action.fcurves.new(data_path)


class ImportMpmTake(bpy.types.Operator, ImportHelper):
    bl_idname = "import_scene.mpm_studio_take"
    bl_label = "Import an mpm-studio take"
    bl_options = {"UNDO"}  # noqa: RUF012 - as Blender asks for it
    filter_glob: bpy.props.StringProperty(default="*.glb;*.gltf;*.bvh;*.usd;*.usda;*.usdc", options={"HIDDEN"})

    def execute(self, context):
        try:
            import_take(self.filepath)
        except (ValueError, RuntimeError, OSError, KeyError) as error:
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        return {"FINISHED"}


def _menu(self, context):
    self.layout.operator(ImportMpmTake.bl_idname, text="mpm-studio take (.glb, .bvh, .usd, with .npz)")


def register():
    bpy.utils.register_class(ImportMpmTake)
    bpy.types.TOPBAR_MT_file_import.append(_menu)


def unregister():
    bpy.types.TOPBAR_MT_file_import.remove(_menu)
    bpy.utils.unregister_class(ImportMpmTake)


if __name__ == "__main__":
    register()
