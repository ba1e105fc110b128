"""Legs that nobody sees, of somebody who sits."""

from __future__ import annotations

import numpy as np

import mpm_core as mpm
from mpm_core.body.joints import LEGS
from mpm_core.lift import lift_take
from mpm_core.resources import resource
from mpm_core.world_fit.bones import bone_lengths
from mpm_core.world_fit.camera import level_axes
from mpm_core.world_fit.notes import unseen_notes
from mpm_core.world_fit.options import LiftOptions
from mpm_core.world_fit.seated import with_seated_legs
from tests.mpm_core.world_fit.walker import RATE_HZ, walker

LEFT, RIGHT = LEGS


def test_unseen_legs_bend_at_right_angles_ahead_and_seen_ones_stay() -> None:
    w = walker(20.0, 10.0)
    sigma_FJ, unseen_FJ = np.full((400, 17), 0.05), np.zeros((400, 17), bool)
    unseen_FJ[100:200, list(LEFT)], unseen_FJ[150:200, RIGHT[2]] = True, True
    out_FJ3 = with_seated_legs(w.pose_FJ3, sigma_FJ, unseen_FJ, w.up_3, RATE_HZ)
    length_J = bone_lengths(w.pose_FJ3, sigma_FJ)
    hip, knee, ankle = LEFT
    thigh_F3, shank_F3 = (out_FJ3[100:200, b] - out_FJ3[100:200, a] for a, b in ((hip, knee), (knee, ankle)))
    across_F3 = w.pose_FJ3[100:200, RIGHT[0]] - w.pose_FJ3[100:200, hip]
    np.testing.assert_allclose(thigh_F3 @ w.up_3, 0, atol=1e-9)
    np.testing.assert_allclose((thigh_F3 * across_F3).sum(axis=1), 0, atol=1e-9)
    np.testing.assert_allclose(np.linalg.norm(thigh_F3, axis=1), length_J[knee])
    np.testing.assert_allclose(shank_F3, np.tile(-length_J[ankle] * w.up_3, (100, 1)), atol=1e-9)
    walked_F3 = w.truth_FJ3[100:200, 0] - w.truth_FJ3[99:199, 0]
    assert (np.sum(thigh_F3[:40] * (walked_F3[:40] @ level_axes(w.up_3).T), axis=1) > 0).mean() > 0.9  # who walks, walks ahead
    hanging_F3 = out_FJ3[150:200, RIGHT[2]] - w.pose_FJ3[150:200, RIGHT[1]]  # the knee of this unseen ankle is seen
    np.testing.assert_allclose(hanging_F3, np.tile(-length_J[RIGHT[2]] * w.up_3, (50, 1)), atol=1e-9)
    np.testing.assert_array_equal(out_FJ3[:, RIGHT[:2]], w.pose_FJ3[:, RIGHT[:2]])
    np.testing.assert_array_equal(out_FJ3[:90, LEFT], w.pose_FJ3[:90, LEFT])
    steps_F = np.linalg.norm(np.diff(out_FJ3[80:120, knee], axis=0), axis=1)
    assert steps_F.max() < 0.2  # it fades: the knee is 0.4 m away


def test_who_is_said_to_sit_and_shows_no_legs_has_a_seat_and_a_note() -> None:
    keypoints = mpm.read(resource("sample/walk_reach_sit_openpose"))
    legs = [keypoints.index(point) for point in keypoints.points if point.endswith(("Knee", "Ankle", "Toe", "Heel"))]
    xy_FP2 = keypoints.xyz_FPD[:60].copy()
    xy_FP2[:, legs] = np.nan
    rec = mpm.make_recording(keypoints.points, 30.0, xy_FP2)
    heights = []
    for seated in (False, True):
        lifted = lift_take(rec, LiftOptions(size=(1920, 1080), seated=seated)).recording
        heights.append(float(np.median(lifted.xyz_FPD[:, 0, 2])))
        (note,) = (note for note in lifted.source.notes if "else predicted" in note)
        assert note.endswith("who sits" if seated else "if the person sits, say --seated")
    assert heights[0] > 0.7 and 0.35 < heights[1] < 0.6


def test_legs_that_few_frames_show_are_named_and_those_that_most_show_are_not() -> None:
    unseen_FJ = np.zeros((100, 17), bool)
    unseen_FJ[20:, list(LEFT)], unseen_FJ[70:, list(RIGHT)] = True, True
    (note,) = unseen_notes(unseen_FJ, seated=False)
    assert note.endswith(": left hip, left knee, left ankle; if the person sits, say --seated")
    assert unseen_notes(unseen_FJ[:20], seated=True) == ()
