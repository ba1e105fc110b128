"""Positions to rotations of a rig: the true motion is recovered, the rest is unchanged, bones keep their length."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.spatial.transform import Rotation

from mpm_core.edit.patch import patch_where
from mpm_core.errors import DataError
from mpm_core.io.bvh import bvh
from mpm_core.recording import Origin, Recording
from mpm_core.rig import Rig
from mpm_core.rigs.constraints import expand_marks
from mpm_core.rigs.fit_rotations import fit_rotations
from mpm_core.rigs.kinematics import forward_kinematics, world_joint_positions
from mpm_core.rigs.solve import apply_targets, solve, solved_FP, values_now
from mpm_core.typing import Float, Mask
from tests.makers import person_bvh

LEFT_ARM = ("LeftForeArm", "LeftHand")
GAP = slice(15, 40)


@pytest.fixture(scope="module")
def take(tmp_path_factory: pytest.TempPathFactory) -> Recording:
    path = tmp_path_factory.mktemp("rig") / "person.bvh"
    path.write_bytes(person_bvh())
    return bvh.read(path)


def rig_of(rec: Recording) -> Rig:
    assert rec.rig is not None
    return rec.rig


def truth(rec: Recording) -> Float:
    return world_joint_positions(rig_of(rec), rec.source.file_to_world_33)


def positions(rec: Recording, values_FC: Float) -> Float:
    return world_joint_positions(replace(rig_of(rec), values_FC=values_FC), rec.source.file_to_world_33)


def marked(rec: Recording, names: tuple[str, ...], frames: slice = GAP) -> Mask:
    where_FP = np.zeros(rec.origin_FP.shape, bool)
    where_FP[frames, [rec.index(name) for name in names]] = True
    return expand_marks(rig_of(rec), where_FP)


def with_garbage(rec: Recording, names: tuple[str, ...], frames: slice = GAP) -> Recording:
    """The same take with wrong rotations of the named joints in the gap."""
    rig = rig_of(rec)
    values_FC = rig.values_FC.copy()
    for name in names:
        values_FC[frames, rig.columns(rec.index(name))] = 77.0
    return replace(rec, rig=replace(rig, values_FC=values_FC))


def filled(rec: Recording, xyz_FPD: Float, where_FP: Mask) -> Recording:
    return patch_where(rec, "fill", where_FP, xyz_FPD=xyz_FPD, origin=Origin.PREDICTED).apply(rec)[0]


def bone_lengths_FJ(rec: Recording, xyz_FPD: Float) -> Float:
    parents = np.array(rig_of(rec).parents)
    return np.linalg.norm(xyz_FPD[:, parents >= 0] - xyz_FPD[:, parents[parents >= 0]], axis=2)


@pytest.mark.parametrize(
    "names", [LEFT_ARM, ("LeftForeArm",), ("RightLeg", "RightFoot"), ("Hips",), ("LeftUpLeg", "LeftLeg"), ("Spine", "Chest")]
)
@pytest.mark.parametrize("frames", [GAP, slice(0, 20), slice(30, 60), slice(0, 60)])
def test_true_positions_give_the_true_motion(take: Recording, names: tuple[str, ...], frames: slice) -> None:
    where_FP = marked(take, names, frames)
    targets_FPD = np.where(where_FP[..., None], truth(take), 1e6)  # what stands outside the marks must not matter
    xyz_FPD, moved_F = apply_targets(take, targets_FPD, where_FP), where_FP.any(axis=1)
    assert np.abs(xyz_FPD - truth(take))[moved_F].max() < 1e-7
    assert_array_equal(xyz_FPD[~moved_F], take.xyz_FPD[~moved_F])


def test_rotations_in_the_gap_are_not_used(take: Recording) -> None:
    broken = with_garbage(take, ("LeftArm", "LeftForeArm", "LeftHand"))
    xyz_FPD = apply_targets(broken, truth(take), marked(take, LEFT_ARM))
    assert np.abs(xyz_FPD - truth(take)).max() < 1e-4


def test_the_whole_body_is_solved_from_its_positions(take: Recording) -> None:
    where_FP = np.zeros(take.origin_FP.shape, bool)
    where_FP[GAP] = True
    broken = with_garbage(take, tuple(name for name in take.points if not name.endswith("_end")))
    assert np.abs(apply_targets(broken, truth(take), where_FP) - truth(take)).max() < 1e-4


def test_twist_of_constant_rate_is_recovered(take: Recording) -> None:
    """The positions of an arm do not determine the upper arm's twist: it is interpolated, and here its true rate is constant."""
    rig, F = rig_of(take), take.frames
    values_FC = np.tile(rig.values_FC[:1], (F, 1))
    columns = rig.columns(take.index("LeftArm"))
    order = "".join(name[0] for name in rig.channels[take.index("LeftArm")])
    start = Rotation.from_euler(order, [10, 20, -30], degrees=True)
    along = rig.offsets_J3[take.index("LeftForeArm")] / np.linalg.norm(rig.offsets_J3[take.index("LeftForeArm")])
    twists = Rotation.from_rotvec(np.linspace(0, 1.5, F)[:, None] * along)
    values_FC[:, columns] = (start * twists).as_euler(order, degrees=True)
    rec = replace(take, rig=replace(rig, values_FC=values_FC))
    where_FP = marked(take, ("LeftForeArm",))
    found_FC = solve(rig_of(rec), rec.source.file_to_world_33, truth(rec), where_FP)
    assert_allclose(found_FC, values_FC, atol=1e-6)
    garbled = with_garbage(rec, ("LeftArm",))
    arm_marked = marked(take, LEFT_ARM)
    found_FC = solve(rig_of(garbled), rec.source.file_to_world_33, truth(rec), arm_marked)
    assert_allclose(found_FC[:, columns], values_FC[:, columns], atol=1e-6)


