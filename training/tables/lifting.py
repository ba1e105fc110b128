"""Lifting on windows filmed by virtual cameras: clean and noisy 2D, and 2D with joints hidden. B windows, F frames, J joints."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from mpm_core.errors import DataError
from mpm_core.model.checkpoint import Model
from mpm_core.model.encode import encode_2d
from training import metrics
from training.data.cameras import jitter, shoot
from training.data.windows import Sampler
from training.paper import lift_both_ways, rooted
from training.tables.occlusion import PUBLISHED_2D_MM, ROWS_2D, hidden_joints
from training.tables.write import Table

Float = NDArray[np.float64]
BATCH = 64
NOISE = 0.006
"""Standard deviation of the noisy 2D at most, as a share of the image width: what `first-lift` trained with."""
WHOLE = {"clean 2D": 0.0, "noisy 2D": NOISE}


@dataclass(frozen=True, slots=True)
class Lifted:
    """middle and sequence: predictions, metres, camera axes; None where the network gives no sequence. hidden_BJ: True = hidden."""

    middle_BJ3: Float
    truth_BJ3: Float
    sequence_BFJ3: Float | None
    truth_BFJ3: Float
    valid_BF: NDArray[np.bool_]
    hidden_BJ: NDArray[np.bool_]


def ask(model: Model, seen_BFJ2: Tensor, hidden_BFJ: Tensor | None, flip: bool) -> tuple[Tensor, Tensor | None]:
    """The middle frame (B, 1, J, 3) and the window (B, F, J, 3) of encoded 2D; flip: averaged with the mirrored input's."""
    with torch.inference_mode():
        return lift_both_ways(model.network, seen_BFJ2, hidden_BFJ) if flip else model.network.lift(seen_BFJ2, hidden_BFJ)


