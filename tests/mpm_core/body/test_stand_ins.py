"""Points that stand in for others: where they are put, which of them come first, and how sure the joints that they make are."""

from __future__ import annotations

import numpy as np

from mpm_core.body.confidence import joint_confidence
from mpm_core.body.joints import NECK
from mpm_core.body.mapping import map_body
from mpm_core.body.names import name_sets
from mpm_core.body.stand_ins import MOVED_S, VISIBLE_ENOUGH, follow_stand_in, from_most_visible
from mpm_core.recording import make_recording

RATE_HZ = 30.0
COCO = next(names for names in name_sets("keypoints") if names.name == "COCO-17").points


def test_a_stand_in_is_moved_as_frames_that_show_both_say_and_less_far_from_them() -> None:
    second = round(MOVED_S * RATE_HZ)
    place_FD, stand_in_FD = np.full((6 * second, 1), np.nan), np.full((6 * second, 1), 1.0)
    place_FD[: second // 2] = 9.0
    stand_in_FD[5 * second :] = np.nan
    out_F = follow_stand_in(place_FD, stand_in_FD, RATE_HZ)[:, 0]
    np.testing.assert_allclose(out_F[: second + second // 2 - 1], 9.0)
    np.testing.assert_allclose(out_F[3 * second : 5 * second], 1.0)
    assert np.abs(np.diff(out_F[: 5 * second])).max() < 10 / second
    assert np.isnan(out_F[5 * second :]).all()


def test_between_frames_that_show_both_the_move_goes_from_one_to_the_other() -> None:
    place_FD, stand_in_FD = np.full((11, 1), np.nan), np.zeros((11, 1))
    place_FD[[0, 10], 0] = 2.0, 4.0
    np.testing.assert_allclose(follow_stand_in(place_FD, stand_in_FD, RATE_HZ)[:, 0], np.linspace(2, 4, 11))


def test_an_alternative_that_is_hardly_ever_visible_does_not_come_first() -> None:
    xy_FP2 = np.ones((200, 2, 2))
    alternatives = (((0, 1.0),), ((1, 1.0),))
    enough = round(VISIBLE_ENOUGH * 200)
    for visible, first in ((enough, 0), (enough - 1, 1)):
        seen_FP2 = xy_FP2.copy()
        seen_FP2[visible:, 0] = np.nan
        assert from_most_visible(make_recording(("a", "b"), RATE_HZ, seen_FP2), alternatives) == alternatives[first:]


def test_a_joint_is_as_sure_as_the_least_sure_point_that_makes_it_or_stands_in() -> None:
    left, right = COCO.index("left_ear"), COCO.index("right_ear")
    xy_FP2, confidence_FP = np.ones((40, 17, 2)), np.full((40, 17), 0.9, np.float32)
    confidence_FP[:, left], confidence_FP[:, right], confidence_FP[:, COCO.index("nose")] = 0.5, 0.7, 0.3
    xy_FP2[10:20, left], xy_FP2[20:, [left, right]] = np.nan, np.nan
    rec = make_recording(COCO, RATE_HZ, xy_FP2, confidence_FP=confidence_FP)
    np.testing.assert_allclose(joint_confidence(rec, map_body(rec))[:, NECK], [0.5] * 10 + [0.7] * 10 + [0.3] * 20, rtol=1e-6)
