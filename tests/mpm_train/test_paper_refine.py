"""The refine module: a blend of prediction and back-projection, reported apart from everything else."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from mpm_core.errors import ModelError
from mpm_core.model.checkpoint import save_model
from mpm_core.model.config import ModelConfig
from mpm_core.model.paper_network import PaperNetwork
from mpm_train import paper_refine as refining
from mpm_train.data.cameras import project
from mpm_train.paper_refine import Refine, back_projected, refine_report
from tests.mpm_train.corpus import make_corpus

SMALL = {"frames": 9, "channels": 16, "hidden": 16, "layers": 1, "heads": 4}


def test_the_true_depth_brings_pixels_back_where_they_were() -> None:
    rng = np.random.default_rng(0)
    views = project(torch.from_numpy(rng.normal(0, 0.4, (20, 1, 17, 3)).astype(np.float32)), rng)
    found = back_projected(views.xy_BFJ2[:, 0], views.camera_BFJ3[:, 0, :, 2], views.focal_B, views.image_B112[:, 0, 0] / 2)
    torch.testing.assert_close(found, views.target_BFJ3[:, 0, :, :2], atol=1e-4, rtol=1e-4)


def test_the_result_lies_between_the_prediction_and_the_back_projection() -> None:
    torch.manual_seed(0)
    predicted, back = torch.randn(6, 17, 3), torch.randn(6, 17, 2)
    refined = Refine(width=32).eval()(predicted, back)
    assert torch.equal(refined[..., 2], predicted[..., 2])
    low, high = torch.minimum(predicted[..., :2], back), torch.maximum(predicted[..., :2], back)
    assert ((refined[..., :2] >= low - 1e-6) & (refined[..., :2] <= high + 1e-6)).all()


def test_it_learns_to_trust_clean_2d(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An untrained network knows nothing, clean 2D and the true depth nearly everything."""
    monkeypatch.setattr(refining, "HELD_OUT_BATCHES", 2)
    data = make_corpus(tmp_path / "data")
    save_model(PaperNetwork(ModelConfig("lift", **SMALL)), {}, tmp_path / "m.safetensors")
    lines = refine_report(tmp_path / "m.safetensors", data, steps=40, batch=16, noise_2d=0.0, seed=1)
    error = {line.split("|")[1].strip(): float(line.split("|")[2]) for line in lines if line.startswith("| ") and "x, y" not in line}
    assert error["back-projected"] < error["predicted"]
    assert error["refined"] < 0.8 * error["predicted"]
    assert any("true depth of the root and the true camera" in line for line in lines)
    save_model(PaperNetwork(ModelConfig("complete", **SMALL)), {}, tmp_path / "c.safetensors")
    with pytest.raises(ModelError, match="no lifting network of the paper"):
        refine_report(tmp_path / "c.safetensors", data, 1, 8, 0.0, 1)
