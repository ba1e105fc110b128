"""Motion files of every format the application reads (BVH, ASF/AMC, C3D with a known marker set, our own NPZ), a take each."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

import mpm_core as mpm
from mpm_core.body.joints import body17
from mpm_core.body.mapping import BodyMap, body_joints, map_body
from mpm_core.errors import DataError, FormatError
from mpm_core.io.amc.motion import read_head
from mpm_core.recording import Recording
from mpm_train.data.datasets import Owner, owner_of
from mpm_train.data.rules import FileOptions
from mpm_train.data.take import RATE_IN_FILE, Markers, Take, known_set

SUFFIXES = (".amc", ".bvh", ".c3d")
RATELESS = (".amc",)  # formats most of whose files state no frame rate


def read(path: Path, options: FileOptions) -> Iterator[Take]:
    """The one take of a motion file. Raises FormatError, MappingError (no person in it), DataError (it is 2D, it has no frame rate)."""
    owner = owner_of(path)
    stated, rate_by = _rate(path, owner, options)
    acclaim = {"asf": options.asf, "fps": stated} if path.suffix.lower() in RATELESS else {}
    rec = mpm.read(path, unit=options.unit, up=options.up, **acclaim)
    if rec.dims != 3:
        raise DataError("it holds 2D points", where=str(path), hint="lift it first, or leave it out")
    rate_hz = rec.rate_hz if stated is None else stated
    notes = [] if rate_hz == rec.rate_hz else [f"{rate_hz:g} Hz by {rate_by}, not {rec.rate_hz:g} as the file says"]
    notes += [f"{rule.setting} {rule.value} by {rule.given_by}" for rule in options.rules if rule.setting in ("unit", "up")]
    bmap = map_body(rec)
    yield take_of(rec, bmap, path, owner, rate_hz, rate_by, tuple(notes))


def take_of(rec: Recording, bmap: BodyMap, path: Path, owner: Owner, rate_hz: float, rate_by: str, notes: tuple[str, ...]) -> Take:
    """A take of what was read and mapped. A joint that is never known is an error (DataError), except in a take with labelled markers."""
    xyz_FJ3 = body_joints(rec, bmap).astype(np.float32)
    markers = _labelled(rec, bmap)
    known_J = np.isfinite(xyz_FJ3).all(axis=2).any(axis=0)
    lacking = ", ".join(body17().names[joint] for joint in np.flatnonzero(~known_J))
    if lacking and markers is None:
        raise DataError(f"it lacks {lacking}", where=str(path), hint="a whole body is needed to learn from")
    notes += (f"markers only: {lacking} could never be computed",) if lacking else ()
    return Take(path, path.stem, owner.subject, rate_hz, xyz_FJ3, owner.dataset, markers=markers, rate_by=rate_by, notes=notes)


def _rate(path: Path, owner: Owner, options: FileOptions) -> tuple[float | None, str]:
    """The frame rate to use and its source; None = the file's own. Raises FormatError where no rate is given."""
    if options.fps is not None:
        return options.fps, options.given_by("fps")
    if owner.rate_hz is not None:
        return owner.rate_hz, known_set(owner.dataset)
    if path.suffix.lower() not in RATELESS or read_head(path).rate_hz is not None:
        return None, RATE_IN_FILE
    if owner.unstated_hz is None:
        raise FormatError("the format has no frame rate, and none was given", where=str(path), hint="give it: --fps 'FOLDER/**=HZ'")
    return owner.unstated_hz, known_set(owner.dataset)


def _labelled(rec: Recording, bmap: BodyMap) -> Markers | None:
    """The labelled markers of the person whose joints are made; None for a take without markers."""
    if bmap.markers is None:
        return None
    prefix = f"{bmap.markers.subject}:" if bmap.markers.subject else ""
    own = [point for point, name in enumerate(rec.points) if name.startswith(prefix) and not name.removeprefix(prefix).startswith("*")]
    xyz_FM3 = np.where(rec.visible_FP[:, own, None], rec.xyz_FPD[:, own], np.nan).astype(np.float32)
    return Markers(tuple(rec.points[point].removeprefix(prefix) for point in own), xyz_FM3)
