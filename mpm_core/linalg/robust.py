"""Robust statistics."""

from __future__ import annotations

from typing import Final

MAD_TO_SIGMA: Final = 1.4826  # from a median absolute deviation to a standard deviation, for normal errors
