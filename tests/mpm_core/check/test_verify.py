"""verify: from the two files and their proof, in every format; a flipped bit, a lost sample and one replaced on purpose are told apart."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import mpm_core as mpm
from mpm_core.check.proof import check_export
from mpm_core.check.report import make_report, proof_path, write_report
from mpm_core.check.verify import verify
from mpm_core.edit.mark import mark, region
from mpm_core.errors import DataError
from mpm_core.io.bvh.proof import Channels
from mpm_core.io.c3d.proof import Words
from mpm_core.resources import resource
from tests.makers import smooth_take, with_gap
from tests.mpm_core.check.test_proof import nudged

MEASURED = 120 * 4 - 10


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """470 measured samples and a gap of 10."""
    path = tmp_path / "source.npz"
    mpm.write(with_gap(smooth_take(), 1, 30, 40), path)
    return path


def filled(path: Path) -> mpm.Recording:
    return mpm.complete(mpm.read(path), method="hermite")


@pytest.mark.parametrize(("suffix", "exact"), [("npz", True), ("csv", True), ("json", True), ("trc", True), ("mpm", True), ("c3d", False)])
def test_an_export_in_any_format_keeps_what_was_measured(source: Path, tmp_path: Path, suffix: str, exact: bool) -> None:
    out = tmp_path / f"out.{suffix}"
    mpm.write(filled(source), out)
    found = verify(mpm.read(source), out)
    assert found.holds and found.exact is exact
    assert (found.samples.measured, found.samples.changed, found.absent, found.replaced) == (MEASURED, 0, 0, 0)
    assert found.same + found.rounded == MEASURED and (found.rounded == 0 or not exact)
    assert found.filled.samples == 10
    assert (found.samples.sha256_before == found.samples.sha256_after) is (found.rounded == 0)
    if suffix in ("npz", "csv", "json", "mpm"):
        by = found.filled.by["classical"]
        assert by.samples == 10 and by.sigma.unit == "mm" and by.sigma.mean > 0
    else:
        assert found.filled.by is None


@pytest.mark.parametrize("suffix", ["npz", "csv", "json", "trc", "mpm"])
def test_one_flipped_bit_is_found_and_named(source: Path, tmp_path: Path, suffix: str) -> None:
    out = tmp_path / f"out.{suffix}"
    mpm.write(nudged(filled(source), 7, 2), out)
    found = verify(mpm.read(source), out)
    assert not found.holds and (found.samples.changed, found.same) == (1, MEASURED - 1)
    assert [(each.point, each.frame) for each in found.worst] == [("P2", 8)]
    assert found.samples.sha256_before != found.samples.sha256_after


def test_a_c3d_may_round_to_its_precision_and_no_further(source: Path, tmp_path: Path) -> None:
    rec = filled(source)
    xyz_FPD = rec.xyz_FPD.copy()
    xyz_FPD[7, 2, 0] += np.float32(2e-6)  # 0.002 mm
    mpm.write(replace(rec, xyz_FPD=xyz_FPD), tmp_path / "out.c3d")
    found = verify(mpm.read(source), tmp_path / "out.c3d")
    assert not found.holds and found.samples.changed == 1 and found.worst[0].mm == pytest.approx(0.002, rel=0.2)


def test_a_lost_sample_and_a_lost_point_are_not_kept(source: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.npz"
    mpm.write(with_gap(mpm.read(source), 3, 5, 8), out)
    assert (verify(mpm.read(source), out).holds, verify(mpm.read(source), out).absent) == (False, 3)
    rec = mpm.read(source)
    mpm.write(mpm.make_recording(rec.points[:3], rec.rate_hz, rec.xyz_FPD[:, :3]), out)
    found = verify(rec, out)
    assert (found.holds, found.absent, found.same) == (False, 120, MEASURED - 120)


def test_a_trimmed_export_is_compared_by_frame_number(source: Path, tmp_path: Path) -> None:
    rec, out = mpm.read(source), tmp_path / "out.npz"
    trimmed = mpm.make_recording(rec.points, rec.rate_hz, rec.xyz_FPD[20:100], source=replace(rec.source, path="", first_frame=21))
    mpm.write(trimmed, out)
    found = verify(rec, out)
    assert (found.same, found.samples.changed, found.absent) == (80 * 4 - 10, 0, 40 * 4)


def test_samples_replaced_on_purpose_are_told_by_the_export_or_by_the_mark(source: Path, tmp_path: Path) -> None:
    rec = mpm.read(source)
    marked = mark(rec, region(rec, [0], 50, 60)).apply(rec)[0]
    repaired = mpm.complete(marked, method="hermite")
    mpm.write(repaired, tmp_path / "out.npz")
    mpm.write(repaired, tmp_path / "out.trc")
    told = verify(rec, tmp_path / "out.npz")
    assert told.holds and (told.replaced, told.samples.measured, told.filled.samples) == (10, MEASURED - 10, 20)
    untold = verify(rec, tmp_path / "out.trc")
    assert not untold.holds and untold.samples.changed == 10
    assert verify(marked, tmp_path / "out.trc").holds


@pytest.mark.parametrize("suffix", [".c3d", ".bvh"])
def test_a_copy_of_its_source_is_held_to_its_own_numbers(tmp_path: Path, suffix: str) -> None:
    path = resource(f"sample/walk_reach_sit{suffix}")
    rec, out = mpm.read(path), tmp_path / f"out{suffix}"
    moving = 5 if suffix == ".c3d" else rec.index("LeftHand")
    marked = mark(rec, region(rec, [moving], 330, 340)).apply(rec)[0]
    if rec.rig is not None:
        from mpm_core.rigs.constraints import expand_marks

        marked = mark(rec, expand_marks(rec.rig, marked.origin_FP == mpm.Origin.MARKED)).apply(rec)[0]
    repaired = mpm.complete(marked, where_FP=marked.origin_FP == mpm.Origin.MARKED, method="hermite")
    mpm.write(repaired, out)
    found = verify(marked, out)
    assert found.holds and isinstance(found.copy, Words if suffix == ".c3d" else Channels)
    assert not verify(rec, out).holds
    data = bytearray(out.read_bytes())
    at = data.rindex(b" ") if suffix == ".bvh" else rec_word(data, str(out))
    data[at + 1] = ord("1") if suffix == ".bvh" and data[at + 1] != ord("1") else data[at + 1] ^ 1
    out.write_bytes(data)
    assert not verify(marked, out).holds


def rec_word(data: bytearray, where: str) -> int:
    """Place of a byte inside the first measured sample's x of a C3D, less one."""
    from mpm_core.io.c3d.layout import find_layout, measured_positions

    layout = find_layout(bytes(data), where)
    xyz_FC3, _ = measured_positions(layout, bytes(data))
    frame, column = np.argwhere(np.isfinite(xyz_FC3).all(axis=2))[0]
    return layout.data_start + int(frame) * layout.frame_bytes + int(column) * 16 - 1


