"""A skinned glTF as a rig: read with its rotations, repaired, and written as a copy of its file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import mpm_core as mpm
from mpm_core.check.proof import check_export
from mpm_core.check.verify import verify
from mpm_core.edit.names import renamed
from mpm_core.edit.resample import resampled
from mpm_core.edit.trim import trimmed
from mpm_core.io.gltf.binary import Binary, load
from mpm_core.io.registry import compare_copy, writer_for
from mpm_core.rigs.kinematics import world_joint_positions
from tests.makers import person_rig
from tests.mpm_core.io.gltf.skinned import FRAMES, RATE, repaired, skinned


@pytest.mark.parametrize("suffix", ["glb", "gltf"])
@pytest.mark.parametrize("start_s", [0.0, 0.5])
def test_joints_turn_as_the_nodes_do_and_stand_still_at_rest(tmp_path: Path, suffix: str, start_s: float) -> None:
    path = tmp_path / f"a.{suffix}"
    truth = skinned(path, start_s=start_s)
    rec = mpm.read(path)
    assert rec.points == truth.points and rec.rate_hz == RATE and rec.frames == FRAMES and rec.rig is not None
    np.testing.assert_allclose(rec.xyz_FPD, truth.xyz_FPD, atol=2e-5)
    np.testing.assert_allclose(world_joint_positions(rec.rig, rec.source.file_to_world_33), truth.xyz_FPD, atol=2e-5)
    roots = {joint for joint, parent in enumerate(rec.rig.parents) if parent < 0}
    assert {joint for joint, names in enumerate(rec.rig.channels) if len(names) == 6} == roots
    bones = np.linalg.norm(rec.rig.offsets_J3, axis=1)
    assert bones[1:].max() < 1.0 and rec.source.notes == ()


def test_an_untouched_take_is_its_file_byte_for_byte(tmp_path: Path) -> None:
    skinned(tmp_path / "a.glb")
    mpm.write(mpm.read(tmp_path / "a.glb"), tmp_path / "b.glb")
    assert (tmp_path / "b.glb").read_bytes() == (tmp_path / "a.glb").read_bytes()


@pytest.mark.parametrize(("way", "every"), [("LINEAR", 1), ("CUBICSPLINE", 1), ("LINEAR", 3), ("STEP", 1)])
def test_a_repaired_take_keeps_all_else_of_its_file(tmp_path: Path, way: str, every: int) -> None:
    path, out = tmp_path / "a.glb", tmp_path / "b.glb"
    skinned(path, way=way, every=every)
    rec = mpm.read(path, fps=RATE)
    done, marked = repaired(rec)
    mpm.write(done, out)
    found = check_export(marked, done, out, {"fps": RATE})
    assert found.holds and found.found.copy.keys_changed > 0 and found.found.copy.keys_changed_elsewhere == 0
    again = mpm.read(out, fps=RATE)
    np.testing.assert_allclose(again.xyz_FPD, done.xyz_FPD, atol=1e-5)
    assert np.abs(again.xyz_FPD - rec.xyz_FPD).max() > 1e-3
    before, after = load(path).doc, load(out).doc
    assert {name: after[name] for name in ("meshes", "skins", "materials", "nodes", "scenes")} == {
        name: before[name] for name in ("meshes", "skins", "materials", "nodes", "scenes")
    }
    assert verify(marked, out, {"fps": RATE}).holds and not verify(rec, out, {"fps": RATE}).holds
    if way == "LINEAR" and every == 1:
        assert out.stat().st_size == path.stat().st_size


@pytest.mark.parametrize("change", ["trimmed", "resampled", "between", "renamed"])
def test_takes_of_other_frames_or_names_are_copies_too(tmp_path: Path, change: str) -> None:
    path, out = tmp_path / "a.glb", tmp_path / "b.glb"
    skinned(path)
    done, marked = repaired(mpm.read(path))
    makers = {
        "trimmed": lambda rec: trimmed(rec, 5, 31),
        "resampled": lambda rec: resampled(rec, 15.0),
        "between": lambda rec: resampled(rec, 25.0),
        "renamed": lambda rec: renamed(rec, {rec.points[2]: "spine of another name"}),
    }
    made = makers[change](done)
    mpm.write(made, out)
    again = mpm.read(out)
    assert (again.points, again.frames, again.rate_hz) == (made.points, made.frames, made.rate_hz)
    np.testing.assert_allclose(again.xyz_FPD, made.xyz_FPD, atol=1e-5)
    if change in ("trimmed", "renamed"):
        found = check_export(makers[change](marked), made, out)
        assert found.holds and found.found.copy.holds
    assert load(out).doc["meshes"] == load(path).doc["meshes"]


def test_a_copy_that_lost_a_key_or_its_mesh_is_found_out(tmp_path: Path) -> None:
    path, out = tmp_path / "a.glb", tmp_path / "b.glb"
    skinned(path)
    done, marked = repaired(mpm.read(path))
    mpm.write(done, out)
    scene = load(out)
    filled_F = np.asarray((done.origin_FP > mpm.Origin.MARKED).any(axis=1))
    fmt = writer_for(out)
    assert compare_copy(fmt, done, marked, mpm.read(out), filled_F).holds
    output = scene.doc["animations"][0]["samplers"][0]["output"]
    at = scene.doc["bufferViews"][scene.doc["accessors"][output]["bufferView"]]["byteOffset"]
    data = bytearray(scene.buffers[0])
    data[at + 1] ^= 1
    out.write_bytes(Binary(data, scene.doc["bufferViews"], scene.doc["accessors"]).file(scene.doc, False))
    found = compare_copy(fmt, done, marked, mpm.read(out), filled_F)
    assert found.keys_changed_elsewhere == 1 and not found.holds
    corners = scene.doc["bufferViews"][scene.doc["accessors"][-1]["bufferView"]]["byteOffset"]
    data = bytearray(scene.buffers[0])
    data[corners] ^= 1
    out.write_bytes(Binary(data, scene.doc["bufferViews"], scene.doc["accessors"]).file({**scene.doc, "materials": []}, False))
    found = compare_copy(fmt, done, marked, mpm.read(out), filled_F)
    corners = len(load(path).doc["accessors"]) - 1
    assert found.parts_changed == ("materials", f"the numbers of array {corners}") and not found.holds
    assert found.changes == f"materials, the numbers of array {corners}"


def test_a_rig_goes_on_as_bvh(tmp_path: Path) -> None:
    skinned(tmp_path / "a.glb")
    done, _ = repaired(mpm.read(tmp_path / "a.glb"))
    mpm.write(done, tmp_path / "b.bvh")
    again = mpm.read(tmp_path / "b.bvh")
    np.testing.assert_allclose(again.xyz_FPD, done.xyz_FPD, atol=1e-5)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda doc: doc["nodes"][3].update(scale=[1.0, 2.0, 1.0]), "scaled by more than one"),
        (lambda doc: doc["nodes"][3].update(scale=[0.0, 0.0, 0.0]), "scaled by more than one"),
        (lambda doc: doc["nodes"][-2].update(matrix=np.array(np.eye(4) + 0.2).ravel().tolist()), "does more than turn"),
    ],
)
def test_what_no_rig_can_hold_is_read_as_points_and_said(tmp_path: Path, change: Any, why: str) -> None:
    path = tmp_path / "a.gltf"
    skinned(path)
    doc = json.loads(path.read_text())
    change(doc)
    for name in ("scale", "rotation", "translation"):
        if "matrix" in doc["nodes"][-2]:
            doc["nodes"][-2].pop(name)
    path.write_text(json.dumps(doc))
    rec = mpm.read(path)
    assert rec.rig is None and any("positions were read" in note and why in note for note in rec.source.notes)


def test_a_file_whose_buffer_lies_beside_it_says_that_its_mesh_is_left(tmp_path: Path) -> None:
    path = tmp_path / "a.gltf"
    skinned(path)
    scene = load(path)
    (tmp_path / "a.bin").write_bytes(scene.buffers[0])
    scene.doc["buffers"][0]["uri"] = "a.bin"
    path.write_text(json.dumps(scene.doc))
    rec = mpm.read(path)
    assert rec.rig is not None and any("meshes and skins are not kept" in note for note in rec.source.notes)
    mpm.write(rec, tmp_path / "b.glb")
    np.testing.assert_allclose(mpm.read(tmp_path / "b.glb").xyz_FPD, rec.xyz_FPD, atol=1e-5)


def test_a_rig_of_this_program_comes_back_as_one(tmp_path: Path) -> None:
    rec = person_rig(frames=12)
    mpm.write(rec, tmp_path / "a.glb")
    again = mpm.read(tmp_path / "a.glb")
    assert again.rig is not None and again.points == rec.points and again.rig.parents == rec.rig.parents
    cut = trimmed(again, 3, 9)
    mpm.write(cut, tmp_path / "b.glb")
    back = mpm.read(tmp_path / "b.glb")
    assert (back.frames, back.source.first_frame) == (6, again.source.first_frame + 3)
    np.testing.assert_allclose(back.xyz_FPD, cut.xyz_FPD, atol=1e-5)
