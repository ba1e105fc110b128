"""What every test may ask for: real sample files and data (skipped when absent), and Qt set up for OpenGL."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "xcb")
os.environ.setdefault("LIBGL_ALWAYS_SOFTWARE", "1")
if "PYTEST_XDIST_WORKER" in os.environ:  # one worker for each processor, so one thread each: more would wait for each other
    os.environ.setdefault("OMP_NUM_THREADS", "1")

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # as in the background of a shell: tests of Ctrl-C would wait forever
    signal.signal(signal.SIGINT, signal.default_int_handler)

from PySide6.QtCore import QCoreApplication, Qt

from mpm_core.io.c3d import second_opinion as opinion_module

LARGEST = opinion_module.LARGEST

# The second OpenGL view of a process draws black unless contexts are shared, and that must be said before the application exists.
QCoreApplication.setAttribute(Qt.ApplicationAttribute.AA_ShareOpenGLContexts)


@pytest.fixture(autouse="PYTEST_XDIST_WORKER" in os.environ)
def one_thread() -> Iterator[None]:
    """Training runs set torch's threads to those of their configuration; the next test begins with one again."""
    yield
    torch = sys.modules.get("torch")
    if torch is not None and torch.get_num_threads() != 1:
        torch.set_num_threads(1)


@pytest.fixture(scope="session", autouse=True)
def no_second_opinion() -> Iterator[None]:
    """C3D files are read without ezc3d, as large ones are: each reading would start a process, a quarter of a second of work. Tests of the
    second opinion ask for `second_opinion`."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(opinion_module, "LARGEST", 0)
        yield


@pytest.fixture
def second_opinion(monkeypatch: pytest.MonkeyPatch) -> None:
    """C3D files are read beside ezc3d, as users read them, however long it takes on a loaded machine."""
    monkeypatch.setattr(opinion_module, "LARGEST", LARGEST)
    monkeypatch.setattr(opinion_module, "BASE_S", 300.0)


@pytest.fixture(scope="session")
def samples_dir() -> Path:
    """Real C3D, BVH, TRC and keypoint files, not part of the project."""
    path = Path(os.environ.get("MPM_SAMPLES", Path(__file__).parents[2] / "shared" / "samples"))
    if not path.is_dir():
        pytest.skip("no real sample files here; set MPM_SAMPLES to a folder of them")
    return path


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """Unpacked motion capture (cmu, hdm05, ...), not part of the project."""
    path = Path(os.environ.get("MPM_DATA", Path.home() / ".cache" / "mpm-studio" / "data"))
    if not path.is_dir():
        pytest.skip("no motion data here; set MPM_DATA to a folder of it")
    return path
