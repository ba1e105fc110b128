"""The proof finds one changed bit, and says when it has nothing to compare."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import mpm_core as mpm
from mpm_core.check.proof import MOVED_MM, Comparison, NotCompared, check_export, compare_measured
from mpm_core.check.verify import verify
from mpm_core.edit.patch import patch_where
from mpm_core.io.bvh.proof import Channels
from tests.makers import smooth_take, with_gap

BVH = """HIERARCHY
ROOT Hips
{
  OFFSET 0.0 90.0 0.0
  CHANNELS 6 Xposition Yposition Zposition Zrotation Xrotation Yrotation
  JOINT Chest
  {
    OFFSET 0.0 40.0 0.0
    CHANNELS 3 Zrotation Xrotation Yrotation
    End Site
    {
      OFFSET 0.0 30.0 0.0
    }
  }
}
MOTION
Frames: 3
Frame Time: 0.0333333
0.0 90.0 0.0 0.0 0.0 0.0 10.0 0.0 0.0
1.0 90.0 0.0 0.0 0.0 0.0 20.0 0.0 0.0
2.0 90.0 0.0 0.0 0.0 0.0 30.0 0.0 0.0
"""


def nudged(rec: mpm.Recording, frame: int, point: int) -> mpm.Recording:
    """The same take with the last bit of one coordinate flipped."""
    xyz_FPD = rec.xyz_FPD.copy()
    xyz_FPD.view(np.uint32)[frame, point, 0] ^= 1
    return replace(rec, xyz_FPD=xyz_FPD)


def test_one_bit_is_found_and_a_marked_sample_is_not_compared() -> None:
    rec = with_gap(smooth_take(), 1, 30, 40)
    same = compare_measured(rec, rec)
    assert (same.measured, same.changed) == (120 * 4 - 10, 0)
    assert same.sha256_before == same.sha256_after == hashlib.sha256(rec.xyz_FPD[rec.measured_FP].tobytes()).hexdigest()
    one = compare_measured(rec, nudged(rec, 7, 2))
    assert one.changed == 1 and one.sha256_before != one.sha256_after
    origin_FP = rec.origin_FP.copy()
    origin_FP[7, 2] = mpm.Origin.MARKED
    assert compare_measured(replace(rec, origin_FP=origin_FP), nudged(rec, 7, 2)).changed == 0


def test_minus_zero_and_a_lost_sample_count_as_changed() -> None:
    rec = mpm.make_recording(("a",), 30.0, np.zeros((2, 1, 3)))
    assert compare_measured(rec, replace(rec, xyz_FPD=-rec.xyz_FPD)).changed == 2
    assert compare_measured(rec, with_gap(rec, 0, 1, 2)).changed == 1


def test_takes_of_different_shape_are_not_compared() -> None:
    with pytest.raises(mpm.DataError, match="120 frames and 4 points"):
        compare_measured(smooth_take(), smooth_take(frames=119))


@pytest.mark.parametrize("suffix", ["npz", "mpm", "csv", "trc", "json"])
def test_an_export_is_read_again(suffix: str, tmp_path: Path) -> None:
    rec = smooth_take()
    path = tmp_path / f"out.{suffix}"
    mpm.write(rec, path)
    proof = check_export(rec, rec, path)
    assert proof.compared and isinstance(proof.found, Comparison) and proof.found.exact
    assert proof.sha256_file == hashlib.sha256(path.read_bytes()).hexdigest()
    assert proof.holds is True and proof.changed == 0
    mpm.write(nudged(rec, 3, 1), path)
    assert (check_export(rec, rec, path).holds, check_export(rec, rec, path).changed) == (False, 1)


def test_a_gltf_may_round_but_not_move(tmp_path: Path) -> None:
    rec, path = smooth_take(), tmp_path / "out.glb"
    mpm.write(rec, path)
    assert check_export(rec, rec, path).holds
    mpm.write(replace(rec, xyz_FPD=rec.xyz_FPD + np.float32(0.001)), path)
    assert check_export(rec, rec, path).holds is False


def c3d_without_axes(rec: mpm.Recording, path: Path) -> Path:
    """The take as a C3D of another program that gives neither unit nor up axis; at least one sample must be missing."""
    mpm.write(rec, path)
    data = path.read_bytes()
    for given in (b"mpm-studio", b"+Z", b"mm"):
        assert data.count(b"\x01" + given + b"\x00") == 1
        data = data.replace(b"\x01" + given + b"\x00", b"\x01" + b" " * len(given) + b"\x00")
    path.write_bytes(data)
    return path


@pytest.mark.parametrize(("unit", "up"), [("mm", "z"), ("cm", "y"), ("m", "-x")])
def test_a_copy_is_read_with_the_unit_and_axis_that_its_source_was_read_with(unit: str, up: str, tmp_path: Path) -> None:
    path, out = c3d_without_axes(with_gap(smooth_take(), 1, 30, 40), tmp_path / "in.c3d"), tmp_path / "out.c3d"
    before = mpm.read(path, unit=unit, up=up)
    after = mpm.complete(before, method="hermite")
    mpm.write(after, out)
    proof = check_export(before, after, out)
    assert proof.holds is True and proof.changed == 0
    found = verify(before, out)
    assert found.holds and found.samples.changed == 0


def test_a_fill_that_changes_how_the_markers_stand_does_not_change_how_the_export_is_read(tmp_path: Path) -> None:
    xyz_FPD = np.array([[0.0, 0.0, 0.02], [0.1, 0.05, 0.03], [0.4, 0.0, 1.7], [0.1, 0.1, 0.5]]) + np.zeros((60, 1, 1))
    xyz_FPD[1:, 3] = np.nan
    before = mpm.read(c3d_without_axes(mpm.make_recording(("a", "b", "c", "d"), 60.0, xyz_FPD), tmp_path / "in.c3d"))
    far_FPD = np.broadcast_to([0.1, 40.0, 0.5], before.xyz_FPD.shape)
    after = patch_where(before, "", ~before.visible_FP, xyz_FPD=far_FPD, origin=mpm.Origin.HAND)
    mpm.write(after.apply(before)[0], tmp_path / "out.c3d")
    assert mpm.read(tmp_path / "out.c3d").source.up != before.source.up
    assert check_export(before, after.apply(before)[0], tmp_path / "out.c3d").holds is True


def test_other_points_are_not_compared(tmp_path: Path) -> None:
    mpm.write(smooth_take(points=5), tmp_path / "out.glb")
    proof = check_export(smooth_take(), smooth_take(), tmp_path / "out.glb")
    assert isinstance(proof.found, NotCompared) and "other points" in proof.found.why_not
    assert not proof.compared and proof.holds is None and proof.changed == 0


def test_a_bvh_may_round_but_not_move(tmp_path: Path) -> None:
    source, out = tmp_path / "in.bvh", tmp_path / "out.bvh"
    source.write_text(BVH)
    rec = mpm.read(source)
    out.write_text(BVH.replace("20.0 0.0 0.0\n", "20.00001 0.0 0.0\n"))  # degrees: 0.00005 mm at the end of 30 cm
    filled = replace(rec, origin_FP=np.where(np.arange(3)[:, None] == 1, np.uint8(mpm.Origin.FILLED), rec.origin_FP))
    rounded = check_export(rec, filled, out).found
    assert isinstance(rounded, Comparison) and isinstance(rounded.copy, Channels)
    assert rounded.holds and 0 < rounded.moved_max_mm < MOVED_MM and rounded.copy.channels_changed == 1
    assert check_export(rec, rec, out).holds is False  # in a frame without a fill, no number may change
    out.write_text(BVH.replace("20.0 0.0 0.0\n", "21.0 0.0 0.0\n"))
    moved = check_export(rec, filled, out).found
    assert isinstance(moved, Comparison) and moved.holds is False
    assert moved.moved_max_mm == pytest.approx(2 * np.sin(np.radians(0.5)) * 30 * 10, rel=1e-3)
