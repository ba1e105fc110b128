"""What preparing says: rates and who says them, equal refusals together, unread folders, one skeleton in two splits, pictures."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path

import numpy as np
import pytest

from mpm_core.errors import DataError
from mpm_core.io.npz import write
from mpm_core.recording import make_recording
from mpm_core.world_fit.bones import body_height
from mpm_train.data.clean import cut_up
from mpm_train.data.config import PrepareConfig
from mpm_train.data.corpus import INDEX, load_corpus
from mpm_train.data.prepare import prepare
from mpm_train.data.rules import rules_of
from mpm_train.data.sources import Found, Needs, takes
from mpm_train.data.take import Take
from tests.makers import person_bvh, standing
from tests.mpm_train.data.test_fall import NAMES, jumps

AMC = ":FULLY-SPECIFIED\n:DEGREES\n1\nroot 1 2 3 0 0 0\n"


def take(path: Path, xyz_FJ3: np.ndarray, rate_hz: float) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    write(make_recording(NAMES, rate_hz, xyz_FJ3), path)


def test_a_rate_that_nobody_says_is_refused_once_for_all_files(tmp_path: Path) -> None:
    (tmp_path / "in" / "walks").mkdir(parents=True)
    for number in range(7):
        (tmp_path / "in" / "walks" / f"w{number}.amc").write_text(AMC)
    take(tmp_path / "in" / "ann" / "a.npz", jumps(30.0), 30.0)
    printed = prepare([tmp_path / "in"], tmp_path / "out")
    (line,) = (line for line in printed if line.startswith("refused"))
    assert "7 files: the format has no frame rate" in line
    assert "--fps 'FOLDER/**=HZ'" in line
    assert "in/walks/w0.amc" in line
    assert "and 4 more" in line
    assert any(line.startswith("nothing was read in") and "walks (7 .amc)" in line for line in printed)
    (line,) = (
        line for line in prepare([tmp_path / "in"], tmp_path / "out", PrepareConfig(fps=("walks=30",))) if line.startswith("refused")
    )
    assert "no .asf" in line, "with a rate the next thing that is wanting is told"


def test_a_wrong_rate_is_told_by_take_and_folder(tmp_path: Path) -> None:
    take(tmp_path / "in" / "ann" / "a.npz", jumps(30.0), 120.0)
    printed = prepare([tmp_path / "in"], tmp_path / "out")
    report = json.loads((tmp_path / "out" / "prepare.json").read_text())
    assert any("is the rate 30 Hz instead of 120" in line for line in printed)
    (folder,) = report["by_folder"]
    assert folder["fall_m_s2"] == pytest.approx(-9.8 * 16, rel=0.05)
    assert folder["rates"] == {"120 by the file": 1}
    prepare([tmp_path / "in"], tmp_path / "out", PrepareConfig(fps=("ann/*=30",)))
    report = json.loads((tmp_path / "out" / "prepare.json").read_text())
    (folder,) = report["by_folder"]
    assert folder["fall_m_s2"] == pytest.approx(-9.8, rel=0.05)
    assert folder["rates"] == {"30 by --fps ann/*=30": 1}
    assert not any("fall" in phrase for phrases in report["suspicious"].values() for phrase in phrases)
    assert report["notes"] == {"30 Hz by --fps ann/*=30, not 120 as the file says": 1}
    assert [clip.rate_hz for clip in load_corpus(tmp_path / "out")[1]] == [30.0]


def test_one_skeleton_in_two_splits_is_warned_of(tmp_path: Path) -> None:
    for subject, seed in (("ann", 1), ("bob", 2)):
        (tmp_path / "in" / subject).mkdir(parents=True)
        (tmp_path / "in" / subject / "take.bvh").write_bytes(person_bvh(120, seed=seed))
    taller = np.asarray(jumps(30.0)) * 1.1
    take(tmp_path / "in" / "cid" / "a.npz", taller, 30.0)
    printed = "\n".join(prepare([tmp_path / "in"], tmp_path / "out", PrepareConfig(hold_out=("bob", "cid"))))
    assert "one skeleton is in several splits, so they share a rig or a person (train: ann; validation: bob)" in printed
    printed = "\n".join(prepare([tmp_path / "in"], tmp_path / "out", PrepareConfig(hold_out=("cid",))))
    assert "several splits" not in printed


def test_a_session_is_held_out_by_file_and_the_index_says_who(tmp_path: Path) -> None:
    for name in ("s1_a", "s1_b", "s2_a"):
        take(tmp_path / "in" / "club" / f"{name}.npz", jumps(30.0), 30.0)
    printed = "\n".join(prepare([tmp_path / "in"], tmp_path / "out", PrepareConfig(hold_out=("club/s2*",), default_splits=False)))
    assert {clip.name.partition(":")[0]: clip.split for clip in load_corpus(tmp_path / "out")[1]} == {
        "s1_a": "train",
        "s1_b": "train",
        "s2_a": "validation",
    }
    assert "club is in several splits: train, validation" in printed
    index = json.loads((tmp_path / "out" / INDEX).read_text())
    assert index["hold_out"] == {
        "patterns": {"validation": ["club/s2*"], "test": []},
        "people": {"train": ["club"], "validation": ["club"], "test": []},
    }


def test_collapsed_and_still_stretches_are_cut_out() -> None:
    xyz_FJ3 = standing(300).xyz_FPD + np.arange(300)[:, None, None] / 100 * np.array([1.0, 0, 0])
    xyz_FJ3[50:60, NAMES.index("thorax")] = xyz_FJ3[50:60, 0] + 0.05
    cut = cut_up(xyz_FJ3, 100.0)
    assert cut.parts == ((0, 50), (60, 300))
    assert cut.collapsed == 10
    still = cut_up(standing(300).xyz_FPD, 100.0)
    assert (still.parts, still.still) == ((), 300)


@pytest.mark.slow
def test_several_processes_give_the_same(tmp_path: Path) -> None:
    for number in range(3):
        (tmp_path / "in" / str(number)).mkdir(parents=True)
        (tmp_path / "in" / str(number) / "a.bvh").write_bytes(person_bvh(120, seed=number))
    prepare([tmp_path / "in"], tmp_path / "one")
    prepare([tmp_path / "in"], tmp_path / "two", PrepareConfig(jobs=2))
    one, two = load_corpus(tmp_path / "one"), load_corpus(tmp_path / "two")
    assert one[1] == two[1]
    np.testing.assert_array_equal(np.asarray(one[0]), np.asarray(two[0]))


@pytest.mark.skipif(importlib.util.find_spec("matplotlib") is None, reason="matplotlib is not installed")
def test_a_picture_of_each_skeleton(tmp_path: Path) -> None:
    from mpm_train.data.pictures import draw, main

    (tmp_path / "in" / "ann").mkdir(parents=True)
    (tmp_path / "in" / "ann" / "a.bvh").write_bytes(person_bvh(120))
    prepare([tmp_path / "in"], tmp_path / "out")
    (page,) = draw(tmp_path / "out", tmp_path / "pictures")
    assert page.read_bytes()[:4] == b"\x89PNG"
    (tmp_path / "out" / "prepare.json").unlink()
    with pytest.raises(DataError, match="no report"):
        draw(tmp_path / "out", tmp_path / "pictures")
    assert main([str(tmp_path)]) == 2
    assert main([str(tmp_path / "none"), str(tmp_path)]) == 1


def test_snu_is_read_by_its_own_skeletons(data_dir: Path) -> None:
    folder = data_dir / "snu" / "tiling" / "multi"
    if not folder.is_dir():
        pytest.skip("this set is not unpacked")
    needs = Needs(rules_of(PrepareConfig()))
    sizes = {}
    for name in ("hys_box_2", "mmk_box_2"):
        (one,) = takes(Found(folder / f"{name}.amc", "motion", data_dir), needs, set())
        assert isinstance(one, Take), one
        assert (one.rate_hz, one.rate_by, one.subject) == (30.0, "the file", f"snu/tiling/multi/{name[:3]}")
        sizes[name] = body_height(one.xyz_FJ3.astype(np.float64))
    assert all(1.5 < size < 2.0 for size in sizes.values()), sizes
