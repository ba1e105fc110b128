"""Progress reports and cancellation of long work."""

from __future__ import annotations

from collections.abc import Callable

Progress = Callable[[float, str], None]
"""(share done 0..1, below 0 where it is not known; what is being done)."""

Cancel = Callable[[], bool]
"""True once the work is to stop; it then raises Cancelled."""


def part(progress: Progress | None, begin: float, end: float) -> Progress | None:
    """For a piece of work that is this part of a whole: it tells 0 to 1, the whole goes from begin to end."""
    if progress is None:
        return None

    def tell(share: float, text: str) -> None:
        progress(share if share < 0 else begin + (end - begin) * share, text)

    return tell
