"""Jobs: off the main thread, told of on it, stopped at once, and no thread is left behind."""

from __future__ import annotations

import threading
import time

import pytest

from mpm_core.errors import Cancelled, DataError
from mpm_studio.jobs import Jobs


@pytest.fixture
def jobs(qtbot):
    made = Jobs()
    before = set(threading.enumerate())
    yield made
    assert made.close(5)
    assert set(threading.enumerate()) <= before, "a job's thread was left behind"


def run(jobs, work, snapshot=None):
    done, failed = [], []
    jobs.run("A job", work, snapshot, done.append, failed.append)
    return done, failed


def test_the_value_arrives_on_the_main_thread(qtbot, jobs):
    threads = []

    def work(snapshot, cancel, progress):
        threads.append(threading.current_thread())
        return snapshot * 2

    seen = []
    jobs.run("Doubling", work, 21, lambda value: seen.append((value, threading.current_thread())), pytest.fail)
    assert jobs.busy
    qtbot.waitUntil(lambda: not jobs.busy)
    assert seen == [(42, threading.main_thread())]
    assert threads[0] is not threading.main_thread()


def test_a_failure_keeps_its_traceback(qtbot, jobs):
    def work(snapshot, cancel, progress):
        raise DataError("the sky fell", hint="look up")

    done, failed = run(jobs, work)
    qtbot.waitUntil(lambda: not jobs.busy)
    assert not done
    assert isinstance(failed[0].error, DataError)
    assert "in work" in failed[0].details
    assert "the sky fell" in failed[0].details


def test_progress_is_reported(qtbot, jobs):
    with qtbot.waitSignal(jobs.progress) as heard:
        run(jobs, lambda snapshot, cancel, progress: progress(0.25, "a quarter"))
    assert heard.args == [0.25, "a quarter"]
    qtbot.waitUntil(lambda: not jobs.busy)


def test_cancel_lets_go_at_once_even_of_work_that_does_not_listen(qtbot, jobs):
    release = threading.Event()
    done, failed = run(jobs, lambda snapshot, cancel, progress: release.wait(5))
    with qtbot.waitSignal(jobs.finished, timeout=200):
        jobs.cancel()
    assert not jobs.busy
    second, _ = run(jobs, lambda snapshot, cancel, progress: "second")
    qtbot.waitUntil(lambda: bool(second))
    release.set()
    qtbot.wait(50)
    assert not done
    assert not failed
    assert second == ["second"]


def test_a_cancel_reaches_the_work(qtbot, jobs):
    stopped = threading.Event()

    def work(snapshot, cancel, progress):
        while not cancel():
            time.sleep(0.002)
        stopped.set()
        raise Cancelled

    done, failed = run(jobs, work)
    jobs.cancel()
    assert stopped.wait(2)
    qtbot.wait(20)
    assert not done
    assert not failed


def test_one_at_a_time(jobs):
    release = threading.Event()
    run(jobs, lambda snapshot, cancel, progress: release.wait(5))
    with pytest.raises(RuntimeError, match="still running"):
        run(jobs, lambda snapshot, cancel, progress: None)
    release.set()


def test_close_says_when_a_thread_did_not_end(qtbot):
    jobs, release = Jobs(), threading.Event()
    run(jobs, lambda snapshot, cancel, progress: release.wait(5))
    assert not jobs.close(0.05)
    release.set()
    assert jobs.close(2)
