"""Which points have a label, and edits of labels over a range: two exchanged, one taken off. F frames, P points, N samples.

An exchange is the user's own hand: what was measured under the other label becomes HAND, and the edit is written into the recording's log.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mpm_core.edit.mark import check_frames, delete, frames_text, region, region_text
from mpm_core.edit.patch import Patch
from mpm_core.errors import DataError
from mpm_core.recording import Origin, Recording
from mpm_core.samples import OF_FILE
from mpm_core.typing import Mask

UNLABELLED = ("*", "unlabel")  # how names of trajectories without a label begin, in lower case


def labelled(rec: Recording) -> Mask:
    """(P,) False for trajectories without a label, which need not be of one point and so cannot be exchanged with another.

    >>> from mpm_core.recording import make_recording
    >>> labelled(make_recording(("LKNE", "*12", "Unlabeled 3"), 100.0, np.zeros((1, 3, 3)))).tolist()
    [True, False, False]
    """
    return np.array([not name.lower().startswith(UNLABELLED) for name in rec.points], bool)


def swap(rec: Recording, a: int, b: int, start: int, stop: int) -> Patch:
    """Two points exchange their samples in frames start..stop-1.

    Positions go along, bit for bit; what was MEASURED or FILTERED is HAND under its new label, without the value before a filter, and fills
    keep their origin. A sample marked as wrong is left behind (MISSING), since it is as wrong there.
    Raises DataError for a rig, for one point twice, and for frames outside the take.

    >>> from mpm_core.recording import make_recording
    >>> rec = make_recording(("left", "right"), 100.0, [[[1, 0, 0], [2, 0, 0]]])
    >>> swap(rec, 0, 1, 0, 1).apply(rec)[0].xyz_FPD[0, :, 0].tolist()
    [2.0, 1.0]
    """
    return swap_all(rec, [(a, b, start, stop)])


def swap_all(rec: Recording, places: Sequence[tuple[int, int, int, int]]) -> Patch:
    """Several exchanges in one step: of points a and b in frames start..stop-1, as `swap` does, for each (a, b, start, stop).

    Raises DataError as `swap` does, and for a sample that is in two of them.

    >>> from mpm_core.recording import make_recording
    >>> rec = make_recording(("left", "right", "top"), 100.0, [[[1, 0, 0], [2, 0, 0], [3, 0, 0]]] * 2)
    >>> swap_all(rec, [(0, 1, 0, 1), (1, 2, 1, 2)]).apply(rec)[0].xyz_FPD[:, :, 0].tolist()
    [[2.0, 1.0, 3.0], [1.0, 3.0, 2.0]]
    """
    if rec.rig is not None:
        raise DataError("joints of a hierarchy cannot exchange places: each hangs on its parent", hint="mark the range and fill it")
    where_FP = np.zeros(rec.origin_FP.shape, bool)
    from_FP = np.tile(np.arange(len(rec.points)), (rec.frames, 1))  # the point whose sample each gets
    for a, b, start, stop in places:
        if a == b:
            raise DataError(f"{rec.points[a]} cannot be exchanged with itself", hint="name two points")
        check_frames(rec, start, stop)
        if where_FP[start:stop, [a, b]].any():
            what = f"{_exchange(rec, a, b, start, stop)}: some of this is exchanged with a third point, too"
            raise DataError(what, hint="do one at a time")
        where_FP[start:stop, [a, b]] = True
        from_FP[start:stop, [a, b]] = (b, a)
    frames_N, points_N = np.nonzero(where_FP)
    moved = rec.samples.at(frames_N, from_FP[frames_N, points_N])
    moved = moved.cleared((moved.origin == Origin.MISSING) | (moved.origin == Origin.MARKED))
    of_file_N = np.isin(moved.origin, OF_FILE)
    moved = moved.having(origin=np.where(of_file_N, np.uint8(Origin.HAND), moved.origin))
    if "unfiltered" in moved.arrays:  # the other label's measured value is not this one's
        moved = moved.having(unfiltered=np.where(of_file_N[:, None], np.float32(np.nan), moved.arrays["unfiltered"]))
    kept_N = (rec.origin_FP[frames_N, points_N] != Origin.MISSING) | (moved.origin != Origin.MISSING)
    frames_N, points_N = frames_N[kept_N], points_N[kept_N]
    where_FP[:] = False
    where_FP[frames_N, points_N] = True
    lines = [
        f"{_exchange(rec, a, b, start, stop)}: {int(where_FP[start:stop, [a, b]].sum())} samples by hand" for a, b, start, stop in places
    ]
    label = _exchange(rec, *places[0]) if len(places) == 1 else f"Exchange {len(places)} pairs of points"
    return Patch(label, frames_N, points_N, moved.at(kept_N), log=(*rec.log, *lines))


def _exchange(rec: Recording, a: int, b: int, start: int, stop: int) -> str:
    """What an exchange is called in the history and the log."""
    return f"Exchange {rec.points[a]} and {rec.points[b]}, {frames_text(rec, start, stop)}"


def unlabel(rec: Recording, points: tuple[int, ...], start: int, stop: int) -> Patch:
    """Points lose what they hold in frames start..stop-1: measured samples are MARKED, their values kept; all others are MISSING.

    Raises DataError for a rig and for frames outside the take.

    >>> from mpm_core.recording import make_recording
    >>> rec = make_recording(("left",), 100.0, [[[1, 0, 0]], [[2, 0, 0]]])
    >>> unlabel(rec, (0,), 0, 1).apply(rec)[0].visible_FP.ravel().tolist()
    [False, True]
    """
    if rec.rig is not None:
        raise DataError("a joint of a hierarchy has no label to lose", hint="mark the range instead")
    return delete(rec, region(rec, list(points), start, stop), f"Unlabel {region_text(rec, points, start, stop)}")
