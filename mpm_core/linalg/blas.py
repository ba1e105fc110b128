"""Linear algebra in one thread: the matrices of a fill are small, so more threads are slower, and they round differently."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from threadpoolctl import threadpool_limits

Params = ParamSpec("Params")
Result = TypeVar("Result")


def in_one_thread(function: Callable[Params, Result]) -> Callable[Params, Result]:
    """The same function, with results that are the same to the bit on any number of processors.

    >>> in_one_thread(sum)([1, 2])
    3
    """

    @wraps(function)
    def limited(*args: Params.args, **kwargs: Params.kwargs) -> Result:
        import scipy.linalg  # noqa: F401 -- only what is loaded is limited, and scipy brings its own

        with threadpool_limits(limits=1, user_api="blas"):
            return function(*args, **kwargs)

    return limited
