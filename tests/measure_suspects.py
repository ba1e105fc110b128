"""How many planted faults the detectors find on real takes, and how often they speak up on the same takes as they came.

`python -m tests.measure_suspects SAMPLES [--seed N]`. Not a test: it prints the tables of docs/checks.md. F frames, P points.
"""

from __future__ import annotations

import argparse
import sys
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

import mpm_core as mpm
from mpm_core.gaps import runs
from mpm_core.suspect.find import KINDS, find_suspects
from mpm_core.suspect.kinds import Suspect
from mpm_core.typing import Float32, Mask

TAKES = (
    "c3d/btk/PiG/PiG_Motion-FlatFoot-Full.c3d",
    "c3d/cmu/02_01.c3d",
    "c3d/c3d-parser/RCH/dynamic/RCH.08.c3d",
    "c3d/biomechzoo/Whole body stick (6 markers) and puck left handed ti003.c3d",
    "c3d/btk/others/FunctionalLHip.c3d",
    "3d/btk_trc/TRCSamples/MOTEK/ballet_reduced.trc",
    "3d/btk_trc/TRCSamples/SprintMotion.trc",
    "3d/opensim-core/OpenSim/Examples/Moco/example3DWalking/markers_walk.trc",
    "3d/kineticstoolkit/kinematics_tennis_serve.csv",
    "c3d/kineticstoolkit/kinematics_racing_propulsion.c3d",
)
PER_TAKE = 8  # faults of a kind in one copy of a take
APART = 12  # frames that stay between two of them
SIZES_MM = (10, 20, 50, 100)
MOST = 0.4  # of a take; which of two labels is the wrong one is told by which state is rarer
SHARE = 0.5  # of a planted stretch that must be named

Places = list[tuple[tuple[int, ...], int, int]]


@dataclass(frozen=True, slots=True)
class Planted:
    """A take with faults, and where they are."""

    rec: mpm.Recording
    faults: Places


def say(line: str) -> None:
    sys.stdout.write(line + "\n")


