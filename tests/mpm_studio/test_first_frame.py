"""Which frame a take opens at."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from mpm_core.recording import Recording
from mpm_studio.operations.navigating import first_visible
from tests.makers import smooth_take, with_gap


def hidden(points: range, stop: int) -> Recording:
    rec = smooth_take(60, 6)
    for point in points:
        rec = with_gap(rec, point, 0, stop)
    return rec


def test_a_take_opens_where_half_of_its_points_are_there() -> None:
    assert first_visible(smooth_take(60, 6)) == 0
    assert first_visible(hidden(range(6), 20)) == 20
    assert first_visible(hidden(range(5), 20)) == 20, "one stray point shows nobody"
    assert first_visible(hidden(range(2), 20)) == 0
    nothing = smooth_take(5, 2)
    assert first_visible(replace(nothing, xyz_FPD=np.full_like(nothing.xyz_FPD, np.nan), origin_FP=nothing.origin_FP * 0)) == 0
