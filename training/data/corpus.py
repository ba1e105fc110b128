"""The prepared corpus on disk: joints.npy (N, 17, 3) float32 metres Z-up, and index.json, a row per clip."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import numpy as np
from numpy.typing import NDArray

from mpm_core.errors import DataError


@dataclass(frozen=True, slots=True)
class Clip:
    """Rows start..stop-1 of joints.npy. split: train, validation or test."""

    name: str
    subject: str
    split: str
    rate_hz: float
    start: int
    stop: int
    licence: str


def load_corpus(folder: Path) -> tuple[NDArray[np.float32], list[Clip]]:
    """Memory-mapped joints and the clips. Raises DataError when the folder holds no corpus."""
    try:
        rows = json.loads((folder / "index.json").read_text(encoding="utf-8"))
        joints = np.load(folder / "joints.npy", mmap_mode="r", allow_pickle=False)
        return cast(NDArray[np.float32], joints), [Clip(**row) for row in rows]
    except (OSError, ValueError, TypeError) as error:
        raise DataError(f"there is no corpus here ({error})", where=str(folder), hint="make one with mpm-train prepare") from error