def test_unaffected_channels_are_unchanged(take: Recording) -> None:
    rig = rig_of(take)
    where_FP = marked(take, LEFT_ARM)
    targets_FPD = truth(take) + 0.05
    found_FC = solve(rig, take.source.file_to_world_33, targets_FPD, where_FP)
    mine = np.zeros(found_FC.shape, bool)
    for name in ("LeftArm", "LeftForeArm", "LeftHand", "LeftThumb", "LeftFinger"):
        mine[GAP, rig.columns(take.index(name))] = True
    assert_array_equal(found_FC[~mine], rig.values_FC[~mine])
    assert (found_FC[mine] != rig.values_FC[mine]).mean() > 0.5


@pytest.mark.parametrize(
    "names", [LEFT_ARM, ("LeftForeArm",), ("LeftUpLeg", "LeftLeg"), ("Neck", "LeftArm", "RightLeg"), ("Hips", "Spine", "Chest")]
)
def test_wrong_positions_keep_bone_lengths_and_measured_joints(take: Recording, names: tuple[str, ...]) -> None:
    where_FP = marked(take, names)
    targets_FPD = truth(take) + np.random.default_rng(3).normal(0, 0.04, (1, len(take.points), 3))
    xyz_FPD = apply_targets(take, targets_FPD, where_FP)
    assert_allclose(bone_lengths_FJ(take, xyz_FPD)[GAP], bone_lengths_FJ(take, truth(take))[GAP], atol=1e-9)
    assert np.abs(xyz_FPD - truth(take))[~where_FP].max() < 1e-6


def test_joints_below_a_middle_joint_keep_their_orientation(take: Recording) -> None:
    where_FP = marked(take, ("LeftForeArm",))
    assert where_FP.sum() == GAP.stop - GAP.start  # the elbow alone
    targets_FPD = truth(take) + np.array([0.0, 0.03, -0.05])
    found_FC = solve(rig_of(take), take.source.file_to_world_33, targets_FPD, where_FP)
    below = [take.index(name) for name in ("LeftHand", "LeftThumb", "LeftFinger", "LeftFinger_end")]
    before, after = forward_kinematics(rig_of(take)), forward_kinematics(replace(rig_of(take), values_FC=found_FC))
    assert_allclose(after[0][:, below], before[0][:, below], atol=1e-9)
    assert_allclose(after[1][:, below], before[1][:, below], atol=1e-6)
    elbow = take.index("LeftForeArm")
    moved_F = np.linalg.norm(after[1][:, elbow] - before[1][:, elbow], axis=1)
    assert (moved_F[GAP] > 0.3).all() and moved_F[: GAP.start].max() == 0  # centimetres, on its circle
    far_F = [
        np.linalg.norm(positions(take, values)[GAP, elbow] - targets_FPD[GAP, elbow], axis=1)
        for values in (found_FC, rig_of(take).values_FC)
    ]
    assert (far_F[0] < far_F[1]).all()


