"""A take: a recording as it was opened, with its path, mapping and view."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mpm_core.edit.patch import Edit
from mpm_core.errors import FormatError
from mpm_core.io.project import Project
from mpm_core.recording import Recording
from mpm_studio.operations.navigating import first_visible


@dataclass(frozen=True, slots=True)
class Take:
    """path: the file that was opened. recording: its present state; original: as first read from the motion file.

    view: camera, frame and mapping as a project keeps them. project_path: its project file, if it has one. options: keywords of
    `mpm_core.read` that the user gave. unsaved: it has changes that no file holds. done: the edits that led to it, as `Document.done`.
    """

    path: Path
    recording: Recording
    original: Recording
    view: dict[str, Any]
    project_path: Path | None = None
    options: dict[str, Any] = field(default_factory=dict)
    unsaved: bool = False
    done: tuple[Edit, ...] = ()

    @property
    def overrides(self) -> dict[str, str]:
        """The user's mapping: body joint or place -> point."""
        kept = self.view.get("overrides")
        return {str(joint): str(point) for joint, point in kept.items()} if isinstance(kept, dict) else {}

    @property
    def first_frame(self) -> int:
        """The frame that is shown first: where its project was left, else the first that shows a point."""
        kept, rec = self.view.get("frame"), self.recording
        return max(0, min(kept if isinstance(kept, int) else first_visible(rec), rec.frames - 1))


READ_OPTIONS = {
    **dict.fromkeys(("unit", "up", "positions", "columns", "points", "person"), str),
    "zero_is_missing": bool,
    "fps": float,
    "image_wh": list,
}
"""What a project keeps of each keyword of `mpm_core.read`, as JSON has it."""


def take_of_project(project: Project, path: Path, project_path: Path | None, unsaved: bool = False) -> Take:
    """The take that a project keeps, opened from `path`. Raises FormatError when it keeps options that no file is read with."""
    kept = project.view.get("options", {})
    plain = isinstance(kept, dict) and all(isinstance(value, READ_OPTIONS.get(name, ())) for name, value in kept.items())
    if not plain or [type(each) for each in kept.get("image_wh", [1, 1])] != [int, int]:
        what = f"the options that its file was read with are {json.dumps(kept)[:80]}"
        raise FormatError(what, where=str(path), hint="the project is damaged; copy it again")
    size = kept.get("image_wh")
    options = kept if size is None else {**kept, "image_wh": tuple(size)}
    return Take(path, project.recording, project.original, project.view, project_path, options, unsaved, project.done)
