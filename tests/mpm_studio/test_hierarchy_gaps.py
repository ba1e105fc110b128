"""Gaps of a hierarchy in the window: what was marked along is filled along, and only methods that fill something answer."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt

import mpm_core as mpm
from mpm_core.recording import Origin
from mpm_studio.operations import completing, marking
from mpm_studio.operations.answers import other_answers
from mpm_studio.take import Take
from tests.makers import person_bvh
from tests.mpm_studio.driving import press

JOB_MS = 60_000
QUIET = (lambda: False, lambda share, text: None)


@pytest.fixture
def rec(tmp_path):
    path = tmp_path / "person.bvh"
    path.write_bytes(person_bvh())
    return mpm.read(path)


def test_what_was_marked_along_is_filled_along(qtbot, window, rec):
    session, wrist = window.session, rec.index("LeftHand")
    session.open(Take(Path(rec.source.path), rec, rec, {}))
    window.use_method("pchip")
    session.do(marking.mark(rec, (wrist,), 20, 40))
    session.do(marking.mark(session.document.recording, (wrist,), 50, 55))
    marked_FP = session.document.recording.origin_FP == Origin.MARKED
    assert marked_FP[30].sum() > 1, "the hand's end is marked along"
    session.select((wrist,), 20, 40)
    press(qtbot, window, Qt.Key.Key_G, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: session.proposal is not None and not session.jobs.busy, timeout=JOB_MS)
    filled_FP = session.shown.origin_FP == Origin.FILLED
    np.testing.assert_array_equal(filled_FP[:45], marked_FP[:45])
    assert not filled_FP[45:].any(), "the other gap stays open"
    press(qtbot, window, Qt.Key.Key_Return)
    assert {row.state for row in session.gap_rows if row.start < 45} == {"filled"}


def test_a_method_that_fills_nothing_has_no_answer_and_says_why(rec):
    marked = marking.marked(rec, ["LeftHand:11-50"])
    wanted_FP = ~marked.visible_FP
    completion = mpm.complete_patch(marked, mpm.CompleteOptions("coast", wanted_FP))
    assert not len(completion.patch) and {each.gap.point for each in completion.left} == {*np.flatnonzero(wanted_FP.any(axis=0))}
    assert all(each.why for each in completion.left)
    answers = {each.method: each for each in other_answers(completing.CompleteRequest(marked, "auto", wanted_FP), *QUIET)}
    assert "pchip" in answers and not {"coast", "rigid", "cyclic"} & answers.keys()
    assert all(np.isfinite(each.patch.sigma_N).any() for each in answers.values())
