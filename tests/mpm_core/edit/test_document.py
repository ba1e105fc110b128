"""One door for edits: whatever is done can be undone to the bit, and the listeners hear of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mpm_core.edit.annotate import Annotate
from mpm_core.edit.document import Document
from mpm_core.edit.mark import mark, region, restore, unmark
from mpm_core.edit.patch import Patch, Replace
from mpm_core.errors import DataError
from mpm_core.fill.to_patch import fill_gaps
from mpm_core.gaps import Gap, find_gaps, missing_share
from mpm_core.recording import Origin, Recording, make_recording
from mpm_core.spans import Span, spans_about
from mpm_core.subjects import Subject
from tests.makers import smooth_take, with_gap


def same(a: Recording, b: Recording) -> bool:
    return all(
        np.array_equal(x.view(np.uint8), y.view(np.uint8))
        for x, y in ((a.xyz_FPD, b.xyz_FPD), (a.origin_FP, b.origin_FP), (a.sigma_FP, b.sigma_FP))
    )


@given(st.lists(st.tuples(st.sampled_from(["mark", "unmark", "fill", "restore"]), st.integers(0, 3), st.integers(0, 110)), max_size=8))
@settings(max_examples=25, deadline=None)
def test_any_edits_undo_to_the_bit_and_redo(edits: list[tuple[str, int, int]]) -> None:
    document = Document(with_gap(smooth_take(), 1, 30, 40))
    states = [document.recording]
    for kind, point, start in edits:
        rec = document.recording
        where_FP = region(rec, [point], start, start + 10)
        patch = {
            "mark": lambda r=rec, w=where_FP: mark(r, w),
            "unmark": lambda r=rec, w=where_FP: unmark(r, w),
            "fill": lambda r=rec, w=where_FP: fill_gaps(r, w, "hermite").patch,
            "restore": lambda r=rec, w=where_FP: restore(r, document.original, w),
        }[kind]()
        before = document.revision
        document.do(patch)
        if document.revision != before:
            states.append(document.recording)
    for state in reversed(states[:-1]):
        document.undo()
        assert same(document.recording, state)
    assert not document.undo_label
    for state in states[1:]:
        document.redo()
        assert same(document.recording, state)


def test_marks_keep_the_measured_value() -> None:
    rec = smooth_take()
    marked, _ = mark(rec, region(rec, [2], 10, 20)).apply(rec)
    assert np.array_equal(marked.xyz_FPD, rec.xyz_FPD)
    assert find_gaps(marked) == [Gap(2, 10, 20, marked=True)]
    back, _ = unmark(marked, region(marked, [2], 0, 120)).apply(marked)
    assert same(back, rec)


def test_restoring_brings_measured_values_back_after_a_fill() -> None:
    rec = smooth_take()
    where_FP = region(rec, [2], 10, 20)
    document = Document(rec)
    document.do(mark(rec, where_FP))
    document.do(fill_gaps(document.recording, where_FP, "linear").patch)
    assert not np.array_equal(document.recording.xyz_FPD, rec.xyz_FPD)
    document.do(restore(document.recording, document.original, where_FP))
    assert same(document.recording, rec)


def test_listeners_and_the_saved_state() -> None:
    document = Document(smooth_take())
    heard: list[object] = []
    document.on_changed.append(heard.append)
    patch = mark(document.recording, region(document.recording, [0], 0, 5), "Mark P0")
    document.do(patch)
    assert heard == [patch]
    assert document.undo_label == "Mark P0"
    assert document.unsaved
    document.saved()
    assert not document.unsaved
    document.undo()
    assert document.unsaved
    document.redo()
    assert not document.unsaved
    document.do(mark(document.recording, np.zeros((120, 4), bool)))
    assert document.undo_label == "Mark P0", "an edit of nothing is not an edit"


def test_edits_that_do_not_fit_change_nothing() -> None:
    document = Document(smooth_take())
    outside = Patch("x", np.array([500]), np.array([0]), smooth_take(1, 1).samples.at(0))
    with pytest.raises(DataError, match="outside"):
        document.do(outside)
    with pytest.raises(DataError, match="another state"):
        document.do(Replace("lift", smooth_take(seed=4), smooth_take(seed=5)))
    with pytest.raises(DataError, match="frames 101 to 140"):
        region(document.recording, [0], 100, 140)
    assert document.revision == 0


def test_a_replaced_recording_comes_back() -> None:
    before, after = smooth_take(), smooth_take(seed=9)
    document = Document(before)
    document.do(Replace("Lift", before, after))
    assert document.recording is after
    document.undo()
    assert document.recording is before
    document.redo()
    assert document.recording is after


def test_a_replacement_is_undone_after_a_later_patch_was() -> None:
    before, after = with_gap(smooth_take(), 1, 5, 9), with_gap(smooth_take(points=2), 0, 5, 9)
    document = Document(before)
    document.do(Replace("Lift", before, after))
    document.do(fill_gaps(after, ~after.visible_FP, "linear").patch)
    document.undo()
    document.undo()
    assert document.recording is before
    document.redo()
    document.redo()
    assert not find_gaps(document.recording)


def test_an_undo_that_does_not_fit_is_not_lost() -> None:
    rec = smooth_take()
    document = Document(rec)
    document.do(mark(rec, region(rec, [0], 0, 4)))
    document.recording, kept = smooth_take(frames=2, points=1), document.recording
    with pytest.raises(DataError):
        document.undo()
    document.recording = kept
    document.undo()
    assert (document.recording.origin_FP == Origin.MEASURED).all()


def test_spans_and_subjects_are_undone_and_stay_through_other_edits() -> None:
    rec = replace(smooth_take(), spans=(Span("walk", 0, 120, source="file"),))
    document = Document(rec)
    contact = Span("contact", 10, 20, ("P1",))
    document.do(Annotate("Add a contact", spans=(*rec.spans, contact)))
    document.do(Annotate("Name the subject", subjects=(Subject("one", rec.points),)))
    document.do(mark(document.recording, region(rec, [1], 10, 20)))
    annotated = document.recording
    assert annotated.spans == (*rec.spans, contact) and annotated.subjects == (Subject("one", rec.points),)
    document.undo()
    document.undo()
    assert document.recording.subjects == () and document.recording.spans == annotated.spans
    document.undo()
    assert document.recording.spans == rec.spans and document.redo_label == "Add a contact"
    for _ in range(3):
        document.redo()
    assert (document.recording.spans, document.recording.subjects) == (annotated.spans, annotated.subjects)
    document.do(Annotate("Remove the contact", spans=rec.spans))
    assert document.recording.spans == rec.spans and document.recording.subjects == annotated.subjects


def test_a_replacement_made_before_a_span_was_added_is_refused() -> None:
    before = smooth_take()
    document = Document(before)
    document.do(Annotate("Add", spans=(Span("step", 3, 4),)))
    with pytest.raises(DataError, match="another state"):
        document.do(Replace("Lift", before, smooth_take(seed=9)))


@pytest.mark.parametrize(
    "wrong",
    [
        {"spans": (Span("", 0, 1),)},
        {"spans": (Span("late", 119, 121),)},
        {"spans": (Span("empty", 5, 5),)},
        {"spans": (Span("who", 0, 1, ("X",)),)},
        {"spans": (Span("twice", 0, 1, ("P0", "P0")),)},
        {"subjects": (Subject("a"), Subject("a"))},
        {"subjects": (Subject("a", ("P0",)), Subject("b", ("P0",)))},
        {"subjects": (Subject("a", ("X",)),)},
    ],
)
def test_spans_and_subjects_that_do_not_fit_are_refused(wrong: dict[str, Any]) -> None:
    document = Document(smooth_take())
    with pytest.raises(DataError):
        document.do(Annotate("Wrong", **wrong))
    assert document.revision == 0


def test_points_that_are_gone_are_told_in_the_name_of_their_span() -> None:
    spans = (Span("take", 0, 9), Span("contact", 2, 4, ("heel", "toe")), Span("swing", 4, 6, ("knee",)))
    assert spans_about(spans, ("knee", "toe")) == (spans[0], Span("contact (heel, toe)", 2, 4, ("toe",)), spans[2])


def test_recordings_are_checked_and_read_only() -> None:
    rec = with_gap(smooth_take(), 1, 30, 40)
    assert rec.origin_FP[35, 1] == Origin.MISSING
    np.testing.assert_allclose(missing_share(rec), [0, 10 / 120, 0, 0])
    with pytest.raises(ValueError, match="read-only"):
        rec.xyz_FPD[0, 0] = 1
    for points, rate, values in (
        (("a",), 30, np.zeros((2, 2, 3))),
        (("a", "a"), 30, np.zeros((2, 2, 3))),
        (("a", "b"), 0, np.zeros((2, 2, 3))),
    ):
        with pytest.raises(DataError):
            make_recording(points, rate, values)
    with pytest.raises(DataError, match="P1"):
        rec.index("P11")
