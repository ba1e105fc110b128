"""Random chains of edits, exported: the proof holds, and does not any more once one float of one measured sample is another."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import mpm_core as mpm
from mpm_core.check.report import content_sha256, proof_path
from mpm_core.check.verify import verify
from mpm_core.edit.document import Document
from mpm_core.edit.from_file import in_shape_of
from mpm_core.edit.labels import swap, unlabel
from mpm_core.edit.mark import delete, mark, region, restore, unmark
from mpm_core.edit.names import merge, rename
from mpm_core.edit.patch import Edit, patch_samples
from mpm_core.edit.resample import resample
from mpm_core.edit.trim import trim
from mpm_core.errors import DataError
from mpm_core.filter.methods import FilterSettings
from mpm_core.filter.to_patch import filter_patch
from mpm_core.io import project
from mpm_core.recording import Origin, Recording
from mpm_core.typing import Mask
from mpm_studio.operations.saving import ExportRequest, export, measured_changed
from tests.makers import smooth_take


def take() -> Recording:
    """60 frames of 4 points with gaps; P3 is beside P0 where that is there, and where it is not."""
    xyz_FPD = smooth_take(frames=60).xyz_FPD.copy()
    xyz_FPD[:, 3] = xyz_FPD[:, 0] + 0.002
    xyz_FPD[20:35, 0], xyz_FPD[:10, 3], xyz_FPD[45:, 3], xyz_FPD[30:33, 1] = np.nan, np.nan, np.nan, np.nan
    return mpm.make_recording(("P0", "P1", "P2", "P3"), 60.0, xyz_FPD)


def place(rec: Recording, number: int) -> Mask:
    """Some frames of one point."""
    start = number * 7 % rec.frames
    return region(rec, [number % len(rec.points)], start, min(rec.frames, start + 5 + number % 17))


def completed(rec: Recording) -> Edit:
    after = mpm.complete(rec, method="linear")
    return patch_samples("Complete", rec.samples.differs(after.samples), after.samples)


def restored(rec: Recording, original: Recording, where_FP: Mask) -> Edit:
    like = in_shape_of(original, rec)
    assert like is not None
    return restore(rec, like, where_FP)


def merge_two(rec: Recording, number: int) -> Edit:
    first, second = number % len(rec.points), (number // 4 + number + 1) % len(rec.points)
    return merge(rec, first, second, "first" if number % 2 else "second")


EDITS: dict[str, Callable[[Recording, Recording, int], Edit]] = {
    "mark": lambda rec, original, n: mark(rec, place(rec, n)),
    "unmark": lambda rec, original, n: unmark(rec, place(rec, n)),
    "delete": lambda rec, original, n: delete(rec, place(rec, n)),
    "unlabel": lambda rec, original, n: unlabel(rec, (n % len(rec.points),), n % rec.frames, rec.frames),
    "exchange": lambda rec, original, n: swap(rec, 0, len(rec.points) - 1, n % rec.frames, rec.frames),
    "merge": lambda rec, original, n: merge_two(rec, n),
    "rename": lambda rec, original, n: rename(rec, {rec.points[n % len(rec.points)]: f"new{n}"}),
    "trim": lambda rec, original, n: trim(rec, n % (rec.frames // 3), rec.frames - n % 3),
    "resample": lambda rec, original, n: resample(rec, rec.rate_hz * (0.5, 2 / 3, 1.5)[n % 3]),
    "complete": lambda rec, original, n: completed(rec),
    "filter": lambda rec, original, n: filter_patch(rec, FilterSettings("median"), place(rec, n), measured=True).patch,
    "restore": lambda rec, original, n: restored(rec, original, place(rec, n)),
}


def edited(document: Document, steps: list[tuple[str, int]], folder: Path) -> Document:
    for step, number in steps:
        rec = document.recording
        if step == "undo":
            document.undo()
        elif step == "redo":
            document.redo()
        elif step == "save and open":
            project.save(folder / "take.mpm", rec, document.original, {}, document.done)
            back = project.load(folder / "take.mpm")
            document = Document(back.recording, back.original, back.done)
        else:
            with suppress(DataError):  # a point with itself, a name that is there, too short a take: refused
                document.do(EDITS[step](rec, document.original, number))
        assert measured_changed(document.original, document.recording) == 0, step
    return document


def with_one_float_changed(out: Path, rec: Recording, number: int) -> None:
    """The export with one measured sample a little elsewhere, by the writer itself, and a proof that is about that file."""
    again = mpm.read(out)
    measured = np.argwhere(rec.origin_FP == Origin.MEASURED)
    frame, point = measured[number * 31 % len(measured)]
    xyz_FPD = again.xyz_FPD.copy()
    xyz_FPD[frame, point, number % 3] += np.float32(1e-5)
    mpm.write(replace(again, xyz_FPD=xyz_FPD, source=replace(again.source, path="", payload=b"")), out)
    proof = json.loads(proof_path(out).read_text())
    proof["measured"]["exported"]["sha256_file"] = content_sha256(out)
    proof_path(out).write_text(json.dumps(proof))


@given(
    st.sampled_from(["npz", "csv", "json", "trc", "mpm", "c3d"]),
    st.lists(st.tuples(st.sampled_from([*EDITS, "undo", "redo", "save and open"]), st.integers(0, 99)), max_size=8),
    st.integers(0, 99),
)
@settings(max_examples=25, deadline=None)
def test_whatever_was_edited_the_proof_holds_until_one_float_is_another(suffix: str, steps: list[tuple[str, int]], number: int) -> None:
    with TemporaryDirectory() as name:
        folder = Path(name)
        mpm.write(take(), folder / "source.npz")
        source = mpm.read(folder / "source.npz")
        rec = edited(Document(source), steps, folder).recording
        out = folder / f"out.{suffix}"
        if not rec.visible_FP.any():
            return
        export(ExportRequest(rec, source, out), lambda: False, lambda share, text: None)
        found = verify(source, out)
        assert found.holds and found.proof
        measured = int((rec.origin_FP == Origin.MEASURED).sum())
        if measured:
            with_one_float_changed(out, rec, number)
            assert not verify(source, out).holds


def test_the_measured_samples_that_are_compared_are_those_of_the_take(tmp_path: Path) -> None:
    mpm.write(take(), tmp_path / "source.npz")
    source = mpm.read(tmp_path / "source.npz")
    rec = edited(Document(source), [("mark", 28), ("merge", 0), ("save and open", 0), ("complete", 0)], tmp_path).recording
    assert len(rec.points) == 3 and rec.source.part.merged
    export(ExportRequest(rec, source, tmp_path / "out.trc"), lambda: False, lambda share, text: None)
    assert verify(source, tmp_path / "out.trc").samples.measured == int((rec.origin_FP == Origin.MEASURED).sum())
    with pytest.raises(DataError, match="would change"):
        xyz_FPD = rec.xyz_FPD + np.float32(1e-4)
        export(ExportRequest(replace(rec, xyz_FPD=xyz_FPD), source, tmp_path / "x.trc"), lambda: False, lambda share, text: None)
