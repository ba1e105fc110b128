"""Writing a command's result so that it appears whole, checked, or not at all."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from mpm_core import FormatError, MpmError, Origin, Recording, write
from mpm_core.edit.patch import patch_where
from mpm_core.io.registry import check_target


def check_target_file(rec: Recording, out: Path, given: Path) -> None:
    """Raise FormatError for an unknown ending, a folder, the recording's own source, and the file given (a project's is not its source)."""
    fmt = check_target(rec, out)
    if out.exists() and out.samefile(given):
        raise FormatError("this is the input, which is never overwritten", where=str(out), hint="choose another name")
    if out.is_dir():
        raise FormatError(f"this is a folder, not a {fmt.title} file", where=str(out), hint="give a file name")


def check_early(rec: Recording, out: Path, given: Path) -> None:
    """Raise FormatError, before any heavy work, when `rec` (of the same kind as what will be written) cannot be written to `out`.

    The proof is a trial: the recording, its holes stopped up so that a format without holes can be tried, is written beside `out` and
    thrown away.
    """
    check_target_file(rec, out, given)
    with _room_beside(out) as trial:
        write(_stopped_up(rec), trial)


def _stopped_up(rec: Recording) -> Recording:
    """The recording without a missing sample: each at a place where its point (or, when that is never seen, any point) is seen."""
    hole_FP = rec.origin_FP == Origin.MISSING
    if not hole_FP.any() or hole_FP.all():
        return rec
    low_D, high_D = np.nanmin(rec.xyz_FPD, axis=(0, 1)), np.nanmax(rec.xyz_FPD, axis=(0, 1))
    place_PD = np.random.default_rng(0).uniform(low_D, high_D, (len(rec.points), rec.dims))
    seen_P = ~hole_FP.all(axis=0)
    first_P = (~hole_FP).argmax(axis=0)
    place_PD[seen_P] = rec.xyz_FPD[first_P[seen_P], seen_P]
    return patch_where(rec, "", hole_FP, xyz_FPD=np.broadcast_to(place_PD, rec.xyz_FPD.shape), origin=Origin.FILLED).apply(rec)[0]


@contextmanager
def staged(out: Path) -> Iterator[Path]:
    """A file of the same name in a hidden folder beside `out`, moved onto it when the block ends well and deleted otherwise.

    Raises FormatError when the folder cannot be written or the move fails.
    """
    with _room_beside(out) as path:
        yield path
        try:
            path.replace(out)
        except OSError as error:
            raise FormatError(f"the file could not be written: {error.strerror}", where=str(out), hint="choose another name") from error


@contextmanager
def _room_beside(out: Path) -> Iterator[Path]:
    try:
        room = tempfile.TemporaryDirectory(prefix=".mpm-studio-", dir=out.parent)
    except OSError as error:
        raise FormatError(f"cannot write here: {error.strerror}", where=str(out), hint="choose another folder") from error
    with room as folder:
        path = Path(folder) / out.name
        try:
            yield path
        except MpmError as error:
            error.where = error.where.replace(str(path), str(out))  # the user knows only the file that was asked for
            raise
