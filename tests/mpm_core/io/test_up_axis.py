"""Which way is up: by head and feet before heights, by the other files of the folder where a take does not show it, and as asked."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import mpm_core as mpm
from mpm_core.io.up_axis import FoundUp, find_up, heads_and_feet, upright_axis
from tests.makers import person_rig

LABELS = (
    "LFHD",
    "RFHD",
    "C7",
    "LSHO",
    "RSHO",
    "LASI",
    "RASI",
    "LPSI",
    "RPSI",
    "LKNE",
    "RKNE",
    "LANK",
    "RANK",
    "LHEE",
    "RHEE",
    "LTOE",
    "RTOE",
)
STANDING = """0.1 0 1.7, -0.1 0 1.7, 0 0.1 1.5, 0.2 0 1.45, -0.2 0 1.45, 0.1 -0.1 1, -0.1 -0.1 1, 0.1 0.1 1, -0.1 0.1 1, 0.1 0 0.5,
    -0.1 0 0.5, 0.1 0 0.1, -0.1 0 0.1, 0.1 0.1 0.05, -0.1 0.1 0.05, 0.1 -0.1 0.05, -0.1 -0.1 0.05"""
STANDING_P3 = np.array([[float(number) for number in point.split()] for point in STANDING.split(",")])
LYING_P3 = STANDING_P3[:, [2, 0, 1]] + [1.5, 2, 0.15]


def trc(path: Path, xyz_P3: np.ndarray, up: str, labels: tuple[str, ...] = LABELS) -> Path:
    """30 frames of another program's TRC in metres with this axis up; the person moves a little."""
    to_file = {"y": [0, 2, 1], "z": [0, 1, 2], "x": [2, 0, 1]}[up]
    xyz_FP3 = (xyz_P3 + 0.02 * np.sin(np.arange(30) / 5)[:, None, None])[..., to_file]
    if up == "y":
        xyz_FP3[..., 2] *= -1
    rows = [f"{f + 1}\t{f / 100:.2f}\t" + "\t".join(f"{v:.5f}" for v in row.ravel()) for f, row in enumerate(xyz_FP3)]
    head = f"PathFileType\t4\t(X/Y/Z)\ta.trc\nDataRate\tCameraRate\tNumFrames\tNumMarkers\tUnits\n100\t100\t30\t{len(labels)}\tm\n"
    path.write_text(head + "Frame#\tTime\t" + "\t\t\t".join(labels) + "\t\t\n\t\tX1\n\n" + "\n".join(rows) + "\n")
    return path


@pytest.mark.parametrize("up", ["x", "y", "z"])
def test_head_and_feet_decide_before_heights(up: str, tmp_path: Path) -> None:
    rec = mpm.read(trc(tmp_path / "a.trc", STANDING_P3, up))
    assert rec.source.up == up and any("the head is above the feet" in note for note in rec.source.notes)
    np.testing.assert_allclose(rec.xyz_FPD[0, :, 2], STANDING_P3[:, 2], atol=1e-4)


def test_a_marker_far_above_does_not_outweigh_head_and_feet(tmp_path: Path) -> None:
    wand_P3 = np.array([[9.0, 0, 0.2], [-9.0, 0, 0.2], [0, 30.0, 0.2]])
    rec = mpm.read(trc(tmp_path / "a.trc", np.concatenate([STANDING_P3, wand_P3]), "z", (*LABELS, "wand1", "wand2", "wand3")))
    assert rec.source.up == "z"


def test_a_take_that_does_not_show_it_follows_one_of_its_folder_that_does(tmp_path: Path) -> None:
    alone = tmp_path / "alone"
    alone.mkdir()
    unsure = mpm.read(trc(alone / "lying.trc", LYING_P3, "y"))
    assert any("by how the markers stand" in note for note in unsure.source.notes)
    (tmp_path / "broken.trc").write_text("PathFileType\t4\n")
    for up in ("y", "z", "x"):
        trc(tmp_path / "standing.trc", STANDING_P3, up)
        rec = mpm.read(trc(tmp_path / "lying.trc", LYING_P3, up))
        assert rec.source.up == up
        assert [note for note in rec.source.notes if "up" in note] == [
            f"the file does not say which way is up; taken as +{up.upper()} (as in standing.trc)"
        ]
    assert mpm.read(tmp_path / "lying.trc", up="-z").source.up == "-z"


def test_files_of_other_points_decide_nothing(tmp_path: Path) -> None:
    trc(tmp_path / "a.trc", STANDING_P3, "x")
    other = trc(tmp_path / "b.trc", LYING_P3, "z", tuple(f"M{n}" for n in range(17)))
    assert any("by how the markers stand" in note for note in mpm.read(other).source.notes)


