"""What the refine module adds to a lifting model: a table of MPJPE with and without it. N frames, J joints; metres, camera axes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch

from mpm_core.errors import DataError, ModelError
from mpm_core.model.checkpoint import Model, load_model
from mpm_core.model.paper_network import PaperNetwork
from mpm_core.typing import Float
from mpm_train import metrics
from mpm_train.config import TrainConfig
from mpm_train.data.corpus import Clip, Rows, View, load_corpus, load_pixels
from mpm_train.data.paired import pairs_of
from mpm_train.loader import open_split
from mpm_train.objectives.config import PaperLiftConfig, objective_config
from mpm_train.paper_refine.config import RefineConfig
from mpm_train.paper_refine.learn import LENS_HINT, NO_LENS, WAYS, Middles, Refine, back_projected, fit, held_out
from mpm_train.progress import tracked
from mpm_train.tables.protocol import in_camera, middle_frames, names_of


def refine_report(path: Path, data: Path, how: RefineConfig) -> list[str]:
    """Learn to refine a lifting model on the training people, and a table of MPJPE on held-out people with and without it.

    Raises ModelError for a model that does not lift, DataError where a lens is not known or a setting makes no sense.
    """
    if min(how.steps, how.every) < 1 or how.batch < 2:
        raise DataError("--steps and --every are at least 1, --batch at least 2")
    model = load_model(path)
    network = model.network
    if not isinstance(network, PaperNetwork) or objective_config(network.config) is not PaperLiftConfig:
        raise ModelError("this is not a lifting network of the paper", where=str(path), hint="name a lifting model")
    config = TrainConfig("refine", network.config, PaperLiftConfig(detectors=how.detectors), batch=how.batch, seed=how.seed)
    noise_2d = 0.0 if how.detectors else how.noise_2d

    def middles(split: str) -> Middles:
        return Middles(network, open_split(data, split, config), how.batch, noise_2d)

    torch.manual_seed(how.seed)
    refine = fit(middles("train"), how.seed, how.steps)
    if how.detectors:
        joints_NJ3, clips = load_corpus(data)
        errors = on_cameras(model, refine, joints_NJ3, load_pixels(data), clips, how)
        source = f"2D {', '.join(how.detectors)} and its cameras, mean of actions"
        source += f"; only every {how.every}th frame: not the protocol" if how.every > 1 else ""
    else:
        errors = held_out(middles(how.split), refine)
        source = f"virtual cameras, 2D jitter up to {noise_2d:g} of the image width"
    lines = [f"| {name} | {error:.1f} |" for name, error in errors.items()]
    return [
        f"MPJPE in mm of the middle frame, {how.split} subjects, {source}.",
        "The last two rows use the true depth of the root and the true camera.",
        "",
        "| x, y | MPJPE |",
        "|---|---|",
        *lines,
    ]


@torch.no_grad()
def on_cameras(model: Model, refine: Refine, joints_NJ3: Rows, pixels_NJ2: Rows, clips: list[Clip], how: RefineConfig) -> dict[str, float]:
    """MPJPE in mm by where x and y come from, over the scored frames of every camera: the plain mean of the actions, as in protocol.py.

    Raises DataError where the split has no such 2D or a lens is not known.
    """
    pairs = [(clip, view) for clip, view in pairs_of(clips, how.detectors) if clip.split == how.split]
    if not pairs:
        raise DataError(f"no {how.split} clip has 2D by {', '.join(how.detectors)} and its camera", hint="name another --split")
    errors: dict[str, dict[str, list[Float]]] = {name: {} for name in WAYS}
    for clip, view in tracked(pairs, "refining held-out takes", "takes"):
        for name, error_NJ in _of_view(model, refine, joints_NJ3, pixels_NJ2, clip, view, how.every).items():
            errors[name].setdefault(names_of(clip)[1], []).append(error_NJ)
    return {name: 1000 * float(np.mean(list(metrics.per_action(some).values()))) for name, some in errors.items()}


def _of_view(model: Model, refine: Refine, joints_NJ3: Rows, pixels_NJ2: Rows, clip: Clip, view: View, every: int) -> dict[str, Float]:
    """Errors (N, J) in metres of one camera's scored frames."""
    if view.lens is None:
        raise DataError(NO_LENS, where=f"{clip.name}, {view.camera}", hint=LENS_HINT)
    frames = clip.stop - clip.start
    at_N = np.concatenate([np.arange(start, stop, every) for start, stop in clip.scored or ((0, frames),)])
    xy_FJ2 = np.asarray(pixels_NJ2[view.start : view.stop], np.float64)
    root_N3 = np.asarray(joints_NJ3[clip.start + at_N], np.float64)[:, 0]
    depth_N = (root_N3 - np.array(view.place_3)) @ np.array(view.turn_33)[2]
    truth_NJ3 = in_camera(clip, view, joints_NJ3)[at_N]
    predicted_NJ3 = middle_frames(model, xy_FJ2, view.image_wh, clip.rate_hz, at_N)
    predicted = torch.from_numpy(predicted_NJ3.astype(np.float32))
    focal_12, centre_12 = torch.tensor([view.lens[:2]]), torch.tensor([view.lens[2:]])
    depth = torch.from_numpy(depth_N.astype(np.float32))
    back_NJ2 = back_projected(torch.from_numpy(xy_FJ2[at_N].astype(np.float32)), predicted, depth, focal_12, centre_12)
    back_NJ3 = torch.cat([back_NJ2, predicted[..., 2:]], dim=-1)
    found = dict(zip(WAYS, (predicted, back_NJ3, refine(predicted, back_NJ2)), strict=True))
    return {name: metrics.position_errors(one_NJ3.double().numpy(), truth_NJ3) for name, one_NJ3 in found.items()}
