"""The size of a network by module: parameters and multiply-adds for one window, counted on the network itself.

Beside them those of the authors' public code of arXiv 2306.17201 for 17 joints, where they are known. The paper itself gives floating-point
operations of stage II, of which each multiply-add has two; `operations` compares them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch
from torch import nn
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode

from mpm_core.model.build import AnyNetwork, build
from mpm_core.model.config import ModelConfig
from mpm_core.model.paper_network import PaperNetwork
from mpm_core.model.ray_lift_network import RayLiftNetwork
from mpm_core.model.repair_features import feature_count
from mpm_core.model.repair_network import RepairNetwork
from mpm_train.objectives.config import PaperLiftConfig, PaperPretrainConfig, objective_config

NAMES = {
    "encoder.2d": "2D encoder",
    "encoder.3d": "3D encoder",
    "joint_token": "masked joints (v^S)",
    "spatial": "shared spatial layers",
    "temporal": "shared temporal layers",
    "decoder.2d": "2D decoder",
    "decoder.3d": "3D decoder",
    "decoder_position": "decoder positions",
    "frame_token": "dropped frames (v^T)",
    "head.2d": "2D head",
    "head.3d": "3D head",
    "strided": "strided 3D decoder",
    "middle_head": "middle frame head",
    "sequence_head": "sequence head",
    "embed": "input features",
    "near": "attention bias by distance in time",
    "layers": "temporal layers",
    "norm": "last norm",
    "head": "pose head",
    "gate": "gate",
    "sigma_head": "sigma head",
    "gravity": "gravity",
    "rest": "feet at rest",
}
AUTHORS = {
    "2D encoder": 18_944,
    "3D encoder": 27_648,
    "shared spatial layers": 658_688,
    "2D decoder": 527_616,
    "3D decoder": 527_616,
    "sequence head": 13_619,
}
AUTHORS_AT_243 = {"shared temporal layers": 2_171_136, "strided 3D decoder": 4_133_376}
AUTHORS_TOTALS = {PaperPretrainConfig: (4_017_498, None), PaperLiftConfig: (7_009_382, 1_022_000_000)}
PUBLISHED_OPERATIONS = 2_387_000_000  # of stage II at 243 frames, section 4.3.1; the body of Table D is not known
TOTAL = "whole network"


@dataclass(frozen=True, slots=True)
class Cost:
    """One module. multiply_adds: for one window of each kind of pose that goes in. authors_*: those of the authors' public code, None
    where none are known."""

    module: str
    parameters: int
    multiply_adds: int
    authors_parameters: int | None = None
    authors_multiply_adds: int | None = None


def module_costs(config: ModelConfig, frames_dropped: float = 0.6) -> list[Cost]:
    """A row per module, the whole network last. frames_dropped: share of the frames that skip a stage I network's temporal layers.

    The position table of the temporal layers counts with them. Norms, activations and sums are not counted, as is usual; nor is the
    gate beside a repairing network, which runs sample by sample.
    """
    network = build(config).eval()
    parameters: dict[str, int] = {}
    for name, value in network.named_parameters():
        row = _row(network, name)
        parameters[row] = parameters.get(row, 0) + value.numel()
    counted = _multiply_adds(network, frames_dropped)
    plain = ModelConfig(config.task, config.frames)
    published = replace(config, dropout=plain.dropout, rate_hz=plain.rate_hz, space=plain.space) == plain
    authors = (AUTHORS | (AUTHORS_AT_243 if config.frames == 243 else {})) if published else {}
    rows = [Cost(name, parameters[name], counted.get(name, 0), authors.get(name)) for name in NAMES.values() if name in parameters]
    totals = AUTHORS_TOTALS.get(objective_config(config), (None, None)) if published and config.frames == 243 else (None, None)
    return [*rows, Cost(TOTAL, sum(parameters.values()), sum(row.multiply_adds for row in rows), *totals)]


def cost_table(config: ModelConfig) -> str:
    """`module_costs` in Markdown, and `operations` below it for the network that the paper counts."""
    lines = ["| module | parameters | authors' code | multiply-adds, one window | authors' code |", "|---|---|---|---|---|"]
    costs = module_costs(config)
    for cost in costs:
        cells = (cost.parameters, cost.authors_parameters, cost.multiply_adds, cost.authors_multiply_adds)
        lines.append(f"| {cost.module} | " + " | ".join("" if cell is None else f"{cell:,}" for cell in cells) + " |")
    if costs[-1].authors_multiply_adds is not None:
        lines += ["", operations(config)]
    return "\n".join(lines)


def operations(config: ModelConfig) -> str:
    """Floating-point operations of a stage II network of the paper, beside the published number, in a sentence."""
    alone = 2 * module_costs(config)[-1].multiply_adds
    stage_one = {cost.module: cost.multiply_adds for cost in module_costs(replace(config, task="pretrain"), frames_dropped=0.0)}
    both = alone + 2 * sum(stage_one[name] for name in ("3D encoder", "3D decoder", "3D head"))
    return (
        f"Published: {PUBLISHED_OPERATIONS / 1e6:,.0f} M floating-point operations, two for each multiply-add; of what is not said. "
        f"This network has {alone / 1e6:,.0f} M, or {both / 1e6:,.0f} M with stage I's 3D encoder and 3D decoder, which it does not run."
    )


def _row(network: AnyNetwork, name: str) -> str:
    """The row that a parameter belongs to."""
    if name == "position":
        return NAMES["temporal" if isinstance(network, PaperNetwork) else "layers"]
    parts = name.split(".")
    return NAMES.get(".".join(parts[:2])) or NAMES[parts[0]]


class _OneWindow(nn.Module):
    """One window of each kind of pose through a network, as its objective sends it."""

    def __init__(self, network: AnyNetwork, frames_dropped: float) -> None:
        super().__init__()
        self.network, self.frames_dropped = network, frames_dropped

    def forward(self) -> None:
        config = self.network.config
        masked = torch.zeros(1, config.frames, config.joints, dtype=torch.bool)
        kept = torch.arange(round(config.frames * (1 - self.frames_dropped)))[None]
        if isinstance(self.network, RepairNetwork):
            self.network(torch.zeros(1, config.frames, feature_count(config.riding)))
            return
        for dims in config.inputs:
            x = torch.zeros(1, config.frames, config.joints, dims)
            if isinstance(self.network, RayLiftNetwork):
                self.network.at_rest(x, masked, x.new_tensor([[0.0, -1.0, 0.0]]))
            if not isinstance(self.network, PaperNetwork) or config.lifts:
                self.network.lift(x, masked if config.partial else None)
            else:
                self.network.masked(x, masked, kept if config.drops_frames else None)


def _multiply_adds(network: AnyNetwork, frames_dropped: float) -> dict[str, int]:
    """By row. Attention runs unfused meanwhile, because the fused kernels are not counted."""
    counter, fused = FlopCounterMode(display=False), torch.backends.mha.get_fastpath_enabled()
    torch.backends.mha.set_fastpath_enabled(False)
    try:
        with torch.no_grad(), sdpa_kernel(SDPBackend.MATH), counter:
            _OneWindow(network, frames_dropped).eval()()
    finally:
        torch.backends.mha.set_fastpath_enabled(fused)
    flops = {name.removeprefix("_OneWindow.network."): sum(by.values()) for name, by in counter.get_flop_counts().items()}
    within = {name: flops.get(name, sum(count for key, count in flops.items() if key.rpartition(".")[0] == name)) for name in NAMES}
    return {row: within[name] // 2 for name, row in NAMES.items() if within[name]}
