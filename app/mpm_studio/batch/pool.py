"""What runs a batch: processes of this machine, or a Dask cluster. Both give (number of the job, its row) as they come."""

from __future__ import annotations

import os
import signal
from collections.abc import Generator, Sequence
from contextlib import suppress
from multiprocessing import connection, get_context
from multiprocessing.context import SpawnProcess
from typing import Any

from mpm_core.errors import MpmError
from mpm_core.progress import Cancel
from mpm_studio.batch.work import Job, failed, work

Row = tuple[int, dict[str, Any]]
Pipe = connection.Connection
THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")  # one each: results do not depend on how many work
END_S = 10.0
LOOK_S = 0.5  # between two looks at whether it is cancelled
CONNECT_S = 15


def through_processes(jobs: Sequence[Job], count: int, cancel: Cancel = lambda: False) -> Generator[Row]:
    """Run jobs in `count` processes, until cancelled. One that is killed by its file fails that file and is replaced. All end with the
    generator.
    """
    todo = list(enumerate(jobs))[::-1]
    at_work: dict[Pipe, tuple[SpawnProcess, int]] = {}
    before = {name: os.environ.get(name) for name in THREADS}
    os.environ.update(dict.fromkeys(THREADS, "1"))
    try:
        for _ in range(min(count, len(todo))):
            _give(*_start(), todo, at_work)
        while at_work:
            ready = connection.wait(list(at_work), LOOK_S)
            if cancel():
                return
            for pipe in [each for each in at_work if each in ready]:
                process, number = at_work.pop(pipe)
                try:
                    row = pipe.recv()
                except EOFError:
                    process.join()
                    yield number, failed(jobs[number], f"its process was ended ({_how(process.exitcode)})", hint="is there enough memory?")
                    if todo:
                        _give(*_start(), todo, at_work)
                    continue
                yield number, row
                _give(process, pipe, todo, at_work)
    finally:
        for process, _ in at_work.values():
            process.terminate()
        for process, _ in at_work.values():
            process.join(END_S)
            process.kill()
        for name, value in before.items():
            os.environ.pop(name) if value is None else os.environ.update({name: value})


def through_dask(jobs: Sequence[Job], address: str) -> Generator[Row]:
    """Run jobs on the workers of a Dask scheduler at dask://HOST:PORT. Raises MpmError when it is not there, or Dask is not installed."""
    try:
        from distributed import Client, as_completed
    except ImportError as error:
        raise MpmError("Dask is not installed", where="--scheduler", hint="pip install 'mpm-studio[dask]'") from error
    try:
        client = Client(address.replace("dask://", "tcp://", 1), timeout=CONNECT_S)
    except (OSError, ValueError) as error:  # a timeout is an OSError
        raise MpmError("there is no Dask scheduler", where=address, hint="start one with `dask scheduler`") from error
    with client:
        futures = client.map(work, jobs, pure=False)
        numbers = {future.key: number for number, future in enumerate(futures)}
        try:
            for future in as_completed(futures):
                number, lost = numbers[future.key], future.exception()
                row = failed(jobs[number], f"its worker was lost ({lost})", hint="is there enough memory?") if lost else future.result()
                yield number, row
                future.release()
        finally:
            client.cancel(futures)


def _start() -> tuple[SpawnProcess, Pipe]:
    context = get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(theirs,), daemon=False)
    process.start()
    theirs.close()
    return process, ours


def _give(process: SpawnProcess, pipe: Pipe, todo: list[tuple[int, Job]], at_work: dict[Pipe, tuple[SpawnProcess, int]]) -> None:
    """The next job, or the end."""
    if not todo:
        pipe.close()
        process.join()
        return
    number, job = todo.pop()
    at_work[pipe] = process, number
    with suppress(BrokenPipeError):  # it has ended, which its pipe will show
        pipe.send(job)


def _serve(pipe: Pipe) -> None:
    """A worker's life: jobs until the pipe ends. Ctrl-C is its parent's business; SIGTERM ends it with nothing half-written."""
    from mpm_studio.command_signals import TERMINATED, Terminated, orderly_end

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with orderly_end():
            while True:
                pipe.send(work(pipe.recv()))
    except Terminated:
        os._exit(TERMINATED)
    except (EOFError, OSError):  # no more jobs, or the parent has ended
        return


def _how(code: int | None) -> str:
    return f"signal {-code}" if code is not None and code < 0 else f"exit code {code}"
