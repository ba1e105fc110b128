"""A recording to a USD stage. F frames, P points, J joints; metres, Y up, time codes are the take's frame numbers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from pxr import Gf, Tf, Usd, UsdGeom, UsdSkel, Vt

from mpm_core.errors import FormatError
from mpm_core.files.staged import staged
from mpm_core.gaps import known
from mpm_core.io.bone_mesh import bone_mesh
from mpm_core.io.plausible import refuse_2d
from mpm_core.io.posed import TO_FILE_33, Posed, posed_of, with_constant_bones
from mpm_core.io.usd.names import OWN
from mpm_core.recording import Recording
from mpm_core.skeleton import parents_first, upwards

MARKER_RADIUS_M = 0.008


def write_stage(rec: Recording, path: Path) -> None:
    """Raises FormatError."""
    where = str(path)
    refuse_2d(rec, "USD", where)
    if not rec.frames or not rec.points:
        what = f"a USD needs frames and points; this take has {rec.frames} and {len(rec.points)}"
        raise FormatError(what, where=where, hint="open a take with frames and points")
    rec = with_constant_bones(rec)
    posed = posed_of(rec)
    stage = Usd.Stage.CreateInMemory()
    UsdGeom.SetStageUpAxis(stage, UsdGeom.Tokens.y)
    UsdGeom.SetStageMetersPerUnit(stage, 1.0)
    stage.SetTimeCodesPerSecond(rec.rate_hz)
    stage.SetFramesPerSecond(rec.rate_hz)
    first = rec.source.first_frame
    stage.SetStartTimeCode(first)
    stage.SetEndTimeCode(first + rec.frames - 1)
    parents = None if posed is None else posed.parents
    facts: dict[str, Any] = {"points": rec.points, "parents": parents, "rate_hz": rec.rate_hz, "first_frame": first, "frames": rec.frames}
    order = _skeleton(stage, posed, first) if posed is not None else _markers(stage, rec, first)
    facts |= {"order": order}
    stage.GetRootLayer().customLayerData = {OWN: json.dumps(facts)}
    with staged(path) as hidden:
        arguments = {"format": "usda" if path.suffix.lower() == ".usda" else "usdc"} if path.suffix.lower() == ".usd" else {}
        if not stage.GetRootLayer().Export(str(hidden), args=arguments):
            raise FormatError("the USD could not be written", where=where, hint="check that there is room on the disk")


def _skeleton(stage: Usd.Stage, posed: Posed, first: int) -> list[int]:
    """A SkelRoot with skeleton, animation and a body of bones. Returns the points in the order of its joints."""
    order = parents_first(posed.parents)
    own = _identifiers(posed.names)
    paths = ["/".join(own[joint] for joint in reversed(list(upwards(posed.parents, joint)))) for joint in order]
    root = UsdSkel.Root.Define(stage, "/take")
    stage.SetDefaultPrim(root.GetPrim())
    skeleton = UsdSkel.Skeleton.Define(stage, "/take/skeleton")
    mesh = bone_mesh(posed.rest_place_J3, posed.rest_turn_J4, posed.parents)
    skeleton.CreateJointsAttr(paths)
    skeleton.CreateJointNamesAttr([posed.names[joint] for joint in order])
    skeleton.CreateBindTransformsAttr(_matrices(mesh.bind_J44[order]))
    local_J44 = mesh.bind_J44.copy()
    for joint, parent in enumerate(posed.parents):
        if parent >= 0:
            local_J44[joint] = np.linalg.inv(mesh.bind_J44[parent]) @ mesh.bind_J44[joint]
    skeleton.CreateRestTransformsAttr(_matrices(local_J44[order]))
    animation = UsdSkel.Animation.Define(stage, "/take/animation")
    animation.CreateJointsAttr(paths)
    animation.CreateScalesAttr(Vt.Vec3hArray([Gf.Vec3h(1.0)] * len(order)))
    places, turns = animation.CreateTranslationsAttr(), animation.CreateRotationsAttr()
    for frame in range(len(posed.turn_FJ4)):
        places.Set(Vt.Vec3fArray.FromNumpy(posed.place_FJ3[frame, order].astype(np.float32)), first + frame)
        turns.Set(Vt.QuatfArray.FromNumpy(posed.turn_FJ4[frame, order].astype(np.float32)), first + frame)
    UsdSkel.BindingAPI.Apply(skeleton.GetPrim()).CreateAnimationSourceRel().SetTargets([animation.GetPath()])
    body = UsdGeom.Mesh.Define(stage, "/take/body")
    body.CreatePointsAttr(Vt.Vec3fArray.FromNumpy(mesh.points_V3.astype(np.float32)))
    body.CreateFaceVertexCountsAttr([3] * (len(mesh.corners_N) // 3))
    body.CreateFaceVertexIndicesAttr(mesh.corners_N.tolist())
    body.CreateSubdivisionSchemeAttr(UsdGeom.Tokens.none)
    body.CreateExtentAttr([Gf.Vec3f(*mesh.points_V3.min(axis=0).tolist()), Gf.Vec3f(*mesh.points_V3.max(axis=0).tolist())])
    body.CreateDisplayColorAttr([Gf.Vec3f(0.75, 0.78, 0.85)])
    binding = UsdSkel.BindingAPI.Apply(body.GetPrim())
    binding.CreateSkeletonRel().SetTargets([skeleton.GetPath()])
    binding.CreateGeomBindTransformAttr(Gf.Matrix4d(1.0))
    column = {joint: number for number, joint in enumerate(order)}
    binding.CreateJointIndicesPrimvar(False, 1).Set([column[int(joint)] for joint in mesh.joint_V])
    binding.CreateJointWeightsPrimvar(False, 1).Set([1.0] * len(mesh.joint_V))
    return order


def _markers(stage: Usd.Stage, rec: Recording, first: int) -> list[int]:
    """A sphere for each point, placed in the frames in which it is known and invisible while it is missing."""
    root = UsdGeom.Xform.Define(stage, "/take")
    stage.SetDefaultPrim(root.GetPrim())
    file_FP3 = rec.xyz_FPD @ TO_FILE_33.T.astype(np.float32)
    for point, own in enumerate(_identifiers(rec.points)):
        sphere = UsdGeom.Sphere.Define(stage, f"/take/{own}")
        sphere.CreateRadiusAttr(MARKER_RADIUS_M)
        sphere.GetPrim().SetDisplayName(rec.points[point])
        place, visibility = sphere.AddTranslateOp(UsdGeom.XformOp.PrecisionFloat), sphere.CreateVisibilityAttr()
        known_F = known(file_FP3[:, point])
        for frame in np.flatnonzero(known_F).tolist():
            place.Set(Gf.Vec3f(*file_FP3[frame, point].tolist()), first + frame)
        for frame in np.flatnonzero(np.diff(known_F, prepend=not known_F[0])).tolist():
            visibility.Set(UsdGeom.Tokens.inherited if known_F[frame] else UsdGeom.Tokens.invisible, first + frame)
    return list(range(len(rec.points)))


def _identifiers(names: tuple[str, ...]) -> list[str]:
    """A name that USD allows for each point: letters, digits and underscores; numbered where two would be the same."""
    taken: set[str] = set()
    found = []
    for name in names:
        wanted = own = Tf.MakeValidIdentifier(name)
        number = 2
        while own in taken:
            own, number = f"{wanted}_{number}", number + 1
        taken.add(own)
        found.append(own)
    return found


def _matrices(column_J44: Any) -> Any:
    """USD's matrices are for row vectors."""
    return Vt.Matrix4dArray.FromNumpy(np.ascontiguousarray(column_J44.transpose(0, 2, 1)))
