"""BVH files in and out: evidence, oddities, refusals, and text that comes back as it was."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_allclose

from mpm_core.body.mapping import body_joints, map_body
from mpm_core.edit.mark import mark
from mpm_core.edit.names import renamed
from mpm_core.edit.patch import patch_where
from mpm_core.errors import DataError, FormatError
from mpm_core.io.bvh import bvh
from mpm_core.io.bvh.units import decide_rate
from mpm_core.recording import Origin, Recording, make_recording
from mpm_core.rigs.constraints import expand_marks
from mpm_core.rigs.solve import apply_targets
from mpm_core.skeleton import load_skeleton
from tests.makers import person_bvh, smooth_take

HEAD = b"HIERARCHY\nROOT a\n{\nOFFSET 0 0 0\nCHANNELS 6 Xposition Yposition Zposition Zrotation Xrotation Yrotation\n"
TAIL = b"End Site\n{\nOFFSET 0 10 0\n}\n}\nMOTION\nFrames: 2\nFrame Time: 0.1\n1 2 3 0 0 0\n4 5 6 90 0 0\n"
SMALL = HEAD + TAIL


def read_bytes(tmp_path: Path, data: bytes, **options: str) -> Recording:
    path = tmp_path / "in.bvh"
    path.write_bytes(data)
    assert bvh.sniff(path, data[:4096])
    return bvh.read(path, **options)


def written(rec: Recording, tmp_path: Path) -> bytes:
    bvh.write(rec, tmp_path / "out.bvh")
    return (tmp_path / "out.bvh").read_bytes()


def bvh_files(samples_dir: Path) -> list[Path]:
    return sorted(path for path in (samples_dir / "bvh").rglob("*") if path.suffix in (".bvh", ".txt"))


def test_a_small_file_is_read_by_hand(tmp_path: Path) -> None:
    rec = read_bytes(tmp_path, SMALL)
    assert rec.points == ("a", "a_end") and rec.rate_hz == 10 and rec.frames == 2
    assert_allclose(rec.xyz_FPD[0], [[0.01, -0.03, 0.02], [0.01, -0.03, 0.12]], atol=1e-7)  # centimetres, y up
    assert_allclose(rec.xyz_FPD[1], [[0.04, -0.06, 0.05], [-0.06, -0.06, 0.05]], atol=1e-7)
    assert (rec.origin_FP == Origin.MEASURED).all()
    assert rec.skeleton is not None and rec.skeleton.bones == ((0, 1),)
    assert rec.source.payload == SMALL and rec.source.first_frame == 1 and len(rec.source.notes) == 2
    assert_allclose(rec.source.file_to_world_33 @ [1, 2, 3], [0.01, -0.03, 0.02])


def test_every_real_file_comes_back_byte_for_byte(samples_dir: Path, tmp_path: Path) -> None:
    files = bvh_files(samples_dir)
    assert files
    for path in files:
        rec = bvh.read(path)
        assert written(rec, tmp_path) == path.read_bytes(), path.name
        assert np.isfinite(rec.xyz_FPD).all() and len(rec.points) == len(set(rec.points))


def test_real_files_stand_on_the_floor_at_human_size(samples_dir: Path) -> None:
    """What was decided about unit and axes shows: nearly two metres up from the floor in files that hold a person's motion."""
    looked_at = 0
    for path in bvh_files(samples_dir):
        rec = bvh.read(path)
        if len(rec.points) < 20 or rec.frames < 5:
            continue
        looked_at += 1
        tall_F = np.ptp(rec.xyz_FPD[..., 2], axis=1)
        assert 1.2 < np.median(tall_F) < 2.1, (path.name, rec.source.notes)
        assert abs(rec.xyz_FPD[..., 2].min()) < 0.2, (path.name, rec.source.notes)
    assert looked_at >= 8


