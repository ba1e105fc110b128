"""Synthetic motion of a few people, for trying the whole of training where no motion capture is at hand.

Each person is the bundled sample's (mpm_core/sample) with other proportions, in takes at other speeds and with larger or smaller movements.
J joints, F frames, C channels of the sample's BVH rig; centimetres and degrees.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from mpm_core.files.atomic import write_bytes
from mpm_core.io.bvh.write import composed
from mpm_core.rig import Rig
from mpm_core.sample.bvh_rig import bvh_rig
from mpm_core.sample.motion import make_motion
from mpm_core.sample.plan import RATE_HZ

TRAIN = ("person-1", "person-2", "person-3", "person-4")
VALIDATION, TEST = ("person-5",), ("person-6",)
PEOPLE = (*TRAIN, *VALIDATION, *TEST)
TAKES = 2
SEGMENTS = {"legs": ("Leg", "Foot", "ToeBase"), "arms": ("ForeArm", "Hand"), "trunk": ("Spine", "Neck", "Head"), "widths": ("UpLeg", "Arm")}
"""Joints by the segment that ends in them; their names without side and number."""
SIZE, SEGMENT, MOVEMENT, SPEED = 0.08, 0.08, 0.15, 0.2  # largest change of each, as shares
LICENCE = "MIT License\n\nSynthetic motion, made by `mpm-train make --small` from published curves of walking.\n"


def write_people(folder: Path) -> Path:
    """Write <person>/take-<n>.bvh of each of PEOPLE below the folder, unless all are there; the same bytes each time."""
    paths = {(person, take): folder / person / f"take-{take + 1}.bvh" for person in PEOPLE for take in range(TAKES)}
    licence = folder / "LICENSE.txt"
    if not all(path.is_file() for path in (*paths.values(), licence)):
        sample = bvh_rig(make_motion())
        for (person, take), path in paths.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            write_bytes(path, composed(take_of(sample, PEOPLE.index(person), take), RATE_HZ))
        write_bytes(licence, LICENCE.encode())
    return folder


def take_of(sample: Rig, person: int, take: int) -> Rig:
    """The sample with the proportions of a person and the movements of a take, each decided by its number."""
    shape, moves = np.random.default_rng([1, person]), np.random.default_rng([2, person, take])
    size = 1 + shape.uniform(-SIZE, SIZE)
    factor = {group: size * (1 + shape.uniform(-SEGMENT, SEGMENT)) for group in SEGMENTS}
    scale_J = np.array([factor.get(_segment(name), size) for name in sample.names])
    place_C, angle_C = (np.array([name.endswith(kind) for names in sample.channels for name in names]) for kind in ("position", "rotation"))
    frames = round(len(sample.values_FC) / (1 + moves.uniform(-SPEED, SPEED)))
    at_F = np.linspace(0, len(sample.values_FC) - 1, frames)
    values_FC = np.stack([np.interp(at_F, np.arange(len(column_F)), column_F) for column_F in sample.values_FC.T], axis=1)
    middle_C = np.median(values_FC, axis=0)
    larger_C = 1 + moves.uniform(-MOVEMENT, MOVEMENT, len(middle_C)) * angle_C
    larger_C[:6] = 1  # the pelvis keeps its heading, and its path but for the length of the legs
    values_FC = np.where(place_C, factor["legs"] * values_FC, middle_C + larger_C * (values_FC - middle_C))
    return replace(sample, offsets_J3=sample.offsets_J3 * scale_J[:, None], values_FC=values_FC)


def _segment(joint: str) -> str:
    """The group of SEGMENTS; "" for a joint of none."""
    bare = joint.removesuffix("End").removeprefix("Left").removeprefix("Right").rstrip("1")
    return next((group for group, names in SEGMENTS.items() if bare in names), "")
