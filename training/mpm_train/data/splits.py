"""Who is trained on and who is held out: by person, never by clip."""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase

from mpm_core.errors import DataError

VALIDATION = ("005", "010", "016", "035", "091")
TEST = ("hdm05-*", "h36m-S9", "h36m-S11", "3dhp-TS*")


def split_of(subject: str, validation: Sequence[str], test: Sequence[str]) -> str:
    """train, validation or test; the lists hold names or patterns (`hdm05-*`). Raises DataError for a person on both."""
    held_out = any(fnmatchcase(subject, pattern) for pattern in validation)
    tested = any(fnmatchcase(subject, pattern) for pattern in test)
    if held_out and tested:
        raise DataError(f"{subject} is to be held out for validation and for the test", hint="a person belongs to one of them")
    return "validation" if held_out else "test" if tested else "train"


def unused(patterns: Sequence[str], subjects: Sequence[str]) -> tuple[str, ...]:
    """Patterns that no subject fits: a list that was mistyped would train on whom it should hold out."""
    return tuple(pattern for pattern in patterns if not any(fnmatchcase(subject, pattern) for subject in subjects))
