"""One small whole file of every format that is read, for tests to break."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

import mpm_core as mpm
from mpm_core.body.names import keypoint_set
from tests.makers import person_2d, person_bvh, person_rig, smooth_take, with_gap
from tests.mpm_core.io.amc.test_asf_amc import AMC, ASF


def wholes(folder: Path) -> dict[str, Path]:
    """Name -> file (a folder for OpenPose), all whole."""
    folder.mkdir(parents=True, exist_ok=True)
    take = with_gap(smooth_take(frames=40, points=5), 1, 10, 15)
    made = {suffix: folder / f"take.{suffix}" for suffix in ("c3d", "npz", "json", "csv", "trc", "glb", "gltf", "mpm")}
    for path in made.values():
        mpm.write(take, path)
    made["rig.glb"] = folder / "rig.glb"
    mpm.write(person_rig(frames=8), made["rig.glb"])
    made["bvh"] = folder / "take.bvh"
    made["bvh"].write_bytes(person_bvh(frames=12))
    made["npy"] = folder / "take.npy"
    np.save(made["npy"], take.xyz_FPD)
    made["amc"] = folder / "amc" / "take.amc"
    made["amc"].parent.mkdir(exist_ok=True)
    made["amc"].with_suffix(".asf").write_text(ASF)
    made["amc"].write_text(AMC)
    made["coco"] = folder / "coco.json"
    results = [{"image_id": frame, "category_id": 1, "score": 0.9, "keypoints": person("COCO-17", frame)} for frame in range(20)]
    made["coco"].write_text(json.dumps(results, indent=1))
    made["openpose"] = folder / "clip"
    made["openpose"].mkdir(exist_ok=True)
    for frame in range(6):
        people = {"version": 1.3, "people": [{"pose_keypoints_2d": person("BODY_25", frame)}]}
        (made["openpose"] / f"clip_{frame:012d}_keypoints.json").write_text(json.dumps(people))
    made["foreign.trc"] = folder / "foreign.trc"
    made["foreign.trc"].write_text(foreign_trc(take))
    made["foreign.csv"] = folder / "foreign.csv"
    rows = [",".join(map(repr, [frame, *row.ravel().tolist()])) for frame, row in enumerate(smooth_take(frames=40).xyz_FPD.astype(float))]
    heads = ",".join(["frame", *(f"P{point}_{axis}" for point in range(4) for axis in "xyz")])
    made["foreign.csv"].write_text("\n".join([heads, *rows]) + "\n")
    return made


def person(name: str, frame: int) -> list[float]:
    """x, y, confidence of the points of a keypoint set, of someone who walks."""
    names = keypoint_set(name)
    assert names is not None
    return [float(value) for value in person_2d(names.points, frame + 1)[frame].ravel().round(3)]


def foreign_trc(take: mpm.Recording) -> str:
    """As Vicon's and OpenSim's programs write it."""
    lines = ["PathFileType\t4\t(X/Y/Z)\ttake.trc"]
    lines += ["DataRate\tCameraRate\tNumFrames\tNumMarkers\tUnits\tOrigDataRate\tOrigDataStartFrame\tOrigNumFrames"]
    lines += [f"60\t60\t{take.frames}\t{len(take.points)}\tmm\t60\t1\t{take.frames}"]
    lines += ["Frame#\tTime\t" + "\t\t\t".join(take.points)]
    lines += ["\t\t" + "\t".join(f"{axis}{number + 1}" for number in range(len(take.points)) for axis in "XYZ"), ""]
    for frame, row in enumerate(take.xyz_FPD * 1000):
        cells = ("" if np.isnan(value) else f"{value:.3f}" for value in row.ravel())
        lines.append(f"{frame + 1}\t{frame / 60:.5f}\t" + "\t".join(cells))
    return "\n".join(lines) + "\n"
