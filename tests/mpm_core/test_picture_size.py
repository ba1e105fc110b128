"""The size of a picture, guessed by where somebody is in it."""

from __future__ import annotations

import numpy as np
import pytest

import mpm_core as mpm
from mpm_core.errors import DataError
from mpm_core.picture_size import USUAL_SIZES, guessed_size
from tests.makers import standing


def keypoints(size: tuple[int, int], middle: tuple[float, float] = (0.5, 0.5), tall: float = 0.6) -> mpm.Recording:
    """Somebody who stands so tall, and there, in a picture of this size; shares of its sides."""
    person = standing(20)
    xz_FP2 = person.xyz_FPD[..., [0, 2]] * (1, -1)
    low_2, high_2 = xz_FP2.min(axis=(0, 1)), xz_FP2.max(axis=(0, 1))
    xy_FP2 = (xz_FP2 - (low_2 + high_2) / 2) * (tall * size[1] / (high_2 - low_2)[1]) + np.array(middle) * size
    return mpm.make_recording(person.points, 30.0, xy_FP2)


@pytest.mark.parametrize("size", USUAL_SIZES)
def test_somebody_in_the_middle_tells_every_usual_size(size: tuple[int, int]) -> None:
    assert guessed_size(keypoints(size)) == size


def test_somebody_in_the_upper_left_of_a_large_picture_does_not_make_it_a_small_one() -> None:
    """All points are within 1280 x 720, and within 1000 x 1000."""
    rec = keypoints((1920, 1080), (0.42, 0.44), 0.44)
    assert np.nanmax(rec.xyz_FPD[..., 1]) < 720
    assert np.nanmax(rec.xyz_FPD[..., 0]) < 1000
    assert guessed_size(rec) == (1920, 1080)


def test_points_slightly_outside_are_still_of_that_picture() -> None:
    rec = keypoints((1920, 1080), (0.5, 0.56), 0.9)
    assert 1080 < np.nanmax(rec.xyz_FPD[..., 1]) < 1100
    assert guessed_size(rec) == (1920, 1080)


def test_points_beyond_every_usual_size_or_none_at_all_are_refused() -> None:
    with pytest.raises(DataError, match="the image size is unknown"):
        guessed_size(keypoints((8000, 6000)))
    with pytest.raises(DataError, match="no keypoint is visible"):
        guessed_size(mpm.make_recording(("nose",), 30.0, np.full((3, 1, 2), np.nan)))
