"""The residual model, fitted to trials on the take itself. The network here is small and untrained: its errors are large."""

from __future__ import annotations

import numpy as np
import pytest

from mpm_core.errors import Cancelled
from mpm_core.fill.hermite import interpolate
from mpm_core.gaps import known, runs, usual_error
from mpm_core.model.encode import root_path
from mpm_core.model.match_edges import follow_neighbours, match_edges
from mpm_core.model.predict import predict_joints
from mpm_core.model.repair_network import RepairNetwork
from mpm_core.model.run_windows import complete_windows
from mpm_core.model.take_residuals import LEAST_ROWS, ResidualModel, fit_residuals
from tests.mpm_core.model.test_predict import model, walk

WRIST = 13
NOTHING_KNOWN = np.full(16, np.nan)


def gapped(frames: int, rate_hz: float, start: int, stop: int) -> tuple[np.ndarray, np.ndarray]:
    truth_FJ3 = walk(frames, rate_hz)
    joints_FJ3 = truth_FJ3.copy()
    joints_FJ3[start:stop, WRIST] = np.nan
    return truth_FJ3, joints_FJ3


def network() -> RepairNetwork:
    repair = model("repair").network
    assert isinstance(repair, RepairNetwork)
    return repair


def errors(truth_KJ3: np.ndarray, known_KJ3: np.ndarray) -> tuple[float, float, ResidualModel]:
    """Mean error in the gap, at 30 Hz, without and with the residual model's correction.

    Without the mirrored window, as in trials: an untrained network is not symmetric.
    """
    visible_KJ = known(known_KJ3)
    missing_K = ~visible_KJ.all(axis=1)
    residuals = fit_residuals(known_KJ3, missing_K, NOTHING_KNOWN, network())
    assert residuals is not None
    output = complete_windows(known_KJ3, missing_K, NOTHING_KNOWN, network(), mirrored=False)
    raw_KJ3 = follow_neighbours(root_path(known_KJ3[:, None], 30.0) + output.joints_KJ3, known_KJ3, 30.0)
    fills = (match_edges(raw_KJ3, known_KJ3, 30.0), match_edges(raw_KJ3 + residuals.correction(output, visible_KJ, 30.0), known_KJ3, 30.0))
    without, with_it = (float(np.linalg.norm(fill - truth_KJ3, axis=2)[~visible_KJ].mean()) for fill in fills)
    return without, with_it, residuals


def classical_error_m(truth_KJ3: np.ndarray, start: int, stop: int) -> float:
    """Mean error of Hermite interpolation in a gap of the wrist, at 30 Hz."""
    known_KJ = np.ones(truth_KJ3.shape[:2], bool)
    known_KJ[start:stop, WRIST] = False
    return float(np.linalg.norm((interpolate(truth_KJ3, known_KJ, 30.0) - truth_KJ3)[start:stop, WRIST], axis=1).mean())


def test_the_error_of_a_repeated_motion_is_predicted() -> None:
    truth_KJ3, known_KJ3 = gapped(450, 30.0, 210, 240)
    without, with_it, residuals = errors(truth_KJ3, known_KJ3)
    assert with_it < 0.6 * without
    assert residuals.error_after_J[WRIST] < residuals.error_before_J[WRIST], "and the residual model predicts that"
    assert residuals.samples_J[WRIST] > 100
    usual_m = float(usual_error(np.array([30]), 30.0)[0])
    expected = np.mean([classical_error_m(truth_KJ3, start, start + 30) for start in range(30, 390, 12)]) / usual_m
    assert residuals.classical_error_J[WRIST] == pytest.approx(expected, rel=0.4), (
        "approximately: some trials are at an end of the take or beside the gap itself"
    )
    assert not residuals.weight_JC3[np.arange(17) != WRIST].any(), "joints without gaps have no trials"


