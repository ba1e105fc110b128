"""A run that is killed or stopped goes on as if nothing had been."""

from __future__ import annotations

import csv
import signal
import time
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from mpm_train import run as running
from mpm_train.__main__ import main
from tests.mpm_train.commands import audit, begin, tiny_arguments
from tests.mpm_train.corpus import make_corpus

SPEED = ("seconds", "windows_per_s", "data_wait", "peak_memory_mb")


def log_of(out: Path) -> list[dict[str, str]]:
    with (out / "log.csv").open() as file:
        return [{name: value for name, value in row.items() if name not in SPEED} for row in csv.DictReader(file)]


def same_run(one: Path, other: Path) -> None:
    assert log_of(one) == log_of(other)
    for name in ("model", "state"):
        ours, theirs = load_file(one / f"{name}.safetensors"), load_file(other / f"{name}.safetensors")
        assert all(torch.equal(value, theirs[key]) for key, value in ours.items()) and ours.keys() == theirs.keys()


@pytest.mark.slow
def test_a_killed_run_goes_on_to_the_bit(tmp_path: Path) -> None:
    data, steps = make_corpus(tmp_path / "data"), ("--steps", "60", "--save-every", "7")
    assert main(tiny_arguments(data, tmp_path / "whole", *steps)) == 0
    whole = {row[0]: row for row in audit(tmp_path / "whole")}
    assert len(whole) == 60

    process = begin(tiny_arguments(data, tmp_path / "cut", *steps))
    record = tmp_path / "cut" / "audit-0.csv"
    while process.poll() is None and not (record.is_file() and len(record.read_text().splitlines()) > 10):
        time.sleep(0.005)
    process.kill()
    process.communicate()
    assert process.returncode == -signal.SIGKILL
    before = audit(tmp_path / "cut")
    assert 10 < len(before) < 60
    assert not (tmp_path / "cut" / "model.safetensors").exists()

    assert main(tiny_arguments(data, tmp_path / "cut", *steps, "--workers", "1")) == 0
    after = audit(tmp_path / "cut")[len(before) :]
    assert 0 < after[0][0] <= before[-1][0] + 1 and after[0][0] % 7 == 0, "it went on from a checkpoint"
    assert [row[0] for row in after] == list(range(after[0][0], 60))
    for row in before + after:
        assert row == whole[row[0]], f"step {row[0]}"
    same_run(tmp_path / "whole", tmp_path / "cut")


@pytest.mark.slow
def test_ctrl_c_leaves_a_checkpoint_and_says_how_to_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    data, steps = make_corpus(tmp_path / "data"), ("--steps", "12", "--save-every", "5")
    assert main(tiny_arguments(data, tmp_path / "whole", *steps)) == 0
    learn = running.learn

    def interrupted(*arguments: object) -> object:
        if arguments[-1] == 6:
            signal.raise_signal(signal.SIGINT)
        return learn(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(running, "learn", interrupted)
    assert main(tiny_arguments(data, tmp_path / "cut", *steps)) == 130
    assert capsys.readouterr().err.splitlines()[-1] == "mpm-train: stopped after step 7 of 12; the same command goes on from there"
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    monkeypatch.setattr(running, "learn", learn)
    assert main(tiny_arguments(data, tmp_path / "cut", *steps)) == 0
    assert [row[0] for row in audit(tmp_path / "cut")] == list(range(12))
    assert audit(tmp_path / "cut") == audit(tmp_path / "whole")
    same_run(tmp_path / "whole", tmp_path / "cut")
