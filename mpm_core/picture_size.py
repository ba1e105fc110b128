"""The size of the picture that keypoints were detected in, where their file does not say it. F frames, P points; pixels, y down."""

from __future__ import annotations

import numpy as np

from mpm_core.errors import DataError
from mpm_core.recording import Recording
from mpm_core.typing import Float

USUAL_SIZES = ((640, 480), (1000, 1000), (1280, 720), (720, 1280), (1920, 1080), (1080, 1920), (3840, 2160), (2160, 3840))
OUTSIDE = 1.02  # of a side, up to which detectors place points outside a picture
CENTRE_SIGMA_2 = np.array([0.12, 0.10])  # of the sides, by which the middle of where somebody moves is beside the picture's; a choice
USUAL_HEIGHT = 0.55  # of the picture's height, that somebody takes in it; a choice
HEIGHT_SIGMA = 0.4  # of its logarithm; a choice


def guessed_size(rec: Recording) -> tuple[int, int]:
    """The common picture size that contains every keypoint and suits them best: people are filmed near the middle, and of about half the
    picture's height.

    Raises DataError when no keypoint is visible, or when they reach beyond all of USUAL_SIZES.

    >>> import numpy as np, mpm_core as mpm
    >>> guessed_size(mpm.make_recording(("head", "ankle"), 30.0, np.array([[[900.0, 200.0], [950.0, 800.0]]])))
    (1920, 1080)
    """
    if not rec.visible_FP.any():
        raise DataError("no keypoint is visible in any frame", where=rec.source.path)
    xy_FP2 = np.where(rec.visible_FP[..., None], rec.xyz_FPD.astype(np.float64), np.nan)[rec.visible_FP.any(axis=1)]
    low_2, high_2 = np.nanmin(xy_FP2, axis=(0, 1)), np.nanmax(xy_FP2, axis=(0, 1))
    sizes_S2 = np.array([size for size in USUAL_SIZES if (high_2 <= OUTSIDE * np.array(size)).all()], np.float64)
    if not len(sizes_S2):
        reach = f"keypoints reach {high_2[0]:.0f}, {high_2[1]:.0f} pixels and the image size is unknown"
        raise DataError(reach, where=rec.source.path, hint="give --size WxH")
    tall = float(np.median(np.nanmax(xy_FP2[..., 1], axis=1) - np.nanmin(xy_FP2[..., 1], axis=1)))
    suits_S = _log_likelihood((low_2 + high_2) / 2, max(tall, 1.0), sizes_S2)
    width, height = sizes_S2[int(suits_S.argmax())]
    return int(width), int(height)


def _log_likelihood(centre_2: Float, tall: float, sizes_S2: Float) -> Float:
    """(S,) of a person at centre_2, `tall` pixels high, in pictures of these sizes; up to a constant."""
    off_S2 = (centre_2 / sizes_S2 - 0.5) / CENTRE_SIGMA_2
    too_tall_S = np.log(tall / sizes_S2[:, 1] / USUAL_HEIGHT) / HEIGHT_SIGMA
    return np.asarray(-0.5 * (off_S2**2).sum(axis=1) - 0.5 * too_tall_S**2 - np.log(sizes_S2).sum(axis=1))
