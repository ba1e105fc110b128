"""A record of each step of each process, for comparing runs: whether weights agree, and which windows were drawn."""

from __future__ import annotations

import hashlib
from pathlib import Path

import torch
from torch import Tensor

from mpm_train.loader import Batch


class Audit:
    """Appends a row per step to audit-<rank>.csv in the run's folder: step, loss to the bit, weights' and windows' hashes."""

    def __init__(self, out: Path, rank: int) -> None:
        self.file = (out / f"audit-{rank}.csv").open("a", encoding="utf-8")

    def write(self, step: int, loss: Tensor, network: torch.nn.Module, batch: Batch) -> None:
        weights = short_hash(*network.parameters())
        windows = " ".join(short_hash(xyz_FJ3) for xyz_FJ3 in batch.windows.xyz_BFJ3)
        self.file.write(f"{step},{float(loss).hex()},{weights},{windows}\n")
        self.file.flush()

    def close(self) -> None:
        self.file.close()


def short_hash(*tensors: Tensor) -> str:
    digest = hashlib.sha256()
    for tensor in tensors:
        digest.update(tensor.detach().cpu().contiguous().numpy().tobytes())
    return digest.hexdigest()[:16]
