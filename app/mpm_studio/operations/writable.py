"""Whether a result can be written, checked before the work begins."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np

from mpm_core import FormatError, Origin, Recording, write
from mpm_core.edit.patch import patch_where
from mpm_core.files.atomic import no_folder
from mpm_core.files.staged import hidden_beside
from mpm_core.io.json_text import load_json
from mpm_core.io.registry import writer_for


def check_free(path: Path, *, force: bool) -> None:
    """Raise FormatError where there is something already, a link included, or no folder; force: it may be replaced, if it is a file."""
    if not path.parent.exists():
        raise no_folder(path)
    if not force and os.path.lexists(path):
        hint = "choose another name, or --force, which keeps the old file beside it as NAME.bak"
        raise FormatError(f"there is {_kind(path)} of this name already", where=str(path), hint=hint)
    if path.is_dir() or (path.exists() and not path.is_file()):
        raise FormatError(f"this is {_kind(path)}, not a file to write to", where=str(path), hint="give another name")


def check_free_proof(proof: Path, out: Path, *, force: bool) -> None:
    """As `check_free`, for the proof of what will be written to `out`; one of a file of that name that is not there any more is in the
    way of nothing."""
    left = not os.path.lexists(out) and not proof.is_symlink() and _proves(proof, out.name)
    check_free(proof, force=force or left)


def _proves(proof: Path, name: str) -> bool:
    """Whether a file is the proof of an export of this name."""
    try:
        exported = load_json(proof)["measured"]["exported"]
        return bool(exported["sha256_file"]) and Path(exported["path"]).name == name
    except (ValueError, KeyError, TypeError, FormatError):
        return False


def _kind(path: Path) -> str:
    return "a link" if path.is_symlink() else "a folder" if path.is_dir() else "a file" if path.is_file() else "a device or a pipe"


def check_target_file(rec: Recording, out: Path, given: Path, *, force: bool = False) -> None:
    """Raise FormatError for an unknown ending, a folder, the recording's own source, the input, and any file that is there already.

    A project's input is not its source. force: files, source and input too, may be replaced (`staged(keep_old=True)` keeps them).
    """
    fmt = writer_for(out)
    sources = [path for path in (given, Path(rec.source.path or given)) if path.exists()]
    if not force and out.exists() and any(out.samefile(path) for path in sources):
        hint = "choose another name, or --force, which keeps the old file beside it as NAME.bak"
        raise FormatError("this is the source file, which is never overwritten", where=str(out), hint=hint)
    if out.is_dir():
        raise FormatError(f"this is a folder, not a {fmt.title} file", where=str(out), hint="give a file name")
    check_free(out, force=force)


def check_early(rec: Recording, out: Path, given: Path, *, force: bool = False) -> None:
    """Raise FormatError, before any heavy work, when `rec` (of the same kind as what will be written) cannot be written to `out`.

    It is tried: the recording is written beside `out` and deleted, with its missing samples replaced, because some formats cannot have any.
    """
    check_target_file(rec, out, given, force=force)
    with hidden_beside(out) as trial:
        write(_without_gaps(rec), trial)


def _without_gaps(rec: Recording) -> Recording:
    """The recording with every missing or marked sample at the first known position of its point, or at a random one in the same volume."""
    unknown_FP = ~rec.visible_FP
    if not unknown_FP.any() or unknown_FP.all():
        return rec
    low_D, high_D = np.nanmin(rec.xyz_FPD, axis=(0, 1)), np.nanmax(rec.xyz_FPD, axis=(0, 1))
    xyz_PD = np.random.default_rng(0).uniform(low_D, high_D, (len(rec.points), rec.dims))
    known_P = ~unknown_FP.all(axis=0)
    first_P = (~unknown_FP).argmax(axis=0)
    xyz_PD[known_P] = rec.xyz_FPD[first_P[known_P], known_P]
    return patch_where(rec, "", unknown_FP, xyz_FPD=np.broadcast_to(xyz_PD, rec.xyz_FPD.shape), origin=Origin.FILLED).apply(rec)[0]
