"""Statistics of the errors of real detectors: python -m mpm_train.data.fit_detector FILES... prints the constants of detector.py.

FILES: 2D files and folders that the application reads, and folders of calibrated recordings (tracks.py). F frames, J = 17 joints; lengths
are in sizes of the person (the median diagonal of the box around the joints). Left and right are taken together.

A detection is modelled as the true position, plus an AR(1) error of standard deviation `slow` and time constant `slow_s`, plus white noise
of standard deviation `quick`. slow and slow_s are estimated from calibrated recordings only, since in the track of one camera a lasting
error cannot be told from motion. quick is separated from motion by the variance and the lag-1 covariance of what two Savitzky-Golay filters
(Savitzky and Golay, 1964) remove from a track; motion is taken as random acceleration, which agrees with clean motion through virtual
cameras in all four figures. quick = 0 means that the noise is too small beside the motion to be estimated. Spreads are medians, which
outliers affect little.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
from scipy.optimize import nnls
from scipy.signal import savgol_coeffs

from mpm_core.body.joints import body17
from mpm_core.errors import MpmError
from mpm_core.gaps import known, runs
from mpm_core.linalg.robust import MAD_TO_SIGMA
from mpm_core.typing import Float
from mpm_train.data.tracks import Errors, Track, read_cameras, read_track

FILTERS = ((5, 2), (9, 3))  # window in frames, order
SLOW_S, SLOW = 0.72, 0.0091  # where no calibrated recording is given
CONFIDENCE_BINS = (0.05, 0.3, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
FEWEST = 30  # samples a figure rests on at least
FAR = 6.0  # spreads by which a stray lies off
SURE = 0.5  # confidence that a detector should not give to an outlier
APART = 0.1  # sizes by which both sides must lie apart for a swap to be counted
SWAPPED = 0.5  # a swap: crossed over, both sides move by less than this share of what they would otherwise
LAGS_S = (0.1, 0.2, 0.4, 0.8)


def kernel(window: int, order: int) -> Float:
    """The kernel of a filter's residual: the sample minus its smoothed value."""
    taken: Float = -savgol_coeffs(window, order)
    taken[window // 2] += 1
    return taken


def residuals(x_F: Float, window: int = 9, order: int = 3) -> Float:
    """(F,) the residual of a filter on a track; NaN within half a window of its ends and gaps."""
    out_F = np.full(len(x_F), np.nan)
    for start, stop in runs(np.isfinite(x_F)):
        if stop - start >= window:
            out_F[start + window // 2 : stop - window // 2] = np.convolve(x_F[start:stop], kernel(window, order), "valid")
    return out_F


def moments(covariance: Callable[[Float], Float]) -> Float:
    """Variance and lag-1 covariance of each filter's residuals, (4,), of a process whose covariance by lag is given."""
    found = []
    for window, order in FILTERS:
        lags = np.arange(window + 1)
        matrix = covariance(np.abs(lags[:, None] - lags).astype(np.float64))
        one, following = np.append(kernel(window, order), 0), np.append(0, kernel(window, order))
        found += [one @ matrix @ one, one @ matrix @ following]
    return np.array(found)


def moments_of_motion() -> Float:
    """`moments` of positions that are double sums of random acceleration of variance 1."""
    found = []
    for window, order in FILTERS:
        twice = np.cumsum(np.cumsum(kernel(window, order)))
        found += [twice @ twice, twice[1:] @ twice[:-1]]
    return np.array(found)


def quick_noise(tracks: Sequence[Float], rho: float, slow: float) -> float:
    """Standard deviation of the white noise of some tracks (F,). rho: correlation of slow errors between frames; slow: their spread."""
    observed = []
    for window, order in FILTERS:
        off = [residuals(x_F, window, order) for x_F in tracks]
        spread = MAD_TO_SIGMA * np.nanmedian(np.abs(np.concatenate(off)))
        sums, differences = (MAD_TO_SIGMA * np.nanmedian(np.abs(np.concatenate([r[1:] + sign * r[:-1] for r in off]))) for sign in (1, -1))
        observed += [spread**2, (sums**2 - differences**2) / 4]
    rest = np.array(observed) - slow**2 * moments(lambda lag: rho**lag)
    white = moments(lambda lag: (lag == 0).astype(np.float64))
    parts, _ = nnls(np.stack([white, moments_of_motion()], axis=1) / observed[0], rest / observed[0])
    return float(np.sqrt(parts[0]))


def slow_seconds(cameras: Sequence[Errors]) -> tuple[float, float, int]:
    """(time constant in seconds, standard deviation about the mean, number of joints) of the slow error; medians over joints."""
    seconds, spreads = [], []
    for camera in cameras:
        for error_F2 in np.moveaxis(camera.error_FJ2, 1, 0):
            if known(error_F2).sum() < FEWEST:
                continue
            off_F2 = error_F2 - np.nanmean(error_F2, axis=0)
            lags = [round(lag_s * camera.rate_hz) for lag_s in LAGS_S]
            kept = np.array([np.nanmean(off_F2[lag:] * off_F2[:-lag]) for lag in lags]) / np.nanmean(off_F2**2)
            if (kept > 0).all():
                seconds.append(-1 / np.polyfit(np.array(lags) / camera.rate_hz, np.log(kept), 1)[0])
                spreads.append(float(MAD_TO_SIGMA * np.nanmedian(np.abs(off_F2))))
    if not seconds:
        return np.nan, np.nan, 0
    return float(np.median(seconds)), float(np.median(spreads)), len(seconds)


def growth(tracks: Sequence[Track]) -> tuple[float, list[tuple[float, float, float, int]]]:
    """How the spread grows per missing confidence, spread = s (1 + g (1 - c)); and per bin of confidence: from, to, spread, samples.

    Spreads are relative to the joint's own over its whole track, which takes out that hard joints are both unsure and noisy.
    """
    confidence, relative = [np.zeros(0)], [np.zeros(0)]
    for track in tracks:
        for joint in range(17):
            off_F2 = np.stack([residuals(track.xy_FJ2[:, joint, axis]) for axis in (0, 1)], axis=1)
            both_F = known(off_F2) & np.isfinite(track.confidence_FJ[:, joint])
            if both_F.sum() >= FEWEST:
                relative.append((np.abs(off_F2) / (MAD_TO_SIGMA * np.median(np.abs(off_F2[both_F])))).mean(axis=1)[both_F])
                confidence.append(track.confidence_FJ[both_F, joint])
    c, r = np.concatenate(confidence), np.concatenate(relative)
    table = []
    for low, high in pairwise(CONFIDENCE_BINS):
        inside = (c > low) & (c <= high)
        if inside.sum() >= FEWEST:
            table.append((low, high, float(np.median(r[inside])), int(inside.sum())))
    if len(table) < 2:
        return np.nan, table
    missing = np.array([1 - (low + high) / 2 for low, high, _, _ in table])
    weight = np.sqrt([count for *_, count in table])
    slope, start = np.polyfit(missing, [spread for _, _, spread, _ in table], 1, w=weight)
    return float(slope / start), table


def confidences(confidence_SF: Sequence[Float]) -> tuple[float, float, float]:
    """Mean and standard deviation of the log-odds of some confidences (F,), and their lag-1 correlation."""
    odds = []
    for confidence_F in confidence_SF:
        c_F = np.clip(confidence_F, 0.01, 0.99)
        odds.append(np.log(c_F / (1 - c_F)))
    every = np.concatenate(odds)
    if np.isfinite(every).sum() < FEWEST:
        return np.nan, np.nan, np.nan
    off = [value_F - np.nanmean(every) for value_F in odds]
    lagged = np.concatenate([value_F[1:] * value_F[:-1] for value_F in off])
    return float(np.nanmean(every)), float(np.nanstd(every)), float(np.nanmean(lagged) / np.nanvar(every))


def drops(xy_SF2: Sequence[Float]) -> tuple[int, int]:
    """(drop-outs, frames without) of some tracks that show the joint at all."""
    missing = [~known(xy_F2) for xy_F2 in xy_SF2 if known(xy_F2).any()]
    return sum(len(runs(missing_F)) for missing_F in missing), int(sum(missing_F.sum() for missing_F in missing))


def strays(tracks: Sequence[Track]) -> tuple[int, int, int]:
    """(stretches that lie FAR off, frames of them, samples looked at), where the detector was SURE."""
    stretches = frames = samples = 0
    for track in tracks:
        for joint in range(17):
            off_F = np.linalg.norm([residuals(track.xy_FJ2[:, joint, axis]) for axis in (0, 1)], axis=0)
            sure_F = np.isfinite(off_F) & (track.confidence_FJ[:, joint] > SURE)
            if sure_F.any():
                far_F = sure_F & (off_F > FAR * MAD_TO_SIGMA * np.median(off_F[sure_F]))
                stretches, frames, samples = stretches + len(runs(far_F)), frames + int(far_F.sum()), samples + int(sure_F.sum())
    return stretches, frames, samples


def swaps(track: Track) -> list[int]:
    """Frames at which left and right cross over, both arms' or both legs' joints at once: crossing back is a frame of its own."""
    left_J, right_J = (list(side) for side in zip(*body17().pairs, strict=True))
    a_F, b_F = track.xy_FJ2[:, left_J], track.xy_FJ2[:, right_J]
    apart_F = np.linalg.norm(a_F - b_F, axis=2)
    stay = np.linalg.norm(a_F[1:] - a_F[:-1], axis=2) + np.linalg.norm(b_F[1:] - b_F[:-1], axis=2)
    cross = np.linalg.norm(a_F[1:] - b_F[:-1], axis=2) + np.linalg.norm(b_F[1:] - a_F[:-1], axis=2)
    with np.errstate(invalid="ignore"):
        crossed = (cross < SWAPPED * stay) & (apart_F[1:] > APART) & (apart_F[:-1] > APART)
    return (1 + np.flatnonzero(crossed.sum(axis=1) >= 2)).tolist()


def report(tracks: Sequence[Track], cameras: Sequence[Errors]) -> str:
    """Everything that could be measured, as text; "not measured" where the files do not show it."""
    slow_s, slow, count = slow_seconds(cameras)
    lines = [f"{track.name}: {len(track.xy_FJ2)} frames at {track.rate_hz:g} Hz" for track in tracks]
    lines += [f"{camera.name}: {len(camera.error_FJ2)} frames at {camera.rate_hz:g} Hz, calibrated" for camera in cameras]
    lines.append(
        f"slow_s {slow_s:.2f}, slow {slow:.4f} ({count} joints)" if count else f"slow: not measured, {SLOW} in {SLOW_S} s is taken"
    )
    slow_s, slow = (slow_s, slow) if count else (SLOW_S, SLOW)
    if tracks:
        lines.append(f"{'joint':15} {'quick':>7} {'odds':>6} {'spread':>6} {'keeps':>6} {'drops':>5} {'frames':>6}")
        lines += [_joint_line(tracks, joint, slow_s, slow) for joint in range(17)]
        slope, table = growth(tracks)
        lines += [
            f"confidence {low:.2f}-{high:.2f}: spread {spread:.2f} of the joint's own ({n} samples)" for low, high, spread, n in table
        ]
        lines.append(f"growth: {slope:.2f} per missing confidence" if np.isfinite(slope) else "growth: not measured")
        stretches, frames, samples = strays(tracks)
        lines.append(f"strays: {stretches} stretches, {frames} frames of {samples} samples with confidence over {SURE:g}")
        crossings = {track.name: swaps(track) for track in tracks}
        seconds = sum(len(track.xy_FJ2) / track.rate_hz for track in tracks)
        lines.append(f"swaps: {sum(map(len, crossings.values()))} crossings in {seconds:.0f} s: {crossings}")
    return "\n".join(lines)


def _joint_line(tracks: Sequence[Track], joint: int, slow_s: float, slow: float) -> str:
    name, sides = body17().names[joint], sorted({joint, body17().mirror[joint]})
    xy_SF2 = [track.xy_FJ2[:, side] for track in tracks for side in sides]
    every = [xy_F2[:, axis] for xy_F2 in xy_SF2 for axis in (0, 1)]
    if sum(int(np.isfinite(residuals(x_F)).sum()) for x_F in every) < FEWEST:
        return f"{name:15} not measured"
    rho = float(np.mean([np.exp(-1 / (slow_s * track.rate_hz)) for track in tracks]))
    mean, spread, keeps = confidences([track.confidence_FJ[:, side] for track in tracks for side in sides])
    count, frames = drops(xy_SF2)
    return f"{name:15} {quick_noise(every, rho, slow):7.4f} {mean:6.2f} {spread:6.2f} {keeps:6.2f} {count:5d} {frames:6d}"


def main(arguments: list[str]) -> int:
    tracks, cameras = [], []
    try:
        for path in map(Path, arguments):
            if (path / "config.toml").is_file():
                cameras += read_cameras(path)
            else:
                tracks.append(read_track(path))
    except MpmError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(report(tracks, cameras) + "\n" if tracks or cameras else (__doc__ or ""))
    return 0 if arguments else 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
