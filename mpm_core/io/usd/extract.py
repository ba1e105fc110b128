"""The process that opens a USD file: `python -m mpm_core.io.usd.extract FILE FOLDER SECONDS`. F frames, P points, J joints.

USD's own library can loop for ever, or end its process, on a damaged binary file; so no other process opens one.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from pxr import Sdf, Usd, UsdGeom, UsdSkel

from mpm_core.errors import FormatError
from mpm_core.io.usd.names import ARRAYS, EXPORT_AGAIN, FACTS, OWN
from mpm_core.typing import Float

EVEN = 0.01  # of the step between samples
MOST_SAMPLES = 50_000_000
MOST_FRAMES_A_SAMPLE = 10_000  # a take may be nearly all gaps


def main(path: str, folder: str) -> None:
    """Write what the file holds, or why it is refused, into the folder."""
    try:
        facts, arrays = extracted(path)
        np.savez(Path(folder) / ARRAYS, allow_pickle=False, **arrays)
    except FormatError as error:
        facts = {"what": error.what, "hint": error.hint}
    except (RuntimeError, UnicodeError, TypeError, ValueError, OverflowError, MemoryError):  # of USD's own C++
        facts = {"what": "the USD file is damaged", "hint": EXPORT_AGAIN}
    (Path(folder) / FACTS).write_text(json.dumps(facts), encoding="utf-8")


def extracted(where: str) -> tuple[dict[str, Any], dict[str, Float]]:
    """Names, parents, unit, axis, rate and own facts; and positions (F, P, 3) in the stage's unit and axes, and time codes (F,).

    Raises FormatError.
    """
    layer = Sdf.Layer.OpenAsAnonymous(where)
    stage = Usd.Stage.Open(layer) if layer else None
    if stage is None:
        raise FormatError("the USD file cannot be read", where=where, hint=EXPORT_AGAIN)
    own = _own(layer, where)
    found = _joints(stage, where)
    names, parents, xyz_FP3, codes_F = found if found is not None else _markers(stage, own, where)
    facts = {
        "names": list(names),
        "parents": None if parents is None else list(parents),
        "metres": UsdGeom.GetStageMetersPerUnit(stage),
        "up": str(UsdGeom.GetStageUpAxis(stage)).lower(),
        "codes_per_second": stage.GetTimeCodesPerSecond(),
        "own": own,
    }
    return facts, {"xyz": xyz_FP3, "codes": codes_F}


def _joints(stage: Usd.Stage, where: str) -> tuple[Sequence[str], Sequence[int] | None, Float, Float] | None:
    """Names, parents, positions (F, J, 3) and time codes of the first skeleton with an animation; None where there is no skeleton."""
    cache, moving, still = UsdSkel.Cache(), [], 0
    for prim in stage.Traverse():
        if prim.IsA(UsdSkel.Skeleton):
            query = cache.GetSkelQuery(UsdSkel.Skeleton(prim))
            if query and query.GetAnimQuery() and query.GetAnimQuery().GetJointTransformTimeSamples():
                moving.append(query)
            else:
                still += 1
    if not moving:
        if still:
            raise FormatError("the skeleton in this USD has no animation", where=where, hint="export it again with its animation")
        return None
    query = moving[0]
    codes_F = np.array(query.GetAnimQuery().GetJointTransformTimeSamples())
    paths = list(query.GetJointOrder())
    if len(codes_F) * len(paths) > MOST_SAMPLES:
        raise FormatError(f"{len(codes_F)} samples of {len(paths)} joints are too many", where=where, hint=EXPORT_AGAIN)
    _check_even(codes_F, where)
    names = query.GetSkeleton().GetJointNamesAttr().Get() or [str(path).rpartition("/")[2] for path in paths]
    if len(names) != len(paths):
        names = [str(path).rpartition("/")[2] for path in paths]
    parents = [int(query.GetTopology().GetParent(joint)) for joint in range(len(paths))]
    xyz_FJ3 = np.empty((len(codes_F), len(paths), 3))
    for frame, code in enumerate(codes_F.tolist()):
        joints = query.ComputeJointSkelTransforms(code)
        if joints is None or len(joints) != len(paths):
            raise FormatError(f"the animation has no pose at time code {code:g}", where=where, hint=EXPORT_AGAIN)
        root_44 = np.array(UsdGeom.XformCache(code).GetLocalToWorldTransform(query.GetPrim()))
        row_J44 = np.array(joints)
        xyz_FJ3[frame] = (row_J44[:, 3] @ root_44)[:, :3]
    return [str(name) for name in names], parents, xyz_FJ3, codes_F


def _markers(stage: Usd.Stage, own: dict[str, Any] | None, where: str) -> tuple[Sequence[str], None, Float, Float]:
    """The spheres that this program writes; missing where they have no sample."""
    if own is None:
        hint = "export a skeleton with its animation, or glTF (.glb)"
        raise FormatError("this USD holds no skeleton with an animation", where=where, hint=hint)
    spheres = [prim for prim in stage.Traverse() if prim.IsA(UsdGeom.Sphere)]
    if len(spheres) != len(own["points"]):
        raise FormatError(f"{len(spheres)} spheres for {len(own['points'])} points", where=where, hint=EXPORT_AGAIN)
    if own["frames"] > MOST_FRAMES_A_SAMPLE * (1 + sum(prim.GetAttribute("xformOp:translate").GetNumTimeSamples() for prim in spheres)):
        raise FormatError(f"the file claims {own['frames']:,} frames and has far fewer samples", where=where, hint=EXPORT_AGAIN)
    xyz_FP3 = np.full((own["frames"], len(spheres), 3), np.nan)
    for column, prim in enumerate(spheres):
        place = prim.GetAttribute("xformOp:translate")
        for code in place.GetTimeSamples() if place else []:
            frame = round(code) - own["first_frame"]
            if 0 <= frame < len(xyz_FP3):
                xyz_FP3[frame, column] = place.Get(code)
    return own["points"], None, xyz_FP3, own["first_frame"] + np.arange(own["frames"], dtype=np.float64)


def _check_even(codes_F: Float, where: str) -> None:
    steps = np.diff(codes_F)
    if len(steps) and np.abs(steps - np.median(steps)).max() > EVEN * np.median(steps):
        what = f"the samples of the animation are not evenly spaced ({steps.min():g} to {steps.max():g} time codes)"
        raise FormatError(what, where=where, hint="bake the animation, one key for each frame, and export it again")


def _own(layer: Sdf.Layer, where: str) -> dict[str, Any] | None:
    """What this program writes about the take; None for other files. Raises FormatError when it contradicts itself."""
    text = layer.customLayerData.get(OWN)
    if text is None:
        return None
    try:
        facts = json.loads(text)
        own: dict[str, Any] = {"points": [str(name) for name in facts["points"]], "order": [int(point) for point in facts["order"]]}
        own |= {"rate_hz": float(facts["rate_hz"]), "first_frame": int(facts["first_frame"]), "frames": int(facts["frames"])}
        own |= {"parents": None if facts["parents"] is None else [int(parent) for parent in facts["parents"]]}
        if sorted(own["order"]) != list(range(len(own["points"]))) or not 0 < own["frames"] * len(own["points"]) <= MOST_SAMPLES:
            raise ValueError("points and order do not match")
        if own["parents"] is not None and len(own["parents"]) != len(own["points"]):
            raise ValueError("points and parents do not match")
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise FormatError("the facts of the take in the file cannot be understood", where=where, hint=EXPORT_AGAIN) from error
    return own


def limit(seconds: int) -> None:
    """End this process when it has taken as much processor time, or as much as it may take at all, where the system can."""
    try:
        import resource
    except ImportError:  # Windows
        return
    _, most = resource.getrlimit(resource.RLIMIT_CPU)
    hard = seconds + 1 if most == resource.RLIM_INFINITY else min(seconds + 1, most)
    resource.setrlimit(resource.RLIMIT_CPU, (min(max(hard - 1, 1), hard), hard))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


if __name__ == "__main__":
    limit(int(sys.argv[3]))
    main(*sys.argv[1:3])
