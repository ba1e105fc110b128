"""TRC and CSV: every float32 can be told again, and what is not there stays blank."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from mpm_core.edit.mark import mark, region
from mpm_core.errors import FormatError
from mpm_core.io.marked_samples import without_marked
from mpm_core.io.registry import write
from mpm_core.recording import Origin, Recording, Source, make_recording
from tests.makers import smooth_take, with_gap


@pytest.fixture
def take() -> Recording:
    """A gap, a mark and a fill with sigma, numbered from 100."""
    rec = replace(with_gap(smooth_take(20, 3), 1, 4, 7), source=Source(first_frame=100))
    rec, _ = mark(rec, region(rec, [2], 0, 2)).apply(rec)
    sigma_FP, origin_FP = rec.sigma_FP.copy(), rec.origin_FP.copy()
    sigma_FP[9, 0], origin_FP[9, 0] = 0.0123, Origin.PREDICTED
    return replace(rec, sigma_FP=sigma_FP, origin_FP=origin_FP)


def test_trc_as_opensim_reads_it(take: Recording, tmp_path: Path) -> None:
    write(take, tmp_path / "take.trc")
    lines = (tmp_path / "take.trc").read_text().split("\n")
    assert lines[0] == "PathFileType\t4\t(X/Y/Z)\ttake.trc (mpm-studio, Y up)"
    header = dict(zip(lines[1].split("\t"), lines[2].split("\t"), strict=True))
    assert header == {
        "DataRate": "60",
        "CameraRate": "60",
        "NumFrames": "20",
        "NumMarkers": "3",
        "Units": "mm",
        "OrigDataRate": "60",
        "OrigDataStartFrame": "100",
        "OrigNumFrames": "20",
    }
    assert lines[3].rstrip("\t").split("\t") == ["Frame#", "Time", "P0", "", "", "P1", "", "", "P2"]
    assert lines[4].split("\t") == ["", "", "X1", "Y1", "Z1", "X2", "Y2", "Z2", "X3", "Y3", "Z3"]
    assert lines[5] == ""
    rows = [line.split("\t") for line in lines[6:] if line]
    assert [row[0] for row in rows] == [str(number) for number in range(1, 21)]
    assert all(len(row) == 11 for row in rows)
    np.testing.assert_allclose([float(row[1]) for row in rows], np.arange(20) / 60, atol=1e-9)
    values_FPD = np.array([[float(cell or "nan") for cell in row[2:]] for row in rows]).reshape(20, 3, 3)
    world_FPD = np.stack([values_FPD[..., 0], -values_FPD[..., 2], values_FPD[..., 1]], axis=-1) / 1000
    np.testing.assert_array_equal(np.isfinite(values_FPD).all(axis=2), take.visible_FP)
    seen = take.visible_FP
    np.testing.assert_array_equal(world_FPD[seen].astype(np.float32), take.xyz_FPD[seen])


def test_csv_gives_every_sample_back(take: Recording, tmp_path: Path) -> None:
    write(take, tmp_path / "take.csv")
    with (tmp_path / "take.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0])[:7] == ["frame", "time_s", "P0.x", "P0.y", "P0.z", "P0.origin", "P0.sigma_mm"]
    assert [int(row["frame"]) for row in rows] == list(range(100, 120))
    for point, name in enumerate(take.points):
        xyz_FD = np.array([[float(row[f"{name}.{axis}"] or "nan") for axis in "xyz"] for row in rows]).astype(np.float32)
        assert xyz_FD.tobytes() == without_marked(take).xyz_FPD[:, point].tobytes()
        assert [Origin[row[f"{name}.origin"].upper()] for row in rows] == without_marked(take).origin_FP[:, point].tolist()
    assert float(rows[9]["P0.sigma_mm"]) == pytest.approx(12.3)
    assert rows[8]["P0.sigma_mm"] == ""


def test_csv_of_keypoints_is_in_pixels(tmp_path: Path) -> None:
    rec = make_recording(("a, b", 'c "d"'), 30.0, np.random.default_rng(0).uniform(0, 999, (3, 2, 2)))
    write(rec, tmp_path / "take.csv")
    with (tmp_path / "take.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["frame", "time_s", *(f"{name}.{column}" for name in rec.points for column in ("x", "y", "origin", "sigma_px"))]
    assert np.float32(rows[2]["a, b.y"]) == rec.xyz_FPD[2, 0, 1]


def test_what_a_trc_cannot_hold_is_refused(tmp_path: Path) -> None:
    for rec, told in (
        (make_recording(("a",), 30.0, np.zeros((2, 1, 2))), "2D"),
        (make_recording((), 30.0, np.zeros((2, 0, 3))), "no points"),
        (make_recording(("a\tb",), 30.0, np.zeros((2, 1, 3))), "cannot be written"),
    ):
        with pytest.raises(FormatError, match=told):
            write(rec, tmp_path / "take.trc")
    assert not list(tmp_path.iterdir())