def test_joints_without_a_target_follow_their_parents_frame(take: Recording) -> None:
    """Fingers of a marked arm: their local rotations are interpolated over the gap while the wrist moves to its target."""
    where_FP = marked(take, LEFT_ARM)
    targets_FPD = truth(take)
    targets_FPD[:, [i for i, name in enumerate(take.points) if "Thumb" in name or "Finger" in name]] = np.nan
    xyz_FPD = apply_targets(take, targets_FPD, where_FP)
    expanded = [take.index(name) for name in LEFT_ARM]
    assert np.abs(xyz_FPD - truth(take))[:, expanded].max() < 1e-4
    found_FC = solve(rig_of(take), take.source.file_to_world_33, xyz_FPD, where_FP)
    columns = rig_of(take).columns(take.index("LeftHand"))
    order = "".join(name[0] for name in rig_of(take).channels[take.index("LeftHand")])
    turns = Rotation.from_euler(order, found_FC[GAP.start - 1 : GAP.stop + 1, columns], degrees=True)
    steps = (turns[:-1].inv() * turns[1:]).magnitude()
    assert_allclose(steps, steps.mean(), atol=1e-5)


def test_a_spine_without_targets_is_a_chain_between_targets(take: Recording) -> None:
    where_FP = np.zeros(take.origin_FP.shape, bool)
    where_FP[GAP] = True
    loose = [take.index(name) for name in ("Spine", "LeftShoulder", "RightShoulder", "LeftThumb", "LeftFinger", "Head_end")]
    targets_FPD = truth(take)
    targets_FPD[:, loose] = np.nan
    xyz_FPD = apply_targets(take, targets_FPD, where_FP)
    error_P = np.linalg.norm(xyz_FPD - truth(take), axis=2).max(axis=0)
    assert error_P[[take.index(name) for name in ("Chest", "Neck", "LeftArm", "LeftHand", "LeftFoot")]].max() < 0.02
    assert error_P[loose].max() < 0.06
    assert_allclose(bone_lengths_FJ(take, xyz_FPD)[GAP], bone_lengths_FJ(take, truth(take))[GAP], atol=1e-9)


@pytest.mark.parametrize("names", [LEFT_ARM, ("LeftForeArm",), ("Hips",), ("LeftUpLeg", "LeftLeg"), ("Chest", "Head", "RightHand"), ()])
def test_solving_the_result_again_gives_the_same_rotations(take: Recording, names: tuple[str, ...]) -> None:
    where_FP = marked(take, names or take.points)
    targets_FPD = truth(take) + np.random.default_rng(4).normal(0, 0.03, (1, len(take.points), 3))
    targets_FPD[:, take.index("Spine")] = np.nan
    xyz_FPD = apply_targets(take, targets_FPD, where_FP)
    rec = filled(take, xyz_FPD, where_FP)  # float32 from here on, as a writer gets it
    once_FC = solve(rig_of(take), take.source.file_to_world_33, xyz_FPD, where_FP)
    again_FC = solve(rig_of(rec), rec.source.file_to_world_33, rec.xyz_FPD.astype(np.float64), solved_FP(rec))
    assert np.abs(again_FC - once_FC).max() < 2e-3
    assert np.abs(positions(rec, again_FC) - xyz_FPD).max() < 1e-5


def test_a_second_fill_keeps_the_first(take: Recording) -> None:
    first_FP, second_FP = marked(take, ("RightHand",)), marked(take, ("LeftHand",), slice(5, 50))
    first = filled(take, apply_targets(take, truth(take) + 0.02, first_FP), first_FP)
    xyz_FPD = apply_targets(first, truth(take) - 0.02, second_FP)
    assert np.abs(xyz_FPD - first.xyz_FPD)[~second_FP].max() < 1e-5
    assert np.abs(xyz_FPD - truth(take))[second_FP].max() > 0.005


def test_angles_have_no_full_turns(take: Recording) -> None:
    where_FP = marked(take, LEFT_ARM)
    found_FC = solve(rig_of(take), take.source.file_to_world_33, truth(take) + 0.03, where_FP)
    assert np.abs(np.diff(found_FC, axis=0)).max() < 90


def test_a_root_moves_to_its_target(take: Recording) -> None:
    where_FP = np.zeros(take.origin_FP.shape, bool)
    where_FP[GAP] = True
    shift = np.array([0.3, -0.2, 0.1])
    xyz_FPD = apply_targets(take, truth(take) + shift, where_FP)
    assert_allclose(xyz_FPD[GAP] - truth(take)[GAP], np.broadcast_to(shift, xyz_FPD[GAP].shape), atol=1e-7)


