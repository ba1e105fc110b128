"""A cache of one value for functions of a recording: recordings are frozen, so the same object gives the same value."""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

from mpm_core.recording import Recording

P = ParamSpec("P")
T = TypeVar("T")


def remember_last(function: Callable[Concatenate[Recording, P], T]) -> Callable[Concatenate[Recording, P], T]:
    """A function of a recording, with no effect but its value, that keeps its last value, for the same recording and equal other arguments.

    Only the last, because a recording may be large. Jobs may call it in their threads, so that the window finds the value.
    """
    last: tuple[Recording, Any, T] | None = None

    @wraps(function)
    def kept(rec: Recording, /, *rest: P.args, **named: P.kwargs) -> T:
        nonlocal last
        found = last
        if found is None or found[0] is not rec or found[1] != (rest, named):
            last = found = rec, (tuple(copy(each) for each in rest), named), function(rec, *rest, **named)
        return found[2]

    return kept
