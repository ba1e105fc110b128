"""glTF: valid files that other readers see as we do, every way of interpolating, and what is broken."""

from __future__ import annotations

import base64
import json
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pygltflib
import pytest
from scipy.interpolate import CubicHermiteSpline
from scipy.spatial.transform import Rotation, Slerp

import mpm_core as mpm
from mpm_core.io.gltf.binary import load
from tests.makers import person_bvh, person_rig, smooth_take, standing, with_gap

LINEAR_S = np.array([0.0, 0.1, 0.2, 0.3])


def scene(tmp_path: Path, doc: dict[str, Any], arrays: list[tuple[np.ndarray, str]], name: str = "a.gltf") -> Path:
    """A .gltf with the arrays as accessors 0, 1, 2 ..."""
    data, views, accessors = b"", [], []
    for array, kind in arrays:
        raw = array.astype({"f": "<f4", "i": "<i2", "u": "<u1"}[array.dtype.kind]).tobytes()
        views.append({"buffer": 0, "byteOffset": len(data), "byteLength": len(raw)})
        component = {"f": 5126, "i": 5122, "u": 5121}[array.dtype.kind]
        accessors.append({"bufferView": len(views) - 1, "componentType": component, "count": len(array), "type": kind})
        data += raw + bytes(-len(raw) % 4)
    uri = "data:application/octet-stream;base64," + base64.b64encode(data).decode()
    whole = {"asset": {"version": "2.0"}, "buffers": [{"byteLength": len(data), "uri": uri}], "bufferViews": views, "accessors": accessors}
    (tmp_path / name).write_text(json.dumps({**whole, **doc}))
    return tmp_path / name


def one_channel(path: str, way: str = "LINEAR") -> dict[str, Any]:
    """A turning parent with a child one metre up (Y), animated by accessors 0 (times) and 1 (values)."""
    nodes = [{"name": "hip", "children": [1]}, {"name": "spine", "translation": [0, 1, 0]}]
    sampler = {"input": 0, "output": 1, "interpolation": way}
    return {"nodes": nodes, "animations": [{"channels": [{"sampler": 0, "target": {"node": 0, "path": path}}], "samplers": [sampler]}]}


