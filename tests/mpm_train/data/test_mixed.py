"""Stage I from several sources at once: real 2D with its 3D, and motion without 2D."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from mpm_core.errors import DataError
from mpm_train import average, validation
from mpm_train.config import TrainConfig
from mpm_train.data.cameras import Views
from mpm_train.data.config import PrepareConfig
from mpm_train.data.mixed import MixedSampler, shared
from mpm_train.data.paired import PairedSampler, views_of
from mpm_train.data.prepare import prepare
from mpm_train.data.windows import Sampler
from mpm_train.loader import open_split
from mpm_train.recipes import RECIPES
from mpm_train.run import train
from tests.mpm_train.data.test_datasets import FOCAL, moving, write_3dhp, write_cameras, write_h36m


def corpus(tmp_path: Path, **settings: tuple[str, ...]) -> Path:
    """Human3.6M's tiny files by two detectors, MPI-INF-3DHP's, and one clip of 240 frames at 100 Hz that has no 2D."""
    write_h36m(tmp_path / "in" / "h36m")
    write_3dhp(tmp_path / "in" / "3dhp")
    out = tmp_path / "out"
    prepare([tmp_path / "in"], out, PrepareConfig(h36m_cameras=write_cameras(tmp_path / "cameras.json"), **settings))
    index = json.loads((out / "index.json").read_text())
    np.save(out / "joints-other.npy", moving(240, 7))
    index["joints"].append("joints-other.npy")
    plain = {"name": "other", "subject": "007", "split": "train", "rate_hz": 100.0, "licence": "", "action": "", "views": [], "scored": []}
    index["clips"].append(plain | {"shard": len(index["joints"]) - 1, "start": 0, "stop": 240})
    (out / "index.json").write_text(json.dumps(index))
    return out


def config(**objective: object) -> TrainConfig:
    recipe = RECIPES["paper-pretrain-27"]()
    model = replace(recipe.model, frames=9, channels=16, hidden=16, layers=1, heads=2)
    objective = {"detectors": ("gt",)} | objective
    return replace(
        recipe, model=model, objective=replace(recipe.objective, **objective), steps=2, batch=8, save_every=2, threads=1, bf16=False
    )


def real(views: Views) -> torch.Tensor:
    """(B,) which windows were recorded by Human3.6M's cameras, known by their lens."""
    return (views.focal_B2 == torch.tensor(FOCAL)).all(dim=1)


def test_sources_are_drawn_by_their_frames(tmp_path: Path) -> None:
    """Human3.6M: 2 takes x 4 cameras x 30 frames at 50 Hz = 120 frames at 25 Hz; 3DHP without its detector and the rest are motion."""
    source = open_split(corpus(tmp_path), "train", config())
    assert isinstance(source, MixedSampler)
    others = source.unpaired.frames_K.sum()
    assert source.paired.frames_K.sum() == pytest.approx(120)
    assert dict(zip(source.unpaired.subject_K, source.unpaired.frames_K, strict=True))["007"] == pytest.approx(60)
    windows = source.draw(2000, np.random.default_rng(0))
    views = views_of(windows, np.random.default_rng(1))
    share = float(real(views).float().mean())
    assert share == pytest.approx(120 / (120 + others), abs=0.03)
    assert 0.2 < float(real(views)[:1000].float().mean()) / share < 1.8, "in random order, so that both tasks of a halved step have both"
    middle_B2 = (views.camera_BFJ3[..., :2] / views.camera_BFJ3[..., 2:] * views.focal_B2[:, None, None] + views.centre_B2[:, None, None])[
        :, 4
    ]
    torch.testing.assert_close(views.xy_BFJ2[:, 4], middle_B2, atol=0.05, rtol=1e-3, msg="each window fits its own camera")


def test_several_detectors_and_none(tmp_path: Path) -> None:
    data = corpus(tmp_path)
    three = open_split(data, "train", config(detectors=("cpn_ft_h36m_dbb", "as published")))
    assert isinstance(three, MixedSampler)
    assert set(three.unpaired.subject_K) == {"007"}
    assert {subject.partition("-")[0] for subject in three.paired.subject_K} == {"h36m", "3dhp"}
    assert isinstance(open_split(data, "train", config(unpaired=False)), PairedSampler)
    assert type(open_split(data, "train", config(detectors=()))) is Sampler
    lift = replace(config(), model=RECIPES["paper-lift-27"]().model, objective=RECIPES["paper-lift-27"]().objective)
    assert isinstance(open_split(data, "train", replace(lift, objective=replace(lift.objective, detectors=("gt",)))), PairedSampler)
    with pytest.raises(DataError, match="no clip has 2D by 'hourglass'"):
        open_split(data, "train", config(detectors=("gt", "hourglass")))


def test_shares_are_drawn_as_asked(tmp_path: Path) -> None:
    source = open_split(corpus(tmp_path), "train", config(shares=(("h36m-*", 0.25), ("007", 0.5))))
    assert isinstance(source, MixedSampler)
    assert source.paired_share == pytest.approx(0.25)
    by_subject = dict(zip(source.unpaired.subject_K, source.unpaired.share_K, strict=True))
    assert by_subject["007"] == pytest.approx(0.5 / 0.75)
    assert float(real(views_of(source.draw(2000, np.random.default_rng(0)), np.random.default_rng(1))).float().mean()) == pytest.approx(
        0.25, abs=0.03
    )


@pytest.mark.parametrize(
    ("shares", "words"),
    [
        ((("amass-*", 0.5),), "no training subject's name fits 'amass-\\*'"),
        ((("a", 0.7), ("b", 0.6)), "not parts of one whole"),
        ((("a", 0.0),), "not parts of one whole"),
        ((("*", 0.5),), "nobody else is there"),
    ],
)
def test_shares_that_cannot_be_are_refused(shares: tuple[tuple[str, float], ...], words: str) -> None:
    with pytest.raises(DataError, match=words):
        shared(np.ones(2), ["a", "b"], shares)


@pytest.mark.slow
def test_a_mixed_run_trains_and_validates_on_whom_there_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(validation, "BATCHES", 1)
    monkeypatch.setattr(average, "SETTLE_BATCHES", 1)
    data = corpus(tmp_path, hold_out=("h36m-S9",), test=("3dhp-TS*",), default_splits=False)
    assert isinstance(open_split(data, "validation", config()), PairedSampler)
    assert train(config(), data, tmp_path / "run").is_file()
    index = json.loads((data / "index.json").read_text())
    for clip in index["clips"]:
        clip["split"] = {"train": "train", "validation": "test"}.get(clip["split"], "validation")
    (data / "index.json").write_text(json.dumps(index))
    assert type(open_split(data, "validation", config())) is Sampler, "held out are people without 2D"
