"""Poses fitted into the world: exact ones come back, errors of pose and of gravity are mended, and floors are not invented."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.interpolate import CubicSpline

from mpm_core.body.centre_of_mass import centre_of_mass
from mpm_core.body.joints import ARMS, LEGS, body17
from mpm_core.errors import DataError
from mpm_core.typing import Float
from mpm_core.world_fit.ankle_rests import Rest, find_rests, find_touches, swings, without_fast_ankles
from mpm_core.world_fit.balance import balanced_up
from mpm_core.world_fit.bones import bone_lengths, standing_height, with_lengths
from mpm_core.world_fit.camera import held_as_told, level_axes, pitch_deg, quarter_turns, roll_deg, up_of
from mpm_core.world_fit.fit import Fitted, fit_world, world_sigma
from mpm_core.world_fit.floor import find_floor
from mpm_core.world_fit.placing import Ground, place_root
from tests.mpm_core.world_fit.walker import ANKLES, RATE_HZ, Walker, walker

WHOLE = np.ones((400, 17))


def fitted(w: Walker, pose_FJ3: Float | None = None, up_3: Float | None = None, rest_FA: Float | None = None) -> Fitted:
    count = len(w.pose_FJ3)
    return fit_world(
        w.pose_FJ3 if pose_FJ3 is None else pose_FJ3,
        np.full((count, 17), 0.05),
        w.rest_FA if rest_FA is None else rest_FA,
        w.ray_FJ2,
        WHOLE[:count],
        w.up_3 if up_3 is None else up_3,
        np.radians([5, 5]),
        RATE_HZ,
    )


def noisy(pose_FJ3: Float, size_m: float, seed: int = 0) -> Float:
    """Slow errors, different in each frame, the root's alone zero; bones breathe with them."""
    rng = np.random.default_rng(seed)
    knots = rng.normal(0, size_m, (len(pose_FJ3) // 10 + 2, 17, 3))
    frame_F = np.arange(len(pose_FJ3)) / 10
    low_F = frame_F.astype(int)
    share_F11 = (frame_F - low_F)[:, None, None]
    error_FJ3 = (1 - share_F11) * knots[low_F] + share_F11 * knots[low_F + 1]
    return pose_FJ3 + error_FJ3 - error_FJ3[:, :1]


def slide_mm(xyz_FJ3: Float, rest_FA: Float) -> float:
    step_FA = np.linalg.norm(np.diff(xyz_FJ3[:, list(ANKLES)], axis=0), axis=2)
    return 1000 * float(step_FA[(rest_FA[1:] > 0) & (rest_FA[:-1] > 0)].mean())


def shape_error_mm(found_FJ3: Float, truth_FJ3: Float) -> float:
    """After the best heading and shift of the whole take."""
    a_N3, b_N3 = (xyz.reshape(-1, 3) - xyz.reshape(-1, 3).mean(axis=0) for xyz in (found_FJ3, truth_FJ3))
    turn = np.sum((a_N3[:, 0] + 1j * a_N3[:, 1]).conj() * (b_N3[:, 0] + 1j * b_N3[:, 1]))
    flat_N = (a_N3[:, 0] + 1j * a_N3[:, 1]) * turn / abs(turn)
    return 1000 * float(np.linalg.norm(np.stack([flat_N.real, flat_N.imag, a_N3[:, 2]], axis=1) - b_N3, axis=1).mean())


@pytest.mark.parametrize(("pitch", "roll"), [(0.0, 0.0), (35.0, 10.0), (20.0, 90.0)])
def test_exact_poses_come_back_upright_and_on_the_floor(pitch: float, roll: float) -> None:
    w = walker(pitch, roll)
    found = fitted(w)
    assert shape_error_mm(found.xyz_FJ3, w.truth_FJ3) < 40
    assert found.floor is not None
    assert np.degrees(np.arccos(found.turn_33[:, 2] @ w.up_3)) < 1.5
    height = 0.05 * standing_height(found.length_J)
    resting_A = found.xyz_FJ3[:, list(ANKLES), 2][w.rest_FA > 0]
    assert np.abs(resting_A - height).mean() < 0.03


def test_bones_are_constant_and_the_same_on_both_sides() -> None:
    w = walker()
    found = fitted(w, noisy(w.pose_FJ3, 0.04))
    body = body17()
    length_FB = np.stack([np.linalg.norm(found.xyz_FJ3[:, a] - found.xyz_FJ3[:, b], axis=1) for a, b in body.bones], axis=1)
    assert (length_FB.std(axis=0) < 1e-9).all()
    for left, right in body.pairs:
        assert found.length_J[left] == pytest.approx(found.length_J[right])


def test_resting_feet_stay_where_they_are() -> None:
    w = walker()
    pose_FJ3 = noisy(w.pose_FJ3, 0.04)
    loose = pose_FJ3 + w.camera_FJ3[:, :1]
    found = fitted(w, pose_FJ3)
    assert slide_mm(loose, w.rest_FA) > 4
    assert slide_mm(found.xyz_FJ3, w.rest_FA) < 1
    assert found.rests


def test_the_floor_corrects_what_is_up() -> None:
    w = walker(25.0)
    wrong_3 = up_of(pitch_deg(w.up_3) + 5, 4.0)
    found = fitted(w, noisy(w.pose_FJ3, 0.02), wrong_3)
    before, after = (np.degrees(np.arccos(np.clip(up_3 @ w.up_3, -1, 1))) for up_3 in (wrong_3, found.turn_33[:, 2]))
    assert after < 0.7 * before


@pytest.mark.parametrize(("told", "wrong_3"), [(0, up_of(30.0, 0.0)), (1, up_of(25.0, 5.0))])
def test_the_floor_corrects_the_one_angle_that_is_not_told(told: int, wrong_3: Float) -> None:
    w = walker(25.0)
    sigma_2 = np.where(np.arange(2) == told, 0.001, np.radians(5))
    found = fit_world(w.pose_FJ3, np.full((400, 17), 0.05), w.rest_FA, w.ray_FJ2, WHOLE, wrong_3, sigma_2, RATE_HZ)
    off = roll_deg(found.turn_33[:, 2]), pitch_deg(found.turn_33[:, 2]) - 25.0
    assert abs(off[told]) < 0.5
    assert abs(off[1 - told]) < 2.5


def test_who_stands_in_one_place_is_not_left_leaning() -> None:
    """Feet that rest in one place make no plane that says what is up; that the body is over them does."""
    w = walker(15.0)
    still = {name: np.repeat(getattr(w, name)[170:171], 60, axis=0) for name in ("truth_FJ3", "camera_FJ3", "pose_FJ3", "ray_FJ2")}
    standing = replace(w, **still, rest_FA=np.ones((60, 2)))
    over_3 = centre_of_mass(standing.truth_FJ3)[0] - standing.truth_FJ3[0, list(ANKLES)].mean(axis=0)
    assert np.hypot(*over_3[:2]) < 0.15 * over_3[2]
    wrong_3 = up_of(pitch_deg(w.up_3) + 6, 0.0)
    found = fitted(standing, up_3=wrong_3)
    before, after = (np.degrees(np.arccos(np.clip(up_3 @ w.up_3, -1, 1))) for up_3 in (wrong_3, found.turn_33[:, 2]))
    assert after < 0.7 * before


def test_who_sits_is_not_over_the_feet_and_says_nothing_of_what_is_up() -> None:
    w = walker(0.0, frames=420)
    length_J = bone_lengths(w.pose_FJ3, np.ones(w.pose_FJ3.shape[:2]))
    for frames, stands in ((slice(0, 300), True), (slice(380, 420), False)):
        pose_FJ3 = w.pose_FJ3[frames]
        rests = tuple(Rest(ankle, 0, len(pose_FJ3)) for ankle in (0, 1))
        assert (balanced_up(pose_FJ3, rests, w.up_3, length_J, RATE_HZ) is not None) == stands


@pytest.mark.parametrize("degrees", [0, 180])
def test_who_walks_is_balanced_ahead_of_the_ankles_whichever_way_it_goes(degrees: int) -> None:
    w = walker(15.0, frames=300)
    turn_33 = level_axes(w.up_3) @ np.diag([np.cos(np.radians(degrees))] * 2 + [1.0]) @ level_axes(w.up_3).T
    length_J = bone_lengths(w.pose_FJ3, np.ones(w.pose_FJ3.shape[:2]))
    found_3 = balanced_up(w.pose_FJ3 @ turn_33.T, find_rests(w.rest_FA, RATE_HZ), w.up_3, length_J, RATE_HZ)
    assert found_3 is not None
    assert np.degrees(np.arccos(found_3 @ w.up_3)) < 2


def test_who_leans_far_says_little_of_what_is_up() -> None:
    rests = (Rest(0, 0, 100), Rest(1, 0, 100))
    ankle_FA3 = np.zeros((100, 2, 3))
    ankle_FA3[:, 1, 0] = 0.2
    up_3 = np.array([0.0, 0, 1])
    off = []
    for lean in (4.0, 40.0):
        leaning_3 = np.array([0.0, np.sin(np.radians(lean)), np.cos(np.radians(lean))])
        found = find_floor(ankle_FA3, rests, up_3, np.radians([3, 3]), leaning_3)
        assert found is not None
        off.append(np.degrees(np.arccos(found.up_3 @ up_3)))
    assert off[0] > 1
    assert off[1] < 3


def test_who_climbs_while_the_ankles_are_unseen_is_not_pulled_down() -> None:
    w = walker(20.0)
    found = climbing(w, 0.8)
    assert found.floor is not None
    assert found.xyz_FJ3[140:, list(ANKLES), 2].min() > 0.05 * standing_height(found.length_J) + 0.5


def test_who_is_not_seen_for_a_while_is_still_near_the_floor() -> None:
    w = walker(20.0)
    ray_FJ2, rest_FA = w.ray_FJ2.copy(), w.rest_FA.copy()
    ray_FJ2[120:], rest_FA[100:] = np.nan, 0.0
    pose_FJ3 = w.pose_FJ3 * np.linspace(1, 1.15, 400)[:, None, None]  # as if the person came nearer
    found = fit_world(pose_FJ3, np.full((400, 17), 0.05), rest_FA, ray_FJ2, WHOLE, w.up_3, np.radians([2, 2]), RATE_HZ)
    lower_F = found.xyz_FJ3[:, list(ANKLES), 2].min(axis=1)
    assert found.floor is not None
    assert np.abs(lower_F[120:] - 0.05 * standing_height(found.length_J)).max() < 0.15


@pytest.mark.parametrize("rests_there", [False, True])
def test_who_is_in_the_air_or_on_a_chair_and_seen_there_is_not_pulled_down(rests_there: bool) -> None:
    w, frames, lifted_m = walker(30.0), 200, 0.3
    frame_F = np.arange(frames)
    up_F = lifted_m * (np.clip((frame_F - 100) / 15, 0, 1) - np.clip((frame_F - 165) / 15, 0, 1))
    camera_FJ3 = w.camera_FJ3[170] + up_F[:, None, None] * w.up_3
    ray_FJ2 = camera_FJ3[..., :2] / camera_FJ3[..., 2:]
    ray_FJ2 += np.random.default_rng(0).normal(0, 0.003, ray_FJ2.shape)
    pose_FJ3, rest_FA = noisy(camera_FJ3 - camera_FJ3[:, :1], 0.03), np.repeat(up_F[:, None] == 0, 2, axis=1).astype(np.float64)
    rest_FA[115:165] = rests_there
    found = fit_world(pose_FJ3, np.full((frames, 17), 0.05), rest_FA, ray_FJ2, WHOLE[:frames], w.up_3, np.radians([2, 2]), RATE_HZ)
    lower_F = found.xyz_FJ3[:, list(ANKLES), 2].min(axis=1)
    assert found.floor is not None
    assert np.median(lower_F[120:160]) - np.median(lower_F[:70]) > 0.92 * lifted_m


def test_who_sinks_while_the_legs_are_unseen_is_held_near_the_floor() -> None:
    found = climbing(walker(20.0), -0.8)
    assert found.floor is not None
    assert found.xyz_FJ3[140:, list(ANKLES), 2].min() > -0.3


def climbing(w: Walker, metres: float) -> Fitted:
    """Within two seconds, from when on the legs are not seen."""
    climbed_F = metres * np.clip((np.arange(400) - 60) / 60, 0, 1)
    camera_FJ3 = w.camera_FJ3 + climbed_F[:, None, None] * w.up_3
    ray_FJ2, rest_FA = camera_FJ3[..., :2] / camera_FJ3[..., 2:], w.rest_FA.copy()
    ray_FJ2[60:, [joint for leg in LEGS for joint in leg[1:]]] = np.nan
    rest_FA[60:] = 0.0
    return fit_world(w.pose_FJ3, np.full((400, 17), 0.05), rest_FA, ray_FJ2, WHOLE, w.up_3, np.radians([2, 2]), RATE_HZ)


def test_stairs_are_no_floor() -> None:
    rests = tuple(Rest(k % 2, 20 * k, 20 * k + 15) for k in range(8))
    ankle_FA3 = np.zeros((160, 2, 3))
    for k, rest in enumerate(rests):
        ankle_FA3[rest.frames, rest.ankle] = (0.3 * k, 0.0, 0.18 * k)
    assert find_floor(ankle_FA3, rests, np.array([0.0, 0, 1]), np.radians([2, 2])) is None
    ankle_FA3[..., 2] = 0.0
    flat = find_floor(ankle_FA3, rests, np.array([0.0, 0, 1]), np.radians([2, 2]))
    assert flat is not None
    assert flat.agreeing == 1
    assert all(flat.on_N)


def test_a_foot_on_a_chair_is_left_there() -> None:
    rests = (Rest(0, 0, 100), Rest(1, 0, 60), Rest(1, 70, 100))
    ankle_FA3 = np.zeros((100, 2, 3))
    ankle_FA3[70:, 1] = (0.4, 0, 0.45)
    found = find_floor(ankle_FA3, rests, np.array([0.0, 0, 1]), np.radians([2, 2]))
    assert found is not None
    assert found.on_N == (True, True, False)


def test_who_rests_no_foot_stands_where_the_feet_touch_the_ground() -> None:
    w = walker(20.0, frames=150)
    off_3 = up_of(26.0, 0.0)
    found = fitted(w, noisy(w.pose_FJ3, 0.02), off_3, np.zeros_like(w.rest_FA))
    assert found.rests == () == found.on_floor_N
    assert found.floor is not None
    assert np.degrees(np.arccos(found.turn_33[:, 2] @ w.up_3)) < 3
    height_F = found.xyz_FJ3[:, 0, 2] - (w.truth_FJ3[:, 0, 2] - np.percentile(w.truth_FJ3[:, list(ANKLES), 2], 5))
    assert np.ptp(height_F) < 0.15, "it walks 3.7 m, which 6 degrees would raise by 0.39"


def hanging(held: bool) -> Walker:
    """The same legs with both arms straight up; held: the hands stay in one place, as on a bar."""
    w = walker(20.0, frames=150)
    length_J, up_3 = bone_lengths(w.pose_FJ3, np.full((150, 17), 0.05)), w.up_3
    camera_FJ3 = w.camera_FJ3.copy()
    for shoulder, elbow, wrist in ARMS:
        camera_FJ3[:, elbow] = camera_FJ3[:, shoulder] + length_J[elbow] * up_3
        camera_FJ3[:, wrist] = camera_FJ3[:, elbow] + length_J[wrist] * up_3
    if held:
        hands_F13 = camera_FJ3[:, [wrist for _, _, wrist in ARMS]].mean(axis=1, keepdims=True)
        camera_FJ3 += hands_F13[:1] - hands_F13
    return replace(w, camera_FJ3=camera_FJ3, pose_FJ3=camera_FJ3 - camera_FJ3[:, :1], ray_FJ2=camera_FJ3[..., :2] / camera_FJ3[..., 2:])


def test_who_hangs_by_the_hands_touches_no_ground() -> None:
    w = hanging(held=False)
    assert fitted(walker(20.0, frames=150), rest_FA=np.zeros_like(w.rest_FA)).floor is not None
    assert fitted(w, rest_FA=np.zeros_like(w.rest_FA)).floor is None
    assert fitted(w).floor is not None, "who raises the arms still rests the feet"


def test_legs_that_swing_under_held_hands_do_not_rest() -> None:
    w = hanging(held=True)
    assert find_rests(w.rest_FA, RATE_HZ), "the network says so"
    found = fitted(w)
    assert found.floor is None
    assert found.rests == ()
    hidden_FJ2 = w.ray_FJ2.copy()
    hidden_FJ2[:, [wrist for _, _, wrist in ARMS]] = np.nan
    assert swings(w.pose_FJ3 @ w.up_3, w.ray_FJ2, RATE_HZ).all()
    assert not swings(w.pose_FJ3 @ w.up_3, hidden_FJ2, RATE_HZ).any(), "hands that are not seen are not known to be held"


def test_rests_of_legs_that_swing_count_against_a_floor() -> None:
    ankle_FA3, up_3, sigma_2 = np.zeros((100, 2, 3)), np.array([0.0, 0, 1]), np.radians([2, 2])
    rests = (Rest(0, 0, 30), Rest(1, 0, 30))
    assert find_floor(ankle_FA3, rests, up_3, sigma_2, elsewhere=30) is not None
    assert find_floor(ankle_FA3, rests, up_3, sigma_2, elsewhere=60) is None


def swinging(middle_K: tuple[float, ...]) -> Float:
    """(F, 2) heights of two ankles in turns of 20 frames, of which the lower one is lowest at middle_K[k] in the k-th."""
    lower_F = np.concatenate([middle + 0.1 * np.linspace(-1, 1, 20) ** 2 for middle in middle_K])
    left_F = np.repeat(np.arange(len(middle_K)) % 2 == 0, 20)
    return np.stack([np.where(left_F, lower_F, lower_F + 0.3), np.where(left_F, lower_F + 0.3, lower_F)], axis=1)


@pytest.mark.parametrize(
    ("middle_K", "others", "touches", "floor"),
    [
        ((0.0, 0.02, -0.01, 0.01), 0.4, 4, True),
        ((0.0, 0.2, 0.4, 0.6), 0.4, 2, False),  # of legs that are waved
        ((0.0, 0.2, 0.4, 0.6), 1.0, 4, False),  # of somebody who climbs
        ((0.0, 0.02, -0.01, 0.01), -0.1, 0, False),  # of somebody who lies
        ((0.0,), 0.4, 0, False),
    ],
)
def test_lowest_places_of_the_feet_that_do_not_agree_are_no_floor(
    middle_K: tuple[float, ...], others: float, touches: int, floor: bool
) -> None:
    height_FA = swinging(middle_K)
    found = find_touches(height_FA, np.full(len(height_FA), others), np.ones(height_FA.shape, bool))
    assert len(found) == touches
    ankle_FA3 = np.stack([np.zeros_like(height_FA), np.zeros_like(height_FA), height_FA], axis=2)
    assert (find_floor(ankle_FA3, found, np.array([0.0, 0, 1]), np.radians([2, 2])) is not None) == floor


def test_nobody_at_rest_whose_ankles_are_not_seen_has_no_floor() -> None:
    w = walker()
    ray_FJ2 = w.ray_FJ2.copy()
    ray_FJ2[:, list(ANKLES)] = np.nan
    found = fit_world(w.pose_FJ3, np.full((400, 17), 0.05), w.rest_FA, ray_FJ2, WHOLE, w.up_3, np.radians([5, 5]), RATE_HZ)
    assert found.floor is None
    assert found.rests == ()


def test_the_root_of_who_runs_goes_up_and_down_and_does_not_go_to_and_fro_by_errors_of_the_size() -> None:
    w, frames = walker(0.0), 90
    sway_F = 0.05 * np.sin(2 * np.pi * 3 * np.arange(frames) / RATE_HZ)
    still_FJ3 = np.repeat(w.camera_FJ3[:1], frames, axis=0)
    camera_FJ3 = still_FJ3 + sway_F[:, None, None] * w.up_3
    pose_FJ3 = (camera_FJ3 - camera_FJ3[:, :1]) * (1 + sway_F)[:, None, None]  # taken for larger and smaller by 5 %
    root_F3 = place_root(
        pose_FJ3, camera_FJ3[..., :2] / camera_FJ3[..., 2:], WHOLE[:frames], np.zeros((frames, 2)), ANKLES, RATE_HZ, w.up_3
    )
    middle = slice(20, 70)
    assert np.ptp((root_F3 @ w.up_3)[middle]) > 0.85 * np.ptp(sway_F)
    assert np.ptp(root_F3[middle, 2]) < 0.3 * np.ptp(sway_F * w.camera_FJ3[0, 0, 2])


@pytest.mark.parametrize("rests", [True, False])
@pytest.mark.parametrize("rate_hz", [12.5, 15.0, 60.0, 120.0, 240.0])
def test_the_path_is_the_same_at_every_frame_rate(rate_hz: float, rests: bool) -> None:
    """The same keypoints and poses, interpolated between frames, at the times of the take at 30 Hz and of this one that coincide."""
    w = walker(20.0, frames=241)
    pose_FJ3, ray_FJ2 = noisy(w.pose_FJ3, 0.03), w.ray_FJ2 + noisy(np.zeros_like(w.pose_FJ3), 0.003, 1)[..., :2]
    time_F, usual_F = np.arange(round(8 * rate_hz) + 1) / rate_hz, np.arange(241) / RATE_HZ
    paths, floors = [], []
    for times, hz in ((usual_F, RATE_HZ), (time_F, rate_hz)):
        pose, ray, rest = (CubicSpline(usual_F, at)(times) for at in (pose_FJ3, ray_FJ2, rests * w.rest_FA))
        weight_FJ = np.ones(pose.shape[:2])
        found = fit_world(pose, 0.05 * weight_FJ, np.clip(rest, 0, 1), ray, weight_FJ, w.up_3, np.radians([2, 2]), hz)
        paths.append(CubicSpline(times, found.xyz_FJ3)(np.arange(0.5, 7.5, 0.1)))
        floors.append(found.floor)
        assert bool(found.rests) == rests
    assert floors[0] is not None
    assert floors[1] is not None
    off_FJ = np.linalg.norm(paths[1] - paths[0] - (paths[1] - paths[0]).mean(axis=(0, 1)), axis=2)
    assert off_FJ.mean() < 0.005
    assert off_FJ[:, 0].max() < 0.015


def test_outlying_keypoints_move_the_root_little() -> None:
    w = walker()
    rng = np.random.default_rng(1)
    ray_FJ2 = w.ray_FJ2 + rng.normal(0, 0.3, w.ray_FJ2.shape) * (rng.random((400, 17)) < 0.05)[..., None]
    root_F3 = place_root(w.pose_FJ3, ray_FJ2, WHOLE, w.rest_FA, ANKLES, RATE_HZ, w.up_3)
    assert np.linalg.norm(root_F3 - w.camera_FJ3[:, 0], axis=1).mean() < 0.05


def test_a_floor_holds_the_root_at_its_level() -> None:
    w = walker()
    far_FJ3 = 1.1 * w.pose_FJ3
    level = float((w.camera_FJ3[:, ANKLES[0]] @ w.up_3)[w.rest_FA[:, 0] > 0].mean())
    ground = Ground(level, w.rest_FA)
    heights = [
        np.abs(
            (far_FJ3[:, list(ANKLES)] + place_root(far_FJ3, w.ray_FJ2, WHOLE, w.rest_FA, ANKLES, RATE_HZ, w.up_3, g)[:, None]) @ w.up_3
            - level
        )
        for g in (None, ground)
    ]
    assert heights[1][w.rest_FA > 0].mean() < heights[0][w.rest_FA > 0].mean() / 2


def test_frames_with_too_few_joints_are_interpolated_and_takes_of_them_refused() -> None:
    w = walker()
    ray_FJ2 = w.ray_FJ2.copy()
    ray_FJ2[100:110] = np.nan
    root_F3 = place_root(w.pose_FJ3, ray_FJ2, WHOLE, 0 * w.rest_FA, ANKLES, RATE_HZ, w.up_3)
    assert np.linalg.norm(root_F3 - w.camera_FJ3[:, 0], axis=1).max() < 0.1
    ray_FJ2[:, 3:] = np.nan
    with pytest.raises(DataError, match="joints at once"):
        place_root(w.pose_FJ3, ray_FJ2, WHOLE, w.rest_FA, ANKLES, RATE_HZ, w.up_3)


def test_rests_of_a_moment_do_not_count_and_short_breaks_do_not_end_them() -> None:
    p_FA = np.zeros((60, 2))
    p_FA[10:40, 0] = 0.9
    p_FA[20:22, 0] = 0.1
    p_FA[50, 1] = 0.9
    assert find_rests(p_FA, 30.0) == (Rest(0, 10, 40),)


def test_an_ankle_that_moves_is_not_at_rest_whatever_is_said() -> None:
    ankle_FA3 = np.zeros((60, 2, 3))
    ankle_FA3[:, 0, 0] = np.arange(60) / 20
    p_FA = without_fast_ankles(np.ones((60, 2)), ankle_FA3, 30.0)
    assert not p_FA[3:-3, 0].any()
    assert p_FA[:, 1].all()


def test_lengths_are_those_of_the_surest_frames() -> None:
    w = walker()
    pose_FJ3, sigma_FJ = w.pose_FJ3.copy(), np.full((400, 17), 0.02)
    pose_FJ3[:150] *= 0.5
    sigma_FJ[:150] = 0.3
    length_J = bone_lengths(pose_FJ3, sigma_FJ)
    np.testing.assert_allclose(length_J, bone_lengths(w.pose_FJ3, np.full((400, 17), 0.02)), rtol=0.02)
    again_FJ3 = with_lengths(pose_FJ3, length_J)
    np.testing.assert_allclose(bone_lengths(again_FJ3, sigma_FJ), length_J)


@pytest.mark.parametrize(("pitch", "roll"), [(0, 0), (30, -8), (-20, 95), (60, 180)])
def test_how_a_camera_is_held(pitch: float, roll: float) -> None:
    up_3 = up_of(pitch, roll)
    assert pitch_deg(up_3) == pytest.approx(pitch)
    assert np.cos(np.radians(roll_deg(up_3) - roll)) == pytest.approx(1)
    turn_33 = level_axes(up_3)
    np.testing.assert_allclose(turn_33 @ turn_33.T, np.eye(3), atol=1e-12)
    assert np.linalg.det(turn_33) == pytest.approx(1)
    np.testing.assert_allclose(turn_33[:, 2], up_3)


def test_what_is_told_of_a_camera_counts() -> None:
    up_3 = up_of(10, 3)
    assert pitch_deg(held_as_told(up_3, 25, None)) == pytest.approx(25)
    assert roll_deg(held_as_told(up_3, 25, None)) == pytest.approx(3)
    assert quarter_turns(held_as_told(up_3, None, 90)) in (0, 1)
    assert roll_deg(held_as_told(up_3, None, 90)) == pytest.approx(45)
    assert roll_deg(held_as_told(up_of(10, 93), None, 90)) == pytest.approx(93)


def test_places_far_from_the_middle_are_less_certain() -> None:
    w = walker()
    sigma_FJ = world_sigma(np.full((400, 17), 0.03), w.truth_FJ3)
    away_F = np.linalg.norm(w.truth_FJ3[:, 0] - w.truth_FJ3[:, 0].mean(axis=0), axis=1)
    assert (sigma_FJ > 0.03).all()
    assert sigma_FJ[away_F.argmax(), 0] == sigma_FJ.max() > sigma_FJ[away_F.argmin(), 0]


def test_an_ankle_that_nobody_sees_has_no_rests() -> None:
    w = walker()
    ray_FJ2 = w.ray_FJ2.copy()
    ray_FJ2[:, ANKLES[1]] = np.nan
    found = fit_world(w.pose_FJ3, np.full((400, 17), 0.05), w.rest_FA, ray_FJ2, WHOLE, w.up_3, np.radians([5, 5]), RATE_HZ)
    assert {rest.ankle for rest in found.rests} == {0}


def test_poses_without_height_are_refused() -> None:
    w = walker()
    with pytest.raises(DataError, match="the poses have no height"):
        fitted(w, pose_FJ3=np.zeros_like(w.pose_FJ3))
