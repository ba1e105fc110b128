"""The network has the published sizes, masked input does not affect it, and its file is read back."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from mpm_core.complete import CompleteOptions, complete_patch
from mpm_core.errors import ModelError
from mpm_core.model.checkpoint import load_model, pick_device, save_model, shipped_model
from mpm_core.model.config import ModelConfig, from_json, to_json
from mpm_core.model.paper_network import PaperNetwork
from mpm_core.model.predict import lift_joints
from tests.makers import standing, with_gap

SMALL = {"frames": 27, "channels": 32, "hidden": 48, "layers": 1, "heads": 4}


def count(module: torch.nn.Module) -> int:
    return sum(parameter.numel() for parameter in module.parameters())


def test_parameters_are_the_published_ones() -> None:
    """arXiv 2306.17201, 17 joints, 243 frames."""
    stage_1, stage_2 = PaperNetwork(ModelConfig("pretrain", 243)), PaperNetwork(ModelConfig("lift", 243))
    assert count(stage_1.encoder["2d"]) == 18_944
    assert count(stage_1.encoder["3d"]) == 27_648
    assert count(stage_1.spatial) == 658_688
    assert count(stage_1.temporal) + stage_1.position.numel() == 2_171_136
    assert count(stage_1.decoder["2d"]) == count(stage_1.decoder["3d"]) == 527_616
    assert count(stage_2.strided) == 4_133_376
    assert count(stage_2.sequence_head) == 13_619
    assert count(stage_1) == 4_017_498
    assert count(stage_2) == 7_009_382


@pytest.mark.slow
def test_masked_joints_and_dropped_frames_do_not_affect_the_output() -> None:
    torch.manual_seed(0)
    network = PaperNetwork(ModelConfig("pretrain", **SMALL)).eval()
    x = torch.randn(2, 27, 17, 3)
    masked_BFJ = torch.rand(2, 27, 17) < 0.3
    kept = torch.stack([torch.randperm(27)[:11].sort().values for _ in range(2)])
    dropped = torch.ones(2, 27, dtype=torch.bool).scatter(1, kept, False)
    other = torch.where((masked_BFJ | dropped[..., None])[..., None], torch.randn_like(x) * 9, x)
    torch.testing.assert_close(network.masked(x, masked_BFJ, kept), network.masked(other, masked_BFJ, kept))
    assert not torch.allclose(network.masked(x, masked_BFJ, kept), network.masked(x * 1.1, masked_BFJ, kept))


def test_lifting_gives_the_middle_frame_and_the_sequence() -> None:
    network = PaperNetwork(ModelConfig("lift", **SMALL)).eval()
    middle, sequence = network.lift(torch.randn(3, 27, 17, 2))
    assert middle.shape == (3, 1, 17, 3)
    assert sequence.shape == (3, 27, 17, 3)


def test_the_strided_decoder_depends_on_every_frame() -> None:
    network = PaperNetwork(ModelConfig("lift", **SMALL)).eval()
    x = torch.randn(1, 27, 17, 2, requires_grad=True)
    network.lift(x)[0].sum().backward()
    assert x.grad is not None
    assert (x.grad.abs().sum(dim=(0, 2, 3)) > 0).all()


def test_a_model_file_is_read_back(tmp_path: Path) -> None:
    network = PaperNetwork(ModelConfig("complete", **SMALL)).eval()
    save_model(network, {"recipe": "test"}, tmp_path / "m.safetensors")
    model = load_model(tmp_path / "m.safetensors")
    assert model.facts == {"recipe": "test"}
    assert model.network.config == network.config
    x, masked_BFJ = torch.randn(1, 27, 17, 3), torch.rand(1, 27, 17) < 0.5
    torch.testing.assert_close(model.network.masked(x, masked_BFJ), network.masked(x, masked_BFJ), atol=2e-2, rtol=2e-2)


@pytest.mark.parametrize(
    "options",
    [
        {"task": "pretrain"},
        {"task": "pretrain", "pretext": "2d"},
        {"task": "lift", "sequence_head": False},
        {"task": "lift", "decoder": "light"},
        {"task": "lift", "decoder": "light", "sequence_head": False, "partial": True},
    ],
)
def test_every_option_is_read_back(options: dict[str, object], tmp_path: Path) -> None:
    network = PaperNetwork(ModelConfig(**{**SMALL, **options})).eval()
    save_model(network, {}, tmp_path / "m.safetensors")
    again = load_model(tmp_path / "m.safetensors").network
    assert again.config == network.config
    for name, value in network.state_dict().items():
        torch.testing.assert_close(again.state_dict()[name], value, atol=1e-3, rtol=1e-3)


def test_only_the_parts_that_are_needed_are_built() -> None:
    def parts(**options: object) -> set[str]:
        return {name.split(".")[0] for name in PaperNetwork(ModelConfig(**{**SMALL, **options})).state_dict()}

    shared = {"encoder", "spatial", "position", "temporal"}
    light = {"decoder", "head", "decoder_position"}
    assert parts(task="lift") == {*shared, "strided", "middle_head", "sequence_head"}
    assert parts(task="lift", sequence_head=False) == {*shared, "strided", "middle_head"}
    assert parts(task="lift", decoder="light") == {*shared, *light, "sequence_head"}
    assert parts(task="complete") == {*shared, *light, "joint_token"}
    assert parts(task="pretrain") == {*shared, *light, "joint_token", "frame_token"}


def test_a_light_decoder_gives_the_whole_window_and_can_drop_frames() -> None:
    torch.manual_seed(0)
    network = PaperNetwork(ModelConfig("lift", **SMALL, decoder="light", sequence_head=False, partial=True)).eval()
    x, masked_BFJ = torch.randn(2, 27, 17, 2), torch.rand(2, 27, 17) < 0.3
    middle, sequence = network.lift(x, masked_BFJ)
    assert sequence is not None
    assert sequence.shape == (2, 27, 17, 3)
    torch.testing.assert_close(middle, sequence[:, 13:14])
    torch.testing.assert_close(network.sequence(network.share(x, masked_BFJ)), sequence)
    kept = torch.arange(0, 27, 2).expand(2, -1)
    other = x.clone()
    other[:, 1::2] = 9.0
    torch.testing.assert_close(network.lift(x, masked_BFJ, kept)[1], network.lift(other, masked_BFJ, kept)[1])
    assert not torch.allclose(network.lift(x, masked_BFJ, kept)[1], sequence)


def test_a_network_without_a_sequence_head_says_so() -> None:
    network = PaperNetwork(ModelConfig("lift", **SMALL, sequence_head=False)).eval()
    assert network.lift(torch.randn(1, 27, 17, 2))[1] is None
    with pytest.raises(ModelError, match="middle frame only"):
        network.sequence(torch.randn(1, 27, 32))


def test_the_shipped_models_still_load_and_predict() -> None:
    """Their files are older than the options: what they do not say is as it was."""
    person = standing(90)
    gapped = with_gap(person, 13, 30, 60)
    filled, _ = complete_patch(gapped, CompleteOptions(method="model", model=shipped_model("complete"))).patch.apply(gapped)
    assert np.isfinite(filled.xyz_FPD).all()
    xy_FJ2 = 500 + 300 * np.stack([person.xyz_FPD[:, :, 0], -person.xyz_FPD[:, :, 2]], axis=-1).astype(np.float64)
    lifted_FJ3, _ = lift_joints(xy_FJ2, 30.0, (1000, 1000), shipped_model("lift"))
    assert np.isfinite(lifted_FJ3).all()
    assert lifted_FJ3[:, 10, 1].max() < lifted_FJ3[:, 0, 1].min(), "the head is above the hip, y points down"


def test_bad_model_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no such model"):
        load_model(tmp_path / "none.safetensors")
    (tmp_path / "junk.safetensors").write_bytes(b"not a model at all")
    with pytest.raises(ModelError, match="not a whole safetensors"):
        load_model(tmp_path / "junk.safetensors")
    save_model(PaperNetwork(ModelConfig("complete", **SMALL)), {}, tmp_path / "m.safetensors")
    whole = (tmp_path / "m.safetensors").read_bytes()
    (tmp_path / "cut.safetensors").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ModelError, match="not a whole safetensors"):
        load_model(tmp_path / "cut.safetensors")


def test_configurations_are_checked() -> None:
    assert from_json(to_json(ModelConfig("lift", 27))) == ModelConfig("lift", 27)
    for wrong in (
        {"task": "dance"},
        {"task": "lift", "frames": 80},
        {"channels": 30, "heads": 4},
        {"decoder": "heavy"},
        {"pretext": "3d"},
        {"space": "outer"},
    ):
        with pytest.raises(ModelError):
            ModelConfig(**wrong)
    with pytest.raises(ModelError, match="cannot be understood"):
        from_json('{"colour": 3}')


def test_a_device_that_is_not_here_is_refused() -> None:
    assert pick_device("cpu") == "cpu"
    with pytest.raises(ModelError, match="no device"):
        pick_device("abacus")
