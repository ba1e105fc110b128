"""Projects that commands write: opened in the window, their steps can be undone, and samples of their fills given back."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import mpm_core as mpm
from mpm_core.io import project
from mpm_core.recording import Origin, Recording
from mpm_studio.__main__ import main
from mpm_studio.flows import gap_edges
from mpm_studio.operations import opening
from mpm_studio.operations.gap_edges import GapPlace
from mpm_studio.operations.recipes import recipe_steps
from tests.makers import smooth_take, with_gap

QUIET = (lambda: False, lambda share, text: None)


@pytest.fixture
def rec(tmp_path: Path) -> Recording:
    mpm.write(with_gap(smooth_take(200, 5), 2, 60, 70), tmp_path / "take.npz")
    return mpm.read(tmp_path / "take.npz")


def test_the_steps_of_clean_are_undone_one_by_one(rec: Recording, tmp_path: Path) -> None:
    words = ["clean", rec.source.path, "-o", str(tmp_path / "out.mpm"), "--method", "pchip", "--mark", "P1:101-120", "--mark", "P3:5-9"]
    assert main([*words, "--rename", "P0=head", "--frames", "1-180", "--filter", "median"]) == 0
    kept = project.load(tmp_path / "out.mpm")
    assert [edit.requests[0].action for edit in kept.done] == ["rename", "trim", "mark", "fill", "filter"]
    assert not kept.original.samples.differs(rec.samples).any() and kept.original.points == rec.points
    found = [(step.mark, dict(step.words)) for step in recipe_steps(kept.done, kept.recording)]
    assert ("P1:101-120", {}) in found and ("P3:5-9", {}) in found and ("", {"rename": ["P0=head"]}) in found
    back = kept.recording
    for edit in reversed(kept.done):
        back = edit.apply(back)[0]
    assert back.points == rec.points and not back.samples.differs(rec.samples).any()


def test_a_fill_of_clean_gives_samples_back_in_the_window(qtbot, window, rec: Recording, tmp_path: Path) -> None:
    out = tmp_path / "out.mpm"
    assert main(["clean", rec.source.path, "-o", str(out), "--method", "pchip", "--mark", "P1:101-120"]) == 0
    session = window.session
    session.open(opening.open_as(opening.ReadRequest(out), *QUIET))
    assert [(row.point, row.start, row.stop, row.state, row.method) for row in session.gap_rows] == [
        (1, 100, 120, "filled", "pchip"),
        (2, 60, 70, "filled", "pchip"),
    ]
    gap_edges.move(window, [GapPlace(1, 100, 120)], 4, 0)
    after = session.document.recording
    assert (after.origin_FP[100:104, 1] == Origin.MEASURED).all()
    assert after.xyz_FPD[100:104, 1].tobytes() == rec.xyz_FPD[100:104, 1].tobytes()
    qtbot.waitUntil(lambda: session.proposal is not None and not session.jobs.busy, timeout=60_000)
    session.reject()
    while session.undo_label:
        session.undo()
    assert not session.document.recording.samples.differs(rec.samples).any()


def test_a_batch_and_the_other_commands_keep_their_steps_too(rec: Recording, tmp_path: Path) -> None:
    source, folder = rec.source.path, tmp_path / "in"
    folder.mkdir()
    mpm.write(rec, folder / "take.npz")
    assert main(["clean", str(folder), "-o", str(tmp_path / "out"), "--to", "mpm", "--method", "linear", "--mark", "P1:101-120"]) == 0
    assert main(["convert", source, str(tmp_path / "c.mpm"), "--frames", "11-190"]) == 0
    assert main(["filter", source, "-o", str(tmp_path / "f.mpm"), "--method", "median", "--measured"]) == 0
    kept = [project.load(tmp_path / name) for name in ("out/take.mpm", "c.mpm", "f.mpm")]
    assert [[edit.requests[0].action for edit in each.done] for each in kept] == [["mark", "fill"], ["trim"], ["filter"]]
    assert all(np.array_equal(each.original.xyz_FPD, rec.xyz_FPD, equal_nan=True) for each in kept)


def test_a_project_of_clean_knows_how_its_file_was_read(tmp_path: Path) -> None:
    lines = ["Frame,Time,A_X,A_Y,A_Z,B_X,B_Y,B_Z"]
    lines += [f"{frame},{frame / 50},{frame},5,1,2,{frame},3" for frame in range(30)]
    (tmp_path / "take.csv").write_text("\n".join(lines) + "\n")
    assert main(["clean", str(tmp_path / "take.csv"), "-o", str(tmp_path / "out.mpm"), "--unit", "mm", "--mark", "A:5-9"]) in (0, 3)
    assert opening.open_as(opening.ReadRequest(tmp_path / "out.mpm"), *QUIET).options == {"unit": "mm"}
