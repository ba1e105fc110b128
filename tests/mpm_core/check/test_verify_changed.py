"""verify and proofs of takes that were filtered, trimmed, resampled, renamed or merged: what was asked for is said, all else is found."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import mpm_core as mpm
from mpm_core.check.report import proof_path
from mpm_core.check.verify import Verification, verify
from mpm_core.edit.mark import mark, region
from mpm_core.edit.names import Conflicts, merged, renamed
from mpm_core.edit.resample import resampled
from mpm_core.edit.trim import trimmed
from mpm_core.errors import DataError
from mpm_core.filter.methods import FilterSettings
from mpm_core.filter.to_patch import filter_patch
from mpm_core.io import project
from mpm_core.recording import Origin
from mpm_studio.operations.saving import ExportRequest, export
from tests.makers import smooth_take

FORMATS = ("npz", "csv", "json", "trc", "c3d", "mpm")
KEEP_ALL = ("npz", "json", "mpm")  # the value before a filter, too


def write_source(tmp_path: Path, suffix: str = "c3d", apart_m: float = 0.0) -> mpm.Recording:
    """160 frames of 4 points at 60 Hz; P3 holds what P0 lacks from frame 50 to 69, so far beside it."""
    xyz_FPD = smooth_take(frames=160).xyz_FPD.copy()
    xyz_FPD[50:70, 3], xyz_FPD[:50, 3], xyz_FPD[70:, 3] = xyz_FPD[50:70, 0] + apart_m, np.nan, np.nan
    xyz_FPD[50:68, 0] = np.nan  # in frames 68 and 69 both are there
    path = tmp_path / f"source.{suffix}"
    mpm.write(mpm.make_recording(("P0", "P1", "P2", "P3"), 60.0, xyz_FPD), path)
    return mpm.read(path)


def exported(rec: mpm.Recording, original: mpm.Recording, out: Path) -> str:
    return export(ExportRequest(rec, original, out), lambda: False, lambda share, text: None)


def filtered(rec: mpm.Recording) -> mpm.Recording:
    where_FP = region(rec, [1], 20, 60)
    return filter_patch(rec, FilterSettings(cutoff_hz=4.0), where_FP, measured=True).patch.apply(rec)[0]


def checked(rec: mpm.Recording, tmp_path: Path, suffix: str) -> Verification:
    original = mpm.read(tmp_path / "source.c3d")
    out = tmp_path / f"out.{suffix}"
    exported(rec, original, out)
    return verify(original, out)


@pytest.mark.parametrize("suffix", FORMATS)
def test_filtered_samples_are_counted_apart(tmp_path: Path, suffix: str) -> None:
    rec = write_source(tmp_path)
    after, out = filtered(rec), tmp_path / f"out.{suffix}"
    assert "40 filtered as asked" in exported(after, rec, out)
    found = verify(rec, out)
    measured = int((rec.origin_FP == Origin.MEASURED).sum())
    assert found.holds and (found.filtered, found.samples.measured, found.samples.changed) == (40, measured - 40, 0)
    assert found.filtered_known == (40 if suffix in KEEP_ALL else 0) and found.filled.samples == 0
    told = json.loads(out.with_name(out.name + ".proof.json").read_text())["filtered"]
    assert told["samples"] == 40 and told["changed"] == 0 and told["moved_max_mm"] > 0
    assert told["list"] == [{"point": "P1", "first_frame": 21, "last_frame": 60}]


@pytest.mark.parametrize("suffix", KEEP_ALL)
def test_a_filtered_file_comes_back_as_it_was(tmp_path: Path, suffix: str) -> None:
    after = filtered(write_source(tmp_path))
    mpm.write(after, tmp_path / f"out.{suffix}")
    again = mpm.read(tmp_path / f"out.{suffix}")
    assert not again.samples.differs(after.samples).any()


def test_a_csv_tells_what_is_filtered_without_the_value_before(tmp_path: Path) -> None:
    after = filtered(write_source(tmp_path))
    mpm.write(after, tmp_path / "out.csv")
    again = mpm.read(tmp_path / "out.csv")
    assert (again.origin_FP == after.origin_FP).all() and again.unfiltered_FPD is None


def test_without_its_proof_a_filtered_c3d_has_changed(tmp_path: Path) -> None:
    rec = write_source(tmp_path)
    mpm.write(filtered(rec), tmp_path / "out.c3d")
    found = verify(rec, tmp_path / "out.c3d")
    assert not found.holds and found.filtered == 0 and 30 < found.samples.changed <= 40


def test_a_value_before_the_filter_that_is_not_the_sources_is_found(tmp_path: Path) -> None:
    rec = write_source(tmp_path)
    after = filtered(rec)
    assert after.unfiltered_FPD is not None
    forged_FPD = after.unfiltered_FPD.copy()
    forged_FPD[30, 1, 0] = np.nextafter(forged_FPD[30, 1, 0], np.float32(9))
    forged = replace(after, unfiltered_FPD=forged_FPD)
    with pytest.raises(DataError, match="1 would no longer have their measured value"):
        exported(forged, rec, tmp_path / "refused.npz")
    mpm.write(forged, tmp_path / "out.npz")
    found = verify(rec, tmp_path / "out.npz")
    assert not found.holds and (found.filtered, found.filtered_known, found.samples.changed) == (40, 39, 1)


def test_a_measured_sample_beside_filtered_ones_may_not_change(tmp_path: Path) -> None:
    rec = write_source(tmp_path)
    after = filtered(rec)
    xyz_FPD = after.xyz_FPD.copy()
    xyz_FPD[100, 1, 0] += 0.01
    with pytest.raises(DataError, match="would change"):
        exported(replace(after, xyz_FPD=xyz_FPD), rec, tmp_path / "out.npz")


SHAPES: dict[str, Callable[[mpm.Recording], mpm.Recording]] = {
    "trimmed": lambda rec: trimmed(rec, 30, 130),
    "trimmed at the end": lambda rec: trimmed(rec, 0, 130),
    "renamed": lambda rec: renamed(rec, {"P1": "LKNE"}),
    "merged": lambda rec: merged(rec, 0, 3, "first"),
    "resampled": lambda rec: resampled(rec, 40.0),
    "all, filtered": lambda rec: filtered(resampled(merged(renamed(trimmed(rec, 1, 155), {"P1": "x"}), 0, 3, "second"), 90.0)),
}


@pytest.mark.parametrize("suffix", ["npz", "trc", "c3d"])
@pytest.mark.parametrize("shape", SHAPES)
def test_a_take_of_another_shape_is_verified_by_its_proof(tmp_path: Path, suffix: str, shape: str) -> None:
    rec = write_source(tmp_path)
    after = SHAPES[shape](rec)
    found = checked(after, tmp_path, suffix)
    measured, kept = (int(np.isin(each.origin_FP, (Origin.MEASURED, Origin.FILTERED)).sum()) for each in (rec, after))
    assert found.holds and found.absent == 0 and found.proof
    facts = (found.source.frames, found.source.points, found.source.rate_hz)
    assert facts == (rec.frames, len(rec.points), rec.rate_hz), "the whole file's, not those of the part that was exported"
    assert found.cut == measured - (kept if shape != "all, filtered" else found.samples.measured + found.filtered)
    if shape != "all, filtered":
        assert found.samples.measured == kept > 100, "those of the frames that are there"
    assert found.filled.samples == int((after.origin_FP == Origin.FILLED).sum())


@pytest.mark.parametrize("conflicts", ["first", "second"])
@pytest.mark.parametrize("marked", [0, 3])
@pytest.mark.parametrize("suffix", ["npz", "trc", "c3d", "mpm"])
def test_a_take_that_was_marked_and_then_merged_is_verified_by_its_proof(
    tmp_path: Path, suffix: str, marked: int, conflicts: Conflicts
) -> None:
    rec = write_source(tmp_path, apart_m=0.002)
    after = mark(rec, region(rec, [marked], 40, 69)).apply(rec)[0]  # both points are there in frames 68 and 69
    after = mpm.complete(merged(after, 0, 3, conflicts), method="linear")
    found = checked(after, tmp_path, suffix)
    assert found.holds and found.absent == 0 and found.proof
    assert found.samples.measured == int((after.origin_FP == Origin.MEASURED).sum())
    project.save(tmp_path / "take.mpm", after, rec, {})
    loaded = project.load(tmp_path / "take.mpm")
    assert loaded.recording.source.part == after.source.part
    other = after.xyz_FPD.copy()
    frame = 68 if after.origin_FP[68, 0] == Origin.MEASURED else 69
    other[frame, 0] += np.float32(0.001)
    with pytest.raises(DataError, match="would change"):
        exported(replace(after, xyz_FPD=other), rec, tmp_path / "other.npz")


def test_one_moved_sample_of_a_take_of_another_shape_is_found(tmp_path: Path) -> None:
    rec = write_source(tmp_path)
    after = SHAPES["all, filtered"](rec)
    found = checked(after, tmp_path, "npz")
    measured = np.argwhere(after.origin_FP == Origin.MEASURED)[40]
    xyz_FPD = after.xyz_FPD.copy()
    xyz_FPD[tuple(measured)] += 0.001
    with pytest.raises(DataError, match="would change"):
        exported(replace(after, xyz_FPD=xyz_FPD), rec, tmp_path / "other.npz")
    assert found.holds


def test_without_its_proof_a_trimmed_take_lacks_what_was_cut(tmp_path: Path) -> None:
    rec = write_source(tmp_path)
    mpm.write(trimmed(rec, 30, 130), tmp_path / "out.npz")
    found = verify(rec, tmp_path / "out.npz")
    assert not found.holds and found.absent > 0 and found.cut == 0


def test_a_trimmed_c3d_is_a_copy_of_its_source(tmp_path: Path) -> None:
    rec = write_source(tmp_path)
    found = checked(trimmed(rec, 30, 130), tmp_path, "c3d")
    assert found.exact and found.copy is not None and found.copy.holds


def test_a_project_keeps_which_part_of_the_file_it_holds(tmp_path: Path) -> None:
    rec = write_source(tmp_path)
    after = SHAPES["all, filtered"](rec)
    project.save(tmp_path / "take.mpm", after, rec, {})
    loaded = project.load(tmp_path / "take.mpm")
    assert loaded.recording.source.part == after.source.part and not loaded.recording.samples.differs(after.samples).any()
    exported(loaded.recording, loaded.original, tmp_path / "out.npz")
    assert verify(rec, tmp_path / "out.npz").holds
    mpm.write(loaded.recording, tmp_path / "again.npz")
    kept, part = mpm.read(tmp_path / "take.mpm"), tmp_path / "part.npz"
    exported(kept, kept, part)
    (tmp_path / "source.c3d").rename(tmp_path / "gone.c3d")
    assert verify(kept, part).holds, "the project has what it was made from"


@pytest.mark.parametrize(
    "damage",
    [
        lambda proof: proof["file"].update(frames=10**12),
        lambda proof: proof["part"].update(step=0.0),
        lambda proof: proof["part"].update(step="x"),
        lambda proof: proof["part"].update(points={"P0": ["nobody"]}),
        lambda proof: proof["part"].update(points=[1]),
        lambda proof: proof.update(part=7),
        lambda proof: proof.update(filtered=None),
        lambda proof: proof["filtered"].update(list=[{"point": "P1", "first_frame": -5, "last_frame": 10**15}, {"point": "?"}]),
    ],
)
def test_a_damaged_proof_says_nothing(tmp_path: Path, damage: Callable[[dict[str, Any]], None]) -> None:
    rec = write_source(tmp_path)
    out = tmp_path / "out.npz"
    exported(SHAPES["trimmed"](rec), rec, out)
    path = out.with_name(out.name + ".proof.json")
    proof = json.loads(path.read_text())
    damage(proof)
    path.write_text(json.dumps(proof))
    found = verify(rec, out)
    assert not found.holds and found.absent > 0 and not found.proof


@pytest.mark.parametrize("suffix", ["npz", "csv"])
def test_samples_called_filtered_need_the_value_before_or_a_proof(tmp_path: Path, suffix: str) -> None:
    rec = write_source(tmp_path)
    after = filtered(rec)
    mpm.write(replace(after, xyz_FPD=after.xyz_FPD + np.float32(1), unfiltered_FPD=None), tmp_path / f"out.{suffix}")
    found = verify(rec, tmp_path / f"out.{suffix}")
    assert not found.holds and (found.filtered, found.replaced) == (0, 0)
    assert found.samples.changed == found.samples.measured


@pytest.mark.parametrize(
    ("table", "told"), [("file", {"frames": 0}), ("part", {"points": {"P0": [], "P1": [], "P2": [], "P3": []}}), ("part", {"step": 1e-300})]
)
def test_a_proof_of_what_no_take_can_be_says_nothing(table: str, told: dict[str, Any], tmp_path: Path) -> None:
    rec = write_source(tmp_path)
    out = tmp_path / "out.c3d"
    exported(trimmed(rec, 10, 100), rec, out)
    assert verify(rec, out).proof
    report = json.loads(proof_path(out).read_text())
    report[table].update(told)
    proof_path(out).write_text(json.dumps(report))
    with contextlib.suppress(DataError):  # without a proof, takes of different length are not compared
        assert not verify(rec, out).proof
