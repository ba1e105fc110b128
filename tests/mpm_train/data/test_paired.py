"""Windows of real 2D with their 3D: each belongs to one camera, and projects onto itself, mirrored or not."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from mpm_core.errors import DataError
from mpm_train.data.config import PrepareConfig
from mpm_train.data.corpus import load_corpus, load_pixels
from mpm_train.data.paired import PairedRows, PairedSampler, views_of
from mpm_train.data.prepare import prepare
from mpm_train.recipes import RECIPES
from mpm_train.run import train
from tests.mpm_train.data.test_datasets import CENTRE, FOCAL, SIZE, write_cameras, write_h36m


def pairs(tmp_path: Path, detector: str = "gt", **settings: tuple[str, ...]) -> PairedRows:
    write_h36m(tmp_path / "h36m")
    cameras = write_cameras(tmp_path / "cameras.json")
    prepare([tmp_path / "h36m"], tmp_path / "out", PrepareConfig(h36m_cameras=cameras, **settings))
    joints_NJ3, clips = load_corpus(tmp_path / "out")
    return PairedRows(joints_NJ3, load_pixels(tmp_path / "out"), clips, (detector,))


@pytest.mark.parametrize("mirror", [0.0, 1.0])
def test_windows_project_onto_their_own_2d(tmp_path: Path, mirror: float) -> None:
    sampler = PairedSampler(pairs(tmp_path), "train", 9, 25.0, mirror)
    windows = sampler.draw(40, np.random.default_rng(0))
    views = views_of(windows, np.random.default_rng(1))
    assert windows.valid_BF.all()
    centre = torch.tensor([SIZE[0] - CENTRE[0] if mirror else CENTRE[0], CENTRE[1]])
    expected = views.camera_BFJ3[..., :2] / views.camera_BFJ3[..., 2:] * torch.tensor(FOCAL) + centre
    torch.testing.assert_close(views.xy_BFJ2, expected, atol=0.01, rtol=0)
    assert views.image_B112.unique(dim=0).tolist() == [[[list(map(float, SIZE))]]]
    assert views.focal_B2.unique(dim=0).tolist() == [list(FOCAL)]
    torch.testing.assert_close(views.centre_B2, centre.expand(40, 2), msg="the principal point is mirrored with the image")
    assert len({tuple(np.round(place, 2)) for place in views.camera_BFJ3[:, 0, 0].tolist()}) > 8, "several cameras and takes"


def test_mirrored_people_keep_their_sides_apart(tmp_path: Path) -> None:
    sampler = PairedSampler(pairs(tmp_path), "train", 9, 25.0, 1.0)
    plain, swapped = (views_of(sampler.draw(8, np.random.default_rng(0), augment=some), np.random.default_rng(1)) for some in (False, True))
    torch.testing.assert_close(swapped.camera_BFJ3[:, :, 13, 0], -plain.camera_BFJ3[:, :, 16, 0])
    torch.testing.assert_close(swapped.camera_BFJ3[:, :, 13, 1:], plain.camera_BFJ3[:, :, 16, 1:])


@pytest.mark.parametrize("recipe", ["paper-pretrain-27", "paper-lift-27"])
def test_the_paper_s_runs_learn_from_detections(tmp_path: Path, recipe: str) -> None:
    pairs(tmp_path, hold_out=("h36m-S9",), default_splits=False)
    config = RECIPES[recipe]()
    model = replace(config.model, frames=9, channels=16, hidden=16, layers=1, heads=2)
    objective = replace(config.objective, detectors=("cpn_ft_h36m_dbb",))
    config = replace(config, model=model, objective=objective, start_from="", steps=2, batch=4, save_every=2, threads=1)
    assert train(config, tmp_path / "out", tmp_path / "run").is_file()


def test_the_detector_is_chosen_by_name(tmp_path: Path) -> None:
    rows = pairs(tmp_path, "cpn_ft_h36m_dbb")
    assert {clip.subject for clip in rows.clips} == {"h36m-S1", "h36m-S9"}
    assert len(rows.clips) == 3 * 4
    with pytest.raises(DataError, match="there is 2D by cpn_ft_h36m_dbb, gt"):
        PairedRows(rows.joints_NJ3, rows.pixels_NJ2, load_corpus(tmp_path / "out")[1], ("gt", "hourglass"))
