"""The marker table: what is hidden, and the command from files to tables."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import mpm_core as mpm
from mpm_core.body.axes import SEGMENTS
from mpm_core.errors import DataError
from mpm_core.resources import resource
from mpm_train.__main__ import main
from mpm_train.data.prepare import prepare
from mpm_train.tables.cells import opened
from mpm_train.tables.marker_plan import PARTS, RANDOM, Take, hide, marker_gaps, read_takes, takes_of_corpus
from mpm_train.tables.plan import Cell
from tests.mpm_train.data.test_markers import ui_prmd_like
from tests.mpm_train.tables.makers import paths_in

SAMPLE = resource("sample/walk_reach_sit.c3d")


@pytest.fixture(scope="module")
def take() -> Take:
    return read_takes([SAMPLE])[0]


def names_of(take: Take, points: tuple[int, ...]) -> set[str]:
    return {take.rec.points[point] for point in points}


def test_segments_limbs_and_sides_are_those_of_the_body(take: Take) -> None:
    found: dict[str, list[set[str]]] = {}
    for part in ("segment", "limb", "one side"):
        for seed in range(40):
            found.setdefault(part, []).append(names_of(take, take.hidden_points(part, 100, np.random.default_rng(seed))))
    head = {"LFHD", "RFHD", "LBHD", "RBHD"}
    assert head in found["segment"]
    assert any({"LELB", "LWRA", "LWRB"} <= names for names in found["limb"])
    assert all(not ("LWRA" in names and "RWRA" in names) for names in found["limb"] + found["one side"])
    for names in found["one side"]:
        assert {f"{name[0]}KNE" for name in names if name[0] in "LR"} <= names, "every marker of one side, and none of the other"
        assert len({name[0] for name in names if name[0] in "LR"}) == 1
    assert {SEGMENTS[number] for number in take.segment_P if number >= 0} == set(SEGMENTS)


def test_neighbours_are_the_nearest_and_rigid_bodies_have_companions(take: Take) -> None:
    rng = np.random.default_rng(0)
    for part, count in (("and 2 nearest", 3), ("and 5 nearest", 6)):
        points = take.hidden_points(part, 50, rng)
        distance_P = np.linalg.norm(take.rec.xyz_FPD[50] - take.rec.xyz_FPD[50, points[0]], axis=1)
        assert set(points) == set(np.argsort(distance_P)[:count].tolist())
    assert all(len(take.hidden_points(part, 0, rng)) == count for part, count in RANDOM.items())


@pytest.mark.parametrize("part", PARTS)
def test_gaps_hide_what_was_visible_and_nothing_else(take: Take, part: str) -> None:
    gaps = marker_gaps([take], Cell(part, 0.5), 3, 1)
    assert gaps == marker_gaps([take], Cell(part, 0.5), 3, 1) != marker_gaps([take], Cell(part, 0.5), 3, 2)
    for gap in gaps:
        truth, gapped, masked_FP = hide(gap, [take])
        assert truth.visible_FP[masked_FP].all() and not gapped.visible_FP[masked_FP].any()
        np.testing.assert_array_equal(truth.visible_FP & ~masked_FP, gapped.visible_FP)
        at_edge = gap.start == 0 or gap.stop == truth.frames
        assert at_edge == part.endswith("edge")


def test_files_that_are_no_labelled_markers_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="needs takes"):
        read_takes([tmp_path])
    mpm.write(mpm.make_recording(tuple("abcdefg"), 100.0, np.zeros((20, 7, 3))), tmp_path / "nobody.npz")
    with pytest.raises(DataError, match="no known"):
        read_takes([tmp_path])


def test_the_command_measures_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    opened.cache_clear()
    model, out = paths_in(tmp_path).model, tmp_path / "out"
    few = ["--parts", "one", "limb", "--lengths", "0.1", "0.5", "--per-cell", "1", "--methods", "linear", "rigid", "regression", "auto"]
    command = ["evaluate", str(model), "--table", "markers", "--files", str(SAMPLE), *few, "--out", str(out)]
    assert main(command) == 0
    assert "auto no worse than the best method" in capsys.readouterr().out
    rows = json.loads((out / "markers_mean.json").read_text())["rows"]
    assert [(row["part"], row["gap s"]) for row in rows] == [(part, length) for part in ("one", "limb") for length in (0.1, 0.5)]
    assert np.mean([row["auto"] for row in rows]) < np.mean([row["linear"] for row in rows])
    assert main(command) == 0, "from the cells that were measured"
    assert main(["evaluate", str(model), "--table", "gaps", "--files", str(SAMPLE)]) == 1
    assert "--table markers" in capsys.readouterr().err
    opened.cache_clear()


def test_the_command_measures_the_markers_of_a_corpus(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    opened.cache_clear()
    model, data = paths_in(tmp_path).model, tmp_path / "corpus"
    ui_prmd_like(tmp_path / "in")
    prepare([tmp_path / "in"], data)
    assert [take.rec.source.path for take in takes_of_corpus(data, "validation")] == ["m01_s07_e01_positions"]
    few = ["--parts", "one", "--lengths", "0.1", "--per-cell", "2", "--methods", "linear", "spline"]
    assert main(["evaluate", str(model), "--data", str(data), "--table", "markers", *few, "--out", str(tmp_path / "out")]) == 0
    rows = json.loads((tmp_path / "out" / "markers_mean.json").read_text())["rows"]
    assert [(row["part"], row["gap s"]) for row in rows] == [("one", 0.1)] and 0 < rows[0]["spline"] < 50
    assert main(["evaluate", str(model), "--data", str(data), "--table", "markers", "--split", "test"]) == 1
    assert "no test takes of markers" in capsys.readouterr().err
    opened.cache_clear()
