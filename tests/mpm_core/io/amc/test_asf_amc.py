"""ASF/AMC: a two-bone arm whose positions are known by hand, and files that contradict each other."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import mpm_core as mpm
from mpm_core.io.amc import motion
from mpm_core.io.amc.skeleton import INCH_M

ASF = """:version 1.10
:name TEST
:units
  mass 1.0
  length 0.45
  angle deg
:root
   order TX TY TZ RX RY RZ
   axis XYZ
   position 0 0 0
   orientation 0 0 0
:bonedata
  begin
     id 1
     name upper
     direction 1 0 0
     length 3
     axis 0 0 0 XYZ
    dof rz
  end
  begin
     id 2
     name lower
     direction 1 0 0
     length 2
     axis 0 0 90 XYZ
    dof rx
  end
:hierarchy
  begin
    root upper
    upper lower
  end
"""
AMC = """:FULLY-SPECIFIED
:DEGREES
1
root 1 2 3 0 0 0
upper 0
lower 0
2
root 1 2 3 0 90 0
upper 90
lower 0
"""


def take(folder: Path, asf: str = ASF, amc: str = AMC) -> Path:
    (folder / "a.asf").write_text(asf)
    (folder / "a_01.amc").write_text(amc)
    return folder / "a_01.amc"


def test_positions_by_hand(tmp_path: Path) -> None:
    rec = mpm.read(take(tmp_path))
    assert rec.points == ("root", "upper", "lower", "lower_end")
    unit = INCH_M / 0.45
    file_xyz = rec.xyz_FPD.astype(float) @ rec.source.file_to_world_33 / unit**2
    np.testing.assert_allclose(file_xyz[0], [[1, 2, 3], [1, 2, 3], [4, 2, 3], [6, 2, 3]], atol=1e-5)
    np.testing.assert_allclose(file_xyz[1, 2], [1, 5, 3], atol=1e-5)
    np.testing.assert_allclose(rec.xyz_FPD[0, 0], np.array([1, -3, 2]) * unit, atol=1e-6)
    assert rec.rate_hz == 120


def test_bones_keep_their_length_on_real_files(data_dir: Path) -> None:
    rec = mpm.read(data_dir / "cmu" / "016" / "16_15.amc")
    thigh_F = np.linalg.norm(rec.xyz_FPD[:, rec.index("lfemur")] - rec.xyz_FPD[:, rec.index("ltibia")], axis=1)
    assert np.ptp(thigh_F) < 1e-5
    assert 0.3 < thigh_F[0] < 0.6


def test_radians_are_read_as_radians(tmp_path: Path) -> None:
    degrees = mpm.read(take(tmp_path))
    turned = AMC.replace(":DEGREES", ":RADIANS").replace("0 90 0", f"0 {np.pi / 2!r} 0").replace("upper 90", f"upper {np.pi / 2!r}")
    np.testing.assert_allclose(mpm.read(take(tmp_path, amc=turned)).xyz_FPD, degrees.xyz_FPD, atol=1e-6)


def test_words_read_in_portions_are_the_same_and_told_by_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    frames = "".join(f"{frame}\nroot 1 2 3 0 {frame} 0\nupper {frame / 7}\nlower 1\n" for frame in range(1, 60))
    whole = mpm.read(take(tmp_path, amc=AMC[:26] + frames))
    monkeypatch.setattr(motion, "PORTION", 40)
    again = mpm.read(take(tmp_path, amc=AMC[:26] + frames))
    assert whole.frames == 59 and whole.xyz_FPD.tobytes() == again.xyz_FPD.tobytes()
    for wrong, line in (
        ("lower 1\n50\nroot 1 2 3 0 50 0\nuppper", 201),
        ("lower 1\n50\nroot 1 2 x3 0 50 0\nupper", 200),
        ("lower 1\n50\nroot 1 2 nan 0 50 0\nupper", 200),
    ):
        with pytest.raises(mpm.FormatError) as caught:
            mpm.read(take(tmp_path, amc=AMC[:26] + frames.replace("lower 1\n50\nroot 1 2 3 0 50 0\nupper", wrong)))
        assert caught.value.where.endswith(f"line {line}"), caught.value.where


def test_frames_that_do_not_count_on_are_told(tmp_path: Path) -> None:
    told = "the frame numbers do not count one by one: the frames are in the order of the file"
    assert told not in mpm.read(take(tmp_path, amc="\ufeff" + AMC)).source.notes
    twice = mpm.read(take(tmp_path, amc=AMC + AMC))
    assert twice.frames == 4 and told in twice.source.notes


@pytest.mark.parametrize(
    ("asf", "amc", "words"),
    [
        (ASF, AMC.replace("upper 90", "upper 9x"), "not a number"),
        (ASF, AMC.replace("upper 90", "elbow 90"), "does not list"),
        (ASF, AMC[:-8], r"cut off at line 9 \(upper 90\), in frame 2"),
        (ASF, AMC.replace("upper 0\n", "upper 0 0\n", 1), "not a number|not all of one layout|does not list"),
        (ASF, ":FULLY-SPECIFIED\n:DEGREES\n1\nelbow 0\n", "no frames of the skeleton"),
        (ASF.replace("upper lower", "upper fibula"), AMC, "cannot be understood"),
        (ASF.split(":bonedata")[0], AMC, "no bones"),
    ],
)
def test_contradictions_are_told(tmp_path: Path, asf: str, amc: str, words: str) -> None:
    with pytest.raises(mpm.FormatError, match=words):
        mpm.read(take(tmp_path, asf, amc))


def test_a_missing_skeleton_is_told(tmp_path: Path) -> None:
    path = take(tmp_path)
    (tmp_path / "a.asf").unlink()
    with pytest.raises(mpm.FormatError, match=r"no \.asf"):
        mpm.read(path)


def test_unit_up_and_rate_are_overruled(tmp_path: Path) -> None:
    path = take(tmp_path)
    asked = mpm.read(path, unit="m", up="z", fps=60)
    np.testing.assert_allclose(asked.xyz_FPD[0, 0], [1, 2, 3], atol=1e-6)
    assert asked.rate_hz == 60 and {"unit: m (as asked)", "up: z (as asked)"} <= set(asked.source.notes)


def test_a_rate_that_the_file_states_is_its_rate(tmp_path: Path) -> None:
    rec = mpm.read(take(tmp_path, amc=":SAMPLES-PER-SECOND 30\n" + AMC))
    assert rec.rate_hz == 30 and not any("frame rate" in note for note in rec.source.notes)
    assert mpm.read(tmp_path / "a_01.amc", fps=24).rate_hz == 24
    with pytest.raises(mpm.FormatError, match=r"SAMPLES-PER-SECOND.*not a frame rate"):
        mpm.read(take(tmp_path, amc=":SAMPLES-PER-SECOND none\n" + AMC))


def test_a_real_file_that_is_cut_off_says_where(data_dir: Path) -> None:
    path = data_dir / "cmu" / "007" / "07_12.amc"
    if not path.is_file():
        pytest.skip("07_12.amc is not there")
    with pytest.raises(mpm.FormatError, match="cut off at line 7352"):
        mpm.read(path)
