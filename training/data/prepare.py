"""From folders of motion files to one corpus on disk: joints.npy (N, 17, 3) float32 metres Z-up, and index.json, a row per clip."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rich.progress import track

import mpm_core as mpm
from mpm_core.body import body_joints, map_body
from mpm_core.gaps import known, runs
from mpm_core.io.atomic import atomic_write, write_bytes
from training.data.corpus import Clip

VALIDATION = ("005", "010", "016", "035", "091")
FASTEST_M_S = 15.0
SHORTEST_S = 0.5
T_POSE_FRAMES = 10
SUFFIXES = (".amc", ".bvh")


def files_in(folders: Iterable[Path]) -> list[Path]:
    return sorted(path for folder in folders for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES)


def split_of(path: Path) -> tuple[str, str]:
    """(subject, split) from the folder a clip lies in: HDM05 is for tests only, five CMU subjects for validation."""
    subject = path.parent.name
    if path.name.startswith("HDM"):
        return f"hdm05-{subject}", "test"
    return subject, "validation" if subject in VALIDATION else "train"


def whole_parts(joints_FJ3: NDArray[np.float64], rate_hz: float) -> list[tuple[int, int]]:
    """Stretches without solver flips: no joint faster than FASTEST_M_S, none missing, at least SHORTEST_S long."""
    step_F = np.linalg.norm(np.diff(joints_FJ3, axis=0), axis=2).max(axis=1) * rate_hz
    good_F = np.asarray(known(joints_FJ3).all(axis=1))
    jump_F = np.concatenate([[False], step_F > FASTEST_M_S])
    parts = []
    for start, stop in runs(good_F):
        cuts = [start, *(start + np.flatnonzero(jump_F[start + 1 : stop]) + 1), stop]
        parts += [(int(a), int(b)) for a, b in pairwise(cuts) if (b - a) >= SHORTEST_S * rate_hz]
    return parts


def prepare(folders: list[Path], out: Path) -> list[str]:
    """Read every clip, cut out what is broken, write the corpus. Returns lines that say what was left out and why."""
    out.mkdir(parents=True, exist_ok=True)
    clips, pieces, said, total = [], [], [], 0
    for path in track(files_in(folders), description="reading"):
        try:
            rec = mpm.read(path)
            joints_FJ3 = body_joints(rec, map_body(rec))
        except mpm.MpmError as error:
            said.append(f"left out: {error}")
            continue
        subject, split = split_of(path)
        rate_hz = 60.0 if path.suffix.lower() == ".bvh" and subject in ("060", "061") else rec.rate_hz
        if path.suffix.lower() == ".bvh":
            joints_FJ3 = joints_FJ3[T_POSE_FRAMES:]
        parts = whole_parts(joints_FJ3, rate_hz)
        dropped = len(joints_FJ3) - sum(stop - start for start, stop in parts)
        if dropped:
            said.append(f"{path.name}: {dropped} frames left out (jumps, gaps or scraps)")
        for start, stop in parts:
            pieces.append(joints_FJ3[start:stop].astype(np.float32))
            name = f"{path.stem}:{start}"
            licence = "CC BY-SA 3.0" if split == "test" else "CMU, free for all uses"
            clips.append(Clip(name, subject, split, rate_hz, total, total + stop - start, licence))
            total += stop - start
    with atomic_write(out / "joints.npy") as file:
        np.save(file, np.concatenate(pieces) if pieces else np.zeros((0, 17, 3), np.float32))
    write_bytes(out / "index.json", json.dumps([asdict(clip) for clip in clips], indent=1).encode())
    for split in ("train", "validation", "test"):
        some = [clip for clip in clips if clip.split == split]
        minutes = sum((clip.stop - clip.start) / clip.rate_hz for clip in some) / 60
        said.append(f"{split}: {len(some)} clips, {len({clip.subject for clip in some})} subjects, {minutes:.1f} minutes")
    return said
