"""Runs cannot be mixed up: their corpus, their checkpoints and what they began with are checked and recorded."""

from __future__ import annotations

import errno
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from mpm_core.errors import DataError, FormatError, ModelError
from mpm_core.files import atomic
from mpm_core.model.checkpoint import load_model, save_model
from mpm_core.model.config import ModelConfig
from mpm_train import average, logs, results, validation
from mpm_train import run as running
from mpm_train.__main__ import main
from mpm_train.config import TrainConfig
from mpm_train.history import UNRECORDED, history_of, weights_free
from mpm_train.objectives.config import objective_config
from mpm_train.run_state import start_from
from tests.mpm_train.commands import tiny_arguments
from tests.mpm_train.corpus import make_corpus

SMALL = {"frames": 9, "channels": 8, "hidden": 12, "layers": 1, "heads": 2}


def config(task: str = "complete", **settings: Any) -> TrainConfig:
    model = ModelConfig(task, **SMALL)  # type: ignore[arg-type]
    start = TrainConfig("test", model, objective_config(model)(), steps=6, batch=8, warm_up=1, save_every=2, threads=1, bf16=False)
    return replace(start, **settings)


@pytest.fixture(autouse=True)
def fewer_validation_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(validation, "BATCHES", 1)
    monkeypatch.setattr(average, "SETTLE_BATCHES", 1)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return make_corpus(tmp_path / "data")


def test_another_corpus_is_refused(data: Path, tmp_path: Path) -> None:
    running.train(config(), data, tmp_path / "run")
    there = json.loads((tmp_path / "run" / "config.json").read_text())["corpus"]
    assert {part["split"]: part["people"] for part in there["parts"]} == {"train": ["s0", "s1", "s2"], "validation": ["s3"]}
    running.train(config(), make_corpus(tmp_path / "copy"), tmp_path / "run")
    with pytest.raises(DataError, match="began with another corpus"):
        running.train(config(), make_corpus(tmp_path / "other", frames=300), tmp_path / "run")