def test_the_correction_is_the_same_at_other_rates() -> None:
    slow_K3, fast_F3 = (
        predict_joints(gapped(15 * rate, float(rate), 7 * rate, 8 * rate)[1], rate, model("repair")).correction_FJ3[:, WRIST]
        for rate in (30, 120)
    )
    largest = np.nanmax(np.linalg.norm(slow_K3, axis=1))
    assert largest > 0.01
    difference_N = np.linalg.norm(fast_F3[7 * 120 + 8 : 8 * 120 - 8 : 4] - slow_K3[7 * 30 + 2 : 8 * 30 - 2], axis=1)
    assert difference_N.max() < 0.15 * largest
    outside_F3 = np.nan_to_num(np.concatenate([fast_F3[: 7 * 120 - 4], fast_F3[8 * 120 + 4 :]]))
    assert np.linalg.norm(outside_F3, axis=1).max() < 0.05 * largest


def test_the_correction_is_zero_where_the_joint_is_visible() -> None:
    _, joints_FJ3 = gapped(450, 30.0, 200, 240)
    correction_FJ3 = predict_joints(joints_FJ3, 30.0, model("repair")).correction_FJ3
    size_F = np.linalg.norm(correction_FJ3[:, WRIST], axis=1)
    assert runs(np.nan_to_num(size_F) > 1e-9) == [(200, 240)]
    assert size_F[[200, 239]].max() < 0.2 * size_F[200:240].max(), "it increases from zero at the edges"


def test_outliers_have_little_weight() -> None:
    truth_KJ3, known_KJ3 = gapped(450, 30.0, 200, 230)
    without, with_it, _ = errors(truth_KJ3, known_KJ3)
    known_KJ3[60:66, WRIST] += [1.5, -2.0, 1.0]
    _, with_outliers, _ = errors(truth_KJ3, known_KJ3)
    assert with_outliers - with_it < 0.5 * (without - with_it)


def test_without_trials_the_correction_is_zero() -> None:
    truth_FJ3, joints_FJ3 = gapped(90, 30.0, 0, 90)
    prediction = predict_joints(joints_FJ3, 30.0, model("repair"))
    assert prediction.residuals is not None
    assert prediction.residuals.samples_J[WRIST] < LEAST_ROWS
    assert np.isnan(prediction.residuals.error_before_J[WRIST])
    assert not prediction.correction_FJ3.any()
    complete = predict_joints(truth_FJ3, 30.0, model("repair"), wanted_F=np.ones(90, bool))
    assert complete.residuals is None
    assert not complete.correction_FJ3.any()
    paper = predict_joints(joints_FJ3, 30.0, model("complete"))
    assert paper.residuals is None
    assert not paper.correction_FJ3.any()


def test_a_long_take_is_used_in_part_and_can_be_cancelled() -> None:
    truth_KJ3 = walk(7_050, 30.0)
    known_KJ3 = truth_KJ3.copy()
    known_KJ3[::100, WRIST] = np.nan
    missing_K = ~known(known_KJ3[:, WRIST])
    texts: list[str] = []
    residuals = fit_residuals(known_KJ3, missing_K, NOTHING_KNOWN, network(), lambda share, text: texts.append(text))
    assert residuals is not None
    assert LEAST_ROWS <= residuals.samples_J[WRIST] <= 31, "one trial, of which the middle is used"
    assert texts == ["learning from the take (trial 1 of 1)"]
    with pytest.raises(Cancelled):
        fit_residuals(known_KJ3, missing_K, NOTHING_KNOWN, network(), cancel=lambda: True)


def test_overlap_is_the_number_of_windows_over_each_frame() -> None:
    """Trials have one."""
    for overlap, windows in ((None, 34), (1, 17)):
        texts: list[str] = []

        def note(_share: float, text: str, texts: list[str] = texts) -> None:
            texts.append(text)

        complete_windows(walk(450, 30.0), np.ones(450, bool), NOTHING_KNOWN, network(), note, overlap=overlap)
        assert texts[0] == f"completing (0 of {windows} windows)"


def test_usual_errors_increase_with_the_gap_up_to_a_limit() -> None:
    metres_N = usual_error(np.array([3, 30, 45, 300]), 30.0)
    np.testing.assert_allclose(metres_N, [0.013, 0.085, 0.125, 0.125])
