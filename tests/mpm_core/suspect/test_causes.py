"""Suspects of one cause."""

from __future__ import annotations

import numpy as np

import mpm_core as mpm
from mpm_core.suspect.causes import TOGETHER_S, causes
from mpm_core.suspect.kinds import Suspect


def test_each_suspect_is_of_the_first_cause_whose_worst_it_shares_something_with() -> None:
    """Against comparing each with the worst of every cause before it."""
    rng = np.random.default_rng(3)
    names = (*(f"m{number}" for number in range(12)), "*1", "*2")
    rec = mpm.make_recording(names, 120.0, np.zeros((600, len(names), 3)))
    found = []
    for number in range(400):
        points = tuple(sorted(map(int, rng.choice(len(names), rng.integers(1, 3), replace=False))))
        start, length = int(rng.integers(0, 500)), int(rng.integers(1, 60))
        kind = str(rng.choice(["spike", "ghost"]))
        found.append(Suspect(kind, points, start, start + length, 1000.0 - number, "", piece=kind == "ghost" and bool(rng.integers(2))))
    within, groups = TOGETHER_S * rec.rate_hz, list[list[Suspect]]()
    for each in found:
        for group in groups:
            worst = group[0]
            same = set(worst.points) == set(each.points) or (max(worst.points) >= 12 and max(each.points) >= 12)
            same |= abs(worst.start - each.start) <= within and abs(worst.stop - each.stop) <= within
            if same and (worst.kind, worst.piece) == (each.kind, each.piece):
                group.append(each)
                break
        else:
            groups.append([each])
    assert [cause.suspects for cause in causes(rec, found)] == [tuple(group) for group in groups] and len(groups) < 300
