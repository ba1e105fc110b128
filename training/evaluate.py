"""Errors on people a model never saw, through the same code that the application runs. F frames, J joints."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from rich.progress import track

from mpm_core.complete import complete_patch
from mpm_core.errors import DataError
from mpm_core.model.checkpoint import Model, load_model
from mpm_core.model.sigma import seconds_to_edge, table
from mpm_core.recording import Recording, make_recording
from mpm_core.skeleton import load_skeleton
from training.config import TrainConfig
from training.data.corpus import Clip, load_corpus
from training.data.windows import Sampler
from training.paper import lift as lift_objective

PARTS = (
    "right_wrist",
    "right_ankle",
    "left_knee",
    "left_elbow",
    "right_arm",
    "left_leg",
    "arms",
    "legs",
    "right_side",
    "root",
    "head",
    "lower",
    "upper",
)
LENGTHS_S = (0.1, 0.25, 0.5, 1.0, 2.0)
METHODS = ("linear", "spline", "hermite", "model", "auto")
SIGMA_METHODS = {"model": "model", "classical": "hermite"}
CONTEXT_S = 1.5  # of the clip on each side of a gap
PER_CELL = 16
LIFT_BATCHES, LIFT_BATCH = 12, 64


@dataclass(frozen=True, slots=True)
class Trial:
    """One gap. error_M: mean error in metres over the hidden samples, by method (NaN where a method left some open)."""

    part: str
    length_s: float
    clip: str
    error_M: dict[str, float]


def evaluate(path: Path, data: Path, split: str, per_cell: int) -> str:
    """Markdown tables for a completion or a lifting model. Raises ModelError, DataError."""
    model = load_model(path)
    joints_NJ3, clips = load_corpus(data)
    if model.network.config.task == "complete":
        trials, _ = gap_trials(model, joints_NJ3, clips, split, per_cell)
        return gap_table(trials, split)
    if model.network.config.task == "lift":
        return lift_table(lift_errors(model, joints_NJ3, clips, split), split)
    raise DataError("stage I models are judged by what is fine-tuned from them", where=str(path), hint="evaluate a finished model")


def gap_trials(
    model: Model,
    joints_NJ3: NDArray[np.float32],
    clips: list[Clip],
    split: str,
    per_cell: int,
    seed: int = 0,
    methods: Iterable[str] = METHODS,
) -> tuple[list[Trial], dict[str, Any]]:
    """Every part and length hidden `per_cell` times, spread over the clips that are long enough; the trials, and the sigma table."""
    J = joints_NJ3.shape[1]
    squares_TJ: dict[str, list[list[NDArray[np.float64]]]] = {name: [[] for _ in range(J)] for name in SIGMA_METHODS}
    seconds_J: list[list[NDArray[np.float64]]] = [[] for _ in range(J)]
    trials = []
    plan = list(_cuts(joints_NJ3, clips, split, per_cell, seed))
    for clip, part, length_s, truth, hidden_FJ in track(plan, description="hiding and filling"):
        xyz_FJ3 = truth.xyz_FPD.copy()
        xyz_FJ3[hidden_FJ] = np.nan
        holed = make_recording(truth.points, truth.rate_hz, xyz_FJ3, skeleton=truth.skeleton)
        errors = {}
        for method in methods:
            filled, _ = complete_patch(holed, method=method, model=model).apply(holed)
            off_FJ = np.linalg.norm(filled.xyz_FPD - truth.xyz_FPD, axis=2)
            errors[method] = float(off_FJ[hidden_FJ].mean())
            for name in (name for name, source in SIGMA_METHODS.items() if source == method):
                for joint in np.flatnonzero(hidden_FJ.any(axis=0)):
                    squares_TJ[name][joint].append(off_FJ[hidden_FJ[:, joint], joint].astype(np.float64) ** 2)
        away_FJ = seconds_to_edge(~hidden_FJ, truth.rate_hz)
        for joint in np.flatnonzero(hidden_FJ.any(axis=0)):
            seconds_J[joint].append(away_FJ[hidden_FJ[:, joint], joint])
        trials.append(Trial(part, length_s, clip.name, errors))
    if not trials:
        raise DataError(f"no {split} clip is long enough to be tested")
    empty = np.zeros(0)
    away_J = [np.concatenate([empty, *some]) for some in seconds_J]
    return trials, {name: table([np.concatenate([empty, *some]) for some in squares_J], away_J) for name, squares_J in squares_TJ.items()}


def _cuts(
    joints_NJ3: NDArray[np.float32], clips: list[Clip], split: str, per_cell: int, seed: int
) -> Iterator[tuple[Clip, str, float, Recording, NDArray[np.bool_]]]:
    skeleton = load_skeleton("body17")
    for part in PARTS:
        for length_s in LENGTHS_S:
            long_enough = [
                clip for clip in clips if clip.split == split and clip.stop - clip.start > (length_s + 2 * CONTEXT_S) * clip.rate_hz
            ]
            rng = np.random.default_rng([PARTS.index(part), round(length_s * 100), seed])
            for number in range(per_cell if long_enough else 0):
                clip = long_enough[(number * len(long_enough)) // per_cell]
                gap, context = round(length_s * clip.rate_hz), round(CONTEXT_S * clip.rate_hz)
                first = clip.start + int(rng.integers(clip.stop - clip.start - gap - 2 * context + 1))
                xyz_FJ3 = np.array(joints_NJ3[first : first + gap + 2 * context])
                hidden_FJ = np.zeros(xyz_FJ3.shape[:2], bool)
                hidden_FJ[context : context + gap, list(skeleton.group(part))] = True
                yield clip, part, length_s, make_recording(skeleton.names, clip.rate_hz, xyz_FJ3, skeleton=skeleton), hidden_FJ


def gap_table(trials: list[Trial], split: str) -> str:
    """Mean error in mm on hidden samples, a row per part and length."""
    lines = [f"Mean error in mm on hidden joints, {split} subjects.", "", f"| part | gap s | clips | {' | '.join(METHODS)} |"]
    lines.append("|---" * (3 + len(METHODS)) + "|")
    for part in (*PARTS, "all parts"):
        for length_s in LENGTHS_S:
            some = [
                trial for trial in trials if trial.part in (part, *(PARTS if part == "all parts" else ())) and trial.length_s == length_s
            ]
            if some:
                means = [1000 * float(np.mean([trial.error_M[method] for trial in some])) for method in METHODS]
                lines.append(f"| {part} | {length_s:g} | {len(some)} | {' | '.join(f'{mean:.1f}' for mean in means)} |")
    return "\n".join(lines)


@torch.inference_mode()
def lift_errors(model: Model, joints_NJ3: NDArray[np.float32], clips: list[Clip], split: str) -> dict[str, dict[str, float]]:
    """MPJPE in mm (17 joints, root included) of the middle frame and the sequence, by kind of 2D."""
    config = model.network.config
    sampler = Sampler(joints_NJ3, clips, split, config.frames, config.rate_hz)
    kinds = {"whole 2D": (0.0, 0.0), "noisy 2D": (0.006, 0.0), "2D with gaps": (0.0, 1.0)}
    found = {}
    for name, (noise, partial) in kinds.items():
        settings = replace(TrainConfig(name, config), noise_2d=noise, partial_2d=partial, mask="gaps")
        sums = {"middle": 0.0, "sequence": 0.0}
        for batch in range(LIFT_BATCHES):
            rng = np.random.default_rng([11, batch])
            terms = lift_objective(model.network, sampler.draw(LIFT_BATCH, rng, augment=False), settings, rng)
            sums = {key: total + float(terms[key]) * 1000 / LIFT_BATCHES for key, total in sums.items()}
        found[name] = sums
    return found


def lift_table(errors: dict[str, dict[str, float]], split: str) -> str:
    lines = [f"MPJPE in mm, virtual cameras, {split} subjects.", "", "| 2D | middle frame | whole sequence |", "|---|---|---|"]
    return "\n".join([*lines, *(f"| {name} | {row['middle']:.1f} | {row['sequence']:.1f} |" for name, row in errors.items())])
