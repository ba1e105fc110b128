"""Lifting of windows through virtual cameras: exact 2D, 2D with a detector's errors, and 2D with joints masked.

B windows, F frames, J joints. Poses are relative to the root, in camera axes, metres.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import numpy as np
import torch
from torch import Tensor

from mpm_core.errors import DataError
from mpm_core.model.checkpoint import Model
from mpm_core.model.config import ModelConfig
from mpm_core.model.encode import encode_2d, encode_rays, tensor_weights
from mpm_core.model.paper_network import PaperNetwork
from mpm_core.typing import Float, Int, Mask
from mpm_core.world_fit.camera import FOCAL
from mpm_train import metrics
from mpm_train.data.cameras import Views, project
from mpm_train.data.detector import Detector, detect
from mpm_train.data.windows import Sampler
from mpm_train.objectives.paper import lift_both_ways
from mpm_train.progress import tracked
from mpm_train.tables.occlusion import PUBLISHED_2D_MM, ROWS_2D, masked_joints
from mpm_train.tables.write import Rows, Table, Value

BATCH = 64
KINDS = ("clean 2D", "detected 2D")


@dataclass(frozen=True, slots=True)
class Lifted:
    """middle_BJ3, sequence_BFJ3: predictions; None where the network outputs no sequence. masked_BJ: True = masked in all frames.

    xy_BFJ2: pixels, NaN = missing. image_B2: width and height.
    """

    middle_BJ3: Float
    truth_BJ3: Float
    sequence_BFJ3: Float | None
    truth_BFJ3: Float
    valid_BF: Mask
    masked_BJ: Mask
    xy_BFJ2: Float
    image_B2: Int


def lift(model: Model, visible_BFJ2: Tensor, masked_BFJ: Tensor | None, flip: bool) -> tuple[Tensor, Tensor | None]:
    """The middle frame (B, 1, J, 3) and the window (B, F, J, 3) of encoded 2D; flip: averaged with the mirrored input's."""
    network = cast(PaperNetwork, model.network)
    with torch.inference_mode():
        return lift_both_ways(network, visible_BFJ2, masked_BFJ) if flip else network.lift(visible_BFJ2, masked_BFJ)