@pytest.mark.parametrize("clip", ["cmu_bvh/006/06_02.bvh", "cmu_bvh/012/12_01.bvh", "cmu_daz/013/13_18.bvh", "cmu_daz/013/13_01.bvh"])
def test_cmu_files_come_back_byte_for_byte(data_dir: Path, tmp_path: Path, clip: str) -> None:
    if not (data_dir / clip).is_file():
        pytest.skip(f"{clip} is not among the data")
    rec = bvh.read(data_dir / clip)
    assert written(rec, tmp_path) == (data_dir / clip).read_bytes()
    assert rec.source.unit == ("cm" if "daz" in clip else "inch x 0.45") and rec.source.up == "y" and rec.rate_hz == 120


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_only_the_solved_channels_of_the_solved_frames_change_their_text(tmp_path: Path, newline: str) -> None:
    data = person_bvh(newline=newline)
    rec = read_bytes(tmp_path, data)
    where_FP = np.zeros(rec.origin_FP.shape, bool)
    where_FP[10:20, [rec.index("LeftForeArm"), rec.index("LeftHand")]] = True
    assert rec.rig is not None
    where_FP = expand_marks(rec.rig, where_FP)
    moved = apply_targets(rec, rec.xyz_FPD + 0.03, where_FP)
    edited = patch_where(rec, "fill", where_FP, xyz_FPD=moved, origin=Origin.PREDICTED).apply(rec)[0]
    out = written(edited, tmp_path)
    again = bvh.read(tmp_path / "out.bvh")
    assert np.abs(again.xyz_FPD - moved).max() < 1e-5
    before, after = re.split(rb"\r\n|\n|\r", data), re.split(rb"\r\n|\n|\r", out)
    first_row = next(i for i, line in enumerate(before) if line.startswith(b"Frame Time")) + 1
    changed = [i - first_row for i, (old, new) in enumerate(zip(before, after, strict=True)) if old != new]
    assert changed == list(range(10, 20))
    may_change: set[int] = set()
    for name in ("LeftArm", "LeftForeArm", "LeftHand", "LeftThumb", "LeftFinger"):
        columns = rec.rig.columns(rec.index(name))
        may_change |= set(range(columns.start, columns.stop))
    for row in changed:
        old, new = before[first_row + row].split(), after[first_row + row].split()
        differ = {i for i, (one, two) in enumerate(zip(old, new, strict=True)) if one != two}
        assert differ and differ <= may_change
        assert all(len(new[i].partition(b".")[2]) >= 6 for i in differ)


def test_marks_alone_change_nothing(tmp_path: Path) -> None:
    rec = read_bytes(tmp_path, person_bvh())
    edited = mark(rec, np.ones(rec.origin_FP.shape, bool)).apply(rec)[0]
    assert written(edited, tmp_path) == person_bvh()


def test_a_trimmed_take_keeps_its_hierarchy_text(tmp_path: Path) -> None:
    data = person_bvh(newline="\r\n")
    rec = read_bytes(tmp_path, data)
    assert rec.rig is not None
    short_rig = rec.rig.at(slice(5, 25))
    short = make_recording(rec.points, 50.0, rec.xyz_FPD[5:25], rig=short_rig, source=rec.source, skeleton=rec.skeleton)
    out = written(short, tmp_path)
    assert out.partition(b"MOTION")[0] == data.partition(b"MOTION")[0] and b"\r\nFrames: 20\r\n" in out
    again = bvh.read(tmp_path / "out.bvh")
    assert again.rate_hz == 50 and again.frames == 20
    assert_allclose(again.xyz_FPD, short.xyz_FPD, atol=1e-6)


def test_a_rig_without_its_file_is_written_whole(tmp_path: Path) -> None:
    rec = read_bytes(tmp_path, person_bvh())
    out = written(replace(rec, source=replace(rec.source, payload=b"")), tmp_path)
    again = bvh.read(tmp_path / "out.bvh")
    assert out.startswith(b"HIERARCHY") and again.points == rec.points and again.rate_hz == rec.rate_hz
    assert_allclose(again.xyz_FPD, rec.xyz_FPD, atol=1e-6)


