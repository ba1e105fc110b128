"""The table over a folder of files sees what is right, what is refused, and what is wrong."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import mpm_core as mpm
from tests import bench_io, io_table
from tests.makers import person_bvh, smooth_take, with_gap

pytestmark = pytest.mark.usefixtures("second_opinion")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """One file of each family and one that is none."""
    take = with_gap(smooth_take(12, 3), 1, 3, 6)
    (tmp_path / "a.bvh").write_bytes(person_bvh(6))
    mpm.write(take, tmp_path / "a.c3d")
    mpm.write(take, tmp_path / "a.trc")
    rows = "\n".join(",".join(f"{v:.6f}" for v in row.ravel()) for row in smooth_take(12, 2).xyz_FPD)
    (tmp_path / "a.csv").write_text(f"a_x,a_y,a_z,b_x,b_y,b_z\n{rows}\n")
    (tmp_path / "readme.txt").write_text("nothing")
    return tmp_path


def test_each_family_is_told_right_and_what_is_no_motion_is_refused(folder: Path) -> None:
    found = {path.name: io_table.look(path) for path in folder.iterdir()}
    assert {name: verdict for name, (verdict, _) in found.items()} == {
        "a.bvh": "right", "a.c3d": "right", "a.trc": "right", "a.csv": "right", "readme.txt": "refused",
    }, found  # fmt: skip


@pytest.mark.parametrize("name", ["a.bvh", "a.c3d", "a.trc", "a.csv"])
def test_one_sample_a_tenth_of_a_millimetre_off_or_lost_is_wrong(folder: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    rec = mpm.read(folder / name)
    moved, lost = rec.xyz_FPD.copy(), rec.xyz_FPD.copy()
    moved[2, 0, 1] += np.float32(1e-4)
    lost[2, 0] = np.nan
    for xyz_FPD in (moved, lost):
        misread = mpm.make_recording(rec.points, rec.rate_hz, xyz_FPD, source=rec.source)
        monkeypatch.setattr(mpm, "read", lambda path, wrong=misread: wrong)
        assert io_table.look(folder / name)[0] == "wrong"
    shorter = misread.with_samples(rec.samples.at(slice(1, None)))
    monkeypatch.setattr(mpm, "read", lambda path: shorter)
    assert io_table.look(folder / name)[0] == "wrong"


def test_a_crash_and_an_empty_refusal_are_wrong(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for error in (ZeroDivisionError("x"), mpm.FormatError("no")):
        monkeypatch.setattr(mpm, "read", lambda path, error=error: (_ for _ in ()).throw(error))
        assert io_table.look(folder / "a.bvh")[0] == "wrong"


@pytest.mark.slow
def test_every_sample_but_the_c3d_and_single_frames_is_right_or_refused(samples_dir: Path) -> None:
    wrong = {}
    paths = [path for kind in ("*.bvh", "*.trc", "*.csv", "*.txt", "*.toml") for path in sorted(samples_dir.rglob(kind))]
    for path in paths:
        if path.stat().st_size < 1_500_000:
            verdict, why = io_table.look(path)
            if verdict == "wrong":
                wrong[path.name] = why
    assert len(paths) > 60 and not wrong


def test_the_benchmark_reads_the_same_frames_with_each_reader(tmp_path: Path) -> None:
    files = bench_io.make(tmp_path, 50)
    assert {bench_io.once(reader, files[reader.split()[0]])["frames"] for reader in bench_io.READERS} == {50}
