"""Whether a command's result can be written, found out before the work begins."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from mpm_core import FormatError, Origin, Recording, write
from mpm_core.edit.patch import patch_where
from mpm_core.files.staged import hidden_beside
from mpm_core.io.marked_samples import marked_count
from mpm_core.io.registry import writer_for
from mpm_studio.commands.console import say


def check_target_file(rec: Recording, out: Path, given: Path, *, force: bool | None = None) -> None:
    """Raise FormatError for an unknown ending, a folder, the recording's own source, and the file given (a project's is not its source).

    force: source and input may be replaced (`staged(keep_old=True)` keeps them); None where there is no such option.
    """
    fmt = writer_for(out)
    sources = [path for path in (given, Path(rec.source.path or given)) if path.exists()]
    if not force and out.exists() and any(out.samefile(path) for path in sources):
        hint = "choose another name" + (", or --force, which keeps the old file beside it as NAME.bak" if force is not None else "")
        raise FormatError("this is the source file, which is never overwritten", where=str(out), hint=hint)
    if out.is_dir():
        raise FormatError(f"this is a folder, not a {fmt.title} file", where=str(out), hint="give a file name")


def say_marked(rec: Recording, out: Path) -> None:
    """Tell how many samples of the recording written are marked as wrong and so left as missing; nothing where there are none."""
    count = marked_count(rec)
    if count and not writer_for(out).keeps_marks:
        say(f"{count} samples marked as wrong were written as missing")


def check_early(rec: Recording, out: Path, given: Path, *, force: bool | None = None) -> None:
    """Raise FormatError, before any heavy work, when `rec` (of the same kind as what will be written) cannot be written to `out`.

    The proof is a trial: the recording, its holes stopped up so that a format without holes can be tried, is written beside `out` and
    thrown away.
    """
    check_target_file(rec, out, given, force=force)
    with hidden_beside(out) as trial:
        write(_stopped_up(rec), trial)


def _stopped_up(rec: Recording) -> Recording:
    """The recording without a missing sample: each at a place where its point (or, when that is never seen, any point) is seen."""
    hole_FP = ~rec.visible_FP
    if not hole_FP.any() or hole_FP.all():
        return rec
    low_D, high_D = np.nanmin(rec.xyz_FPD, axis=(0, 1)), np.nanmax(rec.xyz_FPD, axis=(0, 1))
    place_PD = np.random.default_rng(0).uniform(low_D, high_D, (len(rec.points), rec.dims))
    seen_P = ~hole_FP.all(axis=0)
    first_P = (~hole_FP).argmax(axis=0)
    place_PD[seen_P] = rec.xyz_FPD[first_P[seen_P], seen_P]
    return patch_where(rec, "", hole_FP, xyz_FPD=np.broadcast_to(place_PD, rec.xyz_FPD.shape), origin=Origin.FILLED).apply(rec)[0]
