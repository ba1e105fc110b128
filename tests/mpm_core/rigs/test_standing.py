"""A root that stands still while the pelvis below it carries the body, as in skeletons of games."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_allclose

from mpm_core.complete import CompleteOptions, complete_patch
from mpm_core.edit.mark import mark, region
from mpm_core.io.bvh import bvh
from mpm_core.recording import Origin, Recording, make_recording
from mpm_core.rig import Rig
from mpm_core.rigs.kinematics import world_joint_positions
from mpm_core.rigs.solve import apply_targets, values_now
from mpm_core.rigs.standing import standing
from tests.makers import person_bvh

START, STOP = 15, 40
BODY = ("root", "Hips", "Spine", "Chest", "LeftUpLeg", "RightUpLeg")
SIX = ("Xposition", "Yposition", "Zposition", "Zrotation", "Xrotation", "Yrotation")


@pytest.fixture(scope="module")
def take(tmp_path_factory: pytest.TempPathFactory) -> Recording:
    """The person below a root of the same place and rotation in every frame."""
    path = tmp_path_factory.mktemp("rig") / "person.bvh"
    path.write_bytes(person_bvh(frames=80))
    rec = bvh.read(path)
    rig = rec.rig
    assert rig is not None
    still_F6 = np.tile([3.0, 0, 4, 20, 0, 0], (rec.frames, 1))
    rig = Rig(
        ("root", *rig.names),
        (-1, *(parent + 1 for parent in rig.parents)),
        np.concatenate([np.zeros((1, 3)), rig.offsets_J3]),
        (SIX, *rig.channels),
        np.concatenate([still_F6, rig.values_FC], axis=1),
        np.concatenate([[False], rig.is_end_J]),
    )
    xyz_FP3 = world_joint_positions(rig, rec.source.file_to_world_33)
    return make_recording(rig.names, rec.rate_hz, xyz_FP3, rig=rig, source=rec.source)


def marked(take: Recording) -> Recording:
    """The body above its knees marked."""
    return mark(take, region(take, [take.index(name) for name in BODY], START, STOP)).apply(take)[0]


def test_a_root_that_stands_still_does_so_in_a_fill_and_in_the_file(take: Recording) -> None:
    rec = marked(take)
    filled = complete_patch(rec, CompleteOptions("pchip")).patch.apply(rec)[0]
    assert (filled.origin_FP[START:STOP, 0] == Origin.FILLED).all()
    assert_allclose(filled.xyz_FPD[:, 0], take.xyz_FPD[:, 0], atol=1e-5)
    values_FC = values_now(filled)
    assert_allclose(values_FC[START:STOP, :3], np.tile([3.0, 0, 4], (STOP - START, 1)), atol=1e-6)
    assert filled.rig is not None
    written_FP3 = world_joint_positions(replace(filled.rig, values_FC=values_FC), filled.source.file_to_world_33)
    assert_allclose(written_FP3, filled.xyz_FPD, atol=1e-4)


def test_a_root_that_was_set_by_hand_stays_where_it_was_set(take: Recording) -> None:
    assert take.rig is not None
    where_FP = np.zeros(take.origin_FP.shape, bool)
    where_FP[30, 0] = True
    origin_FP = np.where(where_FP, np.uint8(Origin.HAND), take.origin_FP)
    moved_FP3 = take.xyz_FPD + np.where(where_FP[..., None], np.float32(0.1), np.float32(0))
    rec = take.with_samples(take.samples.having(xyz=moved_FP3, origin=origin_FP))
    hips_FP = np.zeros_like(where_FP)
    hips_FP[25:35, 1] = True
    solved_FP3 = apply_targets(rec, rec.xyz_FPD.astype(np.float64), hips_FP)
    from_hand, from_rest = (np.linalg.norm(solved_FP3[30, 0] - xyz_FP3[30, 0]) for xyz_FP3 in (moved_FP3, take.xyz_FPD))
    assert from_hand < 0.06 < 0.1 < from_rest, "as far as the bones allow"


def test_what_moves_once_does_not_stand(take: Recording) -> None:
    assert take.rig is not None
    assert np.flatnonzero(standing(take.rig)).tolist() == [0]
    values_FC = take.rig.values_FC.copy()
    values_FC[3, 0] += 0.01
    assert not standing(replace(take.rig, values_FC=values_FC)).any()
