"""Lifting as a user sees it: takes through virtual cameras, and those of real calibrated ones, by the application's code, measured in the
world. B takes, F frames, J = 17 joints.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import copy
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType

import numpy as np

import mpm_core as mpm
from mpm_core.body.joints import body17
from mpm_core.body.mapping import body_joints, map_body
from mpm_core.lift import Lifted, lift_take
from mpm_core.model.checkpoint import Model
from mpm_core.recording import Recording
from mpm_core.typing import Float
from mpm_core.world_fit.camera import level_axes
from mpm_core.world_fit.options import LiftOptions
from mpm_train.data.calibrated import read_calibrated
from mpm_train.data.cameras import Cameras, project
from mpm_train.data.windows import Sampler
from mpm_train.tables.lifting import pixels_of
from mpm_train.tables.occlusion import ROWS_2D, masked_joints
from mpm_train.tables.write import Table, Value
from mpm_train.world_metrics import NAMES, WorldTake, world_figures

TAKE_S = 8.0
FINEST_HZ = 120.0
NOT_SCORED = [body17().names.index(name) for name in ("spine", "thorax", "neck", "head_top")]
BASE = Cameras(distance_m=(2.5, 7.0), elevation_deg=(-5.0, 30.0), focal=(0.5, 1.2), off_centre=(0.1, 0.05), fitting=1.9)
"""Cameras as people set them up."""

Lift = Callable[[Recording, LiftOptions], Lifted]


@dataclass(frozen=True, slots=True)
class Sweep:
    """One row: cameras, and the kind of 2D (lifting.KINDS). focal_known: whether the focal length is given. hidden: of occlusion.ROWS_2D,
    which joints no frame shows ("" = all are shown). rate_hz: of the video; None = the model's."""

    name: str
    cameras: Cameras = BASE
    kind: str = "detected 2D"
    focal_known: bool = False
    hidden: str = ""
    rate_hz: float | None = None


DETECTED = Sweep("detected 2D")


SWEEPS = (
    Sweep("clean 2D", kind="clean 2D"),
    DETECTED,
    Sweep("detected 2D, focal length told", focal_known=True),
    *(Sweep(f"pitch {angle}", replace(BASE, elevation_deg=(angle, angle), roll_deg=0.0)) for angle in (0, 25, 45, 60)),
    Sweep("roll 10 on average", replace(BASE, roll_deg=12.5)),
    Sweep("turned by a quarter or half", replace(BASE, quarter_turned=1.0)),
    *(Sweep(f"focal {focal:g}", replace(BASE, focal=(focal, focal))) for focal in (0.6, 0.85, 1.2, 1.8)),
    *(Sweep(f"{distance:g} m away", replace(BASE, distance_m=(distance, distance))) for distance in (2, 5, 9)),
    *(Sweep(f"{rate_hz:g} Hz", rate_hz=rate_hz) for rate_hz in (15, 24, 30, 60, FINEST_HZ)),
    *(Sweep(f"{hidden} hidden", hidden=hidden) for hidden in ROWS_2D),
)


def world_tables(
    model: Model, sampler: Sampler, takes: int, seed: int, split: str, data_sets: Mapping[str, Sampler] = MappingProxyType({})
) -> list[Table]:
    """Every row of SWEEPS, by the takes of a split; and DETECTED by those of each of the data sets (name -> its sampler)."""
    rows = [_row(sweep.name, virtual_takes(sweep, model, sampler, takes, seed)) for sweep in SWEEPS]
    rows += [_row(f"{DETECTED.name}, {name}", virtual_takes(DETECTED, model, one, takes, seed)) for name, one in data_sets.items()]
    note = f"{takes} takes of up to {TAKE_S:g} s a row, each through a camera of its own, which the lift does not know."
    return [_table("world", f"Lifts in the world, {split} subjects", rows, (note, *NOTES))]


def real_table(model: Model, folders: tuple[Path, ...], seated: bool) -> Table:
    """Every camera of calibrated recordings (data/calibrated.py). seated: the lift is told that the person sits. Raises DataError."""
    rows = []
    for folder in folders:
        takes = [(f"{folder.name}, {name}", take) for name, take in real_takes(folder, model, seated=seated)]
        rows += [_row(name, [take]) for name, take in takes]
        rows.append(_row(f"{folder.name}, all", [take for _, take in takes]))
    return _table("world_real", "Lifts of real cameras in the world", rows, ("Limbs and hip alone; the truth is triangulated.", *NOTES))


