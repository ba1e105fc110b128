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
SHARE_OF_PICTURE = 1.5  # coordinates within this may be shares of a picture's width and height
AROUND_ORIGIN = 0.1  # share of coordinates below 0 with which the origin is not the corner of a picture
AT_HIPS = 0.05  # share of a person's size within which a landmark's depth or place is the hips'
MEDIAPIPE = 33  # points of MediaPipe's pose
WITH_HANDS = (75, 543, 553)  # and with its hands after them, and its face of 468 or 478
NOSE, HIPS, ANKLES = 0, [23, 24], [27, 28]  # among the pose's
MOST_FRAMES = 400  # these are looked at, evenly spread over the take


def as_pixels(array_FKC: NDArray[Any], where: str) -> Float | None:
    """(F, K, 3) x, y, confidence where the array is of a picture; None where it holds positions in space. NaN and 0, 0, 0 are undetected.

    C: 2, pixels; 3, x, y and a confidence or z; 4 or 5, MediaPipe's x, y, z, visibility (and presence). Raises FormatError for other C.

    >>> as_pixels(np.array([[[400.0, 300.0, 0.9]]]), "a.npy").tolist()
    [[[400.0, 300.0, 0.9]]]
    >>> as_pixels(np.array([[[0.4, 0.3, 1.6]]]), "a.npy") is None
    True
    """
    found = pixels_and_notes(array_FKC, where)
    return None if found is None else found[0]


def pixels_and_notes(array_FKC: NDArray[Any], where: str) -> tuple[Float, tuple[str, ...]] | None:
    """What as_pixels gives, and a note where a depth is left out. Raises FormatError as it does."""
    if not 2 <= array_FKC.shape[2] <= 5:
        raise FormatError(f"a point has {array_FKC.shape[2]} numbers", where=where, hint="save x, y and confidence, or x, y, z")
    kind = _kind(array_FKC[subsample(len(array_FKC), MOST_FRAMES)].astype(np.float64), where)
    if kind == "positions":
        return None
    if kind == "confidence":
        return array_FKC.astype(np.float64), ()
    notes = ("read as picture landmarks; depth is not used",) if array_FKC.shape[2] > 2 else ()
    if array_FKC.shape[2] > 3:
        return array_FKC[..., [0, 1, 3]].astype(np.float64), notes
    known_FK1 = np.isfinite(array_FKC).all(axis=2, keepdims=True)
    return np.concatenate([array_FKC[..., :2].astype(np.float64), known_FK1], axis=2), notes


def have_depth_from_hips(array_FKC: Float) -> bool:
    """Whether the hips of MediaPipe's landmarks (K >= 33, C >= 3) are at depth 0, as in a picture, and not at the origin, as world ones."""
    array_FKC = array_FKC[subsample(len(array_FKC), MOST_FRAMES)]
    xyz_FK3 = np.where(_known(array_FKC)[..., None], array_FKC[..., :3], np.nan)
    hips_F3 = xyz_FK3[:, HIPS].mean(axis=1)
    sound_F = np.isfinite(hips_F3).all(axis=1)
    if not sound_F.any():
        return False
    size_F = (np.nanmax(xyz_FK3[sound_F], axis=1) - np.nanmin(xyz_FK3[sound_F], axis=1)).max(axis=1)
    depth_F, place_F = np.abs(hips_F3[sound_F, 2]) / size_F, np.abs(hips_F3[sound_F, :2]).max(axis=1) / size_F
    return bool(np.median(depth_F) <= AT_HIPS and np.median(place_F) > AT_HIPS)


def _kind(array_FKC: Float, where: str) -> Literal["positions", "confidence", "picture"]:
    """What the array is: positions in space, x, y and confidence, or x and y of a picture with other numbers after them."""
    _, K, C = array_FKC.shape
    known_FK = _known(array_FKC)
    if C == 2:
        return "picture"
    if not known_FK.any():
        return "positions"
    known_M3 = array_FKC[known_FK][:, :3]
    third_M = known_M3[:, 2]
    if C > 3 and K < MEDIAPIPE:
        raise FormatError(f"{K} points have {C} numbers each", where=where, hint="save x, y and confidence, or x, y, z")
    if C > 3 and K not in (MEDIAPIPE, *WITH_HANDS):
        return "positions"
    if C > 3 or (K == MEDIAPIPE and third_M.min() < 0):
        return "picture" if have_depth_from_hips(array_FKC) and _have_axes_of_a_picture(array_FKC, known_FK) else "positions"
    if third_M.min() < 0 or not (third_M.max() <= SURE or are_flags(third_M)) or not (third_M > 0).any():
        return "positions"
    reach = float(np.percentile(np.abs(known_M3[:, :2]), 99))
    if reach > FEW_PIXELS:
        return "confidence"
    sets = [names for names in name_sets("keypoints") if len(names.points) == K]
    xy_FK2 = np.where(known_FK[..., None], array_FKC[..., :2], np.nan)
    shares = known_M3.min() >= 0 and reach <= 1 and any(misfit(xy_FK2, names) <= FITS for names in sets)
    return "confidence" if shares else "positions"


def _have_axes_of_a_picture(array_FKC: Float, known_FK: Mask) -> bool:
    """Whether x and y of MediaPipe's landmarks are from a picture's corner, and y is down: the nose above the ankles.

    Shares of a picture may be of someone who lies or stands on their hands: positions in metres or millimetres reach further than they do.
    """
    xy_M2 = array_FKC[known_FK][:, :2]
    if (xy_M2 < 0).mean() > AROUND_ORIGIN:
        return False
    if np.percentile(xy_M2, 99) <= SHARE_OF_PICTURE:
        return True
    y_FK = np.where(known_FK, array_FKC[..., 1], np.nan)
    below_F = y_FK[:, ANKLES].mean(axis=1) - y_FK[:, NOSE]
    return bool(np.isfinite(below_F).any() and np.nanmedian(below_F) > 0)


def _known(array_FKC: Float) -> Mask:
    return np.asarray(np.isfinite(array_FKC).all(axis=2) & (array_FKC[..., :2] != 0).any(axis=2))
