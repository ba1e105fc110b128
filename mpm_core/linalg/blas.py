"""Linear algebra in one thread. What a fill multiplies is small: more threads only wait for each other, and round otherwise."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from threadpoolctl import threadpool_limits

Given = ParamSpec("Given")
Result = TypeVar("Result")


def in_one_thread(work: Callable[Given, Result]) -> Callable[Given, Result]:
    """The same work, its results the same bits on any number of processors."""

    @wraps(work)
    def limited(*args: Given.args, **kwargs: Given.kwargs) -> Result:
        import scipy.linalg  # noqa: F401 -- only what is loaded is limited, and scipy brings its own

        with threadpool_limits(limits=1, user_api="blas"):
            return work(*args, **kwargs)

    return limited
