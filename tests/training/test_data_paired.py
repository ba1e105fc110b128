"""Windows of real 2D with their 3D: each belongs to one camera, and projects onto itself, mirrored or not."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from mpm_core.errors import DataError
from tests.training.test_data_sets import CENTRE, FOCAL, SIZE, write_cameras, write_h36m
from training.data.choices import PrepareConfig
from training.data.corpus import load_corpus, load_pixels
from training.data.paired import PairedRows, paired_sampler, shots_of
from training.data.prepare import prepare


def pairs(tmp_path: Path, detector: str = "gt") -> PairedRows:
    write_h36m(tmp_path / "h36m")
    cameras = write_cameras(tmp_path / "cameras.json")
    prepare([tmp_path / "h36m"], tmp_path / "out", PrepareConfig(h36m_cameras=cameras))
    joints_NJ3, clips = load_corpus(tmp_path / "out")
    return PairedRows(joints_NJ3, load_pixels(tmp_path / "out"), clips, detector)


@pytest.mark.parametrize("mirror", [0.0, 1.0])
def test_windows_project_onto_their_own_2d(tmp_path: Path, mirror: float) -> None:
    sampler = paired_sampler(pairs(tmp_path), "train", 9, 25.0)
    windows = sampler.draw(40, np.random.default_rng(0), augment=False)
    shots = shots_of(windows, mirror, np.random.default_rng(1))
    assert windows.valid_BF.all()
    centre = torch.tensor([SIZE[0] - CENTRE[0] if mirror else CENTRE[0], CENTRE[1]])
    expected = shots.camera_BFJ3[..., :2] / shots.camera_BFJ3[..., 2:] * torch.tensor(FOCAL) + centre
    torch.testing.assert_close(shots.xy_BFJ2, expected, atol=0.01, rtol=0)
    assert shots.image_B112.unique(dim=0).tolist() == [[[list(map(float, SIZE))]]]
    assert len({tuple(np.round(place, 2)) for place in shots.camera_BFJ3[:, 0, 0].tolist()}) > 8, "several cameras and takes"


def test_mirrored_people_keep_their_sides_apart(tmp_path: Path) -> None:
    windows = paired_sampler(pairs(tmp_path), "train", 9, 25.0).draw(8, np.random.default_rng(0), augment=False)
    plain, swapped = (shots_of(windows, share, np.random.default_rng(1)) for share in (0.0, 1.0))
    torch.testing.assert_close(swapped.camera_BFJ3[:, :, 13, 0], -plain.camera_BFJ3[:, :, 16, 0])
    torch.testing.assert_close(swapped.camera_BFJ3[:, :, 13, 1:], plain.camera_BFJ3[:, :, 16, 1:])


def test_the_detector_is_chosen_by_name(tmp_path: Path) -> None:
    rows = pairs(tmp_path, "cpn_ft_h36m_dbb")
    assert {clip.subject for clip in rows.clips} == {"h36m-S1", "h36m-S9"}
    assert len(rows.clips) == 3 * 4
    with pytest.raises(DataError, match="there is 2D by cpn_ft_h36m_dbb, gt"):
        PairedRows(rows.joints_NJ3, rows.pixels_NJ2, load_corpus(tmp_path / "out")[1], "hourglass")