def test_marks_extend_over_end_segments_and_stop_at_middle_joints(take: Recording) -> None:
    def with_(name: str) -> set[str]:
        return {take.points[p] for p in np.flatnonzero(marked(take, (name,))[GAP.start])}

    hand = {"LeftHand", "LeftThumb", "LeftThumb_end", "LeftFinger", "LeftFinger_end"}
    assert with_("LeftHand") == hand
    assert with_("LeftForeArm") == {"LeftForeArm"}
    assert with_("RightLeg") == {"RightLeg"}
    assert with_("RightFoot") == {"RightFoot", "RightToe", "RightToe_end"}
    assert with_("Head") == {"Head", "Head_end"}
    assert with_("Hips") == {"Hips"}


def test_marks_extend_to_joints_at_the_same_position(take: Recording) -> None:
    rig = rig_of(take)
    offsets_J3 = rig.offsets_J3.copy()
    offsets_J3[take.index("Spine")] = 0
    where_FP = np.zeros(take.origin_FP.shape, bool)
    where_FP[3, take.index("Spine")] = True
    expanded = expand_marks(replace(rig, offsets_J3=offsets_J3), where_FP)
    assert set(np.flatnonzero(expanded[3])) == {take.index("Hips"), take.index("Spine")}
    assert expanded.sum() == 2


def test_a_fit_is_the_smallest_swing_or_the_least_squares() -> None:
    rng = np.random.default_rng(5)
    ref, true = Rotation.random(40, random_state=1).as_matrix(), Rotation.random(40, random_state=2).as_matrix()
    rest_NK3 = rng.normal(size=(40, 3, 3))
    aim_NK3 = np.einsum("nij,nkj->nki", true, rest_NK3)
    assert_allclose(fit_rotations(ref, rest_NK3, aim_NK3, np.ones((40, 3)), np.zeros((40, 3), int), (0.01,)), true, atol=1e-10)
    one = fit_rotations(ref, rest_NK3[:, :1], aim_NK3[:, :1], np.ones((40, 1)), np.zeros((40, 1), int), (0.01,))
    assert_allclose(np.einsum("nij,nj->ni", one, rest_NK3[:, 0]), aim_NK3[:, 0], atol=1e-9)
    start = np.einsum("nij,nj->ni", ref, rest_NK3[:, 0])
    needed = np.arccos((start * aim_NK3[:, 0]).sum(1) / np.linalg.norm(start, axis=1) ** 2)
    assert_allclose(Rotation.from_matrix(one @ ref.swapaxes(1, 2)).magnitude(), needed, atol=1e-7)
    first = np.zeros((1, 1), int)
    half = fit_rotations(np.eye(3)[None], np.array([[[1.0, 0, 0]]]), np.array([[[-2.0, 0, 0]]]), np.ones((1, 1)), first, (0.01,))
    assert_allclose(half[0] @ [1, 0, 0], [-1, 0, 0], atol=1e-12)
    assert np.linalg.det(half[0]) == pytest.approx(1)


def test_a_later_rank_determines_only_the_remaining_twist() -> None:
    rng = np.random.default_rng(6)
    ref, true = Rotation.random(30, random_state=3).as_matrix(), Rotation.random(30, random_state=4).as_matrix()
    rest_NK3 = rng.normal(size=(30, 3, 3))
    rest_NK3[:, 1] = -1.5 * rest_NK3[:, 0]  # two collinear ones, with exact targets; the target of the third is wrong
    aim_NK3 = np.einsum("nij,nkj->nki", true, rest_NK3)
    ranks_NK = np.tile([0, 0, 1], (30, 1))
    assert_allclose(fit_rotations(ref, rest_NK3, aim_NK3, np.ones((30, 3)), ranks_NK, (1e-6, 0.01)), true, atol=1e-9)
    aim_NK3[:, 2] += rng.normal(0, 0.5, (30, 3))
    found = fit_rotations(ref, rest_NK3, aim_NK3, np.array([[1.0, 1.0, 50.0]] * 30), ranks_NK, (1e-6, 0.01))
    there_NK3 = np.einsum("nij,nkj->nki", found, rest_NK3)
    assert_allclose(there_NK3[:, :2], aim_NK3[:, :2], atol=1e-9)
    away_N = np.linalg.norm(there_NK3[:, 2] - aim_NK3[:, 2], axis=1)
    axis_N3 = aim_NK3[:, 0] / np.linalg.norm(aim_NK3[:, 0], axis=1, keepdims=True)
    for turned in (0.01, -0.01):
        other_N3 = np.einsum("nij,nj->ni", Rotation.from_rotvec(turned * axis_N3).as_matrix(), there_NK3[:, 2])
        assert (np.linalg.norm(other_N3 - aim_NK3[:, 2], axis=1) > away_N).all()


