"""The paper's comparisons on a small scale: grids (grids.py) of short runs, stage I and then stage II (2D to 3D).

The folder of a run is named by a hash of its settings: equal runs of two grids share a folder, finished ones are skipped and a stopped one
is resumed. Stage I uses all the training data that the option allows, stage II a part of it; every option gets the same number
of stage II steps. The score is stage II's MPJPE on held-out people: the middle frame, virtual cameras, 17 joints with the root.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from mpm_core.errors import DataError
from mpm_core.files.atomic import write_bytes
from mpm_core.model.build import AnyNetwork
from mpm_core.model.checkpoint import load_model
from mpm_train.ablation.grids import GRIDS, Option, Sizes
from mpm_train.ablation.verdicts import comma_separated, markdown
from mpm_train.config import TrainConfig
from mpm_train.data.corpus import corpus_hash
from mpm_train.loader import Draws, open_split
from mpm_train.masking import masked_share
from mpm_train.objectives.choose import headline_of, objective_of
from mpm_train.objectives.config import PaperPretrainConfig
from mpm_train.recipes import RECIPES
from mpm_train.recipes.paper import LIFT, MIRROR, paper_model
from mpm_train.run import train
from mpm_train.throughput import pace_of

SCORE_BATCHES, SCORE_BATCH = 24, 64
SAMPLE_S = 0.5  # of each kind of run, for a forecast
EXTRA_STEPS = 16  # what a run's own validation and its score cost, in steps
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Run:
    """One run. first: the stage I that it starts from, None = from scratch. folder: where it lies, by all that decides its result."""

    label: str
    config: TrainConfig
    folder: Path
    first: Run | None = None

    @property
    def model(self) -> Path:
        return self.folder / "model.safetensors"

    @property
    def chain(self) -> tuple[Run, ...]:
        return (self,) if self.first is None else (*self.first.chain, self)


def ablate(name: str, sizes: Sizes, data: Path, out: Path, say: Say, *, dry_run: bool = False) -> list[str]:
    """Run a grid ("all": each), or what is left of it; writes out/<grid>.md and .csv and returns the Markdown.

    dry_run: only say which runs there are and how long they will take. Raises DataError for an unknown grid or data that cannot be read;
    KeyboardInterrupt after a checkpoint.
    """
    if name not in (*GRIDS, "all"):
        raise DataError(f"there is no comparison called {name!r}", hint=f"known: {', '.join(GRIDS)}, all")
    names = list(GRIDS) if name == "all" else [name]
    seeds = range(sizes.first_seed, sizes.first_seed + sizes.seeds)
    corpus = corpus_hash(data)
    grids = {
        grid: {option.label: {seed: plan(grid, option, sizes, seed, out, corpus) for seed in seeds} for option in GRIDS[grid].options}
        for grid in names
    }
    todo = unfinished(run for options in grids.values() for runs in options.values() for run in runs.values())
    if dry_run:
        return forecast(todo, data)
    texts = []
    for grid, options in grids.items():
        for run in unfinished(run for runs in options.values() for run in runs.values()):
            say(f"[{todo.index(run) + 1} of {len(todo)}] {run.label}")
            train(run.config, data, run.folder)
        scores = {label: {seed: score(run, data) for seed, run in runs.items()} for label, runs in options.items()}
        masked = {label: share_masked(next(iter(runs.values()))) for label, runs in options.items()}
        text = f"{_heading(grid, sizes)}\n\n{markdown(GRIDS[grid], scores, masked)}"
        write_bytes(out / f"{grid}.md", (text + "\n").encode())
        write_bytes(out / f"{grid}.csv", comma_separated(GRIDS[grid], scores, masked).encode())
        texts.append(text)
    return texts


def plan(grid: str, option: Option, sizes: Sizes, seed: int, out: Path, corpus: str) -> Run:
    """The stage II run of an option, with its stage I. corpus: a hash of the data, for the folders' names."""
    label = f"{grid}: {option.label}, seed {seed}"
    if GRIDS[grid].of == "repairing":
        return _placed(label, repairing(option, sizes, seed), out, corpus, None)
    tune_model = paper_model("lift", sizes.frames, channels=sizes.channels, hidden=sizes.hidden, layers=option.layers)
    steps = sizes.steps
    common: dict[str, Any] = {
        "augment": MIRROR,
        "batch": sizes.batch,
        "lr": sizes.lr,
        "ema": 0.99,
        "bf16": False,
        "seed": seed,
        "threads": sizes.threads,
    }
    tune = TrainConfig(
        "ablate", tune_model, LIFT, steps=steps, warm_up=steps // 10, save_every=steps, data_share=sizes.tune_share, **common
    )
    if option.pretext is None:
        return _placed(f"{label}, stage II alone", tune, out, corpus, None)
    steps, model = sizes.first_steps, replace(tune_model, task="pretrain", pretext=option.pretext)
    common |= {"warm_up": steps // 10, "save_every": steps, "data_share": option.data_share}
    pretrain = TrainConfig("ablate", model, option.stage_one, steps=steps, **common)
    first = _placed(f"{label}, stage I", pretrain, out, corpus, None)
    return _placed(f"{label}, stage II", replace(tune, start_from=str(first.model)), out, corpus, first)


def repairing(option: Option, sizes: Sizes, seed: int) -> TrainConfig:
    """studio-repair, small and short, with the option's windows."""
    recipe, steps = RECIPES["studio-repair"](), sizes.first_steps + sizes.steps
    model = replace(recipe.model, channels=sizes.channels, hidden=sizes.hidden, layers=2)
    augment = replace(recipe.augment, **dict(option.augment))  # type: ignore[arg-type]
    small = {"steps": steps, "warm_up": steps // 10, "save_every": steps, "lr": sizes.lr, "threads": sizes.threads, "seed": seed}
    return replace(recipe, name="ablate", model=model, augment=augment, ema=0.99, bf16=False, workers=0, **small)  # type: ignore[arg-type]


def _placed(label: str, config: TrainConfig, out: Path, corpus: str, first: Run | None) -> Run:
    deciding = [asdict(replace(config, start_from="")), first.folder.name if first else "", corpus]
    digest = hashlib.sha256(json.dumps(deciding, sort_keys=True).encode()).hexdigest()
    return Run(label, config, out / "runs" / f"{config.model.task}-{digest[:16]}", first)


def unfinished(runs: Iterable[Run]) -> list[Run]:
    """The runs that have no model yet, each once, stage I before what starts from it."""
    each: dict[Path, Run] = {}
    for run in (run for last in runs for run in last.chain):
        each.setdefault(run.folder, run)
    return [run for run in each.values() if not run.model.is_file()]


def score(run: Run, data: Path) -> float:
    """MPJPE in mm of a finished stage II run; kept beside the model."""
    path = run.folder / "score.json"
    if not path.is_file():
        headline, sampler = headline_of(run.config), open_split(data, "validation", run.config)
        error_m = held_out_error(load_model(run.model).network, run.config, sampler, headline)
        write_bytes(path, json.dumps({f"{headline}_mm": 1000 * error_m}).encode())
    return float(next(iter(json.loads(path.read_text(encoding="utf-8")).values())))


@torch.inference_mode()
def held_out_error(network: AnyNetwork, config: TrainConfig, sampler: Draws, term: str) -> float:
    """The mean of a term of the loss in metres, over the same windows and masks every time, nothing augmented."""
    objective = objective_of(config)
    draws = (np.random.default_rng([11, batch]) for batch in range(SCORE_BATCHES))
    errors = [objective(network, sampler.draw(SCORE_BATCH, rng, augment=False), config, rng)[term] for rng in draws]
    return float(torch.stack(errors).mean())


def share_masked(run: Run) -> float | None:
    """Share of the samples that the run's stage I masks; None without one."""
    if run.first is None:
        return None
    model, masks = run.first.config.model, run.first.config.objective
    assert isinstance(masks, PaperPretrainConfig)
    return masked_share(model.frames, model.joints, masks.joints_masked, masks.frames_dropped, masks.mask)


def forecast(runs: list[Run], data: Path) -> list[str]:
    """A line per run with its minutes, from a moment of each kind on this machine, and their sum."""
    seconds: dict[TrainConfig, float] = {}
    lines, total = [], 0.0
    for run in runs:
        kind = replace(run.config, seed=0, start_from="", data_share=1.0)
        if kind not in seconds:
            seconds[kind] = kind.batch / pace_of(kind, data, SAMPLE_S)["windows_per_s"]
        minutes = seconds[kind] * (run.config.steps + EXTRA_STEPS) / 60
        total += minutes
        lines.append(f"{minutes:6.1f} min  {run.label}")
    return [*lines, f"{total:6.1f} min  {len(runs)} runs in all"]


def _heading(grid: str, sizes: Sizes) -> str:
    if GRIDS[grid].of == "repairing":
        return (
            f"Comparison `{grid}`: studio-repair's weighted error in mm after the edge correction, gaps of held-out people. "
            f"81 frames, {sizes.channels} channels, 2 layers, batch 32, {sizes.first_steps + sizes.steps} steps."
        )
    return (
        f"Comparison `{grid}`: MPJPE in mm of the middle frame on held-out people, 2D to 3D through virtual cameras. "
        f"{sizes.frames} frames, {sizes.channels} channels, batch {sizes.batch}; stage I {sizes.first_steps} steps, "
        f"stage II {sizes.steps} steps on {100 * sizes.tune_share:g} % of the training clips. "
        "Published: Human3.6M, CPN 2D, the paper's own sizes."
    )
