"""What the table of formats says that a format can hold, tried by writing takes and reading them again."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import mpm_core as mpm
from mpm_core.edit.mark import mark, region
from mpm_core.io.registry import FORMATS, Format, compare_copy, is_copy
from mpm_core.resources import resource
from tests.makers import smooth_take

WRITTEN = [fmt for fmt in FORMATS if fmt.writes]
ANY_POINTS = [fmt for fmt in WRITTEN if not fmt.needs_skeleton]
COPIED = [fmt for fmt in FORMATS if fmt.copy is not None]


def written(rec: mpm.Recording, fmt: Format, folder: Path) -> mpm.Recording:
    """The take as it comes back from a file of the format."""
    path = folder / f"take{fmt.suffixes[0]}"
    mpm.write(rec, path)
    return mpm.read(path)


@pytest.mark.parametrize("fmt", WRITTEN, ids=lambda fmt: fmt.name)
def test_a_format_refuses_the_dimensions_it_cannot_hold(fmt: Format, tmp_path: Path) -> None:
    take = smooth_take()
    flat = mpm.make_recording(take.points, take.rate_hz, 1000 * take.xyz_FPD[..., :2], source=replace(take.source, unit="px"))
    if 2 in fmt.dims:
        assert written(flat, fmt, tmp_path).dims == 2
    else:
        with pytest.raises(mpm.FormatError):
            mpm.write(flat, tmp_path / f"take{fmt.suffixes[0]}")


@pytest.mark.parametrize("fmt", WRITTEN, ids=lambda fmt: fmt.name)
def test_points_without_a_skeleton_fit_where_none_is_needed(fmt: Format, tmp_path: Path) -> None:
    if fmt.needs_skeleton:
        with pytest.raises(mpm.FormatError, match="no skeleton"):
            written(smooth_take(), fmt, tmp_path)
    else:
        assert written(smooth_take(), fmt, tmp_path).points == smooth_take().points


@pytest.mark.parametrize("fmt", ANY_POINTS, ids=lambda fmt: fmt.name)
def test_positions_come_back_as_exactly_as_the_format_stores_them(fmt: Format, tmp_path: Path) -> None:
    rec = smooth_take()
    again = written(rec, fmt, tmp_path)
    same = np.array_equal(again.xyz_FPD.view(np.uint32), rec.xyz_FPD.view(np.uint32))
    if fmt.positions == "exact":
        assert same
    elif fmt.positions == "float32 millimetres":
        assert not same and np.abs(again.xyz_FPD - rec.xyz_FPD).max() <= 2 * np.spacing(np.abs(rec.xyz_FPD).max())


@pytest.mark.parametrize("fmt", ANY_POINTS, ids=lambda fmt: fmt.name)
def test_a_marked_sample_keeps_its_mark_or_leaves_as_missing(fmt: Format, tmp_path: Path) -> None:
    rec = smooth_take()
    marked = mark(rec, region(rec, [1], 30, 40)).apply(rec)[0]
    origins = set(written(marked, fmt, tmp_path).origin_FP[30:40, 1].tolist())
    assert origins == {mpm.Origin.MARKED if fmt.keeps_marks else mpm.Origin.MISSING}


@pytest.mark.parametrize("fmt", COPIED, ids=lambda fmt: fmt.name)
def test_a_copy_of_its_source_is_the_source_where_nothing_was_filled(fmt: Format, tmp_path: Path) -> None:
    source, out = resource("sample") / f"walk_reach_sit{fmt.suffixes[0]}", tmp_path / f"take{fmt.suffixes[0]}"
    if not source.exists():
        source = tmp_path / f"source{fmt.suffixes[0]}"
        mpm.write(mpm.read(resource("sample/walk_reach_sit.bvh")), source)
    rec = mpm.read(source)
    mpm.write(rec, out)
    assert out.read_bytes() == source.read_bytes()
    again = mpm.read(out)
    assert is_copy(fmt, rec) and is_copy(fmt, rec, again)
    assert compare_copy(fmt, rec, rec, again, np.zeros(rec.frames, bool)).holds


@pytest.mark.parametrize("fmt", FORMATS, ids=lambda fmt: fmt.name)
def test_a_take_from_elsewhere_is_no_copy(fmt: Format) -> None:
    assert not is_copy(fmt, smooth_take())
