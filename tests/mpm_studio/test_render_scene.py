"""The arrays to draw say what the recording says: who is there, where, on which side, and where it comes from."""

from __future__ import annotations

from dataclasses import replace
from time import perf_counter

import numpy as np
import pytest

import mpm_core as mpm
from mpm_core.body.joints import body17
from mpm_core.body.mapping import body_joints, map_body
from mpm_core.edit.mark import mark, region
from mpm_core.recording import Origin, Recording, make_recording
from mpm_core.resources import resource
from mpm_core.skeleton import Skeleton
from mpm_studio import palette
from mpm_studio.operations import marking
from mpm_studio.operations.bodies import bodies_of
from mpm_studio.operations.point_groups import point_groups
from mpm_studio.render.camera import Camera
from mpm_studio.render.lines import trail_instances
from mpm_studio.render.scene import build_scene, frame_instances, rebased
from mpm_studio.render.sides import LEFT, MIDDLE, RIGHT, side_of
from tests.makers import smooth_take, standing, with_gap


def colours(rec: Recording, point: str, frame: int = 0, ghost: bool = False) -> tuple[float, ...]:
    """The colour of one point's sphere."""
    shapes = frame_instances(build_scene(rec), rec, frame, ghost)
    row = np.flatnonzero(np.isclose(shapes.spheres_N8[:, :3], rec.xyz_FPD[frame, rec.index(point)]).all(axis=1))
    return tuple(np.round(shapes.spheres_N8[row[0], 4:7].astype(np.float64), 3).tolist())


def shown(colour: str) -> tuple[float, ...]:
    return tuple(np.round(palette.rgb(colour), 3).tolist())


def test_every_point_and_bone_is_drawn_where_it_is() -> None:
    rec = standing()
    capsules, spheres = frame_instances(build_scene(rec), rec, 0)
    assert np.allclose(spheres[:, :3], rec.xyz_FPD[0])
    assert len(capsules) == len(body17().bones)
    limb = body17().bones.index((5, 6))
    assert np.allclose(capsules[limb, 0:3], rec.xyz_FPD[0, 5]) and np.allclose(capsules[limb, 4:7], rec.xyz_FPD[0, 6])


def test_missing_points_and_their_bones_are_not_drawn() -> None:
    rec = standing()
    knee = rec.index("left_knee")
    gap = with_gap(rec, knee, 1, 3)
    scene = build_scene(gap)
    capsules, spheres = frame_instances(scene, gap, 1)
    assert len(spheres) == 16 and len(capsules) == 14
    assert np.isfinite(capsules).all() and np.isfinite(spheres).all()
    assert len(frame_instances(scene, gap, 0).spheres_N8) == 17


def test_sides_have_their_colours_and_origins_override_them() -> None:
    rec = standing()
    assert colours(rec, "left_knee") == shown(palette.LEFT)
    assert colours(rec, "right_knee") == shown(palette.RIGHT)
    assert colours(rec, "spine") == shown(palette.MIDDLE)
    for origin in (Origin.MARKED, Origin.FILLED, Origin.PREDICTED, Origin.HAND):
        origin_FP = rec.origin_FP.copy()
        origin_FP[0, rec.index("left_knee")] = origin
        changed = replace(rec, origin_FP=origin_FP)
        assert colours(changed, "left_knee") == shown(palette.ORIGIN[origin])
        assert colours(changed, "left_ankle") == shown(palette.LEFT)
    assert colours(rec, "left_knee", ghost=True) == shown(palette.GHOST)


def test_colours_of_origins_are_distinguished() -> None:
    names = [palette.LEFT, palette.RIGHT, palette.MIDDLE, *(palette.ORIGIN[Origin(value)] for value in (2, 3, 4, 5))]
    rgb = np.array([palette.rgb(name) for name in names])
    apart = np.linalg.norm(rgb[:, None] - rgb[None], axis=2) + 9 * np.eye(len(rgb))
    assert apart.min() > 0.25


@pytest.mark.parametrize(
    ("name", "side"),
    [
        ("LeftUpLeg", LEFT),
        ("mixamorig:RightHand", RIGHT),
        ("arm.L", LEFT),
        ("r_foot", RIGHT),
        ("Head", MIDDLE),
        ("Root", MIDDLE),
        ("LowerBack", MIDDLE),
        ("LFHD", LEFT),
        ("lfemur", LEFT),
        ("RBAK", MIDDLE),
    ],
)
def test_sides_from_names(name: str, side: int) -> None:
    assert side_of(name, {"RFHD", "LFHD", "rfemur", "lfemur", "RBAK"}) == side


