"""The real command on a tiny network, as the tests start it."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

from mpm_train.config import TrainConfig
from mpm_train.recipes import RECIPES

ROOT = Path(__file__).parents[2]
TINY = {"frames": 9, "channels": 8, "hidden": 12, "layers": 1, "heads": 2}


def tiny_arguments(data: Path, out: Path, *options: str) -> list[str]:
    """mpm-train's arguments for a small stage I run that records every step."""
    sizes = [part for name, value in TINY.items() for part in (f"--model.{name}", str(value))]
    settings = ["--batch", "8", "--bf16", "False", "--threads", "1", "--audit", "--data", str(data), "--out", str(out)]
    return ["pretrain", "paper-pretrain-27", *sizes, *settings, *options]


def tiny_config(steps: int) -> TrainConfig:
    """The configuration that these arguments make."""
    recipe = RECIPES["paper-pretrain-27"]()
    return replace(recipe, model=replace(recipe.model, **TINY), batch=8, bf16=False, threads=1, steps=steps)


def begin(arguments: list[str], processes: int = 1) -> subprocess.Popen[str]:
    """Start `mpm-train`, or several under torchrun."""
    launcher = ["-m", "torch.distributed.run", "--standalone", f"--nproc-per-node={processes}"] if processes > 1 else []
    return subprocess.Popen(
        [sys.executable, *launcher, "-m", "mpm_train", *arguments],
        cwd=ROOT,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def audit(out: Path, rank: int = 0) -> list[tuple[int, str, str, list[str]]]:
    """Step, loss, weights, windows of every step that a process recorded, in the order of writing."""
    rows = [line.split(",") for line in (out / f"audit-{rank}.csv").read_text().splitlines()]
    return [(int(step), loss, weights, windows.split()) for step, loss, weights, windows in rows]