def lifted(model: Model, sampler: Sampler, windows: int, seed: int, kind: str, row: str, flip: bool) -> Lifted:
    """Windows with a camera each, the same ones for every kind of 2D. row: of occlusion.ROWS_2D, which joints are masked ("" = none).

    Windows whose middle frame is not the clip's own are left out. Missing detections are interpolated in time, and masked for a network
    that takes masked joints.
    """
    config = model.network.config
    parts: list[Lifted] = []
    for first in tracked(range(0, windows, BATCH), f"lifting, {row or kind}", "batches"):
        rng, hide = np.random.default_rng([seed, 2, first]), np.random.default_rng([seed, 4, first])
        drawn = sampler.draw(min(BATCH, windows - first), rng, augment=False)
        views = project(drawn.xyz_BFJ3, rng)
        xy_BFJ2, missing_BFJ = pixels_of(views, kind, config.rate_hz, rng)
        B, F, J, _ = xy_BFJ2.shape
        masked_BJ = masked_joints(row, B, hide) if row else np.zeros((B, J), bool)
        masked_BFJ = torch.from_numpy(missing_BFJ | masked_BJ[:, None]) if config.partial else None
        visible_BFJ2 = encoded(config, tensor_weights(~missing_BFJ, config.rate_hz)(xy_BFJ2), views.image_B112)
        middle_B1J3, sequence_BFJ3 = lift(model, visible_BFJ2, masked_BFJ, flip)
        truth_BFJ3 = views.target_BFJ3.numpy().astype(np.float64)
        sequence = None if sequence_BFJ3 is None else sequence_BFJ3.double().numpy()
        middle_BJ3, image_B2 = middle_B1J3[:, 0].double().numpy(), views.image_B112[:, 0, 0].long().numpy()
        xy = np.where(missing_BFJ[..., None], np.nan, xy_BFJ2.double().numpy())
        parts.append(Lifted(middle_BJ3, truth_BFJ3[:, F // 2], sequence, truth_BFJ3, drawn.valid_BF.numpy(), masked_BJ, xy, image_B2))
    valid_BF = np.concatenate([part.valid_BF for part in parts])
    own_B = valid_BF[:, config.frames // 2]
    sequences = [part.sequence_BFJ3 for part in parts if part.sequence_BFJ3 is not None]
    return Lifted(
        np.concatenate([part.middle_BJ3 for part in parts])[own_B],
        np.concatenate([part.truth_BJ3 for part in parts])[own_B],
        np.concatenate(sequences)[own_B] if sequences else None,
        np.concatenate([part.truth_BFJ3 for part in parts])[own_B],
        valid_BF[own_B],
        np.concatenate([part.masked_BJ for part in parts])[own_B],
        np.concatenate([part.xy_BFJ2 for part in parts])[own_B],
        np.concatenate([part.image_B2 for part in parts])[own_B],
    )


def encoded(config: ModelConfig, xy_BFJ2: Tensor, image_B112: Tensor) -> Tensor:
    """Pixels as the network takes them; as rays of cameras whose focal length is unknown, as in the application."""
    if config.kind == "rays":
        return encode_rays(xy_BFJ2, image_B112, FOCAL * image_B112.amax(dim=-1, keepdim=True))
    return encode_2d(xy_BFJ2, image_B112)


def pixels_of(views: Views, kind: str, rate_hz: float, rng: np.random.Generator) -> tuple[Tensor, Mask]:
    """Pixels (B, F, J, 2) of a kind, and a mask (B, F, J) of missing detections."""
    if kind == "clean 2D":
        return views.xy_BFJ2, np.zeros(views.xy_BFJ2.shape[:3], bool)
    xy_BFJ2, confidence_BFJ = detect(views.xy_BFJ2, views.image_B112, Detector(rate_hz=rate_hz), rng)
    return xy_BFJ2, confidence_BFJ.numpy() == 0


def lift_tables(model: Model, sampler: Sampler, windows: int, seed: int, split: str, flip: bool = False) -> list[Table]:
    """Errors by kind of 2D, joint by joint; and, for a network that takes masked joints, the rows of the paper's Table 3.

    Raises DataError for a network that does not lift.
    """
    network = model.network.config
    if not network.lifts:
        raise DataError("this network does not lift", where=model.path, hint="use --table gaps or occlusion")
    note = f"{windows} windows of {network.frames} frames at {network.rate_hz:g} Hz, each through a virtual camera"
    note += ", averaged with its mirror image." if flip else "."
    found = {kind: lifted(model, sampler, windows, seed, kind, "", flip) for kind in KINDS}
    rows: Rows = tuple((kind, *_figures(one)) for kind, one in found.items())
    mm = ("MPJPE", "P-MPJPE", "N-MPJPE")
    columns: dict[str, int | None] = {"2D": None, **dict.fromkeys(mm, 1), "PCK %": 1, "AUC %": 1, "sequence MPJPE": 1, "sequence MPJVE": 2}
    notes = (note, "Middle frames; PCK and AUC on the 14 joints of MPI-INF-3DHP; MPJVE in mm per frame of the sequence.")
    joints = {kind: metrics.per_joint(metrics.position_errors(one.middle_BJ3, one.truth_BJ3)) for kind, one in found.items()}
    by_joint: Rows = tuple((joint, *(1000 * joints[kind][joint] for kind in found)) for joint in joints["clean 2D"])
    tables = [
        Table("lifting", f"2D to 3D, mm, {split} subjects", columns, rows, notes),
        Table(
            "lifting_joints", f"MPJPE by joint, mm, {split} subjects", {"joint": None, **dict.fromkeys(found, 1)}, by_joint, printed=False
        ),
    ]
    return [*tables, partial_2d(model, sampler, windows, seed, split, flip)] if network.partial else tables


def partial_2d(model: Model, sampler: Sampler, windows: int, seed: int, split: str, flip: bool = False) -> Table:
    """Partial 2D to whole 3D, the joints masked in all frames. Raises DataError for a network that takes no masked joints."""
    if not model.network.config.partial:
        raise DataError("this network takes no masked joints", where=model.path, hint="train it with partial 2D")
    rows: list[tuple[Value, ...]] = []
    for row in ROWS_2D:
        one = lifted(model, sampler, windows, seed, "clean 2D", row, flip)
        error_BJ = 1000 * metrics.position_errors(one.middle_BJ3, one.truth_BJ3)
        count = float(one.masked_BJ.sum(axis=1).mean())
        rows.append((row, count, float(error_BJ.mean()), float(error_BJ[one.masked_BJ].mean()), PUBLISHED_2D_MM[row]))
    columns = {"masked": None, "joints": 0, "MPJPE": 1, "masked joints alone": 1, "published": 1}
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
