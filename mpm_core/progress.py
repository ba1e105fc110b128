"""How long work tells how far it is, and is told to stop."""

from __future__ import annotations

from collections.abc import Callable

Progress = Callable[[float, str], None]
"""(share done 0..1, below 0 where it is not known; what is being done)."""

Cancel = Callable[[], bool]
"""True once the work is to stop; it then raises Cancelled."""
