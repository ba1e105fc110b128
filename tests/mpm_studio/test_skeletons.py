"""Skeletons made of markers and lifted joints: `convert --as-body`, several subjects, and the window's export."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import mpm_core as mpm
from mpm_core.io.posed import with_constant_bones
from mpm_core.io.registry import writer_for
from mpm_core.recording import Origin, Recording
from mpm_core.resources import resource
from mpm_core.skeleton import load_skeleton
from mpm_core.subjects import Subject
from mpm_studio.__main__ import main
from mpm_studio.operations import saving
from mpm_studio.operations.skeletons import becomes_skeleton, in_words, write_skeletons
from mpm_studio.views.export_dialog import ExportDialog
from tests.makers import smooth_take

SAMPLE = resource("sample") / "walk_reach_sit.c3d"


@pytest.fixture(scope="module")
def short() -> Recording:
    """A part of the bundled marker take, with its gaps."""
    rec = mpm.read(SAMPLE)
    return mpm.make_recording(rec.points, 15.0, rec.xyz_FPD[:240:4])


@pytest.mark.parametrize("ending", ["bvh", "glb", "trc"])
def test_convert_makes_a_skeleton_and_tells_its_error(
    short: Recording, tmp_path: Path, ending: str, capsys: pytest.CaptureFixture[str]
) -> None:
    mpm.write(short, tmp_path / "take.c3d")
    out = tmp_path / f"take.{ending}"
    assert main(["convert", str(tmp_path / "take.c3d"), str(out), "--as-body"]) == 0
    told = capsys.readouterr().out
    assert "39 markers (Plug-in Gait)" in told and "LeftForeArm" in told and "RMS" in told
    again = mpm.read(out)
    assert again.frames == short.frames and {"Hips", "LeftFoot", "Head_end", "RightToeBase"} <= set(again.points)
    shank_F = np.linalg.norm(again.xyz_FPD[:, again.index("LeftFoot")] - again.xyz_FPD[:, again.index("LeftLeg")], axis=1)
    assert np.nanmax(shank_F) - np.nanmin(shank_F) < 1e-5
    assert not list(tmp_path.glob(".mpm*"))


@pytest.mark.slow
def test_each_subject_gets_a_file_of_its_own(short: Recording, tmp_path: Path) -> None:
    names = {who: tuple(f"{who}:{point}" for point in short.points) for who in ("Ann", "Bob")}
    xyz_FPD = np.concatenate([short.xyz_FPD, short.xyz_FPD + [2.0, 0, 0], np.zeros((short.frames, 1, 3))], axis=1)
    subjects = (*(Subject(who, points) for who, points in names.items()), Subject("Ball", ("Ball:one",)))
    both = mpm.make_recording((*names["Ann"], *names["Bob"], "Ball:one"), 15.0, xyz_FPD, subjects=subjects)
    written = write_skeletons(both, tmp_path / "two.bvh")
    assert [each.path.name for each in written] == ["two_Ann.bvh", "two_Bob.bvh"]
    (tmp_path / "three_Bob.bvh").write_text("somebody's")
    with pytest.raises(mpm.FormatError, match="of this name already"):
        write_skeletons(both, tmp_path / "three.bvh")
    assert (tmp_path / "three_Bob.bvh").read_text() == "somebody's" and not (tmp_path / "three_Ann.bvh").exists()
    assert any("not a body: Ball" in line for line in in_words(written[0]))
    with pytest.raises(mpm.FormatError, match="already"):
        write_skeletons(both, tmp_path / "two.bvh")
    ann, bob = (mpm.read(each.path) for each in written)
    np.testing.assert_allclose(bob.xyz_FPD - ann.xyz_FPD, np.broadcast_to([2.0, 0, 0], ann.xyz_FPD.shape), atol=0.002)


def test_lifted_joints_become_a_skeleton_and_measured_ones_stay(tmp_path: Path) -> None:
    body = load_skeleton("body17")
    rec = mpm.make_recording(body.names, 30.0, smooth_take(frames=10, points=17).xyz_FPD, skeleton=body)
    lifted = rec.with_samples(rec.samples.having(origin=np.full(rec.origin_FP.shape, np.uint8(Origin.PREDICTED))))
    glb, bvh, npz = (writer_for(tmp_path / f"a.{ending}") for ending in ("glb", "bvh", "npz"))
    assert [becomes_skeleton(rec, fmt) for fmt in (glb, bvh, npz)] == [False, True, False]
    assert [becomes_skeleton(lifted, fmt) for fmt in (glb, bvh, npz)] == [True, True, False]
    filtered = replace(rec, origin_FP=np.full_like(rec.origin_FP, Origin.FILTERED))
    assert [becomes_skeleton(filtered, fmt) for fmt in (glb, bvh, npz)] == [False, True, False]
    assert with_constant_bones(filtered) is filtered


def test_points_that_are_no_body_are_refused_in_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    mpm.write(smooth_take(), tmp_path / "take.npz")
    assert main(["convert", str(tmp_path / "take.npz"), str(tmp_path / "take.bvh"), "--as-body"]) == 1
    assert "no known rig, marker set or keypoint set" in capsys.readouterr().err
    assert main(["convert", str(tmp_path / "take.npz"), str(tmp_path / "take.c3d"), "--map", "x.json"]) == 2
    assert not (tmp_path / "take.bvh").exists()


def test_the_export_dialog_offers_a_skeleton_for_markers_only(qtbot, short: Recording, tmp_path: Path) -> None:
    dialog = ExportDialog(short)
    qtbot.addWidget(dialog)
    dialog.show()
    assert dialog.as_body.isVisible() and "bvh" not in [fmt.name for fmt in dialog.formats]
    dialog.as_body.setChecked(True)
    assert dialog.formats[0].name == "bvh" and dialog.target().suffix == ".bvh"
    dialog.path.setText(str(tmp_path / "out.bvh"))
    assert dialog.export.isEnabled()
    (tmp_path / "out.bvh.proof.json").write_text("{}")
    dialog._check()
    assert not dialog.problem.text(), "a skeleton is written without a proof"
    request = saving.ExportRequest(short, short, dialog.target(), as_body=True)
    told = saving.export(request, lambda: False, lambda share, text: None)
    assert "mm from their places" in told and mpm.read(tmp_path / "out.bvh").rig is not None
    other = ExportDialog(smooth_take())
    qtbot.addWidget(other)
    other.show()
    assert not other.as_body.isVisible()
