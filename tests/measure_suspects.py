"""How many planted faults the detectors find on real takes, and how often they speak up on the same takes as they came.

`python -m tests.measure_suspects SAMPLES [--others looked-at|held-out] [--ui-prmd FOLDER] [--seed N]`.
Not a test: it prints the tables of docs/checks.md. F frames, P points.
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
from mpm_core.body.computed_points import computed
from mpm_core.edit.labels import labelled
from mpm_core.gaps import runs
from mpm_core.suspect.causes import causes
from mpm_core.suspect.find import find_suspects
from mpm_core.suspect.kinds import KINDS, Suspect
from mpm_core.typing import Float32, Mask
from tests.suspect_takes import HELD_OUT, LOOKED_AT, TAKES, of_samples, of_ui_prmd

FEWEST_FRAMES, FEWEST_POINTS = 100, 8  # of a take in which faults are planted
PER_TAKE = 8  # faults of a kind in one copy of a take
APART = 12  # frames that stay between two of them
SIZES_MM = (10, 20, 50, 100)
MOST = 0.4  # of a take; which of two labels is the wrong one is told by which state is rarer
MOVED_M = 0.001  # least distance from a held value: a point that stands nearer may well repeat
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
    parser.add_argument("--others", choices=("looked-at", "held-out"), help="these instead of the takes of the published table")
    parser.add_argument("--ui-prmd", type=Path, metavar="FOLDER", help="with --others: also twenty files of subjects 1-4 or 5-8")
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args(words)
    if args.others is None:
        takes = [_measured(rec) for rec in of_samples(args.samples, TAKES)]
    else:
        takes = of_samples(args.samples, LOOKED_AT if args.others == "looked-at" else HELD_OUT)
        if args.ui_prmd is not None:
            takes += of_ui_prmd(args.ui_prmd, range(1, 5) if args.others == "looked-at" else range(5, 9))
    _false_alarms(takes)
    planted = [_measured(rec) for rec in takes if rec.frames >= FEWEST_FRAMES]
    _recall([rec for rec in planted if len(rec.points) >= FEWEST_POINTS], args.seed)


def _measured(rec: mpm.Recording) -> mpm.Recording:
    """The points a marker set would have: labelled, seen in most of the take, and not computed (as PELO or CentreOfMass are)."""
    share_P, labelled_P, computed_P = rec.visible_FP.mean(axis=0), labelled(rec), computed(rec)
    seen = [p for p in range(len(rec.points)) if share_P[p] > 0.5 and not computed_P[p] and labelled_P[p]]
    return mpm.make_recording(tuple(rec.points[p] for p in seen), rec.rate_hz, rec.xyz_FPD[:, seen], source=rec.source)


def _false_alarms(takes: Sequence[mpm.Recording]) -> None:
    minutes = sum(rec.seconds for rec in takes) / 60
    point_minutes = sum(float(rec.visible_FP.sum()) / rec.rate_hz for rec in takes) / 60
    say(f"{len(takes)} takes as they came, {minutes:.2f} minutes, {point_minutes:.0f} point-minutes")
    say("| kind | named | a minute of a take | a minute of a point | causes | a minute of a take |\n|---|---|---|---|---|---|")
    found = [find_suspects(rec) for rec in takes]
    named = [each for some in found for each in some]
    grouped = [cause.worst for rec, some in zip(takes, found, strict=True) for cause in causes(rec, some)]
    for kind in (*KINDS, "all"):
        count, of_causes = (sum(kind in (each.kind, "all") for each in some) for some in (named, grouped))
        rates = f"{count / minutes:.1f} | {count / point_minutes:.2f} | {of_causes} | {of_causes / minutes:.1f}"
        say(f"| {kind} | {count} | {rates} |")


def _recall(takes: Sequence[mpm.Recording], seed: int) -> None:
    plans: list[tuple[str, str, Callable[[mpm.Recording, np.random.Generator], Planted]]] = [
        ("spike", f"spike of {size} mm, 1 to 3 frames", lambda rec, rng, size=size: _spiked(rec, rng, size / 1000)) for size in SIZES_MM
    ]
    plans += [
        ("swap", "swap of neighbours, 0.1 to 2 s", lambda rec, rng: _swapped(rec, rng, near=True)),
        ("swap", "swap of any two, 0.1 to 2 s", lambda rec, rng: _swapped(rec, rng, near=False)),
        ("ghost", "piece under another name, 0.1 to 0.5 s", _ghosted),
        ("frozen", "constant value, 0.1 to 0.5 s", _held),
        ("ghost", "piece between gaps, 0.1 to 0.5 m off", _strayed),
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


def _strayed(rec: mpm.Recording, rng: np.random.Generator) -> Planted:
    xyz_FPD, faults = rec.xyz_FPD.copy(), []
    for points, start, stop in _spots(rec, rng, 0.1, 0.4, np.zeros(rec.origin_FP.shape, bool)):
        frames = max(1, round(0.03 * rec.rate_hz))
        at = (start + stop - frames) // 2
        way_3 = rng.normal(size=3)
        stray_N3 = xyz_FPD[at : at + frames, points[0]] + np.float32(rng.uniform(0.1, 0.5) * way_3 / np.linalg.norm(way_3))
        xyz_FPD[start:stop, points[0]] = np.nan
        xyz_FPD[at : at + frames, points[0]] = stray_N3
        faults.append((points, at, at + frames))
    return Planted(_changed(rec, xyz_FPD), faults)


def _held(rec: mpm.Recording, rng: np.random.Generator) -> Planted:
    xyz_FPD, faults = rec.xyz_FPD.copy(), []
    for (point,), start, stop in _spots(rec, rng, 0.1, 0.5, np.zeros(rec.origin_FP.shape, bool)):
        if np.linalg.norm(xyz_FPD[start:stop, point] - xyz_FPD[start - 1, point], axis=1).max() < MOVED_M:
            continue
        xyz_FPD[start:stop, point] = xyz_FPD[start - 1, point]
        faults.append(((point,), start, stop))
    return Planted(_changed(rec, xyz_FPD), faults)


if __name__ == "__main__":
    main()
