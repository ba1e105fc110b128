"""One training run: steps, averaged weights, validation, checkpoints that resume to the bit. Stops cleanly on Ctrl-C."""

from __future__ import annotations

import csv
import json
import math
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import torch
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from safetensors.torch import load_file, save
from torch import Tensor

from mpm_core.errors import DataError, ModelError
from mpm_core.io.atomic import write_bytes
from mpm_core.model.checkpoint import load_model, save_model
from mpm_core.model.network import Network
from training.config import TrainConfig
from training.data.corpus import load_corpus
from training.data.windows import Sampler
from training.objective import Terms, objective_of

VALIDATION_BATCHES = 12
SETTLE_BATCHES = 12


def learning_rate(config: TrainConfig, step: int) -> float:
    rise = min(1.0, (step + 1) / max(config.warm_up, 1))
    share = min(1.0, max(0.0, (step - config.warm_up) / max(config.steps - config.warm_up, 1)))
    return rise * (config.lr_end + (config.lr - config.lr_end) * 0.5 * (1 + math.cos(math.pi * share)))


def train(config: TrainConfig, data: Path, out: Path) -> Path:
    """Train or resume; returns the finished model file. Raises DataError when the folder holds another run."""
    torch.set_num_threads(config.threads)
    torch.manual_seed(config.seed)
    joints_NJ3, clips = load_corpus(data)
    model_rate = config.model.rate_hz
    sampler = Sampler(joints_NJ3, clips, "train", config.model.frames, model_rate)
    held_out = Sampler(joints_NJ3, clips, "validation", config.model.frames, model_rate)
    network = Network(config.model)
    if config.start_from:
        start_from(network, Path(config.start_from))
    average = Network(config.model)
    average.load_state_dict(network.state_dict())
    optimizer = torch.optim.AdamW(network.parameters(), lr=config.lr, weight_decay=config.weight_decay)
    out.mkdir(parents=True, exist_ok=True)
    claim(out, config)
    state = out / "state.safetensors"
    first = restore(state, network, average, optimizer) if state.is_file() else 0
    objective, headline = objective_of(config)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TimeRemainingColumn())
    with Progress(*columns) as bar:
        job = bar.add_task(config.name, total=config.steps, completed=first)
        began = time.monotonic()
        for step in range(first, config.steps):
            rng = np.random.default_rng([config.seed, step])
            torch.manual_seed(config.seed * 1_000_003 + step)
            for group in optimizer.param_groups:
                group["lr"] = learning_rate(config, step)
            network.train()
            terms = objective(network, sampler.draw(config.batch, rng), config, rng, step / config.steps)
            optimizer.zero_grad(set_to_none=True)
            terms["loss"].backward()  # type: ignore[no-untyped-call]
            torch.nn.utils.clip_grad_norm_(network.parameters(), config.clip)
            optimizer.step()
            blend(average, network, min(config.ema, (step + 1) / (step + 10)))
            done = step + 1
            bar.update(job, completed=done)
            if done % config.save_every == 0 or done == config.steps:
                settle(average, sampler, config, objective)
                scores = validate(average, held_out, config, objective)
                log(out / "log.csv", done, terms, scores, time.monotonic() - began)
                save_state(state, network, average, optimizer, done)
                bar.update(job, description=f"{config.name} {headline} {scores[headline] * 1000:.1f} mm")
    path = out / "model.safetensors"
    facts = {"recipe": config.name, "training": asdict(config), "validation_mm": {k: round(v * 1000, 2) for k, v in scores_of(out).items()}}
    save_model(average, facts, path)
    return path


def start_from(network: Network, path: Path) -> None:
    """Take over every weight whose name and shape fit. Raises ModelError when the shared layers do not."""
    given = load_model(path).network.state_dict()
    own = network.state_dict()
    fitting = {name: value for name, value in given.items() if name in own and own[name].shape == value.shape}
    if not all(name in fitting for name in own if name.startswith(("spatial", "temporal"))):
        raise ModelError("its shared layers do not fit this network", where=str(path), hint="was it trained with other sizes?")
    network.load_state_dict({**own, **fitting})


