"""Lifting a take: what is known of its frames and of whom it shows goes along, and comes back with undo."""

from __future__ import annotations

import numpy as np

import mpm_core as mpm
from mpm_core.body.mapping import body17
from mpm_core.edit.document import Document
from mpm_core.edit.patch import Replace
from mpm_core.spans import Span
from mpm_core.subjects import Subject
from tests.makers import standing


def test_spans_and_the_subject_go_along_and_come_back() -> None:
    person = standing(40)
    xy_FP2 = 500 + 300 * np.stack([person.xyz_FPD[:, :, 0], -person.xyz_FPD[:, :, 2]], axis=-1)
    names = tuple("nose" if name == "head_top" else name for name in person.points)
    spans = (Span("standing", 0, 40), Span("look", 5, 9, ("nose",)), Span("contact", 3, 20, ("left_ankle",)))
    rec = mpm.make_recording(names, 30.0, xy_FP2, spans=spans, subjects=(Subject("Ada", names),))
    lifted = mpm.lift(rec, size=(1000, 1000))
    assert lifted.spans == (spans[0], Span("look (nose)", 5, 9), spans[2])
    assert lifted.subjects == (Subject("Ada", body17().names),)
    document = Document(rec)
    document.do(Replace("Lift to 3D", rec, lifted))
    document.undo()
    assert (document.recording.spans, document.recording.subjects) == (rec.spans, rec.subjects)
