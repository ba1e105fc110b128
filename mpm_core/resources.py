"""Where the files that ship with the program are: inside the installed package, or beside it in a checkout."""

from __future__ import annotations

from pathlib import Path


def resource(name: str) -> Path:
    """Path of a shipped file or folder, such as 'models' or 'skeletons/body17.toml'. It need not exist."""
    packaged = Path(__file__).parent / "resources"
    root = packaged if packaged.is_dir() else Path(__file__).parents[1] / "resources"
    return root / name
