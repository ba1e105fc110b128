"""C3D out: original bytes, with only what was edited changed; proof; and new files."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import ezc3d
import numpy as np
import pytest

from mpm_core.edit.mark import mark, region
from mpm_core.edit.patch import Patch, patch_where
from mpm_core.errors import FormatError
from mpm_core.io.c3d import c3d
from mpm_core.io.c3d.layout import find_layout
from mpm_core.io.c3d.new_file import new_file
from mpm_core.io.c3d.proof import proof
from mpm_core.recording import Origin, Recording, make_recording
from tests.makers import smooth_take, with_gap
from tests.mpm_core.io.c3d.test_c3d import files, in_process

FORMS = ("pi", "pr", "si", "sr", "vi", "vr")


def filled(rec: Recording) -> Recording:
    """Every gap put at one place, by hand."""
    missing_FP = rec.origin_FP == Origin.MISSING
    xyz_FPD = np.where(missing_FP[:, :, None], np.float32([0.3, -0.2, 0.9]), rec.xyz_FPD)
    return patch_where(rec, "fill", missing_FP, xyz_FPD=xyz_FPD, origin=Origin.HAND).apply(rec)[0]


@pytest.fixture
def sample(samples_dir: Path) -> Path:
    return samples_dir / "c3d/btk/c3d.org/sample01/Eb015pi.c3d"


def test_unedited_files_come_back_byte_for_byte(samples_dir: Path, tmp_path: Path) -> None:
    for number, path in enumerate(files(samples_dir)):
        _, rec = in_process(path.read_bytes())
        out = tmp_path / f"{number}.c3d"
        c3d.write(rec, out)
        assert out.read_bytes() == path.read_bytes(), path.name


def test_filled_copies_differ_only_at_filled_samples(samples_dir: Path, tmp_path: Path) -> None:
    edited = 0
    for number, path in enumerate(files(samples_dir)):
        data = path.read_bytes()
        layout, rec = in_process(data)
        done = filled(rec)
        out = tmp_path / f"{number}.c3d"
        c3d.write(done, out)
        found = proof(done, out)
        missing = int((rec.origin_FP == Origin.MISSING).sum())
        assert found.holds and found.measured == int(rec.measured_FP.sum()), path.name
        assert found.changed == missing, path.name
        export = out.read_bytes()
        before, after = (np.frombuffer(raw, np.uint8) for raw in (data, export))
        touched = np.zeros(len(data), bool)
        flags = np.repeat((layout.words_FC4(data) != layout.words_FC4(export)).any(axis=2), 4, axis=1)
        frame = np.zeros((layout.frames, layout.frame_bytes // layout.word_bytes), bool)
        frame[:, : flags.shape[1]] = flags
        touched[layout.data_start : layout.data_start + layout.frames * layout.frame_bytes] = np.repeat(frame.ravel(), layout.word_bytes)
        assert np.array_equal(before[~touched], after[~touched]), path.name
        edited += bool(missing)
    assert edited >= 25


@pytest.mark.parametrize("form", FORMS)
def test_a_fill_reads_back_as_a_valid_measurement_in_every_number_form(samples_dir: Path, tmp_path: Path, form: str) -> None:
    rec = c3d.read(samples_dir / f"c3d/btk/c3d.org/sample01/Eb015{form}.c3d")
    out = tmp_path / "out.c3d"
    done = filled(rec)
    c3d.write(done, out)
    back = c3d.read(out)
    assert (back.origin_FP == Origin.MEASURED).all()
    np.testing.assert_allclose(back.xyz_FPD, done.xyz_FPD, atol=0.00005 if form.endswith("i") else 1e-6)
    layout = find_layout(out.read_bytes())
    _, residual_FC = layout.decode(layout.words_FC4(out.read_bytes()))
    assert (residual_FC[rec.origin_FP == Origin.MISSING] == 0).all()


def test_marks_alone_change_nothing(sample: Path, tmp_path: Path) -> None:
    rec = c3d.read(sample)
    marked, _ = mark(rec, region(rec, [3, 4], 100, 200)).apply(rec)
    out = tmp_path / "out.c3d"
    c3d.write(marked, out)
    assert out.read_bytes() == sample.read_bytes() and proof(marked, out).changed == 0


def test_a_swap_of_labels_moves_the_measured_bytes(sample: Path, tmp_path: Path) -> None:
    rec = c3d.read(sample)
    frames = np.repeat(np.arange(50, 60), 2)
    points, swapped = np.tile([0, 1], 10), np.tile([1, 0], 10)
    assert (rec.origin_FP[50:60, :2] == Origin.MEASURED).all()
    edit = Patch("Swap", frames, points, rec.samples.at(frames, swapped))
    done, _ = edit.apply(rec)
    out = tmp_path / "out.c3d"
    c3d.write(done, out)
    layout = find_layout(sample.read_bytes())
    before, after = (layout.words_FC4(path.read_bytes()) for path in (sample, out))
    assert np.array_equal(after[50:60, 0], before[50:60, 1]) and np.array_equal(after[50:60, 1], before[50:60, 0])
    assert proof(done, out).changed == 20


def test_a_deleted_sample_goes_out_as_no_measurement(sample: Path, tmp_path: Path) -> None:
    rec = c3d.read(sample)
    gone_FP = np.zeros(rec.origin_FP.shape, bool)
    gone_FP[70:75, 5] = True
    done, _ = patch_where(rec, "Delete", gone_FP, xyz_FPD=np.full_like(rec.xyz_FPD, np.nan), origin=Origin.MISSING).apply(rec)
    out = tmp_path / "out.c3d"
    c3d.write(done, out)
    assert (c3d.read(out).origin_FP[70:75, 5] == Origin.MISSING).all() and proof(done, out).changed == 5


@pytest.mark.parametrize("form", FORMS)
def test_a_trimmed_take_keeps_its_frames_bytes_analog_included(samples_dir: Path, tmp_path: Path, form: str) -> None:
    path = samples_dir / f"c3d/btk/c3d.org/sample01/Eb015{form}.c3d"
    rec = c3d.read(path)
    cut = rec.with_samples(rec.samples.at(slice(100, 220)), source=replace(rec.source, first_frame=101))
    out = tmp_path / "cut.c3d"
    c3d.write(cut, out)
    back = c3d.read(out)
    assert back.frames == 120 and back.source.first_frame == 101 and back.points == rec.points
    np.testing.assert_array_equal(back.xyz_FPD, cut.xyz_FPD)
    layout = find_layout(path.read_bytes())
    size = layout.frame_bytes
    whole, part = path.read_bytes()[layout.data_start :], out.read_bytes()[layout.data_start :]
    assert part[: 120 * size] == whole[100 * size : 220 * size]
    assert proof(cut, out).holds


def test_a_fill_beyond_an_integer_files_range_is_refused(sample: Path, tmp_path: Path) -> None:
    rec = c3d.read(sample)
    frame, point = np.argwhere(rec.origin_FP == Origin.MISSING)[0]
    far_FP = np.zeros(rec.origin_FP.shape, bool)
    far_FP[frame, point] = True
    done, _ = patch_where(rec, "far", far_FP, xyz_FPD=np.full_like(rec.xyz_FPD, 50.0), origin=Origin.HAND).apply(rec)
    out = tmp_path / "out.c3d"
    with pytest.raises(FormatError, match="integer"):
        c3d.write(done, out)
    assert not out.exists()


def test_proof_sees_one_changed_bit_of_a_measured_sample(sample: Path, tmp_path: Path) -> None:
    rec = c3d.read(sample)
    out = tmp_path / "out.c3d"
    c3d.write(rec, out)
    layout = find_layout(out.read_bytes())
    data = bytearray(out.read_bytes())
    frame, point = np.argwhere(rec.origin_FP == Origin.MEASURED)[1000]
    layout.words_FC4(data)[frame, point, 1] ^= 1
    out.write_bytes(data)
    found = proof(rec, out)
    assert not found.holds and found.changed == 1
    with pytest.raises(FormatError, match="source"):
        proof(smooth_take(), out)


def test_a_take_moved_as_a_whole_becomes_a_new_file(sample: Path, tmp_path: Path) -> None:
    rec = c3d.read(sample)
    moved = replace(rec, xyz_FPD=rec.xyz_FPD + np.float32(1.0))
    out = tmp_path / "out.c3d"
    c3d.write(moved, out)
    np.testing.assert_allclose(c3d.read(out).xyz_FPD, moved.xyz_FPD, atol=1e-6)


@pytest.mark.usefixtures("second_opinion")
def test_a_new_file_reads_back_and_ezc3d_agrees(tmp_path: Path) -> None:
    rec = with_gap(smooth_take(90, 6, 59.94), 2, 10, 30)
    rec = replace(rec, source=replace(rec.source, first_frame=1150))
    out = tmp_path / "new.c3d"
    c3d.write(rec, out)
    back = c3d.read(out)
    assert back.points == rec.points and back.source.first_frame == 1150 and back.rate_hz == pytest.approx(59.94)
    np.testing.assert_allclose(back.xyz_FPD, rec.xyz_FPD, atol=1e-6)
    np.testing.assert_array_equal(back.origin_FP, rec.origin_FP)
    other = ezc3d.c3d(str(out))
    theirs = other["data"]["points"][:3].transpose(2, 1, 0) / 1000
    np.testing.assert_allclose(theirs[np.isfinite(theirs)], rec.xyz_FPD[np.isfinite(rec.xyz_FPD)], atol=1e-6)
    assert other["parameters"]["POINT"]["LABELS"]["value"] == list(rec.points)
    assert not any("ezc3d" in note for note in back.source.notes)


def test_many_points_long_names_and_many_frames(tmp_path: Path) -> None:
    names = tuple(f"Punkt_{i}_ä" for i in range(300))
    wide = make_recording(names, 100.0, np.random.default_rng(0).uniform(0, 2, (4, 300, 3)))
    assert in_process(new_file(wide))[1].points == names
    named = make_recording(("x" * 120, "ä" * 60), 100.0, np.ones((4, 2, 3)))
    assert in_process(new_file(named))[1].points == named.points
    long = make_recording(("A", "B"), 100.0, np.random.default_rng(0).uniform(0.5, 2, (70_000, 2, 3)))
    layout, back = in_process(new_file(long))
    assert layout.frames == back.frames == 70_000
    np.testing.assert_allclose(back.xyz_FPD, long.xyz_FPD, atol=1e-6)


@pytest.mark.parametrize("name", [" A", "A ", "", "A\0B", "A\nB", "x" * 121, "ä" * 61])
def test_a_name_that_c3d_cannot_hold_is_said(name: str, tmp_path: Path) -> None:
    rec = make_recording((name, "B"), 30.0, np.ones((5, 2, 3)))
    with pytest.raises(FormatError, match="the point name"):
        c3d.write(rec, tmp_path / "a.c3d")
    assert not list(tmp_path.iterdir())


def test_what_c3d_cannot_hold_is_said(tmp_path: Path) -> None:
    flat = make_recording(("A",), 30.0, np.ones((5, 1, 2)))
    with pytest.raises(FormatError, match="2D"):
        c3d.write(flat, tmp_path / "flat.c3d")
    with pytest.raises(FormatError, match="names"):
        new_file(make_recording(tuple(f"{'n' * 110}{i}" for i in range(2000)), 30.0, np.ones((1, 2000, 3))))
    assert not list(tmp_path.iterdir())
