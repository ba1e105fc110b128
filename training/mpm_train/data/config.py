"""What a corpus is made by, besides the files. Light to import: the command line shows it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from mpm_train.data.splits import TEST, VALIDATION


@dataclass(frozen=True, slots=True)
class PrepareConfig:
    """Everything that decides what a corpus holds, besides the files."""

    validation: tuple[str, ...] = VALIDATION
    """People held out for validation; names or patterns such as hdm05-*."""
    test: tuple[str, ...] = TEST
    """People held out for tests."""
    licence: dict[Path, str] = field(default_factory=dict)
    """FOLDER "TERMS": the licence note of everything in a folder, over what a LICENCE file in it or the table of known data sets says."""
    h36m_cameras: Path | None = None
    """JSON file of Human3.6M's cameras (docs/data.md); without it its 2D has no targets in camera axes."""
    body_model: Path | None = None
    """Folder of your own SMPL-H model as .npz, which AMASS needs."""
    shard_mb: int = 64
    """Size of a file of rows; also what is read again at most after a crash."""
