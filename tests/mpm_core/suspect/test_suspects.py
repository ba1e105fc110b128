"""Detectors find simulated faults and their frames, change nothing, and report nothing in clean takes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import mpm_core as mpm
from mpm_core.edit.mark import mark, region
from mpm_core.errors import Cancelled, DataError
from mpm_core.recording import Recording, make_recording
from mpm_core.sample.marker_take import true_markers
from mpm_core.sample.motion import make_motion
from mpm_core.suspect import evidence
from mpm_core.suspect.companions import find_companions
from mpm_core.suspect.find import find_suspects
from mpm_core.suspect.frozen import frozen
from mpm_core.suspect.ghosts import ghosts
from mpm_core.suspect.kinds import KINDS
from mpm_core.suspect.poses import poses
from mpm_core.suspect.spikes import spikes
from mpm_core.suspect.swaps import swaps
from tests.makers import person_rig, rigid_take, smooth_take

Change = Callable[[np.ndarray], None]


def noisy(rec: Recording, noise_m: float = 0.0003, seed: int = 0) -> np.ndarray:
    """The take's positions with a capture system's noise."""
    return rec.xyz_FPD + np.random.default_rng(seed).normal(0, noise_m, rec.xyz_FPD.shape).astype(np.float32)


def with_positions(rec: Recording, xyz_FPD: np.ndarray, points: tuple[str, ...] | None = None) -> Recording:
    return make_recording(points or rec.points, rec.rate_hz, xyz_FPD)


@pytest.fixture(scope="module")
def take() -> Recording:
    whole = rigid_take(bodies=3, markers=5, frames=500)
    return with_positions(whole, noisy(whole))


def test_a_clean_take_has_no_suspects(take: Recording) -> None:
    assert find_suspects(take) == []


@pytest.mark.parametrize("width", [1, 2, 4])
def test_a_spike_is_found_with_its_point_and_frames(take: Recording, width: int) -> None:
    xyz_FPD = take.xyz_FPD.copy()
    xyz_FPD[200 : 200 + width, 3] += np.float32([0.02, 0.02, 0])
    (found,) = spikes(with_positions(take, xyz_FPD))
    assert (found.kind, found.points, found.start, found.stop) == ("spike", (3,), 200, 200 + width)
    assert found.score > 1 and "28 mm" in found.why


def test_a_spike_after_a_gap_is_found(take: Recording) -> None:
    xyz_FPD = take.xyz_FPD.copy()
    xyz_FPD[100:120, 3] = np.nan
    xyz_FPD[120, 3] += 0.05
    assert [(each.points, each.start, each.stop) for each in spikes(with_positions(take, xyz_FPD))] == [((3,), 120, 121)]


def test_fast_motion_of_the_body_is_not_a_spike() -> None:
    rec = rigid_take(bodies=1, markers=6, frames=400)
    jolt_F = 0.25 * np.exp(-(((np.arange(400) - 200) / 4.0) ** 2))
    xyz_FPD = noisy(rec)
    xyz_FPD[..., 0] += jolt_F[:, None].astype(np.float32)
    assert spikes(with_positions(rec, xyz_FPD)) == []


def test_what_two_neighbours_do_at_the_same_time_is_motion(take: Recording) -> None:
    """As when a racket hits a ball: markers of one arm are jolted within two frames, each by itself."""
    xyz_FPD = take.xyz_FPD.copy()
    for frame, point in ((200, 0), (201, 1), (202, 2)):
        xyz_FPD[frame, point, 0] += 0.03
    assert spikes(with_positions(take, xyz_FPD)) == []
    xyz_FPD[300, 0, 0] += 0.03
    assert [(each.points, each.start) for each in spikes(with_positions(take, xyz_FPD))] == [((0,), 300)]


@pytest.mark.parametrize(("a", "b"), [(0, 1), (0, 7)])
def test_a_swap_is_found_with_both_its_ends(take: Recording, a: int, b: int) -> None:
    xyz_FPD = take.xyz_FPD.copy()
    xyz_FPD[150:230, [a, b]] = xyz_FPD[150:230, [b, a]]
    (found,) = swaps(with_positions(take, xyz_FPD))
    assert (found.kind, found.points, found.start, found.stop) == ("swap", (a, b), 150, 230)


def test_a_swap_behind_gaps_is_found_by_the_companions(take: Recording) -> None:
    xyz_FPD = take.xyz_FPD.copy()
    xyz_FPD[150:230, [0, 7]] = xyz_FPD[150:230, [7, 0]]
    for start, stop in ((100, 150), (230, 280)):
        xyz_FPD[start:stop, [0, 7]] = np.nan
    (found,) = swaps(with_positions(take, xyz_FPD))
    assert (found.points, found.start, found.stop) == ((0, 7), 150, 230) and "keeps its distances" in found.why


def test_companions_are_those_of_the_same_body(take: Recording) -> None:
    near_PK = find_companions(take.xyz_FPD.astype(np.float64), 1.0).near_PK
    for point in range(15):
        mine = near_PK[point][near_PK[point] >= 0]
        assert len(mine) >= 3 and (mine // 5 == point // 5).all()


def test_a_point_that_continues_another_is_a_ghost(take: Recording) -> None:
    xyz_FPD = np.concatenate([take.xyz_FPD, np.full((500, 1, 3), np.nan, np.float32)], axis=1)
    xyz_FPD[210:260, 15] = xyz_FPD[210:260, 4]
    xyz_FPD[210:260, 4] = np.nan
    (found,) = ghosts(with_positions(take, xyz_FPD, (*take.points, "*1")))
    assert (found.points, found.start, found.stop) == ((4, 15), 210, 260)


def test_a_trajectory_without_a_label_does_not_continue_another_one(take: Recording) -> None:
    xyz_FPD = np.concatenate([take.xyz_FPD, np.full((500, 2, 3), np.nan, np.float32)], axis=1)
    xyz_FPD[100:260, 15] = xyz_FPD[100:260, 4] + 0.1
    xyz_FPD[260:300, 16] = xyz_FPD[260:300, 4] + 0.1
    assert ghosts(with_positions(take, xyz_FPD, (*take.points, "*1", "*2"))) == []
    assert len(ghosts(with_positions(take, xyz_FPD, (*take.points, "LFHD", "*2")))) == 1


def test_trajectories_without_a_label_are_neither_off_their_way_nor_exchanged(take: Recording) -> None:
    xyz_FPD = take.xyz_FPD.copy()
    xyz_FPD[100:130, 6] = np.nan
    xyz_FPD[112:116, 6] = take.xyz_FPD[112:116, 6] + 0.3
    xyz_FPD[300:320, 2] = xyz_FPD[300:320, 9] + 0.001
    xyz_FPD[400:450, [0, 7]] = xyz_FPD[400:450, [7, 0]]
    numbered = tuple(f"*{n}" for n in range(15))
    for points, expected in ((take.points, 3), (numbered, 0), (tuple(f"Unlabeled {n}" for n in range(15)), 0)):
        assert len(find_suspects(with_positions(take, xyz_FPD, points), ["swap", "ghost"])) == expected


def test_a_piece_that_went_with_its_neighbours_is_no_ghost() -> None:
    rec = rigid_take(bodies=1, markers=6, frames=400)
    xyz_FPD = noisy(rec)
    xyz_FPD[..., 0] += 0.3 * np.exp(-(((np.arange(400, dtype=np.float32) - 114) / 8.0) ** 2))[:, None]
    xyz_FPD[100:112, 3], xyz_FPD[116:128, 3] = np.nan, np.nan
    assert ghosts(with_positions(rec, xyz_FPD)) == []
    xyz_FPD[112:116, 3] -= 0.3
    assert [(each.points, each.start) for each in ghosts(with_positions(rec, xyz_FPD))] == [((3,), 112)]


def test_points_that_touch_slowly_are_no_ghost(take: Recording) -> None:
    xyz_FPD = take.xyz_FPD.copy()
    apart_F = np.clip(np.abs(np.arange(500) - 300) - 10, 1, 100) / 1000
    xyz_FPD[200:400, 2] = xyz_FPD[200:400, 9] + np.float32([1, 0, 0]) * apart_F[200:400, None].astype(np.float32)
    assert [each for each in ghosts(with_positions(take, xyz_FPD)) if each.points == (2, 9)] == []


def test_a_spike_at_a_gap_is_no_spike_where_neighbours_do_the_same() -> None:
    rec = rigid_take(bodies=1, markers=6, frames=400)
    xyz_FPD = noisy(rec)
    xyz_FPD[..., 0] += np.clip(np.arange(400, dtype=np.float32) - 200, 0, None)[:, None] * 0.06
    xyz_FPD[202:215, 3] = np.nan
    assert spikes(with_positions(rec, xyz_FPD)) == []
    xyz_FPD[201, 3] += 0.3
    assert [each.start for each in spikes(with_positions(rec, xyz_FPD))] == [201]


def test_bodies_that_jump_to_each_other_keep_their_labels(take: Recording) -> None:
    """Two paths go on in each other, but the other markers of the bodies say that the labels are right."""
    xyz_FPD = take.xyz_FPD.copy()
    way_D = xyz_FPD[250, 5] - xyz_FPD[250, 0]
    xyz_FPD[250:300, :5] += way_D
    xyz_FPD[250:300, 5:10] -= way_D
    assert swaps(with_positions(take, xyz_FPD)) == []


def test_a_whole_body_exchanged_up_to_the_end_is_found(take: Recording) -> None:
    """Its markers keep their distances to each other all the while."""
    xyz_FPD = take.xyz_FPD.copy()
    xyz_FPD[250:, :10] = xyz_FPD[250:, [*range(5, 10), *range(5)]]
    found = swaps(with_positions(take, xyz_FPD))
    assert {each.points for each in found} == {(point, point + 5) for point in range(5)}


def test_two_markers_at_one_place_and_a_distant_piece_are_ghosts(take: Recording) -> None:
    xyz_FPD = take.xyz_FPD.copy()
    xyz_FPD[300:320, 2] = xyz_FPD[300:320, 9] + 0.001
    xyz_FPD[100:130, 6] = np.nan
    xyz_FPD[112:116, 6] = take.xyz_FPD[112:116, 6] + 0.3
    found = ghosts(with_positions(take, xyz_FPD))
    assert {(each.points, each.start, each.stop) for each in found} == {((2, 9), 300, 320), ((6,), 112, 116)}


def test_a_constant_value_and_an_exact_line_are_frozen(take: Recording) -> None:
    xyz_FPD = take.xyz_FPD.copy()
    xyz_FPD[100:120, 5] = xyz_FPD[99, 5]
    steps = np.linspace(0, 1, 31, dtype=np.float64)[:, None]
    xyz_FPD[300:331, 8] = (xyz_FPD[300, 8] + steps * (xyz_FPD[330, 8].astype(np.float64) - xyz_FPD[300, 8])).astype(np.float32)
    found = frozen(with_positions(take, xyz_FPD))
    assert {(each.points, each.start, each.stop) for each in found} == {((5,), 99, 120), ((8,), 301, 330)}


def test_coarsely_rounded_coordinates_are_not_frozen(take: Recording) -> None:
    assert frozen(with_positions(take, np.round(take.xyz_FPD, 2))) == []


def test_in_rounded_coordinates_a_straight_line_is_no_fill(take: Recording) -> None:
    xyz_FPD = np.round(noisy(take, 0.0002), 4)
    xyz_FPD[300:310, 8] = xyz_FPD[300, 8] + np.arange(10, dtype=np.float32)[:, None] * np.float32([0.001, 0, 0.0002])
    assert frozen(with_positions(take, np.round(xyz_FPD, 4))) == []


def test_a_foot_that_stands_is_not_frozen_but_a_held_value_jumps(take: Recording) -> None:
    xyz_FPD = take.xyz_FPD.copy()
    xyz_FPD[:, 5] = xyz_FPD[100, 5]
    xyz_FPD[130:, 5, 0] += np.float32(0.0004) * np.arange(370, dtype=np.float32)
    assert frozen(with_positions(take, xyz_FPD)) == []
    xyz_FPD[130:, 5, 0] += 0.02
    assert [(each.points, each.stop) for each in frozen(with_positions(take, xyz_FPD))] == [((5,), 130)]


def test_a_hand_that_moves_alone_is_frozen_where_its_value_is_held(take: Recording) -> None:
    """As in exercises in which the rest of the body stands."""
    xyz_FPD = noisy(with_positions(take, np.repeat(take.xyz_FPD[:1], 500, axis=0)), 0.00005)
    xyz_FPD[:, 5, 2] += 0.2 * np.sin(np.arange(500, dtype=np.float32) / 40)
    assert frozen(with_positions(take, xyz_FPD)) == []
    xyz_FPD[200:220, 5] = xyz_FPD[199, 5]
    assert [(each.points, each.start, each.stop) for each in frozen(with_positions(take, xyz_FPD))] == [((5,), 199, 220)]


def test_in_rounded_coordinates_a_held_value_jumps_and_a_foot_that_is_lifted_does_not(take: Recording) -> None:
    xyz_FPD = take.xyz_FPD.copy()
    lift_F = 0.00005 * np.clip(np.arange(500) - 300, 0, 60) ** 2  # metres: steps grow from 0.05 to 6 mm
    xyz_FPD[:, 5] = noisy(with_positions(take, np.repeat(take.xyz_FPD[:1], 500, axis=0)), 0.00003)[:, 5]
    xyz_FPD[:, 5, 2] += lift_F.astype(np.float32)
    rounded_FPD = np.round(xyz_FPD, 4)
    repeats_G = (np.diff(rounded_FPD[:, 5], axis=0) == 0).all(axis=1)
    assert 0.1 < repeats_G.mean() < 0.9 and frozen(with_positions(take, rounded_FPD)) == []
    rounded_FPD[310:330, 5] = rounded_FPD[309, 5]
    assert [(each.points, each.start, each.stop) for each in frozen(with_positions(take, rounded_FPD))] == [((5,), 309, 330)]


def test_a_value_held_up_to_a_gap_is_frozen_while_the_body_moves(take: Recording) -> None:
    xyz_FPD = take.xyz_FPD.copy()
    xyz_FPD[190:250, 5] = np.nan
    xyz_FPD[200:220, 5] = take.xyz_FPD[200, 5]
    assert [(each.points, each.start, each.stop) for each in frozen(with_positions(take, xyz_FPD))] == [((5,), 200, 220)]
    standing = np.repeat(take.xyz_FPD[:1], 500, axis=0)
    standing[:, 6:] = noisy(with_positions(take, standing), 0.00005)[:, 6:]
    standing[190:250, 5] = xyz_FPD[190:250, 5]
    assert frozen(with_positions(take, standing)) == []


def test_frames_that_are_repeated_as_a_whole_are_no_held_values(take: Recording) -> None:
    assert frozen(with_positions(take, np.repeat(take.xyz_FPD[:100], 5, axis=0))) == []


def test_a_shoulder_that_is_raised_is_no_pose() -> None:
    rec = true_markers(make_motion())
    elbow, raised_F = rec.index("LELB"), np.exp(-(((np.arange(rec.frames) - 400) / 60.0) ** 2))
    xyz_FPD = rec.xyz_FPD.copy()
    xyz_FPD[:, elbow, 2] += (0.2 * raised_F).astype(np.float32)
    assert poses(with_positions(rec, xyz_FPD)) == []


def test_the_worst_is_listed_first(take: Recording) -> None:
    xyz_FPD = take.xyz_FPD.copy()
    xyz_FPD[100, 3] += 0.02
    xyz_FPD[300, 3] += 0.2
    assert [each.start for each in find_suspects(with_positions(take, xyz_FPD))] == [300, 100]


def test_a_bone_of_another_length_is_a_pose() -> None:
    rec = true_markers(make_motion())
    xyz_FPD = rec.xyz_FPD.copy()
    elbow = rec.index("LELB")
    xyz_FPD[300:340, elbow] += np.float32([0, 0, 0.2])
    before, after = poses(rec), poses(with_positions(rec, xyz_FPD))
    assert before == []
    assert any(elbow in each.points and each.start == 300 and each.stop == 340 for each in after)


def test_a_bone_that_is_longer_because_of_a_held_marker_is_not_named_again() -> None:
    rec = true_markers(make_motion())
    xyz_FPD, shoulder = rec.xyz_FPD.copy(), rec.index("LSHO")
    xyz_FPD[300:340, shoulder] = xyz_FPD[0, shoulder] + np.float32([0.3, 0, 0])
    assert {each.kind for each in find_suspects(with_positions(rec, xyz_FPD), ["frozen", "pose"])} == {"frozen"}


def test_a_long_fault_is_named_although_its_ends_are_spikes() -> None:
    rec = true_markers(make_motion())
    xyz_FPD, shoulder = rec.xyz_FPD.copy(), rec.index("LSHO")
    xyz_FPD[300:400, shoulder] += np.float32([0, 0, 0.36])
    found = find_suspects(with_positions(rec, xyz_FPD), ["spike", "pose"])
    assert any(each.kind == "pose" and shoulder in each.points and (each.start, each.stop) == (300, 400) for each in found)


def test_marked_samples_are_not_suspect(take: Recording) -> None:
    xyz_FPD = take.xyz_FPD.copy()
    xyz_FPD[200, 3] += 0.05
    rec = with_positions(take, xyz_FPD)
    (found,) = find_suspects(rec)
    marked, _ = mark(rec, region(rec, list(found.points), found.start, found.stop)).apply(rec)
    assert find_suspects(marked) == []


def test_fills_are_not_suspect(take: Recording) -> None:
    xyz_FPD = take.xyz_FPD.copy()
    xyz_FPD[100:160, 3] = np.nan
    filled = mpm.complete(with_positions(take, xyz_FPD), method="linear")
    assert filled.visible_FP.all() and find_suspects(filled) == []


def test_nothing_is_changed(take: Recording) -> None:
    before = take.xyz_FPD.tobytes(), take.origin_FP.tobytes()
    find_suspects(take)
    assert (take.xyz_FPD.tobytes(), take.origin_FP.tobytes()) == before


def test_rigs_have_no_swaps_or_ghosts() -> None:
    rec = person_rig(frames=60)
    assert find_suspects(rec, ["swap", "ghost", "pose"]) == []


def test_pixels_are_scaled_by_the_body() -> None:
    xyz_FPD = smooth_take(frames=200, points=8).xyz_FPD[..., :2] * 300 + 500
    rec = make_recording(tuple(f"K{n}" for n in range(8)), 30.0, xyz_FPD)
    assert evidence.metre_length(evidence.measured(rec)) == pytest.approx(float(np.ptp(xyz_FPD[..., 1], axis=1).mean()) / 1.7, rel=0.2)
    xyz_FPD[100, 2] += 150
    found = spikes(make_recording(rec.points, 30.0, xyz_FPD))
    assert [(each.points, each.start) for each in found] == [((2,), 100)] and found[0].why.endswith("px, for 1 frame")


def test_distances_in_pictures_are_said_in_pixels() -> None:
    xyz_FPD = smooth_take(frames=200, points=8).xyz_FPD[..., :2] * 300 + 500
    xyz_FPD[60:68, 5] = xyz_FPD[60:68, 1] + (0.25, 0)
    found = find_suspects(make_recording(tuple(f"K{n}" for n in range(8)), 30.0, xyz_FPD), ["ghost"])
    assert [each.why for each in found if {1, 5} <= set(each.points)] == ["K1 and K5 are in one place (0.2 px apart)"]
    assert not any(" mm" in each.why for each in find_suspects(make_recording(tuple(f"K{n}" for n in range(8)), 30.0, xyz_FPD)))


@pytest.mark.parametrize("frames", [0, 1, 2, 3, 6])
def test_short_and_empty_takes_do_not_raise(frames: int) -> None:
    assert find_suspects(make_recording(("A", "B"), 100.0, np.zeros((frames, 2, 3)))) == []
    assert find_suspects(make_recording(("A", "B"), 100.0, np.full((frames, 2, 3), np.nan))) == []
    assert find_suspects(make_recording((), 100.0, np.zeros((frames, 0, 3)))) == []


def test_unknown_kinds_and_cancelling_raise(take: Recording) -> None:
    with pytest.raises(DataError, match="kind of suspect"):
        find_suspects(take, ["spook"])
    with pytest.raises(Cancelled):
        find_suspects(take, tuple(KINDS), cancel=lambda: True)


def test_real_distances_that_change_slowly_are_no_swap(samples_dir: Path) -> None:
    """A body that bends towards another object: labels would be exchanged from one frame to the next."""
    assert swaps(mpm.read(samples_dir / "c3d" / "biomechzoo" / "Left handed shooter stick and puck top right001.c3d")) == []


def test_real_spikes_of_a_tennis_serve_are_found(samples_dir: Path) -> None:
    rec = mpm.read(samples_dir / "3d" / "kineticstoolkit" / "kinematics_tennis_serve.csv")
    found = {(rec.points[each.points[0]], each.start) for each in spikes(rec)}
    assert ("RELB", 190) in found and ("LWRA", 400) in found


@pytest.mark.slow
def test_a_joint_far_from_the_model_is_a_pose() -> None:
    from mpm_core.model.checkpoint import choose_model
    from mpm_core.suspect.poses import model_poses

    whole = true_markers(make_motion())
    xyz_FPD = whole.xyz_FPD[:110].copy()
    wrist = [whole.index(name) for name in ("LWRA", "LWRB")]
    xyz_FPD[40:65, wrist] += np.float32([0.0, 0.25, 0.1])
    worst = max(model_poses(with_positions(whole, xyz_FPD), choose_model("complete", None, "cpu")), key=lambda each: each.score)
    assert set(worst.points) == set(wrist) and worst.start < 75 and worst.stop > 30
