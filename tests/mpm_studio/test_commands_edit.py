"""filter, and the options that trim, resample, rename, merge and filter on the way: on real files, with their proof."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import mpm_core as mpm
from mpm_core.recording import Origin
from mpm_core.resources import resource
from mpm_studio.__main__ import main
from tests.makers import smooth_take

SAMPLE = str(resource("sample/walk_reach_sit.c3d"))


@pytest.fixture
def short(tmp_path: Path) -> str:
    """120 frames of four points at 60 Hz; P3 goes on where P0 ends."""
    xyz_FPD = smooth_take().xyz_FPD.copy()
    xyz_FPD[60:, 0], xyz_FPD[:60, 3] = np.nan, np.nan
    mpm.write(mpm.make_recording(("P0", "P1", "P2", "P3"), 60.0, xyz_FPD), tmp_path / "short.npz")
    return str(tmp_path / "short.npz")


def test_filter_says_how_many_measured_samples_it_filtered_and_verify_agrees(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = str(tmp_path / "out.c3d")
    assert main(["filter", SAMPLE, "-o", out, "--cutoff", "8", "--measured", "--only", "LFHD:100-199", "--only", "RFHD:1-50"]) == 0
    assert "150 samples filtered, 150 of them measured; cutoff 8.0 Hz" in capsys.readouterr().out
    assert main(["verify", SAMPLE, out]) == 0
    said = capsys.readouterr().out
    assert "150 measured samples, filtered as asked" in said
    assert "nothing measured changed but 150 samples that were filtered as asked" in said
    before, after = mpm.read(SAMPLE), mpm.read(out)
    moved_FP = (before.xyz_FPD != after.xyz_FPD).any(axis=2) & before.visible_FP
    assert set(np.flatnonzero(moved_FP.any(axis=0)).tolist()) == {before.index("LFHD"), before.index("RFHD")}


def test_filter_leaves_measured_samples_alone_unless_asked(short: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["filter", short, "-o", str(tmp_path / "out.npz")]) == 1
    assert "only when that is asked for" in capsys.readouterr().err and not (tmp_path / "out.npz").exists()
    for wrong in (["--cutoff", "0"], ["--window", "-1"], ["--rename", "P0"], ["--resample", "0"], ["--only-measured"]):
        assert main(["filter", short, "-o", str(tmp_path / "out.npz"), *wrong]) == 2


def test_filter_filters_before_it_resamples_so_that_nothing_is_aliased(tmp_path: Path) -> None:
    time_F = np.arange(1200) / 240
    wave_F = np.sin(2 * np.pi * time_F)
    hum_F = 0.1 * np.sin(2 * np.pi * 61 * time_F)  # at 60 Hz it looks like a wave of 1 Hz
    xyz_FPD = np.stack([wave_F + hum_F, 0 * wave_F, 0 * wave_F], axis=1)[:, None]
    mpm.write(mpm.make_recording(("a",), 240.0, xyz_FPD), tmp_path / "hum.npz")
    words = ["filter", str(tmp_path / "hum.npz"), "-o", str(tmp_path / "out.npz"), "--measured", "--cutoff", "10", "--resample", "60"]
    assert main(words) == 0
    after = mpm.read(tmp_path / "out.npz")
    assert after.rate_hz == 60.0 and (after.origin_FP == Origin.FILTERED).all()
    assert np.abs(after.xyz_FPD[:, 0, 0] - wave_F[::4])[20:-20].max() < 0.01
    assert main(["verify", str(tmp_path / "hum.npz"), str(tmp_path / "out.npz")]) == 0


def test_convert_changes_the_shape_and_verify_follows(short: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = str(tmp_path / "out.trc")
    words = ["--rename", "P1=LKNE", "--merge", "P0,P3", "--frames", "11-110", "--resample", "90"]
    assert main(["convert", short, out, *words]) == 0
    after = mpm.read(out)
    assert after.points == ("P0", "LKNE", "P2") and after.frames == 149 and after.rate_hz == 90
    assert main(["verify", short, out]) == 0
    assert "were not to be exported" in capsys.readouterr().out
    assert main(["convert", short, str(tmp_path / "no.trc"), "--resample", "90", "--only-measured"]) == 1
    assert main(["convert", short, str(tmp_path / "no.trc"), "--frames", "100-130"]) == 1


def test_clean_fills_then_filters_what_a_recipe_says(short: str, tmp_path: Path) -> None:
    recipe, out = tmp_path / "recipe.toml", tmp_path / "out.npz"
    recipe.write_text(
        'recipe = 1\nmethod = "linear"\nrename = ["P1=LKNE"]\nmerge = ["P0,P3"]\nframes = "1-100"\n'
        'filter = "median"\nwindow = 0.05\nfilter_measured = true\n'
    )
    assert main(["clean", short, "-o", str(out), "--recipe", str(recipe)]) == 0
    after = mpm.read(out)
    assert after.points == ("P0", "LKNE", "P2") and after.frames == 100 and (after.origin_FP == Origin.FILTERED).all()
    proof = json.loads(out.with_name("out.npz.proof.json").read_text())
    assert proof["filtered"]["samples"] == 300 and proof["settings"]["filter"]["method"] == "median"
    assert main(["verify", short, str(out)]) == 0


def test_clean_marks_keypoints_of_low_confidence(tmp_path: Path) -> None:
    confidence_FP = np.full((30, 2), 0.9, np.float32)
    confidence_FP[10:15, 1] = 0.1
    flat = mpm.make_recording(("a", "b"), 30.0, np.cumsum(np.ones((30, 2, 2)), axis=0), confidence_FP=confidence_FP)
    mpm.write(flat, tmp_path / "flat.npz")
    words = ["clean", str(tmp_path / "flat.npz"), "-o", str(tmp_path / "out.npz"), "--method", "linear"]
    assert main([*words, "--min-confidence", "0.5"]) == 0
    assert (mpm.read(tmp_path / "out.npz").origin_FP == Origin.FILLED).sum() == 5
    assert main([*words, "--min-confidence", "2"]) == 2


def test_a_c3d_at_another_rate_says_which_analog_channels_it_lacks(
    samples_dir: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = str(samples_dir / "c3d/btk/c3d.org/sample01/Eb015pr.c3d")
    assert main(["convert", source, str(tmp_path / "slow.c3d"), "--resample", "25"]) == 0
    assert "16 analog channels of Eb015pr.c3d stay behind" in capsys.readouterr().out
    assert main(["convert", source, str(tmp_path / "named.c3d"), "--rename", "PV1=SACR"]) == 0
    assert "stay behind" not in capsys.readouterr().out
    assert main(["verify", source, str(tmp_path / "named.c3d")]) == 0