def test_what_cannot_be_compared_is_said(source: Path, tmp_path: Path) -> None:
    rec = mpm.read(source)
    for other, told in (
        (mpm.make_recording(("a", "b"), 60.0, np.zeros((120, 2, 3))), "no point in common"),
        (mpm.make_recording(rec.points, 30.0, rec.xyz_FPD), "frames a second"),
        (mpm.make_recording(rec.points, 60.0, rec.xyz_FPD[..., :2]), "2D"),
    ):
        mpm.write(other, tmp_path / "out.npz")
        with pytest.raises(DataError, match=told):
            verify(rec, tmp_path / "out.npz")


def test_a_proof_is_believed_only_for_its_own_source(source: Path, tmp_path: Path) -> None:
    rec, out = mpm.read(source), tmp_path / "out.trc"
    marked = mark(rec, region(rec, [0], 50, 60)).apply(rec)[0]
    repaired = mpm.complete(marked, method="hermite")
    mpm.write(repaired, out)
    write_report(make_report(marked, repaired, exported=check_export(marked, repaired, out)), proof_path(out))
    assert verify(rec, out).holds and verify(rec, out).marked == 10
    other = tmp_path / "other.npz"
    xyz_FPD = rec.xyz_FPD.copy()
    xyz_FPD[50:60, 0] += 1
    mpm.write(mpm.make_recording(rec.points, rec.rate_hz, xyz_FPD), other)
    found = verify(mpm.read(other), out)
    assert not found.holds and (found.marked, found.samples.changed, found.proof) == (0, 10, "")


@pytest.mark.parametrize("text", ["[" * 200_000, "{", "[]", '{"file": 3}', "\xff"])
def test_a_proof_that_cannot_be_read_says_nothing(source: Path, tmp_path: Path, text: str) -> None:
    out = tmp_path / "out.trc"
    mpm.write(filled(source), out)
    proof_path(out).write_bytes(text.encode("latin-1"))
    found = verify(mpm.read(source), out)
    assert found.holds and (found.marked, found.proof, found.unused_proof) == (0, "", str(proof_path(out)))
