"""The network has the published sizes, sees nothing that is hidden, and its file comes back whole."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from mpm_core.errors import ModelError
from mpm_core.model.checkpoint import load_model, pick_device, save_model
from mpm_core.model.config import ModelConfig, from_json, to_json
from mpm_core.model.network import Network

SMALL = {"frames": 27, "channels": 32, "hidden": 48, "layers": 1, "heads": 4}


def count(module: torch.nn.Module) -> int:
    return sum(parameter.numel() for parameter in module.parameters())


def test_parameters_are_the_published_ones() -> None:
    """arXiv 2306.17201, 17 joints, 243 frames."""
    stage_1, stage_2 = Network(ModelConfig("pretrain", 243)), Network(ModelConfig("lift", 243))
    assert count(stage_1.encoder["2d"]) == 18_944
    assert count(stage_1.encoder["3d"]) == 27_648
    assert count(stage_1.spatial) == 658_688
    assert count(stage_1.temporal) + stage_1.position.numel() == 2_171_136
    assert count(stage_1.decoder["2d"]) == count(stage_1.decoder["3d"]) == 527_616
    assert count(stage_2.strided) == 4_133_376
    assert count(stage_2.sequence_head) == 13_619
    assert count(stage_2) == 7_009_382


def test_hidden_joints_and_dropped_frames_do_not_reach_the_output() -> None:
    torch.manual_seed(0)
    network = Network(ModelConfig("pretrain", **SMALL)).eval()
    x = torch.randn(2, 27, 17, 3)
    hidden = torch.rand(2, 27, 17) < 0.3
    kept = torch.stack([torch.randperm(27)[:11].sort().values for _ in range(2)])
    dropped = torch.ones(2, 27, dtype=torch.bool).scatter(1, kept, False)
    other = torch.where((hidden | dropped[..., None])[..., None], torch.randn_like(x) * 9, x)
    torch.testing.assert_close(network.masked(x, hidden, kept), network.masked(other, hidden, kept))
    assert not torch.allclose(network.masked(x, hidden, kept), network.masked(x * 1.1, hidden, kept))


def test_lifting_gives_the_middle_frame_and_the_sequence() -> None:
    network = Network(ModelConfig("lift", **SMALL)).eval()
    middle, sequence = network.lift(torch.randn(3, 27, 17, 2))
    assert middle.shape == (3, 1, 17, 3)
    assert sequence.shape == (3, 27, 17, 3)


def test_the_strided_decoder_sees_every_frame() -> None:
    network = Network(ModelConfig("lift", **SMALL)).eval()
    x = torch.randn(1, 27, 17, 2, requires_grad=True)
    network.lift(x)[0].sum().backward()
    assert x.grad is not None
    assert (x.grad.abs().sum(dim=(0, 2, 3)) > 0).all()


def test_a_model_file_comes_back(tmp_path: Path) -> None:
    network = Network(ModelConfig("complete", **SMALL)).eval()
    save_model(network, {"recipe": "test"}, tmp_path / "m.safetensors")
    model = load_model(tmp_path / "m.safetensors")
    assert model.facts == {"recipe": "test"}
    assert model.network.config == network.config
    x, hidden = torch.randn(1, 27, 17, 3), torch.rand(1, 27, 17) < 0.5
    torch.testing.assert_close(model.network.masked(x, hidden), network.masked(x, hidden), atol=2e-2, rtol=2e-2)


def test_bad_model_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no such model"):
        load_model(tmp_path / "none.safetensors")
    (tmp_path / "junk.safetensors").write_bytes(b"not a model at all")
    with pytest.raises(ModelError, match="not a whole safetensors"):
        load_model(tmp_path / "junk.safetensors")
    save_model(Network(ModelConfig("complete", **SMALL)), {}, tmp_path / "m.safetensors")
    whole = (tmp_path / "m.safetensors").read_bytes()
    (tmp_path / "cut.safetensors").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ModelError, match="not a whole safetensors"):
        load_model(tmp_path / "cut.safetensors")


def test_configurations_are_checked() -> None:
    assert from_json(to_json(ModelConfig("lift", 27))) == ModelConfig("lift", 27)
    for wrong in ({"task": "dance"}, {"task": "lift", "frames": 80}, {"channels": 30, "heads": 4}):
        with pytest.raises(ModelError):
            ModelConfig(**wrong)
    with pytest.raises(ModelError, match="cannot be understood"):
        from_json('{"colour": 3}')


def test_a_device_that_is_not_here_is_refused() -> None:
    assert pick_device("cpu") == "cpu"
    with pytest.raises(ModelError, match="no device"):
        pick_device("abacus")
