"""Exports prove that nothing measured moved: the good case in words, the bad case without a file."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import mpm_core as mpm
from mpm_core.edit.mark import mark, region
from mpm_core.edit.patch import patch_where
from mpm_core.errors import DataError, FormatError
from mpm_core.files import staged
from mpm_core.filter.methods import FilterSettings
from mpm_core.filter.to_patch import filter_patch
from mpm_core.recording import Origin
from mpm_core.resources import resource
from mpm_studio.flows import file, repair
from mpm_studio.operations import opening, saving
from mpm_studio.take import Take
from tests.makers import smooth_take, with_gap

QUIET = (lambda: False, lambda share, text: None)


@pytest.fixture
def original():
    return with_gap(smooth_take(frames=100), 1, 40, 50)


@pytest.fixture
def repaired(original):
    """P1's gap filled, and 5 samples of P0 marked and filled: 385 samples are still as measured."""
    marked, _ = mark(original, region(original, [0], 10, 15)).apply(original)
    return mpm.complete(marked, method="linear")


def moved(rec):
    """The same recording with one measured sample a micrometre away."""
    where_FP = region(rec, [2], 70, 71)
    return patch_where(rec, "", where_FP, xyz_FPD=rec.xyz_FPD + np.float32(1e-6)).apply(rec)[0]


def export(repaired, original, path):
    return saving.export(saving.ExportRequest(repaired, original, path), *QUIET)


def test_an_export_counts_what_it_compared(original, repaired, tmp_path):
    assert export(repaired, original, tmp_path / "out.npz") == "385 measured samples, 0 changed; 5 marked as wrong or set by hand"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out.npz", "out.npz.proof.json"]


def test_a_table_is_read_again_too(original, repaired, tmp_path):
    assert export(repaired, original, tmp_path / "out.csv") == "385 measured samples, 0 changed; 5 marked as wrong or set by hand"


def test_a_writer_that_moves_a_measured_sample_leaves_no_file(original, repaired, tmp_path, monkeypatch):
    write = mpm.write
    monkeypatch.setattr(mpm, "write", lambda rec, path: write(moved(rec), path))
    with pytest.raises(DataError, match=r"1 of 385 measured samples would change, by up to .* mm; nothing was written"):
        export(repaired, original, tmp_path / "out.npz")
    assert not list(tmp_path.iterdir())


def test_a_file_that_cannot_be_put_in_its_place_leaves_no_proof(original, repaired, tmp_path, monkeypatch):
    move = staged.put_in_place

    def refuse(temporary, target):
        if target.name == "out.npz":
            raise PermissionError(13, "Permission denied")
        move(temporary, target)

    monkeypatch.setattr(staged, "put_in_place", refuse)
    with pytest.raises(FormatError, match="could not be written"):
        export(repaired, original, tmp_path / "out.npz")
    assert not any(tmp_path.iterdir())


def test_an_edit_that_moved_a_measured_sample_is_not_exported(original, repaired, tmp_path):
    with pytest.raises(DataError, match="1 of 385 measured samples would change"):
        export(moved(repaired), original, tmp_path / "out.npz")
    assert not list(tmp_path.iterdir())


def test_the_source_is_never_the_target(original, repaired, tmp_path):
    source = tmp_path / "take.npz"
    source.write_bytes(b"the source")
    rec = replace(repaired, source=replace(repaired.source, path=str(source)))
    with pytest.raises(FormatError, match="never overwritten"):
        export(rec, original, source)
    assert source.read_bytes() == b"the source"


def test_a_filled_bvh_and_c3d_prove_what_they_hold(tmp_path):
    for suffix, exact in ((".c3d", True), (".bvh", False)):
        rec = mpm.read(resource(f"sample/walk_reach_sit{suffix}"))
        filled = mpm.complete(mark(rec, region(rec, [5], 330, 340)).apply(rec)[0], method="hermite")
        proof = export(filled, rec, tmp_path / f"out{suffix}")
        assert "measured samples, " in proof
        assert ", 0 changed; 10 marked" in proof or not exact
        assert (mpm.read(tmp_path / f"out{suffix}").origin_FP == Origin.MEASURED).any()


def test_the_window_tells_of_a_proof_and_of_its_failure(qtbot, window, original, repaired, tmp_path, monkeypatch):
    window.session.open(Take(tmp_path / "take.npz", repaired, original, {}))
    with qtbot.waitSignal(window.session.notice, timeout=20_000) as heard:
        file.export_to(window, tmp_path / "good.npz")
    assert heard.args[0].endswith("good.npz: 385 measured samples, 0 changed; 5 marked as wrong or set by hand")
    write = mpm.write
    monkeypatch.setattr(mpm, "write", lambda rec, path: write(moved(rec), path))
    with qtbot.waitSignal(window.session.failed, timeout=20_000):
        file.export_to(window, tmp_path / "bad.npz")
    assert window.banner.isVisible()
    assert "nothing was written" in window.banner.text.text()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["good.npz", "good.npz.proof.json"]


def test_marks_on_filtered_samples_whose_measured_value_is_not_known_say_what_they_do(qtbot, window, tmp_path):
    rec = smooth_take(frames=100)
    filtered = filter_patch(rec, FilterSettings(cutoff_hz=4.0), region(rec, [1], 20, 60), measured=True).patch.apply(rec)[0]
    window.session.open(Take(tmp_path / "take.csv", replace(filtered, unfiltered_FPD=None), rec, {}))  # as it comes back
    window.session.select((1,), 30, 40)
    with qtbot.waitSignal(window.session.notice, timeout=20_000) as heard:
        repair.mark(window)
    assert heard.args[0].endswith("10 filtered samples, whose measured value is not known, are gaps now.")
    assert (window.session.document.recording.origin_FP[30:40, 1] == Origin.MISSING).all()
    window.session.document.undo()
    assert (window.session.document.recording.origin_FP[30:40, 1] == Origin.FILTERED).all()


def test_a_project_keeps_how_its_file_was_read(fresh_window, qtbot, tmp_path):
    """Without it, the export is read again in other units than the take, and refused."""
    window, source = fresh_window, tmp_path / "take.c3d"
    mpm.write(with_gap(smooth_take(frames=60), 1, 20, 30), source)
    window.session.open(opening.open_as(opening.ReadRequest(source, {"unit": "cm"}), *QUIET))
    saved = saving.save_request(window.session.document, tmp_path / "take.mpm", window.view_state())
    saving.save_project(saved, *QUIET)
    again = opening.open_as(opening.ReadRequest(tmp_path / "take.mpm"), *QUIET)
    assert again.options == {"unit": "cm"}
    request = saving.ExportRequest(again.recording, again.original, tmp_path / "out.c3d", again.options)
    assert "0 changed" in saving.export(request, *QUIET)
