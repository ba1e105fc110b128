"""Lifting and repairing by two networks, by one with shared layers, and lifting after repairing; and what more data buys lifting.

`python -m tests.measure_one_network DATA OUT [--less CORPUS] [--steps N] [--channels N] [--seeds N ...]`.
Not a test: it prints the tables of docs/adr/0005. A stopped measurement goes on with the same command; finished runs are not made again.

Every network has 4 layers and 81 frames and takes N steps of 32 windows of each task it learns, at the same rates. apart: a network for
each task. shared: steps of the two tasks by turns; the layers (attention and feed-forward) are one, while each task has its own embedding,
positions, attention bias, last norm and head. after repairing: lifting from the weights of the repairing network apart, its
embedding aside.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from mpm_core.files.atomic import write_bytes
from mpm_core.model.build import build
from mpm_core.model.checkpoint import load_model, save_model
from mpm_train.ablation.ablate import held_out_error
from mpm_train.average import blend
from mpm_train.config import TrainConfig
from mpm_train.learner import Learner, learn
from mpm_train.loader import Batches, from_corpus, open_split
from mpm_train.processes import join
from mpm_train.progress import progress
from mpm_train.recipes import RECIPES
from mpm_train.run import train
from mpm_train.run_state import restore, save_state
from mpm_train.stop import requests

TASKS = {"lift": "sequence", "repair": "corrected_weighted"}
"""Each task's error, a term of its loss: MPJPE of whole windows; that after the edge correction, weighted by 1 / usual error of a gap of
its length."""
SAVE_EVERY = 200  # steps of one network for both tasks


class OneNetwork(nn.Module):
    """A lifting and a repairing network whose layers are the same."""

    def __init__(self, configs: Sequence[TrainConfig]) -> None:
        super().__init__()
        parts = []
        for config in configs:
            torch.manual_seed(config.seed)
            parts.append(build(config.model))
        self.lift, self.repair = parts
        self.repair.layers = self.lift.layers

    def state_dict(self, *args: Any, **names: Any) -> dict[str, Tensor]:  # type: ignore[override]
        """Each weight once."""
        return {name: value for name, value in super().state_dict(*args, **names).items() if not name.startswith("repair.layers.")}

    def load_state_dict(self, state: dict[str, Tensor], *args: Any, **names: Any) -> Any:  # type: ignore[override]
        again = {f"repair.{name.removeprefix('lift.')}": value for name, value in state.items() if name.startswith("lift.layers.")}
        return super().load_state_dict(state | again, *args, **names)


def main(words: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("data", type=Path, help="the corpus that is learned from")
    parser.add_argument("out", type=Path, help="the folder for the runs")
    parser.add_argument(
        "--less", type=Path, metavar="CORPUS", help="lifting is also learned from this one; all are measured on its validation people too"
    )
    parser.add_argument("--steps", type=int, default=1_200, help="of each task")
    parser.add_argument("--channels", type=int, default=128)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2])
    args = parser.parse_args(words)
    for seed in args.seeds:
        lift, repair = (small(task, args.steps, args.channels, seed) for task in TASKS)
        run = {name: args.out / f"{name}-{seed}" for name in ("lift", "lift-less", "repair", "lift-after-repair", "shared")}
        lifting, repairing = {}, {}
        lifting["apart"], repairing["apart"] = train(lift, args.data, run["lift"]), train(repair, args.data, run["repair"])
        lifting["shared"], repairing["shared"] = together((lift, repair), args.data, run["shared"])
        if args.less:
            lifting[f"apart, {args.less.name}"] = train(lift, args.less, run["lift-less"])
        after = replace(lift, start_from=str(repairing["apart"]))
        lifting["after repairing"] = train(after, args.data, run["lift-after-repair"])
        for config, models in ((lift, lifting), (repair, repairing)):
            for name, model in models.items():
                errors = held_out(model, config, args.data, args.less)
                cells = ", ".join(f"{where} {1000 * error_m:.1f}" for where, error_m in errors.items())
                sys.stdout.write(f"{config.name} {name}, seed {seed}: {cells} mm\n")
                sys.stdout.flush()


def small(task: str, steps: int, channels: int, seed: int) -> TrainConfig:
    """The recipe of a task, from scratch, small and short; everybody's poses are learned from."""
    recipe = RECIPES[{"lift": "studio-lift-world", "repair": "studio-repair"}[task]]()
    model = replace(recipe.model, channels=channels, hidden=2 * channels, layers=4)
    recipe = replace(recipe, model=model, start_from="", gate_subjects=(), steps=steps, save_every=max(1, steps // 4), seed=seed)
    return replace(recipe, lr=1.5e-3, warm_up=100, ema=0.99, batch=32, threads=1, workers=0)


def together(configs: tuple[TrainConfig, TrainConfig], data: Path, out: Path) -> list[Path]:
    """Train a OneNetwork or go on; the files of its two networks. The averages move after each pair of steps: as often as those apart."""
    finished, state = [out / f"{task}.safetensors" for task in TASKS], out / "state.safetensors"
    if all(path.is_file() for path in finished):
        return finished
    out.mkdir(parents=True, exist_ok=True)
    network, average, group = OneNetwork(configs), OneNetwork(configs), join()
    torch.set_num_threads(configs[0].threads)
    average.load_state_dict(network.state_dict())
    learners = [Learner(part, config) for part, config in zip((network.lift, network.repair), configs, strict=True)]
    batches = [Batches(from_corpus(data, config), config) for config in configs]
    optimizer = torch.optim.AdamW(network.parameters(), lr=configs[0].lr, weight_decay=configs[0].weight_decay)
    first, total = restore(state, network, average, optimizer) if state.is_file() else 0, 2 * configs[0].steps
    with requests(insist=True) as request, progress("one network", total, "steps", done=first) as task:
        for done in range(first + 1, total + 1):
            step, which = divmod(done - 1, 2)
            terms = learn(group, learners[which], optimizer, batches[which][step], configs[which], step)
            if which:
                blend(average, network, min(configs[0].ema, (step + 1) / (step + 10)))
            task.advance(partial("{} loss {:.4g}".format, ("lift", "repair")[which], float(terms["loss"].detach())))
            if request.pending or done % SAVE_EVERY == 0 or done == total:
                save_state(state, network, average, optimizer, done)
            if request.pending:
                raise KeyboardInterrupt(f"stopped after step {done} of {total}; the same command goes on from there")
    for part, path in zip((average.lift, average.repair), finished, strict=True):
        save_model(part, {}, path)
    return finished


def held_out(model: Path, config: TrainConfig, data: Path, less: Path | None) -> dict[str, float]:
    """The task's error in metres, by "corpus split": validation people of both corpora, and data's test people; kept beside the model."""
    kept = model.with_suffix(".json")
    known: dict[str, float] = json.loads(kept.read_text(encoding="utf-8")) if kept.is_file() else {}
    sets = [(data, "validation"), (data, "test"), *([(less, "validation")] if less else [])]
    for corpus, split in sets:
        where = f"{corpus.name} {split}"
        if where not in known:
            network, sampler = load_model(model).network, open_split(corpus, split, config)
            known[where] = held_out_error(network, config, sampler, TASKS["lift" if config.model.lifts else "repair"])
            write_bytes(kept, json.dumps(known).encode())
    return known


if __name__ == "__main__":
    main()
