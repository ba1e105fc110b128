"""A body with proportions that no person has is named, a person is not."""

from __future__ import annotations

import numpy as np

from mpm_core.body.joints import body17
from mpm_core.body.mapping import body_joints, map_body
from mpm_core.body.proportions import implausible_proportions
from tests.makers import T_POSE, person_rig, standing
from tests.mpm_core.rig_names import RIGS

NAMES = body17().names


def test_a_person_has_the_proportions_of_one() -> None:
    for rec in (person_rig(RIGS["Mixamo"]), person_rig(RIGS["Mixamo"], seed=3, swing_deg=40), standing()):
        assert implausible_proportions(body_joints(rec, map_body(rec))) == []


def test_each_wrong_place_is_named_with_its_length() -> None:
    xyz_FJ3 = standing().xyz_FPD.astype(np.float64)
    moved = xyz_FJ3.copy()
    moved[:, NAMES.index("spine"), 2] = 1.41
    assert "the spine is 0.49 m from the hip and 0.01 m from the thorax" in implausible_proportions(moved)[0].what
    long_trunk = xyz_FJ3.copy()
    long_trunk[:, [NAMES.index(name) for name in ("thorax", "neck", "head_top")], 2] += 0.2
    assert "from hip to thorax 0.70 m" in implausible_proportions(long_trunk)[0].what
    assert implausible_proportions(long_trunk)[0].hint == "is the rig mapped right?"
    assert "--unit" in implausible_proportions(xyz_FJ3 * 2.54)[0].hint


def test_gaps_are_passed_over() -> None:
    xyz_FJ3 = standing().xyz_FPD.astype(np.float64)
    xyz_FJ3[:2, NAMES.index("left_knee")] = np.nan
    xyz_FJ3[:, NAMES.index("right_knee")] = np.nan
    assert implausible_proportions(xyz_FJ3) == []


def test_a_neck_in_the_place_of_the_head_is_named() -> None:
    rec = person_rig(RIGS["Mixamo"], pose=T_POSE | {"neck": ("thorax", (0, 0.004, 0))})
    assert any("from thorax to neck" in each.what for each in implausible_proportions(body_joints(rec, map_body(rec))))
