"""Motion files of every format the application reads (BVH, ASF/AMC, C3D with a known marker set, our own NPZ), a take each."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

import mpm_core as mpm
from mpm_core.body.mapping import body17, body_joints, map_body
from mpm_core.errors import DataError
from mpm_train.data.datasets import owner_of
from mpm_train.data.take import Take

SUFFIXES = (".amc", ".bvh", ".c3d")


def read(path: Path) -> Iterator[Take]:
    """The one take of a motion file. Raises FormatError, MappingError (no person in it), DataError (it is 2D)."""
    rec = mpm.read(path)
    if rec.dims != 3:
        raise DataError("it holds 2D points", where=str(path), hint="lift it first, or leave it out")
    xyz_FJ3 = body_joints(rec, map_body(rec)).astype(np.float32)
    owner = owner_of(path)
    rate_hz = rec.rate_hz if owner.rate_hz is None else owner.rate_hz
    notes = [] if owner.rate_hz in (None, rec.rate_hz) else [f"{rate_hz:g} Hz as {owner.dataset} was recorded, not {rec.rate_hz:g}"]
    known_J = np.isfinite(xyz_FJ3).all(axis=2).any(axis=0)
    lacking = [body17().names[joint] for joint in np.flatnonzero(~known_J)]
    if lacking:
        raise DataError(f"it lacks {', '.join(lacking)}", where=str(path), hint="a whole body is needed to learn from")
    yield Take(path, path.stem, owner.subject, rate_hz, xyz_FJ3, owner.dataset, notes=tuple(notes))
