"""What the views show of a take is what its samples say one by one, after any edits: nothing that is remembered is out of date."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import groupby
from pathlib import Path

import numpy as np
import pytest

import mpm_core as mpm
from mpm_core.edit.labels import unlabel
from mpm_core.edit.mark import mark, region, unmark
from mpm_core.edit.names import merge
from mpm_core.edit.patch import Replace
from mpm_core.edit.trim import trim
from mpm_core.fill.to_patch import fill_gaps
from mpm_core.gaps import find_gaps, missing_share
from mpm_core.recording import Origin, Recording
from mpm_core.samples import FILLERS, FILLS
from mpm_studio.operations import completing
from mpm_studio.take import Take
from mpm_studio.views.coverage import column_edges, shares
from mpm_studio.views.point_model import WORST, share_text
from mpm_studio.views.timeline_lines import WORST as RANKED
from mpm_studio.window import Window
from tests.makers import smooth_take

EDITS, POINTS, FRAMES = 40, 6, 90


def rows_by_sample(window: Window) -> list[tuple[object, ...]]:
    """Each gap as point, start, stop, state, method, sigma, why and origin, from the samples' states."""
    session = window.session
    document, proposal = session.document, session.proposal
    patch = None if proposal is None else proposal.edit
    rec = document.recording if patch is None else proposal.preview
    asked = set() if patch is None else set(zip(patch.frames_N.tolist(), patch.points_N.tolist(), strict=True))
    reshapes = [number for number, edit in enumerate(document.done, 1) if isinstance(edit, Replace)]  # before them, places were others
    made = document.done[reshapes[-1] if reshapes else 0 :]
    filled = [run for edit in (*made, *([] if patch is None else [patch])) for run in getattr(edit, "filled", ())]

    def state(frame: int, point: int) -> str:
        if (frame, point) in asked:
            return "proposed"
        origin = rec.origin_FP[frame, point]
        return "open" if origin in (Origin.MISSING, Origin.MARKED) else "filled" if origin in FILLS else ""

    found = []
    for point in range(len(rec.points)):
        for kind, run in groupby(range(rec.frames), lambda frame, point=point: state(frame, point)):
            frames = list(run)
            if not kind:
                continue
            start, stop = frames[0], frames[-1] + 1
            origins = rec.origin_FP[start:stop, point].tolist()
            most = Origin(max(sorted(set(origins)), key=origins.count))
            words = " + ".join(word for origin, word in FILLERS.items() if origin in origins)
            method = next((run.method for run in reversed(filled) if run.point == point and run.start < stop and start < run.stop), "")
            why = next(
                (each.why for each in session.left if each.gap.point == point and each.gap.start <= start and stop <= each.gap.stop), ""
            )
            sigma_N = rec.sigma_FP[start:stop, point]
            sigma = float(sigma_N[~np.isnan(sigma_N)].max()) if not np.isnan(sigma_N).all() else math.nan
            if kind == "open":
                found.append((point, start, stop, "left" if why else "open", "", math.nan, why, most))
            else:
                found.append((point, start, stop, kind, method if method not in ("", "auto") else words, sigma, "", most))
    return found


def check_views(window: Window) -> None:
    session = window.session
    session.turns.finish()
    rec, original = session.shown, session.original
    rows = [(row.point, row.start, row.stop, row.state, row.method, row.sigma, row.why, row.origin) for row in session.gap_rows]
    assert str(rows) == str(rows_by_sample(window)) and window.workspace.gaps.model.all == session.gap_rows
    model = window.workspace.points.model
    assert [model.data(model.index(row, 1)) for row in range(len(rec.points))] == [share_text(share) for share in missing_share(rec)]
    states = [next(origin for origin in WORST if (rec.origin_FP[:, point] == origin).any()) for point in range(len(rec.points))]
    assert model._state == states
    gaps = find_gaps(rec)
    longest = max((gap.frames for gap in gaps), default=0) / rec.rate_hz
    changed = ((original.xyz_FPD != rec.xyz_FPD).any(axis=2) & (rec.origin_FP == Origin.MEASURED)).sum()
    now = [
        f"{(rec.origin_FP == Origin.MEASURED).mean():.1%}",
        f"{(rec.origin_FP == Origin.FILTERED).mean():.1%}",
        f"{len(gaps):,}",
        f"{longest:.2f} s" if gaps else "–",
        f"{np.isin(rec.origin_FP, FILLS).mean():.1%}",
        f"{changed:,}",
    ]
    assert [window.workspace.gaps.quality.cells[row, 1].text() for row in range(6)] == now
    assert window.workspace.stage.viewer._origins == {Origin(value) for value in np.unique(rec.origin_FP)}
    check_timeline(window, rec)


