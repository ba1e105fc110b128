"""USD, Universal Scene Description: skeletons with their animation (UsdSkel), and markers. In and out, through usd-core."""

from __future__ import annotations

import importlib.util
from pathlib import Path

from mpm_core.errors import FormatError
from mpm_core.recording import Recording


def sniff(path: Path, head: bytes) -> bool:
    """A text or binary layer; packages (.usdz) are not read."""
    return head.startswith((b"#usda", b"PXR-USDC"))


def read(path: Path, *, unit: str | None = None, up: str | None = None) -> Recording:
    """The joints of the first animated skeleton, or the markers that this program wrote; metres, Z up.

    One file alone: what it refers to in other files is not there. Frames are the animation's samples, which must be evenly spaced. unit and
    up overrule the stage's. Raises FormatError, also where usd-core is not installed.
    """
    _check_installed(str(path))
    from mpm_core.io.usd.read import read_stage

    return read_stage(path, unit, up)


def write(rec: Recording, path: Path) -> None:
    """A skeleton with rotations, bones and a skin (.usd and .usdc binary, .usda text); without one, or with gaps, a sphere for each point.

    Raises FormatError for 2D takes and takes without frames or points, and where usd-core is not installed.
    """
    _check_installed(str(path))
    from mpm_core.io.usd.write import write_stage

    write_stage(rec, path)


def _check_installed(where: str) -> None:
    if importlib.util.find_spec("pxr") is None:
        hint = "pip install 'mpm-studio[usd]', or use glTF (.glb), which holds the same"
        raise FormatError("USD needs the package usd-core, which is not installed", where=where, hint=hint)
