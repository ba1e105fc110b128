"""The joints that the paper masks in its Tables 3 and 4 (arXiv 2306.17201), in all frames of a window.

B windows, F frames, J joints. A limb is its three joints (hip, knee, ankle; shoulder, elbow, wrist); single joints are drawn anew for each
window from all but the root, which every error is measured from.
"""

from __future__ import annotations

from typing import cast

import numpy as np
import torch

from mpm_core.body.joints import body17
from mpm_core.complete import complete
from mpm_core.errors import DataError
from mpm_core.model.checkpoint import Model
from mpm_core.model.paper_network import PaperNetwork
from mpm_core.recording import make_recording
from mpm_core.typing import Float, Float32, Mask
from mpm_train.data.cameras import project
from mpm_train.data.windows import Sampler
from mpm_train.metrics import position_errors
from mpm_train.network_kinds import takes_camera_axes
from mpm_train.tables.write import Table

PAIRED = {
    "2 legs": ("left leg", "right leg"),
    "2 arms": ("left arm", "right arm"),
    "left leg + left arm": ("left leg", "left arm"),
    "right leg + right arm": ("right leg", "right arm"),
}
SINGLE = ("left leg", "right leg", "left arm", "right arm")
DRAWN = {"1 joint": 1, "2 joints": 2}
ROWS_2D = (*DRAWN, *PAIRED)
ROWS_3D = (*DRAWN, *PAIRED, *SINGLE)
PUBLISHED_2D_MM = dict(zip(ROWS_2D, (40.5, 41.5, 62.1, 77.0, 56.9, 56.3), strict=True))
"""Table 3, on Human3.6M with detected 2D. Table 4's figures are not known."""
BATCH = 64


def limb(name: str) -> list[int]:
    """The joints of "left leg", "right arm" ..."""
    names = body17().names
    side, kind = name.split()
    return [names.index(f"{side}_{joint}") for joint in {"leg": ("hip", "knee", "ankle"), "arm": ("shoulder", "elbow", "wrist")}[kind]]


def masked_joints(row: str, windows: int, rng: np.random.Generator) -> Mask:
    """(B, J) True = masked in all frames."""
    masked_BJ = np.zeros((windows, 17), bool)
    if row in DRAWN:
        chosen_BK = 1 + rng.random((windows, 16)).argsort(axis=1)[:, : DRAWN[row]]
        np.put_along_axis(masked_BJ, chosen_BK, True, axis=1)
    else:
        for name in PAIRED.get(row, (row,)):
            masked_BJ[:, limb(name)] = True
    return masked_BJ


def partial_3d(model: Model, sampler: Sampler, windows: int, seed: int, split: str) -> Table:
    """Partial 3D to whole 3D, the joints masked in all frames of a window; visible joints are copied.

    A network in camera axes (the paper's, stage I too) gets the window as published; one in body axes completes it as a take of
    its own, through the application's code. Raises DataError for a network that takes no 3D.
    """
    if 3 not in model.network.config.inputs:
        raise DataError("this network takes no 3D", where=model.path, hint="use --table lifting, or pre-train it on 2D and 3D")
    rows = []
    for number, row in enumerate(ROWS_3D):
        rng = np.random.default_rng([seed, 3, number])
        error_BFJ, masked_BJ, valid_BF = _completed(model, sampler, windows, row, rng)
        masked_BFJ = np.broadcast_to(masked_BJ[:, None], error_BFJ.shape) & valid_BF[..., None]
        copied_BFJ = np.where(masked_BFJ, error_BFJ, 0.0)[valid_BF]
        rows.append((row, float(masked_BJ.sum(axis=1).mean()), 1000 * float(copied_BFJ.mean()), 1000 * float(error_BFJ[masked_BFJ].mean())))
    columns = {"masked": None, "joints": 0, "MPJPE, visible copied": 1, "masked joints alone": 1}
    how = "in the axes of virtual cameras" if takes_camera_axes(model.network.config) else "through the application's code"
    note = f"{windows} windows of {sampler.frames} frames, {how}; the published figures (Table 4) are not known."
    return Table("occlusion_3d", f"Partial 3D to 3D, mm, {split} subjects", columns, tuple(rows), (note,))


def _completed(model: Model, sampler: Sampler, windows: int, row: str, rng: np.random.Generator) -> tuple[Float, Mask, Mask]:
    """Errors (B, F, J) in metres, masked joints (B, J), and which frames are a clip's own (B, F)."""
    errors, masks, valid = [], [], []
    for first in range(0, windows, BATCH):
        drawn = sampler.draw(min(BATCH, windows - first), rng, augment=False)
        masked_BJ = masked_joints(row, len(drawn.xyz_BFJ3), rng)
        if takes_camera_axes(model.network.config):
            truth_BFJ3 = project(drawn.xyz_BFJ3, rng).target_BFJ3
            masked_BFJ = torch.from_numpy(masked_BJ)[:, None].expand(truth_BFJ3.shape[:3])
            with torch.inference_mode():
                out_BFJ3 = cast(PaperNetwork, model.network).masked(truth_BFJ3, masked_BFJ).float()
            errors.append(position_errors(out_BFJ3.numpy().astype(np.float64), truth_BFJ3.numpy().astype(np.float64)))
        else:
            truth = drawn.xyz_BFJ3.numpy()
            errors.append(np.stack([_take_errors(model, *one) for one in zip(truth, masked_BJ, strict=True)]))
        masks.append(masked_BJ)
        valid.append(drawn.valid_BF.numpy())
    return np.concatenate(errors), np.concatenate(masks), np.concatenate(valid)


def _take_errors(model: Model, truth_FJ3: Float32, masked_J: Mask) -> Float:
    skeleton = body17()
    xyz_FJ3 = np.where(masked_J[:, None], np.nan, truth_FJ3)
    gapped = make_recording(skeleton.names, model.network.config.rate_hz, xyz_FJ3, skeleton=skeleton)
    filled = complete(gapped, method="model", model=model, limits=None)
    return position_errors(filled.xyz_FPD.astype(np.float64), truth_FJ3.astype(np.float64))
