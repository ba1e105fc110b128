"""Tables of every program that is known, and of none: what they hold is read as it stands, what they leave open is said."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

import mpm_core as mpm
from tests.mpm_core.io.keypoints import detector_files

MOTIVE = """Format Version,1.23,Take Name,a,Capture Frame Rate,240.000000,Export Frame Rate,120.000000,Length Units,Centimeters

,Type,Bone,Bone,Bone,Bone,Bone,Bone,Bone,Marker,Marker,Marker,Marker,Marker,Marker
,Name,Hip,Hip,Hip,Hip,Hip,Hip,Hip,a:LFHD,a:LFHD,a:LFHD,a:C7,a:C7,a:C7
,ID,1,1,1,1,1,1,1,2,2,2,3,3,3
,,Rotation,Rotation,Rotation,Rotation,Position,Position,Position,Position,Position,Position,Position,Position,Position
Frame,Time (Seconds),X,Y,Z,W,X,Y,Z,X,Y,Z,X,Y,Z
10,0.0,0,0,0,1,1,2,3,10,170,20,11,150,21
11,0.00833,0,0,0,1,1,2,3,10.5,171,20.5,,,
"""
QUALISYS = """NO_OF_FRAMES\t2
NO_OF_CAMERAS\t8
NO_OF_MARKERS\t2
FREQUENCY\t100
DATA_INCLUDED\t3D
MARKER_NAMES\tLFHD\tC7
TRAJECTORY_TYPES\tMeasured\tMixed
100.5\t200\t1700\t101\t201\t1500
102\t203\t1701\t0.000\t0.000\t0.000
"""
VISUAL3D = """\ta.c3d\ta.c3d\ta.c3d\ta.c3d\ta.c3d\ta.c3d
\tLFHD\tLFHD\tLFHD\tKNEE\tKNEE\tKNEE
\tTARGET\tTARGET\tTARGET\tLINK_MODEL_BASED\tLINK_MODEL_BASED\tLINK_MODEL_BASED
\tORIGINAL\tORIGINAL\tORIGINAL\tORIGINAL\tORIGINAL\tORIGINAL
ITEM\tX\tY\tZ\tX\tY\tZ
1\t0.1\t0.2\t1.7\t30\t40\t50
2\t0.3\t0.4\t1.8\t31\t41\t51
"""
VICON = """Devices
1000
,,Force
Frame,Sub Frame,Fx
,,N
1,0,5

Trajectories
200
,,Ann:LFHD,,,Ann:C7,,
Frame,Sub Frame,X,Y,Z,X,Y,Z
,,mm,mm,mm,mm,mm,mm
5,0,1,2,1700,3,4,1500
7,0,1.5,2.5,1701,,,

