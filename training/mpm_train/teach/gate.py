"""Teaching the judge (mpm_core/model/gate.py): fills of people whose poses the network never saw, by the application's own code.

N samples, K kinds of evidence. Sample by sample the judge learns how to mix, by the mixture's error in shares of what is usual in gaps of
that length, and by its logarithm; and how large that error is, as the scale of a Laplace distribution.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from hashlib import sha256
from io import BytesIO
from pathlib import Path

import numpy as np
import torch
from rich.progress import track

from mpm_core.body.mapping import map_body
from mpm_core.errors import DataError
from mpm_core.files.atomic import write_bytes
from mpm_core.fill import methods
from mpm_core.fill.auto.choose import CANDIDATES, choose_fills
from mpm_core.gaps import known, usual_error
from mpm_core.linalg.subsample import subsample
from mpm_core.model.build import build
from mpm_core.model.checkpoint import Model
from mpm_core.model.gate import Gate
from mpm_core.model.gate_features import FLOOR_S, column, gate_features
from mpm_core.model.network_fill import predict_points
from mpm_core.model.repair_network import RepairNetwork
from mpm_core.recording import Recording
from mpm_core.typing import Float, Int, Mask
from mpm_train.data.corpus import load_corpus
from mpm_train.tables.cells import Paths, opened, program
from mpm_train.tables.plan import Gap, cut, every_gap
from mpm_train.tables.spread import spread

LENGTHS_S = (0.05, 0.1, 0.17, 0.25, 0.35, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 4.0)
PER_CELL, SEED = 24, 5
MOST_SAMPLES = 24  # of one joint in one gap
STEPS, BATCH, LR, WEIGHT_DECAY = 3_000, 4_096, 3e-3, 0.3
NEAR_M = 1e-3  # errors below this are all the same
LOG_WEIGHT = 0.3  # of the logarithm, beside the share


@dataclass(frozen=True, slots=True)
class Lessons:
    """feature_NK, joint_N, the errors (N, 3) of the classical fill and of the network's, metres."""

    feature_NK: Float
    joint_N: Int
    classical_N3: Float
    model_N3: Float


def judged(model: Model, data: Path, judges: tuple[str, ...], jobs: int = 1) -> Model:
    """The model with a judge taught by these training subjects. Raises DataError when the corpus holds none of them."""
    _, clips = load_corpus(data)
    some = [clip for clip in clips if clip.split == "train" and clip.subject in judges]
    gaps = every_gap(some, "train", LENGTHS_S, PER_CELL, SEED)
    if not gaps:
        raise DataError(f"the corpus has no takes of {', '.join(judges) or 'anybody'} to judge by", hint="name training subjects as judges")
    network = build(replace(model.network.config, gated=True))
    assert isinstance(network, RepairNetwork) and network.gate is not None
    network.load_state_dict({**network.state_dict(), **model.network.state_dict()})
    learn(network.gate, _lessons(Paths(Path(model.path), data, "train", PER_CELL, SEED), gaps, jobs))
    return replace(model, network=network.eval())


def _lessons(paths: Paths, gaps: list[Gap], jobs: int) -> Lessons:
    """From lessons.npz beside the model, if the same program and model had them of the same gaps; else filled, and kept there."""
    kept = paths.model.with_name("lessons.npz")
    digest = sha256(paths.model.read_bytes() + program().encode() + repr(gaps).encode()).hexdigest()
    if kept.is_file():
        with np.load(kept) as held:
            if str(held["digest"]) == digest:
                return Lessons(*(held[name] for name in Lessons.__slots__))
    parts = list(track(spread(partial(lesson, paths), gaps, jobs), description="filling for the judge", total=len(gaps)))
    lessons = Lessons(*(np.concatenate([getattr(part, name) for part in parts]) for name in Lessons.__slots__))
    with BytesIO() as file:
        np.savez(file, digest=np.array(digest), **{name: getattr(lessons, name) for name in Lessons.__slots__})
        write_bytes(kept, file.getvalue())
    return lessons


def lesson(paths: Paths, gap: Gap) -> Lessons:
    """One gap filled both ways."""
    source = opened(paths)
    truth, gapped, masked_FJ = cut(gap, source.joints_NJ3)
    problem = methods.problem_of(gapped, masked_FJ)
    classical = choose_fills(problem, (*CANDIDATES, "coast")).result
    prediction = predict_points(gapped, masked_FJ, map_body(gapped), source.model)
    classical_FP3, sigma_FP = problem.in_place(classical.xyz_ND), problem.in_place(classical.sigma_N)
    where_FP = masked_FJ & known(prediction.filled_FPD) & known(classical_FP3)
    where_FP &= _thinned(where_FP)
    feature_NK = gate_features(classical_FP3, sigma_FP, prediction, gapped.visible_FP, where_FP, gapped.rate_hz)
    return Lessons(feature_NK, np.nonzero(where_FP)[1], _off(classical_FP3, truth, where_FP), _off(prediction.filled_FPD, truth, where_FP))


def learn(judge: Gate, lessons: Lessons) -> float:
    """Fit the judge; the last mean loss. The same lessons, the same judge."""
    torch.manual_seed(SEED)
    for module in judge.modules():
        if isinstance(module, torch.nn.Linear | torch.nn.Embedding):
            module.reset_parameters()
    feature_NK, classical_N3, model_N3 = (
        torch.from_numpy(each.astype(np.float32)) for each in (lessons.feature_NK, lessons.classical_N3, lessons.model_N3)
    )
    joint_N = torch.from_numpy(lessons.joint_N)
    seconds_N = np.exp(lessons.feature_NK[:, column("gap")]) - FLOOR_S
    usual_N = torch.from_numpy(usual_error(seconds_N, 1.0).astype(np.float32))
    judge.middle.copy_(feature_NK.mean(dim=0))
    judge.spread.copy_(feature_NK.std(dim=0).clamp(min=1e-3))
    optimizer = torch.optim.AdamW(judge.parameters(), lr=LR, weight_decay=WEIGHT_DECAY)
    rate = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, STEPS)
    draw = torch.Generator().manual_seed(SEED)
    total = 0.0
    for step in range(STEPS):
        some = torch.randint(len(feature_NK), (BATCH,), generator=draw)
        weight_N, sigma_N = judge(feature_NK[some], joint_N[some])
        mixed_N3 = classical_N3[some] + weight_N[:, None] * (model_N3[some] - classical_N3[some])
        off_N = mixed_N3.norm(dim=1)
        likely_N = torch.log(sigma_N) + off_N.detach() / (np.sqrt(3) * sigma_N)
        loss = (off_N / usual_N[some]).mean() + LOG_WEIGHT * torch.log(NEAR_M + off_N).mean() + likely_N.mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        rate.step()
        total = float(loss.detach()) if step == 0 else 0.99 * total + 0.01 * float(loss.detach())
    return total


def _off(xyz_FP3: Float, truth: Recording, where_FP: Mask) -> Float:
    return np.asarray(xyz_FP3[where_FP] - truth.xyz_FPD[where_FP])


def _thinned(where_FP: Mask) -> Mask:
    """True for at most MOST_SAMPLES of each point, evenly spread."""
    keep_FP = np.zeros_like(where_FP)
    for point in np.flatnonzero(where_FP.any(axis=0)):
        frames = np.flatnonzero(where_FP[:, point])
        keep_FP[frames[subsample(len(frames), MOST_SAMPLES)], point] = True
    return keep_FP
