"""`lift` writes what it lifted, or says why not."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import mpm_core as mpm
from mpm_core.body.joints import LEGS
from mpm_core.body.mapping import body_joints, map_body
from mpm_core.resources import resource
from mpm_core.skeleton import load_skeleton
from mpm_studio.__main__ import main
from mpm_studio.commands.lift import write_lifted


def lifted() -> mpm.Recording:
    """A take of the 17 joints, one frame of which shows nobody."""
    names = load_skeleton("body17").names
    xyz_FP3 = np.random.default_rng(0).normal(size=(4, len(names), 3))
    xyz_FP3[2] = np.nan
    return mpm.make_recording(names, 30.0, xyz_FP3)


def test_only_a_file_that_holds_no_missing_frames_is_said_to_need_fill_absent(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(mpm.FormatError) as caught:
        write_lifted(lifted(), tmp_path / "file" / "out.npz", keep_old=False)
    assert "--fill-absent" not in str(caught.value)
    with pytest.raises(mpm.FormatError, match="--fill-absent"):
        write_lifted(lifted(), tmp_path / "out.bvh", keep_old=False)
    write_lifted(lifted(), tmp_path / "out.npz", keep_old=False)
    assert mpm.read(tmp_path / "out.npz").frames == 4


def test_the_second_person_of_a_folder_is_lifted_as_well_as_the_first_and_comes_back_from_bvh(tmp_path: Path) -> None:
    """Two people, the second further right and smaller, in either order in the files: each lifts as in a folder of their own."""
    together, alone = tmp_path / "together", tmp_path / "alone"
    together.mkdir()
    alone.mkdir()
    files = sorted(resource("sample/walk_reach_sit_openpose").glob("*.json"))[:60]
    for frame, (file, other) in enumerate(zip(files, reversed(files), strict=True)):
        first, second = (json.loads(one.read_text())["people"][0] for one in (file, other))
        xyc = np.array(second["pose_keypoints_2d"]).reshape(-1, 3)
        xyc[:, :2] = np.where(xyc[:, 2:] > 0, 0.8 * xyc[:, :2] + (600, 200), 0.0)
        second["pose_keypoints_2d"] = xyc.ravel().tolist()
        people = [first, second] if frame % 2 else [second, first]
        (together / file.name).write_text(json.dumps({"version": 1.3, "people": people}))
        (alone / file.name).write_text(json.dumps({"version": 1.3, "people": [second]}))
    bvh = tmp_path / "second.bvh"
    for folder, out, person in ((together, bvh, ["--person", "2"]), (alone, tmp_path / "alone.npz", [])):
        assert main(["lift", str(folder), "-o", str(out), "--size", "1920x1080", "--fps", "30", *person]) == 0
    read, lifted = mpm.read(bvh), mpm.read(tmp_path / "alone.npz")
    off_FJ = np.linalg.norm(body_joints(read, map_body(read)) - body_joints(lifted, map_body(lifted)), axis=2)
    limbs = [joint for leg in LEGS for joint in leg[1:]]
    assert read.frames == 60
    assert off_FJ[:, limbs].max() < 0.01