def test_markers_get_the_bones_of_the_body_they_make(samples_dir) -> None:
    import mpm_core as mpm

    rec = mpm.read(samples_dir / "c3d" / "cmu" / "02_01.c3d")
    scene = build_scene(rec)
    joints_FJ3 = body_joints(rec, map_body(rec))
    capsules, spheres = frame_instances(scene, rec, 100)
    assert len(capsules) == 16 + 8 and len(spheres) == np.isfinite(rec.xyz_FPD[100, :, 0]).sum()
    knee_ankle = [
        np.allclose(row[0:3], joints_FJ3[100, 5], atol=1e-4) and np.allclose(row[4:7], joints_FJ3[100, 6], atol=1e-4) for row in capsules
    ]
    assert sum(knee_ankle) == 1


def test_a_bone_between_filled_markers_looks_filled(samples_dir) -> None:
    import mpm_core as mpm

    rec = mpm.read(samples_dir / "c3d" / "cmu" / "02_01.c3d")
    origin_FP = rec.origin_FP.copy()
    wrist = [index for index, name in enumerate(rec.points) if name.split(":")[-1] in ("RWRA", "RWRB", "RFIN")]
    origin_FP[100, wrist] = Origin.PREDICTED
    filled = replace(rec, origin_FP=origin_FP)
    scene = build_scene(filled)

    def ends(frame: int) -> int:
        return int(
            np.isclose(frame_instances(scene, filled, frame).capsules_N16[:, 12:15], palette.rgb(palette.ORIGIN[Origin.PREDICTED]))
            .all(axis=1)
            .sum()
        )

    assert ends(100) == 2 and ends(101) == 0, "the forearm and the hand"


def test_an_edit_moves_the_joints_that_markers_make(samples_dir) -> None:
    import mpm_core as mpm

    short = mpm.read(samples_dir / "c3d" / "cmu" / "02_01.c3d")
    rec = make_recording(short.points, short.rate_hz, np.tile(short.xyz_FPD, (6, 1, 1)))
    marked, _ = mark(rec, region(rec, [rec.index(name) for name in rec.points if name.endswith("LANK")], 900, 930)).apply(rec)
    after = rebased(build_scene(rec), marked)
    full_FJ3 = body_joints(marked, map_body(marked))
    assert after.joints_FJD is not None
    assert np.array_equal(np.isnan(after.joints_FJD), np.isnan(full_FJ3))
    assert np.nanmax(np.abs(after.joints_FJD - full_FJ3)) < 0.002


def test_keypoints_stand_upright_at_a_persons_height() -> None:
    flat = standing(60)
    pixels = np.stack([960 + 400 * flat.xyz_FPD[..., 0], 1000 - 400 * flat.xyz_FPD[..., 2]], axis=-1)
    rec = make_recording(flat.points, 30.0, pixels)
    xyz_P3 = build_scene(rec).positions(rec, 0)
    assert np.ptp(xyz_P3[:, 2]) == pytest.approx(1.7, abs=0.02)
    assert xyz_P3[:, 2].min() == pytest.approx(0, abs=0.02)
    assert np.abs(xyz_P3[:, 1]).max() == 0
    assert xyz_P3[rec.index("head_top"), 2] > xyz_P3[rec.index("hip"), 2]
    assert len(frame_instances(build_scene(rec), rec, 0).capsules_N16) == 16


@pytest.mark.parametrize("turn", [0.0, 90.0, 180.0, -90.0])
def test_the_front_is_where_the_body_looks(turn: float) -> None:
    front = build_scene(standing(turn=turn)).extent.front
    assert (front - (turn - 90)) % 360 == pytest.approx(0)


def test_the_floor_is_at_zero_unless_the_take_is_elsewhere() -> None:
    assert build_scene(standing()).floor.height == 0
    assert build_scene(standing(shift=(0, 0, 25))).floor.height == pytest.approx(25.08, abs=0.02)


@pytest.mark.parametrize("factor", [0.02, 1.0, 100.0])
def test_sizes_follow_the_scale_of_the_take(factor: float) -> None:
    rec = standing()
    scaled = make_recording(rec.points, 30.0, rec.xyz_FPD * factor, skeleton=rec.skeleton)
    radius = frame_instances(build_scene(scaled), scaled, 0).spheres_N8[:, 3]
    assert np.allclose(radius / factor, frame_instances(build_scene(rec), rec, 0).spheres_N8[:, 3], rtol=0.1)


def test_takes_with_nothing_to_draw_make_a_scene() -> None:
    for frames, points in ((0, 3), (5, 0), (5, 3)):
        rec = make_recording(tuple(f"P{i}" for i in range(points)), 60.0, np.full((frames, points, 3), np.nan))
        scene = build_scene(rec)
        if frames:
            assert [len(part) for part in frame_instances(scene, rec, 0)] == [0, 0]


def test_trails_stop_at_gaps() -> None:
    rec = smooth_take(400, 2, rate_hz=60.0)
    whole = trail_instances(build_scene(rec), rec, [0], 200).capsules_N16
    assert len(whole) > 40
    gap = with_gap(rec, 0, 210, 230)
    broken = trail_instances(build_scene(gap), gap, [0], 200).capsules_N16
    assert 0 < len(broken) < len(whole) and np.isfinite(broken).all()
    assert len(trail_instances(build_scene(rec), rec, [], 200).capsules_N16) == 0


