"""What every test may ask for: real sample files and data (skipped when absent), and Qt set up for OpenGL."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "xcb")
os.environ.setdefault("LIBGL_ALWAYS_SOFTWARE", "1")
if "PYTEST_XDIST_WORKER" in os.environ:  # there is a worker for each processor: more threads than that wait for each other
    os.environ.setdefault("OMP_NUM_THREADS", "1")

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # as in the background of a shell: tests of Ctrl-C would wait forever
    signal.signal(signal.SIGINT, signal.default_int_handler)

from PySide6.QtCore import QCoreApplication, Qt

# The second OpenGL view of a process draws black unless contexts are shared, and that must be said before the application exists.
QCoreApplication.setAttribute(Qt.ApplicationAttribute.AA_ShareOpenGLContexts)


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