NOTES = (
    "mm where no unit is named. MPJPE and P-MPJPE in camera axes, relative to the root; W-MPJPE and WA-MPJPE over 100 frames at 30 Hz, "
    "after the similarity that fits the first two, or all; root: after the best heading and shift of as many; slide: in 1/30 s, of ankles "
    "that rest in the truth; height spread: the range that holds 90 % of their heights, less the truth's; jitter: mean acceleration.",
)


def virtual_takes(sweep: Sweep, model: Model, sampler: Sampler, takes: int, seed: int, by: Lift | None = None) -> list[WorldTake]:
    """Takes of the split through the cameras of a row. by: lifts a recording, instead of the application's code with the model.

    Keypoints of a row with a rate are those of FINEST_HZ, of which it has every n-th frame: the detector errs alike at every rate.
    """
    own_hz = model.network.config.rate_hz
    rate_hz, made_hz = (own_hz, own_hz) if sweep.rate_hz is None else (sweep.rate_hz, FINEST_HZ)
    every = round(made_hz / rate_hz)
    long = copy(sampler)
    long.frames, long.stride_K = round(TAKE_S * made_hz) + 1, sampler.stride_K * own_hz / made_hz  # the same stretches at every rate
    rng = np.random.default_rng([seed, 8])
    drawn = long.draw(takes, rng, augment=False)
    views = project(drawn.xyz_BFJ3, rng, sweep.cameras)
    xy_BFJ2, missing_BFJ = pixels_of(views, sweep.kind, made_hz, rng)
    if sweep.hidden:
        missing_BFJ = missing_BFJ | masked_joints(sweep.hidden, takes, np.random.default_rng([seed, 4]))[:, None]
    visible_BFJ2 = np.where(missing_BFJ[..., None], np.nan, xy_BFJ2.double().numpy())
    found = []
    for take, own_F in enumerate(drawn.valid_BF.numpy()):
        width, height = (int(side) for side in views.image_B112[take].flatten())
        rec = mpm.make_recording(body17().names, rate_hz, visible_BFJ2[take, own_F][::every])
        focal = float(views.focal_B2[take, 0]) / max(width, height) if sweep.focal_known else None
        lifted = (by or application(model))(rec, LiftOptions(size=(width, height), focal=focal, fill_absent=True))
        truth_FJ3 = drawn.xyz_BFJ3[take].double().numpy()[own_F][::every]
        found.append(_take(lifted, truth_FJ3, views.turn_B33[take].double().numpy()))
    return found


def real_takes(folder: Path, model: Model, by: Lift | None = None, seated: bool = False) -> list[tuple[str, WorldTake]]:
    """Name and take of each camera; spine, thorax, neck and head, which detectors place as they like, are unknown."""
    found = []
    for view in read_calibrated(folder):
        lifted = (by or application(model))(view.recording, LiftOptions(size=view.image_wh, fill_absent=True, seated=seated))
        truth = mpm.make_recording(view.recording.points, view.recording.rate_hz, view.truth_FP3)
        truth_FJ3 = body_joints(truth, map_body(truth))
        truth_FJ3[:, NOT_SCORED] = np.nan
        turn_33 = level_axes(view.up_3) if np.isfinite(view.up_3).all() else np.full((3, 3), np.nan)
        found.append((view.name, _take(lifted, truth_FJ3 if np.isnan(turn_33).any() else truth_FJ3 @ turn_33, turn_33)))
    return found


def application(model: Model) -> Lift:
    return lambda rec, options: lift_take(rec, options, model=model)


def _take(lifted: Lifted, truth_FJ3: Float, turn_33: Float) -> WorldTake:
    rec = lifted.recording
    sigma_FJ = np.asarray(rec.sigma_FP, np.float64)
    return WorldTake(rec.rate_hz, rec.xyz_FPD[:, :17].astype(np.float64), lifted.camera.turn_33, sigma_FJ[:, :17], truth_FJ3, turn_33)


def _row(name: str, takes: list[WorldTake]) -> tuple[Value, ...]:
    figures = world_figures(takes)
    return (name, *(None if np.isnan(figures[key]) else figures[key] for key in NAMES))


def _table(name: str, title: str, rows: list[tuple[Value, ...]], notes: tuple[str, ...]) -> Table:
    columns: dict[str, int | None] = {"camera": None} | dict.fromkeys(NAMES, 1)
    return Table(name, title, columns, tuple(rows), notes)
