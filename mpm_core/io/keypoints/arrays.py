"""Whether an array of points holds pixels of a picture or positions in space. F frames, K points, C columns: x, y and what else there is.

Told by the numbers: a third column between 0 and 1 beside x and y of hundreds is a confidence; MediaPipe's landmarks have their depth from
the middle of the hips, which in its picture landmarks lie anywhere in the picture, and in its world landmarks at 0.
"""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from mpm_core.body.names import name_sets
from mpm_core.errors import FormatError
from mpm_core.io.keypoints.detected import are_flags
from mpm_core.io.keypoints.point_sets import FITS, misfit
from mpm_core.linalg.subsample import subsample
from mpm_core.typing import Float, Mask

FEW_PIXELS = 30.0  # a person is larger than this in pixels, and smaller in metres
SURE = 1.05  # confidences reach this at most: some detectors exceed 1 a little
AT_HIPS = 0.05  # share of a person's size within which a landmark's depth or place is the hips'
MEDIAPIPE, LEFT_HIP, RIGHT_HIP = 33, 23, 24  # points of MediaPipe's, and the two hips among them
MOST_FRAMES = 400  # these are looked at, evenly spread over the take


def as_pixels(array_FKC: NDArray[Any], where: str) -> Float | None:
    """(F, K, 3) x, y, confidence where the array is of a picture; None where it holds positions in space. NaN and 0, 0, 0 are undetected.

    C: 2, pixels; 3, x, y and a confidence or z; 4 or 5, MediaPipe's x, y, z, visibility (and presence). Raises FormatError for other C.

    >>> as_pixels(np.array([[[400.0, 300.0, 0.9]]]), "a.npy").tolist()
    [[[400.0, 300.0, 0.9]]]
    >>> as_pixels(np.array([[[0.4, 0.3, 1.6]]]), "a.npy") is None
    True
    """
    if not 2 <= array_FKC.shape[2] <= 5:
        raise FormatError(f"a point has {array_FKC.shape[2]} numbers", where=where, hint="save x, y and confidence, or x, y, z")
    kind = _kind(array_FKC[subsample(len(array_FKC), MOST_FRAMES)].astype(np.float64), where)
    if kind == "positions":
        return None
    if kind == "confidence":
        return array_FKC.astype(np.float64)
    if array_FKC.shape[2] > 3:
        return array_FKC[..., [0, 1, 3]].astype(np.float64)
    known_FK1 = np.isfinite(array_FKC).all(axis=2, keepdims=True)
    return np.concatenate([array_FKC[..., :2].astype(np.float64), known_FK1], axis=2)


def _kind(array_FKC: Float, where: str) -> Literal["positions", "confidence", "picture"]:
    """What the array is: positions in space, x, y and confidence, or x and y of a picture with other numbers after them."""
    _, K, C = array_FKC.shape
    known_FK = np.isfinite(array_FKC).all(axis=2) & (array_FKC[..., :2] != 0).any(axis=2)
    if C == 2:
        return "picture"
    if not known_FK.any():
        return "positions"
    known_M3 = array_FKC[known_FK][:, :3]
    third_M = known_M3[:, 2]
    if C > 3 or (K == MEDIAPIPE and third_M.min() < 0):
        return "picture" if _are_picture_landmarks(array_FKC, known_FK, where) else "positions"
    if third_M.min() < 0 or not (third_M.max() <= SURE or are_flags(third_M)) or not (third_M > 0).any():
        return "positions"
    reach = float(np.percentile(np.abs(known_M3[:, :2]), 99))
    if reach > FEW_PIXELS:
        return "confidence"
    sets = [names for names in name_sets("keypoints") if len(names.points) == K]
    xy_FK2 = np.where(known_FK[..., None], array_FKC[..., :2], np.nan)
    shares = known_M3.min() >= 0 and reach <= 1 and any(misfit(xy_FK2, names) <= FITS for names in sets)
    return "confidence" if shares else "positions"


def _are_picture_landmarks(array_FKC: Float, known_FK: Mask, where: str) -> bool:
    """Whether these are MediaPipe's landmarks of a picture, and not its world landmarks or positions triangulated from several pictures."""
    _, K, C = array_FKC.shape
    if K < MEDIAPIPE:
        raise FormatError(f"{K} points have {C} numbers each", where=where, hint="save x, y and confidence, or x, y, z")
    xyz_FK3 = np.where(known_FK[..., None], array_FKC[..., :3], np.nan)
    hips_F3 = xyz_FK3[:, [LEFT_HIP, RIGHT_HIP]].mean(axis=1)
    sound_F = np.isfinite(hips_F3).all(axis=1)
    if not sound_F.any():
        return False
    size_F = (np.nanmax(xyz_FK3[sound_F], axis=1) - np.nanmin(xyz_FK3[sound_F], axis=1)).max(axis=1)
    depth_F, place_F = np.abs(hips_F3[sound_F, 2]) / size_F, np.abs(hips_F3[sound_F, :2]).max(axis=1) / size_F
    return bool(np.median(depth_F) <= AT_HIPS and np.median(place_F) > AT_HIPS)
