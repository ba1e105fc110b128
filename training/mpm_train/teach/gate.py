"""Fitting the gate (mpm_core/model/gate.py) to errors of the application's own fills, of people the network was not trained on.

N samples, K gate features (mpm_core/model/gate_features.py); metres. The loss of a sample is the error of the mixture of both fills, in
shares of the usual error in gaps of that length, plus its weighted logarithm, plus the negative log likelihood of that error with the
gate's sigma as the scale of a Laplace distribution.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from hashlib import sha256
from io import BytesIO
from pathlib import Path

import numpy as np
import torch

from mpm_core.body.mapping import map_body
from mpm_core.errors import DataError
from mpm_core.files.atomic import write_bytes
from mpm_core.fill.auto.choose import CANDIDATES, choose_fills
from mpm_core.fill.methods import problem_of
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
from mpm_train.forecast import announce_filling
from mpm_train.parallel import parallel_map
from mpm_train.progress import tracked
from mpm_train.tables.cells import Paths, opened, program
from mpm_train.tables.plan import Extent, Gap, cut, every_gap

EXTENT = Extent(24, lengths_s=(0.05, 0.1, 0.17, 0.25, 0.35, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 4.0))
SEED = 5
MOST_SAMPLES = 24  # of one joint in one gap
STEPS, BATCH, LR, WEIGHT_DECAY = 3_000, 4_096, 3e-3, 0.3
NEAR_M = 1e-3  # errors below this are all the same
LOG_WEIGHT = 0.3  # of the error's logarithm


@dataclass(frozen=True, slots=True)
class GateExamples:
    """What the gate is fitted to: features, the joint's number, and the errors of the classical and of the network's fill, metres."""

    feature_NK: Float
    joint_N: Int
    classical_N3: Float
    network_N3: Float


def with_gate(model: Model, data: Path, subjects: tuple[str, ...], extent: Extent = EXTENT, jobs: int = 1) -> Model:
    """The model with a gate fitted to these training subjects. Raises DataError when the corpus holds none of them."""
    _, clips = load_corpus(data)
    some = [clip for clip in clips if clip.split == "train" and clip.subject in subjects]
    gaps = every_gap(some, "train", extent, SEED)
    if not gaps:
        raise DataError(f"the corpus has no takes of {', '.join(subjects) or 'anybody'} to fit the gate to", hint="name training subjects")
    network = build(replace(model.network.config, gated=True))
    assert isinstance(network, RepairNetwork) and network.gate is not None
    network.load_state_dict({**network.state_dict(), **model.network.state_dict()})
    fit(network.gate, _samples(Paths(Path(model.path), data, "train", extent.per_cell, SEED), gaps, jobs))
    return replace(model, network=network.eval())


def _samples(paths: Paths, gaps: list[Gap], jobs: int) -> GateExamples:
    """Of all gaps; from gate_samples.npz beside the model if the same program wrote it for the same model and gaps, else written there."""
    kept = paths.model.with_name("gate_samples.npz")
    digest = sha256(paths.model.read_bytes() + program().encode() + repr(gaps).encode()).hexdigest()
    if kept.is_file():
        with np.load(kept) as arrays:
            if str(arrays["digest"]) == digest:
                return GateExamples(*(arrays[name] for name in GateExamples.__slots__))
    announce_filling("the gate", partial(samples_of, paths), gaps, jobs)
    parts = list(tracked(parallel_map(partial(samples_of, paths), gaps, jobs), "filling for the gate", "gaps", len(gaps)))
    samples = GateExamples(*(np.concatenate([getattr(part, name) for part in parts]) for name in GateExamples.__slots__))
    with BytesIO() as file:
        np.savez(file, digest=np.array(digest), **{name: getattr(samples, name) for name in GateExamples.__slots__})
        write_bytes(kept, file.getvalue())
    return samples


def samples_of(paths: Paths, gap: Gap) -> GateExamples:
    """Of one gap, filled by the best classical mixture and by the network."""
    source = opened(paths)
    truth, gapped, masked_FJ = cut(gap, source.joints_NJ3)
    problem = problem_of(gapped, masked_FJ)
    classical = choose_fills(problem, (*CANDIDATES, "coast")).result
    prediction = predict_points(gapped, masked_FJ, map_body(gapped), source.model)
    classical_FP3, sigma_FP = problem.in_place(classical.xyz_ND), problem.in_place(classical.sigma_N)
    where_FP = masked_FJ & known(prediction.filled_FPD) & known(classical_FP3)
    where_FP &= _thinned(where_FP)
    feature_NK = gate_features(classical_FP3, sigma_FP, prediction, gapped.visible_FP, where_FP, gapped.rate_hz)
    errors = (_errors(fill_FP3, truth, where_FP) for fill_FP3 in (classical_FP3, prediction.filled_FPD))
    return GateExamples(feature_NK, np.nonzero(where_FP)[1], *errors)


def fit(gate: Gate, samples: GateExamples) -> float:
    """Fit the gate from scratch; returns the running mean of the loss. The same samples give the same gate, to the bit."""
    torch.manual_seed(SEED)
    for module in gate.modules():
        if isinstance(module, torch.nn.Linear | torch.nn.Embedding):
            module.reset_parameters()
    feature_NK, classical_N3, network_N3 = (
        torch.from_numpy(each.astype(np.float32)) for each in (samples.feature_NK, samples.classical_N3, samples.network_N3)
    )
    joint_N = torch.from_numpy(samples.joint_N)
    seconds_N = np.exp(samples.feature_NK[:, column("gap")]) - FLOOR_S
    usual_N = torch.from_numpy(usual_error(seconds_N, 1.0).astype(np.float32))
    gate.middle.copy_(feature_NK.mean(dim=0))
    gate.spread.copy_(feature_NK.std(dim=0).clamp(min=1e-3))
    optimizer = torch.optim.AdamW(gate.parameters(), lr=LR, weight_decay=WEIGHT_DECAY)
    rate = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, STEPS)
    draw = torch.Generator().manual_seed(SEED)
    total = 0.0
    for step in tracked(range(STEPS), "fitting the gate", "steps"):
        some = torch.randint(len(feature_NK), (BATCH,), generator=draw)
        weight_N, sigma_N = gate(feature_NK[some], joint_N[some])
        mixed_N3 = classical_N3[some] + weight_N[:, None] * (network_N3[some] - classical_N3[some])
        error_N = mixed_N3.norm(dim=1)
        nll_N = torch.log(sigma_N) + error_N.detach() / (np.sqrt(3) * sigma_N)
        loss = (error_N / usual_N[some]).mean() + LOG_WEIGHT * torch.log(NEAR_M + error_N).mean() + nll_N.mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        rate.step()
        total = float(loss.detach()) if step == 0 else 0.99 * total + 0.01 * float(loss.detach())
    return total


def _errors(xyz_FP3: Float, truth: Recording, where_FP: Mask) -> Float:
    """(N, 3) metres."""
    return np.asarray(xyz_FP3[where_FP] - truth.xyz_FPD[where_FP])


def _thinned(where_FP: Mask) -> Mask:
    """True for at most MOST_SAMPLES of each point, evenly spread."""
    keep_FP = np.zeros_like(where_FP)
    for point in np.flatnonzero(where_FP.any(axis=0)):
        frames = np.flatnonzero(where_FP[:, point])
        keep_FP[frames[subsample(len(frames), MOST_SAMPLES)], point] = True
    return keep_FP
