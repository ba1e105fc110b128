"""A function applied to many items in several processes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import TypeVar

Thing = TypeVar("Thing")
Result = TypeVar("Result")


def parallel_map(work: Callable[[Thing], Result], things: Sequence[Thing], jobs: int) -> Iterator[Result]:
    """work(thing) of each thing, in order. jobs: processes; 1 = this one alone."""
    if jobs == 1:
        yield from map(work, things)
        return
    pool = ProcessPoolExecutor(jobs, get_context("spawn"), initializer=quiet)  # forked, torch's threads would hang
    try:
        yield from pool.map(work, things, chunksize=max(1, min(8, len(things) // (4 * jobs))))
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def quiet() -> None:
    """In a worker: one thread, and Ctrl-C is the parent's."""
    import signal

    import torch

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    torch.set_num_threads(1)
