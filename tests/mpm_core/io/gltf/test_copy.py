"""Copies of strange glTF files keep every key that no fill changed, and the proof finds whatever they lost."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

import mpm_core as mpm
from mpm_core.check.proof import check_export
from mpm_core.errors import FormatError
from mpm_core.io.gltf.binary import Binary, load
from mpm_core.io.registry import compare_copy, writer_for
from tests.mpm_core.io.gltf.skinned import FRAMES, changed_doc, repaired, skinned, turn_of


def same_array(doc: Any) -> None:
    for node in range(1, len(doc["skins"][0]["joints"])):
        turn_of(doc, node)["output"] = turn_of(doc, 0)["output"]


def same_bytes(doc: Any) -> None:
    """By views of their own, of which one begins a key later."""
    view = doc["bufferViews"][doc["accessors"][turn_of(doc, 0)["output"]]["bufferView"]]
    for node in range(1, len(doc["skins"][0]["joints"])):
        accessor = doc["accessors"][turn_of(doc, node)["output"]]
        accessor["bufferView"] = len(doc["bufferViews"])
        doc["bufferViews"].append({**view, "byteOffset": view["byteOffset"] + 16 * (node % 2)})


@pytest.mark.parametrize("share", [same_array, same_bytes])
def test_a_key_that_something_else_uses_is_not_changed_for_it(tmp_path: Path, share: Any) -> None:
    """As files whose equal arrays were made one."""
    path, out = tmp_path / "a.gltf", tmp_path / "b.glb"
    skinned(path)
    changed_doc(path, share)
    rec = mpm.read(path)
    done, marked = repaired(rec)
    mpm.write(done, out)
    assert check_export(marked, done, out).holds
    np.testing.assert_allclose(mpm.read(out).xyz_FPD, done.xyz_FPD, atol=1e-5)
    assert load(out).buffers[0].startswith(load(path).buffers[0])  # every key of the file is still there


@pytest.mark.parametrize(
    ("rate", "exact"), [(29.97, 30000 / 1001), (23.976, 24000 / 1001), (59.94, 60000 / 1001), (30.0, 30.0), (119.88, 119.88)]
)
@pytest.mark.parametrize("start_s", [0.0, 12.345])
def test_keys_of_any_rate_are_frames_and_stay(tmp_path: Path, rate: float, exact: float, start_s: float) -> None:
    path, out = tmp_path / "a.glb", tmp_path / "b.glb"
    skinned(path, rate=rate, frames=240, start_s=start_s)
    rec = mpm.read(path)
    assert rec.frames == 240 and rec.rate_hz == pytest.approx(exact, rel=1e-6) and rec.source.notes == ()
    done, marked = repaired(rec, 100, 110)
    mpm.write(done, out)
    assert check_export(marked, done, out).holds
    scenes = load(path), load(out)
    times = [scene.array(turn_of(scene.doc, 0)["input"]) for scene in scenes]
    assert np.array_equal(*times)
    node = rec.index("left_shoulder")
    kept_K = (scenes[0].array(turn_of(scenes[0].doc, node)["output"]) == scenes[1].array(turn_of(scenes[1].doc, node)["output"])).all(
        axis=1
    )
    assert np.array_equal(np.flatnonzero(~kept_K), np.arange(100, 110))


def test_keys_between_the_frames_are_not_lost_without_a_word(tmp_path: Path) -> None:
    skinned(tmp_path / "a.glb")
    done, _ = repaired(mpm.read(tmp_path / "a.glb", fps=15), 5, 10)
    with pytest.raises(FormatError, match=r"lie between the frames.*write a BVH"):
        mpm.write(done, tmp_path / "b.glb")
    assert not (tmp_path / "b.glb").exists()
    mpm.write(done, tmp_path / "b.bvh")


def test_a_node_with_a_matrix_is_turned_from_where_it_stands(tmp_path: Path) -> None:
    path, out = tmp_path / "a.gltf", tmp_path / "b.gltf"
    skinned(path)
    first = mpm.read(path)

    def as_matrix(doc: Any) -> None:
        node = doc["nodes"][first.index("left_elbow")]
        matrix = np.eye(4)
        matrix[:3, :3], matrix[:3, 3] = Rotation.from_quat(node.pop("rotation")).as_matrix(), node.pop("translation")
        node["matrix"] = matrix.T.ravel().tolist()
        table = doc["animations"][0]
        table["channels"] = [each for each in table["channels"] if each["target"]["node"] != first.index("left_elbow")]

    changed_doc(path, as_matrix)
    rec = mpm.read(path)
    done, marked = repaired(rec)
    mpm.write(done, out)
    node = load(out).doc["nodes"][rec.index("left_elbow")]
    assert "matrix" not in node and {"translation", "rotation"} <= set(node)
    np.testing.assert_allclose(mpm.read(out).xyz_FPD, done.xyz_FPD, atol=1e-5)
    assert check_export(marked, done, out).holds
    changed_doc(out, lambda doc: doc["nodes"][rec.index("left_elbow")].update(rotation=[0, 0, 0, 1]))
    assert not check_export(marked, done, out).holds


def stirred(doc: Any, data: bytearray, index: int) -> None:
    """One bit of an array's numbers."""
    data[doc["bufferViews"][doc["accessors"][index]["bufferView"]]["byteOffset"] + 1] ^= 1


