"""The paper's losses: masks as published, one modality at a time, every option trains."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from mpm_core.errors import DataError
from mpm_core.model.config import ModelConfig
from mpm_core.model.encode import encode_3d, to_world
from mpm_core.model.paper_network import PaperNetwork
from mpm_train.config import TrainConfig
from mpm_train.data.windows import Windows
from mpm_train.loader import Batches, from_corpus, load
from mpm_train.masking import masked_share, published
from mpm_train.objectives.choose import headline_of, objective_of
from mpm_train.objectives.config import PaperLiftConfig, PaperPretrainConfig, objective_config
from mpm_train.objectives.paper import complete, lift, lift_both_ways, masks, pretrain
from mpm_train.objectives.terms import Terms
from mpm_train.recipes import RECIPES
from mpm_train.schedule import learning_rate
from tests.mpm_train.corpus import make_corpus

SMALL = {"frames": 27, "channels": 32, "hidden": 48, "layers": 1, "heads": 4, "dropout": 0.0}
RNG = np.random.default_rng


def people(batch: int = 8, frames: int = 27) -> Windows:
    """Stick people that swing: smooth, and no two alike."""
    rng = RNG(3)
    rest_BJ3 = rng.normal(0, 0.3, (batch, 1, 17, 3))
    swing_BFJ3 = 0.1 * np.sin(rng.uniform(1, 4, (batch, 1, 17, 1)) * np.arange(frames)[:, None, None] / 10)
    return Windows(
        torch.from_numpy((rest_BJ3 + swing_BFJ3).astype(np.float32)),
        torch.ones(batch, frames, dtype=torch.bool),
        torch.zeros(batch, dtype=torch.bool),
    )


def settings(task: str, **sizes: object) -> TrainConfig:
    model = ModelConfig(task, **{**SMALL, **sizes})
    kind = objective_config(model)
    objective = PaperLiftConfig(noise_2d=0.0) if kind is PaperLiftConfig else kind()
    return TrainConfig("test", model, objective, batch=8, bf16=False)


def test_spatio_temporal_masks_hide_71_8_percent_anew_in_every_frame() -> None:
    masked_BFJ, kept_BK = published(4, 243, 17, 5, 0.6, RNG(0))
    assert masked_share(243, 17, 5, 0.6) == pytest.approx(0.718, abs=0.001)
    visible = np.take_along_axis(~masked_BFJ, kept_BK[:, :, None], axis=1).sum() / masked_BFJ.size
    assert 1 - visible == pytest.approx(masked_share(243, 17, 5, 0.6))
    assert (masked_BFJ[:, 1:] != masked_BFJ[:, :-1]).any(axis=2).mean() > 0.99


def test_tubes_are_the_same_joints_in_all_frames() -> None:
    masked_BFJ, kept_BK = published(64, 27, 17, 5, 0.0, RNG(0), "tube")
    assert (masked_BFJ == masked_BFJ[:, :1]).all()
    assert (masked_BFJ[:, 0].sum(axis=1) == 5).all()
    assert masked_BFJ[:, 0].any(axis=0).all(), "any joint can be hidden"
    assert (kept_BK == np.arange(27)).all()


def test_temporal_masks_drop_whole_frames_only() -> None:
    masked_BFJ, kept_BK = published(4, 27, 17, 5, 0.718, RNG(0), "temporal")
    assert not masked_BFJ.any()
    assert kept_BK.shape == (4, 8)
    assert masked_share(27, 17, 5, 0.718, "temporal") == pytest.approx(1 - 8 / 27)


def test_masks_that_leave_nothing_are_refused() -> None:
    for wrong in ({"joints_masked": 17}, {"frames_dropped": 1.0}):
        with pytest.raises(DataError, match="cannot be masked"):
            masks(people().xyz_BFJ3, PaperPretrainConfig(**wrong), RNG(0))


def test_each_modality_touches_only_its_own_encoder_and_decoder() -> None:
    config = settings("pretrain")
    network = PaperNetwork(config.model)
    for name, other in (("m2m", "3d"), ("m3m", "2d")):
        network.zero_grad(set_to_none=True)
        pretrain(network, people(), config, RNG(0))[name].backward()
        for module in (network.encoder[other], network.decoder[other], network.head[other]):
            assert all(parameter.grad is None for parameter in module.parameters())
        assert all(parameter.grad is not None for parameter in network.spatial.parameters()), "both learn the shared layers"
        assert all(parameter.grad is not None for parameter in network.temporal.parameters())


def test_steps_alternate_between_2d_and_3d_and_halves_restore_both(tmp_path: Path) -> None:
    config = replace(settings("pretrain"), steps=4)
    data = make_corpus(tmp_path)
    prepared = [batch.prepared for batch in load(Batches(from_corpus(data, config), config), 0)]
    assert [set(one) for one in prepared] == [{"m2m"}, {"m3m"}, {"m2m"}, {"m3m"}]
    assert {len(poses.x_BFJD) for one in prepared for poses in one.values()} == {8}, "a step's windows all have one task"
    assert [set(batch.prepared) for batch in load(Batches(from_corpus(data, config), config), 3)] == [{"m3m"}], "a run goes on in its order"
    halves = replace(config, objective=replace(config.objective, tasks="halves"))
    for batch in load(Batches(from_corpus(data, halves), halves), 2):
        assert {name: len(poses.x_BFJD) for name, poses in batch.prepared.items()} == {"m2m": 4, "m3m": 4}
    flat = replace(config, model=replace(config.model, pretext="2d"))
    assert [set(batch.prepared) for batch in load(Batches(from_corpus(data, flat), flat), 2)] == [{"m2m"}] * 2
    with pytest.raises(DataError, match="neither 2D nor 3D"):
        next(iter(load(Batches(from_corpus(data, flat), replace(flat, objective=replace(flat.objective, weight_2d=0.0))), 0)))


def test_an_alternating_step_has_the_weighted_loss_of_its_task_alone() -> None:
    config = settings("pretrain")
    network = PaperNetwork(config.model)
    for step, name, weight in ((0, "m2m", 2.0), (1, "m3m", 3.0)):
        batch = pretrain.prepare(people(), config.model, pretrain.at_step(config.model, config.objective, step), RNG(0))
        terms = pretrain.terms(network, batch, config, 0.0)
        assert terms.keys() == {name, "loss"}
        assert float(terms["loss"].detach()) == pytest.approx(weight * float(terms[name].detach()))


def test_pretraining_weighs_2d_by_2_and_3d_by_3_and_gives_each_half_of_the_windows(monkeypatch: pytest.MonkeyPatch) -> None:
    config = settings("pretrain")
    network, shapes = PaperNetwork(config.model).eval(), []
    masked = network.masked
    monkeypatch.setattr(network, "masked", lambda x, *rest: (shapes.append(tuple(x.shape)), masked(x, *rest))[1])
    with torch.no_grad():
        terms = pretrain(network, people(8), config, RNG(0))
    assert shapes == [(4, 27, 17, 2), (4, 27, 17, 3)]
    assert float(terms["loss"]) == pytest.approx(2 * float(terms["m2m"]) + 3 * float(terms["m3m"]))
    shapes.clear()
    alone = settings("pretrain", pretext="2d")
    network = PaperNetwork(alone.model).eval()
    assert set(network.encoder) == set(network.decoder) == {"2d"}
    terms = pretrain(network, people(8), alone, RNG(0))
    assert set(terms) == {"m2m", "loss"}
    assert headline_of(alone) == "m2m"


@pytest.mark.parametrize(
    ("config", "loss"),
    [
        (settings("pretrain"), pretrain),
        (settings("complete"), complete),
        (settings("lift"), lift),
        (settings("lift", sequence_head=False), lift),
        (settings("lift", decoder="light"), lift),
        (settings("lift", decoder="light", sequence_head=False, partial=True), lift),
        (settings("lift", partial=True), lift),
    ],
    ids=["pretrain", "complete", "lift", "middle frame only", "light", "light partial", "strided partial"],
)
def test_every_option_learns_and_trains_all_that_was_built(config: TrainConfig, loss: Callable[..., Terms]) -> None:
    torch.manual_seed(0)
    network, windows = PaperNetwork(config.model), people(16)
    optimizer, losses, untouched = torch.optim.Adam(network.parameters(), lr=3e-3), [], set(dict(network.named_parameters()))
    assert objective_of(config) is loss
    for step in range(30):
        terms = loss(network, windows, config, RNG(step))
        optimizer.zero_grad(set_to_none=True)
        terms["loss"].backward()
        untouched -= {name for name, parameter in network.named_parameters() if parameter.grad is not None}
        optimizer.step()
        losses.append(float(terms["loss"].detach()))
    assert np.mean(losses[-5:]) < 0.8 * np.mean(losses[:5])
    assert not untouched


def test_completion_is_scored_on_hidden_joints_too_and_stage_one_can_be_asked() -> None:
    config = settings("complete")
    config = replace(config, objective=replace(config.objective, mask="tube", frames_dropped=0.0))
    terms = complete(PaperNetwork(config.model).eval(), people(), config, RNG(0))
    assert torch.equal(terms["loss"], terms["m3m"])
    assert float(terms["masked"].detach()) > 0
    assert (objective_of(config), headline_of(config)) == (complete, "masked")
    stage_one = PaperNetwork(settings("pretrain").model).eval()
    assert np.isfinite(float(complete(stage_one, people(), config, RNG(0))["masked"]))


def test_partial_2d_hides_tubes_and_the_target_stays_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    config = settings("lift", decoder="light", sequence_head=False, partial=True)
    tubes = replace(config.objective, mask="tube", frames_dropped=0.0, partial_2d=1.0, middle_weight=0.0)
    config = replace(config, objective=tubes)
    network, calls = PaperNetwork(config.model).eval(), []
    plain = network.lift
    monkeypatch.setattr(network, "lift", lambda x, masked, kept: (calls.append((masked, kept)), plain(x, masked, kept))[1])
    terms = lift(network, people(), config, RNG(0))
    masked_BFJ, kept_BK = calls[0]
    assert (masked_BFJ.sum(dim=2) == 5).all()
    assert (masked_BFJ == masked_BFJ[:, :1]).all()
    assert kept_BK.shape == (8, 27)
    assert float(terms["loss"]) == float(terms["sequence"])


def test_partial_2d_as_published_learns_by_the_middle_frame_alone() -> None:
    published, window = (RECIPES[name]() for name in ("paper-complete-2d", "paper-complete-2d-window"))
    assert published.model.strided and not published.model.sequence_head
    terms = {}
    for name, config in (("published", published), ("window", window)):
        config = replace(config, model=replace(config.model, channels=32, hidden=48, layers=1, heads=4), bf16=False)
        terms[name] = lift(PaperNetwork(config.model).eval(), people(), config, RNG(0))
    assert terms["published"].keys() == {"middle", "loss"}
    assert float(terms["published"]["loss"]) == float(terms["published"]["middle"])
    assert float(terms["window"]["loss"]) == float(terms["window"]["sequence"])


def test_the_mirrored_input_gives_the_mirrored_answer() -> None:
    torch.manual_seed(0)
    network = PaperNetwork(settings("lift").model).eval()
    x_BFJ2 = torch.randn(2, 27, 17, 2)
    mirror = [0, 4, 5, 6, 1, 2, 3, 7, 8, 9, 10, 14, 15, 16, 11, 12, 13]
    one, _ = lift_both_ways(network, x_BFJ2)
    other, _ = lift_both_ways(network, (x_BFJ2 * torch.tensor([-1.0, 1.0]))[:, :, mirror])
    torch.testing.assert_close(other, (one * torch.tensor([-1.0, 1.0, 1.0]))[:, :, mirror])
    assert not torch.allclose(one, network.lift(x_BFJ2)[0])


def test_the_rate_falls_by_3_percent_with_each_epoch() -> None:
    config = RECIPES["paper-lift-243"]()
    assert learning_rate(config, 0) == 1.6e-3
    each = config.steps // config.lr_parts
    assert learning_rate(config, each - 1) == 1.6e-3
    assert learning_rate(config, each) == pytest.approx(1.6e-3 * 0.97)
    assert learning_rate(config, config.steps - 1) == pytest.approx(1.6e-3 * 0.97**39)


def test_recipes_of_the_paper_chain_and_fit() -> None:
    paper = {name: make() for name, make in RECIPES.items() if name.startswith("paper-")}
    for name, config in paper.items():
        assert config.name == name
        assert objective_of(config)
        if isinstance(config.objective, PaperPretrainConfig):
            assert config.objective == PaperPretrainConfig("spatio-temporal", 5, 0.6, (), "padded", 2.0, 3.0, "alternating", True, ())
            assert (config.lr, config.lr_parts) == (1e-4, 15)
        else:
            first = paper[config.start_from.split("/")[1]]
            for field in ("frames", "layers", "channels", "hidden", "rate_hz", "space"):
                assert getattr(first.model, field) == getattr(config.model, field)


def test_a_network_of_camera_axes_sees_a_take_by_a_level_camera() -> None:
    xyz_BFJ3 = people().xyz_BFJ3
    for space in ("body", "camera"):
        seen_BFJ3, place = encode_3d(xyz_BFJ3, xyz_BFJ3[:, :, 0], space)
        torch.testing.assert_close(to_world(seen_BFJ3, place), xyz_BFJ3)
        assert (torch.linalg.det(place.turn_B33) > 0.999).all(), "left stays left"
    torch.testing.assert_close(seen_BFJ3[..., 1], (xyz_BFJ3[:, :, :1] - xyz_BFJ3)[..., 2], msg="image y points down")


def test_an_objective_of_another_network_is_refused() -> None:
    with pytest.raises(DataError, match="PaperLiftConfig does not train a network for 'pretrain'"):
        TrainConfig("test", ModelConfig("pretrain"), PaperLiftConfig())