def test_a_file_without_evidence_decides_nothing_for_another(tmp_path: Path) -> None:
    alone = tmp_path / "alone"
    alone.mkdir()
    own = mpm.read(trc(alone / "lying.trc", LYING_P3, "y")).source
    empty = mpm.read(trc(tmp_path / "empty.trc", STANDING_P3 * np.nan, "z")).source
    rec = mpm.read(trc(tmp_path / "lying.trc", LYING_P3, "y"))
    assert not empty.up_known and not own.up_known
    assert (rec.source.up, rec.source.notes) == (own.up, own.notes)


def test_a_bvh_in_which_nobody_stands_follows_one_in_which_somebody_does(tmp_path: Path) -> None:
    def bvh(name: str, head: str, foot: str) -> mpm.Source:
        joints = "".join(f"JOINT {joint}\n{{\nOFFSET {at}\nCHANNELS 0\n}}\n" for joint, at in (("Head", head), ("Foot", foot)))
        (tmp_path / name).write_text(
            f"HIERARCHY\nROOT Hips\n{{\nOFFSET 0 0 0\nCHANNELS 3 Zrotation Xrotation Yrotation\n{joints}}}\n"
            "MOTION\nFrames: 2\nFrame Time: 0.01\n0 0 0\n0 0 0\n"
        )
        return mpm.read(tmp_path / name).source

    assert bvh("lying.bvh", "60 60 60", "-90 -90 -90").up == "y"
    assert bvh("standing.bvh", "0 0 60", "0 0 -90").up == "z"
    lying = mpm.read(tmp_path / "lying.bvh").source
    assert lying.up == "z" and any("as in standing.bvh" in note for note in lying.notes)
    assert not any("by default (nobody" in note for note in lying.notes)


def test_the_files_word_stands_and_its_sign_is_the_datas() -> None:
    xyz_FP3 = np.repeat(STANDING_P3[None], 5, axis=0)
    said = ["the file says -Z is up; +Z was taken (the head is above the feet along it)"]
    assert find_up("-Z", xyz_FP3, LABELS) == FoundUp("z", True, said)
    assert find_up("+Y", xyz_FP3, LABELS).axis in ("y", "-y")
    assert find_up("", -xyz_FP3, LABELS).axis == "-z"
    nothing_FP3 = np.full((5, 17, 3), np.nan)
    assert find_up("", nothing_FP3, LABELS) == FoundUp("z", False, ["the file does not say which way is up; taken as +Z"])
    assert find_up("-Y", nothing_FP3, LABELS) == FoundUp("-y", True, [])
    assert not find_up("upwards", xyz_FP3).known
    lying_FP3 = np.repeat(-LYING_P3[None], 5, axis=0)
    turned = find_up("+Z", lying_FP3)
    assert turned.axis == "-z" and turned.notes and turned.known  # the axis is the file's, though its sign is not


def test_heads_of_bones_and_wheels_are_neither_head_nor_foot() -> None:
    assert heads_and_feet(["L_fibula_head", "RadialHead", "MT1_head", "Wheelchair", "RFHD", "LToe"]) == ([4], [2, 5])
    assert heads_and_feet(["hips", "ankle_l", "knee"]) == ([0], [1])


def test_somebody_who_lies_on_the_floor_is_not_stood_up(tmp_path: Path) -> None:
    for number, place in enumerate(([1.5, 2, 0.15], [-3, 0.5, 0.12], [0.8, -4, 0.1])):
        rec = mpm.read(trc(tmp_path / f"{number}.trc", LYING_P3 - [1.5, 2, 0.15] + place, "z"))
        assert rec.source.up == "z" and not any("above the feet" in note for note in rec.source.notes)


def test_nobody_upright_gives_no_axis() -> None:
    feet_N3, head_N3 = np.zeros((10, 3)), np.tile([1.0, 1.0, 0.0], (10, 1))
    assert upright_axis(feet_N3, head_N3) is None and upright_axis(feet_N3, feet_N3) is None
    assert upright_axis(feet_N3 * np.nan, head_N3) is None
    person = person_rig(frames=20)
    assert find_up("", person.xyz_FPD.astype(float), person.points).axis == "z"


def test_a_folder_that_may_not_be_listed_has_no_siblings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = trc(tmp_path / "a.trc", LYING_P3, "z", tuple(f"M{n}" for n in range(17)))

    def refused(_: Path) -> None:
        raise PermissionError

    monkeypatch.setattr(Path, "iterdir", refused)
    assert mpm.read(path).frames
