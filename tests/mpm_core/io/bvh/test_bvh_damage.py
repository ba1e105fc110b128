"""BVH files as they should not be: read right all the same, or refused with the line and what to do."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from mpm_core.errors import FormatError, MpmError
from mpm_core.io.bvh import bvh, motion
from tests.mpm_core.io.bvh.test_bvh import HEAD, SMALL, TAIL, read_bytes, written


@pytest.mark.parametrize(
    ("data", "line", "word"),
    [
        (SMALL.replace(b"4 5 6", b"4 x 6"), 15, "'x' is not a number"),
        (SMALL.replace(b"4 5 6", b"4 5,5 6"), 15, "is not a number"),
        (SMALL.replace(b"4 5 6", b"4 nan 6"), 15, "is not a number"),
        (SMALL.replace(b"4 5 6", b"4 1e999 6"), 15, "is not a number"),
        (SMALL.replace(b"4 5 6", b"4 5_0 6"), 15, "is not a number"),
        (SMALL.replace(b"4 5 6 90", b"4 5 6-90"), 15, "is not a number"),
        (SMALL.replace(b" 90 0 0", b""), 15, "3 numbers, not 6"),
        (SMALL + b"1 2 3 4\n1 2 3 4 5 6 7 8\n", 16, "4 numbers, not 6"),
        (SMALL.replace(b"OFFSET 0 10 0", b"OFFSET 0 ten 0"), 8, "OFFSET of 'a_end'"),
        (SMALL.replace(b"CHANNELS 6", b"CHANNELS 999999999999"), 5, "CHANNELS"),
        (SMALL.replace(b"Yrotation", b"Wrotation"), 5, "CHANNELS"),
        (SMALL.replace(b"Xrotation", b"Zrotation"), 5, "CHANNELS"),
        (SMALL.replace(b"Frame Time: 0.1", b"Frame Time: 0"), 13, "frame time"),
        (SMALL.replace(b"Frame Time: 0.1", b"Frame Time: -0.1"), 13, "frame time"),
        (SMALL.replace(b"Frame Time: 0.1\n", b""), 12, "Frame Time"),
        (SMALL.replace(b"Frames: 2", b"Frames: two"), 12, "number of frames"),
        (SMALL.partition(b"1 2 3")[0], 13, "no motion"),
        (SMALL.partition(b"MOTION")[0], 11, "no MOTION"),
        (SMALL.replace(b"}\n}\n", b"}\n", 1), 10, "not closed"),
        (HEAD + b"JOINT b { OFFSET 1 0 0\n" * 20000 + b"}" * 20000 + TAIL, 505, "too large"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_line(tmp_path: Path, data: bytes, line: int, word: str) -> None:
    with pytest.raises(FormatError) as caught:
        read_bytes(tmp_path, data)
    assert word in caught.value.what and caught.value.hint
    told = re.search(r"line (\d+)$", caught.value.where)
    assert told is not None and int(told[1]) == line, caught.value.where


@pytest.mark.parametrize("word", [b"x", b"1_0", b"inf", b"_"])
def test_a_wrong_number_far_on_is_told_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, word: bytes) -> None:
    monkeypatch.setattr(motion, "CHUNK_VALUES", 6)
    looked: list[bytes] = []
    number = motion.number
    monkeypatch.setattr(motion, "number", lambda each: looked.append(each) or number(each))
    with pytest.raises(FormatError, match="is not a number") as caught:
        read_bytes(tmp_path, SMALL + b"1 2 3 0 0 0\n" * 500 + b"1 2 3 0 0 " + word + b"\n1 2 3 0 0 0\n")
    assert caught.value.where.endswith("line 516") and len(looked) <= 7


@pytest.mark.parametrize(
    "data",
    [
        b"\xef\xbb\xbf\n \r\n" + SMALL,
        SMALL.replace(b"\n", b"\r\n"),
        SMALL.replace(b"\n", b"\r"),
        SMALL.replace(b"MOTION\n", b"MOTION\r\n").replace(b"0.1\n", b"0.1   \r\n\r\n"),
        SMALL.replace(b"HIERARCHY", b"hierarchy").replace(b"CHANNELS", b"Channels").replace(b"Zrotation", b"ZROTATION"),
        SMALL.replace(b"a\n{\n", b"a {\t"),
        SMALL.replace(b"1 2 3 0 0 0", b"1 2 3\n0 0 0").replace(b"6 90", b"6\n90"),
        SMALL.replace(b"0 0 0\n4", b"0 0 0 4"),
        SMALL.rstrip(),
        SMALL + b"\n\n  \n",
    ],
)
def test_ways_to_write_one_motion_read_alike_and_come_back(tmp_path: Path, data: bytes) -> None:
    rec = read_bytes(tmp_path, data)
    assert_array_equal(rec.xyz_FPD, read_bytes(tmp_path, SMALL).xyz_FPD)
    assert written(rec, tmp_path) == data


@pytest.mark.parametrize("announced", [b"1", b"3", b"0", b"-7", b"999999999999999999"])
def test_rows_that_are_there_are_read_whatever_is_announced(tmp_path: Path, announced: bytes) -> None:
    rec = read_bytes(tmp_path, SMALL.replace(b"Frames: 2", b"Frames: " + announced))
    assert rec.frames == 2 and any("announces" in note for note in rec.source.notes)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    edits=st.lists(
        st.tuples(
            st.integers(0, len(SMALL)),
            st.integers(0, 30),
            st.sampled_from([b"", b" { ", b" } ", b" 1e999 ", b"-", b"\x00", b"JOINT x {", b"\n", b" 7 "]),
        ),
        min_size=1,
        max_size=4,
    )
)
def test_damage_is_refused_or_read_never_worse(tmp_path: Path, edits: list[tuple[int, int, bytes]]) -> None:
    data = SMALL
    for at, cut, put in edits:
        data = data[:at] + put + data[at + cut :]
    path = tmp_path / "damaged.bvh"
    path.write_bytes(data)
    try:
        rec = bvh.read(path)
    except MpmError as error:
        assert error.hint
    else:
        assert written(rec, tmp_path) == data
