"""Toes and heels: on the floor where the foot rests, towards their keypoints, never through the floor."""

from __future__ import annotations

from pathlib import Path

import numpy as np

import mpm_core as mpm
from mpm_core.skeleton import load_skeleton
from mpm_core.world_fit.ankle_rests import find_rests
from mpm_core.world_fit.camera import level_axes
from mpm_core.world_fit.toes_and_heels import AHEAD, BELOW, HEEL, NAMES, TOE, View, foot_points, place_toes_and_heels
from tests.mpm_core.world_fit.walker import RATE_HZ, walker

HEIGHT_M = 1.7


def test_feet_are_on_the_floor_where_they_rest_and_never_below_it() -> None:
    w = walker()
    unknown = {joint: np.full((400, 2), np.nan) for joint in NAMES}
    rests = find_rests(w.rest_FA, RATE_HZ)
    view = View(level_axes(w.up_3), np.zeros(3), unknown)
    placed = place_toes_and_heels(w.truth_FJ3, HEIGHT_M, rests, [True] * len(rests), view, RATE_HZ, floor=True)
    for joint, xyz_F3 in placed.items():
        side, part = joint.split("_")
        ankle_F3 = w.truth_FJ3[:, {"left": 6, "right": 3}[side]]
        reach = HEIGHT_M * np.hypot(AHEAD[part], BELOW[part])
        np.testing.assert_allclose(np.linalg.norm(xyz_F3 - ankle_F3, axis=1), reach, rtol=1e-6)
        assert xyz_F3[:, 2].min() > min(0.0, float(ankle_F3[:, 2].min()) - reach)
        resting_F = w.rest_FA[:, {"left": 0, "right": 1}[side]] > 0
        assert np.median(np.abs(xyz_F3[resting_F, 2])) < 0.05


def test_a_toe_follows_its_keypoint() -> None:
    w = walker()
    turn_33 = level_axes(w.up_3)
    place_3 = w.truth_FJ3[0, 0] - turn_33.T @ w.camera_FJ3[0, 0]
    toe_F3 = w.truth_FJ3[:, 6] + HEIGHT_M * np.hypot(AHEAD[TOE], BELOW[TOE]) * np.array([0.6, 0.8, 0.0])
    seen_F3 = (toe_F3 - place_3) @ turn_33.T
    rays = {joint: np.full((400, 2), np.nan) for joint in NAMES} | {f"left_{TOE}": seen_F3[:, :2] / seen_F3[:, 2:]}
    errors = []
    for known in (rays, rays | {f"left_{TOE}": np.full((400, 2), np.nan)}):
        placed = place_toes_and_heels(w.truth_FJ3, HEIGHT_M, (), (), View(turn_33, place_3, known), RATE_HZ, floor=False)
        errors.append(np.linalg.norm(placed[f"left_{TOE}"] - toe_F3, axis=1).mean())
    assert errors[0] < 0.6 * errors[1]


def test_feet_are_known_by_all_four_keypoints() -> None:
    names = ("left_big_toe", "left_heel", "right_big_toe", "right_heel")
    assert foot_points(names) == {f"left_{TOE}": names[0], f"left_{HEEL}": names[1], f"right_{TOE}": names[2], f"right_{HEEL}": names[3]}
    assert foot_points(names[:3]) == {}


def test_feet_go_out_with_the_body_as_bvh_and_gltf(tmp_path: Path) -> None:
    w, body = walker(), load_skeleton("body21")
    rests = find_rests(w.rest_FA, RATE_HZ)
    view = View(level_axes(w.up_3), np.zeros(3), {joint: np.full((400, 2), np.nan) for joint in NAMES})
    placed = place_toes_and_heels(w.truth_FJ3, HEIGHT_M, rests, [True] * len(rests), view, RATE_HZ, floor=True)
    feet_FP3 = np.stack([placed[joint] for joint in body.names[17:]], axis=1)
    rec = mpm.make_recording(body.names, RATE_HZ, np.concatenate([w.truth_FJ3, feet_FP3], axis=1), skeleton=body)
    for ending, most_m in (("glb", 1e-4), ("npz", 0.0)):
        mpm.write(rec, tmp_path / f"take.{ending}")
        again = mpm.read(tmp_path / f"take.{ending}")
        at = [again.points.index(name) for name in rec.points]
        assert np.linalg.norm(again.xyz_FPD[:, at] - rec.xyz_FPD, axis=2).max() <= most_m
        assert again.skeleton is not None
        parents = {again.points[joint]: again.points[parent] for joint, parent in enumerate(again.skeleton.parents) if parent >= 0}
        assert parents["left_toe"] == parents["left_heel"] == "left_ankle"
    mpm.write(rec, tmp_path / "take.bvh")
    again = mpm.read(tmp_path / "take.bvh")
    for point, joint in (("left_toe", "LeftToeBase_end"), ("right_heel", "RightHeel")):
        assert np.linalg.norm(again.xyz_FPD[:, again.index(joint)] - rec.xyz_FPD[:, rec.index(point)], axis=1).max() < 0.04
