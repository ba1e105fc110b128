"""Who is trained on and who is held out: by person or session, never by clip."""

from __future__ import annotations

from collections.abc import Sequence

from mpm_core.errors import DataError
from mpm_train.data.patterns import holds_out


def split_of(subject: str, place: str, validation: Sequence[str], test: Sequence[str]) -> str:
    """train, validation or test; the lists hold patterns of people or files (patterns.py). Raises DataError for a take on both.

    >>> split_of("hdm05-bd", "hdm05/bd/a.amc", ("016",), ("hdm05-*",))
    'test'
    """
    held_out = any(holds_out(pattern, subject, place) for pattern in validation)
    tested = any(holds_out(pattern, subject, place) for pattern in test)
    if held_out and tested:
        raise DataError(f"{subject} is to be held out for validation and for the test", where=place, hint="a person belongs to one of them")
    return "validation" if held_out else "test" if tested else "train"
