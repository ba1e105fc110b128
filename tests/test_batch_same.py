"""The comparison of one process with a cluster: alike where it should be, and it sees every kind of difference."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

import mpm_core as mpm
from tests import batch_same
from tests.makers import person_bvh, smooth_take, with_gap


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Four takes, one of them broken; the BVH is the largest."""
    made = tmp_path / "in"
    made.mkdir()
    for number, name in enumerate(("a.npz", "b.csv")):
        mpm.write(with_gap(smooth_take(frames=50, seed=number), 1, 20, 26), made / name)
    (made / "broken.c3d").write_bytes(b"\x02P" + bytes(600))
    (made / "walk.bvh").write_bytes(person_bvh(frames=200))
    return made


@pytest.mark.slow
def test_one_process_and_a_cluster_do_the_same_and_refuse_the_same(folder: Path, tmp_path: Path) -> None:
    pytest.importorskip("distributed")
    files = batch_same.smallest(folder, 10)
    one, other = batch_same.compare(files, 2, tmp_path, "--method", "pchip")
    assert batch_same.differences(one, other) == []
    assert sorted(one.made) == ["a.npz", "b.csv", "walk.bvh"] and len(one.rows) == 4
    assert one.rows[str(folder / "broken.c3d")]["hint"]


def test_the_smallest_takes_are_taken(folder: Path) -> None:
    names = [path.name for path in batch_same.smallest(folder, 3)]
    assert names[0] == "broken.c3d" and sorted(names) == ["a.npz", "b.csv", "broken.c3d"]


def test_every_difference_is_told() -> None:
    row = {"status": "done", "filled": {"samples": 3}, "seconds": 1.0, "output": "x"}
    one = batch_same.Pass({"a": row}, {"a.npz": "1", "b.npz": "2"}, 1.0)
    assert batch_same.differences(one, replace(one, rows={"a": row | {"seconds": 9.0, "output": "y"}}, seconds=3.0)) == []
    told = batch_same.differences(one, replace(one, made={"a.npz": "9"}, rows={"a": row | {"status": "failed"}}))
    assert told == ["a.npz: other bytes", "b.npz: made by one of the two only", "a: the summaries differ in status"]