def check_timeline(window: Window, rec: Recording) -> None:
    """The share of every origin in columns that are not as wide as a whole number of frames."""
    rank = {origin: place for place, origin in enumerate(RANKED)}
    timeline = window.workspace.timeline
    edges_W = column_edges(0.0, 1.0, rec.frames)
    for line, row in zip(timeline.lines, timeline._content.rows(), strict=True):
        origin_F = [max((Origin(rec.origin_FP[frame, point]) for point in line.points), key=rank.get) for frame in range(rec.frames)]
        assert np.array_equal(shares(row, edges_W), np.eye(len(Origin))[origin_F])


def edits(rng: np.random.Generator, window: Window) -> list[Callable[[], None]]:
    """What may be done now."""
    session = window.session
    rec = session.document.recording
    start = int(rng.integers(0, rec.frames - 1))
    where_FP = region(rec, [int(rng.integers(0, len(rec.points)))], start, min(rec.frames, start + int(rng.integers(1, 20))))

    def propose() -> None:
        found = fill_gaps(rec, ~rec.visible_FP, str(rng.choice(["linear", "pchip"])))
        if len(found.patch):
            session.propose(completing.naming(found.patch, rec, str(rng.choice(["auto", "pchip"]))), "", found.left)

    if session.proposal is not None:
        row = next(each for each in session.gap_rows if each.state == "proposed")
        one_FP = region(rec, [row.point], row.start, row.stop)
        return [session.accept, session.reject, lambda: session.accept(one_FP), lambda: session.reject(one_FP), propose]
    return [
        *[lambda: session.do(mark(rec, where_FP))] * 3,
        *[propose] * 3,
        lambda: session.do(unmark(rec, where_FP)),
        lambda: session.do(unlabel(rec, (0,), start, start + 1)),
        lambda: session.do(merge(rec, 0, 1, "first")) if len(rec.points) > 3 else None,
        lambda: session.do(trim(rec, 1, rec.frames)) if rec.frames > 40 else None,
        *[session.undo] * 2,
        *[session.redo] * 2,
    ]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_views_show_what_the_samples_say_after_random_edits(window: Window, seed: int) -> None:
    rng, rec = np.random.default_rng(seed), smooth_take(FRAMES, POINTS)
    xyz_FPD = rec.xyz_FPD.copy()
    for _ in range(8):
        start = rng.integers(0, FRAMES)
        xyz_FPD[start : start + rng.integers(1, 12), rng.integers(0, POINTS)] = np.nan
    rec = mpm.make_recording(rec.points, rec.rate_hz, xyz_FPD)
    window.session.open(Take(Path("random.npz"), rec, rec, {}))
    check_views(window)
    for _ in range(EDITS):
        choices = edits(rng, window)
        choices[int(rng.integers(0, len(choices)))]()
        check_views(window)


def test_samples_that_an_accepted_proposal_made_are_those_of_its_edit(window: Window) -> None:
    """The recording that was shown is taken over instead of made again; undo gives back the one before, to the bit."""
    rec = smooth_take(FRAMES, POINTS)
    xyz_FPD = rec.xyz_FPD.copy()
    xyz_FPD[10:20, 2] = np.nan
    rec = mpm.make_recording(rec.points, rec.rate_hz, xyz_FPD)
    session = window.session
    session.open(Take(Path("accepted.npz"), rec, rec, {}))
    patch = fill_gaps(rec, ~rec.visible_FP, "linear").patch
    session.propose(patch, "")
    session.accept()
    assert not session.document.recording.samples.differs(patch.apply(rec)[0].samples).any()
    session.undo()
    assert not session.document.recording.samples.differs(rec.samples).any()
