"""Reading C3D: every real file, every number form, what files leave open, and what is broken."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from mpm_core.errors import FormatError
from mpm_core.io import registry
from mpm_core.io.c3d import c3d
from mpm_core.io.c3d.layout import Layout, find_layout, measured_positions
from mpm_core.io.c3d.marker_columns import SOFTWARE
from mpm_core.io.c3d.new_file import new_file
from mpm_core.io.c3d.second_opinion import NOT_INSTALLED, TOLERANCE
from mpm_core.io.c3d.second_opinion import second_opinion as ask_ezc3d
from mpm_core.recording import Recording, make_recording
from tests.makers import smooth_take

beside_ezc3d = pytest.mark.usefixtures("second_opinion")
OUT_OF_STEP = {"dynamic.C3D", "standing.C3D", "type1.C3D"}  # ezc3d reads these with the wrong number of analog words


def files(samples_dir: Path) -> list[Path]:
    return sorted(path for path in (samples_dir / "c3d").rglob("*") if path.suffix.lower() == ".c3d" and path.stat().st_size)


def in_process(data: bytes) -> tuple[Layout, Recording]:
    """What read does, without the second opinion."""
    layout = find_layout(data, "test.c3d")
    return layout, c3d.recording(layout, data, c3d.positions(layout, data, "test.c3d", []), "test.c3d", [])


def foreign_file(rec: Recording) -> bytes:
    """A whole C3D of another program, which leaves open what this one would not."""
    return new_file(rec).replace(SOFTWARE.encode(), b"?" * len(SOFTWARE))


@pytest.fixture
def take_file(tmp_path: Path) -> Path:
    rec = smooth_take(60, 5, 100.0)
    path = tmp_path / "take.c3d"
    path.write_bytes(foreign_file(rec))
    return path


def test_every_real_file_is_read_and_looks_like_people(samples_dir: Path) -> None:
    paths = files(samples_dir)
    assert len(paths) >= 37
    for path in paths:
        _, rec = in_process(path.read_bytes())
        seen = rec.xyz_FPD[np.isfinite(rec.xyz_FPD).all(axis=2)]
        assert np.abs(seen).max() < 10, path.name
        assert np.percentile(seen[:, 2], 1) > -0.75, path.name  # the ground is at 0, the seated wheelchair athlete's is unknown
        assert rec.source.up.lstrip("-") == ("y" if path.name in OUT_OF_STEP or "racing" in path.name else "z"), path.name


@pytest.mark.slow
@beside_ezc3d
def test_our_decoder_agrees_with_ezc3d(samples_dir: Path) -> None:
    answered = 0
    for path in files(samples_dir):
        data = path.read_bytes()
        layout = find_layout(data)
        xyz_FC3, _ = measured_positions(layout, data)
        with ask_ezc3d(path, len(data)) as child:
            opinion = child.answer()
        if opinion is None or opinion.xyz_FC3.shape != xyz_FC3.shape or path.name in OUT_OF_STEP:
            continue
        answered += 1
        both = np.isfinite(xyz_FC3).all(axis=2) & np.isfinite(opinion.xyz_FC3).all(axis=2)
        assert both.sum() >= np.isfinite(opinion.xyz_FC3).all(axis=2).sum(), path.name
        np.testing.assert_allclose(xyz_FC3[both], opinion.xyz_FC3[both], atol=TOLERANCE * np.abs(xyz_FC3[both]).max())
        assert opinion.rate_hz == pytest.approx(layout.rate_hz)
    assert answered >= 29


@beside_ezc3d
def test_where_ezc3d_reads_out_of_step_our_positions_move_smoothly_and_its_do_not(samples_dir: Path) -> None:
    for path in files(samples_dir):
        if path.name not in OUT_OF_STEP:
            continue
        data = path.read_bytes()
        xyz_FC3, _ = measured_positions(find_layout(data), data)
        with ask_ezc3d(path, len(data)) as child:
            opinion = child.answer()
        assert opinion is not None
        ours, theirs = (np.nanmedian(np.abs(np.diff(xyz, axis=0))) for xyz in (xyz_FC3, opinion.xyz_FC3))
        assert ours * 50 < theirs
        assert any("ezc3d" in note for note in c3d.read(path).source.notes)


def test_the_six_number_forms_hold_the_same_take(samples_dir: Path) -> None:
    forms = {name: c3d.read(samples_dir / f"c3d/btk/c3d.org/sample01/Eb015{name}.c3d") for name in ("pi", "pr", "si", "sr", "vi", "vr")}
    assert forms["pr"].points[:2] == ("RFT1", "RFT2") and forms["pr"].rate_hz == 50 and forms["pr"].frames == 450
    for name, rec in forms.items():
        assert rec.points == forms["pr"].points and rec.rate_hz == 50
        np.testing.assert_array_equal(rec.origin_FP, forms["pr"].origin_FP)
        np.testing.assert_allclose(rec.xyz_FPD, forms["pr"].xyz_FPD, atol=0.00005 if name.endswith("i") else 1e-6)


def test_angles_and_forces_are_no_points_but_stay_in_the_payload(samples_dir: Path) -> None:
    path = samples_dir / "c3d/btk/PiG/PiG_Motion-FlatFoot-Hole.c3d"
    rec = c3d.read(path)
    assert "LFHD" in rec.points and not any(name.endswith(("Angles", "Force", "Moment", "Power")) for name in rec.points)
    assert rec.source.payload == path.read_bytes() and rec.source.first_frame == 143


def test_a_point_whose_name_sounds_like_an_angle_stays_where_it_is_one() -> None:
    names = ("LFHD", "LScapulaInferiorAngle", "KneeAngle", "Force")
    rec = make_recording(names, 100.0, smooth_take(20, 4).xyz_FPD)
    assert in_process(new_file(rec))[1].points == names
    assert in_process(foreign_file(rec))[1].points == names[:2]


def test_labels_are_unique_whatever_the_file_says(samples_dir: Path) -> None:
    rec = c3d.read(samples_dir / "c3d/kineticstoolkit/c3d_test_suite/others/duplicate_labels.c3d")
    assert "MTTETE" in rec.points and "MTTETE#2" in rec.points
    unnamed = c3d.read(samples_dir / "c3d/btk/c3d.org/sample20/phasespace_sample.c3d")
    assert unnamed.points[:2] == ("*1", "*2") and len(unnamed.points) == 40
    subject = c3d.read(samples_dir / "c3d/cmu/02_01.c3d")
    assert "TakeoMonday:LFHD" in subject.points


def test_the_sign_of_up_is_taken_from_the_markers_and_can_be_overruled(samples_dir: Path) -> None:
    path = samples_dir / "c3d/biobuddy/static_lower_body.c3d"  # says -X, -Z; people stand along +Z
    rec = c3d.read(path)
    assert rec.source.up == "z" and any("-Z" in note for note in rec.source.notes)
    turned = c3d.read(path, up="-z")
    np.testing.assert_allclose(np.nanmax(turned.xyz_FPD[..., 2]), -np.nanmin(rec.xyz_FPD[..., 2]))


def test_unit_by_evidence_and_by_order(take_file: Path) -> None:
    data = take_file.read_bytes().replace(b"\xff\x02\x02\x01mm", b"\xff\x02\x02\x01??")
    take_file.write_bytes(data)
    rec = c3d.read(take_file)
    assert rec.source.unit == "mm" and any("unknown unit" in note for note in rec.source.notes)
    np.testing.assert_allclose(c3d.read(take_file, unit="cm").xyz_FPD, rec.xyz_FPD * 10, rtol=1e-6)
    with pytest.raises(FormatError, match="unit"):
        c3d.read(take_file, unit="parsec")
    with pytest.raises(FormatError, match="up axis"):
        c3d.read(take_file, up="w")


def test_zeros_are_missing_by_evidence_unless_overruled(tmp_path: Path) -> None:
    xyz = smooth_take(60, 3, 100.0).xyz_FPD.copy()
    xyz[10:20, 0] = 0  # a hole
    xyz[:, 1] = np.linspace(-1.0, 1.0, 61)[:60, None] * [0.02, 0.0, 0.0]  # a marker that passes through the origin
    xyz[30, 1] = 0
    path = tmp_path / "zeros.c3d"
    path.write_bytes(foreign_file(make_recording(("A", "B", "C"), 100.0, xyz)))
    rec = c3d.read(path)
    assert (rec.origin_FP[:, 0] == 0).nonzero()[0].tolist() == list(range(10, 20))
    assert rec.origin_FP[30, 1] != 0 and any("0,0,0" in note for note in rec.source.notes)
    assert (c3d.read(path, zero_is_missing=False).origin_FP != 0).all()
    assert (c3d.read(path, zero_is_missing=True).origin_FP == 0).sum() == 11


def test_content_decides_not_the_name(take_file: Path, tmp_path: Path) -> None:
    other = tmp_path / "take.dat"
    other.write_bytes(take_file.read_bytes())
    assert registry.detect(other).name == "c3d" and registry.read(other).frames == 60
    assert not c3d.sniff(other, b"HIERARCHY\nROOT Hips") and not c3d.sniff(other, b"") and not c3d.sniff(other, b"\x02\x50")


def test_analog_only_says_so(take_file: Path) -> None:
    data = bytearray(take_file.read_bytes())
    data[2:6] = bytes([0, 0, 9, 0])
    take_file.write_bytes(data)
    with pytest.raises(FormatError, match="analog"):
        c3d.read(take_file)


def test_a_file_cut_anywhere_is_refused_or_whole(samples_dir: Path) -> None:
    data = (samples_dir / "c3d/btk/c3d.org/sample01/Eb015pr.c3d").read_bytes()
    layout = find_layout(data)
    end = layout.data_start + layout.frames * layout.frame_bytes
    for length in [*range(0, 6000, 97), *range(6000, end, 7919), end - 1]:
        with pytest.raises(FormatError):
            in_process(data[:length])
    assert in_process(data[:end])[1].frames == 450


def test_garbled_files_never_crash(samples_dir: Path) -> None:
    rng = np.random.default_rng(5)
    read = refused = 0
    for name in (
        "sample01/Eb015pi.c3d",
        "sample01/Eb015vr.c3d",
        "sample01/Eb015sr.c3d",
        "sample08/TESTBPI.c3d",
        "sample20/phasespace_sample.c3d",
    ):
        clean = (samples_dir / "c3d/btk/c3d.org" / name).read_bytes()
        for trial in range(60):
            data = bytearray(clean)
            reach = (24, 600, 3000, len(data))[trial % 4]
            for at in rng.integers(0, reach, (1, 8, 200)[trial % 3]):
                data[at] = rng.integers(0, 256)
            try:
                in_process(bytes(data))
                read += 1
            except FormatError as error:
                assert error.what and error.where
                refused += 1
    assert read > 20 and refused > 20


def test_random_bytes_behind_a_good_header_are_refused(tmp_path: Path) -> None:
    rec = smooth_take(200, 20, 100.0)
    data = bytearray(foreign_file(rec))
    start = find_layout(bytes(data)).data_start
    data[start:] = np.random.default_rng(1).integers(0, 256, len(data) - start, np.uint8).tobytes()
    path = tmp_path / "noise.c3d"
    path.write_bytes(data)
    with pytest.raises(FormatError, match="no sense"):
        c3d.read(path)


@beside_ezc3d
def test_what_kills_ezc3d_leaves_us_alone(samples_dir: Path) -> None:
    path = samples_dir / "c3d/btk/c3d.org/sample18/bad_parameter_section.c3d"
    with ask_ezc3d(path, path.stat().st_size) as child:
        assert child.answer() is None
    assert c3d.read(path).frames == 332


@beside_ezc3d
def test_without_ezc3d_the_positions_are_the_same_and_a_note_says_so(take_file: Path, tmp_path: Path) -> None:
    code = (
        "import sys; sys.modules['ezc3d'] = None\n"
        "import numpy as np; from pathlib import Path; from mpm_core.io.c3d import c3d\n"
        "rec = c3d.read(Path(sys.argv[1])); np.save(sys.argv[2], rec.xyz_FPD); print(*rec.source.notes, sep=chr(10))"
    )
    command = [sys.executable, "-c", code, str(take_file), str(tmp_path / "xyz.npy")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    rec = c3d.read(take_file)
    assert np.load(tmp_path / "xyz.npy").tobytes() == rec.xyz_FPD.tobytes()
    assert [note for note in done.stdout.splitlines() if note not in rec.source.notes] == [NOT_INSTALLED]


@beside_ezc3d
def test_a_child_that_hangs_is_given_up(tmp_path: Path, take_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from mpm_core.io.c3d import second_opinion as module

    sleeper = tmp_path / "sleeper.py"
    sleeper.write_text("import time\ntime.sleep(60)\n")
    monkeypatch.setattr(module, "CHILD", sleeper)
    monkeypatch.setattr(module, "BASE_S", 0.3)
    with ask_ezc3d(take_file, 1000) as child:
        assert child.answer() is None
    assert child.process is not None and child.process.poll() is not None


@beside_ezc3d
def test_the_largest_file_that_is_asked_about_is_answered_within_the_promised_memory(tmp_path: Path) -> None:
    from mpm_core.io.c3d.second_opinion import BASE_MB, LARGEST, TIMES_FILE

    path = tmp_path / "large.c3d"
    path.write_bytes(new_file(smooth_take(LARGEST // (60 * 16) - 40, 60)))
    size = path.stat().st_size
    assert 0.95 * LARGEST < size <= LARGEST
    with ask_ezc3d(path, size) as child:
        assert child.answer() is not None
    loaded_mb, ours = 100, 4  # what the child's libraries take, hardly any of it memory; what our own decoder takes, times the file
    assert BASE_MB - loaded_mb + (TIMES_FILE + ours) * size / 2**20 < 200 + 2 * size / 2**20


def test_a_tail_of_zeros_in_a_file_of_ours_is_told(tmp_path: Path) -> None:
    """As a power cut leaves it: the file's length, and nothing in its last blocks."""
    data = new_file(smooth_take(200, 8))
    whole, cut = tmp_path / "whole.c3d", tmp_path / "cut.c3d"
    whole.write_bytes(data)
    cut.write_bytes(data[:-8192] + bytes(8192))
    assert not any("0, 0, 0" in note for note in c3d.read(whole).source.notes)
    assert any("frames hold 0, 0, 0 for every point" in note for note in c3d.read(cut).source.notes)
    assert np.isnan(c3d.read(cut, zero_is_missing=True).xyz_FPD[-1]).all()