def test_shapes_that_disagree_raise(take: Recording) -> None:
    with pytest.raises(DataError, match="frames"):
        solve(rig_of(take), np.eye(3), np.zeros((5, 2, 3)), np.zeros((5, 2), bool))
    with pytest.raises(DataError, match="no skeleton"):
        apply_targets(replace(take, rig=None), truth(take), marked(take, LEFT_ARM))


@pytest.mark.parametrize("clip", ["cmu_bvh/006/06_02.bvh", "cmu_bvh/012/12_01.bvh", "cmu_daz/013/13_18.bvh"])
@pytest.mark.parametrize("side", ["left", "right"])
def test_real_rigs_with_joints_in_one_place(data_dir: Path, clip: str, side: str) -> None:
    """An arm of a real take, with bones of no length and girdles of many joints: the true motion is recovered, and nothing else moves."""
    if not (data_dir / clip).is_file():
        pytest.skip(f"{clip} is not among the data")
    rec = bvh.read(data_dir / clip)
    arm = [
        i for i, name in enumerate(rec.points) if name.lower() in (f"{side}forearm", f"{side}hand", f"{side[0]}forearm", f"{side[0]}hand")
    ]
    assert len(arm) == 2
    where_FP = np.zeros(rec.origin_FP.shape, bool)
    where_FP[100:160, arm] = True
    where_FP = expand_marks(rig_of(rec), where_FP)
    xyz_FPD = apply_targets(rec, truth(rec), where_FP)
    assert np.abs(xyz_FPD - truth(rec)).max() < 1e-4


@pytest.mark.parametrize("one", ["LeftForeArm", "LeftHand"])
def test_marked_joints_beside_a_filled_one_are_no_targets(take: Recording, one: str) -> None:
    """One joint of a marked arm, filled on its own, is where it is when the marked rotations were others, and its path has no steps."""
    arm_FP, one_FP = marked(take, LEFT_ARM), np.zeros(take.origin_FP.shape, bool)
    one_FP[GAP, take.index(one)] = True
    noise = np.random.default_rng(5)
    found = []
    for _ in range(2):
        values_FC = rig_of(take).values_FC.copy()
        for name in ("LeftArm", "LeftForeArm"):
            columns = rig_of(take).columns(take.index(name))
            values_FC[GAP, columns] += noise.normal(0, 30, values_FC[GAP, columns].shape)
        broken = replace(take, rig=replace(rig_of(take), values_FC=values_FC))
        samples = broken.samples.having(
            xyz=truth(broken).astype(np.float32), origin=np.where(arm_FP, np.uint8(Origin.MARKED), take.origin_FP)
        )
        broken = broken.with_samples(samples)
        found.append(apply_targets(broken, truth(take), one_FP)[:, take.index(one)])
    assert_allclose(found[0], found[1], atol=1e-9)
    step_F, true_F = (np.linalg.norm(np.diff(xyz_F3, axis=0), axis=1) for xyz_F3 in (found[0], truth(take)[:, take.index(one)]))
    assert step_F.max() < 2 * true_F.max()


def test_marked_joints_that_no_bone_joins_to_a_filled_one_keep_their_rotations(take: Recording) -> None:
    """The rotations of a take with a filled elbow and a marked leg, beside a measured hand, are the file's but in the arm."""
    elbow_FP, leg_FP = marked(take, ("LeftForeArm",)), marked(take, ("RightLeg", "RightFoot"))
    rec = filled(take, truth(take) + 0.02, elbow_FP)
    rec = rec.with_samples(rec.samples.having(origin=np.where(leg_FP, np.uint8(Origin.MARKED), rec.origin_FP)))
    changed_C = (values_now(rec) != rig_of(take).values_FC).any(axis=0)
    arm = [rig_of(take).columns(take.index(name)) for name in ("LeftArm", "LeftForeArm", "LeftHand")]
    assert changed_C[np.r_[tuple(arm)]].any()
    changed_C[np.r_[tuple(arm)]] = False
    assert not changed_C.any()
