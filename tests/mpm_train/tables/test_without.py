"""Each part of the completion can be left out, matters, and is there again afterwards."""

from __future__ import annotations

from importlib import import_module

import numpy as np
import pytest
import torch

import mpm_core as mpm
from mpm_core.complete import CompleteOptions, complete_patch
from mpm_core.errors import DataError
from mpm_core.model.build import build
from mpm_core.model.checkpoint import Model
from mpm_core.model.config import ModelConfig
from mpm_core.recording import Recording, make_recording
from mpm_core.resources import resource
from mpm_core.sample.marker_take import true_markers
from mpm_core.sample.motion import make_motion
from mpm_core.typing import Float32
from mpm_train.tables.without import PARTS, left_out
from tests.makers import coming_and_going

OF_MARKERS = ("network", "marker-distances", "smoothness")


@pytest.fixture(scope="module")
def model() -> Model:
    torch.manual_seed(2)
    return Model(build(ModelConfig("repair", 27, channels=32, hidden=48, layers=1, heads=4, dropout=0.0, gated=True)).eval(), {}, "test")


@pytest.fixture(scope="module")
def joints() -> Recording:
    """A leg is missing while it walks, and another time while it stands."""
    rec = mpm.read(resource("sample/walk_reach_sit_truth.npz"))
    xyz_FPD = rec.xyz_FPD[150:400].copy()
    xyz_FPD[20:60, [rec.index("left_knee"), rec.index("left_ankle")]] = np.nan
    xyz_FPD[190:230, [rec.index("left_knee"), rec.index("left_ankle")]] = np.nan
    return make_recording(rec.points, rec.rate_hz, xyz_FPD, skeleton=rec.skeleton)


@pytest.fixture(scope="module")
def markers() -> Recording:
    rec = true_markers(make_motion())
    hidden = [rec.index(name) for name in ("LELB", "LWRA", "LWRB", "LFRM")]
    noise_FP3 = np.random.default_rng(4).normal(0, 0.002, (300, len(rec.points), 3)).astype(np.float32)
    noise_FP3[:, hidden] *= 0.05  # what is placed among the others trembles more than they do
    xyz_FPD = rec.xyz_FPD[:300] + noise_FP3
    xyz_FPD[100:180, hidden] = np.nan
    return make_recording(rec.points, rec.rate_hz, xyz_FPD)


@pytest.fixture(scope="module")
def whole(model: Model, joints: Recording) -> Float32:
    return filled(joints, model)


def filled(rec: Recording, model: Model, *without: str) -> Float32:
    with left_out(without):
        return complete_patch(rec, CompleteOptions(model=model, limits=None)).patch.xyz_ND


@pytest.mark.parametrize("part", [part for part in PARTS if part not in OF_MARKERS])
def test_a_part_makes_a_difference_and_comes_back(part: str, model: Model, joints: Recording, whole: Float32) -> None:
    before = [getattr(import_module(module), name) for module, name, _ in PARTS[part]]
    assert not np.array_equal(filled(joints, model, part), whole)
    assert [getattr(import_module(module), name) for module, name, _ in PARTS[part]] == before


@pytest.mark.parametrize("part", OF_MARKERS)
def test_a_part_of_the_fill_of_markers_makes_a_difference_to_markers(part: str, model: Model, markers: Recording) -> None:
    rec = coming_and_going(markers) if part == "network" else markers
    assert not np.array_equal(filled(rec, model, part), filled(rec, model))


def test_an_unknown_part_is_refused(joints: Recording) -> None:
    with pytest.raises(DataError, match="no part called 'soul'"), left_out(["soul"]):
        raise AssertionError
