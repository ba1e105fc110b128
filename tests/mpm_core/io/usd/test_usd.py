"""USD: skeletons and markers through a file, files of other makers, and files that are damaged or need what is not installed."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import mpm_core as mpm
from mpm_core.io.usd import read as usd_read
from mpm_core.recording import Origin
from tests.makers import person_rig, smooth_take, with_gap

pxr = pytest.importorskip("pxr", reason="usd-core is not installed")
from pxr import Gf, Sdf, Usd, UsdGeom, UsdSkel, Vt  # noqa: E402


@pytest.mark.parametrize("ending", ["usd", "usda"])
def test_a_rig_comes_back_with_its_bones(tmp_path: Path, ending: str) -> None:
    rec = person_rig(frames=8)
    mpm.write(rec, tmp_path / f"a.{ending}")
    again = mpm.read(tmp_path / f"a.{ending}")
    assert (again.points, again.rate_hz, again.frames) == (rec.points, rec.rate_hz, rec.frames)
    np.testing.assert_allclose(again.xyz_FPD, rec.xyz_FPD, atol=2e-6)
    assert rec.rig and again.skeleton and again.skeleton.parents == rec.rig.parents


def test_another_reader_sees_constant_bones_and_a_rest_pose(tmp_path: Path) -> None:
    rec = person_rig(frames=8)
    mpm.write(rec, tmp_path / "a.usda")
    stage = Usd.Stage.Open(str(tmp_path / "a.usda"))
    assert UsdGeom.GetStageMetersPerUnit(stage) == 1 and UsdGeom.GetStageUpAxis(stage) == "Y"
    assert stage.GetTimeCodesPerSecond() == rec.rate_hz and stage.GetDefaultPrim().GetPath() == "/take"
    animation = UsdSkel.Animation(stage.GetPrimAtPath("/take/animation"))
    places = np.array([animation.GetTranslationsAttr().Get(code) for code in animation.GetTranslationsAttr().GetTimeSamples()])
    assert np.ptp(places[:, 1:], axis=0).max() < 1e-6 and np.ptp(places[:, 0], axis=0).max() > 0.1
    skeleton = UsdSkel.Skeleton(stage.GetPrimAtPath("/take/skeleton"))
    turns = np.array(skeleton.GetRestTransformsAttr().Get())[:, :3, :3]
    np.testing.assert_allclose(turns, np.broadcast_to(np.eye(3), turns.shape), atol=1e-9)
    body = UsdGeom.Mesh(stage.GetPrimAtPath("/take/body"))
    query = UsdSkel.Cache()
    root = UsdSkel.Root(stage.GetPrimAtPath("/take"))
    query.Populate(root, Usd.PrimDefaultPredicate)
    skinning = query.GetSkinningQuery(body.GetPrim())
    assert skinning and skinning.IsRigidlyDeformed() is False and skinning.HasJointInfluences()


def test_markers_keep_every_bit_their_gaps_and_their_names(tmp_path: Path) -> None:
    rec = with_gap(smooth_take(frames=20, points=4), 1, 5, 9)
    rec = mpm.make_recording(("Ann:C7", "Ann:C 7", "é", "*1"), 59.94, rec.xyz_FPD, source=mpm.Source(first_frame=101))
    mpm.write(rec, tmp_path / "a.usda")
    again = mpm.read(tmp_path / "a.usda")
    assert (again.points, again.rate_hz, again.source.first_frame) == (rec.points, rec.rate_hz, 101)
    np.testing.assert_array_equal(
        again.xyz_FPD.view(np.uint32)[~np.isnan(rec.xyz_FPD)], rec.xyz_FPD.view(np.uint32)[~np.isnan(rec.xyz_FPD)]
    )
    np.testing.assert_array_equal(again.origin_FP == Origin.MISSING, rec.origin_FP == Origin.MISSING)
    stage = Usd.Stage.Open(str(tmp_path / "a.usda"))
    assert [str(UsdGeom.Imageable(prim).ComputeVisibility(106)) for prim in stage.GetDefaultPrim().GetChildren()][:2] == [
        "inherited",
        "invisible",
    ]


def of_another_maker(path: Path, codes: list[float], unit: float = 0.01, rate: float = 24.0) -> None:
    """A skeleton of two joints in centimetres, Z up, beneath an Xform that moves it by a metre."""
    stage = Usd.Stage.CreateNew(str(path))
    UsdGeom.SetStageUpAxis(stage, UsdGeom.Tokens.z)
    UsdGeom.SetStageMetersPerUnit(stage, unit)
    stage.SetTimeCodesPerSecond(rate)
    UsdGeom.Xform.Define(stage, "/world").AddTranslateOp().Set(Gf.Vec3d(100, 0, 0))
    root = UsdSkel.Root.Define(stage, "/world/actor")
    skeleton = UsdSkel.Skeleton.Define(stage, "/world/actor/skeleton")
    skeleton.CreateJointsAttr(["hip", "hip/knee"])
    skeleton.CreateRestTransformsAttr([Gf.Matrix4d(1.0)] * 2)
    skeleton.CreateBindTransformsAttr([Gf.Matrix4d(1.0)] * 2)
    animation = UsdSkel.Animation.Define(stage, "/world/actor/animation")
    animation.CreateJointsAttr(["hip", "hip/knee"])
    animation.CreateScalesAttr(Vt.Vec3hArray([Gf.Vec3h(1.0)] * 2))
    animation.CreateRotationsAttr(Vt.QuatfArray([Gf.Quatf(1.0)] * 2))
    places = animation.CreateTranslationsAttr()
    for code in codes:
        places.Set(Vt.Vec3fArray([Gf.Vec3f(0, code, 90), Gf.Vec3f(0, 0, -40)]), code)
    UsdSkel.BindingAPI.Apply(skeleton.GetPrim()).CreateAnimationSourceRel().SetTargets([animation.GetPath()])
    assert root
    stage.GetRootLayer().Save()


def test_a_file_of_another_maker_is_read_in_its_own_unit_axis_and_rate(tmp_path: Path) -> None:
    of_another_maker(tmp_path / "a.usda", [0, 0.5, 1, 1.5])
    rec = mpm.read(tmp_path / "a.usda")
    assert (rec.points, rec.rate_hz, rec.frames) == (("hip", "knee"), 48.0, 4)
    np.testing.assert_allclose(rec.xyz_FPD[3], [[1, 0.015, 0.9], [1, 0.015, 0.5]], atol=1e-6)
    assert rec.skeleton and rec.skeleton.parents == (-1, 0) and (rec.source.unit, rec.source.up) == ("cm", "z")
    of_another_maker(tmp_path / "b.usda", [0, 1, 2, 9])
    with pytest.raises(mpm.FormatError, match="not evenly spaced"):
        mpm.read(tmp_path / "b.usda")


def test_what_holds_no_motion_is_refused(tmp_path: Path) -> None:
    of_another_maker(tmp_path / "still.usda", [])
    with pytest.raises(mpm.FormatError, match="no animation"):
        mpm.read(tmp_path / "still.usda")
    layer = Sdf.Layer.CreateNew(str(tmp_path / "empty.usda"))
    layer.Save()
    with pytest.raises(mpm.FormatError, match="no skeleton"):
        mpm.read(tmp_path / "empty.usda")
    (tmp_path / "own.usda").write_text('#usda 1.0\n(customLayerData = { string mpm_studio = "{}" })\n')
    with pytest.raises(mpm.FormatError, match="facts"):
        mpm.read(tmp_path / "own.usda")


@pytest.mark.parametrize("ending", ["usda", "usdc"])
def test_a_damaged_file_is_refused(tmp_path: Path, ending: str) -> None:
    mpm.write(person_rig(frames=4), tmp_path / f"a.{ending}")
    data = (tmp_path / f"a.{ending}").read_bytes()
    (tmp_path / f"cut.{ending}").write_bytes(data[: len(data) // 2])
    with pytest.raises(mpm.FormatError):
        mpm.read(tmp_path / f"cut.{ending}")


def usd_that(does: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file, and a library that does so on it in place of USD's own in the process that opens files."""
    mpm.write(person_rig(frames=4), folder / "a.usdc")
    (folder / "pxr").mkdir()
    (folder / "pxr" / "__init__.py").write_text(
        f"import os, signal, time\nclass Sdf:\n class Layer:\n  def OpenAsAnonymous(path):\n   {does}\nUsd = UsdGeom = UsdSkel = None\n"
    )
    monkeypatch.syspath_prepend(folder)
    return folder / "a.usdc"


