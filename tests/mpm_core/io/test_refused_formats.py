"""Files of formats that are known and not read: each is refused with what it is and what to do instead."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

import mpm_core as mpm
from mpm_core.subjects import Subject
from tests.makers import smooth_take

STORAGE = "Coordinates\nversion=1\nnRows=2\nnColumns=2\ninDegrees=yes\nendheader\ntime\thip_flexion_r\n0.0\t1\n0.01\t1.5\n"
HTR = "[Header]\nFileType htr\nDataType HTRS\nFileVersion 1\nNumSegments 3\nNumFrames 2\n[SegmentNames&Hierarchy]\nLowerTorso GLOBAL\n"
MOTIVE = "Format Version,1.23,Take Name,a,Export Frame Rate,120,Length Units,Meters\n\n"
TURNS = """,Type,Bone,Bone,Bone{0}
,Name,Hip,Hip,Hip{0}
,ID,1,1,1{0}
,,Rotation,Rotation,Rotation{0}
Frame,Time (Seconds),X,Y,Z{1}
0,0,0,0,0{2}
"""
REFUSED: dict[str, tuple[str | bytes, str, str]] = {
    "angles.sto": (STORAGE, "OpenSim storage", "TRC or C3D"),
    "angles.mot": (STORAGE, "OpenSim storage", "TRC or C3D"),
    "angles.csv": (STORAGE, "OpenSim storage", "TRC or C3D"),
    "model.osim": ('<?xml version="1.0"?>\n<OpenSimDocument Version="40000"/>', "OpenSim model", "TRC or C3D"),
    "subject.b3d": (b"\x10\0\0\0\0\0\0\0\x0a\x05hello\0\1", "AddBiomechanics", "docs/npz.md"),
    "a.htr": (HTR, "HTR", "BVH"),
    "htr.txt": (HTR.replace("\n", "\r\n"), "HTR", "BVH"),
    "suit.mvnx": ('<?xml version="1.0"?><mvnx version="4"/>', "MVNX", "MVN Analyze"),
    "amass.pkl": (b"\x80\x04\x95\x10\0\0\0\0\0\0\0}\x94.", "Python pickle", "numpy.savez"),
    "sheet.xlsx": (b"PK\x03\x04 xl/workbook.xml", "spreadsheet", "CSV"),
    "take.mov": (b"\0\0\0\x14ftypqt  ", "video", "detector"),
    "frames_only.csv": (MOTIVE + "Frame,Time (Seconds)\n0,0\n1,0.01\n", "no markers", "from Motive with markers"),
    "turns_only.csv": (MOTIVE + TURNS.format("", "", ""), "no positions", "from Motive with markers"),
    "quaternions_only.csv": (MOTIVE + TURNS.format(",Bone", ",W", ",1").replace(",Bone\nF", ",Rotation\nF"), "no positions", "Motive"),
    "cut.csv": ("scorer,DLC,DLC,DLC\nbodyparts,nose,nose,nose\n", "scorer, bodyparts, coords", "damaged"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_known_format_is_refused_with_its_name_and_a_way_out(name: str, tmp_path: Path) -> None:
    content, what, hint = REFUSED[name]
    path = tmp_path / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    with pytest.raises(mpm.FormatError) as caught:
        mpm.read(path)
    assert what in caught.value.what and hint in caught.value.hint and caught.value.where == str(path)


@pytest.mark.parametrize("analog", [0, 6])
def test_a_c3d_of_segments_alone_is_refused_as_such(analog: int, tmp_path: Path) -> None:
    path = tmp_path / "theia.c3d"
    take = smooth_take(10, 3)
    mpm.write(replace(take, subjects=(Subject("Ann", take.points),)), path)
    data = bytearray(path.read_bytes().replace(b"SUBJECTS", b"ROTATION"))
    data[2:6] = bytes([0, 0, analog, 0])
    path.write_bytes(data)
    with pytest.raises(mpm.FormatError, match=r"1 segments' rotations and no points .*joint positions too, from Theia3D"):
        mpm.read(path)


def test_deeplabcut_in_space_is_read_with_its_individuals(tmp_path: Path) -> None:
    path = tmp_path / "dlc.csv"
    heads = "scorer,D,D,D,D,D,D\nindividuals,ann,ann,ann,bob,bob,bob\nbodyparts,nose,nose,nose,nose,nose,nose\ncoords,x,y,z,x,y,z\n"
    path.write_text(heads + "0,1,2,3,4,5,6\n1,1,2,3,4,5,6\n")
    assert mpm.read(path).points == ("ann:nose", "bob:nose")