def lifted(model: Model, sampler: Sampler, windows: int, seed: int, noise: float, row: str, flip: bool) -> Lifted:
    """Windows with a camera each, the same ones for every kind of 2D. row: of occlusion.ROWS_2D, what is hidden ("" = nothing)."""
    parts: list[Lifted] = []
    for first in range(0, windows, BATCH):
        rng, hide = np.random.default_rng([seed, 2, first]), np.random.default_rng([seed, 4, first])
        drawn = sampler.draw(min(BATCH, windows - first), rng, augment=False)
        shots = shoot(drawn.xyz_BFJ3, rng)
        seen_BFJ2 = encode_2d(jitter(shots.xy_BFJ2, shots.image_B112, noise, rng) if noise else shots.xy_BFJ2, shots.image_B112)
        B, F, J, _ = seen_BFJ2.shape
        hidden_BJ = hidden_joints(row, B, hide) if row else np.zeros((B, J), bool)
        hidden_BFJ = torch.from_numpy(hidden_BJ)[:, None].expand(B, F, J) if model.network.config.partial else None
        middle_B1J3, sequence_BFJ3 = ask(model, seen_BFJ2, hidden_BFJ, flip)
        truth_BFJ3 = rooted(shots).numpy().astype(np.float64)
        sequence = None if sequence_BFJ3 is None else sequence_BFJ3.double().numpy()
        middle_BJ3 = middle_B1J3[:, 0].double().numpy()
        parts.append(Lifted(middle_BJ3, truth_BFJ3[:, F // 2], sequence, truth_BFJ3, drawn.valid_BF.numpy(), hidden_BJ))
    sequences = [part.sequence_BFJ3 for part in parts if part.sequence_BFJ3 is not None]
    return Lifted(
        np.concatenate([part.middle_BJ3 for part in parts]),
        np.concatenate([part.truth_BJ3 for part in parts]),
        np.concatenate(sequences) if sequences else None,
        np.concatenate([part.truth_BFJ3 for part in parts]),
        np.concatenate([part.valid_BF for part in parts]),
        np.concatenate([part.hidden_BJ for part in parts]),
    )


def lift_tables(model: Model, sampler: Sampler, windows: int, seed: int, split: str, flip: bool = False) -> list[Table]:
    """Errors by kind of 2D; joint by joint; and, for a network that takes hidden joints, the rows of the paper's Table 3."""
    network = model.network.config
    note = f"{windows} windows of {network.frames} frames at {network.rate_hz:g} Hz, each filmed by a virtual camera"
    note += ", averaged with its mirror image." if flip else "."
    found = {kind: lifted(model, sampler, windows, seed, noise, "", flip) for kind, noise in WHOLE.items()}
    rows = tuple((kind, *_figures(one)) for kind, one in found.items())
    mm = ("MPJPE", "P-MPJPE", "N-MPJPE")
    columns: dict[str, int | None] = {"2D": None, **dict.fromkeys(mm, 1), "PCK %": 1, "AUC %": 1, "sequence MPJPE": 1, "sequence MPJVE": 2}
    notes = (note, "Middle frames; PCK and AUC on the 14 joints of MPI-INF-3DHP; MPJVE in mm per frame of the sequence.")
    joints = {kind: metrics.per_joint(metrics.position_errors(one.middle_BJ3, one.truth_BJ3)) for kind, one in found.items()}
    by_joint = tuple((joint, *(1000 * joints[kind][joint] for kind in found)) for joint in joints["clean 2D"])
    tables = [
        Table("lifting", f"2D to 3D, mm, {split} subjects", columns, rows, notes),
        Table("lifting_joints", f"MPJPE by joint, mm, {split} subjects", {"joint": None, **dict.fromkeys(found, 1)}, by_joint, said=False),
    ]
    return [*tables, partial_2d(model, sampler, windows, seed, split, flip)] if network.partial else tables


def partial_2d(model: Model, sampler: Sampler, windows: int, seed: int, split: str, flip: bool = False) -> Table:
    """Partial 2D to whole 3D, the joints hidden in all frames. Raises DataError for a network that takes no hidden joints."""
    if not model.network.config.partial:
        raise DataError("this network takes no hidden joints", where=model.path, hint="train it with partial 2D")
    rows = []
    for row in ROWS_2D:
        one = lifted(model, sampler, windows, seed, 0.0, row, flip)
        error_BJ = 1000 * metrics.position_errors(one.middle_BJ3, one.truth_BJ3)
        count = float(one.hidden_BJ.sum(axis=1).mean())
        rows.append((row, count, float(error_BJ.mean()), float(error_BJ[one.hidden_BJ].mean()), PUBLISHED_2D_MM[row]))
    columns = {"hidden": None, "joints": 0, "MPJPE": 1, "hidden joints alone": 1, "published": 1}
    notes = (
        f"Middle frames of {windows} windows, clean 2D of virtual cameras.",
        "Published (Table 3): Human3.6M with detected 2D, other people.",
    )
    return Table("occlusion_2d", f"Partial 2D to 3D, mm, {split} subjects", columns, tuple(rows), notes)


def _figures(one: Lifted) -> tuple[float | None, ...]:
    """MPJPE, P-MPJPE, N-MPJPE (mm), PCK, AUC (%), and the sequence's MPJPE and MPJVE."""
    kinds = (metrics.position_errors, metrics.aligned_errors, metrics.scaled_errors)
    middle = [1000 * float(kind(one.middle_BJ3, one.truth_BJ3).mean()) for kind in kinds]
    official_BJ = metrics.position_errors(one.middle_BJ3, one.truth_BJ3)[:, metrics.official_3dhp()]
    shares = (100 * metrics.pck(official_BJ), 100 * metrics.auc(official_BJ))
    if one.sequence_BFJ3 is None:
        return (*middle, *shares, None, None)
    steps_BF = one.valid_BF[:, 1:] & one.valid_BF[:, :-1]
    whole = 1000 * float(metrics.position_errors(one.sequence_BFJ3, one.truth_BFJ3)[one.valid_BF].mean())
    speed = 1000 * float(metrics.velocity_errors(one.sequence_BFJ3, one.truth_BFJ3)[steps_BF].mean())
    return (*middle, *shares, whole, speed)
