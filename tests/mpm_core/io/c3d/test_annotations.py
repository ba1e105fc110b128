"""Events and subjects of C3D files: read as spans and subjects, kept by every export, written where they were changed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import ezc3d
import numpy as np
import pytest

import mpm_core as mpm
from mpm_core.edit.annotate import Annotate
from mpm_core.edit.mark import mark, region
from mpm_core.errors import FormatError
from mpm_core.io.c3d import c3d
from mpm_core.io.c3d.layout import find_layout
from mpm_core.io.c3d.new_file import new_file
from mpm_core.io.c3d.proof import proof
from mpm_core.recording import Recording
from mpm_core.spans import Span
from mpm_core.subjects import Subject
from tests.makers import smooth_take, with_gap
from tests.mpm_core.io.c3d.test_c3d import files, in_process
from tests.mpm_core.io.c3d.test_c3d_export import FORMS

STRIKE = Span("Left Foot Strike", 12, 13, source="file")
CONTACT = Span("contact", 20, 35, source="file")


def names_and_frames(rec: Recording) -> list[tuple[str, int, int]]:
    return [(span.name, span.start, span.stop) for span in rec.spans]


def take(**changes: object) -> Recording:
    """A take of four markers with a gap, an event and a contact, as it is read from a C3D of this program; its first frame is 51."""
    rec = with_gap(smooth_take(90, 4, 100.0), 2, 40, 50)
    rec = replace(rec, source=replace(rec.source, first_frame=51), spans=(STRIKE, CONTACT), **changes)
    return in_process(new_file(rec))[1]


def test_a_new_file_brings_spans_and_subjects_back() -> None:
    rec = take(subjects=(Subject("one", ("P0", "P1", "P2", "P3")),))
    assert rec.spans == (STRIKE, CONTACT)
    assert rec.subjects == (Subject("one", rec.points),)
    parameters = find_layout(rec.source.payload).parameters
    assert parameters.texts("EVENT:LABELS") == ["Foot Strike", "contact"] and parameters.texts("EVENT:CONTEXTS") == ["Left", "General"]
    np.testing.assert_allclose(parameters.numbers("EVENT:TIMES").reshape(-1, 2), [(0, 0.62), (0, 0.70)], rtol=1e-6)


@pytest.mark.parametrize(
    ("names", "subjects"),
    [
        (("a:x", "a:y", "b:x", "free"), (Subject("a", ("a:x", "a:y")), Subject("b", ("b:x",)))),
        (("x", "y", "z", "ball"), (Subject("a", ("x", "z")), Subject("b", ("ball",)), Subject("away"))),
        (("x", "y", "z", "ball"), (Subject("a", ("x",)),)),
        (("a:x", "a:y", "b:x", "free"), ()),
    ],
)
def test_subjects_come_back_with_and_without_prefixes(names: tuple[str, ...], subjects: tuple[Subject, ...]) -> None:
    rec = replace(smooth_take(9, 4), points=names, subjects=subjects)
    assert in_process(new_file(rec))[1].subjects == (subjects or (Subject("a", names[:2]), Subject("b", names[2:3])))


def test_a_take_whose_prefixes_are_no_subjects_keeps_none() -> None:
    rec = in_process(new_file(replace(smooth_take(9, 2), points=("a:x", "b:x"))))[1]
    assert [subject.name for subject in rec.subjects] == ["a", "b"]
    assert in_process(new_file(replace(rec, subjects=())))[1].subjects == ()


def test_filling_keeps_events_and_the_files_own_groups(tmp_path: Path) -> None:
    rec = take()
    filled = mpm.complete(mark(rec, region(rec, [0], 60, 64)).apply(rec)[0], method="linear")
    mpm.write(filled, tmp_path / "out.c3d")
    before, after = (find_layout(data).parameters for data in (rec.source.payload, (tmp_path / "out.c3d").read_bytes()))
    assert {name: each.data for name, each in before.values.items()} == {name: each.data for name, each in after.values.items()}
    assert mpm.read(tmp_path / "out.c3d").spans == rec.spans == filled.spans


def test_an_added_span_leaves_every_frame_as_it_was(tmp_path: Path) -> None:
    rec = take(subjects=(Subject("one", ("P0", "P1", "P2", "P3")),))
    more = Annotate("Add", spans=(*rec.spans, *(Span(f"step {i}", i, i + 1) for i in range(60)))).apply(rec)[0]
    mpm.write(more, tmp_path / "out.c3d")
    back = mpm.read(tmp_path / "out.c3d")
    assert names_and_frames(back) == names_and_frames(more) and back.subjects == rec.subjects
    assert not back.samples.differs(rec.samples).any() and proof(more, tmp_path / "out.c3d").holds
    old, new = find_layout(rec.source.payload), find_layout(back.source.payload)
    assert new.data_start > old.data_start and back.source.payload[new.data_start :] == rec.source.payload[old.data_start :]
    assert ezc3d.c3d(str(tmp_path / "out.c3d"))["parameters"]["EVENT"]["LABELS"]["value"][:3] == ["Foot Strike", "contact", "step 0"]
    mpm.write(Annotate("Remove", spans=()).apply(back)[0], tmp_path / "none.c3d")
    assert mpm.read(tmp_path / "none.c3d").spans == ()


def test_a_trimmed_take_has_the_events_of_its_frames_and_its_file_the_others_too(tmp_path: Path) -> None:
    rec = take()
    spans = (Span("contact", 0, 10, source="file"),)
    cut = rec.with_samples(rec.samples.at(slice(25, 80)), source=replace(rec.source, first_frame=76), spans=spans)
    for number, name in enumerate(("own", "changed")):
        cut = replace(cut, spans=spans + number * (Span("step", 3, 4, source="file"),))
        mpm.write(cut, tmp_path / f"{name}.c3d")
        back = mpm.read(tmp_path / f"{name}.c3d")
        assert sorted(names_and_frames(back)) == sorted(names_and_frames(cut))
        assert any("1 events lie outside" in note for note in back.source.notes)
        assert "Foot Strike" in find_layout(back.source.payload).parameters.texts("EVENT:LABELS")


def test_an_event_of_one_of_several_subjects_is_about_its_points() -> None:
    subjects = (Subject("a", ("P0", "P1")), Subject("b", ("P2",)))
    rec = replace(smooth_take(30, 4), subjects=subjects, spans=(Span("kick", 3, 4, ("P2",)), Span("start", 0, 1)))
    assert [(span.name, span.points) for span in in_process(new_file(rec))[1].spans] == [("kick", ("P2",)), ("start", ())]


def test_more_events_than_c3d_can_hold_are_refused(tmp_path: Path) -> None:
    rec = take()
    with pytest.raises(FormatError, match="255"):
        mpm.write(replace(rec, spans=tuple(Span("step", 3, 4) for _ in range(256))), tmp_path / "out.c3d")
    assert not list(tmp_path.iterdir())


def test_real_events_lie_where_their_times_say(samples_dir: Path) -> None:
    _, rec = in_process((samples_dir / "c3d/btk/PiG/PiG_Motion-FlatFoot-Hole.c3d").read_bytes())
    first = rec.source.first_frame
    assert rec.subjects == (Subject("ANTO_M", rec.points),)
    assert [(span.name, span.start + first) for span in rec.spans[:4]] == [
        ("Left Foot Strike", 338),
        ("Left Foot Strike", 215),
        ("Left Foot Strike", 462),
        ("Right Foot Strike", 273),
    ]
    heel, rate_hz = rec.xyz_FPD[:, rec.index("LHEE")].astype(np.float64), rec.rate_hz
    speed_F = rate_hz * np.linalg.norm(np.diff(heel, axis=0), axis=1)
    strikes = [span.start for span in rec.spans if span.name == "Left Foot Strike" and 20 < span.start < rec.frames - 20]
    assert strikes
    for at in strikes:
        assert speed_F[at - 20 : at - 10].mean() > 4 * speed_F[at + 2 : at + 12].mean(), "the heel stops where the foot strikes"


@pytest.mark.slow
def test_spans_and_subjects_can_be_added_to_every_real_file(samples_dir: Path, tmp_path: Path) -> None:
    for path in files(samples_dir):
        data = path.read_bytes()
        layout, rec = in_process(data)
        more = replace(rec, spans=(*rec.spans, Span("Left kick", 3, 4), CONTACT), subjects=(*rec.subjects, Subject("added")))
        out = tmp_path / "out.c3d"
        c3d.write(more, out)
        after, back = in_process(out.read_bytes())
        assert names_and_frames(back) == names_and_frames(more) and back.subjects == more.subjects, path.name
        assert np.array_equal(after.words_FC4(out.read_bytes()), layout.words_FC4(data)), path.name


@pytest.mark.parametrize("form", FORMS)
def test_events_are_written_in_every_byte_order(samples_dir: Path, tmp_path: Path, form: str) -> None:
    rec = c3d.read(samples_dir / f"c3d/btk/c3d.org/sample01/Eb015{form}.c3d")
    done = replace(rec, spans=(*rec.spans, Span("Right Foot Off", 77, 78)))
    c3d.write(done, tmp_path / "out.c3d")
    assert names_and_frames(c3d.read(tmp_path / "out.c3d")) == names_and_frames(done)
