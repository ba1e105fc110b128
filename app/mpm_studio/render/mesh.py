"""The one mesh that everything is made of: a unit sphere cut at its equator, which a shader stretches into a capsule."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mpm_core.typing import Float32

FINE, COARSE = (18, 5), (10, 3)  # around, and from the equator to a pole


def split_sphere(segments: int, rings: int) -> tuple[Float32, NDArray[np.uint16]]:
    """vertices (V, 4): unit normal, and the end of the capsule it belongs to (0 or 1); triangles (T, 3), counter-clockwise from outside."""
    low = np.linspace(-np.pi / 2, 0, rings + 1)
    latitude_R = np.concatenate([low, -low[::-1]])  # the equator twice: once for each end
    end_R = np.repeat([0.0, 1.0], rings + 1)
    around_S = np.linspace(0, 2 * np.pi, segments, endpoint=False)
    x_RS = np.cos(latitude_R)[:, None] * np.cos(around_S)
    y_RS = np.cos(latitude_R)[:, None] * np.sin(around_S)
    z_RS = np.sin(latitude_R)[:, None] + 0 * around_S
    vertices = np.stack([x_RS, y_RS, z_RS, end_R[:, None] + 0 * around_S], axis=-1).reshape(-1, 4)
    r, s = np.meshgrid(np.arange(len(latitude_R) - 1), np.arange(segments), indexing="ij")
    here, right = r * segments + s, r * segments + (s + 1) % segments
    triangles = np.stack([here, right, right + segments, here, right + segments, here + segments], axis=-1).reshape(-1, 3)
    flat = np.isin(triangles // segments, [0]).sum(1) == 2  # a pole's triangles that have no area
    flat |= np.isin(triangles // segments, [len(latitude_R) - 1]).sum(1) == 2
    return vertices.astype(np.float32), triangles[~flat].astype(np.uint16)