def test_a_run_records_its_command_sittings_and_corpus_and_its_model_does(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "run"
    learn = running.learn

    def stops(*arguments: Any) -> Any:
        if arguments[-1] == 3:
            raise RuntimeError("pulled the plug")
        return learn(*arguments)

    monkeypatch.setattr(running, "learn", stops)
    with pytest.raises(RuntimeError):
        running.train(config(), data, out, recipe="paper-complete")
    monkeypatch.setattr(running, "learn", learn)
    model = load_model(running.train(config(), data, out, recipe="paper-complete"))
    sittings = json.loads((out / "record.json").read_text())["sittings"]
    assert [(one["first"], one["last"]) for one in sittings] == [(0, 2), (2, 6)]
    (step,) = history_of(model.facts).steps
    assert (step.steps, step.sittings, step.processes, step.device) == (6, 2, 1, "cpu, 1 threads")
    assert step.best == model.facts["step"]
    assert step.command.startswith("mpm-train finetune paper-complete") and f"--data {data}" in step.command
    assert step.versions["torch"].startswith(torch.__version__.split("+")[0])
    assert step.hours == pytest.approx(sum(one["seconds"] for one in sittings) / 3600, abs=1e-3)
    assert weights_free(history_of(model.facts)) is None, "nobody says under which terms it was recorded"


def test_what_a_run_takes_over_is_said_and_the_history_goes_on(data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    first = running.train(config("pretrain"), data, tmp_path / "one")
    capsys.readouterr()
    second = running.train(config("lift", start_from=str(first)), data, tmp_path / "two")
    steps = history_of(load_model(second).facts).steps
    assert [step.command.split()[1] for step in steps] == ["pretrain", "finetune"]
    began = steps[1].started_from
    assert began is not None and began.file == str(first)
    given, own = (set(load_file(path)) for path in (first, second))
    assert set(began.left) >= given - own and set(began.new) >= own - given and began.loaded == len(given) - len(began.left)
    said = capsys.readouterr().err
    assert f"{began.loaded} tensors loaded" in began.line() and said.count(began.line()) == 1
    assert said.count("before the first step: validation") == 1
    assert json.loads((tmp_path / "two" / "record.json").read_text())["started_from"]["file"] == str(first)


def test_a_model_from_before_histories_is_a_step_that_nobody_knows(data: Path, tmp_path: Path) -> None:
    first = running.train(config(), data, tmp_path / "one")
    model = load_model(first)
    save_model(model.network, {"recipe": "old"}, tmp_path / "old.safetensors")
    _, before = start_from(model.network, tmp_path / "old.safetensors")
    assert [(step.kind, step.name) for step in before.steps] == [(UNRECORDED, "old")] and not before.recorded


@pytest.mark.parametrize(("name", "words"), [("state", "the run's state is damaged"), ("best", "the run's best weights cannot be read")])
def test_a_damaged_checkpoint_is_called_so(name: str, words: str, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(results, "plot", lambda *_given: (_ for _ in ()).throw(RuntimeError("at the end")))
    with pytest.raises(RuntimeError):
        running.train(config(), data, tmp_path / "run")
    path = tmp_path / "run" / f"{name}.safetensors"
    contents = bytearray(path.read_bytes())
    contents[-3] ^= 1
    path.write_bytes(contents)
    with pytest.raises(ModelError, match=words) as caught:
        running.train(config(), data, tmp_path / "run")
    assert caught.value.where == str(path)


def test_a_full_disk_leaves_a_checkpoint_from_which_the_run_goes_on_to_the_bit(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = running.train(config(), data, tmp_path / "whole")
    errors = iter([3.0, 2.0])  # the best weights are those of step 4, and just they do not fit on the disk
    monkeypatch.setattr(results, "validate", lambda *_: {"validation_masked": next(errors)})
    monkeypatch.setattr(results, "headline_of", lambda _config: "masked")
    put_in_place, out = atomic.put_in_place, tmp_path / "cut"

    def full(temporary: Path, target: Path) -> None:
        if target.name == "best.safetensors" and logs.read(out)[-1]["step"] == 4:
            raise OSError(errno.ENOSPC, "No space left on device")
        put_in_place(temporary, target)

    monkeypatch.setattr(atomic, "put_in_place", full)
    with pytest.raises(FormatError, match="No space left"):
        running.train(config(), data, out)
    assert int(load_file(out / "state.safetensors")["step"]) == 4
    assert load_model(out / "best.safetensors").facts["step"] == 2
    monkeypatch.setattr(atomic, "put_in_place", put_in_place)
    errors = iter([5.0])
    model = load_model(running.train(config(), data, out))
    assert model.facts["step"] == 4, "made again from the state"
    ours, theirs = load_file(out / "state.safetensors"), load_file(whole.with_name("state.safetensors"))
    assert all(torch.equal(ours[name], value) for name, value in theirs.items())


@pytest.mark.slow
def test_a_run_that_was_stopped_between_checkpoints_keeps_its_best_weights(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = load_file(running.train(config(), data, tmp_path / "whole"))
    out, stops = tmp_path / "stopped", iter([1, 3])
    for at in stops:  # before the first checkpoint, and after it
        monkeypatch.setattr(running, "asked_to_stop", lambda _group, _here, step, at=at: step == at)
        with pytest.raises(KeyboardInterrupt):
            running.train(config(), data, out)
    best = (out / "best.safetensors").read_bytes()
    monkeypatch.setattr(running, "asked_to_stop", lambda _group, _here, step: step == 4)
    monkeypatch.setattr(running, "save_state", lambda *_given: (_ for _ in ()).throw(RuntimeError("before anything new is kept")))
    with pytest.raises(RuntimeError):
        running.train(config(), data, out)
    assert (out / "best.safetensors").read_bytes() == best, "the average of step 3 is not a checkpoint"
    monkeypatch.undo()
    monkeypatch.setattr(validation, "BATCHES", 1)
    monkeypatch.setattr(average, "SETTLE_BATCHES", 1)
    resumed = load_file(running.train(config(), data, out))
    assert all(torch.equal(resumed[name], value) for name, value in whole.items())


@pytest.mark.slow
def test_epochs_count_passes_over_the_corpus(data: Path, tmp_path: Path) -> None:
    running.train(config(epochs=0.5), data, tmp_path / "run")
    frames = 3 * 400 * config().model.rate_hz / 120
    assert json.loads((tmp_path / "run" / "config.json").read_text())["steps"] == round(0.5 * frames / 8)
    running.train(config(epochs=0.5), data, tmp_path / "run")
    with pytest.raises(DataError, match=r"other settings \(steps, epochs\)"):
        running.train(config(epochs=0.25), data, tmp_path / "run")
    with pytest.raises(DataError, match="epochs must be above 0"):
        running.train(config(epochs=-1), data, tmp_path / "no")


def test_nan_in_the_data_is_not_a_matter_of_the_learning_rate(data: Path, tmp_path: Path) -> None:
    rows_NJ3 = np.load(data / "joints.npy")
    rows_NJ3[7, 0] = np.nan
    np.save(data / "joints.npy", rows_NJ3)
    with pytest.raises(DataError, match="the data hold NaN"):
        running.train(config(), data, tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_a_run_s_settings_begin_another(data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    first, second = tmp_path / "one", tmp_path / "two"
    assert main(tiny_arguments(data, first, "--steps", "2", "--lr", "0.004")) == 0
    given = ["--config", str(first / "config.json"), "--data", str(data), "--out", str(second)]
    assert main(["pretrain", *given, "--objective.weight-2d", "1.5"]) == 0
    one, two = (json.loads((folder / "config.json").read_text()) for folder in (first, second))
    assert two.pop("objective") == one.pop("objective") | {"weight_2d": 1.5}
    assert one == two and one["lr"] == 0.004
    assert main(["finetune", *given]) == 1
    assert "use it with pretrain" in capsys.readouterr().err
    assert main(["pretrain", "paper-pretrain-27", *given]) == 1
    assert "leave one of them out" in capsys.readouterr().err
    assert main(["pretrain", "--config", str(tmp_path / "none.json")]) == 1
    assert "no such configuration" in capsys.readouterr().err
