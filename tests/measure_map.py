"""How many markers get the right segment and place from motion alone: takes of known sets, their labels taken off and shuffled.

`python -m tests.measure_map SAMPLES [--seed N]`. Not a test: it prints the table of docs/markers.md. F frames, P points.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

import mpm_core as mpm
from mpm_core.body import markers
from mpm_core.body.by_motion.roles import Proposal, propose
from mpm_core.body.mapping import body_joints, map_body

TAKES = (
    "c3d/btk/PiG/PiG_Motion-FlatFoot-Full.c3d",
    "c3d/btk/PiG/PiG_Motion-FlatFoot-Hole.c3d",
    "c3d/cmu/02_01.c3d",
    "3d/btk_trc/TRCSamples/MOTEK/ballet_reduced.trc",
    "3d/btk_trc/TRCSamples/MOTEK/T.trc",
    "c3d/biomechzoo/Whole body stick (6 markers) and puck left handed ti003.c3d",
    "3d/kineticstoolkit/kinematics_tennis_serve.csv",
    "3d/opensim-core/OpenSim/Examples/Moco/example3DWalking/markers_walk.trc",
    "3d/opensim-core/OpenSim/Common/Test/dataWithNaNsWithSpaces.trc",
    "3d/biobuddy/static.trc",
    "c3d/pycgm/Sample_2/RoboStatic.c3d",
    "c3d/pycgm/ROM/Sample_Static.c3d",
    "c3d/pycgm/59993_Frame/59993_Frame_Static.c3d",
    "c3d/pycgm/Test_Files/Movement_trial.c3d",
    "c3d/btk/others/FunctionalLHip.c3d",
    "c3d/btk/others/Gait.c3d",
)
# Place -> segments that a marker there may be said to be on. A marker at a joint goes with both sides of it.
MIDDLE = {"head": ("head_crown", "head_front", "head_rear"), "torso": ("c7", "t10", "clavicle", "sternum", "back"), "pelvis": ("sacrum",)}
SIDED = {
    "head": ("front_head", "back_head", "ear"),
    "torso": ("clavicle", "acromion"),
    "pelvis": ("asis", "psis"),
    "upper_arm": ("acromion", "upper_arm", "lateral_elbow", "medial_elbow"),
    "forearm": ("lateral_elbow", "medial_elbow", "forearm", "radial_wrist", "ulnar_wrist", "wrist"),
    "hand": ("radial_wrist", "ulnar_wrist", "wrist", "hand"),
    "thigh": ("thigh", "lateral_knee", "medial_knee"),
    "shank": ("lateral_knee", "medial_knee", "shank", "lateral_ankle", "medial_ankle"),
    "foot": ("lateral_ankle", "medial_ankle", "heel", "toe", "foot"),
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """Of `markers`, how many got the right segment and the right place; joints_m (17,): median distance from the known map's."""

    markers: int
    segments: int
    places: int
    facing: float
    joints_m: np.ndarray


def right_segments(place: str) -> set[str]:
    """The segments that count as right for a place."""
    side, _, part = place.partition("_")
    if side not in ("left", "right"):
        return {segment for segment, places in MIDDLE.items() if place in places}
    whole = ("head", "torso", "pelvis")
    return {segment if segment in whole else f"{side}_{segment}" for segment, places in SIDED.items() if part in places}


def without_labels(rec: mpm.Recording, seed: int) -> tuple[mpm.Recording, list[str]]:
    """The markers of the take's known set as M0, M1 ... in any order, and the place of each."""
    known = markers.match(rec.points)
    assert known is not None
    place_of = {indices[0]: place for place, indices in known.roles}
    order = np.random.default_rng(seed).permutation(sorted(place_of))
    stripped = mpm.make_recording(tuple(f"M{n}" for n in range(len(order))), rec.rate_hz, rec.xyz_FPD[:, order])
    return stripped, [place_of[point] for point in order]


def measure(rec: mpm.Recording, seed: int) -> Outcome:
    """Raises MappingError when no body is found."""
    stripped, places = without_labels(rec, seed)
    found: Proposal = propose(stripped)
    segments = sum(guess.segment in right_segments(place) for guess, place in zip(found.guesses, places, strict=True))
    same = sum(guess.role == place for guess, place in zip(found.guesses, places, strict=True))
    mine = body_joints(stripped, map_body(stripped, found.roles(stripped.points)))
    away_FJ = np.linalg.norm(mine - body_joints(rec, map_body(rec)), axis=2)
    joints_m = np.array([np.median(each[np.isfinite(each)]) if np.isfinite(each).any() else np.nan for each in away_FJ.T])
    return Outcome(len(places), segments, same, found.facing, joints_m)


def main(words: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("samples", type=Path)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args(words)
    say = sys.stdout.write
    say("| take | set | markers | segment right | place right | joints within 2 cm of the known map's |\n|---|---|---|---|---|---|\n")
    total = np.zeros(3, np.int64)
    for name in TAKES:
        rec = mpm.read(args.samples / name)
        known = markers.match(rec.points)
        title = f"| {Path(name).name} | {known.name if known else '-'} |"
        try:
            out = measure(rec, args.seed)
        except mpm.MappingError as error:
            say(f"{title} refused: {error.what} | | | |\n")
            continue
        total += [out.markers, out.segments, out.places]
        near = int((out.joints_m < 0.02).sum())
        say(f"{title} {out.markers} | {out.segments} | {out.places} | {near} of 17 |\n")
    say(f"\nsegments {100 * total[1] / total[0]:.1f} %, places {100 * total[2] / total[0]:.1f} % of {total[0]}\n")


if __name__ == "__main__":
    main()