@pytest.mark.slow
def test_a_file_on_which_usd_does_not_end_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = usd_that("while True: pass", tmp_path, monkeypatch)
    monkeypatch.setattr(usd_read, "BASE_S", 3.0)
    monkeypatch.setattr(usd_read, "BUSY", 100)
    with pytest.raises(mpm.FormatError, match="reasonable time"):
        mpm.read(path)


def test_the_clock_does_not_say_that_a_file_is_damaged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = usd_that("time.sleep(600)", tmp_path, monkeypatch)
    assert usd_read.BUSY * usd_read.BASE_S <= 120
    monkeypatch.setattr(usd_read, "BASE_S", 2.0)
    monkeypatch.setattr(usd_read, "BUSY", 1)
    with pytest.raises(mpm.FormatError, match="in 2 s: the machine is busy") as error:
        mpm.read(path)
    assert "damaged" not in str(error.value)


@pytest.mark.skipif(os.name != "posix", reason="signals")
@pytest.mark.parametrize(
    ("does", "told"),
    [
        ("os.kill(os.getpid(), signal.SIGSEGV)", "damaged"),
        ("os.kill(os.getpid(), signal.SIGKILL)", "ended with code -9, and said: nothing"),
        ("raise KeyError('no plugin')", "ended with code 1, and said: KeyError: 'no plugin'"),
    ],
)
def test_a_process_that_ends_says_damaged_only_where_the_library_failed(
    does: str, told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(mpm.FormatError, match=told) as error:
        mpm.read(usd_that(does, tmp_path, monkeypatch))
    assert ("damaged" in str(error.value)) == (told == "damaged")


@pytest.mark.skipif(os.name != "posix", reason="limits")
def test_a_file_opens_under_a_limit_of_processor_time(tmp_path: Path) -> None:
    mpm.write(person_rig(frames=4), tmp_path / "a.usdc")
    program = f"import mpm_core as mpm; print(mpm.read({str(tmp_path / 'a.usdc')!r}).frames)"
    limited = 'ulimit -t 25; exec "$0" -c "$1"'
    done = subprocess.run(["sh", "-c", limited, sys.executable, program], capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "4", done.stderr


@pytest.mark.slow
def test_a_busy_machine_does_not_make_a_file_damaged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The limit is of processor time: a process that waits for its turn has not taken it."""
    mpm.write(person_rig(frames=4), tmp_path / "a.usdc")
    (tmp_path / "sitecustomize.py").write_text("import time; time.sleep(5)\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(usd_read, "BASE_S", 4.0)
    monkeypatch.setattr(usd_read, "BUSY", 10)
    assert mpm.read(tmp_path / "a.usdc").frames == 4


def test_without_usd_core_the_error_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(mpm.FormatError, match="usd-core") as error:
        mpm.write(smooth_take(), tmp_path / "a.usda")
    assert "mpm-studio[usd]" in error.value.hint
    (tmp_path / "b.usda").write_text("#usda 1.0\n")
    with pytest.raises(mpm.FormatError, match="usd-core"):
        mpm.read(tmp_path / "b.usda")


def test_a_unit_that_the_user_says_replaces_an_unusual_one_of_the_file(tmp_path: Path) -> None:
    of_another_maker(tmp_path / "a.usda", [1.0, 2.0], unit=0.3048)
    of_another_maker(tmp_path / "b.usda", [1.0, 2.0], unit=0.01)
    said, same = (mpm.read(tmp_path / name, unit="cm") for name in ("a.usda", "b.usda"))
    np.testing.assert_array_equal(said.xyz_FPD, same.xyz_FPD)


def test_a_file_that_claims_far_more_frames_than_it_has_samples_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.usda"
    mpm.write(smooth_take(frames=5, points=2), path)
    text = path.read_text()
    assert '"frames\\": 5' in text or '"frames": 5' in text
    path.write_text(text.replace('frames": 5', 'frames": 1000000').replace('frames\\": 5', 'frames\\": 1000000'))
    with pytest.raises(mpm.FormatError, match="frames"):
        mpm.read(path)
