"""The paper's Tables 3 and 4 on the published data sets: occlusion.py's masks in windows of real cameras. F frames, J joints.

Errors are means over an action's frames, people and cameras, then the plain mean of the actions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import cast

import numpy as np
import torch

from mpm_core.errors import DataError
from mpm_core.model.checkpoint import Model
from mpm_core.model.paper_network import PaperNetwork
from mpm_core.typing import Float, Mask
from mpm_train import metrics
from mpm_train.data.corpus import Clip, Rows, View
from mpm_train.network_kinds import takes_camera_axes
from mpm_train.progress import tracked
from mpm_train.tables.occlusion import PUBLISHED_2D_MM, ROWS_2D, ROWS_3D, masked_joints
from mpm_train.tables.protocol import in_camera, middle_frames, names_of, views_in
from mpm_train.tables.write import Table, Value


@dataclass(frozen=True, slots=True)
class Errors:
    """Errors of N frames in metres (N, J), and the joints masked in each (N, J)."""

    action: str
    error_NJ: Float
    masked_NJ: Mask


def published_2d(
    model: Model, joints_NJ3: Rows, pixels_NJ2: Rows, clips: list[Clip], split: str, every: int, seed: int, flip: bool
) -> list[Table]:
    """Partial 2D to 3D, a table for each data set and detector: the middle frames of windows, joints masked in all of a window.

    Raises DataError for a network that takes no masked joints.
    """
    if not model.network.config.partial:
        raise DataError("this network takes no masked joints", where=model.path, hint="train it with partial 2D, or use --table protocol")

    def measure(clip: Clip, view: View, row: str, rng: np.random.Generator) -> Iterator[Errors]:
        truth_FJ3, xy_FJ2 = in_camera(clip, view, joints_NJ3), np.asarray(pixels_NJ2[view.start : view.stop], np.float64)
        at_N = np.concatenate([np.arange(start, stop, every) for start, stop in clip.scored or ((0, len(truth_FJ3)),)])
        masked_NJ = masked_joints(row, len(at_N), rng)
        found_NJ3 = middle_frames(model, xy_FJ2, view.image_wh, clip.rate_hz, at_N, flip, masked_NJ)
        yield Errors(names_of(clip)[1], metrics.position_errors(found_NJ3, truth_FJ3[at_N]), masked_NJ)

    kinds = sorted({(names_of(clip)[0], view.detector) for clip, view in views_in(clips, split)})
    tables = []
    for dataset, detector in kinds:
        pairs = [(c, v) for c, v in views_in(clips, split) if (names_of(c)[0], v.detector) == (dataset, detector)]
        found = {row: _measured(pairs, row, seed, number, measure) for number, row in enumerate(ROWS_2D)}
        rows = tuple(
            (*_figures(row, some, copied=False), PUBLISHED_2D_MM[row] if dataset == "h36m" else None) for row, some in found.items()
        )
        columns = {"masked": None, "joints": 0, "MPJPE": 1, "masked joints alone": 1, "published": 1}
        name, note = f"occlusion_2d_{dataset}_{detector}".replace(" ", "_"), "Published: Table 3."
        tables.append(
            Table(name, f"Partial 2D to 3D on {dataset}, 2D {detector}, mm, {split} subjects", columns, rows, (note, _how(every)))
        )
    return tables


def published_3d(model: Model, joints_NJ3: Rows, clips: list[Clip], split: str, every: int, seed: int) -> list[Table]:
    """Partial 3D to 3D in the cameras' axes, windows end to end, joints masked in all of a window; visible joints are copied.

    every: take only every N-th window. Raises DataError for a network that takes no 3D in camera axes.
    """
    config = model.network.config
    if 3 not in config.inputs or not takes_camera_axes(config):
        raise DataError("this network takes no 3D in camera axes", where=model.path, hint="measure it on a corpus without cameras")
    network, F = cast(PaperNetwork, model.network), config.frames

    def measure(clip: Clip, view: View, row: str, rng: np.random.Generator) -> Iterator[Errors]:
        whole_FJ3, stride = in_camera(clip, view, joints_NJ3), max(1, round(clip.rate_hz / config.rate_hz))
        for start, stop in clip.scored or ((0, len(whole_FJ3)),):
            truth_NJ3 = whole_FJ3[start:stop:stride]
            for first in range(0, len(truth_NJ3), F * every):
                window_FJ3 = truth_NJ3[np.minimum(np.arange(first, first + F), len(truth_NJ3) - 1)]
                masked_FJ = np.repeat(masked_joints(row, 1, rng), F, axis=0)
                with torch.inference_mode():
                    out_1FJ3 = network.masked(torch.from_numpy(window_FJ3[None].astype(np.float32)), torch.from_numpy(masked_FJ[None]))
                own = slice(min(F, len(truth_NJ3) - first))
                error_FJ = metrics.position_errors(out_1FJ3[0].double().numpy(), window_FJ3)
                yield Errors(names_of(clip)[1], error_FJ[own], masked_FJ[own])

    tables = []
    for dataset in sorted({names_of(clip)[0] for clip, _ in views_in(clips, split)}):
        pairs = [(c, v) for c, v in views_in(clips, split) if names_of(c)[0] == dataset and v.detector == c.views[0].detector]
        rows = tuple(_figures(row, _measured(pairs, row, seed, number, measure), copied=True) for number, row in enumerate(ROWS_3D))
        columns = {"masked": None, "joints": 0, "MPJPE, visible copied": 1, "masked joints alone": 1}
        notes = ("The published figures (Table 4) are not known.", _how(every))
        tables.append(Table(f"occlusion_3d_{dataset}", f"Partial 3D to 3D on {dataset}, mm, {split} subjects", columns, rows, notes))
    return tables


def _measured(
    pairs: list[tuple[Clip, View]],
    row: str,
    seed: int,
    number: int,
    measure: Callable[[Clip, View, str, np.random.Generator], Iterator[Errors]],
) -> list[Errors]:
    """Every pair with a random stream of its own, so that its masks do not depend on the others."""
    bar = tracked(list(enumerate(pairs)), row, "views of takes")
    return [one for index, (clip, view) in bar for one in measure(clip, view, row, np.random.default_rng([seed, 8, number, index]))]


def _figures(row: str, some: list[Errors], copied: bool) -> tuple[Value, ...]:
    """The row's name, joints masked, MPJPE and the error on masked joints alone, mm; copied: visible joints count as exact."""
    actions = sorted({one.action for one in some})
    means = []
    for action in actions:
        error_NJ = np.concatenate([one.error_NJ for one in some if one.action == action])
        masked_NJ = np.concatenate([one.masked_NJ for one in some if one.action == action])
        means.append((np.where(masked_NJ, error_NJ, 0.0).mean() if copied else error_NJ.mean(), error_NJ[masked_NJ].mean()))
    whole, alone = (1000 * float(mean) for mean in np.mean(means, axis=0))
    return row, float(some[0].masked_NJ[0].sum()), whole, alone


def _how(every: int) -> str:
    return "Mean of the actions." if every == 1 else f"Mean of the actions; only one in {every} was measured."
