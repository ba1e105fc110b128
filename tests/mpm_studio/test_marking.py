"""Marks of a hierarchy: what hangs on a marked joint and is not marked keeps the joint from turning, and that is said."""

from __future__ import annotations

import pytest

from mpm_studio.operations.marking import marked
from tests.makers import person_rig


@pytest.mark.parametrize(
    ("marks", "says"),
    [
        (["left_elbow:5-9"], "left_wrist is not marked and keeps its place: mark it, too, if left_elbow is turned wrongly"),
        (["left_elbow:5-9", "left_wrist:5-9"], ""),
        (["left_arm:5-9"], ""),
        (["left_elbow:5-9", "left_wrist:5-8"], "left_wrist is not marked and keeps its place"),
        (["left_elbow,right_elbow:5-9"], "left_wrist and 1 more are not marked and keep their places: mark them, too, if left_elbow"),
    ],
)
def test_a_joint_that_measured_joints_below_keep_from_turning_is_named(marks: list[str], says: str) -> None:
    rec = person_rig()
    added = marked(rec, marks).log[len(rec.log) :]
    assert any(line.startswith(says) for line in added) if says else not any("not marked" in line for line in added)
