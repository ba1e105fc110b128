"""Opening a motion file, a folder of keypoint files or a project."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import mpm_core as mpm
from mpm_core.errors import Cancelled
from mpm_core.io import project
from mpm_core.io.registry import FORMATS, detect
from mpm_core.progress import Cancel, Progress
from mpm_studio.operations.mapping import kept_overrides
from mpm_studio.operations.origin_runs import origin_runs
from mpm_studio.operations.point_groups import point_groups
from mpm_studio.render.scene import build_scene
from mpm_studio.take import Take, take_of_project


@dataclass(frozen=True, slots=True)
class ReadRequest:
    """A file, and the keywords of `mpm_core.read` that the user gave; without any, everything is detected."""

    path: Path
    options: dict[str, Any] = field(default_factory=dict)


def open_as(request: ReadRequest, cancel: Cancel, progress: Progress) -> Take:
    """Read a file, a folder or a project. Raises FormatError, DataError; Cancelled when the user cancelled meanwhile."""
    path = request.path
    progress(-1.0, path.name)
    if detect(path).name == "project":
        take = take_of_project(project.load(path), path, path)
    else:
        rec = mpm.read(path, **request.options)
        kept, name = kept_overrides(rec)
        if kept:
            note = f"body by the map {name!r}, which was saved for these labels"
            rec = replace(rec, source=replace(rec.source, notes=(*rec.source.notes, note)))
        take = Take(path, rec, rec, {"overrides": kept}, options=request.options)
    if cancel():
        raise Cancelled
    _prepare(take)
    return take


def _prepare(take: Take) -> None:
    """Compute what views show of a take here, in the job, where it is remembered: the window would stand still for it."""
    origin_runs(take.recording)
    point_groups(take.recording, take.overrides)
    build_scene(take.recording, take.overrides, soon=take.first_frame)


def name_filter() -> str:
    """The file dialog's filter: every readable format together, then each."""
    readable = [fmt for fmt in FORMATS if fmt.reads]

    def patterns(suffixes: tuple[str, ...]) -> str:
        return " ".join(f"*{suffix} *{suffix.upper()}" for suffix in suffixes)

    every = " ".join(dict.fromkeys(patterns(fmt.suffixes) for fmt in readable))
    return ";;".join([f"Motion files ({every})", *(f"{fmt.title} ({patterns(fmt.suffixes)})" for fmt in readable), "All files (*)"])
