"""A PNG of one or more takes, drawn without a display. The drawing happens in a process of its own (offscreen.py)."""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from mpm_core.errors import DataError
from mpm_studio.render.drawing_process import drawing_process, last_line
from mpm_studio.render.gl_error import RenderError
from mpm_studio.render.panel import Panel, PanelSource, make_panels, stacked

TIMEOUT_S = 120


def render_picture(
    panels: Sequence[PanelSource], path: str | Path, size: tuple[int, int] = (1600, 900), *, words: bool = True, theme: str = "dark"
) -> None:
    """Draw (recording, ghost or None, frame, title) panels, stacked or side by side, into a PNG of `size` pixels, written atomically.

    words: with titles, frame numbers and a legend. theme: of palette.THEMES, for what is behind the bodies.

    Each panel shows poses across the gap that its frame lies in. Needs neither a display nor a QApplication. Raises DataError for no panels
    or a recording without frames, RenderError with the renderer's message when there is no way to draw.
    """
    if not panels:
        raise DataError("there is nothing to draw")
    for rec, _, _, title in panels:
        if not rec.frames:
            raise DataError("a take without frames cannot be drawn", where=title)
    rows = len(panels) if stacked(len(panels), size) else 1
    made = make_panels(panels, size[0] / size[1] * (rows if rows > 1 else 1 / len(panels)))
    with tempfile.TemporaryDirectory(prefix="mpm-picture-") as folder:
        task = Path(folder) / "picture.npz"
        _write_task(task, made, {"size": size, "rows": rows, "words": words, "theme": theme})
        with drawing_process("mpm_studio.render.offscreen", str(task), str(Path(path).absolute())) as process:
            try:
                _, errors = process.communicate(timeout=TIMEOUT_S)
            except subprocess.TimeoutExpired:
                process.kill()
                raise RenderError("drawing the picture took too long", where=str(path), hint=f"stopped after {TIMEOUT_S} s") from None
    if process.returncode:
        raise RenderError("the picture could not be drawn", where=str(path), hint=last_line(errors, process.returncode))


def _write_task(path: Path, panels: Sequence[Panel], how: dict[str, Any]) -> None:
    arrays: dict[str, np.ndarray] = {}
    facts = []
    for index, panel in enumerate(panels):
        for name, shapes in (("solid", panel.solid), ("ghost", panel.ghost)):
            arrays[f"{index}_{name}_capsules"], arrays[f"{index}_{name}_spheres"] = shapes
        facts.append(
            {
                "title": panel.title,
                "camera": asdict(panel.camera),
                "floor": asdict(panel.floor),
                "captions": panel.captions,
                "origins": [int(origin) for origin in panel.origins],
                "sided": panel.sided,
            }
        )
    arrays["task"] = np.array(json.dumps({**how, "panels": facts}))
    np.savez(path, allow_pickle=False, **arrays)
