"""What is drawn beside the body: halos, contacts, sticks, hands and feet, the colours of several subjects."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import mpm_core as mpm
from mpm_core.recording import Origin, Recording, make_recording
from mpm_core.spans import Span
from mpm_studio import palette
from mpm_studio.render.contacts import RING_M, contact_instances
from mpm_studio.render.halos import halo_instances
from mpm_studio.render.layers import Layers, beside_body
from mpm_studio.render.limb_ends import FOOT, LIMB, PALM, TOES
from mpm_studio.render.lines import stick_instances
from mpm_studio.render.scene import build_scene, frame_instances
from mpm_studio.render.sticks import EACH, rigid_sticks
from tests.makers import person_bvh, smooth_take, standing


def test_a_halo_is_as_large_as_sigma_and_only_where_there_is_one() -> None:
    rec = standing()
    wrist, knee = rec.index("left_wrist"), rec.index("left_knee")
    origin_FP, sigma_FP = rec.origin_FP.copy(), rec.sigma_FP.copy()
    origin_FP[1, [wrist, knee]], sigma_FP[1, wrist] = Origin.PREDICTED, 0.07
    rec = replace(rec, origin_FP=origin_FP, sigma_FP=sigma_FP)
    spheres = halo_instances(build_scene(rec), rec, 1).spheres_N8
    assert len(spheres) == 1 and spheres[0, 3] == pytest.approx(0.07)
    assert np.allclose(spheres[0, :3], rec.xyz_FPD[1, wrist])
    assert np.allclose(spheres[0, 4:7], palette.rgb(palette.ORIGIN[Origin.PREDICTED]))
    assert not len(halo_instances(build_scene(rec), rec, 0).spheres_N8)


def test_where_most_points_are_uncertain_only_selected_ones_have_a_halo() -> None:
    rec = standing()
    rec = replace(rec, origin_FP=np.full_like(rec.origin_FP, Origin.PREDICTED), sigma_FP=np.full_like(rec.sigma_FP, 0.05))
    assert not len(halo_instances(build_scene(rec), rec, 0).spheres_N8)
    assert len(halo_instances(build_scene(rec), rec, 0, (3, 5)).spheres_N8) == 2


def test_a_contact_is_a_ring_on_the_floor_below_its_point_while_it_lasts() -> None:
    rec = standing(6)
    spans = (Span("contact", 2, 4, ("left_ankle",), "model"), Span("reach", 0, 6, ("left_wrist",)))
    rec = replace(rec, spans=spans)
    scene = build_scene(rec)
    ring = contact_instances(scene, rec, 3).capsules_N16
    ankle_3 = rec.xyz_FPD[3, rec.index("left_ankle")]
    assert len(ring) and np.allclose(ring[:, 2], scene.floor.height)
    assert np.allclose(np.linalg.norm(ring[:, :2] - ankle_3[:2], axis=1), RING_M * scene.scale, atol=1e-4)
    assert not len(contact_instances(scene, rec, 4).capsules_N16) and not len(contact_instances(scene, rec, 1).capsules_N16)


def two_rigid_groups(frames: int = 90) -> Recording:
    """Two groups of four markers, each rigid, that move apart from each other; unknown labels."""
    rng = np.random.default_rng(3)
    shape_P3 = rng.normal(0, 0.08, (8, 3))
    way_FP3 = np.repeat(smooth_take(frames, 2, seed=4).xyz_FPD, 4, axis=1)
    return make_recording(tuple("abcdefgh"), 60.0, way_FP3 + shape_P3)


def test_sticks_join_what_is_rigid_and_nothing_else() -> None:
    rec = two_rigid_groups()
    sticks_S2 = rigid_sticks(rec, range(8))
    assert len(sticks_S2) >= 4 and (sticks_S2[:, 0] < sticks_S2[:, 1]).all()
    assert ((sticks_S2 < 4).all(axis=1) | (sticks_S2 >= 4).all(axis=1)).all(), "no stick between the groups"
    assert set(sticks_S2.ravel().tolist()) == set(range(8))
    assert len(sticks_S2) <= EACH * 8
    assert (build_scene(rec).sticks_S2 == sticks_S2).all()
    assert not len(build_scene(standing()).sticks_S2), "a body has bones instead"


def test_sticks_stop_at_missing_points_and_joined_ones_are_always_drawn() -> None:
    rec = two_rigid_groups()
    xyz_FPD = rec.xyz_FPD.copy()
    xyz_FPD[5, 0] = np.nan
    gap = make_recording(rec.points, 60.0, xyz_FPD)
    scene, pair_12 = build_scene(gap), np.array([[0, 7]])
    assert len(stick_instances(scene, gap, pair_12, 4).capsules_N16) == 1
    assert not len(stick_instances(scene, gap, pair_12, 5).capsules_N16)
    without = beside_body(Layers(sticks=False, joined_S2=pair_12), scene, gap, 4, ())
    assert len(without.capsules_N16) == 1 < len(beside_body(Layers(joined_S2=pair_12), scene, gap, 4, ()).capsules_N16)


def test_hands_and_feet_of_a_hierarchy_are_thicker_than_its_fingers(tmp_path: Path) -> None:
    path = tmp_path / "person.bvh"
    path.write_bytes(person_bvh())
    rec = mpm.read(path)
    scene = build_scene(rec)
    pairs = [(rec.points[a], rec.points[b]) for a, b in scene.bones.pairs_B2.tolist()]
    kind, thick = (dict(zip(pairs, values.tolist(), strict=True)) for values in (scene.bones.part_B, scene.radius_B2[:, 0]))
    assert kind["LeftFoot", "LeftToe"] == FOOT and kind["RightToe", "RightToe_end"] == TOES
    assert kind["RightHand", "RightFinger"] == kind["RightHand", "RightThumb"] == PALM
    assert kind["LeftLeg", "LeftFoot"] == kind["LeftHand", "LeftFinger"] - PALM == kind["LeftFinger", "LeftFinger_end"] == LIMB
    assert thick["LeftFoot", "LeftToe"] > thick["LeftHand", "LeftFinger"] > thick["LeftFinger", "LeftFinger_end"]


def test_the_feet_of_markers_reach_from_heel_to_toe(samples_dir: Path) -> None:
    rec = mpm.read(samples_dir / "c3d" / "cmu" / "02_01.c3d")
    scene = build_scene(rec)
    pairs = {tuple(pair): kind for pair, kind in zip(scene.bones.pairs_B2.tolist(), scene.bones.part_B.tolist(), strict=True)}
    row = {name.rpartition(":")[2]: place for place, name in enumerate(rec.points)}
    assert pairs[row["LHEE"], row["LTOE"]] == FOOT == pairs[row["RHEE"], row["RTOE"]]
    assert sum(kind == PALM for kind in pairs.values()) == 2


def test_every_subject_but_the_first_has_colours_of_its_own() -> None:
    one, other = standing(), standing(shift=(1.5, 0, 0))
    names = tuple(f"{who}:{name}" for who in ("A", "B") for name in one.points)
    subjects = (mpm.Subject("A", names[:17]), mpm.Subject("B", names[17:]))
    rec = make_recording(names, 30.0, np.concatenate([one.xyz_FPD, other.xyz_FPD], axis=1), subjects=subjects)
    scene = build_scene(rec)
    assert scene.subjects == (("A", tuple(range(17))), ("B", tuple(range(17, 34))))
    colour_PX = frame_instances(scene, rec, 0).spheres_N8[:, 4:7]
    assert np.allclose(colour_PX[:17], frame_instances(build_scene(one), one, 0).spheres_N8[:, 4:7])
    assert (np.abs(colour_PX[17:] - colour_PX[:17]).max(axis=1) > 0.05).all()
    left, right = (rec.index(f"B:{side}_knee") for side in ("left", "right"))
    assert np.abs(colour_PX[left] - colour_PX[right]).max() > 0.1, "its sides are still told apart"
