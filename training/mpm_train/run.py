"""One training run: steps, averaged weights, validation, checkpoints that resume to the bit; alone or in several processes (torchrun)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import ExitStack, closing
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

import torch
from accelerate import Accelerator
from torch import nn

from mpm_core.errors import DataError
from mpm_core.model.build import AnyNetwork, build
from mpm_train.audit import Audit
from mpm_train.average import blend
from mpm_train.command_line import train_command
from mpm_train.config import TrainConfig
from mpm_train.data.contents import Contents, contents_of
from mpm_train.data.intact import check_intact
from mpm_train.history import History
from mpm_train.learner import Learner, learn
from mpm_train.loader import Batch, Batches, from_corpus, load, open_split, with_steps
from mpm_train.logs import Log, Pace
from mpm_train.objectives.terms import Terms
from mpm_train.processes import PROBED_STEPS, anyone, asked_to_stop, begin_together, decide_bf16, join, means, share
from mpm_train.progress import Task, progress
from mpm_train.provenance import made_by
from mpm_train.results import Results
from mpm_train.run_record import RunRecord, device_name
from mpm_train.run_state import claim, restore, save_state, start_from
from mpm_train.schedule import learning_rate
from mpm_train.stop import requests
from mpm_train.trackers import TrackerName, check_tracker, start_tracker


@dataclass(frozen=True, slots=True)
class Weights:
    """network: what is trained; average: its mean over the last steps; learner: the network with its losses, shared by the processes."""

    network: AnyNetwork
    average: AnyNetwork
    learner: nn.Module
    optimizer: torch.optim.Optimizer


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
    main = group.is_main_process
    check(config, group.num_processes)
    config = decide_bf16(group, config, out)
    torch.set_num_threads(config.threads)
    torch.manual_seed(config.seed)
    train_set, held_out = open_split(data, "train", config), open_split(data, "validation", config)
    command, config = train_command(config, recipe or config.name, data, out), with_steps(config, train_set)
    network = build(config.model)
    started, before = start_from(network, Path(config.start_from)) if config.start_from else (None, History())
    opener = from_corpus(data, config)
    weights = _weights(group, network, config, Batches(opener, config, group.process_index, group.num_processes))
    contents = _claimed(data, out, config, group.num_processes) if main else None
    group.wait_for_everyone()
    state = out / "state.safetensors"
    first = restore(state, weights.network, weights.average, weights.optimizer) if state.is_file() else 0
    begin_together(group, first, out)
    with ExitStack() as stack:
        results = None
        if contents is not None:
            made = RunRecord(out, first, made_by(command), device_name(group.device, config.threads), group.num_processes, started)
            log = stack.enter_context(closing(Log(out, first, start_tracker(tracker, out, first, asdict(config)))))
            results = Results(config, out, weights.average, train_set, held_out, contents, before, made, log)
        audited = stack.enter_context(closing(Audit(out, group.process_index))) if audit else None
        request = stack.enter_context(requests(insist=group.num_processes == 1))
        task = stack.enter_context(progress(config.name, config.steps, "steps", done=first, shown=main))
        where = f"{group.num_processes} processes on {group.device.type}" if group.num_processes > 1 else group.device.type
        task.say(f"from step {first:,} to {config.steps:,}, {config.batch} windows a step, {where}")
        if started:
            task.say(started.line())
        if results and started and first == 0:
            task.say(results.error_before_training())
        if results:
            results.keep_best_of_before(first)
        batches = load(Batches(opener, config, group.process_index, group.num_processes), first)
        _steps(group, config, weights, batches, first, state, results, audited, lambda: request.pending, task)
    if results:
        results.finish()
    group.wait_for_everyone()
    group.end_training()
    return out / "model.safetensors"


def _weights(group: Accelerator, network: AnyNetwork, config: TrainConfig, probed: Batches) -> Weights:
    """The average begins as the network. probed: batches by which it is found which weights a step leaves out."""
    average = build(config.model).to(group.device)
    average.load_state_dict(network.state_dict())
    learner = share(group, Learner(network, config), (probed[step].prepared for step in range(PROBED_STEPS)))
    optimizer = torch.optim.AdamW(network.parameters(), lr=config.lr, weight_decay=config.weight_decay)
    return Weights(network, average, learner, optimizer)


def _claimed(data: Path, out: Path, config: TrainConfig, processes: int) -> Contents:
    """The contents of a corpus that is intact, after the folder is this run's. Raises DataError, as `train` does."""
    check_intact(data)
    contents = contents_of(data)
    out.mkdir(parents=True, exist_ok=True)
    claim(out, config, processes, contents)
    return contents


def _steps(
    group: Accelerator,
    config: TrainConfig,
    weights: Weights,
    batches: Iterable[Batch],
    first: int,
    state: Path,
    results: Results | None,
    audited: Audit | None,
    stop_asked: Callable[[], bool],
    task: Task,
) -> None:
    """The steps from `first` on, with a checkpoint every save_every; all processes take the same ones. results: the main process's only.

    Raises ModelError when the loss is no longer a number, KeyboardInterrupt when asked to stop, after a checkpoint.
    """
    latest: Terms = {}
    pace = Pace()
    stale = anyone(group, results is not None and results.is_stale())
    for step, batch in enumerate(pace.timed(() if stale else batches), first):
        terms = learn(group, weights.learner, weights.optimizer, batch, config, step)
        blend(weights.average, weights.network, min(config.ema, (step + 1) / (step + 10)))
        latest |= {name: value.detach() for name, value in terms.items()}  # a step may have some of the terms only
        done = step + 1
        task.advance(partial(loss_and_speed, terms, pace, config.batch))
        if audited:
            audited.write(step, terms["loss"].detach(), weights.network, batch)
        stop = asked_to_stop(group, stop_asked(), done)
        due = done % config.save_every == 0 or done == config.steps
        if due:
            row = {"step": done, "lr": learning_rate(config, step)} | means(group, latest, done)
            if results:
                task.say(results.write_row(row | pace.read(config.batch)))
        if results and (due or stop):  # before the best weights: on a full disk, what comes last is lost
            save_state(state, weights.network, weights.average, weights.optimizer, done)
            results.record.write(done)
        if due:
            if results:
                results.keep_best()
            pace.restart()
            if anyone(group, results is not None and results.is_stale()):
                break
        if stop and done < config.steps:
            group.wait_for_everyone()
            raise KeyboardInterrupt(f"stopped after step {done} of {config.steps}; the same command goes on from there")


def check(config: TrainConfig, processes: int) -> None:
    """Raises DataError when the settings make no run."""
    for name, least in (("steps", 1), ("save_every", 1), ("workers", 0), ("threads", 1), ("batch", 2 * processes)):
        if getattr(config, name) < least:
            raise DataError(f"{name} must be at least {least}, not {getattr(config, name)}", hint=f"--{name.replace('_', '-')} {least}")
    if config.batch % processes:
        raise DataError(f"a batch of {config.batch} cannot be divided evenly among {processes} processes", hint="choose another --batch")


def loss_and_speed(terms: Terms, pace: Pace, batch: int) -> str:
    """What this process has to say of the step that it is in."""
    return f"loss {float(terms['loss'].detach()):.4g}, {pace.read(batch)['windows_per_s']:.1f} windows/s"
