"""The commands that are recorded are those that make the same again."""

from __future__ import annotations

import shlex
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from mpm_train import run as running
from mpm_train.__main__ import main
from mpm_train.command_line import prepare_command, train_command
from mpm_train.config import TrainConfig
from mpm_train.data import prepare as preparing
from mpm_train.data.config import PrepareConfig
from mpm_train.objectives.config import PaperPretrainConfig
from mpm_train.recipes import RECIPES


@pytest.mark.parametrize("recipe", ["studio-repair-everybody", "studio-lift", "paper-pretrain-27", "paper-lift-243"])
def test_a_run_s_command_makes_its_configuration(recipe: str, monkeypatch: pytest.MonkeyPatch) -> None:
    start = RECIPES[recipe]()
    changed = replace(
        start,
        name="mine",
        model=replace(start.model, layers=2, sequence_head=not start.model.sequence_head),
        augment=replace(start.augment, warp=(0.5, 2.0), mirror=0.0),
        gate_subjects=("a b", "002") if not start.gate_subjects else (),
        bf16=start.bf16 is False,
        epochs=1.5,
        start_from="",
        lr=0.1,
    )
    if isinstance(start.objective, PaperPretrainConfig):
        changed = replace(changed, objective=replace(start.objective, detectors=("gt", "cpn"), shares=(("h36m-*", 0.5), ("0*", 0.25))))
    made: list[tuple[TrainConfig, Path, Path]] = []
    monkeypatch.setattr(running, "train", lambda config, data, out, **_: made.append((config, data, out)) or out)
    for config, data, out in ((start, Path("runs/corpus"), Path("runs") / recipe), (changed, Path("my data"), Path("here"))):
        command = shlex.split(train_command(config, recipe, data, out))
        assert command[0] == "mpm-train" and main(command[1:]) == 0
        assert made.pop() == (config, data, out)
    assert train_command(start, recipe, Path("runs/corpus"), Path("runs") / recipe).split()[2:] == [recipe], "nothing more than is needed"


def test_prepare_s_command_makes_its_configuration(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[tuple[Any, ...]] = []
    monkeypatch.setattr(preparing, "prepare", lambda *given: made.append(given) or [])
    rules = {"hold_out": ("bob", "s *"), "fps": ("a b/**=30",), "default_splits": False}
    config = PrepareConfig(**rules, licence={Path("a b"): "CC BY 4.0"}, shard_mb=8, body_model=Path("smpl"))  # type: ignore[arg-type]
    for one, out in ((PrepareConfig(), Path("runs/corpus")), (config, Path("else where"))):
        folders = [Path("one"), Path("two words")]
        command = shlex.split(prepare_command(folders, out, one))
        assert main(command[1:]) == 0
        assert made.pop() == (folders, out, one)
