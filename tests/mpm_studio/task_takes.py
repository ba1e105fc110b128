"""The takes of the ten tasks, made of the bundled sample, whose true positions are known."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np

import mpm_core as mpm
from mpm_core.edit.document import Document
from mpm_core.io import project as project_file
from mpm_core.resources import resource
from mpm_studio.operations import marking

SAMPLE = "sample/walk_reach_sit.c3d"
SWAPPED, SWAP = ("LANK", "RANK"), (320, 380)
"""Labels that are exchanged in frames start..stop-1 of `swapped`."""


def sample(folder: Path) -> Path:
    """39 markers, 840 frames, 22 gaps."""
    path = folder / "take.c3d"
    shutil.copyfile(resource(SAMPLE), path)
    return path


def swapped(folder: Path) -> Path:
    """The sample with two labels exchanged for a second."""
    rec = mpm.read(resource(SAMPLE))
    xyz_FPD, points = rec.xyz_FPD.copy(), [rec.index(name) for name in SWAPPED]
    xyz_FPD[slice(*SWAP), points] = xyz_FPD[slice(*SWAP), points[::-1]]
    return _written(folder / "swapped.c3d", rec.points, rec.rate_hz, xyz_FPD)


def unnamed(folder: Path) -> Path:
    """The sample with numbers for labels."""
    rec = mpm.read(resource(SAMPLE))
    return _written(folder / "unnamed.c3d", tuple(f"M{number + 1:02}" for number in range(len(rec.points))), rec.rate_hz, rec.xyz_FPD)


def two_players(folder: Path) -> Path:
    """The sample's person twice, side by side, the second half a second later."""
    rec = mpm.read(resource(SAMPLE))
    late_FPD = np.roll(rec.xyz_FPD, 30, axis=0) + np.float32([0, 1.5, 0])
    names = tuple(f"{who}:{name}" for who in ("Home", "Guest") for name in rec.points)
    return _written(folder / "players.c3d", names, rec.rate_hz, np.concatenate([rec.xyz_FPD, late_FPD], axis=1))


def project(folder: Path) -> Path:
    """A project with two marked ranges in its history; the second is selected when it is opened."""
    rec = mpm.read(sample(folder))
    document = Document(rec)
    for points, start in ((("LELB",), 100), (("RELB",), 200)):
        document.do(marking.mark(document.recording, [rec.index(name) for name in points], start, start + 20))
    path = folder / "take.mpm"
    project_file.save(path, document.recording, document.original, {}, document.done)
    return path


def _written(path: Path, names: tuple[str, ...], rate_hz: float, xyz_FPD: np.ndarray) -> Path:
    mpm.write(mpm.make_recording(names, rate_hz, xyz_FPD), path)
    return path