Model Outputs
"""


def read(tmp_path: Path, text: str, name: str = "take.csv", encoding: str = "utf-8", **options: object) -> mpm.Recording:
    (tmp_path / name).write_text(text, encoding=encoding, newline="")
    return mpm.read(tmp_path / name, **options)


def in_file(rec: mpm.Recording) -> np.ndarray:
    return (rec.xyz_FPD.astype(float) @ np.linalg.inv(rec.source.file_to_world_33).T).round(3)


def test_motive_gives_its_markers(tmp_path: Path) -> None:
    rec = read(tmp_path, MOTIVE)
    assert (rec.points, rec.rate_hz, rec.source.unit, rec.source.first_frame) == (("a:LFHD", "a:C7"), 120, "cm", 10)
    np.testing.assert_array_equal(in_file(rec), [[[10, 170, 20], [11, 150, 21]], [[10.5, 171, 20.5], [np.nan] * 3]])
    assert any("bones beside the markers were left out" in note for note in rec.source.notes)
    bones = read(tmp_path, "\n".join(line if "Format" in line else ",".join(line.split(",")[:9]) for line in MOTIVE.splitlines()))
    assert bones.points == ("Hip",) and in_file(bones)[0, 0].tolist() == [1, 2, 3]


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_qualisys_with_and_without_frame_columns(tmp_path: Path, newline: str) -> None:
    rec = read(tmp_path, QUALISYS.replace("\n", newline), "take.tsv")
    assert (rec.points, rec.rate_hz, rec.source.unit) == (("LFHD", "C7"), 100, "mm")
    np.testing.assert_array_equal(in_file(rec), [[[100.5, 200, 1700], [101, 201, 1500]], [[102, 203, 1701], [np.nan] * 3]])
    head, rows = QUALISYS.split("100.5", 1)
    titled = head + "Frame\tTime\tLFHD X\tLFHD Y\tLFHD Z\tC7 X\tC7 Y\tC7 Z\n3\t0.02\t100.5" + rows.replace("\n102", "\n4\t0.03\t102")
    again = read(tmp_path, titled, "take.txt")
    assert again.source.first_frame == 3 and again.xyz_FPD.tobytes() == rec.xyz_FPD.tobytes()
    with pytest.raises(mpm.FormatError, match="names no markers"):
        read(tmp_path, QUALISYS.replace("MARKER_NAMES\tLFHD\tC7\n", ""), "take.tsv")


def test_visual3d_gives_positions_and_no_angles(tmp_path: Path) -> None:
    rec = read(tmp_path, VISUAL3D, "take.txt")
    assert rec.points == ("LFHD",) and rec.source.unit == "m"
    np.testing.assert_array_equal(in_file(rec)[:, 0], [[0.1, 0.2, 1.7], [0.3, 0.4, 1.8]])
    with pytest.raises(mpm.FormatError, match="no positions"):
        read(tmp_path, VISUAL3D.replace("TARGET", "LINK_MODEL_BASED"), "take.txt")


def test_vicon_gives_the_section_of_trajectories(tmp_path: Path) -> None:
    rec = read(tmp_path, VICON)
    assert (rec.points, rec.rate_hz, rec.source.first_frame, rec.frames) == (("Ann:LFHD", "Ann:C7"), 200, 5, 3)
    np.testing.assert_array_equal(in_file(rec)[:, 0], [[1, 2, 1700], [np.nan] * 3, [1.5, 2.5, 1701]])
    assert any("they have no row: 1 frame" in note for note in rec.source.notes)


@pytest.mark.parametrize(
    "heads",
    [
        "a_x,a_y,a_z,b_x,b_y,b_z",
        "a.X,a.Y,a.Z,b.X,b.Y,b.Z",
        "a x,a y,a z,b x,b y,b z",
        "a[0],a[1],a[2],b[0],b[1],b[2]",
        "X_a,Y_a,Z_a,X_b,Y_b,Z_b",
    ],
)
def test_headings_that_name_point_and_axis(tmp_path: Path, heads: str) -> None:
    rec = read(tmp_path, f"Time,{heads}\n0,1,2,1700,4,5,1600\n0.02,1.5,2,1700,nan,NaN,#N/A\n0.04,2,2,1700,4,5,1600\n")
    assert (rec.points, rec.rate_hz) == (("a", "b"), 50)
    np.testing.assert_array_equal(in_file(rec)[1], [[1.5, 2, 1700], [np.nan] * 3])


def test_a_row_for_each_point_and_an_end_in_the_middle_of_a_frame(tmp_path: Path) -> None:
    rows = [f"{frame},{point},{frame},{point},1700" for frame in range(4) for point in range(3)]
    whole, cut = (read(tmp_path, "\n".join(["frame,point,x,y,z", *rows[:count], ""])) for count in (12, 11))
    assert (whole.frames, cut.frames, len(cut.points)) == (4, 4, 3)
    np.testing.assert_array_equal(np.argwhere(~cut.visible_FP), [[3, 2]])
    assert any("the last frame has 2 points, every other at least 3" in note for note in cut.source.notes)
    assert not any("cut off" in note for note in whole.source.notes)


def test_names_above_axes_and_units(tmp_path: Path) -> None:
    rec = read(tmp_path, " a,,,b,,\nX,Y,Z,X,Y,Z\nmm,mm,mm,mm,mm,mm\n1,2,1700,4,5,1600\n")
    assert rec.points == ("a", "b") and rec.source.unit == "mm"


def test_a_row_for_each_point(tmp_path: Path) -> None:
    text = "frame,keypoint,x,y,z\n1,nose,0.1,0.2,1.7\n1,left_hip,0.1,0.2,0.9\n2,nose,0.2,0.2,1.7\n"
    rec = read(tmp_path, text)
    assert rec.points == ("nose", "left_hip") and np.isnan(rec.xyz_FPD[1, 1]).all()
    with pytest.raises(mpm.FormatError, match="'nose' more than once"):
        read(tmp_path, text + "2,nose,1,1,1\n")


def numbered(labels: Sequence[int], xyz_FK3: np.ndarray) -> str:
    """A table in caliscope's layout."""
    rows = [f"{frame},{label},{x},{y},{z}" for frame, one in enumerate(xyz_FK3) for label, (x, y, z) in zip(labels, one, strict=True)]
    return "\n".join(["sync_index,point_id,x_coord,y_coord,z_coord", *rows, ""])


