"""Rows gathered into .npy files of bounded size, each written whole or not at all. N rows, J = 17 joints, D = 3 or 2."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from mpm_core.files.atomic import atomic_write
from mpm_core.typing import Float32

MB = 1 << 20


def identity(path: Path) -> dict[str, Any]:
    """A file's size in bytes and SHA-256, as the index of a corpus records them. Raises OSError."""
    with path.open("rb") as file:
        return {"bytes": path.stat().st_size, "sha256": hashlib.file_digest(file, "sha256").hexdigest()}


@dataclass(slots=True)
class Shards:
    """names: files that are written. What is added waits in memory until `write`."""

    folder: Path
    stem: str
    names: list[str]
    pieces: list[Float32] = field(default_factory=list)
    rows: int = 0

    @property
    def waiting(self) -> int:
        """Bytes."""
        return sum(piece.nbytes for piece in self.pieces)

    def add(self, rows_NJD: Float32) -> dict[str, Any]:
        """Where the rows will lie: shard, start, stop."""
        start = self.rows
        self.pieces.append(np.ascontiguousarray(rows_NJD, np.float32))
        self.rows += len(rows_NJD)
        return {"shard": len(self.names), "start": start, "stop": self.rows}

    def write(self) -> None:
        if self.pieces:
            name = f"{self.stem}-{len(self.names):03d}.npy"
            with atomic_write(self.folder / name) as file:
                np.save(file, np.concatenate(self.pieces), allow_pickle=False)
            self.names.append(name)
            self.pieces, self.rows = [], 0
