"""How the refine module learns and is measured. Light to import: the command line shows it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class RefineConfig:
    """How the module learns and on whom it is measured."""

    steps: int = 2_000
    """For which the module learns."""
    batch: int = 64
    """Windows a step."""
    noise_2d: float = 0.006
    """Most jitter of the 2D of virtual cameras, as a share of the image width; real detections get none."""
    detectors: tuple[str, ...] = ()
    """Whose 2D is used, with the cameras that recorded it, as the corpus names them (cpn_ft_h36m_dbb, gt); empty = virtual cameras."""
    split: Literal["validation", "test"] = "validation"
    """Who is measured."""
    every: int = 1
    """Real cameras: only every N-th frame, for a quick look."""
    seed: int = 1
    """Of its weights and windows."""