def upright(name: str) -> np.ndarray:
    """(F, K, 3) a walker of a keypoint set, metres, X up; points are up to 0.1 m nearer or farther."""
    shown_FK3 = detector_files.walker(name)
    across_FK, down_FK = shown_FK3[..., 0] / 300, shown_FK3[..., 1] / 300
    depth_FK = np.broadcast_to(np.random.default_rng(1).uniform(-0.1, 0.1, down_FK.shape[1]), down_FK.shape)
    return np.stack([2 - down_FK, across_FK, 1 + depth_FK], axis=2)


def test_points_with_mediapipes_numbers_are_named_where_they_lie_on_a_body(tmp_path: Path) -> None:
    """As caliscope writes them: not every point of the body is there, the hands begin at 100 and 200. The names tell which way is up."""
    xyz_FK3 = upright("MediaPipe-33")[:, :32]
    ids = [*range(32), 100, 220]

    def table(body_FK3: np.ndarray) -> str:
        return numbered(ids, np.concatenate([body_FK3, body_FK3[:, [16, 15]]], axis=1))

    rec = read(tmp_path, table(xyz_FK3), unit="m")
    assert (rec.points[0], rec.points[31:]) == ("nose", ("left_foot_index", "right_hand_0", "left_hand_20"))
    assert (rec.source.up, rec.source.up_known) == ("x", True)
    mixed = read(tmp_path, table(xyz_FK3[:, np.random.default_rng(0).permutation(32)]), unit="m")
    assert mixed.points[0] == "P0"


@pytest.mark.parametrize("rows_columns", [(3, 3), (3, 4), (4, 4), (5, 5), (5, 6), (6, 5), (8, 4), (11, 3)])
def test_the_numbered_corners_of_a_board_stay_numbers(rows_columns: tuple[int, int], tmp_path: Path) -> None:
    """A calibration board that is moved, in the layout of a body's points; noise of 1 mm."""
    down_P, across_P = (each.ravel() * 0.05 for each in np.indices(rows_columns))
    turn_33 = np.linalg.qr(np.random.default_rng(0).normal(size=(3, 3)))[0]
    board_P3 = np.stack([across_P, down_P, np.zeros_like(down_P)], axis=1) @ turn_33
    moved_FP3 = board_P3 + np.linspace([0, 0, 1], [0.5, 0.2, 1.2], 8)[:, None]
    moved_FP3 += np.random.default_rng(1).normal(0, 0.001, moved_FP3.shape)
    rec = read(tmp_path, numbered(range(len(board_P3)), moved_FP3), unit="m", up="z")
    assert rec.points == tuple(f"P{number}" for number in range(len(board_P3)))


@pytest.mark.parametrize("name", ["COCO-17", "Human3.6M-17", "OpenPose COCO-18", "OpenPose BODY_25", "OpenPose BODY_25B", "Halpe-26"])
def test_the_numbered_points_of_another_set_stay_numbers(name: str, tmp_path: Path) -> None:
    xyz_FK3 = upright(name)
    rec = read(tmp_path, numbered(range(xyz_FK3.shape[1]), xyz_FK3), unit="m", up="x")
    assert rec.points[:2] == ("P0", "P1")


def test_decimal_commas_semicolons_and_utf_16(tmp_path: Path) -> None:
    text = "a.x;a.y;a.z\n0,5;1,5;2,5\n"
    for encoding in ("utf-8", "utf-8-sig", "utf-16", "latin-1"):
        assert in_file(read(tmp_path, text, encoding=encoding))[0, 0].tolist() == [0.5, 1.5, 2.5]


