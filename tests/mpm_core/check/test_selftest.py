"""The self-test: what it hides, what it finds, and that it finds the same again."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import mpm_core as mpm
from mpm_core.check.selftest import SelfTest, self_test
from mpm_core.complete import METHODS
from mpm_core.errors import Cancelled, DataError
from mpm_core.fill.methods import METHODS as CLASSICAL
from mpm_core.fill.to_patch import fill_gaps
from mpm_core.model import network_fill
from mpm_core.model.predicted_points import PointPrediction
from mpm_core.recording import Origin, Recording, make_recording
from mpm_core.resources import resource
from tests.makers import person_rig, rigid_take, smooth_take, walking_take, with_gap

SOME = ("linear", "spline", "rigid")


def holed() -> Recording:
    rec = rigid_take(frames=600, noise_m=0.0005)
    for point, start, stop in ((0, 100, 150), (3, 300, 310), (6, 0, 20), (7, 200, 300)):
        rec = with_gap(rec, point, start, stop)
    return rec


def test_it_finds_the_method_that_fits_the_motion() -> None:
    test = self_test(holed(), SOME)
    assert test.own_gaps and test.best() in ("rigid",) and test.score("rigid").mean < 0.003 < test.score("linear").mean
    assert {outcome.point for outcome in test.outcomes} == {0, 3, 6, 7}
    assert {outcome.frames for outcome in test.outcomes} <= {50, 10, 20, 100}
    walk = self_test(walking_take(cycles=12), ("linear", "hermite", "cyclic"))
    assert not walk.own_gaps and walk.score("cyclic").median < 0.2 * walk.score("hermite").median


def test_errors_are_distances_from_what_was_measured() -> None:
    """A trial's error is that of filling the same samples hidden by hand, where nothing else was hidden with it."""
    truth = smooth_take(frames=300, points=3)
    test = self_test(with_gap(truth, 1, 100, 120), ("hermite",))
    for outcome in test.outcomes:
        where = (slice(outcome.start, outcome.start + outcome.frames), outcome.point)
        again = with_gap(with_gap(truth, 1, 100, 120), outcome.point, outcome.start, outcome.start + outcome.frames)
        filled, _ = fill_gaps(again, ~again.visible_FP, "hermite", sigma=False).patch.apply(again)
        expected = np.linalg.norm(filled.xyz_FPD[where].astype(np.float64) - truth.xyz_FPD[where], axis=1)
        assert np.median(np.abs(outcome.off_N["hermite"] - expected)) < 1e-6


def test_the_same_seed_is_the_same_test_and_another_another() -> None:
    def key(test: SelfTest) -> list[tuple[int, int, bytes]]:
        return [(outcome.point, outcome.start, outcome.off_N["spline"].tobytes()) for outcome in test.outcomes]

    first, again, other = (self_test(holed(), SOME, seed=seed) for seed in (0, 0, 1))
    assert key(first) == key(again) != key(other)


def test_nothing_changes_in_the_take() -> None:
    rec = holed()
    before = rec.xyz_FPD.tobytes(), rec.origin_FP.tobytes()
    self_test(rec, SOME)
    assert (rec.xyz_FPD.tobytes(), rec.origin_FP.tobytes()) == before


def test_fills_are_no_truth() -> None:
    """What was filled before is a gap again: a fill is never judged by another fill."""
    rec = holed()
    filled, _ = fill_gaps(rec, np.ones(rec.origin_FP.shape, bool), "hermite", sigma=False).patch.apply(rec)
    assert (filled.origin_FP == Origin.FILLED).any()
    for outcome in self_test(filled, ("linear",)).outcomes:
        assert rec.visible_FP[outcome.start : outcome.start + outcome.frames, outcome.point].all()


def test_scores_by_length_and_point_hold_every_outcome() -> None:
    test = self_test(holed(), SOME)
    assert sum(len(some) for _, _, some in test.by_length()) == len(test.outcomes) == sum(len(some) for _, some in test.by_point())
    for low, high, some in test.by_length():
        assert all(low < outcome.frames / 100 <= high for outcome in some)
    score = test.score("linear")
    assert score.median <= score.p95 and score.reached <= score.asked == sum(outcome.frames for outcome in test.outcomes)
    assert math.isnan(test.score("linear", []).mean)


def test_what_cannot_be_done_is_told() -> None:
    test = self_test(with_gap(smooth_take(frames=300, points=3), 0, 50, 60), ("model", "rigid", "coast", "linear"))
    assert set(test.skipped) == {"model", "rigid", "coast"}
    assert "an end of the take" in test.skipped["coast"] and test.skipped["model"] and test.best() == "linear"
    with pytest.raises(DataError, match="no method called"):
        self_test(smooth_take(), ("magic",))
    short = make_recording(("a",), 100.0, np.zeros((8, 1, 3)))
    with pytest.raises(DataError, match="too little is visible"):
        self_test(short, ("linear",))


def test_it_can_be_stopped_and_tells_how_far_it_is() -> None:
    told: list[float] = []
    self_test(holed(), SOME, progress=lambda share, text: told.append(share))
    assert told == sorted(told) and told[0] == 0 and 0.5 < told[-1] < 1
    with pytest.raises(Cancelled):
        self_test(holed(), SOME, cancel=lambda: len(told) > 0)


def test_a_rig_is_tested_through_its_rotations() -> None:
    test = self_test(person_rig(frames=120), ("linear", "hermite"))
    assert test.outcomes and not test.skipped
    assert test.score("hermite").reached == test.score("hermite").asked


def person() -> Recording:
    rec = mpm.read(resource("sample/walk_reach_sit_truth.npz"))
    return with_gap(make_recording(rec.points, rec.rate_hz, rec.xyz_FPD[:240], skeleton=rec.skeleton), 13, 100, 160)


@pytest.mark.slow
def test_auto_and_model_share_the_prediction(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is made once for each round, and by itself `model` finds the same."""
    asked = []

    def counted(rec: Recording, *rest: Any) -> PointPrediction:
        asked.append(rec)
        return once(rec, *rest)

    once = network_fill.predict_points
    monkeypatch.setattr(network_fill, "predict_points", counted)
    both = self_test(person(), ("auto", "model"))
    assert 0 < len(asked) == len({id(rec) for rec in asked}) and len(asked) <= len(both.outcomes)
    alone = self_test(person(), ("model",))
    assert len(asked) == 2 * len({id(rec) for rec in asked[len(asked) // 2 :]})
    for one, other in zip(both.outcomes, alone.outcomes, strict=True):
        np.testing.assert_array_equal(one.off_N["model"], other.off_N["model"])


@pytest.mark.slow
def test_all_methods_of_completion_are_tried() -> None:
    test = self_test(person())
    assert test.methods == METHODS and set(METHODS) == {"auto", "model", *CLASSICAL}
    assert test.score("auto").reached == test.score("auto").asked and test.score("model").reached
    assert all(0 <= outcome.model_share <= 1 for outcome in test.outcomes)
