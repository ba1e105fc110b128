"""Lifts of the application beside the network alone, by networks that learned nothing: what is scored, not how well."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mpm_core.body.joints import body17
from mpm_core.lift import lift_take
from mpm_core.model.checkpoint import Model
from mpm_core.recording import make_recording
from mpm_core.world_fit.options import LiftOptions
from mpm_train import metrics
from mpm_train.data.corpus import load_corpus
from mpm_train.data.windows import Sampler
from mpm_train.tables.application import application, application_poses
from mpm_train.tables.lifting import lift_tables, lifted
from tests.mpm_train.corpus import make_corpus
from tests.mpm_train.tables.makers import untrained


@pytest.fixture
def model() -> Model:
    return Model(untrained("lift", partial=True, decoder="rays"), {}, "")


def test_the_networks_figures_are_those_of_its_own_table_and_the_lifts_are_of_the_same_windows(tmp_path: Path, model: Model) -> None:
    sampler = Sampler(*load_corpus(make_corpus(tmp_path)), "validation", 27, 30.0)
    table = application(model, sampler, 5, 2, 5, "validation")
    rows = {row[0]: dict(zip(table.columns, row, strict=True)) for row in table.rows}
    assert list(rows) == ["clean 2D, windows", "detected 2D, windows", "clean 2D, takes", "detected 2D, takes"]
    for row in lift_tables(model, sampler, 5, 5, "validation")[0].rows:
        assert (rows[f"{row[0]}, windows"]["network MPJPE"], rows[f"{row[0]}, windows"]["network P-MPJPE"]) == pytest.approx(row[1:3])
    one = lifted(model, sampler, 5, 5, "clean 2D", "", False)
    errors = []
    for window in range(5):
        width, height = one.image_B2[window]
        found = lift_take(make_recording(body17().names, 30.0, one.xy_BFJ2[window]), LiftOptions(size=(width, height)), model=model)
        errors.append(metrics.position_errors(found.recording.xyz_FPD[13] @ found.camera.turn_33.T, one.truth_BJ3[window]))
    assert rows["clean 2D, windows"]["MPJPE"] == pytest.approx(1000 * np.mean(errors), rel=1e-4)
    assert rows["clean 2D, windows"]["MPJPE"] != rows["clean 2D, windows"]["network MPJPE"]


def test_windows_of_short_clips_are_lifted_where_the_clip_is(tmp_path: Path, model: Model) -> None:
    """A clip of 20 frames at the model's rate: every window has repeated ends, which the application does not get."""
    sampler = Sampler(*load_corpus(make_corpus(tmp_path, frames=80)), "validation", 27, 30.0)
    one = lifted(model, sampler, 20, 5, "clean 2D", "", False)
    windows = zip(one.xy_BFJ2, one.valid_BF, one.image_B2, strict=True)
    poses = [application_poses(xy_FJ2[own_F], image_2, 30.0, model)[1] for xy_FJ2, own_F, image_2 in windows]
    middle_BJ3 = np.stack([found[own_F[:13].sum()] for found, own_F in zip(poses, one.valid_BF, strict=True)])
    assert {len(found) for found in poses} != {27}
    figures = application(model, sampler, 20, 1, 5, "validation").rows[0]
    assert figures[3] == pytest.approx(1000 * metrics.position_errors(middle_BJ3, one.truth_BJ3).mean())
