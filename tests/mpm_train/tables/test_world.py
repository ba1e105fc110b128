"""The table of lifts in the world: every row runs, by the application's code, through cameras that the lift does not know."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import mpm_core as mpm
from mpm_core.body.joints import body17
from mpm_core.lift import Lifted
from mpm_core.lift_camera import LiftCamera
from mpm_core.model.checkpoint import Model
from mpm_core.recording import Recording
from mpm_core.world_fit.camera import level_axes, up_of
from mpm_core.world_fit.options import LiftOptions
from mpm_train.data.corpus import load_corpus
from mpm_train.data.windows import Sampler
from mpm_train.tables import world
from mpm_train.world_metrics import NAMES
from tests.mpm_train.corpus import make_corpus
from tests.mpm_train.tables.makers import silent, untrained


@pytest.fixture
def sampler(tmp_path: Path) -> Sampler:
    return Sampler(*load_corpus(make_corpus(tmp_path)), "validation", 27, 30.0)


def test_a_row_is_lifted_as_the_application_does(sampler: Sampler, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(world, "SWEEPS", (world.SWEEPS[0], replace(world.SWEEPS[1], focal_known=True)))
    model = Model(untrained("lift", partial=True, decoder="rays"), {}, "")
    (table,) = world.world_tables(model, sampler, 2, 1, "validation")
    assert [row[0] for row in table.rows] == ["clean 2D", "detected 2D"]
    assert list(table.columns) == ["camera", *NAMES]
    for row in table.rows:
        figures = dict(zip(table.columns, row, strict=True))
        assert figures["MPJPE"] > 0  # type: ignore[operator]
        assert figures["bones %"] < 0.01  # type: ignore[operator]


def test_the_truth_is_in_the_cameras_axes_and_the_focal_length_is_told_only_where_it_is(sampler: Sampler) -> None:
    told: list[float | None] = []

    def level(rec: Recording, options: LiftOptions) -> Lifted:
        told.append(options.focal)
        still = mpm.make_recording(body17().names, rec.rate_hz, np.zeros((rec.frames, 17, 3)))
        return Lifted(still, still, LiftCamera(level_axes(up_of(0, 0)), 1.0, (1, 1)))

    for sweep in (world.SWEEPS[1], world.SWEEPS[2]):
        for take in world.virtual_takes(
            replace(sweep, cameras=replace(sweep.cameras, elevation_deg=(25, 25), roll_deg=0)), silent("lift"), sampler, 3, 1, level
        ):
            angle_deg = np.degrees(np.arccos(take.lifted_turn_33[:, 2] @ take.truth_turn_33[:, 2]))
            assert angle_deg == pytest.approx(25, abs=0.01)
    assert told[:3] == [None] * 3
    assert all(focal is not None and 0.5 <= focal <= 1.2 for focal in told[3:])


def test_hidden_joints_and_the_rate_reach_the_lift_and_the_takes_stay_the_same(sampler: Sampler) -> None:
    seen: list[Recording] = []

    def still(rec: Recording, _options: LiftOptions) -> Lifted:
        seen.append(rec)
        zero = mpm.make_recording(body17().names, rec.rate_hz, np.zeros((rec.frames, 17, 3)))
        return Lifted(zero, zero, LiftCamera(level_axes(up_of(0, 0)), 1.0, (1, 1)))

    rows = {sweep.name: sweep for sweep in world.SWEEPS}
    truth = {}
    for name in ("detected 2D", "15 Hz", "120 Hz", "2 arms hidden", "1 joint hidden"):
        truth[name] = [take.truth_FJ3 for take in world.virtual_takes(rows[name], silent("lift"), sampler, 4, 1, still)]
    assert [rec.rate_hz for rec in seen] == [30.0] * 4 + [15.0] * 4 + [120.0] * 4 + [30.0] * 8
    for slow_FJ3, usual_FJ3, fast_FJ3 in zip(truth["15 Hz"], truth["detected 2D"], truth["120 Hz"], strict=True):
        np.testing.assert_array_equal(slow_FJ3, fast_FJ3[::8])
        np.testing.assert_allclose(slow_FJ3, usual_FJ3[::2][: len(slow_FJ3)], atol=0.03)  # their first frames are up to 1/30 s apart
    for slow, fast in zip(seen[4:8], seen[8:12], strict=True):
        np.testing.assert_array_equal(slow.xyz_FPD, fast.xyz_FPD[::8], "the same errors of the detector")
    shown = [rec.visible_FP.any(axis=0) for rec in seen]
    assert all(shown_J.all() for shown_J in shown[:12])
    assert all(np.flatnonzero(~shown_J).tolist() == list(range(11, 17)) for shown_J in shown[12:16])
    assert all((~shown_J).sum() == 1 for shown_J in shown[16:])


def test_data_sets_have_a_row_each(sampler: Sampler, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(world, "SWEEPS", ())
    model = Model(untrained("lift", partial=True, decoder="rays"), {}, "")
    (table,) = world.world_tables(model, sampler, 1, 1, "validation", {"CMU": sampler, "SNU": sampler})
    assert [row[0] for row in table.rows] == ["detected 2D, CMU", "detected 2D, SNU"]
    assert table.rows[0][1:] == table.rows[1][1:]
