"""The number forms of C3D files: Intel, DEC (VAX) and SGI byte orders, 16-bit integers and 32-bit reals. Pure functions on arrays.

A DEC real is an IEEE real of four times the value whose two 16-bit halves changed places. See the C3D user guide at c3d.org.
"""

from __future__ import annotations

from enum import Enum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mpm_core.typing import Float, Float32


class Order(Enum):
    """A file's processor type: the fourth byte of its parameter section."""

    INTEL = 84
    DEC = 85
    SGI = 86

    @property
    def sign(self) -> str:
        """NumPy's byte order sign for 16-bit words."""
        return ">" if self is Order.SGI else "<"


def integers(data: bytes, order: Order) -> NDArray[np.int16]:
    """Signed 16-bit words."""
    return np.frombuffer(data, order.sign + "i2").astype(np.int16)


def reals(words_N: NDArray[Any], order: Order) -> Float32:
    """Reals from 32-bit words as they are in the file (any unsigned 4-byte array, shape kept)."""
    if order is Order.DEC:
        swapped = words_N.astype("<u4")
        swapped = (swapped << 16) | (swapped >> 16)
        with np.errstate(invalid="ignore"):
            return np.asarray(swapped.view("<f4") / np.float32(4), np.float32)
    return np.asarray(words_N.astype("<u4").view("<f4"), np.float32)


def real_words(values_N: Float, order: Order) -> NDArray[np.uint32]:
    """The 32-bit words (as numbers, to be stored in the order's byte order) of real values."""
    if order is Order.DEC:
        words = np.ascontiguousarray(values_N * 4, np.float32).view(np.uint32)
        return np.asarray((words << np.uint32(16)) | (words >> np.uint32(16)), np.uint32)
    return np.ascontiguousarray(values_N, np.float32).view(np.uint32)


def real(data: bytes, order: Order) -> float:
    """One real from four bytes."""
    return float(reals(np.frombuffer(data, order.sign + "u4"), order)[0])
