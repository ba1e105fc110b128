"""One training run: steps, averaged weights, validation, checkpoints that resume to the bit; alone or in several processes (torchrun)."""

from __future__ import annotations

from contextlib import ExitStack, closing
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

import torch
from accelerate import Accelerator
from torch import nn

from mpm_core.errors import DataError
from mpm_core.model.build import AnyNetwork, build
from mpm_core.model.checkpoint import load_model, save_model
from mpm_train.audit import Audit
from mpm_train.average import blend, settle
from mpm_train.command_line import train_command
from mpm_train.config import TrainConfig
from mpm_train.data.contents import contents_of
from mpm_train.data.intact import check_intact
from mpm_train.history import History, as_facts
from mpm_train.loader import Batch, Batches, from_corpus, load, open_split, with_steps
from mpm_train.logs import Log, Pace, Row
from mpm_train.objectives.choose import headline_of, objective_of
from mpm_train.objectives.terms import Terms
from mpm_train.plots import plot
from mpm_train.processes import PROBED_STEPS, anyone, asked_to_stop, begin_together, decide_bf16, join, means, share
from mpm_train.progress import Task, progress
from mpm_train.provenance import made_by
from mpm_train.run_record import RunRecord, device_name
from mpm_train.run_state import claim, restore, save_state, start_from, step_of
from mpm_train.schedule import learning_rate
from mpm_train.stop import requests
from mpm_train.trackers import TrackerName, check_tracker, start_tracker
from mpm_train.validation import validate


class Learner(nn.Module):
    """The network and its losses behind one forward(), which is what several processes share. Only "loss" keeps its graph."""

    def __init__(self, network: AnyNetwork, config: TrainConfig) -> None:
        super().__init__()
        self.network, self.config = network, config
        self.objective = objective_of(config)

    def forward(self, prepared: Any, progress: float) -> Terms:
        terms = self.objective.terms(self.network, prepared, self.config, progress)
        return {name: value if name == "loss" else value.detach() for name, value in terms.items()}


def train(
    config: TrainConfig, data: Path, out: Path, *, audit: bool = False, recipe: str = "", tracker: TrackerName = "tensorboard"
) -> Path:
    """Train or resume; returns the finished model file: the averaged network where it was best on held-out people.

    audit: every process records its batches and weights (audit.py). recipe: whose settings the configuration began with; its own name's
    if left out. tracker: where the run can be followed (trackers.py).
    Raises DataError when the folder holds another run, the corpus is damaged or another one, the batch cannot be divided or the tracker is
    not installed; ModelError when the loss is no longer a number; KeyboardInterrupt when asked to stop, after a checkpoint.
    """
    check_tracker(tracker)
    group = join()
    rank, main = group.process_index, group.is_main_process
    check(config, group.num_processes)
    config = decide_bf16(group, config, out)
    torch.set_num_threads(config.threads)
    torch.manual_seed(config.seed)
    train_set, held_out = open_split(data, "train", config), open_split(data, "validation", config)
    command, config = train_command(config, recipe or config.name, data, out), with_steps(config, train_set)
    network, average = build(config.model), build(config.model).to(group.device)
    started, before = start_from(network, Path(config.start_from)) if config.start_from else (None, History())
    average.load_state_dict(network.state_dict())
    probed = Batches(from_corpus(data, config), config, rank, group.num_processes)
    learner = share(group, Learner(network, config), (probed[step].prepared for step in range(PROBED_STEPS)))
    optimizer = torch.optim.AdamW(network.parameters(), lr=config.lr, weight_decay=config.weight_decay)
    if main:
        check_intact(data)
        contents = contents_of(data)
        out.mkdir(parents=True, exist_ok=True)
        claim(out, config, group.num_processes, contents)
    group.wait_for_everyone()
    state, best, finished = (out / f"{name}.safetensors" for name in ("state", "best", "model"))
    first = restore(state, network, average, optimizer) if state.is_file() else 0
    begin_together(group, first, out)
    batches = load(Batches(from_corpus(data, config), config, rank, group.num_processes), first)
    headline, pace = f"validation_{headline_of(config)}", Pace()
    if main:
        device = device_name(group.device, config.threads)
        made = RunRecord(out, first, made_by(command), device, group.num_processes, started)

    def save_best(row: Row) -> None:
        history = made.history(before, config, contents, int(row["step"]))
        save_model(average, facts(config, row) | as_facts(history), best)

    with ExitStack() as stack:
        following = start_tracker(tracker, out, first, asdict(config)) if main else None
        log = stack.enter_context(closing(Log(out, first, following))) if main else None
        record = stack.enter_context(closing(Audit(out, rank))) if audit else None
        request = stack.enter_context(requests(insist=group.num_processes == 1))
        task = stack.enter_context(progress(config.name, config.steps, "steps", done=first, shown=main))
        where = f"{group.num_processes} processes on {group.device.type}" if group.num_processes > 1 else group.device.type
        task.say(f"from step {first:,} to {config.steps:,}, {config.batch} windows a step, {where}")
        if started:
            task.say(started.line())
        at_row = log is not None and bool(log.rows) and log.rows[-1]["step"] == first
        if log and at_row and not finished.is_file() and step_of(best) != first and log.is_best(headline):
            save_best(log.rows[-1])  # it was stopped between the state and the best weights
        latest: Terms = {}
        stale = anyone(group, log is not None and log.is_stale(headline, config.patience))
        for step, batch in enumerate(pace.timed(() if stale else batches), first):
            terms = learn(group, learner, optimizer, batch, config, step)
            blend(average, network, min(config.ema, (step + 1) / (step + 10)))
            latest |= {name: value.detach() for name, value in terms.items()}  # a step may have some of the terms only
            done = step + 1
            task.advance(partial(loss_and_speed, terms, pace, config.batch))
            if record:
                record.write(step, terms["loss"].detach(), network, batch)
            stop = asked_to_stop(group, request.pending, done)
            due = done % config.save_every == 0 or done == config.steps
            if due:
                row = {"step": done, "lr": learning_rate(config, step)} | means(group, latest, done)
                if log:
                    row |= pace.read(config.batch)
                    settle(average, train_set, config)
                    row |= validate(average, held_out, config)
                    log.write(row)
                    say_checkpoint(task, log, headline)
            if main and (due or stop):
                save_state(state, network, average, optimizer, done)  # before the best weights: on a full disk, what comes last is lost
                made.write(done)
            if log and due and (log.is_best(headline) or not best.is_file()):
                save_best(row)
            if due:
                pace.restart()
                if anyone(group, log is not None and log.is_stale(headline, config.patience)):
                    break
            if stop and done < config.steps:
                group.wait_for_everyone()
                raise KeyboardInterrupt(f"stopped after step {done} of {config.steps}; the same command goes on from there")
    if main and best.is_file():
        plot(out, config.name)
        model = load_model(best)
        history = made.history(before, config, contents, int(model.facts["step"]))
        save_model(model.network, model.facts | as_facts(history), finished)
        best.unlink()
    group.wait_for_everyone()
    group.end_training()
    return finished