@pytest.mark.parametrize(
    ("harm", "named"),
    [
        (lambda doc, data: stirred(doc, data, doc["animations"][0]["samplers"][-1]["output"]), "the numbers of array"),
        (lambda doc, data: stirred(doc, data, doc["animations"][1]["samplers"][0]["output"]), "the numbers of array"),
        (lambda doc, data: stirred(doc, data, doc["animations"][0]["samplers"][0]["input"]), "keys in frames without a fill"),
        (lambda doc, data: doc["animations"][0]["channels"].pop(), "animation 0"),
        (lambda doc, data: doc["animations"].pop(), "animation 1"),
        (lambda doc, data: doc["animations"][1].update(channels=[]), "animation 1"),
        (lambda doc, data: doc["animations"][0].update(name="another"), "animation 0"),
        (lambda doc, data: doc["asset"].pop("copyright"), "asset"),
        (lambda doc, data: doc["nodes"][-1].update(name="another"), "1 nodes"),
        (lambda doc, data: doc["accessors"][-1].update(count=1), "array"),
        (lambda doc, data: doc.update(cameras=[]), "cameras"),
        (lambda doc, data: data.__setitem__(slice(head_key(doc), head_key(doc) + 1), b"\1"), "1 keys in frames without a fill"),
    ],
)
def test_whatever_of_a_file_was_harmed_is_named(tmp_path: Path, harm: Any, named: str) -> None:
    path, out = tmp_path / "a.gltf", tmp_path / "b.gltf"
    skinned(path)

    def richer(doc: Any) -> None:
        table, body = doc["animations"][0], len(doc["nodes"]) - 1
        weights = next(index for index, each in enumerate(doc["accessors"]) if each["count"] == FRAMES and each["type"] == "VEC3")
        table["samplers"].append({"input": turn_of(doc, 0)["input"], "output": weights})
        table["channels"].append({"sampler": len(table["samplers"]) - 1, "target": {"node": body, "path": "scale"}})
        idle = [{"input": turn_of(doc, 0)["input"], "output": turn_of(doc, 0)["output"]}]
        doc["animations"].append({"samplers": idle, "channels": [{"sampler": 0, "target": {"node": 0, "path": "rotation"}}]})
        doc["asset"]["copyright"] = "somebody"

    changed_doc(path, richer)
    done, marked = repaired(mpm.read(path))
    mpm.write(done, out)
    assert check_export(marked, done, out).found.copy.changes == ""
    scene = load(out)
    data = bytearray(scene.buffers[0])
    harm(scene.doc, data)
    out.write_bytes(Binary(data, scene.doc["bufferViews"], scene.doc["accessors"]).file(scene.doc, True))
    filled_F = np.asarray((done.origin_FP > mpm.Origin.MARKED).any(axis=1))
    found = compare_copy(writer_for(out), done, marked, mpm.read(out), filled_F)
    assert not found.holds and named in found.changes and " 0 " not in f" {found.changes}"


def head_key(doc: Any) -> int:
    """Where a key of the head lies, in a frame in which an arm was filled."""
    node = next(index for index, each in enumerate(doc["nodes"]) if each["name"] == "head_top")
    return int(doc["bufferViews"][doc["accessors"][turn_of(doc, node)["output"]]["bufferView"]]["byteOffset"] + 16 * 12)


@pytest.mark.parametrize(
    "change",
    [
        lambda doc: doc["animations"][0]["samplers"].append({"input": 0}),
        lambda doc: doc["animations"].append({"channels": []}),
        lambda doc: doc["animations"].append({"channels": [], "samplers": [{}]}),
        lambda doc: doc["accessors"][-1].update(bufferView=99),
        lambda doc: doc["accessors"].append({"count": 1}),
        lambda doc: doc["accessors"].append({"bufferView": 0, "componentType": 5126, "count": 9, "type": "SCALAR", "sparse": {}}),
        lambda doc: doc["bufferViews"].append({"buffer": 0}),
    ],
)
def test_what_only_other_parts_of_a_file_need_may_be_broken(tmp_path: Path, change: Any) -> None:
    path, out = tmp_path / "a.gltf", tmp_path / "b.gltf"
    skinned(path)
    changed_doc(path, change)
    done, marked = repaired(mpm.read(path))
    mpm.write(done, out)
    assert check_export(marked, done, out).holds


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda doc: doc["asset"].update(extras=[float("nan")]), "NaN is not a number"),
        (lambda doc: doc["nodes"][2].update(extras={"x": float("-inf")}), "-Infinity is not a number"),
        (lambda doc: doc["nodes"][-1].update(name="a\ud800b"), "half a character"),
        (lambda doc: turn_of(doc, 2).update(interpolation="BEZIER"), "'BEZIER' is not one of STEP"),
        (lambda doc: doc["animations"][0]["channels"][0].update(sampler=-1), "-1 is not a count"),
        (lambda doc: doc["animations"][0]["channels"].append({"sampler": 0, "target": {"path": []}}), "is not text"),
        (lambda doc: doc["nodes"][2].update(matrix=(np.eye(4) + 0.2).ravel().tolist()), "does more than turn"),
    ],
)
def test_what_a_copy_could_not_hold_is_refused_when_it_is_opened(tmp_path: Path, change: Any, why: str) -> None:
    path = tmp_path / "a.gltf"
    skinned(path)
    changed_doc(path, change)
    with pytest.raises(FormatError, match=why):
        mpm.read(path)
