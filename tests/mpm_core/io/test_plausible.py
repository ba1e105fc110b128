"""Rates, frame numbers and positions beyond sense are refused when a file is read, with the file's name; pipes are never opened."""

from __future__ import annotations

import os
import re
from pathlib import Path

import numpy as np
import pytest

import mpm_core as mpm
from tests.makers import person_bvh, smooth_take

XYZ = np.random.default_rng(0).normal(size=(10, 3, 3)).astype(np.float32)
ONE_FAR = np.where(np.arange(90).reshape(10, 3, 3) == 44, np.float32(1e20), XYZ)


@pytest.mark.parametrize(
    ("arrays", "told"),
    [
        ({"first_frame": 2**63 - 1}, "first frame has the number 9.22337e+18"),
        ({"first_frame": -(2**62)}, "first frame has the number"),
        ({"rate_hz": 1e300}, "rate is 1e+300 frames a second"),
        ({"rate_hz": 1e-300}, "rate is 1e-300 frames a second"),
        ({"xyz": XYZ * np.float32(1e30)}, "a is 2.33e+30 m from the origin in frame 1"),
        ({"xyz": XYZ.astype(float) * 1e300}, "too large"),
        ({"first_frame": 1.5}, "first_frame is 1.5"),
        ({"xyz": ONE_FAR}, "c is 1e+20 m from the origin in frame 5"),
    ],
)
def test_an_npz_beyond_sense_is_refused(arrays: dict[str, object], told: str, tmp_path: Path) -> None:
    path = tmp_path / "take.npz"
    np.savez(path, **({"xyz": XYZ, "points": np.array(["a", "b", "c"])} | arrays))
    with pytest.raises(mpm.FormatError, match=re.escape(told)) as caught:
        mpm.read(path)
    assert caught.value.where == str(path) and caught.value.hint


@pytest.mark.parametrize(
    ("suffix", "there", "instead", "told"),
    [
        ("json", '"first_frame": 1,', '"first_frame": 99999999999999999999,', "first frame"),
        ("json", '"rate_hz": 60.0', '"rate_hz": 1e30', "rate"),
        ("trc", "\n60\t60\t", "\n1e12\t1e12\t", "--fps"),
        ("trc", "\t60\t1\t10", "\t60\t999999999999\t10", "first frame"),
        ("bvh", "OFFSET 0 12 1", "OFFSET 0 1e12 1", "from the origin"),
    ],
)
def test_a_text_file_beyond_sense_is_refused(suffix: str, there: str, instead: str, told: str, tmp_path: Path) -> None:
    path = tmp_path / f"take.{suffix}"
    if suffix == "bvh":
        path.write_bytes(person_bvh(5))
    else:
        mpm.write(smooth_take(10, 3), path)
    text = path.read_text()
    assert there in text and mpm.read(path).frames
    path.write_text(text.replace(there, instead))
    with pytest.raises(mpm.FormatError, match=re.escape(told)) as caught:
        mpm.read(path)
    assert caught.value.where == str(path)


def test_a_rate_that_the_user_gives_replaces_one_beyond_sense(tmp_path: Path) -> None:
    path = tmp_path / "take.npz"
    np.savez(path, xyz=XYZ, rate_hz=1e300)
    assert mpm.read(path, fps=50).rate_hz == 50


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_in_place_of_a_buffer_a_frame_or_a_skeleton_is_refused_and_not_opened(tmp_path: Path) -> None:
    gltf = tmp_path / "take.gltf"
    mpm.write(smooth_take(5, 3), gltf)
    text = gltf.read_text()
    uri = text[text.index("data:application") : text.index('"', text.index("data:application"))]
    gltf.write_text(text.replace(uri, "pipe.bin"))
    with pytest.raises(mpm.FormatError, match=r"the buffer 'pipe.bin' is not there"):
        mpm.read(gltf)
    os.mkfifo(tmp_path / "pipe.bin")
    with pytest.raises(mpm.FormatError, match=r"the buffer 'pipe.bin' is not a file"):
        mpm.read(gltf)
    folder = tmp_path / "openpose"
    folder.mkdir()
    (folder / "a_000_keypoints.json").write_text('{"version": 1.3, "people": []}')
    os.mkfifo(folder / "a_001_keypoints.json")
    with pytest.raises(mpm.FormatError, match="not a regular file"):
        mpm.read(folder)
    amc = tmp_path / "walk.amc"
    amc.write_text(":FULLY-SPECIFIED\n:DEGREES\n1\nroot 0 0 0 0 0 0\n")
    os.mkfifo(tmp_path / "walk.asf")
    with pytest.raises(mpm.FormatError, match=r"there is no \.asf skeleton"):
        mpm.read(amc)


def test_samples_at_infinity_are_missing_and_told(tmp_path: Path) -> None:
    path = tmp_path / "take.npz"
    np.savez(path, xyz=np.where(np.arange(90).reshape(10, 3, 3) == 44, np.float32(np.inf), XYZ))
    rec = mpm.read(path)
    assert int(rec.visible_FP.sum()) == 29 and any("1 sample at infinity" in note for note in rec.source.notes)


@pytest.mark.parametrize("suffix", ["csv", "trc"])
def test_a_take_without_frames_is_not_written_where_it_could_not_be_read(suffix: str, tmp_path: Path) -> None:
    with pytest.raises(mpm.FormatError, match="no frames to write"):
        mpm.write(mpm.make_recording(("a",), 60.0, XYZ[:0, :1]), tmp_path / f"take.{suffix}")
    assert not list(tmp_path.iterdir())