@pytest.mark.parametrize(
    "take", [person_rig(frames=12), standing(9), smooth_take(15, 3), with_gap(smooth_take(15, 3), 1, 0, 4), smooth_take(1, 2)]
)
@pytest.mark.parametrize("suffix", ["glb", "gltf"])
def test_an_independent_library_sees_the_same_tree_and_the_rules_are_kept(take: mpm.Recording, suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"take.{suffix}"
    mpm.write(take, path)
    file = pygltflib.GLTF2().load(str(path))
    assert [node.name for node in file.nodes][1 : 1 + len(take.points)] == list(take.points)
    blob = file.binary_blob() if suffix == "glb" else base64.b64decode(file.buffers[0].uri.partition(",")[2])
    assert file.buffers[0].byteLength <= len(blob)
    for channel in file.animations[0].channels:
        sampler = file.animations[0].samplers[channel.sampler]
        times, values = file.accessors[sampler.input], file.accessors[sampler.output]
        assert times.count == values.count and times.min and times.max and times.max[0] >= times.min[0] >= 0
        view = file.bufferViews[values.bufferView]
        assert view.byteOffset % 4 == 0 and view.byteOffset + view.byteLength <= len(blob)
        if channel.target.path == "rotation":
            size = np.linalg.norm(np.frombuffer(blob, "<f4", 4 * values.count, view.byteOffset).reshape(-1, 4), axis=1)
            np.testing.assert_allclose(size, 1, atol=1e-5)
    for mesh in file.meshes:
        for primitive in mesh.primitives:
            corners = file.accessors[primitive.indices]
            view = file.bufferViews[corners.bufferView]
            assert np.frombuffer(blob, "<u2", corners.count, view.byteOffset).max() < file.accessors[primitive.attributes.POSITION].count
    for skin in file.skins:
        assert file.accessors[skin.inverseBindMatrices].count == len(skin.joints)


def test_a_skin_at_rest_is_where_its_joints_are(tmp_path: Path) -> None:
    rec = person_rig(frames=5)
    mpm.write(rec, tmp_path / "a.glb")
    file = load(tmp_path / "a.glb")
    inverse_J44 = file.array(file.doc["skins"][0]["inverseBindMatrices"]).reshape(-1, 4, 4).transpose(0, 2, 1)
    at_rest = np.zeros((len(rec.points), 3))  # no joint is turned, and the lowest one is on the floor
    for joint, parent in enumerate(rec.rig.parents):
        if parent >= 0:
            at_rest[joint] = at_rest[parent] + rec.rig.offsets_J3[joint]
    at_rest[:, 1] -= at_rest[:, 1].min()
    put_back = (inverse_J44 @ np.c_[at_rest, np.ones(len(at_rest))][..., None])[:, :3, 0]
    np.testing.assert_allclose(put_back, 0, atol=1e-5)


def test_bones_turn_and_keep_their_length(tmp_path: Path) -> None:
    (tmp_path / "in.bvh").write_bytes(person_bvh(8))
    rec = mpm.read(tmp_path / "in.bvh")
    mpm.write(rec, tmp_path / "a.glb")
    file = load(tmp_path / "a.glb")
    animation = file.doc["animations"][0]
    moves = {
        c["target"]["node"]: file.array(animation["samplers"][c["sampler"]]["output"])
        for c in animation["channels"]
        if c["target"]["path"] == "translation"
    }
    turning = {c["target"]["node"] for c in animation["channels"] if c["target"]["path"] == "rotation"}
    assert len(turning) > 15
    assert all(np.ptp(values, axis=0).max() < 1e-6 for node, values in moves.items() if rec.skeleton.parents[node - 1] >= 0)


@pytest.mark.parametrize("way", ["LINEAR", "STEP", "CUBICSPLINE"])
def test_moves_between_keys_as_the_specification_says(tmp_path: Path, way: str) -> None:
    rng = np.random.default_rng(0)
    values_K3 = rng.normal(size=(4, 3)).astype(np.float32)
    tangents_K3 = rng.normal(size=(4, 3)).astype(np.float32)
    keys = np.stack([tangents_K3, values_K3, tangents_K3], axis=1).reshape(-1, 3) if way == "CUBICSPLINE" else values_K3
    rec = mpm.read(scene(tmp_path, one_channel("translation", way), [(LINEAR_S, "SCALAR"), (keys, "VEC3")]), fps=40)
    times = np.arange(13) / 40
    expected = {
        "LINEAR": np.stack([np.interp(times, LINEAR_S, values_K3[:, axis]) for axis in range(3)], axis=1),
        "STEP": values_K3[np.minimum((times * 10 + 1e-6).astype(int), 3)],
        "CUBICSPLINE": CubicHermiteSpline(LINEAR_S, values_K3, tangents_K3)(times),
    }[way]
    np.testing.assert_allclose(rec.xyz_FPD[:, 0], expected[:, [0, 2, 1]] * [1, -1, 1], atol=1e-5)
    np.testing.assert_allclose(rec.xyz_FPD[:, 1] - rec.xyz_FPD[:, 0], np.tile([0, 0, 1.0], (13, 1)), atol=1e-6)


def test_turns_between_keys_are_slerps(tmp_path: Path) -> None:
    turns = Rotation.random(4, random_state=1)
    quaternions = turns.as_quat() * np.array([1, -1, 1, -1])[:, None]
    rec = mpm.read(scene(tmp_path, one_channel("rotation"), [(LINEAR_S, "SCALAR"), (quaternions, "VEC4")]), fps=40)
    expected = Slerp(LINEAR_S, turns)(np.minimum(np.arange(13) / 40, 0.3)).apply([0, 1, 0])
    np.testing.assert_allclose(rec.xyz_FPD[:, 1], expected[:, [0, 2, 1]] * [1, -1, 1], atol=1e-5)
    assert rec.points == ("hip", "spine") and rec.skeleton is not None and rec.skeleton.parents == (-1, 0)


def test_packed_turns_rates_and_scaled_parents(tmp_path: Path) -> None:
    quaternions = np.rint(Rotation.from_rotvec(np.outer(np.radians([0, 30, 60, 90]), [0, 0, 1])).as_quat() * 32767).astype(int)
    doc = one_channel("rotation")
    doc["nodes"] = [{"name": "hip", "children": [1], "scale": [0.01, 0.01, 0.01]}, {"name": "spine", "translation": [0, 100, 0]}]
    path = scene(tmp_path, doc, [(LINEAR_S, "SCALAR"), (quaternions, "VEC4")])
    whole = json.loads(path.read_text())
    whole["accessors"][1]["normalized"] = True
    path.write_text(json.dumps(whole))
    rec = mpm.read(path)
    assert rec.rate_hz == pytest.approx(10) and rec.frames == 4
    np.testing.assert_allclose(rec.xyz_FPD[3, 1], [-1, 0, 0], atol=1e-4)
    np.testing.assert_allclose(mpm.read(path, unit="cm", up="z").xyz_FPD[0, 1], [0, 0.01, 0], atol=1e-6)


def broken(path: Path, change: Any) -> None:
    doc = json.loads(path.read_text())
    change(doc)
    path.write_text(json.dumps(doc))


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda doc: doc.pop("animations"), "no animation"),
        (lambda doc: doc["animations"][0].update(channels=[]), "no node moves"),
        (lambda doc: doc["nodes"][1].update(children=[0]), "ring"),
        (lambda doc: doc["nodes"][0].update(children=[7]), "not there"),
        (lambda doc: doc["accessors"][1].update(count=10**12), "beyond their buffer"),
        (lambda doc: doc["accessors"][1].update(count=2), "do not fit"),
        (lambda doc: doc["accessors"][1].update(componentType=7), "cannot be read"),
        (lambda doc: doc["accessors"][0].pop("bufferView"), "do not fit"),
        (lambda doc: doc["buffers"][0].update(uri="../../etc/passwd"), "does not lie beside"),
        (lambda doc: doc["buffers"][0].update(uri="http://a/b.bin"), "does not lie beside"),
        (lambda doc: doc["buffers"][0].update(uri="data:;base64,%%%"), "a buffer cannot be read"),
        (lambda doc: doc.update(asset={"version": "1.0"}), "not glTF 2.0"),
        (lambda doc: doc.update(extensionsRequired=["KHR_draco_mesh_compression"]), "is packed"),
        (lambda doc: doc.update(nodes=[1, 2]), "not a list of objects"),
        (lambda doc: doc["asset"].update(extras={"mpm_studio": {"nodes": [99]}}), "cannot be understood"),
    ],
)
def test_what_is_broken_is_refused(tmp_path: Path, change: Any, told: str) -> None:
    path = scene(tmp_path, one_channel("translation"), [(LINEAR_S, "SCALAR"), (np.zeros((4, 3)), "VEC3")])
    mpm.read(path)
    broken(path, change)
    with pytest.raises(mpm.FormatError) as caught:
        mpm.read(path)
    assert told in str(caught.value) and str(path) in caught.value.where


def test_a_glb_cut_anywhere_is_refused(tmp_path: Path) -> None:
    mpm.write(smooth_take(3, 2), tmp_path / "a.glb")
    data = (tmp_path / "a.glb").read_bytes()
    for size in range(4, len(data), 37):
        (tmp_path / "b.glb").write_bytes(data[:size])
        with pytest.raises(mpm.FormatError):
            mpm.read(tmp_path / "b.glb")
    (tmp_path / "c.glb").write_bytes(data[:4] + struct.pack("<I", 1) + data[8:])
    with pytest.raises(mpm.FormatError, match="version 1"):
        mpm.read(tmp_path / "c.glb")


def test_what_gltf_cannot_hold_is_said(tmp_path: Path) -> None:
    with pytest.raises(mpm.FormatError, match="3D only"):
        mpm.write(mpm.make_recording(("a",), 30.0, np.zeros((2, 1, 2))), tmp_path / "a.glb")
    with pytest.raises(mpm.FormatError, match="0 frames"):
        mpm.write(mpm.make_recording(("a",), 30.0, np.zeros((0, 1, 3))), tmp_path / "a.glb")
