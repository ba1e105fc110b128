"""What the drawing code draws: capsules and spheres as arrays, ready for instancing, and the floor under them. N instances."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from mpm_core.typing import Float, Float32

LIGHT_UP = 58.0  # degrees above the floor


class Shapes(NamedTuple):
    """capsules_N16: start x y z radius, stop x y z radius, start rgba, stop rgba; spheres_N8: x y z radius, rgba. Metres, sRGB 0..1."""

    capsules_N16: Float32
    spheres_N8: Float32


def joined(parts: Iterable[Shapes]) -> Shapes:
    """All shapes in one."""
    capsules, spheres = [np.zeros((0, 16), np.float32)], [np.zeros((0, 8), np.float32)]
    for part in parts:
        capsules.append(part.capsules_N16)
        spheres.append(part.spheres_N8)
    return Shapes(np.concatenate(capsules), np.concatenate(spheres))


@dataclass(frozen=True, slots=True)
class Floor:
    """height: metres; middle: x and y where the grid is strongest; radius: where it has faded away; cell: metres between major lines.

    light: azimuth in degrees that the key light comes from.
    """

    height: float = 0.0
    middle: tuple[float, float] = (0.0, 0.0)
    radius: float = 8.0
    cell: float = 1.0
    light: float = -35.0

    @property
    def key_3(self) -> Float:
        """Unit vector towards the key light."""
        turn, up = np.radians(self.light), np.radians(LIGHT_UP)
        return np.array([np.cos(turn) * np.cos(up), np.sin(turn) * np.cos(up), np.sin(up)])
