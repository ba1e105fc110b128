"""The published protocols on Human3.6M and MPI-INF-3DHP (arXiv 2306.17201): every scored frame of every camera. F frames, J joints.

Each frame is the middle of a window of its own; at a clip's ends the first and last frames are repeated. Errors are of 17 joints, the
root included, the root laid upon the true one. A table's headline is the plain mean of the actions, each the mean over its frames, people
and cameras; "Walking 1" is the action "Walking". MPI-INF-3DHP's test has sequences instead of actions; beside their plain mean stands the
mean of all scored frames, because publications do not always say which of the two they give.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import torch

from mpm_core.errors import DataError
from mpm_core.fill.hermite import interpolate
from mpm_core.gaps import known
from mpm_core.model.checkpoint import Model
from mpm_core.model.encode import encode_2d
from mpm_core.typing import Float, Int, Mask
from mpm_train import metrics
from mpm_train.data.corpus import Clip, Rows, View
from mpm_train.progress import tracked
from mpm_train.tables.lifting import lift
from mpm_train.tables.write import Table, Value

BATCH = 64
MM = ("MPJPE", "P-MPJPE", "N-MPJPE", "MPJVE")
KINDS: dict[str, Callable[[Float, Float], Float]] = dict(
    zip(MM, (metrics.position_errors, metrics.aligned_errors, metrics.scaled_errors, metrics.velocity_errors), strict=True)
)


@dataclass(frozen=True, slots=True)
class Scored:
    """One camera's errors of one clip, metres: by metric (F, J), over the frames that count."""

    dataset: str
    action: str
    detector: str
    errors: dict[str, Float]


def protocol_tables(model: Model, joints_NJ3: Rows, pixels_NJ2: Rows, clips: list[Clip], split: str, every: int, flip: bool) -> list[Table]:
    """A table for each data set and detector among the split's clips. every: score each `every`-th frame only (1 = the protocol).

    Raises DataError when no clip has detections with a known camera.
    """
    if not model.network.config.lifts:
        raise DataError("the protocols are for lifting", where=model.path, hint="use --table occlusion or gaps")
    pairs = views_in(clips, split)
    if not pairs:
        raise DataError(f"no {split} clip has 2D detections of a known camera", hint="prepare Human3.6M (with cameras) or MPI-INF-3DHP")
    shown = tracked(pairs, "lifting", "views of takes")
    scored = [one for clip, view in shown for one in _score(model, joints_NJ3, pixels_NJ2, clip, view, every, flip)]
    kinds = sorted({(one.dataset, one.detector) for one in scored})
    return [
        table
        for kind in kinds
        for table in _tables([one for one in scored if (one.dataset, one.detector) == kind], *kind, split, every, flip)
    ]


def views_in(clips: list[Clip], split: str) -> list[tuple[Clip, View]]:
    """The clips of a split with each of their views whose camera is known."""
    return [(clip, view) for clip in clips if clip.split == split for view in clip.views if view.turn_33 is not None]


def in_camera(clip: Clip, view: View, joints_NJ3: Rows) -> Float:
    """(F, J, 3) the true poses relative to the root, metres, the camera's axes."""
    return np.asarray(metrics.rooted(np.asarray(joints_NJ3[clip.start : clip.stop], np.float64)) @ np.array(view.turn_33).T)


def names_of(clip: Clip) -> tuple[str, str]:
    """Data set and action: "h36m" and "Walking" of "Walking 1"; a clip without an action is one of its own."""
    return clip.subject.partition("-")[0], clip.action.partition(" ")[0] or clip.name.partition(":")[0]


