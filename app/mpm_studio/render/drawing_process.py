"""Processes that draw without a display: a module of this package, run with EGL and without the window's system."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

HIDDEN = ("DISPLAY", "WAYLAND_DISPLAY")


def drawing_process(module: str, *arguments: str, **options: Any) -> subprocess.Popen[str]:
    """Start `python -m MODULE ARGUMENTS` with its output as text in pipes. options: as for subprocess.Popen."""
    environment = {name: value for name, value in os.environ.items() if name not in HIDDEN}
    environment |= {"PYOPENGL_PLATFORM": "egl", "QT_QPA_PLATFORM": "offscreen"}
    return subprocess.Popen(
        [sys.executable, "-m", module, *arguments],
        env=environment,
        cwd=Path(__file__).parents[2],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
        **options,
    )


def last_line(text: str, code: int) -> str:
    """The last line that a failed process wrote."""
    lines = text.strip().splitlines()
    return lines[-1] if lines else f"it ended with code {code}"
