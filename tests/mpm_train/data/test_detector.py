"""A simulated detector has the errors that it was set to, and fitting finds its settings again."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from mpm_core.body.joints import body17
from mpm_train.data.detector import Detector, detect, lasting, stretches
from mpm_train.data.fit_detector import confidences, drops, growth, main, quick_noise, residuals, slow_seconds, strays, swaps
from mpm_train.data.tracks import Errors, Track, read_track
from tests.makers import standing

QUIET = Detector(quick=(0.0,) * 17, slow=0.0, growth=0.0, drop_hz=(0.0,) * 17, limb_hz=0.0, swap_hz=0.0, stray_hz=0.0, strength=(1.0, 1.0))
WH = torch.tensor([1000.0, 1000.0])
SIZE = float(np.linalg.norm(np.ptp(standing(1).xyz_FPD[0, :, [0, 2]].T * 400, axis=0)))


def person(windows: int, frames: int) -> torch.Tensor:
    """(B, F, 17, 2) pixels of someone who stands still in the middle of a 1000 x 1000 image, 400 pixels to the metre."""
    xy_J2 = standing(1).xyz_FPD[0][:, [0, 2]] * [400, -400] + [500, 900]
    return torch.from_numpy(np.broadcast_to(xy_J2, (windows, frames, 17, 2)).astype(np.float32))


def detections(config: Detector, windows: int = 40, frames: int = 243, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    xy_BFJ2, confidence_BFJ = detect(person(windows, frames), WH.expand(windows, 1, 1, 2), config, np.random.default_rng(seed))
    return xy_BFJ2.numpy(), confidence_BFJ.numpy()


def test_a_detector_without_faults_changes_nothing() -> None:
    xy_BFJ2, confidence_BFJ = detections(QUIET, 2, 9)
    np.testing.assert_allclose(xy_BFJ2, person(2, 9).numpy(), atol=1e-4)
    assert ((confidence_BFJ > 0) & (confidence_BFJ < 1)).all()


def test_noise_is_as_large_and_lasts_as_long_as_told() -> None:
    config = replace(QUIET, quick=tuple(0.001 * (1 + joint) for joint in range(17)), slow=0.01, slow_s=0.5)
    off_BFJ2 = (detections(config, 100)[0] - person(100, 243).numpy()) / SIZE
    spread_J = off_BFJ2.std(axis=(0, 1, 3))
    np.testing.assert_allclose(spread_J, np.hypot(config.quick, config.slow), rtol=0.06)
    slow_BFJ = off_BFJ2[:, :, 0, :]
    lag = 15
    kept = (slow_BFJ[:, lag:] * slow_BFJ[:, :-lag]).mean() / (slow_BFJ**2).mean()
    assert kept == pytest.approx(np.exp(-lag / 30 / 0.5) * 0.01**2 / (0.01**2 + 0.001**2), abs=0.05)


def test_noise_grows_with_missing_confidence() -> None:
    config = replace(QUIET, quick=(0.004,) * 17, growth=2.0, odds=(0.0,) * 17, odds_spread=(1.5,) * 17)
    xy_BFJ2, confidence_BFJ = detections(config, 100)
    off_BFJ = np.abs(xy_BFJ2 - person(100, 243).numpy()).mean(axis=3)
    unsure, sure = (off_BFJ[(confidence_BFJ > low) & (confidence_BFJ < low + 0.05)].mean() for low in (0.1, 0.85))
    assert unsure / sure == pytest.approx((1 + 2 * 0.875) / (1 + 2 * 0.125), rel=0.05)


def test_rates_and_lengths_of_stretches() -> None:
    rng = np.random.default_rng(0)
    mask_BFK = stretches((400, 243, 3), (0.05, 0.2, 0.0), 0.3, 30.0, rng)
    seconds = 400 * 243 / 30
    for k, rate in enumerate((0.05, 0.2, 0.0)):
        begins = (np.diff(mask_BFK[:, :, k].astype(int), axis=1) == 1).sum() / seconds
        assert begins == pytest.approx(rate * np.exp(-rate * 0.3), rel=0.12, abs=1e-9)
        assert mask_BFK[:, :, k].mean() == pytest.approx(1 - np.exp(-rate * 0.3), rel=0.15, abs=1e-9)
    assert mask_BFK[:, 0].mean() == pytest.approx(mask_BFK[:, 120].mean(), abs=0.02), "the window's edges are like its middle"


def test_swaps_come_as_often_as_told_and_cross_whole_limbs() -> None:
    config = replace(QUIET, swap_hz=0.1, swap_s=0.4)
    xy_BFJ2, confidence_BFJ = detections(config, 150)
    truth_BFJ2 = person(150, 243).numpy()
    mirrored_BFJ2 = truth_BFJ2[:, :, list(body17().mirror)]
    names = body17().names
    crossed = {
        name: np.abs(xy_BFJ2 - mirrored_BFJ2)[:, :, names.index(f"left_{name}")].max(axis=-1) < 1e-3
        for name in ("knee", "wrist", "hip", "shoulder")
    }
    for name in ("knee", "wrist"):
        assert crossed[name].mean() == pytest.approx(1 - np.exp(-0.04), rel=0.2)
    assert (crossed["knee"] == crossed["hip"]).all()
    assert (crossed["wrist"] == crossed["shoulder"]).all()
    assert (crossed["knee"] != crossed["wrist"]).any()
    assert (confidence_BFJ > 0).all(), "a swap is not unsure of itself"


def test_drop_outs_are_marked_and_of_the_share_told() -> None:
    config = replace(QUIET, drop_hz=(0.0,) * 16 + (0.5,), drop_s=0.2, limb_hz=0.1, limb_s=0.5)
    xy_BFJ2, confidence_BFJ = detections(config, 150)
    missing_BFJ = confidence_BFJ == 0
    assert (xy_BFJ2[missing_BFJ] == 0).all()
    names = body17().names
    left = missing_BFJ[:, :, names.index("left_wrist")]
    assert left.mean() == pytest.approx(1 - np.exp(-0.05), rel=0.15)
    assert (left == missing_BFJ[:, :, names.index("left_elbow")]).all(), "a whole limb"
    assert missing_BFJ[:, :, 16].mean() == pytest.approx(1 - np.exp(-0.15), rel=0.1)
    assert not missing_BFJ[:, :, : names.index("right_hip")].any()


def test_what_is_out_of_the_image_is_not_seen() -> None:
    xy_BFJ2 = person(1, 3).clone()
    xy_BFJ2[..., 0] -= 500
    _, confidence_BFJ = detect(xy_BFJ2, WH.expand(1, 1, 1, 2), QUIET, np.random.default_rng(0))
    np.testing.assert_array_equal(confidence_BFJ.numpy() == 0, (xy_BFJ2[..., 0] < 0).numpy())


def test_strays_are_far_and_sure() -> None:
    xy_BFJ2, confidence_BFJ = detections(replace(QUIET, stray_hz=0.2, stray_s=0.1, stray=0.2, odds=(2.0,) * 17), 100)
    off_BFJ = np.linalg.norm(xy_BFJ2 - person(100, 243).numpy(), axis=3)
    far_BFJ = (off_BFJ > 1e-3) & (confidence_BFJ > 0)
    assert far_BFJ.mean() == pytest.approx(1 - np.exp(-0.02), rel=0.15)
    assert (off_BFJ[far_BFJ] / SIZE).std() > 0.05
    assert confidence_BFJ[far_BFJ].mean() == pytest.approx(confidence_BFJ[confidence_BFJ > 0].mean(), abs=0.02)


def moving_track(config: Detector, frames: int = 4000, seed: int = 0) -> Track:
    """Somebody in motion by random acceleration of their joints, as the detector sees them, in sizes."""
    rng = np.random.default_rng(seed)
    push_FJ2 = rng.normal(0, 0.002, (frames, 17, 2))
    speed_FJ2, path_FJ2 = np.zeros((frames, 17, 2)), np.zeros((frames, 17, 2))
    for frame in range(1, frames):  # held near their place by a spring, so that nobody leaves the image
        speed_FJ2[frame] = 0.97 * speed_FJ2[frame - 1] - 0.01 * path_FJ2[frame - 1] + push_FJ2[frame]
        path_FJ2[frame] = path_FJ2[frame - 1] + speed_FJ2[frame]
    truth = person(1, frames) + torch.from_numpy((0.2 * SIZE * path_FJ2).astype(np.float32))
    xy_BFJ2, confidence_BFJ = detect(truth, WH.expand(1, 1, 1, 2), config, rng)
    xy_FJ2 = np.where(confidence_BFJ[0, :, :, None] > 0, xy_BFJ2[0].double() / SIZE, np.nan)
    return Track("made", 30.0, xy_FJ2, np.where(confidence_BFJ[0] > 0, confidence_BFJ[0].double(), np.nan))


@pytest.mark.parametrize("quick", [0.002, 0.004])
def test_the_fit_finds_the_quick_noise_that_was_put_in(quick: float) -> None:
    config = replace(QUIET, quick=(quick,) * 17, slow=0.009)
    track = moving_track(config)
    tracks = [track.xy_FJ2[:, joint, axis] for joint in (11, 12, 13) for axis in (0, 1)]
    assert quick_noise(tracks, float(np.exp(-1 / (0.72 * 30))), 0.009) == pytest.approx(quick, rel=0.15)


def test_the_fit_finds_the_growth_the_confidence_and_the_drop_outs() -> None:
    config = replace(QUIET, quick=(0.005,) * 17, growth=1.5, odds=(0.5,) * 17, odds_spread=(1.0,) * 17, drop_hz=(0.0,) * 16 + (0.3,))
    track = moving_track(config)
    slope, table = growth([track])
    assert slope == pytest.approx(1.5, rel=0.35)
    assert sum(count for *_, count in table) > 10000
    mean, spread, keeps = confidences([track.confidence_FJ[:, 3]])
    assert (mean, spread, keeps) == (pytest.approx(0.5, abs=0.1), pytest.approx(1.0, abs=0.1), pytest.approx(0.69, abs=0.05))
    gone, frames = drops([track.xy_FJ2[:, 16]])
    assert gone == pytest.approx(0.3 * 4000 / 30, rel=0.3)
    assert frames == (~np.isfinite(track.xy_FJ2[:, 16, 0])).sum()


def test_the_fit_finds_swaps_and_strays_and_none_where_there_are_none() -> None:
    clean = moving_track(replace(QUIET, quick=(0.002,) * 17))
    assert swaps(clean) == []
    assert strays([clean])[1] <= 5
    swapped = moving_track(replace(QUIET, quick=(0.002,) * 17, swap_hz=0.05))
    assert len(swaps(swapped)) == pytest.approx(2 * 2 * 0.05 * 4000 / 30, rel=0.45), "two limbs, in and out"
    assert strays([moving_track(replace(QUIET, quick=(0.002,) * 17, stray_hz=0.05, stray=0.2))])[1] > 30


def test_the_fit_finds_how_long_errors_last() -> None:
    error_FJ2 = 0.02 * lasting((1, 6000, 17, 2), float(np.exp(-1 / (0.6 * 24))), np.random.default_rng(0))[0] + 0.01
    seconds, spread, joints = slow_seconds([Errors("made", 24.0, error_FJ2)])
    assert (seconds, spread, joints) == (pytest.approx(0.6, rel=0.15), pytest.approx(0.02, rel=0.1), 17)


def test_residuals_keep_clear_of_gaps() -> None:
    line_F = np.arange(60.0) ** 2
    line_F[30] = np.nan
    off_F = residuals(line_F)
    assert np.isnan(off_F[26:35]).all()
    np.testing.assert_allclose(off_F[np.isfinite(off_F)], 0, atol=1e-9, err_msg="a parabola is smooth")


def test_the_command_measures_real_files(samples_dir: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = samples_dir / "2d" / "openpose_motionet" / "0"
    if not folder.is_dir():
        pytest.skip("no OpenPose folder among the samples")
    track = read_track(folder)
    assert 0.5 < np.nanmedian(track.confidence_FJ) < 1
    assert main([str(folder)]) == 0
    printed = capsys.readouterr().out
    assert "slow: not measured" in printed
    assert "left_wrist" in printed
    assert main([str(folder / "none")]) == 1
    assert main([]) == 2