@pytest.mark.parametrize(
    ("row", "separator"),
    [
        ("640\t1,304\t-536\n1,201\t947\t-540", "\t"),
        ('12.5;"1,304";3.5\n12.5;"1,305";3.5', ";"),
        ('"1,304",12.5,-0.5\n"1,305",12.5,-0.5', ","),
        ('"1,304","1,205","-1,536"\n"1,305","1,206","-1,537"', ","),
    ],
)
def test_commas_that_separate_thousands_are_refused(row: str, separator: str, tmp_path: Path) -> None:
    path = tmp_path / "take.tsv"
    path.write_text(separator.join(["A_x", "A_y", "A_z"]) + "\n" + row.replace("\n1,201", "\n947\t1,201\t3\n1,201") + "\n")
    with pytest.raises(mpm.FormatError, match="thousands"):
        mpm.read(path)


def test_decimal_commas_with_three_digits_are_decimal_commas(tmp_path: Path) -> None:
    path = tmp_path / "take.tsv"
    path.write_text("frame\tA_x\tA_y\tA_z\n1\t640,125\t1,304\t-536,500\n2\t640,250\t1,305\t-536,750\n")
    np.testing.assert_allclose(mpm.read(path, unit="m", up="z").xyz_FPD[0, 0], [640.125, 1.304, -536.5])


def test_a_long_table_with_commas_of_thousands_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "take.csv"
    path.write_text('frame,point,x,y,z\n1,head,"1,200","1,230","1,700"\n2,head,"1,201","1,231","1,701"\n')
    with pytest.raises(mpm.FormatError, match="thousands"):
        mpm.read(path)


@pytest.mark.parametrize("missing", ["0", "-0", "."])
def test_a_missing_sample_does_not_make_decimal_commas_those_of_thousands(missing: str, tmp_path: Path) -> None:
    path = tmp_path / "take.csv"
    path.write_text(f"A_x;A_y;A_z\n200,000;230,000;150,000\n{missing};{missing};{missing}\n201,000;231,000;151,000\n")
    rec = mpm.read(path, unit="m", up="z")
    assert rec.xyz_FPD[[0, 2], 0].tolist() == [[200, 230, 150], [201, 231, 151]]


def test_many_headings_of_one_name_are_read_soon(tmp_path: Path) -> None:
    import time

    path = tmp_path / "take.csv"
    path.write_text(",".join(["A_x,A_y,A_z"] * 4000) + "\n" + ",".join(["1,2,3"] * 4000) + "\n")
    start = time.process_time()
    assert mpm.read(path, unit="m", up="z").points[-1] == "A#4000"
    assert time.process_time() - start < 3


def test_a_point_that_is_there_twice_is_read_twice(tmp_path: Path) -> None:
    path = tmp_path / "take.csv"
    path.write_text("frame,A_x,A_y,A_z,A_x,A_y,A_z,B_x,B_y,B_z\n1,1,2,3,4,5,6,7,8,9\n2,1,2,3,4,5,6,7,8,9\n")
    rec = mpm.read(path, unit="m", up="z")
    assert rec.points == ("A", "A#2", "B") and rec.xyz_FPD[0, :, 0].tolist() == [1, 4, 7]
    assert any("more than once" in note for note in rec.source.notes)


@pytest.mark.parametrize(
    "text",
    [
        "A_x (mm),A_y (mm),A_z (mm),B_x (m),B_y (m),B_z (m)\n1000,2,3,1,2,3\n",
        "A_x (m),A_y (mm),A_z (mm)\n1,2,3\n",
        "A,,,B,,\nX,Y,Z,X,Y,Z\nmm,mm,mm,cm,cm,cm\n1000,2,3,1,2,3\n",
        "A,,\nX,Y,Z\nmm,mm,m\n1000,2,3\n",
    ],
)
def test_positions_in_two_units_are_refused(text: str, tmp_path: Path) -> None:
    path = tmp_path / "take.csv"
    path.write_text(text)
    with pytest.raises(mpm.FormatError, match=r"positions in c?mm? and in c?mm?"):
        mpm.read(path)


def test_two_spellings_of_a_unit_are_one(tmp_path: Path) -> None:
    path = tmp_path / "take.csv"
    path.write_text("A_x (mm),A_y (mm),A_z (mm),B_x (MM),B_y (millimeters),B_z (mm)\n1000,2,3,1,2,3\n")
    assert mpm.read(path).source.unit == "mm"


