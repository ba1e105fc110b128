"""The refine module: a blend of prediction and back-projection, reported apart from everything else."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from mpm_core.errors import DataError, ModelError
from mpm_core.model.checkpoint import save_model
from mpm_core.model.config import ModelConfig
from mpm_core.model.paper_network import PaperNetwork
from mpm_train.__main__ import main
from mpm_train.data.cameras import project
from mpm_train.data.config import PrepareConfig
from mpm_train.data.prepare import prepare
from mpm_train.paper_refine import learn
from mpm_train.paper_refine.config import RefineConfig
from mpm_train.paper_refine.learn import Refine, back_projected
from mpm_train.paper_refine.report import refine_report
from tests.mpm_train.corpus import make_corpus
from tests.mpm_train.data.test_datasets import write_3dhp, write_cameras, write_h36m

SMALL = {"frames": 9, "channels": 16, "hidden": 16, "layers": 1, "heads": 4}


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """A network that has learned nothing."""
    torch.manual_seed(0)
    path = tmp_path / "m.safetensors"
    save_model(PaperNetwork(ModelConfig("lift", **SMALL, rate_hz=25.0)), {}, path)
    return path


def errors_in(lines: list[str]) -> dict[str, float]:
    return {line.split("|")[1].strip(): float(line.split("|")[2]) for line in lines if line.startswith("| ") and "x, y" not in line}


def test_the_true_depth_brings_pixels_back_where_they_were() -> None:
    rng = np.random.default_rng(0)
    views = project(torch.from_numpy(rng.normal(0, 0.4, (20, 1, 17, 3)).astype(np.float32)), rng)
    truth_BJ3, root_B = views.target_BFJ3[:, 0], views.camera_BFJ3[:, 0, 0, 2]
    found = back_projected(views.xy_BFJ2[:, 0], truth_BJ3, root_B, views.focal_B2, views.centre_B2)
    torch.testing.assert_close(found, truth_BJ3[..., :2], atol=1e-4, rtol=1e-4)


def test_the_result_lies_between_the_prediction_and_the_back_projection() -> None:
    torch.manual_seed(0)
    predicted, back = torch.randn(6, 17, 3), torch.randn(6, 17, 2)
    refined = Refine(width=32).eval()(predicted, back)
    assert torch.equal(refined[..., 2], predicted[..., 2])
    low, high = torch.minimum(predicted[..., :2], back), torch.maximum(predicted[..., :2], back)
    assert ((refined[..., :2] >= low - 1e-6) & (refined[..., :2] <= high + 1e-6)).all()


def test_it_learns_to_trust_clean_2d(tmp_path: Path, model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An untrained network knows nothing, clean 2D and the true depth nearly everything."""
    monkeypatch.setattr(learn, "HELD_OUT_BATCHES", 2)
    data, how = make_corpus(tmp_path / "data"), RefineConfig(steps=40, batch=16, noise_2d=0.0)
    lines = refine_report(model, data, how)
    error = errors_in(lines)
    assert error["back-projected"] < error["predicted"]
    assert error["refined"] < 0.8 * error["predicted"]
    assert any("true depth of the root and the true camera" in line for line in lines)
    assert "virtual cameras" in lines[0]
    save_model(PaperNetwork(ModelConfig("complete", **SMALL)), {}, tmp_path / "c.safetensors")
    with pytest.raises(ModelError, match="not a lifting network of the paper"):
        refine_report(tmp_path / "c.safetensors", data, how)


def test_it_learns_on_the_cameras_that_recorded_human36m(tmp_path: Path, model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """As with virtual cameras: clean 2D and the true camera against a network that has learned nothing."""
    write_h36m(tmp_path / "in" / "h36m")
    data = tmp_path / "out"
    prepare([tmp_path / "in"], data, PrepareConfig(h36m_cameras=write_cameras(tmp_path / "cameras.json")))
    command = ["refine", str(model), "--data", str(data), "--steps", "40", "--batch", "16", "--detectors", "gt", "--split", "test"]
    assert main(command) == 0
    printed = capsys.readouterr().out.splitlines()
    error = errors_in(printed)
    assert any("test subjects, 2D gt and its cameras, mean of actions" in line for line in printed)
    assert error["refined"] < 0.8 * error["predicted"]
    assert main([*command, "--every", "7"]) == 0
    assert "only every 7th frame: not the protocol" in capsys.readouterr().out
    with pytest.raises(DataError, match="no validation clip has 2D by gt and its camera"):
        refine_report(model, data, RefineConfig(steps=1, batch=4, detectors=("gt",)))


def test_cameras_without_a_lens_are_refused(tmp_path: Path, model: Path) -> None:
    write_3dhp(tmp_path / "in" / "3dhp")
    data = tmp_path / "out"
    prepare([tmp_path / "in"], data)
    assert {view.get("lens") for clip in json.loads((data / "index.json").read_text())["clips"] for view in clip["views"]} == {None}
    with pytest.raises(DataError, match="focal lengths and principal points of its cameras are not known"):
        refine_report(model, data, RefineConfig(steps=1, batch=4, detectors=("as published",)))
