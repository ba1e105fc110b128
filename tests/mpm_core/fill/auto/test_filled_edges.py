"""A fill that begins at an earlier fill: it is no surer than that."""

from __future__ import annotations

import numpy as np
import pytest

from mpm_core.complete import CompleteOptions, complete_patch
from mpm_core.fill.keep.limits import Limits
from mpm_core.recording import Recording
from tests.makers import smooth_take, with_gap


def gapped(start: int, stop: int) -> Recording:
    return with_gap(smooth_take(frames=200, points=4), 1, start, stop)


def in_parts(rec: Recording, *parts: tuple[int, int]) -> Recording:
    """The second point filled in one range of frames after the other."""
    for start, stop in parts:
        where_FP = np.zeros(rec.origin_FP.shape, bool)
        where_FP[start:stop, 1] = True
        rec = complete_patch(rec, CompleteOptions("kalman", where_FP=where_FP, limits=None)).patch.apply(rec)[0]
    return rec


def test_from_a_fill_to_the_end_of_the_take_its_sigma_stays() -> None:
    rec = in_parts(gapped(150, 200), (150, 170), (170, 200))
    edge = rec.sigma_FP[169, 1]
    assert edge > 0 and (rec.sigma_FP[170:, 1] >= edge).all()


def test_from_a_fill_to_a_measured_sample_its_sigma_shrinks_evenly() -> None:
    rec = gapped(80, 120)
    parts = in_parts(rec, (80, 100), (100, 120))
    edge = float(parts.sigma_FP[99, 1])
    share_L = 1 - np.arange(1, 21) / 21
    assert (parts.sigma_FP[100:120, 1] >= share_L * edge).all() and parts.sigma_FP[100, 1] > parts.sigma_FP[119, 1]


def test_what_is_too_uncertain_does_not_become_certain_by_asking_again() -> None:
    rec = gapped(120, 200)
    sigma_F = in_parts(rec, (120, 200)).sigma_FP[:, 1]
    options = CompleteOptions("kalman", limits=Limits(max_sigma_m=float(np.nanmedian(sigma_F))))
    once = complete_patch(rec, options).patch
    assert 0 < len(once) < 80
    again = complete_patch(once.apply(rec)[0], options)
    assert len(again.patch) < (80 - len(once)) / 10 and (again.patch.sigma_N >= once.sigma_N[-1]).all()
    assert "too uncertain" in again.left[0].why


def test_beside_measured_samples_sigma_is_what_it_was() -> None:
    rec = gapped(80, 120)
    hand = rec.with_samples(rec.samples.having(origin=np.where(np.arange(200)[:, None] == 79, np.uint8(5), rec.origin_FP)))
    one, other = (in_parts(each, (80, 120)).sigma_FP[80:120, 1] for each in (rec, hand))
    assert one == pytest.approx(other)