def test_numbers_alone_and_columns_as_the_user_says(tmp_path: Path) -> None:
    text = "1,0,1,2,1700,4,5,1600\n2,0,101,2,1700,104,5,1600\n3,0,301,2,1700,304,5,1600\n"
    assert read(tmp_path, text).points == ("P1", "P2")
    still = "1,0,1,2,1700,4,5,1600\n2,0,1,2,1700,4,5,1600\n"
    with pytest.raises(mpm.FormatError, match=r"do not move as points of a body do .*--columns 'P=3-8'"):
        read(tmp_path, still)
    assert read(tmp_path, still, columns="P=3-8; frame=1").points == ("P1", "P2")
    rec = read(tmp_path, text, columns="head=3-5; c7 = 6,7,8; frame=1", unit="mm", up="z", fps=60)
    assert (rec.points, rec.rate_hz, rec.source.first_frame) == (("head", "c7"), 60, 1)
    np.testing.assert_allclose(rec.xyz_FPD[0], [[0.001, 0.002, 1.7], [0.004, 0.005, 1.6]], atol=1e-6)
    named = read(tmp_path, "t,p,q,r\n0,1,2,3\n0.1,1,2,3\n", columns="hip=p,q,r; time=t")
    assert (named.points, named.rate_hz) == (("hip",), pytest.approx(10))
    for columns, told in (("head=1-2", "not a point"), ("head=a,b,c", "no column 'a'"), ("=1-3", "not a point")):
        with pytest.raises(mpm.FormatError, match=told):
            read(tmp_path, text, columns=columns)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("alpha,beta\n1,2\n", "is not clear"),
        ("1,2,3,4\n2,2,3,4\n5,6,7,8\n", "fits no number of points"),
        ("a.x,a.y,a.z\n1,2,horse\n", "line 2, column 3"),
        ("a.x,a.y,a.z\n1,2,3\n\n\n4,1_0,6\n", "line 5, column 2"),
        ("a.x,a.y,a.z\n", "no frames"),
        ("sync_index,point_id,img_x,img_y\n0,1,2,3\n", "no x, y and z"),
        (MOTIVE.replace("Frame,Time", "F,T"), "no heading row"),
    ],
)
def test_what_cannot_be_read_says_where_and_what_to_do(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(mpm.FormatError) as caught:
        read(tmp_path, text)
    assert told in str(caught.value) and str(tmp_path) in caught.value.where


def _headed(rows: list[list[str]], fourth: bool) -> str:
    axes = "xyzw" if fourth else "xyz"
    heads = ["frame", *(f"{name}_{axis}" for name in ("LFHD", "RFHD", "C7", "T10") for axis in axes)]
    return "\n".join(",".join(row) for row in [heads, *rows]) + "\n"


@pytest.mark.parametrize("fourth", [False, True])
def test_a_row_that_lost_a_cell_or_has_one_too_many_is_refused(tmp_path: Path, fourth: bool) -> None:
    width = 4 if fourth else 3
    whole = [[str(f), *(f"{0.01 * f + 0.1 * i:.3f}" for i in range(4 * width))] for f in range(1, 9)]
    assert read(tmp_path, _headed(whole, fourth).replace("_w", "[3]")).points == ("LFHD", "RFHD", "C7", "T10")
    for change in (lambda row: row[:5] + row[6:], lambda row: [*row[:5], "7", *row[5:]], lambda row: row[:-1]):
        rows = [change(row) if f == 5 else row for f, row in enumerate(whole)]
        with pytest.raises(mpm.FormatError, match=rf"line 7: the row has {len(rows[5])} cells, most others have {len(whole[0])}"):
            read(tmp_path, _headed(rows, fourth).replace("_w", "[3]"))
    ends = [row[: 1 + 2 * width] if f == 5 else [*row, "a word"] if f == 2 else row for f, row in enumerate(whole)]
    rec = read(tmp_path, _headed(ends, fourth).replace("_w", "[3]"))
    assert np.isnan(rec.xyz_FPD).all(axis=2).sum(axis=1).tolist() == [0, 0, 0, 0, 0, 2, 0, 0]


def test_own_tables_are_refused_when_damaged(tmp_path: Path) -> None:
    from tests.makers import smooth_take

    mpm.write(smooth_take(4, 2), tmp_path / "own.csv")
    lines = (tmp_path / "own.csv").read_text().splitlines()
    for broken, told in (
        ([*lines[:-1], lines[-1][:40]], "cells, not"),
        ([lines[0], lines[2], lines[1], *lines[3:]], "do not count"),
        ([lines[0], lines[1].replace("measured", "guessed")], "is not an origin"),
    ):
        with pytest.raises(mpm.FormatError, match=told):
            read(tmp_path, "\n".join(broken))