def test_a_frame_of_sixty_points_takes_less_than_a_millisecond() -> None:
    rec = smooth_take(200, 60)
    chain = Skeleton("chain", rec.points, tuple(range(-1, 59)))
    rec = replace(rec, skeleton=chain)
    scene = build_scene(rec)
    times = []
    for frame in range(100):
        start = perf_counter()
        frame_instances(scene, rec, frame)
        times.append(perf_counter() - start)
    assert np.median(times) < 1e-3


def test_a_fitted_camera_sees_everything_in_the_middle() -> None:
    points = np.random.default_rng(0).normal(0, [2, 0.5, 1], (50, 3)) + np.array([10, -4, 1])
    for azimuth, elevation, flat in ((0, 0, False), (40, 20, False), (180, 90, True), (300, -10, True)):
        camera = Camera(azimuth=azimuth, elevation=elevation, flat=flat).fitted(points, 16 / 9, 0.9)
        at = camera.project(points, 1600, 900)
        low, high = at.min(axis=0), at.max(axis=0)
        assert (low > 0).all() and (high < [1600, 900]).all()
        assert max((high[0] - low[0]) / 1600, (high[1] - low[1]) / 900) > 0.5


@pytest.mark.parametrize("flat", [False, True])
def test_projecting_agrees_with_the_matrices_that_draw(flat: bool) -> None:
    camera = Camera((1, 2, 0.5), 4, 70, 25, flat=flat)
    points = np.random.default_rng(1).normal(0, 1, (20, 3)) + camera.center
    clip = np.c_[points, np.ones(20)] @ (camera.projection_44(1.5) @ camera.view_44).T
    ndc = clip[:, :2] / clip[:, 3:]
    assert np.allclose(camera.project(points, 300, 200), (ndc * [1, -1] + 1) / 2 * [300, 200])


@pytest.mark.parametrize("flat", [False, True])
def test_zoom_keeps_what_is_under_the_pointer(flat: bool) -> None:
    camera = Camera((0, 0, 1), 5, 30, 15, flat=flat)
    target = camera.axes_33[0] * 0.7 + camera.axes_33[1] * 0.4 + camera.axes_33[2] * flat + camera.center
    (x, y) = camera.project(target[None], 800, 600)[0]
    nearer = camera.zoom(0.5, x, y, 800, 600)
    assert nearer.distance == pytest.approx(2.5)
    assert np.allclose(nearer.project(target[None], 800, 600)[0], (x, y))
    assert np.allclose(camera.pan(30, -20, 800, 600).project(target[None], 800, 600)[0], (x + 30, y - 20))


def two_people():
    """The sample's markers as two subjects with the same labels, the second 1.5 m beside the first."""
    rec = mpm.read(resource("sample/walk_reach_sit.c3d"))
    names = tuple(name.rpartition(":")[2] for name in rec.points)
    both = tuple(f"A:{name}" for name in names) + tuple(f"B:{name}" for name in names)
    xyz_FPD = np.concatenate([rec.xyz_FPD, rec.xyz_FPD + np.float32([1.5, 0, 0])], axis=1)
    subjects = tuple(mpm.Subject(who, tuple(f"{who}:{name}" for name in names)) for who in "AB")
    return mpm.make_recording(both, rec.rate_hz, xyz_FPD, subjects=subjects), names


def test_every_subject_has_a_body_of_its_own():
    rec, names = two_people()
    scene = build_scene(rec)
    one = build_scene(mpm.make_recording(names, rec.rate_hz, rec.xyz_FPD[:, : len(names)]))
    assert len(scene.bones.derived) == 2 and len(scene.bones.pairs_B2) == 2 * len(one.bones.pairs_B2)
    joints_FJD = scene.joints_FJD
    np.testing.assert_allclose(joints_FJD[:, 17:], joints_FJD[:, :17] + np.float32([1.5, 0, 0]), atol=1e-4)
    shapes = frame_instances(scene, rec, 200)
    assert len(shapes.capsules_N16) == 2 * len(frame_instances(one, one.joints_of, 200).capsules_N16)


def test_parts_and_groups_are_those_of_every_subject_and_a_map_of_one_serves_all():
    rec, names = two_people()
    arm = marking.body_part(rec, "left_arm")
    assert {rec.points[point][0] for point in arm} == {"A", "B"}
    assert [point + len(names) for point in arm if point < len(names)] == [point for point in arm if point >= len(names)]
    titles = [group.title for group in point_groups(rec)]
    assert titles[:3] == ["A: Head", "A: Trunk", "A: Left arm"] and titles[6] == "B: Head" and len(titles) == 12
    given = {"left_elbow": "A:LELB"}
    assert [dict(body.overrides) for body in bodies_of(rec, given)] == [{"left_elbow": "A:LELB"}, {"left_elbow": "B:LELB"}]
