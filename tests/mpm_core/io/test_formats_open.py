"""What files leave open and how it is overruled; formats that are known and not read; small formats; what a new C3D carries on."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import mpm_core as mpm
from mpm_core.body.names import keypoint_set
from mpm_core.io.c3d import c3d
from mpm_core.io.c3d.layout import find_layout
from mpm_core.io.registry import FORMATS, open_options
from tests.makers import person_2d, person_bvh, smooth_take

BVH = """HIERARCHY
ROOT hip
{{
OFFSET 0 0 0
CHANNELS 6 Xposition Yposition Zposition Zrotation Xrotation Yrotation
JOINT knee
{{
OFFSET 0 -40 0
CHANNELS 6 Xposition Yposition Zposition Zrotation Xrotation Yrotation
End Site
{{
OFFSET 0 -40 0
}}
}}
}}
MOTION
Frames: 2
Frame Time: 0.01
0 90 0 0 0 0 {0} 0 0 0
0 90 0 0 0 0 {1} 0 0 0
"""


@pytest.mark.parametrize(
    ("numbers", "word", "knee"), [(("0 -40 0", "0 -41 0"), "replace", (50, 49)), (("0 0 0", "0 -1 0"), "add to", (50, 49))]
)
def test_position_channels_replace_or_add_by_evidence(tmp_path: Path, numbers: tuple[str, str], word: str, knee: tuple[int, int]) -> None:
    path = tmp_path / "a.bvh"
    path.write_text(BVH.format(*numbers))
    rec = mpm.read(path, unit="cm", up="y")
    assert any(f"position channels below the root {word}" in note for note in rec.source.notes)
    np.testing.assert_allclose(rec.xyz_FPD[:, 1, 2] * 100, knee, atol=1e-4)
    other = "add" if word == "replace" else "replace"
    asked = mpm.read(path, unit="cm", up="y", positions=other)
    assert not np.allclose(asked.xyz_FPD, rec.xyz_FPD) and any("(as asked)" in note for note in asked.source.notes)
    for take in (rec, asked):
        mpm.write(take, tmp_path / "copy.bvh")
        assert (tmp_path / "copy.bvh").read_bytes() == path.read_bytes()
    mpm.write(replace(rec, rate_hz=50.0), tmp_path / "slow.bvh")
    slow = mpm.read(tmp_path / "slow.bvh", unit="cm", up="y")
    np.testing.assert_allclose(slow.xyz_FPD, rec.xyz_FPD, atol=1e-6)
    with pytest.raises(mpm.DataError, match="not a meaning"):
        mpm.read(path, positions="maybe")


def test_an_option_that_a_format_does_not_leave_open_is_refused(tmp_path: Path) -> None:
    mpm.write(smooth_take(), tmp_path / "a.npz")
    with pytest.raises(mpm.DataError, match="--up does not apply: NumPy NPZ"):
        mpm.read(tmp_path / "a.npz", up="y")
    assert mpm.read(tmp_path / "a.npz", up=None, fps=50.0).rate_hz == 50
    known = {fmt.name: set(open_options(fmt)) for fmt in FORMATS}
    assert known["c3d"] == {"unit", "up", "zero_is_missing"} and known["project"] == set()


@pytest.mark.parametrize(
    ("name", "data", "told"),
    [
        ("a.fbx", b"Kaydara FBX Binary  \0\x1a\0", "FBX"),
        ("a.dat", b"; FBX 7.3.0 project file", "FBX"),
        ("a.slp", b"\x89HDF\r\n\x1a\n", "HDF5"),
        ("a.asf", b":version 1.10", ".amc"),
        ("a.xyz", b"hello", "known: "),
    ],
)
def test_files_that_are_not_read_say_the_way_out(tmp_path: Path, name: str, data: bytes, told: str) -> None:
    (tmp_path / name).write_bytes(data)
    with pytest.raises(mpm.FormatError) as caught:
        mpm.read(tmp_path / name)
    assert told in str(caught.value) and caught.value.hint


def test_a_bare_array_is_taken_as_its_size_says(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    mediapipe = keypoint_set("MediaPipe-33")
    assert mediapipe is not None
    across_F33, down_F33 = np.moveaxis(person_2d(mediapipe.points, 5, size=1700)[..., :2], -1, 0)
    body = np.stack([across_F33, rng.normal(0, 20, (5, 33)), 1760 - down_F33], axis=2)
    xyz = np.concatenate([body, body[:, :1] + rng.normal(0, 30, (5, 520, 3))], axis=1)
    xyz[2, 7] = np.nan
    np.save(tmp_path / "a.npy", xyz)
    rec = mpm.read(tmp_path / "a.npy", fps=25, up="z")
    assert rec.points[:33] == mediapipe.points and rec.points[33] == "right_hand_0" and rec.rate_hz == 25 and rec.source.unit == "mm"
    np.testing.assert_allclose(rec.xyz_FPD, xyz / 1000, atol=1e-6)
    for option in ({"image_wh": (640, 480)}, {"person": "2"}):
        with pytest.raises(mpm.FormatError, match=r"positions of one person.*leave --size and --person away"):
            mpm.read(tmp_path / "a.npy", **option)
    np.save(tmp_path / "b.npy", rng.normal(size=(5, 4, 2)))
    assert mpm.read(tmp_path / "b.npy").dims == 2
    np.save(tmp_path / "c.npy", rng.normal(size=(5, 4)))
    with pytest.raises(mpm.FormatError, match="not \\(frames, points"):
        mpm.read(tmp_path / "c.npy")
    np.save(tmp_path / "d.npy", np.array([print], dtype=object), allow_pickle=True)
    with pytest.raises(mpm.FormatError, match="never loaded"):
        mpm.read(tmp_path / "d.npy")


def test_an_array_with_a_broken_header_is_refused(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", np.zeros((4, 5, 3)))
    data = (tmp_path / "a.npy").read_bytes()
    for wrong in (data.replace(b"}", b"\n"), data.replace(b"(4, 5, 3)", b"(4, 5, 3 "), data.replace(b"(4,", b"(9,"), data[:40], data[:-8]):
        (tmp_path / "b.npy").write_bytes(wrong)
        with pytest.raises(mpm.FormatError):
            mpm.read(tmp_path / "b.npy")


def test_damaged_json_takes_are_refused(tmp_path: Path) -> None:
    mpm.write(smooth_take(3, 2), tmp_path / "a.json")
    text = (tmp_path / "a.json").read_text()
    for wrong, told in (
        (text[:-40], "not valid JSON"),
        (text.replace('"version": 1', '"version": 9'), "version 9"),
        (text.replace('"P0",', '"P1",'), "unique"),
        (text.replace('"rate_hz": 60.0', '"rate_hz": 0'), "frame rate"),
        (text.replace('"origin"', '"source"'), "cannot be understood"),
    ):
        (tmp_path / "b.json").write_text(wrong)
        with pytest.raises(mpm.FormatError, match=told):
            mpm.read(tmp_path / "b.json")


def test_a_new_c3d_keeps_the_sources_events_and_subjects(samples_dir: Path, tmp_path: Path) -> None:
    kept = 0
    for path in sorted((samples_dir / "c3d").rglob("*.[cC]3[dD]")):
        data = path.read_bytes()
        if not data:
            continue
        before = find_layout(data).parameters
        if not before.texts("EVENT:LABELS"):
            continue
        layout = find_layout(data)
        rec = c3d.recording(layout, data, c3d.positions(layout, data, str(path), []), str(path), [])
        mpm.write(replace(rec, xyz_FPD=rec.xyz_FPD + np.float32(1)), tmp_path / "moved.c3d")
        moved = (tmp_path / "moved.c3d").read_bytes()
        assert len(moved) != len(data)
        after = find_layout(moved).parameters
        for name in ("EVENT:LABELS", "EVENT:CONTEXTS", "SUBJECTS:NAMES"):
            assert after.texts(name) == before.texts(name), (path.name, name)
        np.testing.assert_array_equal(after.numbers("EVENT:TIMES"), before.numbers("EVENT:TIMES"))
        kept += 1
    assert kept >= 2


def test_a_c3d_of_rotations_only_says_so(tmp_path: Path) -> None:
    mpm.write(smooth_take(3, 2), tmp_path / "a.c3d")
    data = bytearray((tmp_path / "a.c3d").read_bytes())
    data[2:6] = b"\0\0\x08\0"  # no points, eight analog words
    used = data.index(b"\x04\x02USED") + 10  # of the second group, ANALOG, past its link, type and rank
    data[used : used + 2] = b"\x13\0"
    renamed = bytes(data).replace(b"\x06\xfeANALOG", b"\x08\xfeROTATION")
    (tmp_path / "a.c3d").write_bytes(renamed)
    with pytest.raises(mpm.FormatError, match="19 segments' rotations and no points"):
        mpm.read(tmp_path / "a.c3d")


def test_an_integer_file_names_itself_when_a_fill_does_not_fit(samples_dir: Path, tmp_path: Path) -> None:
    path = samples_dir / "c3d" / "btk" / "c3d.org" / "sample01" / "Eb015pi.c3d"
    rec = mpm.read(path)
    origin_FP, xyz_FPD = rec.origin_FP.copy(), rec.xyz_FPD.copy()
    origin_FP[0, 0], xyz_FPD[0, 0] = mpm.Origin.HAND, 500.0
    with pytest.raises(mpm.FormatError) as caught:
        mpm.write(replace(rec, origin_FP=origin_FP, xyz_FPD=xyz_FPD), tmp_path / "out.c3d")
    assert "beyond what this integer file can hold" in caught.value.what and caught.value.where == str(path)


def test_the_same_take_in_every_byte_order_and_number_form_is_one(samples_dir: Path) -> None:
    folder = samples_dir / "c3d" / "btk" / "c3d.org" / "sample01"
    takes = {path.stem: mpm.read(path) for path in sorted(folder.glob("*.c3d"))}
    assert len(takes) == 6
    reals = [takes[name] for name in ("Eb015pr", "Eb015sr", "Eb015vr")]
    whole = [takes[name] for name in ("Eb015pi", "Eb015si", "Eb015vi")]
    for group in (reals, whole):
        for other in group[1:]:
            assert other.points == group[0].points and other.rate_hz == group[0].rate_hz
            np.testing.assert_array_equal(other.xyz_FPD, group[0].xyz_FPD)
    np.testing.assert_allclose(reals[0].xyz_FPD, whole[0].xyz_FPD, atol=1e-4)


def test_bvh_notes_are_in_the_recording(tmp_path: Path) -> None:
    (tmp_path / "a.bvh").write_bytes(person_bvh(4))
    notes = mpm.read(tmp_path / "a.bvh", unit="mm", up="z").source.notes
    assert {"unit: mm (as asked)", "up: z (as asked)"} <= set(notes)