def claim(out: Path, config: TrainConfig) -> None:
    path = out / "config.json"
    text = json.dumps(asdict(config), indent=1, sort_keys=True)
    if path.is_file() and path.read_text(encoding="utf-8") != text:
        raise DataError("this folder holds a run with other settings", where=str(out), hint="name another --out, or delete it")
    write_bytes(path, text.encode())


@torch.no_grad()
def blend(average: Network, network: Network, keep: float) -> None:
    for mean, now in zip(average.state_dict().values(), network.state_dict().values(), strict=True):
        if mean.is_floating_point():
            mean.lerp_(now, 1 - keep)
        else:
            mean.copy_(now)


@torch.no_grad()
def settle(average: Network, sampler: Sampler, config: TrainConfig, objective: Callable[..., Terms]) -> None:
    """Measure the averaged network's own batch statistics: those averaged with the weights belong to no network."""
    average.eval()
    norms = [module for module in average.modules() if isinstance(module, torch.nn.BatchNorm1d)]
    for norm in norms:
        norm.reset_running_stats()
        norm.momentum = None
        norm.train()
    for batch in range(SETTLE_BATCHES):
        rng = np.random.default_rng([9, batch])
        objective(average, sampler.draw(config.batch, rng), config, rng)


@torch.no_grad()
def validate(network: Network, sampler: Sampler, config: TrainConfig, objective: Callable[..., Terms]) -> dict[str, float]:
    """Mean terms over the same windows and masks every time, nothing augmented."""
    network.eval()
    sums: dict[str, float] = {}
    for batch in range(VALIDATION_BATCHES):
        rng = np.random.default_rng([7, batch])
        for name, value in objective(network, sampler.draw(config.batch, rng, augment=False), config, rng).items():
            sums[name] = sums.get(name, 0.0) + float(value) / VALIDATION_BATCHES
    return sums


def log(path: Path, step: int, terms: Terms, scores: dict[str, float], seconds: float) -> None:
    row: dict[str, Any] = {"step": step, "seconds": round(seconds, 1)}
    row |= {f"train_{name}": round(float(value.detach()), 6) for name, value in terms.items()}
    row |= {f"validation_{name}": round(value, 6) for name, value in scores.items()}
    new = not path.is_file()
    with path.open("a", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(row))
        if new:
            writer.writeheader()
        writer.writerow(row)


def scores_of(out: Path) -> dict[str, float]:
    """The last validation scores of a run, metres."""
    with (out / "log.csv").open(encoding="utf-8") as file:
        last = list(csv.DictReader(file))[-1]
    return {name.removeprefix("validation_"): float(value) for name, value in last.items() if name.startswith("validation_")}


def save_state(path: Path, network: Network, average: Network, optimizer: torch.optim.Optimizer, step: int) -> None:
    tensors: dict[str, Tensor] = {"step": torch.tensor(step)}
    tensors |= {f"network/{name}": value for name, value in network.state_dict().items()}
    tensors |= {f"average/{name}": value for name, value in average.state_dict().items()}
    for index, moments in optimizer.state_dict()["state"].items():
        tensors |= {f"optimizer/{index}/{name}": value for name, value in moments.items()}
    write_bytes(path, save({name: value.contiguous() for name, value in tensors.items()}))


def restore(path: Path, network: Network, average: Network, optimizer: torch.optim.Optimizer) -> int:
    """Bring a stopped run back; the step to go on with."""
    tensors = load_file(path)
    for part, name in ((network, "network/"), (average, "average/")):
        part.load_state_dict({key.removeprefix(name): value for key, value in tensors.items() if key.startswith(name)})
    moments: dict[int, dict[str, Tensor]] = {}
    for key, value in tensors.items():
        if key.startswith("optimizer/"):
            _, index, name = key.split("/")
            moments.setdefault(int(index), {})[name] = value
    optimizer.load_state_dict({"state": moments, "param_groups": optimizer.state_dict()["param_groups"]})
    return int(tensors["step"])