def test_seventeen_joints_get_a_hierarchy_of_their_own(tmp_path: Path) -> None:
    person = read_bytes(tmp_path, person_bvh())
    body = load_skeleton("body17")
    parts = ("UpLeg", "Leg", "Foot")
    names = ["Hips", *(f"{side}{part}" for side in ("Right", "Left") for part in parts), "Spine", "Chest", "Neck", "Head_end"]
    names += [f"{side}{part}" for side in ("Left", "Right") for part in ("Arm", "ForeArm", "Hand")]
    rec = make_recording(body.names, 100.0, person.xyz_FPD[:, [person.index(name) for name in names]])
    bvh.write(rec, tmp_path / "body.bvh")
    again = bvh.read(tmp_path / "body.bvh")
    assert again.rate_hz == 100 and len(again.points) == 24
    there_FPD = body_joints(again, map_body(again))
    error_P = np.linalg.norm(there_FPD - rec.xyz_FPD, axis=2).mean(axis=0)
    assert error_P.max() < 0.02  # this rig's trunk has other joints
    assert again.rig is not None
    assert all(not names or names[0].endswith("rotation") for names in again.rig.channels[1:])


@pytest.mark.parametrize("name", ["a{b", "a}b", " a", "a ", "", "a  b", "a\tb", "a\nb", "\x0bc", "a\x0bb", "x " * 20 + "x"])
def test_a_name_that_a_bvh_cannot_hold_is_said(name: str, tmp_path: Path) -> None:
    rec = read_bytes(tmp_path, SMALL)
    assert rec.rig is not None
    names = (name, f"{name}_end")
    wrong = replace(rec, points=names, skeleton=None, rig=replace(rec.rig, names=names))
    with pytest.raises(FormatError, match="name"):
        written(wrong, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["in.bvh"]


@pytest.mark.parametrize("number", [b"1e300", b"-1e12"])
def test_an_angle_that_none_can_be_is_refused(number: bytes, tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="frame 2 holds numbers too large"):
        read_bytes(tmp_path, SMALL.replace(b"90 0 0", number + b" 0 0"))


@pytest.mark.parametrize("name", ["a b", "Ann:a", "a\u00a0b", "ä", "End", "x " * 19 + "x"])
def test_a_renamed_joint_comes_back(name: str, tmp_path: Path) -> None:
    again = read_bytes(tmp_path, written(renamed(read_bytes(tmp_path, SMALL), {"a": name}), tmp_path))
    assert again.points == (name, f"{name}_end")


def test_names_are_made_unique_and_kept_as_written(tmp_path: Path) -> None:
    joint = b"JOINT Bip01 L Thigh { OFFSET 0 1 0 CHANNELS 0 End Site { OFFSET 0 1 0 } End Site { OFFSET 0 2 0 } }\n"
    rec = read_bytes(tmp_path, HEAD.replace(b"ROOT a", b"ROOT mixamorig:Hips") + joint + joint + TAIL)
    one = "Bip01 L Thigh"
    assert rec.points[:4] == ("mixamorig:Hips", one, f"{one}_end", f"{one}_end#2")
    assert rec.points[4:] == (f"{one}#2", f"{one}_end#3", f"{one}_end#4", "mixamorig:Hips_end")
    assert any(one in note for note in rec.source.notes)


def test_a_second_root_and_a_joint_without_an_end_are_read(tmp_path: Path) -> None:
    rec = read_bytes(tmp_path, HEAD + b"}\nROOT prop { OFFSET 5 5 5 CHANNELS 0 }\n" + TAIL.partition(b"}\n}\n")[2].join([b"", b""]))
    assert rec.rig is not None and rec.rig.parents == (-1, -1)


def test_unit_and_axis_can_be_overruled(tmp_path: Path) -> None:
    data = person_bvh()
    centimetres, inches = read_bytes(tmp_path, data), read_bytes(tmp_path, data, unit="inch", up="z")
    assert centimetres.source.unit == "cm" and inches.source.unit == "inch" and inches.source.up == "z"
    assert_allclose(inches.xyz_FPD[..., 2] / 2.54, -centimetres.xyz_FPD[..., 1], rtol=1e-5)
    for wrong in ({"unit": "furlong"}, {"up": "w"}):
        with pytest.raises(DataError, match="known"):
            read_bytes(tmp_path, data, **wrong)


@pytest.mark.parametrize(("factor", "unit"), [(0.01, "m"), (1.0, "cm"), (10.0, "mm"), (1 / 2.54, "inch"), (0.45 / 2.54, "inch x 0.45")])
@pytest.mark.parametrize("up", ["y", "z"])
def test_unit_and_axis_are_told_from_the_skeleton(tmp_path: Path, factor: float, unit: str, up: str) -> None:
    def scaled(match: re.Match[bytes]) -> bytes:
        x, y, z = (float(word) * factor for word in match[1].split())
        return b"OFFSET " + (f"{x} {y} {z}" if up == "y" else f"{x} {-z} {y}").encode()

    rec = read_bytes(tmp_path, re.sub(rb"OFFSET ([^\r\n]+)", scaled, person_bvh()))
    assert rec.source.unit == unit and rec.source.up == up, rec.source.notes


@pytest.mark.parametrize(
    ("text", "rate"),
    [
        (".0083333", 120),
        ("0.008333", 120),
        ("0.033333", 30),
        ("0.016666", 60),
        ("0.017", 60),
        ("0.0333667", 30000 / 1001),
        ("0.0417083750417", 23.976),
        ("0.038462", 26),
        ("1", 1),
        ("1.0", 1),
        ("2.5", 0.4),
        ("8.3333e-3", 120),
        ("0.0005", 2000),
        ("0.03", 1 / 0.03),
    ],
)
def test_rounded_frame_times_mean_the_rate_they_were_made_from(text: str, rate: float) -> None:
    assert decide_rate(float(text), text) == pytest.approx(rate, rel=1e-9)


@pytest.mark.parametrize(("text", "told"), [(b"33.3333", "33.3333 s"), (b"30", "30 s"), (b"1.0", ""), (b"0.0333333", "")])
def test_a_frame_time_that_is_hardly_meant_in_seconds_is_told(tmp_path: Path, text: bytes, told: str) -> None:
    data = re.sub(rb"Frame Time:[^\n]*", b"Frame Time: " + text, SMALL)
    notes = [note for note in read_bytes(tmp_path, data).source.notes if "milliseconds" in note]
    assert len(notes) == bool(told) and all(told in note for note in notes)


def test_what_a_bvh_cannot_hold_is_refused(tmp_path: Path) -> None:
    rec = read_bytes(tmp_path, person_bvh())
    holes = rec.xyz_FPD.copy()
    holes[3, 4] = np.nan
    flat = make_recording(("p",), 30.0, np.zeros((2, 1, 2)))
    missing = make_recording(rec.points, rec.rate_hz, holes, rig=rec.rig, source=rec.source)
    shorter = make_recording(rec.points, rec.rate_hz, rec.xyz_FPD[:9], rig=rec.rig, source=rec.source)
    for wrong, word in ((flat, "3D"), (missing, "missing"), (shorter, "its rig"), (smooth_take(), "no skeleton")):
        with pytest.raises(FormatError, match=word) as caught:
            bvh.write(wrong, tmp_path / "no.bvh")
        assert caught.value.hint and not (tmp_path / "no.bvh").exists()


def test_sniffing_goes_by_content(tmp_path: Path) -> None:
    assert bvh.sniff(tmp_path / "walk.txt", SMALL) and bvh.sniff(tmp_path / "x", b"\xef\xbb\xbf\r\n\nHIERARCHY\n")
    assert bvh.sniff(tmp_path / "x", SMALL.decode().encode("utf-16"))
    assert (
        not bvh.sniff(tmp_path / "x.bvh", b"HIERARCHYX") and not bvh.sniff(tmp_path / "x.bvh", b"\x50\x02") and not bvh.sniff(tmp_path, b"")
    )
    with pytest.raises(FormatError, match="16-bit"):
        read_bytes(tmp_path, SMALL.decode().encode("utf-16"))
