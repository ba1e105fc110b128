"""Rotations of a hierarchy that look wrong are found by the rotations themselves: positions show them badly or not at all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from mpm_core.recording import Recording
from mpm_core.rigs.kinematics import world_joint_positions
from mpm_core.suspect.find import find_suspects
from mpm_core.typing import Float
from tests.makers import person_rig


def with_rotations(change: Callable[[Recording, Float], None], frames: int = 150) -> Recording:
    """A take in which some values of the hierarchy are changed in place."""
    rec = person_rig(frames=frames)
    assert rec.rig is not None
    values_FC = rec.rig.values_FC.copy()
    change(rec, values_FC)
    rig = replace(rec.rig, values_FC=values_FC)
    return replace(rec, rig=rig, xyz_FPD=np.float32(world_joint_positions(rig, rec.source.file_to_world_33)))


def channels(rec: Recording, joint: str) -> slice:
    assert rec.rig is not None
    return rec.rig.columns(rec.index(joint))


def flip(rec: Recording, values_FC: Float) -> None:
    values_FC[60:80, channels(rec, "left_wrist").start + 1] += 180  # about the bone: no joint moves


def hold(rec: Recording, values_FC: Float) -> None:
    for joint in ("right_shoulder", "right_elbow", "right_wrist"):
        values_FC[60:90, channels(rec, joint)] = values_FC[60, channels(rec, joint)]


@pytest.mark.parametrize(
    ("fault", "joint", "start", "stop", "says"),
    [
        (flip, "left_wrist", 60, 80, "left_wrist is turned by 177° for 20 frames"),
        (hold, "right_shoulder", 60, 90, "right_shoulder and 2 of the joints below it keep the same rotation for 30 frames"),
    ],
)
def test_a_turned_and_a_held_limb_are_found_where_they_are(
    fault: Callable[[Recording, Float], None], joint: str, start: int, stop: int, says: str
) -> None:
    rec = with_rotations(fault)
    assert rec.rig is not None
    (found,) = find_suspects(rec, ["rotation", "spike"])
    assert (found.kind, found.start, found.stop, found.why) == ("rotation", start, stop, says)
    below = {rec.index(joint)}
    for point, parent in enumerate(rec.rig.parents):
        below |= {point} if parent in below else set()
    assert set(found.points) == below - {rec.index(joint)}, "what the joint places, which is what has to be marked"


def test_a_forearm_turned_while_it_goes_on_moving_is_found() -> None:
    """It is further from where it was, after it leaped back, than it leaped."""

    def turn_while_bending(rec: Recording, values_FC: Float) -> None:
        about = channels(rec, "right_elbow").start
        values_FC[:, about] = np.linspace(0, 120, len(values_FC))
        values_FC[60:84, about] += 30

    rec = with_rotations(turn_while_bending)
    assert rec.rig is not None and rec.rate_hz >= 24
    (found,) = find_suspects(rec, ["rotation"])
    assert (found.start, found.stop) == (60, 84) and found.why.startswith("right_elbow is turned by")


def cut(rec: Recording, values_FC: Float) -> None:
    for joint in range(len(rec.points)):
        values_FC[60:80, channels(rec, rec.points[joint])] += 60


def stand_still(rec: Recording, values_FC: Float) -> None:
    values_FC[60:90] = values_FC[60]


def limited(rec: Recording, values_FC: Float) -> None:
    values_FC[:, channels(rec, "left_knee")] = np.maximum(values_FC[:, channels(rec, "left_knee")], 0.0)


@pytest.mark.parametrize("change", [lambda rec, values_FC: None, cut, stand_still, limited])
def test_whole_bodies_and_joints_at_their_limit_are_not_named(change: Callable[[Recording, Float], None]) -> None:
    assert find_suspects(with_rotations(change), ["rotation"]) == []


def test_what_was_filled_since_is_not_named_again() -> None:
    from mpm_core.edit.patch import patch_where
    from mpm_core.recording import Origin

    rec = with_rotations(flip)
    (found,) = find_suspects(rec, ["rotation", "spike"])
    where_FP = np.zeros(rec.origin_FP.shape, bool)
    where_FP[found.start : found.stop, list(found.points)] = True
    assert find_suspects(patch_where(rec, "fill", where_FP, origin=Origin.FILLED).apply(rec)[0], ["rotation"]) == []


def test_a_take_without_a_hierarchy_has_no_rotations() -> None:
    assert find_suspects(replace(person_rig(frames=60), rig=None), ["rotation"]) == []
