"""Whether the camera of a video moves, by the shift of the whole picture between frames (phase correlation)."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from mpm_core.progress import Cancel
from mpm_core.typing import Float
from mpm_studio.operations.video import Image, Video

APART_S = 0.5  # between the two pictures of a pair
PAIRS = 12  # spread over the video
LONGEST_PX = 192  # of the pictures compared
BLOCK_PX, LEAST_BLOCKS = 48, 0.6  # sides of the blocks compared; the share of them that must have a pattern
LEAST_CONTRAST, LEAST_PEAK = 4.0, 0.06  # of a block, in levels of 255; of its correlation
MOVED = 0.02  # share of the picture's longer side by which a camera that stands still shifts at most
SOME = 0.34  # share of the pairs that must be shifted


@dataclass(frozen=True, slots=True)
class CameraMotion:
    """shift_N: of each pair that can be compared, as a share of the picture's longer side."""

    shift_N: Float

    @property
    def moves(self) -> bool:
        """Whether enough pairs are shifted; pictures on the two sides of a cut cannot be compared."""
        return len(self.shift_N) > 0 and float((self.shift_N > MOVED).mean()) >= SOME


def camera_motion(video: Video, cancel: Cancel) -> CameraMotion:
    """Compare pictures of a video. Raises FormatError for a damaged one."""
    apart = max(1, round(APART_S * video.facts.rate_hz))
    last = max(0, video.facts.frames - 1 - apart)
    shifts = []
    for first in np.unique(np.linspace(0, last, PAIRS).astype(int)).tolist():
        pair = [video.at(frame, LONGEST_PX) for frame in (first, first + apart)]
        if cancel():
            break
        if pair[0] is not None and pair[1] is not None:
            shifts.append(_shift(pair[0], pair[1]))
    return CameraMotion(np.array([shift for shift in shifts if np.isfinite(shift)]))


def _shift(before_HW3: Image, after_HW3: Image) -> float:
    """By how much the second picture is shifted, as a share of the longer side: the median of its blocks, most of which show no person.

    NaN where too few blocks have a pattern that both pictures show.
    """
    grey_HW, later_HW = before_HW3.mean(axis=2), after_HW3.mean(axis=2)
    high, wide = grey_HW.shape
    found: list[Float | None] = []
    for top in range(0, high - BLOCK_PX + 1, BLOCK_PX // 2):
        for left in range(0, wide - BLOCK_PX + 1, BLOCK_PX // 2):
            place = np.s_[top : top + BLOCK_PX, left : left + BLOCK_PX]
            found.append(_block_shift(grey_HW[place], later_HW[place]))
    moved = [step_2 for step_2 in found if step_2 is not None]
    if not moved or len(moved) < LEAST_BLOCKS * len(found):
        return float("nan")
    down, right = (float(step) for step in np.median(moved, axis=0))
    return math.hypot(down, right) / float(max(high, wide))


def _block_shift(before_NN: Float, after_NN: Float) -> Float | None:
    """(2,) rows and columns; None without a pattern. By phase correlation (Kuglin and Hines 1975)."""
    if min(before_NN.std(), after_NN.std()) < LEAST_CONTRAST:
        return None
    window = np.hanning(BLOCK_PX)
    spectra = [np.fft.rfft2((block - block.mean()) * window * window[:, None]) for block in (before_NN, after_NN)]
    cross = np.conj(spectra[0]) * spectra[1]
    peaks_NN = np.fft.irfft2(cross / np.maximum(np.abs(cross), 1e-9), s=before_NN.shape)
    place = np.array(np.unravel_index(int(peaks_NN.argmax()), peaks_NN.shape), np.float64)
    if peaks_NN.max() < LEAST_PEAK:
        return None
    return np.asarray((place + BLOCK_PX / 2) % BLOCK_PX - BLOCK_PX / 2)