def learn(group: Accelerator, learner: nn.Module, optimizer: torch.optim.Optimizer, batch: Batch, config: TrainConfig, step: int) -> Terms:
    """One step. What is drawn in it (dropout too) is decided by the seed, the step and the process."""
    torch.manual_seed(config.seed * 1_000_003 + step + (group.process_index << 40))
    for parameters in optimizer.param_groups:
        parameters["lr"] = learning_rate(config, step)
    learner.train()
    terms: Terms = learner(batch.prepared, step / config.steps)
    optimizer.zero_grad(set_to_none=True)
    group.backward(terms["loss"])
    group.clip_grad_norm_(learner.parameters(), config.clip)
    optimizer.step()
    return terms


def check(config: TrainConfig, processes: int) -> None:
    """Raises DataError when the settings make no run."""
    for name, least in (("steps", 1), ("save_every", 1), ("workers", 0), ("threads", 1), ("batch", 2 * processes)):
        if getattr(config, name) < least:
            raise DataError(f"{name} must be at least {least}, not {getattr(config, name)}", hint=f"--{name.replace('_', '-')} {least}")
    if config.batch % processes:
        raise DataError(f"a batch of {config.batch} cannot be divided evenly among {processes} processes", hint="choose another --batch")


def facts(config: TrainConfig, row: dict[str, float]) -> dict[str, object]:
    """The facts of a run that its model file records: recipe, settings (saved_config.py reads them), step, held-out errors in mm."""
    scores = {name.removeprefix("validation_"): round(value * 1000, 2) for name, value in row.items() if name.startswith("validation_")}
    return {"recipe": config.name, "training": asdict(config), "step": int(row["step"]), "validation_mm": scores}


def loss_and_speed(terms: Terms, pace: Pace, batch: int) -> str:
    """What this process has to say of the step that it is in."""
    return f"loss {float(terms['loss'].detach()):.4g}, {pace.read(batch)['windows_per_s']:.1f} windows/s"


def say_checkpoint(task: Task, log: Log, headline: str) -> None:
    """A line on the row that was just written."""
    row, best = log.rows[-1], ", the best so far" if log.is_best(headline) else ""
    error = f"{headline.replace('_', ' ', 1)} {row[headline] * 1000:.1f} mm{best}"
    task.say(f"step {row['step']:,.0f}, checkpoint: loss {row['train_loss']:.4g}, {error}, {row['windows_per_s']:.1f} windows/s")
