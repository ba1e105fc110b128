"""Array types, by what they hold. Shapes are in the names of values: `xyz_FPD: Float` is frames x points x dimensions."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Float = NDArray[np.float64]
Float32 = NDArray[np.float32]
Floating = NDArray[np.floating[Any]]
Int = NDArray[np.int64]
UInt8 = NDArray[np.uint8]
Mask = NDArray[np.bool_]
