"""Suspects that were dismissed: they stay dismissed, and nothing else does."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest

import mpm_core as mpm
from mpm_core.edit.mark import mark, region
from mpm_core.edit.names import renamed
from mpm_core.edit.trim import trimmed
from mpm_core.errors import DataError
from mpm_core.io.c3d.new_file import new_file
from mpm_core.spans import CHECKED, Span, spans_about
from mpm_core.suspect.dismissed import dismiss, not_dismissed
from mpm_core.suspect.find import find_suspects
from mpm_core.suspect.kinds import Suspect
from tests.makers import rigid_take
from tests.mpm_core.io.c3d.test_c3d import in_process


def spiked() -> mpm.Recording:
    """Spikes of A1 in frame 101 and of C1 in frame 301."""
    rec = rigid_take(bodies=3, frames=400, noise_m=0.0003)
    xyz_FPD = rec.xyz_FPD.copy()
    xyz_FPD[100, 1] += 0.05
    xyz_FPD[300, 11] += 0.1
    return mpm.make_recording(rec.points, rec.rate_hz, xyz_FPD)


def places(found: list[Suspect]) -> list[tuple[str, tuple[int, ...], int]]:
    return [(each.kind, each.points, each.start) for each in found]


def test_a_dismissed_suspect_is_not_found_again_and_comes_back_with_undo() -> None:
    rec = spiked()
    found = find_suspects(rec)
    assert places(found) == [("spike", (11,), 300), ("spike", (1,), 100)]
    after, inverse = dismiss(rec, found[:1]).apply(rec)
    assert not after.samples.differs(rec.samples).any() and [span.source for span in after.spans] == [CHECKED]
    assert places(find_suspects(after)) == [("spike", (1,), 100)]
    assert find_suspects(inverse.apply(after)[0]) == found
    assert dismiss(after, found[:1]).apply(after)[0].spans == after.spans, "once is enough"


def test_only_the_kind_the_points_and_the_frames_that_were_dismissed_are() -> None:
    rec = spiked()
    after = dismiss(rec, [Suspect("swap", (1, 11), 100, 110, 2.0, "")]).apply(rec)[0]
    for points, start, stop, kind, stays in (
        ((1, 11), 101, 111, "swap", False),
        ((1,), 100, 110, "swap", False),
        ((1, 11), 104, 115, "swap", False),
        ((1, 11), 105, 116, "swap", True),
        ((1, 11), 100, 130, "swap", True),
        ((1, 12), 100, 110, "swap", True),
        ((1, 11), 100, 110, "spike", True),
    ):
        suspect = Suspect(kind, points, start, stop, 2.0, "")
        assert not_dismissed(after, [suspect]) == [suspect] * stays, (points, start, stop, kind)


def test_it_stays_dismissed_after_other_edits_and_in_files(tmp_path: Path) -> None:
    rec = spiked()
    after = dismiss(rec, find_suspects(rec)[:1]).apply(rec)[0]
    after = mark(after, region(after, [4], 10, 20)).apply(after)[0]
    for name in ("take.mpm", "take.npz"):
        mpm.write(after, tmp_path / name)
        assert places(find_suspects(mpm.read(tmp_path / name))) == [("spike", (1,), 100)], name
    shorter = trimmed(after, 200, 400)
    assert shorter.spans[0].start == 100 and find_suspects(shorter) == []
    assert places(find_suspects(renamed(after, {"C1": "toe"}))) == [("spike", (1,), 100)]


def test_thousands_are_dismissed_in_a_moment() -> None:
    """Each edit in the window asks which are left: 4,000 compared with each other took 8 s."""
    rec = mpm.make_recording(tuple(f"p{point}" for point in range(40)), 100.0, np.zeros((40_100, 40, 3)))
    many = [Suspect("spike", (place % 40,), 10 * place, 10 * place + 2, 2.0, "") for place in range(4000)]
    after = dismiss(rec, many).apply(rec)[0]
    began = time.process_time()
    assert len(after.spans) == 4000 and not_dismissed(after, many[::-1]) == []
    assert time.process_time() - began < 2


def test_a_take_of_other_points_does_not_have_it() -> None:
    spans = (Span("no spike", 3, 5, ("knee",), CHECKED), Span("turn", 1, 9, ("knee",), "user"))
    assert spans_about(spans, ("knee", "hip")) == spans[1:]


def test_a_c3d_has_no_event_for_it() -> None:
    rec = spiked()
    after = dismiss(rec, find_suspects(rec)).apply(rec)[0]
    assert in_process(new_file(after))[1].spans == ()


def test_a_suspect_of_other_frames_than_the_takes_is_refused() -> None:
    rec = spiked()
    with pytest.raises(DataError, match="of a take of 400"):
        dismiss(rec, [Suspect("spike", (1,), 399, 402, 2.0, "")]).apply(rec)
