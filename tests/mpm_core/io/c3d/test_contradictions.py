"""C3D files whose header and parameters say different things: read by what fits the file's size, with a note, or refused."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest

from mpm_core.errors import FormatError
from mpm_core.io.c3d import c3d
from mpm_core.io.c3d.layout import OTHERWISE, find_layout
from mpm_core.io.registry import detect

RATE, SCALE, POINTS, ANALOG, LAST = 20, 12, 2, 4, 8  # bytes of the header


@pytest.fixture
def data(samples_dir: Path) -> bytes:
    """450 frames of 26 points and 16 analog channels, four samples a frame, at 50 Hz, in reals."""
    return (samples_dir / "c3d/btk/c3d.org/sample01/Eb015pr.c3d").read_bytes()


def with_bytes(data: bytes, *changes: tuple[int | str, bytes]) -> bytes:
    """at: byte of the header, or a parameter's name."""
    out = bytearray(data)
    for at, value in changes:
        begin = at if isinstance(at, int) else find_layout(data).parameters.values[at].at
        out[begin : begin + len(value)] = value
    return bytes(out)


def real(value: float) -> bytes:
    return struct.pack("<f", value)


def word(value: int) -> bytes:
    return struct.pack("<H", value)


@pytest.mark.parametrize(
    "change", [(ANALOG, word(0)), (POINTS, word(27)), (SCALE, real(0.08))], ids=["no analog channels", "a point too many", "integers"]
)
def test_the_counts_that_fit_the_files_size_are_taken(data: bytes, tmp_path: Path, change: tuple[int, bytes]) -> None:
    path, truth = tmp_path / "take.c3d", tmp_path / "truth.c3d"
    path.write_bytes(with_bytes(data, change, *([("POINT:SCALE", real(0.08))] if change[0] == SCALE else [])))
    truth.write_bytes(data)
    rec = c3d.read(path)
    assert OTHERWISE in rec.source.notes and np.array_equal(rec.xyz_FPD, c3d.read(truth).xyz_FPD, equal_nan=True)


def test_two_scales_of_integers_are_told(samples_dir: Path) -> None:
    integers = (samples_dir / "c3d/btk/c3d.org/sample01/Eb015pi.c3d").read_bytes()
    assert not any("scales" in note for note in find_layout(integers).notes)
    doubled = find_layout(with_bytes(integers, (SCALE, real(1 / 6))))
    assert doubled.scale == pytest.approx(1 / 6)
    assert "the file gives two scales of its integers: 0.166667 was taken, not 0.0833333" in doubled.notes


def test_a_file_that_is_cut_short_is_never_read_as_integers(data: bytes) -> None:
    layout = find_layout(data)
    for frames in (224, 225, 226):
        with pytest.raises(FormatError, match=f"{frames} of 450 frames are there"):
            find_layout(data[: layout.data_start + frames * layout.frame_bytes + 100])


def test_of_two_frame_rates_the_one_of_the_analog_channels_is_taken(data: bytes) -> None:
    for changes, rate_hz, other in (
        ([("POINT:RATE", real(500.0))], 50.0, "500"),
        ([(RATE, real(500.0))], 50.0, "500"),
        ([(RATE, real(500.0)), ("POINT:RATE", real(500.0))], 500.0, "50 by its analog channels"),
    ):
        layout = find_layout(with_bytes(data, *changes))
        note = f"the file gives several frame rates: {rate_hz:g} was taken, not {other}"
        assert layout.rate_hz == rate_hz and layout.notes == (note,)
    assert find_layout(data).notes == ()


def test_a_header_that_ends_before_it_begins_is_read_by_the_parameters(data: bytes) -> None:
    assert find_layout(with_bytes(data, (6, word(148)), (LAST, word(100)))).frames == 450


def test_positions_with_a_negative_residual_are_counted(data: bytes, tmp_path: Path) -> None:
    before = find_layout(data)
    out = bytearray(data)
    before.words_FC4(out)[100:120, 3, 3] = struct.unpack("<I", real(-1.0))[0]
    (path := tmp_path / "take.c3d").write_bytes(out)
    rec = c3d.read(path)
    assert any(note.startswith("taken as missing: 20 positions with a negative residual") for note in rec.source.notes)
    assert not rec.visible_FP[100:120, 3].any()


def test_a_damaged_beginning_is_said_by_the_files_name(data: bytes, tmp_path: Path) -> None:
    (path := tmp_path / "take.c3d").write_bytes(with_bytes(data, (1, b"\x12")))
    with pytest.raises(FormatError, match=r"called \.c3d, but does not begin as C3D does"):
        detect(path)
