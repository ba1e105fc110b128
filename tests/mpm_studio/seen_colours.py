"""How far apart two colours are for people who see fewer of them: CIE 1976 differences of what is seen, of which about 2.3 are noticed.

Matrices for linear RGB by Machado, Oliveira and Fernandes (2009), at full severity.
"""

from __future__ import annotations

import numpy as np

from mpm_core.typing import Float
from mpm_studio import palette

SEEN = {
    "all": np.eye(3),
    "without long waves": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    ),
    "without middle waves": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    ),
    "without short waves": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
    ),
}
XYZ_OF_RGB = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
WHITE = XYZ_OF_RGB.sum(axis=1)


def difference(one: str, other: str, seen: str) -> float:
    """Between two colours '#rrggbb', for one of SEEN."""
    return float(np.linalg.norm(_lab(one, SEEN[seen]) - _lab(other, SEEN[seen])))


def _lab(colour: str, seen_33: Float) -> Float:
    """(3,) CIE L*, a*, b* of a colour as it is seen."""
    share_3 = np.array(palette.rgb(colour))
    linear_3 = np.where(share_3 <= 0.04045, share_3 / 12.92, ((share_3 + 0.055) / 1.055) ** 2.4)
    xyz_3 = XYZ_OF_RGB @ np.clip(seen_33 @ linear_3, 0, 1) / WHITE
    x, y, z = np.where(xyz_3 > 0.008856, np.cbrt(xyz_3), 7.787 * xyz_3 + 16 / 116)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])
