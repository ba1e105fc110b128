"""Ankles: at their places in rests, and not through the floor between them."""

from __future__ import annotations

import numpy as np

from mpm_core.world_fit.ankle_rests import Rest
from mpm_core.world_fit.bones import bone_lengths
from mpm_core.world_fit.hold_ankles import LOWER_M, hold_ankles
from tests.mpm_core.world_fit.walker import ANKLES, RATE_HZ, walker

RESTS = (Rest(0, 0, 20), Rest(1, 60, 80))
LEVEL_M = 0.08


def test_an_ankle_does_not_go_through_the_floor_that_feet_rest_on() -> None:
    xyz_FJ3 = np.repeat(walker().truth_FJ3[:1], 100, axis=0)
    length_J = bone_lengths(xyz_FJ3, np.ones(xyz_FJ3.shape[:2]))
    xyz_FJ3[..., 2] += LEVEL_M - xyz_FJ3[:, list(ANKLES), 2].min()
    sunk_FJ3 = xyz_FJ3.copy()
    sunk_FJ3[35:45, ANKLES[0], 2] -= 0.1
    placed_FJ3 = hold_ankles(sunk_FJ3, RESTS, (LEVEL_M, LEVEL_M), length_J, RATE_HZ)
    assert placed_FJ3[:, list(ANKLES), 2].min() > LEVEL_M - LOWER_M - 1e-3
    free_FJ3 = hold_ankles(sunk_FJ3, RESTS, (None, None), length_J, RATE_HZ)
    assert free_FJ3[40, ANKLES[0], 2] < LEVEL_M - 2 * LOWER_M, "without a floor there is nothing to go through"


def test_an_ankle_may_be_as_low_as_where_it_rests_below_the_floor() -> None:
    """As of somebody who steps from a stage."""
    xyz_FJ3 = np.repeat(walker().truth_FJ3[:1], 100, axis=0)
    length_J = bone_lengths(xyz_FJ3, np.ones(xyz_FJ3.shape[:2]))
    xyz_FJ3[..., 2] += LEVEL_M - xyz_FJ3[:, list(ANKLES), 2].min()
    xyz_FJ3[50:, :, 2] -= 0.3
    placed_FJ3 = hold_ankles(xyz_FJ3, RESTS, (LEVEL_M, None), length_J, RATE_HZ)
    assert abs(placed_FJ3[90, ANKLES[0], 2] - xyz_FJ3[90, ANKLES[0], 2]) < 0.02


def test_somebody_who_leaves_what_they_rested_on_is_not_pulled_up() -> None:
    """As from a box, without resting again."""
    xyz_FJ3 = np.repeat(walker().truth_FJ3[:1], 100, axis=0)
    length_J = bone_lengths(xyz_FJ3, np.ones(xyz_FJ3.shape[:2]))
    xyz_FJ3[..., 2] += LEVEL_M - xyz_FJ3[:, list(ANKLES), 2].min()
    xyz_FJ3[50:, :, 2] -= 0.3
    rests = (Rest(0, 0, 20), Rest(1, 10, 30))
    placed_FJ3 = hold_ankles(xyz_FJ3, rests, (LEVEL_M, LEVEL_M), length_J, RATE_HZ)
    assert np.abs(placed_FJ3[60:] - xyz_FJ3[60:]).max() < 0.01
