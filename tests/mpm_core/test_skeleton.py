"""A skeleton's parents are a tree of its joints; files whose parents are none are refused."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import mpm_core as mpm
from mpm_core.skeleton import Skeleton
from tests.makers import smooth_take


@pytest.mark.parametrize("parents", [(999, 0), (-2, 0), (1, 0), (0, -1), (-1,)])
def test_parents_that_are_no_tree_are_refused(parents: tuple[int, ...]) -> None:
    with pytest.raises(mpm.DataError):
        Skeleton("pair", ("a", "b"), parents)


def test_a_child_may_come_before_its_parent() -> None:
    assert Skeleton("pair", ("a", "b"), (1, -1)).bones == ((1, 0),)


@pytest.mark.parametrize("first", ["999", "1"])
def test_a_file_with_such_parents_is_refused(first: str, tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    pair = replace(smooth_take(3, 2), points=("a", "b"), skeleton=Skeleton("pair", ("a", "b"), (-1, 0)))
    mpm.write(pair, path)
    path.write_text(re.sub(r'("parents": \[\s*)-1', rf"\g<1>{first}", path.read_text()))
    with pytest.raises(mpm.FormatError):
        mpm.read(path)


def test_a_number_too_large_is_refused_in_what_was_filtered_as_in_positions(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    take = smooth_take(3, 2)
    mpm.write(replace(take, origin_FP=np.full_like(take.origin_FP, mpm.Origin.FILTERED), unfiltered_FPD=take.xyz_FPD), path)
    text = path.read_text()
    number = text.index("[[", text.index('"unfiltered"')) + 2
    path.write_text(text[:number] + "1e300" + text[text.index(",", number) :])
    with pytest.raises(mpm.FormatError, match="too large"):
        mpm.read(path)
