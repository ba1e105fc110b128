"""Counts in sentences for people."""

from __future__ import annotations


def counted(count: int, thing: str) -> str:
    """A count and what is counted, in the singular for one.

    >>> counted(1, "frame"), counted(2, "frame"), counted(0, "sample")
    ('1 frame', '2 frames', '0 samples')
    """
    return f"{count} {thing}{'' if count == 1 else 's'}"
