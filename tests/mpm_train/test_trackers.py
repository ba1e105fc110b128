"""Trackers: tags in groups, packages by name, and a resumed run that is the same run there."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from mpm_core.errors import DataError
from mpm_train.__main__ import main
from mpm_train.logs import Log
from mpm_train.processes import join
from mpm_train.trackers import start_tracker
from tests.mpm_train.commands import tiny_arguments
from tests.mpm_train.corpus import make_corpus

ROW = {"step": 10, "lr": 0.1, "train_loss": 2.0, "validation_m3m": 0.5, "windows_per_s": 7.0, "data_wait": 0.1, "peak_memory_mb": 90.0}
TAGS = {"train/lr", "train/loss", "validation/m3m", "speed/seconds", "speed/windows_per_s", "speed/data_wait", "speed/peak_memory_mb"}


@pytest.fixture(autouse=True)
def joined() -> None:
    join()


def test_tensorboard_groups_the_tags(tmp_path: Path) -> None:
    log = Log(tmp_path, 0, start_tracker("tensorboard", tmp_path, 0, {}))
    log.write(ROW)
    log.close()
    board = EventAccumulator(str(tmp_path / "tensorboard")).Reload()
    assert set(board.Tags()["scalars"]) == TAGS


class Wandb(ModuleType):
    """What accelerate calls of wandb, written down."""

    def __init__(self) -> None:
        super().__init__("wandb")
        self.begun: list[dict[str, Any]] = []
        self.logged: list[tuple[dict[str, float], int]] = []
        self.finished = 0
        self.settings: dict[str, Any] = {}
        self.config = SimpleNamespace(update=lambda values, **_: self.settings.update(values))

    def init(self, **options: Any) -> SimpleNamespace:
        self.begun.append(options)
        return SimpleNamespace(log=lambda values, step: self.logged.append((values, step)), finish=self.finish)

    def finish(self) -> None:
        self.finished += 1


def test_a_resumed_run_is_the_same_run_of_wandb(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wandb = Wandb()
    monkeypatch.setitem(sys.modules, "wandb", wandb)
    for step in (0, 10):
        log = Log(tmp_path, step, start_tracker("wandb", tmp_path, step, {"model": {"layers": 2}}))
        log.write(ROW | {"step": step + 10})
        log.close()
    one, two = wandb.begun
    assert one == two
    assert one["project"] == "mpm-studio" and one["resume"] == "allow" and one["name"] == tmp_path.name and len(one["id"]) == 16
    assert [step for _, step in wandb.logged] == [10, 20]
    assert set(wandb.logged[0][0]) == TAGS
    assert wandb.settings == {"model/layers": 2} and wandb.finished == 2


class Mlflow(ModuleType):
    """What accelerate calls of mlflow, written down."""

    def __init__(self) -> None:
        super().__init__("mlflow")
        self.begun: list[dict[str, Any]] = []
        self.logged: list[tuple[dict[str, float], int]] = []
        self.parameters: dict[str, Any] = {}
        self.ended = 0
        self.utils = SimpleNamespace(validation=SimpleNamespace(MAX_PARAM_VAL_LENGTH=500, MAX_PARAMS_TAGS_PER_BATCH=100))
        self.log_params = self.parameters.update

    def search_experiments(self, **_: Any) -> list[SimpleNamespace]:
        return [SimpleNamespace(experiment_id="7")]

    def start_run(self, **options: Any) -> SimpleNamespace:
        self.begun.append(options)
        return SimpleNamespace(info=SimpleNamespace(run_id="abc"))

    def log_metrics(self, values: dict[str, float], step: int) -> None:
        self.logged.append((values, step))

    def end_run(self) -> None:
        self.ended += 1


def test_a_resumed_run_is_the_same_run_of_mlflow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mlflow = Mlflow()
    monkeypatch.setitem(sys.modules, "mlflow", mlflow)
    for step in (0, 10):
        log = Log(tmp_path, step, start_tracker("mlflow", tmp_path, step, {"model": {"layers": 2}}))
        log.write(ROW | {"step": step + 10})
        log.close()
    assert [options["run_id"] for options in mlflow.begun] == [None, "abc"]
    assert mlflow.begun[0]["run_name"] == tmp_path.name
    assert [step for _, step in mlflow.logged] == [10, 20] and set(mlflow.logged[0][0]) == TAGS
    assert mlflow.parameters == {"model/layers": 2} and mlflow.ended == 2


def test_a_tracker_that_is_not_installed_is_named_before_the_run_begins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "mlflow", None)
    data, out = make_corpus(tmp_path / "data"), tmp_path / "run"
    assert main(tiny_arguments(data, out, "--steps", "1", "--tracker", "mlflow")) == 1
    err = capsys.readouterr().err
    assert "mlflow" in err and "mpm-studio[mlflow]" in err and err.count("\n") <= 2
    assert not out.exists()


def test_a_run_without_a_tracker(tmp_path: Path) -> None:
    data, out = make_corpus(tmp_path / "data"), tmp_path / "run"
    assert main(tiny_arguments(data, out, "--steps", "1", "--tracker", "none")) == 0
    assert (out / "log.csv").is_file() and not (out / "tensorboard").exists()


def test_a_damaged_name_of_a_run_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "wandb", Wandb())
    (tmp_path / "tracker.json").write_text("{")
    with pytest.raises(DataError, match="name of the tracked run"):
        start_tracker("wandb", tmp_path, 0, {})