def middle_frames(
    model: Model,
    xy_FJ2: Float,
    image_wh: tuple[int, int],
    rate_hz: float,
    at_N: Int,
    flip: bool = False,
    masked_NJ: Mask | None = None,
) -> Float:
    """(N, J, 3) metres, camera axes: the network's middle frames of the windows around the frames at_N.

    xy_FJ2: pixels, y down; NaN = missing, which is interpolated in time, and masked for a network that takes masked joints. masked_NJ:
    joints that are masked in the whole of a window, for such a network.
    """
    config = model.network.config
    stride = max(1, round(rate_hz / config.rate_hz))
    known_FJ = known(xy_FJ2)
    whole_FJ2 = interpolate(xy_FJ2, known_FJ, rate_hz)
    around_W = stride * (np.arange(config.frames) - config.frames // 2)
    found = []
    for first in range(0, len(at_N), BATCH):
        rows_BW = np.clip(at_N[first : first + BATCH, None] + around_W, 0, len(xy_FJ2) - 1)
        visible_BWJ2 = encode_2d(torch.from_numpy(whole_FJ2[rows_BW].astype(np.float32)), torch.tensor(image_wh, dtype=torch.float32))
        missing_BWJ = ~known_FJ[rows_BW] | (False if masked_NJ is None else masked_NJ[first : first + BATCH, None])
        found.append(lift(model, visible_BWJ2, torch.from_numpy(missing_BWJ) if config.partial else None, flip)[0][:, 0].double().numpy())
    return np.concatenate(found)


def _score(model: Model, joints_NJ3: Rows, pixels_NJ2: Rows, clip: Clip, view: View, every: int, flip: bool) -> Iterator[Scored]:
    """Runs of frames that follow each other are scored one by one, so that MPJVE never spans a break."""
    truth_FJ3 = in_camera(clip, view, joints_NJ3)
    xy_FJ2 = np.asarray(pixels_NJ2[view.start : view.stop], np.float64)
    dataset, action = names_of(clip)
    for start, stop in clip.scored or ((0, clip.stop - clip.start),):
        at_N = np.arange(start, stop, every)
        found_NJ3 = middle_frames(model, xy_FJ2, view.image_wh, clip.rate_hz, at_N, flip)
        yield Scored(dataset, action, view.detector, {name: kind(found_NJ3, truth_FJ3[at_N]) for name, kind in KINDS.items()})


def _tables(scored: list[Scored], dataset: str, detector: str, split: str, every: int, flip: bool) -> list[Table]:
    actions = sorted({one.action for one in scored})
    errors = {name: {action: [one.errors[name] for one in scored if one.action == action] for action in actions} for name in MM}
    figures = {name: {action: 1000 * mean for action, mean in metrics.per_action(some).items()} for name, some in errors.items()}
    columns: dict[str, int | None] = {"action": None, **dict.fromkeys(MM, 1)}
    notes = [f"Only every {every}th frame: not the protocol." if every > 1 else "Every scored frame of every camera."]
    notes += ["Averaged with the mirrored input's prediction."] if flip else []
    if dataset == "3dhp":
        shares = {action: _official(some) for action, some in errors["MPJPE"].items()}
        for number, name in enumerate(("PCK %", "AUC %")):
            figures[name] = {action: both[number] for action, both in shares.items()}
            columns[name] = 1
        notes.append("PCK at 150 mm and AUC over 0, 5 ... 150 mm on the 14 official joints.")
    rows: list[tuple[Value, ...]] = [(action, *(some[action] for some in figures.values())) for action in actions]
    parts = "sequences" if dataset == "3dhp" else "actions"
    rows.append((f"mean of {parts}", *(float(np.mean(list(some.values()))) for some in figures.values())))
    if dataset == "3dhp":
        rows.append(("mean of frames", *_of_frames({name: [one.errors[name] for one in scored] for name in MM})))
    joints = metrics.per_joint(np.concatenate([one.errors["MPJPE"] for one in scored]))
    by_joint = tuple((joint, 1000 * mean) for joint, mean in joints.items())
    name, title = f"protocol_{dataset}_{detector}".replace(" ", "_"), f"{dataset}, 2D {detector}, mm, {split} subjects"
    return [
        Table(name, f"2D to 3D on {title}", columns, tuple(rows), tuple(notes)),
        Table(f"{name}_joints", f"MPJPE by joint on {title}", {"joint": None, "MPJPE": 1}, by_joint, printed=False),
    ]


def _of_frames(errors: dict[str, list[Float]]) -> tuple[float, ...]:
    """The figures of MPI-INF-3DHP over all scored frames at once: mm by metric, then PCK and AUC."""
    return (*(1000 * mean for mean in metrics.per_action(errors).values()), *_official(errors["MPJPE"]))


def _official(errors: list[Float]) -> tuple[float, float]:
    """PCK and AUC in per cent, of the 14 joints that MPI-INF-3DHP scores."""
    official_FJ = np.concatenate(errors)[:, metrics.official_3dhp()]
    return 100 * metrics.pck(official_FJ), 100 * metrics.auc(official_FJ)