def main(words: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("samples", type=Path)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args(words)
    takes = [_measured(mpm.read(args.samples / name)) for name in TAKES]
    _false_alarms(takes)
    _recall(takes, args.seed)


def _measured(rec: mpm.Recording) -> mpm.Recording:
    """The points a marker set would have: seen in most of the take, and not computed from others (as PELO or CentreOfMass are)."""
    seen = [p for p, name in enumerate(rec.points) if rec.visible_FP[:, p].mean() > 0.5 and not _computed(name)]
    return mpm.make_recording(tuple(rec.points[p] for p in seen), rec.rate_hz, rec.xyz_FPD[:, seen], source=rec.source)


def _computed(name: str) -> bool:
    label = name.rsplit(":", 1)[-1]
    return label.startswith("Centre") or (len(label) >= 4 and label[-1] in "OALP" and label[:-1].upper() + "O" in VIRTUAL) or "Fem" in label


VIRTUAL = {f"{part}O" for side in "LR" for part in (f"{side}{bone}" for bone in ("FE", "TI", "FO", "TO", "CL", "HU", "RA", "HN"))}
VIRTUAL |= {"PELO", "TRXO", "HEDO"}


def _false_alarms(takes: Sequence[mpm.Recording]) -> None:
    minutes = sum(rec.seconds for rec in takes) / 60
    point_minutes = sum(float(rec.visible_FP.sum()) / rec.rate_hz for rec in takes) / 60
    say(f"{len(takes)} takes as they came, {minutes:.2f} minutes, {point_minutes:.0f} point-minutes")
    say("| kind | named | a minute of a take | a minute of a point |\n|---|---|---|---|")
    found = [find_suspects(rec) for rec in takes]
    for kind in KINDS:
        count = sum(each.kind == kind for some in found for each in some)
        say(f"| {kind} | {count} | {count / minutes:.1f} | {count / point_minutes:.2f} |")


def _recall(takes: Sequence[mpm.Recording], seed: int) -> None:
    plans: list[tuple[str, str, Callable[[mpm.Recording, np.random.Generator], Planted]]] = [
        ("spike", f"spike of {size} mm, 1 to 3 frames", lambda rec, rng, size=size: _spiked(rec, rng, size / 1000)) for size in SIZES_MM
    ]
    plans += [
        ("swap", "swap of neighbours, 0.1 to 2 s", lambda rec, rng: _swapped(rec, rng, near=True)),
        ("swap", "swap of any two, 0.1 to 2 s", lambda rec, rng: _swapped(rec, rng, near=False)),
        ("ghost", "piece under another name, 0.1 to 0.5 s", _ghosted),
        ("frozen", "value held, 0.1 to 0.5 s", _held),
    ]
    say("\n| planted | faults | found | by point and frames | others named |\n|---|---|---|---|---|")
    for number, (kind, title, plant) in enumerate(plans):
        counts: dict[str, int] = defaultdict(int)
        for place, rec in enumerate(takes):
            rng = np.random.default_rng([seed, number, place])
            before = find_suspects(rec, [kind])
            planted = plant(rec, rng)
            found = find_suspects(planted.rec, [kind])
            counts["faults"] += len(planted.faults)
            counts["touched"] += sum(any(_touches(each, fault) for each in found) for fault in planted.faults)
            counts["named"] += sum(any(_names(each, fault) for each in found) for fault in planted.faults)
            known = [*planted.faults, *((each.points, each.start, each.stop) for each in before)]
            counts["others"] += sum(not any(_touches(each, fault) for fault in known) for each in found)
        share = [f"{100 * counts[key] / max(counts['faults'], 1):.0f} %" for key in ("touched", "named")]
        say(f"| {title} | {counts['faults']} | {share[0]} | {share[1]} | {counts['others']} |")


def _touches(suspect: Suspect, fault: tuple[tuple[int, ...], int, int]) -> bool:
    points, start, stop = fault
    return bool(set(points) & set(suspect.points)) and suspect.start < stop + 2 and start - 2 < suspect.stop


def _names(suspect: Suspect, fault: tuple[tuple[int, ...], int, int]) -> bool:
    """Whether all its points, and the frames but for a half of both stretches, are those of the fault."""
    points, start, stop = fault
    shared = min(stop, suspect.stop) - max(start, suspect.start)
    return set(points) <= set(suspect.points) and shared >= SHARE * (max(stop, suspect.stop) - min(start, suspect.start))


def _spots(rec: mpm.Recording, rng: np.random.Generator, low_s: float, high_s: float, taken_FP: Mask) -> Places:
    """Stretches of a point that is seen through them and around them, apart from each other."""
    spots: Places = []
    for _ in range(50 * PER_TAKE):
        length = max(1, round(rng.uniform(low_s, min(high_s, MOST * rec.seconds)) * rec.rate_hz))
        pieces = [
            (p, start, stop)
            for p in rng.permutation(len(rec.points))[:6]
            for start, stop in runs(rec.visible_FP[:, p] & ~taken_FP[:, p])
            if stop - start >= length + 2 * APART
        ]
        if not pieces or len(spots) == PER_TAKE:
            break
        point, start, stop = pieces[rng.integers(len(pieces))]
        at = int(rng.integers(start + APART, stop - APART - length + 1))
        taken_FP[max(0, at - APART) : at + length + APART, point] = True
        spots.append(((int(point),), at, at + length))
    return spots


def _changed(rec: mpm.Recording, xyz_FPD: Float32, points: tuple[str, ...] | None = None) -> mpm.Recording:
    return mpm.make_recording(points or rec.points, rec.rate_hz, xyz_FPD, source=rec.source)


def _spiked(rec: mpm.Recording, rng: np.random.Generator, size_m: float) -> Planted:
    xyz_FPD, faults = rec.xyz_FPD.copy(), []
    for points, start, _ in _spots(rec, rng, 0.0, 0.0, np.zeros(rec.origin_FP.shape, bool)):
        width = int(rng.integers(1, 4)) if rec.rate_hz >= 60 else 1
        way_3 = rng.normal(size=3)
        xyz_FPD[start : start + width, points] += np.float32(size_m * way_3 / np.linalg.norm(way_3))
        faults.append((points, start, start + width))
    return Planted(_changed(rec, xyz_FPD), faults)


def _swapped(rec: mpm.Recording, rng: np.random.Generator, near: bool) -> Planted:
    xyz_FPD, faults = rec.xyz_FPD.copy(), []
    taken_FP = np.zeros(rec.origin_FP.shape, bool)
    for (point,), start, stop in _spots(rec, rng, 0.1, 2.0, taken_FP):
        free = [
            p
            for p in range(len(rec.points))
            if p != point and rec.visible_FP[start - 3 : stop + 3, p].all() and not taken_FP[start - 3 : stop + 3, p].any()
        ]
        if not free:
            continue
        apart = np.linalg.norm(rec.xyz_FPD[start, free] - rec.xyz_FPD[start, point], axis=1)
        other = free[int(rng.choice(np.argsort(apart)[:3]))] if near else int(rng.choice(free))
        taken_FP[max(0, start - APART) : stop + APART, other] = True
        xyz_FPD[start:stop, [point, other]] = xyz_FPD[start:stop, [other, point]]
        faults.append(((point, other), start, stop))
    return Planted(_changed(rec, xyz_FPD), faults)


def _ghosted(rec: mpm.Recording, rng: np.random.Generator) -> Planted:
    spots = _spots(rec, rng, 0.1, 0.5, np.zeros(rec.origin_FP.shape, bool))
    xyz_FPD = np.concatenate([rec.xyz_FPD, np.full((rec.frames, len(spots), 3), np.nan, np.float32)], axis=1)
    faults: Places = []
    for number, ((point,), start, stop) in enumerate(spots):
        stray = len(rec.points) + number
        xyz_FPD[start:stop, stray] = xyz_FPD[start:stop, point]
        xyz_FPD[start:stop, point] = np.nan
        faults.append(((point, stray), start, stop))
    names = (*rec.points, *(f"*stray{number}" for number in range(len(spots))))
    return Planted(_changed(rec, xyz_FPD, names), faults)


def _held(rec: mpm.Recording, rng: np.random.Generator) -> Planted:
    xyz_FPD, faults = rec.xyz_FPD.copy(), []
    for (point,), start, stop in _spots(rec, rng, 0.1, 0.5, np.zeros(rec.origin_FP.shape, bool)):
        xyz_FPD[start:stop, point] = xyz_FPD[start - 1, point]
        faults.append(((point,), start, stop))
    return Planted(_changed(rec, xyz_FPD), faults)


if __name__ == "__main__":
    main()
