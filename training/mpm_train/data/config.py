"""What a corpus is made by, besides the files. Light to import: the command line shows it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class PrepareConfig:
    """Everything that decides what a corpus holds, besides the files."""

    hold_out: tuple[str, ...] = ()
    """Held out for validation, besides those who are by default: people, sessions or files, such as 'ann' or 'snu/basketball/s_010*'."""
    test: tuple[str, ...] = ()
    """Held out for tests, likewise."""
    default_splits: bool = True
    """Whether those who are held out by default (docs/data.md) are."""
    fps: tuple[str, ...] = ()
    """PATTERN=HZ: frame rate of files that state none or a wrong one, such as 'takes/**=30'. The last pattern that fits a file holds."""
    asf: tuple[str, ...] = ()
    """PATTERN=FILE: skeleton of AMC files, from the folder of the motion file, such as 'takes/ann_*=ann.asf'."""
    unit: tuple[str, ...] = ()
    """PATTERN=UNIT: unit of length, as the files' reader names it: m, cm, mm, in (BVH: inch, inch x 0.45)."""
    up: tuple[str, ...] = ()
    """PATTERN=AXIS: up axis: x, y or z."""
    rules: Path | None = None
    """TOML file of such rules and hold-outs (docs/data.md); the command line's come after it."""
    licence: dict[Path, str] = field(default_factory=dict)
    """FOLDER "TERMS": the licence note of everything in a folder, over what a LICENCE file in it or the table of known data sets says."""
    h36m_cameras: Path | None = None
    """JSON file of Human3.6M's cameras (docs/data.md); without it its 2D has no targets in camera axes."""
    body_model: Path | None = None
    """Folder of your own SMPL-H model as .npz, which AMASS needs."""
    shard_mb: int = 64
    """Size of a file of rows; also what is read again at most after a crash."""
    jobs: int = 1
    """Processes that read files."""
