"""Every value of a sample goes where the sample goes, and a value that is added to the table goes along without other code knowing it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest

import mpm_core as mpm
from mpm_core import recording
from mpm_core.edit.document import Document
from mpm_core.edit.labels import swap, unlabel
from mpm_core.edit.mark import mark, region, restore, unmark
from mpm_core.edit.patch import patch_where
from mpm_core.errors import DataError
from mpm_core.io import project, project_recording
from mpm_core.io.marked_samples import without_marked
from mpm_core.recording import Origin, Recording, make_recording
from mpm_core.samples import SAMPLE_FIELDS, SampleField, Samples
from mpm_core.typing import Float32


def keypoints(frames: int = 40) -> Recording:
    """A 2D take of three points, one of them missing for a while; every sample has a confidence of its own, also where it is missing."""
    rng = np.random.default_rng(0)
    xy_FP2 = rng.uniform(0, 999, (frames, 3, 2))
    xy_FP2[5:9, 1] = np.nan
    return make_recording(("a", "b", "c"), 30.0, xy_FP2, confidence_FP=rng.uniform(0.1, 1, (frames, 3)).astype(np.float32))


def equal(a: Recording, b: Recording) -> bool:
    return a.points == b.points and a.log == b.log and not a.samples.differs(b.samples).any()


def test_a_swap_exchanges_the_confidences() -> None:
    rec = keypoints()
    after, inverse = swap(rec, 0, 1, 3, 20).apply(rec)
    assert rec.confidence_FP is not None and after.confidence_FP is not None
    np.testing.assert_array_equal(after.confidence_FP[3:20, :2], rec.confidence_FP[3:20, 1::-1])
    np.testing.assert_array_equal(after.confidence_FP[20:], rec.confidence_FP[20:])
    assert equal(inverse.apply(after)[0], rec)


def test_a_missing_sample_has_no_confidence() -> None:
    rec = keypoints()
    gone_FP = region(rec, [2], 10, 14)
    cleared, _ = patch_where(rec, "Clear", gone_FP, xyz_FPD=np.full_like(rec.xyz_FPD, np.nan), origin=Origin.MISSING).apply(rec)
    marked = mark(rec, gone_FP).apply(rec)[0]
    for take in (
        rec,
        cleared,
        unlabel(cleared, (1,), 0, 20).apply(cleared)[0],
        without_marked(marked),
        swap(rec, 0, 1, 0, 40).apply(rec)[0],
    ):
        assert take.confidence_FP is not None
        np.testing.assert_array_equal(np.isnan(take.confidence_FP), take.origin_FP == Origin.MISSING)


def test_a_mark_keeps_the_confidence_and_a_fill_has_none() -> None:
    rec = keypoints()
    where_FP = region(rec, [0], 12, 16)
    marked = mark(rec, where_FP).apply(rec)[0]
    assert marked.confidence_FP is not None and np.isfinite(marked.confidence_FP[where_FP]).all()
    assert equal(unmark(marked, where_FP).apply(marked)[0], rec)
    filled = mpm.complete(marked, method="linear")
    assert filled.confidence_FP is not None and np.isnan(filled.confidence_FP[where_FP]).all()
    assert equal(replace(restore(filled, rec, where_FP | ~rec.visible_FP).apply(filled)[0], log=()), rec)


def test_samples_that_do_not_fit_are_refused() -> None:
    rec = keypoints()
    with pytest.raises(DataError, match="different shapes"):
        rec.samples.having(sigma=np.zeros(3))
    with pytest.raises(DataError, match="not xyz"):
        Samples({"xyz": np.zeros((2, 3))})


def test_samples_with_a_further_value_put_among_others_keep_it() -> None:
    rec = keypoints()
    put = make_recording(rec.points, 30.0, rec.xyz_FPD).samples.put((slice(0, 2),), rec.samples.at(slice(0, 2)))
    assert np.array_equal(put.arrays["confidence"][:2], rec.samples.arrays["confidence"][:2])
    assert np.isnan(put.arrays["confidence"][2:]).all()


@dataclass(frozen=True, slots=True)
class Weighed(Recording):
    """A recording with one more value per sample."""

    weight_FP: Float32 | None = None


def test_one_more_value_per_sample_is_carried_everywhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The field is added to the table and to the recording, and nowhere else."""
    monkeypatch.setitem(SAMPLE_FIELDS, "weight", SampleField("weight_FP", np.float32, np.nan, optional=True))
    for module in (recording, project_recording):
        monkeypatch.setattr(module, "Recording", Weighed)
    rec = keypoints()
    rec = replace(rec, weight_FP=np.random.default_rng(1).uniform(size=rec.origin_FP.shape).astype(np.float32))
    assert np.isnan(rec.weight_FP[5:9, 1]).all(), "a missing sample has none"

    document = Document(rec)
    states = [rec]

    def do(edit: object) -> Weighed:
        document.do(edit)
        states.append(document.recording)
        return document.recording

    where_FP = region(rec, [0], 10, 15)
    marked = do(mark(rec, where_FP))
    np.testing.assert_array_equal(marked.weight_FP, rec.weight_FP)
    assert np.isnan(without_marked(marked).weight_FP[where_FP]).all()
    filled = do(mpm.complete_patch(marked, mpm.CompleteOptions("linear", where_FP)).patch)
    assert np.isnan(filled.weight_FP[where_FP]).all()
    restored = do(restore(filled, rec, where_FP))
    np.testing.assert_array_equal(restored.weight_FP, rec.weight_FP)
    swapped = do(swap(restored, 0, 2, 20, 30))
    np.testing.assert_array_equal(swapped.weight_FP[20:30, [0, 2]], rec.weight_FP[20:30, [2, 0]])
    for state in reversed(states[:-1]):
        document.undo()
        assert equal(document.recording, state)
    for state in states[1:]:
        document.redo()
        assert equal(document.recording, state)

    project.save(tmp_path / "take.mpm", swapped, rec, {})
    back = project.load(tmp_path / "take.mpm")
    assert equal(back.recording, swapped) and equal(back.original, rec)
    mpm.write(swapped, tmp_path / "take.npz")
    assert not mpm.read(tmp_path / "take.npz").samples.differs(swapped.samples).any()
